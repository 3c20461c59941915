"""One round of the merge: base and theirs woven into one strand, mine laid along it, each change decided on its own.

The strand holds every block of base and of theirs once, in order, the changed ones as old, new, old, new. Laying mine
along it tells in one step which blocks a person kept, removed or wrote, and which of theirs have landed before: that is
why a second round finds nothing left to do. Blocks that both changed may be woven again by their units (`refining`), with
the same law. Promises: a unit of mine that is not in base is never dropped or changed. Will not do: front matter,
or prove its result; `merge` does both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from generator.drafts.markdown.blocks import (
    BLANK,
    fits,
    key_of,
    line_end_of,
    split_body,
    split_head,
    tail_of,
    with_line_end,
)
from generator.drafts.matching import alike, match, pair

Clash = tuple[int, str, str, str]
"""Where in the woven text (characters from its start) both changed, and base, mine and theirs of the place."""

Fine = Callable[[Sequence[str], Sequence[str], Sequence[str]], tuple[str, list[Clash]] | None]
"""Weaves blocks that both changed (base, mine, theirs) by their units; None if that cannot be done."""


class Text:
    """A text taken apart: byte order mark, front matter, blocks, and the words of each block."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.mark, self.front, self.body = split_head(text)
        self.blocks = split_body(self.body)
        self.keys = [key_of(block) for block in self.blocks]
        self.known = frozenset(self.keys)

    tail_of = staticmethod(tail_of)

    def cloth(self, line_end: str) -> Cloth:
        """Return what pieces of such a text are put together in."""
        return Cloth(line_end)


@dataclass(frozen=True, kw_only=True, eq=False)
class Change:
    """What theirs did at one place of the strand: old blocks from `start` to `middle`, new ones from there to `end`."""

    start: int
    middle: int
    end: int


class Strand:
    """Base and theirs in one row. For each place: the key, the block of base and of theirs (-1: none), the change."""

    def __init__(self, base: Text, theirs: Text) -> None:
        self.base = base
        self.theirs = theirs
        self.keys: list[str] = []
        self.old: list[int] = []
        self.new: list[int] = []
        self.owner: list[Change | None] = []
        self.changes: list[Change] = []
        self.woven: dict[tuple[int, str], tuple[str, list[Clash]] | None] = {}
        """What came of a change, by its start and the blocks of mine that it was woven with: rounds ask again."""
        old_at = new_at = 0
        for old, new in [*match(base.keys, theirs.keys), (len(base.keys), len(theirs.keys))]:
            if old_at < old or new_at < new:
                self._add_changes(old_at, old, new_at, new)
            if old < len(base.keys):
                self._add(base.keys[old], old, new, None)
            old_at, new_at = old + 1, new + 1

    def _add(self, key: str, old: int, new: int, owner: Change | None) -> None:
        self.keys.append(key)
        self.old.append(old)
        self.new.append(new)
        self.owner.append(owner)

    def _add_changes(self, old_at: int, old_end: int, new_at: int, new_end: int) -> None:
        base, theirs = self.base.keys, self.theirs.keys
        for old_from, old_to, new_from, new_to, _ in pair(base[old_at:old_end], theirs[new_at:new_end]):
            start = len(self.keys)
            middle = start + old_to - old_from
            change = Change(start=start, middle=middle, end=middle + new_to - new_from)
            self.changes.append(change)
            for old in range(old_at + old_from, old_at + old_to):
                self._add(base[old], old, -1, change)
            for new in range(new_at + new_from, new_at + new_to):
                self._add(theirs[new], -1, new, change)


