"""YAML with places: front matter, workflows and config, every value kept as the text that was typed.

Promises: `18:30`, `NO`, `1.10` and `null` stay text; every value knows its line and column in the file; all that is wrong
is told at once, with the line as it should be; nothing here runs code, recurses, or takes over a second. Refused:
duplicate keys, tags, anchors, aliases, merge keys, tabs that indent, control characters, nesting deeper than 50, more
than one document. Will not do: read files, or know what a key means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, Literal

import yaml

from generator.errors import Finding, MatterError

SIZE_LIMIT = 1_000_000
"""Characters that YAML may have here; a brief's body does not count."""

DEPTH_LIMIT = 50
VALUE_LIMIT = 100_000
"""Values that YAML may hold here: under a second's work, and enough for a brief of 5,000 steps."""

FINDING_LIMIT = 100
"""Findings that one reading tells; the rest show once these are mended."""

MEND_WORK = 400_000
"""Characters that may be parsed anew, in all, to find what else is wrong after a line was mended."""

Kind = Literal["map", "list", "text", "empty"]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_FENCE = re.compile(r"^---[ \t]*(?:\r\n|\r|\n|\Z)")
_CLOSING = re.compile(r"(?:\A|(?<=[\r\n]))---[ \t]*(?:\r\n|\r|\n|\Z)")
_FOREIGN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_TAB = re.compile(r"^( *\t[ \t]*)(?=[^\s])", re.MULTILINE)
_LINE = re.compile(
    r"(?P<lead>[ ]*(?:- +)*)(?:(?P<key>[^\s:#\"'\[\]{},&*!|>%@`-][^:#\r\n]*?|-?[\w-]+):)?(?P<gap> *)(?P<value>.*?)\s*\Z"
)
_LOST = re.compile(r" #[^\r\n]*")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*\Z")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """A value with its place: `line` and `column` from 1, those of the file.

    `value` is the text of a text, "" of an empty, a tuple of nodes for a list, and of pairs of nodes for a map.
    `start` and `end` are offsets in the YAML that was parsed; `plain` says that a text stands without quotes. `lost`
    is what follows a plain or missing value after a single space and `#`: text that YAML takes for a comment.
    """

    kind: Kind
    value: Any
    line: int
    column: int
    start: int = 0
    end: int = 0
    plain: bool = False
    lost: str = ""

    @property
    def text(self) -> str:
        """The text of a text; "" for any other kind."""
        return self.value if self.kind == "text" else ""

    @property
    def items(self) -> tuple[Node, ...]:
        """The nodes of a list; none for any other kind."""
        return self.value if self.kind == "list" else ()

    @property
    def pairs(self) -> tuple[tuple[Node, Node], ...]:
        """The pairs of a map; none for any other kind."""
        return self.value if self.kind == "map" else ()

    def get(self, key: str) -> Node | None:
        """Return the value of a map's key, None if it is absent."""
        return next((value for name, value in self.pairs if name.value == key), None)

    def data(self) -> Any:
        """Return the value as plain dicts, lists and texts, None for an empty. Depth is bounded by DEPTH_LIMIT."""
        if self.kind == "map":
            return {key.value: value.data() for key, value in self.pairs}
        if self.kind == "list":
            return [item.data() for item in self.items]
        return None if self.kind == "empty" else self.value


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """What could be read: the root (an empty node if nothing could), all findings, and the YAML with its mends."""

    node: Node
    findings: tuple[Finding, ...]
    mended: str


def split_matter(text: str) -> tuple[str | None, str, int]:
    """Return the front matter, the body, and the line of the file on which the body begins.

    The first is None if the file does not begin with a line `---`, or has no second one. Nothing is changed: front
    matter begins on line 2, the body is the end of `text`, and only a byte order mark belongs to neither.
    """
    mark = 1 if text.startswith("\ufeff") else 0
    opening = _FENCE.match(text[mark : mark + 200])
    closing = _CLOSING.search(text, mark + opening.end()) if opening else None
    if not opening or not closing:
        return None, text[mark:], 1
    matter = text[mark + opening.end() : closing.start()]
    return matter, text[closing.end() :], _count_lines(text[: closing.end()]) + 1


