"""No word of a person's is lost over chains of edits, updates, fresh texts and reverts; and it would be without the carry-over."""

from __future__ import annotations

import random
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from generator.drafts import carry_over, human_pieces, merge, split
from generator.model import Merged, Suggestion

Carry = Callable[[str | None, str | None, str], Merged]

SHAPES = (
    "{}\n\n",
    "## {}\n\n",
    "- {}\n",
    "> {}\n\n",
    "```\n{}\n```\n\n",
    "{}\nand on.\n\n",
    "!!! note\n    {}\n\n",
    "{}\n",
)


class Chain:
    """A working copy, its ancestor, the person's units in it, and chance."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.count = 0
        self.ancestor: str | None = None
        self.copy = ""
        self.units: dict[str, str] = {}
        """What the person wrote, and the block it was written as. What a model quotes of it is not the person's."""
        self.past: list[str] = []

    def block(self, who: str) -> tuple[str, str]:
        """Return a new unit and a block that holds it."""
        self.count += 1
        said = " ".join(self.dice.choice(("price", "month", "close", "trial", "seat", "day")) for _ in range(6))
        unit = f"{who} {self.count} on {said}"
        return unit, self.dice.choice(SHAPES).format(unit)

    def fresh(self) -> str:
        return "".join(self.block("model")[1] for _ in range(self.dice.randint(1, 8)))

    def edit_by_person(self) -> None:
        """Add, rewrite, remove or move some blocks."""
        blocks = list(split(self.copy))
        for _ in range(self.dice.randint(0, 3)):
            unit, block = self.block("person")
            action = self.dice.choice(("add", "add", "rewrite", "remove", "move"))
            place = self.dice.randrange(len(blocks) + 1)
            if action == "add" or place == len(blocks):
                blocks.insert(place, block)
            elif action == "rewrite":
                blocks[place] = block
            elif action == "remove":
                del blocks[place]
            else:
                blocks.insert(self.dice.randrange(len(blocks)), blocks.pop(place))
            self.units[unit] = block.strip()
        self.copy = "".join(blocks)
        there = {block.strip() for block in split(self.copy)}
        self.units = {unit: block for unit, block in self.units.items() if block in there}

    def answer(self, given_: str) -> str:
        """Return a model's reply to an update: the copy it was given, with blocks dropped, rewritten, joined, moved, added."""
        blocks = list(split(given_))
        for _ in range(self.dice.randint(0, 5)):
            place = self.dice.randrange(len(blocks) + 1)
            action = self.dice.choice(("add", "drop", "drop", "rewrite", "retouch", "move", "join"))
            if action == "add" or place == len(blocks):
                blocks.insert(place, self.block("model")[1])
            elif action == "drop":
                del blocks[place]
            elif action == "rewrite":
                blocks[place] = self.block("model")[1]
            elif action == "retouch":
                blocks[place] = blocks[place].replace("on ", "about ", 1)
            elif action == "move":
                blocks.insert(self.dice.randrange(len(blocks)), blocks.pop(place))
            else:
                blocks[place] = blocks[place].rstrip() + " "
        return "".join(blocks)

    def update(self, carry: Carry) -> None:
        """Make the text again in one of the three ways, while the person may go on editing, and land it."""
        way = self.dice.choice(("update", "update", "update", "fresh", "revert"))
        given_ = None
        reply = self.fresh()
        if way == "update" and self.ancestor is not None:
            given_ = self.copy
            reply = self.answer(given_)
        elif way == "revert" and self.past:
            reply = self.dice.choice(self.past)
        if self.dice.random() < 0.3:
            self.edit_by_person()
        theirs = carry(given_, self.ancestor, reply).text
        if self.ancestor is None:
            self.copy = theirs
        else:
            self.copy = merge(self.ancestor, self.copy, theirs).text
        self.ancestor = theirs
        self.past.append(theirs)


def lost_after(seed: int, carry: Carry, *, updates: int = 7) -> set[str]:
    """Return the person's units that were lost in a chain of updates."""
    chain = Chain(seed)
    chain.update(carry)
    for _ in range(updates):
        chain.edit_by_person()
        chain.update(carry)
        lost = {unit for unit in chain.units if unit not in chain.copy}
        if lost:
            return lost
    return set()


