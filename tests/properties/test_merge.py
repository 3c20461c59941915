"""The laws of splitting and merging, for texts made of Markdown and for any text at all."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from generator.drafts import carry_over, human_pieces, merge, split
from generator.model import Merged

QUICK = settings(derandomize=True, max_examples=150, deadline=None, database=None)

PIECES = (
    "A first paragraph with some words.", "A first paragraph with other words.", "Second\nover two lines.", "# Head",
    "## Head 2", "- item one\n- item two", "- item one\n\n  more", "1. first\n2. second", "```\ncode\n\nmore\n```",
    "```", "~~~ py\nopen", "<div>", "</div>", "<!-- note -->", "> quoted", "---", "***", "!!! note\n    body\n\n    more",
    '=== "Tab"\n    inside', "[^1]: a note", "    indented", "| a | b |\n|---|---|\n| 1 | 2 |", "Title\n===", "",
    "---\ntitle: x\nprice: 49\n---", "---\ntitle: y\nprice: 49\n---", "---\nbroken\n---", "\x00", "\ufeff", "日本語の段落。",
    "\u2028odd", "word", "<<<<<<< mine",
)  # fmt: skip
ENDS = ("\n\n", "\n\n", "\n\n", "\n", "\r\n\r\n", "\r\n", "\r", "\n\n\n", " \n", "")

pieces = st.builds(str.__add__, st.sampled_from(PIECES), st.sampled_from(ENDS))
markdown = st.lists(pieces, max_size=8).map("".join)
texts = st.one_of(markdown, st.text(max_size=40), st.text(alphabet="ab-#> `\n\r\t:|", max_size=40))


@st.composite
def edits(draw: st.DrawFn, text: str) -> str:
    """Return the text with some of its blocks removed, replaced, moved, or added to."""
    blocks = list(split(text))
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(blocks)))
        action = draw(st.sampled_from(("add", "remove", "replace", "move")))
        if action == "add" or place == len(blocks):
            blocks.insert(place, draw(pieces))
        elif action == "remove":
            del blocks[place]
        elif action == "replace":
            blocks[place] = draw(pieces)
        else:
            blocks.insert(draw(st.integers(0, len(blocks) - 1)), blocks.pop(place))
    return "".join(blocks)


@st.composite
def threes(draw: st.DrawFn) -> tuple[str, str, str]:
    """Return base, mine and theirs, mostly edits of one text."""
    base = draw(texts)
    mine = draw(st.one_of(edits(base), edits(base), texts))
    theirs = draw(st.one_of(edits(base), edits(base), texts))
    return base, mine, theirs


def words(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip(" \t\n")


def ids(merged: Merged) -> list[str]:
    return [each.id for each in merged.suggestions]


@QUICK
@given(texts)
def test_joining_the_blocks_gives_back_every_byte(text: str) -> None:
    blocks = split(text)
    assert "".join(blocks) == text
    assert all(blocks)


@QUICK
@given(texts, texts)
def test_where_one_side_changed_nothing_the_other_stands(one: str, other: str) -> None:
    assert merge(one, other, one) == Merged(text=other)
    assert merge(one, one, other) == Merged(text=other)
    assert merge(one, other, other) == Merged(text=other)


@settings(QUICK, max_examples=500)
@given(threes())
def test_landing_twice_is_landing_once(three: tuple[str, str, str]) -> None:
    base, mine, theirs = three
    once = merge(base, mine, theirs)
    assert merge(base, once.text, theirs) == once
    assert merge(base, mine, theirs) == once


@settings(QUICK, max_examples=400)
@given(threes())
def test_every_block_of_a_person_is_in_the_result(three: tuple[str, str, str]) -> None:
    base, mine, theirs = three
    merged = merge(base, mine, theirs)
    for block in human_pieces(base, mine):
        assert block.rstrip(" \t\r\n") in merged.text


@settings(QUICK, max_examples=400)
@given(threes())
def test_every_block_theirs_wrote_is_in_the_result_or_in_a_suggestion(three: tuple[str, str, str]) -> None:
    base, mine, theirs = three
    merged = merge(base, mine, theirs)
    known = {words(block) for block in split(base)}
    offered = [words(merged.text), *(words(each.theirs) for each in merged.suggestions)]
    for block in split(theirs):
        if words(block) not in known and not block.startswith(("---", "\ufeff")):
            assert any(words(block) in text for text in offered)


@QUICK
@given(threes())
def test_what_is_carried_over_holds_no_block_that_only_a_person_wrote(three: tuple[str, str, str]) -> None:
    ancestor, given_, reply = three
    carried = carry_over(given_, ancestor, reply).text
    written = {words(block) for text in (ancestor, reply) for block in split(text)}
    human = {words(block) for block in human_pieces(ancestor, given_)} - {""}
    unasked = {words(block) for block in split(reply)} - {words(block) for block in split(given_)}
    if all(block.strip() for block in split(carried)):
        assert not (human & {words(block) for block in split(carried)}) - unasked
    assert written or not carried


PLAIN = st.lists(
    st.tuples(st.integers(0, 10**6), st.sampled_from(("keep", "keep", "mine", "theirs", "both", "cut", "drop"))),
    min_size=1, max_size=10, unique_by=lambda pair: pair[0],
)  # fmt: skip


def paragraph(number: int, turn: str = "") -> str:
    said = " ".join(f"w{number}x{each}" for each in range(9))
    return f"{said} {turn}.".replace(" .", ".") + "\n\n"


@QUICK
@given(PLAIN)
def test_each_change_goes_where_the_law_says(plan: list[tuple[int, str]]) -> None:
    base, mine, theirs, wanted, offered = "", "", "", "", 0
    for number, fate in plan:
        old = paragraph(number)
        own = paragraph(number, "mine") if fate in ("mine", "both") else "" if fate == "cut" else old
        new = paragraph(number, "theirs") if fate in ("theirs", "both") else "" if fate == "drop" else old
        base, mine, theirs = base + old, mine + own, theirs + new
        wanted += new if own == old else own
        offered += fate == "both"
    merged = merge(base, mine, theirs)
    assert merged.text == wanted
    assert len(merged.suggestions) == offered


@QUICK
@given(PLAIN)
def test_a_swap_of_sides_swaps_only_who_yields(plan: list[tuple[int, str]]) -> None:
    base, mine, theirs = "", "", ""
    for number, fate in plan:
        old = paragraph(number)
        base += old
        mine += paragraph(number, "mine") if fate in ("mine", "both", "drop") else "" if fate == "cut" else old
        theirs += paragraph(number, "theirs") if fate in ("theirs", "both", "cut") else "" if fate == "drop" else old
    one, other = merge(base, mine, theirs), merge(base, theirs, mine)
    assert [(s.base, s.mine, s.theirs) for s in one.suggestions] == [
        (s.base, s.theirs, s.mine) for s in other.suggestions
    ]
    if not one.suggestions:
        assert one.text == other.text


@QUICK
@given(PLAIN)
def test_a_copy_with_other_line_ends_keeps_them(plan: list[tuple[int, str]]) -> None:
    base = "".join(paragraph(number) for number, _ in plan)
    mine = base.replace("\n", "\r\n") + "Mine.\r\n"
    theirs = "".join(paragraph(number, "theirs" if fate == "theirs" else "") for number, fate in plan)
    merged = merge(base, mine, theirs)
    assert merged.text == theirs.replace("\n", "\r\n") + "Mine.\r\n"
