"""Steps: those of a workflow and of a brief become one graph, and the graph becomes a Plan.

Promises: no recursion, so 5,000 steps are as good as four; every fault is told at its place in the file that says it; a
plan holds each step after all that it needs, otherwise in the order declared. Will not do: decide what is made again.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice, product
from math import prod
from types import MappingProxyType
from typing import Any

from generator.briefs.located import Loc, Source, near
from generator.briefs.schema import EVERY_SOURCE, NO_SETTINGS, CommonForm, DeliverableForm, StepForm
from generator.disk import DEVICES
from generator.matter import FINDING_LIMIT
from generator.model import Brief, Finding, Plan, Step

HUMAN = ("human/choose", "human/write", "human/approve")
INSTANCE_LIMIT = 10_000
"""Instances that one brief may fan out into."""

BUILT_IN = "built-in "
"""How the path of a built-in workflow begins in findings."""

SKIPPED = "No sources: the body is the source; research is skipped."

Dimensions = dict[str, tuple[str, ...]]

EXPLANATIONS = {
    "B030": "Ids and matrix values have only a-z, 0-9 and hyphens, at most 60 of them: they become names of files, which"
    " must not differ by case or by letters that look alike, nor name a device (con, nul, com1).",
    "B031": "Two entries of one file have the same id. An entry replaces the keys of a step only in a workflow's list.",
    "B032": "A step must say what it uses: a prompt, or human/choose, human/write, human/approve.",
    "B033": "No prompt has that name, neither built in nor in prompts/.",
    "B034": "A step needs one that is not there.",
    "B035": "A step needs itself, so it could never begin.",
    "B036": "Steps need one another in a circle, so none of them could begin. The message names the circle.",
    "B037": "A fan-out is too large, empty, or names a value twice.",
    "B038": "Two fan-outs of one name with different values meet in a step. Give one of them another name, or say"
    " `gather: true` where the instances come together.",
    "B039": "With models configured, a step's `model` is a role or a model of copydesk.yml.",
    "B040": "`by-hand` names a step that is not there.",
    "B041": "The step is a person's already: `uses: human/…` and `by-hand` say the same thing twice.",
    "B044": "`human/choose` chooses among the options in the text of the one step it needs. Where it needs several,"
    " `with: {from: STEP}` says which.",
    "B045": "`min` and `max` under `with` say how many options are chosen: whole numbers above 0, `min` not above `max`.",
    "B046": "`human/approve` passes the text of the one step it needs on, once a person has approved it. A page is approved"
    " by itself: deliver the step that makes it.",
    "B042": "There is no step, so nothing could be made.",
    "B043": "A slot names the step whose text is placed, byte for byte. It must be there, it must be another step, and the"
    " text that it is placed in must be a model's: what a person writes is theirs, and nothing is put into it.",
}


@dataclass(kw_only=True)
class Entry:
    """A step as merged: a value for each key given, and which file says it where."""

    id: str
    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, tuple[Source[Any], int]] = field(default_factory=dict)

    def get(self, key: str, default: Any) -> Any:
        """Return the value of a field of StepForm."""
        return self.values.get(key, default)

    @property
    def needs(self) -> list[str]:
        """The steps that it reads, whose texts are placed in its own, or that it chooses from."""
        chosen = self.get("with_", {}).get("from", "") if self.get("uses", "") == "human/choose" else ""
        return [*self.get("needs", ()), *self.get("slots", ()), *([chosen] if chosen else [])]

    def is_built_in(self, key: str) -> bool:
        """Whether a built-in workflow gives that key."""
        return self.origins[key][0].path.startswith(BUILT_IN)

    def say(self, code: str, loc: Loc, message: str, fix: str) -> Finding:
        """Return a finding at the place of a key, or of the id if nobody gives that key."""
        known = loc and str(loc[0]).rstrip("_") in self.origins
        source, index = self.origins[str(loc[0]) if known else "id"]
        inner = loc if known else ("id",)
        node = source.at(("steps", index, *inner))
        return Finding(
            code=code, level="error", message=message, fix=fix, path=source.path, line=node.line, column=node.column
        )


@dataclass(kw_only=True)
class Merged:
    """The steps of a workflow and a brief by id, in the order declared, and what is wrong with their ids.

    `groups` are the names under which the sources are kept apart.
    """

    entries: dict[str, Entry] = field(default_factory=dict)
    by_hand: dict[str, str] = field(default_factory=dict)
    by_hand_from: Source[Any] | None = None
    groups: tuple[str, ...] = ()
    findings: list[Finding] = field(default_factory=list)


def id_problem(name: str) -> str:
    """Return why an id cannot be one, "" if it can."""
    if not re.fullmatch(r"[a-z0-9-]+", name):
        return "has characters other than a-z, 0-9 and hyphens"
    if name in DEVICES:
        return "names a device on some machines"
    return "is longer than 60 characters" if len(name) > 60 else ""


def merge_steps(
    workflow: Source[Any] | None, brief: Source[Any] | None, groups: tuple[str, ...] = ("source",)
) -> Merged:
    """Return the steps: the workflow's, whose keys a brief's entry of the same id replaces, then the brief's own."""
    merged = Merged(groups=groups)
    for source in (workflow, brief):
        if source is None:
            continue
        form: CommonForm = source.form
        if source.has("by_hand"):
            merged.by_hand, merged.by_hand_from = dict(form.by_hand), source
        seen: set[str] = set()
        for index, each in enumerate(form.steps):
            _merge_entry(merged, source, index, each, seen)
    return merged


