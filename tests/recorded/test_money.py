"""What is told about money, before and after it is spent, and who is told it: forecasts, caps, stops, readers who leave."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from decimal import Decimal
from pathlib import Path

import pytest

from generator import app
from tests.recorded.server import Fault, Server
from tests.recorded.test_builds import begun, typed
from tests.recorded.workshop import BRIEF, make, model, workspace, write

HERE = Path(__file__).parents[2]
TEXT = "A text of some length, in several pieces.\n"


def started(root: Path, server: Server, calls: int, *words: str) -> subprocess.Popen[str]:
    """Type a command as a process of its own, and return when the vendor has so many calls in flight."""
    ready, before = threading.Event(), len(server.log)
    server.begun = lambda _: ready.set() if len(server.log) >= before + calls else None
    env = {**os.environ, "PYTHONPATH": str(HERE)}
    command = [sys.executable, "-m", "generator", *words]
    process = subprocess.Popen(command, cwd=root, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert ready.wait(60)
    return process


@pytest.mark.parametrize("words", [("build", "--try", "first,second", "b0/draft"), ("models", "--ping")])
def test_what_a_killed_trial_or_ping_may_have_cost_is_told_by_the_next_build(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    with Server(answer=lambda _: TEXT) as server:
        root = workspace(tmp_path, model(server, "chat"), second=model(server, "responses"))
        time.sleep(0.1)  # what was saved this moment is looked at twice
        assert make(root).made == 1
        assert app.look(root) is not None, "there is nothing to do"
        server.latency = 600
        process = started(root, server, 1, *words)
        process.kill()
        process.communicate(timeout=60)
        env = {**os.environ, "PYTHONPATH": str(HERE)}
        command = [sys.executable, "-m", "generator", "build"]
        told = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, check=True)
        assert "was interrupted; it may have cost up to $0.01" in told.stderr
        assert "Nothing to do: 1 step is up to date." in told.stdout
        assert app.look(root) is not None, "it is told once"


def test_a_trial_says_how_much_of_its_cost_brought_no_whole_reply(tmp_path: Path) -> None:
    with Server(answer=lambda _: TEXT) as one, Server(answer=lambda _: TEXT) as two:
        two.script.extend([Fault(events=3)] * 9)
        root = workspace(tmp_path, model(one, "chat"), second=model(two, "chat"))
        tried = app.trial(root, "b0/draft", ["first", "second"])
        assert Decimal(tried.usd) > Decimal(tried.usd_lost) > Decimal("0.03")
        write(root, {"content_briefs/b0.md": BRIEF.format(name="b0").replace("Say how", "Tell how")})
        told = typed(root, "build", "--try", "first,second", "b0/draft").stdout
        assert "This trial cost $0.030" in told
        assert " of it at most for calls that brought no whole reply." in told


def test_who_stops_reading_what_is_told_stops_no_build(tmp_path: Path) -> None:
    with Server(answer=lambda _: TEXT) as server:
        root = workspace(tmp_path, model(server, "chat"), briefs=20)
        env = {**os.environ, "PYTHONPATH": str(HERE)}
        command = [sys.executable, "-m", "generator", "build", "--jobs", "1"]
        process = subprocess.Popen(
            command, cwd=root, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stderr is not None
        assert process.stdout is not None
        process.stderr.readline()
        process.stderr.close()
        told = process.stdout.read()
        process.stdout.close()
        assert process.wait(60) == 0
        assert "Made 20 steps." in told
        assert len(server.log) == 20


def test_a_closed_terminal_keeps_what_is_in_flight(tmp_path: Path) -> None:
    with Server(answer=lambda _: TEXT, latency=0.7) as server:
        root = workspace(tmp_path, model(server, "chat"), briefs=8)
        process = begun(root, server, 4)
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGHUP)
        _, told = process.communicate(timeout=60)
        assert process.returncode == 130
        assert "Next: copydesk build" in told
        server.latency = 0
        assert (make(root).reused, len(server.log)) == (4, 8)


def test_who_asks_that_a_closed_terminal_stop_nothing_is_heard(tmp_path: Path) -> None:
    with Server(answer=lambda _: TEXT, latency=0.3) as server:
        root = workspace(tmp_path, model(server, "chat"), briefs=2)
        before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        try:
            process = begun(root, server, 1)
        finally:
            signal.signal(signal.SIGHUP, before)
        process.send_signal(signal.SIGHUP)
        process.communicate(timeout=60)
        assert (process.returncode, len(server.log)) == (0, 2)


def test_who_stops_a_build_that_had_nothing_left_to_ask_is_told_so(tmp_path: Path) -> None:
    with Server(answer=lambda _: TEXT, latency=0.7) as server:
        root = workspace(tmp_path, model(server, "chat"), briefs=2)
        process = begun(root, server, 2)
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=60)
        assert process.returncode == 130
        assert "Stopped; nothing was lost" in told
        assert told.endswith("Next: copydesk status\n")
