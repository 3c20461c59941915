"""What a person wrote in one step stands in another, byte for byte, after every update; no model writes it again."""

from collections.abc import Callable
from pathlib import Path

import pytest

from generator import app
from generator.errors import RefusedError
from generator.model import Model, Request
from tests.stories.scripts import obeys, plain
from tests.stories.stage import Script, Stage

BRIEF, PAGE = "content_briefs/tally.md", "drafts/tally/tally.md"
OUTLINE, OPENING, DRAFT = (f"drafts/tally/steps/{step}.md" for step in ("outline", "opening", "draft"))
FIRST = "On the *last* day, we  wait.  \nNobody knows – why.\n\n- One “odd” list\n\n    indented code\n\nAnd then: it closes."
SECOND = "We used to wait.\n\nNow Tally closes the books while we sleep."


def opens(stage: Stage, words: str) -> None:
    """Write the opening as Ada would, with front matter and blank lines that are not placed, and answer for it."""
    stage.write({OPENING: f"---\nmood: calm\n---\n\n \n{words}\n\n\n"})
    app.approve(stage.root, ["tally/opening"], by="ada")


def begun(tmp_path: Path, script: Script = plain) -> Stage:
    stage = Stage.begin(tmp_path, __file__)
    assert [address for address, _, _ in stage.build(script=script).waits] == ["tally/opening"]
    opens(stage, FIRST)
    stage.log()
    return stage


def test_the_words_stand_byte_for_byte_through_updates(tmp_path: Path) -> None:
    seen: list[Request] = []

    def script(request: Request, model: Model) -> str:
        seen.append(request)
        return obeys(request, model)

    stage = begun(tmp_path)
    assert stage.build(script=script).failed == 0
    assert stage.log() == ("tally/draft", "tally/revise")
    for path in (DRAFT, PAGE):
        assert f"# Tally closes the month in a day\n\n{FIRST}\n\n" in stage.text(path)
        assert "[place:" not in stage.text(path)
    shown = {part.label: part.text for part in seen[1].parts}
    assert shown["slot.opening"] == FIRST
    assert "upstream.opening" not in shown
    assert ("[place: opening]\n" in shown["upstream.draft"], FIRST in shown["upstream.draft"]) == (True, False)
    assert [message.text.count(FIRST) for message in seen[1].messages] == [0, 0, 1]

    stage.human += FIRST.split("\n\n")
    stage.add(DRAFT, "Ada adds this to the draft.", after="This part is about what is new.")
    stage.add(PAGE, "Ada closes the page.")
    for old, new in (("49 EUR", "59 EUR"), ("59 EUR", "69 EUR"), ("69 EUR", "79 EUR")):
        stage.change(BRIEF, old, new)
        assert stage.build(script=script).failed == 0
        for path in (DRAFT, PAGE):
            assert stage.text(path).count(FIRST) == 1
            assert f"The price is {new}." in stage.text(path)
        assert stage.text(PAGE).endswith("Ada closes the page.\n")
    helped = seen[-1].help
    assert helped is not None
    assert (FIRST in helped.given, "[place: opening]\n" in helped.given) == (False, True)
    assert all("odd" not in each for each in helped.human)
    stage.log()

    del stage.human[:4]
    opens(stage, SECOND)
    assert stage.build(script=script).failed == 0
    assert stage.log() == ("tally/draft", "tally/revise")
    for path in (DRAFT, PAGE):
        assert stage.text(path).count(SECOND) == 1
        assert "“odd”" not in stage.text(path)
    assert "Ada adds this to the draft." in stage.text(DRAFT)
    assert app.suggestions(stage.root, "tally") == ()
    stage.settled()
    stage.ends()


