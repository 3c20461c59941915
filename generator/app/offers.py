"""Suggestions: what the AI would write where a person's text stands.

Promises: a suggestion is told as long as its place stands and its text is not there. Will not do: change a text.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from generator import briefs, drafts
from generator.app.addresses import Address, find, read_plan
from generator.app.answers import Offered
from generator.app.landings import Bench, open_desk
from generator.errors import BrokenError
from generator.model import Plan


def suggestions(root: Path, address: str = "") -> tuple[Offered, ...]:
    """Return the suggestions that wait, of one brief, step or page, or of all."""
    desk = open_desk(root)
    waiting: list[Offered] = []
    with desk.memory:
        if address:
            found, wanted = find(root, desk.library, address)
            plans: list[tuple[Address, Plan]] = [(found, wanted)]
        else:
            plans = []
            for name in briefs.brief_names(root):
                try:
                    plans.append((Address(brief=name), read_plan(root, name, desk.library)))
                except BrokenError:
                    continue
        for found, wanted in plans:
            bench = Bench(desk=desk, plan=wanted)
            for step in wanted.steps:
                if found.step in ("", step.id):
                    waiting += offered(bench, step.id)
    return tuple(waiting)


def offered(bench: Bench, step: str) -> Iterator[Offered]:
    """Yield what waits for a step: the person's text still stands, and the AI's is not in the copy by now."""
    copy = drafts.read_copy(bench.copy_path(step)) or ""
    latest = bench.history.latest("made", step=step)
    told = set()
    for event in bench.history.events:
        for each in event.suggestions if event.step == step and event.verb in ("made", "wrote") else ():
            stands = each.mine in copy if each.mine.strip() else event is latest or event.verb == "wrote"
            if stands and each.theirs.strip() not in copy and each.id not in told:
                told.add(each.id)
                origin = "the page's" if event.verb == "wrote" else "AI's new"
                yield Offered(address=f"{bench.plan.brief.name}/{step}", suggestion=each, origin=origin)
