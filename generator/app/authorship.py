"""Who wrote what: for each sentence of a working copy the model, prompt and attempt, or the person and when.

Promises: all of it is read from history; a sentence is the AI's if a text that was made holds it, from the attempt on in
which it first stood; every other one is a person's, dated by the first record that has it, and said to be unrecorded
where none has. How a sentence is wrapped does not count. Will not do: guess whose hand it was, or change history.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from generator import disk, drafts, review, store
from generator.app.addresses import find
from generator.app.answers import Authored
from generator.app.decisions import open_library
from generator.app.turns import kind_of, options_step, text_step
from generator.errors import RefusedError, UsageError
from generator.model import Event, History, Plan, Step, Suggestion


@dataclass(frozen=True, kw_only=True)
class Author:
    """Who wrote a sentence. `who` is "AI" or "person"; `name` a model or a person; `event` the record that tells it."""

    who: str
    name: str = ""
    prompt: str = ""
    attempt: int = 0
    at: str = ""
    event: str = ""


UNRECORDED = Author(who="person")
"""Somebody who has edited the working copy since, and of whom no record knows yet."""


def blame(root: Path, address: str) -> tuple[Authored, ...]:
    """Return every sentence of a step's working copy with its author; UsageError if the address names no step."""
    found, plan = find(root, open_library(root), address)
    step = found.step or (plan.brief.deliverables[0].step if len(plan.brief.deliverables) == 1 else "")
    if not step:
        known = ", ".join(f"{found.brief}/{each.id}" for each in plan.steps)
        raise UsageError("blame takes one text", where=address, mend=f"Name one of {known}")
    planned = plan.step(step)
    step = text_step(planned) if planned else step
    text = drafts.read_copy(disk.inside(root, plan.copy_path(step)))
    if text is None:
        raise RefusedError("there is no text yet", where=plan.copy_path(step), mend=f"copydesk build {found.brief}")
    authors = authors_of(store.read_history(root, found.brief), plan, step)
    return tuple(_authored(text, authors))


def _authored(text: str, authors: dict[str, Author]) -> Iterator[Authored]:
    at, line, counted = 0, 1, 0
    for unit in drafts.units(text):
        at = text.find(unit, at)
        line, counted = line + text.count("\n", counted, at), at
        at += len(unit)
        key = key_of(unit)
        if key:
            author = authors.get(key, UNRECORDED)
            yield Authored(
                line=line, text=drafts.unit_key(unit), who=author.who, name=author.name, prompt=author.prompt,
                attempt=author.attempt, at=author.at, event=author.event,
            )  # fmt: skip


def key_of(unit: str) -> str:
    """Return what a sentence is known by: its words without citations, for what is sent has none."""
    return " ".join(review.CITATION.sub("", drafts.unit_key(unit)).split())


def keys_of(text: str) -> tuple[str, ...]:
    """Return what the sentences of a text are known by, in their order."""
    return tuple(key for unit in drafts.units(text) if (key := key_of(unit)))


def authors_of(history: History, plan: Plan, step_id: str) -> dict[str, Author]:
    """Return the author of every sentence that any record of a step has, by what it is known by."""
    step = plan.step(step_id)
    authors = _authors_made(history, step_id)
    for event in history.events:
        if event.step != step_id:
            continue
        if event.verb == "accepted":
            authors.update(_authors_accepted(history, event))
        elif event.text is not None and event.verb in ("approved", "wrote", "chose"):
            person = Author(who="person", name=event.by, at=event.at, event=event.id)
            for key in keys_of(event.text):
                authors.setdefault(key, person)
    for other in _written_elsewhere(step):
        authors.update(authors_of(history, plan, other) if other != step_id else {})
    return authors


def _written_elsewhere(step: Step | None) -> tuple[str, ...]:
    """Return the steps whose words stand in this one as they are: those placed in its slots, and what was chosen from."""
    if step is None:
        return ()
    chosen = (options_step(step),) if kind_of(step) == "choose" and step.needs else ()
    return (*step.slots, *chosen)


def _authors_made(history: History, step: str) -> dict[str, Author]:
    """Return the model's sentences: each with the attempt from which on it stood there, its last one if it comes and goes."""
    ever: dict[str, Author] = {}
    before: dict[str, Author] = {}
    attempt = 0
    for event in history.events:
        if event.verb == "made" and event.step == step and event.text is not None:
            attempt += 1
            author = author_of(event, attempt)
            before = {key: before.get(key, author) for key in keys_of(event.text)}
            ever.update(before)
    return ever


def author_of(event: Event, attempt: int) -> Author:
    """Return the model behind a text that was made, with its prompt."""
    labels = (label.partition(".") for label, _ in event.parts)
    prompt = next((name for kind, _, name in labels if kind in ("prompt", "builtin")), "")
    return Author(who="AI", name=event.model, prompt=prompt, attempt=attempt, at=event.at, event=event.id)


def _authors_accepted(history: History, event: Event) -> dict[str, Author]:
    """Return who wrote a suggestion that was accepted: the model, or the person of the text it came from."""
    attempt = 0
    for each in history.events:
        attempt += each.verb == "made" and each.step == event.step
        for one in event.suggestions:
            if (
                each.verb in ("made", "wrote")
                and each.step == event.step
                and one.id in {s.id for s in each.suggestions}
            ):
                person = Author(who="person", name=each.by, at=each.at, event=each.id)
                author = author_of(each, attempt) if each.verb == "made" else person
                return dict.fromkeys(_new_in(one), author)
    return {}


def _new_in(suggestion: Suggestion) -> tuple[str, ...]:
    known = set(keys_of(suggestion.mine))
    return tuple(key for key in keys_of(suggestion.theirs) if key not in known)
