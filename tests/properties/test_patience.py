"""When a call is made again, in time that is made up: how long it waits, how often, and when its model is left alone."""

from __future__ import annotations

import asyncio
import itertools
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime

import pytest

from generator import providers
from generator.errors import BudgetError
from generator.model import Model, Reply, Request
from generator.providers.vendors.faults import FaultError, Rule, after_of
from tests.properties.asking import MODEL, Kept, caller, in_made_up_time, request_of

LITTLE = 0.01
"""Seconds that memory takes, in which calls are begun and dropped."""


class Failing:
    """Fails as told until a moment or for so many calls, then answers; keeps when it was asked, by step and in all."""

    def __init__(self, fault: Callable[[], FaultError], *, until: float = 5_000.0, calls: int = 1_000_000) -> None:
        self.fault, self.until, self.calls = fault, until, calls
        self.starts: list[float] = []
        self.by_step: defaultdict[str, list[float]] = defaultdict(list)
        self.models: list[str] = []

    async def __call__(self, request: Request, model: Model) -> Reply:
        now = asyncio.get_running_loop().time()
        self.starts.append(now)
        self.by_step[request.step].append(now)
        self.models.append(model.name)
        fails = now < self.until and len(self.starts) <= self.calls
        await asyncio.sleep(0)
        if fails:
            raise self.fault()
        return Reply(text="A text.", provider="openai", model="gpt", input_tokens=1, output_tokens=1)

    def gaps(self, step: str) -> list[float]:
        return [later - earlier for earlier, later in itertools.pairwise(self.by_step[step])]


def fault(rule: Rule, *, after: float | None = None, served: bool = False) -> Callable[[], FaultError]:
    return lambda: FaultError("It went wrong.", rule, after=after, served=served)


def asked(
    ask: Failing, count: int = 1, *, jobs: int = 10_000, memory: Kept | None = None, said: list[str] | None = None
) -> list[Reply | BaseException]:
    """Ask so many things at once; return what came of them."""
    say = (lambda _: None) if said is None else said.append
    asks = caller(memory or Kept(), ask, jobs=jobs, say=say)
    came: list[Reply | BaseException] = []

    async def work() -> None:
        wanted = (asks.ask(request_of(number)) for number in range(count))
        came.extend(await asyncio.gather(*wanted, return_exceptions=True))

    in_made_up_time(work)
    return came


def test_waits_double_and_calls_that_failed_together_do_not_come_back_together() -> None:
    ask = Failing(fault("retry"))
    came = asked(ask, 20)
    assert all(isinstance(each, FaultError) for each in came)
    assert max(len(starts) for starts in ask.by_step.values()) == 7
    for n, wait in enumerate((0.5, 1, 2, 4, 8, 16)):
        gaps = [ask.gaps(step)[n] for step in ask.by_step if len(ask.gaps(step)) > n]
        assert all(wait / 2 <= gap <= wait + LITTLE for gap in gaps)
        assert n == 5 or max(gaps) - min(gaps) > wait / 10, "twenty draws lie as near once in 10^13"


def test_a_refusal_is_waited_for_ten_minutes_in_all_half_a_minute_at_most_at_a_time() -> None:
    ask = Failing(fault("wait"))
    (came,) = asked(ask)
    assert isinstance(came, FaultError)
    for n, gap in enumerate(ask.gaps("s0")):
        wait = min(30, 0.5 * 2**n)
        assert wait / 2 <= gap <= wait + LITTLE
    assert 569 < ask.starts[-1] <= 600 + 1


@pytest.mark.parametrize("rule", ["wait", "retry"])
def test_what_a_vendor_asks_to_wait_is_waited_and_a_little_more_by_chance(rule: Rule) -> None:
    gaps = []
    for _ in range(20):
        ask = Failing(fault(rule, after=40), calls=1)
        (came,) = asked(ask)
        assert isinstance(came, Reply)
        gaps += ask.gaps("s0")
    assert all(40 <= gap <= 50 + LITTLE for gap in gaps)
    assert max(gaps) - min(gaps) > 1


