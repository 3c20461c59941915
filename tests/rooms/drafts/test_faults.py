"""The nth call that changes the disk fails, for every n: nothing of a person's is lost, and the next run succeeds."""

from __future__ import annotations

import contextlib
import errno
import itertools
from pathlib import Path

import pytest

from generator import disk
from generator.digest import digest_text
from generator.drafts import land, read_copy, sweep
from generator.errors import DiskError

BASE = "# Tally\n\nClose the month.\n\nThe price is 49 EUR.\n"
MINE = BASE.replace("Close the month.", "Close the month, I say.")
THEIRS = BASE.replace("49", "59")
BOTH = MINE.replace("49", "59")
UNIT = "Close the month, I say."


class Failing(disk.System):
    """Fails at the nth call; `last`: and at every one after it, as a full disk does. `kill`: as if the process died."""

    def __init__(self, nth: int, *, last: bool, error: type[BaseException] = OSError) -> None:
        self.left, self.last, self.error, self.failed = nth, last, error, False

    def count(self) -> None:
        self.left -= 1
        if self.left == 0 or (self.left < 0 and self.last):
            self.failed = True
            raise self.error(errno.ENOSPC, "No space left on device")

    def write(self, descriptor: int, data: bytes) -> None:
        self.count()
        super().write(descriptor, data)

    def fsync(self, descriptor: int) -> None:
        self.count()
        super().fsync(descriptor)

    def link(self, old: Path, new: Path) -> None:
        self.count()
        super().link(old, new)

    def rename(self, old: Path, new: Path) -> None:
        self.count()
        super().rename(old, new)

    def unlink(self, path: Path) -> None:
        self.count()
        super().unlink(path)


class Killed(BaseException):
    """The process dies here."""


def words_in(folder: Path) -> str:
    """Return all that lies in a folder, whatever its name."""
    return "".join(each.read_text() for each in folder.iterdir() if each.is_file())


def prepare(folder: Path, scene: str) -> Path:
    folder.mkdir()
    copy = folder / "page.md"
    if scene == "landing":
        copy.write_text(MINE)
        return copy
    stem = f".copydesk-aside-{digest_text(MINE)}-4194305-7"
    (folder / f"{stem}.kept~page.md").write_text(MINE)
    if scene == "cut short":
        (folder / f"{stem}.open~page.md").write_text(MINE)
    else:
        (folder / f"{stem}.done~page.md").write_text(MINE + "\nSaved in place.\n")
        copy.write_text(BOTH)
    return copy


@pytest.mark.parametrize("scene", ["landing", "cut short", "saved in place"])
@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("error", [OSError, Killed])
def test_every_call_fails_once(tmp_path: Path, scene: str, error: type[BaseException], *, last: bool) -> None:
    for nth in itertools.count(1):
        folder = tmp_path / str(nth)
        copy = prepare(folder, scene)
        calls = Failing(nth, last=last, error=error)
        with disk.using(calls), contextlib.suppress(DiskError, Killed):
            sweep(folder)
            land(copy, base=BASE, theirs=THEIRS)
            sweep(folder)
        assert UNIT in words_in(folder)
        assert scene != "saved in place" or "Saved in place." in words_in(folder)
        sweep(folder)
        assert UNIT in (read_copy(copy) or "")
        landing = land(copy, base=BASE, theirs=THEIRS)
        sweep(folder)
        assert copy.read_text() == landing.text
        assert landing.text == (BOTH + "\nSaved in place.\n" if scene == "saved in place" else BOTH)
        if not calls.failed:
            assert nth > 8
            return


def test_a_failed_write_of_an_absent_copy_leaves_nothing(tmp_path: Path) -> None:
    copy = tmp_path / "page.md"
    for nth in (1, 2, 3):
        with disk.using(Failing(nth, last=False)), pytest.raises(DiskError, match="No space left"):
            land(copy, base=None, theirs=THEIRS)
        assert list(tmp_path.iterdir()) == []
    assert land(copy, base=None, theirs=THEIRS).replaced


def test_the_error_names_the_file(tmp_path: Path) -> None:
    copy = prepare(tmp_path / "brief", "landing")
    with disk.using(Failing(1, last=True)), pytest.raises(DiskError) as raised:
        land(copy, base=BASE, theirs=THEIRS)
    assert raised.value.where == str(copy)
    assert copy.read_text() == MINE
