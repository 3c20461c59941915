"""Renames are followed, and no file of history ever moves."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from generator import disk, store
from generator.digest import digest_of
from generator.errors import UsageError
from generator.model import Event, Verb
from generator.store.events import event_content
from generator.store.history import What

NOW = "2027-03-04T05:06:07Z"


def happen(root: Path, note: str, brief: str = "old", verb: Verb = "noted", step: str = "", path: str = "") -> Event:
    event = Event(verb=verb, brief=brief, note=note, step=step, path=path)
    return store.record_event(root, event, clock=lambda: NOW)


def rename(root: Path, old: str = "old", new: str = "new") -> Event:
    return store.record_rename(root, "brief", old, new, by="ada", clock=lambda: NOW)


def notes(root: Path, brief: str) -> list[str]:
    return [event.note for event in store.read_history(root, brief).events if event.note]


def clone(root: Path, name: str) -> Path:
    other = root.parent / name
    shutil.copytree(root, other)
    return other


def merge(root: Path, other: Path) -> None:
    """Add what `other` has, as any merge of git would."""
    shutil.copytree(other / "history", root / "history", dirs_exist_ok=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "one"
    root.mkdir()
    return root


def test_a_brief_takes_its_history_along(root: Path) -> None:
    first = happen(root, "one", step="draft", path="outbox/old/mail.email.md")
    files = {path.name: path.read_bytes() for path in (root / "history" / "old").iterdir()}
    arrival = rename(root)
    happen(root, "two", brief="new")
    history = store.read_history(root, "new")
    assert notes(root, "new") == ["one", "two"]
    assert {event.brief for event in history.events} == {"new"}
    assert history.events[0].path == "outbox/new/mail.email.md"
    assert history.events[0].id == first.id
    assert history.saw(history.events[-1], first)
    assert arrival in history.events
    assert all((root / "history" / "old" / name).read_bytes() == raw for name, raw in files.items())
    assert store.read_history(root, "old").events == ()
    assert store.verify(root) == ()


def test_a_new_brief_of_the_old_name_begins_anew(root: Path) -> None:
    happen(root, "one")
    rename(root)
    happen(root, "second life")
    happen(root, "two", brief="new")
    assert notes(root, "old") == ["second life"]
    assert notes(root, "new") == ["one", "two"]
    rename(root, "old", "third")
    assert notes(root, "third") == ["second life"]
    assert notes(root, "old") == []
    assert notes(root, "new") == ["one", "two"]
    assert store.verify(root) == ()


def test_what_another_clone_wrote_before_it_learnt_of_the_rename_comes_along(root: Path) -> None:
    happen(root, "one")
    other = clone(root, "two")
    rename(root)
    happen(root, "after the rename", brief="new")
    happen(other, "meanwhile")
    merge(root, other)
    merge(other, root)
    for each in (root, other):
        assert sorted(notes(each, "new")) == ["after the rename", "meanwhile", "one"]
        assert notes(each, "old") == []
    last = happen(root, "last", brief="new")
    history = store.read_history(root, "new")
    assert all(history.saw(last, event) for event in history.events if event.id != last.id)


def test_a_rename_may_be_taken_back_and_made_again(root: Path) -> None:
    happen(root, "one", path="drafts/old/x.md")
    rename(root)
    happen(root, "two", brief="new", path="drafts/new/x.md")
    rename(root, "new", "old")
    happen(root, "three", path="drafts/old/x.md")
    assert notes(root, "old") == ["one", "two", "three"]
    assert {event.path for event in store.read_history(root, "old").events if event.note} == {"drafts/old/x.md"}
    assert notes(root, "new") == []
    rename(root)
    happen(root, "four", brief="new")
    assert notes(root, "new") == ["one", "two", "three", "four"]
    assert notes(root, "old") == []
    assert store.verify(root) == ()


def test_a_name_that_had_a_history_of_its_own_keeps_it(root: Path) -> None:
    happen(root, "theirs", brief="new")
    happen(root, "one")
    arrival = rename(root)
    assert sorted(notes(root, "new")) == ["one", "theirs"]
    assert len(arrival.after) == 2


def test_two_clones_that_rename_apart_both_keep_the_history(root: Path) -> None:
    happen(root, "one")
    other = clone(root, "two")
    rename(root, "old", "left")
    happen(root, "left's own", brief="left")
    happen(root, "second life")
    rename(other, "old", "right")
    happen(other, "right's own", brief="right")
    merge(root, other)
    assert notes(root, "left") == ["one", "left's own"]
    assert notes(root, "right") == ["one", "right's own"]
    assert notes(root, "old") == ["second life"]
    happen(root, "still")
    rename(root, "old", "third")
    assert notes(root, "third") == ["second life", "still"]
    assert notes(root, "left") == ["one", "left's own"]
    assert notes(root, "right") == ["one", "right's own"]


def test_two_clones_that_rename_alike_agree(root: Path) -> None:
    happen(root, "one")
    other = clone(root, "two")
    rename(root)
    happen(other, "meanwhile")
    store.record_rename(other, "brief", "old", "new", by="bob")
    merge(root, other)
    assert notes(root, "new") == ["one", "meanwhile"]
    assert notes(root, "old") == []


def test_a_rename_recorded_twice_is_recorded_once(root: Path) -> None:
    happen(root, "one")
    assert rename(root) == rename(root)
    assert len(list((root / "history").glob("*/*.event"))) == 3


def test_a_brief_without_history_may_be_renamed(root: Path) -> None:
    rename(root)
    assert rename(root).new == "new"
    assert store.verify(root) == ()


def test_a_rename_that_was_interrupted_is_named_and_completed(root: Path) -> None:
    happen(root, "one")
    arrival = rename(root)
    (root / "history" / "new" / f"{arrival.id}.event").unlink()
    assert "V009" in [finding.code for finding in store.verify(root)]
    assert rename(root) == arrival
    assert store.verify(root) == ()
    assert notes(root, "new") == ["one"]


def test_an_arrival_whose_departure_is_missing_brings_nothing(root: Path) -> None:
    happen(root, "one")
    arrival = rename(root)
    (departure,) = set(arrival.after)
    (root / "history" / "old" / f"{departure}.event").unlink()
    assert notes(root, "new") == []
    assert notes(root, "old") == ["one"]
    assert "V005" in [finding.code for finding in store.verify(root)]


def test_a_step_goes_by_its_new_name_instances_too(root: Path) -> None:
    happen(root, "one", step="draft")
    happen(root, "two", step="draft.cmo")
    happen(root, "three", step="drafting")
    store.record_rename(root, "step", "draft", "write", brief="old")
    happen(root, "four", step="draft")
    steps = [event.step for event in store.read_history(root, "old").events]
    assert steps == ["write", "write.cmo", "drafting", "", "draft"]


def test_steps_may_exchange_their_names(root: Path) -> None:
    happen(root, "one", step="a")
    happen(root, "two", step="b")
    for old, new in (("a", "c"), ("b", "a"), ("c", "b")):
        store.record_rename(root, "step", old, new, brief="old")
    assert [event.step for event in store.read_history(root, "old").events if event.step] == ["b", "a"]


def test_a_page_goes_by_its_new_path_also_in_what_came_from_elsewhere(root: Path) -> None:
    first = happen(root, "one", path="docs/a.md")
    happen(root, "other", path="docs/b.md")
    rename(root)
    store.record_rename(root, "page", "docs/a.md", "docs/c.md", brief="new", by="ada")
    meanwhile = Event(verb="noted", brief="old", note="meanwhile", path="docs/a.md", after=(first.id,))
    content = event_content(meanwhile)
    disk.write_new(root / "history" / "old" / f"{digest_of('event', content.encode())}.event", content)
    paths = {event.note: event.path for event in store.read_history(root, "new").events if event.note}
    assert paths == {"one": "docs/c.md", "other": "docs/b.md", "meanwhile": "docs/c.md"}


@pytest.mark.parametrize(("what", "old", "new"), [("step", "a", "b"), ("page", "docs/a.md", "docs/b.md")])
def test_a_rename_within_a_brief_is_recorded_once(root: Path, what: What, old: str, new: str) -> None:
    step, path = ("", old) if what == "page" else (old, "")
    happen(root, "one", step=step, path=path)
    first = store.record_rename(root, what, old, new, brief="old")
    assert store.record_rename(root, what, old, new, brief="old") == first
    happen(root, "again", step=step, path=path)
    assert store.record_rename(root, what, old, new, brief="old") != first


def test_a_name_cannot_become_itself(root: Path) -> None:
    with pytest.raises(UsageError):
        rename(root, "old", "old")


def test_an_open_memory_may_be_handed_in(root: Path) -> None:
    with store.open_memory(root) as memory:
        store.record_event(root, Event(verb="noted", brief="old", step="a"), memory=memory)
        store.record_rename(root, "step", "a", "b", brief="old", memory=memory)
        store.record_rename(root, "brief", "old", "new", memory=memory)
    assert store.verify(root) == ()
