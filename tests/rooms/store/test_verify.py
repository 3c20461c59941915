"""Verify names what is missing or torn."""

from __future__ import annotations

import random
import re
import sqlite3
from pathlib import Path

import pytest

from generator import store
from generator.digest import digest_of
from generator.model import Event
from generator.store.memory import COLUMNS, chain_digest, row_digest
from tests.bench import corruptions


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("store") / "sound"
    corruptions.fill(root)
    return root


def codes(root: Path) -> list[str]:
    return [finding.code for finding in store.verify(root)]


def event_path(root: Path, event: Event) -> Path:
    return root / "history" / event.brief / f"{event.id}.event"


def note(root: Path) -> Event:
    return store.record_event(root, Event(verb="noted", brief="news"))


def test_a_sound_store_has_no_findings(sound: Path, tmp_path: Path) -> None:
    assert store.verify(sound) == ()
    assert store.verify(tmp_path) == ()
    assert store.verify(tmp_path / "nowhere") == ()


@pytest.mark.parametrize("seed", range(60))
def test_a_corrupted_record_is_named_and_never_used(sound: Path, tmp_path: Path, seed: int) -> None:
    assert corruptions.corrupt(sound, tmp_path, seed)[1] == ""


@pytest.mark.parametrize("seed", range(12))
def test_no_damage_of_the_database_makes_it_raise(sound: Path, tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    raw = bytearray((sound / ".copydesk" / "memory.sqlite").read_bytes())
    for _ in range(dice.choice((1, 10, 1000))):
        raw[dice.randrange(len(raw))] = dice.randrange(256)
    (tmp_path / ".copydesk").mkdir()
    (tmp_path / ".copydesk" / "memory.sqlite").write_bytes(raw)
    assert isinstance(store.verify(tmp_path), tuple)


def test_a_deleted_event_is_named_by_who_came_after_and_by_who_saw_it(tmp_path: Path) -> None:
    first, second = note(tmp_path), note(tmp_path)
    event_path(tmp_path, first).unlink()
    event_path(tmp_path, second).unlink()
    assert codes(tmp_path) == ["V006", "V006"]
    (tmp_path / ".copydesk" / "memory.sqlite").unlink()
    assert codes(tmp_path) == []


def test_a_missing_predecessor_is_named_without_any_memory(tmp_path: Path) -> None:
    first, second = note(tmp_path), note(tmp_path)
    event_path(tmp_path, first).unlink()
    (tmp_path / ".copydesk" / "memory.sqlite").unlink()
    (finding,) = store.verify(tmp_path)
    assert (finding.code, finding.level) == ("V005", "warn")
    assert finding.path == f"history/news/{first.id}.event"
    assert second.id in finding.message


def test_an_approval_of_other_bytes_is_named(tmp_path: Path) -> None:
    event = Event(verb="approved", brief="news", path="docs/{x}.md", text="a page", page="0" * 32)
    store.record_event(tmp_path, event)
    (finding,) = store.verify(tmp_path)
    assert finding.code == "V008"
    assert "copydesk approve docs/{x}.md" in finding.fix


def test_what_is_no_record_is_named(tmp_path: Path) -> None:
    note(tmp_path)
    (tmp_path / "history" / "README.md").write_text("?")
    (tmp_path / "history" / "news" / "notes.txt").write_text("?")
    (tmp_path / "history" / "news" / ".DS_Store").write_text("?")
    assert codes(tmp_path) == ["V007", "V007"]


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "history" / "news" / "x.event").mkdir(parents=True)
    (tmp_path / "history" / "loop").symlink_to(tmp_path / "history" / "loop")
    assert codes(tmp_path) == ["V010", "V010"]


def test_a_record_of_a_newer_version_says_to_update(tmp_path: Path) -> None:
    raw = b'{"brief":"news","v":3,"verb":"made"}\n'
    name = digest_of("event", raw)
    (tmp_path / "history" / "news").mkdir(parents=True)
    (tmp_path / "history" / "news" / f"{name}.event").write_bytes(raw)
    (finding,) = store.verify(tmp_path)
    assert (finding.code, finding.fix) == ("V003", "Update copydesk.")


def test_a_database_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    path = tmp_path / ".copydesk" / "memory.sqlite"
    path.parent.mkdir()
    path.write_bytes(b"")
    assert codes(tmp_path) == ["V011"]


@pytest.mark.parametrize(
    "sent", ["5", "[]", "{}", "[" * 100_000, "not json"], ids=["number", "list", "empty", "deep", "text"]
)
def test_a_reply_made_up_with_odd_contents_is_named(tmp_path: Path, sent: str) -> None:
    columns = {**dict.fromkeys(COLUMNS, "x"), "sent": sent}
    digest = row_digest("reply", columns.values())
    chain = chain_digest("", digest)
    store.open_memory(tmp_path).close()
    database = sqlite3.connect(tmp_path / ".copydesk" / "memory.sqlite", isolation_level=None)
    marks = ", ".join("?" * (len(columns) + 3))
    database.execute(
        f"INSERT INTO replies (seq, {', '.join(COLUMNS)}, digest, chain) VALUES ({marks})",
        (1, *columns.values(), digest, chain),
    )
    database.execute("UPDATE head SET count = 1, chain = ?", (chain,))
    database.close()
    assert codes(tmp_path) in (["V011"], ["V014"])


def test_every_code_that_is_given_is_explained() -> None:
    source = Path(store.verify.__code__.co_filename).parent
    given = {code for path in source.glob("*.py") for code in re.findall(r'"(V\d{3})"', path.read_text())}
    assert given == set(store.EXPLANATIONS)
    assert all(len(text) > 60 for text in store.EXPLANATIONS.values())
