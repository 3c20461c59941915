"""Looks: the stamps of the files that each brief hangs on, so that a build knows which briefs need a look at all.

A stamp is a file's size, mtime, ctime and inode. Promises: a group whose files did not move is told apart by one `stat` a
path; a stamp that is not older than the moment it was taken is never trusted (a later write in the same tick would look
the same), nor is one of another version of copydesk; a damaged recording is no recording. Will not do: read a file. Loads
nothing but what a stamp needs: a build with nothing to do pays for every import.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
import zlib
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain
from operator import attrgetter
from pathlib import Path

from generator import __version__, disk
from generator.errors import DiskError
from generator.store.local import FOLDER, local_folder

NAME = "looks.sqlite"
GLOBAL = ""
"""The group of what every brief hangs on: config, workflows, prompts, the list of briefs."""

PATIENCE = 0.5
"""Seconds to wait for another process that is recording, which takes a tenth."""

WIDTH = 4
"""Numbers in a stamp."""

SLACK = 20_000_000
"""Nanoseconds by which a file's time may lag behind the clock: file systems stamp by the kernel's tick, 10 ms at most."""

COARSE = 2_000_000_000
"""The same where times have no nanoseconds: FAT counts in two seconds."""

ABSENT = array("q", (-2, 0, 0, 0)).tobytes()
UNTRUSTED = array("q", (-1, 0, 0, 0)).tobytes()
"""Stored for what cannot be trusted. A `stat` never gives it, so the group is looked at again."""

UNREADABLE = (-3, 0, 0, 0)
SIZE = len(ABSENT)

CREATE = """CREATE TABLE IF NOT EXISTS looks (
    name TEXT PRIMARY KEY, version TEXT, recorded_at INTEGER, checksum INTEGER,
    paths BLOB, stamps BLOB, groups BLOB, members BLOB, notes BLOB, total TEXT
)"""
READ = "SELECT version, checksum, paths, stamps, groups, members, notes, total FROM looks WHERE name = ?"

_numbers_of = attrgetter("st_size", "st_mtime_ns", "st_ctime_ns", "st_ino")


class Observed:
    """The stamps of some paths, and whether they can be trusted, at the moment before their contents are read."""

    __slots__ = ("_packed", "_paths")

    def __init__(self, stamps: Mapping[str, bytes]) -> None:
        # Two strings and not a dict: a build holds one of these for every brief.
        self._paths = os.fsencode("\0".join(stamps))
        self._packed = b"".join(stamps.values())

    def stamps(self) -> dict[str, bytes]:
        """Return the stamp of each path; of one that was just written, `UNTRUSTED`, which nothing equals later."""
        return {os.fsdecode(path): stamp for path, stamp in self.packed()}

    def packed(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield each path with its stamp, as they are stored."""
        paths = self._paths.split(b"\0") if self._packed else []
        for at, path in enumerate(paths):
            yield path, self._packed[at * SIZE : at * SIZE + SIZE]

    def joined(self, later: Observed) -> Observed:
        """Return what both observed; of a path that both did, the earlier stamp, since it was read after that one."""
        return Observed({**later.stamps(), **self.stamps()})


class Look:
    """What a build saw and said last time. `total` is the text of its summary."""

    __slots__ = ("_groups", "_members", "_notes", "_paths", "_root", "_stamps", "current", "total")

    def __init__(self, root: Path, version: str, row: tuple[str, int, bytes, bytes, bytes, bytes, bytes, str]) -> None:
        self._root = root
        written, _, self._paths, self._stamps, self._groups, self._members, self._notes, self.total = row
        self.current = written == version
        """Whether this version of copydesk wrote it."""

    def groups(self) -> tuple[str, ...]:
        """Return the groups that were recorded, the global one among them."""
        return tuple(os.fsdecode(name) for name in self._groups.split(b"\0")) if self._members else ()

    def changed(self) -> frozenset[str] | None:
        """Return the groups whose files moved since: none of them, nothing to do. None: look at everything.

        Everything is to be looked at if what all briefs hang on moved, or another version of copydesk looked.
        """
        if not self.current:
            return None
        now = _stamps_of(_below(self._root, self._paths))
        if now.tobytes() == self._stamps:
            return frozenset()
        moved = set(_moved(now.tobytes(), self._stamps))
        changed = {name for name, members in self.members() if not moved.isdisjoint(members)}
        return None if GLOBAL in changed else frozenset(changed)

    def notes(self) -> dict[str, str]:
        """Return the text recorded with each group that has one."""
        notes: dict[str, str] = json.loads(self._notes)
        return notes

    def members(self) -> Iterator[tuple[str, Sequence[int]]]:
        """Yield each group with the places of its paths among all paths."""
        names = self.groups()
        numbers = array("I")
        numbers.frombytes(self._members)
        ends = list(accumulate(numbers[: len(names)], initial=len(names)))
        for name, start, end in zip(names, ends, ends[1:], strict=False):
            yield name, numbers[start:end]

    def stored(self) -> tuple[bytes, bytes]:
        """Return the paths, joined by NUL, and their stamps, in the same order."""
        return self._paths, self._stamps


