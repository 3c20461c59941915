"""Saves aimed at the landing window: a person saves just before or after each call that a landing makes to the disk.

Three ways of saving: a new file renamed over the name, the file cut short and written again, lines appended; the last
two may hold the file open for some calls before they write. Whatever the moment, what was saved is in the copy after a
sweep. Run `python tests/bench/saves.py` for 4,000; the suite runs a slice.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

from generator import disk
from generator.drafts import land, sweep

BASE = "# Tally\n\nClose the month.\n\nThe price is 49 EUR.\n\nStart a trial.\n"
EARLIER = "Close the month, I said before."
MINE = BASE.replace("Close the month.", EARLIER)
THEIRS = BASE.replace("49", "59").replace("Start a trial.", "Start a free trial.\n\nNobody pays for setup.")
WAYS = ("replace", "rewrite", "append")
CALLS = 12
"""Calls of a landing that is not disturbed, about."""


class Person(disk.System):
    """Opens the file at one call of a landing and saves a text with `unit` in it at that call or a later one."""

    def __init__(self, path: Path, unit: str, dice: random.Random, *, way: str) -> None:
        self.path, self.unit, self.dice, self.way = path, unit, dice, way
        self.moments = 0
        self.opens = dice.randrange(2 * CALLS)
        self.steps: Iterator[None] | None = None
        self.done = False

    def moment(self) -> None:
        """Between two calls, something may happen."""
        if self.moments == self.opens:
            self.steps = self.save()
        self.moments += 1
        if self.steps and self.dice.random() < 0.6:
            self.step()

    def step(self) -> None:
        """Go on with the save."""
        if self.steps is not None and next(self.steps, self) is self:
            self.steps, self.done = None, True

    def finish(self) -> None:
        """Let a save that has begun come to its end, and one that has not begin."""
        if not self.done and self.steps is None:
            self.steps = self.save()
        while not self.done:
            self.step()

    def save(self) -> Iterator[None]:
        """Save, in steps between which the landing goes on."""
        wanted = self.dice.choice((f"{MINE}\n{self.unit}\n", MINE.replace("Start a trial.", self.unit)))
        if self.way == "replace":
            fresh = self.path.with_name("editor.tmp")
            fresh.write_text(wanted)
            yield
            fresh.replace(self.path)
        elif self.way == "rewrite":
            with self.path.open("w") as file:
                yield
                half = self.dice.randrange(len(wanted))
                file.write(wanted[:half])
                file.flush()
                yield
                file.write(wanted[half:])
        else:
            with self.path.open("a") as file:
                yield
                file.write(f"\n{self.unit}\n")

    def write(self, descriptor: int, data: bytes) -> None:
        self.moment()
        super().write(descriptor, data)
        self.moment()

    def fsync(self, descriptor: int) -> None:
        """Leave it: nothing is seen of it."""

    def link(self, old: Path, new: Path) -> None:
        self.moment()
        super().link(old, new)
        self.moment()

    def rename(self, old: Path, new: Path) -> None:
        self.moment()
        super().rename(old, new)
        self.moment()

    def unlink(self, path: Path) -> None:
        self.moment()
        super().unlink(path)
        self.moment()


def land_and_save(folder: Path, seed: int) -> str:
    """Land while a person saves; return what of theirs the copy does not hold in the end, "" if nothing is missing."""
    dice = random.Random(seed)
    path = folder / "page.md"
    path.write_text(MINE)
    person = Person(path, f"Unit {seed} of the person.", dice, way=dice.choice(WAYS))
    with disk.using(person):
        land(path, base=BASE, theirs=THEIRS)
    person.finish()
    for _ in range(3):
        sweep(folder)
    text = path.read_text()
    missing = [unit for unit in (person.unit, EARLIER) if unit not in text]
    left = [each.name for each in folder.iterdir() if each != path]
    return f"{person.way}: missing {missing}, left over {left}, in\n{text}" if missing or left else ""


def main() -> None:
    """Run many and print the losses."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--saves", type=int, default=4_000)
    given = parser.parse_args()
    lost = 0
    for seed in range(given.saves):
        with tempfile.TemporaryDirectory() as folder:
            problem = land_and_save(Path(folder), seed)
        if problem:
            lost += 1
            print(f"seed {seed}, {problem}")
    print(f"{given.saves} saves aimed at the landing window: {lost} with a loss")


if __name__ == "__main__":
    main()
