"""What comes before a draft: research, angles, an outline, and a table that compares.

Promises: every heading is a heading, a sentence or a phrase of the brief or of a source; below it stand the sentences it
would rest on, and what is missing. Will not do: prefer one angle, or say which side of a comparison is better.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from generator.model import Request
from generator.providers.skeleton import extract
from generator.providers.skeleton.extract import Quote, fingerprint, plain, words_of
from generator.providers.skeleton.material import (
    SHOWN,
    SKIP,
    TO_CHOOSE,
    Material,
    asked,
    assign,
    cite,
    gap,
    gather,
    gist,
    holes,
    is_row,
    is_said,
    near,
    opening,
    paragraph,
    rest,
    source_of,
)
from generator.providers.skeleton.reading import Page, Sentence, Upstream, parse_page, parse_upstream, upstream_of

FEWEST, ANGLES, CANDIDATES = 3, 5, 6
"""Angles that are offered, and headings that are tried. One that nothing supports is offered if there are too few."""

RESTS_ON = 3
"""Quotes below an angle."""

FEW = 4
"""Telling words in a heading below which one in common is enough for a quote to support it."""

ROWS = 12
"""Rows of a table that compares, and sentences below it."""


def write_research(request: Request) -> list[str]:
    """Every passage as a quotation under its source, then what the brief asks for and no passage speaks of."""
    material = gather(request)
    blocks = opening(f"Research: {material.title}", material.wishes)
    source, heading = "", ""
    for quote in material.quotes:
        if source_of(quote) != source:
            source, heading = source_of(quote), ""
            blocks.append(f"## From {source}")
        called = plain(material.headings.get(quote.id, ""))
        if called != heading:
            heading = called
            blocks += [f"### {called}"] if called else []
        blocks.append(f"> {quote.text}{cite(quote)}")
    said = frozenset[str]().union(*(words_of(quote.text) for quote in material.quotes))
    wanted = (*(section.heading for section in material.direction.outline), *material.direction.must_say)
    missing = [
        gap(f"find a source for “{each}”, or leave it out")
        for each in wanted
        if words_of(each) - said == words_of(each) != frozenset()
    ]
    return [*blocks, "## What the sources do not say", *missing] if missing else blocks


def write_outline(request: Request) -> list[str]:
    """The headings, each with the beginnings of the passages that it can rest on, and what it lacks."""
    material = gather(request)
    top, under = holes(material, material.sections)
    blocks = [*opening(material.title, ()), *top]
    for section, quotes, gaps in zip(material.sections, assign(material, material.sections), under, strict=True):
        items = list(section.wishes)
        items += [f"{gist(quote.text)}{cite(quote)}" for quote in quotes[:SHOWN]]
        items += [*rest(quotes), *gaps]
        if not items and material.angle not in (None, section) and section not in material.direction.outline:
            continue  # a heading of the sources, all of whose sentences stand under the angle
        more = "nothing more that was given" if material.angle else "no source"
        items = items or [gap(f"{more} speaks of this: find one, or leave it out")]
        blocks += [f"{'#' * section.level} {section.heading}", "\n".join(f"- {item}" for item in items)]
    return blocks


# Angles ----------------------------------------------------------------------------------------------------------


def write_angles(request: Request) -> list[str]:
    """Three to five angles: a sentence or heading that was given, what it would rest on, and what it lacks."""
    material = gather(request)
    headings = _angle_headings(material)
    supported = list(zip(headings, _supports(material, headings), strict=True))
    lacking = max(0, FEWEST - sum(bool(quotes) for _, quotes in supported))
    kept = [each for each in supported if not each[1]][:lacking]
    blocks = opening(f"Angles: {material.title}", material.wishes)
    blocks.append(TO_CHOOSE)
    for heading, quotes in [each for each in supported if each[1] or each in kept][:ANGLES]:
        blocks.append(f"## {heading}")
        blocks += [paragraph(quote) for quote in quotes[:RESTS_ON]]
        blocks.append(gap(_lacking(heading, quotes)))
    return blocks


def _angle_headings(material: Material) -> list[str]:
    """Return the headings of angles, in this order: what must be said, the sources' own short sentences, outline, direction, goal."""
    kept: list[str] = []
    for each in _candidates(material):
        heading = each.strip().rstrip(".:")
        words = words_of(heading)
        if any(_are_alike(words, words_of(other)) for other in kept) or not words:
            continue
        kept.append(heading)
        if len(kept) == CANDIDATES:
            break
    return kept


def _are_alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return 2 * len(one & other) > min(len(one), len(other))


def _candidates(material: Material) -> Iterator[str]:
    direction = material.direction
    yield from direction.must_say[:2]
    short = (each for quote in material.quotes for each in quote.sentences if len(each.split()) <= POINTED)
    yield from [each for each in short if _is_telling(each)][:2]
    yield from (section.heading for section in direction.outline)
    directed = [each for text in direction.paragraphs for each in extract.split_sentences(plain(text))]
    yield from [each for each in directed if _is_telling(each)][:2]
    if _is_telling(material.field("goal")):
        yield material.field("goal")
    yield from direction.headings
    yield from dict.fromkeys(plain(each) for each in material.headings.values())
    yield from (each for quote in material.quotes for each in quote.sentences[:1] if _is_telling(each))
    yield material.title


POINTED = 14
"""Words up to which a sentence of a source may be an angle before the brief's own direction is."""


