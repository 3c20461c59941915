"""The three-way merge: what theirs changed since base lands in mine, and mine never yields.

Promises, for any texts: where only one side changed, its change stands; where both did, mine stays byte for byte and
theirs is a suggestion; what a person deleted stays deleted; nothing else changes a byte; merging the result once more
gives the result. A merge that cannot promise this (blocks that fuse into others) leaves mine whole and suggests theirs.
Will not do: merge within a sentence, mark conflicts in the text, or raise.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from generator.drafts.markdown.blocks import count_lines, key_of, line_end_of
from generator.drafts.markdown.front import front_entries, merge_front
from generator.drafts.markdown.sentences import split_units, unit_key
from generator.drafts.offers import Places
from generator.drafts.refining import weave_units
from generator.drafts.weave import Clash, Strand, Text, Weave
from generator.model import Merged, Suggestion

ROUNDS = 5
"""How often a result is merged again until it stands still; an ordinary text stands still at once."""


SOUGHT = 50
"""Blocks that are looked for within others where two have run into one; a text where more have is not trusted."""


def merge(base: str, mine: str, theirs: str) -> Merged:
    """Return mine with what theirs changed since base; where both changed, mine, and theirs as a suggestion.

    Sections that only theirs changed land; an addition lands unless it is there already, after mine at the same place,
    and becomes a suggestion where a person deleted what was on both sides of it. Front matter merges key by key.
    Never raises.
    """
    return _merge(base, mine, theirs)


def carry_over(given: str | None, ancestor: str | None, reply: str) -> Merged:
    """Return the AI's new text and what of its reply cannot be in it.

    A reply is a patch on the copy it was `given` (None: it was given none, and is a text of its own), and that copy
    holds a person's words. What the reply changed is carried over to `ancestor`, which holds only the AI's (None: it
    has written nothing yet), so that a person's words do not become the AI's own and fall to its next change. Where it
    changed a person's block the ancestor stands, and the change is a suggestion: base is the AI's last text, mine the
    person's.
    """
    if given is None:
        return Merged(text=reply)
    merged = _merge(given, ancestor or "", reply, stranded=True)
    turned = (replace(each, base=each.mine, mine=each.base) for each in merged.suggestions)
    return Merged(text=merged.text, suggestions=tuple(turned))


def reunite(base: str, mine: str, theirs: str) -> str:
    """Return a text with what both of two people wrote since base: where both changed a block, one after the other."""
    return _merge(base, mine, theirs, stranded=True, both=True).text


def place(suggestions: tuple[Suggestion, ...], text: str) -> tuple[Suggestion, ...]:
    """Return suggestions with the line at which `mine` stands in `text`; the old line where it does not, or is empty."""
    found = []
    for each in suggestions:
        at = text.find(each.mine) if each.mine else -1
        found.append(each if at < 0 else replace(each, line=count_lines(text[:at]) + 1))
    return tuple(found)


def human_pieces(ancestor: str | None, copy: str) -> tuple[str, ...]:
    """Return the pieces of a working copy that the AI did not write: runs of sentences, rows, items; keys of the front matter."""
    written, now = Text(ancestor or ""), Text(copy)
    known = {key_of(entry) for entry in front_entries(written.front)}
    fronts = [entry for entry in front_entries(now.front) if key_of(entry) not in known]
    told = {""}.union(*(map(unit_key, split_units(block)) for block in written.blocks))
    runs: list[str] = []
    for block, key in zip(now.blocks, now.keys, strict=True):
        own = False
        for unit in [] if key in written.known else split_units(block):
            if unit_key(unit) in told:
                own = False
            elif own:
                runs[-1] += unit
            else:
                runs.append(unit)
                own = True
    return (*fronts, *runs)


def units(text: str) -> tuple[str, ...]:
    """Return the pieces that a text is written and judged by: front matter by key, sentences, rows, items, code whole.

    "".join gives back the text but for the marks around front matter.
    """
    parted = Text(text)
    blocks = (unit for block in parted.blocks for unit in split_units(block))
    return (*front_entries(parted.front), *blocks)


def _merge(base: str, mine: str, theirs: str, *, stranded: bool = False, both: bool = False) -> Merged:
    """Merge by units, by blocks where that does not come out right, and leave mine whole where that does not either."""
    if theirs in (base, mine):
        return Merged(text=mine)
    if mine == base:
        return Merged(text=theirs)
    strand, own = Strand(Text(base), Text(theirs)), Text(mine)
    merged = None if both else _settle(strand, own, stranded=stranded, both=False, fine=True)
    if merged is not None:
        return merged
    merged = _settle(strand, own, stranded=stranded, both=both, fine=False)
    if merged is not None:
        # what stands still for a merge by blocks must do so for the one by units that a later merge begins with
        finer = None if both else _settle(strand, Text(merged.text), stranded=stranded, both=False, fine=True)
        return finer or merged
    if both:
        return Merged(text=mine + (line_end_of(mine) or "\n") * 2 + theirs)
    return Merged(text=mine, suggestions=(Suggestion(line=1, base=base, mine=mine, theirs=theirs),))


def _settle(strand: Strand, mine: Text, *, stranded: bool, both: bool, fine: bool) -> Merged | None:
    """Merge until the result stands still, so that merging it again changes nothing; None if it is not whole then."""
    now, offered = mine, set[str]()
    for _ in range(ROUNDS):
        text, clashes, more = _round(strand, now, stranded=stranded, both=both, fine=fine)
        offered |= more
        if text in (strand.base.text, strand.theirs.text):
            text, clashes, now = strand.theirs.text, [], strand.theirs
        if text == now.text:
            if _is_whole(strand, mine, now, offered):
                return Merged(text=text, suggestions=_suggestions(text, clashes))
            return None
        now = Text(text)
    return None


def _round(strand: Strand, mine: Text, *, stranded: bool, both: bool, fine: bool) -> tuple[str, list[Clash], set[str]]:
    base, theirs = strand.base, strand.theirs
    mark = mine.mark if mine.mark != base.mark else theirs.mark
    line_end = line_end_of(mine.text)
    front, front_clashes = merge_front(base.front, mine.front, theirs.front, line_end=line_end)
    weave = Weave(
        strand, mine, stranded=stranded, both=both, fine=partial(weave_units, stranded=stranded) if fine else None
    )
    body, body_clashes = weave.woven()
    if front and body and not front.endswith(("\n", "\r")):
        front += line_end or "\n"
    clashes = [(len(mark) + at, was, own, new) for at, was, own, new in front_clashes]
    clashes += [(len(mark) + len(front) + at, was, own, new) for at, was, own, new in body_clashes]
    return mark + front + body, clashes, weave.offered


def _suggestions(text: str, clashes: list[Clash]) -> tuple[Suggestion, ...]:
    if not clashes:
        return ()
    last = max(1, count_lines(text) + (text[-1:] not in ("\n", "\r")))
    found: dict[tuple[str, str, str], Suggestion] = {}
    line, counted, places = 1, 0, Places(text)
    for at, base, mine, theirs in sorted(clashes, key=lambda clash: clash[0]):
        line, counted = line + count_lines(text[counted:at]), at
        if (base, mine, theirs) not in found:
            found[base, mine, theirs] = Suggestion(
                line=min(last, line), base=base, mine=mine, theirs=theirs, before=places.before(at)
            )
    return tuple(found.values())


def _is_whole(strand: Strand, mine: Text, now: Text, offered: set[str]) -> bool:
    """Whether every block that either side wrote is in the result, theirs perhaps among what is offered."""
    known = strand.base.known | now.known
    missing = (mine.known | strand.theirs.known) - known - offered
    if not missing:
        return True
    text = key_of(now.text)
    return len(missing) <= SOUGHT and all(key in text for key in missing)
