"""Where a suggestion's place is, and what taking it over does: that place, and no other byte."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.drafts import Places, merge, take_over
from generator.model import Suggestion
from tests.properties.test_sentences import PLAN, Writer, paragraphs

QUICK = settings(derandomize=True, max_examples=150, deadline=None, database=None)


def one(mine: str, theirs: str, *, base: str = "", before: str = "", line: int = 1) -> Suggestion:
    return Suggestion(line=line, base=base, mine=mine, theirs=theirs, before=before)


CASES = {
    "a sentence": ("A a. B mine. C c.\n", one("B mine.", "B theirs."), "A a. B theirs. C c.\n"),
    "a paragraph": ("A a.\n\nB mine.\n\nC c.\n", one("B mine.", "B theirs.\n\nAnd more."), "A a.\n\nB theirs.\n\nAnd more.\n\nC c.\n"),
    "not within a sentence": ("A a. Not B mine. C c.\n", one("B mine.", "B theirs."), None),
    "not a part of a word": ("A a. B mine.able C c.\n", one("B mine.", "B theirs."), None),
    "the one after what stood before": ("One. Same. Two. Same.\n", one("Same.", "New.", before="Two. "), "One. Same. Two. New.\n"),
    "the nearest one": ("Same.\n\nX.\n\nSame.\n", one("Same.", "New.", before="Gone.\n\n", line=5), "Same.\n\nX.\n\nNew.\n"),
    "a sentence goes": ("A a. B mine. C c.\n", one("B mine.", ""), "A a. C c.\n"),
    "the first sentence goes": ("A a. B b.\n\nC.\n", one("A a.", ""), "B b.\n\nC.\n"),
    "the last sentence goes": ("A a. B mine.\n\nC c.\n", one("B mine.", ""), "A a.\n\nC c.\n"),
    "a paragraph goes": ("A a.\n\nB mine.\n\nC c.\n", one("B mine.", ""), "A a.\n\nC c.\n"),
    "the last paragraph goes": ("A a.\n\nB mine.\n", one("B mine.", ""), "A a.\n"),
    "all of it goes": ("B mine.\n", one("B mine.", ""), ""),
    "a sentence comes back": ("A a. C c.\n", one("", "B theirs.", before="A a. "), "A a. B theirs. C c.\n"),
    "a last sentence comes back": ("A a.\n\nC c.\n", one("", "B theirs.", before="A a."), "A a. B theirs.\n\nC c.\n"),
    "a sentence comes back at a line's end": ("A a.\nC c.\n", one("", "B theirs.", before="A a.\n"), "A a.\nB theirs.\nC c.\n"),
    "a paragraph comes back": ("A a.\n\nC c.\n", one("", "B theirs.", before="A a.\n\n"), "A a.\n\nB theirs.\n\nC c.\n"),
    "a paragraph comes back after one that grew": ("A a. More.\n\nC c.\n", one("", "B theirs.", before="A a.\n\n"), "A a. More.\n\nB theirs.\n\nC c.\n"),
    "a last paragraph comes back": ("A a.\n", one("", "B theirs.", before="A a.\n\n"), "A a.\n\nB theirs.\n"),
    "at the head": ("A a.\n", one("", "B theirs."), "B theirs.\n\nA a.\n"),
    "at the head of nothing": ("", one("", "B theirs."), "B theirs.\n"),
    "behind front matter": ("---\na: 1\n---\n# A\n", one("", "B theirs."), "---\na: 1\n---\nB theirs.\n# A\n"),
    "an item": ("- A\n- B mine\n- C\n", one("- B mine", "- B theirs"), "- A\n- B theirs\n- C\n"),
    "an item comes back": ("- A\n- C\n", one("", "- B", before="- A\n"), "- A\n- B\n- C\n"),
    "a row": ("| a |\n|---|\n| mine |\n", one("| mine |", "| theirs |"), "| a |\n|---|\n| theirs |\n"),
    "a key": ("---\na: mine\nb: 2\n---\nA.\n", one("a: mine", "a: theirs"), "---\na: theirs\nb: 2\n---\nA.\n"),
    "a key goes": ("---\na: mine\nb: 2\n---\nA.\n", one("a: mine", ""), "---\nb: 2\n---\nA.\n"),
    "a key comes back": ("---\nb: 2\n---\nA.\n", one("", "a: theirs", before="---"), "---\nb: 2\na: theirs\n---\nA.\n"),
    "no front matter": ("A.\n", one("", "a: theirs", before="---"), None),
    "what stood before is gone": ("X.\n", one("", "B.", before="A a. "), None),
    "line ends": ("A mine.\r\n\r\nC.\r\n", one("A mine.", "A\ntheirs."), "A\r\ntheirs.\r\n\r\nC.\r\n"),
    "a quote": ("> A a. B mine.\n> C c.\n", one("B mine.", "B theirs."), "> A a. B theirs.\n> C c.\n"),
}  # fmt: skip


@pytest.mark.parametrize(("copy", "suggestion", "wanted"), CASES.values(), ids=CASES)
def test_taking_over(copy: str, suggestion: Suggestion, wanted: str | None) -> None:
    assert take_over(copy, suggestion) == (copy if wanted is None else wanted)
    assert (Places(copy).find(suggestion) is None) == (wanted is None)


def test_words_stand_as_whole_units() -> None:
    assert Places("A a. B b.\n").holds("B b.")
    assert not Places("A a. Not B b.\n").holds("B b.")


@QUICK
@given(PLAN, st.integers(0, 2**32))
def test_taking_over_all_of_them_in_any_order_gives_what_theirs_wanted(plan: list[list[str]], seed: int) -> None:
    base, mine, theirs, _, _ = paragraphs(plan)
    merged = merge(base, mine, theirs)
    order = list(merged.suggestions)
    random.Random(seed).shuffle(order)
    text = merged.text
    for each in order:
        assert Places(text).find(each) is not None
        text = take_over(text, each)
    assert text == merge(base, text, theirs).text
    assert not merge(base, text, theirs).suggestions


@settings(QUICK, max_examples=300)
@given(st.integers(0, 2**32))
def test_every_place_that_a_merge_offers_is_found_and_nothing_else_changes(seed: int) -> None:
    writer = Writer(seed)
    base = writer.text("base")
    merged = merge(base, writer.edited(base, "mine"), writer.edited(base, "theirs"))
    for each in merged.suggestions:
        place = Places(merged.text).find(each)
        if place is None:
            assert each.mine == "" or len(each.mine) > 40
            continue
        text = take_over(merged.text, each)
        assert text.startswith(merged.text[: place[0]].rstrip())
        assert text.endswith(merged.text[place[1] :].lstrip())


@QUICK
@given(st.text(max_size=60), st.text(max_size=9), st.text(max_size=9), st.text(max_size=9))
def test_no_text_makes_it_raise(copy: str, mine: str, theirs: str, before: str) -> None:
    suggestion = one(mine, theirs, before=before)
    text = take_over(copy, suggestion)
    assert (text == copy) or Places(copy).find(suggestion) is not None
