"""The table of verbs, their help, and what stands at the end of every verb: exit codes, messages, `--json`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from generator.cli import main
from generator.cli.verbs import GROUPS, VERBS, Verb, copydesk, ended_by, run

ROOT = Path(__file__).parents[3]
HEAVY = ("yaml", "pydantic", "jinja2", "rich", "mkdocs", "openai", "anthropic", "sqlite3", "watchdog", "asyncio")


def started(*words: str, modules: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run the door as a process of its own; print which of `modules` it has imported on stderr's last line."""
    code = (
        "import sys\nfrom generator.cli import main\n"
        f"sys.argv = {['copydesk', *words]!r}\n"
        "try:\n    main()\nfinally:\n"
        f"    print(sorted(set({list(modules)!r}) & set(sys.modules)), file=sys.stderr)\n"
    )
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)


@pytest.mark.imports
@pytest.mark.parametrize("words", [("--version",), ("--help",), ("-h",), ()])
def test_help_and_version_import_click_and_the_table_only(words: tuple[str, ...]) -> None:
    done = started(*words, modules=(*HEAVY, "generator.app", "generator.model", "decimal", "dataclasses"))
    assert done.returncode == 0
    assert done.stderr.splitlines()[-1] == "[]"
    assert done.stdout


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_every_verb_says_what_it_does(verb: Verb, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([verb.name, "--help"]) == 0
    told = capsys.readouterr().out
    assert f"Usage: copydesk {verb.name}" in told
    command = copydesk.get_command(click.Context(copydesk), verb.name)
    assert command is not None
    assert command.help
    assert command.name == verb.name
    assert ("--json" in told) == (verb.name != "demo")


def test_help_is_grouped_and_names_every_verb_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 0
    told = capsys.readouterr().out
    places = [told.index(f"\n{group.capitalize()}:\n") for group in GROUPS]
    assert places == sorted(places)
    for verb in VERBS:
        assert verb.group in GROUPS
        assert sum(line.split()[:1] == [verb.name] for line in told.splitlines()) == 1


def test_python_dash_m_answers_alike() -> None:
    words = [sys.executable, "-m", "generator", "--version"]
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == started("--version").stdout
    assert done.stdout.startswith("copydesk ")


def test_a_mistyped_verb_is_met_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["publsh"]) == 2
    assert capsys.readouterr().err == "There is no verb 'publsh'. The nearest is 'publish'.\nNext: copydesk --help\n"
    assert run(["zzz"]) == 2
    assert capsys.readouterr().err == "There is no verb 'zzz'.\nNext: copydesk --help\n"


@pytest.mark.parametrize(
    "words",
    [
        ("history",), ("approve",), ("send-back", "docs/x.md"), ("build", "--jobs", "0"), ("build", "--jobs", "x"),
        ("build", "--watch", "--json"), ("build", "--watch", "a-brief"), ("retry",), ("--nonsense",), ("rename", "a"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_is_asked_wrongly_exits_2_and_says_where_to_look(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*words]) == 2
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 2
    assert told[1].startswith("Next: copydesk ")
    assert told[1].endswith("--help")


def test_with_json_a_usage_error_is_an_object_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["history", "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == 1
    assert set(told["error"]) == {"what", "where", "mend", "findings"}


def test_outside_a_workspace_a_verb_says_how_to_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["status", "--json"]) == 2
    told = capsys.readouterr()
    assert json.loads(told.out)["error"]["what"] == "no workspace here or above"
    assert told.err.endswith("Next: copydesk init\n")


def test_a_reader_that_closes_the_pipe_early_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    words = [sys.executable, "-m", "generator", "--help"]
    done = subprocess.run(words, stdout=writing, stderr=subprocess.PIPE, text=True, cwd=ROOT, check=False)
    os.close(writing)
    assert done.stderr == ""
    assert done.returncode == 1


@pytest.mark.parametrize(
    "words", [(), ("--help",), ("check", "--explain", "B001"), ("check", "--explain", "B001", "--json")]
)
def test_an_answer_that_does_not_fit_on_the_disk_is_told(words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        line = [sys.executable, "-m", "generator", *words]
        done = subprocess.run(line, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == "The answer could not be written: No space left on device."
    assert done.stderr.splitlines()[-1] == "Next: copydesk status"
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.parametrize("words", ["init", "build", "build --json", "check", "status", "publish", "verify", "demo"])
def test_a_folder_that_was_removed_is_told(tmp_path: Path, words: str) -> None:
    (tmp_path / "gone").mkdir()
    program = "import os, sys; os.rmdir(os.getcwd()); from generator.cli import main; sys.argv[0] = 'copydesk'; main()"
    line = [sys.executable, "-c", program, *words.split()]
    done = subprocess.run(line, cwd=tmp_path / "gone", capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == "The current folder was removed: go to one that is there."


def test_a_fault_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError):
        ended_by(ZeroDivisionError(), ["build"])


def test_an_interrupt_says_that_nothing_was_lost(capsys: pytest.CaptureFixture[str]) -> None:
    for error in (KeyboardInterrupt(), click.Abort()):
        assert ended_by(error, ["build", "two words", "--json"]) == 130
        told = capsys.readouterr()
        assert "nothing was lost" in told.err
        assert told.err.endswith("Next: copydesk build 'two words' --json\n")
        assert "nothing was lost" in json.loads(told.out)["error"]["what"]


@pytest.mark.parametrize(
    ("words", "code"), [(["--version"], 0), (["publsh"], 2), (["build"], 2), (["build", "--json"], 2)]
)
def test_main_leaves_with_the_exit_code(
    words: list[str], code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["copydesk", *words])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == code
    assert "copydesk" in "".join(capsys.readouterr())
