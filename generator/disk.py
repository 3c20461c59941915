"""Safe paths, and writes that are whole or not at all.

Promises: a name given by a brief, a source or a reply never reaches a file outside the folder it belongs to; a file is
replaced whole or not at all; a failed write names the file and leaves what was there. Every call that changes the disk
goes through `System`, so that a test can make the nth one fail. Will not do: merge, lock, or decide what is written.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import itertools
import os
import re
import stat
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from pathlib import Path, PurePosixPath

from generator.errors import DiskError, UnsafePathError

DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))})
"""Names that Windows gives to devices, whatever their ending (Microsoft, "Naming Files, Paths, and Namespaces")."""

TEMPORARY = ".copydesk-"
"""How the name of every unfinished file of ours begins."""

PAGE = 4_096
"""Bytes that are read at once at least: a file may grow, or not say how large it is."""

_count = itertools.count()


class System:
    """The calls that change a disk. A test hands in its own by `using`."""

    def write(self, descriptor: int, data: bytes) -> None:
        """Write all of `data`."""
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]

    def fsync(self, descriptor: int) -> None:
        """Push a file to the disk."""
        os.fsync(descriptor)

    def link(self, old: Path, new: Path) -> None:
        """Give a file a second name; FileExistsError if that name is taken."""
        os.link(old, new)

    def rename(self, old: Path, new: Path) -> None:
        """Rename a file or folder, replacing a file of the new name."""
        old.replace(new)

    def exchange(self, one: Path, other: Path, *, by: Callable[[Path, Path], None]) -> None:
        """Let two names change places in one act. `by` does it: the call needs a library that only publishing loads."""
        by(one, other)

    def unlink(self, path: Path) -> None:
        """Remove a name."""
        path.unlink()

    def make_folder(self, path: Path) -> None:
        """Make a folder and those above it; not an error if it is there."""
        path.mkdir(parents=True, exist_ok=True)


_system: ContextVar[System] = ContextVar("system", default=System())  # noqa: B039 - a System has no state


def system() -> System:
    """Return the calls in force here."""
    return _system.get()


@contextlib.contextmanager
def using(calls: System) -> Iterator[None]:
    """Let `calls` stand for the disk within the block."""
    token = _system.set(calls)
    try:
        yield
    finally:
        _system.reset(token)


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Turn an OSError within the block into a DiskError that names `path`."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        mend = "Nothing was lost: mend it (space, permissions) and run the same command again."
        raise DiskError(reason, where=str(path), mend=mend) from error


@functools.lru_cache(maxsize=1_024)  # a build asks for the same few names of a brief again and again
def check_relative(name: str) -> PurePosixPath:
    """Return `name` as a path that stays below its folder, on any machine; raise UnsafePathError if it does not.

    Refused: absolute, `..`, backslashes, drive letters, control characters, percent-encoded separators, names of
    devices, parts that end in a dot or a space, and names that differ from their NFC form (two spellings of one name).
    """
    problem = _problem(name)
    if problem:
        raise UnsafePathError(f"the path {name!r} {problem}", mend="Use a relative path with forward slashes.")
    return PurePosixPath(name)


def _problem(name: str) -> str:
    if not name or name.startswith("/") or re.match(r"[A-Za-z]:", name):
        return "must be relative"
    if "\\" in name or re.search(r"%2e|%2f|%5c", name, re.IGNORECASE):
        return "holds a backslash or an encoded separator"
    if any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in name):
        return "holds an invisible character"
    if unicodedata.normalize("NFC", name) != name:
        return "is not in composed Unicode (NFC)"
    for part in name.split("/"):
        if part in ("", ".", ".."):
            return "has an empty, `.` or `..` part"
        if part[-1] in ". " or part[0] == " ":
            return "has a part that begins or ends in a space or a dot"
        if part.split(".")[0].lower() in DEVICES:
            return f"has a part, {part!r}, that names a device on some machines"
    return ""


def inside(folder: Path, name: str) -> Path:
    """Return `folder/name`; raise UnsafePathError if the name, or a symlink on its way, leaves `folder`."""
    relative = check_relative(name)
    path = folder / relative
    with naming(path):
        if _is_plain(os.fspath(folder), name.split("/")):
            return path
        real, top = Path(os.path.realpath(path)), Path(os.path.realpath(folder))
    if not real.is_relative_to(top):
        raise UnsafePathError(f"the path {name!r} leads out of {folder.name}/ by a symlink", where=str(path))
    return path


def _is_plain(folder: str, parts: Iterable[str]) -> bool:
    """Whether no part below the folder is a symlink: then the path cannot leave it. What is not there yet is none."""
    for part in parts:
        folder = f"{folder}/{part}"
        try:
            if stat.S_ISLNK(os.lstat(folder).st_mode):
                return False
        except (FileNotFoundError, NotADirectoryError):
            return True
    return True


def place_of(name: str) -> str:
    """Return where a source or context file lies, relative to the workspace: bare names lie under `sources/`."""
    return name if "/" in name else f"sources/{name}"


def open_file(path: Path) -> tuple[int, int]:
    """Open a file to read it; return its descriptor and its size in bytes. DiskError if it is no file; may raise OSError.

    It is opened without waiting: a pipe that nobody writes to would hold the program up for ever.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        raise DiskError("this is not a file", where=str(path), mend="Put a plain file in its place.")
    return descriptor, found.st_size


