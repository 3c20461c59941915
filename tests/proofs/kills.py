"""kill -9 at seeded moments of a build, while a person edits, and of choosing, sending back and accepting.

`python -m tests.proofs.kills --runs 500` runs many seeds and prints what it did; the suite runs ten of them.
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

from generator import app, store
from generator.model import Model, Request
from tests.stories.stage import Stage

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


DIRECTED = """---
title: A note
facts: {price: 49 EUR}
steps:
  - {id: angles, uses: angles}
  - {id: angle, uses: human/choose, needs: [angles]}
  - {id: final, uses: draft}
deliverables:
  - {page: note, from: final}
---
Say what it costs.
"""
MINE = ("Ada says it costs 49 EUR a seat.", "Nobody pays more, says Ada.")


def directs(request: Request, _model: Model) -> str:
    """Write two angles, or a page of which two sentences state the price."""
    if request.uses == "angles":
        return "## One\n\nThe first angle.\n\n## Two\n\nThe second angle.\n"
    price = {part.label: part.text for part in request.parts}["fact.price"]
    return f"# A note\n\nIt costs {price} a seat. Nobody pays more than {price}. Begin today.\n"


def prepare_decisions(folder: Path) -> Stage:
    """Build a brief in which there is something to choose, to send back and to accept."""
    stage = Stage(folder / "directed")
    stage.write({"copydesk.yml": CONFIG, "content_briefs/note.md": DIRECTED})
    stage.build(script=directs)
    page = "drafts/note/note.md"
    stage.edit(page, "It costs 49 EUR a seat.", MINE[0])
    stage.edit(page, "Nobody pays more than 49 EUR.", MINE[1])
    stage.change("content_briefs/note.md", "49 EUR", "59 EUR")
    stage.build(script=directs)
    return stage


def kill_decision(seed: int, folder: Path) -> bool:
    """Kill one decision at a seeded moment, make it again, and assert the laws; return whether the kill struck."""
    chance = random.Random(seed)
    root = folder / f"d{seed}"
    shutil.copytree(folder / "directed", root)
    stage = Stage(root)
    waiting = app.suggestions(root)
    assert [each.suggestion.mine for each in waiting] == list(MINE)
    verb = chance.choice(("choose", "send-back", "accept"))
    words = {
        "choose": ["note/angle", "2"], "send-back": ["note", "Warmer."], "accept": [waiting[0].id],
    }[verb]  # fmt: skip
    decide = [sys.executable, "-m", "tests.proofs.decider", str(root), verb, *words]
    at = str(chance.randint(1, 14 if verb == "accept" else 8))
    done = subprocess.run([*decide, "--die-at", at], cwd=HERE.parents[1], capture_output=True, check=False)
    assert done.returncode in (0, -9), done.stderr.decode()
    again = subprocess.run(decide, cwd=HERE.parents[1], capture_output=True, check=False)
    assert again.returncode == 0 or b"accepted already" in again.stderr, again.stderr.decode()
    assert stage.build(script=directs).failed == 0
    events = [
        event for event in store.read_history(root, "note").events if event.verb in ("chose", "sent-back", "accepted")
    ]
    assert len(events) == 1 or verb == "send-back", f"seed {seed}: {events}"
    text = stage.text("drafts/note/note.md")
    assert MINE[1] in text
    if verb == "accept":
        assert (MINE[0] in text, "It costs 59 EUR a seat." in text) == (False, True), f"seed {seed}: {text}"
    else:
        assert MINE[0] in text
    if verb == "choose":
        assert stage.text("drafts/note/steps/angle.md") == "## Two\n\nThe second angle.\n"
    assert store.verify(root) == (), f"seed {seed}"
    rest = [path for path in root.rglob(".copydesk-*") if path.is_file()]
    assert not rest, f"seed {seed}: {rest}"
    shutil.rmtree(root)
    return done.returncode == -9


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
        prepare_decisions(folder)
        struck = 0
        for n in range(chosen.runs):
            kill = (
                kill_decision(chosen.seed + n, folder) if n % 4 == 3 else kill_once(chosen.seed + n, folder, reference)
            )
            struck += kill
            if n % 25 == 24:
                print(
                    f"{n + 1} of {chosen.runs} runs, {struck} of them killed before their end: nothing lost", flush=True
                )


if __name__ == "__main__":
    main()
