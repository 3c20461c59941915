"""How fast a model may be asked: calls at a time, requests and tokens a minute, as configured or as its vendor says.

Promises: never more calls in any minute than `requests-per-minute`, nor more tokens than `tokens-per-minute`, what calls in
flight are expected to take included; of those who wait, the one with the longest way ahead is served first, then whoever
came first; one model's gate never holds up another's. Will not
do: ask, retry, or learn a limit that is higher than the configured one.

What passed in the last minute is kept, and a call waits until there is room for it. Requests are spread as well, by the
generic cell rate algorithm (ITU-T I.371): each adds an interval to a theoretical time of arrival, and may come early by a
tolerance of a few calls. So the rate is the limit, and no second gets much more than its share.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import re
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from generator.errors import ProviderError
from generator.model import Pairs

MINUTE = 60.0
WINDOW = 60.5
"""Seconds for which a call counts: a minute, and what one call may be longer on its way to the vendor than a later one."""

TICK = 1e-6
"""Seconds that are waited more, since a clock may wake somebody a little early."""

TOKENS_A_BYTE = 0.4
"""What a byte of a request has before any was counted; plain English has a quarter. A limit that is passed is a refusal, not
a bill: here an estimate will do, and reserving a token for each byte would leave most of a limit unused."""

DENSE = 3
LATELY = 20
"""A limit is reached where half of the last calls were refused, and three at least; fewer are the vendor's mood."""

RECENT = 256
"""Calls that are remembered while no limit is known: who has one tells it with the first replies."""

KINDS = ("tokens", "input-tokens", "output-tokens")
"""Of tokens there are three limits: for input and output together, and for each. A config knows only the first."""

_COUNT = re.compile(r"[0-9]{1,15}")
"""A limit with more figures is none."""


@dataclass(slots=True)
class Used:
    """One call from when it began: how many tokens its reply may have; what it is expected to take, then what it took.

    `tokens` has a number for each of KINDS.
    """

    at: float
    reply: int
    tokens: tuple[int, ...]


