"""What steps will cost before they are made: tokens and dollars as ranges.

Input is known, or is what lies there and what is expected of the texts that are not made yet. Output is what this
workspace's own replies to that prompt and model took: from the tenth of a hundred to the ninetieth. Before there are FEW
of them a prior stands for them. Promises: it says whether it rests on history or on the prior. Will not do: promise (the
caps do).
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property

from generator import providers, runner, store
from generator.app.addresses import closure
from generator.app.desks import Desk
from generator.app.landings import Bench
from generator.errors import CopydeskError
from generator.model import Message, Model, Request, Step
from generator.money import dollars

FEW = 3
"""Replies of a prompt and a model from which a range is told."""

PRIOR = (300, 3_000)
"""Tokens of a reply before there is any history: an outline of half a page, a long draft."""

BYTES = (5.0, 3.0)
"""Bytes a token before there is any history: plain English, and text full of names and marks."""

TEXT = 4
"""Bytes of a text that is expected to have a token."""


@dataclass(frozen=True, kw_only=True)
class Range:
    """Tokens in and out, and dollars, from least to most; `told` is False where a prior stands in for history."""

    input: tuple[int, int] = (0, 0)
    output: tuple[int, int] = (0, 0)
    usd: tuple[Decimal, Decimal] = (Decimal(0), Decimal(0))
    told: bool = True
    priced: bool = True


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call that a build would make: dollars that it costs and that are reserved for it, from least to most.

    The least is that of the first model of its chain, the most that of all of them, one asked after the other. `before` are
    the steps, as `brief/step`, whose texts it needs; `sure` says that it is made whatever comes of them.
    """

    brief: str
    usd: tuple[Decimal, Decimal]
    reserve: tuple[Decimal, Decimal]
    before: frozenset[str] = frozenset()
    sure: bool = True


