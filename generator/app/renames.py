"""New names for briefs, steps and what they deliver, with history, edits and approvals kept.

Promises: everything is checked before anything is written; a rename that was interrupted is finished by asking for it
again, whatever was built or published in between; what stands at the new name is never overwritten unless history holds
it; no build runs meanwhile; history files never move. Will not do: rename a step that a workflow declares for many briefs.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from pathlib import Path

from generator import briefs, disk, drafts, review, store
from generator.app.addresses import Address, find, read_plan
from generator.app.decisions import Owners, known_bytes, open_library
from generator.app.deliveries import known_renderings, rendering_path
from generator.digest import digest_text
from generator.errors import BrokenError, DiskError, RefusedError, UsageError
from generator.model import Brief, Event, History, Plan

FOLDER = "content_briefs"
TRIES = 9
"""How often a brief is edited again because somebody saved the same lines meanwhile."""


def rename(root: Path, old: str, new: str, *, by: str) -> tuple[str, ...]:
    """Rename a brief (`OLD` to `NEW`), a step (`BRIEF/OLD` to `NEW`) or what a brief delivers; return what was done.

    A page goes from its path to a path, an e-mail or a file of posts from its path to a name in the same folder. Waits for a build that runs. Raises UsageError, RefusedError, UnsafePathError or BrokenError before anything is
    written, and RefusedError at the end of a rename that met a text which was not there when it began.
    """
    with store.build_lock(root, lambda: None):
        drafts.sweep(root / FOLDER)
        library = open_library(root)
        names = briefs.brief_names(root)
        moves = _Moves(root, library)
        plain = old.removesuffix(".md").removeprefix(f"{FOLDER}/")
        brief, _, step = plain.partition("/")
        plan = read_plan(root, brief, library) if brief in names and step else None
        if plain in names or (plain in store.history_names(root) and "/" not in plain):
            _rename_brief(moves, plain, new.removesuffix(".md").removeprefix(f"{FOLDER}/"), by=by)
        elif plan is not None and (_declares(plan, step) or _orphan_step(root, plan, step, new)):
            _refuse_workflow_step(library, plan, step)
            _rename_step(moves, plan, step, new.removeprefix(f"{brief}/"), by=by)
        else:
            _rename_delivered(moves, old, new, by=by)
        moves.end()
        return tuple(moves.told)


class _Moves:
    """Gives files new names where those are free; remembers what was done, and what is in the way."""

    def __init__(self, root: Path, library: briefs.Library) -> None:
        self.root, self.library = root, library
        self.told: list[str] = []
        self.stuck: list[tuple[str, str]] = []

    def file(self, old: str, new: str, known: frozenset[str] = frozenset()) -> None:
        """Move a file. One of two texts gives way to the other if its digest is `known`, or if they are the same."""
        source, target = disk.inside(self.root, old), disk.inside(self.root, new)
        if old == new:
            return
        drafts.mend(source)
        if not source.exists():
            return
        try:
            moved = drafts.move(source, target) or _give_way(source, target, known)
        except DiskError as error:
            if isinstance(error.__cause__, OSError):
                raise
            moved = False
        if moved:
            self.told.append(f"{old} is {new}")
        else:
            self.stuck.append((old, new))

    def rendering(self, old: str, new: str) -> None:
        """Move the HTML of an approved e-mail, both paths being those of the text. What copydesk wrote gives way."""
        before, after = rendering_path(old), rendering_path(new)
        if before and after:
            self.file(before, after, known_renderings(self.root, before, after))

    def folder(self, old: str, new: str, known: frozenset[str]) -> None:
        """Move a folder, file by file if there is one of the new name."""
        source, target = disk.inside(self.root, old), disk.inside(self.root, new)
        if not source.is_dir():
            return
        drafts.sweep(source)
        if not target.exists():
            with disk.naming(target):
                disk.system().make_folder(target.parent)
                disk.system().rename(source, target)
            self.told.append(f"{old} is {new}")
            return
        drafts.sweep(target)
        for path in files_in(source):
            self.file(f"{old}/{path}", f"{new}/{path}", known)
        for each in (*sorted((path for path in source.rglob("*") if path.is_dir()), reverse=True), source):
            with contextlib.suppress(OSError):  # it is not empty: what is in it stays where it is
                each.rmdir()

    def end(self) -> None:
        """Raise RefusedError if something could not move."""
        if self.stuck:
            listed = ", ".join(f"{old} to {new}" for old, new in self.stuck)
            mend = "Keep one of the two by hand, then ask again."
            raise RefusedError(f"cannot move {listed}: both hold words", where=self.stuck[0][1], mend=mend)


def files_in(folder: Path) -> tuple[str, ...]:
    """Return the files below a folder as paths relative to it, sorted, without what copydesk left unfinished."""
    found = (path for path in folder.rglob("*") if not path.is_dir() and not path.name.startswith(disk.TEMPORARY))
    return tuple(sorted(path.relative_to(folder).as_posix() for path in found))


def _give_way(source: Path, target: Path, known: frozenset[str]) -> bool:
    own, there = drafts.read_copy(source), drafts.read_copy(target)
    if own != there and drafts.remove(target, known=known):
        return drafts.move(source, target)
    return drafts.remove(source, known=known | {digest_text(there or "")})


def _made(history: History, event: Event) -> frozenset[str]:
    """Return the digests of what the AI had written when `event` came: what a build may have restored since."""
    texts = (each.text for each in history.events if each.verb == "made" and history.saw(event, each))
    return frozenset(digest_text(text) for text in texts if text is not None)


# What is refused -------------------------------------------------------------------------------------------------


def _refuse_clashes(root: Path, pairs: Iterable[tuple[str, str]]) -> None:
    """Refuse a rename if a file that would move meets another text."""
    for old, new in pairs:
        source, target = disk.inside(root, old), disk.inside(root, new)
        if old != new and source.is_file() and target.exists() and not source.samefile(target):
            raise RefusedError(f"{old} cannot move: there is one of that name", where=new, mend="Move one aside.")


def _refuse_taken(root: Path, library: briefs.Library, own: frozenset[str], new: str, *, begun: bool) -> None:
    """Refuse a page's path that another brief delivers or claims, that a file of the team's has, or that is an address."""
    if disk.inside(root, new).exists() and not begun:
        raise RefusedError("there is a page of that name already", where=new, mend="Choose another name.")
    address = new.removeprefix("docs/").removesuffix(".md")
    for name in briefs.brief_names(root):
        try:
            plan = read_plan(root, name, library)
        except BrokenError:
            continue
        pages = {each.path_in(name).casefold() for each in plan.brief.deliverables}
        taken = new.casefold() in pages and name not in own
        if taken or (address == name and name not in own) or address in {f"{name}/{each.id}" for each in plan.steps}:
            raise RefusedError(f"the brief {name} answers to that name", where=new, mend="Choose another name.")
    owner = Owners(root).other(new, *own)
    if owner:
        raise RefusedError(f"the page belongs to the brief {owner}", where=new, mend="Choose another name.")


def _parse(root: Path, library: briefs.Library, name: str, text: str) -> Brief:
    """Return the brief that a text is; BrokenError with all that is wrong with it."""
    brief, findings = briefs.parse_brief(text, root=root, name=name, library=library)
    if brief is None:
        errors = tuple(each for each in findings if each.level == "error")
        raise BrokenError(
            f"the brief would be broken: {errors[0].message}",
            where=f"{FOLDER}/{name}.md",
            mend=errors[0].fix,
            findings=errors,
        )
    return brief


# Briefs ----------------------------------------------------------------------------------------------------------


def _rename_brief(moves: _Moves, old: str, new: str, *, by: str) -> None:
    """Rename a brief: the event, the brief's file, then what lies in folders of its name, and pages named after it."""
    root, library = moves.root, moves.library
    problem = briefs.name_problem(new)
    if problem or old == new:
        what = problem or "that is its name already"
        raise UsageError(f"the brief cannot be called {new!r}: {what}", mend="Use a-z, 0-9 and hyphens.")
    first, second = sorted((old, new))
    with store.brief_lock(root, first), store.brief_lock(root, second):
        source, target = (disk.inside(root, f"{FOLDER}/{name}.md") for name in (old, new))
        text = drafts.read_copy(source)
        if text is not None and target.exists() and not target.samefile(source):
            raise RefusedError("both briefs exist", where=f"{FOLDER}/{new}.md", mend="Choose another name.")
        whole = drafts.read_copy(target) if text is None else text
        if whole is None:
            raise UsageError(f"there is no brief {old!r}", mend="See what there is: copydesk status")
        pages = _followers(root, library, whole, old, new)
        event = _arrival(root, old, new)
        if text is not None and event is None:
            _check_brief(root, library, old, new, pages)
        if text is not None or event is None:
            event = store.record_rename(root, "brief", old, new, brief=old, by=by)
        moves.told.append(f"history follows {old} to {new}")
        moves.file(f"{FOLDER}/{old}.md", f"{FOLDER}/{new}.md")
        for before, after, _, _ in pages:
            if before != after:
                store.record_rename(root, "page", before, after, brief=new, by=by)
        _move_brief(moves, old, new, pages, event)


