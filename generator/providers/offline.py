"""The provider that needs no model: it makes a sourced skeleton by extraction, on this machine, for nothing.

Promises: every sentence stands in the sources or the brief; every citation is of a passage it was given; what is
missing is marked as a gap; every text says that no model was used; a fact or a source that changes, changes only the
blocks that state it. It reads the labelled parts of a request, never its messages. Will not do: invent, rephrase, judge,
or revise.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from generator.model import Model, Pairs, Reply, Request
from generator.providers import extract
from generator.providers.extract import (
    CITATION,
    GAP,
    Direction,
    Quote,
    Section,
    harmless,
    one_line,
    plain,
    weak_words_of,
    words_of,
)

OFFLINE = Model(name="offline", provider="offline", model="skeleton-1")

DISCLOSURE = (
    "> Sourced skeleton: no model was used. Its sentences are taken from the sources and the brief as they stand; what"
    " is missing is marked `[to write: …]`."
)
PASSED_ON = "> Passed on as it was: no model was used, and nothing was revised."
_SKIP = frozenset({DISCLOSURE, PASSED_ON})

SHOWN = 8
"""Quotes under one heading; the rest are named by their citations."""

EXCERPT = 40
"""Blocks of what a prompt unknown here was given."""

_MORE = re.compile(r"and \d+ more:?\Z")


async def ask(request: Request, model: Model) -> Reply:
    """Return the skeleton of a step's text. An update gets the same text as a new one: its reply is carried over."""
    write = _WRITERS.get(request.uses, _write_other)
    text = "\n\n".join(write(request)) + "\n"
    notes = ("offline: nothing was revised",) if write is _write_revised else ()
    return Reply(text=text, provider=model.provider, model=model.model, notes=notes)


# The material ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Material:
    title: str
    fields: dict[str, str]
    direction: Direction
    facts: Pairs
    quotes: tuple[Quote, ...]
    sections: tuple[Section, ...]
    wishes: tuple[str, ...]
    headings: dict[str, str]
    """The nearest heading of the source above each passage, by id."""


def _gather(request: Request) -> _Material:
    fields = dict(extract.parts_of(request.parts, "brief"))
    direction = extract.parse_direction(fields.get("body", ""))
    upstream = extract.parts_of(request.parts, "upstream")
    cited = [
        quote for name, text in extract.parts_of(request.parts, "passage") for quote in extract.parse_quotes(name, text)
    ]
    headings = {quote.id: quote.heading.rpartition(" > ")[2] for quote in cited}
    outline = next((text for name, text in upstream if _base(name) == "outline"), None)
    title, wishes, sections = extract.parse_outline(outline, _SKIP) if outline else ("", (), ())
    found, notes = _research(upstream, frozenset(headings))
    quotes = (
        found
        or tuple(cited)
        or tuple(quote for each in direction.paragraphs for quote in extract.parse_quotes("", each))
    )
    quotes = _distinct(quotes, direction.never_say)
    title = title or plain(fields.get("title", "")) or request.brief
    sections = sections or _headings(direction, quotes, headings)
    return _Material(
        title=title, fields=fields, direction=direction, facts=extract.parts_of(request.parts, "fact"), quotes=quotes,
        sections=sections, wishes=tuple(dict.fromkeys((*_asked(request), *wishes, *notes))), headings=headings,
    )  # fmt: skip


def _base(step: str) -> str:
    return step.partition(".")[0]


def _research(upstream: Pairs, known: frozenset[str]) -> tuple[tuple[Quote, ...], tuple[str, ...]]:
    """Return the quotes in the working copies that were handed down, and what they say in other words."""
    quotes: list[Quote] = []
    wishes: list[str] = []
    for name, text in upstream:
        if _base(name) == "outline":
            continue
        ids = known or frozenset(CITATION.findall(text))
        found, said = extract.parse_research(text, ids, _SKIP)
        quotes += found
        gaps = [each for each in said if each.startswith(GAP)]
        wishes += said if _base(name) == "research" else gaps
    return tuple(quotes), tuple(wishes)


def _distinct(quotes: tuple[Quote, ...], never: tuple[str, ...]) -> tuple[Quote, ...]:
    """Return the quotes without sentences that stand in an earlier one, or hold what must never be said."""
    banned = tuple(each.lower().rstrip(".") for each in never)
    seen: set[str] = set()
    kept: list[Quote] = []
    for quote in quotes:
        sentences = []
        for sentence in quote.sentences:
            plain = sentence.lower()
            if plain not in seen and not any(each in plain for each in banned):
                sentences.append(sentence)
            seen.add(plain)
        if sentences:
            kept.append(Quote(id=quote.id, sentences=tuple(sentences), heading=quote.heading))
    return tuple(kept)


