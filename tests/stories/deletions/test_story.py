"""Files and deliverables go: an approved page returns, an orphan is told of and left alone, a withdrawn page leaves."""

from pathlib import Path

from generator import app
from tests.stories.scripts import obeys
from tests.stories.stage import Stage

BRIEF, MAIL, COPY = "content_briefs/tally.md", "outbox/tally/tally.email.md", "drafts/tally/tally.email.md"
HTML = "outbox/tally/tally.email.html"


def test_nothing_goes_unless_it_is_withdrawn(tmp_path: Path) -> None:
    stage = Stage.begin(tmp_path, __file__)
    stage.build(script=obeys)
    stage.add("drafts/tally/tally.md", "Ada closes the page.")
    stage.add(COPY, "Ada signs the mail.")
    app.approve(stage.root, ["tally"], by="ada")
    approved = stage.files("docs", "outbox")
    assert sorted(approved) == ["docs/tally.md", HTML, MAIL]

    (stage.root / "docs/tally.md").unlink()
    published = app.publish(stage.root)
    assert (published.published, published.restored) == (("docs/tally.md",), ("docs/tally.md",))
    assert stage.files("docs", "outbox") == approved
    stage.log()

    stage.change(BRIEF, "  - email: tally\n    from: mail\n", "")
    stage.change(BRIEF, "steps:\n  - id: mail\n    uses: draft\n    needs: [outline]\n", "")
    stage.build()
    assert stage.log() == ()
    assert app.status(stage.root).orphans == (COPY, MAIL)
    assert stage.files("docs", "outbox") == approved
    assert "Ada signs the mail." in stage.text(COPY)

    app.withdraw(stage.root, MAIL, by="ada")
    assert stage.files("outbox") == {}
    assert app.status(stage.root).orphans == (COPY,)
    app.withdraw(stage.root, "tally", by="ada")
    published = app.publish(stage.root)
    assert (published.published, published.restored) == ((), ())
    assert stage.files("docs", "outbox", "public") == {}
    assert stage.status("tally") == "drafted"
    assert stage.history("tally")[-4:] == ("approved", "approved", "withdrew", "withdrew")

    app.approve(stage.root, ["docs/tally.md"], by="ada")
    assert app.publish(stage.root).published == ("docs/tally.md",)
    assert stage.files("docs") == {"docs/tally.md": approved["docs/tally.md"]}
    stage.settled()
    stage.ends()


def test_a_text_stays_in_reach_when_its_deliverable_goes(tmp_path: Path) -> None:
    """What a person wrote moves with the text when a step becomes a deliverable, and when it stops being one."""
    stage = Stage.begin(tmp_path, __file__)
    stage.build(script=obeys)
    stage.add("drafts/tally/steps/draft.md", "Ada wrote this into the draft.")
    stage.build(script=obeys)
    stage.add(COPY, "Ada signs the mail.")
    app.approve(stage.root, [MAIL], by="ada")
    before = stage.files("drafts")
    stage.log()

    stage.change(BRIEF, "  - email: tally\n    from: mail\n", "  - page: raw\n    from: draft\n")
    assert {each.action for each in app.plan(stage.root).steps} == {"reuse"}
    summary = stage.build()
    assert (summary.made, stage.log()) == (0, ())
    assert "drafts/tally/steps/draft.md is drafts/tally/raw.md now." in stage.said
    assert stage.text("drafts/tally/raw.md") == before["drafts/tally/steps/draft.md"]
    assert stage.text("drafts/tally/steps/mail.md") == before[COPY]
    assert app.status(stage.root).orphans == (MAIL,)
    stage.kept()
    stage.settled()