_Page = tuple[str, str, str, str]
"""A deliverable that takes its name from the brief: its path and its copy's file name, each old and new."""


def _followers(root: Path, library: briefs.Library, text: str, old: str, new: str) -> tuple[_Page, ...]:
    """Return the pages that follow the brief: one that names none delivers one of its own name, or `{brief}` in one."""
    before, after = (_parse(root, library, name, text) for name in (old, new))
    return tuple(
        (one.path_in(new), other.path_in(new), one.draft_name, other.draft_name)
        for one, other in zip(before.deliverables, after.deliverables, strict=True)
        if one.name != other.name
    )


def _arrival(root: Path, old: str, new: str) -> Event | None:
    """Return the rename as the history of the new name tells it, None if it has not happened."""
    events = reversed(store.read_history(root, new).events)
    return next((each for each in events if (each.what, each.old, each.new) == ("brief", old, new)), None)


def _check_brief(root: Path, library: briefs.Library, old: str, new: str, pages: tuple[_Page, ...]) -> None:
    claimed = review.claims(store.read_history(root, old))
    for before, after, _, _ in pages:
        if after.startswith("docs/"):
            begun = before not in claimed and after in claimed
            _refuse_taken(root, library, frozenset({old, new}), after, begun=begun)
    fresh = {was: now for _, _, was, now in pages}
    fresh |= {f"{was[:-3]}.html": f"{now[:-3]}.html" for was, now in fresh.items()}
    for top in ("drafts", "outbox"):
        paths = files_in(root / top / old)
        _refuse_clashes(root, ((f"{top}/{old}/{path}", f"{top}/{new}/{fresh.get(path, path)}") for path in paths))


