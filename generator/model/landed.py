"""What a reply becomes: merged into a working copy, with suggestions where a person's text stands; a step's result."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from generator.digest import digest_of
from generator.model.wanted import Step

Outcome = Literal["made", "reused", "waiting", "failed", "blocked"]


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """The AI's text for a place where a person's stands. `line` counts from 1 in the merged text.

    `base` is the AI's last text of the place, `mine` the person's, `theirs` the AI's new; "" where there is none.
    `before` is what stands before the place in the merged text, "" at its head: it tells where a place is that `mine`
    does not, because it is empty or stands twice.
    """

    line: int
    base: str
    mine: str
    theirs: str
    before: str = ""

    @property
    def id(self) -> str:
        """Eight hexadecimal digits that hang on the three texts alone, so edits elsewhere do not move them."""
        return digest_of("suggestion", self.base, self.mine, self.theirs)[:8]


@dataclass(frozen=True, kw_only=True)
class Merged:
    """The result of a merge: the text, and what was not taken into it."""

    text: str
    suggestions: tuple[Suggestion, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Option:
    """Something to choose: its `name`, one line, and its `text`, byte for byte as it stands among the others."""

    name: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Landing:
    """What landed: the working copy now, the new ancestor, the suggestions, whether the file was replaced."""

    path: str
    text: str
    ancestor: str
    suggestions: tuple[Suggestion, ...] = ()
    replaced: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of a step. `why` is the cause of a failure, whom a wait is for, or the reasons for making it again.

    `cause` says what stood in the way from outside: a cap on spending, a model out of reach, or somebody who stopped it.
    """

    brief: str
    step: str
    outcome: Outcome
    why: tuple[str, ...] = ()
    command: str = ""
    notes: tuple[str, ...] = ()
    suggestions: int = 0
    usd: Decimal = Decimal(0)
    asked: bool = False
    cause: Literal["", "budget", "provider", "stopped"] = ""


Make = Callable[[Step], Awaitable[Result]]
"""Make one step whose needs are met, whatever that takes. Never raises a CopydeskError: a failure is a Result."""
