"""Two people ask for another text of the same step, each in a clone: after a merge both have one answer, paid once."""

import re
from pathlib import Path

from generator import app
from tests.stories.scripts import obeys
from tests.stories.stage import Stage

PAGE, DRAFT = "drafts/tally/tally.md", "drafts/tally/steps/draft.md"


def test_wishes_meet_before_they_are_answered(tmp_path: Path) -> None:
    here = Stage.begin(tmp_path, __file__)
    here.build(script=obeys)
    here.add(PAGE, "Ada closes with a sentence of her own.")
    here.begin_git()
    there = here.clone("there")
    here.log()

    app.retry(here.root, "tally/draft", note="Shorter, please.", by="ada")
    app.retry(there.root, "tally/draft", note="Warmer, please.", by="bo")
    here.pull(there)
    here.build(script=obeys)
    assert here.log() == ("tally/draft", "tally/revise")

    there.pull(here)
    assert (there.build().made, there.log()) == (0, ())
    assert here.files() == there.files()

    here.settled()
    there.settled()
    here.ends()
    there.ends()


def test_wishes_meet_after_they_were_answered(tmp_path: Path) -> None:
    here = Stage.begin(tmp_path, __file__)
    here.build(script=obeys)
    here.add(PAGE, "Ada closes with a sentence of her own.")
    here.begin_git()
    there = here.clone("there")
    here.log()

    for stage, note in ((here, "Shorter, please."), (there, "Warmer, please.")):
        app.retry(stage.root, "tally/draft", note=note, by=stage.root.name)
        stage.build(script=obeys)
        assert stage.log() == ("tally/draft", "tally/revise")
        stage.commit("Another text")

    here.git("pull", "-q", "--no-rebase", "--no-edit", str(there.root), "main", check=False)
    summary = here.build(script=obeys)
    assert (summary.failed, summary.exit_code, here.log()) == (1, 1, ())
    assert "git left a conflict here" in summary.failures[0][1]

    for path in (DRAFT, PAGE):
        both = re.sub(r"^=======$", "", here.text(path), flags=re.MULTILINE)
        here.write({path: re.sub(r"^[<>]{7} .*\n", "", both, flags=re.MULTILINE)})
    here.commit("Keep both")
    here.build(script=obeys)
    assert here.log() == ("tally/draft", "tally/revise")

    there.pull(here)
    assert (there.build().made, there.log()) == (0, ())
    assert here.files() == there.files()
    here.settled()
    there.settled()
    here.ends()
