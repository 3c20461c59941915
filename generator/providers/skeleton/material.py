"""The material of a skeleton, gathered from a request's parts, and the small pieces that every text is put together of.

Promises: where a quote goes hangs on its own words and its own passage, so that a change elsewhere moves nothing; no
sentence is there twice; what must never be said is not there. Will not do: read messages, or choose by taste.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from generator.model import Pairs, Request
from generator.providers.skeleton import extract
from generator.providers.skeleton.extract import (
    CITATION,
    GAP,
    Direction,
    Quote,
    Section,
    fingerprint,
    harmless,
    one_line,
    plain,
    weak_words_of,
    words_of,
)
from generator.providers.skeleton.reading import Upstream, upstream_of

DISCLOSURE = (
    "> Sourced skeleton: no model was used. Its sentences are taken from the sources and the brief as they stand; what"
    " is missing is marked `[to write: …]`."
)
PASSED_ON = "> Passed on as it was: no model was used, and nothing was revised."
CHECKED = (
    "> Checked by rules: no model was used. What stands here was counted, or compared word for word. Whether the text is"
    " good, only a person can say."
)
TO_CHOOSE = "> Keep the angle that you choose, and delete the others."
SKIP = frozenset({DISCLOSURE, PASSED_ON, CHECKED, TO_CHOOSE})

LEFT_OUT = frozenset({"critique", "fact-check", "headline", "summary"})
"""Kinds of text that speak about a text: no sentence of theirs is one to write with."""

SHOWN = 8
"""Quotes under one heading; the rest are named by their citations."""

_ROW = re.compile(r"[^:;.!?]{1,40}: [^;]+; [^:;.!?]{1,40}: ")
_FIND = re.compile(r"find a source for “(.+)”, or leave it out\Z")


@dataclass(frozen=True, kw_only=True)
class Material:
    """What a text can be made of. `headings` gives the nearest heading of the source above each passage, by id."""

    title: str
    fields: dict[str, str]
    direction: Direction
    facts: Pairs
    quotes: tuple[Quote, ...]
    sections: tuple[Section, ...]
    wishes: tuple[str, ...]
    headings: dict[str, str]
    angle: Section | None = None

    @property
    def is_sourced(self) -> bool:
        """Whether anything but the brief speaks."""
        return any(quote.id for quote in self.quotes)

    def field(self, name: str) -> str:
        """Return a field of the brief on one line, "" if it is not given."""
        return plain(self.fields.get(name, ""))


def gather(request: Request) -> Material:
    """Return the material of a request: the working copies that were handed down win over the sources."""
    fields = dict(extract.parts_of(request.parts, "brief"))
    direction = extract.parse_direction(fields.get("body", ""))
    upstream = upstream_of(request)
    cited = [
        quote for name, text in extract.parts_of(request.parts, "passage") for quote in extract.parse_quotes(name, text)
    ]
    headings = {quote.id: quote.heading.rpartition(" > ")[2] for quote in cited}
    outline = next((each.text for each in upstream if each.kind == "outline"), None)
    title, wishes, sections = extract.parse_outline(outline, SKIP) if outline else ("", (), ())
    angles = next((found for each in upstream if each.kind == "angles" and (found := _angles(each.text))), [])
    angle = angles[0] if len(angles) == 1 else None  # several: nobody has chosen, and that is nothing for a machine
    quoted, notes = _research(upstream, frozenset(headings))
    own = (quote for each in direction.paragraphs for quote in extract.parse_quotes("", each))
    quotes = _distinct(quoted or tuple(cited) or tuple(own), direction.never_say)
    sections = sections or _sections(direction, quotes, headings)
    if angle and not outline:
        sections = (angle, *(each for each in sections if fingerprint(each.heading) != fingerprint(angle.heading)))
    return Material(
        title=title or plain(fields.get("title", "")) or request.brief, fields=fields, direction=direction,
        facts=extract.parts_of(request.parts, "fact"), quotes=quotes, sections=sections, headings=headings, angle=angle,
        wishes=tuple(dict.fromkeys((*asked(request), *wishes, *notes))),
    )  # fmt: skip


def _angles(text: str) -> list[Section]:
    """Return the angles of a text, its headed sections or the items of its list; none if it has neither."""
    _, before, sections = extract.parse_outline(text, SKIP)
    if sections:
        return [replace(each, level=2, wishes=()) for each in sections]
    is_list = re.search(r"^ {0,3}(?:[-*+]|\d{1,3}[.)])[ \t]", text, re.MULTILINE)
    found = []
    for each in before if is_list else ():
        if not each.startswith(GAP):
            heading = extract.split_sentences(plain(CITATION.sub("", each)).strip("* "))[0]
            found.append(Section(heading=heading.rstrip(".*: "), ids=tuple(CITATION.findall(each))))
    return found


def _research(upstream: tuple[Upstream, ...], known: frozenset[str]) -> tuple[tuple[Quote, ...], tuple[str, ...]]:
    """Return the quotes in the working copies that were handed down, and what they say in other words."""
    quotes: list[Quote] = []
    wishes: list[str] = []
    for each in upstream:
        if each.kind == "outline" or each.kind in LEFT_OUT or (each.kind == "angles" and _angles(each.text)):
            continue
        ids = known or frozenset(CITATION.findall(each.text))
        found, said = extract.parse_research(each.text, ids, SKIP)
        quotes += found
        gaps = [one for one in said if one.startswith(GAP)]
        wishes += said if each.kind == "research" else gaps
    return tuple(quotes), tuple(wishes)


def _distinct(quotes: tuple[Quote, ...], never: tuple[str, ...]) -> tuple[Quote, ...]:
    """Return the quotes without sentences that an earlier one says already, or that hold what must never be said."""
    banned = tuple(each.lower().rstrip(".") for each in never)
    seen: set[tuple[str, ...]] = set()
    kept: list[Quote] = []
    for quote in quotes:
        sentences = []
        for sentence in quote.sentences:
            mark = fingerprint(sentence)
            if mark not in seen and not any(each in sentence.lower() for each in banned):
                sentences.append(sentence)
            seen.add(mark)
        if sentences:
            kept.append(replace(quote, sentences=tuple(sentences)))
    return tuple(kept)


def _sections(direction: Direction, quotes: tuple[Quote, ...], headings: dict[str, str]) -> tuple[Section, ...]:
    """Return the sections to come: the brief's outline, or its own headings, or those of the sources, or one."""
    if direction.outline:
        return direction.outline
    own = direction.headings
    if not own and any(headings.values()):
        own = tuple(dict.fromkeys(near(quote, headings) for quote in quotes))
    elif not own:
        own = ("What the sources say",) if any(quote.id for quote in quotes) else ("In the words of the brief",)
    return tuple(Section(heading=heading) for heading in own)


