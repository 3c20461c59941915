"""How a reply ended: whether a draft may come of it, what to say if not, and what stood in the way of one.

Promises: only a complete reply with a text in it is a draft; for every other end there is a sentence that says what to do.
Will not do: ask again.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Literal

from generator import drafts, providers, steps
from generator.errors import BudgetError, CopydeskError, ProviderError
from generator.model import Outcome, Reply, Request

COMMAND = re.compile(r"copydesk (?:show|settle|retry) [^\s)]+")
"""The command by which a failure says that it is looked at or mended."""

UNSET = re.compile(r"the variable (\w+) is not set")
"""How a failure names the variable of a key."""

SAID = {
    "cut": "was cut short", "refused": "refused to answer", "filtered": "was filtered by its vendor",
    "misshapen": "gave JSON of another shape, also when it was asked once more", "empty": "gave an empty reply",
    "error": "failed",
}  # fmt: skip
"""What a model did, by the end of its reply."""

ADVICE = {
    "cut": "ask for less, or give its role another model;",
    "refused": "change what is asked, or name a second model in its role;",
    "filtered": "change what is asked, or name a second model in its role;",
    "misshapen": "simplify the prompt's schema, or give its role a stronger model;",
}

LENGTHS = {
    "length": "give it more room, in the step: config: {max-tokens: 16000}; or ask for less;",
    "tokens": "give it more room, in the step: config: {max-tokens: 16000}; or ask for less;",
    "context_window": "give it less to read: fewer sources, or shorter ones; or a model with a larger window;",
}
"""What to do about a reply that was cut short, by what its vendor says of it."""


def said_of(reply: Reply, request: Request) -> tuple[str, str]:
    """Return what a reply says, as Markdown and without notes of its own, and why it is no draft ("" if it is one)."""
    ending = reply.ending if reply.text.strip() or reply.ending != "complete" else "empty"
    if ending != "complete":
        return "", f"{SAID[ending]}{f' ({reply.why})' if reply.why else ''}"
    text = steps.rendered(reply.text) if request.output and reply.provider != "offline" else reply.text
    return drafts.without_callouts(text), ""  # a note is a person's, whatever a model writes


def advice(reply: Reply) -> str:
    """Return what to do about a reply that is no draft; a command to ask again follows it."""
    lengths = (told for word, told in LENGTHS.items() if reply.ending == "cut" and word in reply.why)
    told = next(lengths, ADVICE.get(reply.ending, ""))
    return f"{told} " * bool(told) + "it is not asked again until something changes or you say so: "


def cause_of(error: CopydeskError) -> tuple[Outcome, Literal["", "budget", "provider", "stopped"]]:
    """Return what an error makes of a step: blocked by a cap or a stop, failed by a model out of reach or anything else."""
    if isinstance(error, BudgetError):
        return "blocked", "budget"
    if isinstance(error, providers.StoppedError):
        return "blocked", "stopped"
    # Where the question was wrong, the vendor did answer.
    reached = isinstance(error, providers.FaultError) and error.rule in ("fail", "pass")
    return "failed", "provider" if isinstance(error, ProviderError) and not reached else ""


def exit_code_of(causes: Collection[str], *, failed: bool) -> int:
    """Return the exit code of what failed for these causes: a cap, a model out of reach, or anything else."""
    return 4 if "budget" in causes else 5 if "provider" in causes else 1 if failed else 0
