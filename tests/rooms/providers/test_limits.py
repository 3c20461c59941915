"""The gate of a model, in time that is made up: what it lets pass in any minute, how near the limit that is, what it learns."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Callable, Coroutine, Iterable
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.model import Config, Model, Reply, Request
from generator.providers.limits import Gate, Used
from generator.providers.vendors.faults import after_of, rate_of
from tests.properties.asking import MINUTE, Kept, Vendor, caller, in_made_up_time, request_of

Call = Callable[[Used], Coroutine[Any, Any, None]]


def most(events: Iterable[tuple[float, int]], window: float = MINUTE) -> int:
    """Return the largest sum of what came in any stretch of `window` seconds, its end not included."""
    came, first, total, best = sorted(events), 0, 0, 0
    for at, amount in came:
        total += amount
        while came[first][0] <= at - window + 1e-6:
            total -= came[first][1]
            first += 1
        best = max(best, total)
    return best


async def pass_through(
    gate: Gate, count: int, *, reply: int = 1, size: int = 0, call: Call | None = None
) -> list[float]:
    """Make so many calls at once, and return when each passed."""
    starts: list[float] = []

    async def one() -> None:
        async with gate.place():
            used = await gate.turn(size, reply)
            starts.append(used.at)
            if call is not None:
                await call(used)

    await asyncio.gather(*(one() for _ in range(count)))
    return starts


@pytest.mark.parametrize("limit", [1, 3, 7, 50, 120, 1_500])
def test_the_rate_is_the_limit_and_no_second_gets_much_more_than_its_share(limit: int) -> None:
    count, starts = limit * 4, list[float]()

    async def work() -> None:
        starts.extend(await pass_through(Gate(concurrency=count, requests=limit), count))

    in_made_up_time(work)
    assert most((at, 1) for at in starts) == limit
    assert max(starts) <= 1.02 * count * MINUTE / limit
    assert most(((at, 1) for at in starts), 1.0) <= max(1, limit / 120, min(limit / 5, 10)) + limit / 60 + 1


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), limit=st.integers(1, 60), tokens=st.sampled_from([None, 500]))
def test_no_minute_holds_more_whenever_calls_come_and_however_long_they_take(
    seed: int, limit: int, tokens: int | None
) -> None:
    dice = random.Random(seed)
    sent: list[tuple[float, int]] = []
    taken: list[tuple[float, int]] = []

    async def work() -> None:
        gate = Gate(concurrency=30, requests=limit, tokens=tokens)
        loop = asyncio.get_running_loop()

        async def one() -> None:
            await asyncio.sleep(dice.choice((0, 0, dice.uniform(0, 200))))
            async with gate.place():
                used = await gate.turn(0, 100)
                await asyncio.sleep(dice.uniform(0, 0.4))  # on its way
                sent.append((loop.time(), 1))
                await asyncio.sleep(dice.choice((0.1, 5, 90)))
                said = dice.randint(1, 100)
                gate.took(used, 0, said)
                taken.append((used.at, said))
                counted = [each.tokens for each in gate._used]
                assert gate._taken == [sum(each[kind] for each in counted) for kind in range(3)]

        await asyncio.gather(*(one() for _ in range(60)))

    in_made_up_time(work)
    assert most(sent) <= limit
    assert tokens is None or most(taken) <= tokens


def test_a_server_that_does_not_count_is_held_to_what_calls_are_expected_to_take() -> None:
    class Silent(Vendor):
        async def __call__(self, request: Request, model: Model) -> Reply:
            await super().__call__(request, model)
            return Reply(text="A text.", provider="openai", model="gpt")

    vendor = Silent(random.Random(1))
    asks = caller(Kept(), vendor, config=Config(limits=(("m", (("tokens-per-minute", "1000"),)),)))

    async def work() -> None:
        await asyncio.gather(*(asks.ask(request_of(number, tokens=400)) for number in range(10)))

    in_made_up_time(work)
    assert most((at, 400) for at in vendor.starts) <= 1_000


def test_input_output_and_both_together_are_limits_of_their_own() -> None:
    async def work() -> None:
        gate = Gate(concurrency=100, tokens=50_000)
        told = {f"Anthropic-RateLimit-{kind}-Limit": str(limit) for kind, limit in
                (("Requests", 6_000), ("Tokens", 60_000), ("Input-Tokens", 3_000), ("Output-Tokens", 2_000))}  # fmt: skip
        gate.learn(rate_of(told), "answered")
        assert (gate.requests, gate.tokens, gate.input_tokens, gate.output_tokens) == (6_000, 50_000, 3_000, 2_000)
        gate.weigh(1_000, 1_000)  # a token a byte

        async def call(used: Used) -> None:
            await asyncio.sleep(1)
            gate.took(used, 100, 10)
            taken.append((used.at, 100))

        async def other(used: Used) -> None:
            await asyncio.sleep(1)
            gate.took(used, 1, 100)
            said.append((used.at, 100))

        taken: list[tuple[float, int]] = []
        said: list[tuple[float, int]] = []
        begun = asyncio.get_running_loop().time()
        await pass_through(gate, 60, reply=1_500, size=100, call=call)
        assert 60 <= asyncio.get_running_loop().time() - begun < 70, "what replies may have is no input"
        assert most(taken) == 3_000
        await asyncio.sleep(2 * MINUTE)
        begun = asyncio.get_running_loop().time()
        await pass_through(gate, 40, reply=1_600, size=1, call=other)
        assert 60 <= asyncio.get_running_loop().time() - begun < 70, "what replies may have was not said"
        assert most(said) == 2_000

    in_made_up_time(work)


def test_a_call_that_may_take_more_than_the_limit_is_held_to_what_such_calls_take() -> None:
    taken: list[tuple[float, int]] = []

    async def work() -> None:
        gate = Gate(concurrency=20, tokens=1_000)

        async def call(used: Used) -> None:
            await asyncio.sleep(2)
            gate.took(used, 0, said)
            taken.append((used.at, said))

        said = 5
        await pass_through(gate, 50, reply=10, call=call)  # of other calls, which say nothing of those that follow
        await asyncio.sleep(MINUTE * 2)
        said = 100
        starts = await pass_through(gate, 40, reply=8_000, call=call)
        assert starts[1] - starts[0] >= 2, "nobody knows what such a call takes before one has ended"
        assert max(starts) - min(starts) < 4 * MINUTE
        said = 3_000
        first, second = await pass_through(gate, 2, reply=8_000, call=call)
        assert second - first >= MINUTE, "one that took more than the limit has its minute for itself"

    in_made_up_time(work)
    assert most(each for each in taken if each[1] < 3_000) == 1_000


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("59", 59), ("6m0s", 360), ("120ms", 0.12), ("1h2m", 3_720), ("1m3.5s", 63.5), ("0", 0), ("9" * 400, 86_400)],
)
@pytest.mark.parametrize("name", ["X-RateLimit-Reset-Tokens", "anthropic-ratelimit-requests-reset"])
def test_a_reset_is_told_as_a_time_from_when_the_headers_came(name: str, told: str, seconds: float) -> None:
    before = datetime.now(UTC)
    ((key, time),) = rate_of({name: told, "date": "today"})
    assert key == name.lower()
    assert before <= datetime.fromisoformat(time) - timedelta(seconds=seconds) <= datetime.now(UTC)


def test_a_reset_that_is_no_duration_is_left_as_it_is() -> None:
    for told in (
        "2026-01-01T00:00:00Z",
        "?",
        "",
        "1.2.3s",
        "-5",
        "inf",
        "nan",
        "1e5",
        "٣s",
        "5s ",
        "5 s",
        "5s\n",
        ".s",
    ):
        assert rate_of({"x-ratelimit-reset-requests": told}) == (("x-ratelimit-reset-requests", told),)


NAMES = [
    *(f"x-ratelimit-{what}-{kind}" for what, kind in itertools.product(
        ("limit", "remaining", "reset"), ("requests", "tokens", "input-tokens", "output-tokens"))),
    *(f"anthropic-ratelimit-{kind}-{what}" for what, kind in itertools.product(
        ("limit", "remaining", "reset"), ("requests", "tokens", "input-tokens", "output-tokens"))),
    "retry-after", "retry-after-ms",
]  # fmt: skip
ODD = (
    "0", "-1", "1.2.3s", "9" * 5_000, "9" * 5_000 + "s", "0." + "9" * 5_000 + "ms", "inf", "-inf", "nan", "infinity", "1e309",
    "٣", "²", "1_0", "", " ", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "20260101", "2026-01-01T00:00:00",
    "Fri, 31 Dec 9999 23:59:59 -9959", "Mon, 01 Jan 0001 00:00:00 +9999", "Mon, 1 Jan 2026 00:00:00 +" + "9" * 30, "1s" * 2_000,
)  # fmt: skip
VALUE = st.one_of(
    st.sampled_from(ODD), st.text(max_size=30), st.integers().map(str), st.floats().map(str), st.datetimes().map(str),
    st.from_regex(r"\A[-+0-9.hms:TZ]{0,20}\Z"), st.lists(st.sampled_from(["Mon,", "1", "Jan", "2026", "99:99", "-99999"])).map(" ".join),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), VALUE))
def test_whatever_headers_say_nothing_breaks_and_no_wait_is_longer_than_a_minute(headers: dict[str, str]) -> None:
    rate = rate_of(headers)
    after = after_of(rate)
    assert after is None or (after >= 0 and isfinite(after))

    async def work() -> None:
        gate = Gate(concurrency=2)
        gate.learn(rate, "answered")
        (at,) = await pass_through(gate, 1, reply=10, size=10)
        assert 0 <= at <= MINUTE + 1

    in_made_up_time(work)


@pytest.mark.parametrize("name", [name for name in NAMES if "-limit-" in name or name.endswith("-limit")])
@pytest.mark.parametrize("limit", ["0", "9" * 15, "9" * 5_000])
def test_a_limit_that_is_none_holds_up_nobody(name: str, limit: str) -> None:
    starts: list[float] = []

    async def work() -> None:
        gate = Gate(concurrency=50)
        gate.learn(((name, limit),), "answered")
        starts.extend(await pass_through(gate, 50, reply=8_000, size=8_000))

    in_made_up_time(work)
    assert max(starts) < 0.01


def test_calls_of_more_than_a_minute_ago_are_forgotten() -> None:
    async def work() -> None:
        gate = Gate(concurrency=10, tokens=10_000)
        await pass_through(gate, 1_000)
        assert len(gate._used) == 1_000
        await asyncio.sleep(2 * MINUTE)
        await pass_through(gate, 1)
        assert len(gate._used) == 1

    in_made_up_time(work)


def test_while_no_limit_is_known_few_calls_are_remembered() -> None:
    gate = Gate(concurrency=10_000)

    async def work() -> None:
        assert len(await pass_through(gate, 3_000, reply=7)) == 3_000
        assert len(gate._used) == 256
        assert gate._taken == [256 * 7, 0, 256 * 7]
        gate.tokens = 10_000
        await pass_through(gate, 300, reply=7)
        assert len(gate._used) == 556

    in_made_up_time(work)
