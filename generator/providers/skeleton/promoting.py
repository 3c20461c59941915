"""What is cut from a finished text: headlines, a summary, an e-mail, posts.

Promises: every sentence is one of the text, with its citation; which one stands where hangs on its own section, so that a
change elsewhere moves nothing; what a piece lacks, such as a link, is a gap. Will not do: sell.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence

from generator.model import Request
from generator.providers.skeleton import extract
from generator.providers.skeleton.extract import fingerprint, plain, words_of
from generator.providers.skeleton.material import (
    DISCLOSURE,
    SHOWN,
    SKIP,
    Material,
    asked,
    assign,
    cut,
    fact,
    gap,
    gather,
    is_row,
    opening,
    paragraph,
    rest,
)
from generator.providers.skeleton.reading import (
    TO_PROMOTE,
    Sentence,
    Upstream,
    chosen,
    parse_upstream,
    upstream_of,
)

SCRAP = 20
"""Characters below which a sentence says too little to stand alone; a Chinese or Japanese one counts for two."""

HEADLINES = 6
HEADLINE = 80
"""Characters of a headline at most."""

SUMMARY = 60
"""Words of a summary, about."""

SUBJECT, PREVIEW = 60, 110
"""Characters of an e-mail's subject, and of the line that mail programs show beside it."""

LIMITS = {"x": 280, "twitter": 280, "bluesky": 300, "mastodon": 500, "threads": 500}
ANY_LIMIT = 700
"""Characters that a post may have, by network, and on one that is not known here."""

LINK = 24
"""Characters that are kept free for a link and the space before it."""

POSTS, MOST_POSTS = 3, 20


def _text_of(request: Request, material: Material) -> tuple[tuple[Sentence, ...], ...]:
    """Return the text to cut from: of each section the sentences that can stand alone, or all if none can anywhere.

    Where no text was handed down but its preparation, what the sources say: an outline only points at sentences.
    """
    texts = _texts(request)
    sections = [each.sentences for text in texts for each in parse_upstream(request, text, SKIP).stretches]
    if not texts:
        cited = ((quote, (quote.id,) if quote.id else ()) for quote in material.quotes)
        sections = [tuple(Sentence(text=each, ids=ids) for each in quote.sentences) for quote, ids in cited]
        sections += [(Sentence(text=fact(name, value)),) for name, value in material.facts]
    told = [tuple(each for each in section if _stands_alone(each)) for section in sections]
    return tuple(each for each in told if each) or tuple(each for each in sections if each)


def _texts(request: Request) -> tuple[Upstream, ...]:
    """Return the texts to cut from; none if only research, an outline and the like were handed down."""
    return tuple(each for each in chosen(upstream_of(request), TO_PROMOTE) if each.kind in TO_PROMOTE)


def _stands_alone(sentence: Sentence) -> bool:
    """Whether a sentence is no row of a table, no question and no scrap."""
    if is_row(sentence.text) or sentence.text.rstrip('*_"”“» ').endswith(("?", ":")):
        return False
    return sum(2 if sign > "\u2e80" else 1 for sign in sentence.text) >= SCRAP


def write_headlines(request: Request) -> list[str]:
    """The title, the words to be found by, the goal, and short sentences that share most words with them."""
    material = gather(request)
    aim = words_of(" ".join((material.title, material.field("keyword"), material.field("goal"))))
    sentences = [each for section in _text_of(request, material) for each in section if len(each.text) <= HEADLINE]
    sentences = [each for each in sentences if each.ids] or sentences
    ranked = sorted(sentences, key=lambda each: -len(aim & words_of(each.text)))
    given = [material.title, material.field("keyword"), material.field("goal")]
    wanted = [Sentence(text=each[:1].upper() + each[1:]) for each in given if each and len(each) <= HEADLINE]
    heads: dict[tuple[str, ...], Sentence] = {}
    for each in (*wanted, *ranked):
        heads.setdefault(fingerprint(each.text), Sentence(text=each.text.rstrip("."), ids=each.ids))
    items = [f"- {each.cited} ({len(each.text)} characters)" for each in list(heads.values())[:HEADLINES]]
    return [*opening(f"Headlines: {material.title}", asked(request)), "\n".join(items) or gap("a headline")]


def write_summary(request: Request) -> list[str]:
    """The first sentence of each section that can stand alone, as far as some sixty words reach."""
    material = gather(request)
    said: list[str] = []
    words = 0
    for first, *_ in _text_of(request, material):
        if said and words + len(first.text.split()) > SUMMARY:
            continue
        words += len(first.text.split())
        said.append(first.cited)
    blocks = opening(material.title, asked(request))
    return [*blocks, " ".join(said) or gap("a summary; the text that was given has no sentence yet")]


