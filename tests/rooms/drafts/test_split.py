"""Splitting: which blocks there are, and that no boundary falls inside what CommonMark holds together."""

from __future__ import annotations

import random
import re

import pytest
from markdown_it import MarkdownIt

from generator.drafts import split

ORACLE = MarkdownIt("commonmark").enable("table")
HELD = {"paragraph_open", "heading_open", "fence", "html_block", "table_open", "hr"}
SOUP = (
    "word", "more words", "  two in", "   three in", "    four in", "\ttab", "# head", "#nohead", "====", "---", "- - -", "***",
    "- item", "+ item", "* item", "-", "1. one", "2. two", "10) ten", "  - inner", "    - deep", "> quote", ">", "> > deep", "> - q item",
    "> ```", "```", "```py", "````", "~~~", "  ```", "   ~~~ x", "- ```", "<div>", "</div>", "<p>text", "<!-- a", "b -->", "<?php", "?>",
    "<script>", "</script>", "<b>", "<a href='x'>", "<!DOCTYPE x>", "<![CDATA[", "]]>", "| a | b |", "|---|---|", "a | b", "-- | --",
    "[ref]: /url", "\u00a0", "\x00", "-\tx", ">\ty", "1.\tz", "\\", "&amp;", "<br/>", "<div><p>", "</p></div>",
)  # fmt: skip


def lines_of(text: str) -> list[str]:
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text)


def boundaries(text: str) -> set[int]:
    found, at = set(), 0
    for block in split(text):
        found.add(at)
        at += len(lines_of(block))
    return found


def held_lines(text: str) -> set[int]:
    """Return the lines that go on with a paragraph, fence, HTML block or table of CommonMark."""
    held: set[int] = set()
    for token in ORACLE.parse(text):
        if token.map and token.type in HELD:
            held.update(range(token.map[0] + 1, token.map[1]))
    return held


@pytest.mark.parametrize("seed", range(20))
def test_no_boundary_falls_inside_a_block_of_commonmark(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(25):
        lines = [dice.choice(SOUP) if dice.random() < 0.75 else "" for _ in range(dice.randint(1, 12))]
        text = "\n".join(lines) + dice.choice(("", "\n"))
        if lines[0] == "---":
            continue
        assert "".join(split(text)) == text
        assert not boundaries(text) & held_lines(text), text