def test_what_a_person_changed_in_the_page_itself_stands(tmp_path: Path) -> None:
    stage = begun(tmp_path)
    stage.build(script=obeys)
    stage.edit(PAGE, "And then: it closes.", "And then, Ada says, it closes.")

    def leaves_out(request: Request, model: Model) -> str:
        text = obeys(request, model)
        if request.help is None or request.step == "draft":
            return text
        assert "leave the lines out this time:\n\n[place: opening]\n" in request.help.messages[0].text
        return text.replace("[place: opening]\n\n", "")

    for script, old, new in (
        (leaves_out, "49 EUR", "59 EUR"),
        (obeys, "59 EUR", "69 EUR"),
        (plain, "69 EUR", "79 EUR"),
    ):
        stage.change(BRIEF, old, new)
        assert stage.build(script=script).failures == ()
        page = stage.text(PAGE)
        assert f"The price is {new}." in page
        assert FIRST.replace("And then: it closes.", "And then, Ada says, it closes.") in page
        assert ("And then: it closes." in page, "[place:" in page) == (False, False)

    opens(stage, SECOND)
    assert stage.build(script=obeys).failures == ()
    assert SECOND in stage.text(DRAFT)
    assert "And then, Ada says, it closes." in stage.text(PAGE)
    stage.kept()
    stage.log()
    stage.settled()


