"""History as files: what happened to each brief, one small file an event, in `history/BRIEF/`.

Promises: an event is written whole or not at all, and never moved or changed; the order hangs on what each writer had
seen and on ids, never on clocks or on the order of a folder, so every clone reads the same; a rename is followed, also
for what another clone wrote before it learnt of it. Will not do: read a torn record, or decide what an event means.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

from generator import disk
from generator.digest import digest_of
from generator.errors import StoreError, UnsafePathError, UsageError
from generator.model import Event, History
from generator.store.events import ENDING, Fault, event_content, judge, parse_event
from generator.store.locks import brief_lock
from generator.store.memory import Ledger, Memory, open_memory, utc_now

What = Literal["brief", "step", "page"]
FOLDER = "history"

Events = Mapping[str, Event]
"""Events by id, each after all that it names."""


# Reading ---------------------------------------------------------------------------------------------------------


def history_names(root: Path) -> tuple[str, ...]:
    """Return the names that have a folder in `history/`, sorted: briefs, and names that briefs once had.

    DiskError if `history` is no folder, or cannot be read.
    """
    folder = root / FOLDER
    with disk.naming(folder):
        try:
            with os.scandir(folder) as entries:
                return tuple(sorted(each.name for each in entries if each.is_dir() and not each.name.startswith(".")))
        except FileNotFoundError:
            return ()


def read_history(root: Path, brief: str) -> History:
    """Return the events of a brief, under the names in use now. StoreError if one of its records is torn."""
    view, followed = _view(_Folders(root), brief)
    return History(brief=brief, events=_with_names_of_now(brief, view, followed))


def in_order(events: Iterable[Event]) -> dict[str, Event]:
    """Return the events by id, each after all that it names; predecessors that are not there do not matter.

    Depth first from the heads, by id: a chain stays together, and the order hangs on nothing but the ids and the graph.
    """
    known = {event.id: event for event in sorted(events, key=lambda event: event.id)}
    named = {each for event in known.values() for each in event.after}
    ordered: dict[str, Event] = {}
    waiting = [event for event in reversed(known.values()) if event.id not in named]
    while waiting:
        event = waiting[-1]
        before = [known[each] for each in reversed(event.after) if each in known and each not in ordered]
        if before:
            waiting.extend(before)
        else:
            waiting.pop()
            ordered[event.id] = event
    return ordered


def folder_of(root: Path, brief: str) -> Path:
    """Return where the brief's events lie; UnsafePathError if the name is not that of one folder."""
    if "/" in brief:
        raise UnsafePathError(f"the name {brief!r} holds a slash", mend="Use a plain name.")
    return disk.inside(root / FOLDER, brief)


def _read_folder(root: Path, brief: str) -> Events:
    folder = folder_of(root, brief)
    names = [name for name in _names_in(folder) if name.endswith(ENDING) and not name.startswith(".")]
    return in_order(parse_event(disk.read_bytes(folder / name), name, brief) for name in names)


# Renames ---------------------------------------------------------------------------------------------------------


def _is_rename(event: Event, what: What) -> bool:
    return event.verb == "renamed" and event.what == what


def _departures(events: Events) -> tuple[str, ...]:
    """Return the renames by which a brief left this folder; new events here belong to a new brief of the old name."""
    return tuple(event.id for event in events.values() if _is_rename(event, "brief") and event.old == event.brief)


