"""Landing on a disk: what is written, what is left alone, and what a sweep mends."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from generator import disk
from generator.digest import digest_text
from generator.drafts import conflict_line, land, read_copy, sweep, wait_copy
from generator.errors import DiskError
from generator.model import Suggestion

BASE = "# Tally\n\nClose the month.\n\nThe price is 49 EUR.\n"
MINE = BASE.replace("Close the month.", "Close the month, I say.")
THEIRS = BASE.replace("49", "59")
BOTH = MINE.replace("49", "59")
GONE = 2**22 + 1
"""A process id that no process has: above the most that Linux gives."""


class Saver(disk.System):
    """A person who saves at a certain call."""

    def __init__(self, path: Path, text: str, *, before: str) -> None:
        self.path, self.text, self.before = path, text, before

    def save(self, call: str) -> None:
        if call == self.before:
            self.before = ""
            fresh = self.path.with_name("save.tmp")
            fresh.write_text(self.text, newline="")
            fresh.replace(self.path)

    def rename(self, old: Path, new: Path) -> None:
        if old == self.path:
            self.save("rename")
        super().rename(old, new)

    def link(self, old: Path, new: Path) -> None:
        self.save("link")
        super().link(old, new)


def names_in(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def left_in(folder: Path) -> list[str]:
    return [name for name in names_in(folder) if name.startswith(disk.TEMPORARY)]


def aside_of(path: Path, text: str, *, state: str, pid: int = GONE, kept: bool = True) -> Path:
    """Put an aside on the disk as a landing that merged `text` would have left it."""
    stem = f".copydesk-aside-{digest_text(text)}-{pid}-7"
    if kept:
        path.with_name(f"{stem}.kept~{path.name}").write_text(text, newline="")
    aside = path.with_name(f"{stem}.{state}~{path.name}")
    aside.write_text(text, newline="")
    return aside


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "brief" / "page.md"


def written(copy: Path, text: str) -> Path:
    copy.parent.mkdir(exist_ok=True)
    copy.write_text(text, newline="")
    return copy


def test_an_absent_copy_is_written_whole(copy: Path) -> None:
    landing = land(copy, base=BASE, theirs=THEIRS)
    assert (landing.path, landing.text, landing.ancestor, landing.replaced) == (str(copy), THEIRS, THEIRS, True)
    assert copy.read_text() == THEIRS
    assert left_in(copy.parent) == []


def test_an_edited_copy_keeps_the_edit(copy: Path) -> None:
    landing = land(written(copy, MINE), base=BASE, theirs=THEIRS)
    assert landing.text == copy.read_text() == BOTH
    assert landing.ancestor == THEIRS
    sweep(copy.parent)
    assert names_in(copy.parent) == [copy.name]


def test_landing_twice_touches_the_file_once(copy: Path) -> None:
    land(written(copy, MINE), base=BASE, theirs=THEIRS)
    before = copy.stat()
    again = land(copy, base=BASE, theirs=THEIRS)
    assert not again.replaced
    assert again.text == BOTH
    assert copy.stat() == before


def test_a_copy_that_copydesk_never_made_stays(copy: Path) -> None:
    landing = land(written(copy, "Mine alone.\n"), base=None, theirs=THEIRS)
    assert landing.suggestions == (Suggestion(line=1, base="", mine="Mine alone.", theirs=THEIRS.rstrip()),)
    assert not landing.replaced
    assert copy.read_text() == "Mine alone.\n"
    assert land(copy, base=None, theirs="Mine alone.\r\n").suggestions == ()


def test_an_empty_copy_is_an_empty_text(copy: Path) -> None:
    landing = land(written(copy, ""), base=BASE, theirs=THEIRS)
    assert copy.read_text() == landing.text == ""
    assert [each.theirs for each in landing.suggestions] == ["The price is 59 EUR."]


def test_suggestions_of_the_carry_over_join_and_find_their_line(copy: Path) -> None:
    carried = (
        Suggestion(line=9, base="a", mine="Close the month, I say.", theirs="b"),
        Suggestion(line=9, base="a", mine="", theirs="c"),
        Suggestion(line=9, base="a", mine="not there", theirs="d"),
    )
    landing = land(written(copy, MINE), base=BASE, theirs=THEIRS, carried=carried)
    assert [each.line for each in landing.suggestions] == [3, 9, 9]


def test_line_ends_and_odd_characters_reach_the_disk_as_they_are(copy: Path) -> None:
    text = "\ufeffA\r\n\r\nB\x00\u2028\r\n"
    land(copy, base=None, theirs=text)
    assert copy.read_bytes() == text.encode()
    assert read_copy(copy) == text


def test_read_copy_knows_absent_from_empty_and_names_what_is_not_utf8(copy: Path) -> None:
    assert read_copy(copy) is None
    assert read_copy(written(copy, "")) == ""
    copy.write_bytes(b"line\nna\xefve\n")
    with pytest.raises(DiskError, match="line 2 is not UTF-8"):
        read_copy(copy)
    with pytest.raises(DiskError):
        land(copy, base=BASE, theirs=THEIRS)
    assert copy.read_bytes() == b"line\nna\xefve\n"


@pytest.mark.parametrize("moment", ["rename", "link"])
def test_a_save_in_the_window_is_merged(copy: Path, moment: str) -> None:
    saver = Saver(written(copy, MINE), MINE + "\nSaved just now.\n", before=moment)
    with disk.using(saver):
        landing = land(copy, base=BASE, theirs=THEIRS)
        sweep(copy.parent)
    assert copy.read_text() == landing.text == BOTH + "\nSaved just now.\n"
    assert names_in(copy.parent) == [copy.name]


@pytest.mark.parametrize("moment", ["rename", "link"])
def test_a_save_as_the_file_comes_into_being_stands(copy: Path, moment: str) -> None:
    copy.parent.mkdir()
    saver = Saver(copy, "Mine.\n", before=moment)
    with disk.using(saver):
        landing = land(copy, base=None, theirs=THEIRS)
    assert landing.text == copy.read_text() == ("Mine.\n" if moment == "link" else THEIRS)


def test_a_copy_removed_in_the_window_is_written_again(copy: Path) -> None:
    class Remover(disk.System):
        def rename(self, old: Path, new: Path) -> None:
            if old == copy and copy.exists():
                copy.unlink()
            super().rename(old, new)

    with disk.using(Remover()):
        assert land(written(copy, MINE), base=BASE, theirs=THEIRS).text == THEIRS
    assert names_in(copy.parent) == [copy.name]


def test_a_file_saved_without_a_pause_is_an_error_and_loses_nothing(copy: Path) -> None:
    class Restless(disk.System):
        turn = 0

        def rename(self, old: Path, new: Path) -> None:
            if old == copy:
                self.turn += 1
                copy.write_text(f"{MINE}\nTurn {self.turn}.\n")
            super().rename(old, new)

    with disk.using(Restless()), pytest.raises(DiskError, match="saved again and again"):
        land(written(copy, MINE), base=BASE, theirs=THEIRS)
    assert "Turn 12." in copy.read_text()


def test_an_append_while_the_name_is_free_does_not_stand_for_the_whole(copy: Path) -> None:
    class Appender(disk.System):
        done = False

        def link(self, old: Path, new: Path) -> None:
            if new == copy and not self.done:
                self.done = True
                with copy.open("a") as file:
                    file.write("Appended.\n")
            super().link(old, new)

    with disk.using(Appender()):
        landing = land(written(copy, MINE), base=BASE, theirs=THEIRS)
    assert landing.text == copy.read_text() == BOTH + "\nAppended.\n"
    sweep(copy.parent)
    assert names_in(copy.parent) == [copy.name]


def test_a_sweep_puts_back_what_a_dead_landing_left_aside(copy: Path) -> None:
    copy.parent.mkdir()
    aside_of(copy, MINE, state="open")
    notes = sweep(copy.parent.parent)
    assert notes == ("page.md: a landing was cut short; the copy is in its place again.",)
    assert copy.read_text() == MINE
    assert names_in(copy.parent) == [copy.name]


def test_a_landing_itself_puts_back_what_was_left_aside(copy: Path) -> None:
    copy.parent.mkdir()
    aside_of(copy, MINE, state="open")
    assert land(copy, base=BASE, theirs=THEIRS).text == BOTH
    sweep(copy.parent)
    assert names_in(copy.parent) == [copy.name]


@pytest.mark.parametrize("state", ["open", "done"])
def test_a_sweep_drops_an_aside_in_which_nothing_changed(copy: Path, state: str) -> None:
    aside_of(written(copy, BOTH), MINE, state=state)
    assert sweep(copy.parent) == ()
    assert copy.read_text() == BOTH
    assert names_in(copy.parent) == [copy.name]


def test_a_done_aside_does_not_bring_back_what_a_person_removed_since(copy: Path) -> None:
    copy.parent.mkdir()
    aside_of(copy, MINE, state="done")
    assert sweep(copy.parent) == ()
    assert names_in(copy.parent) == []


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("state", ["open", "done"])
def test_a_save_through_an_aside_is_brought_home(copy: Path, state: str, *, kept: bool) -> None:
    aside = aside_of(written(copy, BOTH), MINE, state=state, kept=kept)
    aside.write_text(MINE + "\nSaved in place.\n")
    assert sweep(copy.parent) == ("page.md: a save that came while it was landed on was merged in.",)
    assert "Saved in place." in copy.read_text()
    assert "Close the month, I say." in copy.read_text()
    assert "59" in copy.read_text()
    again = copy.read_text()
    sweep(copy.parent)
    sweep(copy.parent)
    assert copy.read_text() == again
    assert names_in(copy.parent) == [copy.name]


def test_both_saves_of_the_same_place_are_kept(copy: Path) -> None:
    aside = aside_of(written(copy, BOTH.replace("Close", "Please close")), MINE, state="done")
    aside.write_text(MINE.replace("I say", "we say"))
    sweep(copy.parent)
    assert "Please close the month, I say." in copy.read_text()
    assert "Close the month, we say." in copy.read_text()


def test_a_save_through_an_aside_comes_back_even_where_the_copy_is_gone(copy: Path) -> None:
    copy.parent.mkdir()
    aside_of(copy, MINE, state="done").write_text(MINE + "\nLate.\n")
    sweep(copy.parent)
    assert copy.read_text() == MINE + "\nLate.\n"


def test_an_aside_cut_short_by_a_save_in_progress_changes_nothing(copy: Path) -> None:
    aside = aside_of(written(copy, BOTH), MINE, state="done", pid=os.getpid())
    aside.write_text("")
    assert sweep(copy.parent) == ()
    assert copy.read_text() == BOTH
    aside.write_text(MINE + "\nWhole at last.\n")
    sweep(copy.parent)
    assert copy.read_text() == BOTH + "\nWhole at last.\n"


def test_a_save_cut_short_by_an_earlier_run_is_dropped(copy: Path) -> None:
    aside_of(written(copy, BOTH), MINE, state="done").write_text("# Tally\n")
    sweep(copy.parent)
    assert names_in(copy.parent) == [copy.name]
    assert copy.read_text() == BOTH


def test_an_aside_that_is_the_copy_only_loses_its_name(copy: Path) -> None:
    copy.parent.mkdir()
    aside = aside_of(copy, MINE, state="open")
    os.link(aside, copy)
    assert sweep(copy.parent) == ()
    assert names_in(copy.parent) == [copy.name]


def test_a_sweep_removes_unfinished_files_of_the_dead_only(copy: Path) -> None:
    written(copy, MINE)
    for name in (f"{GONE}-1.tmp", f"{os.getpid()}-1.tmp", "1-1.tmp", "other"):
        (copy.parent / f".copydesk-{name}").write_text("x")
    orphan = aside_of(copy, MINE, state="done")
    orphan.unlink()
    living = aside_of(copy, BOTH, state="done", pid=os.getpid())
    living.unlink()
    sweep(copy.parent)
    kept = living.name.replace("done", "kept")
    assert left_in(copy.parent) == sorted(
        [f".copydesk-{os.getpid()}-1.tmp", ".copydesk-1-1.tmp", ".copydesk-other", kept]
    )


def test_an_aside_that_cannot_be_read_is_named_after_the_others_are_mended(copy: Path) -> None:
    other = copy.with_name("a.md")
    aside_of(written(copy, BOTH), MINE, state="done").write_bytes(b"\xff")
    aside_of(other, MINE, state="open")
    with pytest.raises(DiskError, match="not UTF-8"):
        sweep(copy.parent)
    assert other.read_text() == MINE
    assert any(name.endswith("done~page.md") for name in left_in(copy.parent))


def test_a_sweep_of_nothing_is_nothing(tmp_path: Path) -> None:
    assert sweep(tmp_path / "absent") == ()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 0),
        ("Text.\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> branch\n", 2),
        ("Text.\r\n\r\n>>>>>>> branch\r\n", 3),
        ("||||||| base\n", 1),
        ("<<<<<<<\n", 1),
        ("Title\n=======\n\n<<<<<<<<\n", 0),
        ("```\n<<<<<<< HEAD\n```\n", 0),
        ("~~~\n```\n<<<<<<< HEAD\n~~~ not closed\n~~~~\n<<<<<<< HEAD\n", 6),
    ],
)
def test_conflict_markers_are_found_outside_fences(text: str, line: int) -> None:
    assert conflict_line(text) == line


def test_a_copy_at_rest_is_read_at_once_and_an_absent_one_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    assert wait_copy(path) is None
    path.write_text("Words.\n")
    assert wait_copy(path) == "Words.\n"
    os.utime(path, ns=(2**62, 2**62))
    assert wait_copy(path) == "Words.\n"


@contextmanager
def touched(path: Path) -> Iterator[None]:
    """Somebody saves the same bytes without a pause."""
    stop = threading.Event()

    def touch() -> None:
        while not stop.wait(0.001):
            os.utime(path)

    toucher = threading.Thread(target=touch)
    toucher.start()
    try:
        yield
    finally:
        stop.set()
        toucher.join()


def test_of_a_copy_that_is_saved_without_a_pause_two_readings_must_agree(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("Words.\n")
    with touched(path):
        assert wait_copy(path) == "Words.\n"
    path.write_text("")
    with touched(path), pytest.raises(DiskError, match="again and again"):
        wait_copy(path)
    assert wait_copy(path) == ""
