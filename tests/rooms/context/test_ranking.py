"""Packing: nothing is left out that fits; what is left out speaks least of the question."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from generator import context
from generator.model import Passage


def make_passage(number: int, text: str) -> Passage:
    return Passage(id=f"p-{number}", path="sources/p.md", first_line=number, last_line=number, text=text)


PASSAGES = tuple(
    make_passage(number, text)
    for number, text in enumerate(
        ("The weather was fine.", "Closing the books takes six days.", "Lunch is at noon.", "The close is quick."), 1
    )
)


def test_within_the_budget_everything_stays_in_order() -> None:
    assert context.pack(PASSAGES, "close", 1_000) == PASSAGES


def test_over_the_budget_what_speaks_of_the_question_stays_in_its_own_order() -> None:
    kept = context.pack(PASSAGES, "how to close the books", 66)

    assert [each.id for each in kept] == ["p-2", "p-4"]


def test_nothing_fits_into_nothing() -> None:
    assert context.pack(PASSAGES, "close", 0) == ()
    assert context.pack((make_passage(1, "…"),), "", 0) == ()


def test_tokens_err_high_for_english() -> None:
    assert context.estimate_tokens("") == 0
    assert context.estimate_tokens("four") == 1
    assert context.estimate_tokens("日本語") == 3


@given(st.lists(st.text(max_size=40), max_size=8), st.text(max_size=20), st.integers(0, 300))
def test_packing_keeps_order_and_budget(texts: list[str], query: str, budget: int) -> None:
    passages = tuple(make_passage(number, text) for number, text in enumerate(texts))

    kept = context.pack(passages, query, budget)

    assert [each for each in passages if each in kept] == list(kept)
    assert sum(context.estimate_tokens(each.text) for each in kept) <= budget
    assert kept == context.pack(passages, query, budget)
