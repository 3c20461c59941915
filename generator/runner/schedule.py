"""In what order: every step after all it needs, neighbours side by side, plans streamed.

Promises: a step is made at most once a run; what needs a failed or waiting step is `blocked`, all else goes on; the
plans in flight are bounded, so a build of thousands holds a few. Will not do: limit calls (their maker does).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from generator.model import Make, Plan, Result, Step

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

    async def work() -> None:
        for job in waiting:
            await job()
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(work())
            await asyncio.sleep(0)  # the first is on its way before the last begins
