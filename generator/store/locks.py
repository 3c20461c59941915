"""Locks: one long one for a build, a short one for each brief, so that people can decide while a build runs.

Promises: a lock ends with its process, however that ends; the thread that holds one may take it again. Will not do: keep
two coroutines of one thread apart, so nothing may be awaited while a lock is held.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from generator import disk
from generator.digest import digest_of
from generator.store.local import local_folder

_threads = threading.local()


@contextlib.contextmanager
def brief_lock(root: Path, brief: str) -> Iterator[None]:
    """Hold the short lock of a brief, for landing and history. Waits for whoever holds it. DiskError if it cannot be."""
    with _held(root, f"brief-{digest_of('lock', brief.casefold())}", lambda: None):
        yield


@contextlib.contextmanager
def build_lock(root: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the long lock of a build. If another build holds it, call `waiting` once, then wait; Ctrl-C leaves."""
    with _held(root, "build", waiting):
        yield


@contextlib.contextmanager
def _held(root: Path, name: str, waiting: Callable[[], None]) -> Iterator[None]:
    held = _mine()
    if (root, name) in held:  # by this thread, further out
        yield
        return
    folder = local_folder(root, "locks")
    path = folder / f"{name}.lock"
    # Each its own: one shared by name would look its path up anew every time. Its mode is the folder's, for what may be
    # written by others is probed at each first use.
    lock = FileLock(path, mode=folder.stat().st_mode & 0o666)
    free = True
    with disk.naming(path):
        try:
            lock.acquire(blocking=False)
        except Timeout:
            free = False
    if not free:
        waiting()
        with disk.naming(path):
            lock.acquire()
    held.add((root, name))
    try:
        yield
    finally:
        held.discard((root, name))
        lock.release()


def _mine() -> set[tuple[Path, str]]:
    """Return the locks that this thread holds."""
    if not hasattr(_threads, "held"):
        _threads.held = set()
    found: set[tuple[Path, str]] = _threads.held
    return found