@pytest.mark.parametrize("rule", ["wait", "retry"])
def test_what_a_vendor_asks_beyond_ten_minutes_is_not_waited_for(rule: Rule) -> None:
    ask = Failing(fault(rule, after=601))
    (came,) = asked(ask)
    assert isinstance(came, FaultError)
    assert ask.starts == [pytest.approx(0, abs=LITTLE)]


@pytest.mark.parametrize("after", [0.0, 0.01, 0.49])
def test_who_is_told_at_once_waits_as_if_nothing_was_told(after: float) -> None:
    ask = Failing(fault("wait", after=after), calls=12)
    (came,) = asked(ask)
    assert isinstance(came, Reply)
    for n, gap in enumerate(ask.gaps("s0")):
        assert min(30, 0.5 * 2**n) / 2 <= gap <= min(30, 0.5 * 2**n) + LITTLE


def test_what_may_have_been_paid_is_tried_three_times_and_costs_each_time() -> None:
    memory, ask = Kept(), Failing(fault("retry", served=True))
    asked(ask, memory=memory)
    assert len(ask.starts) == len(memory.rows) == 3
    assert [("m", row.usd) for row in memory.rows] == memory.intended
    assert memory.open == 0


def test_a_wait_is_told_from_a_second_on_and_once_in_ten_for_all_that_wait() -> None:
    said: list[str] = []
    asked(Failing(fault("wait", after=40), calls=9), 9, said=said)
    assert len(said) == 1
    assert "It went wrong; asked again in 4" in said[0] or "It went wrong; asked again in 5" in said[0]
    said.clear()
    asked(Failing(fault("wait", after=0.6), calls=1), said=said)
    assert said == []
    asked(Failing(fault("wait", after=12), calls=3), said=said)
    assert len(said) == 3


def test_what_headers_ask_to_wait() -> None:
    def date(seconds: int) -> str:
        return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)

    for rate, after in (
        ((("retry-after", "7"),), 7), ((("retry-after", "0.25"),), 0.25), ((("retry-after-ms", "1500"),), 1.5),
        ((("retry-after", "7"), ("retry-after-ms", "1500")), 1.5), ((("retry-after", date(90)),), 90),
        ((("retry-after", date(-90)),), 0), ((("retry-after", "-3"),), 0),
        ((("retry-after-ms", "soon"), ("retry-after", "7")), 7),
    ):  # fmt: skip
        assert after_of(rate) == pytest.approx(after, abs=2 if "GMT" in rate[0][1] else 0)
    assert after_of((("retry-after", "soon"),)) is None
    assert after_of((("x-ratelimit-remaining-requests", "0"),)) is None


