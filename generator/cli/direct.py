"""The verbs that direct a text: retry, suggestions.

Promises: each is one call of `app`. Will not do: ask a model; the next build does.
"""

from __future__ import annotations

import click

from generator import app
from generator.app.answers import Offered
from generator.cli.lines import offered_lines, say, tell
from generator.cli.verbs import by_option, here, json_option


@click.command()
@click.argument("address", metavar="BRIEF/STEP")
@click.option("--note", default="", help="What to do differently, in your words.")
@click.option("--fresh", is_flag=True, help="A new text from scratch, not an update. What you wrote stays yours.")
@by_option
@json_option
def retry(address: str, note: str, fresh: bool, by: str, as_json: bool) -> int:
    """Have a step made again by the next build, as an update of the text as you edited it."""
    root = app.find_root(here())
    event = app.retry(root, address, note=note, fresh=fresh, by=by or app.person(root))
    if as_json:
        tell(None, event=event)
    else:
        say([f"{address} will be made again.", f"Next: copydesk build {event.brief}"])
    return 0


@click.command()
@click.argument("address", default="", metavar="[ADDRESS]")
@json_option
def suggestions(address: str, as_json: bool) -> int:
    """List the places where your text stands and the AI would write another."""
    offered = app.suggestions(app.find_root(here()), address)
    if as_json:
        tell(None, suggestions=[suggestion_keys(each) for each in offered])
    else:
        say(offered_lines(offered))
    return 0


def suggestion_keys(offered: Offered) -> dict[str, str | int]:
    """Return a suggestion as `--json` tells it."""
    each = offered.suggestion
    return {
        "id": each.id, "address": offered.address, "line": each.line,
        "base": each.base, "mine": each.mine, "theirs": each.theirs,
    }  # fmt: skip
