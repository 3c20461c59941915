"""The guide does what it says: every command of every page runs, in order, in a workspace of that page's own.

A fenced block whose first line names a file (`title="content_briefs/pricing.md"`) is written when it is reached. Of a
block of `sh` each part that begins with `copydesk` or `cd`, and `git init`, is run, and must end with 0, or with the code that a comment
names (`# exit 1`). What opens an editor, the rest of git, make and the like are for people and skipped.
"""

import os
import re
import shlex
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from generator.matter import parse_leniently, split_matter

HERE = Path(__file__).parents[2]
GUIDE = HERE / "docs" / "guide"
GENERATED = ("verbs", "keys", "codes")
PAGES = sorted(path.stem for path in GUIDE.glob("*.md") if path.stem not in GENERATED)

PENDING: dict[str, tuple[str, ...]] = {}
"""Commands that cannot run yet, by page; "" for all of a page. Empty when the guide tells what the program does."""

_BLOCK = re.compile(
    r"^(?P<lean> *)(?P<fence>`{3,})(?P<kind>\w*)(?: title=\"(?P<title>[^\"]+)\")?[ ]*\n(?P<body>.*?)^(?P=lean)(?P=fence)[ ]*$",
    re.MULTILINE | re.DOTALL,
)
_EXIT = re.compile(r"#.*\bexit (\d+)")


@dataclass(frozen=True, kw_only=True)
class Act:
    """What a page has its reader do: write `path`, or type `line` and see it end with `code`."""

    path: str = ""
    text: str = ""
    line: str = ""
    code: int = 0


def acts_of(text: str) -> Iterator[Act]:
    for block in _BLOCK.finditer(text):
        body = textwrap.dedent(block["body"])
        if block["title"]:
            yield Act(path=block["title"], text=body)
        for line in body.replace("\\\n", "").splitlines() if block["kind"] == "sh" else ():
            told = _EXIT.search(line)
            yield Act(line=line.partition(" #")[0].strip(), code=int(told[1]) if told else 0)


def is_pending(page: str, line: str) -> bool:
    return bool({line, ""} & set(PENDING.get(page, ())))


def perform(act: Act, root: Path, place: Path, home: Path) -> Path:
    """Do what an act says in the folder `place`; return the folder that the next one begins in."""
    if act.path:
        (root / act.path).parent.mkdir(parents=True, exist_ok=True)
        (root / act.path).write_text(act.text, encoding="utf-8")
        return place
    for part in act.line.split(" && "):
        words = shlex.split(part)
        if words[:1] == ["cd"]:
            place /= words[1]
        elif words == ["git", "init"]:
            subprocess.run([*words, "-q"], cwd=place, check=True)
        elif words[:1] == ["copydesk"]:
            done = typed(words[1:], place, home)
            assert done.returncode == act.code, f"{act.line}\n{done.stdout}{done.stderr}"
            assert "Traceback" not in done.stderr
    return place


def typed(words: list[str], place: Path, home: Path) -> subprocess.CompletedProcess[str]:
    keep = {key: os.environ[key] for key in ("PATH", "LANG", "COVERAGE_PROCESS_START") if key in os.environ}
    env = {**keep, "HOME": str(home), "USER": "content-lead", "GIT_CONFIG_NOSYSTEM": "1", "PYTHONPATH": str(HERE)}
    return subprocess.run(
        [sys.executable, "-m", "generator", *words], cwd=place, env=env, capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_run_as_typed(page: str, tmp_path: Path) -> None:
    root = place = tmp_path / "workspace"
    root.mkdir()
    assert typed(["init"], root, tmp_path).returncode == 0
    for act in acts_of((GUIDE / f"{page}.md").read_text(encoding="utf-8")):
        if not is_pending(page, act.line):
            place = perform(act, root, place, tmp_path)


@pytest.mark.parametrize("page", [*PAGES, *GENERATED])
def test_a_page_says_what_it_is_about(page: str) -> None:
    matter, body, _ = split_matter((GUIDE / f"{page}.md").read_text(encoding="utf-8"))
    front = parse_leniently(matter or "", path=page).node
    title, description = front.get("title"), front.get("description")

    assert title is not None
    assert description is not None
    assert 0 < len(title.text) <= 70
    assert 0 < len(description.text) <= 160
    assert body.lstrip().startswith("# ")
    assert "[^" not in re.sub(r"```.*?```|`[^`\n]*`", "", body, flags=re.DOTALL), (
        "a page of the team's own cites nothing"
    )


def test_what_is_pending_is_on_its_page() -> None:
    for page, lines in PENDING.items():
        told = {act.line for act in acts_of((GUIDE / f"{page}.md").read_text(encoding="utf-8"))}
        assert {*lines} <= {*told, ""}, page


def test_blocks_are_read_as_a_reader_reads_them() -> None:
    page = (
        'Text.\n\n```sh\ncopydesk check  # exit 1, since nothing is there\n```\n\n??? note "More"\n\n'
        '    ````md title="a/b.md"\n    # A\n\n    ```sh\n    copydesk no\n    ```\n    ````\n'
    )

    assert list(acts_of(page)) == [
        Act(line="copydesk check", code=1),
        Act(path="a/b.md", text="# A\n\n```sh\ncopydesk no\n```\n"),
    ]
