"""Recording and reading events."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from generator import disk, store
from generator.digest import digest_of
from generator.errors import DiskError, StoreError, UnsafePathError
from generator.model import Event, Verb
from generator.store.events import event_content
from generator.store.history import in_order

NOW = "2027-03-04T05:06:07Z"


def happen(root: Path, verb: Verb = "noted", brief: str = "news", **values: str) -> Event:
    return store.record_event(root, Event(verb=verb, brief=brief, **values), clock=lambda: NOW)  # type: ignore[arg-type]


def write(root: Path, event: Event) -> Event:
    """Write an event as another clone would have: the file alone."""
    content = event_content(event)
    name = digest_of("event", content.encode())
    disk.write_new(root / "history" / event.brief / f"{name}.event", content)
    return replace(event, id=name)


def test_nothing_has_happened_to_a_brief_without_a_folder(tmp_path: Path) -> None:
    assert store.read_history(tmp_path, "news").events == ()
    assert store.history_names(tmp_path) == ()


def test_an_event_comes_after_the_newest_ones(tmp_path: Path) -> None:
    first = happen(tmp_path, note="one")
    second = happen(tmp_path, note="two")
    assert (first.at, first.after, second.after) == (NOW, (), (first.id,))
    assert store.read_history(tmp_path, "news").events == (first, second)
    assert store.read_history(tmp_path, "news").heads == (second.id,)


def test_what_is_handed_in_as_after_and_at_is_replaced(tmp_path: Path) -> None:
    event = Event(verb="noted", brief="news", id="x", at="never", after=("0" * 32,))
    recorded = store.record_event(tmp_path, event)
    assert recorded.after == ()
    assert recorded.at.endswith("Z")


def test_events_of_two_clones_are_both_heads(tmp_path: Path) -> None:
    first = happen(tmp_path)
    left = write(tmp_path, Event(verb="noted", brief="news", note="left", after=(first.id,)))
    right = write(tmp_path, Event(verb="noted", brief="news", note="right", after=(first.id,)))
    history = store.read_history(tmp_path, "news")
    assert history.heads == tuple(sorted((left.id, right.id)))
    assert not history.saw(left, right)
    joined = happen(tmp_path)
    assert joined.after == history.heads


def test_an_event_whose_predecessor_is_missing_is_read(tmp_path: Path) -> None:
    alone = write(tmp_path, Event(verb="noted", brief="news", after=("0" * 32,)))
    assert store.read_history(tmp_path, "news").events == (alone,)


def test_other_files_are_not_events(tmp_path: Path) -> None:
    event = happen(tmp_path)
    folder = tmp_path / "history" / "news"
    for name in (".DS_Store", ".copydesk-1-1.tmp", "README.md", ".x.event"):
        (folder / name).write_text("?")
    (tmp_path / "history" / ".git").mkdir()
    (tmp_path / "history" / "note.txt").write_text("?")
    assert store.read_history(tmp_path, "news").events == (event,)
    assert store.history_names(tmp_path) == ("news",)


def test_a_leftover_is_swept_when_the_next_event_is_recorded(tmp_path: Path) -> None:
    happen(tmp_path)
    leftover = tmp_path / "history" / "news" / f"{disk.TEMPORARY}1-1.tmp"
    leftover.write_text("half")
    happen(tmp_path)
    assert not leftover.exists()


def test_a_torn_event_stops_its_brief_and_no_other(tmp_path: Path) -> None:
    event = happen(tmp_path)
    other = happen(tmp_path, brief="other")
    path = tmp_path / "history" / "news" / f"{event.id}.event"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(StoreError, match=event.id) as caught:
        store.read_history(tmp_path, "news")
    assert "copydesk verify" in caught.value.mend
    with pytest.raises(StoreError):
        happen(tmp_path)
    assert store.read_history(tmp_path, "other").events == (other,)


def test_an_event_that_cannot_be_read_names_its_file(tmp_path: Path) -> None:
    (tmp_path / "history" / "news" / "x.event").mkdir(parents=True)
    with pytest.raises(DiskError, match=r"x\.event"):
        store.read_history(tmp_path, "news")


def test_a_pipe_among_the_events_is_named_and_not_waited_for(tmp_path: Path) -> None:
    happen(tmp_path)
    os.mkfifo(tmp_path / "history" / "news" / "x.event")
    with pytest.raises(DiskError, match="this is not a file") as caught:
        store.read_history(tmp_path, "news")
    assert caught.value.where.endswith("x.event")
    assert [finding.code for finding in store.verify(tmp_path)] == ["V010"]


def test_a_history_that_is_no_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "history").write_text("?")
    with pytest.raises(DiskError, match="Not a directory") as caught:
        store.history_names(tmp_path)
    assert caught.value.where == str(tmp_path / "history")


def test_recording_bytes_that_are_there_changes_nothing(tmp_path: Path) -> None:
    """Two clones on one disk may come to the very same bytes: the name is their digest, so both have it."""
    first = happen(tmp_path)
    path = tmp_path / "history" / "news" / f"{first.id}.event"
    raw = path.read_bytes()

    class Late(disk.System):
        def link(self, old: Path, new: Path) -> None:
            new.write_bytes(old.read_bytes())
            super().link(old, new)

    path.unlink()
    with disk.using(Late()):
        assert happen(tmp_path) == first
    assert path.read_bytes() == raw


@pytest.mark.parametrize("brief", ["..", "a/b", "/x", "", "con"])
def test_a_name_that_is_not_that_of_a_folder_is_refused(tmp_path: Path, brief: str) -> None:
    with pytest.raises(UnsafePathError):
        store.read_history(tmp_path, brief)
    with pytest.raises(UnsafePathError):
        happen(tmp_path, brief=brief)
    with pytest.raises(UnsafePathError):
        store.record_rename(tmp_path, "brief", "news", brief or "..")
    assert not (tmp_path / "history").exists()


def test_half_a_character_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    for event in (Event(verb="noted", brief="news", note="\ud800"), Event(verb="wrote", brief="news", text="\ud800")):
        with pytest.raises(StoreError, match="half a character"):
            store.record_event(tmp_path, event)
    assert store.verify(tmp_path) == ()


def test_what_could_not_be_read_again_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="not in the form"):
        happen(tmp_path, verb="sang")  # type: ignore[arg-type]
    assert store.read_history(tmp_path, "news").events == ()


def test_the_order_of_long_chains_needs_no_recursion(tmp_path: Path) -> None:
    events = []
    after: tuple[str, ...] = ()
    for number in range(3000):
        events.append(Event(verb="noted", brief="news", id=f"{number * 7919 % 3000:032x}", after=after))
        after = (events[-1].id,)
    assert list(in_order(reversed(events)).values()) == events


def test_two_processes_record_at_once_and_every_event_comes_after_another(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from generator import store; from generator.model import Event\n"
        "for n in range(8): store.record_event(Path(sys.argv[1]), Event(verb='noted', brief='news', by=sys.argv[2]))"
    )
    runs = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path), name]) for name in ("a", "b")]
    assert [run.wait() for run in runs] == [0, 0]
    events = store.read_history(tmp_path, "news").events
    assert len(events) == 16
    assert [each.after for each in events] == [(), *((each.id,) for each in events[:-1])]
    assert store.verify(tmp_path) == ()
