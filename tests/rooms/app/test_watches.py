"""The watch: it builds what a save affects, once for a burst, and outlives a brief that is broken for a while."""

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from generator import app
from generator.app.answers import Progress, Summary

BRIEF = "---\ntitle: A page\nfacts: {price: 49 EUR}\n---\nIt says one thing.\n"
PATIENCE = 20
"""Seconds to wait for a thing that happens at once on a quiet machine."""


@contextmanager
def watching(root: Path) -> Iterator["queue.Queue[Progress | Summary]"]:
    told: queue.Queue[Progress | Summary] = queue.Queue()
    stop = threading.Event()
    watcher = threading.Thread(
        target=app.watch, args=(root,), kwargs={"options": app.BuildOptions(), "report": told.put, "stop": stop}
    )
    watcher.start()
    try:
        yield told
    finally:
        stop.set()
        watcher.join(PATIENCE)
    assert not watcher.is_alive()


def next_summary(told: "queue.Queue[Progress | Summary]") -> tuple[Summary, list[str]]:
    made: list[str] = []
    while True:
        each = told.get(timeout=PATIENCE)
        if isinstance(each, Summary):
            return each, made
        if each.result is not None and each.result.outcome == "made":
            made.append(f"{each.result.brief}/{each.result.step}")


def workspace(root: Path) -> None:
    (root / "content_briefs").mkdir()
    for name in ("one", "two"):
        (root / f"content_briefs/{name}.md").write_text(BRIEF)


def test_a_burst_of_saves_is_one_build_of_what_it_affects(tmp_path: Path) -> None:
    workspace(tmp_path)
    with watching(tmp_path) as told:
        first, _ = next_summary(told)
        assert first.made == 6
        for price in range(50, 60):
            (tmp_path / "content_briefs/one.md").write_text(BRIEF.replace("49", str(price)))
        second, made = next_summary(told)
        assert made == ["one/draft", "one/revise"]
        assert second.made == 2
        assert "59 EUR" in (tmp_path / "drafts/one/one.md").read_text()


def test_a_brief_that_is_broken_for_a_while_is_told_and_the_watch_goes_on(tmp_path: Path) -> None:
    workspace(tmp_path)
    with watching(tmp_path) as told:
        next_summary(told)
        (tmp_path / "content_briefs/one.md").write_text("---\ntitel: A page\n---\n")
        broken, made = next_summary(told)
        assert (broken.exit_code, made, {each.path for each in broken.broken}) == (3, [], {"content_briefs/one.md"})
        (tmp_path / "copydesk.yml").write_text("model: {\n")
        said = ""
        while "copydesk.yml" not in said:
            each = told.get(timeout=PATIENCE)
            said = each.said if isinstance(each, Progress) else ""
        (tmp_path / "copydesk.yml").write_text("")
        (tmp_path / "content_briefs/one.md").write_text(BRIEF.replace("49", "59"))
        mended, made = next_summary(told)
        while mended.broken:
            mended, made = next_summary(told)
        assert made[-1] == "one/revise"


def test_what_copydesk_writes_itself_starts_no_build(tmp_path: Path) -> None:
    workspace(tmp_path)
    with watching(tmp_path) as told:
        next_summary(told)
        (tmp_path / "drafts/one/one.md").write_text("A person's page.\n")
        edited, made = next_summary(told)
        assert (made, edited.made) == ([], 0)
        (tmp_path / "sources").mkdir()
        assert told.empty()
