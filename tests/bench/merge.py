"""How many pages a second `drafts.merge` merges: pages of 1,000 words, a line to a paragraph, as models write them.

Each side rewords four sentences and adds one, at random places of the same base. Run `python tests/bench/merge.py`.
Prints the median of five runs, how much of it is splitting, and how many suggestions there are for sentences that both
sides changed, and for others, beside the conflicts that git leaves.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from generator import drafts

WORDS = 1_000
REWORDED = 4
GIT_PAGES = 200
"""Pages that git merges, too; a process for each."""

Page = list[list[str]]


def make_words(dice: random.Random) -> list[str]:
    """Return a vocabulary in which a few words are common and most are rare, as in prose."""
    syllables = [first + second for first in "bdfgklmnprstvw" for second in "aeiou"]
    rare = ["".join(dice.choices(syllables, k=dice.randint(1, 4))) for _ in range(5_000)]
    common = ["the", "of", "and", "to", "a", "in", "is", "that", "it", "for", "on", "with", "as", "was", "at", "by"]
    return common * 150 + rare


def make_sentence(dice: random.Random, words: list[str]) -> str:
    """Return a sentence of 8 to 20 words."""
    return " ".join(dice.choices(words, k=dice.randint(8, 20))).capitalize() + "."


def make_page(dice: random.Random, words: list[str]) -> Page:
    """Return paragraphs of 3 to 7 sentences, until there are 1,000 words."""
    page: Page = []
    while sum(len(sentence.split()) for paragraph in page for sentence in paragraph) < WORDS:
        page.append([make_sentence(dice, words) for _ in range(dice.randint(3, 7))])
    return page


def edit(page: Page, dice: random.Random, words: list[str]) -> Page:
    """Return the page with some sentences reworded and one added."""
    edited = [list(paragraph) for paragraph in page]
    for _ in range(REWORDED):
        paragraph = dice.choice(edited)
        place = dice.randrange(len(paragraph))
        said = paragraph[place].rstrip(".").split()
        for _ in range(dice.randint(1, 3)):
            said[dice.randrange(len(said))] = dice.choice(words)
        paragraph[place] = " ".join(said).capitalize() + "."
    paragraph = dice.choice(edited)
    paragraph.insert(dice.randrange(len(paragraph) + 1), make_sentence(dice, words))
    return edited


def write(page: Page) -> str:
    """Return the page as Markdown, a line to a paragraph."""
    return "".join(" ".join(paragraph) + "\n\n" for paragraph in page)


def measure(action: Callable[[str, str, str], object], pages: list[tuple[str, str, str]], runs: int) -> float:
    """Return pages a second, the median of the runs."""
    rates = []
    for _ in range(runs):
        begun = time.perf_counter()
        for base, mine, theirs in pages:
            action(base, mine, theirs)
        rates.append(len(pages) / (time.perf_counter() - begun))
    return statistics.median(rates)


def touched(base: Page, mine: Page, theirs: Page) -> set[str]:
    """Return the sentences of base that both sides changed."""
    was, own, new = ({sentence for paragraph in page for sentence in paragraph} for page in (base, mine, theirs))
    return (was - own) & (was - new)


def conflicts_of_git(texts: tuple[str, str, str], folder: Path) -> int:
    """Return how many conflicts `git merge-file` leaves."""
    names = []
    for name, text in zip(("base", "mine", "theirs"), texts, strict=True):
        (folder / name).write_text(text, encoding="utf-8")
        names.append(str(folder / name))
    words = ["git", "merge-file", "-p", "-q", names[1], names[0], names[2]]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return sum(line.startswith("<<<<<<<") for line in done.stdout.splitlines())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=1_000)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    dice = random.Random(7)
    words = make_words(dice)
    pages, both = [], []
    for _ in range(given.pages):
        page = make_page(dice, words)
        mine, theirs = edit(page, dice, words), edit(page, dice, words)
        pages.append((write(page), write(mine), write(theirs)))
        both.append(touched(page, mine, theirs))
    rate = measure(drafts.merge, pages, given.runs)
    splitting = measure(lambda *texts: [drafts.split(text) for text in texts], pages, given.runs)
    print(f"drafts.merge: {rate:,.0f} pages a second; splitting three texts alone: {splitting:,.0f}")
    offered = [drafts.merge(*page).suggestions for page in pages]
    flagged = sum(
        any(each in one.base for one in found) for these, found in zip(both, offered, strict=True) for each in these
    )
    needless = sum(
        not any(each in one.base for each in these) for these, found in zip(both, offered, strict=True) for one in found
    )
    print(
        f"sentences that both changed: {sum(map(len, both))}; of them offered as suggestions: {flagged}; other suggestions: {needless}"
    )
    print(f"pages without a suggestion: {sum(not each for each in offered)} of {len(pages)}")
    with tempfile.TemporaryDirectory() as folder:
        found = [conflicts_of_git(page, Path(folder)) for page in pages[:GIT_PAGES]]
    ours, few = sum(map(len, offered[:GIT_PAGES])), sum(map(len, both[:GIT_PAGES]))
    print(
        f"git merge-file on {len(found)} of these pages: {sum(found)} conflicts, {sum(not each for each in found)} pages without one"
    )
    print(f"  where no sentence was changed by both: git {sum(found) - few}, copydesk {ours - few}")


if __name__ == "__main__":
    main()
