"""Notes that people write into working copies are taken up by the next build, and any note can be taken back.

Promises: first the note is recorded, then it leaves the copy, so that it is never in neither; cut short between the two it
is not recorded twice; nothing else in the copy changes. Will not do: take up a note in a text that no model makes.
"""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

from generator import drafts, store
from generator.app.decisions import named, person
from generator.app.landings import Bench
from generator.app.notes import label_of
from generator.app.turns import by_person
from generator.errors import CopydeskError, UsageError
from generator.model import Event, Step

ID = re.compile(r"[0-9a-f]{8,32}")


def take_up(bench: Bench) -> tuple[str, ...]:
    """Record the callouts in a brief's working copies as notes and take them out of there; say how many they were."""
    said = []
    for step in bench.plan.steps:
        copy = ""
        theirs = by_person(step) or bench.history.latest("made", step=step.id) is None
        with contextlib.suppress(CopydeskError):  # a copy that cannot be read fails its own step, and says why
            copy = "" if theirs else bench.read_copy(step.id) or ""
        count = _take_up(bench, step, copy)
        if count:
            what = "1 note was" if count == 1 else f"{count} notes were"
            said.append(f"{bench.plan.brief.name}/{step.id}: {what} taken up.")
    return tuple(said)


def _take_up(bench: Bench, step: Step, copy: str) -> int:
    name, path = bench.plan.brief.name, bench.plan.copy_path(step.id)
    callouts = drafts.lift_callouts(copy)[1]
    if not callouts:
        return 0
    by = ""
    with contextlib.suppress(UsageError):
        by = person(bench.root)
    with store.brief_lock(bench.root, name):
        for each in (each for each in callouts if each.note):
            event = Event(verb="noted", brief=name, step=step.id, path=path, note=each.note, text=each.block, by=by)
            if not _is_recorded(bench, event):
                bench.record(event)
        drafts.take_out(bench.copy_path(step.id), callouts)
    return sum(bool(each.note) for each in callouts)


def _is_recorded(bench: Bench, event: Event) -> bool:
    """Whether the note is recorded and no text has been made for it yet: then a build was cut short before it left the copy."""
    answered = {label for each in bench.history.events if each.verb == "made" for label, _ in each.parts}
    return any(
        (each.verb, each.step, each.note, each.text) == ("noted", event.step, event.note, event.text)
        and label_of(each) not in answered
        for each in bench.history.events
    )


def withdraw_note(root: Path, word: str, *, by: str) -> Event:
    """Take a note back, named by the first eight or more digits of its id; requests lack it from now on.

    UsageError if no note has that id, or several, or if it was taken back already.
    """
    by = named(by)
    found = {}
    for name in store.history_names(root):
        events = store.read_history(root, name).events
        back = {event.target for event in events if event.verb == "withdrew"}
        found.update(
            {event.id: (event, event.id in back) for event in events if event.note and event.id.startswith(word)}
        )
    if len(found) != 1:
        what = f"{len(found)} notes have ids that begin with {word}" if found else f"there is no note {word}"
        raise UsageError(what, mend="See them with their ids: copydesk history BRIEF")
    event, gone = next(iter(found.values()))
    if gone:
        raise UsageError(f"the note {word} was taken back already", mend=f"copydesk history {event.brief}")
    back_event = Event(verb="withdrew", brief=event.brief, step=event.step, target=event.id, by=by)
    return store.record_event(root, back_event)
