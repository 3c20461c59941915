"""Safe paths, whole writes, and what a process that is gone leaves behind."""

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from generator import disk
from generator.errors import DiskError, UnsafePathError


@pytest.mark.parametrize(
    "name",
    [
        "", "/etc/passwd", "C:/x", "../x", "a/../b", "a//b", "./a", "a/.", "a\\b", "a%2e%2e/b", "a%2Fb", "a\x00b", "a\u202eb",
        "nul", "com1.md", "a/AUX.txt", "a.", "a /b", " a", "cafe\u0301", "a\ud800",
    ],
)  # fmt: skip
def test_a_name_that_could_lead_out_or_mean_two_things_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UnsafePathError):
        disk.inside(tmp_path, name)


@pytest.mark.parametrize("name", ["a", "a/b.md", "café/ü.md", "日本/語.md", ".hidden", "a b/c"])
def test_any_other_name_stays_below_its_folder(name: str, tmp_path: Path) -> None:
    assert disk.inside(tmp_path, name) == tmp_path / name


def test_a_symlink_that_leads_out_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/out").symlink_to(tmp_path)
    (tmp_path / "in/here").symlink_to(tmp_path / "in")
    with pytest.raises(UnsafePathError, match="symlink"):
        disk.inside(tmp_path / "in", "out/x")
    assert disk.inside(tmp_path / "in", "here/x") == tmp_path / "in/here/x"


def test_a_text_is_read_as_it_is_or_refused_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes("é\r\nb".encode())
    assert disk.read_text(path) == "é\r\nb"
    with pytest.raises(DiskError, match="larger than 3 bytes"):
        disk.read_text(path, limit=3)
    path.write_bytes(b"a\nb\xe9\n")
    with pytest.raises(DiskError, match=r"line 2 is not UTF-8 \(byte 0xe9\)"):
        disk.read_text(path)
    with pytest.raises(DiskError, match="No such file") as caught:
        disk.read_text(tmp_path / "absent.md")
    assert caught.value.where.endswith("absent.md")


def test_what_is_no_file_is_refused_at_once_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(tmp_path / "socket"))
        for path in (tmp_path / "pipe", tmp_path / "folder", tmp_path / "socket", Path("/dev/zero")):
            for read in (disk.read_text, disk.read_bytes):
                with pytest.raises(DiskError) as caught:
                    read(path)
                assert caught.value.where == str(path)
    with pytest.raises(DiskError, match="this is not a file"):
        disk.read_bytes(tmp_path / "pipe")


def test_bytes_are_read_whole_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"\xff\0\r\n")
    assert disk.read_bytes(path) == disk.read_bytes(path, 4) == b"\xff\0\r\n"
    with pytest.raises(DiskError, match="larger than 0 bytes"):
        disk.read_bytes(path, 0)


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664, 0o400])
def test_a_file_that_is_replaced_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "a.md"
    path.write_text("old")
    path.chmod(mode)
    before = os.umask(0o022)
    try:
        disk.write_text(path, "new")
        disk.write_text(tmp_path / "b.md", "new")
        beside = disk.write_beside(path, "newer", like=path)
    finally:
        os.umask(before)
    assert path.read_text() == "new"
    modes = [stat.S_IMODE(each.stat().st_mode) for each in (path, beside, tmp_path / "b.md")]
    assert modes == [mode, mode, 0o644]


class Failing(disk.System):
    """A disk on which one kind of call fails, and with a stubborn one nothing can be removed either."""

    def __init__(self, call: str, *, stubborn: bool = False) -> None:
        self.call, self.stubborn = call, stubborn

    def _tick(self, call: str) -> None:
        if call == self.call or (self.stubborn and call == "unlink"):
            raise OSError(28, "No space left on device")

    def write(self, descriptor: int, data: bytes) -> None:
        self._tick("write")
        super().write(descriptor, data)

    def link(self, old: Path, new: Path) -> None:
        self._tick("link")
        super().link(old, new)

    def rename(self, old: Path, new: Path) -> None:
        self._tick("rename")
        super().rename(old, new)

    def unlink(self, path: Path) -> None:
        self._tick("unlink")
        super().unlink(path)


@pytest.mark.parametrize("call", ["write", "rename"])
def test_a_write_that_fails_leaves_what_was_there_and_nothing_else(call: str, tmp_path: Path) -> None:
    path = tmp_path / "a/b.md"
    disk.write_text(path, "old")
    with disk.using(Failing(call)), pytest.raises(DiskError, match="No space left") as caught:
        disk.write_text(path, "new")
    assert caught.value.where == str(path)
    assert [(each.name, each.read_text()) for each in path.parent.iterdir()] == [("b.md", "old")]
    disk.write_text(path, "new")
    assert path.read_text() == "new"


def test_a_new_file_never_replaces_one(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    with disk.using(Failing("link")), pytest.raises(DiskError):
        disk.write_new(path, "one")
    assert not list(tmp_path.iterdir())
    assert disk.write_new(path, "one")
    assert not disk.write_new(path, "two")
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("a.md", "one")]


def test_unfinished_files_of_the_dead_are_dropped_and_of_the_living_kept(tmp_path: Path) -> None:
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    dead = tmp_path / f"{disk.TEMPORARY}{int(gone.stdout)}-1.tmp"
    living = tmp_path / f"{disk.TEMPORARY}{os.getpid()}-1.tmp"
    other = tmp_path / f"{disk.TEMPORARY}x.tmp"
    for path in (dead, living, other):
        path.write_text("half")
    disk.drop_unfinished(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted((living, other))
    disk.drop_unfinished(tmp_path / "absent")
    assert disk.is_alive(1)


def test_what_cannot_be_removed_now_is_no_error(tmp_path: Path) -> None:
    with disk.using(Failing("write", stubborn=True)), pytest.raises(DiskError):
        disk.write_text(tmp_path / "a.md", "new")
    assert len(list(tmp_path.iterdir())) == 1
