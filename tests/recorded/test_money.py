"""What is told about money, before and after it is spent, and who is told it: forecasts, caps, stops, readers who leave."""

from __future__ import annotations

import itertools
import os
import re
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
from tests.recorded.wire import Said
from tests.recorded.workshop import BRIEF, PROMPT, make, model, workspace, write

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


@pytest.mark.parametrize("terminal", [False, True])
def test_who_stops_reading_what_is_told_stops_no_build(tmp_path: Path, *, terminal: bool) -> None:
    with Server(answer=lambda _: TEXT) as server:
        root = workspace(tmp_path, model(server, "chat"), briefs=20)
        env = {**os.environ, "PYTHONPATH": str(HERE)}
        command = [sys.executable, "-m", "generator", "build", "--jobs", "1"]
        reads, writes = os.openpty() if terminal else os.pipe()
        process = subprocess.Popen(command, cwd=root, env=env, stdout=subprocess.PIPE, stderr=writes, text=True)
        os.close(writes)
        os.read(reads, 1)
        os.close(reads)
        assert process.stdout is not None
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


# Forecasts and caps ----------------------------------------------------------------------------------------------


def chained(root: Path, steps: int, *, before: str = "") -> None:
    """Write a brief whose steps need one another, one behind the other."""
    ids = [*(f"s{n}" for n in range(1, steps)), "draft"]
    rows = [f"  - {{id: {each}, uses: chain, needs: [{need}]}}" for need, each in itertools.pairwise(ids)]
    text = BRIEF.format(name="b0").replace("{id: draft, uses: write}", "\n".join(["{id: s1, uses: chain}", *rows]))
    prompt = PROMPT.replace("{{ brief.body }}", "{{ brief.body }}\n{{ upstream }}")
    write(root, {"content_briefs/b0.md": text.replace("title:", f"{before}title:"), "prompts/chain.md": prompt})


def least_of(told: str) -> str:
    """Return what a cap is to be raised to, as it is told."""
    said = re.search(r"Raise it to (\$[\d.]+) at least", told)
    return said[1] if said else ""


def test_a_plan_foresees_a_stop_and_says_that_building_again_goes_on(tmp_path: Path) -> None:
    with Server(answer=lambda _: Said(pieces=(TEXT * 30,), input_tokens=100, output_tokens=300)) as server:
        root = workspace(tmp_path, model(server, "chat"), more="budget: {run: 0.02}\n")
        chained(root, 8)
        foreseen = typed(root, "plan").stdout
        assert "A build would make 8 steps, for $0.0" in foreseen
        assert "A build would stop: `budget: run` in copydesk.yml is $0.02, with $0.0" in foreseen
        assert (
            "  Build again, and it goes on from here, for each build counts from nothing; or raise it, or" in foreseen
        )
        assert "Raise it to" not in foreseen
        assert foreseen.endswith("Next: copydesk build\n")
        first = typed(root, "build")
        assert first.returncode == 4
        assert "  Build again, and it goes on from here" in first.stdout
        assert "Raise it to" not in first.stdout
        builds = 1
        while (done := typed(root, "build")).returncode == 4:
            builds += 1
        assert (done.returncode, len(server.log), builds) == (0, 8, 2)


def test_a_cap_that_is_too_low_for_a_call_is_told_alike_before_and_after(tmp_path: Path) -> None:
    with Server(answer=lambda _: Said(pieces=(TEXT,), input_tokens=100, output_tokens=300)) as server:
        root = workspace(tmp_path, model(server, "chat"), more="budget: {run: 0.0001}\n")
        chained(root, 3)
        foreseen = typed(root, "plan").stdout
        assert foreseen.endswith("Next: raise `budget: run` in copydesk.yml, then: copydesk build\n")
        built = typed(root, "build")
        assert built.returncode == 4
        least = least_of(foreseen)
        assert least_of(built.stdout) == least > "$0.01"
        config = (root / "copydesk.yml").read_text()
        write(root, {"copydesk.yml": config.replace("0.0001", least.removeprefix("$"))})
        assert least_of(typed(root, "plan").stdout) == ""
        while typed(root, "build").returncode == 4:
            assert len(server.log) < 3
        assert len(server.log) == 3
        capped = typed(root, "build", "--max-cost", "0.0001")
        assert capped.returncode == 0, "nothing is left"