class Weave:
    """Mine laid along a strand.

    `stranded`: additions land even where nothing around them is left of base. `both`: where both changed, theirs is put
    after mine and not suggested. `fine`: blocks that both changed are woven by their units.
    """

    def __init__(
        self, strand: Strand, mine: Text, *, stranded: bool = False, both: bool = False, fine: Fine | None = None
    ) -> None:
        self.strand = strand
        self.mine = mine
        self.stranded = stranded
        self.both = both
        self.fine = fine
        self.line_end = line_end_of(mine.text)
        self.offered: set[str] = set()
        """The keys of theirs that are only in a clash, and those of blocks that were woven by their units."""
        self.clashes: list[tuple[int, int, str, str, str]] = []
        """Block of mine before which it stands, and how many characters after its beginning; base, mine, theirs."""
        self._woven: dict[int, str] = {}
        """Block of mine, and what stands in its place after its units were woven."""
        self._lay()
        self._place()
        self._replaced: dict[int, list[int]] = {}
        """Block of mine that goes, and the blocks of theirs that come in its place."""
        self._added: dict[int, list[int]] = {}
        """Block of mine, and the blocks of theirs that come before it."""
        for change in strand.changes:
            self._decide(change)

    def _lay(self) -> None:
        """Find each block of the strand in mine (`at`, -1: not there), moved ones after those in order."""
        strand, mine = self.strand, self.mine
        self.pairs = match(mine.keys, strand.keys)
        self.at = [-1] * len(strand.keys)
        self.there = [-1] * len(mine.keys)
        for here, there in self.pairs:
            self.at[there] = here
            self.there[here] = there
        self.moved: set[int] = set()
        if len(self.pairs) == len(mine.keys):
            return
        free: dict[str, list[int]] = {}
        for here in range(len(mine.keys) - 1, -1, -1):
            if self.there[here] < 0:
                free.setdefault(mine.keys[here], []).append(here)
        missing = [there for there, here in enumerate(self.at) if here < 0]
        for there in [each for each in missing if strand.old[each] < 0] + [e for e in missing if strand.old[e] >= 0]:
            found = free.get(strand.keys[there])
            if found:
                self.at[there] = found.pop()
                self.there[self.at[there]] = there
                self.moved.add(there)

    def _place(self) -> None:
        """Find what has landed before, a person's version of each old block that is not in mine (`span`), and where an addition would go."""
        self.landed = {
            change
            for change in self.strand.changes
            if change.middle < change.end and min(self.at[change.middle : change.end]) >= 0
        }
        self.span: dict[int, tuple[int, int]] = {}
        self.sure: set[int] = set()
        here = there = 0
        for next_here, next_there in [*self.pairs, (len(self.mine.keys), len(self.strand.keys))]:
            if here < next_here and there < next_there and any(self.strand.owner[there:next_there]):
                self._pair_gap(range(here, next_here), range(there, next_there))
            here, there = next_here + 1, next_there + 1
        spot = len(self.mine.keys)
        self.spot = [spot] * (len(self.strand.keys) + 1)
        for there in range(len(self.strand.keys) - 1, -1, -1):
            if there in self.span:
                spot = self.span[there][0]
            elif self.at[there] >= 0 and there not in self.moved:
                spot = self.at[there]
            self.spot[there] = spot

    def _pair_gap(self, heres: range, theres: range) -> None:
        mine, strand = self.mine.keys, self.strand
        written = [here for here in heres if self.there[here] < 0 and mine[here]]
        gone = [
            there
            for there in theres
            if strand.old[there] >= 0 and self.at[there] < 0 and strand.owner[there] not in self.landed
        ]
        if not written or not gone:
            return
        groups = pair([strand.keys[there] for there in gone], [mine[here] for here in written])
        for gone_from, gone_to, from_, to, sure in groups:
            if from_ < to:
                for there in gone[gone_from:gone_to]:
                    self.span[there] = (written[from_], written[to - 1] + 1)
                    if sure:
                        self.sure.add(there)

    def _decide(self, change: Change) -> None:
        strand = self.strand
        olds, news = range(change.start, change.middle), range(change.middle, change.end)
        coming = [
            strand.new[there]
            for there in news
            if self.at[there] < 0
            and not (strand.keys[there] in strand.base.known and strand.keys[there] not in self.mine.known)
        ]
        if not olds:
            if coming:
                self._decide_addition(change, coming)
            return
        places = [self.at[there] for there in olds]
        first = places[0]
        if first >= 0 and places == list(range(first, first + len(places))):
            for place in places:
                self._replaced[place] = []
            self._replaced[first] = coming
            return
        moved = all(strand.keys[each] in strand.theirs.known for each in olds)
        sure = max(places) < 0 and change not in self.landed and any(each in self.sure for each in olds)
        if coming or (sure and not moved):
            self._clash(change, coming)

    def _decide_addition(self, change: Change, coming: list[int]) -> None:
        if self.stranded and not self.both:
            coming = [new for new in coming if not self._returns(change, new)]
            if not coming:
                return
        if self.stranded or self._alive(change.start - 1) or self._alive(change.end):
            self._added.setdefault(self.spot[change.end], []).extend(coming)
        else:
            self._clash(change, coming)

    def _returns(self, change: Change, new: int) -> bool:
        """Whether an addition is a version of what only mine has at its place; then it clashes with that.

        In a carry-over that is what a person took out of the AI's text, and the AI would bring back in other words.
        """
        strand, spot = self.strand, self.spot[change.end]
        first = last = spot
        while first > 0 and self.there[first - 1] < 0:
            first -= 1
        while last < len(self.there) and self.there[last] < 0:
            last += 1
        for here in range(first, last):
            if alike(self.mine.keys[here], strand.theirs.keys[new]):
                mine, theirs = self.mine.blocks[here].rstrip(BLANK), strand.theirs.blocks[new].rstrip(BLANK)
                self.offered.add(strand.theirs.keys[new])
                self.clashes.append((here, 0, "", mine, theirs))
                return True
        return False

    def _alive(self, there: int) -> bool:
        """Whether mine still has what stands at this place of the strand, or a version of it."""
        if not 0 <= there < len(self.strand.keys):
            return bool(self.mine.keys) or not self.strand.base.keys
        change = self.strand.owner[there]
        places = range(change.start, change.end) if change else (there,)
        return any(self.at[each] >= 0 or each in self.span for each in places)

    def _clash(self, change: Change, coming: list[int]) -> None:
        strand = self.strand
        own: set[int] = set()
        for there in range(change.start, change.middle):
            own.update(range(*self.span[there]) if there in self.span else [self.at[there]])
        places = sorted(own - {-1})
        spot = places[0] if places else self.spot[change.start]
        if self.fine and coming and self._weave_units(self.fine, change, self._around(change, places)):
            return
        if self.both:
            self._added.setdefault(places[-1] + 1 if places else spot, []).extend(coming)
            return
        base = "".join(strand.base.blocks[strand.old[each]] for each in range(change.start, change.middle))
        mine = "".join(self.mine.blocks[here] for here in places)
        theirs = "".join(strand.theirs.blocks[strand.new[each]] for each in range(change.middle, change.end))
        self.offered.update(strand.keys[change.middle : change.end])
        self.clashes.append((spot, 0, base.rstrip(BLANK), mine.rstrip(BLANK), theirs.rstrip(BLANK)))

    def _around(self, change: Change, places: Sequence[int]) -> list[int]:
        """Return the places of mine to weave a change with: where blocks of it have landed, what a person wrote beside them, too."""
        landed = [self.at[there] for there in range(change.middle, change.end) if self.at[there] >= 0]
        if not landed:
            return list(places)
        first, last = min(*landed, *places, len(self.there)), max(*landed, *places, -1)
        spanned = {here for span in self.span.values() for here in range(*span)} if self.span else set()
        while first > 0 and self.there[first - 1] < 0 and first - 1 not in spanned:
            first -= 1
        while last + 1 < len(self.there) and self.there[last + 1] < 0 and last + 1 not in spanned:
            last += 1
        return list(range(first, last + 1))

    def _weave_units(self, fine: Fine, change: Change, places: Sequence[int]) -> bool:
        """Weave what both changed by its units, if it can be done; then say so."""
        if not places:
            return False
        strand = self.strand
        first, last = places[0], places[-1] + 1
        if last - first != len(places) or any(here in self._woven for here in places):
            return False
        mine = self.mine.blocks[first:last]
        known = change.start, "".join(mine)
        if known not in strand.woven:
            base = [strand.base.blocks[strand.old[each]] for each in range(change.start, change.middle)]
            theirs = [strand.theirs.blocks[strand.new[each]] for each in range(change.middle, change.end)]
            strand.woven[known] = fine(base, mine, theirs)
        woven = strand.woven[known]
        if woven is None:
            return False
        text, clashes = woven
        self._woven.update(dict.fromkeys(places, ""))
        self._woven[first] = text + tail_of(mine[-1])
        strand.woven[change.start, self._woven[first]] = woven
        self.clashes += [(first, at, was, own, new) for at, was, own, new in clashes]
        self.offered.update(strand.keys[change.middle : change.end])
        self.offered.update(self.mine.keys[first:last])
        return True

    def woven(self) -> tuple[str, list[Clash]]:
        """Return the merged body and the clashes with their places in it."""
        end = self.line_end or line_end_of(self.strand.theirs.text) or "\n"
        cloth = self.mine.cloth(end)
        places: dict[int, int] = {}
        last = len(self.mine.blocks) - 1
        for here, block in enumerate(self.mine.blocks):
            self._add_fresh(cloth, here)
            places[here] = cloth.length
            if here in self._replaced:
                self._add_replacing(cloth, here)
            elif here in self._woven:
                if self._woven[here]:
                    cloth.add(self._woven[here], None, ends=here == last)
                    places[here] = cloth.begun
            elif self._is_shared(here):
                self._add_shared(cloth, here, block)
            else:
                cloth.add(block, here, ends=True)
                places[here] = cloth.begun
        self._add_fresh(cloth, last + 1)
        places[last + 1] = cloth.length
        if not cloth.ends and last >= 0:
            cloth.end_with(self.mine.tail_of(self.mine.blocks[last]))
        return cloth.text(), [(places[spot] + at, was, own, new) for spot, at, was, own, new in self.clashes]

    def _is_shared(self, here: int) -> bool:
        """Whether a block of mine is in base and in theirs, too."""
        there = self.there[here]
        return there >= 0 and not self.strand.owner[there]

    def _add_shared(self, cloth: Cloth, here: int, block: str) -> None:
        """Put a block that all have, with blank space and line ends as theirs has them if only theirs changed them."""
        there = self.there[here]
        new = self.strand.new[there]
        fresh = self.strand.theirs.blocks[new]
        if fresh == block or block != self.strand.base.blocks[self.strand.old[there]]:
            cloth.add(block, here, ends=here == len(self.mine.blocks) - 1)
        else:
            words = block[: len(block) - len(self.mine.tail_of(block))]
            cloth.add(words + self._tail(here, new), None, ends=new == len(self.strand.theirs.blocks) - 1)

    def _add_fresh(self, cloth: Cloth, here: int) -> None:
        for new in self._added.get(here, ()):
            self._add_theirs(cloth, new)

    def _add_theirs(self, cloth: Cloth, new: int) -> None:
        theirs = self.strand.theirs.blocks
        cloth.add(with_line_end(theirs[new], self.line_end), -2 - new, ends=new == len(theirs) - 1)

    def _add_replacing(self, cloth: Cloth, here: int) -> None:
        """Put theirs in the place of a block of mine, the last of it with mine's blank space where a person changed that."""
        coming, theirs = self._replaced[here], self.strand.theirs.blocks
        for new in coming[:-1]:
            self._add_theirs(cloth, new)
        for new in coming[-1:]:
            tail = self._tail(here, new)
            own = self.mine.tail_of(theirs[new])
            if tail == own:
                self._add_theirs(cloth, new)
            else:
                words = with_line_end(theirs[new][: len(theirs[new]) - len(own)], self.line_end)
                cloth.add(words + tail, None, ends=new == len(theirs) - 1 or here == len(self.mine.blocks) - 1)

    def _tail(self, here: int, new: int) -> str:
        """Return the blank space after a block of theirs that comes in the place of one of mine."""
        theirs = self.strand.theirs.blocks
        own = self.mine.tail_of(self.mine.blocks[here])
        if own != self.mine.tail_of(self.strand.base.blocks[self.strand.old[self.there[here]]]):
            return own
        tail = self.mine.tail_of(theirs[new])
        if new == len(theirs) - 1 and (here < len(self.mine.blocks) - 1 or not tail):
            return own
        return with_line_end(tail, self.line_end)


