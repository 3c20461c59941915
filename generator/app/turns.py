"""Whose turn a step is: what a person is waited for, since when, and the command that ends the wait.

Promises: whether a person is waited for hangs on history and the working copy alone; a choice stands until somebody
chooses anew. Will not do: record an answer, or write a text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from generator.digest import digest_text
from generator.model import Event, History, Plan, Step

_TEMPLATE = re.compile(
    r"<!-- Write here, save, then: copydesk approve \S+ \(this line goes by itself\) -->[ \t]*(?:\r\n|\r|\n|$)+"
)


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A wait for a person: the `wish`, with whom it is for and since when, and the `command` that ends it."""

    wish: str
    command: str


def kind_of(step: Step) -> str:
    """Return what a person does with the step, `choose`, `write` or `approve`; "" if a model makes it alone."""
    return step.uses.removeprefix("human/") if step.uses.startswith("human/") else step.by_hand


def by_person(step: Step) -> bool:
    """Whether a person writes the step's text, and no model is asked."""
    return step.uses.startswith("human/") or step.by_hand == "write"


def holds_options(step: Step) -> bool:
    """Whether a model makes the options of a choice in the step itself."""
    return step.by_hand == "choose" and not by_person(step)


def text_step(step: Step) -> str:
    """Return the step whose working copy is the step's text: the one it needs, for a gate that only passes a text on."""
    return step.needs[0] if step.uses == "human/approve" and step.needs else step.id


def choice_of(history: History, step: str) -> Event | None:
    """Return the choice that stands for a step, None if there is none or it was taken back."""
    chose = history.latest("chose", step=step)
    back = {event.target for event in history.events if event.verb == "withdrew" and event.target}
    return None if chose is None or chose.id in back else chose


def options_step(step: Step) -> str:
    """Return the step whose text holds the options that are chosen from."""
    if holds_options(step):
        return step.id
    named = dict(step.with_).get("from", "")
    return next((need for need in step.needs if need == named or need.startswith(f"{named}.")), step.needs[0])


def is_settled(plan: Plan, step: Step, history: History) -> bool:
    """Whether a step's text only serves choices that are made, so that making it again would change nothing."""
    if holds_options(step):
        return choice_of(history, step.id) is not None
    feeds = [each for each in plan.steps if step.id in each.needs]
    return (
        bool(feeds)
        and plan.deliverable(step.id) is None
        and all(kind_of(each) == "choose" and choice_of(history, each.id) is not None for each in feeds)
    )


def template_for(plan: Plan, step: Step) -> str:
    """Return what lies in a person's step before they write: a line that says so."""
    address = f"{plan.brief.name}/{step.id}"
    return f"<!-- Write here, save, then: copydesk approve {address} (this line goes by itself) -->\n\n"


def without_template(text: str) -> str:
    """Return a text without the line that a person's step begins with, whatever the brief was called then."""
    return _TEMPLATE.sub("", text, count=1)


def turn_of(plan: Plan, step: Step, history: History, text: str | None) -> Turn | None:
    """Return what a person is waited for, None if nothing. `text` is the step's working copy, None if there is none."""
    kind, name = kind_of(step), plan.brief.name
    if not kind or _is_answered(step, kind, history, text):
        return None
    whom, command = plan.brief.owner or "a person", f"copydesk approve {name}/{step.id}"
    place = plan.copy_path(text_step(step))
    wish = f"{whom}: {kind} {place}" if kind == "write" else f"{whom}: read {place}"
    wish += ", then approve it"
    if kind == "choose":
        wish, command = f"{whom}: choose from {plan.copy_path(options_step(step))}", f"copydesk choose {name}/{step.id}"
    since = _since(step, kind, history)
    return Turn(wish=wish + (f" (since {since})" if since else ""), command=command)


def _is_answered(step: Step, kind: str, history: History, text: str | None) -> bool:
    if text is None:
        return False
    digest = digest_text(text)
    approved = history.latest("approved", step=step.id)
    if approved is not None and approved.draft == digest:
        return True
    if kind == "choose":
        chose = choice_of(history, step.id)
        return chose is not None and (by_person(step) or chose.draft == digest)
    home = history.latest("wrote", step=step.id)
    # bringing it home was a person's word; settling what git could not merge was none
    return kind == "write" and home is not None and home.what != "settled" and home.text == text


def _since(step: Step, kind: str, history: History) -> str:
    """Return when the wait began, in UTC: when the newest text that it is about came to be; "" if nothing tells."""
    about = {step.id, *step.needs} if kind != "choose" else {step.id, options_step(step)}
    verbs = ("made", "wrote", "chose", "approved", "retried", "withdrew")
    times = [event.at for event in history.events if event.step in about and event.verb in verbs and event.at]
    return f"{times[-1][:10]} {times[-1][11:16]} UTC" if times else ""