def observe(root: Path, paths: Iterable[str]) -> Observed:
    """Take the stamps of files and folders, relative to `root`. Call it before reading them, never after."""
    moment = time.time_ns()
    names = list(dict.fromkeys(paths))
    stamps = _stamps_of(_below(root, os.fsencode("\0".join(names))))
    raw = stamps.tobytes()
    observed = {}
    for at, name in enumerate(names):
        settled = _is_settled(moment, *stamps[at * WIDTH : at * WIDTH + WIDTH])
        observed[name] = raw[at * SIZE : at * SIZE + SIZE] if settled else UNTRUSTED
    return Observed(observed)


def _is_settled(moment: int, size: int, mtime: int, ctime: int, _: int) -> bool:
    """Whether a later write is sure to change the stamp, which was taken after `moment` (nanoseconds)."""
    if size < 0:
        return size == -2
    coarse = mtime % 1_000_000_000 == 0 and ctime % 1_000_000_000 == 0
    return max(mtime, ctime) < moment - (COARSE if coarse else SLACK)


def _stamps_of(paths: Iterable[bytes]) -> array[int]:
    """Return the numbers of all paths in one run: a loop in Python would cost as much as the calls."""
    stamps = array("q")
    rest = iter(paths)
    while True:
        try:
            stamps.extend(chain.from_iterable(map(_numbers_of, map(os.stat, rest))))
        except (FileNotFoundError, NotADirectoryError):
            stamps.frombytes(ABSENT)
        except (OSError, ValueError):
            stamps.extend(UNREADABLE)
        else:
            return stamps


def _below(root: Path, paths: bytes) -> list[bytes]:
    """Return the paths as the kernel finds them fastest: as they are, if `root` is the current folder."""
    if not paths:
        return []
    if root.samefile("."):
        return paths.split(b"\0")
    top = os.fsencode(root) + b"/"
    return (top + paths.replace(b"\0", b"\0" + top)).split(b"\0")


def _moved(now: bytes, then: bytes) -> Iterator[int]:
    """Yield the places of the stamps that differ, skipping long runs that do not."""
    run = SIZE * 256
    for start in range(0, len(now), run):
        if now[start : start + run] != then[start : start + run]:
            for at in range(start, min(start + run, len(now)), SIZE):
                if now[at : at + SIZE] != then[at : at + SIZE]:
                    yield at // SIZE


# On the disk -----------------------------------------------------------------------------------------------------