def _is_telling(sentence: str) -> bool:
    """Whether a sentence is of a length that can be a heading, and no row of a table. Scripts without spaces pass."""
    return (4 <= len(sentence.split()) <= 22 or (" " not in sentence and len(sentence) >= 8)) and not is_row(sentence)


def _supports(material: Material, headings: list[str]) -> list[list[Quote]]:
    """Return the quotes that share most words with each heading; one that shares too few supports none."""
    placed: list[list[Quote]] = [[] for _ in headings]
    for quote in material.quotes:
        said = f"{quote.text} {material.headings.get(quote.id, '')}"
        scores = [_in_common(each, said, material.title) for each in headings]
        if any(scores):
            placed[scores.index(max(scores))].append(quote)
    return placed


def _in_common(heading: str, text: str, title: str) -> int:
    """Return how many telling words a text shares with a heading, the title's aside; 0 for one of many."""
    words = words_of(heading) - words_of(title) or words_of(heading)
    shared = len(words & words_of(text))
    return shared if shared > 1 or len(words) < FEW else 0


def _lacking(heading: str, quotes: list[Quote]) -> str:
    if not quotes:
        return "a source for this angle; nothing that was given speaks of it"
    if is_said(heading, (quote.text for quote in quotes)):
        return "why this matters to the reader"
    return "a sentence that says it outright; none that was given does"


# A table that compares -------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Side:
    """One of the things that are compared: its name, and what is said under each heading."""

    name: str
    page: Page


def write_comparison(request: Request) -> list[str]:
    """A column for each thing, a row for each heading, and below what one side says and no other."""
    material = gather(request)
    sides = _sides(request, material)
    blocks = opening(material.title, asked(request))
    if len(sides) < 2:
        blocks.append(gap("what this is compared with: only one thing was given"))
    rows = _criteria(material, sides)
    cells = [[_best(row, side, material.title) for side in sides] for row in rows]
    if not material.direction.outline:
        told = [sum(each is not None for each in found) > 1 for found in cells]
        rows, cells = list(itertools.compress(rows, told)), list(itertools.compress(cells, told))
    lines = [_row("", *(side.name for side in sides)), _row(*["---"] * (len(sides) + 1))]
    for row, found in zip(rows, cells, strict=True):
        said = (
            each.cited if each else gap(f"what {side.name} says of it") for each, side in zip(found, sides, strict=True)
        )
        lines.append(_row(row, *said))
    wanted = gap("what the rows are: give the brief an outline of what is compared, a line for each")
    blocks.append("\n".join(lines) if rows and sides else wanted)
    used = {each.text for found in cells for each in found if each}
    for side in sides if len(sides) > 1 else ():
        others = {fingerprint(each.text) for other in sides if other is not side for each in other.page.sentences}
        alone = [s for s in side.page.sentences if s.text not in used and fingerprint(s.text) not in others]
        if alone:
            more = [f"- and {len(alone) - ROWS} more"] if len(alone) > ROWS else []
            blocks += [f"## More of {side.name}", "\n".join([*(f"- {each.cited}" for each in alone[:ROWS]), *more])]
    return blocks


def _sides(request: Request, material: Material) -> tuple[_Side, ...]:
    """Return the things to compare: instances of one step, else the upstream texts, else the sources."""
    upstream = [each for each in upstream_of(request) if each.kind not in ("outline", "angles")]
    bases = [each.id.partition(".")[0] for each in upstream]
    fanned = [each for each, base in zip(upstream, bases, strict=True) if "." in each.id and bases.count(base) > 1]
    texts = fanned or upstream
    if len(texts) > 1:
        pages = (parse_upstream(request, each, SKIP) for each in texts)
        return tuple(_Side(name=_name(each, fanned), page=page) for each, page in zip(texts, pages, strict=True))
    found: dict[str, list[str]] = {}
    for quote in material.quotes:
        said = found.setdefault(source_of(quote), [])
        said += [f"## {near(quote, material.headings)}", paragraph(quote)]
    return tuple(_Side(name=name, page=parse_page("\n\n".join(said), SKIP)) for name, said in found.items())


def _name(text: Upstream, fanned: list[Upstream]) -> str:
    name = text.id.partition(".")[2] if text in fanned else text.id
    return name.replace("-", " ").capitalize()


def _criteria(material: Material, sides: tuple[_Side, ...]) -> list[str]:
    """Return the rows: what the brief's outline asks for, else headings that two sides share, else all of them."""
    if material.direction.outline:
        return [section.heading for section in material.direction.outline]
    all_headings = [
        dict.fromkeys(stretch.heading for stretch in side.page.stretches if stretch.heading and stretch.sentences)
        for side in sides
    ]
    everything = list(dict.fromkeys(each for own in all_headings for each in own if not each.startswith("From ")))
    shared = [each for each in everything if sum(each in own for own in all_headings) > 1]
    return (shared or everything)[:ROWS]


def _best(row: str, side: _Side, title: str) -> Sentence | None:
    """Return the first sentence under the row's heading, else the one that shares most words with it, else none."""
    under = [each for stretch in side.page.stretches if stretch.heading == row for each in stretch.sentences]
    if under:
        return under[0]
    scores = [_in_common(row, sentence.text, title) for sentence in side.page.sentences]
    return side.page.sentences[scores.index(max(scores))] if any(scores) else None


def _row(*cells: str) -> str:
    """Return a row of a table. A bar in a cell is escaped, or it would begin another."""
    return "| " + " | ".join(re.sub(r"(?<!\\)\|", r"\\|", cell) for cell in cells) + " |"