def _merge_entry(merged: Merged, source: Source[Any], index: int, form: StepForm, seen: set[str]) -> None:
    entry = Entry(id=form.id, origins={"id": (source, index)})
    problem = id_problem(form.id)
    if problem:
        fix = f"Write: id: {slug(form.id)}"
        merged.findings.append(entry.say("B030", ("id",), f"the id `{form.id[:80]}` {problem}", fix))
    if form.id in seen:
        merged.findings.append(entry.say("B031", ("id",), f"the id `{form.id}` stands twice", "Call one otherwise."))
        return
    seen.add(form.id)
    entry = merged.entries.setdefault(form.id, entry)
    for name in form.model_fields_set:
        entry.values[name] = getattr(form, name)
        entry.origins[name.rstrip("_")] = (source, index)


def slug(text: str) -> str:
    """Return a text as words of a-z and 0-9 with hyphens between."""
    words = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60].strip("-") or "step"
    return f"{words}-step" if words in DEVICES else words


# Checking --------------------------------------------------------------------------------------------------------


def check_steps(merged: Merged, *, prompts: frozenset[str], models: frozenset[str]) -> list[Finding]:
    """Return everything that is wrong with the steps and how they need one another."""
    found = chain(
        merged.findings, _check_entries(merged, prompts, models), _check_by_hand(merged), _check_circles(merged)
    )
    return list(islice(found, FINDING_LIMIT)) or _check_fan(merged)


def _check_entries(merged: Merged, prompts: frozenset[str], models: frozenset[str]) -> Iterator[Finding]:
    for entry in merged.entries.values():
        yield from _check_uses(entry, prompts, models)
        yield from _check_needs(entry, merged.entries)
        yield from _check_slots(entry, merged.entries)
        yield from _check_choice(entry, merged.by_hand.get(entry.id, ""), merged.entries)
        yield from _check_matrix(entry)


def _check_circles(merged: Merged) -> Iterator[Finding]:
    for circle in _circles(merged.entries):
        shown = circle if len(circle) <= 12 else [*circle[:6], "…", *circle[-5:]]
        entry = merged.entries[circle[0]]
        message = f"steps need one another in a circle: {' -> '.join(shown)}"
        key = "needs" if circle[1] in entry.get("needs", ()) else "slots"
        yield entry.say("B036", (key,), message, f"Take one of these {key} away.")


def _check_uses(entry: Entry, prompts: frozenset[str], models: frozenset[str]) -> Iterator[Finding]:
    uses, model = entry.get("uses", ""), entry.get("model", "")
    if not uses:
        yield entry.say(
            "B032",
            ("id",),
            f"the step `{entry.id}` does not say what it uses",
            "Add `uses:` and a prompt, or `workflow:` if it changes a step of one.",
        )
    elif uses not in prompts and uses not in HUMAN:
        yield entry.say("B033", ("uses",), f"there is no prompt `{uses[:80]}`", near(uses, (*prompts, *HUMAN)))
    if model and models and model not in models and not entry.is_built_in("model"):
        yield entry.say("B039", ("model",), f"`{model[:80]}` is neither a role nor a model", near(model, models))