def _open(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
    # A recording lost with the power costs one look at everything, so nothing waits for the disk.
    database.execute("PRAGMA synchronous = OFF")
    return database


def _checksum(parts: Iterable[bytes | bytearray]) -> int:
    sum_ = 0
    for part in parts:
        sum_ = zlib.crc32(part, zlib.crc32(b"%d" % len(part), sum_))
    return sum_


def read_look(root: Path, name: str = "build", *, version: str = __version__) -> Look | None:
    """Return what the last build of that name saw; None if nothing sound is recorded."""
    path = root / FOLDER / NAME
    if not path.exists():
        return None
    try:
        database = _open(path)
        try:
            rows = database.execute(READ, (name,)).fetchall()
        finally:
            database.close()
        for row in rows:
            if _checksum((*row[2:7], row[7].encode())) == row[1]:
                return Look(root, version, row)
    except (sqlite3.Error, TypeError, AttributeError):
        return None
    return None


def record_look(
    root: Path,
    name: str = "build",
    *,
    groups: Mapping[str, Observed],
    notes: Mapping[str, str],
    total: str,
    version: str = __version__,
    keep: Look | None = None,
) -> bool:
    """Record what a build saw: for each group the paths it hangs on, as observed before they were read.

    `notes` holds a text for each group, `total` one for all. A group of `keep` that is not in `groups` stays as it was
    recorded if `notes` names it, and is dropped if not. A path that two groups saw differently is trusted for neither.
    Returns whether it could be recorded: if not, the next build looks at everything, and nothing is lost.
    """
    drawn = _Drawing(keep if keep and keep.current else None, notes.keys() - groups.keys())
    for group, observed in groups.items():
        drawn.add(group, observed)
    row = (*drawn.row(), json.dumps(dict(notes)).encode())
    sum_ = _checksum((*row, total.encode()))
    try:
        path = local_folder(root) / NAME
        try:
            _write(path, (name, version, time.time_ns(), sum_, *row, total))
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                return False
            disk.discard(path)
            _write(path, (name, version, time.time_ns(), sum_, *row, total))
    except (sqlite3.Error, OSError, DiskError):
        return False
    return True


def _write(path: Path, row: tuple[object, ...]) -> None:
    database = _open(path)
    try:
        database.execute(CREATE)
        database.execute("REPLACE INTO looks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    finally:
        database.close()


class _Drawing:
    """A recording while it is put together from what is kept and what is new.

    Each path has a place, a number; paths of several groups share one if that is cheap to know. A path that is its
    group's own, because it holds the group's name, is not looked for among the others.
    """

    def __init__(self, kept: Look | None, staying: Collection[str]) -> None:
        paths, stamps = kept.stored() if kept else (b"", b"")
        self.paths, self.stamps = bytearray(paths + b"\0" if stamps else b""), bytearray(stamps)
        self.shared: dict[bytes, int] = {}
        self.groups: dict[str, Sequence[int]] = {}
        self.before: dict[str, dict[bytes, int]] = {}
        self.used = bytearray(len(stamps) // SIZE)
        names = paths.split(b"\0") if stamps else []
        for group, members in kept.members() if kept else ():
            if group not in staying:
                self.before[group] = {names[place]: place for place in members}
                continue
            self.groups[group] = members
            for place in members:
                self.used[place] = 1

    def add(self, group: str, observed: Observed) -> None:
        """Add a group."""
        members = array("I")
        before = self.before.pop(group, {})
        own = os.fsencode(group)
        for path, stamp in observed.packed():
            place = before.get(path, -1)
            if place < 0:
                place = self._new_place(path) if own and own in path else self._shared_place(path)
            here = slice(place * SIZE, place * SIZE + SIZE)
            told = UNTRUSTED if self.used[place] and self.stamps[here] != stamp else stamp
            self.stamps[here] = told
            self.used[place] = 1
            members.append(place)
        self.groups[group] = members

    def _new_place(self, path: bytes) -> int:
        self.paths += path + b"\0"
        self.stamps += UNTRUSTED
        self.used.append(0)
        return len(self.used) - 1

    def _shared_place(self, path: bytes) -> int:
        if path not in self.shared:
            kept = self.paths.find(b"\0" + path + b"\0") + 1
            first = self.paths.startswith(path + b"\0")
            self.shared[path] = self.paths.count(b"\0", 0, kept) if kept or first else self._new_place(path)
        return self.shared[path]

    def row(self) -> tuple[bytes | bytearray, bytes | bytearray, bytes, bytes]:
        """Return paths, stamps, names of groups and members, as they are stored. Nothing is added after this."""
        if not all(self.used):
            self._drop_unused()
        counts = array("I", map(len, self.groups.values()))
        members = counts.tobytes() + array("I", chain.from_iterable(self.groups.values())).tobytes()
        names = b"\0".join(map(os.fsencode, self.groups))
        del self.paths[-1:]
        return self.paths, self.stamps, names, members

    def _drop_unused(self) -> None:
        places = list(accumulate(self.used, initial=0))
        paths = bytes(self.paths).split(b"\0")
        self.groups = {group: [places[at] for at in members] for group, members in self.groups.items()}
        self.paths = bytearray(b"".join(path + b"\0" for path, used in zip(paths, self.used, strict=False) if used))
        stamps = (self.stamps[at * SIZE : at * SIZE + SIZE] for at, used in enumerate(self.used) if used)
        self.stamps = bytearray(b"".join(stamps))
