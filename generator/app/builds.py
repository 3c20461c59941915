"""Build what is not up to date, say beforehand what that would be, and build again at each save.

Promises: one build at a time in a workspace, another waits; a brief that is broken or fails stops no other; what is
told once is told again until it is mended; only a build that saw everything settled says "nothing to do" the next time.
Will not do: make a step (a Bench does) or publish.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from generator import __version__, briefs, context, drafts, providers, runner, store
from generator.app.addresses import closure, resolve
from generator.app.answers import Progress, Summary
from generator.app.landings import Bench, Desk, open_desk
from generator.app.looks import summary_of
from generator.errors import BrokenError, CopydeskError
from generator.model import Ask, Finding, Model, Plan, Result, Step

Report = Callable[[Progress], None]
AskFor = Callable[[Model], Ask]


@dataclass(frozen=True, kw_only=True)
class BuildOptions:
    """How to build: calls in flight, whether only `offline` may answer, whether changed built-in prompts are followed."""

    jobs: int = 8
    offline: bool = False
    upgrade: bool = False


def silent(progress: Progress) -> None:
    """Report to nobody."""


def build(
    root: Path,
    addresses: Sequence[str] = (),
    *,
    options: BuildOptions = BuildOptions(),
    report: Report = silent,
    ask_for: AskFor = providers.ask_for,
) -> Summary:
    """Make what is not up to date in the briefs or steps that `addresses` name, or in all, and return what came of it.

    Raises BrokenError if config, workflows or prompts are broken; what is wrong with one brief is in the summary.
    """
    with store.build_lock(root, lambda: report(Progress(said="Another build is running here; waiting for it to end."))):
        work = _Build(root=root, options=options, report=report, ask_for=ask_for)
        return work.run(addresses)


@dataclass(kw_only=True)
class _Build:
    """One build: its tally, and a note for each brief that the next build can tell again."""

    root: Path
    options: BuildOptions
    report: Report
    ask_for: AskFor
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("made", "reused"), 0))
    usd: Decimal = Decimal(0)
    broken: list[Finding] = field(default_factory=list)
    groups: dict[str, store.Observed] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    again: set[str] = field(default_factory=set)

    def run(self, addresses: Sequence[str]) -> Summary:
        """Build and return the summary."""
        seen = store.read_look(self.root, version=__version__)
        moved = seen.changed() if seen else None
        desk = open_desk(self.root, ask_for=self.ask_for, offline=self.options.offline, upgrade=self.options.upgrade)
        with desk.memory:
            desk.slots = asyncio.Semaphore(self.options.jobs)
            inputs = ("copydesk.yml", *desk.library.inputs, *desk.prompts.inputs)
            self.groups[""] = store.observe(self.root, inputs)
            self.groups["*"] = store.observe(self.root, ("content_briefs", "drafts", "history"))
            names = briefs.brief_names(self.root)
            todo = {name: frozenset[str]() for name in names}
            if addresses:
                todo = resolve(self.root, desk.library, names, addresses)
            elif seen is not None and moved is not None and not self.options.offline and not self.options.upgrade:
                again = set(json.loads(seen.total)["again"])
                known = seen.groups()
                todo = {name: frozenset() for name in names if name in moved or name in again or name not in known}
                self.notes = {name: note for name, note in seen.notes().items() if name in names and name not in todo}
            else:
                seen = None
            for intent in desk.memory.unsettled():
                self.report(
                    Progress(said=f"{intent}: a call was made and its reply never arrived; it may have been paid.")
                )
            jobs = (self._job(desk, name, steps) for name, steps in todo.items())
            asyncio.run(runner.run_each(jobs, at_once=4 * self.options.jobs))
            return self.close(desk, seen, partial=bool(addresses) or self.options.offline)

    def _job(self, desk: Desk, name: str, targets: frozenset[str]) -> Callable[[], Awaitable[None]]:
        async def job() -> None:
            try:
                await self.build_brief(desk, name, targets)
            except BrokenError as error:
                self.broken.extend(error.findings)
                self.notes[name] = note_of(None, ())
                self.again.add(name)
            except CopydeskError as error:
                self.take(Result(brief=name, step="", outcome="failed", why=(str(error),)))
                self.notes[name] = note_of(None, (Result(brief=name, step="", outcome="failed", why=(str(error),)),))
                self.again.add(name)

        return job

    async def build_brief(self, desk: Desk, name: str, targets: frozenset[str]) -> None:
        """Build one brief, or only the steps that `targets` need, and note what came of it."""
        first = store.observe(self.root, (f"content_briefs/{name}.md",))
        brief = briefs.read(self.root, name, desk.library)
        plan = closure(briefs.plan_for(brief), targets)
        folder = self.root / "drafts" / name
        rescued = drafts.sweep(folder)
        paths = watched_paths(self.root, plan)
        first = first.joined(store.observe(self.root, paths))
        bench = Bench(desk=desk, plan=plan)

        async def make(step: Step) -> Result:
            result = await bench(step)
            self.take(result)
            return result

        results = await runner.run(plan, make)
        for result in results:
            if result.outcome == "blocked":
                self.take(result)
        rescued += drafts.sweep(folder)
        for note in rescued:
            self.report(Progress(said=note))
        self.notes[name] = note_of(plan, results)
        wrong = any(result.outcome == "failed" for result in results) or rescued or targets
        settled = None if wrong else self.settle(bench, paths, first)
        if settled is None:
            self.again.add(name)
        else:
            self.groups[name] = settled

    def settle(self, bench: Bench, paths: tuple[str, ...], first: store.Observed) -> store.Observed | None:
        """Return stamps of a brief that hold what this build left, None if anything else was written meanwhile."""
        history = f"history/{bench.plan.brief.name}"
        ours = {f"drafts/{bench.plan.brief.name}", f"drafts/{bench.plan.brief.name}/steps", history}
        ours.update(bench.plan.copy_path(step) for step in bench.landed)
        last = store.observe(self.root, paths)
        if any(first.stamp(path) != last.stamp(path) for path in paths if path not in ours):
            return None
        for step, digest in dict(bench.landed).items():
            bench.read_copy(step)
            if bench.landed[step] != digest:
                return None
        if store.read_history(self.root, bench.plan.brief.name) != bench.history:
            return None
        return last

    def take(self, result: Result) -> None:
        """Count a result and report it."""
        if result.outcome in self.counts:
            self.counts[result.outcome] += 1
        self.usd += result.usd
        self.report(Progress(result=result))

    def close(self, desk: Desk, seen: store.Look | None, *, partial: bool) -> Summary:
        """Add up, record what was seen, and return the summary."""
        total = add_up(self.notes)
        total["again"] = sorted(self.again)
        total["next"] = next_command(total)
        if not partial:
            store.record_look(
                self.root, groups=self.groups, notes=self.notes, total=json.dumps(total), version=__version__, keep=seen,
                memory=desk.memory,
            )  # fmt: skip
        summary = summary_of(total)
        failures = tuple((address, why) for address, why in total["failures"])
        exit_code = 3 if self.broken else 1 if failures else 0
        return Summary(
            made=self.counts["made"], reused=summary.reused - self.counts["made"], waiting=summary.waiting,
            failed=len(failures), blocked=summary.blocked, suggestions=summary.suggestions, usd=str(self.usd),
            deliverables=summary.deliverables, waits=summary.waits, failures=failures, notes=summary.notes,
            broken=tuple(self.broken), next=summary.next, exit_code=exit_code,
        )  # fmt: skip


def watched_paths(root: Path, plan: Plan) -> tuple[str, ...]:
    """Return every file and folder whose change may change what a build does with the brief."""
    name = plan.brief.name
    copies = tuple(plan.copy_path(step.id) for step in plan.steps)
    folders = (f"drafts/{name}", f"drafts/{name}/steps", f"history/{name}")
    return (f"content_briefs/{name}.md", *context.input_paths(root, plan.brief), *folders, *copies)


def note_of(plan: Plan | None, results: tuple[Result, ...]) -> str:
    """Return what the next build tells again of a brief, as JSON."""
    notes = [*(f"{plan.brief.name}: {note}" for note in plan.notes)] if plan else []
    notes += [note for result in results for note in result.notes]
    delivered = [plan.copy_path(each.step) for each in plan.brief.deliverables] if plan else []
    return json.dumps(
        {
            "reused": sum(result.outcome in runner.GOES_ON for result in results),
            "blocked": sum(result.outcome == "blocked" for result in results),
            "suggestions": sum(result.suggestions for result in results),
            "waits": [
                (f"{each.brief}/{each.step}", each.why[0], each.command)
                for each in results
                if each.outcome == "waiting"
            ],
            "failures": [
                (f"{each.brief}/{each.step}", "; ".join(each.why)) for each in results if each.outcome == "failed"
            ],
            "notes": list(dict.fromkeys(notes)),
            "deliverables": delivered,
        }
    )


def add_up(notes: dict[str, str]) -> dict[str, Any]:
    """Return the notes of all briefs as one: counts summed, lists joined."""
    total: dict[str, Any] = {
        "reused": 0, "blocked": 0, "suggestions": 0, "waits": [], "failures": [], "notes": [], "deliverables": [],
    }  # fmt: skip
    for name in sorted(notes):
        for key, value in json.loads(notes[name]).items():
            total[key] += value
    return total


def next_command(total: dict[str, Any]) -> str:
    """Return the command that most likely comes next."""
    if total["failures"] or total["again"]:
        return "copydesk check"
    if total["waits"]:
        return str(total["waits"][0][2])
    if total["suggestions"]:
        return "copydesk suggestions"
    return "copydesk status"
