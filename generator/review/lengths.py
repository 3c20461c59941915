"""The text as its readers get it, and how long it is: pages, e-mails and posts against what their readers' programs take.

Promises: a post is counted as its network counts it, without the citations, which are for the desk; findings stand where
the words do; taking citations out and putting them back changes no other character. Will not do: shorten a text, or
judge a network that it does not know.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from difflib import SequenceMatcher, get_close_matches
from itertools import accumulate

import regex

from generator.errors import Level
from generator.matter import parse_leniently, split_matter
from generator.model import Finding, Pairs
from generator.review.subject import blank_spans, fenced_lines

EXPLANATIONS = {
    "D040": "The title of the page has more than 70 characters. Search results cut it off there.",
    "D041": "The description of the page has more than 160 characters. Search results cut it off there.",
    "D042": "The page has fewer than 50 words: hardly anything that a reader came for.",
    "D043": "The e-mail has no subject, neither in its front matter nor as the title of the brief.",
    "D044": "The subject has more than 60 characters. Lists of mail, on telephones above all, cut it off there.",
    "D045": "The preview is what stands beside the subject in a list of mail. It is missing, so the mail program shows the\n"
    "opening of the text, or it has more than 110 characters and is cut off. Write `preview:` in the front matter.",
    "D046": "The e-mail has more than 400 words. Few readers get to the end of one: say it in fewer, or on a page.",
    "D047": "The post is longer than its network takes, counted as the network counts: links, emoji and letters outside\n"
    "Latin scripts may count for more or less than one.",
    "D048": "A section `## …` of the posts has no text below it: there is nothing to post.",
    "D049": "The brief asks for another number of posts (`count`) than there are sections `## …`.",
}

LIMITS = {
    "linkedin": 3_000, "x": 280, "twitter": 280, "bluesky": 300, "mastodon": 500, "threads": 500, "facebook": 63_206,
    "instagram": 2_200,
}  # fmt: skip
"""What a network takes, in the units of `length_on`. Sources stand there."""

URL_LENGTH = 23
"""What a link counts for on X and Mastodon, however long it is."""

WORK_LIMIT = 300_000
"""Pairs of equal words up to which two texts are compared to put citations back: some tenths of a second."""

CITATION = re.compile(r"(?<![ \t])[ \t]*(?<!\\)\[\^([^\[\]\s]+)\]")
_DEFINITION = re.compile(r"\[\^([^\[\]\s]+)\]:")
_PLACE = re.compile(r"\]: .*, lines? \d+(?:-\d+)?\s*\Z")
"""How `steps.finish` ends the footnote of a passage."""

_SECTION = re.compile(r"##[ \t]+\S")
_TITLE = re.compile(r"#[ \t]+(\S.*)")
_BLOCK = re.compile(r"[^\r\n]*[\r\n]+|[^\r\n]+\Z")
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")

Span = tuple[int, int]
_Change = tuple[str, int, int, int, int]
"""What became of a stretch of a text: equal, replace, delete or insert; from where to where, in the old and the new."""


# Citations -------------------------------------------------------------------------------------------------------


def without_citations(text: str, known: Collection[str] | None = None) -> str:
    """Return a text as its readers get it: citations `[^id]` out, and the footnotes of passages.

    `known` are the ids of passages; without it, all that have no footnote of another form are taken for theirs. A
    footnote that a person wrote stays with what refers to it, and so does what stands in code. Nothing else changes, but
    for blank lines before footnotes at the end.
    """
    return _cut(text, _cited(text, known), 0, len(text))


def _cut(text: str, spans: list[Span], begin: int, end: int) -> str:
    """Return a stretch of a text without what `spans` hold of it."""
    first, last = (
        bisect_right(spans, begin, key=lambda span: span[1]),
        bisect_left(spans, end, key=lambda span: span[0]),
    )
    kept = ""
    for low, high in spans[first:last]:
        kept += text[begin:low]
        begin = high
    return kept + text[begin:end]


def with_citations(text: str, cited: str, known: Collection[str] | None = None) -> str | None:
    """Return `text`, which has no citations, with those of the body of `cited` where the words before them still stand.

    A citation after words that were replaced follows what replaced them; one whose words are gone goes with them, and
    footnotes at the end stay there. None if the texts are too long and too uniform to be compared.
    """
    cited, body = split_matter(cited)[1], split_matter(text)[1]
    head, spans = text[: len(text) - len(body)], _cited(cited, known)
    if not spans:
        return text
    plain = without_citations(cited, known)
    try:
        moved = _mover(plain, body)
    except OverflowError:
        return None
    placed: list[tuple[int, str]] = []
    removed, tail = 0, ""
    for start, end in spans:
        here, piece = start - removed, cited[start:end]
        removed += end - start
        if here == len(plain) and not {"\r", "\n"}.isdisjoint(piece):
            tail += piece
        elif (there := _beside(plain, here, body, moved)) is not None:
            placed.append((there, piece))
    result, at = head, 0
    for there, piece in sorted(placed, key=lambda each: each[0]):
        result += body[at:there] + piece
        at = there
    result += body[at:]
    return result + ("\n" if tail and body and body[-1] not in "\r\n" else "") + tail


def _beside(plain: str, here: int, body: str, moved: Callable[[int], int | None]) -> int | None:
    """Return where a citation goes: before the mark that ends its sentence if that stands, else after its words."""
    mark = plain[here : here + 1]
    after = moved(here + 1) if mark and mark in ".,;:!?" else None
    return after - 1 if after and body[after - 1] == mark else moved(here)


def _mover(old: str, new: str) -> Callable[[int], int | None]:
    """Return what says where in `new` the place after a character of `old` is; None if its words were deleted."""
    steps: list[_Change] = []
    for kind, start, end, first, last in _changes(_BLOCK.findall(old), _BLOCK.findall(new)):
        if kind != "replace":
            steps.append((kind, start, end, first, last))
            continue
        for inner, *places in _changes(_TOKEN.findall(old[start:end]), _TOKEN.findall(new[first:last])):
            steps.append((inner, start + places[0], start + places[1], first + places[2], first + places[3]))

    def moved(offset: int) -> int | None:
        for kind, start, end, first, last in steps:
            if start < offset <= end:
                return None if kind == "delete" else last if kind == "replace" else first + offset - start
        return 0 if offset == 0 else None

    return moved


def _changes(old: list[str], new: list[str]) -> Iterator[_Change]:
    """Yield what became of each stretch of `old`, with places in characters; what became mere space was deleted.

    OverflowError if that would take more than WORK_LIMIT.
    """
    places = [[0, *accumulate(map(len, pieces))] for pieces in (old, new)]
    least = min(len(old), len(new))
    head = next((at for at in range(least) if old[at] != new[at]), least)
    foot = next((at for at in range(least - head) if old[-1 - at] != new[-1 - at]), least - head)
    was, now = old[head : len(old) - foot], new[head : len(new) - foot]
    counts = Counter(each for each in now if not each.isspace())
    if sum(counts[each] for each in was) > WORK_LIMIT:
        raise OverflowError
    middle = SequenceMatcher(str.isspace, was, now, autojunk=False)
    yield "equal", 0, places[0][head], 0, places[1][head]
    for kind, *ends in middle.get_opcodes():
        start, end, first, last = (head + each for each in ends)
        while kind == "replace" and last > first and new[last - 1].isspace():
            last -= 1
        told = "delete" if kind == "replace" and last == first else kind
        yield told, places[0][start], places[0][end], places[1][first], places[1][last]
    yield "equal", places[0][len(old) - foot], places[0][-1], places[1][len(new) - foot], places[1][-1]


def _cited(text: str, known: Collection[str] | None = None) -> list[Span]:
    """Return the stretches of a text that are citations or footnotes of passages, in order, apart from each other."""
    lines = fenced_lines(text)[0]
    ours = _Ours(lines, known)
    spans: list[Span] = []
    inside = False
    for start, line, coded in lines:
        match = None if coded else _DEFINITION.match(line)
        inside = (match is not None and match[1] in ours) or (inside and line[:1] in " \t" and bool(line.strip()))
        if inside:
            spans.append((start, start + len(line)))
        elif not coded:
            spans += _citations(line, start, match.end() if match else 0, ours)
    return _with_blanks(text, lines, spans)


class _Ours:
    """The ids that cite passages: those with a footnote as copydesk writes it, and those known, or without any footnote."""

    def __init__(self, lines: list[tuple[int, str, bool]], known: Collection[str] | None) -> None:
        footnotes = [(match[1], line) for _, line, coded in lines if not coded and (match := _DEFINITION.match(line))]
        self.made = {name for name, line in footnotes if _PLACE.search(line)}
        self.own = {name for name, _ in footnotes} - self.made
        self.known = known

    def __contains__(self, name: str) -> bool:
        if name in self.made or name in self.own:
            return name in self.made
        return self.known is None or name in self.known


def _citations(line: str, start: int, after: int, ours: _Ours) -> Iterator[Span]:
    plain = blank_spans(line, "`")
    found = [match.span() for match in CITATION.finditer(plain, after) if match[1] in ours]
    rest = plain
    for begin, end in reversed(found):
        rest = rest[:begin] + rest[end:]
    if found and not rest.strip():
        yield start, start + len(line)
        return
    opening = 0  # how far there are only citations
    for begin, end in found:
        stop = end
        while begin <= opening and plain[stop] in " \t":
            stop += 1
        yield start + max(begin, opening), start + stop
        opening = stop if begin <= opening else opening


def _with_blanks(text: str, lines: list[tuple[int, str, bool]], spans: list[Span]) -> list[Span]:
    """Add the blank lines between the last words of a text and the footnotes that were below them."""
    if not spans or spans[-1][1] != len(text):
        return spans
    gone, at = set(spans), len(text)
    for start, line, _ in reversed(lines):
        if line.strip() and (start, start + len(line)) not in gone:
            break
        at = start
    kept = [span for span in spans if span[0] < at]
    return kept if at == len(text) else [*kept, (at, len(text))]


# Posts -----------------------------------------------------------------------------------------------------------


def split_posts(text: str) -> tuple[tuple[int, str], ...]:
    """Return each section `## …` of a file of posts: the line of its heading, and the post as it will be pasted.

    That is the text below the heading, trimmed, without citations. What stands before the first section is no post.
    """
    first = len(text) - len(split_matter(text)[1])
    heads = [
        (number, start, start + len(line))
        for number, (start, line, coded) in enumerate(fenced_lines(text)[0], 1)
        if start >= first and not coded and _SECTION.match(line)
    ]
    ends = [*(start for _, start, _ in heads[1:]), len(text)]
    spans = _cited(text)
    return tuple(
        (number, _cut(text, spans, begin, end).strip())
        for (number, _, begin), end in zip(heads, ends, strict=bool(heads))
    )


_HOST = r"(?:[\p{L}\p{N}\p{M}_-]+\.)+"
_PATH = (
    r"(?::\d+)?(?:/(?:[\p{Latin}\p{Cyrillic}\p{N}\p{Pd}!*';:=+,.$/%#\[\]_~&|@]|\([^\s()]*\))*(?<=[\p{Latin}\p{Cyrillic}\p{N}=_#/+)-]))?"
    r"(?:\?[\p{Latin}\p{N}!?*'();:&=+$/%#\[\]_.,~|@-]*(?<=[\p{Latin}\p{N}_&=#/-]))?"
)
_ENDINGS = (
    "com|org|net|edu|gov|int|info|biz|name|pro|io|co|ai|app|dev|me|tv|blog|cloud|digital|email|news|online|page|shop|site|"
    "store|tech|world|eu|uk|us|ca|au|nz|de|at|ch|fr|nl|be|es|it|pt|ie|se|no|dk|fi|is|pl|cz|gr|tr|il|in|jp|kr|cn|tw|hk|sg|br|"
    "mx|ar|cl|za"
)
"""Ends of bare names that count as links on X. It knows every one that there is; these are most of those in use."""

_LINK = regex.compile(rf"(?i)(?<![a-z0-9@＠$#＃])https?://{_HOST}(?:xn--[a-z0-9-]+|[a-z]{{2,}})(?![a-z0-9@-]){_PATH}")
_BARE = regex.compile(
    rf"(?i)(?<![\p{{Latin}}0-9@＠$#＃_./-])(?:[\p{{Latin}}0-9_-]+\.)+(?:{_ENDINGS})(?![a-z0-9@-]|\.[a-z]){_PATH}"
)
_MENTION = regex.compile(r"(?i)(?<![=/\w])(@[a-z0-9_]+(?:[.-]+[a-z0-9_]+)*)@\w+(?:[.-]+\w+)*")
_ELEMENT = (
    r"(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}(?=[\uFE0F\u200D]|\p{Emoji_Modifier}))"
    r"(?:\uFE0F|\p{Emoji_Modifier})?[\U000E0020-\U000E007F]*"
)
_EMOJI = regex.compile(
    rf"\p{{Regional_Indicator}}{{2}}|[0-9#*]\uFE0F?\u20E3|{_ELEMENT}(?:\u200D\p{{Extended_Pictographic}}(?:\uFE0F|\p{{Emoji_Modifier}})?)*"
)
_GRAPHEME = regex.compile(r"\X")
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
"""Code points that count for one on X; all others count for two."""


def length_on(network: str, text: str) -> int:
    """Return the length of a post as `network` counts it; in characters as people see them if it is not known.

    x         text in NFC; a link is 23, an emoji sequence 2, code points in four ranges 1 and all others 2
              (twitter-text, config/v3.json; docs.x.com/resources/fundamentals/counting-characters)
    mastodon  grapheme clusters; a link with its protocol is 23, and of `@name@server` only `@name` counts
              (mastodon: app/validators/status_length_validator.rb; docs.joinmastodon.org/user/posting)
    bluesky   grapheme clusters (atproto: lexicons/app/bsky/feed/post.json, maxGraphemes 300)
    threads   characters, an emoji by its bytes in UTF-8 (developers.facebook.com/documentation/threads/posts)
    linkedin, facebook, instagram
              UTF-16 code units, as programs that post there count them (developers.buffer.com/guides/character-limits;
              the limits also in docs.upload-post.com/resources/character-limits)
    """
    if network in ("x", "twitter"):
        return _length_on_x(unicodedata.normalize("NFC", text))
    if network == "mastodon":
        text = _MENTION.sub(r"\1", _LINK.sub("x" * URL_LENGTH, text))
    elif network == "threads":
        return len(_EMOJI.sub(lambda match: "x" * len(match[0].encode()), text))
    elif network in ("linkedin", "facebook", "instagram"):
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    return len(_GRAPHEME.findall(text))


def _length_on_x(text: str) -> int:
    text, links = _LINK.subn(" ", text)
    text, bare = _BARE.subn(" ", text)
    text, emoji = _EMOJI.subn(" ", text)
    weights = (1 if any(low <= ord(letter) <= high for low, high in _LIGHT) else 2 for letter in text)
    return (URL_LENGTH - 1) * (links + bare) + emoji + sum(weights)


# Findings --------------------------------------------------------------------------------------------------------


def check_lengths(*, kind: str, path: str, text: str, fields: Pairs, name: str, count: int) -> tuple[Finding, ...]:
    """Return what is too long, too short or missing in a deliverable of that `kind`: page, email or posts.

    `text` is its working copy, whole; `fields` its front matter with what the brief adds; `name` and `count` are those of
    the deliverable. A field that the brief gives is found on line 1.
    """
    given = _Given(path, text, dict(fields))
    found = {"page": _check_page, "email": _check_email}.get(kind)
    if found is not None:
        return tuple(found(given))
    return tuple(_check_posts(given, name, count))


class _Given:
    """A file that is checked, the places of its fields, and its body as readers get it."""

    def __init__(self, path: str, text: str, fields: dict[str, str]) -> None:
        own, _, self.first = split_matter(text)
        self.path, self.text, self.fields = path, text, fields
        self.body = split_matter(without_citations(text))[1]
        pairs = parse_leniently(own, path=path, first_line=2).node.pairs if own else ()
        self.places = {key.value: (key.line, key.column) for key, _ in pairs}

    def say(self, code: str, message: str, fix: str, at: str | int, *, level: Level = "warn") -> Finding:
        """Return a finding on a line, or where a field stands."""
        line, column = (at, 1) if isinstance(at, int) else self.places.get(at, (1, 1))
        return Finding(code=code, level=level, message=message, fix=fix, path=self.path, line=line, column=column)

    def check_field(self, code: str, name: str, what: str, most: int) -> Iterator[Finding]:
        """Yield a finding if a field is longer than `most` characters."""
        size = len(_GRAPHEME.findall(" ".join(self.fields.get(name, "").split())))
        if size > most:
            fix = f"Make it shorter by {size - most}: what comes later is cut off."
            yield self.say(code, f"{what} has {size:,} characters; {most} are shown", fix, name)

    @property
    def words(self) -> int:
        """How many words the body has; each Chinese or Japanese character of Han is one."""
        tokens = regex.findall(r"(?V1)\p{Han}|[\S--\p{Han}]+", self.body)
        return sum(any(letter.isalnum() for letter in token) for token in tokens)


def _check_page(given: _Given) -> Iterator[Finding]:
    if given.fields.get("title", "").strip():
        yield from given.check_field("D040", "title", "the title", 70)
    else:
        yield from _check_heading(given)
    yield from given.check_field("D041", "description", "the description", 160)
    if given.words < 50:
        fix = "Write what a reader came for, or take the page out of the brief."
        yield given.say("D042", f"the page has hardly any text: {_count(given.words, 'word')}", fix, given.first)


def _check_heading(given: _Given) -> Iterator[Finding]:
    """Check the heading of a page that is its title, as none is given."""
    for number, (_, line, coded) in enumerate(fenced_lines(given.text)[0], 1):
        match = None if coded or number < given.first else _TITLE.match(line.strip())
        if match:
            given.fields["title"], given.places["title"] = match[1].rstrip(" \t#"), (number, 1)
            yield from given.check_field("D040", "title", "the title", 70)
            return


def _check_email(given: _Given) -> Iterator[Finding]:
    if not given.fields.get("subject", "").strip():
        fix = "Write `subject: …` in the front matter, or a title in the brief."
        yield given.say("D043", "the e-mail has no subject", fix, "subject", level="error")
    yield from given.check_field("D044", "subject", "the subject", 60)
    if not given.fields.get("preview", "").strip():
        fix = "Write `preview: …` in the front matter, or a description in the brief."
        yield given.say("D045", "the e-mail has no preview text", fix, "preview")
    yield from given.check_field("D045", "preview", "the preview", 110)
    if given.words > 400:
        fix = "Keep what moves the reader to the one next step."
        yield given.say("D046", f"the e-mail has {given.words:,} words; 400 are read", fix, given.first)


def _check_network(given: _Given, network: str) -> Iterator[Finding]:
    near = get_close_matches(network, LIMITS, n=1, cutoff=0.8) if network not in LIMITS else []
    if near:
        message = f"`{network[:40]}` is no network whose length is known, so nothing is counted"
        yield given.say("D047", message, f"Did you mean {near[0]}?", 1)


def _check_posts(given: _Given, name: str, count: int) -> Iterator[Finding]:
    network = name.partition("-")[0].casefold()
    posts = split_posts(given.text)
    if len(posts) != count:
        fix = "Begin each post with a line `## …`, or change `count` in the brief."
        asked = f"{count} {'is' if count == 1 else 'are'} asked for"
        yield given.say("D049", f"there {_are(len(posts))} {_count(len(posts), 'post')}; {asked}", fix, given.first)
    yield from _check_network(given, network)
    most = LIMITS.get(network)
    for line, post in posts:
        size = length_on(network, post)
        if not post:
            fix = "Write it below its heading, or take the heading away."
            yield given.say("D048", "the post is empty", fix, line, level="error")
        elif most is not None and size > most:
            fix = f"Make it shorter by {size - most:,}."
            message = f"the post counts {size:,} on {network}, which takes {most:,}: {size - most:,} too many"
            yield given.say("D047", message, fix, line, level="error")


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
