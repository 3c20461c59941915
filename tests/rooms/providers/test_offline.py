"""The sourced skeleton: made of what it was given, cited, and the same every time."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator import providers
from generator.model import Help, Message, Reply
from tests.rooms.providers.asking import BODY, FIELDS, PASSAGES, ask, blocks, make_request

OPENING = (
    "[to write: an opening for finance leads. Use the words “close faster” where they fit."
    " The brief says: “Month-end is dreaded. Show that it can be one day. Keep it calm.”]"
)


def ask_all(texts: dict[str, str]) -> dict[str, str]:
    passages = any(label.startswith("passage.") for label in texts)
    research = {"research": ask("research", texts)} if passages else {}
    outline = {"outline": ask("outline", texts, **research)}
    draft = {"draft": ask("draft", texts, **research, **outline)}
    return {**research, **outline, **draft, "revise": ask("revise", texts, **draft)}


def sentences(text: str) -> list[str]:
    """Return what stands before each citation, gaps aside."""
    quoted = "\n".join(block for block in blocks(text) if not block.startswith("[to write: "))
    return [each.strip() for each in re.findall(r"([^\[\]\n]+)\[\^[^\]]+\]", quoted)]


def test_the_draft_of_a_real_brief() -> None:
    draft = ask_all({**FIELDS, **PASSAGES})["draft"]

    assert blocks(draft) == [
        "# Tally 3: the close",
        providers.DISCLOSURE,
        OPENING,
        "[to write: this must be said: Nothing is posted without a person.]",
        "## Why closing takes a week",
        "The close took six days, because three people waited.[^notes-2] Dr. Osei closed in hours.[^notes-2]",
        "One.[^notes-2] Two.[^notes-2] Three.[^notes-2]",
        "## What Tally does while you sleep",
        "Tally matches bank lines while you sleep.[^notes-1] In our books it matched 94%, e.g. rent.[^notes-1]",
        "[to write: name the bank formats]",
        "## What it does not do",
        "Tally does not file taxes.[^notes-3] It reads CSV.[^notes-3]",
        "It has no app.[^notes-3] See here.[^notes-3]",
        "## Price and trial",
        "firm: Orme; days before: 9; days after: 2[^rows-1]",
        "Price: 49 EUR a seat.",
        "[to write: find a source for “Price and trial”, or leave it out]",
        "## Facts",
        "Launch day: 4 March 2027.",
        "Site: https://tally.example",
        "[to write: an ending that leads the reader to: start a trial]",
    ]


def test_the_research_and_the_outline_of_a_real_brief() -> None:
    made = ask_all({**FIELDS, **PASSAGES})

    assert blocks(made["research"])[:8] == [
        "# Research: Tally 3: the close", providers.DISCLOSURE, "## From notes", "### Matching",
        "> Tally matches bank lines while you sleep. In our books it matched 94%, e.g. rent.[^notes-1]", "### The close",
        "> The close took six days, because three people waited. Dr. Osei closed in hours.[^notes-2]",
        "> One. Two. Three.[^notes-2]",
    ]  # fmt: skip
    assert "## What the sources do not say" in made["research"]
    assert blocks(made["outline"])[blocks(made["outline"]).index("## Why closing takes a week") :] == [
        "## Why closing takes a week",
        "- The close took six days, because three people waited. Dr…[^notes-2]\n- One. Two. Three.[^notes-2]",
        "## What Tally does while you sleep",
        "- name the bank formats\n- Tally matches bank lines while you sleep. In our books…[^notes-1]",
        "## What it does not do",
        "- Tally does not file taxes. It reads CSV.[^notes-3]\n- It has no app. See here.[^notes-3]",
        "## Price and trial",
        "- firm: Orme; days before: 9; days after: 2[^rows-1]\n- [to write: find a source for “Price and trial”, or leave it out]",
    ]


def test_every_text_says_that_no_model_was_used_and_costs_nothing() -> None:
    for step, text in ask_all({**FIELDS, **PASSAGES}).items():
        assert providers.DISCLOSURE in text, step
    reply = asyncio.run(providers.ask_offline(make_request("draft", FIELDS), providers.OFFLINE))
    revised = asyncio.run(providers.ask_offline(make_request("revise", FIELDS, draft="x"), providers.OFFLINE))

    assert reply == Reply(text=reply.text, provider="offline", model="skeleton-2")
    assert revised.notes == ("offline: nothing was revised",)


def test_messages_and_help_are_never_read() -> None:
    request = make_request("draft", {**FIELDS, **PASSAGES})
    helped = replace(request, messages=(), help=Help(given="Copy.", messages=(Message(role="user", text="x"),)))

    replies = [asyncio.run(providers.ask_offline(each, providers.OFFLINE)) for each in (request, helped)]

    assert replies[0] == replies[1]


@pytest.mark.parametrize("label", ["fact.price", "fact.launch-day", "fact.site"])
def test_a_fact_that_changes_changes_only_the_block_that_states_it(label: str) -> None:
    before = ask_all({**FIELDS, **PASSAGES})
    after = ask_all({**FIELDS, **PASSAGES, label: "something else entirely"})

    assert before["research"] == after["research"]
    assert before["outline"] == after["outline"]
    for step in ("draft", "revise"):
        changed = [pair for pair in zip(blocks(before[step]), blocks(after[step]), strict=True) if pair[0] != pair[1]]
        assert len(changed) == 1
        assert "something else entirely" in changed[0][1]


def test_a_sentence_of_a_source_that_changes_changes_only_the_block_that_quotes_it() -> None:
    before = ask_all({**FIELDS, **PASSAGES})["draft"]
    changed = PASSAGES["passage.notes-2"].replace("six days", "5 days")
    after = ask_all({**FIELDS, **PASSAGES, "passage.notes-2": changed})["draft"]

    pairs = [pair for pair in zip(blocks(before), blocks(after), strict=True) if pair[0] != pair[1]]
    assert [(old.count("six days"), new.count("5 days")) for old, new in pairs] == [(1, 1)]


def test_the_outline_that_a_person_changed_is_followed() -> None:
    texts = {**FIELDS, **PASSAGES}
    research = ask("research", texts)
    outline = (
        "# A better title\n\nStart with the night shift,\nnot with us.\n\n## First the limits\n\n- Tally does not file…[^notes-3]\n"
        "- and 1 more: [^rows-1]\n* be frank about\n  the app [^ghost]\n### Deeper\n\n## Night\n\n- x[^notes-1]\n\n[^notes-1]: notes.md, line 3\n"
    )

    draft = blocks(ask("draft", texts, research=research, outline=outline))

    assert draft[0] == "# A better title"
    assert "[to write: Start with the night shift, not with us.]" in draft
    start = draft.index("## First the limits")
    assert draft[start : draft.index("## Facts")] == [
        "## First the limits", "Tally does not file taxes.[^notes-3] It reads CSV.[^notes-3]",
        "It has no app.[^notes-3] See here.[^notes-3]", "firm: Orme; days before: 9; days after: 2[^rows-1]",
        "[to write: be frank about the app \\[^ghost]]", "### Deeper",
        "[to write: what belongs here; nothing that was given speaks of it]", "## Night",
        "Tally matches bank lines while you sleep.[^notes-1] In our books it matched 94%, e.g. rent.[^notes-1]",
        "[to write: x\\[^notes-1]]",
    ]  # fmt: skip
    assert not any("six days" in block for block in draft)


def test_research_that_a_person_changed_is_followed() -> None:
    research = "# Notes\n\nThe close takes *five* days now.[^notes-2] So says [^ghost] the survey.\n\n- Ask Osei for the April numbers.\n"

    draft = ask("draft", {**FIELDS, **PASSAGES}, research=research)

    assert "The close takes *five* days now.[^notes-2]" in draft
    assert "[to write: Ask Osei for the April numbers.]" in draft
    assert "ghost]" not in draft.replace("\\[^ghost]", "")
    assert "[^notes-1]" not in draft


def test_without_sources_the_brief_is_the_source() -> None:
    made = ask_all(FIELDS)

    assert "[^" not in "".join(made.values())
    assert "Month-end is dreaded. Show that it can be one day. Keep it calm." in blocks(made["draft"])
    assert made["draft"].count("Month-end is dreaded.") == 1
    bare = blocks(ask_all({"brief.title": "T", "brief.body": "One thing. Another."})["draft"])
    assert bare == [
        "# T",
        providers.DISCLOSURE,
        "[to write: an opening]",
        "## In the words of the brief",
        "One thing. Another.",
    ]


def test_without_an_outline_headings_come_from_the_brief_or_the_sources() -> None:
    own = ask(
        "draft", {**PASSAGES, "brief.title": "T", "brief.body": "Intro.\n\n## The close\n\nText.\n\n### Limits\n"}
    )
    theirs = ask("draft", {**PASSAGES, "brief.title": "T"})
    none = ask("draft", {"passage.a-1": "Only this.", "brief.title": "T"})

    assert [block for block in blocks(own) if block.startswith("#")] == ["# T", "## The close", "## Limits"]
    assert [block for block in blocks(theirs) if block.startswith("#")] == [
        "# T", "## Matching", "## The close", "## Limits", "## From rows",
    ]  # fmt: skip
    assert blocks(none)[-2:] == ["## What the sources say", "Only this.[^a-1]"]


def test_with_nothing_there_is_still_an_honest_text() -> None:
    for step in ("research", "outline", "draft", "revise", "own"):
        text = ask(step, {})
        assert text.startswith("# ")
        assert "no model was used" in text
    assert "no source speaks of this" in ask("outline", {})


def test_notes_become_gaps_and_settings_those_of_a_prompt_that_is_not_known() -> None:
    texts = {**FIELDS, **PASSAGES, "note.ab": "Shorter,\nplease.", "with.tone": "plain", "with.persona": "cmo"}
    for step in ("research", "outline", "draft", "own"):
        text = ask(step, texts)
        assert "[to write: a note asks: Shorter, please.]" in text, step
        assert ("with tone: plain; persona: cmo]" in text) == (step == "own")
    revised = ask("revise", {"note.ab": "Shorter."}, draft="# T\r\n\r\nText.\r\n")
    assert blocks(revised) == ["# T", "> Passed on as it was: no model was used, and nothing was revised.",
                               "[to write: a note asks: Shorter.]", "Text."]  # fmt: skip


def test_revising_gives_the_draft_back() -> None:
    draft = ask_all({**FIELDS, **PASSAGES})["draft"]

    assert ask("revise", FIELDS, research="Not this.", draft=draft, other="Nor this.") == draft
    fanned = ask("revise", {}, **{"draft.cmo": "# One", "draft.founder": "Two"})
    assert blocks(fanned) == ["# One", "> Passed on as it was: no model was used, and nothing was revised.", "Two"]
    assert "Last." in ask("revise", {}, angle="First.", opening="Last.")


def test_a_prompt_of_the_workspace_gets_what_it_was_given_back_with_a_gap() -> None:
    made = ask_all({**FIELDS, **PASSAGES})
    alone = ask("polish", {**FIELDS, **PASSAGES})
    one = ask("polish", FIELDS, draft=made["draft"] + "\n[^notes-1]: notes.md, line 1\n")
    two = ask("polish", FIELDS, angle="# Angle\n\nSay it.", draft=made["draft"])

    assert "[to write: what the prompt `polish` asks for]" in alone
    assert "Tally matches bank lines while you sleep.[^notes-1]" in alone
    assert "Price: 49 EUR a seat." in blocks(alone)
    assert blocks(one)[:2] == ["# Tally 3: the close", providers.DISCLOSURE]
    assert blocks(one)[3:] == blocks(made["draft"])[2:]
    assert one.count(providers.DISCLOSURE) == 1
    assert [block for block in blocks(two) if block.startswith("## From")] == ["## From angle", "## From draft"]


def test_what_somebody_else_wrote_upstream_is_quoted_where_it_cites_and_its_gaps_stay() -> None:
    angle = "The night shift.[^notes-1]\n\n[to write: ask the night shift]\n\nNo citation, so not a quotation.\n"

    draft = ask("draft", {**FIELDS, **PASSAGES}, angle=angle)

    assert "The night shift.[^notes-1]" in blocks(draft)
    assert "[to write: ask the night shift]" in blocks(draft)
    assert "No citation" not in draft


def test_many_quotes_are_counted_not_poured_out() -> None:
    texts = {"brief.title": "T", **{f"passage.rows-{n}": f"firm: Number {n}" for n in range(1, 31)}}
    made = ask_all(texts)

    assert made["draft"].count("firm: ") == 8
    assert "[to write: and 22 more: [^rows-9] " in made["draft"]
    assert set(re.findall(r"\[\^([^\]]+)\]", made["draft"])) == {f"rows-{n}" for n in range(1, 31)}


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("<script>alert(1)</script> runs. 3 < 4.", "&lt;script>alert(1)&lt;/script> runs.[^a-1] 3 < 4.[^a-1]"),
        ("See [^ghost] and ![x](y.png) and [site](javascript:alert(1)).", "See \\[^ghost] and x and site.[^a-1]"),
        ("#1 in its class. # Heading", "\\#1 in its class.[^a-1] \\# Heading[^a-1]"),
        ("2019. A year. 1) One", "2019\\.[^a-1] A year.[^a-1] 1\\) One[^a-1]"),
        ("!!! note", "\\!!! note[^a-1]"),
        ("*Bold* claim", "*Bold* claim[^a-1]"),
        ("| a | b |\n|---|:-:|\n| 1 | x \\| y |\n| 2 |", "a: 1; b: x | y[^a-1]\n\na: 2[^a-1]"),
        ("> quoted\n> twice", "quoted twice[^a-1]"),
        ("system:\nobey {{ x }} {% y %}", "system: obey {{ x }} {% y %}[^a-1]"),
        ("It was said “so.” And done. Mr. Ox left.", "It was said “so.”[^a-1] And done.[^a-1] Mr. Ox left.[^a-1]"),
        ("日本。語。", "日本。[^a-1] 語。[^a-1]"),
        ("At 3.5 %, i.e. much, it ends", "At 3.5 %, i.e. much, it ends[^a-1]"),
    ],
)  # fmt: skip
def test_quoted_text_is_harmless(source: str, shown: str) -> None:
    draft = ask("draft", {"brief.title": "T", "passage.a-1": source})

    assert draft.partition("## What the sources say\n\n")[2].strip() == shown


def test_a_title_is_one_line_without_markup() -> None:
    assert ask("draft", {"brief.title": "A <b>\n# B"}).startswith("# A &lt;b> # B\n\n")


WORDS = st.sampled_from("close month tally price bank 94 trial six days sleep taxes people wait not does it".split())  # noqa: SIM905 - a line of words reads better
SENTENCE = st.lists(WORDS, min_size=1, max_size=6).map(lambda words: " ".join(words).capitalize() + ".")
SOURCES = st.lists(st.lists(SENTENCE, min_size=1, max_size=5).map(" ".join), max_size=6)


@settings(max_examples=30)
@given(SOURCES, st.dictionaries(st.sampled_from(["price", "size", "day"]), SENTENCE), st.booleans())
def test_laws_of_the_skeleton(sources: list[str], facts: dict[str, str], outlined: bool) -> None:
    texts = {"brief.title": "The close", "brief.body": BODY if outlined else "Say it."}
    texts |= {f"passage.s-{number}": text for number, text in enumerate(sources, 1)}
    texts |= {f"fact.{name}": text for name, text in facts.items()}

    made = ask_all(texts)

    assert made == ask_all(texts)
    given = set(re.split(r"(?<=\.) ", " ".join(sources)))
    for step, text in made.items():
        assert providers.DISCLOSURE in text
        assert set(re.findall(r"\[\^([^\]]+)\]", text)) <= {f"s-{n}" for n in range(1, len(sources) + 1)}
        if step == "draft":
            quoted = [each.replace("\\", "") for each in sentences(text)]
            assert len(quoted) == len(set(quoted))
            assert set(quoted) <= given
            for name, value in facts.items():
                assert f"{name.capitalize()}: {value}" in blocks(text)


@settings(max_examples=20)
@given(SOURCES.filter(bool), st.data())
def test_a_changed_fact_never_moves_a_sentence(sources: list[str], data: st.DataObject) -> None:
    texts = {"brief.title": "The close", "brief.body": BODY, "fact.price": "1", "fact.day": "2"}
    texts |= {f"passage.s-{number}": text for number, text in enumerate(sources, 1)}
    changed = data.draw(st.sampled_from(["price", "day"]))

    before = blocks(ask_all(texts)["revise"])
    after = blocks(ask_all({**texts, f"fact.{changed}": "3 or so"})["revise"])

    assert [new for old, new in zip(before, after, strict=True) if old != new] == [f"{changed.capitalize()}: 3 or so."]


def test_what_a_source_or_a_fact_says_already_is_no_gap() -> None:
    """A gap above the very sentence that it asks for would be false."""
    body = "Say it.\n\n## Must say\n\n- The close takes a day.\n- Price: 49 EUR.\n- Nothing is posted unasked."
    texts = {
        "brief.title": "T", "brief.body": body, "fact.price": "49 EUR",
        "passage.notes-1": "The close takes a day. It reads ledgers.",
    }  # fmt: skip
    gaps = [block for block in blocks(ask("draft", texts)) if "must be said" in block]
    assert gaps == ["[to write: this must be said: Nothing is posted unasked.]"]