def _headings(direction: Direction, quotes: tuple[Quote, ...], headings: dict[str, str]) -> tuple[Section, ...]:
    """Return the sections to come: the brief's outline, or its own headings, or those of the sources, or one."""
    if direction.outline:
        return direction.outline
    own = direction.headings
    if not own and any(headings.values()):
        own = tuple(dict.fromkeys(_near(quote, headings) for quote in quotes))
    elif not own:
        own = ("What the sources say",) if any(quote.id for quote in quotes) else ("In the words of the brief",)
    return tuple(Section(heading=heading) for heading in own)


def _near(quote: Quote, headings: dict[str, str]) -> str:
    """Return the heading that the quote's source gives it, or a name for a source that has none."""
    return plain(headings.get(quote.id, "")) or f"From {_source(quote)}"


def _source(quote: Quote) -> str:
    return quote.id.rpartition("-")[0] or "the brief"


def _asked(request: Request) -> tuple[str, ...]:
    notes = tuple(f"a note asks: {one_line(text)}" for _, text in extract.parts_of(request.parts, "note"))
    settings = "; ".join(f"{name}: {one_line(text)}" for name, text in extract.parts_of(request.parts, "with"))
    return (*notes, f"keep to {settings}") if settings else notes


# The four steps --------------------------------------------------------------------------------------------------


def _write_research(request: Request) -> list[str]:
    """Every passage as a quotation under its source, then what the brief asks for and no passage speaks of."""
    material = _gather(request)
    blocks = _opening(f"Research: {material.title}", material.wishes)
    source, heading = "", ""
    for quote in material.quotes:
        if _source(quote) != source:
            source, heading = _source(quote), ""
            blocks.append(f"## From {source}")
        near = plain(material.headings.get(quote.id, ""))
        if near != heading:
            heading = near
            blocks += [f"### {near}"] if near else []
        blocks.append(f"> {quote.text}{_cite(quote)}")
    said = frozenset[str]().union(*(words_of(quote.text) for quote in material.quotes))
    wanted = (*(section.heading for section in material.direction.outline), *material.direction.must_say)
    missing = [
        _gap(f"find a source for “{each}”, or leave it out")
        for each in wanted
        if words_of(each) - said == words_of(each) != frozenset()
    ]
    return [*blocks, "## What the sources do not say", *missing] if missing else blocks


def _write_outline(request: Request) -> list[str]:
    """The headings, each with the beginnings of the passages that it can rest on."""
    material = _gather(request)
    blocks = _opening(material.title, material.wishes)
    for section, quotes in zip(material.sections, _assign(material), strict=True):
        items = list(section.wishes)
        items += [f"{_gist(quote.text)}{_cite(quote)}" for quote in quotes[:SHOWN]]
        items += _rest(quotes)
        items = items or [_gap("no source speaks of this: find one, or leave it out")]
        blocks += [f"{'#' * section.level} {section.heading}", "\n".join(f"- {item}" for item in items)]
    return blocks


def _write_draft(request: Request) -> list[str]:
    """The sections of the outline, with quotations, facts and gaps."""
    material = _gather(request)
    direction, fields = material.direction, material.fields
    blocks = _opening(material.title, ())
    blocks.append(_gap(_first_words(fields, direction if any(quote.id for quote in material.quotes) else Direction())))
    stated = " ".join([*(quote.text for quote in material.quotes), *(_fact(*each) for each in material.facts)]).lower()
    unsaid = (each for each in direction.must_say if each.lower().strip(" .") not in stated)
    blocks += [_gap(f"this must be said: {each}") for each in unsaid]
    blocks += [_wish(each) for each in material.wishes]
    facts = dict(material.facts)
    for section, quotes in zip(material.sections, _assign(material), strict=True):
        paragraphs = [_paragraph(quote) for quote in quotes[:SHOWN]]
        here = [name for name in facts if words_of(name) and words_of(name) <= words_of(section.heading)]
        paragraphs += [_fact(name, facts.pop(name)) for name in here]
        wishes = [_wish(wish) for wish in section.wishes if not _is_gist(wish, material.quotes)]
        wishes += [_gap(each) for each in _rest(quotes)]
        if not paragraphs and not wishes:
            wishes = [_gap("what belongs here; nothing that was given speaks of it")]
        blocks += [f"{'#' * section.level} {section.heading}", *paragraphs, *wishes]
    if facts:
        blocks += ["## Facts", *(_fact(name, value) for name, value in facts.items())]
    if fields.get("goal"):
        blocks.append(_gap(f"an ending that leads the reader to: {plain(fields['goal'])}"))
    return blocks


def _write_revised(request: Request) -> list[str]:
    """The draft as it is. It says already that no model was used, or is made to say it."""
    upstream = extract.parts_of(request.parts, "upstream")
    drafts = [text for name, text in upstream if _base(name) == "draft"] or [text for _, text in upstream[-1:]]
    if not drafts:
        return _write_other(request)
    text = "\n\n".join(each.strip("\r\n") for each in drafts)
    extra = [] if DISCLOSURE in text or PASSED_ON in text else [PASSED_ON]
    extra += [_gap(each) for each in _asked(request)]
    if not extra:
        return [text]
    title = re.match(r"# [^\r\n]*(?:\r\n|\r|\n|\Z)", text)
    at = title.end() if title else 0
    return [each for each in (text[:at].strip("\r\n"), *extra, text[at:].strip("\r\n")) if each]


