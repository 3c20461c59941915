"""Drafts without repetition and with few gaps, revisions of the right text, and landing pages."""

from __future__ import annotations

import re

import pytest

from generator import providers
from generator.providers.skeleton.drafting import place_slots
from tests.rooms.providers.asking import FIELDS, PASSAGES, ask, blocks, make_request

PASSED = "> Passed on as it was: no model was used, and nothing was revised."
SLOT = {"slot.opening": "We wait."}


def gaps(text: str) -> list[str]:
    return [block for block in blocks(text) if block.startswith("[to write: ")]


@pytest.mark.parametrize(
    ("twin", "stands"),
    [
        ("The Tally matches the bank lines, while you sleep!", False),
        ("TALLY matches bank line while you sleep", False),
        ("Tally matches bank lines while you do not sleep.", True),
        ("Tally matches 94% of bank lines while you sleep.", True),
        ("Ledger matches bank lines while you sleep.", True),
    ],
)
def test_near_duplicates_go_and_what_differs_in_a_name_a_figure_or_a_not_stays(twin: str, stands: bool) -> None:
    draft = ask(
        "draft", {"brief.title": "T", "passage.a-1": "Tally matches bank lines while you sleep.", "passage.b-1": twin}
    )

    assert (f"{twin}[^b-1]" in draft) is stands
    assert "Tally matches bank lines while you sleep.[^a-1]" in draft


def test_what_must_be_said_is_one_gap_under_the_heading_it_fits() -> None:
    body = (
        "## Must say\n\n- The price includes support.\n- Owls are wise.\n- Limits\n\n## Outline\n\n- Price\n- Limits\n"
    )
    texts = {
        "brief.title": "T",
        "brief.body": body,
        "passage.a-1": "The price is 49 EUR.",
        "passage.a-2": "Limits are few.",
    }
    research = ask("research", texts)
    outline = ask("outline", texts, research=research)

    draft = ask("draft", texts, research=research, outline=outline)

    assert blocks(draft)[2:] == [
        "[to write: an opening]", "[to write: this must be said: Owls are wise.]",
        "## Price", "The price is 49 EUR.[^a-1]", "[to write: this must be said: The price includes support.]",
        "## Limits", "Limits are few.[^a-2]",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ('Osei: "Six days. I waited." So.', ['Osei: "Six days. I waited."', "So."]),
        ("„Ja. Gut.“ Ende.", ["„Ja. Gut.“", "Ende."]),
        ("« Oui. Non. » Fin.", ["« Oui. Non. » Fin."]),
        ("“One. Two.” Three.", ["“One. Two.”", "Three."]),
        ('A 5" screen. It shines.', ['A 5" screen.', "It shines."]),
        (f'"Never closed. So {"x" * 400}"', ['"Never closed.', f'So {"x" * 400}"']),
        ("**Before?** “We waited. Long.”", ["**Before?**", "“We waited. Long.”"]),
    ],
)
def test_what_somebody_said_stays_in_one_piece(text: str, pieces: list[str]) -> None:
    draft = ask("draft", {"brief.title": "T", "passage.a-1": text})

    assert draft.rstrip("\n").endswith("\n\n" + " ".join(f"{each}[^a-1]" for each in pieces))


