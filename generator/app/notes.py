"""The notes people leave for a step, which its requests carry, and which text answered each.

Promises: a note is in every request of its step from the moment it was left until it is taken back. Will not do: answer
one.
"""

from __future__ import annotations

from generator.model import Event, History, Part, Plan, Request, Step

ABOUT = 300
"""Characters of a block that a note quotes, so that a model which is shown no working copy knows what it is about."""


def notes_of(plan: Plan, step: Step, history: History) -> tuple[Part, ...]:
    """Return the notes people left for the step: of its retries, of pages sent back, and in its working copy."""
    return tuple(Part(label=label_of(event), text=_words(event)) for event in _noted(plan, step, history))


def _noted(plan: Plan, step: Step, history: History) -> list[Event]:
    delivered = plan.deliverable(step.id)
    path = delivered.path_in(plan.brief.name) if delivered else None
    back = {event.target for event in history.events if event.verb == "withdrew" and event.target}
    return [
        event
        for event in history.events
        if event.note
        and event.id not in back
        and event.verb in ("retried", "sent-back", "noted")
        and (event.path == path if event.path and event.verb == "sent-back" else event.step == step.id)
    ]


def label_of(event: Event) -> str:
    """Return the label of the part that a note becomes."""
    return f"note.{event.id[:8]}"


def _words(event: Event) -> str:
    if event.verb != "noted" or not event.text:
        return event.note
    block = " ".join(event.text.split())
    return f"{event.note}\n\n(It stands at: {block if len(block) <= ABOUT else f'{block[:ABOUT]}…'})"


def blocks_noted(plan: Plan, step: Step, history: History, request: Request, made: Event | None) -> tuple[str, ...]:
    """Return the blocks to revise if notes at blocks are all that changed since a text was made, () if there is more."""
    at_blocks = {label_of(event): event.text or "" for event in _noted(plan, step, history) if event.verb == "noted"}
    if not at_blocks:
        return ()
    before = dict(made.parts) if made else {}
    labels = {part.label: part.digest for part in request.parts}
    changed = {label for label in (*before, *labels) if before.get(label) != labels.get(label)}
    if not changed or not changed <= set(at_blocks) or not all(at_blocks[label] for label in changed):
        return ()
    return tuple(at_blocks[label] for label in at_blocks if label in changed)


def answers(history: History) -> dict[str, tuple[str, ...]]:
    """Return for the id of each text that was made the first eight digits of the notes it was the first to be made for.

    A skeleton answers none: it repeats them as gaps.
    """
    seen: set[str] = set()
    found: dict[str, tuple[str, ...]] = {}
    for event in history.events:
        if event.verb == "made" and event.provider != "offline":
            notes = tuple(label.partition(".")[2] for label, _ in event.parts if label.startswith("note."))
            found[event.id] = tuple(each for each in notes if each not in seen)
            seen.update(notes)
    return found