def near(quote: Quote, headings: dict[str, str]) -> str:
    """Return the heading that the quote's source gives it, or a name for a source that has none."""
    return plain(headings.get(quote.id, "")) or f"From {source_of(quote)}"


def source_of(quote: Quote) -> str:
    """Return the name of the source that a quote is of."""
    return quote.id.rpartition("-")[0] or "the brief"


def asked(request: Request) -> tuple[str, ...]:
    """Return what notes ask for. Settings say how a model should write; a skeleton has nothing to write otherwise."""
    return tuple(f"a note asks: {one_line(text)}" for _, text in extract.parts_of(request.parts, "note"))


def assign(material: Material, sections: tuple[Section, ...]) -> list[list[Quote]]:
    """Return the quotes of each section: by words in common with its heading, else with its passage, else by order.

    A passage that the sections cite goes where it is cited; if they cite any, the others are left out.
    """
    placed: list[list[Quote]] = [[] for _ in sections]
    cited = {each for section in sections if section is not material.angle for each in section.ids}
    common = words_of(material.title)
    words = [words_of(section.heading) - common or words_of(section.heading) for section in sections]
    weak = [weak_words_of(section.heading) for section in sections]
    latest: dict[str, int] = {}
    free = [place for place, each in enumerate(sections) if each is not material.angle] or list(range(len(placed)))
    for number, quote in enumerate(material.quotes if sections else ()):
        citing = [place for place, section in enumerate(sections) if quote.id in section.ids]
        if cited and quote.id and not citing:
            continue
        places = citing or free
        called = near(quote, material.headings)
        exact = next((place for place in places if sections[place].heading == called), None)
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


