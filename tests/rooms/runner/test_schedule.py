"""The order in which steps are made: asserted by the log of what ran."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.model import Brief, Plan, Result, Step
from generator.runner import run, run_each

BRIEF = Brief(name="note", path="content_briefs/note.md", workflow="", fields=(), body="")


def plan(**needs: str) -> Plan:
    steps = tuple(Step(id=each, base=each, uses="draft", needs=tuple(wanted.split())) for each, wanted in needs.items())
    return Plan(brief=BRIEF, steps=steps)


class Maker:
    """Makes steps, fails those in `failing`, leaves those in `waiting`; logs what it made."""

    def __init__(self, *, failing: frozenset[str] = frozenset(), waiting: frozenset[str] = frozenset()) -> None:
        self.log: list[str] = []
        self.failing, self.waiting = failing, waiting

    async def __call__(self, step: Step) -> Result:
        await asyncio.sleep(0)
        self.log.append(step.id)
        outcome = "failed" if step.id in self.failing else "waiting" if step.id in self.waiting else "made"
        return Result(brief="note", step=step.id, outcome=outcome)  # type: ignore[arg-type]


def test_a_step_runs_after_all_it_needs() -> None:
    make = Maker()
    results = asyncio.run(run(plan(research="", outline="research", draft="research outline"), make))
    assert make.log == ["research", "outline", "draft"]
    assert [(each.step, each.outcome) for each in results] == [
        ("research", "made"),
        ("outline", "made"),
        ("draft", "made"),
    ]


def test_a_failure_blocks_what_depends_on_it_and_nothing_else() -> None:
    make = Maker(failing=frozenset({"angle"}), waiting=frozenset({"choice"}))
    results = asyncio.run(run(plan(angle="", choice="", draft="angle", post="choice", other="", last="draft"), make))
    assert make.log == ["angle", "choice", "other"]
    told = {each.step: (each.outcome, each.why) for each in results if each.outcome == "blocked"}
    assert told == {
        "draft": ("blocked", ("angle is failed",)), "post": ("blocked", ("choice waits for a person",)),
        "last": ("blocked", ("draft is blocked",)),
    }  # fmt: skip


@st.composite
def graphs(draw: st.DrawFn) -> Plan:
    count = draw(st.integers(0, 12))
    needs = {
        f"s{n}": " ".join(f"s{m}" for m in sorted(draw(st.sets(st.integers(0, n - 1))) if n else ()))
        for n in range(count)
    }
    return plan(**needs)


@given(graphs(), st.frozensets(st.sampled_from([f"s{n}" for n in range(12)])))
def test_nothing_runs_before_its_needs_and_nothing_twice(planned: Plan, failing: frozenset[str]) -> None:
    make = Maker(failing=failing)
    results = {each.step: each for each in asyncio.run(run(planned, make))}
    assert len(set(make.log)) == len(make.log)
    for step in planned.steps:
        good = all(results[need].outcome == "made" for need in step.needs)
        assert (step.id in make.log) == good
        assert all(make.log.index(need) < make.log.index(step.id) for need in step.needs if good)


def test_jobs_stream_with_a_bound_in_flight() -> None:
    flying, most, taken = 0, 0, 0

    def job() -> Callable[[], Awaitable[None]]:
        async def work() -> None:
            nonlocal flying, most
            flying, most = flying + 1, max(most, flying + 1)
            await asyncio.sleep(0.001)
            flying -= 1

        return work

    def jobs(count: int) -> "list[Callable[[], Awaitable[None]]]":
        nonlocal taken
        taken = count
        return [job() for _ in range(count)]

    asyncio.run(run_each(jobs(50), at_once=4))
    assert (most, taken, flying) == (4, 50, 0)


def test_an_error_that_is_not_ours_keeps_its_traceback() -> None:
    async def make(step: Step) -> Result:
        raise ZeroDivisionError(step.id)

    with pytest.raises(ExceptionGroup) as caught:
        asyncio.run(run(plan(draft=""), make))
    assert caught.group_contains(ZeroDivisionError, match="draft")
