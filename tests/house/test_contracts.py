"""Every import contract bites: each is broken on purpose in a copy of the house, and the linter must say so."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parents[2]

BREACHES = {
    "Layers": ("digest.py", "import generator.model"),
    "Layers exhaustive": ("stray.py", '"""A file that nobody placed."""'),
    "Rooms are apart": ("drafts/matching.py", "import generator.store"),
    "No circles": ("drafts/matching.py", "import generator.drafts.landing"),
    "A door opens on app": ("cli/lines.py", "import generator.store"),
    "sqlite3 only in store": ("drafts/matching.py", "import sqlite3"),
    "Vendor SDKs only in providers": ("steps/__init__.py", "import openai"),
    "mkdocs only in publishing": ("app/reports.py", "import mkdocs"),
}


@pytest.mark.parametrize("breach", BREACHES.values(), ids=BREACHES)
def test_a_contract_bites(breach: tuple[str, str], tmp_path: Path) -> None:
    shutil.copytree(HERE / "generator", tmp_path / "generator", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(HERE / "pyproject.toml", tmp_path)
    path = tmp_path / "generator" / breach[0]
    text = path.read_text() if path.exists() else ""
    path.write_text(f"{text}\n{breach[1]}\n")
    done = linted(tmp_path)
    assert done.returncode != 0
    assert "BROKEN" in done.stdout or "exhaustive" in done.stdout.lower() or "stray" in done.stdout, done.stdout


def linted(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "lint-imports"
    return subprocess.run(
        [program, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(folder)}
    )  # fmt: skip
