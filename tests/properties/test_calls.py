"""Laws of asking, in time that is made up: no cap and no limit is ever passed, no key is paid twice, needs come first."""

from __future__ import annotations

import asyncio
import random
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from generator import providers, runner
from generator.errors import BudgetError, CopydeskError
from generator.model import Brief, Config, Model, Plan, Reply, Request, Result, Step
from generator.providers.limits import Gate
from generator.providers.vendors.faults import FaultError, rate_of
from tests.properties.asking import MINUTE, MODEL, Kept, Vendor, caller, in_made_up_time, request_of


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6), cap=st.integers(1, 400), daily=st.integers(1, 400), faults=st.sampled_from([0.0, 0.3]),
)  # fmt: skip
def test_no_cap_is_ever_passed_with_64_at_work_and_at_midnight(seed: int, cap: int, daily: int, faults: float) -> None:
    dice = random.Random(seed)
    limit, own = Decimal(cap) / 10_000, Decimal(dice.randint(1, 300)) / 10_000
    run = providers.Cap(name="run", limit=limit)
    brief = providers.Cap(name="brief", limit=own)
    before = Decimal(dice.randint(0, daily)) / 10_000
    day = providers.Cap(name="day", limit=Decimal(daily) / 10_000, spent=before)
    midnight = dice.uniform(0, 10)
    memory, vendor = Kept(), Vendor(dice, faults=faults)
    budget = providers.Budget(
        run=(run,), day=day, brief=lambda name: brief if name == "b" else None,
        today=lambda: "2" if asyncio.get_running_loop().time() >= midnight else "1",
    )  # fmt: skip
    asks = caller(memory, vendor, budget=budget, jobs=64)
    refused: list[Decimal] = []

    def on(date: str) -> Decimal:
        """What was spent on a day, by what memory kept when."""
        kept = (row.usd for at, row in zip(memory.at, memory.rows, strict=True) if (at >= midnight) is (date == "2"))
        return sum(kept, before if date == "1" else Decimal(0))

    async def one(number: int) -> None:
        request = request_of(number, tokens=dice.randint(1, 2_000), brief=dice.choice("bc"))
        try:
            await asks.ask(request)
        except BudgetError:
            most = asks.price(MODEL).most(request)
            left = [run.left, day.limit - on(budget.today()) - day.held, *([brief.left] * (request.brief == "b"))]
            refused.append(most - min(left))
        except CopydeskError:
            pass
        for each in (run, day, brief):
            assert each.spent + each.held <= each.limit

    async def work() -> None:
        await asyncio.gather(*(one(number) for number in range(64)))
        await asyncio.sleep(max(0, midnight - asyncio.get_running_loop().time()))
        await asyncio.gather(*(one(number) for number in range(64, 96)))

    in_made_up_time(work)
    assert all(over > 0 for over in refused), "what is refused did not fit"
    assert sum((row.usd for row in memory.rows), Decimal(0)) == run.spent == budget.spent <= limit
    assert on("1") <= day.limit
    assert on("2") <= day.limit
    assert not any((run.held, day.held, brief.held, memory.open))


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6), requests=st.sampled_from([None, 1, 7, 50, 600]), tokens=st.sampled_from([None, 900, 20_000]),
    concurrency=st.integers(1, 20),
)  # fmt: skip
def test_no_limit_is_ever_passed(seed: int, requests: int | None, tokens: int | None, concurrency: int) -> None:
    dice = random.Random(seed)
    limits = {"requests-per-minute": requests, "tokens-per-minute": tokens, "concurrency": concurrency}
    config = Config(limits=(("m", tuple((name, str(value)) for name, value in limits.items() if value)),))
    memory, vendor = Kept(), Vendor(dice, faults=0.1)
    asks = caller(memory, vendor, config=config)

    async def work() -> None:
        wanted = [request_of(n, tokens=dice.randint(1, 400), size=dice.randint(50, 2_000)) for n in range(40)]
        await asyncio.gather(*(asks.ask(each) for each in wanted), return_exceptions=True)

    in_made_up_time(work)
    assert vendor.peak <= concurrency
    for start in vendor.starts:
        window = [at for at in vendor.starts if start <= at < start + MINUTE - 1e-6]
        assert requests is None or len(window) <= requests
    for start, _ in vendor.ends:
        taken = [used for at, used in vendor.ends if start <= at < start + MINUTE - 1e-6]
        assert tokens is None or sum(taken) <= tokens or len(taken) == 1


