"""How a text is cut: every piece is text of the file, in order, with its lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from generator.context.pieces import parse_markdown, parse_paragraphs, parse_table

LINES = ("word", "# head", "##", "## head ##", "===", "---", "- item", "```", "~~~~", "", " ", "> q", "a | b", "* * *")


def test_markdown_headings_lend_context_and_rules_are_nothing() -> None:
    text = "Title\n=====\nUnder it.\n\n### Deep #\n\nDeeper.\n\n## C#\nBack.\n\n#\n\nBare.\n\n- item\n---\nAfter a rule.\n\nSub\n---\nEnd."

    pieces = parse_markdown(text)

    assert [(each.text, each.heading, each.first_line) for each in pieces] == [
        ("Under it.", "Title", 3), ("Deeper.", "Title > Deep", 7), ("Back.", "Title > C#", 10), ("Bare.", "", 14),
        ("- item", "", 16), ("After a rule.", "", 18), ("End.", "Sub", 22),
    ]  # fmt: skip


def test_a_block_of_code_is_one_piece_whatever_stands_in_it() -> None:
    text = "Before:\n\n```sh\n# no heading\n\n--- \n```\n\n~~~\nnever closed\n\n# still code"

    pieces = parse_markdown(text)

    assert [(each.text, each.first_line, each.last_line) for each in pieces] == [
        ("Before:", 1, 1), ("```sh\n# no heading\n\n---\n```", 3, 7), ("~~~\nnever closed\n\n# still code", 9, 12),
    ]  # fmt: skip


def test_plain_text_has_no_headings() -> None:
    pieces = parse_paragraphs("# not a heading\n\nTwo\n---", 5)

    assert [(each.text, each.heading, each.first_line) for each in pieces] == [
        ("# not a heading", "", 5), ("Two\n---", "", 7),
    ]  # fmt: skip


@given(st.lists(st.sampled_from(LINES)), st.integers(1, 9))
def test_pieces_stand_where_they_say(lines: list[str], first: int) -> None:
    text = "\n".join(lines)
    for pieces in (parse_markdown(text, first), parse_paragraphs(text, first)):
        last = 0
        for piece in pieces:
            assert last < piece.first_line <= piece.last_line < first + len(lines)
            there = lines[piece.first_line - first : piece.last_line - first + 1]
            assert piece.text == "\n".join(line.rstrip() for line in there)
            assert piece.text.strip()
            last = piece.last_line


@given(st.lists(st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=6), max_size=5))
def test_any_table_is_rows_or_a_plain_error(lines: list[str]) -> None:
    try:
        pieces = parse_table("\n".join(lines))
    except ValueError:
        return
    assert all(piece.first_line <= piece.last_line for piece in pieces)


def test_cutting_is_linear() -> None:
    hostile = "# " + " " * 200_000 + "#" * 200_000 + "x\n" + "- " * 100_000 + "x"
    assert len(parse_markdown(hostile)) == 1