def test_a_cap_that_does_not_begin_anew_must_be_raised_to_what_is_left_at_least(tmp_path: Path) -> None:
    with Server(answer=lambda _: Said(pieces=(TEXT * 28,), input_tokens=300, output_tokens=300)) as server:
        root = workspace(tmp_path, model(server, "chat"))
        chained(root, 4, before="max-cost: 0.012\n")
        told = typed(root, "plan").stdout
        assert "A build would stop: `max-cost` of b0 is $0.012, with $0.003" in told
        assert "Next: raise `max-cost` of b0, then: copydesk build" in told
        least = least_of(told)
        assert Decimal("0.019") < Decimal(least.removeprefix("$")) < Decimal("0.022"), (
            "three that cost, one that reserves"
        )
        built = typed(root, "build")
        assert built.returncode == 4
        assert Decimal("0.019") < Decimal(least_of(built.stdout).removeprefix("$")) < Decimal("0.025")
        enough = Decimal(least_of(built.stdout).removeprefix("$")) + Decimal("0.001")
        chained(root, 4, before=f"max-cost: {enough}\n")
        plain = typed(root, "plan").stdout
        assert "A build would stop" not in plain
        assert "A build may stop: `max-cost` of b0 is $0.0" in plain
        assert make(root).exit_code == 0


def test_what_was_spent_is_told_as_of_then_if_other_calls_fit_afterwards(tmp_path: Path) -> None:
    with Server(answer=lambda _: Said(pieces=(TEXT,), input_tokens=100, output_tokens=80)) as server:
        root = workspace(tmp_path, model(server, "chat"), briefs=2, more="budget: {run: 0.015}\n")
        chained(root, 2)
        large = BRIEF.format(name="b1").replace("uses: write", "uses: write, config: {max-tokens: 1400}")
        write(root, {"content_briefs/b1.md": large})
        ended = make(root, jobs=1)
        assert ended.exit_code == 4
        assert (ended.made, ended.usd, ended.left) == (2, "0.0018", 1)
        assert (
            "with $0.0009 of it spent by then, and a call is only made if the $0.0142 that it may" in ended.stopped_by
        )


def test_a_plan_says_what_it_comes_to_if_models_fall_back(tmp_path: Path) -> None:
    counted = Said(pieces=(TEXT,), input_tokens=100, output_tokens=900)
    with Server(answer=lambda _: counted) as one, Server(answer=lambda _: counted) as two:
        dear = model(two, "responses", price="{input: 100, output: 1000}")
        root = workspace(tmp_path, model(one, "chat"), second=dear, more="budget: {run: 1}\n")
        planned = app.plan(root)
        assert Decimal(planned.usd_high) < Decimal("0.02")
        assert Decimal(1) < Decimal(planned.fallback_high) < Decimal("1.2")
        assert planned.tight == ()
        (loose,) = planned.loose
        assert loose.startswith("`budget: run` in copydesk.yml is $1.00, and this may come to $1.0")
        told = typed(root, "plan").stdout
        assert "If every first model falls back on the next, it may cost up to $1.0" in told
        assert "A build may stop: `budget: run` in copydesk.yml is $1.00" in told
        assert told.endswith("Next: copydesk build\n")
        write(root, {"copydesk.yml": (root / "copydesk.yml").read_text().replace("run: 1", "run: 9")})
        assert app.plan(root).loose == ()
        one.script.append(Fault(end="refused"))
        done = make(root)
        assert done.made == 1
        assert Decimal(planned.usd_high) < Decimal(done.usd) <= Decimal(planned.fallback_high)
        assert typed(root, "plan").stdout.count("falls back") == 0
