"""The nth write, fsync, link, unlink or making of a folder fails, for every n."""

from __future__ import annotations

import errno
import itertools
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from generator import disk, store
from generator.errors import DiskError
from generator.model import Event


class Failing(disk.System):
    """Counts the calls and fails one of them."""

    def __init__(self, nth: int) -> None:
        self.left = nth

    def count(self, path: Path | None = None) -> None:
        self.left -= 1
        if self.left == 0:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))

    def write(self, descriptor: int, data: bytes) -> None:
        self.count()
        super().write(descriptor, data)

    def fsync(self, descriptor: int) -> None:
        self.count()
        super().fsync(descriptor)

    def link(self, old: Path, new: Path) -> None:
        self.count(new)
        super().link(old, new)

    def unlink(self, path: Path) -> None:
        self.count(path)
        super().unlink(path)

    def make_folder(self, path: Path) -> None:
        self.count(path)
        super().make_folder(path)


def note(root: Path) -> Event:
    return store.record_event(root, Event(verb="noted", brief="news", note="new"))


def rename(root: Path) -> Event:
    return store.record_rename(root, "brief", "news", "fresh")


def events(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (root / "history").glob("*/*.event")}


@pytest.mark.parametrize("act", [note, rename])
@pytest.mark.parametrize("begun", [False, True])
def test_whatever_call_fails_the_old_state_is_whole_and_the_rerun_succeeds(
    tmp_path: Path, act: Callable[[Path], Event], begun: bool
) -> None:
    start = tmp_path / "start"
    start.mkdir()
    if begun:
        store.record_event(start, Event(verb="noted", brief="news", note="first"))
    for nth in itertools.count(1):
        root = tmp_path / str(nth)
        shutil.copytree(start, root)
        before = events(root)
        failing = Failing(nth)
        told: DiskError | None = None
        with disk.using(failing):
            try:
                act(root)
            except DiskError as error:
                told = error
        assert told is None or ("No space left" in told.what and str(root) in told.where)
        assert events(root).items() >= before.items()
        again = act(root)
        assert again in store.read_history(root, again.brief).events
        assert store.verify(root) == ()
        if failing.left > 0:
            break
    assert nth > 4