def test_a_limit_is_used_to_the_full() -> None:
    vendor = Vendor(random.Random(1))
    config = Config(limits=(("m", (("requests-per-minute", "600"), ("concurrency", "50"))),))
    asks = caller(Kept(), vendor, config=config)

    async def work() -> None:
        await asyncio.gather(*(asks.ask(request_of(number)) for number in range(600)))

    in_made_up_time(work)
    assert 58 < max(vendor.starts) - min(vendor.starts) < 62


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_no_key_is_paid_twice(seed: int) -> None:
    dice = random.Random(seed)
    memory, vendor = Kept(), Vendor(dice, faults=0.1)

    async def work() -> None:
        for _ in range(3):  # three builds, each of which wants some of the same
            asks = caller(memory, vendor)
            await asyncio.gather(*(asks.ask(request_of(dice.randrange(12))) for _ in range(30)), return_exceptions=True)

    in_made_up_time(work)
    assert len(vendor.keys) == len(set(vendor.keys))


def test_a_minute_of_refusals_is_one_pause_for_all() -> None:
    vendor = Vendor(random.Random(1))
    open_at = 30.0

    async def refusing(request: Request, model: Model) -> Reply:
        loop = asyncio.get_running_loop()
        if loop.time() < open_at:
            refused.append(loop.time())
            raise FaultError("Too many.", "wait", after=open_at - loop.time())
        return await vendor(request, model)

    refused: list[float] = []
    asks = providers.Caller(memory=Kept(), ask_for=lambda _: refusing, config=Config(), jobs=5)

    async def work() -> None:
        await asyncio.gather(*(asks.ask(request_of(number)) for number in range(100)))

    in_made_up_time(work)
    assert (len(vendor.keys), len(refused) <= 10) == (100, True)


def test_limits_are_learned_from_what_vendors_say() -> None:
    async def work() -> None:
        gate = Gate(concurrency=8)
        gate.learn((("x-ratelimit-limit-requests", "500"), ("x-ratelimit-limit-tokens", "30000")), "answered")
        assert (gate.requests, gate.tokens) == (500, 30_000)
        gate.learn(
            (("anthropic-ratelimit-requests-limit", "50"), ("anthropic-ratelimit-input-tokens-limit", "9000")),
            "answered",
        )
        assert (gate.requests, gate.tokens, gate.input_tokens) == (50, 30_000, 9_000)
        configured = Gate(concurrency=8, requests=10)
        configured.learn((("x-ratelimit-limit-requests", "500"), ("x-ratelimit-limit-tokens", "lots")), "answered")
        assert (configured.requests, configured.tokens) == (10, None)
        for reset, seconds in (
            ("6s", 6),
            ("1m3s", 60),
            ("120ms", 0.12),
            ("1h2m", 60),
            ("59", 59),
            ("2020-01-01T00:00:00Z", 0),
            ("?", 0),
        ):
            paused = Gate(concurrency=1)
            headers = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": reset}
            paused.learn(rate_of(headers), "answered")
            began = asyncio.get_running_loop().time()
            async with paused.place():
                await paused.turn(1, 1)
                assert abs(asyncio.get_running_loop().time() - began - seconds) < 0.01

    in_made_up_time(work)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), count=st.integers(1, 20))
def test_a_step_runs_after_all_that_it_needs(seed: int, count: int) -> None:
    dice = random.Random(seed)
    steps = tuple(
        Step(id=f"s{n}", base=f"s{n}", uses="draft", needs=tuple(f"s{m}" for m in range(n) if dice.random() < 0.3))
        for n in range(count)
    )
    plan = Plan(brief=Brief(name="b", path="", workflow="", fields=(), body=""), steps=steps)
    begun: dict[str, float] = {}
    ended: dict[str, float] = {}

    async def make(step: Step) -> Result:
        begun[step.id] = asyncio.get_running_loop().time()
        await asyncio.sleep(dice.uniform(0.1, 2))
        ended[step.id] = asyncio.get_running_loop().time()
        return Result(brief="b", step=step.id, outcome="made" if dice.random() < 0.8 else "failed")

    results: list[Result] = []

    async def work() -> None:
        results.extend(await runner.run(plan, make))

    in_made_up_time(work)
    outcomes = {result.step: result.outcome for result in results}
    for step in steps:
        if step.id in begun:
            assert all(outcomes[need] == "made" and ended[need] <= begun[step.id] for need in step.needs)
        else:
            assert outcomes[step.id] == "blocked"
