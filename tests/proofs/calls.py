"""Builds that ask a vendor are killed again and again; the vendor counts, and so does memory.

`python -m tests.proofs.calls --runs 200` kills builds, each at a moment drawn by its seed: some time after a call began, or after
the program did; the seed draws the wire format too. After each run: no reply that was kept was asked for again, every call that
reached the vendor is on record (answered, or with what it may have cost), only kills left calls of unknown fate, and no
more than may be in flight or being written, records are whole, and the texts are those of a build that nobody killed.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from generator import app, store
from tests.recorded.server import Server
from tests.recorded.wire import Dialect
from tests.recorded.workshop import DIALECTS, model, workspace, write

HERE = Path(__file__).parents[2]
BRIEFS = 5
JOBS = 3
"""Calls that a build may have in flight."""
UNSETTLED = 2 * JOBS
"""Calls of which a kill may leave nobody to know the fate: those in flight, and as many whose answers are being written."""
STEPS = "steps:\n  - {{id: outline, uses: write}}\n  - {{id: draft, uses: write, needs: [outline]}}\n"
PROMPT = (
    "---\ndescription: Writes.\nmodel: writer\nconfig: {max-tokens: 500}\n---\nsystem:\nYou write.\n\nuser:\n"
    "{{ brief.body }}\n{% for each in upstream %}{{ each }}{% endfor %}\n"
)


@dataclass
class Tally:
    """What runs found: builds killed, calls the vendor saw, calls of unknown fate, bodies it served twice."""

    kills: int = 0
    calls: int = 0
    unknown: int = 0
    twice: int = 0


def prepare(root: Path, server: Server, dialect: Dialect) -> None:
    """Write the workspace: a few briefs of two steps, the second of which reads the first."""
    workspace(root, model(server, dialect), briefs=BRIEFS)
    write(root, {"prompts/write.md": PROMPT})
    for n in range(BRIEFS):
        text = (root / f"content_briefs/b{n}.md").read_text()
        write(root, {f"content_briefs/b{n}.md": text.replace("steps:\n  - {id: draft, uses: write}\n", STEPS.format())})


def build(root: Path) -> subprocess.Popen[bytes]:
    """Begin a build in a process of its own."""
    command = [sys.executable, "-m", "generator", "build", "--jobs", str(JOBS)]
    env = {**os.environ, "PYTHONPATH": str(HERE)}
    return subprocess.Popen(command, cwd=root, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def struck(root: Path, server: Server, dice: random.Random) -> bool:
    """Build, and kill it at a moment that the dice say; return whether it was killed before its end."""
    begun, wanted = threading.Event(), len(server.log) + dice.randint(1, 4)
    server.begun = lambda _: begun.set() if len(server.log) >= wanted else None
    process = build(root)
    if dice.random() < 0.2:
        time.sleep(dice.uniform(0.1, 1.5))
    else:
        while not begun.wait(0.05) and process.poll() is None:
            pass
        time.sleep(dice.choice((0.0, 0.01, 0.03, 0.06, 0.1)) * dice.random())
    process.kill()
    return process.wait() != 0


def run(folder: Path, seed: int, tally: Tally) -> str:
    """Kill builds of a fresh workspace until one ends by itself; return what is wrong, "" if nothing is."""
    dice, root = random.Random(seed), folder / str(seed)
    with Server(latency=0.04, sigma=0.5, seed=seed) as server:
        prepare(root, server, dice.choice(DIALECTS))
        kills = sum(struck(root, server, dice) for _ in range(dice.randint(1, 5)))
        tally.kills += kills
        server.begun = lambda _: None
        unknown = unknown_of(root)
        if unknown > kills * UNSETTLED:
            return f"{kills} kills left {unknown} calls of unknown fate, and {UNSETTLED} may be unsettled"
        if build(root).wait():
            return "the last build did not end well"
        if unknown_of(root) != unknown:
            return "a build that nobody killed left a call of unknown fate"
        problem = check(root, server, tally)
    shutil.rmtree(root)
    return problem


def unknown_of(root: Path) -> int:
    """Return how many calls have an unknown fate, by what memory has on record."""
    with store.open_memory(root) as memory:
        return sum(call.ending == "unknown" for call in memory.calls())


def check(root: Path, server: Server, tally: Tally) -> str:
    """Return what is wrong after all, "" if nothing is."""
    with store.open_memory(root) as memory:
        calls = list(memory.calls())
        kept = Counter(row[0] for row in memory._rows("SELECT key FROM replies WHERE ending = 'complete'"))
    unknown = sum(call.ending == "unknown" for call in calls)
    twice = server.stats()["twice"]
    tally.calls, tally.unknown, tally.twice = (
        tally.calls + len(server.log),
        tally.unknown + unknown,
        tally.twice + twice,
    )
    if any(count > 1 for count in kept.values()):
        return "a reply that was kept was asked for again"
    if twice > unknown:
        return f"the vendor served {twice} questions twice, and only {unknown} calls have an unknown fate"
    if len(server.log) > len(calls):
        return f"the vendor saw {len(server.log)} calls, and {len(calls)} are on record"
    if len(kept) != BRIEFS * 2:
        return f"{len(kept)} replies were kept of {BRIEFS * 2}"
    if app.verify(root):
        return f"verify finds {app.verify(root)[0].message}"
    summary = app.build(root)
    if summary.made or summary.failed or summary.reused != BRIEFS * 2:
        return "something was left to do"
    said = {each.said: server.answer(each.said) for each in server.log}
    texts = [(root / f"drafts/b{n}/b{n}.md").read_text() for n in range(BRIEFS)]
    return "" if all(text in said.values() for text in texts) else "a text is not what the vendor said"


def prove(runs: int, first: int = 0) -> tuple[Tally, list[str]]:
    """Run and return the tally, and what went wrong by seed."""
    tally, wrong = Tally(), []
    folder = Path(tempfile.mkdtemp(prefix="calls-"))
    for seed in range(first, first + runs):
        problem = run(folder, seed, tally)
        wrong += [f"seed {seed}: {problem}"] if problem else []
    shutil.rmtree(folder, ignore_errors=True)
    return tally, wrong


def main() -> None:
    """Prove it and print the tally."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=70)
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    tally, wrong = prove(options.runs, options.first)
    print(
        f"{tally.kills} builds killed, {tally.calls} calls, {tally.unknown} of unknown fate, {tally.twice} served twice"
    )
    print("\n".join(wrong) or "nothing paid for was asked again, nothing is missing from the record")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
