"""In what order: every step after all it needs, neighbours side by side, plans streamed.

Promises: a step is made at most once a run; what needs a failed or waiting step is `blocked`, all else goes on; the
plans in flight are bounded, so a build of thousands holds a few. Will not do: limit calls (their maker does).
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Iterable

from generator.model import Make, Plan, Result, Step

TURNS, QUICK = 20, 0.0005
"""Turns of the event loop that a job waits for others at most, and the seconds of one in which nobody had much to do."""

GOES_ON = frozenset({"made", "reused"})


async def run(plan: Plan, make: Make) -> tuple[Result, ...]:
    """Make the steps of a plan and return a result for each, in the plan's order."""
    tasks: dict[str, asyncio.Task[Result]] = {}

    async def one(step: Step) -> Result:
        for need in step.needs:
            result = await tasks[need]
            if result.outcome not in GOES_ON:
                verb = "waits for a person" if result.outcome == "waiting" else f"is {result.outcome}"
                return Result(brief=plan.brief.name, step=step.id, outcome="blocked", why=(f"{need} {verb}",))
        return await make(step)

    async with asyncio.TaskGroup() as group:
        for step in plan.steps:
            tasks[step.id] = group.create_task(one(step))
    return tuple(task.result() for task in tasks.values())


async def run_each(jobs: Iterable[Callable[[], Awaitable[None]]], *, at_once: int) -> None:
    """Run jobs as they come, at most `at_once` of them in flight; the next is taken when one ends."""
    waiting = iter(jobs)

    async def work(first: Callable[[], Awaitable[None]]) -> None:
        for job in itertools.chain((first,), waiting):
            await job()
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        for job in itertools.islice(waiting, at_once):
            group.create_task(work(job))
            await _calm()


async def _calm() -> None:
    """Wait until what was begun has gone as far as it can, or nearly: so the first job is on its way before the last begins."""
    for _ in range(TURNS):
        began = time.perf_counter()
        await asyncio.sleep(0)
        if time.perf_counter() - began < QUICK:
            return
