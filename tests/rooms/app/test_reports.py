"""What is told: stories by any name, what a brief that is gone left behind, and one bad draft that hides no other page."""

from pathlib import Path

import pytest

from generator import app
from generator.errors import UsageError
from tests.stories.stage import Stage

BRIEF = "---\ntitle: A page\nfacts: {price: 49 EUR}\n---\nIt says one thing.\n"


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    made = Stage(tmp_path)
    made.write({"content_briefs/note.md": BRIEF, "content_briefs/other.md": BRIEF})
    made.build()
    return made


def test_the_story_of_a_brief_a_step_and_a_page(stage: Stage) -> None:
    app.retry(stage.root, "note/draft", note="Shorter.", by="editor")
    app.approve(stage.root, ["note"], by="editor", reason="tested")
    app.send_back(stage.root, "note", note="Name the price.", by="counsel")
    lines = [told.line for told in app.history(stage.root, "note")]
    assert lines[:3] == [f"offline/skeleton-2 wrote {step}" for step in ("outline", "draft", "revise")]
    assert lines[3].startswith("another text of draft was asked for: Shorter. (note ")
    assert lines[5].startswith("docs/note.md was sent back: Name the price. (note ")
    assert [told.verb for told in app.history(stage.root, "note/draft")] == ["made", "retried"]
    assert [told.verb for told in app.history(stage.root, "docs/note.md")] == ["made", "approved", "sent-back"]


def test_an_earlier_name_tells_what_it_is_called_now(stage: Stage) -> None:
    app.rename(stage.root, "note", "memo", by="editor")
    with pytest.raises(UsageError, match="note is called memo now") as caught:
        app.history(stage.root, "note")
    assert "copydesk history memo" in str(caught.value)
    assert "renamed" in [told.verb for told in app.history(stage.root, "memo")]
    (stage.root / "history/empty").mkdir()
    with pytest.raises(UsageError, match="nothing has happened to empty"):
        app.history(stage.root, "empty")


def test_a_page_whose_brief_is_gone_is_told_with_the_way_off_the_site(stage: Stage) -> None:
    app.approve(stage.root, ["note"], by="editor", reason="tested")
    (stage.root / "content_briefs/note.md").unlink()
    orphans = app.status(stage.root).orphans
    assert orphans[0] == "history/note"
    assert "copydesk withdraw docs/note.md" in orphans[1]
    assert "drafts/note" in orphans
    assert [told.verb for told in app.history(stage.root, "note")][-1] == "approved"


def test_one_bad_draft_hides_no_other_page(stage: Stage) -> None:
    (stage.root / "drafts/note/note.md").write_bytes(b"caf\xe9\n")
    overview = app.status(stage.root)
    assert [page.brief for page in overview.pages] == ["other"]
    assert [finding.path.endswith("drafts/note/note.md") for finding in overview.broken] == [True]


def test_a_plan_says_what_a_build_would_do_and_why(stage: Stage) -> None:
    stage.change("content_briefs/note.md", "49", "59")
    stage.write({"content_briefs/broken.md": "---\ntitel: x\n---\n"})
    forecast = app.plan(stage.root)
    planned = {f"{each.brief}/{each.step}": (each.action, each.reasons) for each in forecast.steps}
    assert planned["note/draft"] == ("update", ("the fact price changed",))
    assert planned["note/revise"] == ("update", ("the fact price changed", "draft will be made first"))
    assert planned["other/draft"] == ("reuse", ())
    assert {finding.path for finding in forecast.broken} == {"content_briefs/broken.md"}
    assert {each.step for each in app.plan(stage.root, ["note/draft"]).steps} == {"outline", "draft"}


def test_a_request_is_shown_as_it_would_be_sent(stage: Stage) -> None:
    shown = app.show(stage.root, "note/draft")
    assert shown.reply == stage.text("drafts/note/steps/draft.md")
    assert "fact.price" in {part.label for part in shown.parts}
    with pytest.raises(UsageError, match="one step"):
        app.show(stage.root, "note")
    stage.write({"content_briefs/hand.md": "---\ntitle: T\nsteps: [{id: words, uses: human/write}]\n---\nB.\n"})
    with pytest.raises(UsageError, match="a person's step"):
        app.show(stage.root, "hand/words")


def test_suggestions_wait_until_their_place_is_gone(stage: Stage) -> None:
    page = stage.text("drafts/note/note.md")
    stage.write({"drafts/note/note.md": page.replace("Price: 49 EUR.", "It costs 49 EUR, we say.")})
    stage.change("content_briefs/note.md", "49", "59")
    stage.build()
    (offered,) = app.suggestions(stage.root, "docs/note.md")
    assert (offered.suggestion.mine, offered.suggestion.theirs) == ("It costs 49 EUR, we say.", "Price: 59 EUR.")
    assert app.suggestions(stage.root) == (offered,)
    stage.write({"content_briefs/broken.md": "---\ntitel: x\n---\n"})
    assert app.suggestions(stage.root) == (offered,)
    stage.edit("drafts/note/note.md", "It costs 49 EUR, we say.", "It costs 59 EUR.")
    assert app.suggestions(stage.root) == ()
