"""A text cut into the pieces that may be cited: the paragraphs of a document, the rows of a table.

Promises: each piece is text of the file with its line numbers, in the file's order; cutting takes linear time. Headings
are no pieces, they lend the pieces below them their context; blank rows and rules between paragraphs are no pieces.
Will not do: read files, give ids, or understand Markdown beyond headings and fences.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

_HEADING = re.compile(r" {0,3}(#{1,6})(?=[ \t]|\Z)")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*\Z")
_RULE = re.compile(r" {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*\Z")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ENDS = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A paragraph or row, its lines (from 1, inclusive), and the headings it stands under, ` > ` between them."""

    text: str
    first_line: int
    last_line: int
    heading: str = ""


class BadTableError(ValueError):
    """A table that cannot be read; `line` is where."""

    def __init__(self, what: str, line: int) -> None:
        super().__init__(what)
        self.line = line


def parse_paragraphs(text: str, first_line: int = 1) -> tuple[Piece, ...]:
    """Return the paragraphs of plain text: what stands between blank lines. `first_line` is that of `text`."""
    return tuple(_gather(_ENDS.split(text), first_line, markdown=False))


def parse_markdown(text: str, first_line: int = 1) -> tuple[Piece, ...]:
    """Return the paragraphs of Markdown. A list, a table or a fenced block counts as one."""
    return tuple(_gather(_ENDS.split(text), first_line, markdown=True))


def _gather(lines: list[str], first_line: int, *, markdown: bool) -> Iterator[Piece]:
    block: list[str] = []
    trail: list[tuple[int, str]] = []
    fence = ""
    for number, line in enumerate((*lines, ""), first_line):
        opening = _FENCE.match(line) if markdown else None
        if fence:
            block.append(line)
            if line.strip() and set(line.strip()) == {fence[0]} and len(line.strip()) >= len(fence):
                fence = ""
            continue
        if opening:
            fence = opening[1]
            block.append(line)
            continue
        level, title = _heading(line, block) if markdown else (0, "")
        if level and _UNDERLINE.match(line) and block:
            block = []
        if level or not line.strip() or (markdown and _RULE.match(line)):
            yield from _close(block, number, trail)
            block = []
        else:
            block.append(line)
        if level:
            trail = [each for each in trail if each[0] < level] + ([(level, title)] if title else [])
    yield from _close(block, first_line + len(lines) + 1, trail)


def _heading(line: str, block: list[str]) -> tuple[int, str]:
    """Return the level and text of the heading that ends on `line`, 0 if none does."""
    if match := _HEADING.match(line):
        title = line[match.end() :].strip()
        bare = title.rstrip("#")
        return len(match[1]), (bare.rstrip() if not bare or bare[-1] in " \t" else title)
    underline = _UNDERLINE.match(line)
    if underline and len(block) == 1 and not re.match(r"\s*([-*+>|]|\d+[.)])", block[0]):
        return (1 if underline[1][0] == "=" else 2), block[0].strip()
    return 0, ""


def _close(block: list[str], after: int, trail: list[tuple[int, str]]) -> Iterator[Piece]:
    while block and not block[-1].strip():
        block, after = block[:-1], after - 1
    if block:
        heading = " > ".join(title for _, title in trail)
        text = "\n".join(line.rstrip() for line in block)
        yield Piece(text=text, first_line=after - len(block), last_line=after - 1, heading=heading)


def parse_table(text: str) -> tuple[Piece, ...]:
    """Return a piece a row, `column: value; column: value`, empty cells left out; raise BadTableError.

    The first line names the columns. The separator is the one of comma, semicolon and tab that stands there most.
    """
    head = _ENDS.split(text, maxsplit=1)[0]
    separator = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    columns: list[str] = []
    pieces: list[Piece] = []
    last = 0
    try:
        for row in reader:
            first, last = last + 1, reader.line_num
            cells = [" ".join(cell.split()) for cell in row]
            if not any(cells):
                continue
            if not columns:
                columns = [cell or f"column {number}" for number, cell in enumerate(cells, 1)]
            elif len(cells) != len(columns):
                raise BadTableError(f"the row has {len(cells)} cells under {len(columns)} columns", first)
            else:
                said = "; ".join(f"{name}: {cell}" for name, cell in zip(columns, cells, strict=True) if cell)
                pieces.append(Piece(text=said, first_line=first, last_line=last))
    except csv.Error as error:
        raise BadTableError(f"the table cannot be read ({error})", last + 1) from error
    return tuple(pieces)