def _write_other(request: Request) -> list[str]:
    """For a prompt that only this workspace knows: the gap it was meant to fill, and all that it was given."""
    material = _gather(request)
    blocks = _opening(material.title, (f"what the prompt `{request.uses}` asks for", *_asked(request)))
    upstream = extract.parts_of(request.parts, "upstream")
    for name, text in upstream:
        blocks += [f"## From {name}"] if len(upstream) > 1 else []
        blocks += extract.split_body(text, _SKIP)[:EXCERPT]
    if not upstream:
        blocks += [_paragraph(quote) for quote in material.quotes[:EXCERPT]]
        blocks += [_fact(name, value) for name, value in material.facts]
    return blocks


_WRITERS: dict[str, Callable[[Request], list[str]]] = {
    "research": _write_research, "outline": _write_outline, "draft": _write_draft, "revise": _write_revised,
}  # fmt: skip


# Their pieces ----------------------------------------------------------------------------------------------------


def _opening(title: str, wishes: tuple[str, ...]) -> list[str]:
    return [f"# {title}", DISCLOSURE, *(_wish(each) for each in wishes)]


def _assign(material: _Material) -> list[list[Quote]]:
    """Return the quotes of each section: by words in common with its heading, else with its passage, else by order.

    Where a quote goes hangs on its own passage and its number alone, so that a change elsewhere does not move it. A
    passage that the outline cites goes where it is cited; if the outline cites any, the others are left out.
    """
    placed: list[list[Quote]] = [[] for _ in material.sections]
    cited = {each for section in material.sections for each in section.ids}
    common = words_of(material.title)
    words = [words_of(section.heading) - common or words_of(section.heading) for section in material.sections]
    weak = [weak_words_of(section.heading) for section in material.sections]
    latest: dict[str, int] = {}
    for number, quote in enumerate(material.quotes):
        if cited and quote.id and quote.id not in cited:
            continue
        citing = [place for place, section in enumerate(material.sections) if quote.id in section.ids]
        places = citing or list(range(len(placed)))
        near = _near(quote, material.headings)
        exact = next((place for place in places if material.sections[place].heading == near), None)
        said = f"{quote.text} {material.headings.get(quote.id, '')}"
        strong, little = words_of(said), weak_words_of(said)
        scores = [(len(words[place] & strong), len(weak[place] & little)) for place in places]
        place = places[scores.index(max(scores))]
        if exact is not None:
            place = exact
        elif max(scores) == (0, 0):
            place = latest.get(quote.id, places[number * len(places) // len(material.quotes)])
        if quote.id:
            latest[quote.id] = place
        placed[place].append(quote)
    return placed


def _first_words(fields: dict[str, str], direction: Direction) -> str:
    reader = f" for {plain(fields['audience'])}" if fields.get("audience") else ""
    goal = f", towards this goal: {plain(fields['goal'])}" if fields.get("goal") else ""
    keyword = f". Use the words “{plain(fields['keyword'])}” where they fit" if fields.get("keyword") else ""
    asked = _gist(plain(direction.paragraphs[0]), 40) if direction.paragraphs else ""
    return f"an opening{reader}{goal}{keyword}" + (f". The brief says: “{asked}”" if asked else "")


def _gap(text: str) -> str:
    return f"{GAP} {text}]"


def _wish(text: str) -> str:
    gap = text.startswith(GAP) and text.endswith("]")
    return _gap(plain(text[len(GAP) : -1] if gap else text))


def _paragraph(quote: Quote) -> str:
    return " ".join(f"{sentence}{_cite(quote)}" for sentence in quote.sentences)


def _cite(quote: Quote) -> str:
    return f"[^{quote.id}]" if quote.id else ""


def _fact(name: str, value: str) -> str:
    label = name.replace("-", " ").replace("_", " ")
    said = one_line(value)
    end = "" if said.endswith((".", "!", "?", "…")) or "://" in said else "."
    return harmless(f"{label[:1].upper()}{label[1:]}: {said}{end}")


def _rest(quotes: list[Quote]) -> list[str]:
    left = dict.fromkeys(quote.id for quote in quotes[SHOWN:] if quote.id)
    return [f"and {len(left)} more: {' '.join(f'[^{each}]' for each in left)}"] if left else []


def _gist(text: str, size: int = 10) -> str:
    words = text.split()
    return text if len(words) <= size else " ".join(words[:size]).rstrip(".,;:") + "…"


def _is_gist(wish: str, quotes: tuple[Quote, ...]) -> bool:
    """Whether an item of an outline only points at passages: it repeats how one begins, or counts the rest."""
    ids = CITATION.findall(wish) or [""]
    said = one_line(CITATION.sub("", wish)).rstrip("…")
    return not said or bool(_MORE.match(said)) or any(q.id in ids and q.text.startswith(said) for q in quotes)
