"""Start-up, nothing to do, one brief changed, memory: ratios within one run, medians of five.

`python -m tests.bench.build --briefs 1000,10000`. Each brief has four chained steps, answered offline. Prints one line a
figure with its goal. Nothing here is a promise in seconds: this machine's other work is in every figure.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

BRIEF = """---
title: Brief {i}
audience: heads of marketing
goal: read on to chapter {i}
sources: [notes.md]
steps:
  - {{id: research, uses: research}}
  - {{id: outline, uses: outline, needs: [research]}}
  - {{id: draft, uses: draft, needs: [outline]}}
  - {{id: revise, uses: revise, needs: [draft]}}
deliverables:
  - {{page: notes/b{i}, from: revise}}
---
Explain what number {i} means for a small marketing team, in three short sections.
"""
NOTES = "# Notes\n\nA team writes faster when the brief is short.\n\nSources first, then words.\n"
COPYDESK = str(Path(sys.executable).parent / "copydesk")
RUNS = 5
ENV = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
"""As whoever installed copydesk runs it: compiled. Where bytecode may not be kept, each start compiles all of it again."""


def seconds(command: list[str], folder: Path, before: Callable[[], None] | None = None) -> float:
    """Return the median wall time of a command, after one run to warm up."""
    times = []
    for n in range(RUNS + 1):
        if before is not None:
            before()
        start = time.perf_counter()
        subprocess.run(command, cwd=folder, env=ENV, check=True, capture_output=True)
        if n:
            times.append(time.perf_counter() - start)
    return statistics.median(times)


def workspace(folder: Path, briefs: int) -> None:
    """Write a workspace of that many briefs."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "content_briefs").mkdir(parents=True)
    (folder / "sources").mkdir()
    (folder / "copydesk.yml").touch()
    (folder / "sources/notes.md").write_text(NOTES)
    for i in range(briefs):
        (folder / f"content_briefs/b{i:06d}.md").write_text(BRIEF.format(i=i))


def cold(folder: Path) -> tuple[float, float]:
    """Build everything once; return seconds and the peak of memory in MB."""
    start = time.perf_counter()
    code = "import resource,sys;from generator.cli import main\ntry: main()\nexcept SystemExit: pass\nprint(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", code, "build", "--json"], cwd=folder, env=ENV, check=True, capture_output=True, text=True
    )
    return time.perf_counter() - start, int(done.stderr.split()[-1]) / 1024


def say(what: str, figure: float, goal: str, met: bool) -> None:
    """Print a figure beside its goal."""
    print(f"{what:<64} {figure:8.2f}   goal {goal:<10} {'met' if met else 'MISSED'}", flush=True)


def measure(folder: Path, briefs: int, smaller: tuple[int, float] | None) -> tuple[int, float]:
    """Measure a workspace of that many briefs."""
    workspace(folder, briefs)
    took, memory = cold(folder)
    print(f"-- {briefs} briefs, {4 * briefs} steps: cold build {took:.1f} s, {1000 * took / briefs / 4:.2f} ms a step")
    if smaller is not None:
        growth = 1024 * (memory - smaller[1]) / (4 * (briefs - smaller[0]))
        say("memory, kB a step over the smaller workspace", growth, "<= 1", growth <= 1)
    git = ["git", "-c", "user.name=b", "-c", "user.email=b@example.org", "-c", "gc.auto=0"]
    for words in (["init", "-q"], ["add", "-A", "--", ".", ":!.copydesk"], ["commit", "-qm", "x"]):
        subprocess.run([*git, *words], cwd=folder, check=True, capture_output=True)
    time.sleep(1.1)
    status = seconds(["git", "status", "--porcelain"], folder)
    version = seconds([COPYDESK, "--version"], folder)
    nothing = seconds([COPYDESK, "build"], folder)
    if briefs >= 5000:
        ratio = (nothing - version) / status
        say("nothing to do: (time - version) / git status", ratio, "<= 2", ratio <= 2)
    else:
        say("nothing to do: time / version", nothing / version, "<= 2", nothing / version <= 2)
    changed = folder / f"content_briefs/b{briefs // 2:06d}.md"

    def change() -> None:
        with changed.open("a") as file:
            file.write("One more line of direction.\n")

    one = seconds([COPYDESK, "build"], folder, before=change)
    say("one brief changed: seconds over nothing to do", one - nothing, "<= 0.3", one - nothing <= 0.3)
    change()
    done = subprocess.run(
        [COPYDESK, "build", "--json"], cwd=folder, env=ENV, check=True, capture_output=True, text=True
    )
    say(
        "one brief changed: steps made again",
        json.loads(done.stdout)["made"],
        "<= 4",
        json.loads(done.stdout)["made"] <= 4,
    )
    return briefs, memory


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--briefs", default="250,1000,10000")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bare = seconds([sys.executable, "-c", "pass"], folder)
        for words in (["--version"], ["--help"]):
            ratio = seconds([COPYDESK, *words], folder) / bare
            say(f"copydesk {words[0]} / python -c pass", ratio, "<= 8", ratio <= 8)
        smaller = None
        for briefs in map(int, chosen.briefs.split(",")):
            smaller = measure(folder / str(briefs), briefs, smaller)
            shutil.rmtree(folder / str(briefs))


if __name__ == "__main__":
    main()
