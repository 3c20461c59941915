"""Locks: one long one for a build, a short one for each brief, so that people can decide while a build runs.

Promises: a lock ends with its process, however that ends; the thread that holds one may take it again. Will not do: keep
two coroutines of one thread apart, so nothing may be awaited while a lock is held.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from generator import disk
from generator.digest import digest_of
from generator.store.local import local_folder


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
    path = local_folder(root, "locks") / f"{name}.lock"
    lock = FileLock(path, is_singleton=True)
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
    try:
        yield
    finally:
        lock.release()
