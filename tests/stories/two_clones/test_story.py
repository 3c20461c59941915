"""Two people build, edit and approve, each in a clone. However their work is merged, both end at the same place."""

import shutil
from pathlib import Path

import pytest

from generator import app
from generator.errors import RefusedError
from tests.stories.scripts import obeys
from tests.stories.stage import Stage

BRIEF, COPY, PAGE = "content_briefs/tally.md", "drafts/tally/tally.md", "docs/tally.md"
OTHER = "drafts/ledger/ledger.md"


def two_clones(tmp_path: Path) -> tuple[Stage, Stage]:
    """Return two clones of a workspace that was built, in which each person has built, edited and approved since."""
    here = Stage.begin(tmp_path, __file__)
    here.build(script=obeys)
    app.approve(here.root, ["tally"], by="ada")
    here.begin_git()
    there = here.clone("there")
    here.log()

    here.change(BRIEF, "49 EUR", "59 EUR")
    here.build(script=obeys)
    here.edit(COPY, "This part is about what it costs.", "Ada says what it costs.")
    app.approve(here.root, ["tally"], by="ada")
    assert here.log() == ("tally/draft", "tally/revise")

    there.change(BRIEF, "Say what is new, and", "Say first what is new, then")
    there.build(script=obeys)
    there.edit(COPY, "This part is about what is new.", "Bo says what is new.")
    there.add(OTHER, "Bo closes the other page.")
    app.approve(there.root, ["tally", "ledger"], by="bo")
    assert there.log() == ("tally/outline", "tally/draft", "tally/revise")
    return here, there


def copy_of(stage: Stage, name: str) -> Stage:
    """Return a copy of a workspace, memory and all."""
    shutil.copytree(stage.root, stage.root.parent / name)
    return Stage(stage.root.parent / name, home=stage.home, human=list(stage.human))


def test_git_merges_both_ways(tmp_path: Path) -> None:
    ada, bo = two_clones(tmp_path)
    ada_first, bo_first = copy_of(ada, "ada"), copy_of(bo, "bo")
    ada_first.pull(bo)
    bo_first.pull(ada)
    assert ada_first.files() == bo_first.files()
    for stage in (ada_first, bo_first):
        assert stage.status("tally") == "facts changed"
        assert stage.status("ledger") == "approved"
        published = app.publish(stage.root)
        assert published.published == ("docs/ledger.md", PAGE)
        assert [(path, why.partition(";")[0]) for path, why, _ in published.refused] == [
            (PAGE, "its file was edited by hand")
        ]
        stage.build(script=obeys)
        assert stage.log() in (("tally/draft", "tally/revise"), ("tally/outline", "tally/draft", "tally/revise"))
        stage.kept()
    assert ada_first.files() == bo_first.files()
    assert ada_first.text("public/tally.md") == bo_first.text("public/tally.md")

    with pytest.raises(RefusedError, match="edited by hand"):
        app.approve(ada_first.root, [PAGE], by="ada")
    app.adopt(ada_first.root, PAGE, by="ada")
    app.approve(ada_first.root, [PAGE], by="ada")
    assert app.publish(ada_first.root).refused == ()

    bo_first.pull(ada_first)
    assert (bo_first.build().made, bo_first.log()) == (0, ())
    assert app.publish(bo_first.root).refused == ()
    assert bo_first.files() == ada_first.files()
    assert bo_first.files("public") == ada_first.files("public")
    for stage in (ada_first, bo_first):
        assert stage.status("tally") == "approved"
        stage.settled()
        stage.ends()


def test_a_merge_that_only_adds_files(tmp_path: Path) -> None:
    here, there = two_clones(tmp_path)
    before = here.files()
    for path in sorted(there.root.rglob("*")):
        mine = here.root / path.relative_to(there.root)
        if (
            path.is_file()
            and not {".git", ".copydesk", "public"} & set(mine.relative_to(here.root).parts)
            and not mine.exists()
        ):
            mine.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, mine)
    assert here.files() == {**before, "docs/ledger.md": there.text("docs/ledger.md")}
    here.build(script=obeys)
    assert here.log() == ()
    assert here.files("drafts", "docs") == {
        **{p: t for p, t in before.items() if p.startswith("d")},
        "docs/ledger.md": there.text("docs/ledger.md"),
    }
    here.kept()
    assert app.verify(here.root) == ()

    published = app.publish(here.root)
    assert published.published == ("docs/ledger.md", PAGE)
    approved = {here.text(PAGE), there.text(PAGE)}
    assert here.text("public/tally.md") in approved
    assert here.text("public/ledger.md") == there.text("docs/ledger.md")
    here.settled()