def _move_brief(moves: _Moves, old: str, new: str, pages: tuple[_Page, ...], event: Event) -> None:
    history = store.read_history(moves.root, new)
    made, claimed = _made(history, event), review.claims(history)
    approved = frozenset(
        digest for path in claimed if path.startswith("outbox/") for digest in known_bytes(history, path)
    )
    moves.folder(f"drafts/{old}", f"drafts/{new}", made)
    html = (f"outbox/{name}/{path}" for name in (old, new) for path in files_in(moves.root / "outbox" / name))
    approved |= known_renderings(
        moves.root, *(path for path in html if rendering_path(f"{path.removesuffix('html')}md"))
    )
    moves.folder(f"outbox/{old}", f"outbox/{new}", approved)
    for before, after, was, now in pages:
        moves.file(f"drafts/{new}/{was}", f"drafts/{new}/{now}", made)
        if after in claimed:
            moves.file(before, after, known_bytes(history, after))
            moves.rendering(before, after)


# Steps -----------------------------------------------------------------------------------------------------------


def _declares(plan: Plan, step: str) -> bool:
    return any(each.base == step for each in plan.steps)


def _orphan_step(root: Path, plan: Plan, old: str, new: str) -> bool:
    """Whether the brief says `new` already and only the history and working copy still say `old`."""
    history = store.read_history(root, plan.brief.name)
    told = (each.old if each.what == "step" else each.step.partition(".")[0] for each in history.events)
    return _declares(plan, new.removeprefix(f"{plan.brief.name}/")) and old in told


