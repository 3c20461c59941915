"""Asking, in one place: limits, budget, retries, fallback, and each reply kept before anybody sees it.

The way of a call: recalled if it was ever answered; else given a place at its model's gate, reserved, let through, recorded as
begun, made, kept with its cost. Promises: the same question in flight is one call; a call that may have been paid costs what the vendor
counted, or all that was reserved; nothing waits for a model but its own calls; once stopped, nothing is asked any more.
Will not do: decide what is asked, or land what was said.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import ROUND_CEILING, Decimal
from typing import Literal

from generator.errors import BrokenError, DiskError, ProviderError
from generator.model import REFUSALS, Ask, Config, Memory, Model, Reply, Request
from generator.money import dollars
from generator.providers.budget import Budget, Hold
from generator.providers.limits import Gate
from generator.providers.prices import Price
from generator.providers.vendors.faults import FaultError, place_of
from generator.providers.vendors.saying import input_bytes, saying_of

AskFor = Callable[[Model], Ask]
"""How a model's provider is found; a test hands in its own."""

TOLD, QUIET = 1.0, 10.0
"""Seconds of a wait from which it is told, and for which no other of the same model is."""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long a call is tried again: calls in all, of those that may have been paid, seconds of waiting.

    The n-th wait is `first` doubled n times, at most `most`, and by chance up to half of it shorter, so that calls that
    failed together do not come back together; what a vendor asks to wait, if that is `first` at least, is waited, and by
    chance up to a quarter more.
    """

    calls: int = 7
    paid: int = 3
    first: float = 0.5
    most: float = 30.0
    longest: float = 600.0
    grace: float = 10.0


class StoppedError(ProviderError):
    """Nothing is asked any more: somebody stopped the build."""

    exit_code = 130


@dataclass(kw_only=True)
class Caller:
    """Asks the models of a workspace. For one event loop: close it there.

    `jobs` is how many calls a model may have in flight, if its limits do not say.
    """

    memory: Memory
    ask_for: AskFor
    config: Config
    jobs: int = 8
    budget: Budget = field(default_factory=Budget)
    patience: Patience = field(default_factory=Patience)
    say: Callable[[str], None] = lambda _: None
    flying: int = 0
    """Calls that wait for an answer."""
    costs: defaultdict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    """Dollars that calls cost, by brief and step; whoever tells of a step takes them."""
    lost: Decimal = Decimal(0)
    """Dollars of those that brought no whole reply, at the most that each can have cost."""
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    _flying: dict[str, asyncio.Task[Reply]] = field(default_factory=dict)
    _asks: dict[str, Ask] = field(default_factory=dict)
    _gates: dict[str, Gate] = field(default_factory=dict)
    _prices: dict[str, Price] = field(default_factory=dict)
    _told: dict[str, float] = field(default_factory=dict)
    _excess: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: Decimal(1)))
    """How many times what is reckoned as the most a call of a model did cost: a server may count what nobody sent."""

    async def ask(self, request: Request, *, ahead: int = 0, of: Reply | None = None) -> Reply:
        """Ask the models of the chain in turn, until one answers and does not refuse.

        `ahead` is how many steps wait for the answer, one behind the other: the more, the sooner it is asked. With `of`, a
        reply that the question is about, only the model that gave it is asked.
        Raise ProviderError if none can be reached, BudgetError if a call does not fit, BrokenError if a cap holds for a
        model without a price.
        """
        problems: list[FaultError] = []
        refused: Reply | None = None
        passed: list[str] = []
        whose = [model for model in request.chain if of and (model.provider, model.model) == (of.provider, of.model)]
        for model in whose or request.chain:
            try:
                reply = await self._once(request, model, ahead)
            except FaultError as fault:
                problems.append(fault)
                if not fault.moves_on:
                    break
                passed.append(f"{fault.what} {fault.mend if fault.rule == 'next' else ''}".strip())
                continue
            if reply.ending not in REFUSALS:
                notes = (f"{model.label} answered in place of another: {'; '.join(passed)}",) if passed else ()
                return replace(reply, notes=(*reply.notes, *notes))
            passed.append(f"{model.label} {'refused' if reply.ending == 'refused' else 'was filtered'} ({reply.why})")
            refused = refused or reply
        if refused is not None and all(each.moves_on for each in problems):
            others = "".join(f"; {each.what}" for each in problems)
            return replace(refused, why=f"{refused.why}{others}")
        if not problems:
            raise ProviderError("no model is configured for this step")
        if len(problems) == 1:
            raise problems[0]
        what, last = "; ".join(each.what for each in problems), problems[-1]  # which decides what follows
        raise FaultError(what, last.rule, where=last.where, mend=last.mend, text=last.text)

    async def _once(self, request: Request, model: Model, ahead: int) -> Reply:
        """Return what a model says; the same question in flight is asked once, whoever asks it."""
        key = request.key(model)
        task = self._flying.get(key)
        if task is None:
            task = self._flying[key] = asyncio.create_task(self._recalled(request, model, ahead))
            task.add_done_callback(lambda _: self._flying.pop(key, None))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled() and self.stopped.is_set():
                raise StoppedError("the build was stopped") from None
            raise

    async def _recalled(self, request: Request, model: Model, ahead: int) -> Reply:
        reply = self.memory.recall(request, model)
        return reply if reply is not None else await self._insist(request, model, ahead)

    async def _insist(self, request: Request, model: Model, ahead: int) -> Reply:
        """Ask until there is a reply, by the rules of vendors.faults."""
        gate, patience = self.gate(model), self.patience
        calls, paid, waited, begun = 0, 0, 0.0, asyncio.get_running_loop().time()
        while True:
            try:
                return await self._call(request, model, ahead)
            except FaultError as fault:
                if fault is gate.closed:
                    raise
                calls, paid = calls + 1, paid + fault.served
                pause = self._pause(fault, calls)
                self._note(gate, fault, pause)
                ended = calls >= patience.calls if fault.rule == "retry" else waited + pause > patience.longest
                if fault.rule == "drop" and calls < patience.calls:
                    continue
                if fault.rule not in ("wait", "retry"):
                    raise
                if ended or paid >= patience.paid or pause > patience.longest:
                    if gate.last_reply < begun and (fault.rule == "wait" or not gate.busy):
                        gate.close(fault)
                    raise
                waited += pause
                self._tell(model, fault, pause)
                await self._wait(pause)

    def _tell(self, model: Model, fault: FaultError, pause: float) -> None:
        """Say what is waited for: of each model now and then, however many of its calls wait."""
        now = asyncio.get_running_loop().time()
        if (pause >= TOLD or fault.served) and now - self._told.get(model.name, float("-inf")) >= QUIET:
            self._told[model.name] = now
            paid = "; it may have been paid, and costs what was reserved" if fault.served else ""
            when = f"in {round(pause)} s" if pause >= 1 else "in a moment"
            self.say(f"{fault.what.rstrip('.')}{paid}; asked again {when}.")

    def _note(self, gate: Gate, fault: FaultError, pause: float) -> None:
        """Let the gate know of a fault: what refuses often, or fails for everybody, is left alone for a while, or for good."""
        outcomes: dict[str, Literal["refused", "failed"]] = {"wait": "refused", "retry": "failed"}
        dense = gate.learn(fault.rate, outcomes.get(fault.rule, "answered"))  # who says no, answers
        if pause > self.patience.longest:
            return  # nobody waits so long: see _insist
        if dense and fault.rule == "wait":
            gate.pause(pause)
        elif fault.rule == "retry" and gate.rounds and not gate.failures % gate.concurrency:
            gate.pause(self._pause(fault, gate.rounds))
            if gate.rounds >= (self.patience.paid if fault.served else self.patience.calls):
                gate.close(fault)

    def _pause(self, fault: FaultError, calls: int) -> float:
        if (
            fault.after is not None and fault.after >= self.patience.first
        ):  # who is told "at once" would ask without end
            return fault.after * random.uniform(1.0, 1.25)  # noqa: S311 - no secret hangs on it
        wait = min(self.patience.most, self.patience.first * 2.0 ** (calls - 1))
        return wait * random.uniform(0.5, 1.0)  # noqa: S311

    async def _wait(self, seconds: float) -> None:
        """Wait, unless the build is stopped meanwhile."""
        try:
            async with asyncio.timeout(seconds):
                await self.stopped.wait()
        except TimeoutError:
            return

    async def _call(self, request: Request, model: Model, ahead: int) -> Reply:
        """Make one call, and keep what came of it, with what it cost."""
        gate, hold, kept = self.gate(model), Hold(usd=Decimal(0)), False
        self._check_priced(request, model)
        try:
            while True:  # who waits for a place holds no money, and who waits for money no place
                if gate.closed:
                    raise gate.closed
                async with gate.place(ahead=ahead):
                    most = self.price(model).most(request) * self._excess[model.name]
                    found = self.budget.reserve(request.brief, most)
                    if isinstance(found, Hold):
                        hold = found
                        came = await self._pass(request, model, hold)
                        break
                await found
            if isinstance(came, FaultError):
                hold.cost = await self._failed(request, model, came, hold.usd)
                raise StoppedError("the build was stopped") if self.stopped.is_set() else came
            reply = self._priced(came, request, model, hold.usd)
            hold.cost = reply.usd
            await self._keep(request, model, reply)
            kept = True
        finally:
            self.costs[request.brief, request.step] += hold.cost
            self.lost += Decimal(0) if kept else hold.cost
            self.budget.settle(request.brief, hold)
        return reply

    async def _pass(self, request: Request, model: Model, hold: Hold) -> Reply | FaultError:
        """Make the call when its turn has come; its place is free again before what came of it is written."""
        gate, ask, size = self.gate(model), self._ask(model), input_bytes(request)
        used = await gate.turn(size, saying_of(request).max_tokens)
        if self.stopped.is_set():
            raise StoppedError("the build was stopped")
        if gate.closed:
            raise gate.closed
        if model.provider != "offline":
            await self._intend(request, model, hold.usd)
        hold.cost = hold.usd  # whatever happens from here on may have been paid
        self.flying += 1
        try:
            reply = await ask(request, model)
        except FaultError as fault:
            if not fault.served:
                gate.took(used, 0, 0)
            late = fault.rule in ("wait", "retry") and (fault.after or 0) > self.patience.longest
            if late or fault.rule in ("stop", "next"):
                gate.close(fault)  # before its place is free for another call
            return fault
        finally:
            self.flying -= 1
        gate.learn(reply.rate, "answered")
        if reply.input_tokens or reply.output_tokens:  # else nobody counted, and what was expected stays
            gate.took(used, reply.input_tokens, reply.output_tokens)
        gate.weigh(size, reply.input_tokens)
        return replace(reply, repair=request.help is not None and request.help.repair, key=request.key(model))

    async def _keep(self, request: Request, model: Model, reply: Reply) -> None:
        """Have a paid reply written; if the disk does not take it now, once more when memory is closed."""
        try:
            await self.memory.commit(lambda: self.memory.keep(request, model, reply), again=True)
        except DiskError as error:
            error.what = f"a reply of {model.label} is paid and could not be written: {error.what}"
            error.mend = "It is written when this build ends, if there is room then: make some now, and build again."
            raise

    async def _intend(self, request: Request, model: Model, usd: Decimal) -> None:
        """Record that a call is about to be made; if it is not, since somebody stops the build just then, take that back."""
        begun = False
        try:
            priced = self.price(model).version
            await self.memory.commit(lambda: self.memory.intend(request, model, usd=usd, priced=priced))
            begun = not self.stopped.is_set()
        finally:
            if not begun:
                await self.memory.commit(lambda: self.memory.drop(request, model))
        if not begun:
            raise StoppedError("the build was stopped")

    async def _failed(self, request: Request, model: Model, fault: FaultError, most: Decimal) -> Decimal:
        """Settle a call that brought no reply, and return what it cost: all that was reserved, if it may have been paid."""
        if not fault.served:
            await self.memory.commit(lambda: self.memory.drop(request, model))
            return Decimal(0)
        lost = Reply(
            text=fault.text, provider=model.provider, model=model.model, ending="error", usd=most, why=fault.what,
            priced=self.price(model).version,
        )  # fmt: skip
        await self._keep(request, model, lost)
        return most

    def _priced(self, reply: Reply, request: Request, model: Model, most: Decimal) -> Reply:
        """Return a reply with what it cost; one whose tokens the vendor did not count costs all that was reserved."""
        price = self.price(model)
        if not reply.input_tokens and not reply.output_tokens and reply.provider != "offline" and most:
            note = (
                f"{reply.provider}/{reply.model} did not say how many tokens it took: the most it can be was reckoned"
            )
            return replace(reply, usd=most, priced=price.version, notes=(*reply.notes, note))
        usd = price.cost(reply) if price.known else reply.usd
        times = (usd / (price.most(request) or 1)).quantize(Decimal("0.1"), ROUND_CEILING) if usd > most > 0 else 0
        if times > self._excess[model.name]:
            self._excess[model.name] = Decimal(times)
            told = f"{model.label} counts more tokens than it was sent and allowed: a call cost {dollars(usd)}, and at most"
            self.say(f"{told} {dollars(most)} was reckoned. From now on {times} times as much is reserved for each.")
        return replace(reply, usd=usd, priced=price.version)

    def _check_priced(self, request: Request, model: Model) -> None:
        caps = self.budget.caps(request.brief)
        if caps and not self.price(model).known:
            raise unpriced(model, caps[0].name)

    def _ask(self, model: Model) -> Ask:
        if model.name not in self._asks:
            self._asks[model.name] = self.ask_for(model)
        return self._asks[model.name]

    def price(self, model: Model) -> Price:
        """Return a model's price."""
        if model.name not in self._prices:
            self._prices[model.name] = Price(model)
        return self._prices[model.name]

    @property
    def unpriced(self) -> tuple[str, ...]:
        """The names of the models that were asked and have no known price."""
        return tuple(name for name in self._asks if name in self._prices and not self._prices[name].known)

    def gate(self, model: Model) -> Gate:
        """Return a model's gate, made with the limits of the config."""
        if model.name not in self._gates:
            own = {key: int(value) for key, value in dict(self.config.limits).get(model.name, ())}
            self._gates[model.name] = Gate(
                concurrency=own.get("concurrency", self.jobs), requests=own.get("requests-per-minute"),
                tokens=own.get("tokens-per-minute"),
            )  # fmt: skip
        return self._gates[model.name]

    async def stop(self) -> None:
        """Ask nothing any more, and give the replies in flight a moment to arrive and be kept."""
        self.stopped.set()
        for gate in self._gates.values():
            gate.close(StoppedError("the build was stopped"))  # who waits for a limit waits no longer
        flying = set(self._flying.values())
        if flying:
            await asyncio.wait(flying, timeout=self.patience.grace)
        self.drop()

    def drop(self) -> None:
        """Wait for no reply any more."""
        for task in self._flying.values():
            task.cancel()

    async def close(self) -> None:
        """End what is in flight, and close the connections."""
        self.drop()
        await asyncio.gather(*self._flying.values(), return_exceptions=True)
        for ask in self._asks.values():
            if hasattr(ask, "close"):
                await ask.close()


def unpriced(model: Model, cap: str) -> BrokenError:
    """Return the error of a cap that cannot hold, since nobody knows what a model costs."""
    listed = model.base_url and Price(replace(model, base_url="", price=())).known
    where = ": the price that is listed is of the vendor's own host, and `base-url` names another" if listed else ""
    return BrokenError(
        f"{cap} is to hold, and no price is known for `{model.name}` ({model.label}){where}", where=place_of(model),
        mend="Give it one, in dollars a million tokens: price: {input: 0.25, output: 2.00}; one of this machine costs 0.\n"
        "What is configured: copydesk models",
    )  # fmt: skip


__all__ = ["AskFor", "Caller", "Patience", "StoppedError", "unpriced"]
