"""Landing: the merged text takes the working copy's place, and a save at the same moment is not lost.

The copy is renamed aside and read again; the new text is linked in only if the name is still free. The aside stays
until `sweep`, since an editor may hold it open: `open` until the new text is in, then `done`; beside it lies `kept`, the
text it was merged as. A file that is removed or moved goes the same way. Promises: at every moment, and after a crash or failed call at any of them, each word of a person
is in the copy or in an aside that `sweep` brings home. Will not do: lock; one lander at a time is the caller's care.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from generator import disk
from generator.digest import digest_text
from generator.drafts.callouts import Callout, drop_callouts, meet
from generator.drafts.markdown.blocks import split_lines
from generator.drafts.merge import place, reunite
from generator.drafts.weave import Text
from generator.errors import DiskError
from generator.model import Landing, Merged, Suggestion

TRIES = 12
"""How often a landing begins again because somebody saved meanwhile, each time after a longer pause."""

PAUSE = 0.004
"""Seconds before the second try; grows by as much each time."""

REST = 0.04
"""Seconds without a write after which a save is taken to be over."""

PATIENCE = 50
"""How often a copy that is not at rest is looked at again."""

_ASIDE = re.compile(r"\.copydesk-aside-([0-9a-f]{32})-(\d{1,9})-(\d+)\.(open|done|kept)~(.+)", re.DOTALL)

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_CONFLICT = re.compile(r"(?:<{7}|>{7}|\|{7})(?: \S|[\r\n]|$)")

_count = itertools.count(time.time_ns())


def read_copy(path: Path) -> str | None:
    """Return the working copy, None if there is none; an empty file is an empty text. DiskError if it is not UTF-8."""
    try:
        return disk.read_text(path)
    except DiskError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return None
        raise


def wait_copy(path: Path) -> str | None:
    """Return the working copy once nobody has written to it for a moment: an editor may be half-way through a save.

    An editor that saves in place begins by emptying the file, so an empty one is waited for longer. Of a file that is
    saved without a pause, two readings that agree are taken for a whole save, unless they are empty; DiskError if there
    are no such two. A file whose time lies ahead of the clock is not waited for.
    """
    earlier: str | None = None
    for trial in range(PATIENCE):
        try:
            saved = path.stat().st_mtime
            age = time.time() - saved
            text = read_copy(path)
            rest = REST if text else REST * 12
            if not 0 <= age < rest and path.stat().st_mtime == saved:
                return text
        except OSError:
            return read_copy(path)
        if trial > PATIENCE // 2 and text and text == earlier:
            return text
        earlier = text
        time.sleep(REST / 2)
    raise DiskError("the file is being saved again and again", where=str(path), mend="Build again when it is at rest.")


def land(path: Path, *, base: str | None, theirs: str, carried: tuple[Suggestion, ...] = ()) -> Landing:
    """Merge `theirs`, the AI's new text, into the working copy at `path`, and say what became of it.

    `base` is the ancestor: the AI's last text, None if it has written none. Then a copy that is there is a person's:
    it stays as it is, and theirs is one suggestion. A copy that is not there is written whole. `carried` are the
    suggestions of `carry_over`, which join those of the merge. A copy that would not change is not touched. Callouts are
    no text: one in the copy stays at its block, unless theirs is without one that base has. Landing twice is landing once. DiskError if the disk fails, or if the file is saved again and again without a pause.
    """
    left = [aside for aside in _asides_in(path.parent) if aside.path == path and aside.state == "open"]
    merged, replaced, notes = _settle(path, left, lambda mine: meet(base, mine, theirs))
    joined = {each.id: each for each in (*merged.suggestions, *place(carried, merged.text))}
    return Landing(
        path=str(path),
        text=merged.text,
        ancestor=theirs,
        suggestions=tuple(joined.values()),
        replaced=replaced,
        notes=notes,
    )


def take_out(path: Path, callouts: Sequence[Callout]) -> bool:
    """Take these callouts out of the working copy at `path`; return whether the file was replaced.

    What is saved at the same moment stays, another callout too. DiskError as of `land`.
    """
    copy = read_copy(path)
    left = [aside for aside in _asides_in(path.parent) if aside.path == path and aside.state == "open"]
    _, replaced, _ = _settle(
        path, left, lambda mine: Merged(text=drop_callouts(copy or "" if mine is None else mine, callouts))
    )
    return replaced


def wants_sweep(folder: Path) -> bool:
    """Whether anything lies in `folder` or below it that a landing or another write left, or is about to finish."""
    waiting = [os.fspath(folder)]
    while waiting:
        with disk.naming(folder), contextlib.suppress(FileNotFoundError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.name.startswith(disk.TEMPORARY):
                    return True
                if entry.name[0] != "." and entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
    return False


def sweep(folder: Path) -> tuple[str, ...]:
    """Mend what landings in `folder` and below left over; return a note for each text that was brought home.

    A copy whose landing was cut short is put back; a save that came through an aside is merged into the copy, and the
    aside waits for another sweep, as its editor may not be done; an aside in which nothing changed is dropped, and so
    are unfinished files of processes that are gone. DiskError, after all else is mended, if something could not be.
    """
    notes: list[str] = []
    failures: list[DiskError] = []
    for inner in _folders(folder):
        by_path: dict[Path, list[_Aside]] = {}
        for aside in _asides_in(inner):
            by_path.setdefault(aside.path, []).append(aside)
        for path, asides in by_path.items():
            try:
                notes += _sweep_one(path, asides)
            except DiskError as error:
                failures.append(error)
        disk.drop_unfinished(inner)
    if failures:
        raise failures[0]
    return tuple(notes)


def mend(path: Path) -> tuple[str, ...]:
    """Do for one file what `sweep` does for a folder; return the notes."""
    disk.drop_unfinished(path.parent)
    return _sweep_one(path, [aside for aside in _asides_in(path.parent) if aside.path == path])


def remove(path: Path, *, known: frozenset[str]) -> bool:
    """Remove the text at `path` if its digest is among `known`; return whether it is gone.

    False, and it stays, if it is another text, or if somebody saved one meanwhile. A file that is not there is gone.
    Cut short, the file comes back by `mend` or `sweep`. DiskError if the disk fails, or if it is no text.
    """
    mend(path)
    with disk.naming(path):
        text = read_copy(path)
        if text is None or digest_text(text) not in known:
            return text is None
        aside = _new_aside(path, text)
        try:
            disk.system().rename(path, aside.here)
        except OSError as error:
            disk.discard(aside.at("kept"))
            if isinstance(error, FileNotFoundError):
                return True
            raise
        try:
            gone = disk.read_text(aside.here) == text
            if gone:
                disk.system().rename(aside.here, aside.at("done"))
        except BaseException:
            with contextlib.suppress(OSError):
                _put_back(aside)
            raise
        if not gone:
            _put_back(aside)
    mend(path)
    return gone


def move(old: Path, new: Path) -> bool:
    """Give the text at `old` the name `new` if that is free; return False if something else has it.

    What is saved under the old name meanwhile comes along. A file that is not there is moved. Cut short, the text is at
    one of the names or at both, and the same call finishes. DiskError if the disk fails, or if it is no text.
    """
    mend(old)
    mend(new)
    with disk.naming(new):
        text = read_copy(old)
        if text is None:
            return True
        aside = replace(_new_aside(new, text), state="done")
        try:
            _link_once(old, new)
            disk.system().rename(old, aside.here)
        except OSError as error:
            disk.discard(aside.at("kept"))
            if isinstance(error, FileExistsError):
                return False
            raise
    mend(new)
    return True


def _link_once(old: Path, new: Path) -> None:
    """Give a file a second name if it has not got it already; FileExistsError if another file has."""
    try:
        disk.system().link(old, new)
    except FileExistsError:
        if not new.samefile(old):
            raise


@dataclass(frozen=True, kw_only=True)
class _Aside:
    """A copy that was renamed aside: of `path`, merged as the text with that `digest`, by the process `pid`."""

    path: Path
    digest: str
    pid: int
    number: int
    state: str

    def at(self, state: str) -> Path:
        """Where it lies in that state."""
        name = f"{disk.TEMPORARY}aside-{self.digest}-{self.pid}-{self.number}.{state}~{self.path.name}"
        return self.path.parent / name

    @property
    def here(self) -> Path:
        """Where it lies."""
        return self.at(self.state)

    def read_kept(self) -> str | None:
        """Return the text it was merged as, None if that is lost."""
        with contextlib.suppress(DiskError):
            text = disk.read_text(self.at("kept"))
            if digest_text(text) == self.digest:
                return text
        return None

    def drop(self) -> None:
        """Remove it: first the aside, so that what is left without `kept` is never needed."""
        disk.discard(self.here)
        if not self.here.exists():
            disk.discard(self.at("kept"))


def _new_aside(path: Path, text: str) -> _Aside:
    """Return an aside that is not there yet, but whose `kept` is."""
    aside = _Aside(path=path, digest=digest_text(text), pid=os.getpid(), number=next(_count), state="open")
    fresh = disk.write_beside(path, text)
    try:
        disk.system().rename(fresh, aside.at("kept"))
    except BaseException:
        disk.discard(fresh)
        raise
    return aside


def _settle(
    path: Path, left: Sequence[_Aside], meet: Callable[[str | None], Merged]
) -> tuple[Merged, bool, tuple[str, ...]]:
    """Put `meet(copy)` in the place of the copy, with what the asides in `left` hold, and retire them.

    Returns what was put there, whether the file was replaced, and notes.
    """
    waiting = list(left)
    notes: list[str] = []
    with disk.naming(path):
        for trial in range(TRIES):
            if trial:
                time.sleep(PAUSE * trial)
            copy = read_copy(path)
            if copy is None and waiting:
                if _put_back(waiting[-1]):
                    waiting.pop()
                    notes.append(f"{path.name}: a landing was cut short; the copy is in its place again.")
                continue
            held = [(aside, _read_held(aside)) for aside in waiting]
            mine = copy
            for aside, own in held:
                mine = _with_held(aside, own, mine)
            merged = meet(mine)
            if merged.text == copy or _swap(path, copy, merged.text, waiting):
                for aside, own in held:
                    _retire(aside, own)
                if mine != copy:
                    notes.append(f"{path.name}: a save that came while it was landed on was merged in.")
                return merged, merged.text != copy, tuple(notes)
    raise DiskError("the file is being saved again and again", where=str(path), mend="Build again when it is at rest.")


def _swap(path: Path, copy: str | None, text: str, waiting: list[_Aside]) -> bool:
    """Put `text` where `copy` is; return False if it is not `copy` any more. May leave an aside to be merged."""
    if copy is None:
        return disk.write_new(path, text)
    fresh = disk.write_beside(path, text)
    try:
        aside = _new_aside(path, copy)
        try:
            disk.system().rename(path, aside.here)
        except OSError as error:
            disk.discard(aside.at("kept"))
            if isinstance(error, FileNotFoundError):
                return False
            raise
        if _take_place(path, aside, copy, fresh):
            with contextlib.suppress(OSError):
                disk.system().rename(aside.here, aside.at("done"))
            return True
        if not _put_back(aside):
            waiting.append(aside)
        return False
    finally:
        disk.discard(fresh)


def _take_place(path: Path, aside: _Aside, copy: str, fresh: Path) -> bool:
    """Link `fresh` in if the aside is what was merged and the name is free. On an error the aside goes back first."""
    try:
        if disk.read_text(aside.here) != copy:
            return False
        disk.system().link(fresh, path)
    except FileExistsError:
        return False
    except BaseException:
        with contextlib.suppress(OSError):
            _put_back(aside)
        raise
    return True


def _put_back(aside: _Aside) -> bool:
    """Give an aside its name again; return False if the name is taken."""
    try:
        disk.system().link(aside.here, aside.path)
    except FileExistsError:
        return False
    except FileNotFoundError:
        return True
    aside.drop()
    return True


def _read_held(aside: _Aside) -> str | None:
    """Return what an aside holds now, None if there is nothing in it that the copy has not: it is gone, or the copy."""
    with contextlib.suppress(OSError):
        if aside.here.samefile(aside.path):
            return None
    return read_copy(aside.here)


def _is_unchanged(aside: _Aside, own: str) -> bool:
    """Whether nobody wrote into an aside, or somebody has begun to: cut it short and not yet written it again."""
    if digest_text(own) == aside.digest:
        return True
    kept = aside.read_kept()
    return kept is not None and kept.startswith(own)


def _with_held(aside: _Aside, own: str | None, mine: str | None) -> str | None:
    """Return the copy `mine` with what a person wrote into an aside, and with the aside if the copy does not go on from it.

    The second happens when somebody appended to the name while it was free: then the copy is the addition alone.
    """
    if own is None or mine is None:
        return mine
    kept = aside.read_kept()
    unchanged = _is_unchanged(aside, own)
    whole = kept if unchanged and kept is not None else own
    if aside.state == "open" and not _goes_on(mine, whole):
        return reunite("", whole, mine)
    return mine if unchanged else reunite(kept or "", own, mine)


def _goes_on(text: str, earlier: str) -> bool:
    """Whether a text still has half the blocks of an earlier one, so that the others were removed on purpose."""
    known = Text(earlier).known - {""}
    return 2 * len(known & Text(text).known) >= len(known)


def _retire(aside: _Aside, own: str | None) -> None:
    """Keep an aside whose words are in the copy for what its editor may still write; nothing fails if this does."""
    with contextlib.suppress(OSError):
        if own is None:
            aside.drop()
        elif _is_unchanged(aside, own):
            disk.system().rename(aside.here, aside.at("done"))
        else:
            anew = _new_aside(aside.path, own)
            disk.system().rename(aside.here, anew.at("done"))
            disk.discard(aside.at("kept"))


def _folders(folder: Path) -> Iterator[Path]:
    """Return a folder and all below it; names that begin with a dot, and symlinks, are not entered."""
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        yield here
        with contextlib.suppress(FileNotFoundError), os.scandir(here) as entries:
            waiting += sorted(
                Path(entry.path) for entry in entries if entry.name[0] != "." and entry.is_dir(follow_symlinks=False)
            )


def _asides_in(folder: Path) -> list[_Aside]:
    """Return the asides in a folder, and each `kept` text that has no aside, oldest first."""
    found: dict[tuple[str, ...], _Aside] = {}
    for mark in filter(None, map(_ASIDE.fullmatch, _names(folder))):
        digest, pid, number, state, name = mark.groups()
        aside = _Aside(path=folder / name, digest=digest, pid=int(pid), number=int(number), state=state)
        if state == "kept":
            found.setdefault((digest, pid, number, name), aside)
        else:
            found[digest, pid, number, name] = aside
    return sorted(found.values(), key=lambda aside: (aside.pid, aside.number))


def _names(folder: Path) -> list[str]:
    """Return the names of what copydesk left in a folder."""
    with disk.naming(folder):
        try:
            return [name for name in os.listdir(folder) if name.startswith(disk.TEMPORARY)]  # noqa: PTH208 - names are wanted
        except FileNotFoundError:
            return []


def _sweep_one(path: Path, asides: Sequence[_Aside]) -> tuple[str, ...]:
    """Mend what was left over of landings at one path; return the notes."""
    waiting: list[_Aside] = []
    for aside in asides:
        if aside.state == "kept":
            if not disk.is_alive(aside.pid):
                disk.discard(aside.here)
            continue
        own = _read_held(aside)
        if own is None or (aside.state == "done" and _is_spent(aside, own)):
            aside.drop()
        elif aside.state == "open" or not _is_unchanged(aside, own):
            waiting.append(aside)
    if not waiting:
        return ()
    _, _, notes = _settle(path, waiting, lambda mine: Merged(text=mine or ""))
    for aside in (replace(each, state="done") for each in waiting):
        own = _read_held(aside)
        if own is not None and digest_text(own) == aside.digest:
            aside.drop()
    return notes


def _is_spent(aside: _Aside, own: str) -> bool:
    """Whether an aside of a finished landing may go: nobody wrote into it, or what began to is of an earlier run."""
    return digest_text(own) == aside.digest or (aside.pid != os.getpid() and _is_unchanged(aside, own))


def conflict_line(text: str) -> int:
    """Return the line, from 1, of the first conflict marker of git outside fenced code; 0 if there is none."""
    fence = ""
    for number, line in enumerate(split_lines(text), 1):
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence) and not line[mark.end() :].strip():
            fence = ""
        elif not fence and _CONFLICT.match(line):
            return number
    return 0