@dataclass(kw_only=True)
class Gate:
    """The gate of one model. `closed` is why nobody may pass any more; None while it is open.

    `failures` counts the calls that failed since one was answered; when as many as may be in flight did, that is a round.
    """

    concurrency: int
    requests: int | None = None
    tokens: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    closed: ProviderError | None = None
    last_reply: float = float("-inf")
    failures: int = 0
    _inside: int = 0
    _queue: list[tuple[int, int, asyncio.Future[None]]] = field(default_factory=list)
    _came: Iterator[int] = field(default_factory=itertools.count)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _heaviest: float = TOKENS_A_BYTE
    _weighed: bool = False
    _next: float = float("-inf")
    _until: float = float("-inf")
    _used: deque[Used] = field(default_factory=deque)
    _taken: list[int] = field(default_factory=lambda: [0] * len(KINDS))
    _said: defaultdict[int, deque[int]] = field(default_factory=lambda: defaultdict(lambda: deque(maxlen=LATELY)))
    _outcomes: deque[bool] = field(default_factory=lambda: deque(maxlen=LATELY))

    @asynccontextmanager
    async def place(self, *, ahead: int = 0) -> AsyncIterator[None]:
        """Wait for a place among the calls that may be in flight, and hold it: take a `turn` in it, and make the call.

        `ahead` is how many steps wait for its answer, one behind the other.
        """
        await self._enter(ahead)
        try:
            yield
        finally:
            self._changed.set()
            self._leave()

    async def turn(self, size: int, reply: int) -> Used:
        """Wait until a call of `size` bytes and at most `reply` tokens back may be made."""
        async with self._turn:
            while (wait := self._wait(self._expected(size, reply))) > 0:
                self._changed.clear()
                try:
                    async with asyncio.timeout(wait + TICK):
                        await self._changed.wait()
                except TimeoutError:
                    continue
            return self._pass(reply, self._expected(size, reply))

    async def _enter(self, ahead: int) -> None:
        """Take a place, or wait for one: those with the longest way ahead first, for the whole ends when they do."""
        if self._inside < self.concurrency:
            self._inside += 1
            return
        place = asyncio.get_running_loop().create_future()
        heapq.heappush(self._queue, (-ahead, next(self._came), place))
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self._leave()  # it was given a place, and leaves before it takes it
            raise

    def _leave(self) -> None:
        """Hand the place on, or give it back."""
        while self._queue:
            place = heapq.heappop(self._queue)[2]
            if not place.done():
                place.set_result(None)
                return
        self._inside -= 1

    def _expected(self, size: int, reply: int) -> tuple[int, ...]:
        """Return the tokens that a call is expected to take, for each of KINDS.

        Of `tokens`, all is held that a reply may have. A call that could never fit so would wait until nothing was asked for
        a minute, however little it takes in the end; for it, the longest reply is held that calls which may have as much had
        of late. So it is for `output-tokens`, which only vendors limit: they count what was said, not what might have been.
        """
        given = int(size * self._heaviest)
        likely = max(self._said[reply], default=reply)
        fits = not self.tokens or given + reply <= self.tokens
        return given + (reply if fits else likely), given, likely

    def _wait(self, tokens: tuple[int, ...]) -> float:
        """Return how many seconds to wait before looking again; a closed gate lets its callers through to be told."""
        if self.closed:
            return 0
        now = asyncio.get_running_loop().time()
        while self._used and self._used[0].at + WINDOW <= now:
            self._count(self._used.popleft().tokens, -1)
        whens = [self._until]
        if self.requests:
            whens.append(self._next - self._tolerance)
            if len(self._used) >= self.requests:
                whens.append(self._used[-self.requests].at + WINDOW)
        for kind, limit in enumerate((self.tokens, self.input_tokens, self.output_tokens)):
            if limit:
                whens.append(self._room(kind, limit - min(tokens[kind], limit)))
        return max(whens) - now

    def _room(self, kind: int, rest: int) -> float:
        """Return from when on the calls before, as they stand now, leave a minute in which they take no more than `rest`."""
        over, when = self._taken[kind] - rest, float("-inf")
        for each in self._used:
            if over <= 0:
                break
            over, when = over - each.tokens[kind], each.at + WINDOW
        return when

    @property
    def _burst(self) -> int:
        """How many calls may come at once: half a second's, or a fifth of a small limit, at most ten.

        Vendors let a second's worth come at once; the other half is for calls that the network bunches.
        """
        limit = self.requests or 1
        return max(1, limit // 120, min(limit // 5, 10))

    @property
    def _interval(self) -> float:
        return MINUTE / (self.requests or 1)

    @property
    def _tolerance(self) -> float:
        return (self._burst - 1) * self._interval

    def _pass(self, reply: int, tokens: tuple[int, ...]) -> Used:
        now = asyncio.get_running_loop().time()
        if self.requests:
            self._next = max(self._next, now) + self._interval
        used = Used(now, reply, tokens)
        self._used.append(used)  # whatever the limits are: a vendor may tell one at any time
        self._count(tokens, 1)
        limited = self.requests or self.tokens or self.input_tokens or self.output_tokens
        if len(self._used) > RECENT and not limited:
            self._count(self._used.popleft().tokens, -1)
        return used

    def _count(self, tokens: tuple[int, ...], times: int) -> None:
        """Keep the sum of what all in `_used` take: there may be tens of thousands."""
        for kind, each in enumerate(tokens):
            self._taken[kind] += times * each

    @property
    def busy(self) -> bool:
        """Whether anybody is inside."""
        return self._inside > 0

    @property
    def rounds(self) -> int:
        """How many times as many calls as may be in flight have failed, with no answer in between."""
        return self.failures // self.concurrency

    def pause(self, seconds: float) -> None:
        """Let nobody pass for so long."""
        self._until = max(self._until, asyncio.get_running_loop().time() + seconds)

    def took(self, used: Used, given: int, said: int) -> None:
        """Note the tokens of a call's request and of its reply; what it might have taken more is free."""
        before, used.tokens = used.tokens, (given + said, given, said)
        if self._used and used.at >= self._used[0].at:  # it began in the last minute, and counts
            self._count(before, -1)
            self._count(used.tokens, 1)
        if said:  # a call that failed says nothing of how long replies are
            self._said[used.reply].append(said)
        self._changed.set()

    def learn(self, rate: Pairs, outcome: Literal["answered", "refused", "failed"]) -> bool:
        """Learn from what the vendor says of its limits, and what came of a call; return whether refusals are dense.

        A limit that is configured stays, unless the vendor's is lower.
        """
        told = dict(rate)
        for kind in ("requests", *KINDS):
            limit = kind.replace("-", "_")
            most = _number(told, f"x-ratelimit-limit-{kind}", f"anthropic-ratelimit-{kind}-limit")
            own = getattr(self, limit)
            if most and (own is None or most < own):
                setattr(self, limit, most)
            left = _number(told, f"x-ratelimit-remaining-{kind}", f"anthropic-ratelimit-{kind}-remaining")
            if left == 0:
                reset = told.get(f"x-ratelimit-reset-{kind}", told.get(f"anthropic-ratelimit-{kind}-reset", ""))
                self.pause(_seconds(reset))
        self._outcomes.append(outcome == "refused")
        self.failures = 0 if outcome == "answered" else self.failures + (outcome == "failed")
        if outcome == "answered":
            self.last_reply = asyncio.get_running_loop().time()
        return sum(self._outcomes) >= max(DENSE, len(self._outcomes) / 2)

    def weigh(self, size: int, tokens: int) -> None:
        """Learn how many tokens a byte has at most: a tenth more than in any request so far, at most one."""
        if size and tokens:
            seen = min(1.0, 1.1 * tokens / size)
            self._heaviest = seen if not self._weighed else max(seen, self._heaviest)
            self._weighed = True

    def close(self, why: ProviderError) -> None:
        """Let nobody pass any more, and tell those who wait."""
        self.closed = self.closed or why
        self._changed.set()


def _number(told: dict[str, str], *names: str) -> int | None:
    for name in names:
        if _COUNT.fullmatch(told.get(name, "")):
            return int(told[name])
    return None


def _seconds(told: str) -> float:
    """Return the seconds until the time of a reset (RFC 3339); at most a minute, and none if it is no time."""
    try:
        return min(MINUTE, max(0.0, (datetime.fromisoformat(told) - datetime.now(UTC)).total_seconds()))
    except (ValueError, TypeError, OverflowError):
        return 0.0
