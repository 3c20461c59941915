"""Texts that are removed or moved: what is taken was judged, and what is saved meanwhile stays or comes along."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from generator import disk
from generator.digest import digest_text
from generator.drafts import land, mend, move, remove
from generator.errors import DiskError

BASE = "# Tally\n\nClose the month.\n\nThe price is 49 EUR.\n"
HAND = BASE.replace("Close the month.", "Close the month, I say.")
KNOWN = frozenset({digest_text(BASE)})


class Meanwhile(disk.System):
    """Somebody does something just before the nth rename or link of ours."""

    def __init__(self, nth: int, act: Callable[[], object]) -> None:
        self.left, self.act = nth, act

    def count(self) -> None:
        self.left -= 1
        if self.left == 0:
            self.act()

    def rename(self, old: Path, new: Path) -> None:
        self.count()
        super().rename(old, new)

    def link(self, old: Path, new: Path) -> None:
        self.count()
        super().link(old, new)


class Killed(BaseException):
    """The process dies here."""


class Failing(disk.System):
    """Fails at the nth call; `last`: and at every one after it. Somebody saves `hand` just before it is renamed."""

    def __init__(self, nth: int, error: type[BaseException], *, last: bool, hand: Path | None = None) -> None:
        self.left, self.error, self.last, self.failed, self.hand = nth, error, last, False, hand

    def count(self) -> None:
        self.left -= 1
        if self.left == 0 or (self.left < 0 and self.last):
            self.failed = True
            raise self.error(28, "No space left on device")

    def write(self, descriptor: int, data: bytes) -> None:
        self.count()
        super().write(descriptor, data)

    def link(self, old: Path, new: Path) -> None:
        self.count()
        super().link(old, new)

    def rename(self, old: Path, new: Path) -> None:
        self.count()
        if old == self.hand:
            save(old, HAND)()
            self.hand = None
        super().rename(old, new)

    def unlink(self, path: Path) -> None:
        self.count()
        super().unlink(path)


def save(path: Path, text: str) -> Callable[[], object]:
    def act() -> None:
        fresh = path.with_name("save.tmp")
        fresh.write_text(text)
        fresh.replace(path)

    return act


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def placed(folder: Path) -> Path:
    folder.mkdir()
    path = folder / "page.md"
    path.write_text(BASE)
    return path


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return placed(tmp_path / "folder")


def test_a_known_text_is_removed_and_nothing_is_left(page: Path) -> None:
    assert remove(page, known=KNOWN)
    assert names(page.parent) == []
    assert remove(page, known=KNOWN)


def test_an_unknown_text_stays(page: Path) -> None:
    page.write_text(HAND)
    assert not remove(page, known=KNOWN)
    assert (page.read_text(), names(page.parent)) == (HAND, ["page.md"])


@pytest.mark.parametrize("nth", [1, 2])
def test_a_save_just_before_it_goes_stays(nth: int, page: Path) -> None:
    with disk.using(Meanwhile(nth, save(page, HAND))):
        assert not remove(page, known=KNOWN)
    assert (page.read_text(), names(page.parent)) == (HAND, ["page.md"])


def test_a_save_as_it_goes_stays_under_the_free_name(page: Path) -> None:
    with disk.using(Meanwhile(3, save(page, HAND))):
        assert remove(page, known=KNOWN)
    assert (page.read_text(), names(page.parent)) == (HAND, ["page.md"])


def test_two_saves_are_both_kept(page: Path) -> None:
    class Busy(disk.System):
        once = True

        def rename(self, old: Path, new: Path) -> None:
            if old == page and self.once:
                save(page, HAND)()
            super().rename(old, new)

        def link(self, old: Path, new: Path) -> None:
            if new == page and self.once:
                self.once = False
                page.write_text(BASE.replace("49 EUR.", "49 EUR, they say."))
            super().link(old, new)

    with disk.using(Busy()):
        assert not remove(page, known=KNOWN)
    assert "Close the month, I say." in page.read_text()
    assert "49 EUR, they say." in page.read_text()


def test_a_text_that_somebody_else_removed_is_gone(page: Path) -> None:
    with disk.using(Meanwhile(2, page.unlink)):
        assert remove(page, known=KNOWN)
    assert names(page.parent) == []


@pytest.mark.parametrize("error", [OSError, Killed])
@pytest.mark.parametrize("last", [False, True])
def test_a_removal_cut_short_is_finished_by_asking_again(
    error: type[BaseException], tmp_path: Path, *, last: bool
) -> None:
    for nth in itertools.count(1):
        page = placed(tmp_path / str(nth))
        failing = Failing(nth, error, last=last)
        with disk.using(failing), contextlib.suppress(DiskError, Killed):
            remove(page, known=KNOWN)
        assert remove(page, known=KNOWN)
        assert [name for name in names(page.parent) if name.endswith("~page.md") and ".kept~" not in name] == []
        if not failing.failed:
            assert nth > 4
            return


@pytest.mark.parametrize("error", [OSError, Killed])
@pytest.mark.parametrize("last", [False, True])
def test_a_save_in_a_removal_cut_short_is_kept_even_where_the_file_was_restored(
    error: type[BaseException], tmp_path: Path, *, last: bool
) -> None:
    for nth in itertools.count(1):
        page = placed(tmp_path / str(nth))
        failing = Failing(nth, error, last=last, hand=page)
        with disk.using(failing), contextlib.suppress(DiskError, Killed):
            assert not remove(page, known=KNOWN)
        saved = failing.hand is None
        disk.write_new(page, BASE)
        assert remove(page, known=KNOWN) is not saved
        assert not saved or page.read_text() == HAND
        if not failing.failed:
            assert nth > 4
            return


def test_a_text_moves_to_a_free_name_only(page: Path) -> None:
    other = page.parent / "news" / "other.md"
    assert move(page, other)
    assert (names(page.parent), names(other.parent), other.read_text()) == (["news"], ["other.md"], BASE)
    assert move(page, other)
    page.write_text(HAND)
    assert not move(page, other)
    assert (page.read_text(), other.read_text(), names(other.parent)) == (HAND, BASE, ["other.md"])


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_save_under_the_old_name_comes_along(nth: int, page: Path) -> None:
    other = page.parent / "other.md"
    with disk.using(Meanwhile(nth, save(page, HAND))):
        assert move(page, other)
    assert (other.read_text(), "page.md" in names(page.parent)) == (HAND, False)


def test_a_file_that_goes_while_it_is_moved_is_an_error_and_leaves_nothing(page: Path) -> None:
    with disk.using(Meanwhile(2, page.unlink)), pytest.raises(DiskError):
        move(page, page.parent / "other.md")
    assert names(page.parent) == []


@pytest.mark.parametrize("error", [OSError, Killed])
@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("hand", [False, True])
def test_a_move_cut_short_is_finished_by_asking_again(
    error: type[BaseException], tmp_path: Path, *, last: bool, hand: bool
) -> None:
    for nth in itertools.count(1):
        page = placed(tmp_path / str(nth))
        other = page.parent / "other.md"
        failing = Failing(nth, error, last=last, hand=page if hand else None)
        with disk.using(failing), contextlib.suppress(DiskError, Killed):
            assert move(page, other)
        wanted = HAND if hand and failing.hand is None else BASE
        assert move(page, other)
        assert (other.read_text(), page.exists()) == (wanted, False)
        mend(other)
        if not failing.failed:
            assert nth > 4
            return


def test_mending_one_file_leaves_the_others(page: Path) -> None:
    other = page.parent / "other.md"
    for path in (page, other):
        path.write_text(BASE)
        stem = f".copydesk-aside-{digest_text(BASE)}-4194305-7"
        (path.parent / f"{stem}.kept~{path.name}").write_text(BASE)
        path.replace(path.parent / f"{stem}.open~{path.name}")
    assert mend(page) == ("page.md: a landing was cut short; the copy is in its place again.",)
    assert page.read_text() == BASE
    assert not other.exists()
    land(other, base=BASE, theirs=BASE)
    assert other.read_text() == BASE
