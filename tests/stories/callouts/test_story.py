"""Notes become work: written into the draft, sent with a page, left with a retry; taken up, answered, taken back."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from generator import app, disk, drafts
from generator.errors import CopydeskError, RefusedError, UsageError
from generator.model import Model, Request
from tests.proofs.test_faults import Failing
from tests.stories.stage import Script, Stage

DRAFT, PAGE = "drafts/note/steps/draft.md", "drafts/note/note.md"
BLOCKS = ("# A note", "It costs 49 EUR a seat.", "Nobody pays more than that.", "A team saves a day.", "Begin today.")
NOTE = "> [!editor] Say for how long.\n"


def writes(request: Request, _model: Model) -> str:
    """Write five blocks; pass a draft on as it is."""
    if request.uses == "revise":
        return next(part.text for part in request.parts if part.kind == "upstream")
    return "\n\n".join(BLOCKS) + "\n"


def obeys(request: Request, model: Model) -> str:
    """Do what the notes ask at the block they stand at, and nothing else."""
    if request.help is None:
        return writes(request, model)
    return request.help.given.replace("Nobody pays more than that.", "Nobody pays more than that, for two years.")


def rewrites(request: Request, model: Model) -> str:
    """Say all of it anew, whatever a note is about."""
    given = request.help.given if request.help else writes(request, model)
    return (
        given.replace("A note", "A new note")
        .replace("It costs", "You pay")
        .replace("Nobody", "No one")
        .replace(" saves ", " wins ")
        .replace("Begin", "Start")
    )


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Return a page that was made, in whose draft a person has left a note."""
    stage = Stage.begin(tmp_path, __file__)
    stage.build(script=writes)
    stage.write({DRAFT: stage.text(DRAFT).replace("A team saves", f"{NOTE}\nA team saves")})
    stage.log()
    return stage


def note_of(request: Request) -> str:
    return "\n".join(part.text for part in request.parts if part.kind == "note")


@pytest.mark.parametrize("script", [obeys, rewrites])
def test_a_note_is_taken_up_and_answered_at_its_place(stage: Stage, script: Script) -> None:
    seen: list[Request] = []

    def watches(request: Request, model: Model) -> str:
        seen.append(request)
        said = script(request, model)
        assert isinstance(said, str)
        return said if request.uses == "draft" else writes(request, model)

    stage.build(script=watches)
    assert "note/draft: 1 note was taken up." in stage.said
    assert stage.log() == ("note/draft", "note/final")
    draft, final = seen
    assert note_of(draft) == "Say for how long.\n\n(It stands at: Nobody pays more than that.)"
    assert draft.help is not None
    assert "[!editor]" not in "".join(message.text for message in (*draft.messages, *draft.help.messages))
    assert "The notes are about these pieces." in draft.help.messages[0].text
    assert "[!editor]" not in "".join(message.text for message in final.messages), "a note travels nowhere"
    text = stage.text(DRAFT)
    assert drafts.find_callouts(text) == ()
    if script is obeys:
        assert text == "\n\n".join(BLOCKS).replace("than that.", "than that, for two years.") + "\n"
    else:
        kept = [block for block in BLOCKS if block in text]
        assert kept == ["# A note", "Begin today."], "beyond its neighbours nothing changed"
        assert "You pay 49 EUR" in text
    lines = [each.line for each in app.history(stage.root, "note/draft")]
    noted = next(
        line
        for line in lines
        if line.startswith("a note was left on drafts/note/steps/draft.md: Say for how long. (note ")
    )
    assert f"answering note {noted[-9:-1]}" in lines[-1]
    stage.settled()


def test_a_note_is_kept_in_the_request_until_it_is_taken_back(stage: Stage) -> None:
    stage.build(script=obeys)
    stage.change("content_briefs/note.md", "49 EUR", "59 EUR")
    seen: list[str] = []

    def watches(request: Request, model: Model) -> str:
        seen.append(note_of(request))
        return obeys(request, model)

    stage.build(script=watches)
    assert seen[0].startswith("Say for how long.")
    (noted,) = [each.id for each in app.history(stage.root, "note/draft") if each.verb == "noted"]
    assert app.withdraw_note(stage.root, noted[:8], by="ada").target == noted
    seen.clear()
    stage.build(script=watches)
    assert seen[0] == ""
    for word, said in ((noted[:8], "taken back already"), ("0" * 8, "there is no note")):
        with pytest.raises(UsageError, match=said):
            app.withdraw_note(stage.root, word, by="ada")


