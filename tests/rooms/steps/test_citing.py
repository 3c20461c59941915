"""Footnotes come from the registry of passages, stand at the end, and are written once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from generator import steps
from generator.model import Passage

A = Passage(id="notes-1", path="sources/notes.md", first_line=3, last_line=5, text="A.")
B = Passage(id="rows-2", path="sources/<rows>.csv", first_line=4, last_line=4, text="B.")
PASSAGES = (A, B)
LINES = (
    "Text.[^notes-1]", "More[^rows-2] and[^notes-1].", "[^notes-1]: old", "    continued", "[^own]: a person's",
    "Odd[^own] one.", "", "```", "~~~~", "`[^rows-2]`", "\\[^rows-2]", "  ", "- [^ghost]",
)  # fmt: skip


def test_cited_passages_get_their_footnotes_in_the_order_of_citation() -> None:
    text = "# T\n\nOne.[^rows-2] Two.[^notes-1] Three.[^rows-2]\n"

    assert steps.finish(text, PASSAGES) == (
        text + "\n[^rows-2]: &lt;rows>.csv, line 4\n[^notes-1]: notes.md, lines 3-5\n"
    )


def test_what_a_model_wrote_as_a_footnote_gives_way_to_the_registry() -> None:
    text = "[^notes-1]: Invented, 2021.\n    And more of it.\n\nOne.[^notes-1]\n\n[^own]: Mine.\n\n\n"

    assert steps.finish(text, PASSAGES) == "\nOne.[^notes-1]\n\n[^own]: Mine.\n\n[^notes-1]: notes.md, lines 3-5\n"


def test_what_is_no_longer_cited_goes_and_the_rest_stays() -> None:
    assert steps.finish("Text.\n\n[^notes-1]: notes.md, lines 3-5\n", PASSAGES) == "Text.\n"
    assert steps.finish("[^notes-1]: x", PASSAGES) == ""


def test_a_text_without_citations_comes_back_byte_for_byte() -> None:
    for text in ("", "Text", "a\r\n\r\n", "Ghost.[^ghost]\n\n\n", "\\[^notes-1] `[^rows-2]`\n\n"):
        assert steps.finish(text, PASSAGES) == text


def test_line_ends_are_kept() -> None:
    assert steps.finish("A.[^notes-1]\r\n", PASSAGES) == "A.[^notes-1]\r\n\r\n[^notes-1]: notes.md, lines 3-5\r\n"


def test_code_is_not_citing() -> None:
    text = "```\n[^notes-1]\n[^notes-1]: x\n```\n"

    assert steps.finish(text, PASSAGES) == text
    assert steps.unknown_citations("```\n[^ghost]\n```\n`[^ghost]` \\[^ghost]", PASSAGES) == ()
    assert steps.unknown_citations("```\n[^ghost]\n", PASSAGES) == ("ghost",)


def test_unknown_citations_are_named_once_in_order() -> None:
    text = "One.[^ghost] Two.[^notes-1] Three.[^smith-2021][^ghost]\n\n[^smith-2021]: Smith [^deep].\n"

    assert steps.unknown_citations(text, PASSAGES) == ("ghost", "smith-2021", "deep")


@given(st.lists(st.sampled_from(LINES), max_size=10).map("\n".join))
def test_finishing_twice_is_finishing_once_and_loses_nothing(text: str) -> None:
    once = steps.finish(text, PASSAGES)

    assert steps.finish(once, PASSAGES) == once
    assert steps.unknown_citations(once, PASSAGES) == steps.unknown_citations(text, PASSAGES)
    for line in set(LINES) - {"[^notes-1]: old", "    continued", "", "  "}:
        assert once.split("\n").count(line) == text.split("\n").count(line)