def read_bytes(path: Path, limit: int = -1) -> bytes:
    """Return the bytes of a file. DiskError if it is no file, cannot be read, or is larger than `limit`, -1 for none."""
    raw = b""
    with naming(path):
        descriptor, size = open_file(path)
        at_once = max(PAGE, 1 + (size if limit < 0 else min(size, limit)))
        try:
            while not 0 <= limit < len(raw) and (more := os.read(descriptor, at_once)):
                raw += more
        finally:
            os.close(descriptor)
    if 0 <= limit < len(raw):
        raise DiskError(f"the file is larger than {limit:,} bytes", where=str(path), mend="Split it.")
    return raw


def read_text(path: Path, *, limit: int = 16_000_000) -> str:
    """Return the text of a file, line ends as they are. DiskError if it is not UTF-8 or larger than `limit` bytes."""
    raw = read_bytes(path, limit)
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        what = f"line {line} is not UTF-8 (byte 0x{raw[error.start]:02x})"
        raise DiskError(what, where=str(path), mend="Save the file as UTF-8.") from error


def is_text(text: str) -> bool:
    """Whether a text can be written as UTF-8: a lone surrogate, half a character, cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def write_text(path: Path, text: str) -> None:
    """Replace `path` by `text`, whole or not at all. For files that only copydesk writes: drafts have their own law."""
    with naming(path):
        fresh = write_beside(path, text, like=path)
        try:
            system().rename(fresh, path)
        except BaseException:
            discard(fresh)
            raise


def write_new(path: Path, text: str) -> bool:
    """Write `text` at `path` if the name is free, whole or not at all; return whether it was free."""
    with naming(path):
        fresh = write_beside(path, text)
        try:
            system().link(fresh, path)
        except FileExistsError:
            return False
        finally:
            discard(fresh)
    return True


def write_beside(path: Path, text: str, *, like: Path | None = None) -> Path:
    """Write `text` to an unfinished file beside `path`, pushed to the disk, and return its name. May raise OSError.

    It may be read and written by those who may read and write `like`, the file that it is to replace, if that is there.
    """
    fresh = path.parent / f"{TEMPORARY}{os.getpid()}-{next(_count)}.tmp"
    mode = _mode_of(like) if like else None
    flags, wanted = os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644 if mode is None else mode
    try:
        descriptor = os.open(fresh, flags, wanted)
    except FileNotFoundError:
        system().make_folder(path.parent)
        descriptor = os.open(fresh, flags, wanted)
    if mode is not None:
        with contextlib.suppress(OSError):  # a file system without modes
            fresh.chmod(mode)
    try:
        system().write(descriptor, text.encode())
        system().fsync(descriptor)
    except BaseException:
        os.close(descriptor)
        discard(fresh)
        raise
    os.close(descriptor)
    return fresh


def _mode_of(path: Path) -> int | None:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return None


def drop_unfinished(folder: Path) -> None:
    """Remove the unfinished files that processes which are gone left in a folder; those of a running one stay."""
    if not folder.is_dir():
        return
    for path in sorted(folder.glob(f"{TEMPORARY}*.tmp")):
        mark = re.fullmatch(rf"{re.escape(TEMPORARY)}(\d{{1,9}})-\d+\.tmp", path.name)
        if mark and not is_alive(int(mark[1])):
            discard(path)


def is_alive(pid: int) -> bool:
    """Whether a process of that number runs."""
    try:
        os.kill(pid, 0)
    except OSError as error:
        return error.errno != errno.ESRCH
    return True


def discard(path: Path) -> None:
    """Remove an unfinished file if it can be removed: a leftover is swept at the next start."""
    with contextlib.suppress(OSError):
        system().unlink(path)
