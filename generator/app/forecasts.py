"""What steps will cost before they are made: tokens and dollars as ranges.

Input is known, or is what lies there and what is expected of the texts that are not made yet. Output is what this
workspace's own replies to that prompt and model took: from the tenth of a hundred to the ninetieth. Before there are FEW
of them a prior stands for them. Promises: it says whether it rests on history or on the prior. Will not do: promise (the
caps do).
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property

from generator import providers, runner, store
from generator.app.desks import Desk
from generator.app.landings import Bench
from generator.errors import CopydeskError
from generator.model import Model, Request, Step

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


@dataclass(kw_only=True)
class Expectations:
    """What replies took so far, by prompt and model."""

    desk: Desk
    expected: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Tokens that the texts of steps that are not made yet are expected to have, by `brief/step`."""
    assumed: int = 0
    unpriced: set[str] = field(default_factory=set)
    reserves: dict[str, Decimal] = field(default_factory=dict)
    """The most dollars that are reserved for one call, by brief."""
    keyless: dict[str, str] = field(default_factory=dict)
    """Models that would be asked first and whose key is not set, with its variable."""

    def tight(self) -> dict[str, str]:
        """Return, by the names of caps, why a call would not fit under them as they are now."""
        caps = self.desk.caller.budget.caps
        dearest_last = sorted(self.reserves.items(), key=lambda each: each[1])
        found = {cap.name: (cap, most) for brief, most in dearest_last for cap in caps(brief) if cap.left < most}
        return {name: str(providers.over(cap, most)) for name, (cap, most) in found.items()}

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
        found = self.of(request, missing)
        kept = None if missing else self.desk.memory.recall_recipe(request)
        if kept is not None and kept[0].ending == "complete":
            return Range()
        self.assumed += not found.told
        model = request.chain[0]
        if not found.priced:
            self.unpriced.add(model.name)
        if action == "blocked":  # another build will ask it
            return found
        most = max(self.desk.caller.price(model).most(request) for model in request.chain)
        self.reserves[request.brief] = max(most, self.reserves.get(request.brief, most))
        variable = providers.key_variable(model) if model.provider != "offline" else ""
        if variable and not os.environ.get(variable, "").strip():
            self.keyless[model.name] = variable
        return replace(found, usd=(Decimal(0), found.usd[1])) if action == "maybe" else found

    def of(self, request: Request, missing: tuple[str, ...]) -> Range:
        """Return what asking a request will take; `missing` are steps it reads whose texts are not made yet."""
        model = request.chain[0]
        output, told = self.output_of(request.uses, model)
        most = providers.saying_of(request).max_tokens
        output = min(output[0], most), min(output[1], most)
        self.expected[f"{request.brief}/{request.step}"] = output
        if model.provider == "offline":
            return Range()
        size = providers.input_bytes(request)
        coming = [self.expected.get(f"{request.brief}/{step}", PRIOR) for step in missing]
        many, few = self.bytes_of(model)
        input_ = (
            int((size + TEXT * sum(low for low, _ in coming)) / many),
            int((size + TEXT * sum(high for _, high in coming)) / few),
        )
        price = self.desk.caller.price(model)
        usd = (
            price.usd(input_tokens=input_[0], output_tokens=output[0]),
            price.usd(input_tokens=input_[1], output_tokens=output[1]),
        )
        return Range(input=input_, output=output, usd=usd, told=told, priced=price.known)


def middle(values: Iterable[int]) -> tuple[int, int]:
    """Return the tenth and the ninetieth of a hundred values, of what there are."""
    ordered = sorted(values)
    last = len(ordered) - 1
    return ordered[last // 10], ordered[last - last // 10]
