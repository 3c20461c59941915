"""No model, then a model, then none again: nothing is paid twice, and offline text never takes a model's place."""

from pathlib import Path

from tests.stories.scripts import obeys
from tests.stories.stage import MODEL, Stage

BRIEF, PAGE = "content_briefs/tally.md", "drafts/tally/tally.md"
ALL = ("tally/research", "tally/outline", "tally/draft", "tally/revise")


def test_models_come_and_go(tmp_path: Path) -> None:
    stage = Stage.begin(tmp_path, __file__)
    stage.build()
    assert stage.log() == ALL
    stage.settled()
    stage.add(PAGE, "Ada closes with a sentence of her own.")

    stage.write({"copydesk.yml": MODEL})
    stage.build(script=obeys)
    assert stage.log() == ALL
    assert "The editor has read this." in stage.text(PAGE)
    stage.kept()
    real = stage.files("drafts")

    stage.write({"copydesk.yml": ""})
    summary = stage.build()
    assert (summary.made, stage.log()) == (0, ())
    assert any("offline text never replaces a model's" in note for note in summary.notes)
    stage.change(BRIEF, "49 EUR", "59 EUR")
    assert (stage.build().made, stage.log()) == (0, ())
    assert stage.files("drafts") == real

    stage.write({"copydesk.yml": MODEL})
    assert (stage.build(offline=True).made, stage.log()) == (0, ())
    assert stage.files("drafts") == real
    stage.build(script=obeys)
    assert stage.log() == ("tally/draft", "tally/revise")
    assert "The price is 59 EUR." in stage.text(PAGE)

    stage.change(BRIEF, "59 EUR", "49 EUR")
    stage.build()
    assert stage.log() == ()
    assert stage.files("drafts") == real
    stage.settled()
    stage.ends()
