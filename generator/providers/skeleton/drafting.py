"""Whole texts: a draft, a revision, a landing page, and whatever a prompt of the workspace asks for.

Promises: the sources' sentences stand under the headings that were planned, none of them twice; each hole is one gap, at
the place where it is. Will not do: revise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from generator.model import SLOT, Request, slot_line
from generator.providers.skeleton import extract
from generator.providers.skeleton.extract import CITATION, Direction, Quote, Section, one_line, plain, words_of
from generator.providers.skeleton.material import (
    DISCLOSURE,
    PASSED_ON,
    SHOWN,
    SKIP,
    Material,
    asked,
    assign,
    fact,
    gap,
    gather,
    gist,
    holes,
    is_row,
    opening,
    paragraph,
    rest,
    wish_of,
)
from generator.providers.skeleton.reading import TO_REVISE, chosen, upstream_of

EXCERPT = 40
"""Blocks of what a prompt unknown here was given."""

_MORE = re.compile(r"and \d+ more:?\Z")

LANDING = {
    "The problem": "the problem, as the reader would tell it", "What it does": "what it does, in two sentences",
    "What it does not do": "", "What shows it": "what shows it: a figure, or what a customer said",
    "What it costs": "what it costs, and what is in it",
}  # fmt: skip
"""The parts of a landing page without an outline, and the gap where nothing was given; "" is left out then."""

_COSTS = re.compile(
    r"[$€£¥]\s?\d|\d\s?[$€£¥]|\b(?:prices?|pricing|costs?|fees?|free of charge|EUR|USD|GBP|CHF|Preis\w*|kostet|prix|coûte)\b",
    re.IGNORECASE,
)
_PROBLEM = re.compile(
    r"\b(?:problems?|pain|wait(?:ed|ing)|delay\w*|late|slow\w*|errors?|mistakes?|fail\w*|lost|lose[sn]?|dread\w*|stuck"
    r"|too (?:long|many|much)|by hand|Problem\w*|Fehler|wartet\w*|problème\w*|erreurs?)\b",
    re.IGNORECASE,
)
_LIMIT = re.compile(
    r"\b(?:does not|do not|cannot|no \w+ yet|not yet|kann nicht|noch nicht|ne \w+ pas)\b", re.IGNORECASE
)
_HEAD = re.compile(
    r"(?:---[ \t]*(?:\r\n|\r|\n).*?^---[ \t]*(?:\r\n|\r|\n|\Z))?\s*(?:# [^\r\n]*(?:\r\n|\r|\n|\Z))?",
    re.DOTALL | re.MULTILINE,
)
"""Front matter and a title."""

_STANDING = re.compile(rf"\s*(?:{'|'.join(map(re.escape, sorted(SKIP)))})[ \t]*(?:\r\n|\r|\n|\Z)")
_SPEECH = re.compile(r"[“„«\"]")
_PROOF = re.compile(
    r"(?<![\w.])\d[\d.,]*\d(?!\w)|\d ?%|[“„«\"]|\b(?:said|says|told|measured|tested|survey\w*|sagt\w*|dit)\b"
)


def write_draft(request: Request) -> list[str]:
    """The sections of the outline, with quotations, facts and gaps."""
    material = gather(request)
    direction = material.direction if material.is_sourced else Direction()
    compared = next((each.text for each in upstream_of(request) if each.kind == "comparison-table"), "")
    sections = () if compared else material.sections  # a table stands whole: its cells are not sentences to sort
    top, under = holes(material, sections)
    opened = any(part.kind == "slot" for part in request.parts)  # words that are placed open the text
    blocks = [*opening(material.title, ()), *([] if opened else [gap(_first_words(material, direction))]), *top]
    blocks += extract.split_body(compared, SKIP)
    facts = dict(material.facts)
    for section, quotes, gaps in zip(sections, assign(material, sections), under, strict=True):
        blocks += [f"{'#' * section.level} {section.heading}", *_body(material, section, quotes, facts, gaps)]
    if facts:
        blocks += ["## Facts", *(fact(name, value) for name, value in facts.items())]
    if material.field("goal"):
        blocks.append(gap(f"an ending that leads the reader to: {material.field('goal')}"))
    return blocks


def _body(
    material: Material, section: Section, quotes: list[Quote], facts: dict[str, str], gaps: list[str]
) -> list[str]:
    """Return what stands under a heading. Facts that belong there are taken out of `facts`."""
    said = [paragraph(quote) for quote in quotes[:SHOWN]]
    here = [name for name in facts if words_of(name) and words_of(name) <= words_of(section.heading)]
    said += [fact(name, facts.pop(name)) for name in here]
    wishes = [wish_of(wish) for wish in section.wishes if not _is_gist(wish, material.quotes)]
    wishes += [gap(each) for each in rest(quotes)]
    wishes += [each for each in gaps if each not in wishes]
    lacking = LANDING.get(section.heading) or "what belongs here; nothing that was given speaks of it"
    return [*said, *wishes] or [gap(lacking)]


def _first_words(material: Material, direction: Direction) -> str:
    reader = f" for {material.field('audience')}" if material.field("audience") else ""
    keyword = f". Use the words “{material.field('keyword')}” where they fit" if material.field("keyword") else ""
    wanted = gist(plain(direction.paragraphs[0]), 40) if direction.paragraphs else ""
    return f"an opening{reader}{keyword}" + (f". The brief says: “{wanted}”" if wanted else "")


def _is_gist(wish: str, quotes: tuple[Quote, ...]) -> bool:
    """Whether an item of an outline only points at passages: it repeats how one begins, or counts the rest."""
    ids = CITATION.findall(wish) or [""]
    said = one_line(CITATION.sub("", wish)).rstrip("…")
    return not said or bool(_MORE.match(said)) or any(q.id in ids and q.text.startswith(said) for q in quotes)


def write_revised(request: Request) -> list[str]:
    """The text as it is. It says already that no model was used, or is made to say it."""
    texts = chosen(upstream_of(request), TO_REVISE)
    if not texts:
        return write_other(request)
    text = "\n\n".join(each.text.strip("\r\n") for each in texts)
    extra = [] if DISCLOSURE in text or PASSED_ON in text else [PASSED_ON]
    extra += [gap(each) for each in asked(request)]
    if not extra:
        return [text]
    head = _HEAD.match(text)
    at = head.end() if head else 0
    return [each for each in (text[:at].strip("\r\n"), *extra, text[at:].strip("\r\n")) if each]


def write_landing(request: Request) -> list[str]:
    """A title and one line, then the problem, what it does, what shows it, what it costs, and what to do next.

    An outline, of the brief or of a step before, is followed instead of these parts.
    """
    material = gather(request)
    planned = any(each.kind == "outline" for each in upstream_of(request)) or material.direction.outline
    parts = {} if planned else _by_use(material)
    sections = material.sections if planned else tuple(Section(heading=each) for each in parts)
    placed = assign(material, sections) if planned else list(parts.values())
    top, under = holes(material, sections)
    reader = f" for {material.field('audience')}" if material.field("audience") else ""
    blocks = [*opening(material.title, ()), gap(f"one line{reader} that says what it is"), *top]
    facts = dict(material.facts)
    for section, quotes, gaps in zip(sections, placed, under, strict=True):
        costs = [name for name, value in facts.items() if _COSTS.search(f"{name} {value}")]
        priced = [fact(name, facts.pop(name)) for name in costs] if _COSTS.search(section.heading) else []
        body = _body(material, section, quotes, facts, [*priced, *gaps])
        blocks += [f"{'#' * section.level} {section.heading}", *body]
    if facts:
        blocks += ["## Facts", *(fact(name, value) for name, value in facts.items())]
    wanted = f"a call to action that leads the reader to: {material.field('goal')}"
    return [*blocks, "## Next step", gap(wanted if material.field("goal") else "what the reader does next, and a link")]


def _by_use(material: Material) -> dict[str, list[Quote]]:
    """Return the quotes of each part of a landing page, by signs in their own words: what costs, what hurts, what shows."""
    placed: dict[str, list[Quote]] = {heading: [] for heading in LANDING}
    problem, does, limits, shows, costs = placed.values()
    for quote in _units(material):
        if _COSTS.search(f"{quote.text} {material.headings.get(quote.id, '')}"):
            costs.append(quote)
        elif _PROBLEM.search(quote.text):
            problem.append(quote)
        elif _LIMIT.search(quote.text):
            limits.append(quote)
        elif _PROOF.search(quote.text) or is_row(quote.text):
            shows.append(quote)
        else:
            does.append(quote)
    return {heading: _grouped(quotes) for heading, quotes in placed.items() if quotes or LANDING[heading]}


def _units(material: Material) -> Iterator[Quote]:
    """Yield the sentences one by one; what somebody said stays with what they were asked."""
    for quote in material.quotes:
        if _SPEECH.search(quote.text):
            yield quote
        else:
            yield from (replace(quote, sentences=(sentence,)) for sentence in quote.sentences)


def _grouped(quotes: list[Quote]) -> list[Quote]:
    """Return the quotes with those of one passage together, a paragraph each."""
    grouped: list[Quote] = []
    for quote in quotes:
        last = grouped[-1] if grouped else None
        if last and last.id == quote.id and len(last.sentences) + len(quote.sentences) <= extract.GROUP_SIZE:
            grouped[-1] = replace(last, sentences=(*last.sentences, *quote.sentences))
        else:
            grouped.append(quote)
    return grouped


def write_other(request: Request) -> list[str]:
    """For a prompt that only this workspace knows: the gap it was meant to fill, and all that it was given."""
    material = gather(request)
    settings = "; ".join(f"{name}: {one_line(text)}" for name, text in extract.parts_of(request.parts, "with"))
    wish = f"what the prompt `{request.uses}` asks for" + (f", with {settings}" if settings else "")
    blocks = opening(material.title, (wish, *asked(request)))
    upstream = upstream_of(request)
    for each in upstream:
        blocks += [f"## From {each.id}"] if len(upstream) > 1 else []
        blocks += extract.split_body(each.text, SKIP)[:EXCERPT]
    if not upstream:
        blocks += [paragraph(quote) for quote in material.quotes[:EXCERPT]]
        blocks += [fact(name, value) for name, value in material.facts]
    return blocks


# Slots -----------------------------------------------------------------------------------------------------------


def without_slots(request: Request, write: Callable[[Request], list[str]]) -> Request:
    """Return the request without lines that stand for words of slots; a revision keeps them where they are."""
    if write is write_revised or not any(part.kind == "slot" for part in request.parts):
        return request
    parts = (
        replace(each, text=_pick(each.text, frozenset())) if each.kind == "upstream" else each for each in request.parts
    )
    return replace(request, parts=tuple(parts))


def place_slots(text: str, request: Request) -> str:
    """Return the text with one line for each slot: where the text has it first, else after its title and standing line."""
    names = [part.name for part in request.parts if part.kind == "slot"]
    if not names:
        return text
    text = _pick(text, frozenset(names))
    there = {match[1] for line in text.splitlines() if (match := SLOT.fullmatch(line))}
    lines = "".join(f"{slot_line(name)}\n\n" for name in names if name not in there)
    if not lines:
        return text
    head = _HEAD.match(text)
    at = head.end() if head else 0
    while standing := _STANDING.match(text, at):
        at = standing.end()
    before, after = text[:at].rstrip("\r\n"), text[at:].lstrip("\r\n")
    return f"{before}\n\n{lines}{after}" if before else lines + after


def _pick(text: str, names: frozenset[str]) -> str:
    """Return the text with the first line for each of the slots `names`, and no other such line."""
    kept: list[str] = []
    seen: set[str] = set()
    for line in text.splitlines(keepends=True):
        match = SLOT.fullmatch(line.rstrip("\r\n"))
        if match is None or match[1] in names - seen:
            kept.append(line)
        seen |= {match[1]} if match else set()
    return "".join(kept)