def unsaid(material: Material) -> tuple[str, ...]:
    """Return what must be said and no sentence or fact says word for word."""
    said = [*(quote.text for quote in material.quotes), *(fact(*each) for each in material.facts)]
    return tuple(each for each in material.direction.must_say if not is_said(each, said))


def is_said(wanted: str, said: Iterable[str]) -> bool:
    """Whether some text says something word for word."""
    return any(f" {bare(wanted)} " in f" {bare(each)} " for each in said)


def holes(material: Material, sections: tuple[Section, ...]) -> tuple[list[str], list[list[str]]]:
    """Return what is missing as gaps: of the whole, and of each section. What must be said stands where it fits best.

    What is wished for in some section already is not wished for twice.
    """
    top: list[str] = []
    under: list[list[str]] = [[] for _ in sections]
    wished = [*(wish for section in sections for wish in section.wishes), *material.wishes]
    wished = [*(each.heading for each in sections), *(each for each in wished if not sought(each))]
    must = [each for each in unsaid(material) if not is_said(each, wished)]
    for each in must:
        scores = [len(words_of(section.heading) & words_of(each)) for section in sections]
        place = under[scores.index(max(scores))] if any(scores) else top
        place.append(gap(f"this must be said: {each}"))
    for wish in material.wishes:
        wanted = sought(wish)
        if wanted and is_said(wanted, material.direction.must_say):
            continue
        fits = [place for place, each in zip(under, sections, strict=True) if wanted and each.heading == wanted]
        (fits[0] if fits else top).append(wish_of(wish))
    return top, under


def sought(wish: str) -> str:
    """Return what a gap of the research looks for a source of, "" for any other wish."""
    found = _FIND.match(wish.removeprefix(GAP).strip().removesuffix("]"))
    return found[1] if found else ""


def bare(text: str) -> str:
    """Return the words of a text in small letters, one space between them: for comparing word for word."""
    return " ".join(re.findall(r"\w+", text.lower()))


def is_row(sentence: str) -> bool:
    """Whether a sentence is the row of a table: data, which nobody would read aloud."""
    return bool(_ROW.match(sentence.replace("&lt;", "<")))


# Pieces of a text ------------------------------------------------------------------------------------------------


def opening(title: str, wishes: tuple[str, ...], disclosure: str = DISCLOSURE) -> list[str]:
    """Return the blocks that every text begins with: its title, that no model was used, and what is wished for."""
    return [f"# {title}", disclosure, *(wish_of(each) for each in wishes)]


def gap(text: str) -> str:
    """Return the mark of something that is missing."""
    return f"{GAP} {text}]"


def wish_of(text: str) -> str:
    """Return a wish of somebody's as a gap; one that is a gap already stays one."""
    is_gap = text.startswith(GAP) and text.endswith("]")
    return gap(plain(text[len(GAP) : -1] if is_gap else text))


def cite(quote: Quote) -> str:
    """Return the citation of a quote, "" for the brief's own words."""
    return f"[^{quote.id}]" if quote.id else ""


def paragraph(quote: Quote) -> str:
    """Return the sentences of a quote, each cited."""
    return " ".join(f"{sentence}{cite(quote)}" for sentence in quote.sentences)


def fact(name: str, value: str) -> str:
    """Return a fact of the brief as a sentence."""
    label = name.replace("-", " ").replace("_", " ")
    said = one_line(value)
    end = "" if said.endswith((".", "!", "?", "…")) or "://" in said else "."
    return harmless(f"{label[:1].upper()}{label[1:]}: {said}{end}")


def rest(quotes: list[Quote]) -> list[str]:
    """Return a line that names the passages past SHOWN, if there are more."""
    left = dict.fromkeys(quote.id for quote in quotes[SHOWN:] if quote.id)
    return [f"and {len(left)} more: {' '.join(f'[^{each}]' for each in left)}"] if left else []


def gist(text: str, size: int = 10) -> str:
    """Return the first words of a text."""
    words = text.split()
    return text if len(words) <= size else " ".join(words[:size]).rstrip(".,;:") + "…"


def cut(text: str, size: int) -> str:
    """Return as much of a text as fits into `size` characters, cut at a word where it has any."""
    if len(text) <= size:
        return text
    head, space, _ = text[:size].rpartition(" ")
    return f"{(head if space else text[: size - 1]).rstrip(' .,;:')}…"
