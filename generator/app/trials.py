"""Trials: the same step made by several models, told apart by nothing but their texts, until a person picks one.

Promises: names are not told before the pick, and the order is no one's choosing: it hangs on digests; a trial that is
looked at twice is paid once; a pick asks nobody, and lands the very text that was shown or is refused; it lands like any
other text, every word of a person kept, and history knows of what it was picked. Will not do: say which is better.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from generator import disk, runner, steps, store
from generator.app.addresses import find, nearest
from generator.app.answers import Progress, Tried, TriedText
from generator.app.builds import DEFAULTS, BuildOptions, Report, alone, answering, leave_if_interrupted, silent
from generator.app.desks import Desk, open_desk, run
from generator.app.endings import cause_of, exit_code_of, said_of
from generator.app.landings import Bench
from generator.app.looks import look_again
from generator.app.turns import by_person, text_step
from generator.digest import digest_of
from generator.errors import BrokenError, CopydeskError, RefusedError, UsageError
from generator.model import Event, Model, Reply, Request, Step

FOLDER = ".copydesk/trials"
"""Where the texts lie side by side until one is picked; this machine's own, like all of `.copydesk/`."""

SHOWN = "shown.json"
"""The file beside the texts of a step that says what was shown last."""

FEWEST = 2
"""Texts of which one can be picked."""


