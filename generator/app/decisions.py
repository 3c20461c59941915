"""What people decide: approve, send back, withdraw, ask again, rename.

Promises: an approval is about the bytes that its person saw; a person's verb holds the brief's short lock, so nothing
lands while it reads; no file that a person changed is overwritten or removed. Will not do: build or publish.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from generator import briefs, disk, drafts, review, steps, store
from generator.app.addresses import Address, find
from generator.app.deliveries import approved_text, put_rendering, take_rendering
from generator.app.subjects import Subjects
from generator.app.turns import by_person, kind_of, text_step, without_template
from generator.digest import digest_text
from generator.errors import BrokenError, RefusedError, UsageError
from generator.model import Config, Event, Finding, History, Plan

UNFINISHED = frozenset({"D001", "D009", "D014"})
"""Findings that no reason overrides: git's conflict markers, and a line where words were to be placed."""


def open_library(root: Path) -> briefs.Library:
    """Read config and workflows; raise BrokenError with all that is wrong with them."""
    library = briefs.read_library(root, prompts=steps.read_prompts(root).names)
    errors = tuple(each for each in library.findings if each.level == "error")
    if errors:
        raise BrokenError("the workspace's config or workflows are broken", findings=errors)
    return library


def person(root: Path) -> str:
    """Return who decides when nobody is named: git's user.name, else the name of the login; UsageError without either."""
    with contextlib.suppress(OSError):
        words = ["git", "config", "user.name"]
        asked = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False)
        if asked.stdout.strip():
            return asked.stdout.strip()
    name = next(filter(None, map(os.environ.get, ("USER", "LOGNAME", "USERNAME"))), "")
    return named(name)


def named(by: str) -> str:
    """Return the name of a person as it is recorded; UsageError if it is empty or would break a line."""
    if not by.strip() or not by.isprintable():
        raise UsageError("a decision has a person's name", mend="Say who decides: --by NAME")
    return by.strip()


def approve(
    root: Path, addresses: Sequence[str], *, by: str, reason: str = "", checked: Sequence[str] = ()
) -> tuple[Event, ...]:
    """Approve working copies as they are now, in the name of `by`; `ADDRESS@DIGEST` refuses any other bytes.

    A page or post is rendered once, recorded with its bytes, and put in place; an e-mail's HTML beside it. `reason`
    overrides findings of level error and is recorded; what is UNFINISHED cannot be overridden. `notes` of an event
    that is returned are told and not recorded. Raises RefusedError, and then nothing of that address was recorded.
    """
    by, reason = named(by), reason.strip()
    library = open_library(root)
    ticked = _ticked(library.config.checklist, checked)
    if any(given.endswith("@") for given in addresses):
        raise UsageError("a digest is missing behind the @", mend="Name the one you saw, or leave the @ away.")
    found = [(find(root, library, given.partition("@")[0]), given.partition("@")[2]) for given in addresses]
    together = frozenset(
        each.path_in(plan.brief.name)
        for (address, plan), _ in found
        for each in plan.brief.deliverables
        if address.step in ("", each.step)
    )
    owners, subjects = Owners(root), Subjects(root=root, library=library, together=together)
    if subjects.findings and not reason:
        mend = "Mend the file, or approve with --reason WHY."
        raise BrokenError("the terms cannot be used", where=review.TERMS, mend=mend, findings=subjects.findings)
    events: list[Event] = []
    wanted = [(plan, step, seen) for (address, plan), seen in found for step in _steps(address, plan)]
    for plan, step, _ in wanted if len(wanted) > 1 else ():  # one that is refused must not leave the others half linked
        copy = drafts.read_copy(disk.inside(root, plan.copy_path(step)))
        _refuse_errors(subjects.check(plan, step, copy) if copy is not None else (), reason, plan.copy_path(step))
    for plan, step, seen in wanted:
        with store.brief_lock(root, plan.brief.name):
            events.append(_approve(subjects, plan, step, owners, by=by, seen=seen, reason=reason, checked=ticked))
    return tuple(events)


