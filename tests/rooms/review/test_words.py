"""Wishes, terms and evidence: found where they are, and not where they only seem to be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.model import Finding, Passage
from generator.review import FAMILIES, Subject, Term, Terms, check_draft, parse_terms

PAGE = "drafts/tally/tally.md"


def found(text: str, **more: object) -> list[tuple[str, int, int]]:
    asked = frozenset({"wishes", "terms", "evidence"})
    subject = Subject(path=PAGE, text=text, **{"asked": asked, **more})  # type: ignore[arg-type]
    return [(each.code, each.line, each.column) for each in check_draft(subject)]


def messages(text: str, **more: object) -> list[Finding]:
    return list(check_draft(Subject(path=PAGE, text=text, asked=FAMILIES - {"lengths", "structure"}, **more)))  # type: ignore[arg-type]


def passage(name: str, text: str) -> Passage:
    return Passage(id=name, path="sources/notes.md", first_line=1, last_line=1, text=text)


# Wishes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("never", "text", "expected"),
    [
        ('- "game changer"', "# T\n\nIt is a Game\nChanger.\n", [("D020", 3, 9)]),
        ("- “don't wait”", "---\na: b\n---\nPlease **don’t wait**.\n", [("D020", 4, 10)]),
        ("- Never say `win-win`, ever.", "A *win-win*.\n", [("D020", 1, 4)]),
        ("- That models replace writers.", "They say models replace writers.\n", [("D020", 1, 10)]),
        ("1. cheap\n2. free", "Cheap and free.\n", [("D020", 1, 1), ("D020", 1, 11)]),
        ("- free", "Freedom is carefree. `free` and [x](free.md) [^free-1]\n\n```\nfree\n```\n", []),
        ("- game changer", "A game\n\nchanger.\n", []),
        ("<!-- - hidden -->", "It is hidden.\n", []),
        ("- …", "So … it is.\n", []),
        ('- "synergy"', "A _synergy_ and __synergy__.\n", [("D020", 1, 4), ("D020", 1, 19)]),
        ('- "close the books"', "We close the [books](../a.md) here.\n", [("D020", 1, 4)]),
        ('- "close the books"', "> We close the\n> books.\n", [("D020", 1, 6)]),
        ("- free", "<!-- free -->\n\n    free\n\n`a\nfree` b\n", []),
        ("- free", "- item\n\n    free\n", [("D020", 3, 5)]),
    ],
)
def test_what_must_never_be_said_is_found_literally(
    never: str, text: str, expected: list[tuple[str, int, int]]
) -> None:
    asked = frozenset({"wishes"})
    assert found(text, direction=(("never-say", never),), asked=asked) == expected
    crlf = text.replace("\n", "\r\n")
    assert found(crlf, direction=(("never-say", never),), asked=asked) == expected


@pytest.mark.parametrize(
    ("must", "text", "expected"),
    [
        ('- "before VAT"', "It costs 49 EUR before  VAT.\n", []),
        ('- "before VAT"', "It costs 49 EUR.\n", ["D021"]),
        (
            "- People keep the deciding, models make drafts.",
            "People decide.\n\nModels draft, and people keep deciding.\n",
            [],
        ),
        ("- People keep the deciding, models make drafts.", "People.\n\nDrafts.\n", ["D022"]),
        ("- It is so.", "Nothing.\n", []),
    ],
)
def test_what_must_be_said_is_missed(must: str, text: str, expected: list[str]) -> None:
    assert [code for code, _, _ in found(text, direction=(("must-say", must),))] == expected


def test_the_outline_is_taken_up_by_headings_of_pages() -> None:
    direction = (("outline", "- Why closing waits\n  - a wish\n- The price\n"),)

    assert found("# T\n\n## Why the close is waiting\n", direction=direction) == [("D023", 1, 1)]
    assert found("# T\n\n## Waits\n\n## What prices are\n", direction=direction) == []
    assert found("No heading.\n", direction=direction, kind="email") == []
    assert [each.message for each in messages("x\n", direction=(("outline", "### One heading\n\n- item\n"),))] == [
        "no heading takes up “One heading” of the brief's outline"
    ]


# Terms -----------------------------------------------------------------------------------------------------------

TERMS = Terms(
    preferred=(
        Term(term="sign in", instead=("log in", "login"), because="One word for it."),
        Term(term="e-mail", instead=("mail",)),
    ),
    banned=(Term(term="leverage", because="Say use."),),
    required=(Term(term="before VAT"),),
    capitalisation=(Term(term="copydesk", because="Always small."), Term(term="MkDocs")),
)


def test_terms_are_found_with_their_reasons() -> None:
    text = "# T\n\nCopydesk will leverage a log\nin, before VAT.\n"

    assert [(each.code, each.level, each.line, each.column, each.message) for each in messages(text, terms=TERMS)] == [
        ("D053", "warn", 3, 1, "“Copydesk” is written copydesk: Always small."),
        ("D050", "error", 3, 15, "“leverage” is banned: Say use."),
        ("D051", "warn", 3, 26, "“log in” is not our word: One word for it."),
    ]


def test_terms_are_found_in_odd_quotes_hyphens_and_emphasis() -> None:
    terms = Terms(
        banned=(Term(term="don't"), Term(term="state-of-the-art")), capitalisation=(Term(term="Tally Three"),),
    )  # fmt: skip
    text = "Don’t, **Tally** Three, state\u2011of\u2011the\u2011art.\n"
    assert [(each.code, each.column) for each in messages(text, terms=terms)] == [("D050", 1), ("D050", 25)]


def test_terms_are_not_found_where_nobody_reads_them() -> None:
    text = (
        "Before VAT: copydesk, MkDocs, an e-mail and a *sign in*. `Copydesk`, <Login>, https://login.example/leverage,"
        ' [x](login.md "Mkdocs"), [^login-1].\n\n```\nleverage\n```\n\n[^login-1]: leverage.md, line 1\n'
    )

    assert found(text, terms=TERMS, passages=(passage("login-1", "x"),)) == []


def test_required_words_are_asked_of_pages() -> None:
    assert found("Words.\n", terms=TERMS) == [("D052", 1, 1)]
    assert found("Words.\n", terms=TERMS, kind="posts") == []
    assert found("Words.\n", terms=TERMS, asked=frozenset({"wishes"})) == []


def test_terms_are_read_as_far_as_they_are_right() -> None:
    text = (
        "preferred:\n  - {term: sign in, instead-of: [log in, login], because: One  word.}\n  - term: brief\n  - plain\n"
        "banned:\n  - leverage\n  - {term: unlock, becuase: x}\n  - {because: y}\nrequierd: [x]\ncapitalisation: copydesk\n"
    )

    terms, findings = parse_terms(text)

    assert terms.preferred[0] == Term(term="sign in", instead=("log in", "login"), because="One word.")
    assert [each.term for each in terms.banned] == ["leverage", "unlock"]
    assert [(each.code, each.line, each.column) for each in findings] == [
        ("T003", 3, 5), ("T003", 4, 5), ("T002", 7, 20), ("T003", 8, 5), ("T002", 9, 1), ("T003", 10, 17),
    ]  # fmt: skip
    assert findings[2].fix == "Did you mean `because`?"
    assert all(each.path == "brand/terms.yml" and each.fix for each in findings)


@pytest.mark.parametrize("text", ["- a\n", "text\n", "preferred: [\n", "a: b: c\n"])
def test_a_file_of_terms_that_cannot_be_read_is_told(text: str) -> None:
    terms, findings = parse_terms(text)
    assert terms == Terms()
    assert findings
    assert parse_terms("") == (Terms(), ())


# Evidence --------------------------------------------------------------------------------------------------------

PASSAGES = (
    passage("notes-1", "It matched 1,490 of 2.000 lines, or 94%. Three people waited."),
    passage("notes-2", "Price: 49 EUR"),
)


@pytest.mark.parametrize(
    "text",
    [
        "It matched 94%.[^notes-1]\n", "It matched 1490 lines[^notes-1], for 49 EUR.[^notes-2]\n", "In 2026 it was so. It is.[^notes-1]\n",
        "3 people waited.[^notes-1] In 12 months nothing.\n", "It costs 59 EUR.[^notes-1][^notes-2]\n", "See v2.1 and 2026-11-25.[^notes-1]\n",
        "- One in 7.\n- It matched 94%.[^notes-1]\n", "| 7 | 94%[^notes-1] |\n", "Own.[^own]\n\n[^own]: A footnote of 7 words.\n",
        "For 49,00 EUR.[^notes-2] Tally 3 is out.[^notes-2] See 1.2.3.[^notes-2]\n", "    [^notes-9]\n", "<!-- [^notes-9] -->\n", "`[^notes-9]`\n", "\\[^notes-9]\n", "No citation: 7 of 9.\n",
    ],
)  # fmt: skip
def test_figures_that_stand_in_what_is_cited_are_right(text: str) -> None:
    assert found(text, passages=PASSAGES, facts=(("price", "59 EUR"),), fields=(("title", "Tally 3"),)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It matched 95%.[^notes-1]\n", [("D031", 1, 12)]),
        ("One. It took 7 days, 94% of it.[^notes-1]\n", [("D031", 1, 14)]),
        ("It is.[^note-1]\n", [("D030", 1, 7)]),
        ("---\na: b\n---\nIt is 7.[^notes-1][^notes-9]\n", [("D030", 4, 19)]),
    ],
)
def test_citations_of_nothing_and_figures_of_nowhere_are_found(text: str, expected: list[tuple[str, int, int]]) -> None:
    assert found(text, passages=PASSAGES) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It costs 49 EUR a seat.\n", [("D032", 1, 10)]), ("It costs 59 EUR a seat, or 590,00 EUR a year.\n", []),
        ("The trial takes 7 days. It took 8 days.\n", [("D032", 1, 17)]), ("`49 EUR a seat`\n", []), ("49 EUR a seat-belt.\n", [("D032", 1, 1)]),
    ],
)  # fmt: skip
def test_figures_that_differ_from_a_fact_are_found(text: str, expected: list[tuple[str, int, int]]) -> None:
    facts = (("price", "59 EUR a seat, before VAT"), ("trial", "14 days"), ("name", "Tally"), ("opens", "18:30"))
    assert found(text, facts=facts) == expected


def test_the_nearest_passage_is_named() -> None:
    (finding,) = messages("It is.[^note-1]\n", passages=PASSAGES)
    assert (finding.level, finding.fix) == ("error", "Did you mean [^notes-1]?")
    (finding,) = messages("It is.[^zzz]\n")
    assert finding.fix.startswith("Cite a passage")


@given(st.text(alphabet='ab [^]1.%\n\r-*"“`#:|()', max_size=120), st.text(alphabet='ab "-*#\n', max_size=30))
def test_any_text_is_judged_at_places_that_exist(text: str, wish: str) -> None:
    direction = (("must-say", wish), ("never-say", wish), ("outline", wish))
    terms = Terms(banned=(Term(term=wish.strip() or "a"),), capitalisation=(Term(term="Ab"),))
    for finding in messages(text, direction=direction, terms=terms, passages=(passage("a-1", "1"),)):
        assert finding.fix
        assert 1 <= finding.line <= len(text.splitlines()) + 1
        assert finding.column >= 1
