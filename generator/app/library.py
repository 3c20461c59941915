"""What briefs can be made of: workflows to choose among, prompts to read and make one's own.

Promises: what is told of a workflow is what a brief of it would do; nothing that lies in prompts/ is overwritten; an
ejected prompt says the same words as the built-in, so nothing is made again for it, and `check` tells when the built-in
moves on. Will not do: make a plan, or edit a prompt.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from generator import briefs, disk, steps
from generator.app.addresses import nearest
from generator.app.answers import PromptRow, WorkflowRow, WorkflowStep
from generator.errors import BrokenError, RefusedError, UsageError
from generator.model import Step

DOES = {"choose": "a person chooses", "write": "a person writes", "approve": "a person approves"}
TOLD = ("title", "owner", "audience", "goal", "keyword", "tags", "facts", "sources", "context", "checks", "max-cost")
"""Keys of a brief whose defaults are told."""


def workflows(root: Path) -> tuple[WorkflowRow, ...]:
    """Return every workflow by name; those of the workspace win over built-in ones."""
    prompts = steps.read_prompts(root)
    library = briefs.read_library(root, prompts=prompts.names)
    return tuple(_row(library, prompts, name) for name in library.workflows)


def workflow(root: Path, name: str) -> WorkflowRow:
    """Return one workflow with its steps; UsageError, with the nearest name, if there is none, BrokenError if it is broken."""
    prompts = steps.read_prompts(root)
    library = briefs.read_library(root, prompts=prompts.names)
    if name not in library.declared:
        mend = f"{nearest(name, library.workflows)} See them all: copydesk workflows".strip()
        raise UsageError(f"there is no workflow {name!r}", mend=mend)
    broken = tuple(each for each in library.declared[name].findings if each.level == "error")
    if broken:
        raise BrokenError(
            f"the workflow {name} is broken", where=broken[0].path, mend="Mend it first.", findings=broken
        )
    return _row(library, prompts, name)


def _row(library: briefs.Library, prompts: steps.Prompts, name: str) -> WorkflowRow:
    source = library.declared[name]
    form = source.form
    told = tuple(_steps(briefs.workflow_steps(library, name), prompts)) if not source.findings else ()
    roles = dict.fromkeys(
        each.who.removeprefix("AI: ").partition(",")[0] for each in told if each.who.startswith("AI: ")
    )
    return WorkflowRow(
        name=name, whose="built-in" if source.path.startswith("built-in ") else "yours", description=form.description,
        steps=told, roles=tuple(roles), delivers=tuple(_delivers(form)),
        inputs=tuple((key, each.type, each.description, each.default) for key, each in form.inputs.items()),
        defaults=tuple(_defaults(source)),
    )  # fmt: skip


def _steps(found: tuple[Step, ...], prompts: steps.Prompts) -> Iterator[WorkflowStep]:
    roles = {prompt.name: prompt.model for prompt in prompts.prompts}
    depths: dict[str, int] = {}
    for step in found:
        depths[step.id] = max((depths[need] + 1 for need in step.needs), default=0)
        person = DOES.get(step.by_hand, "")
        who = (
            person
            if step.uses.startswith("human/") or step.by_hand == "write"
            else f"AI: {step.model or roles.get(step.uses, '')}"
        )
        if person and who != person:
            who += f", then {person}"
        fans = "; ".join(f"{name}: {', '.join(values)}" for name, values in step.matrix)
        yield WorkflowStep(
            id=step.id, uses=step.uses, who=who, reads=step.needs, depth=depths[step.id], fans=fans, gathers=step.gather
        )


def _delivers(form: Any) -> Iterator[str]:
    for each in form.deliverables:
        kind = next(kind for kind in ("page", "email", "posts") if getattr(each, kind))
        many = f"{each.count} posts for" if kind == "posts" else "a page" if kind == "page" else "an e-mail"
        yield f"{many} {getattr(each, kind)}" + (f", from {each.from_}" if each.from_ else "")


def _defaults(source: Any) -> Iterator[tuple[str, str]]:
    for key in TOLD:
        name = key.replace("-", "_")
        if source.has(name):
            value = getattr(source.form, name)
            if isinstance(value, dict):
                value = value.get("", [f"{each}: {said}" for each, said in value.items()])
            yield key, ", ".join(map(str, value)) if isinstance(value, list) else str(value)


# Prompts ----------------------------------------------------------------------------------------------------------------


def prompts(root: Path) -> tuple[PromptRow, ...]:
    """Return every prompt that a step may use, sorted by name; those of the workspace win over built-in ones."""
    rows = (_prompt_row(each) for each in steps.read_prompts(root).prompts)
    return tuple(sorted(rows, key=lambda row: row.name))


def prompt(root: Path, name: str, *, built_in: bool = False) -> PromptRow:
    """Return the prompt that a step would use, with its text, or the built-in of that name.

    Raises UsageError, with the nearest name, if there is none, BrokenError with all that is wrong with it.
    """
    if not built_in:
        known = steps.read_prompts(root)
        _refuse_unknown(name, known.names)
        found = known.get(name)
        if found.origin == "workspace":
            return _prompt_row(found, text=disk.read_text(disk.inside(root, found.path)))
    _refuse_unknown(name, steps.built_in_names())
    found = steps.built_in(name)
    return _prompt_row(found, text=steps.text_of(found))


def eject(root: Path, name: str) -> tuple[str, ...]:
    """Copy a built-in prompt to prompts/, where it wins by its name; return the path that was created.

    Raises UsageError, with the nearest name, if there is no such built-in, RefusedError if a file is there already.
    """
    _refuse_unknown(name, steps.built_in_names())
    text = steps.ejected_text(name)
    path = f"prompts/{name}.md"
    if not disk.write_new(disk.inside(root, path), text):
        raise RefusedError("there is a prompt of that name already, and it stays", where=path, mend=f"Edit {path}.")
    return (path,)


def _refuse_unknown(name: str, known: frozenset[str]) -> None:
    if name not in known:
        mend = f"{nearest(name, sorted(known))} See them all: copydesk prompts".strip()
        raise UsageError(f"there is no prompt {name!r}", mend=mend)


def _prompt_row(found: steps.Prompt, *, text: str = "") -> PromptRow:
    own = found.origin == "workspace"
    return PromptRow(
        name=found.name, whose="yours" if own else "built-in", description=found.description, model=found.model,
        path=found.path if own else "", ejected_from=found.ejected_from, text=text,
    )  # fmt: skip
