"""What a machine notices in a working copy before a person decides about it: its structure and its links.

Promises: few findings, each one certain; lines are those of the file, front matter counted; code is never judged.
Will not do: judge style, follow a link out of the workspace, or change the text.
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from itertools import islice
from urllib.parse import unquote

from generator.model import Finding
from generator.review.lengths import check_lengths
from generator.review.markup import check_markup
from generator.review.subject import LINE_END, Subject
from generator.review.words import check_evidence, check_terms, check_wishes

EXPLANATIONS = {
    "D000": (
        "The draft cannot be read: it is not UTF-8, too large, or the disk refused. Nothing was changed. Save it as UTF-8\n"
        "in your editor (not as Latin-1 or UTF-16), then check again."
    ),
    "D001": (
        "The draft holds the marks of a git merge that nobody finished: `<<<<<<<`, `=======`, `>>>>>>>`.\n"
        "Both versions are there, one above the other. `copydesk settle PATH` makes one text of them, sentence by sentence,\n"
        "and suggests what both changed; or keep the words that should stand and delete the marks. No reason overrides\n"
        "this one."
    ),
    "D002": (
        "The draft has a gap, written `[to write: what is missing]`. Steps leave one where the brief asks for something\n"
        "that no source says. Write the passage, or add a source and build again. A text with a gap is approved only with\n"
        "a reason: `copydesk approve PAGE --reason WHY`."
    ),
    "D003": (
        "The page has no title: no line that begins with `# `, and no `title` in the brief or the front matter. Readers,\n"
        "search engines and the navigation of the site all take the title from there."
    ),
    "D004": (
        "The draft is empty. An empty draft is a text like any other: copydesk does not fill it again by itself.\n"
        "Delete the file and build to have the last text back, or write."
    ),
    "D005": (
        "A block of code begins with a fence (three backticks or tildes) and no fence ends it, so all that follows\n"
        "is shown as code."
    ),
    "D006": "The page has a second title, a line `# …`. A page has one; sections below it begin with `## `.",
    "D007": (
        "A heading skips a level, such as `####` below `##`. Whoever reads with a screen reader goes by the levels, and so\n"
        "does the table of contents."
    ),
    "D008": (
        "The line by which a skeleton says that no model was used still stands. It is for you: take it out with the last gap,\n"
        "once the text is yours."
    ),
    "D009": (
        "A line `[place: step]` stands in the draft: in its place belong the words of that step, which copydesk puts there when\n"
        "the text is made, and never later. Write the words there yourself, or delete the line and ask for the text again\n"
        "with `copydesk retry`. No reason overrides this one: a page with words missing is never approved."
    ),
    "D014": (
        "A note to the AI stands in the draft, `> [!editor] …`. The next `copydesk build` takes it up: it leaves the draft, and the\n"
        "text is revised at that place. In a text that a person wrote from the first word on nobody would answer it: take it\n"
        "out. No reason overrides this one."
    ),
    "D010": "The link leads to a page or file that is not in docs/, and no brief of this set makes it.",
    "D011": (
        "The link leads to a page that another brief makes and nobody has approved yet, so it would lead nowhere on the\n"
        "site. Approve that page first, or both."
    ),
    "D012": "The link leads to a heading of this page that is not there.",
    "D013": "An e-mail or a post is read elsewhere: only a whole address, `https://…`, leads anywhere from there.",
}  # fmt: skip

LINK_LIMIT = 2_000
"""Links of a text that are looked at."""

NEAR_LIMIT = 500
"""Names among which the nearest is looked for: it is a kindness, and must not take seconds."""

GAP = "[to write:"
GAP_LIMIT = 400
"""Characters of a gap that are looked at for its end, and told."""

_TITLE = re.compile(
    r"^ {0,3}(#{1,6})[ \t]+(\S[^\r\n]*)"
    r"|^(?=[^\s#<>-])([^\r\n]+)(?:\r\n|\r|\n) {0,3}(=+|-{2,})[ \t]*(?=\r|\n|\Z)",
    re.MULTILINE,
)
_PLACE = re.compile(r"(?<!\\)\[place: ([a-z0-9.-]+)\](?![(:])")
_TITLED = r"(?:[ \t]+(?:\"[^\"\r\n]*\"|'[^'\r\n]*'|\([^()\r\n]*\)))?"
_LINK = re.compile(
    r"(?P<image>!?)(?<!\\)\[(?:[^\[\]]|\[[^\[\]]*\])*\]\([ \t]*(?:<(?P<angled>[^<>\r\n]*)>|(?P<plain>[^()\s<>]+))"
    + _TITLED
    + r"[ \t]*\)"
    + r"|(?m:^ {0,3}\[(?!\^)[^\[\]\r\n]+\]:[ \t]*(?P<defined>[^\s<>]+)"
    + _TITLED
    + r"[ \t]*(?=\r|\n|\Z))"
)
_WHOLE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)


def check_draft(subject: Subject) -> tuple[Finding, ...]:
    """Return the findings about a working copy, in the order of its lines.

    A text that only other steps read is asked for nothing but that git's marks and lines for slots are gone from it. While the marks stand, nothing
    else is told: half of what lies there is to go.
    """
    if not subject.body.strip():
        found = [
            subject.say(
                "D004", "error", "the draft is empty", "Write it, or delete the file and build.", (subject.first, 1)
            )
        ]
        return tuple(found) if subject.kind else ()
    conflicts = tuple(_conflicts(subject))
    unplaced = (*_unplaced(subject), *_noted(subject))
    if conflicts or not subject.kind:
        return conflicts or unplaced
    fields = (*subject.fields, *subject.meta)
    found = [*unplaced, *check_markup(subject.path, subject.text, subject.html, fields)]
    for family, check in CHECKS.items():
        found += check(subject) if family in subject.asked else ()
    return tuple(sorted(dict.fromkeys(found), key=lambda finding: (finding.line, finding.column, finding.code)))


def _conflicts(subject: Subject) -> Iterator[Finding]:
    message, fix = "git left a conflict here", f"copydesk settle {subject.path}"
    is_open = False
    for number, line in enumerate(LINE_END.split(subject.prose), subject.first):
        if re.match(r"<{7}( |$)", line):
            is_open = True
            yield subject.say("D001", "error", message, fix, (number, 1))
        elif re.match(r">{7}( |$)", line):
            if not is_open:
                yield subject.say("D001", "error", message, fix, (number, 1))
            is_open = False


def _unplaced(subject: Subject) -> Iterator[Finding]:
    fix = "Write the words there, or delete the line and ask again with `copydesk retry`."
    for match in _PLACE.finditer(subject.prose):
        message = f"the words of the step {match[1]} are missing here"
        yield subject.say("D009", "error", message, fix, subject.at(match.start()))


def _noted(subject: Subject) -> Iterator[Finding]:
    fix = "copydesk build takes it up; to be rid of it, delete it."
    for line in subject.notes:
        yield subject.say("D014", "error", "a note to the AI stands here", fix, (line, 1))


# Structure -------------------------------------------------------------------------------------------------------


def _check_structure(subject: Subject) -> Iterator[Finding]:
    yield from _gaps(subject)
    for match in re.finditer(
        r"^> (?:Sourced skeleton|Passed on as it was|Checked by rules): ", subject.prose, re.MULTILINE
    ):
        fix = "Take the line out once the text is yours."
        yield subject.say("D008", "warn", "the text still says that it is a skeleton", fix, subject.at(match.start()))
    if subject.unclosed:
        fix = "End the block of code with the fence that began it."
        yield subject.say(
            "D005", "warn", "the block of code that begins here is never ended", fix, (subject.unclosed, 1)
        )
    if subject.kind == "page":
        yield from _headings(subject)


def _gaps(subject: Subject) -> Iterator[Finding]:
    prose = subject.prose
    fix = "Write the passage, or give the brief a source that says it, and build."
    for match in re.finditer(re.escape(GAP), prose):
        end = prose.find("]", match.end(), match.end() + GAP_LIMIT)
        line = LINE_END.split(subject.body[match.end() : end if end >= 0 else match.end() + GAP_LIMIT], maxsplit=1)[
            0
        ].strip()
        yield subject.say(
            "D002", "error", f"there is a gap: {line or 'a passage is missing'}", fix, subject.at(match.start())
        )


def headings(subject: Subject) -> list[tuple[int, str, int]]:
    """Return level, text and offset of each heading of the body."""
    found = []
    for match in _TITLE.finditer(subject.prose):
        if match[1]:
            found.append((len(match[1]), subject.body[match.start(2) : match.end(2)].rstrip(" \t#"), match.start()))
        elif "|" not in match[3]:
            found.append(
                (1 if match[4][0] == "=" else 2, subject.body[match.start(3) : match.end(3)].strip(), match.start())
            )
    return found


def _headings(subject: Subject) -> Iterator[Finding]:
    found = headings(subject)
    titles = [offset for level, _, offset in found if level == 1]
    if not titles and not dict(subject.fields).get("title"):
        yield subject.say(
            "D003", "warn", "the page has no title", "Begin it with a line `# Title`.", (subject.first, 1)
        )
    for offset in titles[1:]:
        yield subject.say("D006", "warn", "the page has a second title", "Begin it with `## `.", subject.at(offset))
    before = 1
    for level, text, offset in found:
        if level > before + 1:
            fix = f"Begin it with `{'#' * (before + 1)} `."
            yield subject.say("D007", "warn", f"the heading “{text[:60]}” skips a level", fix, subject.at(offset))
        before = level


# Links -----------------------------------------------------------------------------------------------------------


def _check_links(subject: Subject) -> Iterator[Finding]:
    anchors = _anchors(subject)
    for match in islice(_LINK.finditer(subject.prose), LINK_LIMIT):
        name = next(name for name in ("angled", "plain", "defined") if match[name] is not None)
        target, where = match[name], subject.at(match.start(name))
        if not target or _WHOLE.match(target):
            continue
        if subject.kind != "page":
            fix = "Write the whole address, https://…"
            yield subject.say("D013", "error", f"`{target[:80]}` leads nowhere outside the site", fix, where)
        elif target.startswith("#"):
            if anchors is not None:
                yield from _check_anchor(subject, anchors, unquote(target[1:]), where)
        elif not target.startswith("/"):
            yield from _check_target(subject, target, where)


def _anchors(subject: Subject) -> frozenset[str] | None:
    """Return what the headings of a page make, and `{#name}`; None if the text makes ids of its own in HTML.

    Anchors are made as Python-Markdown makes them (markdown.extensions.toc.slugify and unique).
    """
    if "id=" in subject.prose:
        return None
    own = re.findall(r"\{[^{}\r\n]*#([\w.-]+)", subject.prose)
    return frozenset((*own, *(_slug(text) for _, text, _ in headings(subject))))


def _check_anchor(subject: Subject, known: frozenset[str], anchor: str, where: tuple[int, int]) -> Iterator[Finding]:
    if not anchor or anchor in known or re.sub(r"_\d+\Z", "", anchor) in known or anchor.startswith("fn"):
        return
    near = get_close_matches(anchor[:80], known, n=1) if len(known) < NEAR_LIMIT else []
    fix = f"Did you mean #{near[0]}?" if near else "Link to one of the headings."
    yield subject.say("D012", "warn", f"no heading of this page makes #{anchor[:80]}", fix, where)


def _slug(text: str) -> str:
    plain = re.sub(r"\{[^{}]*\}\s*$|!\[[^\[\]]*\]\([^()]*\)|\]\([^()]*\)", "", text)
    plain = re.sub(r"[*`]|(?<!\w)_+|_+(?!\w)", "", plain)
    plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())


def _check_target(subject: Subject, target: str, where: tuple[int, int]) -> Iterator[Finding]:
    file = unquote(target.partition("#")[0].partition("?")[0])
    path = posixpath.normpath(posixpath.join(posixpath.dirname(subject.place), file))
    shown = [path, f"{path}/index.md", *([f"{path}.md"] if file.endswith("/") else [])]
    if subject.place in shown or any(subject.pages.get(each) == "" for each in shown):
        return
    if path in subject.pages:
        brief = subject.pages[path]
        fix = f"Approve it first: copydesk approve {path}"
        yield subject.say("D011", "warn", f"{path}, of the brief {brief}, is not approved yet", fix, where)
        return
    few = len(subject.pages) < NEAR_LIMIT
    near = get_close_matches(path[:200], sorted(subject.pages), n=1, cutoff=0.75) if few else []
    start = posixpath.dirname(subject.place)
    fix = f"Did you mean {posixpath.relpath(near[0], start)}?" if near else "Link to a page or file that is in docs/."
    yield subject.say("D010", "error", f"there is no {path[:120]}", fix, where)


def _check_lengths(subject: Subject) -> tuple[Finding, ...]:
    return check_lengths(
        kind=subject.kind,
        path=subject.path,
        text=subject.text,
        fields=subject.fields,
        name=subject.name,
        count=subject.count,
    )


CHECKS: dict[str, Callable[[Subject], Iterator[Finding] | tuple[Finding, ...]]] = {
    "structure": _check_structure, "links": _check_links, "wishes": check_wishes, "lengths": _check_lengths,
    "terms": check_terms, "evidence": check_evidence,
}  # fmt: skip
"""The families that a brief may choose among; git's marks, emptiness and markup are always looked at."""