def _check_needs(entry: Entry, entries: Mapping[str, Entry]) -> Iterator[Finding]:
    for index, need in enumerate(entry.get("needs", ())):
        if need == entry.id:
            yield entry.say("B035", ("needs", index), f"the step `{need}` needs itself", "Take it out of its needs.")
        elif need not in entries:
            fix = near(need, [name for name in entries if name != entry.id])
            yield entry.say("B034", ("needs", index), f"there is no step `{need[:80]}` to need", fix)


def _check_slots(entry: Entry, entries: Mapping[str, Entry]) -> Iterator[Finding]:
    slots = entry.get("slots", ())
    if slots and entry.get("uses", "") in HUMAN:
        message = f"a person writes `{entry.id}`, so nothing is placed in it"
        yield entry.say("B043", ("slots",), message, "Name the slots in the step that a model writes.")
        return
    for index, slot in enumerate(slots):
        if slot == entry.id:
            message, fix = f"the step `{slot}` is placed in itself", "Take it out of its slots."
            yield entry.say("B043", ("slots", index), message, fix)
        elif slot not in entries:
            fix = near(slot, [name for name in entries if name != entry.id])
            yield entry.say("B043", ("slots", index), f"there is no step `{slot[:80]}` to place", fix)


def _check_choice(entry: Entry, by_hand: str, entries: Mapping[str, Entry]) -> Iterator[Finding]:
    """Check how a person's step is answered: which text is approved or chosen from, and how many of its options."""
    uses, settings = entry.get("uses", ""), entry.get("with_", {})
    if uses == "human/approve" and len(entry.get("needs", ())) != 1:
        message, fix = (
            f"`{entry.id}` does not say which text is approved",
            "Write: needs: [STEP], one step and no more.",
        )
        yield entry.say("B046", ("needs",), message, fix)
    if uses != "human/choose" and by_hand != "choose":
        return
    needs, named = entry.get("needs", ()), settings.get("from", "")
    if uses == "human/choose" and named and (named not in entries or named == entry.id):
        message, fix = f"there is no step `{named[:80]}` to choose from", near(named, [*entries])
        yield entry.say("B044", ("with", "from"), message, fix)
    elif uses == "human/choose" and not named and len(needs) != 1:
        message = f"`{entry.id}` does not say from which step's text to choose"
        fix = f"Write: with: {{from: {needs[0]}}}" if needs else "Add `needs:` and the step that offers the options."
        yield entry.say("B044", ("uses",), message, fix)
    for name in ("min", "max"):
        if not re.fullmatch(r"0*[1-9][0-9]{0,3}", settings.get(name, "1")):
            message = f"`{settings[name][:80]}` is no number of options"
            yield entry.say("B045", ("with", name), message, f"Write a whole number above 0: {name}: 1")
            return
    least, most = int(settings.get("min", "1")), int(settings.get("max", settings.get("min", "1")))
    if least > most:
        message = f"at least {least} and at most {most} options cannot both hold"
        yield entry.say("B045", ("with", "max"), message, f"Write: max: {least}")


def _check_matrix(entry: Entry) -> Iterator[Finding]:
    strategy = entry.get("strategy", None)
    for name, values in strategy.matrix.items() if strategy else ():
        loc = ("strategy", "matrix", name)
        if id_problem(name):
            yield entry.say("B030", loc, f"the name `{name[:80]}` {id_problem(name)}", f"Write: {slug(name)}")
        if not values:
            yield entry.say("B037", loc, f"the fan-out `{name}` has no values", "Give it some, or take it away.")
        seen: set[str] = set()
        for index, value in enumerate(values):
            problem = id_problem(value)
            if value == EVERY_SOURCE and len(values) == 1:
                continue
            if problem:
                yield entry.say("B030", (*loc, index), f"the value `{value[:80]}` {problem}", f"Write: {slug(value)}")
            elif value in seen:
                yield entry.say("B037", (*loc, index), f"the value `{value}` stands twice", "Take one away.")
            seen.add(value)


def _check_by_hand(merged: Merged) -> Iterator[Finding]:
    for name, done in merged.by_hand.items():
        source = merged.by_hand_from
        assert source is not None
        node = source.at(("by-hand", name), key=True)
        entry = merged.entries.get(name)
        code, message, fix = "", "", ""
        if entry is None:
            code, message, fix = "B040", f"there is no step `{name[:80]}` to do by hand", near(name, merged.entries)
        elif entry.get("uses", "") in HUMAN:
            code, message = "B041", f"`{name}` is a person's step already; `{done}` cannot be said again"
            fix = "Take it out of by-hand."
        if code:
            yield Finding(
                code=code, level="error", message=message, fix=fix, path=source.path, line=node.line, column=node.column
            )