def write_email(request: Request) -> list[str]:
    """Subject and preview as front matter; an opening, key sentences, and a call to action."""
    material = gather(request)
    firsts = [first for first, *_ in _text_of(request, material)]
    firsts = list({fingerprint(each.text): each for each in reversed(firsts)}.values())[::-1]
    call = next((each for each in firsts if _leads(each, material)), None)
    said = [each for each in firsts if each is not call][:4]
    told = [each.cited for each in said]
    if not _texts(request):
        told, call = _news(material), None
    preview = said[0].text if said else material.field("goal")
    fields = (("subject", cut(material.title, SUBJECT)), ("preview", cut(preview, PREVIEW)))
    head = "\n".join(["---", *(f"{name}: {_quoted(text)}" for name, text in fields if text), "---"])
    blocks = [head, DISCLOSURE, *(gap(plain(each)) for each in asked(request))]
    blocks += told or [gap("what this e-mail tells; the text that was given has no sentence yet")]
    blocks += _facts(material, told)
    goal = material.field("goal")
    wanted = (
        f"one sentence and one link that lead the reader to: {goal}"
        if goal
        else "one sentence and one link that say what to do next"
    )
    return [*blocks, call.cited if call else gap(wanted)]


def _news(material: Material) -> list[str]:
    """Return what the sources say, whole, under the outline's headings; one heading alone is none."""
    blocks: list[str] = []
    for section, quotes in zip(material.sections, assign(material, material.sections), strict=True):
        blocks += [f"## {section.heading}"] if len(material.sections) > 1 else []
        said = [paragraph(quote) for quote in quotes[:SHOWN]] + [gap(each) for each in rest(quotes)]
        blocks += said or [gap("what belongs here; nothing that was given speaks of it")]
    return blocks if material.quotes else []


def _facts(material: Material, said: Sequence[str]) -> list[str]:
    """Return the facts of the brief that none of these texts states."""
    told = " ".join(said)
    return [fact(name, value) for name, value in material.facts if " ".join(value.split()) not in told]


def _quoted(text: str) -> str:
    """Return a text in YAML's double quotes. This room imports nothing that knows YAML: it would be loaded for nothing."""
    return "".join(
        each if each.isprintable() else f"\\U{ord(each):08X}" for each in json.dumps(text, ensure_ascii=False)
    )


def _leads(sentence: Sentence, material: Material) -> bool:
    """Whether a sentence has every telling word of the goal: then it may call for it."""
    goal = words_of(material.field("goal"))
    return bool(goal) and goal <= words_of(sentence.text)


def write_posts(request: Request) -> list[str]:
    """A section for each post: one or two sentences of its own part of the text, and a gap for the link."""
    material = gather(request)
    settings = dict(extract.parts_of(request.parts, "with"))
    network = settings.get("network", "").strip().lower()
    limit = LIMITS.get(network, ANY_LIMIT) - LINK
    groups = _groups(_text_of(request, material), _count(settings.get("count", "")))
    blocks = opening(material.title, asked(request))
    told = [sentences for sentences in groups if sentences]
    for number, sentences in enumerate(told, 1):
        post = _post(sentences, limit, network or "a network")
        stated = _facts(material, [each.text for each in sentences]) if number == len(told) else []
        fits = len(" ".join((*post[:-1], *stated))) <= limit
        blocks += [f"## Post {number}", *post[:-1], *(stated if fits else []), post[-1]]
    lacking = len(groups) - len(told)
    more = f"{lacking} more post{'s' if lacking > 1 else ''}; nothing more was given to cut from"
    return [*blocks, gap(more)] if lacking else blocks


def _count(given: str) -> int:
    given = given.strip()
    return min(int(given), MOST_POSTS) if given.isdecimal() and len(given) < 4 and int(given) else POSTS


def _groups(told: tuple[tuple[Sentence, ...], ...], count: int) -> list[tuple[Sentence, ...]]:
    """Return the sentences that each post may choose from: a section of its own, or a share of one, never two of one.

    Which sentences those are hangs on their number and not on their words: a change in one post moves no other.
    """
    if len(told) >= count:
        return [told[number * len(told) // count] for number in range(count)]
    groups: list[tuple[Sentence, ...]] = []
    for place, sentences in enumerate(told):
        shares = count // len(told) + (place < count % len(told))
        cuts = [share * len(sentences) // shares for share in range(shares + 1)]
        groups += [sentences[start:end] for start, end in itertools.pairwise(cuts)]
    return groups + [()] * (count - len(groups))


def _post(sentences: tuple[Sentence, ...], limit: int, network: str) -> list[str]:
    """Return a post: the first sentence that fits, and the next if there is room for both."""
    fitting = [place for place, each in enumerate(sentences) if len(each.text) <= limit]
    if not fitting:
        long = f"this shorter: it has {len(sentences[0].text)} characters, and {network} leaves {limit} beside a link"
        return [sentences[0].cited, gap(long), gap("the link")]
    first = sentences[fitting[0]]
    after = sentences[fitting[0] + 1 : fitting[0] + 2]
    both = [each for each in after if len(first.text) + 1 + len(each.text) <= limit]
    return [" ".join(each.cited for each in (first, *both)), gap("the link")]
