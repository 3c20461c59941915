"""Two people edit the same drafts in two clones, and real git merges them: with the driver, and without it."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from generator import app, drafts
from generator.errors import CopydeskError, RefusedError, UsageError
from tests.stories.stage import Stage
from tests.stories.thirty_percent.test_story import SUBJECTS, writes

PAGES = tuple(f"drafts/part-{n}/part-{n}.md" for n in (1, 2, 3))
DRIVER = f"'{sys.executable}' -P -m generator merge --driver %P %O %A %B"


def clones(tmp_path: Path, *, driver: bool) -> tuple[Stage, Stage]:
    """Return two clones of a workspace that was built, each with a driver if wanted."""
    here = Stage.begin(tmp_path, __file__)
    here.write({".gitattributes": "drafts/** -text merge=copydesk\n"})
    here.build(script=writes)
    here.begin_git()
    there = here.clone("there")
    for each in (here, there) if driver else ():
        app.set_up(each.root)
        each.git("config", "merge.copydesk.driver", DRIVER)
    return here, there


def edit(stage: Stage, who: str, seed: int) -> None:
    """Reword fifteen sentences of the three pages, delete two and add three."""
    dice = random.Random(seed)
    for number in range(20):
        path = dice.choice(PAGES)
        pieces = [each for each in drafts.units(stage.text(path)) if each[:3] in ("The", "For")]
        piece = dice.choice(pieces).strip()
        if number < 15:
            stage.edit(path, piece, f"{who} says in number {number} that {piece[0].lower()}{piece[1:]}")
        elif number < 17:
            stage.write({path: stage.text(path).replace(f"{piece} ", "", 1)})
        else:
            stage.edit(path, piece, f"{piece} {who} adds number {number}.", human=f"{who} adds number {number}.")


def pull(here: Stage, there: Stage) -> bool:
    """Commit in both clones and merge one into the other; return whether git was content."""
    here.commit("Mine")
    there.commit("Theirs")
    before = here.git("rev-parse", "HEAD")
    here.git("pull", "-q", "--no-rebase", "--no-edit", str(there.root), "main", check=False)
    return before != here.git("rev-parse", "HEAD")


def offered(stage: Stage) -> str:
    return "\n".join(each.suggestion.theirs for each in app.suggestions(stage.root))


@pytest.mark.parametrize("driver", [True, False])
def test_thirty_edits_merge_both_ways(tmp_path: Path, *, driver: bool) -> None:
    here, there = clones(tmp_path, driver=driver)
    edit(here, "Ada", 1)
    edit(there, "Bo", 2)
    back = Stage(tmp_path / "back", home=here.home)
    back.root.mkdir()
    subprocess.run(["cp", "-r", f"{there.root}/.", back.root], check=True)
    for into, other in ((here, there), (back, here)):
        mine, theirs = list(into.human), list(other.human)
        assert not pull(into, other), "some sentences were changed by both"
        unmerged = into.git("diff", "--name-only", "--diff-filter=U").split()
        assert unmerged
        for path in unmerged:
            with pytest.raises(RefusedError, match="line"):
                app.approve(into.root, [path], by="Ada")
            assert "git left a conflict" in into.build(script=writes).failures[0][1]
            settled = app.settle(into.root, path, by="Ada")
            assert settled.settled
            assert not drafts.conflict_line(into.text(path))
        assert into.git("diff", "--name-only", "--diff-filter=U") == ""
        text = "\n".join(map(into.text, PAGES))
        assert [each for each in mine if each not in text] == []
        assert [each for each in theirs if each not in text and each not in offered(into)] == []
        assert {each.origin for each in app.suggestions(into.root)} == {"other's"}
        into.git("commit", "-qm", "Merged")
        into.human = mine
        into.log()
        into.settled()
        if into is here:
            here.git("reset", "-q", "--hard", "HEAD~1")
    here.ends()


def test_what_each_changed_elsewhere_merges_by_itself(tmp_path: Path) -> None:
    here, there = clones(tmp_path, driver=True)
    first, second = f"The {SUBJECTS[0]} gets step 0", f"The {SUBJECTS[0]} gets step 1"
    here.edit(PAGES[0], first, f"Ada says: {first}")
    there.edit(PAGES[0], second, f"Bo says: {second}")
    assert pull(here, there)
    here.human += there.human
    here.kept()
    assert app.settle(here.root, PAGES[0], by="Ada").settled is False


def conflict(tmp_path: Path, *, style: str = "merge") -> Stage:
    """Return a clone in which git left its markers in the first page."""
    here, there = clones(tmp_path, driver=False)
    here.git("config", "merge.conflictStyle", style)
    here.edit(PAGES[0], "# Close the month in a day", "# Ada closes")
    there.edit(PAGES[0], "# Close the month in a day", "# Bo closes")
    assert not pull(here, there)
    assert drafts.conflict_line(here.text(PAGES[0])) == 1
    return here


@pytest.mark.parametrize("style", ["merge", "diff3", "zdiff3"])
def test_markers_that_were_committed_are_settled_from_what_they_hold(tmp_path: Path, style: str) -> None:
    here = conflict(tmp_path, style=style)
    here.git("commit", "-aqm", "Markers and all")
    settled = app.settle(here.root, PAGES[0], by="Ada")
    assert (settled.settled, settled.suggestions) == (True, 1)
    assert here.text(PAGES[0]).startswith("# Ada closes\n")
    assert "# Bo closes" in here.text(PAGES[0]) + offered(here)


def test_what_was_merged_by_hand_meanwhile_is_left_alone(tmp_path: Path) -> None:
    here = conflict(tmp_path)
    here.write({PAGES[0]: here.text(PAGES[0]).replace("# Ada closes", "# We both close")})
    with pytest.raises(RefusedError, match="edited since git stopped") as caught:
        app.settle(here.root, PAGES[0], by="Ada")
    assert "git checkout -m" in caught.value.mend
    here.write({PAGES[0]: "<<<<<<< mine\nA\n>>>>>>> theirs\n"})
    here.git("add", "-A")
    with pytest.raises(RefusedError, match="not whole"):
        app.settle(here.root, PAGES[0], by="Ada")


def test_a_file_that_one_side_removed_is_the_others(tmp_path: Path) -> None:
    here, there = clones(tmp_path, driver=True)
    here.edit(PAGES[0], "# Close the month in a day", "# Ada closes")
    (there.root / PAGES[0]).unlink()
    assert not pull(here, there)
    settled = app.settle(here.root, PAGES[0], by="Ada")
    assert (settled.one_side, settled.suggestions) == (True, 0)
    here.kept()
    assert "made one" in app.history(here.root, "part-1")[-1].line


def test_only_working_copies_are_settled(tmp_path: Path) -> None:
    here, _ = clones(tmp_path, driver=False)
    for path in ("docs/index.md", "drafts/part-1/other.md", "drafts/x.md"):
        with pytest.raises(UsageError, match="no working copy"):
            app.settle(here.root, path, by="Ada")
    plain = Stage.begin(tmp_path, __file__, "plain")
    plain.build(script=writes)
    with pytest.raises(UsageError, match="no git repository"):
        app.settle(plain.root, PAGES[0], by="Ada")
    with pytest.raises(UsageError, match="no git repository"):
        app.set_up(plain.root)
    assert not app.wants_driver(plain.root)


def test_a_text_that_is_not_utf_8_is_told(tmp_path: Path) -> None:
    here, there = clones(tmp_path, driver=True)
    here.edit(PAGES[0], "# Close the month in a day", "# Ada closes")
    (there.root / PAGES[0]).write_bytes(b"# Bo cl\xf4ses\n")
    assert not pull(here, there)
    assert here.text(PAGES[0]).startswith("# Ada closes")
    with pytest.raises(CopydeskError, match="not UTF-8"):
        app.settle(here.root, PAGES[0], by="Ada")


def test_a_fresh_clone_is_told_of_the_driver_once(tmp_path: Path) -> None:
    here, _ = clones(tmp_path, driver=False)
    clone = here.clone("fresh")
    assert app.wants_driver(clone.root)
    clone.build(script=writes)
    assert any("copydesk merge --set-up" in each for each in clone.said)
    clone.said.clear()
    clone.write({"content_briefs/part-1.md": clone.text("content_briefs/part-1.md") + "\nMore.\n"})
    clone.build(script=writes)
    assert clone.said == []
    assert app.set_up(clone.root) == ("git config merge.copydesk.driver",)
    assert not app.wants_driver(clone.root)
    (clone.root / ".gitattributes").unlink()
    assert app.set_up(clone.root) == ("git config merge.copydesk.driver", ".gitattributes")