def _steps(address: Address, plan: Plan) -> list[str]:
    return [address.step] if address.step else [each.step for each in plan.brief.deliverables]


class Owners:
    """Which brief a path belongs to. A brief's claims are read again only when its history has changed since."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.known: dict[str, tuple[int, frozenset[str]]] = {}

    def other(self, path: str, *briefs: str) -> str:
        """Return the brief that claims a path, apart from `briefs`; "" if there is none."""
        names = (each for each in store.history_names(self.root) if each not in briefs)
        return next((each for each in names if path in self.claims(each)), "")

    def claims(self, name: str) -> frozenset[str]:
        """Return the paths that the brief of that name claims."""
        folder = self.root / "history" / name
        with disk.naming(folder):
            stamp = folder.stat().st_mtime_ns
        if self.known.get(name, (0,))[0] != stamp:
            self.known[name] = stamp, review.claims(store.read_history(self.root, name))
        return self.known[name][1]


def _approve(
    subjects: Subjects,
    plan: Plan,
    step: str,
    owners: Owners,
    *,
    by: str,
    seen: str,
    reason: str,
    checked: tuple[str, ...],
) -> Event:
    planned = plan.step(step)
    root, brief, copy_path = subjects.root, plan.brief, plan.copy_path(text_step(planned) if planned else step)
    drafts.mend(disk.inside(root, copy_path))
    copy = drafts.read_copy(disk.inside(root, copy_path))
    if copy is None:
        raise RefusedError(
            "there is no draft to approve yet", where=copy_path, mend=f"copydesk build {brief.name}/{step}"
        )
    digest = digest_text(copy)
    if seen and (len(seen) < 8 or not digest.startswith(seen)):
        raise RefusedError(
            f"the draft is not the one you saw ({seen})", where=copy_path, mend=f"It is now @{digest[:12]}"
        )
    copy = _without_template(root, plan, step, copy)
    digest = digest_text(copy)
    findings = subjects.check(plan, step, copy)
    _refuse_errors(findings, reason, copy_path)
    codes = tuple(f"{each.code}:{each.line}" for each in findings)
    history = store.read_history(root, brief.name)
    event = Event(
        verb="approved", brief=brief.name, step=step, by=by, draft=digest, findings=codes, reason=reason, checked=checked
    )  # fmt: skip
    delivered = plan.deliverable(step)
    if delivered is None:
        return store.record_event(root, replace(event, text=copy))
    path, needed = delivered.path_in(brief.name), brief.approved_by
    page = approved_text(delivered, brief, copy, subjects.ids(plan))
    place = disk.inside(root, path)
    drafts.mend(place)
    judged = _refuse_foreign(place, history, path, owners)
    _refuse_unplaced(history, path, copy, judged)
    event = replace(
        event, path=path, page=digest_text(page), publish_on=brief.publish_on.isoformat() if brief.publish_on else "",
        needed=needed, roles=subjects.library.config.roles_of(by, needed), text=page,
    )  # fmt: skip
    given = _given(history, event)
    if given is None:
        given = store.record_event(root, event)
        history = store.read_history(root, brief.name)
    if not review.is_approved(history, path, digest, step=step):
        missing = review.awaited(review.approvals_of(history, path, digest, step=step), needed)
        return replace(given, mode="partly", notes=_still(subjects.library.config, path, missing))
    drafts.land(place, base=judged, theirs=page)
    drafts.mend(place)
    _, note = put_rendering(root, path, page)
    return replace(given, notes=(note,)) if note else given


def checklist(root: Path) -> tuple[str, ...]:
    """Return what a reviewer is asked to have checked, as the config lists it."""
    return open_library(root).config.checklist


def _ticked(checklist: tuple[str, ...], checked: Sequence[str]) -> tuple[str, ...]:
    """Return the items that were checked, in the order of the checklist; UsageError for one that is not on it."""
    for item in checked:
        if item != "all" and item not in checklist:
            known = ", ".join(checklist) or "nothing: checklist: [] in copydesk.yml"
            raise UsageError(f"{item!r} is not on the checklist", mend=f"There is {known}.")
    return checklist if "all" in checked else tuple(item for item in checklist if item in checked)


def _given(history: History, event: Event) -> Event | None:
    """Return an approval that says the same and still counts, None if there is none. Giving it twice is giving it once."""
    for each in reversed(review.approvals_of(history, event.path, event.draft, step=event.step)):
        same = (each.page, each.by, each.roles, each.needed) == (event.page, event.by, event.roles, event.needed)
        if same and event.reason in ("", each.reason) and set(event.checked) <= set(each.checked):
            return each
    return None


def still_to_approve(config: Config, missing: Sequence[str]) -> str:
    """Return the roles that are missing, each with the people who decide for it."""
    return ", ".join(f"{role} ({', '.join(config.holders(role)) or 'nobody in people:'})" for role in missing)


def _still(config: Config, path: str, missing: tuple[str, ...]) -> tuple[str, ...]:
    names = config.holders(missing[0]) if missing else ()
    verb = "is" if len(missing) == 1 else "are"
    return (
        f"{still_to_approve(config, missing)} {verb} still to approve: copydesk approve {path} --by {names[0] if names else 'NAME'}",
    )


def _without_template(root: Path, plan: Plan, step: str, copy: str) -> str:
    """Take the line out that a person's step begins with; refuse a text that is nothing but that line."""
    planned = plan.step(step)
    if planned is None or kind_of(planned) != "write":
        return copy
    words, place = without_template(copy), disk.inside(root, plan.copy_path(step))
    if words == copy:
        return copy
    if not words.strip():
        raise RefusedError(
            "nobody has written here yet", where=plan.copy_path(step), mend="Write below the line, then ask again."
        )
    landing = drafts.land(place, base=copy, theirs=words)
    drafts.mend(place)
    return landing.text


