"""A brief breaks for a while: it is named with a place and a mend, the others go on, and nothing of it is lost."""

from pathlib import Path

from generator import app
from tests.stories.scripts import obeys
from tests.stories.stage import Stage

BRIEF, COPY = "content_briefs/tally.md", "drafts/tally/tally.md"


def test_others_go_on(tmp_path: Path) -> None:
    stage = Stage.begin(tmp_path, __file__)
    stage.build(script=obeys)
    stage.add(COPY, "Ada closes with a sentence of her own.")
    app.approve(stage.root, ["tally"], by="ada")
    before = stage.files("drafts", "docs")
    stage.log()

    stage.change(BRIEF, "facts:", "fakts:")
    stage.change("content_briefs/ledger.md", "49 EUR", "9 EUR")
    summary = stage.build(script=obeys)
    assert stage.log() == ("ledger/draft", "ledger/revise")
    assert (summary.made, summary.failed, summary.exit_code) == (2, 0, 3)
    [finding] = summary.broken
    assert (finding.path, finding.line, finding.level) == (BRIEF, 5, "error")
    assert "facts" in finding.fix + finding.message
    assert app.plan(stage.root).broken == (finding,)
    assert {p: t for p, t in stage.files("drafts", "docs").items() if "tally" in p} == before_of(before, "tally")

    summary = stage.build()
    assert (summary.exit_code, summary.broken, stage.log()) == (3, (finding,), ())
    assert app.look(stage.root) is None, "what is broken is told each time"
    assert [each.brief for each in app.status(stage.root).pages] == ["ledger"]
    assert app.status(stage.root).broken == (finding,)

    stage.write({BRIEF: "no front matter, no brief\n"})
    assert stage.build().exit_code == 3
    (stage.root / BRIEF).write_bytes(b"---\ntitle: \xff\xfe\n---\n")
    assert stage.build().exit_code == 3
    (stage.root / BRIEF).unlink()
    assert stage.build().exit_code == 0
    assert {p: t for p, t in stage.files("drafts", "docs").items() if "tally" in p} == before_of(before, "tally")

    stage.write({BRIEF: Stage(stage.home / "start").text(BRIEF)})
    summary = stage.build()
    assert (summary.exit_code, summary.made, stage.log()) == (0, 0, ())
    assert stage.status("tally") == "approved"
    stage.settled()
    stage.ends()


def before_of(files: dict[str, str], word: str) -> dict[str, str]:
    """Return the files that belong to one brief."""
    return {path: text for path, text in files.items() if word in path}