def launder(given_: str | None, ancestor: str | None, reply: str) -> Merged:
    """Take the reply as it is for the AI's text, which is what the carry-over is there to prevent."""
    del given_, ancestor
    return Merged(text=reply)


@settings(derandomize=True, max_examples=200, deadline=None, database=None)
@given(st.integers(0, 2**32))
def test_no_unit_of_a_person_is_lost_over_a_chain_of_updates(seed: int) -> None:
    assert lost_after(seed, carry_over) == set()


def test_without_the_carry_over_words_are_lost() -> None:
    lossy = [seed for seed in range(60) if lost_after(seed, launder)]
    assert len(lossy) > 6
    assert not any(lost_after(seed, carry_over) for seed in lossy)


def test_what_an_update_does_to_a_persons_block_is_offered_and_not_done() -> None:
    ancestor, given_ = (
        "A of the model.\n\nB of the model.\n",
        "A of the person.\n\nB of the model.\n\nAnd C of the person.\n",
    )
    carried = carry_over(given_, ancestor, "A of the person, better.\n\nB of the model, new.\n")
    assert carried == Merged(
        text="A of the model.\n\nB of the model, new.\n",
        suggestions=(
            Suggestion(line=1, base="A of the model.", mine="A of the person.", theirs="A of the person, better."),
        ),
    )
    assert merge(ancestor, given_, carried.text) == Merged(
        text="A of the person.\n\nB of the model, new.\n\nAnd C of the person.\n"
    )


def test_what_a_model_moves_does_not_become_its_own() -> None:
    ancestor, given_ = "A a.\n\nX x.\n\nY y.\n", "A a.\n\nX x.\n\nPerson.\n\nY y.\n"
    assert carry_over(given_, ancestor, "Person.\n\nX x.\n\nY y.\n").text == "X x.\n\nY y.\n"


def test_an_addition_between_blocks_of_a_person_lands() -> None:
    ancestor, given_ = "A a.\n\nB b.\n", "A a.\n\nPerson 1.\n\nPerson 2.\n\nB b.\n"
    carried = carry_over(given_, ancestor, "A a.\n\nPerson 1.\n\nNew.\n\nPerson 2.\n\nB b.\n")
    assert carried == Merged(text="A a.\n\nNew.\n\nB b.\n")


def test_a_reply_that_was_given_nothing_is_a_text_of_its_own() -> None:
    assert carry_over(None, None, "New.\n") == Merged(text="New.\n")
    assert carry_over(None, "Old.\n", "New.\n") == Merged(text="New.\n")


def test_a_reply_to_a_text_that_is_all_a_persons_gives_only_what_is_new() -> None:
    carried = carry_over("Person.\n\nMore.\n", None, "Person, better.\n\nMore.\n\nNew.\n")
    assert carried.text == "New.\n"
    assert [(each.base, each.mine, each.theirs) for each in carried.suggestions] == [("", "Person.", "Person, better.")]


def test_a_persons_pieces_are_those_the_model_did_not_write() -> None:
    ancestor = "---\ntitle: A\nprice: 49\n---\n# Head\n\nText.\n\n"
    copy = "---\ntitle: Mine\nprice: 49\n---\n# Head\r\n\r\nText of mine.\n\nText.\n"
    assert human_pieces(ancestor, copy) == ("title: Mine\n", "Text of mine.\n\n")
    assert human_pieces(None, "A.\n\nB.\n") == ("A.\n\n", "B.\n")
    assert human_pieces("---\na: 1\na: 2\n---\n", "---\na: 1\na: 3\n---\n") == ("---\na: 1\na: 3\n---\n",)
    assert human_pieces("A.\n", "A.\n\n\n") == ()
    assert human_pieces("One a. Two b. Three c. Four d.\n", "One a. My two. And more.\nFour d. Mine.\n") == (
        "My two. And more.\n",
        "Mine.\n",
    )
