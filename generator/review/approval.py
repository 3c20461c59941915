"""Which approval stands: decisions about a page, read from a history that several machines may have written.

Promises: an approval that did not know of a send-back made at the same time does not count; what is withdrawn leaves
the site, whatever else happened meanwhile; the answer hangs on what each writer had seen, never on a clock or on the
order in which histories were merged. Will not do: touch disk, render a page, or record anything.
"""

from __future__ import annotations

from generator.model import Event, History


def live(history: History, path: str, *, step: str = "") -> Event | None:
    """Return the approval whose bytes belong on the site at `path`, None if there is none.

    An approval counts if no send-back of the page is concurrent with it, and if it saw every withdrawal. Where roles
    must approve, it belongs there once each of them has approved these very bytes, all of them before or all of them after
    any send-back. A send-back made after it leaves it standing: the page stays up until it is withdrawn. The latest
    that is whole wins. `step` is the step that delivers the page now, for send-backs that name a step instead of a path.
    """
    counting, sent_back = _counting(history, path, step), _sent_back(history, path, step)
    for event in reversed(counting):
        given = (
            each
            for each in _of_bytes(counting, event)
            if all(history.saw(each, back) == history.saw(event, back) for back in sent_back)
        )
        if not awaited(tuple(given), event.needed):
            return event
    return None


def requested(history: History, path: str, *, step: str = "") -> Event | None:
    """Return the latest send-back of the page that is not answered, None if all are.

    An answer is an approval that has seen it, of every role that must approve, all of the same bytes; one that was
    withdrawn later has still answered what it saw. A send-back whose note was taken back asks no more.
    """
    sound = _sound(history, path, step)
    for event in reversed(_sent_back(history, path, step)):
        answers = tuple(each for each in sound if history.saw(each, event))
        if any(not awaited(_of_bytes(answers, each), each.needed) for each in answers):
            continue
        return event
    return None


def is_approved(history: History, path: str, draft_digest: str, *, step: str = "") -> bool:
    """Whether exactly this working copy is approved: a live approval names its digest, and no request is open."""
    standing = live(history, path, step=step)
    return standing is not None and standing.draft == draft_digest and requested(history, path, step=step) is None


def awaited(approvals: tuple[Event, ...], needed: tuple[str, ...]) -> tuple[str, ...]:
    """Return the roles of `needed` for which none of these approvals was given."""
    given = {role for event in approvals for role in event.roles}
    return tuple(role for role in needed if role not in given)


def approvals_of(history: History, path: str, draft_digest: str, *, step: str = "") -> tuple[Event, ...]:
    """Return the approvals of exactly this working copy that count, and have seen all that was sent back."""
    sent_back = _sent_back(history, path, step)
    return tuple(
        event
        for event in _counting(history, path, step)
        if event.draft == draft_digest and all(history.saw(event, each) for each in sent_back)
    )


def _of_bytes(approvals: tuple[Event, ...], event: Event) -> tuple[Event, ...]:
    """Return those that are about the same bytes as `event`."""
    return tuple(each for each in approvals if (each.draft, each.page) == (event.draft, event.page))


def _counting(history: History, path: str, step: str) -> tuple[Event, ...]:
    """The sound approvals of the page that saw every withdrawal."""
    withdrawals = [event for event in history.events if event.verb == "withdrew" and event.path == path]
    return tuple(
        event for event in _sound(history, path, step) if all(history.saw(event, each) for each in withdrawals)
    )


def claims(history: History) -> frozenset[str]:
    """Return the paths that belong to copydesk: written by an approval that no withdrawal has seen.

    The approval of a step that is delivered nowhere has no path and claims none. A withdrawal made without knowing of
    an approval takes the page off the site and leaves the path claimed: nobody has decided yet about those bytes.
    """
    withdrawals = [event for event in history.events if event.verb == "withdrew"]
    return frozenset(
        event.path
        for event in history.events
        if event.verb == "approved"
        and event.path
        and not any(each.path == event.path and history.saw(each, event) for each in withdrawals)
    )


def former(history: History) -> dict[str, str]:
    """Return the paths that approved pages had before they or their brief were renamed, each with the path of now.

    They stay copydesk's until the page is withdrawn: a file there is what a rename cut short, or a merge, left behind.
    """
    claimed, found = claims(history), dict[str, str]()
    renames = [event for event in reversed(history.events) if event.verb == "renamed"]
    for event in history.events:
        if event.verb != "approved" or event.path not in claimed:
            continue
        name = event.path
        for rename in renames:
            old = _before(rename, name)
            if old and not history.saw(event, rename):
                name = old
                found[name] = event.path
    return {old: now for old, now in found.items() if old not in claimed}


def _before(rename: Event, path: str) -> str:
    """Return what a path was called before a rename, "" if the rename is not about it."""
    if rename.what == "page":
        return rename.old if rename.new == path else ""
    inside = rename.what == "brief" and path.startswith(f"outbox/{rename.new}/")
    return f"outbox/{rename.old}/{path.removeprefix(f'outbox/{rename.new}/')}" if inside else ""


def _sound(history: History, path: str, step: str) -> tuple[Event, ...]:
    """The approvals of the page with which no send-back is concurrent."""
    sent_back = _sent_back(history, path, step)
    return tuple(
        event
        for event in history.events
        if event.verb == "approved"
        and event.path == path
        and all(history.saw(event, each) or history.saw(each, event) for each in sent_back)
    )


def _sent_back(history: History, path: str, step: str) -> tuple[Event, ...]:
    """The send-backs of the page: those that name its path, and those that name only a step that delivered it."""
    approved = {event.step for event in history.events if event.verb == "approved" and event.path == path}
    steps = {each for each in (step, *approved) if each}
    back = {event.target for event in history.events if event.verb == "withdrew" and event.target}
    return tuple(
        event
        for event in history.events
        if event.verb == "sent-back"
        and event.id not in back
        and (event.path == path if event.path else event.step in steps)
    )