@dataclass(frozen=True, kw_only=True)
class _Text:
    """A text that was shown, and whose it is."""

    text: str
    key: str
    provider: str
    model: str
    usd: str
    notes: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return the model as people are told of it."""
        return f"{self.provider}/{self.model}"


@dataclass(frozen=True, kw_only=True)
class _Failed:
    """What a model gave in place of a text, and what that is called (see endings.cause_of)."""

    why: str
    cause: str = ""


def trial(
    root: Path, address: str, names: Sequence[str], *, options: BuildOptions = DEFAULTS, report: Report = silent
) -> Tried:
    """Make a step with each of the models or roles named, and return the texts, blind; `pick` lands one of them.

    UsageError if fewer than two models are named or the step is a person's; RefusedError if what the step reads is not made
    yet; BrokenError if a cap is to hold for a model without a price. A model that gives no text is told of in the answer;
    if nobody failed and no texts are shown, all gave the same one.
    """
    if options.offline:
        raise UsageError("a trial asks models, and --offline asks none", mend="Leave one of the two out.")
    with alone(root, report):
        desk = open_desk(
            root, jobs=options.jobs, max_cost=options.max_cost, patience=options.patience,
            say=lambda said: report(Progress(said=said)),
        )  # fmt: skip
        with desk.memory:
            bench, step = _bench(desk, address)
            brief = bench.plan.brief
            absent = [need for need in step.needs if bench.text_of(need) is None]
            if absent:
                what = f"it reads {', '.join(absent)}, which {'are' if len(absent) > 1 else 'is'} not made yet"
                raise RefusedError(what, where=address, mend=f"copydesk build {brief.name}/{absent[0]}")
            desk.max_costs[brief.name] = brief.max_cost
            models = _models(desk, bench, step, names)
            desk.check_caps(models, brief.name)
            request = bench.compose(step)
            look_again(root)
            came = run(_ask(bench, step, request, models, report))
            leave_if_interrupted(desk, report, "trial")
            texts = sorted(
                (each for each in came if isinstance(each, _Text)), key=lambda each: digest_of("trial", each.key)
            )
            failed = [each for each in came if isinstance(each, _Failed)]
            several = len({each.text for each in texts}) >= FEWEST
            shown = _show(bench, step, request, texts) if several else ()  # one alone would be no blind pick
            causes = {each.cause for each in failed}
            return Tried(
                address=f"{brief.name}/{step.id}", texts=shown, models=tuple(names),
                failed=tuple(each.why for each in failed), usd=str(desk.caller.budget.spent),
                usd_lost=str(desk.caller.lost), exit_code=exit_code_of(causes, failed=bool(failed)),
            )  # fmt: skip


def pick(root: Path, address: str, number: int, *, by: str = "", report: Report = silent) -> Tried:
    """Land a text of the trial that was shown last, by its number, under the recipe that a build would make the step by.

    RefusedError if none was shown, if what the step is asked has changed since, or if the text lacks a slot; UsageError if
    there is no such number. The same pick twice is one.
    """
    with alone(root, report):
        desk = open_desk(root)
        with desk.memory:
            bench, step = _bench(desk, address)
            request = bench.compose(step)
            texts = _read_shown(bench, step, request)
            if not 1 <= number <= len(texts):
                raise UsageError(f"there is no text {number}", where=address, mend=f"There are 1 to {len(texts)}.")
            return _land(bench, step, request, texts, number=number, by=by)


def _bench(desk: Desk, address: str) -> tuple[Bench, Step]:
    found, plan = find(desk.root, desk.library, address)
    step = plan.step(found.step)
    if step is None or by_person(step) or text_step(step) != step.id:
        known = ", ".join(f"{plan.brief.name}/{each.id}" for each in plan.steps if not by_person(each))
        raise UsageError("a trial takes one step that a model writes", where=address, mend=f"Name one of {known}")
    return Bench(desk=desk, plan=plan), step


def _models(desk: Desk, bench: Bench, step: Step, names: Sequence[str]) -> tuple[Model, ...]:
    known = desk.library.config.models
    odd = sorted(set(names) - desk.library.models) if known else []
    if odd:
        there = sorted(desk.library.models)
        raise UsageError(
            f"`{odd[0]}` is neither a role nor a model",
            mend=nearest(odd[0], there, mend=f"There are: {', '.join(there)}."),
        )
    chains = (desk.chain(replace(step, model=name), bench.plan.brief) for name in names) if known else ()
    models = tuple(dict.fromkeys(chain[0] for chain in chains))
    if any(model.provider == "offline" for model in models):
        mend = "Take it out: its text names itself, and never stands in the place of a model's."
        raise UsageError("`offline` is no model, and cannot be tried beside one", mend=mend)
    if len(models) < FEWEST:
        named, pair = ", ".join(model.name for model in known) or "none: see copydesk models", _pair(desk)
        example = f", like --try {','.join(pair)}" if len(pair) == FEWEST else ""
        mend = f"Name two or more{example}; there are: {named}"
        raise UsageError("a trial needs two models to tell apart", mend=mend)
    return models


def _pair(desk: Desk) -> list[str]:
    """Return the names of the first models that can be tried beside one another, two at most."""
    return [model.name for model in desk.library.config.models if model.provider != "offline"][:FEWEST]


async def _ask(
    bench: Bench, step: Step, request: Request, models: tuple[Model, ...], report: Report
) -> list[_Text | _Failed]:  # fmt: skip
    """Ask each model, all at once, and return what each made, or why it made nothing."""
    desk = bench.desk

    async def one(model: Model) -> _Text | _Failed:
        alone = replace(request, chain=(model,))
        try:
            reply = await desk.caller.ask(alone)
            if reply.ending == "misshapen" and not reply.repair:
                reply = await desk.caller.ask(steps.repair_of(alone, reply))
            report(Progress(said="A model has answered."))
            return _made(bench, step, alone, model, reply)
        except BrokenError:
            raise
        except CopydeskError as error:
            return _Failed(why=error.what, cause=cause_of(error)[1])

    async with answering(desk, report):
        return list(await asyncio.gather(*(one(model) for model in models)))


def _made(bench: Bench, step: Step, request: Request, model: Model, reply: Reply) -> _Text | _Failed:
    """Return the text of a reply; of one that is no draft, why, and where what there is of it can be read."""
    said, problem = said_of(reply, request)
    key = request.key(model)
    if problem:
        where = ""
        if reply.text.strip():
            path = _folder(bench, step) / f"failed-{key[:8]}.md"
            disk.write_text(path, reply.text)
            where = f"; what there is of its text: {path.relative_to(bench.root).as_posix()}"
        return _Failed(why=f"a model {problem}{where}")
    slots = bench.slots(step, bench.made(step.id, request.recipe))
    text = steps.finish(said, bench.passages(step), tuple(dict(slots.now).values()))
    return _Text(
        text=text, key=key, provider=reply.provider, model=reply.model, usd=str(reply.usd) if reply.usd else "",
        notes=reply.notes,
    )  # fmt: skip


# What was shown --------------------------------------------------------------------------------------------------


def _folder(bench: Bench, step: Step) -> Path:
    return bench.root / FOLDER / bench.plan.brief.name / step.id


def _path(bench: Bench, step: Step, number: int, text: _Text) -> Path:
    """Return where a text lies. Another text has another name, so that one which somebody edited is never written over."""
    return _folder(bench, step) / f"{number}-{text.key[:8]}.md"


def _show(bench: Bench, step: Step, request: Request, texts: list[_Text]) -> tuple[TriedText, ...]:
    """Put the texts side by side, note what was shown and for which recipe, and return them as they are shown."""
    shown: list[TriedText] = []
    for number, each in enumerate(texts, 1):
        path = _path(bench, step, number, each)
        disk.write_new(path, each.text)
        shown.append(TriedText(number=number, path=path.relative_to(bench.root).as_posix(), text=each.text))
    told = {"recipe": request.recipe, "texts": [asdict(each) for each in texts]}
    disk.write_text(_folder(bench, step) / SHOWN, json.dumps(told))
    return tuple(shown)


def _read_shown(bench: Bench, step: Step, request: Request) -> list[_Text]:
    """Return the texts that were shown last; RefusedError if there are none, or they answer another request."""
    address = f"{bench.plan.brief.name}/{step.id}"
    pair = _pair(bench.desk)
    mend = f"Look at the texts first: copydesk build --try {','.join(pair)} {address}"
    if len(pair) < FEWEST:
        mend = "A trial needs two models under `models:` in copydesk.yml. What is configured: copydesk models"
    path = _folder(bench, step) / SHOWN
    if not path.exists():
        raise RefusedError("no trial of it was shown here", where=address, mend=mend)
    try:
        shown = json.loads(disk.read_text(path))
        texts = [_Text(**{**each, "notes": tuple(each["notes"])}) for each in shown["texts"]]
        recipe = shown["recipe"]
    except (ValueError, KeyError, TypeError) as error:
        raise RefusedError("what was shown cannot be read any more", where=address, mend=mend) from error
    if recipe != request.recipe:
        raise RefusedError("what this step is asked has changed since its trial", where=address, mend=mend)
    return texts


def _land(bench: Bench, step: Step, request: Request, texts: list[_Text], *, number: int, by: str) -> Tried:
    """Land the text that was picked, and take the others away, but for those that somebody edited."""
    brief, chosen = bench.plan.brief.name, texts[number - 1]
    made = bench.made(step.id, request.recipe)
    slots = bench.slots(step, made)
    problem = slots.problem(chosen.text, None)
    if problem:
        raise RefusedError(f"this text {problem}", where=f"{brief}/{step.id}", mend="Pick another, or try again.")
    names = tuple(each.name for each in texts)
    paid = any(each.key == chosen.key and each.usd for each in bench.history.events)  # picked before, and paid once
    event = Event(
        verb="made", brief=brief, step=step.id, by=by, what="trial", provider=chosen.provider, model=chosen.name,
        key=chosen.key, usd="" if paid else chosen.usd, notes=chosen.notes, picked=(str(number),), options=names,
    )  # fmt: skip
    suggestions = 0
    picked_before = made is not None and (made.what, made.recipe, made.key) == ("trial", request.recipe, chosen.key)
    if not picked_before:
        with store.brief_lock(bench.root, brief):
            bench.read_history()
            decision = runner.Decision(action="make", reasons=("a trial was picked",))
            suggestions = bench.finish(step, request, event, slots.carry(chosen.text, None), decision).suggestions
    for at, each in enumerate(texts, 1):
        path = _path(bench, step, at, each)
        if path.is_file() and disk.read_text(path) == each.text:
            disk.system().unlink(path)
    return Tried(
        address=f"{brief}/{step.id}", texts=(), picked=number, names=names, path=bench.plan.copy_path(step.id),
        suggestions=suggestions, again=picked_before,
    )  # fmt: skip