class Cloth:
    """A text in the making: blocks in a row, each kept apart from the one before it."""

    def __init__(self, line_end: str) -> None:
        self.line_end = line_end
        self.parts: list[str] = []
        self.length = 0
        self.begun = 0
        """Where the last block begins."""
        self.last = ""
        self.ends = True
        """Whether the last block may end the text as it is: it ended its own, or a person wrote it."""
        self.origin: int | None = None
        """Where the last block comes from: its place in mine, -2 less its place in theirs, None if it was made here."""

    def add(self, block: str, origin: int | None, *, ends: bool) -> None:
        """Put a block at the end. Blocks that stood together in their own text need nothing between them."""
        if block[:1] in BLANK and not block.strip(BLANK):
            self.last += block
        else:
            if self.parts and not self._neighbours(origin):
                self._part(block)
            self.last = block
        self.origin = origin
        self.ends = ends
        self.begun = self.length
        self.parts.append(block)
        self.length += len(block)

    def _neighbours(self, origin: int | None) -> bool:
        if self.origin is None or origin is None:
            return False
        return origin == self.origin + 1 > 0 if origin >= 0 else origin == self.origin - 1 < -2

    def _part(self, block: str) -> None:
        if fits(self.last, block):
            return
        gap = "" if self.last.endswith(("\n", "\r")) else self.line_end
        if not (gap and fits(self.last + gap, block)) and fits(self.last + gap + self.line_end, block):
            gap += self.line_end
        self.parts.append(gap)
        self.length += len(gap)

    def end_with(self, tail: str) -> None:
        """Change the blank space at the very end."""
        block = self.parts.pop()
        self.last = block.rstrip(BLANK) + tail
        self.parts.append(self.last)

    def text(self) -> str:
        """Return the whole."""
        return "".join(self.parts)
