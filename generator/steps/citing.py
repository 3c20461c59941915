"""Citations: a text cites passages as `[^id]`, and gets one footnote for each passage that it cites.

Promises: a footnote says what the registry of passages says, never what a model says; doing it twice is doing it once;
every line that is not a footnote of a known passage stays as it is. Will not do: remove a citation, known or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from generator.model import Passage

_CITATION = re.compile(r"(?<!\\)\[\^([^\]\s]+)\]")
_DEFINITION = re.compile(r"\[\^([^\]\s]+)\]:")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")


def finish(text: str, passages: tuple[Passage, ...], placed: tuple[str, ...] = ()) -> str:
    """Return `text` with the footnotes of the passages it cites at its end, in the order of their first citation.

    Texts that will be `placed` in it count, too, but for the footnotes that they bring along. A text that cites no known passage, and defines none, comes back as it is.
    """
    known = {passage.id: passage for passage in passages}
    kept: list[str] = []
    inside = dropped = False
    for line, coded in coded_lines(text):
        match = None if coded else _DEFINITION.match(line)
        if match and match[1] in known:
            inside = dropped = True
        elif not (inside and line[:1] in " \t" and line.strip()):
            inside = False
            kept.append(line)
    own = "\n\n".join(placed)
    brought = {match[1] for line, _ in coded_lines(own) if (match := _DEFINITION.match(line))}
    texts = ("".join(kept), own)
    cited = [each for each in dict.fromkeys(chain(*map(_cited, texts))) if each in known and each not in brought]
    if not cited and not dropped:
        return text
    end = "\r\n" if "\r\n" in text else "\n"
    body = "".join(kept).rstrip("\r\n")
    notes = "".join(f"[^{each}]: {_place(known[each])}{end}" for each in cited)
    return f"{body}{end}{end}{notes}" if notes and body else f"{body}{end}" if body else notes


def unknown_citations(text: str, passages: tuple[Passage, ...]) -> tuple[str, ...]:
    """Return the ids that `text` cites and no passage has, in the order of their first citation."""
    known = {passage.id for passage in passages}
    return tuple(each for each in _cited(text) if each not in known)


def _cited(text: str) -> list[str]:
    found: dict[str, None] = {}
    for line, coded in coded_lines(text):
        if not coded:
            definition = _DEFINITION.match(line)
            plain = re.sub(r"`[^`\r\n]*`", "", line[definition.end() :] if definition else line)
            found.update(dict.fromkeys(_CITATION.findall(plain)))
    return list(found)


def coded_lines(text: str) -> Iterator[tuple[str, bool]]:
    """Yield every line with its end, and whether it stands in a fenced block of code; one that is never closed is none."""
    lines: list[str] = _LINES.findall(text)
    unclosed: dict[str, int] = {}
    end = -1
    for number, line in enumerate(lines):
        match = _FENCE.match(line) if number > end else None
        if match and len(match[1]) < unclosed.get(match[1][0], len(match[1]) + 1):
            end = next(
                (later for later in range(number + 1, len(lines)) if _closes(lines[later], match[1])), number - 1
            )
            if end < number:
                unclosed[match[1][0]] = len(match[1])
        yield line, number <= end


def _closes(line: str, fence: str) -> bool:
    bare = line.strip()
    return len(bare) >= len(fence) and set(bare) == {fence[0]}


def _place(passage: Passage) -> str:
    path = passage.path.removeprefix("sources/").replace("<", "&lt;")
    if passage.first_line == passage.last_line:
        return f"{path}, line {passage.first_line}"
    return f"{path}, lines {passage.first_line}-{passage.last_line}"
