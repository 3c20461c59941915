"""What was handed down to a step: which upstream text is what, and what stands in it.

Promises: a text is known by what its step uses, else by the step's id; a sentence of it keeps the citations that stand
with it; gaps, code, footnotes and what a skeleton says of itself are no sentences. Will not do: change a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from generator.model import Request
from generator.providers.skeleton.extract import (
    GAP,
    chunks_of,
    harmless,
    heading_of,
    one_line,
    plain,
    spans_of,
)

KINDS = {
    "research": "research notes interview interviews", "angles": "angle angles", "outline": "outline plan",
    "draft": "draft drafts write writing", "critique": "critique review remarks",
    "fact-check": "fact facts check checks claims", "revise": "revise revised revision edit page article text copy final",
    "headline": "headline headlines title titles", "summary": "summary abstract", "email": "email mail newsletter",
    "posts": "post posts social", "landing-page": "landing", "comparison-table": "comparison compare table",
}  # fmt: skip
"""The built-in prompts, and words that give a step's text away where its id is all that is known."""

TO_REVISE = ("draft", "landing-page", "revise", "", "email", "posts")
"""Kinds of text that a revision is of, the likeliest first; "" is a text of a kind unknown here, as a person's."""

TO_PROMOTE = ("revise", "landing-page", "draft", "", "email", "posts", "summary")
"""Kinds of text that others are cut from or judged by, the likeliest first."""

_CITES = re.compile(r"\s*(?<!\\)\[\^([^\]\s]+)\]")
_GAP = re.compile(re.escape(GAP) + r"(?:[^\[\]]|\\?\[[^\[\]]*\])*\]")
_FRONT = re.compile(r"\ufeff?---[ \t]*\r?\n(?:.*\r?\n)*?---[ \t]*(?:\r?\n|\Z)")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """A text that was handed down: the id of its step, and its kind, "" if nothing tells."""

    id: str
    kind: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """A sentence of a working copy, and the ids that it cites."""

    text: str
    ids: tuple[str, ...] = ()

    @property
    def cited(self) -> str:
        """The sentence with its citations."""
        return self.text + "".join(f"[^{each}]" for each in self.ids)


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """What stands under one heading; `heading` is "" before the first."""

    heading: str = ""
    sentences: tuple[Sentence, ...] = ()
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Page:
    """A text as it was read."""

    title: str
    stretches: tuple[Stretch, ...]

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """All sentences, in order."""
        return tuple(sentence for stretch in self.stretches for sentence in stretch.sentences)


def upstream_of(request: Request) -> tuple[Upstream, ...]:
    """Return the texts that were handed down, in the order of the step's needs."""
    return tuple(
        Upstream(id=part.name, kind=part.uses if part.uses in KINDS else kind_of(part.name), text=part.text)
        for part in request.parts
        if part.kind == "upstream"
    )


def kind_of(step: str) -> str:
    """Return which built-in prompt's text a step's id promises, "" if none."""
    base = step.partition(".")[0]
    if base in KINDS:
        return base
    words = base.split("-")
    return next((kind for kind, known in KINDS.items() if any(word in known.split() for word in words)), "")


def chosen(upstream: tuple[Upstream, ...], order: tuple[str, ...]) -> tuple[Upstream, ...]:
    """Return the texts of the first kind in `order` that is there: all instances of a draft, else the last text."""
    for kind in order:
        found = [each for each in upstream if each.kind == kind]
        if found:
            base = found[-1].id.partition(".")[0]
            return tuple(each for each in found if kind and each.id.partition(".")[0] == base) or (found[-1],)
    return upstream[-1:]


def parse_page(text: str, skip: frozenset[str], *, shared: bool = False) -> Page:
    """Return the sentences and gaps of a working copy under their headings. Paragraphs in `skip` are left out.

    `shared`: a citation is also that of the sentences before it in its paragraph, as in the quotations of research.
    """
    title, heading, first = "", "", True
    stretches: list[Stretch] = []
    block: list[str] = []

    def close() -> None:
        if any(line.strip() for line in block):
            sentences, gaps = _read("\n".join(block), skip, shared=shared)
            stretches.append(Stretch(heading=heading, sentences=sentences, gaps=gaps))

    for line in _prose(_FRONT.sub("", text, count=1).splitlines()):
        level, said = heading_of(line)
        if not level:
            block.append(line)
            continue
        close()
        block.clear()
        if level == 1 and first:
            title = plain(said)
        else:
            heading = plain(said)
            stretches.append(Stretch(heading=heading))
        first = False
    close()
    return Page(title=title, stretches=tuple(_joined(stretches)))


def parse_upstream(request: Request, text: Upstream, skip: frozenset[str]) -> Page:
    """Return an upstream text as `parse_page` does, without citations of what the request does not give."""
    page = parse_page(text.text, skip, shared=text.kind == "research")
    known = {part.name for part in request.parts if part.kind == "passage"}
    if not known:
        return page
    stretches = []
    for each in page.stretches:
        cited = (Sentence(text=s.text, ids=tuple(i for i in s.ids if i in known)) for s in each.sentences)
        stretches.append(replace(each, sentences=tuple(cited)))
    return replace(page, stretches=tuple(stretches))


def _joined(stretches: list[Stretch]) -> Iterator[Stretch]:
    """A heading and what stands under it came one after the other."""
    for number, each in enumerate(stretches):
        after = stretches[number + 1] if number + 1 < len(stretches) else None
        bare = not each.sentences and not each.gaps
        if not (bare and after and after.heading == each.heading and (after.sentences or after.gaps)):
            yield each


def _prose(lines: list[str]) -> Iterator[str]:
    fence = ""
    for line in lines:
        opening = _FENCE.match(line)
        if fence:
            fence = "" if line.strip().startswith(fence) and not line.strip().strip(fence[0]) else fence
        elif opening:
            fence = opening[1]
        else:
            yield "" if re.match(r"\[\^[^\]\s]+\]:", line) else line


def _read(text: str, skip: frozenset[str], *, shared: bool) -> tuple[tuple[Sentence, ...], tuple[str, ...]]:
    """Return the sentences and the gaps of what stands under a heading."""
    blocks = [block.strip("\n") for block in re.split(r"\n\s*\n", text) if block.strip() not in skip]
    gaps = (one_line(gap) for block in blocks for gap in _GAP.findall(block))
    chunks = (chunk for block in blocks for chunk in chunks_of(_GAP.sub("", block).splitlines()))
    read = (_shared(tuple(_cited(chunk))) if shared else _cited(chunk) for chunk in chunks)
    return tuple(each for said in read for each in said), tuple(gaps)


def _shared(sentences: tuple[Sentence, ...]) -> Iterator[Sentence]:
    for number, sentence in enumerate(sentences):
        later = (each.ids for each in sentences[number:] if each.ids)
        yield Sentence(text=sentence.text, ids=next(later, ()))


def _cited(chunk: str) -> Iterator[Sentence]:
    """The sentences of a paragraph. A citation belongs to the sentence whose last sign stands before it."""
    bare, places = "", []
    line, start = one_line(chunk), 0
    for match in _CITES.finditer(line):
        bare += line[start : match.start()]
        start = match.end()
        places.append((len(bare) - 1, match[1]))
    bare += line[start:]
    for first, last in spans_of(bare):
        said = bare[first:last].strip(" -")
        if re.search(r"\w", said):
            ids = dict.fromkeys(each for place, each in places if first <= place < last)
            yield Sentence(text=harmless(said), ids=tuple(ids))
