"""Calls to a model: the whole process of a build against the ideal, and against a hand-written loop, in one run.

The vendor is `tests.recorded.server` in a process of its own. `python -m tests.bench.calls`: ratios, medians; nothing here
is a promise in seconds. Every run has a folder of its own, and nothing is removed before the last has ended: where many files
were just removed, some file systems (ext4 without a journal) search long for room for each new one, which is nobody's doing here.
"""

import argparse
import json
import math
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench.build import ENV, say, workspace

HERE = Path(__file__).parents[2]
STEPS = 4


@contextmanager
def vendor(*options: str) -> Iterator[str]:
    """Run a vendor and give its address."""
    command = [sys.executable, "-m", "tests.recorded.server", *options]
    process = subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}/v1"
    finally:
        process.kill()
        process.wait()


def stats(url: str) -> dict[str, Any]:
    """Return what a vendor counted."""
    with urllib.request.urlopen(url) as answer:
        found: dict[str, Any] = json.loads(answer.read())
    return found


def timed(command: list[str], folder: Path) -> tuple[float, float, float, str]:
    """Return the wall time of a command, its processor time, its peak of memory in MB, and what it printed."""
    env = {**ENV, "PYTHONPATH": str(HERE)}
    began = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    told = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, (command, told[:500])
    return time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, told


def build(
    folder: Path, url: str, briefs: int, at_once: int, limits: str = ""
) -> tuple[float, float, float, dict[str, Any]]:
    """Build a fresh workspace of that many briefs and return wall, processor time, memory and the summary."""
    folder = Path(tempfile.mkdtemp(dir=folder))
    workspace(folder, briefs)
    config = f'models:\n  m: {{provider: openai, model: gpt-5-mini, base-url: "{url}", api: responses, price: {{input: 1, output: 1}}}}\n'
    config += "roles: {researcher: m, writer: m, editor: m}\n" + limits
    (folder / "copydesk.yml").write_text(config)
    command = [sys.executable, "-m", "generator", "build", "--json", "--jobs", str(at_once)]
    wall, used, memory, told = timed(command, folder)
    return wall, used, memory, json.loads(told)


def loop(folder: Path, url: str, briefs: int, at_once: int, transport: str) -> tuple[float, float, int]:
    """Run the hand-written loop and return wall, processor time, and calls lost."""
    folder = Path(tempfile.mkdtemp(dir=folder))
    command = [sys.executable, str(Path(__file__).with_name("loop.py")), url, str(briefs), str(at_once), transport]
    wall, used, _, told = timed(command, folder)
    return wall, used, int(told.split()[2])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--briefs", type=int, default=250)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="calls-"))
    try:
        for name, measure in MEASURES.items():
            if options.only in name:
                measure(folder, options.briefs, options.runs)
    finally:
        shutil.rmtree(folder)


def ideal(folder: Path, briefs: int, runs: int) -> None:
    """250 chains of 4 calls of half a second, 100 in flight."""
    best = math.ceil(briefs * STEPS / 100) * 0.5
    ours, hand, used = [], [], []
    for _ in range(runs):
        with vendor("--latency", "0.5") as url:
            wall, cpu, memory, told = build(folder, url, briefs, 100)
            assert (told["made"], stats(url)["twice"]) == (briefs * STEPS, 0), told
            ours.append(wall / best)
            used.append((cpu, memory))
        with vendor("--latency", "0.5") as url:
            hand.append(loop(folder, url, briefs, 100, "default")[0] / best)
    say(
        "1,000 calls in chains, 100 in flight: whole process over ideal",
        statistics.median(ours),
        "1.25",
        statistics.median(ours) <= 1.25,
    )
    ratio = statistics.median(ours) / statistics.median(hand)
    say("  the same over the hand-written loop", ratio, "1.0", ratio <= 1.0)
    print(f"  processor {statistics.median(cpu for cpu, _ in used):.1f} s, memory {used[0][1]:.0f} MB")


