"""The verbs that decide and publish: status, approve, send-back, withdraw, rename, publish.

Promises: each is one call of `app`; a decision carries a name, `--by` or that of git. Will not do: judge a page.
"""

from __future__ import annotations

import re
import sys

import click

from generator import app
from generator.cli.lines import approved_lines, overview_lines, published_lines, say, tell, withdrawn_lines
from generator.cli.verbs import by_option, here, json_option


@click.command()
@json_option
def status(as_json: bool) -> int:
    """Say how each page stands, and the command that moves it on."""
    overview = app.status(app.find_root(here()))
    if as_json:
        tell(overview)
    else:
        say(overview_lines(overview))
    return 3 if overview.broken else 0


@click.command()
@click.argument("addresses", nargs=-1, required=True, metavar="ADDRESS...")
@by_option
@click.option("--reason", default="", help="Why, in spite of what was found.")
@click.option(
    "--checked", multiple=True, metavar="ITEM",
    help="An item of the checklist that you checked, or all. May be repeated. On a terminal you are asked.",
)  # fmt: skip
@json_option
def approve(addresses: tuple[str, ...], by: str, reason: str, checked: tuple[str, ...], as_json: bool) -> int:
    """Approve pages exactly as they read now. PAGE@DIGEST refuses any other bytes than the ones you saw."""
    root = app.find_root(here())
    checklist = app.checklist(root)
    if not checked and not as_json and sys.stdin.isatty() and sys.stdout.isatty():
        checked = tuple(item for item in checklist if click.confirm(f"Checked {item}?", default=False))
    events = app.approve(root, addresses, by=by or app.person(root), reason=reason, checked=checked)
    if as_json:
        tell(None, event=events[-1] if events else None, events=events)
    else:
        say(approved_lines(events, checklist))
    return 0


@click.command("send-back")
@click.argument("address")
@click.option("--note", required=True, help="What should change.")
@by_option
@json_option
def send_back(address: str, note: str, by: str, as_json: bool) -> int:
    """Ask for changes to a page. What is on the site stays until it is approved anew or withdrawn."""
    root = app.find_root(here())
    event = app.send_back(root, address, note=note, by=by or app.person(root))
    if as_json:
        tell(None, event=event)
    else:
        say([f"Sent back {event.path or address}: {note}", f"Next: copydesk build {event.brief}"])
    return 0


@click.command()
@click.argument("address", metavar="PAGE|NOTE")
@by_option
@json_option
def withdraw(address: str, by: str, as_json: bool) -> int:
    """Take a page off the site, or a text out of outbox/, and free its path; or take back the NOTE of that id."""
    root = app.find_root(here())
    by = by or app.person(root)
    note = re.fullmatch(r"[0-9a-f]{8,32}", address) is not None
    event = app.withdraw_note(root, address, by=by) if note else app.withdraw(root, address, by=by)
    if as_json:
        tell(None, event=event)
    elif note:
        say([f"Took back the note {address}.", f"Next: copydesk build {event.brief}"])
    else:
        say(withdrawn_lines(event))
    return 0


@click.command()
@click.argument("old")
@click.argument("new")
@by_option
@json_option
def rename(old: str, new: str, by: str, as_json: bool) -> int:
    """Rename a brief, a step (BRIEF/STEP), a page or another deliverable. Drafts, edits, history and approvals follow."""
    root = app.find_root(here())
    changed = app.rename(root, old, new, by=by or app.person(root))
    if as_json:
        tell(None, changed=changed)
    else:
        say([f"Renamed {old} to {new}.", *(f"  {each}" for each in changed), "Next: copydesk status"])
    return 0


@click.command()
@json_option
def publish(as_json: bool) -> int:
    """Put the approved bytes, and only those, on the site. What is left out is named, with what it needs."""
    published = app.publish(app.find_root(here()))
    if as_json:
        tell(published)
    else:
        say(published_lines(published))
    return 0
