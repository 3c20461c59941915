"""What a skeleton is made from: sentences, headings and wishes found in the labelled parts of a request.

Promises: every sentence is one of the source, its spaces put in order and its markup made harmless; the same parts give
the same material. Will not do: write a sentence, weigh what is true, or read anything but parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from generator.model import Pairs, Part

CITATION = re.compile(r"(?<!\\)\[\^([^\]\s]+)\]")
GAP = "[to write:"
GROUP_SIZE = 3
"""Sentences to a paragraph: few, so that an edit and a changed source seldom meet in one."""

SPEECH = 400
"""Characters within which a quotation must end, or its mark is taken for no quotation."""

_DEFINITION = re.compile(r"\[\^[^\]\s]+\]:")
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(\S.*)\Z")
_ITEM = re.compile(r"([ \t]*)(?:[-*+]|\d{1,3}[.)])[ \t]+(\S.*)\Z")
_TABLE_RULE = re.compile(r"\s*\|?(?:\s*:?-+:?\s*\|)+(?:\s*:?-+:?\s*)?\Z")
_END = re.compile(r"(?<=[.!?…])([\"'”’“»)\]*]*)\s+(?=[^\sa-z])|(?<=[。！？])")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|ca|Dr|Mr|Mrs|Ms|Prof|No|Nr|St|Inc|Ltd|Co|Fig|vol|pp?|z\.B|d\.h)|\b[A-Z])\.\Z"
)
_LINK = re.compile(r"!?\[([^\[\]^][^\[\]]{0,500})\]\((?:[^()]|\([^()]{0,500}\)){0,500}\)")
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_STARTS = re.compile(
    r"\A(?:(?=[#>|]|[:+*-](?:\s|\Z)|===|~~~|```|!!!|\?\?\?|[-*_=](?: ?[-*_=])+\Z)|\d{1,9}(?=[.)](?:\s|\Z)))"
)
_WORD = re.compile(r"\w+")
_ENDING = re.compile(r"(?<=\w{3})(?:ings?|e[ds]?|s)\Z")
_TRIVIAL = frozenset(
    re.findall(r"\w+", "a an and are as at be by for from had has have in is it its of on or our the this to was")
)
_ARTICLES = frozenset({"a", "an", "the", "also"})
_WEAK = frozenset(
    re.findall(
        r"\w+",
        "but can could do does how i if into no not one so than that their them then there they we were what when where"
        " which while who why will with would you your",
    )
)


@dataclass(frozen=True, kw_only=True)
class Quote:
    """Up to GROUP_SIZE sentences that stand together in a passage; `id` cites it, "" for the brief's own words."""

    id: str
    sentences: tuple[str, ...]
    heading: str = ""

    @property
    def text(self) -> str:
        """The sentences, one after the other."""
        return " ".join(self.sentences)


@dataclass(frozen=True, kw_only=True)
class Section:
    """A heading of the text to come, the passages that it rests on, and what somebody wants said under it."""

    heading: str
    level: int = 2
    ids: tuple[str, ...] = ()
    wishes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Direction:
    """The body of a brief: its `paragraphs`, its own `headings`, and what its known headings hold."""

    paragraphs: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    must_say: tuple[str, ...] = ()
    never_say: tuple[str, ...] = ()
    outline: tuple[Section, ...] = ()


def one_line(text: str) -> str:
    """Return `text` with every run of white space as one space."""
    return " ".join(text.split())


def words_of(text: str) -> frozenset[str]:
    """Return the telling words of a text without their endings, so that `price`, `prices` and `pricing` meet."""
    words = (word for word in _WORD.findall(text.lower()) if word not in _TRIVIAL and word not in _WEAK)
    return frozenset(_ENDING.sub("", word)[:6] for word in words)


def fingerprint(text: str) -> tuple[str, ...]:
    """Return what is left of a sentence when case, stops, articles and endings do not count.

    Two sentences of one fingerprint say the same; figures, names and every `not` stay in it.
    """
    words = [_ENDING.sub("", word) for word in _WORD.findall(text.lower()) if word not in _ARTICLES]
    return tuple(words) or (text.strip(),)


def weak_words_of(text: str) -> frozenset[str]:
    """Return the words that tell little (`does not`), for where no telling word decides."""
    return frozenset(_WORD.findall(text.lower())) & _WEAK


