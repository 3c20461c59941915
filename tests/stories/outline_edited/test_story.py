"""What flows downstream is the working copy: an outline that a person edits, writes alone, or empties."""

from pathlib import Path

from generator import app
from tests.stories.scripts import obeys
from tests.stories.stage import Stage

OUTLINE, DRAFT, PAGE = "drafts/tally/steps/outline.md", "drafts/tally/steps/draft.md", "drafts/tally/tally.md"


def test_the_draft_follows_the_outline(tmp_path: Path) -> None:
    stage = Stage.begin(tmp_path, __file__)
    stage.build(script=obeys)
    stage.log()
    stage.add(OUTLINE, "## Why we did it")
    stage.build(script=obeys)
    assert stage.log() == ("tally/draft", "tally/revise")
    for path in (DRAFT, PAGE):
        assert "## Why we did it\n\nThis part is about why we did it.\n" in stage.text(path)
    stage.add(PAGE, "Ada closes with a sentence of her own.")

    stage.change("content_briefs/tally.md", "Say what is new,", "Say what is old, what is new,")
    stage.build(script=obeys)
    assert stage.log() == ("tally/outline", "tally/draft", "tally/revise")
    assert stage.text(OUTLINE).count("## Why we did it") == 1
    stage.settled()
    stage.ends()


def test_a_persons_own_outline_is_not_asked_for(tmp_path: Path) -> None:
    stage = Stage.begin(tmp_path, __file__)
    own = "# Ada's plan\n\n## Ada wants only this\n"
    stage.write({OUTLINE: own})
    stage.human += ["# Ada's plan", "## Ada wants only this"]
    summary = stage.build(script=obeys)
    assert stage.log() == ("tally/draft", "tally/revise")
    assert any("a person wrote it" in note for note in summary.notes)
    assert stage.text(OUTLINE) == own
    assert "This part is about ada wants only this." in stage.text(PAGE)
    stage.settled()

    app.retry(stage.root, "tally/outline", by="ada")
    summary = stage.build(script=obeys)
    assert stage.log()[:1] == ("tally/outline",)
    stage.kept()
    offered = app.suggestions(stage.root, "tally/outline")
    everything = stage.text(OUTLINE) + "".join(each.suggestion.theirs for each in offered)
    assert all(line in everything for line in ("## What is new", "## What it costs"))
    stage.settled()


def test_an_empty_outline_stays_empty(tmp_path: Path) -> None:
    stage = Stage.begin(tmp_path, __file__)
    stage.build(script=obeys)
    stage.write({OUTLINE: ""})
    stage.log()
    stage.build(script=obeys)
    assert stage.log() == ("tally/draft", "tally/revise")
    assert stage.text(OUTLINE) == ""
    assert "## What is new" not in stage.text(PAGE)

    stage.change("content_briefs/tally.md", "Say what is new,", "Say what is old, what is new,")
    stage.build(script=obeys)
    assert stage.log() == ("tally/outline", "tally/draft", "tally/revise")
    assert stage.text(OUTLINE) == ""
    stage.settled()
