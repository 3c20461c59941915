"""`copydesk merge` and `copydesk settle` at the terminal: the text on stdout, all else on stderr, and exit codes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from generator.app.answers import Settled
from generator.cli.merging import settled_lines
from generator.cli.verbs import run

BASE = "One stays. Two is old. Three stays.\n"
MINE = "One stays. Two is mine. Three stays.\n"
CLEAN = "One is new. Two is old. Three stays.\n"
BOTH = "One stays. Two is theirs. Three stays.\n"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in (("base", BASE), ("mine", MINE), ("clean", CLEAN), ("both", BOTH)):
        (tmp_path / name).write_bytes(text.encode())
    return tmp_path


def test_what_each_changed_elsewhere_is_one_text(files: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["merge", "base", "mine", "clean"]) == 0
    assert capfd.readouterr() == ("One is new. Two is mine. Three stays.\n", "")
    assert run(["merge", "base", "mine", "clean", "-o", "out"]) == 0
    assert capfd.readouterr() == ("", "")
    assert (files / "out").read_bytes() == b"One is new. Two is mine. Three stays.\n"


def test_what_both_changed_is_told_beside_the_text(files: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["merge", "base", "mine", "both"]) == 1
    out, err = capfd.readouterr()
    assert out == MINE
    assert err.splitlines() == [
        "mine:1: both changed it", "  mine    Two is mine.", "  theirs  Two is theirs.", "1 place that both changed.",
        "Mine stands in the text. Take over what you like better.",
    ]  # fmt: skip
    assert run(["merge", "base", "mine", "both", "--json"]) == 1
    told = json.loads(capfd.readouterr().out)
    assert (told["schema"], told["text"]) == (1, MINE)
    assert [(each["line"], each["base"], each["mine"], each["theirs"]) for each in told["suggestions"]] == [
        (1, "Two is old.", "Two is mine.", "Two is theirs.")
    ]


def test_as_gits_driver_it_writes_to_mine_and_says_what_is_next(files: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["merge", "--driver", "drafts/a/a.md", "base", "mine", "clean"]) == 0
    assert (files / "mine").read_text() == "One is new. Two is mine. Three stays.\n"
    (files / "mine").write_text(MINE)
    assert run(["merge", "--driver", "drafts/a/a.md", "base", "mine", "both"]) == 1
    out, err = capfd.readouterr()
    marked = f"<<<<<<< mine\n{MINE}||||||| base\n{BASE}=======\n{BOTH}>>>>>>> theirs\n"
    assert (out, (files / "mine").read_text()) == ("", marked), "nobody commits one of the two without seeing the other"
    assert "Next: copydesk settle drafts/a/a.md" in err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"<<<<<<< a\nx\n=======\ny\n>>>>>>> b\n", "git left a conflict here"),
        (None, "theirs"),
    ],
)
def test_a_file_that_cannot_be_merged_leaves_all_as_it_was(
    files: Path, capfd: pytest.CaptureFixture[str], content: bytes | None, said: str
) -> None:
    if content is not None:
        (files / "theirs").write_bytes(content)
    assert run(["merge", "base", "mine", "theirs", "--driver", "x"]) > 0
    assert said in capfd.readouterr().err
    assert (files / "mine").read_text() == MINE


def test_it_takes_three_files(files: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["merge", "base", "mine"]) == 2
    assert "three files" in capfd.readouterr().err


def test_git_is_set_up_where_there_is_a_workspace(files: Path, capfd: pytest.CaptureFixture[str]) -> None:
    subprocess.run(["git", "init", "-q"], cwd=files, check=True)
    assert run(["init"]) == 0
    assert "copydesk merge --set-up" in capfd.readouterr().out
    assert run(["merge", "--set-up"]) == 0
    assert "by sentence now" in capfd.readouterr().out
    assert run(["merge", "--set-up", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["created"] == ["git config merge.copydesk.driver"]
    assert run(["init"]) == 0
    assert "--set-up" not in capfd.readouterr().out


def test_what_became_of_two_texts_is_told() -> None:
    settled = Settled(path="drafts/a/a.md", address="a/draft", settled=True, suggestions=2)
    assert settled_lines(settled) == [
        "Both texts are one now; 2 sentences that both changed wait as a suggestion.",
        "When you have decided: git add -A && git commit", "Next: copydesk suggestions a/draft",
    ]  # fmt: skip
    assert (
        settled_lines(Settled(path="drafts/a/a.md", address="a/draft"))[0]
        == "There is nothing to settle in drafts/a/a.md."
    )
    gone = Settled(path="drafts/a/a.md", address="a/draft", settled=True, one_side=True)
    assert settled_lines(gone) == [
        "One side had removed it; the other's text stands: drafts/a/a.md.",
        "Next: git add -A && git commit",
    ]
