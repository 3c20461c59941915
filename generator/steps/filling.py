"""What a template sees: objects that note each use of themselves, and put every text of others in a fence.

Promises: only what a template touches becomes a part; a text of many lines stands in a fence that it cannot close, since
the fence is named by the digest of what it encloses; a short value stands on one line, whatever was typed. Will not do:
read a value as a template, or give a template anything that it could call.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self, SupportsIndex

from generator.digest import digest_of
from generator.model import Part

TAG_SIZE = 16
"""Hexadecimal digits of a fence's name: 64 bits, which no text can be made to hold of itself."""

WORK_LIMIT = 2_000_000
"""Characters and turns of loops that one request may take to render: some 500,000 tokens."""

TURN_COST = 100
"""What a turn of a loop counts for: 20,000 turns at most."""


class TemplateProblemError(Exception):
    """Something a template may not do, or that is not there; `mend` says what to write. `line` is 0 until known."""

    def __init__(self, message: str, mend: str = "", *, code: str = "P006", line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend
        self.code = code
        self.line = line


@dataclass(kw_only=True)
class Uses:
    """What a rendering has used so far: its parts, in the order of their first use, and its work."""

    parts: dict[str, Part] = field(default_factory=dict)
    work: int = 0

    def note(self, part: Part) -> None:
        """Note that a part was used. An empty one is none."""
        if part.text:
            self.parts.setdefault(part.label, part)

    def spend(self, work: int) -> None:
        """Count work; raise TemplateProblemError past WORK_LIMIT."""
        self.work += work
        if self.work > WORK_LIMIT:
            message = f"the prompt renders to more than {WORK_LIMIT:,} characters, or loops too often"
            raise TemplateProblemError(message, "Use fewer sources, or fewer loops.")


class Filled(str):
    """A text that was filled in. `head` heads its fence; a text without one stands on one line."""

    __slots__ = ("head",)
    head: str

    def __new__(cls, text: str, head: str = "") -> Self:
        """Return `text` as filled in."""
        filled = super().__new__(cls, text)
        filled.head = head
        return filled

    def __getitem__(self, place: SupportsIndex | slice) -> Self:
        """Return a piece, which is as much filled in as the whole."""
        return type(self)(super().__getitem__(place), self.head)

    def shown(self) -> str:
        """Return what the model reads: one line, or the text in its fence; "" for an empty text."""
        if not self.strip():
            return ""
        return fence(self.head, self) if self.head else " ".join(self.split())


def fence(head: str, text: str) -> str:
    """Return `text` between two lines that are named by a digest of both, so that nothing inside can close it."""
    head, inner = " ".join(head.split()), text.strip("\r\n")
    tag = digest_of("fence", head, inner)[:TAG_SIZE]
    return f"<<< {head} {tag}\n{inner}\n>>> {tag}"


class Thing:
    """One input. `text` is what its part holds; `attributes` are what a template can ask for by a dot."""

    def __init__(self, uses: Uses, label: str, text: str, attributes: dict[str, Filled], shown: Filled) -> None:
        self.uses, self.attributes, self._shown = uses, attributes, shown
        self.part = Part(label=label, text=text, uses=str(attributes.get("uses", "")))

    def look_up(self, name: str) -> Filled:
        """Return an attribute and note the use; raise TemplateProblemError with the nearest name if it has none."""
        if name not in self.attributes:
            raise missing(f"`{self.part.kind}` has no `{name}`", name, tuple(self.attributes))
        self.uses.note(self.part)
        return self.attributes[name]

    def filled(self) -> Filled:
        """Return the whole of it and note the use."""
        self.uses.note(self.part)
        return self._shown


class Things:
    """Inputs of one kind, by name and in order. `optional` names may be asked for though nobody gave them."""

    def __init__(
        self, kind: str, things: dict[str, Thing], *, optional: tuple[str, ...] = (), one_fence: bool = False
    ) -> None:
        self.kind, self.things = kind, things
        self._optional, self._one_fence = optional, one_fence

    def __iter__(self) -> Iterator[Thing]:
        return iter(self.things.values())

    def __len__(self) -> int:
        return len(self.things)

    def __contains__(self, name: object) -> bool:
        return name in self.things

    def look_up(self, name: str) -> Thing | Filled | Things:
        """Return the input of that name; raise TemplateProblemError with the nearest one if there is none.

        `_` stands for `-`. The id of a step that fans out gives all its instances.
        """
        for each in (name, name.replace("_", "-")):
            if each in self.things:
                thing = self.things[each]
                return thing.filled() if self._one_fence else thing
            if each in self._optional:
                return Filled("")
            instances = {key: thing for key, thing in self.things.items() if key.startswith(f"{each}.")}
            if instances and self.kind == "upstream":
                return Things(self.kind, instances)
        raise missing(f"`{self.kind}` has no `{name}`", name, (*self.things, *self._optional))

    def shown(self) -> str:
        """Return all of them in fences, and note all uses."""
        if not self._one_fence:
            return "\n\n".join(thing.filled().shown() for thing in self)
        short = [
            f"{name}: {' '.join(thing.filled().split())}"
            for name, thing in self.things.items()
            if not thing.filled().head
        ]
        long = [thing.filled().strip("\r\n") for thing in self if thing.filled().head]
        text = "\n\n".join(each for each in ("\n".join(short), *long) if each)
        return Filled(text, self.kind).shown()


def missing(message: str, name: str, known: tuple[str, ...]) -> TemplateProblemError:
    """Return the problem of a name that is not there, with the nearest one that is."""
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        return TemplateProblemError(message, f"Did you mean `{near[0]}`?", code="P005")
    there = ", ".join(f"`{each}`" for each in known[:12])
    return TemplateProblemError(
        message, f"There is {there}." if there else "There is nothing of the kind.", code="P005"
    )
