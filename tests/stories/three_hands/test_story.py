"""A whole campaign with three human steps, from the terminal, by typing only what copydesk proposes."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from generator import app
from generator.app.answers import Choice
from generator.cli.verbs import run
from generator.errors import RefusedError, UsageError
from generator.store import read_history
from tests.stories.scripts import obeys, plain
from tests.stories.stage import MODEL, Stage

BRIEF, ANGLES = "tally-3", "drafts/tally-3/steps/angles.md"
OPENING, PAGE = "drafts/tally-3/steps/opening.md", "drafts/tally-3/tally-3.md"
WORDS = "Ada has closed two hundred months.\nThis was the first she did *before lunch*.\n"


class Terminal:
    """Somebody who types the first line of what stands behind `Next:`, and nothing else."""

    def __init__(self, stage: Stage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.stage, self.capsys = stage, capsys
        monkeypatch.chdir(stage.root)
        monkeypatch.setenv("USER", "ada")
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
        self.typed: list[str] = []
        self.next = "copydesk build"

    def type(self, more: str = "") -> str:
        """Type what was proposed last, and `more` behind it; return what was printed."""
        command = f"{self.next} {more}".strip()
        self.typed.append(command)
        assert run(shlex.split(command)[1:]) in (0, 1, 2)
        out, err = self.capsys.readouterr()
        proposed = re.findall(r"^Next: (copydesk .*)$", out + err, re.MULTILINE)
        self.next = proposed[-1] if proposed else ""
        return out + err


def test_a_campaign_is_directed_by_typing_what_is_proposed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage.begin(tmp_path, __file__)
    stage.begin_git()
    terminal = Terminal(stage, capsys, monkeypatch)
    said = terminal.type()
    assert re.search(
        r"Waiting: tally-3/angles, for ada: choose from drafts/tally-3/steps/angles.md \(since \d{4}-", said
    )
    assert terminal.next == "copydesk choose tally-3/angles"
    assert " 1  " in terminal.type()
    assert terminal.next == "copydesk choose tally-3/angles 1"
    terminal.type()
    assert terminal.next == "copydesk build tally-3"
    terminal.type()
    assert terminal.next == "copydesk approve tally-3/outline"
    terminal.type()
    assert terminal.next == "copydesk build"
    terminal.type()
    assert terminal.next == "copydesk approve tally-3/opening"
    assert "nobody has written here yet" in terminal.type()

    stage.write({OPENING: stage.text(OPENING) + WORDS})
    stage.human += WORDS.splitlines()
    terminal.next = "copydesk approve tally-3/opening"
    terminal.type()
    assert stage.text(OPENING) == WORDS
    assert terminal.next == "copydesk build"
    terminal.type()
    assert stage.text(PAGE).count(WORDS) == 1
    assert "[place:" not in stage.text(PAGE)
    for page in app.status(stage.root).pages:  # what a skeleton lacks, a person fills in
        copy = next(each for each in stage.files("drafts/tally-3") if page.path.rpartition("/")[2] in each)
        words = re.sub(r"> Sourced skeleton[^\n]*\n\n", "", stage.text(copy))
        stage.write({copy: re.sub(r"\[to write: [^\]]*\]", "See https://www.example.com/tally", words)})
    assert terminal.next == "copydesk status"
    while {each.status for each in app.status(stage.root).pages} != {"approved"} or "publish" not in terminal.typed[-1]:
        assert len(terminal.typed) < 40, terminal.typed
        terminal.type()
    assert stage.text("docs/tally-3.md").count(WORDS) == 1
    stage.settled()
    stage.ends()


def begun(tmp_path: Path) -> Stage:
    stage = Stage.begin(tmp_path, __file__)
    stage.write({"copydesk.yml": MODEL})
    stage.build(script=plain)
    return stage


def test_what_was_chosen_flows_and_the_rest_does_not(tmp_path: Path) -> None:
    stage = begun(tmp_path)
    choice = app.options(stage.root, "tally-3/angles")
    assert [option.name for option in choice.options] == [
        "Tally 3: close the month in a day, as the proof tells it",
        "Tally 3: close the month in a day, as a customer tells it",
    ]
    event = app.choose(stage.root, "tally-3/angles", [2], by="ada")
    assert (event.picked, event.text) == (("2",), choice.options[1].text)
    assert app.choose(stage.root, "tally-3/angles", [2], by="ada") == event
    seen: list[str] = []

    def watches(request, model):  # type: ignore[no-untyped-def]
        seen.extend(part.text for part in request.parts if part.label == "upstream.angles")
        return obeys(request, model)

    stage.log()
    stage.build(script=watches)
    assert seen == [choice.options[1].text]
    assert stage.log() == ("tally-3/outline",)

    stage.change("content_briefs/tally-3.md", "what that frees them for", "what it frees them for")
    (kept,) = [each for each in app.plan(stage.root).steps if each.step == "angles"]
    assert (kept.action, kept.reasons) == (
        "keep",
        ("what was chosen from it stands; `choose --again` asks for new options",),
    )
    app.choose(stage.root, "tally-3/angles", [1], by="bo", words="Bo's own angle.\n")
    stage.build(script=watches)
    assert seen[-1] == "Bo's own angle.\n"
    assert "tally-3/angles" not in stage.log()

    app.choose_again(stage.root, "tally-3/angles", by="bo", note="braver")
    stage.build(script=watches)
    assert "tally-3/angles" in stage.log()
    assert app.options(stage.root, "tally-3/angles").picked == ()
    assert stage.history("tally-3/angles")[-4:] == ("chose", "withdrew", "retried", "made")


def test_the_words_are_changed_in_an_editor_while_choosing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = begun(tmp_path)
    monkeypatch.chdir(stage.root)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "sed -i 's/customer/customer of ours/'")
    assert run(["choose", "tally-3/angles", "2", "--edit", "--by", "ada"]) == 0
    assert "Chose Tally 3" in capsys.readouterr().out
    (event,) = [each for each in read_history(stage.root, "tally-3").events if each.verb == "chose"]
    assert event.text == "- Tally 3: close the month in a day, as a customer of ours tells it\n"
    assert run(["choose", "tally-3/angles", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["picked"] == ["2"]
    editor = tmp_path / "editor.sh"
    editor.write_text("#!/bin/sh\nprintf '\\377\\376' > \"$1\"\n")
    editor.chmod(0o700)
    monkeypatch.setenv("EDITOR", str(editor))
    assert run(["choose", "tally-3/angles", "2", "--edit", "--by", "ada"]) == 2
    assert "not UTF-8" in capsys.readouterr().err
    for words in (["1", "--again"], ["1", "--note", "x"]):
        assert run(["choose", "tally-3/angles", *words]) == 2
    assert run(["choose", "tally-3/angles", "--again", "--note", "braver", "--by", "ada"]) == 0
    assert "is open again" in capsys.readouterr().out


def test_options_that_changed_are_chosen_from_anew(tmp_path: Path) -> None:
    stage = begun(tmp_path)
    app.choose(stage.root, "tally-3/angles", [1], by="ada")
    stage.add(ANGLES, "- A third, by hand")
    (address, whom, command) = stage.build(script=plain).waits[0]
    assert (address, command) == ("tally-3/angles", "copydesk choose tally-3/angles")
    assert whom.startswith("ada: choose from drafts/tally-3/steps/angles.md")
    assert app.choose(stage.root, "tally-3/angles", [3], by="ada").text == "- A third, by hand\n"


@pytest.mark.parametrize("numbers", [[], [1, 2], [3], [1, 1]])
def test_a_choice_that_cannot_be_is_told_with_what_there_is(tmp_path: Path, numbers: list[int]) -> None:
    stage = begun(tmp_path)
    with pytest.raises(UsageError, match="as a customer tells it"):
        app.choose(stage.root, "tally-3/angles", numbers, by="ada")
    with pytest.raises(UsageError, match="half a character"):
        app.choose(stage.root, "tally-3/angles", [1], by="ada", words="a\ud800")
    with pytest.raises(UsageError, match="nothing is left"):
        app.choose(stage.root, "tally-3/angles", [1], by="ada", words=" \n")


def test_where_there_is_nothing_to_choose(tmp_path: Path) -> None:
    stage = begun(tmp_path)
    for act in (app.options, lambda root, address: app.choose_again(root, address, by="ada")):
        with pytest.raises(UsageError, match="nothing to choose") as caught:
            act(stage.root, "tally-3/draft")
        assert "tally-3/angles" in caught.value.mend
    stage.write({ANGLES: "One thing only.\n"})
    with pytest.raises(RefusedError, match="offers no options"):
        app.options(stage.root, "tally-3/angles")


HUMAN = """---
title: A choice
steps:
  - {id: angles, uses: angles}
  - {id: angle, uses: human/choose, needs: [angles], with: {min: 1, max: 2}}
  - {id: draft, uses: draft, needs: [angle]}
