"""Callouts: notes that people write into a working copy, `> [!editor] …`, and the changes that are made for them.

Promises: a text without its callouts is the text, byte for byte elsewhere; callouts go back to the block they stood at;
what is limited to a callout's block changes nothing beyond its neighbours. Never raises. Will not do: read disk, or
decide what a note means.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from generator.drafts.markdown.blocks import (
    BLANK,
    count_lines,
    key_of,
    line_end_of,
    split_body,
    split_head,
    split_lines,
    tail_of,
)
from generator.drafts.weave import Cloth, Strand, Text

_FIRST = re.compile(r" {0,3}>[ \t]*\[!editor\][ \t]*", re.IGNORECASE)
_LINE = re.compile(r" {0,3}>[ \t]?")


@dataclass(frozen=True, kw_only=True)
class Callout:
    """A note in a text: its words, its line from 1, from where to where it stands, and the block it is about.

    That is the block above it, or below it at the head of a text; "" if there is none.
    """

    note: str
    line: int
    start: int
    end: int
    block: str


def find_callouts(text: str) -> tuple[Callout, ...]:
    """Return the callouts of a text, in order. A mark in code or HTML is none."""
    if "[!" not in text:
        return ()
    mark, front, body = split_head(text)
    start = len(mark) + len(front)
    found: list[tuple[str, int, int]] = []
    rest: list[tuple[int, str]] = []
    for block in split_body(body):
        pieces = _noted(block) if _LINE.match(block) else []
        found += [(note, start + at, start + end) for note, at, end in pieces]
        if not pieces or pieces[0][1] > 0 or pieces[-1][2] < len(block):
            rest.append((start, block))
        start += len(block)
    return tuple(
        Callout(note=note, line=count_lines(text[:at]) + 1, start=at, end=end, block=_block_at(rest, at))
        for note, at, end in found
    )


def _noted(block: str) -> list[tuple[str, int, int]]:
    """Return the notes of a block quote: their words, and where they begin and end in it."""
    found: list[tuple[list[str], int, int]] = []
    at, inside = 0, False
    for line in split_lines(block):
        first, goes_on = _FIRST.match(line), _LINE.match(line)
        if first:
            found.append(([line[first.end() :]], at, at))
        inside = bool(first) or (inside and (bool(goes_on) or not line.strip(BLANK)))
        if inside:
            words, start, _ = found[-1]
            words += [line[goes_on.end() :]] if goes_on and not first else []
            found[-1] = words, start, at + len(line)
        at += len(line)
    return [("\n".join(each.rstrip() for each in words).strip(), start, end) for words, start, end in found]


def _block_at(blocks: Sequence[tuple[int, str]], at: int) -> str:
    """Return the words of the block above a place, or of the first one below it."""
    with_words = [(start, block) for start, block in blocks if block.strip(BLANK)]
    above = [block for start, block in with_words if start < at]
    below = [block for start, block in with_words if start >= at]
    return (above[-1] if above else below[0] if below else "").rstrip(BLANK)


def without_callouts(text: str) -> str:
    """Return a text without its callouts; what ends the text ends it still."""
    callouts = find_callouts(text)
    if not callouts:
        return text
    pieces, at = [], 0
    for each in callouts:
        pieces.append(text[at : each.start])
        at = each.end
    rest = "".join((*pieces, text[at:]))
    if text[at:].strip(BLANK) or not rest.strip(BLANK):
        return rest
    return rest.rstrip(BLANK) + tail_of(text[: callouts[-1].end] + text[at:])


def with_callouts(text: str, source: str) -> str:
    """Return a text with the callouts of `source`, each after the block it stood at; at the end if that is gone."""
    line_end = line_end_of(source) or "\n"
    mark, front, body = split_head(text)
    blocks = split_body(body)
    keys = [key_of(block) for block in blocks]
    after: dict[int, list[str]] = {}
    for each in find_callouts(source):
        key = key_of(each.block)
        place = keys.index(key) if key and key in keys else len(blocks) - 1
        place -= bool(key) and each.block not in source[: each.start]  # it is about the block below it
        after.setdefault(place, []).append(source[each.start : each.end].rstrip(BLANK) + line_end)
    cloth = Cloth(line_end)
    for number in range(-1, len(blocks)):
        if number >= 0:
            cloth.add(blocks[number], number, ends=True)
        for said in after.get(number, ()):
            if cloth.parts and count_lines(tail_of(cloth.last)) < 2:
                cloth.end_with(line_end * 2)
            cloth.add(said, None, ends=True)
    return mark + front + cloth.text()


def limit(given: str, reply: str, blocks: Sequence[str]) -> str:
    """Return `given` with what `reply` changed in those blocks and the ones beside them; all of it if none is there."""
    was, new = Text(given), Text(reply)
    wanted = {key_of(block) for block in blocks} - {""}
    places = [place for place, key in enumerate(was.keys) if key in wanted]
    if not places:
        return reply
    near = {place + step for place in places for step in (-1, 0, 1)}
    strand = Strand(was, new)
    cloth = Cloth(line_end_of(given) or "\n")
    last = -1
    for there, old in enumerate(strand.old):
        change = strand.owner[there]
        if change is None:
            cloth.add(was.blocks[old], old, ends=True)
        else:
            olds = [strand.old[each] for each in range(change.start, change.middle)]
            allowed = any(each in near for each in olds) if olds else last in near or last + 1 in near
            if old >= 0 and not allowed:
                cloth.add(was.blocks[old], old, ends=True)
            elif old < 0 and allowed:
                cloth.add(new.blocks[strand.new[there]], -2 - strand.new[there], ends=True)
        last = old if old >= 0 else last
    if cloth.parts:
        cloth.end_with(tail_of(given))
    return was.mark + was.front + cloth.text()
