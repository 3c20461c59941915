"""Suggestions: what the AI would write where a person's text stands; listed, accepted, declined.

Promises: a suggestion waits while its place stands and nobody has decided about it; it ends by itself when its place is
gone, and the AI's text is in history for good. Accepting changes that place and no other byte; a save at the same moment
is not lost; accepting twice is accepting once. Will not do: ask a model, or decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from generator import briefs, drafts, store
from generator.app.addresses import find, read_plan
from generator.app.answers import Offered
from generator.app.decisions import named
from generator.app.desks import Desk, open_desk
from generator.app.landings import Bench
from generator.digest import digest_of
from generator.errors import BrokenError, RefusedError, UsageError
from generator.model import Event, Suggestion, Verb

ORIGINS = {"made": "AI's new", "wrote": "the page's", "settled": "other's"}
"""Whose text is suggested, by the event that holds it: the AI's, that of a page brought home, that of another clone."""

_ID = re.compile(r"[0-9a-f]{4,8}")


def suggestions(root: Path, address: str = "") -> tuple[Offered, ...]:
    """Return the suggestions that wait, of one brief, step or page, or of all."""
    desk = open_desk(root)
    with desk.memory:
        return tuple(each for bench, step in _places(desk, address) for each in offered(bench, step))


def _places(desk: Desk, address: str = "") -> Iterator[tuple[Bench, str]]:
    """Yield the steps that an address names, with their benches; every step of every sound brief for ""."""
    if address:
        found, plan = find(desk.root, desk.library, address)
        bench = Bench(desk=desk, plan=plan)
        yield from ((bench, step.id) for step in plan.steps if found.step in ("", step.id))
        return
    for name in briefs.brief_names(desk.root):
        try:
            bench = Bench(desk=desk, plan=read_plan(desk.root, name, desk.library))
        except BrokenError:
            continue
        yield from ((bench, step.id) for step in bench.plan.steps)


def offered(bench: Bench, step: str) -> Iterator[Offered]:
    """Yield what waits for a step, in the order of the text: its place is there, and nobody has decided about it.

    Of several for one place the newest waits. Where a person has deleted what the AI changed, only the AI's last text
    can tell that it still wants it.
    """
    copy = drafts.read_copy(bench.copy_path(step)) or ""
    places = drafts.Places(copy)
    decided = _decided(bench, step)
    latest = bench.history.latest("made", step=step)
    taken: list[tuple[int, int]] = []
    found: list[tuple[tuple[int, int], Offered]] = []
    for event in reversed(bench.history.events):
        for each in event.suggestions if event.step == step and event.verb in ORIGINS else ():
            lapsed = each.id in decided or not (each.mine or event is latest or event.verb == "wrote")
            place = None if lapsed else places.find(each)
            if place is None or any(place[0] <= end and start <= place[1] for start, end in taken):
                continue
            if not each.mine and places.holds(each.theirs):
                continue
            taken.append(place)
            line = len(re.findall(r"\r\n|\r|\n", copy[: place[0]])) + 1
            waiting = Offered(
                id=id_of(bench, step, each), address=f"{bench.plan.brief.name}/{step}", path=bench.plan.copy_path(step),
                suggestion=replace(each, line=line), origin=ORIGINS[event.what or event.verb],
            )  # fmt: skip
            found.append((place, waiting))
    yield from (each for _, each in sorted(found, key=lambda pair: pair[0]))


def id_of(bench: Bench, step: str, suggestion: Suggestion) -> str:
    """Return what a suggestion of a step is called: the same three texts in another step are another suggestion."""
    return digest_of("offered", f"{bench.plan.brief.name}/{step}", suggestion.id)[:8]


def _decided(bench: Bench, step: str) -> dict[str, Event]:
    """Return what was decided about suggestions of a step, by their ids. A declined one never comes back."""
    return {
        each.id: event
        for event in bench.history.events
        if event.step == step and event.verb in ("accepted", "declined")
        for each in event.suggestions
    }


def accept(root: Path, words: Sequence[str], *, by: str) -> tuple[Event, ...]:
    """Put suggestions, named by their ids or by an address for all of it, into the working copies, in the name of `by`.

    First the copy, then the event: cut short between the two, the same call records what it did. UsageError for a word
    that names nothing, RefusedError if somebody saved another text at that place at the same moment.
    """
    return _decide(root, words, "accepted", by=by)


