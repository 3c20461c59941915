"""Callouts: notes to the editor that stand in a working copy, as a block quote whose first line begins with `[!editor]`.

Promises: a text without callouts is returned as it is; of any other all that is no callout keeps its bytes, but for the
one blank line that set a callout off; a mark in code or HTML is none; a callout ends with its last line that bears a
`>`, so the words below are never taken for a note. Taken out and put back, no word is lost. Will not do: touch disk, or
say what a note asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from generator.drafts.markdown.blocks import (
    BLANK,
    BOM,
    count_lines,
    fits,
    key_of,
    line_end_of,
    split,
    split_head,
    split_lines,
    with_line_end,
)
from generator.drafts.markdown.grammar import block_starts
from generator.drafts.matching import match, pair
from generator.drafts.merge import merge, place
from generator.model import Merged, Suggestion

DEPTH = 16
"""Lists and quotes within one another in which a callout is looked for."""

_MARK = re.compile(r" {0,3}\[!editor\]", re.IGNORECASE)
_MARKED = re.compile(r">[ \t]*\[!editor\][ \t]*", re.IGNORECASE)
_QUOTE = re.compile(r" {0,3}>")
_QUOTED = re.compile(r" *> ?")
_MARKS = re.compile(r"[ \t]*(?:> ?)*")
_ITEM = re.compile(r" {0,3}(?:[-+*]|\d{1,9}[.)])(?: {1,4}(?=\S)| |$)")
_BODIED = re.compile(r" {0,3}(?:!!!|\?\?\?|===|\[\^[^\]]*\]:)")
_RAW = re.compile(r" {0,3}(?:<|`{3}|~{3})| {4}")

Span = tuple[int, int, bool]
"""First line of a callout, the line after it, and whether its lines are its own: a list item may begin on the first."""


@dataclass(frozen=True, kw_only=True)
class Callout:
    """A note in a text: its words without marks, its first line from 1, from where to where it stands.

    `block` holds the words of the block above it, of the one below if there is none above, "" if there is neither;
    `above` is the number of the block above among those of the text without callouts, -1 at its head.
    """

    note: str
    line: int
    start: int
    end: int
    block: str
    above: int

    @property
    def same(self) -> tuple[str, str]:
        """What makes two callouts the same: their words, and what they are about."""
        return self.note, self.block


def find_callouts(text: str) -> tuple[Callout, ...]:
    """Return the callouts of a text in their order."""
    return _cut(text)[1]


def without_callouts(text: str) -> str:
    """Return the text without its callouts, and without the one blank line that set each of them off."""
    return lift_callouts(text)[0]


def lift_callouts(text: str) -> tuple[str, tuple[Callout, ...]]:
    """Return the text without callouts, and those that were taken out, one that only came to light by this among them."""
    lifted: list[Callout] = []
    while True:
        text, found = _cut(text)
        if not found:
            return text, tuple(lifted)
        lifted += found


def drop_callouts(text: str, taken: Sequence[Callout]) -> str:
    """Return the text without the callouts that are the same as one of `taken`; others stay."""
    clean, found = lift_callouts(text)
    gone = {each.same for each in taken}
    left = [each for each in found if each.same not in gone]
    return put_back(clean, clean, left) if len(left) < len(found) else text


def put_back(text: str, clean: str, callouts: Sequence[Callout]) -> str:
    """Return `text` with the callouts of another text, which without them is `clean`.

    Each stands behind the block it stood behind, or behind what became of it; at the end if that is gone.
    """
    if not callouts:
        return text
    blocks = split(text)
    ends = list(accumulate(map(len, blocks)))
    places = {-1: len("".join(split_head(text)[:2]))}
    for old, old_end, new, new_end in _groups(split(clean), blocks):
        if new < new_end:
            places.update(dict.fromkeys(range(old, old_end), ends[new_end - 1]))
    last = len(text)
    ranks = [(places.get(each.above, last), number) for number, each in enumerate(callouts)]
    for at, number in sorted((each for each in ranks if each[0] < last), reverse=True):  # so that no place moves
        text = _put(text, at, callouts[number])
    for at, number in ranks:
        text = _put(text, len(text), callouts[number]) if at == last else text
    return text


def meet(base: str | None, mine: str | None, theirs: str) -> Merged:
    """Return what becomes of a working copy: the merge of the texts without callouts, and these in their places.

    Those of mine stay, unless theirs is without one that base has; those that theirs brings come to it. Without `mine`,
    theirs is the text; without `base`, mine is a person's, and theirs is suggested.
    """
    if mine is None:
        return Merged(text=theirs)
    own, notes = lift_callouts(mine)
    fresh, brought = lift_callouts(theirs)
    was, known = (None, ()) if base is None else lift_callouts(base)
    merged = _meet_texts(was, own, fresh)
    before, now = {each.same for each in known}, {each.same for each in brought}
    kept = [each for each in notes if each.same not in before or each.same in now]
    new = [each for each in brought if each.same not in before | {each.same for each in notes}]
    if not (notes or new) or (merged.text == own and len(kept) == len(notes) and not new):
        return replace(merged, text=mine) if merged.text == own else merged
    text = put_back(put_back(merged.text, own, kept), fresh, new)
    return Merged(text=text, suggestions=place(merged.suggestions, text))


def _meet_texts(base: str | None, mine: str, theirs: str) -> Merged:
    if base is not None:
        return merge(base, mine, theirs)
    if key_of(mine) == key_of(theirs):
        return Merged(text=mine)
    offered = Suggestion(line=1, base="", mine=mine.rstrip(BLANK), theirs=theirs.rstrip(BLANK))
    return Merged(text=mine, suggestions=(offered,))


def limit(given: str, reply: str, blocks: Sequence[str]) -> str:
    """Return a reply with only those of its changes to `given` that are in `blocks` or in a block beside one of them.

    The whole reply if there are no blocks, or if one of them is not in `given` any more.
    """
    reply = with_line_end(reply, line_end_of(given))
    olds, news = split(given), split(reply)
    keys, wanted = [_words(each) for each in olds], {_words(each) for each in blocks}
    if not wanted or "" in wanted or not wanted.issubset(keys):
        return reply
    allowed = {n + by for n, key in enumerate(keys) if key in wanted for by in (-1, 0, 1)}
    pieces: list[tuple[str, int]] = []
    for old, old_end, new, new_end in _groups(olds, news):
        same = keys[old:old_end] == [_words(each) for each in news[new:new_end]]
        if not same and allowed.issuperset(range(old, old_end) if old < old_end else (old - 1, old)):
            moved = {*keys} - {*keys[old:old_end]}
            pieces += [(news[each], -2 - each) for each in range(new, new_end) if _words(news[each]) not in moved]
        else:
            pieces += [(olds[each], each) for each in range(old, old_end)]
    return _joined(pieces, line_end_of(given) or "\n")


def _cut(text: str) -> tuple[str, tuple[Callout, ...]]:
    """Return the text without the callouts that can be seen in it, and these."""
    if not re.search(_MARKED, text):
        return text, ()
    head = "".join(split_head(text)[:2])
    lines = split_lines(text[len(head) :])
    spans = tuple(_spans([line.rstrip("\r\n").expandtabs(4) + "\n" for line in lines]))
    if not spans:
        return text, ()
    offsets = list(accumulate(map(len, lines), initial=len(head)))
    kept, at = split_lines(head), 0
    size, found = len(head), list[tuple[int, int, int, int]]()
    for start, end, whole in spans:
        lead = "" if whole else lines[start][: _mark(lines[start])[0]]
        fresh = [*lines[at:start], *([lead] if lead else [])]
        kept += fresh
        size += sum(map(len, fresh))
        found.append((start, offsets[start] + len(lead), offsets[end], size))
        parted = not kept or not kept[-1].strip(BLANK + BOM)
        at = end + (parted and end < len(lines) and not lines[end].strip(BLANK))
    if at == len(lines) and kept and not kept[-1].strip(BLANK):
        kept.pop()
    clean = "".join((*kept, *lines[at:]))
    return clean, tuple(_callouts(text, clean, found))


def _mark(line: str) -> tuple[int, int]:
    """Return where in its first line the quote of a callout begins, and where its words do."""
    found = _MARKED.search(line)
    return found.span() if found else (0, 0)


def _callouts(text: str, clean: str, found: Sequence[tuple[int, int, int, int]]) -> Iterator[Callout]:
    """Yield the callouts that stood in `text`: number of the line, from, to, and their place in `clean`."""
    fronted = bool(split_head(clean)[1])
    blocks = split(clean)
    starts = [len(split_head(clean)[0]), *accumulate(map(len, blocks))]
    spoken = [bool(_words(each)) and not (fronted and n == 0) for n, each in enumerate(blocks)]
    first = count_lines("".join(split_head(text)[:2])) + 1
    for line, start, end, at in found:
        above = next((n for n in range(len(blocks) - 1, -1, -1) if spoken[n] and starts[n] < at), -1)
        about = above if above >= 0 else next((n for n in range(len(blocks)) if spoken[n]), 0)
        block = _words(blocks[about]) if blocks else ""
        yield Callout(note=_note(text[start:end]), line=first + line, start=start, end=end, block=block, above=above)


def _note(raw: str) -> str:
    first, *others = split_lines(raw)
    words = [first[_mark(first)[1] :], *(_MARKS.sub("", line, count=1) for line in others)]
    return "\n".join(line.rstrip(BLANK) for line in words).strip(BLANK)


def _spans(lines: Sequence[str], depth: int = 0) -> Iterator[Span]:
    """Yield the callouts among lines that have no tabs and end with a LF."""
    for start, end in pairwise([*block_starts(lines), len(lines)]):
        head = lines[start]
        if _QUOTE.match(head):
            inner = _quoted_spans(lines[start:end], depth)
        elif depth < DEPTH and (item := _ITEM.match(head)):
            inner = _item_spans(
                [_set_out(line, item.end(), first=n == 0) for n, line in enumerate(lines[start:end])], depth
            )
        elif depth < DEPTH and _BODIED.match(head):
            inner = _spans(["\n", *(_set_out(line, 4) for line in lines[start + 1 : end])], depth + 1)
        else:
            continue
        yield from ((start + first, start + last, whole) for first, last, whole in inner)


def _set_out(line: str, width: int, *, first: bool = False) -> str:
    """Return what of a line stands in a container that is set in by `width`."""
    return line[width:] or "\n" if first or not line[:width].strip(BLANK) else line


def _item_spans(lines: Sequence[str], depth: int) -> Iterator[Span]:
    """Yield the callouts of a list item. One on its first line takes the item along if nothing else is in it."""
    spans = tuple(_spans(lines, depth + 1))
    within = {n for start, end, _ in spans for n in range(start, end)}
    alone = not any(line.strip(BLANK) for n, line in enumerate(lines) if n not in within)
    for start, end, whole in spans:
        yield start, end, whole and (alone or start > 0)


def _quoted_spans(lines: Sequence[str], depth: int) -> Iterator[Span]:
    """Yield the callouts of a block that begins with a quote. Lines of it that bear no mark are no part of a callout."""
    at = 0
    while at < len(lines):
        end = next((n for n in range(at, len(lines)) if not _QUOTED.match(lines[n])), len(lines))
        inner = [_QUOTED.sub("", line, count=1) for line in lines[at:end]]
        marks = [
            n
            for start, stop in pairwise([*block_starts(inner), len(inner)])
            if not _RAW.match(inner[start])
            for n in range(start, stop)
            if _MARK.match(inner[n])
        ]
        before = inner[: marks[0]] if marks else inner
        if depth < DEPTH:
            yield from ((at + first, at + last, whole) for first, last, whole in _spans(before, depth + 1))
        yield from ((at + first, at + last, True) for first, last in pairwise([*marks, len(inner)]))
        at = end + 1


def _put(text: str, at: int, callout: Callout) -> str:
    """Return the text with a callout at a place, or at the end or head where it would not be one there."""
    clean, there = lift_callouts(text)
    for spot in (at, len(text)):
        put = _insert(text, spot, callout)
        now, found = lift_callouts(put)
        if len(found) == len(there) + 1 and key_of(now) == key_of(clean):
            return put
    return _insert(text, len("".join(split_head(text)[:2])), callout)


def _insert(text: str, at: int, callout: Callout) -> str:
    end = line_end_of(text) or "\n"
    first, *others = callout.note.split("\n")
    lines = [f"> [!editor] {first}", *(f"> {'> ' if _MARK.match(line) else ''}{line}" for line in others)]
    said = "".join(line.rstrip(BLANK) + end for line in lines)
    before, after = text[:at], text[at:]
    tail = before[len(before.rstrip(BLANK)) :]
    bare = not before.strip(BLANK + BOM)
    if after:
        return before + said + (end if bare or count_lines(tail) > 1 else "") + after
    return before + ("" if bare else end if tail[-1:] in ("\r", "\n") and tail else end * 2) + said


def _groups(olds: Sequence[str], news: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """Yield which old blocks became which new ones, in order, every block once; blocks of equal words one by one."""
    old, new = [_words(each) for each in olds], [_words(each) for each in news]
    old_at = new_at = 0
    for there, here in [*match(old, new), (len(old), len(new))]:
        for old_from, old_to, new_from, new_to, _ in pair(old[old_at:there], new[new_at:here]):
            yield old_at + old_from, old_at + old_to, new_at + new_from, new_at + new_to
        if there < len(old):
            yield there, there + 1, here, here + 1
        old_at, new_at = there + 1, here + 1


def _words(block: str) -> str:
    return key_of(block.removeprefix(BOM))


def _joined(pieces: Sequence[tuple[str, int]], line_end: str) -> str:
    """Return blocks of two texts as one, those that did not follow each other kept apart. -2 less a place: of the second."""
    parts: list[str] = []
    for number, (block, origin) in enumerate(pieces):
        last, before = pieces[number - 1]
        if number and ((before < 0) != (origin < 0) or abs(origin - before) != 1):
            while not fits(last, block) and not last.endswith(line_end * 2):
                last += line_end
                parts.append(line_end)
        parts.append(block)
    return "".join(parts)
