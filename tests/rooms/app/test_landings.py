"""The main path of a step, where clones, moved deliverables and unreachable models meet it."""

import time
from pathlib import Path

import pytest

from generator import app, store
from generator.model import Event, Model, Request
from tests.stories.stage import MODEL, Stage

BRIEF = """---
title: A page
steps:
  - {id: outline, uses: outline}
  - {id: final, uses: draft, needs: [outline]}
deliverables: [{page: note, from: final}]
---
It says one thing.
"""
MINE = "A person wrote this."


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    made = Stage(tmp_path)
    made.write({"content_briefs/note.md": BRIEF})
    made.build()
    made.log()
    return made


def test_a_deliverable_that_goes_or_gets_another_name_takes_its_words_along(stage: Stage) -> None:
    stage.write({"drafts/note/note.md": stage.text("drafts/note/note.md") + f"\n{MINE}\n"})
    for deliverable, copy in (("note", "note.md"), ("other", "other.md"), ("guides/third", "third.md")):
        stage.write({"content_briefs/note.md": BRIEF.replace("page: note", f"page: {deliverable}")})
        assert (stage.build().made, stage.log()) == (0, ())
        assert MINE in stage.text(f"drafts/note/{copy}")
    stage.write({"content_briefs/note.md": BRIEF.replace("from: final", "from: outline")})
    assert (stage.build().made, stage.log()) == (0, ())
    assert MINE in stage.text("drafts/note/steps/final.md")
    assert app.status(stage.root).orphans == ()


@pytest.mark.parametrize(("side", "other"), [("Left.", "Right."), ("Right.", "Left.")])
def test_of_texts_made_apart_the_one_the_copy_is_made_of_is_the_ancestor(side: str, other: str, stage: Stage) -> None:
    """Two clones made the step again, git took one side's copy: the other side's text is nobody's deletion."""
    root, was = stage.root, stage.text("drafts/note/note.md")
    first = store.read_history(root, "note").latest("made", step="final")
    assert first is not None
    fields = {
        "brief": "note",
        "step": "final",
        "provider": "offline",
        "model": "offline/skeleton-2",
        "recipe": "0" * 32,
    }
    left = store.record_event(root, Event(verb="made", text=was + "\nLeft.\n", **fields))  # type: ignore[arg-type]
    aside = root / f"history/note/{left.id}.event"
    raw = aside.read_bytes()
    aside.unlink()
    store.record_event(root, Event(verb="made", text=was + "\nRight.\n", **fields))  # type: ignore[arg-type]
    aside.write_bytes(raw)
    stage.write({"drafts/note/note.md": f"{was}\n{side}\n\n{MINE}\n"})
    app.retry(root, "note", note="Again.", by="editor")
    stage.build()
    text = stage.text("drafts/note/note.md")
    assert MINE in text
    assert side not in text
    assert other not in text


