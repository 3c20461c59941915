"""Whatever a reply changes and a person wrote, the words of a slot stand in the text once, whole."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from generator import drafts
from generator.app.placing import Slots, flowing
from generator.digest import digest_text
from generator.model import Event, History, Step

FIRST, SECOND = "Ada opens it.\n\n- with a list\n\nAnd an end.", "Ada opens anew.\n\nAnd an end."
LINE = "[place: opening]"
NUMBERS = st.integers(min_value=0, max_value=9)


def slots_of(text: str, now: str, *events: Event, placed: str = FIRST) -> Slots:
    made = Event(verb="made", brief="b", step="draft", text=text, parts=(("slot.opening", digest_text(placed)),))
    return Slots(now=(("opening", now),), history=History(brief="b", events=events), made=made)


def joined(blocks: list[str]) -> str:
    return "\n\n".join(["# T", *blocks]) + "\n"


@given(
    size=st.integers(min_value=1, max_value=5), at=NUMBERS, added=st.lists(NUMBERS, max_size=3), now=st.sampled_from([FIRST, SECOND]),
    order=st.randoms(use_true_random=False), to=NUMBERS, gone=NUMBERS,
)  # fmt: skip
def test_the_words_stand_once(
    size: int, at: int, added: list[int], now: str, order: Random, to: int, gone: int
) -> None:
    blocks = [f"Block {number} says something." for number in range(size)]
    blocks.insert(at % (size + 1), FIRST)
    slots, copy = slots_of(joined(blocks), now), list(blocks)
    human = [f"Ada adds {number}." for number in range(len(added))]
    for place, block in zip(added, human, strict=True):
        copy.insert(place % (len(copy) + 1), block)
    shown = slots.mark(joined(copy))
    said = [each for each in shown.strip().split("\n\n")[1:] if each != LINE]
    order.shuffle(said)
    said = [each for number, each in enumerate(said) if number != gone]
    said.insert(to % (len(said) + 1), LINE)

    assert (shown.count(LINE), slots.problem(joined(said), shown)) == (1, "")
    theirs = slots.carry(joined(said), shown)
    assert (theirs.text.count(now), LINE in theirs.text) == (1, False)
    assert not any(each in theirs.text for each in human)
    assert all(LINE not in text for each in theirs.suggestions for text in (each.base, each.mine, each.theirs))
    page = drafts.merge(joined(blocks), joined(copy), theirs.text)
    assert page.text.count(now) == 1
    assert all(each in page.text for each in human)


def test_a_line_set_beside_a_persons_own_words_is_not_followed() -> None:
    slots = slots_of(joined([FIRST, "One.", "Two."]), SECOND)
    copy = joined([FIRST.replace("an end", "Ada's end"), "One.", "Two."])
    assert slots.settled(slots.mark(copy)) == ("opening",)
    reply = joined([FIRST.replace("an end", "Ada's end"), "One.", "Two.", LINE])
    assert slots.problem(reply, copy) == ""
    assert slots.carry(reply, copy).text == joined([SECOND, "One.", "Two."])
    assert "2 times" in slots.problem(f"{reply}\n{LINE}\n", copy)
    assert "left out the line" in slots.problem("# T\n", None)


def test_words_that_were_placed_are_known_from_history_or_by_their_digest() -> None:
    text = joined(["One.", FIRST, "Two."])
    assert slots_of(text, SECOND).placed == {"opening": FIRST}
    long = "\n\n".join(f"Line {number}." for number in range(60))
    wrote = Event(verb="wrote", brief="b", step="opening", text=f"{long}\n")
    assert slots_of(joined([long]), SECOND, placed=long).placed == {"opening": ""}
    assert slots_of(joined([long]), SECOND, wrote, placed=long).ancestor == f"# T\n\n{LINE}\n"
    assert Slots(now=(("opening", FIRST),), history=History(brief="b")).placed == {}


def test_the_longer_words_are_found_first() -> None:
    both = Slots(now=(("a", "One."), ("b", "One.\n\nTwo.")), history=History(brief="b"))
    assert both.mark("One.\n\nTwo.\n\nOne.\n") == "[place: b]\n\n[place: a]\n"


def test_what_a_person_chose_is_placed_as_long_as_it_is_of_the_text() -> None:
    step = Step(id="opening", base="opening", uses="angles", by_hand="choose")
    copy = "- We wait.\n- We close.\n"
    chose = Event(verb="chose", id="c", brief="b", step="opening", draft=digest_text(copy), text="\nWe close.\n")
    history = History(brief="b", events=(chose,))
    assert flowing(step, copy, history) == "\nWe close.\n"
    assert flowing(step, "- Another.\n", history) == "- Another.\n"
    assert flowing(step, copy, History(brief="b")) == copy
    back = Event(verb="withdrew", brief="b", step="opening", target="c")
    assert flowing(step, copy, History(brief="b", events=(chose, back))) == copy