@pytest.mark.parametrize(("served", "rounds"), [(False, 7), (True, 3)])
def test_a_model_that_fails_for_everybody_is_paused_by_rounds_and_then_left_alone(served: bool, rounds: int) -> None:
    memory, ask = Kept(), Failing(fault("retry", served=served))
    came = asked(ask, 60, jobs=4, memory=memory)
    assert all(isinstance(each, FaultError) for each in came)
    assert 4 * rounds <= len(ask.starts) <= 4 * rounds + 4, (
        "those of the rounds, and who was let in as the last one ended"
    )
    begins = [n for n in range(1, len(ask.starts)) if ask.starts[n] - ask.starts[n - 1] > 0.1]
    assert begins, "between rounds nobody is let in"
    for earlier, later in itertools.pairwise((0, *begins, len(ask.starts))):
        assert later - earlier <= 8
    for n in begins:
        wait = 0.5 * 2 ** (n // 4 - 1)
        assert wait / 2 <= ask.starts[n] - ask.starts[n - 1] <= wait + LITTLE
    assert len(memory.rows) == (len(ask.starts) if served else 0)


def test_an_answer_in_between_ends_the_rounds() -> None:
    ask, count = Failing(fault("retry")), itertools.count(1)

    async def seldom(request: Request, model: Model) -> Reply:
        ask.until = 0.0 if next(count) % 5 == 0 else 5_000.0
        return await ask(request, model)

    asks = caller(Kept(), seldom, jobs=1)

    async def work() -> None:
        for number in range(20):
            assert (await asks.ask(request_of(number))).text

    in_made_up_time(work)
    assert len(ask.starts) == 100


def test_one_question_that_always_fails_is_not_the_end_of_a_model_that_answers_others() -> None:
    ask = Failing(fault("retry"))

    async def half(request: Request, model: Model) -> Reply:
        ask.until = 5_000.0 if request.step == "s0" else 0.0
        return await ask(request, model)

    asks = caller(Kept(), half, jobs=2)

    async def work() -> None:
        first = asyncio.create_task(asks.ask(request_of(0)))
        for number in range(1, 100):
            await asks.ask(request_of(number))
            await asyncio.sleep(0.5)
        with pytest.raises(FaultError):
            await first
        assert (await asks.ask(request_of(100))).text

    in_made_up_time(work)
    assert len(ask.by_step["s0"]) == 7


def test_a_wait_that_is_too_long_for_one_is_too_long_for_all_though_others_were_answered() -> None:
    ask = Failing(fault("wait", after=3_600))

    async def slow_to_refuse(request: Request, model: Model) -> Reply:
        await asyncio.sleep(1 if request.step == "s0" else 0)
        ask.until = 5_000.0 if request.step == "s0" else 0.0
        return await ask(request, model)

    asks = caller(Kept(), slow_to_refuse)

    async def work() -> None:
        first = asyncio.create_task(asks.ask(request_of(0)))
        await asyncio.sleep(0.5)
        assert (await asks.ask(request_of(1))).text
        for wanted in (first, asks.ask(request_of(2))):
            with pytest.raises(FaultError, match="It went wrong"):
                await wanted

    in_made_up_time(work)
    assert list(ask.by_step) == ["s1", "s0"], "the third was not asked"


CHEAP = replace(MODEL, name="cheap")
DEAR = replace(MODEL, name="dear", model="gpt-dear", price=(("input", Decimal(100)), ("output", Decimal(1_000))))


@pytest.mark.parametrize(("first", "second"), [(CHEAP, DEAR), (DEAR, CHEAP)])
@pytest.mark.parametrize("served", [False, True])
def test_what_is_reserved_and_paid_is_the_price_of_the_model_that_is_asked(
    first: Model, second: Model, served: bool
) -> None:
    memory, ask = Kept(), Failing(fault("next", served=served), calls=1)
    request = replace(request_of(0), chain=(first, second))
    asks = caller(memory, ask)
    in_made_up_time(lambda: asks.ask(request))
    most = {each.name: providers.Price(each).most(request) for each in (first, second)}
    assert most["dear"] == 100 * most["cheap"]
    assert memory.intended == [(each.name, most[each.name]) for each in (first, second)]
    paid = providers.Price(second).usd(input_tokens=1, output_tokens=1)
    assert [row.usd for row in memory.rows] == [most[first.name]] * served + [paid]


@pytest.mark.parametrize(("first", "second", "asked_of"), [(CHEAP, DEAR, ["cheap"]), (DEAR, CHEAP, [])])
def test_a_cap_holds_each_model_to_its_own_price_and_what_does_not_fit_moves_no_chain_on(
    first: Model, second: Model, asked_of: list[str]
) -> None:
    ask, request = Failing(fault("next"), calls=1), replace(request_of(0), chain=(first, second))
    cap = providers.Cap(name="run", limit=providers.Price(CHEAP).most(request))
    asks = caller(Kept(), ask, budget=providers.Budget(run=(cap,)))

    async def work() -> None:
        with pytest.raises(BudgetError):
            await asks.ask(request)

    in_made_up_time(work)
    assert ask.models == asked_of
