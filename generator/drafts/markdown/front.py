"""Front matter, merged key by key.

Promises: each top-level key goes with its own lines and the comments above it; where both changed a key, mine stays and
theirs is reported; what cannot be told apart by keys (a duplicate key, no key at all) is merged as one piece. Never
raises. Will not do: read YAML, or change a line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from generator.drafts.markdown.blocks import BLANK, key_of, split_lines, tail_of, with_line_end

Clash = tuple[int, str, str, str]
"""Where in the merged front matter (characters from its start) both changed, and base, mine and theirs of the place."""

_COLON = re.compile(r":(?=[ \t\r\n]|$)")


@dataclass(kw_only=True)
class _Front:
    head: str = ""
    entries: dict[str, str] = field(default_factory=dict)
    foot: str = ""


def merge_front(base: str, mine: str, theirs: str, *, line_end: str) -> tuple[str, list[Clash]]:
    """Return the merged front matter and its clashes; "" is no front matter. What lands takes `line_end`."""
    if key_of(theirs) in (key_of(base), key_of(mine)):
        return mine, []
    if key_of(mine) == key_of(base):
        fresh = with_line_end(theirs, line_end)
        if mine == base or not fresh:
            return fresh, []
        return fresh.rstrip(BLANK) + tail_of(mine), []
    parts = [_parse(text) for text in (base, mine, theirs)]
    was, now, new = parts
    if was is None or now is None or new is None or not (mine and theirs):
        return mine, [(0, base.rstrip(BLANK), mine.rstrip(BLANK), theirs.rstrip(BLANK))]
    return _by_keys(was, now, new, line_end)


def front_entries(front: str) -> tuple[str, ...]:
    """Return the pieces of a front matter that a person can own: each key with its lines, or all of it as one piece."""
    parsed = _parse(front)
    return (front,) if parsed is None else tuple(parsed.entries.values())


def _parse(front: str) -> _Front | None:
    """Part front matter into keys; None if that cannot be done without doubt."""
    if not front:
        return _Front()
    lines = split_lines(front)
    end = len(lines) - 1
    while not lines[end].strip(BLANK):
        end -= 1
    parsed = _Front(head=lines[0], foot="".join(lines[end:]))
    key, waiting = "", ""
    for line in lines[1:end]:
        if not line.strip(BLANK) or line[0] == "#":
            waiting += line
            continue
        found = None if line[0] in " \t-" else _COLON.search(line)
        if found:
            key = line[: found.start()].strip(BLANK)
            if key in parsed.entries:
                return None
            parsed.entries[key] = waiting + line
        elif key:
            parsed.entries[key] += waiting + line
        else:
            return None
        waiting = ""
    if waiting:
        parsed.entries[""] = waiting
    return parsed


def _same(one: str | None, other: str | None) -> bool:
    return one == other or (one is not None and other is not None and key_of(one) == key_of(other))


def _by_keys(base: _Front, mine: _Front, theirs: _Front, line_end: str) -> tuple[str, list[Clash]]:
    result = dict(mine.entries)
    before: dict[str | None, list[str]] = {}
    clashes: dict[str | None, list[tuple[str, str, str]]] = {}
    anchor: str | None = "" if "" in result else None
    for key in reversed(theirs.entries):
        was, now, new = base.entries.get(key), mine.entries.get(key), theirs.entries[key]
        if now is None and was is None:
            before.setdefault(anchor, []).append(with_line_end(new, line_end))
        elif _same(now, was) and not _same(new, was):
            result[key] = with_line_end(new, line_end)
        elif not _same(new, was) and not _same(new, now):
            clashes.setdefault(anchor if now is None else key, []).append((was or "", now or "", new))
        if key in result:
            anchor = key
    for key, was in base.entries.items():
        if key in result and key not in theirs.entries:
            if _same(result[key], was):
                result[key] = ""
            else:
                clashes.setdefault(key, []).append((was, result[key], ""))
    text = mine.head
    found: list[Clash] = []
    foot = with_line_end(theirs.foot, line_end) if mine.foot == base.foot else mine.foot
    for each, entry in [*result.items(), (None, foot)]:
        text += "".join(reversed(before.get(each, ())))
        for clash in reversed(clashes.get(each, ())):
            was, now, new = (piece.rstrip(BLANK) for piece in clash)
            found.append((len(text), was, now, new))
        text += entry
    return text, found
