"""The corners of splitting and merging that no ordinary text reaches."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator import disk
from generator.digest import digest_text
from generator.drafts import land, merge, split, sweep
from generator.drafts.merge import reunite
from generator.model import Merged, Suggestion


@pytest.mark.parametrize(
    "blocks",
    [
        (),
        ("\n\n",),
        ("\n", "A.\n"),
        ("\ufeff",),
        ("\ufeffA.\n\n", "B."),
        ("A.\r\n\r\n", "B.\r\n"),
        ("A.\r\r", "B."),
        ("A.\n \t\n", "B.\n"),
        ("---\ntitle: A\n---\n\n", "A.\n"),
        ("\ufeff---\r\ntitle: A\r\n...\r\n", "A.\r\n"),
        ("---\n", "title: never closed\n"),
        ("--- x\n---\n", "Text.\n"),
        ("# Head\n", "Text\nin two lines.\n\n", "Title\n===\n", "Text.\n"),
        ("- one\n\n  more\n", "- two\n  - inner\n\n", "Text.\n"),
        ("1. one\n", "2. two\n"),
        ("-      code in an item\n\n", "Text.\n"),
        ("```\n\ncode\n\n~~~\n```\n\n", "Text.\n"),
        ("~~~\nnever closed\n\n# not a head\n",),
        ("- item\n\n  ```\n\n  code\n  ```\n\n", "Text.\n"),
        ("    code\n\n    more code\n\n", "Text.\n"),
        ('!!! note "Title"\n    Body.\n\n    - more\n\n', "Text.\n"),
        ("??? tip\n\n    Body.\n\n", "???+ tip\n    Body.\n"),
        ('=== "One"\n\n    Body.\n\n', '=== "Two"\n\n    ```\n    code\n    ```\n\n', "Text.\n"),
        ("Text.\n!!! note\n    Body.\n\n    More.\n\n", "Text.\n"),
        ("Text.[^1]\n\n", "[^1]: A note\n", "[^2]: Another\n\n    with more.\n\n", "Text.\n"),
        ("[a]: /url\n", '[b]: /url "Title"\n', "Text.\n"),
        ("<div>\n\nText.\n\n<div>\n\n</div>\n\n</div>\n\n", "Text.\n"),
        ("<div>\n\n", "never closed\n"),
        ("</div>\n\n", "Text.\n"),
        ("<!-- a\n\nb -->\n", "Text.\n"),
        ("<script>\n\nlet a\n</script>\n", "Text.\n"),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n\n", "Text.\n"),
        ("> quote\nlazy\n\n", "> another\n", "***\n", "Text.\n"),
        ("\x00\n\n", "\u2028 and \x0b and \x85\n"),
    ],
)  # fmt: skip
def test_blocks(blocks: tuple[str, ...]) -> None:
    assert split("".join(blocks)) == blocks


def test_containers_within_containers_stop_somewhere() -> None:
    text = ">" * 500 + " deep\n" + "- " * 500 + "deeper\n" + "\n" * 500
    assert "".join(split(text)) == text


def test_many_equal_blocks_are_matched_in_order() -> None:
    base = "Same.\n\n" * 300
    assert merge(base, "Mine.\n\n" + base, base + "Theirs.\n") == Merged(text="Mine.\n\n" + base + "Theirs.\n")


def test_many_equal_blocks_between_others() -> None:
    same = "Same.\n\n" * 300
    merged = merge(f"A.\n\n{same}B.\n", f"C.\n\n{same}D.\n", f"A.\n\n{same}B.\n\nMore.\n")
    assert merged == Merged(text=f"C.\n\n{same}D.\n\nMore.\n")


FRONT = "---\ntitle: A\nprice: 49\n# the end\n---\n"


@pytest.mark.parametrize(
    ("mine", "theirs", "merged"),
    [
        (FRONT + "\n\n", FRONT.replace("49", "59"), FRONT.replace("49", "59") + "\n\n"),
        (FRONT.replace("A", "B"), FRONT.replace("# the end", "# the very end"), "---\ntitle: B\nprice: 49\n# the very end\n---\n"),
        (FRONT.replace("A", "B"), FRONT.replace("---\n", "---  \n"), FRONT.replace("A", "B")[:-1] + "  \n"),
        (FRONT.replace("A", "B"), FRONT.replace("title: A\n", ""), FRONT.replace("A", "B")),
        (FRONT.replace("49", "59"), "", FRONT.replace("49", "59")),
        (FRONT.replace("title: A\n", "title: A\nmine: 1\n"), FRONT.replace("title: A\n", "title: A\nnew: 1\n"), "---\ntitle: A\nmine: 1\nnew: 1\nprice: 49\n# the end\n---\n"),
        (FRONT.replace("title", "- title"), FRONT.replace("49", "59"), FRONT.replace("title", "- title")),
    ],
)  # fmt: skip
def test_front_matter(mine: str, theirs: str, merged: str) -> None:
    assert merge(FRONT + "Text.\n", mine + "Text.\n", theirs + "Text.\n").text == merged + "Text.\n"


def test_front_matter_without_a_line_end_is_parted_from_what_lands() -> None:
    merged = merge("---\na: 1\n---", "---\na: 2\n---", "---\na: 1\n---\nText.\n")
    assert merged == Merged(text="---\na: 2\n---\nText.\n")


def test_blocks_that_would_swallow_others_leave_mine_whole() -> None:
    base, mine, theirs = "A a.\n\nB b.\n", "A a.\n\nB b.\n\n```\nmine\n", "A a.\n\n```\nopen\n\nB b.\n\nC c.\n"
    merged = merge(base, mine, theirs)
    assert "```\nmine" in merged.text
    assert merge(base, merged.text, theirs) == merged


def test_a_text_whose_blocks_run_into_one_another_is_offered_whole() -> None:
    base, mine, theirs = "\ufeff\n\n\t tab\n\na\n\n", "\t tab\n\n\ufeff\n\na\n\n", "a\n\n\t tab\n\n"
    merged = merge(base, mine, theirs)
    assert merged == Merged(text=mine, suggestions=(Suggestion(line=1, base=base, mine=mine, theirs=theirs),))
    assert merge(base, merged.text, theirs) == merged
    base, mine, theirs = "a\r\n\r\n```\n\n", "a\r\n\r\n```\n\n---\n\n", "```\n\na\r\n\r\n"
    assert reunite(base, mine, theirs) == mine + "\n\n" + theirs


def test_equal_suggestions_are_made_once() -> None:
    merged = merge("A a.\n\nB b.\n\nA a.\n", "B b.\n", "A z.\n\nB b.\n\nA z.\n")
    assert merged == Merged(text="B b.\n", suggestions=(Suggestion(line=1, base="A a.", mine="", theirs="A z."),))


def test_two_people_are_reunited_with_all_that_both_wrote() -> None:
    assert reunite("A a.\n", "A mine.\n", "A theirs.\n") == "A mine.\n\nA theirs.\n"
    assert reunite("A a.\n\nB b.\n", "B b.\n", "A theirs.\n\nB b.\n") == "A theirs.\n\nB b.\n"
    assert reunite("", "Mine.", "Theirs.") == "Mine.\n\nTheirs."


def test_a_torn_kept_text_is_not_trusted(tmp_path: Path) -> None:
    copy = tmp_path / "page.md"
    copy.write_text("A a.\n\nB b.\n")
    stem = f".copydesk-aside-{digest_text('A a.')}-4194305-7"
    (tmp_path / f"{stem}.kept~page.md").write_text("torn")
    (tmp_path / f"{stem}.done~page.md").write_text("Saved.\n")
    sweep(tmp_path)
    assert copy.read_text() == "Saved.\n\nA a.\n\nB b.\n"


class Crowd(disk.System):
    """Something else happens to the names just as an aside is put back."""

    def __init__(self, copy: Path, *, taken: bool) -> None:
        self.copy, self.taken, self.done = copy, taken, False

    def link(self, old: Path, new: Path) -> None:
        if new == self.copy and not self.done:
            self.done = True
            if self.taken:
                self.copy.write_text("Taken.\n")
            else:
                old.rename(self.copy)
        super().link(old, new)


@pytest.mark.parametrize("taken", [True, False])
def test_a_name_taken_while_an_aside_is_put_back(tmp_path: Path, *, taken: bool) -> None:
    copy = tmp_path / "page.md"
    stem = f".copydesk-aside-{digest_text('Mine.')}-4194305-7"
    (tmp_path / f"{stem}.open~page.md").write_text("Mine.")
    with disk.using(Crowd(copy, taken=taken)):
        landing = land(copy, base="", theirs="")
    assert landing.text == copy.read_text() == ("Mine.\n\nTaken.\n" if taken else "Mine.")


def test_a_suggestion_has_one_line_in_the_merged_text() -> None:
    merged = merge("A a.\n\nB b.\n\nC c.\n", "A a.\n", "A a.\n\nB b b.\n\nC c.\n")
    assert merged.suggestions == (Suggestion(line=1, base="B b.", mine="", theirs="B b b.", before="A a.\n"),)
