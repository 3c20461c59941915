"""What can be counted or compared is told, with its place; what cannot is left to people."""

from __future__ import annotations

import pytest

from generator.providers.skeleton.material import CHECKED
from tests.rooms.providers.asking import BODY, ask, blocks

PASSAGE = {
    "passage.n-1": "# Report > Matching\n\nIt matched 94% of the lines in February, e.g. rent. Nobody [waited](a.md)."
}
FINDINGS = {
    "finding.draft-D002-14": "draft, line 14: D002 there is a gap: [to write: x].. How to mend: Write it.",
    "finding.draft-C001-3": "draft, line 3: C001 cites what no source is called: ghost. How to mend: Cite another.",
    "finding.page-D003-1": "page, line 1: D003 the page has no title",
    "finding.odd": "something without a place",
}


def section(text: str, heading: str) -> list[str]:
    rest = blocks(text.partition(f"\n## {heading}\n")[2])
    end = next((place for place, block in enumerate(rest) if block.startswith("## ")), len(rest))
    return [block.strip("\n") for block in rest[:end]]


def verdicts(draft: str, **texts: str) -> dict[str, list[str]]:
    made = ask("fact-check", {"brief.title": "T", **PASSAGE, **texts}, draft=draft)
    return {block[3:]: section(made, block[3:]) for block in blocks(made) if block.startswith("## ")}


def test_a_critique_hands_on_the_findings_by_text() -> None:
    made = ask("critique", {"brief.title": "T", **FINDINGS}, draft="# T\n\nA text.\n")

    assert blocks(made)[:2] == ["# Critique: T", CHECKED]
    assert section(made, "What the checks found") == [
        "### draft",
        ("- line 14: D002 there is a gap: (to write: x]. How to mend: Write it.\n"
        "- line 3: C001 cites what no source is called: ghost. How to mend: Cite another."),
        "### page", "- line 1: D003 the page has no title.", "- something without a place.",
    ]  # fmt: skip
    assert "What only a person can judge" in made


def test_a_critique_names_what_the_brief_asks_for_and_the_text_has_not() -> None:
    texts = {
        "brief.title": "T",
        "brief.body": BODY,
        "brief.keyword": "close faster",
        "fact.price": "49 EUR",
        "fact.day": "4 March",
    }
    draft = "# T\n\n## Why closing takes a week\n\nA game changer. On 4 March.\n\n[to write: Nothing is posted without a person.]\n"

    assert section(ask("critique", texts, draft=draft), "What the brief asks for and the text does not have") == [
        (
            "- Must be said, and is not there word for word: “Nothing is posted without a person.”\n"
            "- Must never be said, and is there: “Game changer.”\n"
            "- A heading of the outline that is not there: “What Tally does while you sleep”\n"
            "- A heading of the outline that is not there: “What it does not do”\n"
            "- A heading of the outline that is not there: “Price and trial”\n"
            "- A fact that is not there word for word: Price: 49 EUR.\n"
            "- The words to be found by are not there: “close faster”"
        )
    ]
    whole = "# Close faster\n\nNothing is posted without a person.\n"
    texts = {
        "brief.title": "T",
        "brief.body": "## Must say\n\n- Nothing is posted without a person.",
        "brief.keyword": "close faster",
    }
    made = ask("critique", texts, draft=whole)
    assert section(made, "What the brief asks for and the text does not have") == [
        "- All that can be compared word for word is there."
    ]
    assert section(made, "What the checks found") == ["- No finding was handed on."]


def test_a_critique_counts_long_sentences_and_what_is_said_twice() -> None:
    long = [" ".join(["Word"] * n) + "." for n in (26, 30, 28, 27)]
    made = ask(
        "critique",
        {},
        draft="# T\n\n" + "\n\n".join([*long, "Said so here.", "The said so here!", "a: 1; b: " + "x " * 40]),
    )

    assert [line[:10] for line in section(made, "Long sentences")[0].split("\n")] == [
        "- 30 words",
        "- 28 words",
        "- 27 words",
    ]
    assert section(made, "Said twice") == ["- 2 times: “The said so here!”"]
    many = {f"finding.d-{n}": f"d, line {n}: X" for n in range(50)}
    assert "- And 10 more." in ask("critique", many, draft="x")


