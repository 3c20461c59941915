"""One draft for each reader, and one page that gathers them: a new reader costs what is new, one who goes costs nothing."""

from pathlib import Path

from generator import app
from tests.stories.scripts import obeys
from tests.stories.stage import Stage

BRIEF, CMO, BOTH = "content_briefs/tally.md", "drafts/tally/steps/draft.cmo.md", "drafts/tally/both.md"


def test_readers_come_and_go(tmp_path: Path) -> None:
    stage = Stage.begin(tmp_path, __file__)
    stage.build(script=obeys)
    first = stage.log()
    assert first[0] == "tally/outline"
    assert sorted(first[1:3]) == ["tally/draft.cmo", "tally/draft.founder"]
    assert sorted(first[3:]) == ["tally/all", "tally/polish.cmo", "tally/polish.founder"]
    assert stage.text(BOTH).index("The persona is cmo.") < stage.text(BOTH).index("The persona is founder.")
    assert "founder" not in stage.text("drafts/tally/for-cmo.md")

    stage.add(CMO, "Ada writes to every chief of marketing.")
    stage.build(script=obeys)
    assert sorted(stage.log()) == ["tally/all", "tally/polish.cmo"]
    assert "Ada writes to every chief of marketing." in stage.text(BOTH)
    assert "Ada writes to every chief of marketing." not in stage.text("drafts/tally/steps/polish.founder.md")
    app.approve(stage.root, ["both"], by="ada")

    stage.change(BRIEF, "[cmo, founder]", "[cmo, founder, engineer]")
    stage.build(script=obeys)
    asked = stage.log()
    assert asked[0] == "tally/draft.engineer"
    assert sorted(asked[1:]) == ["tally/all", "tally/polish.engineer"]
    assert "The persona is engineer." in stage.text(BOTH)
    assert stage.status("both") == "edited since approval"

    stage.change(BRIEF, "[cmo, founder, engineer]", "[cmo, founder]")
    stage.build()
    assert stage.log() == ()
    assert "The persona is engineer." not in stage.text(BOTH)
    assert stage.status("both") == "approved"
    assert app.status(stage.root).orphans == (
        "drafts/tally/steps/draft.engineer.md",
        "drafts/tally/steps/polish.engineer.md",
    )
    stage.settled()
    stage.ends()
