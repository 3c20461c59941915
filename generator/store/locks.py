"""Locks: one long one for a build, a short one for each brief, so that people can decide while a build runs.

Promises: a lock ends with its process, however that ends; the thread that holds one may take it again. Will not do: keep
two coroutines of one thread apart, so nothing may be awaited while a lock is held.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import portalocker

from generator import disk
from generator.digest import digest_of
from generator.store.local import FOLDER, local_folder

_threads = threading.local()
_AT_ONCE = portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING


def brief_lock(root: Path, brief: str) -> AbstractContextManager[None]:
    """Hold the short lock of a brief, for landing and history. Waits for whoever holds it. DiskError if it cannot be."""
    return _held(root, brief.casefold(), lambda: None)


def build_lock(root: Path, waiting: Callable[[], None]) -> AbstractContextManager[None]:
    """Hold the long lock of a build. If another build holds it, call `waiting` once, then wait; Ctrl-C leaves."""
    return _held(root, None, waiting)


@contextlib.contextmanager
def _held(root: Path, brief: str | None, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the lock of a brief, or that of a build if None."""
    held = _mine()
    if (root, brief) in held:  # by this thread, further out
        yield
        return
    name = "build" if brief is None else f"brief-{digest_of('lock', brief)}"
    path = Path(root, FOLDER, "locks", f"{name}.lock")
    descriptor = _open(root, path)
    try:
        if not _lock(descriptor, _AT_ONCE, path):
            waiting()
            while not _lock(descriptor, portalocker.LockFlags.EXCLUSIVE, path):
                pass  # Windows gives up after a while
        held.add((root, brief))
        yield
    finally:
        held.discard((root, brief))
        os.close(descriptor)  # which frees the lock


def _open(root: Path, path: Path) -> int:
    """Open the file of a lock, made if it is not there. No process that is begun meanwhile inherits it."""
    with disk.naming(path):
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except FileNotFoundError:
            local_folder(root, "locks")
            return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)


def _lock(descriptor: int, flags: portalocker.LockFlags, path: Path) -> bool:
    """Lock an open file; return False if somebody else holds it and the flags say not to wait."""
    with disk.naming(path):
        try:
            portalocker.lock(descriptor, flags)
        except portalocker.AlreadyLocked:
            return False
        except portalocker.LockException as error:
            raise OSError(str(error)) from error
    return True


def _mine() -> set[tuple[Path, str | None]]:
    """Return the locks that this thread holds."""
    if not hasattr(_threads, "held"):
        _threads.held = set()
    found: set[tuple[Path, str | None]] = _threads.held
    return found
