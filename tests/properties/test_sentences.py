"""The laws of the merge at the level of sentences: within a paragraph, a quote, an admonition, a list, a table."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.drafts import carry_over, merge, unit_key, units
from generator.drafts.markdown.sentences import split_sentences

QUICK = settings(derandomize=True, max_examples=150, deadline=None, database=None)

FATES = ("keep", "keep", "keep", "mine", "theirs", "both", "cut", "drop")
PLAN = st.lists(st.lists(st.sampled_from(FATES), min_size=1, max_size=5), min_size=1, max_size=5)


def sentence(number: int, turn: str = "") -> str:
    said = " ".join(f"w{number}x{each}" for each in range(8))
    return f"W{number} {said}{turn and ' ' + turn}."


def plain(text: str) -> str:
    """Return the words of a text, however they are wrapped."""
    return " ".join(re.sub(r"(?:^|[\r\n]+)(?:[ \t]*>)*", " ", text).split())


def keys(text: str) -> set[str]:
    """Return the sentences of a text, those within an item or a piece of code, too."""
    found = {plain(each) for unit in units(text) for each in split_sentences(unit_key(unit))}
    return {re.sub(r"^(?:[-+*]|1\.|#+|!!!|\[\^n\]:)? *(?:> *)*", "", each) for each in found} - {""}


def paragraphs(plan: list[list[str]]) -> tuple[str, str, str, str, int]:
    """Return base, mine, theirs, what the law wants, and how many sentences both changed. No paragraph is left empty."""
    texts = ["", "", "", ""]
    number, offered = 0, 0
    for fates in plan:
        lines: list[list[str]] = [[], [], [], []]
        for fate in ("keep", *fates):
            number += 1
            old = sentence(number)
            own = sentence(number, "mine") if fate in ("mine", "both") else "" if fate == "cut" else old
            new = sentence(number, "theirs") if fate in ("theirs", "both") else "" if fate == "drop" else old
            for line, said in zip(lines, (old, own, new, new if own == old else own), strict=True):
                line.extend([said] if said else [])
            offered += fate == "both"
        texts = [text + " ".join(line) + "\n\n" for text, line in zip(texts, lines, strict=True)]
    base, mine, theirs, wanted = texts
    return base, mine, theirs, wanted, offered


@QUICK
@given(PLAN)
def test_each_sentence_goes_where_the_law_says(plan: list[list[str]]) -> None:
    base, mine, theirs, wanted, offered = paragraphs(plan)
    merged = merge(base, mine, theirs)
    assert merged.text == wanted
    assert len(merged.suggestions) == offered
    for each in merged.suggestions:
        assert each.mine in mine
        assert each.theirs in theirs
        assert each.before == "" or each.before in merged.text
    assert merge(base, merged.text, theirs) == merged


@QUICK
@given(PLAN)
def test_a_swap_of_sides_swaps_only_who_yields(plan: list[list[str]]) -> None:
    base, mine, theirs, _, _ = paragraphs(plan)
    one, other = merge(base, mine, theirs), merge(base, theirs, mine)
    assert [(s.base, s.mine, s.theirs) for s in one.suggestions] == [
        (s.base, s.theirs, s.mine) for s in other.suggestions
    ]
    if not one.suggestions:
        assert one.text == other.text


SHAPES = (
    "{}\n\n",
    "> {}\n\n",
    '!!! note "N"\n    {}\n\n',
    "[^n]: {}\n\n",
    "- {}\n",
    "## {}\n\n",
    "1. {}\n",
    "    {}\n\n",
)
JOINTS = (" ", " ", "\n", "  \n", " \\\n")


class Writer:
    """Makes prose out of numbered sentences, and edits it sentence by sentence."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.count = 0

    def sentence(self, who: str) -> str:
        self.count += 1
        said = " ".join(
            self.dice.choice(("price", "month", "close", "trial", "seat", "Dr. Day", "v1.2")) for _ in range(6)
        )
        return f"{who.title()} {self.count} on {said}{self.dice.choice(('.', '.', '!', '?', '.[^a-1]', '…'))}"

    def block(self, who: str) -> str:
        shape = self.dice.choice(SHAPES[:3] * 3 + SHAPES)
        pieces = [self.sentence(who) for _ in range(self.dice.randint(1, 5))]
        joint = self.dice.choice(JOINTS) if shape == SHAPES[0] else " "
        return shape.format(joint.join(pieces))

    def text(self, who: str) -> str:
        return "".join(self.block(who) for _ in range(self.dice.randint(1, 6)))

    def edited(self, text: str, who: str) -> str:
        """Return the text with some sentences reworded, added, removed or moved, and perhaps a block."""
        pieces = list(units(text))
        for _ in range(self.dice.randint(1, 4)):
            at = self.dice.randrange(len(pieces)) if pieces else 0
            action = self.dice.choice(("reword", "reword", "add", "remove", "move", "block"))
            if action == "block" or not pieces:
                pieces.insert(at, self.block(who))
            elif action == "reword":
                said = pieces[at].split(" ")
                said[len(said) // 2] = f"{who}{self.count}"
                self.count += 1
                pieces[at] = " ".join(said)
            elif action == "add":
                pieces.insert(at, self.sentence(who) + " ")
            elif action == "remove":
                del pieces[at]
            else:
                pieces.insert(self.dice.randrange(len(pieces)), pieces.pop(at))
        return "".join(pieces)


def check(base: str, mine: str, theirs: str) -> None:
    merged = merge(base, mine, theirs)
    there = plain(merged.text)
    offered = [plain(each.theirs) for each in merged.suggestions]
    assert not [each for each in keys(mine) - keys(base) if each not in there]
    assert not [each for each in keys(theirs) - keys(base) if not any(each in text for text in (there, *offered))]
    assert merge(base, merged.text, theirs) == merged


@settings(QUICK, max_examples=400)
@given(st.integers(0, 2**32))
def test_every_sentence_of_either_side_is_there(seed: int) -> None:
    writer = Writer(seed)
    base = writer.text("base")
    check(base, writer.edited(base, "mine"), writer.edited(base, "theirs"))


def test_what_only_blocks_can_merge_stands_still_for_sentences_too() -> None:
    writer = Writer(59796382)
    base = writer.text("base")
    check(base, writer.edited(base, "mine"), writer.edited(base, "theirs"))


@settings(QUICK, max_examples=60)
@given(st.integers(0, 2**32))
def test_every_sentence_of_either_side_is_there_where_lines_end_otherwise(seed: int) -> None:
    writer = Writer(seed)
    base = writer.text("base")
    check(base, writer.edited(base, "mine").replace("\n", "\r\n"), writer.edited(base, "theirs"))


def lost_after(seed: int, updates: int = 6) -> set[str]:
    """Return the person's sentences that a chain of updates, fresh texts and reverts lost."""
    writer = Writer(seed)
    ancestor = copy = writer.text("model")
    human: set[str] = set()
    past = [ancestor]
    for _ in range(updates):
        before = keys(copy)
        copy = writer.edited(copy, "person")
        human = {each for each in human | (keys(copy) - before) if each in keys(copy)} - keys(ancestor)
        way = writer.dice.choice(("update", "update", "update", "fresh", "revert"))
        given_ = copy if way == "update" else None
        reply = writer.edited(copy, "model") if given_ else writer.text("model")
        theirs = carry_over(given_, ancestor, past[0] if way == "revert" else reply).text
        copy, ancestor = merge(ancestor, copy, theirs).text, theirs
        past.append(theirs)
        lost = {each for each in human if each not in plain(copy)}
        if lost:
            return lost
    return set()


@settings(QUICK, max_examples=200)
@given(st.integers(0, 2**32))
def test_no_sentence_of_a_person_is_lost_over_a_chain_of_updates(seed: int) -> None:
    assert lost_after(seed) == set()


WRAPPED = "One stands here. Two goes over\nthe line. Three is long and\nends here.\n"


@pytest.mark.parametrize(
    ("mine", "theirs", "merged"),
    [
        (WRAPPED.replace("One", "My one"), WRAPPED.replace("Three", "New three"), "My one stands here. Two goes over\nthe line. New three is long and\nends here.\n"),
        (WRAPPED.replace("One", "My one"), WRAPPED.replace("\n", " ").strip() + "\n", WRAPPED.replace("One", "My one")),
        (WRAPPED.replace("One", "My one"), "One stands here. Two goes over the line. Three is\nlong and new.\n", "My one stands here. Two goes over\nthe line. Three is\nlong and new.\n"),
    ],
    ids=["a wrapped paragraph", "re-wrapped by theirs alone", "re-wrapped and changed"],
)  # fmt: skip
def test_what_nobody_touched_is_not_wrapped_anew(mine: str, theirs: str, merged: str) -> None:
    assert merge(WRAPPED, mine, theirs).text == merged
