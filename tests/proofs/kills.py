"""kill -9 at seeded moments of a build, while a person edits: what must hold afterwards.

`python tests/proofs/kills.py --runs 500` runs many seeds and prints what it did; the suite runs ten of them.
No human byte lost, no call repeated whose reply was kept, `verify` clean, and the resumed result equals that of a build
that nobody interrupted.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from generator import store

HERE = Path(__file__).parent
BUILDER = HERE / "builder.py"
BRIEF = """---
title: Brief {n}
facts: {{price: {price} EUR}}
steps:
  - {{id: research, uses: draft}}
  - {{id: outline, uses: draft, needs: [research]}}
  - {{id: final, uses: draft, needs: [outline]}}
deliverables:
  - {{page: page-{n}, from: final}}
---
What number {n} is about.
"""
CONFIG = "models:\n  best: {provider: openai, model: scripted}\nroles: {researcher: best, writer: best, editor: best}\n"
BRIEFS = 2


@dataclass
class Person:
    """Somebody who edits finished pages while a build runs, and remembers every sentence."""

    root: Path
    chance: random.Random
    wrote: dict[str, list[str]] = field(default_factory=dict)
    buffers: dict[str, str] = field(default_factory=dict)

    def save(self) -> None:
        """Open a page, add a paragraph, save: by a new file, in place, or appending."""
        number = self.chance.randrange(BRIEFS)
        path = self.root / f"drafts/brief-{number}/page-{number}.md"
        try:
            text = path.read_bytes().decode()
        except FileNotFoundError:
            return
        sentence = f"A person wrote number {sum(map(len, self.wrote.values()))} of {self.chance.random()}."
        text = text.rstrip("\n") + f"\n\n{sentence}\n"
        way = self.chance.choice(("replace", "in place", "append"))
        if way == "append":
            with path.open("ab") as file:
                file.write(f"\n{sentence}\n".encode())
        elif way == "in place":
            with path.open("wb") as file:
                file.write(text.encode())
        else:
            fresh = path.with_name(f"{path.name}~")
            fresh.write_bytes(text.encode())
            fresh.replace(path)
        self.wrote.setdefault(str(path), []).append(sentence)


def prepare(root: Path, price: int) -> None:
    """Write the briefs."""
    (root / "content_briefs").mkdir(parents=True, exist_ok=True)
    (root / "copydesk.yml").write_text(CONFIG)
    for n in range(BRIEFS):
        (root / f"content_briefs/brief-{n}.md").write_text(BRIEF.format(n=n, price=price))


def run_builder(root: Path, log: Path, *words: str) -> subprocess.Popen[bytes]:
    """Begin a build in a process of its own."""
    log.touch()
    return subprocess.Popen(
        [sys.executable, str(BUILDER), str(root), str(log), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def finish(root: Path, log: Path) -> None:
    """Build to the end and fail if that fails."""
    builder = run_builder(root, log)
    out, err = builder.communicate(timeout=60)
    assert builder.returncode == 0, (out + err).decode()


def kept_recipes(root: Path) -> set[str]:
    """Return what memory holds replies for, as the log of calls writes it."""
    path = root / ".copydesk/memory.sqlite"
    if not path.exists():
        return set()
    database = sqlite3.connect(path)
    try:
        return {
            f"{brief}/{step} {recipe}"
            for brief, step, recipe in database.execute("SELECT brief, step, recipe FROM replies")
        }
    except sqlite3.OperationalError:
        return set()
    finally:
        database.close()


def made_texts(root: Path) -> dict[str, str]:
    """Return the latest text that was made of every step."""
    texts = {}
    for name in store.history_names(root):
        history = store.read_history(root, name)
        for event in history.events:
            if event.verb == "made":
                latest = history.latest("made", step=event.step)
                texts[f"{name}/{event.step}"] = (latest.text or "") if latest else ""
    return texts


def kill_once(seed: int, folder: Path, reference: dict[str, str]) -> bool:
    """Kill one build at a seeded moment, resume it, and assert the laws; return whether the kill struck."""
    chance = random.Random(seed)
    root, log = folder / f"w{seed}", folder / f"w{seed}.log"
    shutil.copytree(folder / "built", root)
    prepare(root, 59)
    person = Person(root=root, chance=chance)
    for _ in range(3):
        person.save()
    words = ["--die-at", str(chance.randint(1, 90))] if chance.random() < 0.7 else ["--pause", "0.01"]
    builder = run_builder(root, log, *words)
    deadline = time.monotonic() + chance.uniform(0.3, 1.2)
    while builder.poll() is None and (time.monotonic() < deadline or "--die-at" in words):
        person.save()
        time.sleep(chance.uniform(0, 0.02))
    builder.kill()
    out, err = builder.communicate(timeout=30)
    struck = builder.returncode == -9
    assert struck or builder.returncode == 0, (out + err).decode()
    kept, asked = kept_recipes(root), log.read_text().splitlines()
    person.save()
    finish(root, log)
    again = log.read_text().splitlines()[len(asked) :]
    assert not kept & set(again), f"seed {seed}: asked again though kept: {kept & set(again)}"
    for path, sentences in person.wrote.items():
        text = Path(path).read_text()
        lost = [each for each in sentences if each not in text]
        assert not lost, f"seed {seed}: lost from {path}: {lost}"
    assert store.verify(root) == (), f"seed {seed}"
    differing = {each: text for each, text in made_texts(root).items() if text != reference.get(each)}
    assert not differing, f"seed {seed}, {words}: {differing}"
    rest = [path for path in root.rglob(".copydesk-*") if path.is_file()]
    assert not rest, f"seed {seed}: {rest}"
    shutil.rmtree(root)
    return struck


def prepare_folder(folder: Path) -> dict[str, str]:
    """Build the workspace that every run starts from, and one to its end that nobody interrupts: its texts."""
    prepare(folder / "built", 49)
    finish(folder / "built", folder / "built.log")
    shutil.copytree(folder / "built", folder / "reference")
    prepare(folder / "reference", 59)
    finish(folder / "reference", folder / "reference.log")
    return made_texts(folder / "reference")


def main() -> None:
    """Run many seeds and say what was done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reference = prepare_folder(folder)
        struck = 0
        for n in range(chosen.runs):
            struck += kill_once(chosen.seed + n, folder, reference)
            if n % 25 == 24:
                print(
                    f"{n + 1} of {chosen.runs} runs, {struck} of them killed before their end: nothing lost", flush=True
                )


if __name__ == "__main__":
    main()
