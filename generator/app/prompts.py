"""Prompts as people keep them: which there are, what one says, and a built-in one copied to be changed.

Promises: nothing that lies in prompts/ is overwritten; an ejected prompt says the same words as the built-in, so nothing
is made again for it, and `check` tells when the built-in moves on. Will not do: edit a prompt, or judge one.
"""

from __future__ import annotations

from pathlib import Path

from generator import disk, steps
from generator.app.addresses import nearest
from generator.app.answers import PromptRow
from generator.errors import RefusedError, UsageError


def prompts(root: Path) -> tuple[PromptRow, ...]:
    """Return every prompt that a step may use, sorted by name; those of the workspace win over built-in ones."""
    rows = (_row(each) for each in steps.read_prompts(root).prompts)
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
            return _row(found, text=disk.read_text(disk.inside(root, found.path)))
    _refuse_unknown(name, steps.built_in_names())
    found = steps.built_in(name)
    return _row(found, text=steps.text_of(found))


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


def _row(found: steps.Prompt, *, text: str = "") -> PromptRow:
    own = found.origin == "workspace"
    return PromptRow(
        name=found.name, whose="yours" if own else "built-in", description=found.description, model=found.model,
        path=found.path if own else "", ejected_from=found.ejected_from, text=text,
    )  # fmt: skip
