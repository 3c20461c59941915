"""A text as Markdown blocks, and back.

Promises: joining the blocks of any text gives back every byte of it; a block keeps the blank lines after it; blocks are
found in time linear in the text. Two blocks are the same words when their keys are equal: line ends and blank space at
the end do not count. Will not do: change a text, or raise on one.
"""

from __future__ import annotations

import re
from itertools import accumulate, pairwise

from generator.drafts.markdown.grammar import block_starts

BLANK = " \t\r\n"
BOM = "\ufeff"

_LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_LINE_END = re.compile(r"\r\n|\r|\n")


def split(text: str) -> tuple[str, ...]:
    """Return the Markdown blocks of `text`, front matter first; "".join gives back the text, () is an empty one.

    An item of an outer list is a block. Blank lines belong to the block before them; those at the head of a text form
    a block. A byte order mark belongs to the first block.
    """
    mark, front, body = split_head(text)
    blocks = split_body(body)
    if front:
        return (mark + front, *blocks)
    if not blocks:
        return (mark,) if mark else ()
    return (mark + blocks[0], *blocks[1:])


def split_head(text: str) -> tuple[str, str, str]:
    """Return the byte order mark, the front matter with the blank lines after it, and the rest; "" where there is none.

    Front matter begins with a first line `---` and ends with a line `---` or `...`.
    """
    mark = BOM if text.startswith(BOM) else ""
    body = text[len(mark) :]
    if not body.startswith("---"):
        return mark, "", body
    lines = split_lines(body)
    end = _front_end(lines)
    front = "".join(lines[:end])
    return mark, front, body[len(front) :]


def _front_end(lines: list[str]) -> int:
    if lines[0].rstrip(BLANK) != "---":
        return 0
    for number in range(1, len(lines)):
        if lines[number].rstrip(BLANK) in ("---", "..."):
            after = number + 1
            while after < len(lines) and not lines[after].strip(BLANK):
                after += 1
            return after
    return 0


def split_body(text: str) -> list[str]:
    """Return the blocks of a text that has no byte order mark and no front matter."""
    lines = split_lines(text)
    starts = block_starts(lines)
    return ["".join(lines[start:end]) for start, end in pairwise([*starts, len(lines)])]


def split_lines(text: str) -> list[str]:
    """Return the lines with their ends: CRLF, LF or a lone CR, as Markdown counts them."""
    if "\r" in text:
        return _LINES.findall(text)
    lines = [line + "\n" for line in text.split("\n")]
    last = lines.pop()
    if last != "\n":
        lines.append(last[:-1])
    return lines


def key_of(block: str) -> str:
    """Return the words of a block: no blank space at its end, every line end a LF. Equal keys are equal words."""
    words = block.rstrip(BLANK)
    return _LINE_END.sub("\n", words) if "\r" in words else words


def tail_of(block: str) -> str:
    """Return the blank space that ends a block."""
    return block[len(block.rstrip(BLANK)) :]


def line_end_of(text: str) -> str:
    """Return the line end that most lines of the text have, "" if it has no line end."""
    if "\r" not in text:
        return "\n" if "\n" in text else ""
    pairs = text.count("\r\n")
    counts = {"\n": text.count("\n") - pairs, "\r\n": pairs, "\r": text.count("\r") - pairs}
    return max(counts, key=lambda end: counts[end])


def with_line_end(text: str, end: str) -> str:
    """Return the text with every line end turned into `end`; as it is if `end` is ""."""
    if not end or (end == "\n" and "\r" not in text):
        return text
    return _LINE_END.sub(lambda _: end, text)


def count_lines(text: str) -> int:
    """Return how many line ends the text has."""
    return len(_LINE_END.findall(text)) if "\r" in text else text.count("\n")


def fits(first: str, second: str) -> bool:
    """Whether two blocks, put one after the other, remain two blocks."""
    if first[-1:] not in ("\n", "\r"):
        return False
    if first.endswith(("\n\n", "\r\n\r\n")) and first[0].isalpha() and second[0] not in BLANK:
        return True
    return len(first) in accumulate(map(len, split_body(first + second)))
