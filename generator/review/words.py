"""What stands in a text and must not, or must and does not: the brief's wishes, the house's terms, what it cites.

Promises: what is said never to be said is found literally, as whole words, whatever the case, the quotes or the emphasis;
a wish in free words is only missed where most of it is; a citation of nothing is an error, and a figure is only asked for
in the passages that its own sentence cites. Will not do: judge meaning, or whether a passage supports a claim.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from generator.errors import Finding
from generator.matter import Node, parse_leniently
from generator.review.subject import Subject, Term, Terms

TERMS = "brand/terms.yml"
KEYS = {
    "preferred": ("term", "instead-of", "because"), "banned": ("term", "because"), "required": ("term", "because"),
    "capitalisation": ("term", "because"),
}  # fmt: skip

EXPLANATIONS = {
    "D020": (
        "The brief says under `## Never say` that this must not be said, and here it is, word for word. What is quoted in an\n"
        "item is looked for literally; an item without quotes is looked for whole."
    ),
    "D021": "The brief says under `## Must say` that these words, which it puts in quotes, must be said. They are not there.",
    "D022": (
        "The brief says under `## Must say` that this must be said, and no paragraph has most of its telling words. Perhaps\n"
        "it is said otherwise: then approve, the check is only a reminder. Put words in quotes to have them literally."
    ),
    "D023": "The brief's `## Outline` has a heading or an item that no heading of the page takes up.",
    "D030": (
        "The text cites a passage that no source of the brief has. A source may have changed since, or the id is mistyped:\n"
        "`copydesk show BRIEF/STEP` lists the passages that there are. A footnote of your own needs its definition below."
    ),
    "D031": (
        "The sentence has a figure that none of the passages it cites has. Either the figure is wrong, or the citation is.\n"
        "Facts of the brief need no passage."
    ),
    "D032": (
        "The text has another figure than a fact of the brief, with the same words behind it: `49 EUR a seat` where the brief\n"
        "says 59. A source may be out of date, or your own sentence; a rebuild changes neither."
    ),
    "D050": "brand/terms.yml bans this word. Its reason is told with it: say it otherwise, or have the rule changed.",
    "D051": "brand/terms.yml prefers another word for this, so that readers meet one word for one thing.",
    "D052": "brand/terms.yml requires these words on every page, and they are not there.",
    "D053": "brand/terms.yml says how this is written, capital letters and all, also at the beginning of a sentence.",
    "T001": "brand/terms.yml cannot be read as `key: list`, so the terms are not checked.",
    "T002": (
        "brand/terms.yml knows the keys preferred (term, instead-of, because), banned, required and capitalisation (term,\n"
        "because). A key that nobody reads would be a rule that nobody keeps."
    ),
    "T003": "An entry of brand/terms.yml is a text, or `{term: …, because: …}`; a preferred one says `instead-of: […]`, too.",
}

CITED = re.compile(r"(?:(?<!\\)\[\^[^\[\]\s]+\])+(?!:)")
_ID = re.compile(r"\[\^([^\[\]\s]+)\]")
_DEFINED = re.compile(r"^ {0,3}\[\^([^\[\]\s]+)\]:", re.MULTILINE)
_FIGURE = re.compile(r"(?<![\w.,/:-])\d+(?:[.,\u202f\u00a0]\d+)*(?![\w/-]|:\d)")
_BREAK = re.compile(
    r"(?<=[.!?…])[\"'”’)\]*_]*\s+|(?:\r\n|\r(?!\n)|\n)[ \t]*(?:\r\n|\r|\n)|(?:\r\n|\r|\n)(?=[ \t]*(?:[-*+#|>]|\d+[.)])[ \t])|\|"
)
_NUMERALS = dict(
    enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    )
)
_QUOTED = re.compile(r"\"([^\"\r\n]+)\"|“([^”\r\n]+)”|„([^“”\r\n]+)[“”]|`([^`\r\n]+)`")
_ITEM = re.compile(r"^[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+|^[ \t]*#{1,6}[ \t]+|^[ \t]*(?:\r\n|\r|\n)", re.MULTILINE)
_BLANK = re.compile(r"(?:\r\n|\r(?!\n)|\n)[ \t]*(?:\r\n|\r|\n)")
_LOOSE = {"'": "['’‘]", "’": "['’‘]", "‘": "['’‘]", '"': '["“”„]', "“": '["“”„]', "”": '["“”„]', "-": "[-‐‑–]"}


# Wishes ----------------------------------------------------------------------------------------------------------


def check_wishes(subject: Subject) -> Iterator[Finding]:
    """Yield what is said that must never be, and what is not said that must be."""
    direction = dict(subject.direction)
    for item in _items(direction.get("never-say", "")):
        phrases = _quotes(item) or [re.sub(r"\Athat\s+", "", item, flags=re.IGNORECASE).rstrip(" .")]
        for match in _find(phrases, subject.words):
            said = " ".join(match[0].split())
            yield subject.say(
                "D020",
                "error",
                f"“{said}” must never be said, by the brief",
                "Say it otherwise, or leave it out.",
                subject.at(match.start()),
            )
    for item in _items(direction.get("must-say", "")):
        yield from _check_must(subject, item)
    if subject.kind == "page":
        heads = [_telling(text) for text in re.findall(r"^ {0,3}#{1,6}[ \t]+(.+)$", subject.prose, re.MULTILINE)]
        for item in _headings(direction.get("outline", "")):
            wanted = _telling(item)
            if wanted and not any(wanted & head for head in heads):
                fix = "Give the page a section for it, or change the brief."
                yield subject.say(
                    "D023", "warn", f"no heading takes up “{item[:80]}” of the brief's outline", fix, (subject.first, 1)
                )


def _check_must(subject: Subject, item: str) -> Iterator[Finding]:
    quoted = _quotes(item)
    for phrase in quoted:
        if not any(_find([phrase], subject.words)):
            fix = "Say it word for word, or change the brief."
            yield subject.say(
                "D021", "error", f"“{phrase[:120]}” must be said, by the brief, and is not", fix, (subject.first, 1)
            )
    wanted = _telling(item)
    if quoted or not wanted:
        return
    most = max((len(wanted & _telling(block)) for block in _BLANK.split(subject.words)), default=0)
    if 2 * most < len(wanted):
        fix = "Say it where it belongs; if it is said in other words, approve as it is."
        yield subject.say("D022", "warn", f"this may not be said yet: {item[:120]}", fix, (subject.first, 1))


def _items(text: str) -> list[str]:
    plain = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    return [" ".join(each.split()) for each in _ITEM.split(plain) if each.strip()]


def _headings(text: str) -> list[str]:
    """Return the sections that an outline asks for: its headings, or its outermost items or lines."""
    plain = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL).splitlines()
    heads = [line.strip("# \t") for line in plain if re.match(r" {0,3}#{1,6}[ \t]", line)]
    return heads or [
        re.sub(r"\A(?:[-*+]|\d{1,3}[.)])[ \t]+", "", line).strip()
        for line in plain
        if line.strip() and line[0] not in " \t"
    ]


def _quotes(item: str) -> list[str]:
    return [next(filter(None, groups)).strip(" .,;:!?") for groups in _QUOTED.findall(item)]


def _telling(text: str) -> frozenset[str]:
    """Return the words of more than three letters, cut to their first four, so that endings do not count."""
    return frozenset(word[:4] for word in re.findall(r"[^\W\d_]{4,}", text.lower()) if word not in _COMMON)


_COMMON = frozenset(
    [
        "that",
        "this",
        "they",
        "them",
        "then",
        "than",
        "with",
        "what",
        "when",
        "which",
        "who",
        "whom",
        "your",
        "yours",
        "their",
        "there",
        "here",
        "have",
        "from",
        "into",
        "must",
        "never",
        "about",
        "will",
        "would",
        "could",
        "should",
        "only",
        "also",
        "every",
        "some",
        "many",
        "more",
        "most",
        "been",
        "were",
        "does",
    ]
)


def _find(phrases: Iterable[str], text: str) -> Iterator[re.Match[str]]:
    found = sorted({_loose(each) for each in phrases if re.search(r"\w", each)}, key=len, reverse=True)
    # Underscores are emphasis here, and no part of a word.
    return re.finditer(rf"(?<![^\W_])(?:{'|'.join(found)})(?![^\W_])", text, re.IGNORECASE) if found else iter(())


def _loose(phrase: str) -> str:
    """Return a pattern for a phrase whatever its white space, emphasis and quotes."""
    words = ("".join(_LOOSE.get(letter, re.escape(letter)) for letter in word) for word in phrase.split())
    return r"[*_]{0,3}(?:[^\S\r\n]|(?:\r\n|\r|\n)(?!\s*(?:\r\n|\r|\n)))+[*_]{0,3}".join(words)


# Terms -----------------------------------------------------------------------------------------------------------


def check_terms(subject: Subject) -> Iterator[Finding]:
    """Yield words that the house leaves, writes otherwise, or misses."""
    terms = subject.terms
    for match, term in _match([(each.term, each) for each in terms.banned], subject.words):
        yield subject.say(
            "D050",
            "error",
            f"“{_bare(match[0])}” is banned{_why(term)}",
            "Say it otherwise.",
            subject.at(match.start()),
        )
    liked = [match.span() for match in _find([each.term for each in terms.preferred], subject.words)]
    for match, term in _match([(old, each) for each in terms.preferred for old in each.instead], subject.words):
        if not any(begin <= match.start() and match.end() <= end for begin, end in liked):
            yield subject.say(
                "D051",
                "warn",
                f"“{_bare(match[0])}” is not our word{_why(term)}",
                f"Write: {term.term}",
                subject.at(match.start()),
            )
    for match, term in _match([(each.term, each) for each in terms.capitalisation], subject.words):
        if _bare(match[0]) != _bare(term.term):
            yield subject.say(
                "D053",
                "warn",
                f"“{_bare(match[0])}” is written {term.term}{_why(term)}",
                f"Write: {term.term}",
                subject.at(match.start()),
            )
    for term in terms.required if subject.kind == "page" else ():
        if not any(_find([term.term], subject.words)):
            yield subject.say(
                "D052",
                "error",
                f"“{term.term}” is missing{_why(term)}",
                f"Every page says: {term.term}",
                (subject.first, 1),
            )


def _match(wanted: list[tuple[str, Term]], text: str) -> Iterator[tuple[re.Match[str], Term]]:
    known = {_bare(words).lower(): term for words, term in wanted}
    for match in _find([words for words, _ in wanted], text):
        plain = _bare(match[0]).lower()
        if plain in known:
            yield match, known[plain]


def _bare(words: str) -> str:
    """Return words with one space between, without emphasis, and with plain quotes and hyphens."""
    plain = re.sub(r"[*_]{1,3}(?=\s|\Z)|(?<=\s)[*_]{1,3}|\A[*_]{1,3}", "", words)
    return " ".join(plain.translate(_FOLDED).split())


_FOLDED = {ord(odd): plain for plain, odds in (("'", "’‘"), ('"', "“”„"), ("-", "‐‑–")) for odd in odds}


def _why(term: Term) -> str:
    return f": {term.because}" if term.because else ""


def parse_terms(text: str, path: str = TERMS) -> tuple[Terms, tuple[Finding, ...]]:
    """Return the terms that a file holds, and everything that is wrong with it, located; what is right still counts."""
    parsed = parse_leniently(text, path=path)
    findings = list(parsed.findings)
    found: dict[str, list[Term]] = {key: [] for key in KEYS}
    if parsed.node.kind not in ("map", "empty"):
        findings.append(
            _wrong("T001", parsed.node, path, "lists under keys are wanted here", "Write `banned: [leverage]`.")
        )
    for key, value in parsed.node.pairs:
        if key.text not in KEYS:
            findings.append(_unknown(key, tuple(KEYS), path))
        elif value.kind not in ("list", "empty"):
            findings.append(_wrong("T003", value, path, f"`{key.text}` is a list", f"Write `{key.text}: [leverage]`."))
        else:
            for entry in value.items:
                term, wrong = _parse_term(entry, key.text, path)
                findings += wrong
                found[key.text] += [term] if term.term else []
    return Terms(**{key: tuple(each) for key, each in found.items()}), tuple(findings)


def _parse_term(entry: Node, kind: str, path: str) -> tuple[Term, list[Finding]]:
    if entry.kind == "text":
        entry_fix = "Write `- {term: …, instead-of: [...]}`."
        wrong = [_wrong("T003", entry, path, "a preferred term says what it stands instead of", entry_fix)]
        return Term(term=entry.text.strip()), wrong if kind == "preferred" else []
    given = {key.text: value for key, value in entry.pairs}
    wrong = [_unknown(key, KEYS[kind], path) for key, _ in entry.pairs if key.text not in KEYS[kind]]
    old = given.get("instead-of")
    texts = [each.text.strip() for each in (old.items if old and old.kind == "list" else [old] if old else [])]
    term = given["term"].text.strip() if "term" in given else ""
    if not term:
        wrong.append(_wrong("T003", entry, path, "an entry says its `term`", "Write `- {term: …, because: …}`."))
    elif kind == "preferred" and not any(texts):
        wrong.append(
            _wrong("T003", entry, path, f"`{term}` says not what it stands instead of", "Add: instead-of: [...]")
        )
    because = given["because"].text if "because" in given else ""
    return Term(term=term, because=" ".join(because.split()), instead=tuple(filter(None, texts))), wrong


def _unknown(key: Node, known: tuple[str, ...], path: str) -> Finding:
    near = get_close_matches(key.text, known, n=1)
    fix = f"Did you mean `{near[0]}`?" if near else f"There is {', '.join(known)}."
    return _wrong("T002", key, path, f"`{key.text[:80]}` is not a key here", fix)


def _wrong(code: str, node: Node, path: str, message: str, fix: str) -> Finding:
    return Finding(code=code, level="error", message=message, fix=fix, path=path, line=node.line, column=node.column)


# Evidence ---------------------------------------------------------------------------------------------------------------


def check_evidence(subject: Subject) -> Iterator[Finding]:
    """Yield what a text cites and nobody gave, and figures that the passages they cite do not have."""
    yield from _check_facts(subject)
    known = {passage.id: passage.text for passage in subject.passages}
    own = {match[1] for match in _DEFINED.finditer(subject.prose)}
    start = 0
    for group in CITED.finditer(subject.prose):
        cited = _ID.findall(group[0])
        for match in _ID.finditer(group[0]):
            if match[1] not in known and match[1] not in own:
                yield _uncited(subject, match[1], group.start() + match.start(), known)
        said = [known[each] for each in cited if each in known]
        breaks = list(_BREAK.finditer(subject.prose, start, group.start()))
        first = breaks[-1].end() if breaks else start
        if len(said) == len(cited):
            yield from _figures(subject, first, group.start(), said, cited)
        start = group.end()


def _check_facts(subject: Subject) -> Iterator[Finding]:
    """Yield figures that differ from a fact's before the fact's own words: at least two, or its name in the sentence."""
    for name, value in subject.facts:
        match = re.match(r"\D*?(\d[\d.,]*\d|\d)\s+([^\W\d_][^,;.()]*)", " ".join(value.split()))
        if not match:
            continue
        unit = match[2].split()
        pattern = rf"(?<![\w.,])(\d[\d.,]*\d|\d)\s+{_loose(' '.join(unit[:4]))}(?!\w)"
        for found in re.finditer(pattern, subject.words, re.IGNORECASE):
            start = max(subject.words.rfind(".", 0, found.start()), subject.words.rfind("\n\n", 0, found.start()))
            named = len(unit) > 1 or _telling(name) & _telling(subject.words[start + 1 : found.start()])
            if named and _plain(found[1]) != _plain(match[1]):
                said = " ".join(found[0].split())
                fix = "Mend the sentence, or the source that it rests on; or change the fact."
                yield subject.say(
                    "D032",
                    "warn",
                    f"it says {said}, and the brief says {name}: {value[:80]}",
                    fix,
                    subject.at(found.start()),
                )


def _uncited(subject: Subject, name: str, offset: int, known: dict[str, str]) -> Finding:
    near = get_close_matches(name, list(known), n=1)
    fix = f"Did you mean [^{near[0]}]?" if near else "Cite a passage of the brief's sources, or take the citation out."
    return subject.say(
        "D030", "error", f"[^{name[:80]}] cites nothing: no source has such a passage", fix, subject.at(offset)
    )


def _figures(subject: Subject, first: int, end: int, said: list[str], cited: list[str]) -> Iterator[Finding]:
    """A figure counts as there in digits, with or without marks between thousands, or as a word up to twelve."""
    given = (value for pairs in (subject.facts, subject.fields) for _, value in pairs)
    words = " ".join([*said, *given]).lower()
    there = {_plain(each) for each in _FIGURE.findall(words)}
    for match in _FIGURE.finditer(subject.words, first, end):
        figure = _plain(match[0])
        if re.match(r"\d+[.,]\d+[.,]\d{1,2}\Z", match[0]):
            continue  # a version or a date, and no figure
        numeral = _NUMERALS.get(int(figure)) if figure.isascii() and len(figure) < 3 else None
        if figure not in there and not (numeral and re.search(rf"\b{numeral}\b", words)):
            passages = ", ".join(cited)
            fix = "Hold the sentence against its passage: mend the figure, or cite the passage that has it."
            yield subject.say("D031", "warn", f"{passages} does not say {match[0]}", fix, subject.at(match.start()))


def _plain(figure: str) -> str:
    whole = re.sub(r"[.,\u202f\u00a0](?=\d{3}(?!\d))|[.,]$", "", figure).replace(",", ".")
    return re.sub(r"\.0+\Z", "", whole)