@dataclass(kw_only=True)
class Expectations:
    """What replies took so far, by prompt and model."""

    desk: Desk
    expected: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Tokens that the texts of steps that are not made yet are expected to have, by `brief/step`."""
    assumed: int = 0
    unpriced: set[str] = field(default_factory=set)
    calls: dict[str, Call] = field(default_factory=dict)
    """The calls that this build would make, by `brief/step`, in the order of the plan."""
    keyless: dict[str, str] = field(default_factory=dict)
    """Models that would be asked first and whose key is not set, with its variable."""

    def stops(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return why a build would stop at a cap even if it costs the least that is foreseen, and at which others it may."""
        budget = self.desk.caller.budget
        under: dict[str, tuple[providers.Cap, list[Call]]] = {}
        for call in self.calls.values():
            for cap in budget.caps(call.brief) if call.reserve[1] else ():
                under.setdefault(cap.name, (cap, []))[1].append(call)
        tight, loose = [], []
        for cap, calls in under.values():
            sure = [call for call in calls if call.sure and call.reserve[0]]
            least = self._least(sure)
            total = sum((call.usd[1] for call in calls), Decimal(0))
            if cap.left < least:
                need = max(call.reserve[0] for call in sure) if budget.is_anew(cap) else cap.spent + least
                tight.append(str(providers.over(*_stop(cap, sure), need=need)))
            elif cap.left < max(total - call.usd[1] + call.reserve[1] for call in calls):
                spent = f", {dollars(cap.spent)} of it is spent" if cap.spent else ""
                most = max(call.reserve[1] for call in calls)
                loose.append(
                    f"{cap.name} is {dollars(cap.limit)}{spent}, and this may come to {dollars(total)}, with up to {dollars(most)} reserved for a call"
                )
        return tuple(tight), tuple(loose)

    def _least(self, calls: Sequence[Call]) -> Decimal:
        """Return the dollars without which calls cannot all be made, in whatever order, if each costs the least foreseen.

        Before a call, those are spent that must come before it; before the last one, all others are.
        """
        if not calls:
            return Decimal(0)
        total = sum((call.usd[0] for call in calls), Decimal(0))
        last = min(total - call.usd[0] + call.reserve[0] for call in calls)
        return max(last, *(self._spent_before(call) + call.reserve[0] for call in calls))

    def _spent_before(self, call: Call) -> Decimal:
        before = (self.calls[step] for step in call.before if step in self.calls)
        return sum((each.usd[0] for each in before if each.sure), Decimal(0))

    @cached_property
    def _calls(self) -> dict[tuple[str, str], list[store.Call]]:
        found: dict[tuple[str, str], list[store.Call]] = defaultdict(list)
        for call in self.desk.memory.sizes():
            if call.ending == "complete" and call.output_tokens and call.uses and call.brief:  # a ping has no brief
                found[call.uses, call.model].append(call)
        return found

    def output_of(self, uses: str, model: Model) -> tuple[tuple[int, int], bool]:
        """Return the tokens that a reply may have, and whether history says so."""
        calls = self._calls.get((uses, model.label), [])
        if len(calls) < FEW:
            return PRIOR, False
        return middle(call.output_tokens for call in calls), True

    def bytes_of(self, model: Model) -> tuple[float, float]:
        """Return how many bytes a token of the input has, at most and at least."""
        if model.label not in self._bytes:
            self._bytes[model.label] = self._weighed(model)
        return self._bytes[model.label]

    @cached_property
    def _bytes(self) -> dict[str, tuple[float, float]]:
        return {}

    def _weighed(self, model: Model) -> tuple[float, float]:
        told = [
            call.sent_bytes / call.input_tokens
            for (_, label), calls in self._calls.items()
            for call in calls
            if label == model.label and call.input_tokens
        ]
        if len(told) < FEW:
            return BYTES
        low, high = middle(int(each * 1_000) for each in told)
        return high / 1_000, max(0.001, low / 1_000)

    def foresee(
        self, bench: Bench, step: Step, missing: tuple[str, ...], action: str, reasons: tuple[str, ...]
    ) -> Range:
        """Return what a step will take; from nothing if it may stay as it is, nothing at all if memory holds its reply."""
        try:
            update = runner.Decision(action="make" if action == "make" else "update", reasons=reasons)
            request = bench.asked(step, bench.compose(step), update, bench.read_copy(step.id))
        except CopydeskError:
            return Range()
        first = request.chain[0]
        found = self.of(request, first, missing)
        address = f"{request.brief}/{request.step}"
        coming = self._coming(request, missing)
        self.expected[address] = found.output
        kept = None if missing else self.desk.memory.recall_recipe(request)
        if kept is not None and kept[0].ending == "complete":
            return Range()
        self.assumed += not found.told
        if not found.priced:
            self.unpriced.add(first.name)
        if action == "blocked":  # another build will ask it
            return found
        least = Decimal(0) if action == "maybe" else found.usd[0]
        most = sum((self.of(request, model, missing).usd[1] for model in request.chain[1:]), found.usd[1])
        price = self.desk.caller.price
        needs = closure(bench.plan, frozenset({step.id})).steps
        self.calls[address] = Call(
            brief=request.brief, usd=(least, most), sure=action != "maybe",
            reserve=(
                price(first).most(longer(request, coming[0])),
                max(price(model).most(longer(request, coming[1])) for model in request.chain),
            ),
            before=frozenset(f"{request.brief}/{each.id}" for each in needs if each.id != step.id),
        )  # fmt: skip
        variable = providers.key_variable(first) if first.provider != "offline" else ""
        if variable and not os.environ.get(variable, "").strip():
            self.keyless[first.name] = variable
        return replace(found, usd=(least, found.usd[1]))

    def _coming(self, request: Request, missing: tuple[str, ...]) -> tuple[int, int]:
        """Return the bytes, from least to most, of texts that are not made yet and that a request will hold."""
        texts = [self.expected.get(f"{request.brief}/{step}", PRIOR) for step in missing]
        return TEXT * sum(low for low, _ in texts), TEXT * sum(high for _, high in texts)

    def of(self, request: Request, model: Model, missing: tuple[str, ...]) -> Range:
        """Return what asking a model will take; `missing` are steps it reads whose texts are not made yet."""
        output, told = self.output_of(request.uses, model)
        most = providers.saying_of(request).max_tokens
        output = min(output[0], most), min(output[1], most)
        if model.provider == "offline":
            return Range()
        size, coming = providers.input_bytes(request), self._coming(request, missing)
        many, few = self.bytes_of(model)
        input_ = int((size + coming[0]) / many), int((size + coming[1]) / few)
        price = self.desk.caller.price(model)
        usd = (
            price.usd(input_tokens=input_[0], output_tokens=output[0]),
            price.usd(input_tokens=input_[1], output_tokens=output[1]),
        )
        return Range(input=input_, output=output, usd=usd, told=told, priced=price.known)


def longer(request: Request, size: int) -> Request:
    """Return a request that says so many bytes more."""
    more = (Message(role="user", text="x" * size),) if size else ()
    return replace(request, messages=(*request.messages, *more))


def _stop(cap: providers.Cap, calls: Iterable[Call]) -> tuple[providers.Cap, Decimal]:
    """Return a cap as it is when the first call does not fit, made one after the other and for the least, and what that reserves."""
    now, reserve = cap, Decimal(0)
    for call in calls:
        reserve = call.reserve[0]
        if now.left < reserve:
            break
        now = replace(now, spent=now.spent + call.usd[0])
    return now, reserve


def middle(values: Iterable[int]) -> tuple[int, int]:
    """Return the tenth and the ninetieth of a hundred values, of what there are."""
    ordered = sorted(values)
    last = len(ordered) - 1
    return ordered[last // 10], ordered[last - last // 10]
