"""The verbs by which people direct, at the terminal: what each prints, its one object of `--json`, and its exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator import app
from generator.cli.verbs import run
from tests.rooms.app.test_offers import BRIEF, PAGE, TEXT, writes
from tests.stories.stage import MODEL, Stage

Typed = Callable[..., str]


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Return a page on which a person and the AI changed the same two sentences."""
    stage = Stage(tmp_path)
    stage.write({"copydesk.yml": f"{MODEL}site: {{renderer: none}}\n", BRIEF: TEXT})
    stage.build(script=writes)
    stage.edit(PAGE, "It costs 49 EUR a seat.", "Ada says it costs 49 EUR a seat.")
    stage.edit(PAGE, "A team of 49 saves a day.", "Teams of 49 people save a day.")
    stage.change(BRIEF, "49 EUR", "59 EUR")
    stage.build(script=writes)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("USER", "ada")
    return stage


@pytest.fixture
def typed(stage: Stage, capsys: pytest.CaptureFixture[str]) -> Typed:
    def type_(*words: str, code: int = 0) -> str:
        assert run([*words]) == code
        return capsys.readouterr().out

    return type_


def told(said: str) -> Any:
    answer = json.loads(said)
    assert answer["schema"] == 1
    return answer


@pytest.mark.parametrize("words", [["retry", "note/draft"], ["choose", "note/angle", "--again"]])
@pytest.mark.parametrize("note", ["", "  "])
def test_an_empty_note_is_asked_wrongly(
    stage: Stage, capsys: pytest.CaptureFixture[str], words: list[str], note: str
) -> None:
    before = sorted((stage.root / "history").rglob("*"))
    assert run([*words, "--note", note]) == 2
    assert "--note is empty: say in it what should be different, or leave it out." in capsys.readouterr().err
    assert sorted((stage.root / "history").rglob("*")) == before


def test_suggestions_are_decided(typed: Typed, stage: Stage) -> None:
    first, second = told(typed("suggestions", "--json"))["suggestions"]
    assert typed("accept", first["id"], "--by", "ada").splitlines() == [
        f"Accepted into {PAGE}: It costs 59 EUR a seat.", "Next: copydesk suggestions note",
    ]  # fmt: skip
    assert typed("decline", second["id"], "--by", "ada").splitlines() == [
        f"Declined: your text stands in {PAGE}: Teams of 49 people save a day.", "Next: copydesk suggestions note",
    ]  # fmt: skip
    assert typed("suggestions").splitlines() == ["No suggestion waits.", "Next: copydesk status"]
    typed("accept", "note", code=2)


def test_all_of_a_page_is_decided_and_told_to_a_machine(typed: Typed, stage: Stage) -> None:
    assert [each["verb"] for each in told(typed("accept", "note", "--json", "--by", "ada"))["events"]] == [
        "accepted"
    ] * 2
    stage.edit(PAGE, "Nobody pays more.", "Nobody pays more, says Ada.")
    stage.build(script=lambda request, model: writes(request, model).replace("Nobody", "No one"))
    stage.change(BRIEF, "59 EUR", "69 EUR")
    stage.build(script=lambda request, model: writes(request, model).replace("Nobody", "No one"))
    assert told(typed("decline", "note", "--json", "--by", "ada"))["event"]["verb"] == "declined"


def test_evidence_is_told(typed: Typed, stage: Stage) -> None:
    lines = typed("history", "note", "--blame").splitlines()
    assert any("not recorded yet: a person" in line and "Ada says it costs" in line for line in lines)
    assert lines[-2:] == ["2 of 6 sentences are people's.", "Next: copydesk status"]
    sentences = told(typed("history", "note", "--blame", "--json"))["sentences"]
    assert {"line", "text", "who", "name", "prompt", "attempt", "at", "event"} == set(sentences[0])
    assert "Model literacy" in typed("report")
    assert len(told(typed("report", "--json"))["figures"]) == 5
    assert typed("story", "note").splitlines()[-1] == "Next: copydesk history note"
    assert (stage.root / "story-note.html").is_file()
    assert told(typed("story", "note", "-o", "other.html", "--json"))["created"] == ["other.html"]


def test_a_note_is_taken_back(typed: Typed, stage: Stage) -> None:
    event = app.retry(stage.root, "note/final", note="Shorter.", by="ada")
    assert typed("withdraw", event.id[:8], "--by", "ada").splitlines() == [
        f"Took back the note {event.id[:8]}.", "Next: copydesk build note",
    ]  # fmt: skip
    typed("withdraw", event.id[:8], "--by", "ada", code=2)


def test_what_was_checked_is_told(typed: Typed) -> None:
    said = typed("approve", "note", "--checked", "sources", "--by", "ada")
    assert "Not checked: accuracy, plausibility (--checked ITEM" in said
    assert told(typed("approve", "note", "--checked", "all", "--by", "ada", "--json"))["event"]["checked"] == [
        "accuracy", "plausibility", "sources",
    ]  # fmt: skip


def test_there_is_nothing_to_settle(typed: Typed, stage: Stage) -> None:
    stage.begin_git()
    assert typed("settle", PAGE, "--by", "ada").splitlines()[0] == f"There is nothing to settle in {PAGE}."
    assert told(typed("settle", PAGE, "--by", "ada", "--json"))["settled"] is False
