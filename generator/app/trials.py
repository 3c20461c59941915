"""Trials: the same step made by several models, told apart by nothing but their texts, until a person picks one.

Promises: names are not told before the pick, and the order is no one's choosing: it hangs on digests; a trial that is
looked at twice is paid once; what is picked lands like any other text, every word of a person kept, and history knows of
what it was picked. Will not do: pick, or say which is better.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from generator import disk, providers, runner, steps, store
from generator.app.addresses import find
from generator.app.answers import Progress, Tried, TriedText
from generator.app.builds import DEFAULTS, BuildOptions, Report, silent
from generator.app.desks import Desk, open_desk
from generator.app.endings import said_of
from generator.app.landings import Bench
from generator.app.turns import by_person, text_step
from generator.digest import digest_of
from generator.errors import CopydeskError, RefusedError, UsageError
from generator.model import Event, Model, Reply, Request, Step

FOLDER = ".copydesk/trials"
"""Where the texts lie side by side until one is picked; this machine's own, like all of `.copydesk/`."""


def trial(
    root: Path, address: str, names: Sequence[str], *, pick: int | None = None, by: str = "",
    options: BuildOptions = DEFAULTS, report: Report = silent, ask_for: providers.AskFor = providers.ask_for,
) -> Tried:  # fmt: skip
    """Make a step with each of the models or roles named, and return the texts, blind; with `pick`, land the one picked.

    UsageError if fewer than two models are named, the step is a person's, or there is no such number; RefusedError if what
    the step reads is not made yet, or no model gave a draft.
    """
    with store.build_lock(root, lambda: report(Progress(said="A build is running here; waiting for it to end."))):
        desk = open_desk(
            root, ask_for=ask_for, jobs=options.jobs, max_cost=options.max_cost, patience=options.patience
        )  # fmt: skip
        with desk.memory:
            desk.check_caps()
            found, plan = find(root, desk.library, address)
            bench = Bench(desk=desk, plan=plan)
            desk.max_costs[plan.brief.name] = plan.brief.max_cost
            step = _step(bench, found.step, address)
            models = _models(desk, names)
            request = bench.compose(step)
            asked = asyncio.run(_ask(desk, request, models))
            texts = _texts(bench, step, request, asked)
            tried = Tried(
                address=f"{plan.brief.name}/{step.id}", texts=tuple(text for text, _ in texts), models=tuple(names),
                failed=tuple(each for each in asked if isinstance(each, str)), usd=str(desk.caller.budget.spent),
            )  # fmt: skip
            if pick is None:
                return tried
            return _land(bench, step, request, tried, texts, pick=pick, by=by)


def _step(bench: Bench, name: str, address: str) -> Step:
    step = bench.plan.step(name)
    if step is None or by_person(step) or text_step(step) != step.id:
        known = ", ".join(f"{bench.plan.brief.name}/{each.id}" for each in bench.plan.steps if not by_person(each))
        raise UsageError("a trial takes one step that a model writes", where=address, mend=f"Name one of {known}")
    absent = [need for need in step.needs if bench.text_of(need) is None]
    if absent:
        what = f"it reads {', '.join(absent)}, which {'are' if len(absent) > 1 else 'is'} not made yet"
        raise RefusedError(what, where=address, mend=f"copydesk build {bench.plan.brief.name}/{absent[0]}")
    return step


def _models(desk: Desk, names: Sequence[str]) -> tuple[Model, ...]:
    config = desk.library.config
    models = tuple(dict.fromkeys(providers.chain_for(config, name)[0] for name in names)) if config.models else ()
    if len(models) < 2:
        known = ", ".join(model.name for model in config.models) or "none: see copydesk models"
        mend = f"Name two or more, like --try best,fast; there are: {known}"
        raise UsageError("a trial needs two models to tell apart", mend=mend)
    return models


async def _ask(desk: Desk, request: Request, models: tuple[Model, ...]) -> list[tuple[Request, Model, Reply] | str]:
    """Ask each model, all at once, and return what each said, or why it did not."""

    async def one(model: Model) -> tuple[Request, Model, Reply] | str:
        alone = replace(request, chain=(model,))
        try:
            reply = await desk.caller.ask(alone)
            if reply.ending == "misshapen" and not reply.repair:
                reply = await desk.caller.ask(steps.repair_of(alone, reply))
        except CopydeskError as error:
            return error.what
        _, problem = said_of(reply, request)
        return f"a model {problem}" if problem else (alone, model, reply)

    try:
        return list(await asyncio.gather(*(one(model) for model in models)))
    finally:
        await desk.caller.close()


Text = tuple[TriedText, tuple[Request, Model, Reply]]


def _texts(bench: Bench, step: Step, request: Request, asked: list[tuple[Request, Model, Reply] | str]) -> list[Text]:
    """Return the texts in an order that nobody chose, each in a file of its own."""
    answered = [each for each in asked if not isinstance(each, str)]
    answered.sort(key=lambda each: digest_of("trial", each[0].key(each[1])))
    folder = bench.root / FOLDER / bench.plan.brief.name / step.id
    slots = bench.slots(step, bench.made(step.id, request.recipe))
    found: list[Text] = []
    for number, each in enumerate(answered, 1):
        said, _ = said_of(each[2], request)
        text = steps.finish(said, bench.passages(step), tuple(dict(slots.now).values()))
        path = folder / f"{number}.md"
        disk.write_text(path, text)
        shown = TriedText(number=number, path=path.relative_to(bench.root).as_posix(), text=text)
        found.append((shown, each))
    return found


def _land(
    bench: Bench, step: Step, request: Request, tried: Tried, texts: list[Text], *, pick: int, by: str
) -> Tried:  # fmt: skip
    """Land the text that was picked, under the recipe that a build would make the step by, so that it stands."""
    chosen = next((each for each in texts if each[0].number == pick), None)
    if chosen is None:
        raise UsageError(f"there is no text {pick}", where=tried.address, mend=f"There are 1 to {len(texts)}.")
    shown, (alone, model, reply) = chosen
    slots = bench.slots(step, bench.made(step.id, request.recipe))
    problem = slots.problem(shown.text, None)
    if problem:
        raise RefusedError(f"this text {problem}", where=tried.address, mend="Pick another, or try again.")
    event = Event(
        verb="made", brief=bench.plan.brief.name, step=step.id, by=by, what="trial", provider=reply.provider,
        model=f"{reply.provider}/{reply.model}", key=alone.key(model), usd=str(reply.usd) if reply.usd else "",
        notes=reply.notes, picked=(str(pick),), options=tuple(f"{each[2].provider}/{each[2].model}" for _, each in texts),
    )  # fmt: skip
    with store.brief_lock(bench.root, bench.plan.brief.name):
        bench.read_history()
        theirs = slots.carry(shown.text, None)
        result = bench.finish(
            step, request, event, theirs, runner.Decision(action="make", reasons=("a trial was picked",))
        )
    for text, _ in texts:
        disk.system().unlink(bench.root / text.path)
    return replace(
        tried, picked=pick, path=bench.plan.copy_path(step.id), names=event.options, suggestions=result.suggestions
    )
