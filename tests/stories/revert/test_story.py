"""A brief is changed and changed back: the old texts return from history, and no human word goes with the new ones."""

from pathlib import Path

from tests.stories.scripts import obeys
from tests.stories.stage import Stage

BRIEF, DRAFT, PAGE = "content_briefs/tally.md", "drafts/tally/steps/draft.md", "drafts/tally/tally.md"


def test_the_third_build_asks_nothing(tmp_path: Path) -> None:
    stage = Stage.begin(tmp_path, __file__)
    stage.build(script=obeys)
    assert stage.log() == ("tally/outline", "tally/draft", "tally/revise")

    stage.add(DRAFT, "Ada wrote this into the draft.", after="This part is about what is new.")
    stage.build(script=obeys)
    assert stage.log() == ("tally/revise",)
    first = stage.files("drafts")

    stage.change(BRIEF, "49 EUR", "59 EUR")
    stage.build(script=obeys)
    assert stage.log() == ("tally/draft", "tally/revise")
    assert "The price is 59 EUR." in stage.text(PAGE)
    stage.add(PAGE, "Ada wrote this at the end of the page.")
    stage.edit(PAGE, "This part is about what it costs.", "Ada says what it costs.")

    stage.change(BRIEF, "59 EUR", "49 EUR")
    summary = stage.build()
    assert (summary.made, stage.log()) == (2, ())
    assert stage.text(DRAFT) == first[DRAFT]
    assert "The price is 49 EUR." in stage.text(PAGE)

    stage.settled()
    stage.ends()
