"""What a machine notices in a working copy before a person decides about it.

Promises: few findings, each one certain; lines are those of the file, front matter counted; code is never judged.
Will not do: judge style, follow links, or change the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.errors import Level
from generator.matter import split_matter
from generator.model import Finding

EXPLANATIONS = {
    "D000": (
        "The draft cannot be read: it is not UTF-8, too large, or the disk refused. Nothing was changed. Save it as UTF-8\n"
        "in your editor (not as Latin-1 or UTF-16), then check again."
    ),
    "D001": (
        "The draft holds the marks of a git merge that nobody finished: `<<<<<<<`, `=======`, `>>>>>>>`.\n"
        "Both versions are there, one above the other. Keep the words that should stand, delete the marks and the\n"
        "rest, and save. copydesk itself never writes such marks: what it would change in your text waits as a\n"
        "suggestion (`copydesk suggestions`)."
    ),
    "D002": (
        "The draft has a gap, written `[to write: what is missing]`. The offline skeleton leaves one where the brief\n"
        "asks for something that no source says. Write the passage, or add a source and build again."
    ),
    "D003": (
        "The page has no title: no line that begins with `# `. Readers, search engines and the navigation of the\n"
        "site all take the title from there."
    ),
    "D004": (
        "The draft is empty. An empty draft is a text like any other: copydesk does not fill it again by itself.\n"
        "Delete the file and build to have the last text back, or write."
    ),
    "D005": (
        "A block of code begins with a fence (three backticks or tildes) and no fence ends it, so all that follows\n"
        "is shown as code."
    ),
}

FENCE = re.compile(r"((?:[ \t>]|[-*+][ \t]|\d{1,9}[.)][ \t])*)(`{3,}(?=[^`]*$)|~{3,})")
CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
LINE_END = re.compile(r"\r\n|\r|\n")
GAP = "[to write:"


def check_draft(text: str, path: str) -> tuple[Finding, ...]:
    """Return the findings about a working copy, in the order of its lines. `path` is relative to the workspace.

    A title is asked of pages only: not of the texts in `steps/`, e-mails and posts.
    """
    _, body, first = split_matter(text)
    if not body.strip():
        return (_at("D004", "the draft is empty", "Write it, or delete the file and build.", (path, first, 1)),)
    lines, unclosed = _prose(LINE_END.split(body), first)
    found = [*_conflicts(lines, path), *_gaps(lines, path)]
    if _is_page(path) and not _has_title(lines):
        found.append(_at("D003", "the page has no title", "Begin it with a line `# Title`.", (path, first, 1)))
    if unclosed:
        fix = "End the block of code with the fence that began it."
        found.append(_at("D005", "the block of code that begins here is never ended", fix, (path, unclosed, 1)))
    return tuple(sorted(found, key=lambda finding: (finding.line, finding.column)))


def _prose(lines: list[str], first: int) -> tuple[list[tuple[int, str]], int]:
    """The lines outside fenced code with their numbers, and the line of a fence that is never ended (0: none).

    A fence in a quote or list ends with it, at the first line that does not lean in; such a one is never reported.
    """
    kept: list[tuple[int, str]] = []
    fence, opened, leaning = "", 0, False
    for number, line in enumerate(lines, first):
        if fence and leaning and line.strip() and line[0] not in " \t>":
            fence = ""
        match = FENCE.match(line.rstrip())
        if fence:
            if match and match[2].startswith(fence) and line.strip(" \t>") == match[2]:
                fence = ""
        elif match:
            fence, opened, leaning = match[2], number, len(match[1]) > 1 or ">" in match[1]
        else:
            kept.append((number, line))
    return kept, opened if fence and not leaning else 0


def _conflicts(lines: list[tuple[int, str]], path: str) -> Iterator[Finding]:
    message, fix = "git left a conflict here", "Keep the words that should stand; delete the other ones and the marks."
    is_open = False
    for number, line in lines:
        if re.match(r"<{7}( |$)", line):
            is_open = True
            yield _at("D001", message, fix, (path, number, 1))
        elif re.match(r">{7}( |$)", line):
            if not is_open:
                yield _at("D001", message, fix, (path, number, 1))
            is_open = False


def _gaps(lines: list[tuple[int, str]], path: str) -> Iterator[Finding]:
    for number, line in lines:
        plain = CODE_SPAN.sub(lambda match: " " * len(match[0]), line)
        column = plain.find(GAP)
        while column >= 0:
            end = plain.find("]", column)
            what = line[column + len(GAP) : end if end >= 0 else len(line)].strip()
            fix = "Write the passage, or give the brief a source that says it, and build."
            yield _at("D002", f"there is a gap: {what or 'a passage is missing'}", fix, (path, number, column + 1))
            column = plain.find(GAP, column + 1)


def _is_page(path: str) -> bool:
    return "/steps/" not in path and not path.endswith((".email.md", ".posts.md"))


def _has_title(lines: list[tuple[int, str]]) -> bool:
    previous = ""
    for _, line in lines:
        if re.match(r" {0,3}#[ \t]+\S", line) or (previous.strip() and re.match(r" {0,3}=+[ \t]*$", line)):
            return True
        previous = line
    return False


def _at(code: str, message: str, fix: str, place: tuple[str, int, int]) -> Finding:
    path, line, column = place
    level: Level = "error" if code in ("D001", "D004") else "warn"
    return Finding(code=code, level=level, message=message, fix=fix, path=path, line=line, column=column)
