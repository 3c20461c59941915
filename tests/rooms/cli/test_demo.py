"""The demo's folder: made anew each time, and nobody else's is ever wiped."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest

from generator import app
from generator.cli import demo
from generator.cli.verbs import run
from generator.errors import CopydeskError, RefusedError


def test_the_folder_is_made_and_made_anew(tmp_path: Path) -> None:
    root = demo.make_folder(tmp_path)
    assert root == tmp_path / ".demo"
    (root / "left.md").write_text("left from last time")
    assert demo.make_folder(tmp_path) == root
    assert [each.name for each in root.iterdir()] == [demo.MARKER]


def test_a_folder_that_no_demo_made_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".demo").mkdir()
    (tmp_path / ".demo" / "precious.md").write_text("mine")
    with pytest.raises(RefusedError):
        demo.make_folder(tmp_path)
    assert (tmp_path / ".demo" / "precious.md").read_text() == "mine"


def test_what_a_link_points_to_is_left_alone(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / demo.MARKER).write_text("")
    (tmp_path / ".demo").symlink_to(elsewhere)
    with pytest.raises(RefusedError):
        demo.make_folder(tmp_path)
    (tmp_path / ".demo").unlink()
    (tmp_path / ".demo").write_text("a file of that name")
    with pytest.raises(RefusedError):
        demo.make_folder(tmp_path)


def test_a_claim_that_does_not_hold_ends_the_demo() -> None:
    demo.check_claim(True, "all is well")
    with pytest.raises(CopydeskError, match="the demo claims that all is well, and it is not so") as raised:
        demo.check_claim(False, "all is well")
    assert raised.value.exit_code == 1


def test_the_texts_of_the_demo_hold_what_the_story_changes() -> None:
    folder = Path(demo.__file__).parent
    assert (folder / f"{demo.TOLD}.md").read_text(encoding="utf-8").count(demo.OLD_PRICE) == 1
    for path in folder.glob("*.md"):
        assert demo.NEW_PRICE not in path.read_text(encoding="utf-8")
        assert demo.SENTENCE not in path.read_text(encoding="utf-8")


def told_in(folder: Path, words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    monkeypatch.chdir(folder)
    assert run(words) == 0
    return capsys.readouterr().out


def test_the_demo_tells_the_whole_story_and_can_be_told_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".demo").mkdir()
    (tmp_path / ".demo" / demo.MARKER).write_text("")
    (tmp_path / ".demo" / "drafts").mkdir()

    told = told_in(tmp_path, ["demo"], monkeypatch, capsys)

    for words in (
        "made for $0.00",
        f"+{demo.SENTENCE}",
        "-  price: 49 EUR a seat",
        "+  price: 59 EUR a seat",
        "steps run again:",
        "tally-3/draft: the fact price changed",
        "Your sentence is untouched, and says 49 EUR still. The price changed in 3 places.",
        "1 suggestion waits",
        f"Approved {demo.APPROVED}, by demo-script",
        f"Left out, nobody has approved it: {demo.PAGE}",
        f"approve {demo.PAGE} --by YOU",
    ):
        assert words in told
    assert len(told.split()) <= 280, "a minute of reading"
    assert [path.name for path in tmp_path.iterdir()] == [".demo"]
    (event,) = [each for each in app.history(tmp_path / ".demo", demo.SILENT) if each.verb == "approved"]
    assert (event.by, demo.REASON in event.line) == ("demo-script", True)


def test_the_last_approval_works_as_it_is_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = told_in(tmp_path, ["demo", "--fast"], monkeypatch, capsys)
    typed = [shlex.split(line)[1:] for line in told.splitlines() if line.strip().partition(" ")[0].endswith("copydesk")]

    assert [words[0] for words in typed] == ["suggestions", "approve", "publish"]
    for words in typed:
        said = told_in(tmp_path / ".demo", words, monkeypatch, capsys)
    assert "Published 2 approved pages" in said
    assert demo.SENTENCE in (tmp_path / ".demo" / demo.PAGE).read_text()


def test_a_paced_demo_goes_on_at_enter(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"\n\n")
    with os.fdopen(reading) as keyboard:
        monkeypatch.setattr("sys.stdin", keyboard)
        demo.Teller(paced=True)("A heading.", "copydesk plan", ["one line"] * 1000)
    os.close(writing)
    assert capsys.readouterr().out.startswith("\nA heading.\n  $ copydesk plan\n  one line\n")
