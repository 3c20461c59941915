"""The door from end to end, in a workspace: exit codes, the objects of `--json`, the last line of every answer."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from generator.cli import main
from generator.cli.verbs import run

Capture = pytest.CaptureFixture[str]
HEAVY = ("click", "yaml", "pydantic", "jinja2", "rich", "mkdocs", "openai", "anthropic", "asyncio")
BRIEF = """\
---
title: Late Thursdays
workflow: article
facts:
  closing: 21:00
sources:
  - notes.md
---
Say that Thursdays are late now.
"""


class Keyboard(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> Path:
    """A workspace with one brief, as `init` makes it, without a site builder; the process stands in it."""
    monkeypatch.chdir(tmp_path)
    assert run(["init"]) == 0
    (tmp_path / "copydesk.yml").write_text("site: {renderer: none, pages-dir: public}\n")
    (tmp_path / "sources" / "notes.md").write_text("The trial ran for ten weeks. Visitors ring at the gate.\n")
    (tmp_path / "content_briefs" / "late.md").write_text(BRIEF)
    capsys.readouterr()
    return tmp_path


def told(words: list[str], capsys: Capture, code: int = 0) -> Any:
    """Run with --json and return the object, whose schema is checked."""
    assert run([*words, "--json"]) == code
    answer = json.loads(capsys.readouterr().out)
    assert answer.pop("schema") == 1
    return answer


def said(words: list[str], capsys: Capture, code: int = 0) -> list[str]:
    """Run for a person and return the lines, the last of which names the next command."""
    assert run(words) == code
    shown = capsys.readouterr()
    lines = (shown.out + shown.err if code in (2, 3) else shown.out).splitlines()
    assert lines[-1].startswith("Next: ")
    assert "copydesk " in lines[-1] or "git " in lines[-1]
    return lines


def test_init_and_new_name_what_they_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.chdir(tmp_path)
    assert said(["init", "here"], capsys)[-1] == "Next: cd here && copydesk new article NAME"
    monkeypatch.chdir(tmp_path / "here")
    assert said(["init"], capsys)[0].startswith("Nothing to create")
    assert told(["init"], capsys) == {"created": []}
    assert run(["new", "article", "first", "--source", "a.md"]) == 2
    assert run(["new", "article", "first", "--set", "tone"]) == 2
    (tmp_path / "here/sources/a.md").write_text("It is so.")
    made = told(["new", "article", "first", "--title", "First", "--goal", "try it", "--source", "a.md"], capsys)
    assert made == {"created": ["content_briefs/first.md"]}
    text = (tmp_path / "here" / "content_briefs" / "first.md").read_text()
    for typed in ("First", "try it", "a.md"):
        assert typed in text
    assert said(["new", "article", "second"], capsys)[-1] == "Next: copydesk plan second"
    assert run(["new", "article", "second"]) == 1
    capsys.readouterr()
    assert run(["new", "comparison", "both", "--source", "one=a.md", "--source", "a.md"]) == 2
    made = told(["new", "comparison", "both", "--source", "one=a.md", "--source", "two=a.md"], capsys)
    assert run(["new", "case-study", "theirs"]) == 2
    assert said(["new", "case-study", "theirs", "--set", "customer=Orme"], capsys)[-1] == "Next: copydesk plan theirs"
    monkeypatch.setattr("sys.stdin", Keyboard("Asked for\neveryone\n\na.md\n"))
    assert run(["new", "article", "third"]) == 0
    text = (tmp_path / "here" / "content_briefs" / "third.md").read_text()
    assert "title: Asked for" in text
    assert "audience: everyone" in text
    assert run(["new", "nonsense", "fourth", "--title", "", "--audience", "", "--goal", ""]) in (2, 3)


def test_plan_build_and_build_again(root: Path, capsys: Capture) -> None:
    plan = told(["plan"], capsys)
    assert {step["action"] for step in plan["steps"]} <= {"make", "maybe"}
    assert said(["plan"], capsys)[-1] == "Next: copydesk build"
    first = told(["build", "--offline"], capsys)
    assert (first["made"], first["failed"], first["deliverables"]) == (4, 0, ["drafts/late/late.md"])
    second = told(["build"], capsys)
    assert (second["made"], second["reused"]) == (0, 4)
    assert said(["build"], capsys)[0] == "Nothing to do: 4 steps are up to date."
    assert said(["plan", "late"], capsys)[0] == "Nothing to do: 4 steps are up to date."


def test_a_build_that_has_nothing_to_do_imports_next_to_nothing(root: Path, capsys: Capture) -> None:
    run(["build"])
    run(["build"])
    capsys.readouterr()
    code = (
        "import sys\nfrom generator.cli import main\nsys.argv = ['copydesk', 'build']\n"
        "try:\n    main()\nfinally:\n"
        f"    print(sorted(set({list(HEAVY)!r}) & set(sys.modules)), file=sys.stderr)\n"
    )
    for _ in range(5):
        done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
        if done.stderr.splitlines()[-1] == "[]":
            break
        run(["build"])
    assert done.stderr.splitlines()[-1] == "[]"
    assert done.stdout.splitlines()[0] == "Nothing to do: 4 steps are up to date."


def test_the_last_summary_is_told_again(root: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    run(["build"])
    for words in (["build"], ["build", "--json"]):
        capsys.readouterr()
        monkeypatch.setattr("sys.argv", ["copydesk", *words])
        with pytest.raises(SystemExit) as left:
            main()
        assert left.value.code == 0
        shown = capsys.readouterr().out
        assert json.loads(shown)["reused"] == 4 if words[1:] else shown.startswith("Nothing to do: 4 steps")


def test_a_watch_builds_at_once_and_ends_with_ctrl_c(root: Path) -> None:
    words = [sys.executable, "-m", "generator", "build", "--watch"]
    with subprocess.Popen(words, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "Made 4 steps.\n"
        process.send_signal(signal.SIGINT)
        told = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert "nothing was lost" in told
    assert told.endswith("Next: copydesk build --watch\n")


def test_show_retry_suggestions_and_history(root: Path, capsys: Capture) -> None:
    run(["build"])
    capsys.readouterr()
    shown = told(["show", "late/draft"], capsys)
    assert shown["messages"]
    assert shown["reply"]
    assert said(["show", "late/draft"], capsys)[-1] == "Next: copydesk retry late/draft"
    event = told(["retry", "late/draft", "--note", "shorter", "--by", "ada"], capsys)["event"]
    assert (event["verb"], event["note"], event["by"]) == ("retried", "shorter", "ada")
    assert said(["retry", "late/draft", "--fresh", "--by", "ada"], capsys)[-1] == "Next: copydesk build late"
    assert told(["suggestions"], capsys) == {"suggestions": []}
    assert said(["suggestions", "late"], capsys)[0] == "No suggestion waits."
    assert {each["verb"] for each in told(["history", "late/draft"], capsys)["history"]} == {"made", "retried"}
    assert said(["history", "late"], capsys)[-1] == "Next: copydesk status"


def test_from_draft_to_site_and_off_it_again(root: Path, capsys: Capture) -> None:
    run(["build"])
    capsys.readouterr()
    (page,) = told(["status"], capsys)["pages"]
    assert (page["path"], page["status"], page["needs"]) == ("docs/late.md", "drafted", "copydesk check late")
    assert "copydesk check late" in said(["status"], capsys)[1]
    left_out = told(["publish"], capsys)
    assert (left_out["published"], left_out["refused"][0][0]) == ([], "docs/late.md")
    assert run(["approve", f"docs/late.md@{'0' * 12}", "--by", "ada"]) == 1
    capsys.readouterr()
    answer = told(["approve", f"docs/late.md@{page['digest']}", "--by", "ada", "--reason", "tested"], capsys)
    assert answer["event"]["by"] == "ada"
    assert answer["events"] == [answer["event"]]
    assert said(["approve", "late", "--by", "ada", "--reason", "tested"], capsys)[-1] == "Next: copydesk publish"
    assert told(["publish"], capsys)["published"] == ["docs/late.md"]
    assert said(["publish"], capsys)[-1] == "Next: copydesk status"
    assert told(["status"], capsys)["pages"][0]["status"] == "approved"
    assert told(["send-back", "late", "--note", "warmer", "--by", "ada"], capsys)["event"]["verb"] == "sent-back"
    assert (
        said(["send-back", "late", "--note", "shorter", "--by", "ada"], capsys)[0] == "Sent back docs/late.md: shorter"
    )
    assert told(["status"], capsys)["pages"][0]["status"] == "changes requested"
    assert told(["withdraw", "docs/late.md", "--by", "ada"], capsys)["event"]["path"] == "docs/late.md"
    assert not (root / "docs" / "late.md").exists()
    run(["approve", "late", "--by", "ada", "--reason", "tested"])
    capsys.readouterr()
    assert said(["withdraw", "docs/late.md"], capsys)[-1] == "Next: copydesk publish"


def test_adopt_and_rename(root: Path, capsys: Capture) -> None:
    (root / "docs" / "guide.md").write_text("# Guide\n\nOurs.\n")
    assert "content_briefs/guide.md" in told(["adopt", "docs/guide.md", "--by", "ada"], capsys)["created"]
    assert told(["rename", "guide", "handbook", "--by", "ada"], capsys)["changed"]
    assert (root / "content_briefs" / "handbook.md").is_file()
    (root / "docs" / "more.md").write_text("# More\n")
    assert said(["adopt", "docs/more.md"], capsys)[-1] == "Next: copydesk approve docs/more.md"
    assert said(["rename", "more", "less"], capsys)[-1] == "Next: copydesk status"


def test_check_explains_and_counts(root: Path, capsys: Capture) -> None:
    assert all(each["level"] != "error" for each in told(["check"], capsys)["findings"])
    (root / "content_briefs" / "late.md").write_text(BRIEF.replace("title:", "titel:"))
    answer = told(["check"], capsys, code=1)
    finding = next(each for each in answer["findings"] if each["level"] == "error")
    assert {"path", "line", "column", "code", "level", "message", "fix"} == set(finding)
    assert (finding["path"], finding["line"]) == ("content_briefs/late.md", 2)
    lines = said(["check", "late"], capsys, code=1)
    assert lines[0].startswith(f"content_briefs/late.md:2:1: {finding['code']} ")
    assert told(["check", "--explain", finding["code"]], capsys)["explanation"]
    assert said(["check", "--explain", "D001"], capsys)[0] == "D001"
    assert run(["check", "--explain", "Z999"]) == 2
    assert "Z999" in capsys.readouterr().err


def test_fix_mends_what_needs_no_choice(root: Path, capsys: Capture) -> None:
    assert told(["check", "--fix"], capsys)["mended"] == []
    assert said(["check", "--fix"], capsys)


def test_a_broken_brief_exits_3_and_stops_no_other(root: Path, capsys: Capture) -> None:
    (root / "content_briefs" / "broken.md").write_text("---\ntitel: x\n---\n")
    for verb in ("plan", "build", "status"):
        answer = told([verb], capsys, code=3)
        assert answer["broken"][0]["path"] == "content_briefs/broken.md"
        assert any(line.startswith("content_briefs/broken.md:2:1: ") for line in said([verb], capsys, code=3))
    assert (root / "drafts" / "late" / "late.md").is_file()


def test_a_broken_config_exits_3_with_every_finding(root: Path, capsys: Capture) -> None:
    (root / "copydesk.yml").write_text("nonsense: 1\nmore: 2\n")
    assert len(told(["build"], capsys, code=3)["error"]["findings"]) == 2
    assert len([line for line in said(["build"], capsys, code=3) if line.startswith("copydesk.yml:")]) == 2


def test_a_mistyped_address_is_met_with_the_nearest(root: Path, capsys: Capture) -> None:
    for verb in ("plan", "build", "show", "history"):
        assert run([verb, "lat"]) == 2
        shown = capsys.readouterr().err
        assert "late" in shown
        assert shown.splitlines()[-1].startswith("Next: copydesk ")


def test_verify_reads_everything(root: Path, capsys: Capture) -> None:
    run(["build"])
    capsys.readouterr()
    assert told(["verify"], capsys) == {"findings": []}
    assert said(["verify"], capsys)[0] == "Every record is whole."
    torn = next((root / "history" / "late").iterdir())
    torn.write_bytes(torn.read_bytes()[:-1])
    assert told(["verify"], capsys, code=1)["findings"]
    assert said(["verify"], capsys, code=1)[-1].startswith("Next: ")