@pytest.mark.parametrize("uses", ["critique", "fact-check"])
def test_without_a_text_there_is_a_gap(uses: str) -> None:
    assert "none was given]" in ask(uses, {"brief.title": "T", "note.a": "Be strict."})
    assert "[to write: a note asks: Be strict.]" in ask(uses, {"note.a": "Be strict."}, draft="x")


@pytest.mark.parametrize(
    ("draft", "heading", "told"),
    [
        ("It matched 94% of the lines in February, e.g. rent.[^n-1]", "Stands word for word in the passage",
         "- It matched 94% of the lines in February, e.g. rent.[^n-1]"),
        ("Nobody *waited*![^n-1]", "Stands word for word in the passage", "- Nobody *waited*![^n-1]"),
        ("Nobody waits[^n-1].", "Other words: read both",
         ("- Nobody waits.[^n-1]\n    - other words: read both\n"
         "    - n-1 says: “It matched 94% of the lines in February, e.g. rent. Nobody waited.”")),
        ("It matched 95 % in 3 days.[^n-1]", "Has figures that the passage does not have",
         ("- It matched 95 % in 3 days.[^n-1]\n    - has figures that the passage does not have: 95%, 3\n"
         "    - n-1 says: “It matched 94% of the lines in February, e.g. rent. Nobody waited.”")),
        ("It matched 94 % of lines.[^n-1]", "Other words: read both", "- It matched 94 % of lines.[^n-1]\n    - other words"),
        ("Osei said so.[^ghost]", "Cites nothing that was given", "- Osei said so.\n    - cites nothing that was given: ghost"),
        ("It took 6 days. So.", "Has a figure and no citation", "- It took 6 days.\n    - has a figure and no citation: 6"),
        ("It costs 59 EUR a seat.", "Has another value than the brief",
         "- It costs 59 EUR a seat.\n    - the brief says price: 49 EUR a seat"),
        ("The price is 59 EUR.[^n-1]", "Has another value than the brief", "- The price is 59 EUR.[^n-1]\n    - the brief says"),
    ],
)  # fmt: skip
def test_a_claim_gets_the_verdict_that_is_certain(draft: str, heading: str, told: str) -> None:
    found = verdicts(f"# T\n\n{draft}\n", **{"fact.price": "49 EUR a seat"})

    assert found[heading][0].startswith(told)


@pytest.mark.parametrize(
    "fine",
    ["It costs 49 EUR a seat.", "Nobody waits.", "firm: A; days: 3", "Keep it until 31 December, as the price.[^n-1]"],
)
def test_what_repeats_a_fact_or_has_no_figure_is_no_other_value(fine: str) -> None:
    assert "Has another value than the brief" not in verdicts(fine, **{"fact.price": "49 EUR a seat"})


def test_the_most_urgent_comes_first_and_the_checks_of_citations_last() -> None:
    draft = "Nobody waited.[^n-1] It took 6 days. Nobody waits.[^n-1] Ghosts.[^ghost]"
    made = ask("fact-check", {**PASSAGE, **FINDINGS}, draft=draft)

    assert [block[3:] for block in blocks(made) if block.startswith("## ")] == [
        "Cites nothing that was given", "Has a figure and no citation", "Other words: read both",
        "Stands word for word in the passage", "What the checks say of citations",
    ]  # fmt: skip
    assert section(made, "What the checks say of citations") == [
        "### draft",
        "- line 3: C001 cites what no source is called: ghost. How to mend: Cite another.",
    ]
    assert "No sentence cites a passage" in ask("fact-check", PASSAGE, draft="Calm.")


def test_a_long_passage_is_shown_where_it_speaks_of_the_claim() -> None:
    long = (
        " ".join(f"Sentence number {n} says little of note." for n in range(20))
        + " Owls hunt mice at night. They rest."
    )
    made = ask(
        "fact-check",
        {"passage.o-1": long, "passage.c-1": "```\ncode\n```"},
        draft="Owls hunt mice.[^o-1] Code runs.[^c-1]",
    )

    assert "o-1 says: “Owls hunt mice at night. They rest.”" in made
    assert "c-1 says: “\\``` code ```”" in made
