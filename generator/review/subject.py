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
CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
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
    must-say, never-say and outline.
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
        return _NO_WORDS.sub(lambda match: re.sub(r"[^\r\n]", " ", match[0]), self.prose)

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


def blank_code(body: str, first: int) -> tuple[str, int]:
    """Return a body with code blanked, and the line of a fence that is never ended (0: none).

    A fence in a quote or list ends with it, at the first line that does not lean in; such a one is never reported.
    """
    kept: list[str] = []
    fence, opened, leaning = "", 0, False
    for number, whole in enumerate(_LINE.findall(body), first):
        line = whole.rstrip("\r\n")
        if fence and leaning and line.strip() and line[0] not in " \t>":
            fence = ""
        match = FENCE.match(line.rstrip())
        coded = bool(fence or match)
        if fence:
            if match and match[2].startswith(fence) and line.strip(" \t>") == match[2]:
                fence = ""
        elif match:
            fence, opened, leaning = match[2], number, len(match[1]) > 1 or ">" in match[1]
        plain = " " * len(line) if coded else CODE_SPAN.sub(lambda span: " " * len(span[0]), line)
        kept.append(plain + whole[len(line) :])
    return "".join(kept), opened if fence and not leaning else 0
