"""The notes people leave for a step, which its requests carry.

Promises: a note is in every request of its step from the moment it was left. Will not do: answer one.
"""

from __future__ import annotations

from generator.model import History, Part, Plan, Step


def notes_of(plan: Plan, step: Step, history: History) -> tuple[Part, ...]:
    """Return the notes people left for the step: of its retries, and of pages sent back."""
    delivered = plan.deliverable(step.id)
    path = delivered.path_in(plan.brief.name) if delivered else None
    return tuple(
        Part(label=f"note.{event.id[:8]}", text=event.note)
        for event in history.events
        if event.note
        and event.verb in ("retried", "sent-back")
        and (event.path == path if event.path else event.step == step.id)
    )
