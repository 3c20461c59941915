"""The units of a block: sentences of prose, rows of a table, items of a nested list; code and HTML are one unit.

Promises: joining the units of a block gives back every byte; a unit keeps the blank space and the quote marks after it;
where a unit ends hangs on the few characters around that place, so an edit moves no boundary elsewhere. Abbreviations
that people use most do not end a sentence. Will not do: know the grammar of a language, or look across blocks.
"""

from __future__ import annotations

import re

from generator.drafts.markdown.blocks import BLANK, split_lines

_END = re.compile(
    r"""(?<![.!?…])[.!?…]++(?:[)\]"'”’»*_~`]|\[\^[^\]\s]*\])*+(?:(?:[ \t]*+(?:\r\n|\r|\n)[ \t]*+(?:>[ \t]?)*+)++|[ \t]++)"""
    r"""(?![ \t\r\n])|(?<![。！？｡])[。！？｡]++[」』）”’]*+(?:\[\^[^\]\s]*\])*+[ \t]*+"""
)
"""A mark that ends a sentence, what closes after it, citations, and the space up to the next word."""

_SHORT = re.compile(
    r"(?:^|[\s(\[\"'“‘«])(?:[A-Z]|[Dd]r|[Mm]rs?|[Mm]s|[Pp]rof|[Ss]t|[Ss]r|[Jj]r|[Nn]o|[Nn]r|[Ff]ig|[Vv]ol|[Pp]p?|[Aa]pprox|[Cc]a|[Cc]f"
    r"|[Vv]s|[Ii]ncl|[Ee]tc|[Ii]nc|[Ll]td|[Cc]o|[Ee]d|[Ss]ec|[Cc]h|[Tt]el|[Bb]zw|[Ss]og|e\.g|i\.e|a\.m|p\.m|z\.B|d\.h|u\.a)\.$"
)
"""What a full stop may stand behind without ending a sentence: initials, titles, abbreviations."""

_ITEM = re.compile(r"[ \t]*(?:>[ \t]?)*[ \t]*(?:[-+*]|\d{1,9}[.)])(?:[ \t]|$)")
_FENCE = re.compile(r"[ \t]*(?:>[ \t]?)*[ \t]*(?:`{3}|~{3})")
_WHOLE = re.compile(r"[ ]{0,3}(?:<|#{1,6}[ \t])|[ ]{4}|\t|\[[^\]\n]*\]:")
_WRAPPED = re.compile(r"[^\S ]|  | >")
_SPACE = re.compile(r"\s+(?:>[ \t]?)*")

NEAR = 8
"""Characters before a full stop that may tell an abbreviation."""

SHORT = 4
"""A word with its full stop and the space before it, after which a small letter goes on: `ca. five`."""


def kind_of(block: str) -> str:
    """Return what a block's units are: "prose", "quote", "aside", "items", "rows 3" by columns, "" if it is one unit."""
    if _WHOLE.match(block) or (("`" in block or "~" in block) and any(map(_FENCE.match, split_lines(block)))):
        return ""
    if _ITEM.match(block):
        return "items"
    first, _, rest = block.partition("\n")
    second = rest.partition("\n")[0].rstrip("\r")
    if "|" in first and "-" in second and not second.strip("|:- \t"):
        return f"rows {second.strip(' |').count('|') + 1}"
    if first.lstrip(" ").startswith(">"):
        return "quote"
    return "aside" if first.startswith(("!!!", "???", "===")) else "prose"


def split_units(block: str) -> list[str]:
    """Return the units of a block of Markdown; "".join gives it back. A block that cannot be parted is one unit."""
    kind = kind_of(block)
    if not kind:
        return [block]
    if kind == "items":
        return _grouped(split_lines(block), _ITEM)
    if kind == "aside":
        first, *rest = split_lines(block)
        return [first, *split_sentences("".join(rest))] if rest else [first]
    return split_lines(block) if kind.startswith("rows") else split_sentences(block)


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
    """Whether a full stop stands within a sentence: behind an abbreviation, or a short word with a small letter next."""
    at = found.start()
    if text[at + 1 : at + 2] == ".":
        return text[found.end()].islower()
    if at > NEAR and text[at - NEAR : at].isalnum():
        return False
    return bool(_SHORT.search(text, max(0, at - NEAR), at + 1)) or (
        text[found.end()].islower() and at - text.rfind(" ", 0, at) <= SHORT
    )


def unit_tail(block: str) -> str:
    """Return the blank space that ends a unit, with the quote marks of the line after it."""
    words = block.rstrip(BLANK + ">")
    tail = block[len(words) :]
    if ">" not in tail:
        return tail
    at = min((place for place in map(tail.find, "\r\n") if place >= 0), default=len(tail))
    return tail[len(tail[:at].rstrip(BLANK)) :]


def unit_key(unit: str) -> str:
    """Return the words of a unit: how its lines are wrapped does not count."""
    words = unit[: len(unit) - len(unit_tail(unit))]
    return _SPACE.sub(" ", words) if _WRAPPED.search(words) else words