def descents(events: Events, marked: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return for each event which of the `marked` ids it comes after, however far back."""
    wanted = frozenset(marked)
    found: dict[str, frozenset[str]] = {}
    for event in events.values():
        found[event.id] = frozenset(wanted.intersection(event.after)).union(
            *(found[each] for each in event.after if each in found)
        )
    return found


def _claims(events: Events) -> dict[str, set[str]]:
    """Return for each event of a folder the departures that took it along; for none, it belongs to the name still.

    A departure takes what it had seen and what others wrote without having seen it. It does not take what an earlier
    departure took, nor what was written to a new brief of the name by someone who had seen a departure that it had not.
    """
    departures = _departures(events)
    lives = descents(events, departures)
    claims: dict[str, set[str]] = {each: set() for each in events}
    for departure in departures:
        for each, claimed in claims.items():
            if lives[each] <= lives[departure] and not claimed & lives[departure]:
                claimed.add(departure)
    return claims


class _Folders:
    """The folders of history met while one question is answered, each read once, with what departures took from it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._read: dict[str, tuple[Events, dict[str, set[str]]]] = {}

    def __getitem__(self, name: str) -> tuple[Events, dict[str, set[str]]]:
        if name not in self._read:
            events = _read_folder(self._root, name)
            self._read[name] = events, _claims(events)
        return self._read[name]


def _view(folders: _Folders, brief: str) -> tuple[Events, frozenset[str]]:
    """Return what belongs to `brief`, in order, as it was written; and the departures that were followed to get it."""
    events, claims = folders[brief]
    view = {each: event for each, event in events.items() if not claims[each]}
    arrivals = list(view.values())
    followed: set[str] = set()
    while arrivals:
        arrival = arrivals.pop()
        if not (_is_rename(arrival, "brief") and arrival.new == arrival.brief):
            continue
        left, taken = folders[arrival.old]
        for departure in set(arrival.after).intersection(_departures(left)) - followed:
            followed.add(departure)
            came = {each: event for each, event in left.items() if departure in taken[each] and each not in view}
            view.update(came)
            arrivals.extend(came.values())
    return (in_order(view.values()) if followed else view), frozenset(followed)


def _with_names_of_now(brief: str, view: Events, followed: frozenset[str]) -> tuple[Event, ...]:
    renames = [
        event
        for event in view.values()
        if event.id in followed or _is_rename(event, "step") or _is_rename(event, "page")
    ]
    seen = descents(view, [event.id for event in renames])
    events: list[Event] = []
    for event in view.values():
        now = event if event.brief == brief else replace(event, brief=brief)
        for rename in renames:
            if rename.id not in seen[event.id]:
                now = _renamed(now, rename)
        events.append(now)
    return tuple(events)


def _renamed(event: Event, rename: Event) -> Event:
    old, new = rename.old, rename.new
    if rename.what == "step":
        parts = event.parts
        for kind in ("upstream", "slot"):
            parts = tuple((_called(label, f"{kind}.{old}", f"{kind}.{new}"), digest) for label, digest in parts)
        return replace(event, step=_called(event.step, old, new), parts=parts)
    if rename.what == "page":
        return replace(event, path=new) if event.path == old else event
    for folder in ("outbox", "drafts"):
        if event.path.startswith(f"{folder}/{old}/"):
            return replace(event, path=f"{folder}/{new}/{event.path[len(folder) + len(old) + 2 :]}")
    return event


def _called(name: str, old: str, new: str) -> str:
    """Return the name of a step, or of an instance of one, after `old` was renamed."""
    return new + name[len(old) :] if name == old or name.startswith(f"{old}.") else name


# Recording -------------------------------------------------------------------------------------------------------


def record_event(
    root: Path, event: Event, *, memory: Memory | Ledger | None = None, clock: Callable[[], str] = utc_now,
    seen: History | None = None,
) -> Event:  # fmt: skip
    """Write an event after the newest events of its brief, and return it with `after`, `at` and `id` filled in.

    `memory` is used to note the id, opened for this if None. `seen` is the brief's history as the caller knows it: where
    nothing else lies in the folder, it is not read again. StoreError if a record of the brief is torn, DiskError if
    the file cannot be written; then nothing happened, and the same call may be made again.
    """
    folder = folder_of(root, event.brief)
    with _ledger(root, memory) as ledger, brief_lock(root, event.brief):
        there = _names_in(folder)
        tips = seen.heads if seen and _is_all(there, seen) else _tips(root, event.brief)
        return _append(folder, event, tips, ledger, clock, there=there)


def is_whole(root: Path, seen: History) -> bool:
    """Whether the folder of a brief holds the events of that history and no others, and none was ever renamed."""
    return _is_all(_names_in(folder_of(root, seen.brief)), seen)


def _names_in(folder: Path) -> list[str]:
    with disk.naming(folder):
        try:
            return os.listdir(folder)  # noqa: PTH208 - names are what is wanted
        except FileNotFoundError:
            return []


def _is_all(there: Iterable[str], seen: History) -> bool:
    names = {name.removesuffix(ENDING) for name in there if name.endswith(ENDING)}
    return names == {event.id for event in seen.events} and not any(_is_rename(each, "brief") for each in seen.events)


def record_rename(
    root: Path,
    what: What,
    old: str,
    new: str,
    *,
    brief: str = "",
    by: str = "",
    memory: Memory | None = None,
    clock: Callable[[], str] = utc_now,
) -> Event:
    """Record that a brief, or a step or page of `brief`, has a new name; return the newest event that says so.

    A page's names are paths (`docs/news/x.md`). Recording the same rename again completes it if it was interrupted, and
    otherwise changes nothing. UsageError if the names are the same.
    """
    if old == new:
        raise UsageError(f"the new name, {new!r}, is the old one", mend="Give another name.")
    place = old if what == "brief" else brief
    for each in (old, new) if what == "brief" else (brief,):
        folder_of(root, each)
    event = Event(verb="renamed", brief=place, by=by, what=what, old=old, new=new)
    if what != "brief":
        with _ledger(root, memory) as ledger, brief_lock(root, place):
            known = _known_rename(read_history(root, place), event)
            return known or _append(folder_of(root, place), event, _tips(root, place), ledger, clock)
    first, second = sorted((old, new))
    with _ledger(root, memory) as ledger, brief_lock(root, first), brief_lock(root, second):
        departure = _known_departure(root, event) or _append(
            folder_of(root, old), event, _tips(root, old), ledger, clock
        )
        for arrival in _read_folder(root, new).values():
            if departure.id in arrival.after:
                return arrival
        after = tuple(sorted({*_tips(root, new), departure.id}))
        return _append(folder_of(root, new), replace(event, brief=new), after, ledger, clock)


def _known_rename(history: History, wanted: Event) -> Event | None:
    """Return the rename if it is recorded, and nothing that came later goes by the old name again."""
    found: Event | None = None
    for event in history.events:
        if (event.verb, event.what, event.old, event.new) == ("renamed", wanted.what, wanted.old, wanted.new):
            found = event
        elif wanted.old == (event.path if wanted.what == "page" else event.step.partition(".")[0]):
            return None
    return found


def _known_departure(root: Path, wanted: Event) -> Event | None:
    """Return the departure if it is recorded, and no new brief has written under the old name since."""
    events = _read_folder(root, wanted.brief)
    if not all(_claims(events).values()):
        return None
    left = [events[each] for each in _departures(events) if events[each].new == wanted.new]
    return left[-1] if left else None


@contextlib.contextmanager
def _ledger(root: Path, memory: Memory | Ledger | None) -> Iterator[Memory | Ledger]:
    if memory is not None:
        yield memory
        return
    with open_memory(root) as opened:
        yield opened


def _tips(root: Path, brief: str) -> tuple[str, ...]:
    """Return what the next event of the brief comes after: the heads of its history, and of what left under its name."""
    folders = _Folders(root)
    own, _ = folders[brief]
    view, _ = _view(folders, brief)
    known = {**{each: own[each] for each in _departures(own)}, **view}
    named = {each for event in known.values() for each in event.after}
    return tuple(sorted(each for each in known if each not in named))


def _append(
    folder: Path, event: Event, after: tuple[str, ...], ledger: Memory | Ledger, clock: Callable[[], str], *,
    there: list[str] | None = None,
) -> Event:  # fmt: skip
    """Write one event. The caller holds the lock of its brief, so any unfinished file in the folder is a leftover.

    `there` are the names in the folder, read for this if None.
    """
    for leftover in _names_in(folder) if there is None else there:
        if leftover.startswith(disk.TEMPORARY):
            disk.discard(folder / leftover)
    fresh = replace(event, id="", after=after, at=clock())
    where = f"{FOLDER}/{event.brief}"
    try:
        content = event_content(fresh)
        raw = content.encode()
    except UnicodeEncodeError as error:
        mend = "Write the text again without it."
        raise StoreError("the text holds half a character (a lone surrogate)", where=where, mend=mend) from error
    name = digest_of("event", raw) + ENDING
    found = judge(raw, name, event.brief)
    if isinstance(found, Fault):
        raise StoreError(found.what, where=where, mend="This is a fault of copydesk: report it, please.")
    disk.write_new(folder / name, content)
    ledger.note(event.brief, found.id)
    return found
