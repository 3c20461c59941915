"""What a brief delivers and rests on: deliverables with the steps they come from, and the files that it names.

Promises: no path that a brief gives leads out of the workspace or into a folder that copydesk writes; two things never
share a file. Will not do: read a source, or see what other briefs claim.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from generator import disk
from generator.briefs.graph import expand, fill, in_order, without_research
from generator.briefs.located import Loc, Source, near
from generator.briefs.schema import DeliverableForm
from generator.errors import CopydeskError
from generator.model import Deliverable, DeliverableKind, Step

KINDS: tuple[DeliverableKind, ...] = ("page", "email", "posts")
Problem = tuple[str, str, str] | None
"""What is wrong with a file: the finding's code, message and mend."""

OURS = ("drafts", "history", "outbox", "site")
"""Folders that copydesk writes: what lies there is no evidence for anything."""

EXPLANATIONS = {
    "B050": "A deliverable is one of `page`, `email` and `posts`.",
    "B051": "`from` names the step whose text is delivered; there is no such step.",
    "B052": "Two deliverables come from one step. A step has one working copy, so each deliverable needs its own.",
    "B053": "Two deliverables would share one working copy: the last part of their names, and their kind, are the same.",
    "B054": "The name of a deliverable becomes a path, which must stay in its folder and work on every machine: no `..`,"
    " no backslash, no leading slash, no name of a device, no hidden part, no `.md` at the end.",
    "B055": "`count` says how many posts; pages and e-mails are one.",
    "B056": "A `human/approve` step passes the text of another one on and has none of its own: deliver that other step.",
    "B058": "The step fans out, so its instances are several texts: name one of them, as in `from: draft.cmo`.",
    "B059": "The text of a research step is delivered, and without sources there is no research.",
    "B060": "The path of a source or context file leads out of the workspace, or into a folder that copydesk writes.",
    "B061": "A source or context file is not there. A bare name lies under sources/, one with a slash is relative to the"
    " workspace.",
    "B062": "A source or context file must be a file, not a folder: name the files in it.",
    "B063": "A file is named twice. It is read once.",
}


@dataclass(frozen=True, kw_only=True)
class Delivering:
    """What deliverables are made from: the brief's source, the workflow's, the steps declared.

    `values` holds the brief's name and inputs, by the placeholders that stand for them.
    """

    brief: Source[Any]
    workflow: Source[Any] | None
    steps: tuple[Step, ...]
    sourced: bool
    values: Mapping[str, str]

    @property
    def name(self) -> str:
        """The brief's name."""
        return self.values["brief"]


def make_deliverables(given: Delivering) -> tuple[Deliverable, ...]:
    """Return the brief's deliverables, else its workflow's, else one page from the last step; findings go to the file.

    A deliverable without `from` is the text of the workflow's step for that kind, of a step called like its kind, or
    of the last step.
    """
    declared = [source for source in (given.brief, given.workflow) if source and source.has("deliverables")]
    kept, _ = without_research(given.steps, given.sourced)
    gates = {step.id for step in kept if step.uses == "human/approve"}  # they pass a text on and have none of their own
    last = next((step.id for step in reversed(kept) if step.id not in gates), "")
    if not declared or not declared[0].form.deliverables:
        return (Deliverable(kind="page", name=given.name, step=last),) if last else ()
    source = declared[0]
    instances = {step: ids for step, ids in _instances(kept).items() if step not in gates}
    made: list[Deliverable] = []
    shared: dict[tuple[str, str], Deliverable] = {}
    for index, form in enumerate(source.form.deliverables):
        loc: Loc = ("deliverables", index)
        kind = None if source.full else _kind(source, loc, form)
        if kind is None:
            continue
        name = fill(getattr(form, kind), given.values if source.letter == "W" else {"brief": given.name})
        _check_name(source, (*loc, kind), kind, name)
        if kind != "posts" and "count" in form.model_fields_set:
            source.say("B055", (*loc, "count"), f"`count` is for posts; this is {kind}", "Take it away.", key=True)
        step = form.from_ or _default_step(given, kind, last)
        if _check_step(source, (*loc, "from"), step, given.steps, instances):
            each = Deliverable(kind=kind, name=name, step=step, count=form.count if kind == "posts" else 0)
            _check_shared(source, (*loc, kind), each, shared)
            made.append(each)
    return tuple(made)


def _kind(source: Source[Any], loc: Loc, form: DeliverableForm) -> DeliverableKind | None:
    kinds = [kind for kind in KINDS if getattr(form, kind)]
    if len(kinds) == 1:
        return kinds[0]
    message = f"this is {' and '.join(kinds)} at once" if kinds else "this says neither page, email nor posts"
    source.say("B050", loc, message, "Write one entry for each, like: - page: news/tally-3")
    return None


def _instances(steps: tuple[Step, ...]) -> dict[str, list[str]]:
    """Return the ids of the instances of each step."""
    found: dict[str, list[str]] = {step.id: [step.id] for step in steps}
    if any(step.matrix for step in steps):
        by_id = {step.id: step for step in steps}
        needs = {step.id: [need for need in step.needs if need in by_id] for step in steps}
        found = {step.id: [] for step in steps}
        for step in expand([by_id[name] for name in in_order(needs)]):
            found[step.base].append(step.id)
    return found