def test_a_model_without_its_key_is_an_error_and_never_a_fall_to_offline(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    stage.write({"copydesk.yml": MODEL})
    before = stage.files()
    summary = app.build(stage.root)
    assert (summary.exit_code, summary.made, summary.next) == (5, 0, "export OPENAI_API_KEY=…")
    assert "the variable OPENAI_API_KEY is not set" in summary.failures[0][1]
    assert stage.files() == before
    assert app.build(stage.root, options=app.BuildOptions(offline=True)).made == 0


def test_two_copies_that_change_places_keep_their_words(stage: Stage) -> None:
    stage.write({"drafts/note/note.md": stage.text("drafts/note/note.md") + "\nOf the page.\n"})
    stage.write({"drafts/note/steps/outline.md": stage.text("drafts/note/steps/outline.md") + "\n- Of the outline.\n"})
    stage.build()
    stage.log()
    stage.write({"content_briefs/note.md": BRIEF.replace("from: final", "from: outline")})
    assert {each.action for each in app.plan(stage.root).steps} == {"reuse"}
    assert (stage.build().made, stage.log()) == (0, ())
    assert "Of the outline." in stage.text("drafts/note/note.md")
    assert "Of the page." in stage.text("drafts/note/steps/final.md")
    assert not (stage.root / "drafts/note/steps/outline.md").exists()
    stage.write({"content_briefs/note.md": BRIEF})
    stage.build()
    assert "Of the page." in stage.text("drafts/note/note.md")
    assert "Of the outline." in stage.text("drafts/note/steps/outline.md")
    assert app.verify(stage.root) == ()


def test_a_name_that_somebody_took_keeps_its_file_and_the_copy_comes_to_it(stage: Stage) -> None:
    stage.write({"drafts/note/other.md": "Somebody's.\n"})
    stage.write({"content_briefs/note.md": BRIEF.replace("page: note", "page: other")})
    stage.build()
    assert stage.text("drafts/note/other.md") == "Somebody's.\n"
    assert "It says one thing." in stage.text("drafts/note/note.md")
    assert "drafts/note/note.md" in app.status(stage.root).orphans


def test_a_deleted_copy_comes_back_as_it_stood_last(stage: Stage) -> None:
    stage.write({"drafts/note/note.md": stage.text("drafts/note/note.md") + f"\n{MINE}\n"})
    app.approve(stage.root, ["note"], by="editor", reason="tested")
    approved = stage.text("drafts/note/note.md")
    (stage.root / "drafts/note/note.md").unlink()
    assert (stage.build().made, stage.log()) == (1, ())
    assert stage.text("drafts/note/note.md") == approved
    assert app.status(stage.root).pages[0].status == "approved"


def test_a_text_of_a_person_s_step_comes_back_too(stage: Stage) -> None:
    stage.write({"docs/about.md": "# About\n\nOurs.\n"})
    app.adopt(stage.root, "docs/about.md", by="editor")
    (stage.root / "drafts/about/about.md").unlink()
    stage.build()
    assert stage.text("drafts/about/about.md") == "# About\n\nOurs.\n"


def test_offline_s_newest_text_is_the_ancestor_though_a_person_wrote_beside_it(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write({"content_briefs/note.md": BRIEF.replace("steps:", "facts: {price: 1}\nsteps:")})
    stage.build()
    copy = stage.text("drafts/note/note.md")
    assert copy.count("Price: 1.\n") == 1
    stage.write({"drafts/note/note.md": copy.replace("Price: 1.\n", "Price: 1.\nAs we say.\n")})
    stage.change("content_briefs/note.md", "price: 1", "price: 2")
    assert stage.build().suggestions == 1
    (tmp_path / "drafts/note/note.md").unlink()
    stage.build()
    assert "Price: 2." in stage.text("drafts/note/note.md")


def test_a_wish_made_during_a_build_is_not_forgotten(stage: Stage) -> None:
    stage.write({"copydesk.yml": MODEL})

    def script(request: Request, model: Model) -> str:
        assert model.name == "best"
        if request.step == "final" and not request.attempt:
            app.retry(stage.root, "note/outline", note="Other order.", by="editor")
        return f"# {request.step} {request.attempt[:4]}\n"

    stage.build(script=script)
    stage.log()
    assert app.look(stage.root) is None
    stage.build(script=script)
    assert stage.log()[0] == "note/outline"


def test_what_is_merged_into_the_history_of_an_earlier_name_is_seen(stage: Stage) -> None:
    app.rename(stage.root, "note", "other", by="editor")
    time.sleep(0.05)
    stage.build()
    assert app.look(stage.root) is not None
    (stage.root / "history/note/stray.event").write_text("torn\n")
    assert app.look(stage.root) is None


def test_a_note_on_a_step_that_is_no_page_reaches_its_request(stage: Stage) -> None:
    app.send_back(stage.root, "note/outline", note="Begin with the price.", by="editor")
    shown = app.show(stage.root, "note/outline")
    assert any("Begin with the price." in message.text for message in shown.messages)
    assert not any("Begin with the price." in message.text for message in app.show(stage.root, "note/final").messages)


def test_a_build_of_one_brief_mends_its_status_and_leaves_the_others(stage: Stage) -> None:
    stage.write(
        {"content_briefs/two.md": "---\ntitle: Two\nsources: [two.md]\n---\nB.\n", "sources/two.md": "A fact.\n"}
    )
    stage.write({"drafts/two/steps/research.md": "<<<<<<< ours\n", "drafts/note/note.md": "<<<<<<< ours\n"})
    assert {address for address, _ in stage.build().failures} == {"note/final", "two/research"}
    (stage.root / "drafts/two/steps/research.md").unlink()
    assert stage.build("two").failures == ()
    statuses = {each.brief: each.status for each in app.status(stage.root).pages}
    assert statuses["two"] == "drafted"
    assert app.look(stage.root) is None


def test_a_copy_that_leads_out_of_the_workspace_is_not_read(stage: Stage) -> None:
    (stage.root.parent / "outside.md").write_text("Secret.\n")
    (stage.root / "drafts/note/steps/outline.md").unlink()
    (stage.root / "drafts/note/steps/outline.md").symlink_to(stage.root.parent / "outside.md")
    summary = stage.build()
    assert summary.failed
    assert "Secret." not in "".join(stage.files("docs", "history").values())
