"""The guide's reference pages say what the program says: `make reference` writes them anew."""

from pathlib import Path

import pytest

from generator.app.writing import EXPLANATIONS
from generator.briefs.schema import BRIEF_KEYS
from generator.cli.verbs import VERBS
from tests.house import reference

GUIDE = Path(__file__).parents[2] / "docs" / "guide"


@pytest.mark.parametrize("name", ["verbs.md", "keys.md", "codes.md"])
def test_a_page_is_not_stale(name: str) -> None:
    assert (GUIDE / name).read_text(encoding="utf-8") == reference.pages()[name], "run: make reference"


def test_every_verb_key_and_code_has_its_place() -> None:
    pages = reference.pages()

    assert [f"### `{verb.name}`" for verb in VERBS if f"### `{verb.name}`\n" not in pages["verbs.md"]] == []
    assert [key for key in BRIEF_KEYS if f"| `{key}` |" not in pages["keys.md"]] == []
    assert [code for code in EXPLANATIONS if f"### {code}\n" not in pages["codes.md"]] == []


def test_words_of_the_program_cannot_become_markup() -> None:
    assert reference.plain("a <b> | [c] *d* `e <f> | g`") == r"a &lt;b> \| \[c\] \*d\* `e <f> | g`"
    assert reference.plain("signs (@ ` %), as in\n`x`") == r"signs (@ \` %), as in `x`"
