"""The demo's folder: made anew each time, and nobody else's is ever wiped."""

from __future__ import annotations

from pathlib import Path

import pytest

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
    assert (folder / f"{demo.TOLD}.md").read_text(encoding="utf-8").count(demo.OLD_FACT) == 1
    assert demo.REPLACED in (folder / "thursday-trial.md").read_text(encoding="utf-8").replace("\n", " ")
    for path in folder.glob("*.md"):
        assert demo.NEW_FACT not in path.read_text(encoding="utf-8")
        assert demo.SENTENCE not in path.read_text(encoding="utf-8")


def test_the_demo_tells_the_whole_story_and_can_be_told_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".demo").mkdir()
    (tmp_path / ".demo" / demo.MARKER).write_text("")
    (tmp_path / ".demo" / "drafts").mkdir()
    monkeypatch.chdir(tmp_path)
    assert run(["demo"]) == 0
    told = capsys.readouterr()
    for words in (
        "-Closing time: 21:00.",
        "+Closing time: 20:30.",
        demo.SENTENCE,
        "nobody has approved it",
        "http.server",
    ):
        assert words in told.out
    assert "made late-thursdays/draft (the fact closing time changed)" in told.err
    assert [path.name for path in tmp_path.iterdir()] == [".demo"]
