"""A page, a step and a brief get new names: history, edits and approvals come along, and the page stays published."""

from pathlib import Path

from generator import app
from tests.stories.scripts import obeys
from tests.stories.stage import Stage


def test_names_change_and_nothing_else(tmp_path: Path) -> None:
    stage = Stage.begin(tmp_path, __file__)
    stage.build(script=obeys)
    stage.add("drafts/tally/steps/text.md", "Ada wrote this into the text.", after="This part is about what is new.")
    stage.build(script=obeys)
    stage.add("drafts/tally/tally.md", "Ada closes with a sentence of her own.")
    app.approve(stage.root, ["tally"], by="ada")
    approved = stage.text("docs/tally.md")
    assert app.publish(stage.root).published == ("docs/tally.md",)
    stage.log()

    app.rename(stage.root, "docs/tally.md", "docs/news/month-end.md", by="ada")
    assert stage.status("news/month-end") == "approved"
    assert stage.text("docs/news/month-end.md") == approved
    published = app.publish(stage.root)
    assert (published.published, published.refused) == (("docs/news/month-end.md",), ())
    assert stage.files("public") == {"public/news/month-end.md": approved}
    stage.build()
    assert stage.log() == ()

    app.rename(stage.root, "tally/final", "edited", by="ada")
    assert stage.status("news/month-end") == "approved"
    assert stage.history("tally/edited") == ("made", "made", "approved")
    stage.build()
    assert stage.log() == ()

    app.rename(stage.root, "tally", "month-end", by="ada")
    assert (stage.root / "content_briefs/month-end.md").is_file()
    assert not (stage.root / "content_briefs/tally.md").exists()
    assert stage.status("news/month-end") == "approved"
    stage.build()
    assert stage.log() == ()
    assert stage.history("month-end/plan") == ("made",)

    stage.change("content_briefs/month-end.md", "49 EUR", "59 EUR")
    stage.build(script=obeys)
    assert stage.log() == ("month-end/text", "month-end/edited")
    assert "The price is 59 EUR." in stage.text("drafts/month-end/month-end.md")
    published = app.publish(stage.root)
    assert (published.published, published.refused) == (("docs/news/month-end.md",), ())
    assert stage.files("public") == {"public/news/month-end.md": approved}

    app.approve(stage.root, ["month-end"], by="ada")
    app.publish(stage.root)
    assert "The price is 59 EUR." in stage.text("public/news/month-end.md")
    stage.settled()
    stage.ends()


def test_a_step_that_others_read_is_renamed(tmp_path: Path) -> None:
    stage = Stage.begin(tmp_path, __file__)
    stage.build(script=obeys)
    stage.add("drafts/tally/steps/text.md", "Ada wrote this into the text.", after="This part is about what is new.")
    stage.build(script=obeys)
    stage.log()

    before = stage.text("drafts/tally/steps/text.md")
    app.rename(stage.root, "tally/text", "longhand", by="ada")
    assert stage.text("drafts/tally/steps/longhand.md") == before
    assert not (stage.root / "drafts/tally/steps/text.md").exists()
    stage.build(script=obeys)
    assert stage.log() == ()
    stage.kept()