def _refuse_errors(findings: Sequence[Finding], reason: str, path: str) -> None:
    errors = [each for each in findings if each.level == "error"]
    if not errors or (reason and all(each.code not in UNFINISHED for each in errors)):
        return
    listed = "".join(f"\n  line {each.line}: {each.code} {each.message}" for each in errors)
    mend = f"Mend the draft (`copydesk check {path.split('/')[1]}` tells how)"
    mend += "." if any(each.code in UNFINISHED for each in errors) else ", or approve with --reason WHY."
    raise RefusedError(
        f"the draft has {len(errors)} error{'s' if len(errors) > 1 else ''}:{listed}", where=path, mend=mend
    )


def _refuse_unplaced(history: History, path: str, copy: str, lying: str | None) -> None:
    """Refuse an approval that would write over words brought home from the page which no place of the draft took."""
    home = history.latest("wrote", path=path)
    if home is None or home.text != lying:
        return
    decided = (event for event in history.events if event.verb in ("accepted", "declined"))
    settled = {each.id for event in decided for each in event.suggestions}
    offered = (each for each in home.suggestions if each.theirs.strip() and each.id not in settled)
    left = [each for each in offered if each.theirs.strip() not in copy]
    if left:
        what = (
            f"{len(left)} place{'s' if len(left) > 1 else ''} of the page that was brought home did not fit the draft"
        )
        mend = f"Take over what should stand (`copydesk suggestions {path}`), or delete {path}: history keeps it."
        raise RefusedError(what, where=path, mend=mend)


def known_bytes(history: History, path: str) -> frozenset[str]:
    """Return the digests of every text that history holds for a path: approved ones, and edits brought home."""
    texts = (event for event in history.events if event.path == path and event.verb in ("approved", "wrote"))
    return frozenset(digest_text(event.text) for event in texts if event.text is not None)


