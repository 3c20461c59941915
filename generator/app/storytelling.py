"""The story of a brief as one HTML page: what was wanted, chosen, written by whom, noted, approved, and what it cost.

Promises: one file with nothing to fetch and no script; all that people, models and sources said is text in it; the same
history gives the same bytes; a file that copydesk did not write is never replaced. Will not do: judge, or leave out what
went otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2

from generator import disk, drafts, review, store
from generator.app.addresses import find
from generator.app.authorship import UNRECORDED, authors_of, key_of
from generator.app.decisions import open_library
from generator.app.notes import answers
from generator.app.reporting import FEW
from generator.app.reports import told_of
from generator.digest import digest_text
from generator.errors import RefusedError
from generator.model import Deliverable, History, Plan

SHOWN = 60
"""Sentences of people that a deliverable shows; of more the rest is counted."""

_SEAL = "<!-- copydesk story {} -->\n"


def story(root: Path, brief: str, out: Path) -> Path:
    """Write the story of a brief to `out` and return it; RefusedError if a file lies there that copydesk did not write."""
    found, plan = find(root, open_library(root), brief)
    history = store.read_history(root, found.brief)
    page = _template().render(**_telling(root, plan, history))
    page = page.rstrip("\n") + "\n"
    document = page + _SEAL.format(digest_text(page))
    lying = drafts.read_copy(out)
    if lying is not None and not is_story(lying):
        raise RefusedError(
            "the file is not a story that copydesk wrote, or it was changed",
            where=str(out),
            mend="Name another: -o FILE",
        )
    disk.write_text(out, document)
    return out


def is_story(document: str) -> bool:
    """Whether a document is one that `story` wrote, and nobody has changed since."""
    page, _, seal = document[:-1].rpartition("\n")
    return f"{seal}\n" == _SEAL.format(digest_text(f"{page}\n"))


def _template() -> jinja2.Template:
    source = files("generator.app").joinpath("story.html").read_text(encoding="utf-8")
    return jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(source)


def _telling(root: Path, plan: Plan, history: History) -> dict[str, Any]:
    """Return all that the page shows."""
    brief = plan.brief
    delivered = [_delivered(root, plan, history, each) for each in brief.deliverables]
    made = [event for event in history.events if event.verb == "made"]
    people = sorted({event.by for event in history.events if event.by})
    models = sorted({event.model for event in made if event.model})
    usd = sum((Decimal(event.usd) for event in made if event.usd), Decimal(0))
    total, own = sum(each["total"] for each in delivered), sum(each["people"] for each in delivered)
    choices = list(_choices(history))
    notes = list(_notes(history))
    figures = [
        (_named(len(delivered), "deliverable"), str(len(delivered))),
        ("of the sentences by people", f"{own / total:.0%}" if total >= FEW else "–"),
        (_named(len(choices), "choice"), str(len(choices))),
        (_named(len(notes), "note"), str(len(notes))),
        (f"{_named(len(made), 'text')} made by AI", str(len(made))),
        ("spent on models", f"${usd:.2f}"),
    ]
    title = brief.field("title") or brief.name
    return {
        "title": title, "brief": brief.name, "summary": _summary(people, models), "figures": figures,
        "fields": _fields(plan), "body": list(_blocks(brief.body)), "delivered": delivered, "choices": choices, "notes": notes,
        "decided": list(_decided(history)), "sources": list(_sources(root, plan, history)),
        "timeline": [told_of(event) for event in history.events], "records": len(history.events),
        "last": history.events[-1].id if history.events else "",
    }  # fmt: skip


def _named(count: int, thing: str) -> str:
    return thing if count == 1 else f"{thing}s"


def _summary(people: list[str], models: list[str]) -> str:
    who = f"Directed by {', '.join(people)}" if people else "Nobody has decided anything yet"
    return f"{who}; drafted with {', '.join(models) if models else 'no model yet'}."


def _fields(plan: Plan) -> list[tuple[str, str]]:
    brief = plan.brief
    fields = [("workflow", brief.workflow or "its own steps"), ("steps", ", ".join(step.id for step in plan.steps))]
    fields += [(name, brief.field(name)) for name in ("audience", "goal", "keyword") if brief.field(name)]
    fields += [(name, value) for name, value in brief.facts]
    if brief.owner:
        fields.append(("owner", brief.owner))
    if brief.approved_by:
        fields.append(("approved by", ", ".join(brief.approved_by)))
    return fields


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Yield the blocks of a brief's body as what they are, heading, item or text, without the marks of Markdown."""
    for block in drafts.split(text):
        words = " ".join(block.split())
        if words.startswith("#"):
            yield "heading", words.lstrip("# ")
        elif words.startswith(("- ", "* ", "+ ")):
            yield "item", words[2:]
        elif words and not words.startswith("<!--"):
            yield "text", words


