"""Where Markdown blocks begin: one pass over the lines, with the rules of CommonMark for what holds what.

Promises: a boundary never falls inside a paragraph, fence, HTML block or table; each item of an outer list is a block of
its own; `!!!`, `???` and `===` blocks and footnotes keep their indented bodies, HTML its inside up to the closing tag.
Time is linear in the text. Will not do: parse what is inside a line, or say what kind of block it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

NONE, PARAGRAPH, CODE, FENCE, HTML = range(5)

QUOTE = 0
"""A quote among the containers; a list item is the number of columns its content is indented by."""

DEPTH = 64
"""Containers within containers that are followed; deeper ones are taken as text, or time would not be linear."""

_QUOTE = re.compile(r" {0,3}> ?")
_HEADING = re.compile(r"#{1,6}(?: |$)")
_RULE = re.compile(r"([-*_])(?: *\1){2,} *$")
_UNDERLINE = re.compile(r"(?:=+|-+) *$")
_FENCE = re.compile(r"(`{3,})[^`]*$|(~{3,})")
_ITEM = re.compile(r"(?:[-+*]|(\d{1,9})[.)])( +|$)")
_NOTE = re.compile(r"\[\^[^\]]*\]:")
_DIRECTIVE = re.compile(r"!!!|\?\?\?|===[!+]* ?[\"']|\[\^[^\]]*\]:")
_REFERENCE = re.compile(
    r"\[(?!\^| *\])[^\[\]\\]{1,900}\]: *(?!(?:javascript|vbscript|file|data):)[\w/#?:.%~@+=&-]+(?: +\"[^\"\\]*\")? *$",
    re.IGNORECASE,
)
"""A plain link reference, all on its line. It ends there: what follows is no paragraph yet."""

_BLOCK_TAGS = (
    "address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt"
    "|fieldset|figcaption|figure|footer|form|frame|frameset|h1|h2|h3|h4|h5|h6|head|header|hr|html|iframe|legend|li|link"
    "|main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead"
    "|title|tr|track|ul"
)
_BLOCK_TAG = re.compile(rf"</?(?:{_BLOCK_TAGS})(?=[ >]|/>|$)", re.IGNORECASE)
_ANY_TAG = re.compile(
    r"<(?:[a-z][a-z0-9-]*(?:\s+[a-z_:][a-z0-9:._-]*(?:\s*=\s*(?:[^\"'=<>`\x00-\x20]+|'[^']*'|\"[^\"]*\"))?)*\s*/?"
    r"|/[a-z][a-z0-9-]*\s*)>\s*$",
    re.IGNORECASE,
)
_UNTIL = (
    (re.compile(r"<(?:script|pre|style|textarea)(?=[ >]|$)", re.IGNORECASE), re.compile(r"</(?:script|pre|style|textarea)>", re.IGNORECASE)),
    (re.compile(r"<!--"), re.compile(r"-->")),
    (re.compile(r"<\?"), re.compile(r"\?>")),
    (re.compile(r"<!\[CDATA\["), re.compile(r"\]\]>")),
    (re.compile(r"<![A-Za-z]"), re.compile(r">")),
)  # fmt: skip
"""How the HTML blocks begin that end at a mark and not at a blank line (CommonMark 0.31, section 4.6, kinds 1 to 5)."""

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)")


def block_starts(lines: Sequence[str], first: int = 0) -> list[int]:
    """Return the numbers of the lines, from `first`, at which a block begins. Lines keep their ends.

    Blank lines belong to the block before them; those at the head of the text form a block.
    """
    if first >= len(lines):
        return []
    starts = [first]
    reader = _Reader()
    closings: dict[int, int] | None = None
    glued = first
    for number in range(first, len(lines)):
        line = lines[number]
        if reader.leaf <= PARAGRAPH and not reader.containers:
            if line == "\n":
                reader.leaf = NONE
                continue
            if line[0].isalpha():
                if reader.leaf == NONE:
                    reader.leaf = PARAGRAPH
                    reader.bodied = False
                    if number > glued:
                        starts.append(number)
                continue
        if reader.begins(line) and number > glued:
            starts.append(number)
        if reader.tag:
            reader.tag = False
            closings = _closings(lines, first) if closings is None else closings
            glued = max(glued, closings.get(number, number))
    return starts


def _closings(lines: Sequence[str], first: int) -> dict[int, int]:
    """Return for each line that opens an HTML element the last line at which one of its elements closes."""
    found: dict[int, int] = {}
    still_open: dict[str, list[int]] = {}
    for number in range(first, len(lines)):
        if "<" not in lines[number]:
            continue
        for mark in _TAG.finditer(lines[number]):
            name = mark[2].lower()
            if not mark[1]:
                still_open.setdefault(name, []).append(number)
            elif still_open.get(name):
                found[still_open[name].pop()] = number
    return found


class _Reader:
    """What is open after the lines seen so far: containers from the outside in, and the leaf in the innermost."""

    def __init__(self) -> None:
        self.containers: list[int] = []
        self.leaf = NONE
        self.bodied = False
        """Whether the outer block may go on with indented text after a blank line: an admonition, a tab, a footnote."""
        self.tag = False
        """Whether the line just read began an HTML block that may reach over blank lines to its closing tag."""
        self._fence = ""
        self._until: re.Pattern[str] | None = None
        self._bare = False
        """Whether the innermost item has had nothing but its marker."""

    def begins(self, line: str) -> bool:
        """Take one line; return whether a new outer block begins with it."""
        text = line.rstrip("\r\n")
        if "\t" in text:
            text = text.expandtabs(4)
        depth, text = self._enter(text)
        whole = depth == len(self.containers)
        if whole and self.leaf >= FENCE:
            self._go_on(text)
            return False
        if not text.strip(" "):
            if not whole or self.leaf == PARAGRAPH:
                self.leaf = NONE
            del self.containers[depth:]
            return False
        self._bare = False
        return self._open(text, depth, whole=whole) and depth == 0

    def _enter(self, text: str) -> tuple[int, str]:
        """Return how many containers the line lies in, and what is left of it there."""
        depth = 0
        for width in self.containers:
            if width == QUOTE:
                mark = _QUOTE.match(text)
                if mark is None:
                    break
                text = text[mark.end() :]
            elif not text.strip(" "):
                if self._bare and depth == len(self.containers) - 1:
                    break
            elif _indent(text) >= width:
                text = text[width:]
            else:
                break
            depth += 1
        return depth, text

    def _go_on(self, text: str) -> None:
        if self.leaf == FENCE:
            mark = text.strip(" ")
            if _indent(text) < 4 and mark.startswith(self._fence) and not mark.strip(self._fence[0]):
                self.leaf = NONE
        elif self._until is None:
            if not text.strip(" "):
                self.leaf = NONE
        elif self._until.search(text):
            self.leaf = NONE

    def _open(self, text: str, depth: int, *, whole: bool) -> bool:
        """Open what the line opens; return whether anything began, False if it went on with what was there."""
        spoken = self.leaf == PARAGRAPH
        fresh = False
        while True:
            indent = _indent(text)
            mark = text[indent:]
            if indent >= 4:
                if spoken:
                    return fresh
                return self._code(depth, fresh=fresh, whole=whole)
            if spoken and whole and _UNDERLINE.match(mark):
                self.leaf = NONE
                return False
            inside = self._container(mark, indent, depth if not fresh else len(self.containers), inner=spoken and whole)
            if inside is None:
                break
            fresh, spoken, whole, text = True, False, True, inside
            self.leaf = NONE
            if not text.strip(" "):
                self._bare = self.containers[-1] != QUOTE
                return True
        if self._leaf(mark, spoken=spoken):
            if not fresh:
                del self.containers[depth:]
            return True
        return self._text(mark, depth, fresh=fresh, spoken=spoken)

    def _code(self, depth: int, *, fresh: bool, whole: bool) -> bool:
        goes_on = not fresh and whole and self.leaf == CODE
        if not fresh:
            del self.containers[depth:]
        self.leaf = CODE
        return fresh or not (goes_on or (self.bodied and depth == 0))

    def _text(self, mark: str, depth: int, *, fresh: bool, spoken: bool) -> bool:
        noted = depth == 0 and not fresh and _DIRECTIVE.match(mark) is not None
        if spoken:
            noted = noted and not self.containers
        if spoken and not (noted and _NOTE.match(mark)):
            self.bodied = self.bodied or noted
            return fresh
        if not fresh:
            del self.containers[depth:]
        self.leaf = NONE if _REFERENCE.match(mark) else PARAGRAPH
        if depth == 0:
            self.bodied = noted
        return True

    def _container(self, mark: str, indent: int, depth: int, *, inner: bool) -> str | None:
        """Open a quote or list item at `depth`; return what follows its mark, None if there is none."""
        if len(self.containers) >= DEPTH:
            return None
        if mark[0] == ">":
            self._push(QUOTE, depth)
            return mark[2:] if mark[1:2] == " " else mark[1:]
        item = _ITEM.match(mark)
        if item is None or _RULE.match(mark):
            return None
        rest = mark[item.end() :]
        if inner and (not rest or item[1] not in (None, "1")):
            return None
        spaces = len(item[2]) if rest and len(item[2]) < 5 else 1
        width = item.start(2) + spaces
        self._push(indent + width, depth)
        return mark[width:]

    def _push(self, width: int, depth: int) -> None:
        del self.containers[depth:]
        self.containers.append(width)
        if depth == 0:
            self.bodied = False

    def _leaf(self, mark: str, *, spoken: bool) -> bool:
        """Open a heading, rule, fence or HTML block; return whether the line is one."""
        fence = _FENCE.match(mark)
        if fence:
            self.leaf, self._fence = FENCE, fence[1] or fence[2]
        elif _HEADING.match(mark) or _RULE.match(mark):
            self.leaf = NONE
        elif not (mark[0] == "<" and self._html(mark, spoken=spoken)):
            return False
        self.bodied = self.bodied and len(self.containers) > 0
        return True

    def _html(self, mark: str, *, spoken: bool) -> bool:
        for begin, until in _UNTIL:
            begun = begin.match(mark)
            if begun:
                self.leaf, self._until = (NONE if until.search(mark) else HTML), until
                return True
        if not _BLOCK_TAG.match(mark) and (spoken or not _ANY_TAG.match(mark)):
            return False
        self.leaf, self._until = HTML, None
        self.tag = not self.containers
        return True


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" "))
