"""What a machine can be certain of in a text: a critique and a check of its facts, by counting and comparing.

Promises: each line can be verified by looking; a sentence stands beside the passage that it cites; what only a person can
judge is said to be so. Will not do: call a text good, or a claim true.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from generator.model import Pairs, Request
from generator.providers.skeleton import extract
from generator.providers.skeleton.extract import fingerprint, harmless, one_line, plain, words_of
from generator.providers.skeleton.material import (
    CHECKED,
    SKIP,
    Material,
    asked,
    bare,
    fact,
    gap,
    gather,
    gist,
    is_row,
    is_said,
    opening,
)
from generator.providers.skeleton.reading import TO_PROMOTE, Sentence, chosen, parse_page, upstream_of

LONG = 25
"""Words that a sentence may have before it is named as long."""

LONGEST = 3
_MEND = " How to mend:"
SHOWN = 40
"""Findings of one text; the rest are counted."""

_PLACE = re.compile(r"(.+?), (line \d+: .*)\Z", re.DOTALL)
_FIGURE = re.compile(r"\d+(?:[.,:'’\u00a0\u202f]\d+)*(?:[ \u00a0\u202f]?[%‰])?")
_CURRENCY = re.compile(r"[€$£¥%]")
_ABOUT_CITING = re.compile(r"\b(?:cit(?:e|es|ed|ing|ation|ations)|footnotes?)\b", re.IGNORECASE)

WORD_FOR_WORD = "stands word for word in the passage"
OTHER_WORDS = "other words: read both"
NOT_GIVEN = "cites nothing that was given"
NO_CITATION = "has a figure and no citation"


def write_critique(request: Request) -> list[str]:
    """What the checks found, what of the brief is missing, what is long, what is said twice."""
    material = gather(request)
    texts = chosen(upstream_of(request), TO_PROMOTE)
    blocks = opening(f"Critique: {material.title}", asked(request), CHECKED)
    if not texts:
        return [*blocks, gap("a text to look at: none was given")]
    whole = "\n\n".join(each.text for each in texts)
    sentences = parse_page(whole, SKIP).sentences
    blocks += ["## What the checks found", *_findings(extract.parts_of(request.parts, "finding"))]
    lacking = list(_lacking(material, whole)) or ["All that can be compared word for word is there."]
    blocks += ["## What the brief asks for and the text does not have", _list(lacking)]
    blocks += ["## Long sentences", _list(_long(sentences) or [f"No sentence has more than {LONG} words."])]
    blocks += ["## Said twice", _list(_twice(sentences) or ["No sentence stands there twice."])]
    judge = "Whether it is true, whether the argument holds, and whether it is worth the reader's time."
    return [*blocks, "## What only a person can judge", _list([judge])]


def _list(items: list[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _findings(findings: Pairs) -> list[str]:
    """Return the findings as lists, by the text that they are of."""
    if not findings:
        return [_list(["No finding was handed on."])]
    by_text: dict[str, list[str]] = {}
    for _, said in findings:
        place = _PLACE.match(one_line(said))
        by_text.setdefault(place[1] if place else "", []).append(plain(place[2] if place else said))
    blocks = []
    for name, items in by_text.items():
        blocks += [f"### {plain(name)}"] if name else []
        more = [f"And {len(items) - SHOWN} more."] if len(items) > SHOWN else []
        blocks.append(_list([*(_short(each) for each in items[:SHOWN]), *more]))
    return blocks


def _short(finding: str) -> str:
    """Return a finding that opens no gap of its own, a long one cut; how to mend it stays whole."""
    said, _, mend = finding.replace("[to write:", "(to write:").partition(_MEND)
    shown = gist(said.rstrip("."), 30)
    return f"{shown}{'' if shown.endswith('…') else '.'}{_MEND if mend else ''}{mend}"


def _lacking(material: Material, text: str) -> Iterator[str]:
    direction = material.direction
    page = parse_page(text, SKIP)
    said = [*(stretch.heading for stretch in page.stretches), " ".join(each.text for each in page.sentences)]
    for each in direction.must_say:
        if not is_said(each, said):
            yield f"Must be said, and is not there word for word: “{each}”"
    for each in direction.never_say:
        if is_said(each, said):
            yield f"Must never be said, and is there: “{each}”"
    headings = {fingerprint(stretch.heading) for stretch in page.stretches}
    for section in direction.outline:
        if fingerprint(section.heading) not in headings:
            yield f"A heading of the outline that is not there: “{section.heading}”"
    for name, value in material.facts:
        if not is_said(value, said):
            yield f"A fact that is not there word for word: {fact(name, value)}"
    keyword = material.field("keyword")
    if keyword and not is_said(keyword, [page.title, *said]):
        yield f"The words to be found by are not there: “{keyword}”"


def _long(sentences: tuple[Sentence, ...]) -> list[str]:
    counted = [(len(each.text.split()), each) for each in sentences if not is_row(each.text)]
    longest = sorted((pair for pair in counted if pair[0] > LONG), key=lambda pair: -pair[0])[:LONGEST]
    return [f"{count} words: “{gist(each.text, 14)}”" for count, each in longest]


def _twice(sentences: tuple[Sentence, ...]) -> list[str]:
    marks = [fingerprint(each.text) for each in sentences]
    found = {mark: each for mark, each in zip(marks, sentences, strict=True) if marks.count(mark) > 1}
    return [f"{marks.count(mark)} times: “{each.text}”" for mark, each in found.items()]


# A check of facts ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Verdict:
    """What is certain about a sentence: `kind` is the heading it is told under, `passages` the texts to read beside it."""

    sentence: Sentence
    kind: str
    more: str = ""
    passages: Pairs = ()


HEADINGS = {
    NOT_GIVEN: "Cites nothing that was given", "figures": "Has figures that the passage does not have",
    "value": "Has another value than the brief", NO_CITATION: "Has a figure and no citation",
    OTHER_WORDS: "Other words: read both", WORD_FOR_WORD: "Stands word for word in the passage",
}  # fmt: skip
"""What is told of a claim, the most urgent first."""


def write_fact_check(request: Request) -> list[str]:
    """Each claim beside the passage it cites, the most urgent first, then what the checks say of citations."""
    material = gather(request)
    texts = chosen(upstream_of(request), TO_PROMOTE)
    blocks = opening(f"Fact check: {material.title}", asked(request), CHECKED)
    if not texts:
        return [*blocks, gap("a text to check: none was given")]
    passages = extract.parts_of(request.parts, "passage")
    if not passages:
        blocks.append(gap("the passages to compare with: none was given"))
    sentences = (each for text in texts for each in parse_page(text.text, SKIP).sentences)
    verdicts = [each for sentence in sentences for each in _verdicts(sentence, dict(passages), material.facts)]
    for kind, heading in HEADINGS.items():
        told = [_told(each) for each in verdicts if each.kind == kind]
        told = ["\n".join(told)] if told and kind == WORD_FOR_WORD else told
        blocks += [f"## {heading}", *told] if told else []
    if not verdicts:
        blocks.append("No sentence cites a passage, and none without a citation has a figure.")
    findings = extract.parts_of(request.parts, "finding")
    citing = tuple(pair for pair in findings if _ABOUT_CITING.search(pair[1].partition(_MEND)[0]))
    return [*blocks, "## What the checks say of citations", *_findings(citing)] if citing else blocks


def _verdicts(sentence: Sentence, passages: dict[str, str], facts: Pairs) -> Iterator[_Verdict]:
    figures = _figures(sentence.text)
    known = tuple((each, passages[each]) for each in sentence.ids if each in passages)
    unknown = ", ".join(each for each in sentence.ids if each not in passages)
    states = any(is_said(value, [sentence.text]) for _, value in facts)
    if unknown:
        yield _Verdict(sentence=sentence, kind=NOT_GIVEN, more=unknown)
    if known:
        given = [figure for _, text in known for figure in _figures(text)]
        new = [figure for figure in figures if figure not in given]
        verbatim = any(bare(sentence.text) in map(bare, _sayings(text)) for _, text in known)
        kind = WORD_FOR_WORD if verbatim else "figures" if new and not states else OTHER_WORDS
        yield _Verdict(sentence=sentence, kind=kind, more=", ".join(new), passages=() if verbatim else known)
    for name, value in facts:
        other = [figure for figure in figures if figure not in _figures(value)]
        if other and not states and not is_row(sentence.text) and _is_about(sentence.text, name, value):
            yield _Verdict(sentence=sentence, kind="value", more=plain(f"{name}: {one_line(value)}"))
            break
    else:
        if figures and not sentence.ids and not states:
            yield _Verdict(sentence=sentence, kind=NO_CITATION, more=", ".join(figures))


def _is_about(sentence: str, name: str, value: str) -> bool:
    """Whether a sentence has words of a fact's value and its name, or two words of the value and nearly half of them."""
    wanted, said = ({*words_of(each), *_CURRENCY.findall(each)} for each in (value, sentence))
    wanted = {word for word in wanted if not word.isdigit()}
    shared = len(wanted & said)
    named = frozenset() != words_of(name) <= said
    return (named and shared > 0) or (shared > 1 and 2 * shared + 1 >= len(wanted))