def _refuse_foreign(place: Path, history: History, path: str, owners: Owners) -> str | None:
    """Refuse a path that another brief or the team owns, and one that was edited by hand since it was approved.

    Returns the text that was judged, None if there is none: whatever else lies there later was saved meanwhile.
    """
    owner = owners.other(path, history.brief)
    if owner:
        mend = f"Withdraw it there first: copydesk withdraw {path}"
        raise RefusedError(f"the page belongs to the brief {owner}", where=path, mend=mend)
    text = drafts.read_copy(place)
    if text is None or digest_text(text) in known_bytes(history, path):
        return text
    if path in review.claims(history):
        what = "the page was edited by hand since it was approved"
    else:
        what = "the page is the team's own: copydesk never wrote it"
    raise RefusedError(what, where=path, mend=f"Bring those words home first: copydesk adopt {path}")


def send_back(root: Path, address: str, *, note: str, by: str) -> Event:
    """Ask for changes to a page, in the name of `by`; `note` says which."""
    by = named(by)
    if not note.strip():
        raise UsageError("a page is sent back with a note", mend='Say what should change: --note "..."')
    found, plan = find(root, open_library(root), address)
    _one_page(found, plan)
    step = found.step or plan.brief.deliverables[0].step
    delivered = plan.deliverable(step)
    path = delivered.path_in(plan.brief.name) if delivered else ""
    return store.record_event(root, Event(verb="sent-back", brief=found.brief, step=step, path=path, note=note, by=by))


def _one_page(found: Address, plan: Plan) -> None:
    if not found.step and len(plan.brief.deliverables) != 1:
        listed = ", ".join(each.path_in(plan.brief.name) for each in plan.brief.deliverables)
        raise UsageError(
            f"{found.brief} delivers several pages or none", mend=f"Name one of them: {listed or 'a step'}"
        )


def retry(root: Path, address: str, *, note: str = "", fresh: bool = False, by: str = "") -> Event:
    """Ask for another text of a step: with a note, or `fresh`, from nothing. The next build makes it."""
    found, plan = find(root, open_library(root), address)
    _one_page(found, plan)
    step = found.step or plan.brief.deliverables[0].step
    chosen = plan.step(step)
    if chosen is not None and by_person(chosen):
        address = f"{found.brief}/{step}"
        mend = (
            f"Choose anew: copydesk choose {address} --again"
            if kind_of(chosen) == "choose"
            else f"Edit {plan.copy_path(text_step(chosen))}"
        )
        raise UsageError(f"{address} is a person's step: no model makes it", mend=mend)
    return store.record_event(root, Event(verb="retried", brief=found.brief, step=step, note=note, fresh=fresh, by=by))


def withdraw(root: Path, address: str, *, by: str) -> Event:
    """Take a page off the site, or a text out of outbox/, and give its path back to the team. Its bytes stay in history.

    `notes` of the event that is returned are told and not recorded. First the file goes, then the event is recorded: interrupted between the two, the page is still ours and withdrawn
    by asking again; the other way round it would be taken for a page of the team's.
    """
    by, path = named(by), address.removeprefix("./")
    if not path.startswith(("docs/", "outbox/")):
        path = f"docs/{path.removesuffix('.md')}.md"
    for name in store.history_names(root):
        with store.brief_lock(root, name):
            history = store.read_history(root, name)
            if path not in review.claims(history):
                continue
            _take_away(root, path, known_bytes(history, path))
            note = take_rendering(root, path)
            event = store.record_event(root, Event(verb="withdrew", brief=name, path=path, by=by))
            return replace(event, notes=(note,)) if note else event
    raise UsageError("copydesk has no such page", where=path, mend="See what there is: copydesk status")


def _take_away(root: Path, path: str, known: frozenset[str]) -> None:
    """Remove a page's file if history holds its bytes; RefusedError if it does not, and then it stays."""
    if not drafts.remove(disk.inside(root, path), known=known):
        mend = f"Bring those words home first: copydesk adopt {path}"
        raise RefusedError("the page was edited by hand since it was approved", where=path, mend=mend)
