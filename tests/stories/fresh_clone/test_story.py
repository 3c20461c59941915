"""A clone on another machine has nothing to do; copydesk's memory may go, and so may a working copy."""

import shutil
from pathlib import Path

from generator import app
from tests.stories.scripts import obeys
from tests.stories.stage import Stage

OUTLINE, DRAFT, PAGE = "drafts/tally/steps/outline.md", "drafts/tally/steps/draft.md", "drafts/tally/tally.md"


def test_everything_is_in_the_tracked_files(tmp_path: Path) -> None:
    stage = Stage.begin(tmp_path, __file__)
    stage.build(script=obeys)
    stage.add(PAGE, "Ada closes with a sentence of her own.")
    app.approve(stage.root, ["tally"], by="ada")
    stage.begin_git()
    before = stage.files()
    stage.log()

    clone = stage.clone("clone")
    assert app.look(clone.root) is None
    assert (clone.build().made, clone.log()) == (0, ())
    assert clone.files() == before
    assert clone.status("tally") == "approved"
    assert clone.git("status", "--porcelain") == ""
    clone.settled()

    shutil.rmtree(clone.root / ".copydesk")
    assert (clone.build().made, clone.log()) == (0, ())
    assert clone.files() == before
    assert app.verify(clone.root) == ()

    (clone.root / OUTLINE).unlink()
    (clone.root / DRAFT).unlink()
    assert [each.action for each in app.plan(clone.root).steps] == ["restore", "restore", "reuse"]
    assert (clone.build().made, clone.log()) == (2, ())
    assert clone.files() == before

    shutil.rmtree(clone.root / "drafts")
    assert (clone.build().made, clone.log()) == (3, ())
    assert clone.status("tally") == "approved"
    clone.settled()
    clone.ends()