def test_a_note_stops_an_approval_whatever_the_reason(stage: Stage) -> None:
    stage.write({PAGE: f"{stage.text(PAGE)}\n{NOTE}"})
    with pytest.raises(RefusedError, match="D014 a note to the AI stands here"):
        app.approve(stage.root, ["note"], by="ada", reason="in a hurry")
    with pytest.raises(RefusedError, match="D014"):
        app.approve(stage.root, ["note/draft"], by="ada")
    stage.build(script=obeys)
    assert "[!editor]" not in stage.text(PAGE)
    app.approve(stage.root, ["note"], by="ada")


def test_a_note_in_a_text_that_only_people_wrote_stays_and_is_told(stage: Stage) -> None:
    stage.write({"content_briefs/own.md": stage.text("content_briefs/note.md").replace("page: note", "page: own")})
    path = "drafts/own/steps/draft.md"
    stage.write({path: f"A person wrote this.\n\n{NOTE}"})
    stage.build(script=obeys)
    assert NOTE in stage.text(path)
    assert [each.code for each in app.check(stage.root, ["own"]) if each.path == path] == ["D014"]
    assert "[!editor]" not in stage.text("drafts/own/own.md")


def test_a_persons_sentence_stays_and_the_change_is_offered(stage: Stage) -> None:
    stage.edit(DRAFT, "Nobody pays more than that.", "Nobody pays more than that, says Ada.")
    stage.build(
        script=lambda request, model: obeys(request, model).replace("that, says Ada.", "that for two years, says Ada.")
    )
    stage.kept()
    (offered,) = app.suggestions(stage.root, "note/draft")
    assert offered.suggestion.theirs == "Nobody pays more than that for two years, says Ada."


def test_a_page_that_was_sent_back_is_revised_and_the_note_can_be_taken_back(stage: Stage) -> None:
    stage.build(script=obeys)
    event = app.send_back(stage.root, "note", note="Warmer.", by="bo")
    assert app.status(stage.root).pages[0].status == "changes requested"
    seen: list[str] = []

    def watches(request: Request, model: Model) -> str:
        seen.append(note_of(request))
        return writes(request, model)

    stage.build(script=watches)
    assert seen == ["Warmer."]
    app.withdraw_note(stage.root, event.id, by="bo")
    assert app.status(stage.root).pages[0].status == "drafted"


def test_offline_leaves_a_gap_for_the_note(stage: Stage) -> None:
    (stage.root / "copydesk.yml").unlink()
    stage.write({"content_briefs/other.md": stage.text("content_briefs/note.md").replace("page: note", "page: other")})
    stage.build()
    path = "drafts/other/steps/draft.md"
    stage.write({path: f"{stage.text(path)}\n{NOTE}"})
    stage.build()
    assert "[!editor]" not in stage.text(path)
    assert "[to write: a note asks: Say for how long." in stage.text(path)
    assert "answering" not in app.history(stage.root, "other/draft")[-1].line, "a skeleton answers nothing"


@pytest.mark.parametrize("nth", range(1, 30, 2))
def test_whatever_call_fails_the_note_is_recorded_once(stage: Stage, nth: int) -> None:
    failing = Failing(nth, 28)
    with disk.using(failing), contextlib.suppress(CopydeskError):
        stage.build(script=obeys)
    stage.build(script=obeys)
    noted = [each for each in app.history(stage.root, "note/draft") if each.verb == "noted"]
    assert len(noted) == 1
    assert stage.text(DRAFT) == "\n\n".join(BLOCKS).replace("than that.", "than that, for two years.") + "\n"
    assert app.verify(stage.root) == ()


def test_the_story_ends(stage: Stage) -> None:
    stage.build(script=obeys)
    stage.log()
    stage.settled()
    stage.ends()


def test_notes_are_a_persons_whatever_a_model_writes(stage: Stage) -> None:
    stage.build(script=lambda request, model: f"{obeys(request, model)}\n{NOTE}")
    assert "[!editor]" not in stage.text(DRAFT) + stage.text(PAGE)
    stage.build(script=obeys)
    assert [each.verb for each in app.history(stage.root, "note") if each.verb == "noted"] == ["noted"]


def test_a_note_within_a_list_is_taken_up_too(stage: Stage) -> None:
    stage.build(script=obeys)
    stage.write({PAGE: stage.text(PAGE).replace("Begin today.", "- Begin today.\n  > [!editor] Or tomorrow?\n- End.")})
    with pytest.raises(RefusedError, match="D014"):
        app.approve(stage.root, ["note"], by="ada")
    stage.build(script=lambda request, _: request.help.given if request.help else "")
    assert stage.text(PAGE).endswith("- Begin today.\n- End.\n")
