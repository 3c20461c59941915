"""The main path of a step, where clones, moved deliverables and unreachable models meet it."""

from pathlib import Path

import pytest

from generator import app, store
from generator.errors import ProviderError
from generator.model import Event
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
        "model": "offline/skeleton-1",
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


def test_a_model_that_cannot_be_reached_stops_a_build_before_it_begins(stage: Stage) -> None:
    stage.write({"copydesk.yml": MODEL})
    with pytest.raises(ProviderError, match="openai"):
        app.build(stage.root)
    assert app.status(stage.root).pages[0].status == "drafted"
    assert app.build(stage.root, options=app.BuildOptions(offline=True)).made == 0
