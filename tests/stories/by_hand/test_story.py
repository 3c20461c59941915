"""People are steps: what waits for them says so with the exact command, and everything else is built."""

import re
from pathlib import Path

from generator import app
from tests.stories.scripts import obeys
from tests.stories.stage import Stage

OUTLINE, OPENING = "drafts/tally/steps/outline.md", "drafts/tally/steps/opening.md"
DRAFT = "drafts/ledger/steps/draft.md"


def test_steps_wait_for_people(tmp_path: Path) -> None:
    stage = Stage.begin(tmp_path, __file__)
    summary = stage.build(script=obeys)
    assert sorted(stage.log()) == ["ledger/outline", "tally/outline"]
    assert (summary.made, summary.waiting, summary.failed, summary.exit_code) == (2, 2, 0, 0)
    assert [(address, command) for address, _, command in summary.waits] == [
        ("ledger/draft", "copydesk approve ledger/draft"),
        ("tally/outline", "copydesk approve tally/outline"),
    ]
    assert re.fullmatch(
        rf"ada: read {OUTLINE}, then approve it \(since 2\d{{3}}-\d\d-\d\d \d\d:\d\d UTC\)", summary.waits[1][1]
    )
    assert summary.next == "copydesk approve ledger/draft"
    assert stage.status("tally") == "waiting"
    assert stage.build() == app.look(stage.root)
    assert stage.log() == ()

    stage.edit(OUTLINE, "## What it costs", "## Ada asks what it costs")
    app.approve(stage.root, ["tally/outline"], by="ada")
    summary = stage.build(script=obeys)
    assert stage.log() == ("tally/draft", "tally/revise")
    assert [address for address, _, _ in summary.waits] == ["ledger/draft", "tally/opening"]
    assert stage.status("tally") == "drafted"

    stage.write({OPENING: "Ada opens.\n", DRAFT: "# Ledger\n\nBo wrote all of it.\n"})
    stage.human += ["Ada opens.", "Bo wrote all of it."]
    assert stage.build().waiting == 2
    app.approve(stage.root, ["tally/opening", "ledger/draft"], by="ada")
    summary = stage.build(script=obeys)
    assert (stage.log(), summary.waiting) == (("ledger/revise",), 0)
    assert "Bo wrote all of it." in stage.text("drafts/ledger/ledger.md")

    stage.edit(OUTLINE, "## Ada asks what it costs", "## Ada asks again what it costs")
    del stage.human[0]
    summary = stage.build()
    assert ([address for address, _, _ in summary.waits], stage.log()) == (["tally/outline"], ())
    app.approve(stage.root, ["tally/outline"], by="ada")
    stage.build(script=obeys)
    assert stage.log() == ("tally/draft", "tally/revise")
    assert "## Ada asks again what it costs" in stage.text("drafts/tally/tally.md")
    stage.settled()
    stage.ends()
