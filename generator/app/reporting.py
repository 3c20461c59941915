"""The report: five figures, one for each skill, and what an approved deliverable costs; from history alone.

Promises: every figure is a count of records that anybody can look up, given with how many there are; too few are said to
be too few. Will not do: estimate, weigh, or praise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from statistics import median

from generator import briefs, review, store
from generator.app.answers import Cost, Figure, Report, Share
from generator.app.authorship import author_of, keys_of
from generator.model import Event, History

FEW = 5
"""Fewer than this many of a thing say nothing: with four, one more moves a share by a fifth."""

WORDS = 4
"""Words from which a piece of text counts as a sentence; headings and labels are mostly shorter."""


def report(root: Path) -> Report:
    """Return the report about every brief that has a history."""
    names = dict.fromkeys((*briefs.brief_names(root), *store.history_names(root)))
    histories = [history for name in names if (history := store.read_history(root, name)).events]
    figures = tuple(figure(histories) for figure in (_choices, _survival, _foreseen, _cited, _deliverables))
    costs = tuple(cost for history in histories for cost in _costs(history))
    made = [event for history in histories for event in history.events if event.verb == "made"]
    return Report(
        figures=figures, costs=costs, offline=bool(made) and all(event.provider == "offline" for event in made),
        usd_median=str(median(Decimal(each.usd) for each in costs)) if costs else "0",
        seconds_median=int(median(each.seconds for each in costs)) if costs else 0, trials=_trials(made),
    )  # fmt: skip


def _figure(skill: str, means: str, unit: str, shares: Iterable[Share]) -> Figure:
    rows = tuple(shares)
    whole = Share(
        name="all" if len(rows) > 1 else "", hits=sum(each.hits for each in rows), of=sum(each.of for each in rows)
    )
    shown = (whole, *(rows if len(rows) > 1 else ()))
    return Figure(skill=skill, means=means, unit=unit, shares=shown, enough=whole.of >= FEW)


def _approvals(history: History) -> Iterator[Event]:
    """Yield the approvals of deliverables, the last of each text; those that lack a role are none yet."""
    last: dict[tuple[str, str], Event] = {}
    given: dict[tuple[str, str], set[str]] = defaultdict(set)
    for event in history.events:
        if event.verb == "approved" and event.path and event.text is not None:
            given[event.path, event.draft].update(event.roles)
            last[event.path, event.draft] = event
    yield from (event for text, event in last.items() if given[text] >= set(event.needed))


def _choices(histories: list[History]) -> Figure:
    """Count choices, and those that another choice, or taking them back, overturned."""
    made = overturned = 0
    for history in histories:
        back = {event.target for event in history.events if event.verb == "withdrew" and event.target}
        chose = [event for event in history.events if event.verb == "chose"]
        made += len(chose)
        for number, event in enumerate(chose):
            later = (each for each in chose[number + 1 :] if each.step == event.step)
            overturned += event.id in back or any(each.text != event.text for each in later)
    means = "Choices that somebody made, and how many of them were made anew. Many: options that differ too little, or a brief that says too little."
    return _figure("workflow design", means, "choices overturned", [Share(name="", hits=overturned, of=made)])


def _survival(histories: list[History]) -> Figure:
    """Count the sentences a model wrote that stood in an approved text, by prompt and model."""
    stood: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for history in histories:
        for approval in _approvals(history):
            made = [
                e for e in history.events if e.verb == "made" and e.step == approval.step and history.saw(approval, e)
            ]
            if not made:
                continue
            author = author_of(made[-1], len(made))
            there = set(keys_of(approval.text or ""))
            wrote = set(_sentences(made[-1].text or "")) - _placed(history, approval.step)
            row = stood[f"{author.prompt or 'a prompt'}, {author.name}"]
            row[0] += len(wrote & there)
            row[1] += len(wrote)
    means = "AI sentences that stood word for word in an approved text, by prompt and model. Few: people rewrite what that model makes of that prompt."
    shares = [Share(name=name, hits=hits, of=of) for name, (hits, of) in sorted(stood.items())]
    return _figure("model literacy", means, "AI sentences", shares)


def _trials(made: Iterable[Event]) -> tuple[Share, ...]:
    """Count the blind trials that each model took part in with each prompt, and those in which its text was picked.

    Of several picks of the same texts the first counts.
    """
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    seen: set[tuple[object, ...]] = set()
    for event in made:
        same = (event.brief, event.step, event.recipe, frozenset(event.options))
        if event.what == "trial" and same not in seen:  # who picks once more has been told whose texts they are
            seen.add(same)
            prompt = author_of(event, 1).prompt or "a prompt"
            for number, model in enumerate(event.options, 1):
                row = counts[f"{prompt}, {model}"]
                row[0] += event.picked == (str(number),)
                row[1] += 1
    return tuple(Share(name=name, hits=hits, of=of) for name, (hits, of) in sorted(counts.items()))


def _placed(history: History, step: str) -> set[str]:
    """Return the sentences that people wrote or approved in other steps: placed in a text, they are no model's."""
    texts = (
        event.text or ""
        for event in history.events
        if event.step != step
        and not event.path.startswith(("docs/", "outbox/"))
        and event.verb in ("approved", "wrote", "chose")
    )
    return {key for text in texts for key in keys_of(text)}


