"""The form of an event's file: a line of canonical JSON, then the text, if it carries one, byte for byte.

Promises: the name of a file is the digest of its bytes, so a changed, cut or renamed file is seen; one event has one form,
so a file that copydesk did not write is seen too. Will not do: touch disk, or guess what a torn file meant.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields
from typing import Any, get_args

from generator.digest import canonical, digest_of, digest_text
from generator.errors import StoreError
from generator.model import Event, Suggestion, Verb

VERSION = 2
SECOND = frozenset({"target", "options", "picked", "needed", "roles", "checked"})
"""Fields that form 1 had not. An event that needs none of them, nor a place of a suggestion, is written in form 1."""

ENDING = ".event"
VERBS = frozenset(get_args(Verb))
WORDS = tuple(field.name for field in fields(Event) if field.type in ("str", "Verb") and field.name != "id")
LISTS = tuple(field.name for field in fields(Event) if field.type == "tuple[str, ...]")
"""A field added to `Event` needs a new VERSION: older copies of the program refuse what they do not know."""

KNOWN = frozenset((*WORDS, *LISTS, "v", "parts", "suggestions", "fresh", "text"))
ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is wrong with an event's file: the code that `verify` gives it, in words, and how to mend it."""

    code: str
    what: str
    mend: str = "Run `copydesk verify`."


def event_content(event: Event) -> str:
    """Return the content of the event's file: all fields that are set, except `id`; then the text."""
    later = any(each.before for each in event.suggestions) or any(getattr(event, name) for name in SECOND)
    line: dict[str, object] = {"v": VERSION if later else 1}
    line.update({name: getattr(event, name) for name in WORDS if getattr(event, name)})
    line.update({name: list(getattr(event, name)) for name in LISTS if getattr(event, name)})
    if event.parts:
        line["parts"] = [list(pair) for pair in event.parts]
    if event.suggestions:
        line["suggestions"] = [
            [each.line, each.base, each.mine, each.theirs, *([each.before] if each.before else [])]
            for each in event.suggestions
        ]
    if event.fresh:
        line["fresh"] = True
    if event.text is not None:
        line["text"] = [digest_text(event.text), len(event.text.encode())]
    return f"{canonical(line)}\n{event.text or ''}"


def parse_event(raw: bytes, name: str, brief: str) -> Event:
    """Return the event whose file, of that name, in the folder of `brief`, holds `raw`; StoreError if it is torn."""
    found = judge(raw, name, brief)
    if isinstance(found, Fault):
        raise StoreError(found.what, where=f"history/{brief}/{name}", mend=found.mend)
    return found


def judge(raw: bytes, name: str, brief: str) -> Event | Fault:
    """Return the event, or what is wrong with its file. Never raises."""
    stem = name.removesuffix(ENDING)
    if stem == name or digest_of("event", raw) != stem:
        return Fault(code="V001", what="the record is not what its name promises: it was changed, cut short or swapped")
    first, _, rest = raw.partition(b"\n")
    try:
        line = json.loads(first)
        version = line["v"]
        if isinstance(version, int) and version > VERSION:
            what = f"the record was written by a newer copydesk (form {version}; this one reads {VERSION})"
            return Fault(code="V003", what=what, mend="Update copydesk.")
        if odd := sorted(set(line) - KNOWN):
            return Fault(code="V002", what=f"the record holds a field that copydesk does not write: {odd[0]!r}")
        event = _make_event(line, rest, stem)
        whole = event_content(event).encode() == raw
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        whole = False
    if not whole:
        return Fault(code="V002", what="the record is not in the form that copydesk writes")
    if event.brief != brief:
        return Fault(code="V004", what=f"the record belongs to the brief {event.brief!r}: it was moved or copied here")
    return event


def _make_event(line: dict[str, Any], rest: bytes, stem: str) -> Event:
    """Make the event of a first line. What has another shape raises, or is seen when the event is written again."""
    if line["verb"] not in VERBS:
        raise ValueError(line["verb"])
    words = {name: str(line[name]) for name in WORDS if name in line}
    lists = {name: tuple(map(_text, line[name])) for name in LISTS if name in line}
    after = lists.get("after", ())
    if list(after) != sorted(set(after)) or not all(ID.fullmatch(each) for each in after):
        raise ValueError(after)
    return Event(
        **{**words, **lists, "verb": line["verb"], "brief": words["brief"]},
        id=stem,
        parts=tuple((_text(label), _text(digest)) for label, digest in line.get("parts", ())),
        suggestions=tuple(_make_suggestion(*each) for each in line.get("suggestions", ())),
        fresh="fresh" in line,
        text=rest.decode() if "text" in line else None,
    )


def _make_suggestion(line: object, base: object, mine: object, theirs: object, before: object = "") -> Suggestion:
    if type(line) is not int:
        raise TypeError(line)
    return Suggestion(line=line, base=_text(base), mine=_text(mine), theirs=_text(theirs), before=_text(before))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value