def decline(root: Path, words: Sequence[str], *, by: str) -> tuple[Event, ...]:
    """Record that suggestions are not wanted, in the name of `by`; they do not come back. Errors as for `accept`."""
    return _decide(root, words, "declined", by=by)


def _decide(root: Path, words: Sequence[str], verb: Verb, *, by: str) -> tuple[Event, ...]:
    by = named(by)
    desk = open_desk(root)
    events: list[Event] = []
    with desk.memory:
        try:
            found = _chosen(desk, words, verb)
        except UsageError:  # a call that was cut short may have left a copy aside
            for bench in {id(bench): bench for bench, _ in _places(desk)}.values():
                bench.sweep()
            found = _chosen(desk, words, verb)
        for bench, step, chosen in found:
            name, path = bench.plan.brief.name, bench.plan.copy_path(step)
            with store.brief_lock(root, name):
                if verb == "accepted":
                    _take_over(bench, step, chosen)
                for each in chosen:
                    event = Event(verb=verb, brief=name, step=step, path=path, suggestions=(each,), by=by)
                    events.append(store.record_event(root, event, memory=desk.memory))
    return tuple(events)


def _take_over(bench: Bench, step: str, chosen: Sequence[Suggestion]) -> None:
    """Write suggestions into the working copy, all at once."""
    copy = text = bench.read_copy(step) or ""
    for each in chosen:
        text = drafts.take_over(text, each)
    landing = drafts.land(bench.copy_path(step), base=copy, theirs=text)
    if landing.suggestions:
        mend = "Nothing of it was lost. See what waits now: copydesk suggestions"
        raise RefusedError(
            "the draft was saved at this moment, at this place", where=bench.plan.copy_path(step), mend=mend
        )


def _chosen(desk: Desk, words: Sequence[str], verb: Verb) -> list[tuple[Bench, str, list[Suggestion]]]:
    """Return the suggestions that `words` name, by step."""
    everything = [(bench, step, list(offered(bench, step))) for bench, step in _places(desk)]
    names = briefs.brief_names(desk.root)
    wanted: set[str] = set()
    for word in words:
        if _ID.fullmatch(word) and word not in names:
            wanted.add(_whole(word, everything, verb))
        else:
            address, _ = find(desk.root, desk.library, word)
            ids = {
                each.id
                for bench, step, waiting in everything
                if bench.plan.brief.name == address.brief and address.step in ("", step)
                for each in waiting
            }
            if not ids:
                raise UsageError("no suggestion waits here", where=word, mend="See what waits: copydesk suggestions")
            wanted |= ids
    left = wanted - {each.id for _, _, waiting in everything for each in waiting}
    found = [
        (
            bench,
            step,
            [each.suggestion for each in waiting if each.id in wanted]
            + [one for id_, one in (_half_done(bench, step) if left else {}).items() if id_ in left],
        )
        for bench, step, waiting in everything
    ]
    return [each for each in found if each[2]]


def _whole(word: str, everything: Sequence[tuple[Bench, str, list[Offered]]], verb: Verb) -> str:
    """Return the one id that begins with `word`; UsageError if there is none that waits, or several."""
    ids = {each.id for _, _, waiting in everything for each in waiting if each.id.startswith(word)}
    if verb == "accepted" and not ids:
        ids = {id_ for bench, step, _ in everything for id_ in _half_done(bench, step) if id_.startswith(word)}
    if len(ids) == 1:
        return ids.pop()
    if ids:
        raise UsageError(f"several suggestions begin with {word}", mend=f"Name one of {', '.join(sorted(ids))}")
    for bench, step, _ in everything:
        for event in _decided(bench, step).values():
            if any(id_of(bench, step, each).startswith(word) for each in event.suggestions):
                who = f" by {event.by}" if event.by else ""
                raise UsageError(f"the suggestion {word} was {event.verb} already{who}", mend="copydesk suggestions")
    raise UsageError(f"no suggestion {word} waits", mend="See what waits: copydesk suggestions")


def _half_done(bench: Bench, step: str) -> dict[str, Suggestion]:
    """Return by id what stands in the copy though nobody recorded that it was accepted: a call was cut short."""
    places = drafts.Places(drafts.read_copy(bench.copy_path(step)) or "")
    decided = _decided(bench, step)
    return {
        id_of(bench, step, each): each
        for event in bench.history.events
        if event.step == step and event.verb in ORIGINS
        for each in event.suggestions
        if each.id not in decided and places.find(each) is None and (not each.theirs or places.holds(each.theirs))
    }