def parse_yaml(text: str, *, path: str, first_line: int = 1) -> Node:
    """Return the root of the YAML in `text`; raise MatterError with all that is wrong. An empty text is an empty node.

    `path` and `first_line` say where `text` lies, for places. Front matter begins on line 2.
    """
    parsed = parse_leniently(text, path=path, first_line=first_line)
    if parsed.findings:
        first = parsed.findings[0]
        where = f"{path}:{first.line}:{first.column}"
        raise MatterError(first.message, where=where, mend=first.fix, findings=parsed.findings)
    return parsed.node


def parse_leniently(text: str, *, path: str, first_line: int = 1) -> Parsed:
    """Like `parse_yaml`, but return what could be read beside what is wrong, so that more can be told at once."""
    text = text.removeprefix("\ufeff")
    findings = list(_find_unreadable(text, path, first_line))
    if findings and findings[0].code in ("M01", "M02"):
        return Parsed(node=_nothing(first_line), findings=tuple(findings), mended=text)
    mended, node, tabs = mend_tabs(text), _nothing(first_line), bool(findings)
    tries = iter(range(MEND_WORK // (len(text) + 1)))
    while True:
        reading = _Reading(text=mended, path=path, first_line=first_line)
        try:
            node = reading.read()
        except yaml.YAMLError as error:
            finding, better = _explain(error, mended, path, first_line, tries)
            # How deep a tab was meant to indent is not known, so an error after one may be ours.
            findings += [finding] if better or not tabs else []
            if better is not None and len(findings) < FINDING_LIMIT:
                mended = better
                continue
        findings += reading.findings
        break
    findings.sort(key=lambda each: (each.line, each.column))
    return Parsed(node=node, findings=tuple(findings[:FINDING_LIMIT]), mended=mended)


def mend_tabs(text: str) -> str:
    """Return YAML with each tab that indents replaced by two spaces."""
    return _TAB.sub(lambda match: match[0].replace("\t", "  "), text) if "\t" in text else text


def quoted(text: str) -> str:
    """Return a text of one line as YAML in quotes, double ones where nothing need be escaped for them."""
    if '"' in text or "\\" in text:
        return "'" + text.replace("'", "''") + "'"
    return f'"{text}"'


def render_matter(pairs: Iterable[tuple[str, Any]]) -> str:
    """Return front matter, with its two `---` lines, that every reader of YAML reads as exactly these texts.

    Maps and lists may nest.
    """
    return "---\n" + render_yaml(pairs) + "---\n"


def render_yaml(pairs: Iterable[tuple[str, Any]]) -> str:
    """Return `pairs` as YAML, a key to a line; "" if there are none."""
    return "".join(_render(key, value, 0) for key, value in pairs)


def _render(key: str, value: Any, depth: int) -> str:
    head = "  " * depth + scalar(key) + ":"
    if isinstance(value, str) or not value:
        return f"{head} {_flow(value)}\n"
    if isinstance(value, Mapping):
        return head + "\n" + "".join(_render(name, each, depth + 1) for name, each in value.items())
    return head + "\n" + "".join("  " * (depth + 1) + f"- {_flow(each)}\n" for each in value)


def _flow(value: Any) -> str:
    if isinstance(value, str):
        return scalar(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {_flow(each)}" for key, each in value.items()) + "}"
    return "[" + ", ".join(map(_flow, value)) + "]"


def scalar(text: str) -> str:
    """Return a text as one YAML scalar on one line, quoted unless every reader takes it for the same text."""
    if _PLAIN.match(text) and text.lower() not in _WORDS and not text.startswith("-"):
        return text
    if text.isprintable() and not _FOREIGN.search(text):
        return quoted(text)
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return '"' + "".join(c if c.isprintable() and not _FOREIGN.match(c) else _escape(c) for c in escaped) + '"'


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\U{code:08x}" if code > 0xFFFF else f"\\u{code:04x}"


def _nothing(line: int) -> Node:
    return Node(kind="empty", value="", line=line, column=1)


def _count_lines(text: str) -> int:
    return len(re.findall("\r\n|\r|\n", text))


def _error(code: str, message: str, fix: str, *, path: str, line: int, column: int) -> Finding:
    return Finding(code=code, level="error", message=message, fix=fix, path=path, line=line, column=column)


def _find_unreadable(text: str, path: str, first_line: int) -> Iterable[Finding]:
    if len(text) > SIZE_LIMIT:
        message = f"the YAML has {len(text):,} characters; at most {SIZE_LIMIT:,} are read"
        fix = "Move long text below the front matter, or into a source file."
        yield _error("M01", message, fix, path=path, line=first_line, column=1)
        return
    if match := _FOREIGN.search(text):
        line, column = _place(text, match.start())
        message = f"an invisible character, U+{ord(match[0]):04X}, stands here"
        yield _error("M02", message, "Delete it.", path=path, line=first_line + line, column=column)
        return
    tabs = ((number, match) for number, line in enumerate(_lines(text)) if (match := _TAB.match(line)))
    for number, match in islice(tabs if "\t" in text else (), FINDING_LIMIT):
        message, shown = "a tab indents this line; YAML takes only spaces", mend_tabs(match.string).rstrip()
        column = match[0].index("\t") + 1
        yield _error("M03", message, f"Write: {shown}", path=path, line=first_line + number, column=column)


def _place(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    start = max(before.rfind("\n"), before.rfind("\r")) + 1
    return _count_lines(before[:start]), offset - start + 1


def _lines(text: str) -> list[str]:
    return _LINES.findall(text)


# Reading ---------------------------------------------------------------------------------------------------------


class _TooMuchError(yaml.YAMLError):
    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


class _Open:
    """A map or list that has begun; a map's keys and values stand in turn in `nodes`."""

    __slots__ = ("event", "is_map", "nodes")

    def __init__(self, *, is_map: bool, event: Any) -> None:
        self.is_map, self.event = is_map, event
        self.nodes: list[Node] = []


@dataclass(kw_only=True)
class _Reading:
    """One pass over the parser's events, with a stack of its own, since the library's composer recurses."""

    text: str
    path: str
    first_line: int
    findings: list[Finding] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    root: Node | None = None
    count: int = 0
    documents: int = 0

    @cached_property
    def lines(self) -> list[str]:
        return _lines(self.text)

    def read(self, kind: Any = _LOADER) -> Node:
        loader = kind(self.text)
        try:
            while (event := loader.get_event()) is not None:
                self.take(event)
        except yaml.scanner.ScannerError as error:
            if "nesting depth" not in str(error):  # a libyaml with such a limit gives no event; the other loader does
                raise
            return _Reading(text=self.text, path=self.path, first_line=self.first_line).read(yaml.SafeLoader)
        finally:
            loader.dispose()
        return self.root or _nothing(self.first_line)

    def take(self, event: Any) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self.check(event)
            self.add(self.make_text(event))
        elif isinstance(event, yaml.CollectionStartEvent):
            self.check(event)
            if len(self.stack) >= DEPTH_LIMIT:
                raise _TooMuchError(self.say("M04", event, f"nested more than {DEPTH_LIMIT} deep", "Flatten it."))
            self.stack.append(_Open(is_map=isinstance(event, yaml.MappingStartEvent), event=event))
        elif isinstance(event, yaml.CollectionEndEvent):
            self.add(self.close(event))
        elif isinstance(event, yaml.AliasEvent):
            self.count += 1
            self.refuse(event, "M05", f"`*{event.anchor}` is an alias, which may not be used", "*")
            self.add(self.make("empty", "", event, 0))
        elif isinstance(event, yaml.DocumentStartEvent):
            self.start(event)

    def start(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            fix = "Keep one: delete this `---` line."
            raise _TooMuchError(self.say("M06", event, "a second document begins here", fix))
        if event.version or event.tags:
            self.keep(self.say("M06", event, "a YAML directive stands here", "Delete the lines that begin with `%`."))

    def check(self, event: Any) -> None:
        self.count += 1
        if self.count > VALUE_LIMIT:
            fix = "Split the file."
            raise _TooMuchError(self.say("M01", event, f"more than {VALUE_LIMIT:,} values stand here", fix))
        if event.anchor is not None:
            self.refuse(event, "M05", f"`&{event.anchor}` is an anchor, which may not be used", "&")
        if event.tag is not None:
            self.refuse(event, "M07", f"`{event.tag}` is a tag, which may not be used: every value is text", "!")

    def refuse(self, event: Any, code: str, message: str, sign: str) -> None:
        better = quote_line(self.lines[event.start_mark.line])
        fix = f"If the text begins with `{sign}`, write: {better}" if better else f"Take the `{sign}` away."
        self.keep(self.say(code, event, message, fix))

    def add(self, node: Node) -> None:
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        if top.is_map and not len(top.nodes) & 1 and (node.kind != "text" or node.value == "<<"):
            self.check_key(node)
        top.nodes.append(node)

    def check_key(self, node: Node) -> None:
        if node.kind == "text":
            if node.plain:
                self.say_at("M05", node, "`<<` merges another map, which may not be used", "Write the keys out.")
            return
        message = "a key is missing" if node.kind == "empty" else "a key must be a text, not a map or list"
        better = quote_line(self.lines[node.line - self.first_line])
        fix = f"If braces belong to the text, write: {better}" if better else "Write `key: value`."
        self.say_at("M08", node, message, fix)

    def close(self, event: Any) -> Node:
        top, end = self.stack.pop(), event.end_mark.index
        if top.is_map:
            return self.make("map", self.pair(top.nodes), top.event, end)
        return self.make("list", tuple(top.nodes), top.event, end)

    def pair(self, nodes: list[Node]) -> tuple[tuple[Node, Node], ...]:
        seen: dict[str, Node] = {}
        pairs = []
        for key, value in zip(nodes[::2], nodes[1::2], strict=True):
            if key.kind != "text":
                continue
            if earlier := seen.get(key.value):
                message = f"the key `{key.value}` stands twice; first on line {earlier.line}"
                self.say_at("M09", key, message, "Keep one of them.")
                continue
            seen[key.value] = key
            pairs.append((key, value))
        return tuple(pairs)

    def make_text(self, event: Any) -> Node:
        value, end = event.value, event.end_mark.index
        if event.style:
            return self.make("text", value, event, end)
        lost = _LOST.match(self.text, end)
        return self.make("text" if value else "empty", value, event, end, True, lost[0] if lost else "")

    def make(self, kind: Kind, value: Any, event: Any, end: int, plain: bool = False, lost: str = "") -> Node:  # noqa: FBT001, FBT002, PLR0917 - called for every value
        mark = event.start_mark
        return Node(
            kind=kind, value=value, line=self.first_line + mark.line, column=mark.column + 1, start=mark.index,
            end=end, plain=plain, lost=lost,
        )  # fmt: skip

    def say(self, code: str, event: Any, message: str, fix: str) -> Finding:
        line, column = self.first_line + event.start_mark.line, event.start_mark.column + 1
        return _error(code, message, fix, path=self.path, line=line, column=column)

    def say_at(self, code: str, node: Node, message: str, fix: str) -> None:
        self.keep(_error(code, message, fix, path=self.path, line=node.line, column=node.column))

    def keep(self, finding: Finding) -> None:
        if len(self.findings) >= FINDING_LIMIT:
            raise _TooMuchError(finding)
        self.findings.append(finding)


# Mending ---------------------------------------------------------------------------------------------------------


def quote_line(line: str) -> str | None:
    """Return a line `key: value` or `- value` with the value in quotes and no line end, None if it has no such value.

    A comment set off by two spaces or more stays outside.
    """
    match = _LINE.match(line.rstrip("\r\n"))
    if not match or not match["value"] or (not match["key"] and not match["lead"].strip()):
        return None
    value, gap, comment = match["value"], "", ""
    if tail := re.search(r"\s{2,}#.*\Z", value):
        value, gap, comment = value[: tail.start()], tail[0][: tail[0].index("#")], tail[0].lstrip()
    if not value or not value.isprintable() or (value[0] == "#" and len(match["gap"]) > 1):
        return None
    if value[0] in "\"'" and (value.count(value[0]) == 1 or (len(value) > 1 and value[-1] == value[0])):
        value = value[1:].removesuffix(value[0])
    head = match["lead"] + (f"{match['key']}: " if match["key"] else "")
    return head + quoted(value) + gap + comment


_WRITTEN = "Write `key: value`, indented like its neighbours, with the value in quotes if it holds odd characters."
_PROBLEMS = (
    ("mapping values are not allowed", "a second colon followed by a space stands here, and breaks the value"),
    ("cannot start any token", "a value cannot begin with this character"),
    ("did not find expected ',' or", "a list or map in brackets is not closed before here"),
    ("unexpected end of stream", "a quote that is opened here is not closed"),
    ("unknown escape character", "within double quotes a backslash begins an escape, and this is none"),
    ("could not find expected ':'", "this line is not `key: value`"),
    ("did not find expected key", "this does not fit the lines before it: see quotes and indentation"),
    ("did not find expected '-'", "an entry of a list must begin with `- `"),
    ("block sequence entries are not allowed", "a list must begin on a line of its own"),
    ("expected <document start>", "text stands after the end of the YAML"),
)


def _explain(
    error: yaml.YAMLError, text: str, path: str, first_line: int, tries: Iterator[int]
) -> tuple[Finding, str | None]:
    """Say what the parser met; return the text with a line mended, None if no mend that there are `tries` for helps."""
    if isinstance(error, _TooMuchError):
        return error.finding, None
    problem = str(getattr(error, "problem", None) or error)
    mark: Any = getattr(error, "problem_mark", None)
    context: Any = getattr(error, "context_mark", None)
    if context is not None and ("expected ':'" in problem or "end of stream" in problem):
        mark = context
    lines = _lines(text) or [""]
    at = min(mark.line, len(lines) - 1) if mark else 0
    column = mark.column + 1 if mark and mark.line == at else 1
    message = next((said for sign, said in _PROBLEMS if sign in problem), f"this is not YAML: {problem}")
    for number, better in _mends(lines, at, "]}" if "',' or" in problem else ""):
        end = lines[number][len(lines[number].rstrip("\r\n")) :]
        fresh = "".join([*lines[:number], better + end, *lines[number + 1 :]])
        if next(tries, None) is None:
            break
        if _reaches(fresh, at):
            if better.replace(" ", "") == lines[number].strip("\r\n").replace(" ", ""):
                message = "a space is missing after the colon"
            line, column = first_line + number, column if number == at else 1
            return _error("M10", message, f"Write: {better}", path=path, line=line, column=column), fresh
    return _error("M10", message, _WRITTEN, path=path, line=first_line + at, column=column), None


def _mends(lines: list[str], at: int, closing: str) -> Iterator[tuple[int, str]]:
    """Yield what line `at`, or the one before it, may have meant: a bracket closed, a space after a colon, quotes."""
    for number in (at, at - 1)[: at + 1]:
        line = lines[number].rstrip("\r\n")
        spaced = re.sub(r"^(\s*(?:- +)?[\w-]+):(?=[^\s/:])", r"\1: ", line)
        for better in (*(line.rstrip() + bracket for bracket in closing), spaced, quote_line(line), quote_line(spaced)):
            if better is not None and better != line:
                yield number, better


def _reaches(text: str, line: int) -> bool:
    """Whether the parser gets beyond `line` of the text without an error."""
    loader = _LOADER(text)
    try:
        if any(event.start_mark.line > line for event in iter(loader.get_event, None)):
            return True
    except yaml.YAMLError as error:
        mark: Any = getattr(error, "problem_mark", None)
        context: Any = getattr(error, "context_mark", None)
        return mark is not None and mark.line > line and (context is None or context.line > line)
    finally:
        loader.dispose()
    return True