def _figures(text: str) -> list[str]:
    """Return the figures of a text, spaces before a per cent sign taken out; the citations' own are none."""
    found = _FIGURE.findall(extract.CITATION.sub("", text))
    return list(dict.fromkeys(re.sub(r"\s", "", each) for each in found))


def _sayings(passage: str) -> list[str]:
    """Return the sentences of a passage as they are quoted. A piece of one is not word for word: it may lack a `not`."""
    return [each for quote in extract.parse_quotes("", passage) for each in quote.sentences]


def _told(verdict: _Verdict) -> str:
    said = {
        WORD_FOR_WORD: "", NOT_GIVEN: f"{NOT_GIVEN}: {verdict.more}", "figures": f"has figures that the passage does not have: {verdict.more}",
        NO_CITATION: f"{NO_CITATION}: {verdict.more}", "value": f"the brief says {verdict.more}",
    }.get(verdict.kind, verdict.kind)  # fmt: skip
    lines = [f"- {verdict.sentence.text}{_known_citations(verdict)}", *([f"    - {said}"] if said else [])]
    for name, text in verdict.passages:
        lines.append(f"    - {name} says: “{gist(_beside(verdict.sentence, text), 60)}”")
    return "\n".join(lines)


def _known_citations(verdict: _Verdict) -> str:
    """A citation of nothing would be a broken citation here as well."""
    return "" if verdict.kind == NOT_GIVEN else verdict.sentence.cited.removeprefix(verdict.sentence.text)


def _beside(sentence: Sentence, passage: str) -> str:
    """Return the passage if it is short, else the sentences of it that have words in common with the claim."""
    said = _sayings(passage)
    if sum(len(each.split()) for each in said) <= 60:
        return " ".join(said) or harmless(passage)
    scores = [len(words_of(sentence.text) & words_of(each)) for each in said]
    best = scores.index(max(scores))
    return " ".join(said[best : best + 2])
