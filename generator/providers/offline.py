"""The provider that needs no model: it makes a sourced skeleton by extraction, on this machine, for nothing.

Promises: every sentence stands in the sources or the brief; every citation is of a passage it was given; what is
missing is marked as a gap; every text says that no model was used; a fact or a source that changes, changes only the
blocks that state it. It reads the labelled parts of a request, never its messages. Will not do: invent, rephrase, judge,
or revise.
"""

from __future__ import annotations

from collections.abc import Callable

from generator.model import Model, Reply, Request
from generator.providers.skeleton.drafting import (
    place_slots,
    without_slots,
    write_draft,
    write_landing,
    write_other,
    write_revised,
)
from generator.providers.skeleton.judging import write_critique, write_fact_check
from generator.providers.skeleton.planning import write_angles, write_comparison, write_outline, write_research
from generator.providers.skeleton.promoting import write_email, write_headlines, write_posts, write_summary

OFFLINE = Model(name="offline", provider="offline", model="skeleton-2")
"""The number counts the ways in which the same parts were made into a text."""

WRITERS: dict[str, Callable[[Request], list[str]]] = {
    "research": write_research, "angles": write_angles, "outline": write_outline, "draft": write_draft,
    "critique": write_critique, "fact-check": write_fact_check, "revise": write_revised, "headline": write_headlines,
    "summary": write_summary, "email": write_email, "posts": write_posts, "landing-page": write_landing,
    "comparison-table": write_comparison,
}  # fmt: skip


async def ask(request: Request, model: Model) -> Reply:
    """Return the skeleton of a step's text. An update gets the same text as a new one: its reply is carried over."""
    write = WRITERS.get(request.uses, write_other)
    text = place_slots("\n\n".join(write(without_slots(request, write))) + "\n", request)
    notes = ("offline: nothing was revised",) if write is write_revised else ()
    return Reply(text=text, provider=model.provider, model=model.model, notes=notes)