def _circles(entries: Mapping[str, Entry]) -> Iterator[list[str]]:
    """Yield one circle for each knot of steps that need one another, its first step named again at the end."""
    needs = {name: [n for n in entry.needs if n in entries and n != name] for name, entry in entries.items()}
    left = set(entries) - set(in_order(needs))
    done: set[str] = set()
    for start in entries:
        walk: list[str] = []
        place: dict[str, int] = {}
        at: str | None = start if start in left and start not in done else None
        while at is not None and at not in place:
            place[at] = len(walk)
            walk.append(at)
            at = next((need for need in needs[at] if need in left and need not in done), None)
        if at is not None:
            yield [*walk[place[at] :], at]
        done.update(walk)


def in_order(needs: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the names, each after all it needs, otherwise in the order given; those in or behind a circle are left out."""
    rank = {name: index for index, name in enumerate(needs)}
    names = list(needs)
    waiting = {name: len(set(each)) for name, each in needs.items()}
    feeds: dict[str, list[str]] = {name: [] for name in needs}
    for name, each in needs.items():
        for need in set(each):
            feeds[need].append(name)
    ready = [rank[name] for name, count in waiting.items() if not count]
    ordered = []
    while ready:
        name = names[heapq.heappop(ready)]
        ordered.append(name)
        for fed in feeds[name]:
            waiting[fed] -= 1
            if not waiting[fed]:
                heapq.heappush(ready, rank[fed])
    return ordered


def _check_fan(merged: Merged) -> list[Finding]:
    """Check what the fan-outs come to; only for steps that are right otherwise."""
    if not any(entry.get("strategy", None) for entry in merged.entries.values()):
        return []
    dimensions: dict[str, Dimensions] = {}
    total = 0
    steps = {step.id: step for step in make_steps(merged)}
    for name in in_order({step.id: step.needs for step in steps.values()}):
        found, clash = _dimensions(steps[name], dimensions)
        entry = merged.entries[name]
        if clash:
            message = f"two fan-outs called `{clash}` with different values meet in `{name}`"
            return [entry.say("B038", ("needs",), message, "Call one otherwise, or say `gather: true`.")]
        dimensions[name] = found
        total += prod(len(values) for values in found.values())
        if len(name) + sum(1 + max(map(len, values)) for values in found.values()) > 200:
            message = f"the ids of the instances of `{name}` have more than 200 characters"
            return [entry.say("B037", ("strategy",), message, "Give it shorter values, or fewer fan-outs.")]
        if total > INSTANCE_LIMIT:
            message = f"the fan-out comes to more than {INSTANCE_LIMIT:,} instances at `{name}`"
            return [entry.say("B037", ("strategy",), message, "Give it fewer values, or say `gather: true`.")]
    return []


# Placeholders -------------------------------------------------------------------------------------------------------


PLACEHOLDER = re.compile(r"\{([a-z0-9-]+)\}")


def fill(value: Any, values: Mapping[str, str]) -> Any:
    """Return a value of a workflow with `{brief}` and `{INPUT}` in its texts replaced; what is no placeholder stays."""
    if isinstance(value, str):
        return PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), value)
    if isinstance(value, list):
        return [fill(each, values) for each in value]
    if isinstance(value, dict):
        return {key: fill(each, values) for key, each in value.items()}
    return value


def unknown_placeholders(value: Any, known: Iterable[str]) -> list[str]:
    """Return the placeholders in a value of a workflow, its lists, maps, steps and deliverables, that nothing stands for."""
    waiting, found = [value], []
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            found += [name for name in PLACEHOLDER.findall(each) if name not in known]
        elif isinstance(each, DeliverableForm | StepForm):
            waiting += [each.page, each.email, each.posts] if isinstance(each, DeliverableForm) else [each.with_]
        elif isinstance(each, list | dict):
            waiting += each.values() if isinstance(each, dict) else each
    return found


# Planning --------------------------------------------------------------------------------------------------------


def make_steps(merged: Merged, values: Mapping[str, str] = MappingProxyType({})) -> tuple[Step, ...]:
    """Return the merged entries as steps, in the order declared; `values` stand for the placeholders of a workflow."""
    return tuple(_make_step(entry, merged, values) for entry in merged.entries.values())


def kept_apart(merged: Merged) -> tuple[str, ...]:
    """Return the names of the fan-outs whose values are the names of the sources."""
    strategies = (entry.get("strategy", None) for entry in merged.entries.values())
    names = (name for each in strategies if each for name, values in each.matrix.items() if values == [EVERY_SOURCE])
    return tuple(dict.fromkeys(names))


def _make_step(entry: Entry, merged: Merged, values: Mapping[str, str]) -> Step:
    get, by_hand, groups = entry.values.get, merged.by_hand.get(entry.id, ""), merged.groups
    settings = get("with_", {})
    if settings and entry.origins["with"][0].letter == "W":
        settings = fill(settings, values)
    strategy = get("strategy")
    given = strategy.matrix.items() if strategy else ()
    matrix = ((name, groups if values == [EVERY_SOURCE] else tuple(values)) for name, values in given)
    uses = get("uses", "")
    return Step(
        id=entry.id, base=entry.id, uses=uses, needs=tuple(dict.fromkeys(entry.needs)),
        slots=tuple(dict.fromkeys(get("slots", ()))), model=get("model", ""), with_=tuple(settings.items()),
        matrix=tuple((name, values) for name, values in matrix if values),
        gather=get("gather", False), config=get("config", NO_SETTINGS).pairs, by_hand=by_hand or (uses.removeprefix("human/") if uses in HUMAN else ""),
    )  # fmt: skip


def workflow_steps(library: Any, name: str) -> tuple[Step, ...]:
    """Return the steps of a workflow as it declares them, each after what it needs; fan-outs are not expanded."""
    merged = merge_steps(library.declared[name], None, ("one for each of the brief's sources",))
    found = {step.id: step for step in make_steps(merged)}
    return tuple(found[each] for each in in_order({step.id: step.needs for step in found.values()}))


def plan_for(brief: Brief) -> Plan:
    """Return the plan of a brief: fan-outs expanded, each step after what it needs, `research` dropped if no sources."""
    steps, notes = without_research(brief.steps, bool(brief.sources))
    by_id = {step.id: step for step in steps}
    order = [by_id[name] for name in in_order({step.id: step.needs for step in steps})]
    if any(step.matrix for step in order):
        order = list(expand(order))
    return Plan(brief=brief, steps=tuple(order), notes=notes)


def without_research(steps: Sequence[Step], sourced: bool) -> tuple[tuple[Step, ...], tuple[str, ...]]:  # noqa: FBT001
    """Return the steps without research, and the note that says so, if there are no sources to research."""
    dropped = {step.id for step in steps if step.uses == "research" and step.by_hand != "write"}
    if sourced or not dropped:
        return tuple(steps), ()
    kept = (
        replace(
            step,
            needs=tuple(need for need in step.needs if need not in dropped),
            slots=tuple(slot for slot in step.slots if slot not in dropped),
        )
        for step in steps if step.id not in dropped
    )  # fmt: skip
    return tuple(kept), (SKIPPED,)


def _dimensions(step: Step, known: Mapping[str, Dimensions]) -> tuple[Dimensions, str]:
    """Return what a step fans out by, inherited ones first, and the name of one that it has with different values."""
    found: Dimensions = {}
    inherited = [] if step.gather else [known[need] for need in step.needs]
    for each in (*inherited, dict(step.matrix)):
        for name, values in each.items():
            if found.setdefault(name, values) != values:
                return found, name
    return found, ""


def expand(order: Sequence[Step]) -> Iterator[Step]:
    """Yield the instances of steps that stand in order; a need is the instances whose values agree with its own."""
    dimensions: dict[str, Dimensions] = {}
    for step in order:
        dimensions[step.id], _ = _dimensions(step, dimensions)
        names = tuple(dimensions[step.id])
        for values in product(*dimensions[step.id].values()):
            point = dict(zip(names, values, strict=True))
            needs = (each for need in step.needs for each in _agreeing(need, dimensions[need], point))
            slots = (each for slot in step.slots for each in _agreeing(slot, dimensions[slot], point))
            yield replace(
                step, id=".".join((step.id, *values)), needs=tuple(needs), slots=tuple(slots), matrix=(),
                point=tuple(point.items()),
            )  # fmt: skip


def _agreeing(base: str, dimensions: Dimensions, point: Mapping[str, str]) -> Iterator[str]:
    choices = ((point[name],) if point.get(name) in values else values for name, values in dimensions.items())
    for values in product(*choices):
        yield ".".join((base, *values))
