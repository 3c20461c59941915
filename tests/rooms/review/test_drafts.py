"""Findings about working copies: found where they are, and not found where they only look so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.model import Finding
from generator.review import EXPLANATIONS, Subject
from generator.review import check_draft as check

PAGE = "drafts/tally-3/tally-3.md"


KINDS = {
    "drafts/tally-3/steps/outline.md": "",
    "drafts/tally-3/x.email.md": "email",
    "drafts/tally-3/x.posts.md": "posts",
}


def check_draft(text: str, path: str) -> tuple[Finding, ...]:
    subject = Subject(path=path, text=text, kind=KINDS.get(path, "page"), asked=frozenset({"structure"}))
    return check(subject)


def found(text: str, path: str = PAGE) -> list[tuple[str, int, int]]:
    return [(finding.code, finding.line, finding.column) for finding in check_draft(text, path)]


@pytest.mark.parametrize(
    "text",
    [
        "# Title\n\nWords.\n",
        "Title\n=====\n\nWords.\n",
        "\ufeff---\ntitle: x\n---\n# Title\n",
        "# Title\n\n```\n<<<<<<< HEAD\n[to write: this]\n```\n",
        "# Title\n\n~~~~ text\n```\n<<<<<<< HEAD\n~~~\n[to write: x]\n~~~~\n",
        "# Title\n\nWrite `[to write: x]` where ``a ` [to write: y]`` is missing.\n",
        "# Title\n\n> ```\n> quoted code that ends with its quote\n\nWords.\n",
        "# Title\n\n- ```\n  code in a list\n\nWords.\n",
        "# Title\n\n- item\n\n    ```\n    code\n    ```\n\nWords.\n",
        "# Title\n\n<<<<<<<< eight\n======= \n>>>>>>>> eight\n",
        "# Title\n\n``` not a fence ` at all\n[x](y)\n",
        "# Title\n\n## One\n\n### Two\n\n## Three\n\n#### `code` is no heading in `# code`\n".replace("####", "###"),
    ],
)
def test_a_good_draft_has_no_findings(text: str) -> None:
    assert found(text) == []
    assert found(text.replace("\n", "\r\n")) == []


def test_a_conflict_is_found_once_where_it_begins() -> None:
    text = "---\ntitle: x\n---\n# Title\n\n<<<<<<< HEAD\nmine\n=======\ntheirs\n>>>>>>> main\n\nWords.\n"
    assert found(text) == [("D001", 6, 1)]
    assert check_draft(text, PAGE)[0].level == "error"


def test_what_is_left_of_a_half_mended_conflict_is_found() -> None:
    assert found("# Title\n\ntheirs\n>>>>>>> main\n") == [("D001", 4, 1)]


def test_every_gap_is_found_with_its_column_and_what_it_asks_for() -> None:
    text = "# Title\n\nIt costs [to write: the price], or [to write:\n"
    assert found(text) == [("D002", 3, 10), ("D002", 3, 36)]
    first, second = check_draft(text, PAGE)
    assert "the price" in first.message
    assert "missing" in second.message


def test_a_gap_after_a_fence_that_is_closed_is_found() -> None:
    assert found("# Title\n```\ncode\n```\n[to write: x]\n") == [("D002", 5, 1)]
    assert found("# Title\n\n- ```\n  code\n\n[to write: x]\n") == [("D002", 6, 1)]


def test_a_title_is_asked_of_pages_only() -> None:
    assert found("Words.\n") == [("D003", 1, 1)]
    assert found("---\na: b\n---\n## Not a title\n") == [("D003", 4, 1)]
    assert check(Subject(path=PAGE, text="Words.\n", fields=(("title", "T"),), asked=frozenset({"structure"}))) == ()
    assert found("=====\n") == [("D003", 1, 1)]
    for path in ("drafts/tally-3/steps/outline.md", "drafts/tally-3/x.email.md", "drafts/tally-3/x.posts.md"):
        assert found("Words.\n", path) == []


def test_a_second_title_and_a_skipped_level_are_found() -> None:
    assert found("# One\n\n# Two\n\n#### Three\n") == [("D006", 3, 1), ("D007", 5, 1)]
    assert found("One\n===\n\nTwo\n===\n") == [("D006", 4, 1)]


def test_an_empty_draft_is_told_and_nothing_more() -> None:
    for text in ("", "\ufeff", " \n\t\n"):
        assert found(text) == [("D004", 1, 1)]
    assert found("---\ntitle: x\n---\n") == [("D004", 4, 1)]


def test_a_fence_that_nothing_ends_is_found() -> None:
    assert found("# Title\n\n```python\ncode\n``\n") == [("D005", 3, 1)]


@given(st.text(alphabet="# `~<>=[]to write:\n\r-x\ufeff", max_size=80))
def test_any_text_is_judged_at_places_that_exist(text: str) -> None:
    for finding in check_draft(text, PAGE):
        assert finding.code in EXPLANATIONS
        assert finding.fix
        assert 1 <= finding.line <= len(text.splitlines()) + 2


@pytest.mark.parametrize("path", [PAGE, *KINDS])
def test_a_line_where_words_were_to_be_placed_is_an_error_in_any_text(path: str) -> None:
    (finding,) = check_draft("# T\n\nOne.\n\n- [place: opening.cmo]\n", path)
    assert (finding.code, finding.level, finding.line, finding.column) == ("D009", "error", 5, 3)
    assert found("# T\n\n`[place: x]` and [place: x](a.md)\n\n```\n[place: x]\n```\n", path) == []
