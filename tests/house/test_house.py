"""The house checks itself: sizes, names, docstrings and where imports stand."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parents[2]
FILES = sorted((HERE / "generator").rglob("*.py"))
BANNED = {"utils", "helpers", "common", "core", "base", "misc", "manager", "service"}
LAZY = {
    "generator/app/answers.py": 1,
    "generator/cli/__init__.py": 5,
    "generator/cli/build.py": 2,
    "generator/cli/verbs.py": 4,
}
"""Where something heavy is kept lazy, and how often: anything else is imported at the head of its file."""


def name_of(path: Path) -> str:
    return path.relative_to(HERE).as_posix()


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_is_small_named_well_and_says_what_it_is_for(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= 500
    assert path.stem not in BANNED
    said = ast.get_docstring(ast.parse(text), clean=False) or ""
    assert said, "a module says what it is for"
    assert len(said.strip().splitlines()) <= 24
    long = [f"{each.name}: {(each.end_lineno or 0) - each.lineno + 1}" for each in functions(path)
            if (each.end_lineno or 0) - each.lineno + 1 > 60]  # fmt: skip
    assert not long, "a function stops at 60 lines"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_stand_at_the_head_of_a_file(path: Path) -> None:
    hidden = [
        f"{each.name}:{node.lineno}"
        for each in functions(path)
        for node in ast.walk(each)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert len(hidden) <= LAZY.get(name_of(path), 0), hidden


def test_a_room_has_at_most_seven_files() -> None:
    doors_and_app = {"app", "cli"}
    for room in sorted(
        each for each in (HERE / "generator").iterdir() if each.is_dir() and each.name not in doors_and_app
    ):
        files = [each for each in room.glob("*.py") if each.stem != "__init__"]
        assert len(files) <= 7, room.name


def test_no_contract_is_ignored() -> None:
    config = tomllib.loads((HERE / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert config["root_package"] == "generator"
    assert all(not contract.get("ignore_imports") for contract in config["contracts"])
    assert "ignore_errors" not in (HERE / "pyproject.toml").read_text()


def test_only_the_disk_changes_the_disk() -> None:
    """Every call that changes a file goes through `disk.System`, or the test that fails the nth one would miss it."""
    changing = {
        "write_text",
        "write_bytes",
        "unlink",
        "rename",
        "replace",
        "rmdir",
        "symlink_to",
        "hardlink_to",
        "touch",
    }
    allowed = {"generator/disk.py"}
    found = []
    for path in FILES:
        if name_of(path) in allowed:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in changing:
                owner = ast.unparse(node.func.value)
                if owner == "os" or owner.endswith(("path", "place", "file", "folder", "root")) or "Path(" in owner:
                    found.append(f"{name_of(path)}:{node.lineno} {ast.unparse(node.func)}")
    assert not found
