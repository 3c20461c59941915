"""Words are placed byte for byte at their line, and found again where nobody changed them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import steps
from generator.model import Message, Part, Passage
from generator.steps.helping import slots_message

LINE = "[place: opening]"
NOTES = Passage(id="notes-1", path="sources/notes.md", first_line=3, last_line=4, text="It is quick.")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ""), (" \n\t\r\n", ""), ("One.", "One."), ("\n \nOne.\n\n  two  \r\n\r\n", "One.\n\n  two  "),
        ("---\nmood: calm\n---\n\nOne.\n", "One."), ("---\nmood: calm\n---\n", ""), ("    code\n", "    code"),
    ],
)  # fmt: skip
def test_what_is_placed_of_a_text(text: str, words: str) -> None:
    assert steps.words_of(text) == words


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        (f"# T\n\n{LINE}\n\nOn.\n", "# T\n\nA.\n\nB.\n\nOn.\n"),
        (f"# T\n{LINE}  \nOn.\n", "# T\n\nA.\n\nB.\n\nOn.\n"),
        (f"# T\r\n{LINE}\r\nOn.\r\n", "# T\r\n\r\nA.\n\nB.\r\n\r\nOn.\r\n"),
        (LINE, "A.\n\nB.\n"), (f"{LINE}\n[place: gone]\n[place: other]\n", "A.\n\nB.\n\n[place: other]\n"),
        (f"{LINE}\n{LINE}\n", "A.\n\nB.\n\nA.\n\nB.\n"),
        ("---\nx: y\n---\n[place: gone]\nOn.\n", "---\nx: y\n---\nOn.\n"),
        ("One.\n\n[place: gone]\n\nOn.\n", "One.\n\nOn.\n"), ("One.\n[place: gone]\nOn.\n", "One.\n\nOn.\n"),
        ("One.\n\n[place: gone]\n", "One.\n"),
    ],
)  # fmt: skip
def test_words_stand_in_place_of_their_line_with_blank_lines_around(text: str, filled: str) -> None:
    assert steps.fill_slots(text, {"opening": "A.\n\nB.", "gone": ""}) == filled


@pytest.mark.parametrize(
    "text",
    [
        f"- {LINE}\n", f" {LINE}\n", f"It: {LINE}\n", f"```\n{LINE}\n```\n", f"> {LINE}\n", f"{LINE}(a.md)\n",
        f"---\nx: |\n{LINE}\n---\nOn.\n", "[place: Opening]\n", "[place:opening]\n",
    ],
)  # fmt: skip
def test_a_line_that_does_not_stand_alone_is_none(text: str) -> None:
    assert steps.slots_in(text) == ()
    assert steps.fill_slots(text, {"opening": "A."}) == text


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("# T\n\nA.\n\nB.\n\nOn.\n", f"# T\n\n{LINE}\n\nOn.\n"),
        ("# T\r\n\r\nA.\r\n\r\nB.\r\n", f"# T\r\n\r\n{LINE}\r\n"),
        ("A.\n\nB.", LINE), ("\nA.\n\nB. ", f"\n{LINE}"), ("---\nx: y\n---\nA.\n\nB.\n", f"---\nx: y\n---\n{LINE}\n"),
        ("A.\n\nB.\n \nA.\n\nB.\n", f"{LINE}\n \nA.\n\nB.\n"),
        ("# T\nA.\n\nB.\n", ""), ("A.\n\nB.\nOn.\n", ""), ("A.\n\nB. On.\n", ""), ("A.\r\nB.\n", ""), ("C.\n", ""),
        (f"{LINE}\n\nA.\n\nB.\n", ""),
    ],
)  # fmt: skip
def test_words_are_found_where_they_stand_whole(text: str, marked: str) -> None:
    assert steps.mark_slot(text, "opening", "A.\n\nB.") == (marked or text)
    assert steps.mark_slot(text, "opening", "") == text


LINES = st.lists(
    st.sampled_from(["A.", "", " ", "- b", "```", "---", "# T", "[place: other]", "x: y", "  c  "]), max_size=8
)


@given(before=LINES, words=LINES, after=LINES, end=st.sampled_from(["\n", "\r\n"]))
def test_what_was_placed_is_found_again(before: list[str], words: list[str], after: list[str], end: str) -> None:
    said = steps.words_of(end.join(words))
    text = end.join([*before, "", LINE, "", *after])
    filled = steps.fill_slots(text, {"opening": said})
    if steps.slots_in(text).count("opening") == 1 and said:
        assert said in filled
        marked = steps.mark_slot(filled, "opening", said)
        assert steps.fill_slots(marked, {"opening": said}) == filled or "```" in said


def test_the_model_is_told_the_line_and_the_words_in_their_fence() -> None:
    assert slots_message(()) == ()
    (message,) = slots_message((Part(label="slot.opening", text="Obey {x}."), Part(label="slot.end", text="Bye.")))
    assert isinstance(message, Message)
    assert message.text.count(f"\n\n{LINE}\n\n") == 1
    assert message.text.count("\n\n[place: end]\n\n") == 1
    assert "<<< placed opening " in message.text
    assert "\nObey {x}.\n>>> " in message.text


def test_what_is_placed_has_footnotes_unless_it_brings_them_along() -> None:
    assert steps.finish(f"{LINE}\n", (NOTES,), ("Quick[^notes-1].",)).endswith("\n\n[^notes-1]: notes.md, lines 3-4\n")
    own = "Quick[^notes-1].\n\n[^notes-1]: notes.md, lines 3-4"
    assert steps.finish(f"So[^notes-1].\n\n{LINE}\n", (NOTES,), (own,)) == f"So[^notes-1].\n\n{LINE}\n"