def varying(folder: Path, briefs: int, runs: int) -> None:
    """Latencies that vary, against a loop that never leaves a place empty."""
    ratios = []
    for run in range(runs):
        with vendor("--latency", "0.5", "--sigma", "0.6", "--seed", str(run)) as url:
            hand = loop(folder, url, briefs, 100, "aiohttp")[0]
        with vendor("--latency", "0.5", "--sigma", "0.6", "--seed", str(run)) as url:
            ratios.append(build(folder, url, briefs, 100)[0] / hand)
    say(
        "latencies that vary: over a work-conserving loop",
        statistics.median(ratios),
        "1.05",
        statistics.median(ratios) <= 1.05,
    )


def limited(folder: Path, briefs: int, _runs: int) -> None:
    """A limit of 50 calls a second, told to copydesk and not to the loop."""
    best = briefs * STEPS / 50
    with vendor("--latency", "0.5", "--rate", "50") as url:
        wall, _, _, told = build(folder, url, briefs, 100, "limits: {m: {requests-per-minute: 3000}}\n")
        counted = stats(url)["outcomes"]
        assert told["made"] == briefs * STEPS
    say("a limit of 50 a second: over ideal", wall / best, "1.05", wall / best <= 1.05)
    refused = counted.get("429", 0) / counted["served"]
    say("  refusals a served call", refused, "0.01", refused <= 0.01)
    with vendor("--latency", "0.5", "--rate", "50") as url:
        lost = loop(folder, url, briefs, 100, "aiohttp")[2]
        counted = stats(url)["outcomes"]
    print(
        f"  the hand-written loop: {counted.get('429', 0) / counted['served']:.1f} refusals a served call, {lost} chains lost"
    )


def faulty(folder: Path, briefs: int, _runs: int) -> None:
    """8% faults against none, in a run four times as long: what the last calls wait for is no part of the rate."""
    chances = ("--chance", "429=0.04", "--chance", "529=0.02", "--chance", "500=0.01", "--chance", "cut=0.01")
    with vendor("--latency", "0.5") as url:
        whole = build(folder, url, 4 * briefs, 100)[0]
    with vendor("--latency", "0.5", *chances) as url:
        wall, _, _, told = build(folder, url, 4 * briefs, 100)
        assert told["made"] == 4 * briefs * STEPS, told
    say("8% faults, 4,000 calls: over the run without", wall / whole, "1.10", wall / whole <= 1.10)


def asked(folder: Path, url: str, briefs: int, at_once: int) -> float:
    """Ask the loop's chains by copydesk, with nothing around the calls, and return the processor time."""
    folder = Path(tempfile.mkdtemp(dir=folder))
    command = [sys.executable, str(Path(__file__).with_name("asking.py")), url, str(briefs), str(at_once)]
    return timed(command, folder)[1]


def processor(folder: Path, briefs: int, runs: int) -> None:
    """Processor time a call beside the bare library on the same transport and loop, at 100 and 500 in flight; and that of a build."""
    for at_once in (100, 500):
        calls, builds = [], []
        for _ in range(runs):
            with vendor("--latency", "0.5") as url:
                hand = loop(folder, url, 2 * briefs, at_once, "uvloop")[1]
            with vendor("--latency", "0.5") as url:
                calls.append(asked(folder, url, 2 * briefs, at_once) / hand)
            with vendor("--latency", "0.5") as url:
                builds.append(build(folder, url, 2 * briefs, at_once)[1] / hand)
        ratio = statistics.median(calls)
        say(f"processor time a call over the bare library, {at_once} in flight", ratio, "1.5", ratio <= 1.5)
        print(f"  a build, with briefs, prompts, drafts and history: {statistics.median(builds):.2f}")


def memory(folder: Path, briefs: int, _runs: int) -> None:
    """What a step more costs, with the same number in flight: both builds are longer than it takes to have that many."""
    with vendor("--latency", "0.05") as url:
        few = build(folder, url, briefs * 4, 50)[2]
        many = build(folder, url, briefs * 12, 50)[2]
    each = (many - few) * 1024 / (briefs * STEPS * 8)
    say("memory: kB a step more", each, "1.0", each <= 1.0)


MEASURES = {
    "ideal": ideal,
    "varying": varying,
    "limited": limited,
    "faulty": faulty,
    "processor": processor,
    "memory": memory,
}

if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    main()
