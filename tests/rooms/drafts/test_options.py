"""What a person can choose from in a text, and the words that are chosen, byte for byte."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.drafts import join_options, parse_options

SECTIONS = "---\ntitle: x\n---\n# Angles\n\nIntro.\n\n## The **first** `one`[^a-1]\n\nWords.\n\n### Inside\n\nMore.\n\n## Second ##\n\n- a\n- b\n\n[^a-1]: note\n"

CASES = {
    "sections": (SECTIONS, ["The first one", "Second"]),
    "sections below one title of their own level": ("# A\n\nWords.\n\n# B\n\nWords.\n", ["A", "B"]),
    "a heading ends what is below it": ("## A\n\n# Title\n\n## B\n\nb.\n", ["A", "B"]),
    "items": ("Choose one:\n\n- First\n  - nested\n- [ ] Second\n\nAfter.\n\n- Third\n", ["First", "Second"]),
    "numbered": ("1. First\n2) Second\n", ["First", "Second"]),
    "a list of one is passed over": ("- Alone\n\nWords.\n\n- A\n- B\n", ["A", "B"]),
    "code is no option": ("```\n- a\n- b\n```\n", []),
    "prose": ("One thing only.\n", []),
    "nothing": ("", []),
    "a long name": ("- " + "word " * 60 + "\n- b\n", ["word " * 23 + "word…", "b"]),
    "an item without words": ("- \n- b\n", ["", "b"]),
}


@pytest.mark.parametrize(("text", "names"), CASES.values(), ids=CASES)
def test_options(text: str, names: list[str]) -> None:
    assert [option.name for option in parse_options(text)] == names


def test_their_words_are_those_of_the_text_byte_for_byte() -> None:
    first, second = parse_options(SECTIONS)
    assert first.text == "## The **first** `one`[^a-1]\n\nWords.\n\n### Inside\n\nMore.\n\n"
    assert join_options((second, first)) == f"{second.text.rstrip()}\n\n{first.text.rstrip()}\n"
    assert join_options(parse_options("- a\n  more\n\n- b\n")) == "- a\n  more\n- b\n"
    assert join_options(()) == ""


@settings(derandomize=True, max_examples=150, deadline=None, database=None)
@given(st.text(alphabet="#-*. ab\n\r`>[^]:", max_size=60))
def test_no_text_makes_it_raise_and_every_option_is_a_piece_of_it(text: str) -> None:
    for option in parse_options(text):
        assert option.text in text