def plain(text: str) -> str:
    """Return a text of others on one line, without HTML, links or footnotes of its own, or signs that turn it round.

    Twice is the same as once.
    """
    unlinked = _LINK.sub(r"\1", one_line(_TURNS.sub("", text)))
    return re.sub(r"(?<!\\)\[(?=\^)", r"\\[", re.sub(r"<(?=[A-Za-z/!?])", "&lt;", unlinked))


def harmless(sentence: str) -> str:
    """Return a text of others as a plain paragraph: its beginning starts no heading, list, quotation or block."""
    said = plain(sentence)
    start = _STARTS.match(said)
    return f"{said[: start.end()]}\\{said[start.end() :]}" if start else said


def split_sentences(text: str) -> tuple[str, ...]:
    """Return the sentences of a paragraph. Where it is unsure, two stay one."""
    text = one_line(text)
    return tuple(said for start, end in spans_of(text) if (said := text[start:end].strip()))


def _is_open(text: str, start: int, end: int) -> bool:
    """Whether a quotation that begins in the sentence so far ends soon after it: what somebody said stays in one piece."""
    said, after = text[start:end], text[end : end + SPEECH]
    for opening, closing in (('"', '"'), ("„", "“"), ("“", "”"), ("«", "»")):
        opened = said.count(opening) % 2 if opening == closing else said.count(opening) > said.count(closing)
        if opened and closing in after and not (opening == "“" and "„" in said):
            return True
    return False


def spans_of(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the sentences of a line begin and end."""
    start = 0
    for match in _END.finditer(text):
        short = _ABBREVIATION.search(text[max(start, match.start() - 12) : match.start()])
        if short or _is_open(text, start, match.end(1) if match[1] is not None else match.end()):
            continue
        yield start, match.end(1) if match[1] is not None else match.end()
        start = match.end()
    yield start, len(text)


def parse_quotes(passage_id: str, text: str) -> tuple[Quote, ...]:
    """Return the quotes of a passage. Items of a list and rows of a table stand alone; code is left out."""
    heading = ""
    if text.startswith("# ") and "\n\n" in text:
        head, _, text = text.partition("\n\n")
        heading = head[2:]
    spoken = (tuple(map(harmless, split_sentences(chunk))) for chunk in chunks_of(text.splitlines()))
    return tuple(
        Quote(id=passage_id, sentences=sentences[start : start + GROUP_SIZE], heading=heading)
        for sentences in spoken
        for start in range(0, len(sentences), GROUP_SIZE)
    )


def chunks_of(lines: list[str]) -> Iterator[str]:
    """Yield what stands on its own: a paragraph, an item of a list, a row of a table with its columns' names."""
    if lines and re.match(r"\s*(```|~~~)", lines[0]):
        return
    if len(lines) > 1 and _TABLE_RULE.match(lines[1]) and "|" in lines[0]:
        columns = _cells(lines[0])
        for row in lines[2:]:
            pairs = zip(columns, _cells(row), strict=False)
            yield "; ".join(f"{name}: {cell}" if name else cell for name, cell in pairs if cell)
        return
    chunk = ""
    for line in lines:
        bare = re.sub(r"\A(?: {0,3}> ?)+", "", line)
        item = _ITEM.match(bare)
        if item:
            yield chunk
            chunk = item[2]
        elif bare.strip():
            chunk = f"{chunk} {bare.strip()}"
        else:
            yield chunk
            chunk = ""
    yield chunk


def _cells(row: str) -> list[str]:
    return [one_line(cell.replace("\\|", "|")) for cell in re.split(r"(?<!\\)\|", row.strip().strip("|"))]


def heading_of(line: str) -> tuple[int, str]:
    """Return the level and the text of a heading, 0 and "" for any other line."""
    heading = _HEADING.match(line)
    return (len(heading[1]), heading[2].strip(" \t#")) if heading else (0, "")


def parse_direction(body: str) -> Direction:
    """Return what the body of a brief says, its known headings (Must say, Never say, Outline) apart from the rest."""
    paragraphs: list[str] = []
    headings: list[str] = []
    known: dict[str, list[str]] = {"must say": [], "never say": [], "outline": []}
    inside, depth = "", 0
    for line in re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL).splitlines():
        heading = _HEADING.match(line)
        level = len(heading[1]) if heading else 0
        if heading and (not inside or level <= depth):
            title = heading[2].strip(" \t#")
            inside = title.lower() if title.lower() in known else ""
            depth = level
            if not inside:
                headings.append(plain(title))
            paragraphs.append("")
        elif inside:
            known[inside].append(line)
        elif line.strip() and paragraphs:
            paragraphs[-1] += f"\n{line}"
        else:
            paragraphs.append(line)
    return Direction(
        paragraphs=tuple(each.strip("\n") for each in paragraphs if each.strip()), headings=tuple(headings),
        must_say=_items(known["must say"]), never_say=_items(known["never say"]), outline=_sections(known["outline"]),
    )  # fmt: skip


