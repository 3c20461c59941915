"""YAML with places: every value as typed, every fault located, nothing that takes long."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.errors import MatterError
from generator.matter import (
    FINDING_LIMIT,
    mend_tabs,
    parse_leniently,
    parse_yaml,
    quote_line,
    quoted,
    render_matter,
    render_yaml,
    scalar,
    split_matter,
)

COLON = "a second colon followed by a space stands here, and breaks the value"


def test_every_value_stays_the_text_that_was_typed() -> None:
    text = "a: 18:30\nb: NO\nc: 1.10\nd: 0x1f\ne: 2027-03-04\nf: null\ng: ~\nh: on\ni: 'it''s'\nj: \"é\\n\"\nk: [1_0, +1]\n"
    assert parse_yaml(text, path="x").data() == {
        "a": "18:30", "b": "NO", "c": "1.10", "d": "0x1f", "e": "2027-03-04", "f": "null", "g": "~", "h": "on",
        "i": "it's", "j": "é\n", "k": ["1_0", "+1"],
    }  # fmt: skip


def test_kinds_and_their_views() -> None:
    root = parse_yaml("m: {a: b}\nl: [x, y]\nt: text\ne:\nq: ''\n", path="x")
    assert [value.kind for _, value in root.pairs] == ["map", "list", "text", "empty", "text"]
    found = root.get("l")
    assert found is not None
    assert [item.text for item in found.items] == ["x", "y"]
    assert (found.text, found.pairs, root.items, root.get("none")) == ("", (), (), None)
    assert root.data()["e"] is None
    assert parse_yaml("", path="x").kind == "empty"


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_places_are_those_of_the_file(mark: str, end: str) -> None:
    text = mark + end.join(("---", "título: 😀 x", "l:", "  - a", "  - b: c", "---", "body"))
    own, body, line = split_matter(text)
    assert (own, body, line) == (end.join(("título: 😀 x", "l:", "  - a", "  - b: c", "")), "body", 7)
    root = parse_yaml(own or "", path="x", first_line=2)
    key, value = root.pairs[0]
    assert (key.line, key.column, value.line, value.column) == (2, 1, 2, 9)
    assert (own or "")[value.start : value.end] == "😀 x"
    entry = root.pairs[1][1].items[1]
    assert (entry.line, entry.column) == (5, 5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (None, "", 1)),
        ("body\n", (None, "body\n", 1)),
        ("\ufeffbody", (None, "body", 1)),
        ("---\nno end\n", (None, "---\nno end\n", 1)),
        ("---\n---\n", ("", "", 3)),
        ("---  \na: b\n---\t\n\nbody", ("a: b\n", "\nbody", 4)),
        ("---\na: b\n---", ("a: b\n", "", 3)),
        ("---\na: b\n ---\n--- x\n---\n", ("a: b\n ---\n--- x\n", "", 6)),
        ("----\na: b\n---\n", (None, "----\na: b\n---\n", 1)),
    ],
)
def test_split_matter(text: str, expected: tuple[str | None, str, int]) -> None:
    assert split_matter(text) == expected


@given(st.text(alphabet="-ab\n\r:\ufeff ", max_size=60))
def test_splitting_loses_nothing(text: str) -> None:
    own, body, line = split_matter(text)
    assert text.endswith(body)
    assert own is None or own in text
    assert line >= 1


CASES: list[tuple[str, list[tuple[str, int, int, str, str]]]] = [
    ("title: Tally 3: close\nb: 1\n", [("M10", 2, 15, COLON, 'Write: title: "Tally 3: close"')]),
    ("a: b: c  # note\n", [("M10", 2, 5, COLON, 'Write: a: "b: c"  # note')]),
    ("- x: y: z\n", [("M10", 2, 7, COLON, 'Write: - x: "y: z"')]),
    ("a: b: c\nd: e\nf: 'g' h: i\n", [("M10", 2, 5, COLON, "a:"), ("M10", 4, 8, "does not fit", "f: \"'g' h: i\"")]),
    ("title: @x\n", [("M10", 2, 8, "cannot begin with this", 'Write: title: "@x"')]),
    ("t: `x`\n", [("M10", 2, 4, "cannot begin with this", 'Write: t: "`x`"')]),
    ('title: "a\nb: c\n', [("M10", 2, 8, "a quote that is opened here", 'Write: title: "a"')]),
    ("t: 'it's'\n", [("M10", 2, 8, "does not fit", 'Write: t: "it\'s"')]),
    ('t: "Tally" 3\n', [("M10", 2, 12, "does not fit", "Write: t: '\"Tally\" 3'")]),
    ('t: "a \\q"\n', [("M10", 2, 7, "backslash", "Write: t: 'a \\q'")]),
    ("title:Tally\nb: c\n", [("M10", 2, 1, "a space is missing", "Write: title: Tally")]),
    ("a: [b, c\nd: e\n", [("M10", 2, 1, "not closed", "Write: a: [b, c]")]),
    ("a: {b: c\nd: e\n", [("M10", 2, 1, "not closed", "Write: a: {b: c}")]),
    ("a: - b\n", [("M10", 2, 4, "a list must begin on a line of its own", 'a: "- b"')]),
    ("a: > x\n", [("M10", 2, 6, "this is not YAML", 'a: "> x"')]),
    ("a: b\nfoo\nc: d\n", [("M10", 3, 1, "this line is not `key: value`", "Write `key: value`")]),
    ("a:\n  b: c\n d: e\n", [("M10", 4, 2, "does not fit", "indented like its neighbours")]),
    ("- a\nb: c\n", [("M10", 3, 1, "must begin with `- `", "Write")]),
    ("a: b\n...\nfoo\n", [("M10", 4, 1, "after the end", "Write")]),
    ("a: 1\nb: 2\na: 3\na: 4\n", [("M09", 4, 1, "first on line 2", "Keep"), ("M09", 5, 1, "line 2", "Keep")]),
    ("m:\n  a: 1\n  a: 2\n", [("M09", 4, 3, "the key `a` stands twice; first on line 3", "Keep one")]),
    ("a:\n\tb: c\n \td: e\n", [("M03", 3, 1, "a tab", "Write:   b: c"), ("M03", 4, 2, "a tab", "Write:    d: e")]),
    ("<<: x\n", [("M05", 2, 1, "merges", "Write the keys out")]),
    ("t: &a b\n", [("M05", 2, 4, "`&a` is an anchor", 'write: t: "&a b"')]),
    ("a: &x [1]\nb: *x\n", [("M05", 2, 4, "anchor", "a:"), ("M05", 3, 4, "`*x` is an alias", 'write: b: "*x"')]),
    ("t: *Tally* x\n", [("M10", 2, 10, "not YAML", 'Write: t: "*Tally* x"')]),
    ("t: !!python/object:os.system x\n", [("M07", 2, 4, "is a tag", "t:")]),
    ("? !t a\n: b\n", [("M07", 2, 3, "is a tag", "Take the `!` away")]),
    ("x: {{ y }}\n", [("M08", 2, 5, "not a map or list", 'write: x: "{{ y }}"')]),
    ("{a: b}: c\n", [("M08", 2, 1, "not a map or list", "Write `key: value`")]),
    ("? \n: x\n", [("M08", 2, 2, "a key is missing", "Write `key: value`")]),
    ("a: b\n---\nc: d\n", [("M06", 3, 1, "a second document", "delete this")]),
    ("%YAML 1.1\n---\na: b\n", [("M06", 2, 1, "directive", "%")]),
    ("a: b\n\x00", [("M02", 3, 1, "U+0000", "Delete")]),
    ("a\u2028: b\n", [("M02", 2, 2, "U+2028", "Delete")]),
    ("a: b\ufeff\n", [("M02", 2, 5, "U+FEFF", "Delete")]),
    ("\ud800", [("M02", 2, 1, "U+D800", "Delete")]),
    ("[" * 10_000, [("M04", 2, 51, "nested more than 50 deep", "Flatten")]),
    ("- " * 400_000, [("M04", 2, 101, "nested more than 50 deep", "Flatten")]),
    ("- a\n" * 100_001, [("M01", 100_001, 3, "more than 100,000 values", "Split")]),
    ('a: "' + "x" * 50_000_000 + '"\n', [("M01", 2, 1, "50,000,006 characters; at most 1,000,000", "Move")]),
]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[repr(text[:30]) for text, _ in CASES])
def test_what_is_wrong_is_located_with_its_mend(text: str, expected: list[tuple[str, int, int, str, str]]) -> None:
    with pytest.raises(MatterError) as caught:
        parse_yaml(text, path="p", first_line=2)
    found = caught.value.findings
    assert [(each.code, each.line, each.column) for each in found] == [case[:3] for case in expected]
    for each, (_, _, _, message, fix) in zip(found, expected, strict=True):
        assert message in each.message
        assert fix in each.fix
        assert (each.path, each.level) == ("p", "error")
    assert caught.value.where == f"p:{found[0].line}:{found[0].column}"


def test_a_tab_at_the_top_is_told_once() -> None:
    parsed = parse_leniently("title: T\n\tgoal: x\n", path="p", first_line=2)
    assert [(each.code, each.line) for each in parsed.findings] == [("M03", 3)]


def test_findings_are_bounded() -> None:
    for text in (
        "- *a\n" * 5000,
        "a: 1\n" * 5000,
        "a:\n\tb: c\n" * 5000,
        "".join(f"k{i}: a: b\n" for i in range(5000)),
    ):
        assert 1 <= len(parse_leniently(text, path="p").findings) <= FINDING_LIMIT


def test_lines_are_mended_in_one_go() -> None:
    text = "".join(f"k{i}: a: b\r\n" for i in range(20))
    parsed = parse_leniently(text, path="p")
    assert len(parsed.findings) == 20
    assert parsed.mended == "".join(f'k{i}: "a: b"\r\n' for i in range(20))


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("a: b # c\n", [" # c"]), ("a: b  # c\n", [""]), ("a: #1\n", [" #1"]), ("a:  # c\n", [""]), ("a: 'b' # c\n", [""]),
        ("a: b#c\n", [""]), ("a: b\n  c #d\n", [" #d"]), ("- a #b\n", []), ("a: [b] # c\n", [""]), ("a: b\n# c\n", [""]),
    ],
)  # fmt: skip
def test_what_a_comment_takes_is_kept_beside_the_value(text: str, lost: list[str]) -> None:
    assert [value.lost for _, value in parse_yaml(text, path="x").pairs] == lost


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a: b: c\r\n", 'a: "b: c"'), ("  - a: b", '  - a: "b"'), ("- b", '- "b"'), ("a:", None), ("b", None), ("", None),
        ('a: say "x"', "a: 'say \"x\"'"), ("a: 'b", 'a: "b"'), ("a: b  # c", 'a: "b"  # c'), ("a:   # c", None),
        ("a: b\x07", None),
    ],
)  # fmt: skip
def test_quote_line(line: str, expected: str | None) -> None:
    assert quote_line(line) == expected


def test_tabs_become_two_spaces_and_others_stay() -> None:
    assert mend_tabs("a:\n\tb: c\td\n\t\n") == "a:\n  b: c\td\n\t\n"
    assert mend_tabs("a: b") == "a: b"


def test_quotes() -> None:
    assert [quoted(text) for text in ("a", 'a"b', "a\\b", "it's")] == ['"a"', "'a\"b'", "'a\\b'", '"it\'s"']


@pytest.mark.parametrize("text", ["draft", "release notes", "news/tally-3", "a.md"])
def test_plain_words_stay_plain(text: str) -> None:
    assert scalar(text) == text


NESTED: Any = st.recursive(
    st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=8), NESTED, max_size=5))
@settings(max_examples=40, deadline=None)
def test_what_is_written_reads_back(data: dict[str, Any]) -> None:
    try:
        str(data).encode()
    except UnicodeEncodeError:
        return
    text = render_matter(data.items())
    own, body, _ = split_matter(text)
    assert body == ""
    assert parse_yaml(own or "", path="x").data() == (data or None)
    assert own == render_yaml(data.items())
    assert yaml.safe_load(own or "") == (data or None)


@given(st.text(alphabet="ab:-# \n\t[]{}&*!|>'\"%@`,?\\\r\x00é", max_size=60))
def test_no_text_makes_a_lenient_reading_raise(text: str) -> None:
    parsed = parse_leniently(text, path="p", first_line=2)
    for each in parsed.findings:
        assert each.line >= 2
        assert each.column >= 1
        assert each.fix
        assert each.message
    if not parsed.findings:
        parse_yaml(text, path="p")
