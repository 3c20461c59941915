"""New names for briefs, steps and pages, with history, edits and approvals kept.

Promises: a rename that was interrupted is finished by asking for it again; what stands at the new name is never
overwritten; history files never move. Will not do: rename a step that a workflow declares for many briefs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from generator import briefs, disk, store
from generator.app.addresses import Address, find
from generator.app.decisions import open_library
from generator.errors import RefusedError, UsageError
from generator.model import Plan


def rename(root: Path, old: str, new: str, *, by: str) -> tuple[str, ...]:
    """Rename a brief (`OLD` to `NEW`), a step (`BRIEF/OLD` to `NEW`) or a page (its path to a path); return what was done."""
    library = open_library(root)
    names = briefs.brief_names(root)
    plain = old.removesuffix(".md").removeprefix("content_briefs/")
    if plain in names or (plain in store.history_names(root) and "/" not in plain):
        return tuple(_rename_brief(root, plain, new.removesuffix(".md").removeprefix("content_briefs/"), by=by))
    brief, _, step = plain.partition("/")
    if brief in names and step:
        plan = briefs.plan_for(briefs.read(root, brief, library))
        if any(each.base == step for each in plan.steps) or _orphan_step(root, plan, step, new):
            _refuse_workflow_step(library, plan, step)
            return tuple(_rename_step(root, plan, step, new.removeprefix(f"{brief}/"), by=by))
    found, plan = find(root, library, old)
    if not found.path.startswith("docs/"):
        raise UsageError("only briefs, steps and pages can be renamed", where=old, mend="Name one: copydesk status")
    return tuple(_rename_page(root, plan, found, new, by=by))


def _orphan_step(root: Path, plan: Plan, old: str, new: str) -> bool:
    """Whether the brief says `new` already and only the history and working copy still say `old`."""
    history = store.read_history(root, plan.brief.name)
    return any(each.base == new for each in plan.steps) and any(event.step == old for event in history.events)


def _refuse_workflow_step(library: briefs.Library, plan: Plan, step: str) -> None:
    declared = library.declared.get(plan.brief.workflow)
    if declared is not None and any(each.id == step for each in declared.form.steps):
        mend = f"Rename it in workflows/{plan.brief.workflow}.yml, then here."
        raise RefusedError(f"the workflow {plan.brief.workflow} declares {step!r} for every brief", mend=mend)


def _rename_brief(root: Path, old: str, new: str, *, by: str) -> Iterator[str]:
    problem = briefs.name_problem(new)
    if problem:
        raise UsageError(f"a brief cannot be called {new!r}: {problem}", mend="Use a-z, 0-9 and hyphens.")
    first, second = sorted((old, new))
    with store.brief_lock(root, first), store.brief_lock(root, second):
        source, target = root / "content_briefs" / f"{old}.md", root / "content_briefs" / f"{new}.md"
        if source.exists() and target.exists():
            raise RefusedError("both briefs exist", where=f"content_briefs/{new}.md", mend="Choose another name.")
        if not source.exists() and not target.exists():
            raise UsageError(f"there is no brief {old!r}", mend="See what there is: copydesk status")
        if not source.exists() and any(each.old == old for each in store.read_history(root, new).events):
            yield f"history already follows {old} to {new}"
        else:
            store.record_rename(root, "brief", old, new, brief=old, by=by)
            yield f"history follows {old} to {new}"
        yield from _move(root, f"drafts/{old}", f"drafts/{new}")
        yield from _move(root, f"outbox/{old}", f"outbox/{new}")
        yield from _move(root, f"content_briefs/{old}.md", f"content_briefs/{new}.md")
        yield from _follow_pages(root, old, new, by=by)


def _follow_pages(root: Path, old: str, new: str, *, by: str) -> Iterator[str]:
    """Let pages that take their name from the brief follow it: a brief that names none delivers one of its own name."""
    plan = briefs.plan_for(briefs.read(root, new, open_library(root)))
    for each in plan.brief.deliverables:
        path, copy = each.path_in(new), plan.copy_path(each.step)
        before = replace(each, name=old)
        if each.name != new or path == before.path_in(new):
            continue
        if (root / copy).exists() or not (root / "drafts" / new / before.draft_name).exists():
            continue
        store.record_rename(root, "page", before.path_in(new), path, brief=new, by=by)
        yield from _move(root, f"drafts/{new}/{before.draft_name}", copy)
        yield from _move(root, before.path_in(new), path)


def _rename_step(root: Path, plan: Plan, old: str, new: str, *, by: str) -> Iterator[str]:
    brief = plan.brief
    if any(each.base == new for each in plan.steps) and any(each.base == old for each in plan.steps):
        raise RefusedError(f"the brief has a step {new!r} already", where=brief.path, mend="Choose another name.")
    with store.brief_lock(root, brief.name):
        if any(each.base == old for each in plan.steps):
            _edit_brief(root, plan, "step", old, new)
            yield f"{brief.path} says {new}"
        store.record_rename(root, "step", old, new, brief=brief.name, by=by)
        yield f"history follows {brief.name}/{old} to {brief.name}/{new}"
        folder = root / "drafts" / brief.name / "steps"
        for path in sorted(folder.glob("*.md")) if folder.is_dir() else ():
            if path.stem.partition(".")[0] == old:
                fresh = new + path.name.removeprefix(old)
                yield from _move(root, f"drafts/{brief.name}/steps/{path.name}", f"drafts/{brief.name}/steps/{fresh}")


def _rename_page(root: Path, plan: Plan, found: Address, new: str, *, by: str) -> Iterator[str]:
    page = disk.check_relative(new.removeprefix("./").removeprefix("docs/").removesuffix(".md")).as_posix()
    delivered = plan.deliverable(found.step)
    if delivered is None or delivered.name == page:
        raise UsageError("the page has that name already", where=found.path)
    target, brief = f"docs/{page}.md", plan.brief
    with store.brief_lock(root, brief.name):
        if disk.inside(root, target).exists():
            raise RefusedError("there is a page of that name already", where=target, mend="Choose another name.")
        copy = plan.copy_path(found.step)
        _edit_brief(root, plan, "page", delivered.name, page)
        yield f"{brief.path} says {page}"
        store.record_rename(root, "page", found.path, target, brief=brief.name, by=by)
        yield f"history follows {found.path} to {target}"
        yield from _move(root, copy, f"drafts/{brief.name}/{page.rpartition('/')[2]}.md")
        yield from _move(root, found.path, target)


def _edit_brief(root: Path, plan: Plan, kind: str, old: str, new: str) -> None:
    path = root / plan.brief.path
    text = briefs.rename_in_brief(disk.read_text(path), kind, old, new)
    if text is None:
        raise RefusedError(f"the brief does not name {old!r} itself", where=plan.brief.path, mend="Write it there.")
    disk.write_text(path, text)


def _move(root: Path, old: str, new: str) -> Iterator[str]:
    """Move a file or folder of ours to a free name; what is there already, or not there, is left alone."""
    source, target = root / old, root / new
    if source == target or not source.exists():
        return
    if target.exists():
        raise RefusedError(f"{old} cannot move: there is one of that name", where=new, mend="Move one aside by hand.")
    with disk.naming(target):
        disk.system().make_folder(target.parent)
        disk.system().rename(source, target)
    yield f"{old} is {new}"
