"""Laws of history: any merge that adds files gives one order everywhere, and `saw` is the graph's own answer."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from generator import store
from generator.digest import digest_of
from generator.model import Event, History, Verb
from generator.store.events import event_content
from generator.store.history import in_order

STEPS = ("draft", "outline")


@st.composite
def graphs(draw: st.DrawFn) -> list[Event]:
    """Draw events of a brief, each after some of the earlier ones, with the content that its id is the digest of."""
    events: list[Event] = []
    for number in range(draw(st.integers(1, 14))):
        before = draw(st.lists(st.sampled_from(events), max_size=3)) if events else []
        after = tuple(sorted({event.id for event in before}))
        verb = draw(st.sampled_from(sorted(set(get_args(Verb)) - {"renamed"})))
        event = Event(verb=verb, brief="news", step=draw(st.sampled_from(STEPS)), note=str(number), after=after)
        events.append(replace(event, id=digest_of("event", event_content(event).encode())))
    return events


def write(root: Path, events: Sequence[Event]) -> None:
    folder = root / "history" / "news"
    folder.mkdir(parents=True, exist_ok=True)
    for event in events:
        (folder / f"{event.id}.event").write_bytes(event_content(event).encode())


def answers(history: History) -> list[Event | None]:
    return [history.latest(verb, step=step) for verb in get_args(Verb) for step in (*STEPS, None)]


@given(graphs(), st.randoms(use_true_random=False), st.data())
@settings(max_examples=30, deadline=None)
def test_two_folders_merged_by_adding_files_read_as_their_union(
    events: list[Event], dice: random.Random, data: st.DataObject
) -> None:
    left = data.draw(st.lists(st.sampled_from(events), unique_by=lambda event: event.id))
    rest = [event for event in events if event not in left]
    shuffled = dice.sample(events, len(events))
    with tempfile.TemporaryDirectory() as name:
        one, two, all_ = (Path(name) / each for each in ("one", "two", "all"))
        write(one, left)
        write(one, rest)
        write(two, dice.sample(rest, len(rest)))
        write(two, left)
        write(all_, shuffled)
        histories = [store.read_history(root, "news") for root in (one, two, all_)]
    assert histories[0] == histories[1] == histories[2]
    assert answers(histories[0]) == answers(histories[1]) == answers(histories[2])
    assert tuple(in_order(shuffled).values()) == histories[0].events


@given(graphs(), st.data())
@settings(max_examples=50, deadline=None)
def test_every_event_comes_after_all_that_it_had_seen_also_where_some_are_missing(
    events: list[Event], data: st.DataObject
) -> None:
    kept = data.draw(st.lists(st.sampled_from(events), unique_by=lambda event: event.id))
    ordered = list(in_order(kept))
    assert sorted(ordered) == sorted(event.id for event in kept)
    for event in kept:
        for before in event.after:
            assert before not in ordered or ordered.index(before) < ordered.index(event.id)


@given(graphs())
@settings(max_examples=50, deadline=None)
def test_saw_is_reachability(events: list[Event]) -> None:
    history = History(brief="news", events=tuple(in_order(events).values()))
    by_id = {event.id: event for event in events}

    def reaches(later: Event, earlier: Event) -> bool:
        return any(each == earlier.id or reaches(by_id[each], earlier) for each in later.after)

    for later in events:
        for earlier in events:
            assert history.saw(later, earlier) == reaches(later, earlier)
    assert history.heads == tuple(sorted(each.id for each in events if not any(each.id in e.after for e in events)))
