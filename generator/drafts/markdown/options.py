"""The options in a text: what a person chooses from, as headed sections or as the items of a list.

Promises: an option's text is a piece of the text, byte for byte; the same answer every time. Will not do: raise, or find
options in code, front matter or footnotes.
"""

from __future__ import annotations

import re
from collections import Counter

from generator.drafts.markdown.blocks import BLANK, split_body, split_head
from generator.drafts.markdown.sentences import kind_of
from generator.model import Option

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$", re.MULTILINE)
_MARK = re.compile(r"\s*(?:[-+*]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?")
_NOTE = re.compile(r"\[\^[^\]]*\]:")
_DRESS = re.compile(r"\*\*|__|`|\[\^[^\]]*\]")

NAME = 120
"""Characters of an option's first line that name it."""


def parse_options(text: str) -> tuple[Option, ...]:
    """Return the options of a text, () if it offers none.

    They are the sections under the headings of the highest level that has two of them; where no level has, the items of
    the first list that has two. A single title, what stands before the first heading, and footnotes are no options.
    """
    blocks = [block for block in split_body(split_head(text)[2]) if not _NOTE.match(block)]
    return _sections(blocks) or _items(blocks)


def _sections(blocks: list[str]) -> tuple[Option, ...]:
    marks = [_HEADING.match(block) for block in blocks]
    counts = Counter(len(mark[1]) for mark in marks if mark)
    level = min((each for each, count in counts.items() if count > 1), default=0)
    found: list[tuple[str, str]] = []
    inside = False
    for block, mark in zip(blocks, marks, strict=True):
        if mark and len(mark[1]) <= level:
            inside = len(mark[1]) == level
            if inside:
                found.append((mark[2], block))
        elif inside:
            found[-1] = found[-1][0], found[-1][1] + block
    return tuple(_make_option(name, words) for name, words in found)


def _items(blocks: list[str]) -> tuple[Option, ...]:
    found: list[str] = []
    for block in blocks:
        if kind_of(block) == "items":
            found.append(block)
        elif len(found) > 1:
            break
        elif block.strip(BLANK):
            found = []
    return tuple(_make_option(_MARK.sub("", each, count=1), each) for each in found) if len(found) > 1 else ()


def _make_option(name: str, words: str) -> Option:
    first = _DRESS.sub("", name.strip(BLANK).splitlines()[0] if name.strip(BLANK) else "").strip()
    return Option(name=first if len(first) <= NAME else f"{first[: NAME - 1].rstrip()}…", text=words)


def join_options(options: tuple[Option, ...]) -> str:
    """Return the texts of options one below the other, kept apart, with one line end at the end."""
    said = ""
    for option in options:
        words = option.text.rstrip(BLANK)
        if said:
            said += "\n" if kind_of(words) == "items" else "\n\n"
        said += words
    return f"{said}\n" if said else ""