def _items(lines: list[str]) -> tuple[str, ...]:
    return tuple(plain(chunk) for chunk in chunks_of(lines) if chunk.strip())


def _sections(lines: list[str]) -> tuple[Section, ...]:
    """Return the sections of a brief's `## Outline`: headings, items and lines; items set in are wishes."""
    sections: list[tuple[str, list[str]]] = []
    headed = any(_HEADING.match(line) for line in lines)
    for line in lines:
        heading, item = _HEADING.match(line), _ITEM.match(line)
        text = heading[2].strip(" \t#") if heading else item[2] if item else line.strip()
        if not text:
            continue
        if sections and not heading and (headed or line[0] in " \t"):
            sections[-1][1].append(plain(text))
        else:
            sections.append((plain(text), []))
    return tuple(Section(heading=text, wishes=tuple(wishes)) for text, wishes in sections)


def parse_outline(text: str, skip: frozenset[str]) -> tuple[str, tuple[str, ...], tuple[Section, ...]]:
    """Return the title of an outline, what it says before its first heading, and its sections.

    Lines in `skip`, and definitions of footnotes, are left out. Every item becomes a wish, its citations still in it.
    """
    title, sections = "", [Section(heading="")]
    joined = False
    for line in text.splitlines():
        heading, item = _HEADING.match(line), _ITEM.match(line)
        bare = item[2] if item else line.strip()
        if heading and len(heading[1]) == 1 and not title and len(sections) == 1:
            title = plain(heading[2].strip(" \t#"))
        elif heading:
            sections.append(Section(heading=plain(heading[2].strip(" \t#")), level=max(2, len(heading[1]))))
        elif bare and line.strip() not in skip and not _DEFINITION.match(bare):
            last, wishes = sections[-1], sections[-1].wishes
            wishes = (*wishes[:-1], f"{wishes[-1]} {bare}") if joined and not item and wishes else (*wishes, bare)
            ids = dict.fromkeys((*last.ids, *CITATION.findall(bare)))
            sections[-1] = Section(heading=last.heading, level=last.level, ids=tuple(ids), wishes=wishes)
            joined = True
            continue
        joined = False
    return title, sections[0].wishes, tuple(sections[1:])


def parse_research(text: str, known: frozenset[str], skip: frozenset[str]) -> tuple[tuple[Quote, ...], tuple[str, ...]]:
    """Return the quotes of research notes, by the ids they cite, and what the notes say without a citation.

    Ids that are not in `known` are no citations. Lines in `skip`, headings and definitions of footnotes are left out.
    """
    quotes: list[Quote] = []
    wishes: list[str] = []
    kept = (line for line in text.splitlines() if line.strip() not in skip)
    lines = ["" if _HEADING.match(line) or _DEFINITION.match(line) else line for line in kept]
    for chunk in chunks_of(lines):
        start = 0
        for cited in CITATION.finditer(chunk):
            sentences = tuple(map(harmless, split_sentences(chunk[start : cited.start()])))
            start = cited.end()
            if cited[1] in known and sentences:
                quotes.append(Quote(id=cited[1], sentences=sentences))
        if chunk[start:].strip(" \t.,;"):
            wishes.append(one_line(chunk[start:]))
    return tuple(quotes), tuple(wishes)


def split_body(text: str, skip: frozenset[str]) -> list[str]:
    """Return the blocks of a working copy without its title, definitions of footnotes, and blocks in `skip`."""
    blocks = [block.strip("\r\n") for block in re.split(r"(?:\r\n|\r|\n)(?:[ \t]*(?:\r\n|\r|\n))+", text)]
    return [
        block
        for number, block in enumerate(blocks)
        if block.strip()
        and block not in skip
        and not _DEFINITION.match(block)
        and (number or not block.startswith("# "))
    ]


def parts_of(parts: tuple[Part, ...], kind: str) -> Pairs:
    """Return name and text of the parts of one kind, in their order."""
    return tuple((part.name, part.text) for part in parts if part.kind == kind)
