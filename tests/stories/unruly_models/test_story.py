"""Models that obey, that rewrite everything, that drop what people wrote and that talk nonsense: no human word goes."""

from pathlib import Path

import pytest

from generator import app
from generator.model import Ending, Model, Reply, Request
from tests.stories.scripts import babbles, obeys, plain, rewrites
from tests.stories.stage import Stage

NAMES = ("babbling", "dropping", "obeying", "rewriting")
SCRIPTS = {"babbling": babbles, "dropping": plain, "obeying": obeys, "rewriting": rewrites}


def unruly(request: Request, model: Model) -> str:
    """Answer each brief as its name says, once there is a text to be updated."""
    return SCRIPTS[request.brief](request, model) if request.help else plain(request, model)


def test_no_model_takes_a_human_word(tmp_path: Path) -> None:
    stage = Stage.begin(tmp_path, __file__)
    stage.build(script=plain)
    for name in NAMES:
        draft = f"drafts/{name}/steps/draft.md"
        stage.add(draft, f"Ada wrote this into {name}.", after="This part is about what is new.")
    stage.build(script=plain)
    for name in NAMES:
        page = f"drafts/{name}/{name}.md"
        stage.edit(page, "This part is about what it costs.", f"Ada says in {name} what it costs.")
        stage.add(page, f"Ada closes {name}.\nOn two lines.")
    stage.log()

    for old, new in (("49 EUR", "59 EUR"), ("59 EUR", "69 EUR")):
        for name in NAMES:
            stage.change(f"content_briefs/{name}.md", old, new)
        summary = stage.build(script=unruly)
        assert (summary.failed, summary.exit_code) == (0, 0)
        asked = stage.log()
        assert len(asked) == len(set(asked)), "each step is asked once"
        assert {f"{name}/draft" for name in NAMES} <= set(asked)
        stage.kept()
        for name in NAMES:
            page = stage.text(f"drafts/{name}/{name}.md")
            assert f"Ada closes {name}.\nOn two lines." in page
            assert name == "babbling" or f"The price is {new}." in page or f"The price was {new}." in page
            assert f"Ada wrote this into {name}." in stage.text(f"drafts/{name}/steps/draft.md")

    wanted = {name: [each.suggestion.theirs.strip() for each in app.suggestions(stage.root, name)] for name in NAMES}
    assert wanted["obeying"] == []
    assert any("I am sorry" in each for each in wanted["babbling"])
    assert "Let us talk of what it costs." in wanted["rewriting"]
    assert all("This part" not in each for each in wanted["dropping"]), "what stood before is no news"
    stage.settled()
    stage.ends()


@pytest.mark.parametrize("ending", ["cut", "refused", "filtered", "misshapen", "empty"])
def test_a_refused_question_is_asked_once_until_somebody_wants_it_again(tmp_path: Path, ending: Ending) -> None:
    stage = Stage.begin(tmp_path, __file__)
    stage.build(script=plain)
    stage.add("drafts/obeying/obeying.md", "Ada closes the page.")
    before = stage.files("drafts")
    stage.change("content_briefs/obeying.md", "49 EUR", "59 EUR")
    stage.log()
    refused = Reply(text="I would rather not.", provider="openai", model="scripted", ending=ending)
    again = ("obeying/draft",) if ending == "misshapen" else ()  # another shape is asked for once
    for asked in (("obeying/draft", *again), (), ()):
        summary = stage.build(script=lambda _request, _model: refused)
        assert [address for address, _ in summary.failures] == ["obeying/draft"]
        assert {"misshapen": "another shape"}.get(ending, ending) in summary.failures[0][1]
        assert (stage.log(), summary.exit_code) == (asked, 1)
        stage.add("drafts/obeying/steps/draft.md", f"Ada writes after {len(asked)} more.")
    stage.kept()
    assert stage.files("drafts").keys() == before.keys()

    app.retry(stage.root, "obeying/draft", by="Ada")
    assert stage.build(script=plain).failed == 0
    assert stage.log() == ("obeying/draft", "obeying/revise")
    stage.kept()
    stage.settled()


def test_a_reply_that_is_empty_fails_and_changes_nothing(tmp_path: Path) -> None:
    stage = Stage.begin(tmp_path, __file__)
    stage.build(script=plain)
    stage.add("drafts/obeying/obeying.md", "Ada closes the page.")
    before = stage.files("drafts")
    stage.change("content_briefs/obeying.md", "49 EUR", "59 EUR")
    summary = stage.build(script=lambda _request, _model: " \n")
    assert [address for address, _ in summary.failures] == ["obeying/draft"]
    assert (summary.exit_code, summary.blocked) == (1, 1)
    assert stage.files("drafts") == before
    assert stage.status("obeying") == "failed"

    stage.change("content_briefs/obeying.md", "59 EUR", "49 EUR")
    assert stage.build(script=plain).failed == 0
    assert stage.files("drafts") == before
