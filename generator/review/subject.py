"""What is checked: a text with everything that it is checked against, and the text as prose.

Promises: what is code is blanked and nothing moves, so an offset of the prose is an offset of the file. Will not do:
judge, or touch disk.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import get_args

from generator.errors import Level
from generator.matter import parse_leniently, split_matter
from generator.model import Check, DeliverableKind, Finding, Pairs, Passage

FAMILIES: frozenset[str] = frozenset(get_args(Check))

FENCE = re.compile(r"((?:[ \t>]|[-*+][ \t]|\d{1,9}[.)][ \t])*)(`{3,}(?=[^`]*$)|~{3,})")
_RUN = re.compile(r"`+")
_BLANK_LINE = re.compile(r"(?:\r\n|\r(?!\n)|\n)[ \t]*(?=\r|\n)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_LIST = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]|\Z)|!!!|\?\?\?|===|\[\^[^\[\]\s]+\]:|:[ \t]")
LINE_END = re.compile(r"\r\n|\r|\n")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_NO_WORDS = re.compile(
    r"\]\([^()\s]*(?:\s+\"[^\"\r\n]*\")?\)|<[^<>\r\n]*>|https?://\S+|(?m:^ {0,3}\[\^?[^\]\r\n]+\]:.*$)|\[\^[^\[\]\s]+\]|\{[^{}\r\n]*\}"
)


@dataclass(frozen=True, kw_only=True)
class Term:
    """A word of the house: what to say, what `instead` of, and `because`."""

    term: str
    because: str = ""
    instead: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Terms:
    """`brand/terms.yml`: words to prefer, to leave, to hold, and to write in one case."""

    preferred: tuple[Term, ...] = ()
    banned: tuple[Term, ...] = ()
    required: tuple[Term, ...] = ()
    capitalisation: tuple[Term, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A working copy to check. `kind` is "" for a text that only other steps read; `place` is where it lies once approved.

    `fields` is its front matter with what the brief adds. `asked` are the families to look at. `pages` are the files in
    docs/ that a link may lead to, each with "" or the brief that has yet to approve it. `html` is the body as the site
    would render it, "" if nothing in it calls for that, None if it cannot be; `meta` are the fields as the site reads them.
    `direction` holds the brief's sections
    must-say, never-say and outline; `notes` are the lines at which a note to the AI stands.
    """

    path: str
    text: str
    kind: DeliverableKind | str = "page"
    place: str = ""
    name: str = ""
    count: int = 0
    fields: Pairs = ()
    asked: frozenset[str] = FAMILIES
    direction: Pairs = ()
    facts: Pairs = ()
    terms: Terms = Terms()
    passages: tuple[Passage, ...] = ()
    pages: Mapping[str, str] = field(default_factory=dict, repr=False)
    html: str | None = ""
    meta: Pairs = ()
    notes: tuple[int, ...] = ()

    @cached_property
    def body(self) -> str:
        """The text without its front matter."""
        return split_matter(self.text)[1]

    @cached_property
    def first(self) -> int:
        """The line of the file on which the body begins."""
        return split_matter(self.text)[2]

    @cached_property
    def keys(self) -> dict[str, tuple[int, int]]:
        """Line and column of each key of its front matter."""
        own = split_matter(self.text)[0]
        pairs = parse_leniently(own, path=self.path, first_line=2).node.pairs if own else ()
        return {key.value: (key.line, key.column) for key, _ in pairs}

    @cached_property
    def _read(self) -> tuple[str, int]:
        return blank_code(self.body, self.first)

    @property
    def prose(self) -> str:
        """The body with all code blanked: as long as the body, with its line ends."""
        return self._read[0]

    @property
    def unclosed(self) -> int:
        """The line of a fence that is never ended, 0 if there is none."""
        return self._read[1]

    @cached_property
    def words(self) -> str:
        """The prose with addresses, tags, citations and footnotes blanked, too: what a reader reads."""
        plain = _NO_WORDS.sub(_spaces, self.prose)
        return re.sub(r"[\[\]]|(?m:^[ \t]*(?:>[ \t]?)+)", _spaces, plain)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in LINE_END.finditer(self.body))]

    def at(self, offset: int) -> tuple[int, int]:
        """Return line and column of the file for an offset of the body."""
        index = bisect_right(self._starts, offset) - 1
        return self.first + index, offset - self._starts[index] + 1

    def say(self, code: str, level: Level, message: str, fix: str, where: tuple[int, int]) -> Finding:
        """Return a finding at a line and column of the file."""
        return Finding(code=code, level=level, message=message, fix=fix, path=self.path, line=where[0], column=where[1])


def _spaces(match: re.Match[str]) -> str:
    return re.sub(r"[^\r\n]", " ", match[0])


def blank_spans(text: str, fill: str = " ") -> str:
    """Return a text with its code spans filled, their backticks too; one ends in its own paragraph or not at all."""
    runs = [(match.start(), match.end()) for match in _RUN.finditer(text)]
    if not runs:
        return text
    ends = [match.start() for match in _BLANK_LINE.finditer(text)]
    alike: dict[int, list[int]] = {}
    for start, end in runs:
        alike.setdefault(end - start, []).append(start)
    kept, at = "", 0
    for start, end in runs:
        if start < at or (start and text[start - 1] == "\\"):
            continue
        same = alike[end - start]
        after = bisect_right(same, start)
        limit = bisect_right(ends, start)
        close = same[after] if after < len(same) else len(text)
        if close < (ends[limit] if limit < len(ends) else len(text)):
            stop = close + end - start
            kept += text[at:start] + re.sub(r"[^\r\n]", fill, text[start:stop])
            at = stop
    return kept + text[at:]


def fenced_lines(text: str) -> tuple[list[tuple[int, str, bool]], int]:
    """Return each line with its offset and whether it is code between fences, and which line opens one that never ends.

    That line counts from 1, 0 if there is none. A fence in a quote or list ends with it, at the first line that does not
    lean in; such a one is never reported.
    """
    lines: list[tuple[int, str, bool]] = []
    fence, opened, leaning = "", 0, False
    for number, found in enumerate(_LINE.finditer(text), 1):
        line, bare = found[0].rstrip("\r\n"), found[0].strip(" \t>\r\n")
        if fence and leaning and line.strip() and line[0] not in " \t>":
            fence = ""
        match = FENCE.match(line.rstrip())
        coded = bool(fence or match)
        if fence:
            if len(bare) >= len(fence) and set(bare) == {fence[0]}:
                fence = ""
        elif match:
            fence, opened, leaning = match[2], number, len(match[1]) > 1 or ">" in match[1]
        lines.append((found.start(), found[0], coded))
    return lines, opened if fence and not leaning else 0


def blank_code(body: str, first: int) -> tuple[str, int]:
    """Return a body with code and comments blanked, and the line of a fence that is never ended (0: none).

    Lines set in by four after a blank one are code, unless a list, a note or a footnote goes on there.
    """
    kept: list[str] = []
    lines, opened = fenced_lines(body)
    blank, within, set_in = True, False, False
    for _, whole, coded in lines:
        line = whole.rstrip("\r\n")
        deep = line.startswith(("    ", "\t"))
        set_in = not coded and not within and deep and bool(line.strip()) and (blank or set_in)
        if line.strip() and not deep:
            within = bool(_LIST.match(line)) or (within and line[0] in " \t")
        blank = not line.strip()
        kept.append((" " * len(line) if coded or set_in else line) + whole[len(line) :])
    plain = _COMMENT.sub(_spaces, blank_spans("".join(kept)))
    return plain, opened and first + opened - 1