deliverables: [{page: note, from: draft}]
---
Say it.
"""


def test_a_choice_step_has_a_copy_of_its_own(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write({"copydesk.yml": MODEL, "content_briefs/note.md": HUMAN})
    with pytest.raises(RefusedError, match="no options yet"):
        app.options(stage.root, "note/angle")
    assert [each[2] for each in stage.build(script=plain).waits] == ["copydesk choose note/angle"]
    choice = app.options(stage.root, "note/angle")
    assert isinstance(choice, Choice)
    assert (choice.least, choice.most, choice.path) == (1, 2, "drafts/note/steps/angles.md")
    app.choose(stage.root, "note/angle", [2, 1], by="ada")
    copy = "drafts/note/steps/angle.md"
    assert stage.text(copy) == choice.options[1].text + choice.options[0].text
    assert app.words_chosen(stage.root, "note/angle", [1]) == choice.options[0].text
    stage.build(script=plain)
    app.choose(stage.root, "note/angle", [1], by="ada")
    assert stage.text(copy) == choice.options[0].text
    stage.log()

    stage.change("content_briefs/note.md", "Say it.", "Say it well.")
    assert stage.build(script=plain).waiting == 0
    assert stage.log() == ("note/draft",), "options that were chosen from are settled"
    (stage.root / copy).unlink()
    assert stage.build(script=plain).made == 1
    assert stage.text(copy) == choice.options[0].text

    stage.edit(copy, "A choice, as the proof tells it", "A choice, as Ada tells it")
    with pytest.raises(RefusedError, match="a person wrote or changed these words"):
        app.choose(stage.root, "note/angle", [2], by="ada")
    stage.kept()
    with pytest.raises(UsageError, match="no model makes it") as caught:
        app.retry(stage.root, "note/angle", by="ada")
    assert caught.value.mend == "Choose anew: copydesk choose note/angle --again"
    app.choose_again(stage.root, "note/angle", by="ada")
    stage.build(script=plain)
    assert "note/angles" in stage.log()


def test_a_gate_passes_a_text_on_once_it_is_approved(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    gate = """---
title: A gate
owner: ada
steps:
  - {id: outline, uses: outline}
  - {id: gate, uses: human/approve, needs: [outline]}
  - {id: draft, uses: draft, needs: [gate]}
