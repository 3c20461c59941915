"""What was spent, and on what: by day, brief, prompt and model; and the models there are, with their keys and prices.

Promises: every call that reached a vendor counts, also those whose fate is unknown, with what they may have cost at most;
no key is ever shown. Will not do: forecast (forecasts do), or ask anybody but by `ping`.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

from generator import providers, store
from generator.app.answers import Costs, ModelRow, Models, Progress, Spent
from generator.app.builds import Report, alone, answering, leave_if_interrupted, silent
from generator.app.desks import Desk, open_desk, run, spent_of
from generator.app.looks import look_again
from generator.errors import BrokenError, BudgetError, CopydeskError
from generator.model import Message, Model, Part, Request
from generator.money import dollars

PING = "Answer with the one word: yes."

PATIENCE = providers.Patience(calls=2, paid=1, longest=10.0)
"""A ping is to tell soon what a build would wait for."""

DEADLINES = providers.Deadlines(first=60.0, between=30.0, whole=120.0)
"""Long enough for a model of this machine to be loaded."""


def costs(root: Path) -> Costs:
    """Return what this machine spent in this workspace. Days are those of UTC."""
    with store.open_memory(root) as memory:
        calls = tuple(memory.calls())
    return Costs(
        usd=str(spent_of(calls)), calls=len(calls),
        days=_by(calls, lambda call: call.at[:10]), briefs=_by(calls, lambda call: call.brief or "(ping)"),
        prompts=_by(calls, lambda call: call.uses or "(unknown)"), models=_by(calls, lambda call: call.model),
        prices=tuple(sorted({call.priced for call in calls if call.priced})),
        unpriced=sum(not call.priced and call.ending != "unknown" for call in calls),
    )  # fmt: skip


def _by(calls: Iterable[store.Call], key: Callable[[store.Call], str]) -> tuple[Spent, ...]:
    groups: dict[str, list[store.Call]] = defaultdict(list)
    for call in calls:
        groups[key(call)].append(call)
    return tuple(_spent(name, each) for name, each in sorted(groups.items()))


def _spent(name: str, calls: list[store.Call]) -> Spent:
    lost = [call for call in calls if call.ending in ("unknown", "error")]
    return Spent(
        name=name, usd=str(spent_of(calls)), calls=len(calls),
        input_tokens=sum(call.input_tokens - call.cached_tokens for call in calls),
        cached_tokens=sum(call.cached_tokens for call in calls), output_tokens=sum(call.output_tokens for call in calls),
        lost=len(lost), lost_usd=str(spent_of(lost)),
    )  # fmt: skip


def models(root: Path, *, ping: bool = False, report: Report = silent) -> Models:
    """Return the models of copydesk.yml, and who answers; with `ping`, ask each a one-word question, at its price.

    A model without a price is not asked while a cap is to hold: its row says so, and `reached` stays None.
    """
    swift = partial(providers.ask_for, deadlines=DEADLINES)
    desk = open_desk(root, patience=PATIENCE, ask_for=swift, say=lambda said: report(Progress(said=said)))
    with desk.memory:
        config = desk.library.config
        if ping:
            with alone(root, report):
                look_again(root)
                rows = run(_pinged(desk, report))
            leave_if_interrupted(desk, report, "ping")
        else:
            rows = [_row(desk, model) for model in config.models]
        return Models(
            models=tuple(rows), roles=config.roles, offline=not config.models,
            budget_run=str(config.budget_run or ""), budget_day=str(config.budget_day or ""),
            spent_today=str(spent_of(desk.memory.calls(since=desk.today()))),
        )  # fmt: skip


def _row(desk: Desk, model: Model, *, said: str = "", reached: bool | None = None) -> ModelRow:
    price = desk.caller.price(model)
    variable = "" if model.provider == "offline" else providers.key_variable(model)
    roles = tuple(role for role, chain in desk.library.config.roles if model.name in chain)
    each = [price.usd(input_tokens=1_000_000, output_tokens=0), price.usd(input_tokens=0, output_tokens=1_000_000)]
    return ModelRow(
        name=model.name, model=model.label, api="" if model.provider == "offline" else providers.dialect(model),
        endpoint=model.base_url, key=variable, key_set=bool(os.environ.get(variable, "").strip()) if variable else True,
        input_usd=str(each[0]) if price.known else "", output_usd=str(each[1]) if price.known else "",
        priced=price.version, limits=dict(desk.library.config.limits).get(model.name, ()), roles=roles, said=said,
        reached=reached,
    )  # fmt: skip


async def _pinged(desk: Desk, report: Report) -> list[ModelRow]:
    """Ask every model at once and return a row for each. What it costs is kept with all other costs."""

    async def one(model: Model) -> ModelRow:
        row = await _ping(desk, model)
        came = {True: "answers", False: "does not answer", None: "was not asked"}[row.reached]
        report(Progress(said=f"{model.name} {came}."))
        return row

    async with answering(desk, report):
        came = await asyncio.gather(*(one(model) for model in desk.library.config.models), return_exceptions=True)
    for each in came:
        if isinstance(each, BaseException):  # of one; the others have had their answers
            report(Progress(said=f"This ping cost {dollars(desk.caller.budget.spent)}."))
            raise each
    return [each for each in came if isinstance(each, ModelRow)]


async def _ping(desk: Desk, model: Model) -> ModelRow:
    request = Request(
        brief="", step="ping", uses="ping", chain=(model,), messages=(Message(role="user", text=PING),),
        parts=(Part(label="prompt.ping", text=PING),), config=(("max-tokens", "1000"),), attempt=f"{model.name} {time.time_ns()}",
    )  # fmt: skip
    try:
        reply = await desk.caller.ask(request)
    except BudgetError as error:
        raised = error.mend.partition(", or let replies")[0]  # the length of a ping's reply is not the team's to set
        raise BudgetError(error.what, mend=f"{raised}; what was spent: copydesk costs") from error
    except BrokenError as error:
        return replace(_row(desk, model, said=error.what), mend=error.mend.partition("\n")[0])
    except CopydeskError as error:
        mend = (
            ""
            if error.mend.startswith(("Try again later", "What was made is kept"))
            else error.mend.replace(": copydesk models --ping", ".")
        )
        return replace(_row(desk, model, said=error.what, reached=False), mend=mend)
    word = " ".join(reply.text.split())[:40] or reply.ending
    most = "at most " if not reply.input_tokens and not reply.output_tokens else ""
    cost = f", {most}{dollars(reply.usd)}" if reply.usd else ""
    return _row(desk, model, said=f"{word}{cost}", reached=True)