def _refuse_workflow_step(library: briefs.Library, plan: Plan, step: str) -> None:
    declared = library.declared.get(plan.brief.workflow)
    if declared is not None and any(each.id == step for each in declared.form.steps):
        mend = f"Rename it in workflows/{plan.brief.workflow}.yml, then here."
        raise RefusedError(f"the workflow {plan.brief.workflow} declares {step!r} for every brief", mend=mend)


def _rename_step(moves: _Moves, plan: Plan, old: str, new: str, *, by: str) -> None:
    """Rename a step: the event, the brief's text, then the copies. A build after the event alone keeps what it finds."""
    root, brief = moves.root, plan.brief
    if not re.fullmatch(r"[a-z0-9-]+", new):
        raise UsageError(f"a step cannot be called {new!r}", mend="Use a-z, 0-9 and hyphens.")
    if _declares(plan, new) and _declares(plan, old):
        raise RefusedError(f"the brief has a step {new!r} already", where=brief.path, mend="Choose another name.")
    with store.brief_lock(root, brief.name):
        folder = f"drafts/{brief.name}/steps"
        names = [name for name in files_in(disk.inside(root, folder)) if name.removesuffix(".md").split(".")[0] == old]
        pairs = [(f"{folder}/{name}", f"{folder}/{new}{name.removeprefix(old)}") for name in names]
        if _declares(plan, old):
            _edited(moves, brief, "step", old, new)
            if not _told(store.read_history(root, brief.name), "step", old, new):
                _refuse_clashes(root, pairs)
        event = store.record_rename(root, "step", old, new, brief=brief.name, by=by)
        moves.told.append(f"history follows {brief.name}/{old} to {brief.name}/{new}")
        if _declares(plan, old):
            _edit_brief(moves, brief, "step", old, new)
        made = _made(store.read_history(root, brief.name), event)
        for before, after in pairs:
            moves.file(before, after, made)


def _told(history: History, what: str, old: str, new: str) -> bool:
    return any((each.verb, each.what, each.old, each.new) == ("renamed", what, old, new) for each in history.events)


# Pages, e-mails and posts -----------------------------------------------------------------------------------------


def _rename_delivered(moves: _Moves, old: str, new: str, *, by: str) -> None:
    """Rename what a brief delivers: its text, the event, the copy, the file. A build after any of them goes on from it."""
    root, library = moves.root, moves.library
    found, plan, begun = _find_delivered(root, library, old, new)
    name, source = plan.brief.name, found.path
    target = _called(source, new)
    if source == target:
        raise UsageError("it has that name already", where=source)
    copies = [f"drafts/{name}/{path.rpartition('/')[2]}" for path in (source, target)]
    with store.brief_lock(root, name):
        if not begun:
            kind, (folder, ending) = _kind(source), _frame(source)
            before, after = (path.removeprefix(folder).removesuffix(ending) for path in (source, target))
            if any(part.startswith(".") for part in after.split("/")):
                raise UsageError(f"the path {after!r} is hidden", mend="Begin no part of it with a dot.")
            told = _told(store.read_history(root, name), "page", source, target)
            _refuse_taken(root, library, frozenset({name}), target, begun=told)
            _refuse_clashes(root, [(copies[0], copies[1])])
            _edit_brief(moves, plan.brief, kind, before, after)
        event = store.record_rename(root, "page", source, target, brief=name, by=by)
        moves.told.append(f"history follows {source} to {target}")
        history = store.read_history(root, name)
        moves.file(copies[0], copies[1], _made(history, event))
        if target in review.claims(history):
            moves.file(source, target, known_bytes(history, target))
            moves.rendering(source, target)


