"""New names: what is refused, what follows, and what is finished by asking again."""

from pathlib import Path

import pytest

from generator import app, disk, store
from generator.errors import CopydeskError, RefusedError, UsageError
from tests.stories.stage import Stage

BRIEF = """---
title: A page
steps:
  - {id: outline, uses: outline}
  - {id: final, uses: draft, needs: [outline]}
deliverables: [{page: guides/note, from: final}]
---
It says one thing.
"""


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    made = Stage(tmp_path)
    made.write({"content_briefs/note.md": BRIEF, "content_briefs/plain.md": "---\ntitle: Plain\n---\nShort.\n"})
    made.build()
    made.log()
    return made


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("note", "Not a name", "cannot be called"),
        ("note", "plain", "both briefs exist"),
        ("nota", "x", "nothing here is called"),
        ("note/outline", "final", "has a step 'final' already"),
        ("plain/outline", "plan", "declares 'outline' for every brief"),
        ("guides/note", "guides/note", "has that name already"),
        ("guides/note", "guides/taken", "a page of that name already"),
        ("guides/note", "../out", "empty, `.` or `..` part"),
        ("docs/plain.md", "other", "does not name 'plain' itself"),
    ],
)
def test_what_cannot_be_renamed_is_refused_and_nothing_moves(old: str, new: str, words: str, stage: Stage) -> None:
    stage.write({"docs/guides/taken.md": "# Ours\n"})
    before = stage.files()
    with pytest.raises(CopydeskError, match=words):
        app.rename(stage.root, old, new, by="editor")
    assert stage.files() == before


def test_a_name_that_is_taken_in_drafts_is_not_overwritten(stage: Stage) -> None:
    stage.write({"drafts/other/words.md": "A person's.\n"})
    with pytest.raises(RefusedError, match="cannot move"):
        app.rename(stage.root, "note", "other", by="editor")
    assert stage.text("drafts/other/words.md") == "A person's.\n"


class Breaking(disk.System):
    """A disk on which the nth rename fails."""

    def __init__(self, nth: int) -> None:
        self.left = nth

    def rename(self, old: Path, new: Path) -> None:
        self.left -= 1
        if self.left == 0:
            raise OSError(28, "the disk said no")
        super().rename(old, new)


@pytest.mark.parametrize("nth", range(1, 3))
def test_a_rename_cut_short_is_finished_by_asking_again(nth: int, stage: Stage) -> None:
    with disk.using(Breaking(nth)), pytest.raises(CopydeskError):
        app.rename(stage.root, "plain", "simple", by="editor")
    app.rename(stage.root, "plain", "simple", by="editor")
    assert (stage.build().made, stage.log()) == (0, ())
    assert {path for path in stage.files() if "plain" in path} == set()
    assert store.verify(stage.root) == ()


def test_a_rename_done_by_hand_is_told_to_history(stage: Stage) -> None:
    (stage.root / "content_briefs/plain.md").rename(stage.root / "content_briefs/simple.md")
    assert "drafts/plain" in app.status(stage.root).orphans
    app.rename(stage.root, "plain", "simple", by="editor")
    assert (stage.build().made, stage.log()) == (0, ())
    assert app.status(stage.root).orphans == ()


def test_a_step_renamed_by_hand_in_the_brief_keeps_its_text(stage: Stage) -> None:
    stage.write({"drafts/note/steps/outline.md": stage.text("drafts/note/steps/outline.md") + "\nOurs.\n"})
    brief = stage.text("content_briefs/note.md")
    stage.write({"content_briefs/note.md": brief.replace("id: outline", "id: plan").replace("[outline]", "[plan]")})
    app.rename(stage.root, "note/outline", "plan", by="editor")
    assert "Ours." in stage.text("drafts/note/steps/plan.md")
    assert not (stage.root / "drafts/note/steps/outline.md").exists()


def test_an_email_is_not_renamed(stage: Stage) -> None:
    stage.write(
        {
            "content_briefs/mail.md": "---\ntitle: T\nsteps: [{id: m, uses: draft}]\ndeliverables: [{email: mail, from: m}]\n---\nB.\n"
        }
    )
    with pytest.raises(UsageError, match="only briefs, steps and pages"):
        app.rename(stage.root, "outbox/mail/mail.email.md", "x", by="editor")
