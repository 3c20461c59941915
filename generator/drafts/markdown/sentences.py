"""The units of a block: sentences of prose, rows of a table, items of a nested list; code and HTML are one unit.

Promises: joining the units of a block gives back every byte; a unit keeps the blank space and the quote marks after it;
where a unit ends hangs on the few characters around that place, so an edit moves no boundary elsewhere. Abbreviations
that people use most do not end a sentence. Will not do: know the grammar of a language, or look across blocks.
"""

from __future__ import annotations

import re

from generator.drafts.markdown.blocks import BLANK, split_lines

_END = re.compile(
    r"""(?:[.!?…]+(?:[)\]"'”’»*_~`]|\[\^[^\]\s]*\])*(?:[ \t]*(?:\r\n|\r|\n)[ \t]*(?:>[ \t]?)*|[ \t]+)(?![ \t\r\n]))"""
    r"""|(?:[。！？｡]+[」』）”’]*(?:\[\^[^\]\s]*\])*[ \t]*)"""
)
"""A mark that ends a sentence, what closes after it, citations, and the space up to the next word."""

_SHORT = re.compile(
    r"(?:^|[\s(\[\"'“‘«])(?:[A-Z]|[Dd]r|[Mm]rs?|[Mm]s|[Pp]rof|[Ss]t|[Ss]r|[Jj]r|[Nn]o|[Nn]r|[Ff]ig|[Vv]ol|[Pp]p?|[Aa]pprox|[Cc]a|[Cc]f"
    r"|[Vv]s|[Ii]ncl|[Ee]tc|[Ii]nc|[Ll]td|[Cc]o|[Ee]d|[Ss]ec|[Cc]h|[Tt]el|[Bb]zw|[Ss]og|e\.g|i\.e|a\.m|p\.m|z\.B|d\.h|u\.a"
    r"|\d+)\.$"
)
"""What a full stop may stand behind without ending a sentence: initials, titles, numbers in a row, abbreviations."""

_ITEM = re.compile(r"[ \t]*(?:>[ \t]?)*[ \t]*(?:[-+*]|\d{1,9}[.)])(?:[ \t]|$)")
_ROW = re.compile(r"[ \t]*\|")
_FENCE = re.compile(r"[ \t]*(?:>[ \t]?)*[ \t]*(?:`{3}|~{3})")
_WHOLE = re.compile(r"[ ]{0,3}(?:<|#{1,6}[ \t])|[ ]{4}|\t|\[[^\]\n]*\]:")
_SPACE = re.compile(r"\s+(?:>[ \t]?)*")

NEAR = 24
"""Characters before a full stop that may tell an abbreviation."""


def split_units(block: str) -> list[str]:
    """Return the units of a block of Markdown; "".join gives it back. A block that cannot be parted is one unit."""
    if _WHOLE.match(block) or (("`" in block or "~" in block) and any(map(_FENCE.match, split_lines(block)))):
        return [block]
    lines = split_lines(block)
    if _ITEM.match(block):
        return _grouped(lines, _ITEM)
    if len(lines) > 1 and _ROW.match(lines[1]) and "|" in lines[0]:
        return lines
    return split_sentences(block)


def _grouped(lines: list[str], begins: re.Pattern[str]) -> list[str]:
    units: list[str] = []
    for line in lines:
        if not units or begins.match(line):
            units.append(line)
        else:
            units[-1] += line
    return units


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text, each with the blank space and quote marks after it; "".join gives it back."""
    units: list[str] = []
    start = 0
    for found in _END.finditer(text):
        end = found.end()
        if end == len(text):
            break
        if text[found.start()] == "." and _goes_on(text, found):
            continue
        units.append(text[start:end])
        start = end
    if not units or text[start:].strip(BLANK):
        units.append(text[start:])
    else:
        units[-1] += text[start:]
    return units


def _goes_on(text: str, found: re.Match[str]) -> bool:
    """Whether a full stop stands within a sentence: a small letter follows, or an abbreviation stands before."""
    if text[found.end()].islower():
        return True
    at = found.start() + 1
    return text[found.start() : at + 1].rstrip() == "." and bool(_SHORT.search(text, max(0, at - NEAR), at))


def unit_key(unit: str) -> str:
    """Return the words of a unit: how its lines are wrapped does not count."""
    return _SPACE.sub(" ", unit.rstrip(BLANK + ">"))