def _kind(path: str) -> str:
    """Return what kind of deliverable lies at a path: page, email or posts."""
    return next(
        (kind for kind in ("email", "posts") if path.startswith("outbox/") and path.endswith(f".{kind}.md")), "page"
    )


def _frame(path: str) -> tuple[str, str]:
    """Return the folder and the ending that a deliverable keeps whatever it is called."""
    kind = _kind(path)
    return ("docs/", ".md") if kind == "page" else (f"{path.rpartition('/')[0]}/", f".{kind}.md")


def _called(path: str, new: str) -> str:
    """Return where what lies at `path` would lie if it were called `new`, a name or a path."""
    folder, ending = _frame(path)
    plain = new.removeprefix("./").removeprefix(folder).removesuffix(".md").removesuffix(ending.removesuffix(".md"))
    return f"{folder}{disk.check_relative(plain).as_posix()}{ending}"


def _find_delivered(root: Path, library: briefs.Library, old: str, new: str) -> tuple[Address, Plan, bool]:
    """Return what is called `old`, and whether its brief says the new name already: its rename was cut short."""
    try:
        found, plan = find(root, library, old)
    except UsageError as error:
        plain = old.removeprefix("./").removesuffix(".md")
        source = f"{plain}.md" if plain.startswith("outbox/") else f"docs/{plain.removeprefix('docs/')}.md"
        target = _called(source, new)
        try:
            found, plan = find(root, library, target)
        except UsageError:
            raise error from None
        if found.path != target or not _was_called(root, plan, found, source):
            raise
        return Address(brief=found.brief, step=found.step, path=source), plan, True
    if not found.path:
        what = "only briefs, steps and what they deliver can be renamed"
        raise UsageError(what, where=old, mend="Name one: copydesk status")
    return found, plan, False


def _was_called(root: Path, plan: Plan, found: Address, source: str) -> bool:
    """Whether history, or a copy that lies there still, knows the page by an earlier name that is still its own."""
    history = store.read_history(root, found.brief)
    if _told(history, "page", source, found.path) or source in review.claims(history):
        return True
    copy = f"drafts/{found.brief}/{source.rpartition('/')[2]}"
    wrote = any(each.step == found.step and copy in (each.path, each.old) for each in history.events)
    return wrote and all(copy != plan.copy_path(each.id) for each in plan.steps)


# The brief's text ------------------------------------------------------------------------------------------------


def _edited(moves: _Moves, brief: Brief, kind: str, old: str, new: str) -> tuple[str, str]:
    """Return the brief's text and the one with the new name; RefusedError or BrokenError if there can be none."""
    text = disk.read_text(disk.inside(moves.root, brief.path))
    fresh = briefs.rename_in_brief(text, kind, old, new)
    if fresh is None:
        raise RefusedError(f"the brief does not name {old!r} itself", where=brief.path, mend="Write it there.")
    parsed = _parse(moves.root, moves.library, brief.name, fresh)
    delivered = {each.name for each in parsed.deliverables if each.kind == kind}
    names = {each.base for each in parsed.steps} if kind == "step" else delivered
    if new not in names or old in names:
        raise RefusedError(f"the brief would not say {new!r}", where=brief.path, mend="Write it there.")
    return text, fresh


def _edit_brief(moves: _Moves, brief: Brief, kind: str, old: str, new: str) -> None:
    """Write the new name into the brief; what is saved there meanwhile is merged in."""
    place = disk.inside(moves.root, brief.path)
    for _ in range(TRIES):
        text, fresh = _edited(moves, brief, kind, old, new)
        landed = drafts.land(place, base=text, theirs=fresh).text
        drafts.mend(place)
        if briefs.rename_in_brief(landed, kind, old, new) is None:
            moves.told.append(f"{brief.path} says {new}")
            return
    raise RefusedError("the brief is being saved again and again", where=brief.path, mend="Ask again.")
