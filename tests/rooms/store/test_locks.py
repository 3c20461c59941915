"""Locks: who waits for whom."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import portalocker
import pytest

from generator import store
from generator.errors import DiskError

HOLD = """
import sys
from pathlib import Path
from generator import store
with store.build_lock(Path(sys.argv[1]), lambda: print("waiting", flush=True)):
    print("held", flush=True)
    sys.stdin.readline()
"""


def hold(root: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLD, str(root)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_a_build_waits_for_another_and_says_so_once(tmp_path: Path) -> None:
    with hold(tmp_path) as first, hold(tmp_path) as second:
        words = {said(first), said(second)}
        assert words == {"held", "waiting"}
        first.kill()
        second.kill()


def test_a_killed_build_leaves_the_lock_free_and_the_waiting_one_takes_it(tmp_path: Path) -> None:
    with hold(tmp_path) as first:
        assert said(first) == "held"
        told: list[str] = []

        def waiting() -> None:
            told.append("waiting")
            first.kill()

        with store.build_lock(tmp_path, waiting):
            assert told == ["waiting"]
    with store.build_lock(tmp_path, waiting):
        assert told == ["waiting"]


def test_ctrl_c_leaves_a_waiting_build_cleanly(tmp_path: Path) -> None:
    with store.build_lock(tmp_path, lambda: None), hold(tmp_path) as second:
        assert said(second) == "waiting"
        second.send_signal(signal.SIGINT)
        _, errors = second.communicate(timeout=20)
        assert "KeyboardInterrupt" in errors


def test_the_thread_that_holds_a_lock_may_take_it_again(tmp_path: Path) -> None:
    with store.brief_lock(tmp_path, "news"), store.brief_lock(tmp_path, "NEWS"):
        pass


def test_another_thread_waits(tmp_path: Path) -> None:
    order: list[str] = []

    def other() -> None:
        with store.brief_lock(tmp_path, "news"):
            order.append("other")

    thread = threading.Thread(target=other)
    with store.brief_lock(tmp_path, "news"):
        thread.start()
        thread.join(timeout=0.1)
        order.append("first")
    thread.join()
    assert order == ["first", "other"]


@pytest.mark.parametrize("brief", ["news", "café", "a b", "x" * 300, "..", "con", "a/b"])
def test_any_name_has_a_lock_of_its_own_in_the_local_folder(tmp_path: Path, brief: str) -> None:
    with store.brief_lock(tmp_path, brief), store.brief_lock(tmp_path, "another"):
        names = [path.name for path in (tmp_path / ".copydesk" / "locks").iterdir()]
        assert len(names) == 2
        assert all(name.startswith("brief-") for name in names)


def test_a_lock_that_cannot_be_made_is_an_error_with_a_place(tmp_path: Path) -> None:
    (tmp_path / ".copydesk" / "locks" / "build.lock").mkdir(parents=True)
    with pytest.raises(DiskError, match=r"build\.lock"), store.build_lock(tmp_path, lambda: None):
        pass


def test_a_file_system_that_cannot_lock_is_an_error_with_a_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise portalocker.LockException("no locks available")

    monkeypatch.setattr(portalocker, "lock", refuse)
    with pytest.raises(DiskError, match=r"build\.lock.*no locks"), store.build_lock(tmp_path, lambda: None):
        pass


def test_a_lock_that_gives_up_waiting_is_waited_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock, tries = portalocker.lock, iter(range(3))

    def give_up(descriptor: int, flags: portalocker.LockFlags) -> None:
        for _ in tries:
            raise portalocker.AlreadyLocked
        lock(descriptor, flags)

    monkeypatch.setattr(portalocker, "lock", give_up)
    with store.build_lock(tmp_path, lambda: None):
        assert next(tries, None) is None


def test_git_never_sees_the_local_folder(tmp_path: Path) -> None:
    with store.brief_lock(tmp_path, "news"):
        assert (tmp_path / ".copydesk" / ".gitignore").read_text() == "*\n"
