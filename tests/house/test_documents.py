"""Documents that cannot fall behind: every verb, law, code and file they name is there, and every one that is there is named."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import generator
from generator import app
from generator.cli.verbs import VERBS as TABLE
from tests.stories.stage import Stage

VERBS = {verb.name for verb in TABLE}
HERE = Path(__file__).parents[2]
README = (HERE / "README.md").read_text()
ARCHITECTURE = (HERE / "ARCHITECTURE.md").read_text()
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")


def test_readme_opens_with_the_two_commands() -> None:
    assert README.startswith("# copydesk\n\n```sh\nmake demo")
    assert "make test" in README.split("```")[1]


def test_readme_names_every_verb_and_no_other() -> None:
    table = README.partition("## The commands")[2].partition("Exit codes")[0]
    named = {verb for row in table.splitlines() if row.startswith("| ") for verb in re.findall(r"`([a-z-]+)`", row)}
    assert named == VERBS


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_in_documents_exist(document: str) -> None:
    text = (HERE / document).read_text()
    code = [*text.split("```")[1::2], *re.findall(r"`([^`\n]+)`", text)]
    shown = [verb for each in code for verb in re.findall(r"copydesk ([a-z][a-z-]+)", each)]
    assert set(shown) <= VERBS, set(shown) - VERBS
    targets = set(re.findall(r"make ([a-z]+)`", (HERE / document).read_text()))
    assert targets <= set(re.findall(r"^([a-z]+):", (HERE / "Makefile").read_text(), re.MULTILINE))


def test_every_law_names_a_test_that_is_there() -> None:
    table = ARCHITECTURE.partition("## The laws")[2].partition("\n## ")[0]
    named = re.findall(r"`(tests/[\w/.-]+\.py)(?:::(\w+))?`", table)
    assert len(named) >= 20
    for path, test in named:
        tree = ast.parse((HERE / path).read_text())
        names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        assert not test or test in names, f"{path}::{test}"


def test_architecture_draws_the_house_that_stands() -> None:
    drawn = set(re.findall(r"^        (\w+)/ ", ARCHITECTURE, re.MULTILINE))
    there = {each.name for each in (HERE / "generator").iterdir() if each.is_dir() and each.name != "__pycache__"}
    assert drawn == there


def test_the_changelog_has_this_version() -> None:
    assert f"## {generator.__version__} " in (HERE / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_between_documents_lead_somewhere(document: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", (HERE / document).read_text()):
        assert target.startswith("http") or (HERE / target).exists(), target


def test_every_verb_of_app_is_reached_and_there() -> None:
    for verb in app._HOMES:
        assert getattr(app, verb)


def test_codes_are_explained_by_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "generator", "check", "--explain", "B001"],
        capture_output=True, text=True, check=False, cwd=HERE,
    )  # fmt: skip
    assert done.returncode == 0
    assert len(done.stdout) > 40


def test_the_step_of_the_contributing_page_works_as_typed(tmp_path: Path) -> None:
    text = (HERE / "CONTRIBUTING.md").read_text()
    prompt, workflow = (text.split(f"```{kind}\n")[1].split("```")[0] for kind in ("markdown", "yaml"))
    stage = Stage(tmp_path)
    stage.write({
        "prompts/tease.md": prompt, "workflows/short.yml": workflow.replace("NAME", "tease"),
        "content_briefs/a.md": "---\ntitle: A\nworkflow: short\n---\nSay one thing.\n",
    })  # fmt: skip
    assert app.check(tmp_path) == ()
    assert stage.build().deliverables == ("drafts/a/a.md",)