def _sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text: no headings, gaps or footnotes, and nothing that only says what it is."""
    for key in keys_of(text):
        if len(key.split()) >= WORDS and not key.startswith(("#", "[to write", ":", "> Sourced skeleton")):
            yield key


def _foreseen(histories: list[History]) -> Figure:
    """Count approvals that were sent back later, and those of them that carried findings; and so for the others."""
    back, kept = [0, 0], [0, 0]
    for history in histories:
        for approval in _approvals(history):
            sent = any(
                e.verb == "sent-back" and e.step == approval.step and history.saw(e, approval) for e in history.events
            )
            row = back if sent else kept
            row[0] += bool(approval.findings)
            row[1] += 1
    means = "Approved texts that were sent back later, and how many of those had findings when they were approved. Compare with those that were not sent back."
    whole = Share(name="sent back", hits=back[0], of=back[1])
    other = Share(name="not sent back", hits=kept[0], of=kept[1])
    return Figure(
        skill="quality calibration",
        means=means,
        unit="texts with findings",
        shares=(whole, other),
        enough=back[1] >= FEW,
    )


def _cited(histories: list[History]) -> Figure:
    """Count the passages that requests carried, and those that an approved or drafted text cites."""
    shares = []
    for history in histories:
        if not any(_approvals(history)):
            continue
        delivering = {event.step for event in _approvals(history)}
        given: set[str] = set()
        cited: set[str] = set()
        for event in history.events:
            given |= {label.partition(".")[2] for label, _ in event.parts if label.startswith("passage.")}
            if event.verb == "approved" or (event.verb == "made" and event.step in delivering):
                cited |= set(review.CITATION.findall(event.text or ""))
        shares.append(Share(name=history.brief, hits=len(given & cited), of=len(given)))
    means = "Passages of sources that models were shown, and how many of them a delivered text cites. Few: sources that are paid for and not used."
    return _figure("context engineering", means, "passages cited", shares)


def _deliverables(histories: list[History]) -> Figure:
    """Count the briefs that delivered anything, and what they delivered."""
    counts = [len(_live(history)) for history in histories]
    with_any = [count for count in counts if count]
    means = "Approved deliverables, and the briefs they came from. More than one for each: a message is told in several places from one source."
    whole = Share(name="", hits=sum(with_any), of=len(with_any))
    return Figure(skill="integration", means=means, unit="briefs", shares=(whole,), enough=len(with_any) >= FEW)


def _live(history: History) -> list[str]:
    return [path for path in sorted(review.claims(history)) if review.live(history, path) is not None]


def _costs(history: History) -> Iterator[Cost]:
    """Yield what each approved deliverable of a brief took, up to its first approval."""
    paths = _live(history)
    spent = sum((Decimal(event.usd) for event in history.events if event.verb == "made" and event.usd), Decimal(0))
    times = [moment for event in history.events if (moment := _moment(event.at))]
    for path in paths:
        first = next(event for event in history.events if event.verb == "approved" and event.path == path)
        ended = _moment(first.at)
        seconds = int((ended - min(times)).total_seconds()) if ended else 0
        yield Cost(path=path, usd=str((spent / len(paths)).quantize(Decimal("0.0001"))), seconds=max(0, seconds))


def _moment(at: str) -> datetime | None:
    try:
        return datetime.fromisoformat(at)
    except ValueError:
        return None
