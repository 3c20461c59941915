"""What holds for every built-in prompt: nothing invented, nothing moved by a change elsewhere, nothing dangerous."""

from __future__ import annotations

import difflib
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator import providers
from generator.providers.offline import WRITERS
from generator.providers.skeleton.material import SKIP
from tests.rooms.providers.asking import BODY, FIELDS, PASSAGES, ask, blocks

NEEDS = {
    "angles": ("research",), "outline": ("research", "angles"), "draft": ("research", "outline"), "critique": ("draft",),
    "fact-check": ("draft",), "revise": ("draft", "critique", "fact-check"), "headline": ("revise", "critique"),
    "summary": ("revise",), "email": ("revise", "summary"), "posts": ("revise",), "landing-page": ("research",),
}  # fmt: skip
FINDING = {"finding.draft-D002-3": "draft, line 3: D002 there is a gap: x. How to mend: Write it."}
PAIR = {
    "passage.notes-1": "Tally costs 49 EUR. It is quick.",
    "passage.other-1": "Other costs 20 EUR. It is slow and calm.",
}


def make_all(texts: dict[str, str]) -> dict[str, str]:
    made: dict[str, str] = {}
    for uses in WRITERS:
        needed = {each: made[each] for each in NEEDS.get(uses, ())}
        made[uses] = ask(uses, {**texts, **FINDING}, **needed)
    return made


def moved(before: str, after: str) -> tuple[list[str], list[str]]:
    """Return the blocks that went and those that came."""
    lines = list(difflib.ndiff(blocks(before), blocks(after)))
    return [line[2:] for line in lines if line[0] == "-"], [line[2:] for line in lines if line[0] == "+"]


def test_every_built_in_prompt_has_its_own_text() -> None:
    prompts = {
        "research", "angles", "outline", "draft", "critique", "fact-check", "revise", "headline", "summary", "email", "posts",
        "landing-page", "comparison-table",
    }  # fmt: skip
    assert set(WRITERS) == prompts


def test_every_text_says_that_no_model_was_used_and_repeats_itself() -> None:
    made = make_all({**FIELDS, **PASSAGES})

    assert made == make_all({**FIELDS, **PASSAGES})
    for uses, text in made.items():
        assert "no model was used" in text, uses
        assert text.endswith("\n"), uses
        assert not text.endswith("\n\n"), uses
        assert set(re.findall(r"(?<!\\)\[\^([^\]]+)\]", text)) <= {key[8:] for key in PASSAGES}, uses
    assert {providers.DISCLOSURE in text for uses, text in made.items() if uses not in ("critique", "fact-check")} == {
        True
    }


@pytest.mark.parametrize("uses", WRITERS)
def test_with_nothing_at_all_there_is_still_an_honest_text(uses: str) -> None:
    text = ask(uses, {})
    assert "no model was used" in text
    assert "[to write: " in text or uses in ("research", "headline")
    assert text.count("[to write: ") < 8


@pytest.mark.parametrize("uses", WRITERS)
@pytest.mark.parametrize(
    ("label", "old", "new"),
    [
        ("fact.price", "49 EUR a seat", "52 EUR a desk"),
        ("fact.launch-day", "4 March 2027", "9 May 2028"),
        ("passage.notes-1", "94%", "89%"),
        ("passage.notes-2", "six days", "5 days"),
        ("passage.rows-1", "Orme", "Lund"),
    ],
)
def test_what_changes_changes_only_the_blocks_that_state_it(uses: str, label: str, old: str, new: str) -> None:
    texts = {**FIELDS, **PASSAGES}
    assert old in texts[label]

    gone, come = moved(make_all(texts)[uses], make_all({**texts, label: texts[label].replace(old, new)})[uses])

    assert all(old in block for block in gone)
    assert all(new in block for block in come)


@pytest.mark.parametrize("uses", WRITERS)
@pytest.mark.parametrize(
    "where", ["title", "goal", "audience", "keyword", "passage", "heading", "fact", "finding", "upstream"]
)
def test_what_others_wrote_stays_harmless(uses: str, where: str) -> None:
    hostile = "<script>x()</script> [go](javascript:y) [^ghost] # Up\n\n## Down\n\n\u202eturned | bar"
    texts = {**FIELDS, **PASSAGES}
    texts |= {
        "title": {"brief.title": hostile}, "goal": {"brief.goal": hostile}, "audience": {"brief.audience": hostile},
        "keyword": {"brief.keyword": hostile}, "passage": {"passage.notes-9": hostile}, "fact": {"fact.hostile": hostile},
        "heading": {"passage.notes-9": f"# {' '.join(hostile.split())}\n\nText."}, "finding": {"finding.draft-X-1": hostile},
        "upstream": {},
    }[where]  # fmt: skip
    upstream = {"notes": hostile} if where == "upstream" else {}
    made = ask(uses, texts, draft="# T\n\nTally sleeps while you work.[^notes-1]\n", **upstream)

    assert "<script" not in made
    assert "javascript:" not in made
    assert not re.search(r"(?<!\\)\[\^ghost\]", made)
    assert "\u202e" not in made
    assert "\n## Down" not in made


WORDS = st.sampled_from("close month tally price bank 94 trial six days sleep taxes people wait not does it".split())  # noqa: SIM905 - a line of words reads better
SENTENCE = st.lists(WORDS, min_size=1, max_size=9).map(lambda words: " ".join(words).capitalize() + ".")
SOURCES = st.lists(st.lists(SENTENCE, min_size=1, max_size=5).map(" ".join), max_size=6)


@settings(max_examples=25)
@given(SOURCES, st.booleans())
def test_no_sentence_is_invented(sources: list[str], outlined: bool) -> None:
    texts = {"brief.title": "The close", "brief.body": BODY if outlined else "Say it."}
    texts |= {f"passage.s-{number}": text for number, text in enumerate(sources, 1)}

    for uses, text in make_all(texts).items():
        if uses in ("critique", "fact-check", "comparison-table", "headline", "outline"):
            continue
        known = " ".join(" ".join(sources).split())
        for block in blocks(text):
            if block in SKIP or block.startswith(("#", "[to write: ", "---")):
                continue
            for sentence in re.split(r"\[\^[^\]]+\]", block.removeprefix("> ")):
                said = sentence.replace("\\", "").strip()
                assert not said or said in known or said in BODY.replace("\n", " ") or said == "Say it.", (uses, said)
