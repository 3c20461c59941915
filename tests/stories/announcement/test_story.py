"""A product is announced: one short brief, and out come a page, an e-mail and three posts that agree with each other."""

from pathlib import Path

from generator import app
from tests.stories.scripts import obeys, plain
from tests.stories.stage import Stage

BRIEF, PAGE = "content_briefs/tally-3.md", "drafts/tally-3/tally-3.md"
EMAIL, POSTS = "drafts/tally-3/tally-3.email.md", "drafts/tally-3/linkedin.posts.md"


def test_one_brief_makes_a_campaign(tmp_path: Path) -> None:
    stage = Stage.begin(tmp_path, __file__)
    assert app.check(stage.root) == ()
    summary = stage.build(script=plain)
    asked = stage.log()
    steps = ("research", "angles", "outline", "draft", "fact-check", "revise")
    assert asked[:6] == tuple(f"tally-3/{step}" for step in steps)
    assert sorted(asked[6:]) == ["tally-3/email", "tally-3/posts"]
    assert sorted(summary.deliverables) == [POSTS, EMAIL, PAGE]

    stage.add(PAGE, "The ledger never sleeps, says Ada.")
    stage.build(script=obeys)
    assert sorted(stage.log()) == ["tally-3/email", "tally-3/posts"]
    assert "The ledger never sleeps, says Ada." in stage.text(EMAIL)

    stage.change(BRIEF, "49 EUR", "59 EUR")
    stage.build(script=obeys)
    assert {"tally-3/draft", "tally-3/email", "tally-3/posts"} <= set(stage.log())
    assert all("59 EUR" in stage.text(path) and "49 EUR" not in stage.text(path) for path in (PAGE, EMAIL, POSTS))
    assert "The ledger never sleeps, says Ada." in stage.text(PAGE)

    stage.change(BRIEF, "workflow: campaign", "workflow: campaign\nby-hand: {angles: choose}")
    assert [(address, command) for address, _, command in stage.build().waits] == [
        ("tally-3/angles", "copydesk choose tally-3/angles")
    ]
    app.choose(stage.root, "tally-3/angles", [2], by="ada")
    stage.build(script=obeys)
    assert stage.log()[0] == "tally-3/outline"

    app.approve(stage.root, ["tally-3"], by="ada", reason="A trial.")
    assert app.publish(stage.root).published == ("docs/tally-3.md",)
    app.rename(stage.root, "tally-3", "tally-three", by="ada")
    assert (stage.build().made, stage.log()) == (0, ())
    assert app.publish(stage.root).published == ("docs/tally-three.md",)
    assert list(stage.files("outbox")) == [
        "outbox/tally-three/linkedin.posts.md",
        "outbox/tally-three/tally-three.email.html",
        "outbox/tally-three/tally-three.email.md",
    ]
    assert {each.status for each in app.status(stage.root).pages} == {"approved"}
    stage.settled()
    stage.ends()