BAD: dict[str, Callable[[str], str]] = {
    "forgets": lambda text: text.replace("[place: opening]\n\n", ""),
    "doubles": lambda text: f"{text}\n[place: opening]\n",
    "retypes": lambda text: text.replace("[place: opening]", FIRST),
    "in a list": lambda text: text.replace("[place: opening]", "- [place: opening]"),
    "below an item": lambda text: text.replace("[place: opening]", "- so:\n\n  [place: opening]"),
    "in code": lambda text: text.replace("[place: opening]", "```\n[place: opening]\n```"),
    "in a sentence": lambda text: text.replace("[place: opening]", "It begins: [place: opening]"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_reply_without_the_line_lands_nowhere_and_is_kept(tmp_path: Path, name: str) -> None:
    stage = begun(tmp_path)

    def fails(request: Request, model: Model) -> str:
        return BAD[name](plain(request, model))

    for asked in (("tally/draft",), ()):
        summary = stage.build(script=fails)
        ((address, why),) = summary.failures
        assert (address, stage.log(), summary.blocked) == ("tally/draft", asked, 1)
        assert "the line [place: opening]" in why
        assert "copydesk show tally/draft" in why
        assert why.endswith("copydesk retry tally/draft")
        assert not (stage.root / DRAFT).exists()
    assert "Tally closes" in app.show(stage.root, "tally/draft").reply

    app.retry(stage.root, "tally/draft", by="ada")
    assert stage.build(script=plain).failed == 0
    assert stage.log() == ("tally/draft", "tally/revise")
    before = stage.files("drafts")
    stage.add(PAGE, "Ada closes the page.")
    stage.change(BRIEF, "49 EUR", "59 EUR")
    assert [address for address, _ in stage.build(script=fails).failures] == ["tally/draft"]
    assert stage.files("drafts") == {**before, PAGE: stage.text(PAGE)}
    stage.kept()


def test_a_model_may_move_the_words_and_they_stay_whole(tmp_path: Path) -> None:
    stage = begun(tmp_path)
    stage.build(script=plain)
    stage.add(DRAFT, "Ada adds this to the draft.", after="This part is about what is new.")
    stage.add(DRAFT, "Ada ends the draft.")

    def moves(request: Request, model: Model) -> str:
        text = obeys(request, model).replace("[place: opening]\n\n", "")
        return text.replace("## What it costs\n", "## What it costs\n\n[place: opening]\n")

    stage.change(BRIEF, "49 EUR", "59 EUR")
    assert stage.build(script=moves).failed == 0
    for path in (DRAFT, PAGE):
        assert stage.text(path).count(FIRST) == 1, stage.text(path)
    stage.kept()


def test_no_model_places_them_after_the_title(tmp_path: Path) -> None:
    stage = Stage.begin(tmp_path, __file__)
    stage.build(offline=True)
    opens(stage, FIRST)
    assert stage.build(offline=True).failed == 0
    for path in (DRAFT, PAGE):
        title, line, rest = stage.text(path).split("\n\n", 2)
        assert (title, line[:19]) == ("# Tally closes the month in a day", "> Sourced skeleton:")
        assert rest.startswith(f"{FIRST}\n\n")
    opens(stage, SECOND)
    stage.change(BRIEF, "49 EUR", "59 EUR")
    stage.build(offline=True)
    for path in (DRAFT, PAGE):
        assert (stage.text(path).count(SECOND), "odd" in stage.text(path)) == (1, False)
        assert "59 EUR" in stage.text(path)


def test_words_of_a_models_step_edited_without_a_word_said(tmp_path: Path) -> None:
    """What was placed then stands in no event of its step: it is found by its digest."""
    stage = Stage.begin(tmp_path, __file__)
    stage.change(BRIEF, "uses: human/write", "uses: summary")
    stage.build(script=plain)
    for old, new in (
        ("# Tally closes", "# Ada closes"),
        ("# Ada closes", "# Bo closes"),
        ("# Bo closes", "# Cy closes"),
    ):
        stage.change(OPENING, old, new)
        assert stage.build(script=obeys).failures == ()
        words = stage.text(OPENING).strip()
        assert (stage.text(DRAFT).count(words), stage.text(PAGE).count(words)) == (1, 1)
        assert (old in stage.text(DRAFT).replace("# Tally closes the month in a day", "", 1)) is False
    stage.log()
    stage.settled()


def test_an_empty_text_is_placed_as_nothing_and_may_be_filled_later(tmp_path: Path) -> None:
    stage = begun(tmp_path)
    stage.build(script=obeys)
    opens(stage, "")
    assert stage.build(script=obeys).failures == ()
    assert ("closes the month in a day\n\nSay what" in stage.text(PAGE), "[place" in stage.text(PAGE)) == (True, False)
    opens(stage, SECOND)
    assert stage.build(script=obeys).failures == ()
    assert stage.text(PAGE).count(SECOND) == 1


def test_what_was_chosen_is_placed_and_not_the_rest(tmp_path: Path) -> None:
    stage = Stage.begin(tmp_path, __file__)
    stage.change(BRIEF, "uses: human/write", "uses: human/choose")
    stage.build(script=plain)
    stage.write({"drafts/tally/steps/outline.md": "- We wait.\n- We close.\n"})
    app.choose(stage.root, "tally/opening", [2], by="ada")
    assert stage.build(script=plain).failures == ()
    assert "\n\n- We close.\n\n" in stage.text(PAGE)
    assert "We wait." not in stage.text(PAGE)


def test_a_fan_out_has_slots_of_its_own(tmp_path: Path) -> None:
    stage = Stage.begin(tmp_path, __file__)
    stage.change(BRIEF, "needs: [outline]}", "needs: [outline], strategy: {matrix: {who: [cmo, cfo]}}}")
    stage.change(BRIEF, "    from: revise", "    from: revise.cfo")
    stage.build(script=plain)
    for who in ("cmo", "cfo"):
        stage.write({f"drafts/tally/steps/opening.{who}.md": f"Ada greets the {who}.\n"})
        app.approve(stage.root, [f"tally/opening.{who}"], by="ada")
    assert stage.build(script=plain).failures == ()
    assert "\n\nAda greets the cfo.\n\n" in stage.text(PAGE)
    assert "\n\nAda greets the cmo.\n\n" in stage.text("drafts/tally/steps/draft.cmo.md")
    assert "cmo" not in stage.text(PAGE)


def test_a_slot_may_come_later_and_a_renamed_step_is_still_found(tmp_path: Path) -> None:
    stage = Stage.begin(tmp_path, __file__)
    stage.change(BRIEF, "  - {id: draft, slots: [opening]}\n", "")
    stage.change(BRIEF, ", slots: [opening]}", "}")
    stage.build(script=plain)
    opens(stage, FIRST)
    stage.build(script=plain)
    stage.change(BRIEF, "  - {id: revise}\n", "  - {id: revise, slots: [opening]}\n")
    assert stage.build(script=obeys).failures == ()
    assert stage.text(PAGE).count(FIRST) == 1

    app.rename(stage.root, "tally/opening", "hello", by="ada")
    assert "slots: [hello]" in stage.text(BRIEF)
    stage.write({"drafts/tally/steps/hello.md": f"{SECOND}\n"})
    app.approve(stage.root, ["tally/hello"], by="ada")
    assert stage.build(script=obeys).failures == ()
    assert (stage.text(PAGE).count(SECOND), "odd" in stage.text(PAGE)) == (1, False)


def test_a_line_that_is_left_is_never_approved(tmp_path: Path) -> None:
    stage = begun(tmp_path)
    stage.build(script=plain)
    stage.edit(PAGE, FIRST, "[place: opening]")
    assert "D009" in [each.code for each in app.check(stage.root, ["tally"]) if each.level == "error"]
    with pytest.raises(RefusedError, match="the words of the step opening are missing here"):
        app.approve(stage.root, ["tally"], by="ada", reason="it is late")
