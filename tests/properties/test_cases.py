"""One file per situation of a merge in tests/cases/merge: what it is, the three texts, the result, the suggestions.

A line `@@ base` (mine, theirs, merged) begins a text; `@@ suggestion at line 3` begins a suggestion, whose three texts
follow as `@ base`, `@ mine`, `@ theirs`. After the name may stand how the text is written: (CRLF), (BOM), (no final
line end).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from generator.drafts import merge, split

FOLDER = Path(__file__).parents[1] / "cases" / "merge"
CASES = sorted(FOLDER.glob("*.txt"))
_SECTION = re.compile(r"^(@@? .*)\n", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Case:
    about: str
    base: str
    mine: str
    theirs: str
    merged: str
    suggestions: tuple[tuple[int, str, str, str], ...]


def read_case(path: Path) -> Case:
    about, *rest = _SECTION.split(path.read_text(encoding="utf-8"))
    texts: dict[str, str] = {}
    suggestions: list[tuple[int, dict[str, str]]] = []
    for heading, text in zip(rest[::2], rest[1::2], strict=True):
        name, *ways = re.findall(r"\w[\w ]*", heading)
        written = text
        if "no final line end" in ways:
            written = written[:-1]
        if "CRLF" in ways:
            written = written.replace("\n", "\r\n")
        if "BOM" in ways:
            written = "\ufeff" + written
        if heading.startswith("@@ suggestion"):
            suggestions.append((int(name.split()[-1]), {}))
        elif heading.startswith("@@ "):
            texts[name.strip()] = written
        else:
            suggestions[-1][1][name.strip()] = written.rstrip()
    found = tuple((line, each["base"], each["mine"], each["theirs"]) for line, each in suggestions)
    return Case(about=about.strip(), suggestions=found, **texts)


def test_there_are_cases() -> None:
    assert len(CASES) >= 120


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    case = read_case(path)
    merged = merge(case.base, case.mine, case.theirs)
    assert merged.text == case.merged, case.about
    assert tuple((s.line, s.base, s.mine, s.theirs) for s in merged.suggestions) == case.suggestions
    assert merge(case.base, merged.text, case.theirs) == merged
    for text in (case.base, case.mine, case.theirs, case.merged):
        assert "".join(split(text)) == text
