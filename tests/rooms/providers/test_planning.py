"""Angles to choose from, an outline that follows the chosen one, and a table that compares."""

from __future__ import annotations

import pytest

from generator import providers
from generator.providers.skeleton.material import TO_CHOOSE
from tests.rooms.providers.asking import FIELDS, PASSAGES, ask, blocks

TALLY = "# Tally\n\n### Price\n\n> Tally costs 49 EUR | seat.[^tally-1]\n\n### Matching\n\n> It matches lines. It sleeps.[^tally-2]\n"
LEDGER = "- Price: from 20 EUR.[^ledger-1]\n\n## Matching\n\n- Ledger matches by hand.[^ledger-2]\n\n## Support\n\n- By phone.[^ledger-3]\n"


def headings(text: str) -> list[str]:
    return [block[3:] for block in blocks(text) if block.startswith("## ")]


def test_angles_are_sentences_that_were_given_with_what_they_rest_on_and_lack() -> None:
    assert blocks(ask("angles", {**FIELDS, **PASSAGES}))[1:] == [
        providers.DISCLOSURE, TO_CHOOSE,
        "## Nothing is posted without a person",
        "[to write: a source for this angle; nothing that was given speaks of it]",
        "## In our books it matched 94%, e.g. rent",
        "Tally matches bank lines while you sleep.[^notes-1] In our books it matched 94%, e.g. rent.[^notes-1]",
        "[to write: why this matters to the reader]",
        "## Show that it can be one day",
        "The close took six days, because three people waited.[^notes-2] Dr. Osei closed in hours.[^notes-2]",
        "firm: Orme; days before: 9; days after: 2[^rows-1]",
        "[to write: a sentence that says it outright; none that was given does]",
    ]  # fmt: skip


def test_there_are_three_to_five_angles_and_no_two_are_alike() -> None:
    must = "\n".join(
        f"- {each}" for each in ("Ledgers close in a day", "A ledger closes in one day", "Banks send lines")
    )
    texts = {
        "brief.title": "T",
        "brief.body": f"Owls hunt quietly at night.\n\n## Must say\n\n{must}\n\n## Outline\n\n- Maps\n- Rivers\n- Hills\n- Roads\n",
    }
    sources = {
        f"passage.s-{n}": f"{each} matter."
        for n, each in enumerate(("Ledgers", "Owls hunt", "Maps", "Rivers", "Hills", "Roads"))
    }

    few, many = headings(ask("angles", texts)), headings(ask("angles", {**texts, **sources}))

    assert few == ["Ledgers close in a day", "Owls hunt quietly at night", "Maps"]
    assert many == ["Ledgers close in a day", "Maps", "Rivers", "Hills", "Roads"]


@pytest.mark.parametrize(
    "angle",
    [
        "# Angles\n\n## We sleep again\n\nTally matches bank lines while you sleep.[^notes-1]\n",
        "- **We sleep again.** At last.[^notes-1]\n",
        "## We sleep again\n\nTally matches bank lines.[^notes-1]\n",
    ],
)
def test_the_angle_that_is_left_leads_the_outline(angle: str) -> None:
    outline = ask("outline", {**FIELDS, **PASSAGES}, angles=angle)

    assert headings(outline)[:2] == ["We sleep again", "Why closing takes a week"]
    first = blocks(outline)[blocks(outline).index("## We sleep again") + 1]
    assert first == "- Tally matches bank lines while you sleep. In our books…[^notes-1]"
    assert "What Tally does while you sleep\n\n- name the bank formats" in outline


@pytest.mark.parametrize("angles", ["## One\n\nA.[^notes-1]\n\n## Two\n\nB.[^notes-3]\n", "- One[^notes-1]\n- Two\n"])
def test_of_several_angles_none_is_preferred(angles: str) -> None:
    assert ask("outline", {**FIELDS, **PASSAGES}, angles=angles) == ask("outline", {**FIELDS, **PASSAGES})


def test_a_heading_of_a_source_that_the_angle_emptied_is_left_out() -> None:
    angle = "## Asleep\n\nTally matches bank lines while you sleep.[^notes-1]\n"
    assert headings(ask("outline", {"brief.title": "T", **PASSAGES}, angles=angle)) == [
        "Asleep",
        "The close",
        "Limits",
        "From rows",
    ]
    empty = ask("outline", {"brief.title": "T"}, angles="## Asleep\n")
    assert "- [to write: nothing more that was given speaks of this: find one, or leave it out]" in empty


def test_an_angle_is_known_by_what_its_step_uses_or_by_its_id() -> None:
    angle = "## Asleep\n\nTally sleeps.[^notes-1]\n"
    assert headings(ask("outline", {**FIELDS, **PASSAGES}, argument=f"uses=angles|{angle}"))[0] == "Asleep"
    assert headings(ask("outline", {**FIELDS, **PASSAGES}, **{"choose-angle": angle}))[0] == "Asleep"
    assert headings(ask("outline", {**FIELDS, **PASSAGES}, argument=angle))[0] == "Why closing takes a week"


def test_a_comparison_has_a_column_for_each_instance_and_a_row_for_what_the_outline_asks() -> None:
    texts = {
        "brief.title": "Both",
        "brief.body": "## Outline\n\n- Price\n- Matching\n- Support\n",
        "note.a": "Shorter.",
    }

    made = blocks(
        ask("comparison-table", texts, **{"research.tally": TALLY, "research.big-ledger": LEDGER, "angles": "## A\n"})
    )

    assert made == [
        "# Both", providers.DISCLOSURE, "[to write: a note asks: Shorter.]",
        ("|  | Tally | Big ledger |\n| --- | --- | --- |\n"
        "| Price | Tally costs 49 EUR \\| seat.[^tally-1] | Price: from 20 EUR.[^ledger-1] |\n"
        "| Matching | It matches lines.[^tally-2] | Ledger matches by hand.[^ledger-2] |\n"
        "| Support | [to write: what Tally says of it] | By phone.[^ledger-3] |"),
        "## More of Tally", "- It sleeps.[^tally-2]",
    ]  # fmt: skip


def test_without_an_outline_rows_are_what_the_sides_share() -> None:
    made = ask("comparison-table", {"brief.title": "Both"}, tally=TALLY, ledger=LEDGER)

    assert "| Matching | It matches lines. | Ledger matches by hand.[^ledger-2] |" in made
    assert "| Price |" not in made
    assert "## More of Ledger\n\n- Price: from 20 EUR.[^ledger-1]\n- By phone.[^ledger-3]" in made


def test_without_upstream_texts_sources_are_compared_and_what_lacks_is_said() -> None:
    prices = {
        "passage.tally-1": "# Price\n\nTally costs 49 EUR.",
        "passage.ledger-1": "# Price\n\nLedger costs 20 EUR.",
    }
    many = {f"passage.tally-{n}": f"Sentence number {n}." for n in range(2, 20)}

    made = ask("comparison-table", {"brief.title": "T", **prices, **many})

    assert "| Price | Tally costs 49 EUR.[^tally-1] | Ledger costs 20 EUR.[^ledger-1] |" in made
    assert "- and 6 more" in made
    assert blocks(ask("comparison-table", {"brief.title": "T", "passage.a-1": "# H\n\nOne."}))[2:] == [
        "[to write: what this is compared with: only one thing was given]",
        "[to write: what the rows are: give the brief an outline of what is compared, a line for each]",
    ]
