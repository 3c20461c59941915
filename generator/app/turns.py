"""Whose turn a step is: what a person is waited for, and the command that ends the wait.

Promises: whether a person is waited for hangs on history and the working copy alone, never on a clock. Will not do:
record an answer.
"""

from __future__ import annotations

from dataclasses import dataclass

from generator.digest import digest_text
from generator.model import History, Plan, Step


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A wait for a person: the `wish`, with whom it is for, and the `command` that ends it."""

    wish: str
    command: str


def by_person(step: Step) -> bool:
    """Whether a person writes the step's text, and no model is asked."""
    return step.uses.startswith("human/") or step.by_hand == "write"


def turn_of(plan: Plan, step: Step, history: History, text: str | None) -> Turn | None:
    """Return what a person is waited for, None if nothing. `text` is the step's working copy, None if there is none."""
    kind = step.uses.removeprefix("human/") if step.uses.startswith("human/") else step.by_hand
    if not kind:
        return None
    answered = history.latest("approved", step=step.id)
    if text is not None and answered is not None and answered.draft == digest_text(text):
        return None
    home = history.latest("wrote", step=step.id)
    if kind == "write" and text is not None and home is not None and home.text == text:
        return None  # bringing it home was a person's word
    wishes = {"choose": "keep what you choose in", "write": "write", "approve": "read"}
    whom = plan.brief.owner or "a person"
    wish = f"{whom}: {wishes[kind]} {plan.copy_path(step.id)}, then approve it"
    return Turn(wish=wish, command=f"copydesk approve {plan.brief.name}/{step.id}")