@pytest.mark.parametrize(
    "beside",
    [
        {"research": "R"}, {"angles": "A"}, {"outline": "O"}, {"critique": "C"}, {"fact-check": "F"}, {"headline": "H"},
        {"summary": "S"}, {"comparison-table": "T"}, {"review": "R"}, {"check-facts": "F"}, {"titles": "T"}, {"plan": "P"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["draft", "landing-page", "first-draft", "page", "opening", "tally-article", "email"])
def test_a_revision_is_of_the_text_and_not_of_what_is_said_about_it(name: str, beside: dict[str, str]) -> None:
    for order in ({name: "# Title\n\nThe text.", **beside}, {**beside, name: "# Title\n\nThe text."}):
        assert blocks(ask("revise", {}, **order)) == ["# Title", PASSED, "The text."]


def test_what_a_step_uses_tells_more_than_its_id() -> None:
    texts = {"remarks-of-ada": "uses=draft|The text.", "draft": "uses=critique|Remarks."}
    assert blocks(ask("revise", {}, **texts)) == [PASSED, "The text."]
    assert blocks(ask("revise", {}, one="uses=human/write|Mine.", two="uses=critique|Remarks.")) == [PASSED, "Mine."]
    assert blocks(ask("revise", {}, critique="Only this.")) == [PASSED, "Only this."]


def test_front_matter_stays_in_front() -> None:
    assert blocks(ask("revise", {}, email='---\nsubject: "x"\n---\n\nBody.')) == [
        '---\nsubject: "x"\n---',
        PASSED,
        "Body.",
    ]


def test_a_landing_page_sorts_what_was_given_and_says_what_lacks() -> None:
    texts = {
        "brief.title": "Tally", "brief.audience": "finance leads", "brief.goal": "start a trial",
        "fact.price": "49 EUR", "fact.size": "10 MB",
        "passage.a-1": "Tally sleeps while it works. It matched 94% of lines. There is no app yet.",
        "passage.a-2": "**Before?** “We waited for days.”",
        "passage.a-3": "A seat costs 49 EUR. The rest is free of charge.",
    }  # fmt: skip
    assert blocks(ask("landing-page", texts)) == [
        "# Tally", providers.DISCLOSURE, "[to write: one line for finance leads that says what it is]",
        "## The problem", "**Before?**[^a-2] “We waited for days.”[^a-2]",
        "## What it does", "Tally sleeps while it works.[^a-1]",
        "## What it does not do", "There is no app yet.[^a-1]",
        "## What shows it", "It matched 94% of lines.[^a-1]",
        "## What it costs", "A seat costs 49 EUR.[^a-3] The rest is free of charge.[^a-3]", "Price: 49 EUR.",
        "## Facts", "Size: 10 MB.",
        "## Next step", "[to write: a call to action that leads the reader to: start a trial]",
    ]  # fmt: skip
    assert gaps(ask("landing-page", {"brief.title": "T"})) == [
        "[to write: one line that says what it is]", "[to write: the problem, as the reader would tell it]",
        "[to write: what it does, in two sentences]", "[to write: what shows it: a figure, or what a customer said]",
        "[to write: what it costs, and what is in it]", "[to write: what the reader does next, and a link]",
    ]  # fmt: skip


def test_a_landing_page_follows_an_outline() -> None:
    made = blocks(ask("landing-page", {**FIELDS, **PASSAGES}))
    headings = [block[3:] for block in made if block.startswith("## ")]
    assert headings == [
        "Why closing takes a week", "What Tally does while you sleep", "What it does not do", "Price and trial", "Facts",
        "Next step",
    ]  # fmt: skip
    assert made[made.index("## Price and trial") + 2] == "Price: 49 EUR a seat."


@pytest.mark.parametrize("step", ["draft", "landing-page", "email", "outline", "ours"])
def test_a_slot_has_its_line_after_what_stands_at_the_head(step: str) -> None:
    without = ask(step, {**FIELDS, **PASSAGES})
    text = ask(step, {**FIELDS, **PASSAGES, **SLOT})
    if step == "draft":  # words that are placed open the text, so nobody has to write an opening
        without = re.sub(r"\[to write: an opening[^\n]*\n\n", "", without)
    assert text.replace("[place: opening]\n\n", "", 1) == without
    head, _ = text.split("[place: opening]\n\n")
    assert head.endswith("is marked `[to write: …]`.\n\n")


@pytest.mark.parametrize(
    ("text", "placed"),
    [
        ("# T\n\nOne.\n\n[place: opening]\n\nTwo.\n", "One.\n\n[place: opening]\n\nTwo.\n"),
        ("# T\n\n[place: opening]\n\nOne.\n\n[place: opening]\n", "[place: opening]\n\nOne.\n"),
        ("# T\n\nOne.\n", "[place: opening]\n\nOne.\n"),
    ],
)
def test_a_revision_keeps_the_line_where_it_is(text: str, placed: str) -> None:
    assert ask("revise", SLOT, draft=text).strip() == f"# T\n\n{PASSED}\n\n{placed}".strip()


def test_a_text_without_a_head_begins_with_the_line() -> None:
    assert place_slots("Words.\n", make_request("ours", SLOT)) == "[place: opening]\n\nWords.\n"


def test_the_line_of_a_text_that_is_read_is_no_sentence() -> None:
    text = ask("email", SLOT, revise="# T\n\n[place: opening]\n\nTally matches bank lines while you sleep.\n")
    assert text.count("[place: opening]") == 1
    assert "\n\n[place: opening]\n\n" in text
