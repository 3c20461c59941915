"""The old site or the new one, whole, whatever happens in between."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from generator import disk
from generator.errors import DiskError
from generator.publishing import recover_site
from generator.publishing.swap import exchange_names, replace_site, sweep_beside

SWAP_FOR_EVER = """
import errno, itertools, sys
from pathlib import Path
from generator import disk
from generator.publishing.swap import recover_site, replace_site

class Plain(disk.System):
    def exchange(self, one, other, *, by):
        raise OSError(errno.ENOTSUP, "no such call")

root = Path(sys.argv[1])
with disk.using(Plain() if sys.argv[2] == "renames" else disk.System()):
    recover_site(root)
    print("ready", flush=True)
    for turn in itertools.count():
        fresh = root / ".copydesk" / f"publish-{turn}" / "site"
        fresh.mkdir(parents=True)
        for number in range(30):
            (fresh / f"{number}.html").write_text(f"{sys.argv[3]} {turn}")
        replace_site(root, root / "site", fresh)
"""


class NoExchange(disk.System):
    """A system that can only rename; the nth rename fails."""

    def __init__(self, failing: int = 0) -> None:
        self.left = failing

    def exchange(self, one: Path, other: Path, *, by: Callable[[Path, Path], None]) -> None:
        raise OSError(errno.ENOTSUP, "no such call")

    def rename(self, old: Path, new: Path) -> None:
        self.left -= 1
        if self.left == 0:
            raise OSError(errno.EIO, "Input/output error")
        super().rename(old, new)


def make(folder: Path, word: str) -> Path:
    folder.mkdir(parents=True)
    for name in ("index.html", "404.html"):
        (folder / name).write_text(word)
    return folder


def site(root: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (root / "site").iterdir() if path.is_file()}


@pytest.mark.parametrize("system", [disk.System(), NoExchange()], ids=["exchange", "renames"])
def test_the_new_site_takes_the_old_ones_place_and_dotted_names_stay(tmp_path: Path, system: disk.System) -> None:
    old, fresh = make(tmp_path / "site", "old"), make(tmp_path / ".copydesk" / "publish-1" / "site", "new")
    (old / "gone.html").write_text("old")
    (old / ".gitignore").write_text("*\n")
    (old / ".link").symlink_to("index.html")
    make(old / ".well-known", "kept")
    (fresh / ".nojekyll").write_text("new")
    (old / ".nojekyll").write_text("old")

    with disk.using(system):
        replace_site(tmp_path, old, fresh)

    assert site(tmp_path) == {
        "index.html": "new",
        "404.html": "new",
        ".gitignore": "*\n",
        ".nojekyll": "new",
        ".link": "new",
    }
    assert (tmp_path / "site/.link").is_symlink()
    assert (tmp_path / "site/.well-known/index.html").read_text() == "kept"
    assert not (tmp_path / ".copydesk/site-swap").exists()


def test_a_first_site_is_renamed_into_place(tmp_path: Path) -> None:
    replace_site(tmp_path, tmp_path / "public" / "site", make(tmp_path / "new", "new"))

    assert (tmp_path / "public/site/index.html").read_text() == "new"


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_when_the_nth_rename_fails_a_whole_site_is_in_place(tmp_path: Path, nth: int) -> None:
    old, fresh = make(tmp_path / "site", "old"), make(tmp_path / ".copydesk" / "publish-1" / "site", "new")

    with disk.using(NoExchange(nth)), pytest.raises(DiskError):
        replace_site(tmp_path, old, fresh)

    assert recover_site(tmp_path) == ()
    assert set(site(tmp_path).values()) == {"old"}


def test_an_exchange_that_fails_for_good_leaves_the_old_site(tmp_path: Path) -> None:
    class Full(disk.System):
        def exchange(self, one: Path, other: Path, *, by: Callable[[Path, Path], None]) -> None:
            raise OSError(errno.EACCES, "Permission denied")

    old, fresh = make(tmp_path / "site", "old"), make(tmp_path / ".copydesk" / "publish-1" / "site", "new")
    with disk.using(Full()), pytest.raises(DiskError, match="Permission denied"):
        replace_site(tmp_path, old, fresh)

    assert set(site(tmp_path).values()) == {"old"}


def test_an_exchange_of_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        exchange_names(tmp_path / "a", tmp_path / "b")


def test_a_swap_cut_in_two_is_put_back_on_the_next_start(tmp_path: Path) -> None:
    old = make(tmp_path / ".copydesk" / "publish-9" / "site-old", "old")
    make(tmp_path / ".copydesk" / "publish-9" / "site", "new")
    (tmp_path / ".copydesk" / "site-swap").write_text(f"{tmp_path / 'site'}\n{old}\n")

    notes = recover_site(tmp_path)

    assert set(site(tmp_path).values()) == {"old"}
    assert "interrupted" in notes[0]
    assert list((tmp_path / ".copydesk").iterdir()) == []
    assert recover_site(tmp_path) == ()


@pytest.mark.parametrize("note", ["", "x\n", "x\nnowhere\n"])
def test_a_torn_note_of_a_swap_changes_nothing(tmp_path: Path, note: str) -> None:
    make(tmp_path / "site", "old")
    (tmp_path / ".copydesk").mkdir()
    (tmp_path / ".copydesk" / "site-swap").write_text(note)

    assert recover_site(tmp_path) == ()
    assert set(site(tmp_path).values()) == {"old"}


def test_a_workspace_without_memory_has_nothing_to_recover(tmp_path: Path) -> None:
    assert recover_site(tmp_path) == ()


def test_what_killed_publishes_left_beside_a_site_is_swept(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    kept = [f".copydesk-publish-{os.getpid()}", ".copydesk-publish-x", "publish-1"]
    for name in (*kept, f".copydesk-publish-{gone.pid}"):
        make(tmp_path / name / "site", "half")

    sweep_beside(tmp_path)

    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(kept)


def kill_while_swapping(root: Path, way: str, seed: int) -> None:
    """Start a process that swaps for ever, kill it at a seeded moment, and look at what a reader would see."""
    started = [sys.executable, "-c", SWAP_FOR_EVER, str(root), way, str(seed)]
    with subprocess.Popen(started, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(random.Random(seed).uniform(0.005, 0.06))
        process.send_signal(signal.SIGKILL)
    if way == "renames":
        recover_site(root)
    shown = site(root)
    assert len(shown) == 30
    assert len(set(shown.values())) == 1


@pytest.mark.parametrize("way", ["exchange", "renames"])
def test_a_kill_leaves_one_whole_site(tmp_path: Path, way: str) -> None:
    for number in range(30):
        (tmp_path / "site").mkdir(exist_ok=True)
        (tmp_path / "site" / f"{number}.html").write_text("first")
    for seed in range(3):
        kill_while_swapping(tmp_path, way, seed)


@pytest.mark.slow
@pytest.mark.parametrize("way", ["exchange", "renames"])
def test_kills_leave_one_whole_site(tmp_path: Path, way: str) -> None:
    for number in range(30):
        (tmp_path / "site").mkdir(exist_ok=True)
        (tmp_path / "site" / f"{number}.html").write_text("first")
    for seed in range(100):
        kill_while_swapping(tmp_path, way, seed)
