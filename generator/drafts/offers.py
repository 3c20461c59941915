"""Where a suggestion's place is in a text, and the text with the suggestion taken over.

A place is found by the person's words, at the bounds of units: a sentence is not found within another. Where a person
has nothing, it is found by what stands before it. Promises: a place is found wherever the rest of the text has gone;
taking over changes the place and no other byte; the same answer every time. Never raises.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from generator.drafts.markdown.blocks import (
    BLANK,
    count_lines,
    line_end_of,
    split_body,
    split_head,
    split_lines,
    tail_of,
    with_line_end,
)
from generator.drafts.markdown.sentences import split_units, unit_tail
from generator.drafts.weave import Cloth
from generator.model import Suggestion

FRONT = "---"
"""What stands before a place in the front matter: no unit of a text ends so, for a rule keeps its line end."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A unit of a text, or a line of its front matter: where it begins, where its words end, and where the next begins."""

    start: int
    words: int
    end: int
    closes: bool
    """Whether its block ends with it."""


class Places:
    """The pieces of a text, to find places by."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def parts(self) -> tuple[int, int]:
        """Where the front matter begins, and where the body does."""
        mark, front, _ = split_head(self.text)
        return len(mark), len(mark) + len(front)

    @cached_property
    def pieces(self) -> list[Piece]:
        """Every piece, in order."""
        start, body = self.parts
        found = []
        for line in split_lines(self.text[start:body]):
            words = start + len(line.rstrip(BLANK))
            found.append(Piece(start=start, words=words, end=start + len(line), closes=True))
            start += len(line)
        for block in split_body(self.text[body:]):
            units = split_units(block)
            for number, unit in enumerate(units, 1):
                words = start + len(unit) - len(unit_tail(unit))
                found.append(Piece(start=start, words=words, end=start + len(unit), closes=number == len(units)))
                start += len(unit)
        return found

    @cached_property
    def bounds(self) -> tuple[frozenset[int], frozenset[int]]:
        """Where pieces begin, and where their words end."""
        return frozenset(piece.start for piece in self.pieces), frozenset(piece.words for piece in self.pieces)

    def before(self, at: int) -> str:
        """Return what stands before a place: the unit that ends there, with the space after it where a block begins.

        "" at the head of the body, FRONT in the front matter.
        """
        if at < self.parts[1]:
            return FRONT
        place = bisect_right(self.pieces, at, key=lambda piece: piece.words) - 1
        if place < 0 or self.pieces[place].start < self.parts[1]:
            return ""
        piece = self.pieces[place]
        return self.text[piece.start : piece.end if at >= piece.end else piece.words]

    def find(self, suggestion: Suggestion) -> tuple[int, int] | None:
        """Return from where to where, in characters of the text, the place of a suggestion is; None if it is gone.

        The place of words that stand several times is the one after what stood before it, else the one nearest to its
        line. Where `mine` is empty the range is, too.
        """
        found = list(self.standing(suggestion.mine)) if suggestion.mine else list(self._gaps(suggestion))
        if len(found) < 2:
            return found[0] if found else None
        words = suggestion.before.rstrip(BLANK)
        return min(
            found,
            key=lambda range_: (
                suggestion.before != FRONT and self.before(range_[0]).rstrip(BLANK) != words,
                abs(count_lines(self.text[: range_[0]]) + 1 - suggestion.line),
                range_,
            ),
        )

    def standing(self, words: str) -> Iterator[tuple[int, int]]:
        """Yield where these words stand as whole units."""
        at = self.text.find(words)
        while at >= 0:
            if at in self.bounds[0] and at + len(words) in self.bounds[1]:
                yield at, at + len(words)
            at = self.text.find(words, at + 1)

    def holds(self, words: str) -> bool:
        """Whether these words stand in the text as whole units."""
        return any(True for _ in self.standing(words))

    def _gaps(self, suggestion: Suggestion) -> Iterator[tuple[int, int]]:
        """Yield the places at which nothing stands and what stood before the suggestion's still ends."""
        start, body = self.parts
        if suggestion.before == FRONT:
            closing = [piece.start for piece in self.pieces if start < piece.start < body and piece.words > piece.start]
            yield from ((at, at) for at in closing[-1:])
            return
        if not suggestion.before:
            yield body, body
            return
        tail = unit_tail(suggestion.before)
        for _, end in self.standing(suggestion.before[: len(suggestion.before) - len(tail)]):
            rest = iter(self.pieces[bisect_left(self.pieces, end, key=lambda piece: piece.words) :])
            piece = next(each for each in rest if each.words == end)
            if count_lines(tail) > 1 and not piece.closes:
                piece = next(each for each in rest if each.closes)
            yield piece.end, piece.end


def take_over(copy: str, suggestion: Suggestion) -> str:
    """Return `copy` with `theirs` in the place of `mine`; as it is if the place is gone.

    What stands around it keeps its space; a unit that goes takes its own along.
    """
    places = Places(copy)
    found = places.find(suggestion)
    if found is None:
        return copy
    start, end = found
    theirs = with_line_end(suggestion.theirs, line_end_of(copy))
    if suggestion.mine and theirs:
        return copy[:start] + theirs + copy[end:]
    if suggestion.mine:
        return _without(places, start, end)
    return _with(places, suggestion, start, theirs)


def _without(places: Places, start: int, end: int) -> str:
    """Return the text without a piece; the one before it ends its block, or the text, as the piece did."""
    text = places.text
    last = next(piece for piece in places.pieces if piece.words == end)
    first = next(piece for piece in places.pieces if piece.start == start)
    place = places.pieces.index(first)
    earlier = places.pieces[place - 1] if place else None
    ends_text, ends_block = last.end == len(text), last.closes
    if earlier is None or not (ends_text or (ends_block and not earlier.closes)):
        return text[:start] + text[last.end :]
    return text[: earlier.words] + text[end:]


def _with(places: Places, suggestion: Suggestion, at: int, theirs: str) -> str:
    """Return the text with a piece more: a line of the front matter, a sentence within its block, or a block."""
    text, line_end = places.text, line_end_of(places.text) or "\n"
    if suggestion.before == FRONT:
        return text[:at] + theirs + line_end + text[at:]
    earlier = next((piece for piece in places.pieces if piece.end == at), None)
    if earlier is not None and suggestion.before and not (earlier.closes and count_lines(unit_tail(suggestion.before))):
        tail = text[earlier.words : earlier.end]
        if earlier.closes:
            return text[: earlier.words] + " " + theirs + tail + text[at:]
        return text[:at] + theirs + (tail or " ") + text[at:]
    cloth, start = Cloth(line_end), places.parts[1]
    for block in split_body(text[start:]):
        if start == at:
            cloth.add(theirs, None, ends=True)
        cloth.add(block, None if start == at else start, ends=True)
        start += len(block)
    if start == at:
        cloth.add(theirs, None, ends=True)
        cloth.end_with(tail_of(text) or line_end)
    return text[: places.parts[1]] + cloth.text()
