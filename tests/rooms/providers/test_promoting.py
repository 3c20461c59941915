"""Headlines, a summary, an e-mail and posts, cut from a text."""

from __future__ import annotations

import pytest

from generator import matter, providers
from tests.rooms.providers.asking import ask, blocks

FIELDS = {"brief.title": "Tally 3: the close", "brief.goal": "start a trial", "brief.keyword": "close faster"}
PAGE = """\
# Tally 3

> Sourced skeleton: no model was used. Its sentences are taken from the sources and the brief as they stand; what is missing is marked `[to write: …]`.

[to write: an opening]

## Night

Tally matches bank lines while you sleep.[^n-1] It matched 94% of them in our own books.[^n-2]

## Price

a: 1; b: 2[^r-1]

Tally costs 49 EUR a seat, before VAT.[^n-3] Short.[^n-3]

## Rows

firm: Orme; days: 2[^r-1]

## Limits

Does it file taxes?[^n-4] Tally does not file taxes.[^n-4]

[^n-1]: notes.md, line 1
"""


def test_headlines_are_items_with_their_length() -> None:
    made = blocks(
        ask("headline", FIELDS, revise=PAGE, critique="# Critique\n\n- Not this one, which is long enough.\n")
    )

    assert made[:2] == ["# Headlines: Tally 3: the close", providers.DISCLOSURE]
    assert made[2].split("\n") == [
        "- Tally 3: the close (18 characters)", "- Close faster (12 characters)", "- Start a trial (13 characters)",
        "- Tally matches bank lines while you sleep[^n-1] (40 characters)",
        "- Tally costs 49 EUR a seat, before VAT[^n-3] (37 characters)", "- Tally does not file taxes[^n-4] (25 characters)",
    ]  # fmt: skip


def test_a_summary_is_the_first_sentence_of_each_section() -> None:
    assert blocks(ask("summary", FIELDS, page=PAGE))[2:] == [
        "Tally matches bank lines while you sleep.[^n-1] Tally costs 49 EUR a seat, before VAT.[^n-3] Tally does not file taxes.[^n-4]"
    ]
    long = "\n\n".join(f"## S{n}\n\n" + " ".join(["word"] * 25) + f" {n}." for n in range(5))
    assert len(blocks(ask("summary", FIELDS, draft=long))[2].split()) == 52
    assert "[to write: a summary" in ask("summary", FIELDS, draft="# T\n\n[to write: all]\n")


def test_an_email_has_subject_preview_sentences_and_a_call_to_action() -> None:
    made = blocks(ask("email", FIELDS, revise=PAGE))

    assert made == [
        '---\nsubject: "Tally 3: the close"\npreview: "Tally matches bank lines while you sleep."\n---',
        providers.DISCLOSURE, "Tally matches bank lines while you sleep.[^n-1]",
        "Tally costs 49 EUR a seat, before VAT.[^n-3]", "Tally does not file taxes.[^n-4]",
        "[to write: one sentence and one link that lead the reader to: start a trial]",
    ]  # fmt: skip
    calling = blocks(ask("email", FIELDS, revise=f"{PAGE}\n## Next\n\nStart your trial of 30 days now.[^n-5]\n"))
    assert calling[-1] == "Start your trial of 30 days now.[^n-5]"


@pytest.mark.parametrize(
    ("title", "subject"),
    [
        (
            "A title that is much longer than sixty characters, as titles are",
            "A title that is much longer than sixty characters, as…",
        ),
        ("x" * 90, "x" * 59 + "…"),
        ('A "quoted" \\ title: # yes\u2028\x07 👩🏽\u200d🚀 é', 'A "quoted" \\ title: # yes \x07 👩🏽\u200d🚀 é'),
        ("- no: [list", "- no: [list"),
    ],
)
def test_a_subject_is_cut_at_a_word_and_reads_back_as_typed(title: str, subject: str) -> None:
    made = ask("email", {"brief.title": title}, draft="Tally sleeps while you work.")

    head, _, _ = matter.split_matter(made)
    node = matter.parse_yaml(head or "", path="x", first_line=2)
    assert {key.text: value.text for key, value in node.pairs}["subject"] == subject
    assert len(subject) <= 60


def test_posts_are_different_and_each_wants_its_link() -> None:
    made = blocks(ask("posts", {**FIELDS, "with.tone": "calm", "with.network": "X"}, revise=PAGE))

    assert made[2:] == [
        "## Post 1", "Tally matches bank lines while you sleep.[^n-1] It matched 94% of them in our own books.[^n-2]",
        "[to write: the link]",
        "## Post 2", "Tally costs 49 EUR a seat, before VAT.[^n-3]", "[to write: the link]",
        "## Post 3", "Tally does not file taxes.[^n-4]", "[to write: the link]",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("network", "limit"),
    [("x", 280), ("bluesky", 300), ("Mastodon ", 500), ("threads", 500), ("", 700), ("linkedin", 700)],
)
def test_a_post_fits_its_network(network: str, limit: int) -> None:
    sentence = "Word " * ((limit - 30) // 5) + "end."
    page = f"## A\n\n{'Long ' * 200}end.[^a-1] {sentence}[^a-2] {sentence}[^a-3]\n"

    made = blocks(ask("posts", {**FIELDS, "with.network": network, "with.count": "1"}, draft=page))

    assert made[2:] == ["## Post 1", f"{sentence}[^a-2]", "[to write: the link]"]
    long = blocks(
        ask("posts", {**FIELDS, "with.network": network, "with.count": "1"}, draft="long " * 200 + "end.[^a-1]")
    )
    assert long[4].startswith("[to write: this shorter: it has 1004 characters, and ")


@pytest.mark.parametrize(
    ("count", "posts", "lacking"),
    [("1", 1, 0), ("3", 3, 0), ("4", 4, 0), ("9", 4, 5), ("0", 3, 0), ("many", 3, 0), ("999", 4, 16)],
)
def test_as_many_posts_as_asked_and_no_sentence_in_two(count: str, posts: int, lacking: int) -> None:
    made = blocks(ask("posts", {**FIELDS, "with.count": count}, draft=PAGE))

    said = [block for block in made[2:] if "[^" in block]
    assert len(said) == len(set(said)) == posts
    more = [block for block in made if "nothing more was given" in block]
    assert [f"{lacking} more post" in block for block in more] == ([True] if lacking else [])


@pytest.mark.parametrize("uses", ["headline", "summary", "email", "posts"])
def test_without_a_text_the_sources_and_facts_are_cut(uses: str) -> None:
    texts = {
        **FIELDS,
        "passage.s-1": "Tally matches bank lines while you sleep.",
        "fact.price": "49 EUR a seat a month",
    }
    made = ask(uses, {**texts, "note.a": "Calm."})

    assert "Tally matches bank lines while you sleep" in made
    assert "[^s-1]" in made
    assert "[to write: a note asks: Calm.]" in made
    assert "価格は千ユーロですので。[^j-1]" in ask("summary", {"passage.j-1": "価格は千ユーロですので。"})


def test_code_and_footnotes_are_no_sentences() -> None:
    page = "# T\n\n```sh\nThe code is long enough to be cut.\n```\n\nTally sleeps while you work.\n\n[^n-1]: The footnote of a passage, line 1\n"
    assert blocks(ask("summary", FIELDS, draft=page))[2:] == ["Tally sleeps while you work."]
