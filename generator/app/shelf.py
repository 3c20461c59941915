"""What history says of every path in docs/ and outbox/: the approved text, or why there is none to show.

Promises: every brief's history is folded before anything is decided; a path that copydesk ever had, or that a brief
asks for, is shown only as approved; two approvals of one path that differ are shown by neither. Will not do: write.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from generator import briefs, disk, drafts, review, store
from generator.app.decisions import known_bytes, open_library, still_to_approve
from generator.digest import digest_of, digest_text
from generator.errors import BrokenError, UnsafePathError
from generator.model import Event, History, Plan

Reason = tuple[str, str]
"""Why a path is not shown as it lies there, and the command that helps."""


@dataclass(kw_only=True)
class Shelf:
    """`approved` maps a path to its text. `withheld` and `unapproved` map a path to why it is not shown, and a command.

    `silent` are paths that are kept out and need no word, since nothing lies there. `home` holds the pages whose edit in
    docs/ was brought home; `days` are future publish-on dates. `changed` are texts to send whose draft is another by now.
    """

    approved: dict[str, str] = field(default_factory=dict)
    withheld: dict[str, Reason] = field(default_factory=dict)
    unapproved: dict[str, Reason] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    home: set[str] = field(default_factory=set)
    days: list[str] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    earlier: dict[str, frozenset[str]] = field(default_factory=dict)
    """The digests of the texts that were approved of a path before: a file that holds one is brought up to date."""

    @property
    def kept_out(self) -> frozenset[str]:
        """Every path that no file of is shown."""
        return frozenset((*self.withheld, *self.unapproved, *self.silent))


@dataclass(frozen=True, kw_only=True)
class _Standing:
    """An approval whose bytes belong on the site, by the history of the brief `name`, from `day` on."""

    name: str
    event: Event
    day: str
    home: bool


def read_shelf(root: Path, today: date) -> Shelf:
    """Fold every brief's history and read every brief. Raises BrokenError for a config that cannot be used."""
    library = open_library(root)
    plans = {name: _plan(root, name, library) for name in briefs.brief_names(root)}
    shelf = Shelf()
    standing: dict[str, list[_Standing]] = {}
    gone: dict[str, Reason] = {}
    moved: dict[str, tuple[str, History]] = {}
    for name in store.history_names(root):
        history = store.read_history(root, name)
        for path, event in _decided(history):
            texts = (each.text for each in _approvals(history, path) if each.text is not None)
            shelf.earlier[path] = shelf.earlier.get(path, frozenset()) | frozenset(map(digest_text, texts))
            if event is not None:
                found = _Standing(
                    name=name, event=event, day=_day(plans.get(name), event), home=_is_home(history, event)
                )
                standing.setdefault(path, []).append(found)
            elif (reason := _reason(root, history, path)) is not None:
                gone[path] = reason
        moved.update((old, (now, history)) for old, now in review.former(history).items())
    for path, several in standing.items():
        _put(shelf, path, several, today.isoformat())
        plan = plans.get(several[0].name)
        if path in shelf.approved and path.startswith("outbox/") and plan is not None:
            copy = drafts.read_copy(disk.inside(root, plan.copy_path(several[0].event.step)))
            if copy is not None and digest_text(copy) != several[0].event.draft:
                shelf.changed.add(path)
    shelf.withheld.update((path, reason) for path, reason in gone.items() if path not in standing)
    for old, (now, history) in moved.items():
        if old not in standing and old not in shelf.withheld:
            _put_former(root, shelf, old, now, history)
    for name, plan in plans.items():
        _put_unapproved(root, shelf, name, plan, library)
    return shelf


def _plan(root: Path, name: str, library: briefs.Library) -> Plan | None:
    try:
        return briefs.plan_for(briefs.read(root, name, library))
    except BrokenError:
        return None


def _decided(history: History) -> Iterator[tuple[str, Event | None]]:
    """Yield every path that was ever approved, with the approval that stands."""
    claimed = review.claims(history)
    for path in sorted({event.path for event in history.events if event.verb == "approved" and event.path}):
        event = review.live(history, path) if path in claimed else None
        yield path, event if event is not None and event.text is not None else None


def _day(plan: Plan | None, event: Event) -> str:
    """Return the day of a brief as it is now; of one that is gone or broken, as it was approved."""
    if plan is None:
        return event.publish_on
    return plan.brief.publish_on.isoformat() if plan.brief.publish_on else ""


def _is_home(history: History, event: Event) -> bool:
    wrote = history.latest("wrote", path=event.path)
    return wrote is not None and wrote.text is not None and not history.saw(event, wrote)


def _reason(root: Path, history: History, path: str) -> Reason | None:
    """Say why a path that was approved once is not shown; None if it is the team's own by now."""
    if path in review.claims(history):
        requested = review.requested(history, path)
        if requested is None and any(
            review.approvals_of(history, path, each.draft) for each in _approvals(history, path)
        ):
            return None  # not every role has approved it yet: it is told with what nobody has approved
        why = f"it was sent back: {requested.note}" if requested else "it was withdrawn while it was approved elsewhere"
        return why, f"copydesk approve {path}"
    if _lying(root, path) in known_bytes(history, path):
        return "it was withdrawn, and its file still lies there", f"delete {path}"
    return None


