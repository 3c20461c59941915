"""Notes in a text: found, taken out, put back, and the changes that are made for them kept to their place."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.drafts import find_callouts, land, limit, rewrite, without_callouts
from generator.drafts.callouts import with_callouts
from tests.properties.test_merge import texts
from tests.properties.test_sentences import Writer

QUICK = settings(derandomize=True, max_examples=150, deadline=None, database=None)
NOTE = "> [!editor] Too long; cut it.\n"

CASES = {
    "between": (f"A a.\n\n{NOTE}\nB b.\n", [("Too long; cut it.", 3, "A a.")], "A a.\n\nB b.\n"),
    "over lines": ("A a.\n\n> [!EDITOR] Too long;\n>  cut it.\n>\n> Now.\n\nB b.\n", [("Too long;\n cut it.\n\nNow.", 3, "A a.")], "A a.\n\nB b.\n"),
    "at the end": (f"A a.\n\n{NOTE}", [("Too long; cut it.", 3, "A a.")], "A a.\n"),
    "at the end without a line end": (f"A a.\n\n{NOTE.rstrip()}", [("Too long; cut it.", 3, "A a.")], "A a."),
    "at the head": (f"{NOTE}\nA a.\n", [("Too long; cut it.", 1, "A a.")], "A a.\n"),
    "behind front matter": (f"---\na: 1\n---\n{NOTE}\nA a.\n", [("Too long; cut it.", 4, "A a.")], "---\na: 1\n---\nA a.\n"),
    "alone": (NOTE, [("Too long; cut it.", 1, "")], ""),
    "two in a row": (f"A a.\n\n{NOTE}> [!editor] And more.\n\nB b.\n", [("Too long; cut it.", 3, "A a."), ("And more.", 4, "A a.")], "A a.\n\nB b.\n"),
    "below a quotation": (f"> Said.\n{NOTE}\nB b.\n", [("Too long; cut it.", 2, f"> Said.\n{NOTE}".rstrip())], "> Said.\nB b.\n"),
    "words that only follow stay": (f"A a.\n\n{NOTE}Mine goes on.\n", [("Too long; cut it.", 3, f"{NOTE}Mine goes on.")], "A a.\n\nMine goes on.\n"),
    "in a list": (f"- a\n\n{NOTE}\n- b\n", [("Too long; cut it.", 3, "- a")], "- a\n\n- b\n"),
    "CRLF": ("A a.\r\n\r\n> [!editor] Cut.\r\n\r\nB b.\r\n", [("Cut.", 3, "A a.")], "A a.\r\n\r\nB b.\r\n"),
    "without words": ("A a.\n\n> [!editor]\n", [("", 3, "A a.")], "A a.\n"),
    "in code": (f"```\n{NOTE}```\n", [], f"```\n{NOTE}```\n"),
    "another kind": ("> [!note] Not ours.\n", [], "> [!note] Not ours.\n"),
    "none": ("A a.\n", [], "A a.\n"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "found", "rest"), CASES.values(), ids=CASES)
def test_callouts(text: str, found: list[tuple[str, int, str]], rest: str) -> None:
    assert [(each.note, each.line) for each in find_callouts(text)] == [each[:2] for each in found]
    if "quotation" not in text and "goes on" not in text and "Said" not in text:
        assert [each.block for each in find_callouts(text)] == [each[2] for each in found]
    assert without_callouts(text) == rest


@QUICK
@given(texts, texts)
def test_no_text_makes_them_raise(text: str, other: str) -> None:
    noted = f"{text}\n\n{NOTE}\n{other}"
    plain = without_callouts(noted)
    assert without_callouts(plain) == plain
    back = with_callouts(plain, noted)
    assert [each.note for each in find_callouts(back)] == [each.note for each in find_callouts(noted)]
    limit(text, other, (text,))


def test_they_go_back_to_their_block_and_to_the_end_if_that_is_gone() -> None:
    source = f"A a.\n\n{NOTE}\nB b.\n"
    assert with_callouts("New.\n\nA a.\n\nB b.\n", source) == f"New.\n\nA a.\n\n{NOTE}\nB b.\n"
    assert with_callouts("New.\n", source) == f"New.\n\n{NOTE}"
    assert with_callouts("", source) == NOTE
    assert with_callouts("A a.\n", "A a.\n") == "A a.\n"


GIVEN = "# T\n\nOne is here.\n\nTwo is here.\n\nThree is here.\n\nFour is here.\n\nFive is here.\n"


@pytest.mark.parametrize(
    ("reply", "limited"),
    [
        (GIVEN.replace("is here", "was here"), GIVEN.replace("Two is", "Two was").replace("Three is", "Three was").replace("Four is", "Four was")),
        (GIVEN.replace("Three is here.\n\n", ""), GIVEN.replace("Three is here.\n\n", "")),
        (GIVEN.replace("One is here.\n\n", "").replace("Five is here.\n", ""), GIVEN),
        (GIVEN.replace("Four", "New.\n\nFour"), GIVEN.replace("Four", "New.\n\nFour")),
        (GIVEN + "\nSix is new.\n", GIVEN),
        ("New.\n\n" + GIVEN, GIVEN),
        (GIVEN, GIVEN),
    ],
    ids=["all reworded", "removed", "others removed", "added beside", "added at the end", "added at the head", "as it was"],
)  # fmt: skip
def test_a_change_for_a_note_stays_at_its_block_and_the_ones_beside_it(reply: str, limited: str) -> None:
    assert limit(GIVEN, reply, ("Three is here.",)) == limited


def test_where_the_block_is_gone_there_is_no_limit() -> None:
    assert limit(GIVEN, "All new.\n", ("Gone.",)) == "All new.\n"
    assert limit(GIVEN, "All new.\n", ("",)) == "All new.\n"


@QUICK
@given(st.integers(0, 2**32))
def test_what_is_limited_keeps_every_other_block(seed: int) -> None:
    writer = Writer(seed)
    given_ = "".join(f"P{n} {writer.sentence('base')}\n\n" for n in range(9))
    blocks = given_.split("\n\n")
    limited = limit(given_, writer.edited(given_, "model"), (random.Random(seed).choice(blocks[:3]),))
    assert all(block in limited for block in blocks[4:])


def test_a_callout_that_is_written_while_a_text_lands_stays_at_its_block(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(f"A a.\n\n{NOTE}\nB b.\n")
    landed = land(path, base="A a.\n\nB b.\n", theirs="A a.\n\nB is new.\n")
    assert landed.text == path.read_text() == f"A a.\n\n{NOTE}\nB is new.\n"
    assert land(path, base="A a.\n\nB b.\n", theirs="A a.\n\nB is new.\n").replaced is False
    assert land(path, base="A a.\n\nB is new.\n", theirs="A a.\n\nB is new.\n").text == f"A a.\n\n{NOTE}\nB is new.\n"


def test_a_rewrite_keeps_what_was_saved_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    judged = f"A a.\n\n{NOTE}\nB b.\n"
    path.write_text(f"{judged}\nMine, just now.\n")
    assert rewrite(path, judged=judged, text="A a.\n\nB b.\n") == "A a.\n\nB b.\n\nMine, just now.\n"
    assert path.read_text() == "A a.\n\nB b.\n\nMine, just now.\n"
