"""How fast a model may be asked: calls at a time, requests and tokens a minute, as configured or as its vendor says.

Promises: never more calls in any minute than `requests-per-minute`, nor more tokens than `tokens-per-minute`, what calls in
flight are expected to take included; of those who wait, the one with the longest way ahead is served first, then whoever
came first; one model's gate never holds up another's. Will not
do: ask, retry, or learn a limit that is higher than the configured one.

Requests are spread by the generic cell rate algorithm (ITU-T I.371): each adds an interval to a theoretical time of
arrival, and may come early by a tolerance. With a tolerance of `burst` calls and the rest of the minute's calls spread
evenly, no window of a minute holds more than the limit.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import re
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from generator.errors import ProviderError
from generator.model import Pairs

MINUTE = 60.0
TOKENS_A_BYTE = 0.4
"""What a byte of a request has before any was counted; plain English has a quarter. A limit that is passed is a refusal, not
a bill: here an estimate will do, and reserving a token for each byte would leave most of a limit unused."""

DENSE = 3
LATELY = 20
"""A limit is reached where half of the last calls were refused, and three at least; fewer are the vendor's mood."""

_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m(?!s))?(?:([\d.]+)s)?(?:([\d.]+)ms)?")


@dataclass
class Used:
    """Tokens of one call: what it may take until it has ended, then what it took, from when it began."""

    at: float
    tokens: int


@dataclass(kw_only=True)
class Gate:
    """The gate of one model. `closed` is why nobody may pass any more; None while it is open.

    `failures` counts the calls that failed since one was answered; when as many as may be in flight did, that is a round.
    """

    concurrency: int
    requests: int | None = None
    tokens: int | None = None
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
    _outcomes: deque[bool] = field(default_factory=lambda: deque(maxlen=LATELY))

    @asynccontextmanager
    async def passing(self, size: int, reply: int, *, ahead: int = 0) -> AsyncIterator[Used]:
        """Wait until a call of `size` bytes and at most `reply` tokens back may be made; hold its place until it has ended.

        `ahead` is how many steps wait for its answer, one behind the other.
        """
        await self._enter(ahead)
        try:
            tokens = int(size * self._heaviest) + reply
            async with self._turn:
                while (wait := self._wait(tokens)) > 0:
                    self._changed.clear()
                    try:
                        async with asyncio.timeout(wait):
                            await self._changed.wait()
                    except TimeoutError:
                        continue
                used = self._pass(tokens)
            yield used
        finally:
            self._changed.set()
            self._leave()

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

    def _wait(self, tokens: int) -> float:
        """Return how many seconds to wait before looking again; a closed gate lets its callers through to be told."""
        if self.closed:
            return 0
        now = asyncio.get_running_loop().time()
        waits = [self._until - now]
        if self.requests:
            waits.append(self._next - self._tolerance - now)
        if self.tokens:
            while self._used and self._used[0].at + MINUTE <= now:
                self._used.popleft()
            taken = sum(each.tokens for each in self._used)
            if taken and taken + tokens > self.tokens:
                waits.append(self._used[0].at + MINUTE - now)
        return max(waits)

    @property
    def _burst(self) -> int:
        """How many calls may come at once: half a second's, or a fifth of a small limit, at most ten.

        Vendors let a second's worth come at once; the other half is for calls that the network bunches.
        """
        limit = self.requests or 1
        return max(1, limit // 120, min(limit // 5, 10))

    @property
    def _interval(self) -> float:
        limit = self.requests or 1
        return MINUTE / max(1, limit - self._burst)

    @property
    def _tolerance(self) -> float:
        return (self._burst - 1) * self._interval

    def _pass(self, tokens: int) -> Used:
        now = asyncio.get_running_loop().time()
        if self.requests:
            self._next = max(self._next, now) + self._interval
        used = Used(now, tokens)
        if self.tokens:
            self._used.append(used)
        return used

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

    def took(self, used: Used, tokens: int) -> None:
        """Note what a call took; what it might have taken more is free."""
        used.tokens = tokens
        self._changed.set()

    def learn(self, rate: Pairs, outcome: Literal["answered", "refused", "failed"]) -> bool:
        """Learn from what the vendor says of its limits, and what came of a call; return whether refusals are dense.

        A limit that is configured stays, unless the vendor's is lower.
        """
        told = dict(rate)
        for limit, kinds in (("requests", ("requests",)), ("tokens", ("tokens", "input-tokens"))):
            for kind in kinds:
                most = _number(told, f"x-ratelimit-limit-{kind}", f"anthropic-ratelimit-{kind}-limit")
                own = getattr(self, limit)
                if most and (own is None or most < own):
                    setattr(self, limit, most)
                left = _number(told, f"x-ratelimit-remaining-{kind}", f"anthropic-ratelimit-{kind}-remaining")
                if left == 0:
                    self.pause(
                        _seconds(
                            told.get(f"x-ratelimit-reset-{kind}", told.get(f"anthropic-ratelimit-{kind}-reset", ""))
                        )
                    )
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
        if told.get(name, "").isdecimal():
            return int(told[name])
    return None


def _seconds(told: str) -> float:
    """Return the seconds until a reset: OpenAI writes `6m0s` or `120ms`, Anthropic a time (RFC 3339); at most a minute."""
    match = _DURATION.fullmatch(told)
    if told and match:
        hours, minutes, seconds, thousandths = (float(each or 0) for each in match.groups())
        return min(MINUTE, hours * 3600 + minutes * 60 + seconds + thousandths / 1000)
    try:
        return min(MINUTE, max(0.0, (datetime.fromisoformat(told) - datetime.now(UTC)).total_seconds()))
    except (ValueError, TypeError):
        return 0.0
