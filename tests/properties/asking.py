"""Asking in time that is made up: a loop whose clock passes as fast as nothing happens, a memory without a disk, a vendor.

Promises: what it measures in seconds is exact, however busy the machine is. Will not do: assert.
"""

from __future__ import annotations

import asyncio
import random
import selectors
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from generator import providers
from generator.model import Ask, Config, Message, Model, Reply, Request
from generator.providers.vendors.faults import FaultError

PRICE = (("input", Decimal(1)), ("output", Decimal(10)))
MODEL = Model(name="m", provider="openai", model="gpt", price=PRICE)
MINUTE = 60.0


class _Clock(selectors.SelectSelector):
    """A selector that never waits: it lets time pass instead."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        found = super().select(0)
        if not found and timeout is None:
            raise AssertionError("everybody waits for ever")
        self.now += 0 if found else timeout or 0
        return found


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.clock = _Clock()
        super().__init__(self.clock)

    def time(self) -> float:
        return self.clock.now


def in_made_up_time(work: Callable[[], Coroutine[Any, Any, object]]) -> None:
    """Run `work` on a loop whose time passes as fast as nothing happens."""
    loop = _Loop()
    try:
        loop.run_until_complete(work())
    finally:
        loop.close()


@dataclass
class Kept:
    """A memory without a disk: what was begun and kept, in order."""

    replies: dict[str, Reply] = field(default_factory=dict)
    rows: list[Reply] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    """When each of the rows was kept."""
    intended: list[tuple[str, Decimal]] = field(default_factory=list)
    """The models of the calls that were begun, and the dollars that were reserved for them."""
    open: int = 0

    def recall(self, request: Request, model: Model) -> Reply | None:
        return self.replies.get(request.key(model))

    def recall_recipe(self, request: Request) -> tuple[Reply, str | None] | None:
        raise NotImplementedError

    def intend(self, request: Request, model: Model, *, usd: Decimal, priced: str) -> None:
        self.open += 1
        self.intended.append((model.name, usd))

    def drop(self, request: Request, model: Model) -> None:
        self.open -= 1

    def keep(self, request: Request, model: Model, reply: Reply) -> None:
        self.open -= 1
        self.rows.append(reply)
        self.at.append(asyncio.get_running_loop().time())
        if reply.ending != "error":
            self.replies.setdefault(request.key(model), reply)

    async def commit(self, job: Callable[[], None], *, again: bool = False) -> None:
        await asyncio.sleep(0.001)
        job()


def request_of(number: int, *, tokens: int = 100, brief: str = "b", size: int = 50) -> Request:
    message = Message(role="user", text=f"{number} " + "x" * size)
    return Request(
        brief=brief, step=f"s{number}", uses="draft", chain=(MODEL,), messages=(message,), parts=(),
        config=(("max-tokens", str(tokens)),),
    )  # fmt: skip


class Vendor:
    """Answers after a while, or fails, by dice; counts what it is asked. A text of it has a token for each three bytes."""

    def __init__(self, dice: random.Random, *, faults: float = 0.0) -> None:
        self.dice, self.faults = dice, faults
        self.starts: list[float] = []
        self.ends: list[tuple[float, int]] = []
        """When each call that was answered began, and the tokens it took, both ways."""
        self.flying = self.peak = 0
        self.keys: list[str] = []

    async def __call__(self, request: Request, model: Model) -> Reply:
        loop = asyncio.get_running_loop()
        start = loop.time()
        self.starts.append(start)
        self.flying += 1
        self.peak = max(self.peak, self.flying)
        try:
            await asyncio.sleep(self.dice.uniform(0.01, 5))
            if self.dice.random() < self.faults:
                rule = self.dice.choice(("wait", "retry"))
                served = rule == "retry" and self.dice.random() < 0.5
                raise FaultError("It went wrong.", rule, served=served)  # type: ignore[arg-type]
        finally:
            self.flying -= 1
        self.keys.append(request.key(model))
        most = int(dict(request.config)["max-tokens"])
        read, used = providers.input_bytes(request) // 3, self.dice.randint(1, most)
        self.ends.append((start, read + used))
        return Reply(text="A text.", provider="openai", model="gpt", input_tokens=read, output_tokens=used)


def caller(memory: Kept, vendor: Ask, **more: Any) -> providers.Caller:
    return providers.Caller(memory=memory, ask_for=lambda _: vendor, **{"config": Config(), **more})
