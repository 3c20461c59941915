"""Looks: which groups of files moved since the last build."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from generator import store
from generator.store import looks

LONG_AGO = 1_700_000_000_123_456_789
NEWS = ("content_briefs/news.md", "drafts/news", "drafts/news/page.md", "brand/voice.md")
GUIDE = ("content_briefs/guide.md", "drafts/guide", "brand/voice.md")
ALL = ("copydesk.yml", "content_briefs")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path in (*NEWS, *GUIDE, *ALL):
        if "." in path:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(path)
    (tmp_path / "drafts" / "guide").mkdir(parents=True)
    rest()
    return tmp_path


def rest() -> None:
    """Wait until what was just written is old enough to be trusted."""
    time.sleep(0.025)


def record(root: Path, keep: store.Look | None = None, total: str = "{}", **groups: tuple[str, ...]) -> None:
    named = {"" if name == "everything" else name: paths for name, paths in groups.items()}
    named = named or {"": ALL, "news": NEWS, "guide": GUIDE}
    notes = {name: f'"{name} at {total}"' for name in ("", "news", "guide", *named)}
    observed = {name: store.observe(root, paths) for name, paths in named.items()}
    assert store.record_look(root, groups=observed, notes=notes, total=total, version="1", keep=keep)


def read(root: Path) -> store.Look:
    look = store.read_look(root, version="1")
    assert look is not None
    return look


def moved(root: Path) -> set[str] | None:
    changed = read(root).changed()
    return None if changed is None else set(changed)


def test_nothing_is_recorded_at_first(root: Path) -> None:
    assert store.read_look(root) is None
    assert not (root / ".copydesk").exists()


def test_nothing_moved(root: Path) -> None:
    record(root, total='{"made": 1}')
    look = read(root)
    assert moved(root) == set()
    assert look.total == '{"made": 1}'
    assert set(look.groups()) == {"", "news", "guide"}
    assert look.notes()["news"] == '"news at {"made": 1}"'
    assert store.read_look(root, "publish", version="1") is None


@pytest.mark.parametrize("inside", [True, False])
@pytest.mark.parametrize(
    ("path", "groups"),
    [
        ("drafts/news/page.md", {"news"}),
        ("content_briefs/guide.md", {"guide"}),
        ("brand/voice.md", {"news", "guide"}),
        ("copydesk.yml", None),
    ],
)
def test_a_file_that_was_written_moves_its_groups(
    root: Path, monkeypatch: pytest.MonkeyPatch, path: str, groups: set[str] | None, inside: bool
) -> None:
    if inside:
        monkeypatch.chdir(root)
    record(root)
    (root / path).write_text("x" * len((root / path).read_text()))
    assert moved(root) == groups


def test_files_that_come_and_go_are_seen(root: Path) -> None:
    record(root)
    (root / "drafts" / "guide" / "new.md").write_text("")
    assert moved(root) == {"guide"}
    (root / "drafts" / "news" / "page.md").unlink()
    assert moved(root) == {"news", "guide"}
    (root / "content_briefs" / "third.md").write_text("")
    assert read(root).changed() is None


def test_a_file_put_back_with_its_old_time_is_seen(root: Path) -> None:
    path = root / "drafts" / "news" / "page.md"
    os.utime(path, ns=(LONG_AGO, LONG_AGO))
    rest()
    record(root)
    path.write_text("X" * len(path.read_text()))
    os.utime(path, ns=(LONG_AGO, LONG_AGO))
    assert moved(root) == {"news"}


def test_a_path_that_is_absent_stays_absent_until_it_comes(root: Path) -> None:
    record(root, everything=ALL, news=(*NEWS, "docs/news.md", "copydesk.yml/below"), guide=GUIDE)
    assert moved(root) == set()
    (root / "docs").mkdir()
    (root / "docs" / "news.md").write_text("x")
    assert moved(root) == {"news"}


def test_a_path_that_cannot_be_looked_at_is_never_trusted(root: Path) -> None:
    (root / "loop").symlink_to("loop")
    record(root, everything=ALL, news=("loop",), guide=GUIDE)
    assert moved(root) == {"news"}


def test_what_was_just_written_is_not_trusted(root: Path) -> None:
    path = root / "drafts" / "news" / "page.md"
    path.write_text("one")
    observed = store.observe(root, NEWS)
    assert {path for path, stamp in observed.stamps().items() if stamp == looks.UNTRUSTED} == {"drafts/news/page.md"}
    record(root)
    assert moved(root) == {"news"}


def test_a_time_to_come_is_never_trusted(root: Path) -> None:
    later = time.time_ns() + 10**15
    os.utime(root / "brand" / "voice.md", ns=(later, later))
    rest()
    record(root)
    assert moved(root) == {"news", "guide"}


@pytest.mark.parametrize(
    ("age", "ctime", "settled"),
    [
        (10_000_000, 1, False),
        (21_000_000, 1, True),
        (1_000_000_000, 0, False),
        (3_000_000_000, 0, True),
    ],
)
def test_times_without_nanoseconds_need_two_seconds(age: int, ctime: int, settled: bool) -> None:
    written = 1_700_000_000 * 10**9
    assert looks._is_settled(written + ctime + age, 5, written, written + ctime, 9) is settled


def test_another_version_looks_at_everything(root: Path) -> None:
    record(root)
    look = store.read_look(root, version="2")
    assert look is not None
    assert look.changed() is None
    observed = {"": store.observe(root, ALL)}
    store.record_look(root, groups=observed, notes={"": "", "news": ""}, total="", version="2", keep=look)
    again = store.read_look(root, version="2")
    assert again is not None
    assert again.groups() == ("",)


def test_a_kept_group_keeps_the_stamps_it_had(root: Path) -> None:
    record(root)
    look = read(root)
    (root / "drafts" / "guide" / "new.md").write_text("")
    (root / "drafts" / "news" / "page.md").write_text("new")
    rest()
    record(root, look, "2", news=NEWS)
    again = read(root)
    assert moved(root) == {"guide"}
    assert set(again.groups()) == {"", "news", "guide"}
    assert again.total == "2"


def test_a_group_without_a_note_is_dropped_with_its_paths(root: Path) -> None:
    record(root)
    observed = {"news": store.observe(root, NEWS)}
    store.record_look(root, groups=observed, notes={"": "", "news": ""}, total="", version="1", keep=read(root))
    shutil.rmtree(root / "drafts" / "guide")
    look = read(root)
    assert set(look.groups()) == {"", "news"}
    assert moved(root) == set()
    assert b"guide" not in look._paths
    (root / "drafts" / "news" / "page.md").write_text("new")
    assert moved(root) == {"news"}


def test_a_path_that_two_groups_saw_differently_is_trusted_for_neither(root: Path) -> None:
    record(root)
    look = read(root)
    (root / "brand" / "voice.md").write_text("another voice")
    rest()
    record(root, look, news=NEWS)
    assert moved(root) == {"news", "guide"}
    record(root, read(root), news=NEWS, guide=GUIDE)
    assert moved(root) == set()


def test_of_two_observations_the_earlier_counts(root: Path) -> None:
    first = store.observe(root, ["copydesk.yml"])
    (root / "copydesk.yml").write_text("another")
    rest()
    second = store.observe(root, ALL)
    both = first.joined(second)
    assert both.stamps()["copydesk.yml"] == first.stamps()["copydesk.yml"] != second.stamps()["copydesk.yml"]
    assert both.stamps()["content_briefs"] == second.stamps()["content_briefs"]
    assert set(both.stamps()) == set(ALL)


def test_nothing_at_all_may_be_recorded(root: Path) -> None:
    assert store.record_look(root, groups={}, notes={}, total="", version="1")
    assert read(root).groups() == ()
    assert moved(root) == set()
    assert store.observe(root, ()).stamps() == {}


def test_odd_names_are_paths_too(root: Path) -> None:
    names = ("drafts/é à.md", "drafts/“q”.md", os.fsdecode(b"drafts/\xff.md"))
    for name in names:
        (root / name).write_text("x")
    rest()
    record(root, everything=ALL, news=names)
    assert moved(root) == set()
    (root / names[2]).write_text("xy")
    assert moved(root) == {"news"}


def test_many_groups(root: Path) -> None:
    groups = {f"b{number}": store.observe(root, (f"drafts/b{number}.md", "brand/voice.md")) for number in range(900)}
    store.record_look(root, groups=groups, notes={}, total="", version="1")
    (root / "drafts" / "b7.md").write_text("")
    (root / "drafts" / "b899.md").write_text("")
    assert moved(root) == {"b7", "b899"}


def test_a_damaged_recording_is_no_recording_and_is_replaced(root: Path) -> None:
    path = root / ".copydesk" / looks.NAME
    for damage in (b"", b"not a database" * 400, b"SQLite format 3\0" + bytes(4080)):
        record(root)
        path.write_bytes(damage)
        assert store.read_look(root, version="1") is None
        record(root)
        assert moved(root) == set()


@pytest.mark.parametrize("column", ["paths", "stamps", "groups", "members", "notes", "total", "checksum"])
@pytest.mark.parametrize("value", [b"\xff", "x", None])
def test_a_changed_recording_is_no_recording(root: Path, column: str, value: object) -> None:
    record(root)
    database = sqlite3.connect(root / ".copydesk" / looks.NAME, isolation_level=None)
    database.execute(f"UPDATE looks SET {column} = ?", (value,))
    database.close()
    assert store.read_look(root, version="1") is None


def test_a_recording_that_cannot_be_made_is_not_an_error(root: Path) -> None:
    (root / ".copydesk" / looks.NAME).mkdir(parents=True)
    assert not store.record_look(root, groups={}, notes={}, total="", version="1")
    assert store.read_look(root, version="1") is None
    shutil.rmtree(root / ".copydesk")
    (root / ".copydesk").write_text("a file")
    assert not store.record_look(root, groups={}, notes={}, total="", version="1")


def test_a_recording_that_another_process_holds_is_left_alone(root: Path) -> None:
    record(root)
    holder = sqlite3.connect(root / ".copydesk" / looks.NAME, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    assert not store.record_look(root, groups={}, notes={}, total="other", version="1")
    assert store.read_look(root, version="1") is None
    holder.execute("ROLLBACK")
    holder.close()
    assert read(root).total == "{}"


@pytest.mark.imports
def test_looking_loads_nothing_that_is_slow_to_load() -> None:
    program = (
        "import sys; from generator import store; store.read_look; store.observe\n"
        "heavy = {'pydantic', 'yaml', 'jinja2', 'rich', 'asyncio', 'portalocker', 'mkdocs', 'decimal', 'generator.model'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


def test_the_room_has_only_the_names_it_lists() -> None:
    assert all(getattr(store, name) for name in store.__all__)
    with pytest.raises(AttributeError):
        store.nothing  # noqa: B018 - asking is the test
