"""Callouts: where a note begins and ends, what is left when it is out, and where it stands when it is put back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generator import disk
from generator.drafts import (
    Callout,
    find_callouts,
    land,
    lift_callouts,
    limit,
    take_out,
    without_callouts,
)
from generator.drafts.callouts import drop_callouts, meet, put_back
from generator.drafts.markdown.blocks import key_of
from generator.model import Suggestion

PAGE = "# Tally\n\nClose the month.\n\nThe price is 49 EUR.\n"
NOTE = "> [!editor] Too long; cut.\n"
NOTED = PAGE.replace("month.\n", f"month.\n\n{NOTE}")

PIECES = (
    "A paragraph.\n\n", "# Head\n", "# Head\n\n", "- one\n", "- two\n\n", "1. first\n", "> quoted\n\n", "> \n", "\n",
    "> [!editor] a note\n\n", "> [!Editor] another\n", "> and on\n", "  > [!editor] within\n", "- > [!editor] an item\n",
    "> > [!editor] deeper\n", "    > [!editor] code or not\n", "\t> [!editor] after a tab\n", "> - x\n", "  rest\n",
    "```\n", "> ```\n", "~~~\n\n", "<div>\n", "</div>\n\n", "<!--\n", "-->\n", "| a | b |\n|---|---|\n", "lazy\n",
    "!!! note\n    body\n", "[^1]: a footnote\n", "---\n", "title: x\n", "\ufeff", "no end", "\u2028", "\x0c\n", ">[!editor]\n",
)  # fmt: skip
MARKDOWN = st.builds(
    lambda pieces, end: "".join(pieces).replace("\n", end),
    st.lists(st.sampled_from(PIECES), max_size=9),
    st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"]),
)


def words(text: str) -> list[str]:
    """Return the words of a text, marks of quotes and lists aside."""
    return sorted(each for each in re.findall(r"[^\s>\ufeff]+", text) if each not in ("-", "1."))


def lift(text: str) -> tuple[str, list[tuple[str, int, str]]]:
    clean, found = lift_callouts(text)
    return clean, [(each.note, each.line, each.block) for each in found]


@pytest.mark.parametrize(
    ("text", "clean", "found"),
    [
        (NOTED, PAGE, [("Too long; cut.", 5, "Close the month.")]),
        ("A.\n\n> [!EDITOR] Cut it.\n> It goes on.\n>\n> And on.\n\nB.\n", "A.\n\nB.\n", [("Cut it.\nIt goes on.\n\nAnd on.", 3, "A.")]),
        ("> [!editor] At the head.\n\n# T\n", "# T\n", [("At the head.", 1, "# T")]),
        ("\ufeff> [!editor] x\n\n# T\n", "\ufeff# T\n", [("x", 1, "# T")]),
        ("---\na: 1\n---\n\n> [!editor] x\n\n# T\n", "---\na: 1\n---\n\n# T\n", [("x", 5, "# T")]),
        ("---\na: 1\n---\n> [!editor] x\n", "---\na: 1\n---\n", [("x", 4, "---\na: 1\n---")]),
        ("A.\r\n\r\n> [!editor] one\r\n\r\n> [!editor] two\r\n", "A.\r\n", [("one", 3, "A."), ("two", 5, "A.")]),
        ("A.\n\n> [!editor] one\n> [!editor] two\n\nB.", "A.\n\nB.", [("one", 3, "A."), ("two", 4, "A.")]),
        ("> [!editor] alone", "", [("alone", 1, "")]),
        ("A.\n> [!editor] tight\n\nB.\n", "A.\n\nB.\n", [("tight", 2, "A.")]),
        ("A.\n> [!editor] x\nno mark\n", "A.\nno mark\n", [("x", 2, "A.\nno mark")]),
        ("- one\n  > [!editor] x\n- two\n", "- one\n- two\n", [("x", 2, "- one")]),
        ("- one\n\n\t> [!editor] x\n\n- two\n", "- one\n\n- two\n", [("x", 3, "- one")]),
        ("1. > [!editor] x\n2. two\n", "2. two\n", [("x", 1, "2. two")]),
        ("- > [!editor] x\n  rest\n- two\n", "-   rest\n- two\n", [("x", 1, "-   rest")]),
        ("> quoted\n> [!editor] x\n", "> quoted\n", [("x", 2, "> quoted")]),
        ("> quoted\n> > [!editor] x\n", "> quoted\n", [("x", 2, "> quoted")]),
        ("!!! note\n    Body.\n\n    > [!editor] x\n\nB\n", "!!! note\n    Body.\n\nB\n", [("x", 4, "!!! note\n    Body.")]),
        ("A.\n\n> [!editor]\n", "A.\n", [("", 3, "A.")]),
        ("- A\n\n> [!editor] x\n\n    > [!editor] y\n", "- A\n", [("x", 3, "- A\n\n    > [!editor] y"), ("y", 3, "- A")]),
    ],
)  # fmt: skip
def test_a_callout_is_found_with_what_it_is_about(text: str, clean: str, found: list[tuple[str, int, str]]) -> None:
    assert lift(text) == (clean, found)
    assert without_callouts(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        PAGE, "", "\ufeff", "[!editor] no quote\n", "> Say [!editor] within.\n", "A.\n\n    > [!editor] code\n",
        "```\n> [!editor] x\n```\n", "> ```\n> [!editor] x\n> ```\n", "<div>\n> [!editor] x\n\n</div>\n", "<!--\n> [!editor]\n-->\n",
        "- ```\n  > [!editor] x\n  ```\n", ">" * 40 + " [!editor] too deep\n", "- " * 40 + "> [!editor] too deep\n",
        "---\nnote: |\n  > [!editor] x\n---\n\nA.\n", "> <pre>\n> [!editor] x\n> </pre>\n", "> [!editors] x\n",
    ],
)  # fmt: skip
def test_what_is_no_callout_is_returned_as_it_is(text: str) -> None:
    assert lift_callouts(text) == (text, ())
    assert without_callouts(text) is text


def test_a_callout_knows_where_it_stands() -> None:
    (found,) = find_callouts(NOTED)
    assert NOTED[found.start : found.end] == NOTE
    assert found == Callout(note="Too long; cut.", line=5, start=27, end=54, block="Close the month.", above=1)


@settings(max_examples=300, deadline=None)
@given(MARKDOWN)
@example("> [!editor] n\n\n---\n---\n    > [!editor] c\n---\n")
def test_nothing_is_lost_whatever_the_text(text: str) -> None:
    clean, found = lift_callouts(text)
    assert without_callouts(clean) == clean
    assert lift_callouts(clean) == (clean, ())
    left = words(clean) + [word for each in found for word in words(f"[!editor] {each.note}")]
    assert sorted(map(str.lower, left)) == sorted(map(str.lower, words(text)))
    back = put_back(clean, clean, found)
    assert len(lift_callouts(back)[1]) >= len(found)
    assert set(words(clean)) <= set(words(back))


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="> [!editor]\r\n-`<é\u2029\x00ıİ1.", max_size=60))
def test_any_text_can_be_looked_at(text: str) -> None:
    clean = without_callouts(text)
    assert without_callouts(clean) == clean


@settings(max_examples=150, deadline=None)
@given(MARKDOWN, MARKDOWN, MARKDOWN)
def test_landing_twice_is_landing_once_and_keeps_every_note(base: str, mine: str, theirs: str) -> None:
    base, theirs = without_callouts(base), without_callouts(theirs)
    once = meet(base, mine, theirs).text
    assert key_of(meet(base, once, theirs).text) == key_of(once)
    notes = {each.note for each in find_callouts(mine)}
    assert notes <= {each.note for each in lift_callouts(once)[1]} or "---" in mine + theirs


def test_a_note_that_came_meanwhile_stays_at_its_block() -> None:
    theirs = PAGE.replace("49", "59").replace("# Tally\n", "# Tally\n\nNew above.\n")
    merged = meet(PAGE, NOTED, theirs)
    assert merged.text == theirs.replace("month.\n", f"month.\n\n{NOTE}")
    assert merged.suggestions == ()
    assert meet(PAGE, merged.text, theirs).text == merged.text


@pytest.mark.parametrize(
    ("theirs", "text"),
    [
        (PAGE.replace("month.", "month, soon."), NOTED.replace("month.", "month, soon.")),
        (PAGE.replace("Close the month.\n\n", ""), f"# Tally\n\nThe price is 49 EUR.\n\n{NOTE}"),
        (PAGE.replace("\n\nThe price is 49 EUR.", ""), f"# Tally\n\nClose the month.\n\n{NOTE}"),
        (PAGE, NOTED),
        ("", NOTE),
    ],
)
def test_a_note_stands_behind_what_became_of_its_block(theirs: str, text: str) -> None:
    merged = meet(PAGE, NOTED, theirs)
    assert (merged.text, merged.suggestions) == (text, ())


def test_notes_in_a_row_keep_their_order() -> None:
    mine = "> [!editor] a\n\n# T\n> [!editor] b\n\nA.\n\n> [!editor] c\n\n> [!editor] d\n\nB.\n\n> [!editor] e\n\n> [!editor] f\n"
    base = "# T\n\nA.\n\nB.\n"
    landed = meet(base, mine, base.replace("B.\n", "B, but new.\n")).text
    assert [each.note for each in find_callouts(landed)] == list("abcdef")
    assert without_callouts(landed) == "# T\n\nA.\n\nB, but new.\n"


def test_where_a_note_would_be_code_it_goes_to_the_head() -> None:
    clean, found = lift_callouts("A.\n\n> [!editor] x\n\nB.\n")
    assert put_back("```\nnever ended", clean, found) == "> [!editor] x\n\n```\nnever ended"


def test_a_note_within_a_note_stays_one() -> None:
    text = "> [!editor] a\n> > [!editor] b\n> - c\n\nB"
    clean, found = lift_callouts(text)
    assert [each.note for each in lift_callouts(put_back("New", clean, found))[1]] == ["a\n[!editor] b\n- c"]


def test_both_changed_and_a_note_stands_there() -> None:
    mine, theirs = NOTED.replace("month.", "month, I say."), PAGE.replace("month.", "year.")
    merged = meet(PAGE, mine, theirs)
    assert merged.text == mine
    assert [(each.mine, each.theirs) for each in merged.suggestions] == [("Close the month, I say.", "Close the year.")]
    assert [
        (each.line, each.theirs) for each in meet(PAGE, f"{NOTE}\n{mine}", theirs.replace("49", "59")).suggestions
    ] == [(5, "Close the year.")]


def test_a_text_of_a_persons_own_keeps_its_notes() -> None:
    assert meet(None, NOTED, PAGE).text == NOTED
    assert meet(None, None or NOTED, "Other.\n").suggestions == (
        Suggestion(line=1, base="", mine=PAGE.rstrip(), theirs="Other."),
    )
    assert meet(PAGE, None, NOTED).text == NOTED


def test_a_note_that_theirs_takes_out_goes_and_one_it_brings_comes() -> None:
    assert meet(NOTED, NOTED, PAGE.replace("49", "59")).text == PAGE.replace("49", "59")
    assert meet(NOTED, NOTED, NOTED.replace("49", "59")).text == NOTED.replace("49", "59")
    assert meet("", PAGE, NOTED).text == NOTED
    assert meet("", NOTED, NOTED).text == NOTED


def test_only_the_notes_that_were_taken_up_are_dropped() -> None:
    text = NOTED + "\n> [!editor] Later.\n"
    taken = lift_callouts(NOTED)[1]
    assert drop_callouts(text, taken) == PAGE + "\n> [!editor] Later.\n"
    assert drop_callouts(PAGE, taken) == PAGE
    assert drop_callouts(NOTED, ()) == NOTED


def test_notes_are_taken_out_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_bytes(NOTED.encode())
    notes = lift_callouts(NOTED)[1]
    assert take_out(path, notes)
    assert path.read_text() == PAGE
    assert not take_out(path, notes)


class Saver(disk.System):
    """A person who saves once, just before the copy is renamed aside."""

    def __init__(self, path: Path, text: str | None) -> None:
        self.path, self.text, self.done = path, text, False

    def rename(self, old: Path, new: Path) -> None:
        if old == self.path and not self.done:
            self.done = True
            if self.text is None:
                self.path.unlink()
            else:
                self.path.with_name("save").write_bytes(self.text.encode())
                self.path.with_name("save").replace(self.path)
        super().rename(old, new)


@pytest.mark.parametrize(
    ("saved", "left"),
    [
        (NOTED + "\nMeanwhile.\n\n> [!editor] And this.\n", PAGE + "\nMeanwhile.\n\n> [!editor] And this.\n"),
        (PAGE, PAGE),
        (None, PAGE),
    ],
)
def test_a_save_at_the_same_moment_stays(saved: str | None, left: str, tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_bytes(NOTED.encode())
    with disk.using(Saver(path, saved)):
        take_out(path, lift_callouts(NOTED)[1])
    assert path.read_text() == left


def test_a_note_written_during_a_landing_stays(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_bytes(NOTED.encode())
    theirs = PAGE.replace("49", "59")
    landing = land(path, base=PAGE, theirs=theirs)
    assert path.read_text() == landing.text == NOTED.replace("49", "59")
    assert landing.ancestor == theirs
    assert not land(path, base=PAGE, theirs=theirs).replaced


LONG = "# T\n\nOne is here.\n\nTwo is here.\n\nThree is here.\n\nFour is here.\n\nFive is here.\n"


@pytest.mark.parametrize(
    ("reply", "limited"),
    [
        (LONG.replace("is here", "was there"), LONG.replace("Two is here", "Two was there").replace("Three is here", "Three was there").replace("Four is here", "Four was there")),
        (LONG.replace("Three is here.\n\n", ""), LONG.replace("Three is here.\n\n", "")),
        (LONG.replace("Three is here.", "Three is here.\n\nNew."), LONG.replace("Three is here.", "Three is here.\n\nNew.")),
        (LONG.replace("Five is here.", "Five is here.\n\nNew."), LONG),
        (LONG.replace("# T\n\n", ""), LONG),
        (LONG.replace("\n\nThree is here.", "").replace("Four is here.\n\nFive is here.\n", "Four is here."), LONG.replace("\n\nThree is here.", "")),
        ("# T\n\nOne is here.\n\nTwo is here.\n\nThree is short.", LONG.replace("Three is here.\n\nFour is here.", "Three is short.")),
        (LONG.replace("Three is here.", "Five is here."), LONG.replace("Three is here.\n\n", "")),
        (LONG.replace("\n", "\r\n"), LONG),
    ],
)  # fmt: skip
def test_a_reply_is_limited_to_a_piece_and_its_neighbours(reply: str, limited: str) -> None:
    assert limit(LONG, reply, ("Three is here.",)) == limited


def test_there_is_no_limit_without_a_piece_that_stands() -> None:
    reply = LONG.replace("is", "was")
    for blocks in ((), ("",), ("Gone.",), ("Three is here.", "Gone.")):
        assert limit(LONG, reply, blocks) == reply
    assert limit("", reply, ("x",)) == reply


def test_the_ends_of_a_text_are_beside_its_last_pieces() -> None:
    assert limit(LONG, LONG + "\nSix.\n", ("Five is here.",)) == LONG + "\nSix.\n"
    assert limit(LONG, "New.\n\n" + LONG, ("# T",)) == "New.\n\n" + LONG
    assert limit("- one\n- two", "- one\n- two\n- three", ("- two",)) == "- one\n- two\n- three"
    assert limit("A.\n\nB.", "A.\n\nB.\n\nC.", ("A.",)) == "A.\n\nB."
    assert limit("A.\n\nB.", "A.\n\nB.\n\nC.", ("B.",)) == "A.\n\nB.\n\nC."
