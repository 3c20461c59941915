"""Blocks that both changed, woven by their units: where each changed another sentence, both land.

A row of a table, an item of a nested list and a sentence of prose are to their block what a block is to a text, so the
weave and its laws are the same. Promises: what comes out stands still, holds every unit that it must, and is of the kind
that it was; else nothing comes out, and the blocks are left to be merged whole. Will not do: look beyond the blocks.
"""

from __future__ import annotations

from collections.abc import Sequence

from generator.drafts.markdown.blocks import BLANK, key_of, split_body
from generator.drafts.markdown.sentences import kind_of, split_units, unit_key, unit_tail
from generator.drafts.matching import alike
from generator.drafts.weave import Clash, Cloth, Strand, Text, Weave

TURNS = 3
"""How often units are woven until they stand still; mostly they do at once."""


class Prose(Text):
    """Some blocks taken apart into their units, as `Text` takes a text into blocks; without the blank space at the end."""

    def __init__(self, blocks: Sequence[str]) -> None:
        self.text = "".join(blocks).rstrip(BLANK)
        self.mark = self.front = ""
        self.body = self.text
        units = [unit for block in blocks for unit in split_units(block)]
        while units and not units[-1].strip(BLANK):
            units.pop()
        if units:
            units[-1] = units[-1].rstrip(BLANK)
        self.blocks = units
        self.keys = [unit_key(unit) for unit in units]
        self.known = frozenset(self.keys)

    tail_of = staticmethod(unit_tail)

    def cloth(self, line_end: str) -> Cloth:
        """Return what units are put together in."""
        return Thread(line_end, self.text)


class Thread(Cloth):
    """Units in a row: one that ended its block and does so no more is parted from the next by a space or a line end."""

    def __init__(self, line_end: str, text: str) -> None:
        super().__init__(line_end)
        self.gap = " " if kind_of(text) in ("prose", "quote", "aside") else line_end

    def _part(self, block: str) -> None:  # noqa: ARG002 - what follows does not matter here
        last = self.last[-1:]
        if last in BLANK or (last in "。！？｡」』）" and self.gap == " "):
            return
        self.parts.append(self.gap)
        self.length += len(self.gap)


def weave_units(
    base: Sequence[str], mine: Sequence[str], theirs: Sequence[str], *, stranded: bool
) -> tuple[str, list[Clash]] | None:
    """Return blocks of one kind that both changed, woven by their units, and the clashes; None if that cannot be done.

    It cannot where the blocks are of several kinds or cannot be parted, where one side is a new text altogether (a
    sentence of the old one would stand in it like a stranger), or where the result does not stand still or hold every
    unit that it must.
    """
    kinds = {kind_of(block) for block in (*base, *mine, *theirs)}
    if len(kinds) > 1 or "" in kinds or (kinds != {"prose"} and max(map(len, (base, mine, theirs))) > 1):
        return None
    was, new, blocks = Prose(base), Prose(theirs), list(mine)
    if not _akin(was, new):
        return None
    own = now = Prose(blocks)
    strand = Strand(was, new)
    for _ in range(TURNS):
        if {kind_of(block) for block in blocks} != kinds or not _akin(was, now):
            return None
        weave = Weave(strand, now, stranded=stranded)
        text, clashes = weave.woven()
        text = text.rstrip(BLANK)
        if text == now.text:
            known = now.known | was.known
            whole = own.known <= known and new.known <= known | weave.offered
            return (
                (text, clashes) if whole and list(map(key_of, split_body(text))) == list(map(key_of, blocks)) else None
            )
        blocks = split_body(text)
        now = Prose(blocks)
    return None


def _akin(one: Text, other: Text) -> bool:
    """Whether two texts have a unit in common, or half their words."""
    return bool(one.known & other.known) or alike(one.text, other.text)