---
Say it.
"""
    fans = gate.replace("needs: [gate]}", "needs: [gate], strategy: {matrix: {p: [a, b]}}}").replace("A gate", "Two")
    stage.write(
        {
            "copydesk.yml": MODEL,
            "content_briefs/fans.md": fans.replace("---\nSay", "deliverables: [{page: x, from: draft.a}]\n---\nSay"),
        }
    )
    assert [each[0] for each in stage.build(script=plain).waits] == ["fans/gate"]
    (stage.root / "content_briefs/fans.md").unlink()
    stage.write({"content_briefs/note.md": gate})
    (address, whom, command) = stage.build(script=plain).waits[0]
    assert (address, command) == ("note/gate", "copydesk approve note/gate")
    assert whom.startswith("ada: read drafts/note/steps/outline.md, then approve it")
    outline = "drafts/note/steps/outline.md"
    stage.edit(outline, "## What it costs", "## Ada asks what it costs")
    app.approve(stage.root, ["note/gate"], by="ada")
    stage.log()
    stage.build(script=plain)
    assert stage.log() == ("note/draft",)
    assert "Ada asks what it costs" in stage.text("drafts/note/note.md")
    assert not (stage.root / "drafts/note/steps/gate.md").exists()
    stage.settled()
    assert any("Ada asks" in each.text for each in app.blame(stage.root, "note/gate"))
    for ask in (lambda: app.retry(stage.root, "note/gate", by="ada"), lambda: app.show(stage.root, "note/gate")):
        with pytest.raises(UsageError, match="a person's step") as caught:
            ask()
        assert outline in caught.value.mend
    stage.edit(outline, "## Ada asks what it costs", "## Ada asks again")
    assert [each[0] for each in stage.build().waits] == ["note/gate"]


def test_a_person_who_writes_the_options_chooses_anew_by_hand(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    brief = HUMAN.replace("uses: angles", "uses: human/write").replace(
        "needs: [angles], with: {min: 1, max: 2}", "with: {from: angles}"
    )
    stage.write({"copydesk.yml": MODEL, "content_briefs/note.md": brief, "drafts/note/steps/angles.md": "- A\n- B\n"})
    with pytest.raises(UsageError, match="a person writes these options"):
        app.choose_again(stage.root, "note/angle", by="ada")
    app.approve(stage.root, ["note/angles"], by="ada")
    app.choose(stage.root, "note/angle", [1], by="ada")
    assert app.choose_again(stage.root, "note/angle", by="ada").verb == "withdrew"


def test_the_line_of_a_persons_step_goes_whatever_the_brief_was_called_then(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write({"content_briefs/note.md": "---\ntitle: T\nsteps: [{id: page, uses: human/write}]\n---\n"})
    stage.build()
    app.rename(stage.root, "note", "memo", by="ada")
    copy = "drafts/memo/memo.md"
    path = copy if (stage.root / copy).exists() else "drafts/memo/note.md"
    stage.write({path: f"{stage.text(path)}# T\n\nOurs.\n"})
    app.approve(stage.root, ["memo/page"], by="ada")
    assert stage.text(path) == "# T\n\nOurs.\n"


def test_a_plan_says_what_a_build_then_does(tmp_path: Path) -> None:
    stage = Stage.begin(tmp_path, __file__)
    stage.write({"copydesk.yml": MODEL})

    def writes() -> None:
        stage.write({OPENING: "Mine.\n"})
        app.approve(stage.root, ["tally-3/opening"], by="ada")

    def foretold() -> set[str]:
        return {f"{each.brief}/{each.step}" for each in app.plan(stage.root).steps if each.action in ("make", "update")}

    for answer in (
        lambda: app.choose(stage.root, "tally-3/angles", [1], by="ada"),
        lambda: app.approve(stage.root, ["tally-3/outline"], by="ada"),
        writes,
        lambda: None,
    ):
        first = next(iter(foretold()), "")
        stage.build(script=plain)
        asked = stage.log()
        assert first in asked or not asked
        answer()
    assert foretold() == set()
