"""Which blocks of two texts are the same, and which of the others are versions of one another.

Promises: the longest common subsequence where blocks repeat little, a shorter one where they repeat much; the same
answer every time; time close to linear in the number of blocks. Will not do: look inside a block for what changed.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence

CANDIDATES = 20_000
"""Pairs of equal blocks that are weighed; beyond, the first goes with the first, the second with the second."""

SIMILAR = 0.5
"""The share of words in common from which one block is a version of another."""

PART = 0.75
"""The same where one of the two is more like another block: it may be a part of it, as when a paragraph was split."""

COMMON = 8
"""A word found in more blocks than this tells nothing about which block is which."""

LOOKED_AT = 2_000
"""Characters of a block that are compared with others."""

SAME = 24
"""Characters in common at the head or the end that make one block a version of another without more ado."""

_WORD = re.compile(r"\w+")

Group = tuple[int, int, int, int, bool]
"""Old blocks `[0]` to `[1]` became new blocks `[2]` to `[3]`; `[4]`: their words say so, it is not only their place."""


def match(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Return the pairs of places (in `old`, in `new`) with equal keys, both rising."""
    start, old_end, new_end = 0, len(old), len(new)
    shorter = min(old_end, new_end)
    while start < shorter and old[start] == new[start]:
        start += 1
    while old_end > start and new_end > start and old[old_end - 1] == new[new_end - 1]:
        old_end -= 1
        new_end -= 1
    pairs = [(place, place) for place in range(start)]
    if start < old_end and start < new_end:
        pairs += _longest(_candidates(old, new, start, old_end, new_end))
    pairs += zip(range(old_end, len(old)), range(new_end, len(new)), strict=True)
    return pairs


def _candidates(
    old: Sequence[str], new: Sequence[str], start: int, old_end: int, new_end: int
) -> list[tuple[int, int]]:
    """Return pairs of equal blocks, the old rising and for each the new falling."""
    places: dict[str, list[int]] = {}
    for place in range(new_end - 1, start - 1, -1):
        places.setdefault(new[place], []).append(place)
    if len(places) < new_end - start:
        count = sum(len(places.get(old[place], ())) for place in range(start, old_end))
        if count > CANDIDATES + old_end - start:
            return [
                (place, places[key].pop()) for place, key in enumerate(old[start:old_end], start) if places.get(key)
            ]
    return [(place, there) for place in range(start, old_end) for there in places.get(old[place], ())]


def _longest(
    pairs: Sequence[tuple[int, int]], place_of: Callable[[list[int], int], int] = bisect_left
) -> list[tuple[int, int]]:
    """Return the longest run of pairs whose second rises (Hunt and Szymanski 1977); never falls, by `bisect_right`."""
    tops: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for number, (_, second) in enumerate(pairs):
        place = len(tops) if not tops or second > tops[-1] else place_of(tops, second)
        before.append(ends[place - 1] if place else -1)
        if place == len(tops):
            tops.append(second)
            ends.append(number)
        else:
            tops[place], ends[place] = second, number
    chain: list[tuple[int, int]] = []
    at = ends[-1] if ends else -1
    while at >= 0:
        chain.append(pairs[at])
        at = before[at]
    chain.reverse()
    return chain


def pair(old: Sequence[str], new: Sequence[str]) -> list[Group]:
    """Return which new blocks are versions of which old ones, for blocks of which none is equal to another.

    The groups are in order and hold every block once. Blocks with half their words in common go together; what is left
    between them goes by place if it is as many on both sides, else as one group. A group may have an empty side.
    """
    if len(old) <= 1 and len(new) <= 1:
        return [(0, len(old), 0, len(new), bool(old and new) and alike(old[0], new[0]))]
    if not old or not new:
        return _leftover(0, len(old), 0, len(new))
    if len(old) == len(new) and all(map(alike, old, new)):
        return [(place, place + 1, place, place + 1, True) for place in range(len(old))]
    groups: list[Group] = []
    old_at = new_at = 0
    for old_from, old_to, new_from, new_to in _joined(_links(old, new)):
        groups += _leftover(old_at, old_from, new_at, new_from)
        groups.append((old_from, old_to, new_from, new_to, True))
        old_at, new_at = old_to, new_to
    return groups + _leftover(old_at, len(old), new_at, len(new))


def _leftover(old_from: int, old_to: int, new_from: int, new_to: int) -> list[Group]:
    """Group what no words tie together: one to one if as many, old ones alone one by one, else all in a group."""
    olds, news = old_to - old_from, new_to - new_from
    if olds == news or not news:
        step = 1 if news else 0
        return [
            (old_from + each, old_from + each + 1, new_from + each * step, new_from + (each + 1) * step, False)
            for each in range(olds)
        ]
    return [(old_from, old_to, new_from, new_to, False)]


def _joined(links: Sequence[tuple[int, int]]) -> list[tuple[int, int, int, int]]:
    """Return the ranges that links tie together, links that share a block falling into one."""
    ranges: list[tuple[int, int, int, int]] = []
    for first, second in links:
        if ranges and (first < ranges[-1][1] or second < ranges[-1][3]):
            old_from, _, new_from, _ = ranges[-1]
            ranges[-1] = (old_from, first + 1, new_from, second + 1)
        else:
            ranges.append((first, first + 1, second, second + 1))
    return ranges


def _links(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Return the pairs (old, new) that are versions of each other or parts of one another, both sides never falling."""
    olds, news = [_words(key) for key in old], [_words(key) for key in new]
    forth = set(_likeliest(olds, news))
    back = {(first, second) for second, first in _likeliest(news, olds)}
    both = forth & back
    pairs = sorted(
        (first, second)
        for first, second in forth | back
        if _likeness(olds[first], news[second]) >= (SIMILAR if (first, second) in both else PART)
        and (old[first][:1] == "#") == (new[second][:1] == "#")
    )
    return _longest(pairs, bisect_right)


def _likeliest(olds: Sequence[frozenset[str]], news: Sequence[frozenset[str]]) -> list[tuple[int, int]]:
    """Return for each old block the new one with most telling words in common, if any has one."""
    where: dict[str, list[int]] = defaultdict(list)
    for place, words in enumerate(news):
        for word in words:
            where[word].append(place)
    found: list[tuple[int, int]] = []
    for place, words in enumerate(olds):
        votes: dict[int, int] = {}
        for word in words:
            there = where.get(word, ())
            if len(there) <= COMMON:
                for each in there:
                    votes[each] = votes.get(each, 0) + 1
        if votes:
            found.append((place, min(votes, key=lambda each: (-votes[each], each))))
    return found


def _words(key: str) -> frozenset[str]:
    """Return the words of a block's head; pairs of characters where a script does not part its words by spaces."""
    head = key[:LOOKED_AT]
    words = _WORD.findall(head)
    if len(words) * 12 < len(head):
        return frozenset(head[at : at + 2] for at in range(len(head) - 1))
    return frozenset(words)


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the words in common as a share: of the smaller block, so that a part is like its whole, or of both if tiny."""
    smaller = min(len(one), len(other))
    if not smaller:
        return 0.0
    common = len(one & other)
    return common / smaller if smaller >= 4 else 2 * common / (len(one) + len(other))


def alike(one: str, other: str) -> bool:
    """Whether one text is a version of the other: it begins or ends the same, or half their words are the same."""
    if one[:SAME] == other[:SAME] or one[-SAME:] == other[-SAME:]:
        return True
    return _likeness(_words(one), _words(other)) >= SIMILAR