def _plain(words: str) -> str:
    """Return a sentence without citations and the marks of emphasis and code."""
    return review.CITATION.sub("", words).replace("**", "").replace("`", "")


def _delivered(root: Path, plan: Plan, history: History, each: Deliverable) -> dict[str, Any]:
    path = each.path_in(plan.brief.name)
    copy = drafts.read_copy(disk.inside(root, plan.copy_path(each.step))) or ""
    authors = authors_of(history, plan, each.step)
    said = [
        (drafts.unit_key(unit), authors.get(key, UNRECORDED)) for unit in drafts.units(copy) if (key := key_of(unit))
    ]
    own = [(author.name, _plain(text)) for text, author in said if author.who == "person"]
    by_name: dict[str, list[str]] = {}
    for name, text in own[:SHOWN]:
        by_name.setdefault(name, []).append(text)
    live = review.live(history, path, step=each.step)
    draft = live.draft if live else digest_text(copy)
    given = review.approvals_of(history, path, draft, step=each.step)
    if live:
        given = tuple(
            event
            for event in history.events
            if event.verb == "approved" and (event.path, event.page) == (path, live.page)
        )
    return {
        "path": path, "total": len(said), "people": len(own), "share": round(100 * len(own) / len(said)) if said else 0,
        "own": list(by_name.items()), "more": max(0, len(own) - SHOWN), "approvals": given,
        "awaits": () if live else review.awaited(given, plan.brief.approved_by),
    }  # fmt: skip


def _choices(history: History) -> Iterator[dict[str, Any]]:
    back = {event.target for event in history.events if event.verb == "withdrew" and event.target}
    for event in history.events:
        if event.verb == "chose":
            options = [(name, str(number) in event.picked) for number, name in enumerate(event.options, 1)]
            yield {
                "step": event.step,
                "by": event.by,
                "at": event.at,
                "options": options,
                "taken_back": event.id in back,
            }


def _notes(history: History) -> Iterator[dict[str, Any]]:
    back = {event.target for event in history.events if event.verb == "withdrew" and event.target}
    told = answers(history)
    answered = {note: each for each in history.events for note in told.get(each.id, ())}
    for event in history.events:
        if not event.note:
            continue
        answer = answered.get(event.id[:8])
        came = f"{answer.model} answered it on {answer.at[:10]}." if answer else "Nothing has answered it yet."
        came = "It was taken back." if event.id in back else came
        yield {"note": event.note, "by": event.by, "at": event.at, "about": event.path or event.step, "came": came}


def _decided(history: History) -> Iterator[dict[str, str]]:
    for event in history.events:
        if event.verb in ("accepted", "declined"):
            for one in event.suggestions:
                yield {"verb": event.verb, "by": event.by, "mine": one.mine, "theirs": one.theirs}


def _sources(root: Path, plan: Plan, history: History) -> Iterator[tuple[str, int, int]]:
    """Yield each source with how many of its passages were shown to a model, and how many a deliverable cites."""
    shown = {
        label.partition(".")[2] for event in history.events for label, _ in event.parts if label.startswith("passage.")
    }
    texts = (drafts.read_copy(disk.inside(root, plan.copy_path(each.step))) or "" for each in plan.brief.deliverables)
    cited = {name for text in texts for name in review.CITATION.findall(text)}
    by_file: dict[str, set[str]] = {}
    for name in sorted(shown):
        by_file.setdefault(name.rpartition("-")[0] or name, set()).add(name)
    paths = {Path(source).stem: source for source in plan.brief.sources}
    for stem, names in by_file.items():
        yield paths.get(stem, stem), len(names), len(names & cited)
