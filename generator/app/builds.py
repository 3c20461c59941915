"""Build what is not up to date, say beforehand what that would be, and build again at each save.

Promises: one build at a time in a workspace, another waits; a brief that is broken or fails stops no other; what is
told once is told again until it is mended; only a build that saw everything settled says "nothing to do" the next time.
Will not do: make a step (a Bench does) or publish.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import signal
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from generator import briefs, context, drafts, providers, runner, store
from generator.app.addresses import closure, findings_of, read_plan, resolve
from generator.app.answers import Progress, Summary, next_of
from generator.app.callouts import take_up
from generator.app.desks import Desk, open_desk, run, who_answers
from generator.app.endings import COMMAND, UNSET, exit_code_of
from generator.app.landings import Bench
from generator.app.looks import summary_of
from generator.app.merges import SET_UP, wants_driver
from generator.app.reports import REMAKES, check_own_cap, plan
from generator.digest import digest_text
from generator.errors import BrokenError, CopydeskError
from generator.model import Config, Finding, History, Plan, Result, Step
from generator.money import dollars

LISTING = "*"
"""The group of the list of briefs. Not a brief's name, for a file's name cannot hold it everywhere."""

AT_ONCE = 256
"""Briefs that may be in work at least: many, so that those which wait for a slow model leave room for the others."""

WAITING = 30.0
"""Seconds after which it is told that calls wait for an answer."""

HANGUP = getattr(signal, "SIGHUP", None)
"""The signal of a terminal that is closed, where there is one."""

SETTLING = 0.025
"""Seconds after which a stamp tells two writes apart: a little more than file systems need (see store.looks)."""

Report = Callable[[Progress], None]


@dataclass(frozen=True, kw_only=True)
class BuildOptions:
    """How to build: calls in flight to each model, whether only `offline` may answer, whether `upgrade` follows new prompts.

    `max_cost` is the most dollars that this build may cost, `patience` how long a call is tried again.
    """

    jobs: int = 8
    offline: bool = False
    upgrade: bool = False
    max_cost: Decimal | None = None
    patience: providers.Patience = field(default_factory=providers.Patience)


DEFAULTS = BuildOptions()


def silent(progress: Progress) -> None:
    """Report to nobody."""


def alone(root: Path, report: Report) -> AbstractContextManager[None]:
    """Hold the long lock: of all who spend, one at a time, or no cap would hold. Whoever waits for another says so."""
    return store.build_lock(
        root, lambda: report(Progress(said="Another build is running here; waiting for it to end."))
    )


def build(
    root: Path,
    addresses: Sequence[str] = (),
    *,
    options: BuildOptions = DEFAULTS,
    report: Report = silent,
    ask_for: providers.AskFor = providers.ask_for,
) -> Summary:
    """Make what is not up to date in the briefs or steps that `addresses` name, or in all, and return what came of it.

    Raises BrokenError if config, workflows or prompts are broken, or a cap is to hold for a model without a price;
    KeyboardInterrupt once what was in flight has been kept, if Ctrl-C stopped it. What is wrong with one brief, and a model
    that cannot be asked, is in the summary.
    """
    with alone(root, report):
        work = _Build(root=root, options=options, report=report, ask_for=ask_for)
        summary = work.run(addresses)
    if not summary.stopped_by:
        return summary
    rest = plan(root, addresses, max_cost=options.max_cost)
    left = sum(step.action in (*REMAKES, "blocked") for step in rest.steps)
    low, high = Decimal(rest.usd_low) + Decimal(rest.later_low), Decimal(rest.usd_high) + Decimal(rest.later_high)
    what, _, mend = summary.stopped_by.partition("\n")
    same = (why for why in rest.tight if why.startswith(f"{what.partition(' is ')[0]} is "))
    mend = next(same, f"\n{mend}").partition("\n")[2]  # of all that is left, and not of the one call alone
    return replace(summary, stopped_by=f"{what}\n{mend}", left=left, left_low=str(low), left_high=str(high))


@dataclass(frozen=True, kw_only=True)
class _Left:
    """What a build left of a brief: to be stamped a moment later, when a stamp can be trusted."""

    name: str
    plan: Plan
    at: float
    first: store.Observed
    copies: dict[str, str | None]
    history: History
    events: int


@dataclass(kw_only=True)
class _Build:
    """One build: its tally, and a note for each brief that the next build can tell again."""

    root: Path
    options: BuildOptions
    report: Report
    ask_for: providers.AskFor
    made: int = 0
    waiting: int = 0
    spent: Decimal = Decimal(0)
    lost: Decimal = Decimal(0)
    causes: set[str] = field(default_factory=set)
    unpaid: list[str] = field(default_factory=list)
    broken: list[Finding] = field(default_factory=list)
    groups: dict[str, store.Observed] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    again: set[str] = field(default_factory=set)
    delivered: list[str] = field(default_factory=list)
    left: deque[_Left] = field(default_factory=deque)

    def run(self, addresses: Sequence[str]) -> Summary:
        """Build and return the summary."""
        seen = store.read_look(self.root)
        moved = seen.changed() if seen else None
        if seen is None and wants_driver(self.root):
            self.report(Progress(said=f"git does not merge drafts by sentence in this clone yet: {SET_UP}"))
        self.groups[LISTING] = store.observe(self.root, ("content_briefs",))
        common = store.observe(self.root, common_paths(self.root))
        options = self.options
        desk = open_desk(
            self.root, ask_for=self.ask_for, offline=options.offline, upgrade=options.upgrade, jobs=options.jobs,
            max_cost=options.max_cost, patience=options.patience, say=lambda said: self.report(Progress(said=said)),
        )  # fmt: skip
        with desk.memory:
            if seen is None:
                self.report(Progress(said=who_answers(Config() if options.offline else desk.library.config)))
            self.groups[""] = common.joined(store.observe(self.root, (*desk.library.inputs, *desk.prompts.inputs)))
            drafts.sweep(self.root / "content_briefs")
            names = dict.fromkeys(briefs.brief_names(self.root))
            whole: frozenset[str] = frozenset()
            todo = dict.fromkeys(names, whole)
            plain = seen is not None and moved is not None and not options.offline and not options.upgrade
            if seen is not None and moved is not None and plain:
                again = frozenset(json.loads(seen.total)["again"])
                known = set(seen.groups()).difference(moved, again)
                todo = dict.fromkeys((name for name in names if name not in known), whole)
                self.notes = {name: note for name, note in seen.notes().items() if name in names}
                self.again = {name for name in again if addresses and name in names}
            if addresses:
                todo = resolve(self.root, desk.library, names, addresses)
            desk.check_caps(desk.asked() if todo and not options.offline else ())
            unknown = desk.memory.unsettled()
            for intent in unknown:
                self.report(Progress(said=unknown_fate(intent)))
            desk.memory.settle(unknown)
            run(self.work(desk, todo))
            record = not options.offline and (plain or not addresses)
            self.spent, self.lost = desk.caller.budget.spent, desk.caller.lost
            for name in desk.caller.unpriced:
                self.report(Progress(said=f"No price is known for `{name}`: its calls are not counted in dollars."))
            summary = self.close(seen, record=record, told=self.told if addresses else self.notes)
        done = not self.again and "stopped" not in self.causes
        leave_if_interrupted(desk, self.report, "build", after="copydesk status" if done else "")
        return summary

    async def work(self, desk: Desk, todo: Mapping[str, frozenset[str]]) -> None:
        """Build the briefs of `todo`, many at a time, and stamp what was left of them."""
        jobs = (self.job(desk, name, steps) for name, steps in todo.items())
        async with answering(desk, self.report):
            await runner.run_each(jobs, at_once=max(AT_ONCE, 4 * self.options.jobs))
        while self.left:  # a loop's clock is coarser than the one that says how long ago it was
            await asyncio.sleep(SETTLING)
            self.settle()

    def job(self, desk: Desk, name: str, targets: frozenset[str]) -> Callable[[], Awaitable[None]]:
        """Return the work on one brief; what is wrong with it stops no other."""

        async def work() -> None:
            if desk.interrupted:
                self.again.add(name)
                return
            try:
                await self.build_brief(desk, name, targets)
            except BrokenError as error:
                self.broken.extend(findings_of(error, f"content_briefs/{name}.md"))
                self.notes.pop(name, None)
                self.again.add(name)
            except CopydeskError as error:
                result = Result(brief=name, step="", outcome="failed", why=(str(error),))
                self.take(result)
                self.notes[name] = self.told[name] = note_of(None, (result,))
                self.again.add(name)
            self.settle()

        return work

    async def build_brief(self, desk: Desk, name: str, targets: frozenset[str]) -> None:
        """Build one brief, or only the steps that `targets` need, and note what came of it."""
        first = store.observe(self.root, (f"content_briefs/{name}.md",))
        plan = closure(read_plan(self.root, name, desk.library), targets)
        paths = watched_paths(self.root, plan)
        bench = Bench(desk=desk, plan=plan)
        rescued = bench.sweep()
        moved = bench.bring_copies()
        first = first.joined(store.observe(self.root, (*paths, *bench.older_folders())))
        bench.read_history()
        moved += take_up(bench)
        check_own_cap(bench)

        async def make(step: Step) -> Result:
            result = await bench(step)
            self.take(result)
            if result.outcome == "made" and plan.deliverable(step.id) is not None:
                self.delivered.append(plan.copy_path(step.id))
            return result

        results = await runner.run(plan, make)
        await desk.memory.commit(lambda: None)  # with what was noted of the last events
        for result in results:
            if result.outcome == "blocked" and not result.cause:
                self.take(result)
        rescued += bench.sweep()
        for note in (*moved, *rescued):
            self.report(Progress(said=note))
        self.told[name] = note_of(plan, results)
        if not targets:
            self.notes[name] = self.told[name]
        if targets or rescued or any(result.outcome == "failed" or result.cause for result in results):
            self.again.add(name)
            return
        self.again.discard(name)
        left = _Left(
            name=name, plan=plan, at=time.monotonic(), first=first, copies=bench.copies, history=bench.history,
            events=bench.known,
        )  # fmt: skip
        self.left.append(left)

    def settle(self) -> None:
        """Stamp the briefs that were left long enough ago; one in which anybody else wrote is looked at again."""
        while self.left and time.monotonic() - self.left[0].at >= SETTLING:
            left = self.left.popleft()
            last = store.observe(self.root, left.first.stamps())
            if self.untouched(left, last):
                self.groups[left.name] = last
            else:
                self.again.add(left.name)

    def untouched(self, left: _Left, last: store.Observed) -> bool:
        """Whether what lies there is what the build read, and what it wrote itself."""
        before = left.first.stamps()
        moved = {path for path, stamp in last.stamps().items() if before.get(path) != stamp}
        copies = {left.plan.copy_path(step.id): step.id for step in left.plan.steps}
        if moved - {*copies, f"drafts/{left.name}", f"drafts/{left.name}/steps", f"history/{left.name}"}:
            return False
        for path in moved & copies.keys():
            text = drafts.read_copy(self.root / path)
            if (None if text is None else digest_text(text)) != left.copies.get(copies[path]):
                return False
        if len(left.history.events) == left.events and store.is_whole(self.root, left.history):
            return True  # most often, and nothing is read for it
        return len(store.read_history(self.root, left.name).events) == left.events

    def take(self, result: Result) -> None:
        """Count a result and report it."""
        self.made += result.outcome == "made"
        self.waiting += result.outcome == "waiting" and result.asked
        if result.cause:
            self.causes.add(result.cause)
        if result.cause == "budget":
            self.unpaid += result.why
        self.report(Progress(result=result))

    def close(self, seen: store.Look | None, *, record: bool, told: Mapping[str, str]) -> Summary:
        """Add up, record what was seen, and return the summary of what is `told`: of all briefs, or of those named."""
        total = add_up(told)
        total["next"] = next_command(total, broken=self.broken, causes=self.causes)
        if record:
            whole = total if told is self.notes else add_up(self.notes)
            whole |= {
                "again": sorted(self.again),
                "next": next_command(whole, broken=self.broken, causes=self.causes),
            }
            for name in self.again:
                self.groups[name] = store.observe(self.root, ())
            notes = {"": "", LISTING: "", **self.notes}
            store.record_look(self.root, groups=self.groups, notes=notes, total=json.dumps(whole), keep=seen)
        summary = summary_of(total)
        failures = tuple((address, why) for address, why in total["failures"])
        made = self.made + self.waiting
        return replace(
            summary, made=made, reused=max(0, summary.reused - self.made), failed=len(failures), usd=str(self.spent), usd_lost=str(self.lost),
            deliverables=tuple(self.delivered) if made else summary.deliverables, failures=failures,
            broken=tuple(self.broken), stopped_by=self.unpaid[0] if self.unpaid else "",
            exit_code=3 if self.broken else exit_code_of(self.causes, failed=bool(failures)),
        )  # fmt: skip


def unknown_fate(intent: store.Intent) -> str:
    """Say that a call was made and no reply of it was kept, and what it may have cost."""
    most = f"have cost up to {dollars(intent.usd)}, which is counted as spent" if intent.usd else "have been paid"
    what = f"{intent.brief}/{intent.step}" if intent.brief else intent.step
    return f"{what}: an earlier call to {intent.model} was interrupted; it may {most}."


@asynccontextmanager
async def answering(desk: Desk, report: Report) -> AsyncIterator[None]:
    """Close the desk after the block, however it ends: what is in flight has a moment to be answered and kept.

    The first Ctrl-C within it stops asking, and a second one gives what is in flight no time: see `Desk.interrupted`.
    """
    tasks = [asyncio.create_task(_tell_waiting(desk, report))]

    def stop(before: int) -> None:
        desk.interrupted = True
        if before:
            desk.caller.drop()
            return
        tasks.append(asyncio.create_task(desk.caller.stop()))
        if flying := desk.caller.flying:
            calls = f"{flying} call{'s' if flying > 1 else ''} in flight"
            report(Progress(said=f"Stopping: nothing more is asked; {calls} may still answer. Ctrl-C again ends it."))

    with on_interrupt(stop):
        try:
            yield
        finally:
            tasks[0].cancel()
            await desk.caller.stop()
            await desk.close()


def leave_if_interrupted(desk: Desk, report: Report, what: str, *, after: str = "") -> None:
    """Raise KeyboardInterrupt if somebody stopped this, after saying what it cost.

    It holds the command that comes `after`, if that is not the same one again.
    """
    if not desk.interrupted:
        return
    spent, lost = desk.caller.budget.spent, desk.caller.lost
    if spent:
        given_up = f", {dollars(lost)} of it for calls that were given up" if lost else ""
        report(Progress(said=f"This {what} cost {dollars(spent)}{given_up}."))
    raise KeyboardInterrupt(after)


async def _tell_waiting(desk: Desk, report: Report) -> None:
    """Say every half minute for how many answers a build waits: a model may think, or load, for minutes."""
    while True:
        await asyncio.sleep(WAITING)
        if flying := desk.caller.flying:
            report(Progress(said=f"{flying} call{'s wait' if flying > 1 else ' waits'} for an answer."))


@contextmanager
def on_interrupt(stop: Callable[[int], None]) -> Iterator[None]:
    """Call `stop` at Ctrl-C, SIGTERM or SIGHUP, with how many came before. Where signals are not ours (another thread), leave them."""
    loop, count = asyncio.get_running_loop(), itertools.count()
    numbers = [signal.SIGINT, signal.SIGTERM]
    if HANGUP is not None and signal.getsignal(HANGUP) is not signal.SIG_IGN:  # nohup asks that it go on
        numbers.append(HANGUP)

    def heard(number: int) -> None:
        before = next(count)
        if number != HANGUP or not before:  # who closes a terminal says so more than once, and hurries nobody
            stop(before)

    try:
        for number in numbers:
            loop.add_signal_handler(number, heard, number)
    except (ValueError, RuntimeError, NotImplementedError):
        yield
        return
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


def common_paths(root: Path) -> tuple[str, ...]:
    """Return the files and folders that every brief hangs on, as they are before they are read."""
    folders = [folder for folder in ("workflows", "prompts") if (root / folder).is_dir()]
    files = [each.relative_to(root).as_posix() for folder in folders for each in sorted((root / folder).iterdir())]
    return ("copydesk.yml", "workflows", "prompts", *files)


def watched_paths(root: Path, plan: Plan) -> tuple[str, ...]:
    """Return every file and folder whose change may change what a build does with the brief."""
    name = plan.brief.name
    copies = tuple(plan.copy_path(step.id) for step in plan.steps)
    folders = (f"drafts/{name}", f"drafts/{name}/steps", f"history/{name}")
    return (f"content_briefs/{name}.md", *context.input_paths(root, plan.brief), *folders, *copies)


def note_of(plan: Plan | None, results: tuple[Result, ...]) -> str:
    """Return what the next build tells again of a brief, as JSON that leaves out what is nought or empty."""
    notes = [*(f"{plan.brief.name}: {note}" for note in plan.notes)] if plan else []
    notes += [note for result in results for note in result.notes]
    waits = [(f"{each.brief}/{each.step}", each.why[0], each.command) for each in results if each.outcome == "waiting"]
    failures = [(f"{each.brief}/{each.step}", "; ".join(each.why)) for each in results if each.outcome == "failed"]
    note = {
        "reused": sum(result.outcome in runner.GOES_ON for result in results),
        "blocked": sum(result.outcome == "blocked" for result in results),
        "suggestions": sum(result.suggestions for result in results),
        "waits": waits, "failures": failures, "notes": notes,
        "deliverables": [plan.copy_path(each.step) for each in plan.brief.deliverables] if plan else [],
    }  # fmt: skip
    return json.dumps({key: value for key, value in note.items() if value})


def add_up(notes: Mapping[str, str]) -> dict[str, Any]:
    """Return the notes of all briefs as one: counts summed, lists joined, a note that several briefs gave told once."""
    total: dict[str, Any] = {
        "reused": 0, "blocked": 0, "suggestions": 0, "waits": [], "failures": [], "notes": [], "deliverables": [],
    }  # fmt: skip
    for note in json.loads(f"[{','.join(notes[name] for name in sorted(notes))}]"):
        for key, value in note.items():
            total[key] += value
    total["notes"] = list(dict.fromkeys(total["notes"]))
    return total


def next_command(total: dict[str, Any], *, broken: Sequence[Finding], causes: AbstractSet[str] = frozenset()) -> str:
    """Return the command that most likely comes next."""
    if not broken and "budget" in causes:
        return "copydesk plan"
    why = "\n".join(why for _, why in total["failures"])
    if not broken and "provider" in causes:
        unset = UNSET.search(why)
        return f"export {unset[1]}=…" if unset else "copydesk models --ping"
    if broken:
        return next_of(broken)
    if total["failures"]:
        named, first = COMMAND.search(why), total["failures"][0][0]
        return named[0] if named else "copydesk check" if first.endswith("/") else f"copydesk show {first}"
    if total["waits"]:
        return str(total["waits"][0][2])
    if total["suggestions"]:
        return "copydesk suggestions"
    return "copydesk status"