def _default_step(given: Delivering, kind: str, last: str) -> str:
    for source in (given.workflow,):
        for form in source.form.deliverables if source else ():
            if getattr(form, kind) and form.from_:
                return str(form.from_)
    return kind if any(step.id == kind for step in given.steps) else last


def _check_step(
    source: Source[Any], loc: Loc, step: str, declared: tuple[Step, ...], instances: dict[str, list[str]]
) -> bool:
    if step in instances:
        if instances[step] == [step]:
            return True
        several = instances[step]
        source.say("B058", loc, f"`{step}` fans out into {', '.join(several[:8])}", f"Write: from: {several[0]}")
    elif any(step in each for each in instances.values()):
        return True
    elif any(each.id == step and each.uses == "human/approve" for each in declared):
        needed = next(each.needs[0] for each in declared if each.id == step)
        source.say(
            "B056", loc, f"`{step}` only passes a text on", f"Write: from: {needed}. A page is approved by itself."
        )
    elif any(each.id == step for each in declared):
        fix = "Name sources, or deliver the text of another step."
        source.say("B059", loc, f"without sources there is no step `{step}`", fix)
    else:
        known = [name for each in instances.values() for name in each]
        source.say("B051", loc, f"there is no step `{step[:80]}` to deliver", near(step, known))
    return False


def _check_name(source: Source[Any], loc: Loc, kind: str, name: str) -> None:
    try:
        parts = disk.check_relative(name).parts
    except CopydeskError as error:
        source.say("B054", loc, error.what, error.mend)
        return
    if kind != "page" and len(parts) > 1:
        source.say("B054", loc, f"the name of {kind} has a slash", f"Write: {kind}: {parts[-1]}")
    elif name.lower().endswith(".md"):
        source.say("B054", loc, "the name ends in `.md`, which is added by itself", f"Write: {kind}: {name[:-3]}")
    elif any(part.startswith(".") for part in parts):
        source.say("B054", loc, "a part begins with a dot, so it would be hidden", "Take the dot away.")
    elif any(len(part.encode()) > 200 for part in parts):
        source.say("B054", loc, "a part is longer than 200 bytes", "Shorten it.")


def _check_shared(source: Source[Any], loc: Loc, new: Deliverable, shared: dict[tuple[str, str], Deliverable]) -> None:
    """Tell of an earlier deliverable from the same step, or with the same working copy."""
    old = shared.setdefault(("step", new.step), new)
    alike = shared.setdefault(("copy", new.draft_name.casefold()), new)
    if old is not new:
        message = f"`{new.name}` and `{old.name}` come from one step, `{new.step}`"
        source.say("B052", loc, message, "Add `from:` and a step of its own.")
    elif alike is not new:
        message = f"`{new.name}` and `{alike.name}` would share the working copy {new.draft_name}"
        source.say("B053", loc, message, "Give one of them another last part.")


# Files -----------------------------------------------------------------------------------------------------------


def check_files(
    root: Path, sources: Sequence[Source[Any]], looked: dict[str, Problem], values: Mapping[str, str]
) -> None:
    """Add a finding for every source and context file that is missing, not a file, or not the team's own.

    Each list is looked for in the first of `sources` that gives it: the brief, then its workflow.
    `looked` remembers what was found, since many briefs name the same files.
    """
    for key in ("sources", "context"):
        source = next((each for each in sources if each.has(key)), sources[0])
        seen: set[str] = set()
        for loc, typed in _named_files(source, key):
            name = fill(typed, values) if source.letter == "W" else typed
            if source.full:
                return
            if name in seen:
                source.say("B063", loc, f"`{name}` is named twice", "Take one away.", level="warn")
                continue
            seen.add(name)
            place = disk.place_of(name)
            if place not in looked:
                looked[place] = _file_problem(root, place)
            problem = looked[place]
            if problem:
                source.say(problem[0], loc, problem[1], problem[2])


def _named_files(source: Source[Any], key: str) -> list[tuple[Loc, str]]:
    """Return the files under `sources` or `context` as typed, each with its place; one may serve two names."""
    if key == "context":
        return [((key, index), name) for index, name in enumerate(source.form.context)]
    groups: dict[str, list[str]] = source.form.sources
    files: list[tuple[Loc, str]] = [
        ((key, group, index), name) for group, names in groups.items() for index, name in enumerate(names)
    ]
    return (
        files
        if len(groups) == 1
        else [each for n, each in enumerate(files) if each[1] not in {f for _, f in files[:n]}]
    )


def _file_problem(root: Path, place: str) -> Problem:
    try:
        parts = disk.check_relative(place).parts
        if parts[0] in OURS or any(part.startswith(".") for part in parts):
            return "B060", f"{place} lies where copydesk writes, or is hidden", "Copy it to sources/ and name it there."
        path = disk.inside(root, place)
        with disk.naming(path):
            if path.is_file():
                return None
            if path.exists():
                return "B062", f"{place} is not a file", "Name a file in it."
    except CopydeskError as error:
        return "B060", error.what, error.mend or "Copy the file into the workspace."
    return "B061", f"there is no file {place}", _nearest_file(root, place)


def _nearest_file(root: Path, place: str) -> str:
    folder = PurePosixPath(place).parent
    try:
        names = [name for name in sorted(path.name for path in (root / folder).iterdir()) if name.isprintable()]
    except (OSError, ValueError):
        names = []
    return near(PurePosixPath(place).name, names, otherwise=f"Put it there: {place}")