def _approvals(history: History, path: str) -> list[Event]:
    return [event for event in history.events if event.verb == "approved" and event.path == path]


def _lying(root: Path, path: str) -> str | None:
    """Return the digest of the file at a path, "" for what is no file of the workspace, None if nothing is there."""
    try:
        place = disk.inside(root, path)
    except UnsafePathError:
        return ""
    with disk.naming(place):
        if place.is_file():
            return digest_of("text", place.read_bytes())
        return "" if os.path.lexists(place) else None


def _put(shelf: Shelf, path: str, several: list[_Standing], today: str) -> None:
    if len({each.event.text for each in several}) > 1:
        names = " and ".join(each.name for each in several)
        what = f"the briefs {names} approved it apart, with different texts: withdraw it in all but one"
        shelf.withheld[path] = (what, f"copydesk withdraw {path}")
        return
    day = max(each.day for each in several)
    if day > today:
        shelf.withheld[path] = (f"it is kept out until {day}", "")
        shelf.days.append(day)
    else:
        shelf.approved[path] = several[0].event.text or ""
    if any(each.home for each in several):
        shelf.home.add(path)


def _put_former(root: Path, shelf: Shelf, old: str, now: str, history: History) -> None:
    lying = _lying(root, old)
    if lying is None:
        shelf.silent.add(old)
    elif lying in known_bytes(history, now):
        shelf.withheld[old] = (f"the page is {now} now, and its old file still lies there", f"delete {old}")
    else:
        shelf.withheld[old] = (f"the page is {now} now, and its old file was edited by hand", f"copydesk adopt {old}")


def _put_unapproved(root: Path, shelf: Shelf, name: str, plan: Plan | None, library: briefs.Library) -> None:
    """Keep out what a brief delivers and nobody approved, also where somebody wrote the file by hand."""
    found = _guessed(root, name, library) if plan is None else _delivered(root, plan)
    for path, drafted in found:
        if path in shelf.approved or path in shelf.withheld:
            continue
        lying = _lying(root, path)
        if lying is not None and lying in _brought(root, plan, path):
            continue  # the team's own page, as it was before a workflow went on from it: it stays until that is approved
        if lying is not None and plan is not None and lying in known_bytes(store.read_history(root, name), path):
            shelf.unapproved[path] = ("it was adopted, and nobody has approved it yet", f"copydesk approve {path}")
        elif lying is not None:
            shelf.unapproved[path] = ("nobody has approved it, and a file lies there", f"copydesk adopt {path}")
        elif drafted:
            shelf.unapproved[path] = (_lacking(root, plan, path, library), f"copydesk approve {path}")
        else:
            shelf.silent.add(path)


def _lacking(root: Path, plan: Plan | None, path: str, library: briefs.Library) -> str:
    """Say who has not approved a page yet: nobody has, or a role is missing."""
    if plan is None:
        return "nobody has approved it"
    history, needed = store.read_history(root, plan.brief.name), plan.brief.approved_by
    step = next((each.step for each in plan.brief.deliverables if each.path_in(plan.brief.name) == path), "")
    copy = drafts.read_copy(disk.inside(root, plan.copy_path(step)))
    given = review.approvals_of(history, path, digest_text(copy or ""), step=step)
    missing = review.awaited(given, needed)
    return (
        f"{still_to_approve(library.config, missing)} did not approve it yet"
        if given and missing
        else "nobody has approved it"
    )


def _brought(root: Path, plan: Plan | None, path: str) -> frozenset[str]:
    """Return the digests of what was brought home from a page for a step that another one goes on from."""
    steps = {each.step for each in plan.brief.deliverables if each.path_in(plan.brief.name) == path} if plan else set()
    if plan is None or not steps or not any(step.uses == "human/write" and step.id not in steps for step in plan.steps):
        return frozenset()
    events = store.read_history(root, plan.brief.name).events
    wrote = (each for each in events if each.verb == "wrote" and each.path == path and each.step not in steps)
    return frozenset(digest_text(each.text or "") for each in wrote)


def _delivered(root: Path, plan: Plan) -> Iterator[tuple[str, bool]]:
    for each in plan.brief.deliverables:
        yield each.path_in(plan.brief.name), (root / plan.copy_path(each.step)).exists()


def _guessed(root: Path, name: str, library: briefs.Library) -> Iterator[tuple[str, bool]]:
    """Yield what a brief that cannot be read may deliver: what it, or a workflow, calls a page."""
    pages = {name}
    for source in library.declared.values():
        pages.update(form.page for form in source.form.deliverables if form.page)
    text = (root / "content_briefs" / f"{name}.md").read_bytes().decode(errors="replace")
    pages.update(re.findall(r"""\bpage["']?:\s*["']?([^\s"',}\]]+)""", text))
    for page in sorted(pages):
        yield f"docs/{page.replace('{brief}', name)}.md", False
