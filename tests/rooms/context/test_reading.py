"""Sources become passages with ids and lines; whatever cannot be read is told at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from generator import context
from generator.errors import BrokenError
from generator.model import Brief, Passage

NOTES = "# Tally 3\n\nFirst paragraph,\ntwo lines.\n\n## Price\n\nSecond.\n"


def make_workspace(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return root


def places(passages: tuple[Passage, ...]) -> list[tuple[str, int, int, str]]:
    return [(each.id, each.first_line, each.last_line, each.text) for each in passages]


def problems(error: pytest.ExceptionInfo[BrokenError]) -> list[tuple[str, str, int]]:
    return [(each.code, each.path, each.line) for each in error.value.findings]


def test_a_bare_name_lies_under_sources_and_paragraphs_are_counted(tmp_path: Path) -> None:
    make_workspace(tmp_path, {"sources/release-notes.md": NOTES})

    passages = context.read_passages(tmp_path, ("release-notes.md",))

    assert places(passages) == [
        ("release-notes-1", 3, 4, "First paragraph,\ntwo lines."),
        ("release-notes-2", 8, 8, "Second."),
    ]
    assert [each.heading for each in passages] == ["Tally 3", "Tally 3 > Price"]
    assert {each.path for each in passages} == {"sources/release-notes.md"}


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_marks_and_line_ends_change_neither_text_nor_lines(tmp_path: Path, mark: str, end: str) -> None:
    text = mark + ("---\ntitle: x\n---\n" + NOTES).replace("\n", end)
    make_workspace(tmp_path, {"sources/release-notes.md": text})

    passages = context.read_passages(tmp_path, ("release-notes.md",))

    assert places(passages) == [
        ("release-notes-1", 6, 7, "First paragraph,\ntwo lines."),
        ("release-notes-2", 11, 11, "Second."),
    ]


def test_a_name_with_a_slash_is_relative_to_the_workspace_and_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    make_workspace(tmp_path, {"sources/a.txt": "One.", "docs/guide.md": "Two."})

    passages = context.read_passages(tmp_path, ("a.txt", "sources/a.txt", "docs/guide.md"))

    assert places(passages) == [("a-1", 1, 1, "One."), ("guide-1", 1, 1, "Two.")]


def test_files_of_one_stem_have_their_own_ids_and_the_first_keeps_its_name(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"sources/notes.md": "a", "sources/notes.txt": "b", "old/notes.md": "c"}
    make_workspace(tmp_path, {**files, "sources/Sources Notes TXT.md": "d", "sources/…!.md": "e"})

    names = ("notes.md", "notes.txt", "old/notes.md", "Sources Notes TXT.md", "…!.md")
    passages = context.read_passages(tmp_path, names)

    ids = [each.id for each in passages]
    assert ids == ["notes-1", "sources-notes-txt-1", "old-notes-md-1", "sources-sources-notes-txt-md-1", "source-1"]


def test_stems_that_collide_even_by_path_are_told_apart(tmp_path: Path) -> None:
    make_workspace(tmp_path, {"a/b.md": "1", "a/a b md.md": "2", "c/b.md": "3", "c/b-.md": "4", "c/b--.md": "5"})

    passages = context.read_passages(tmp_path, ("a/b.md", "c/b.md", "c/b-.md", "c/b--.md"))

    assert len({each.id for each in passages}) == len(passages) == 4


def test_rows_of_a_table_are_passages(tmp_path: Path) -> None:
    table = 'firm,days before,,note\nHarbour,6,x,"said ""yes"",\nand meant it"\n,,,\nLindqvist,4,,\n'
    make_workspace(tmp_path, {"sources/survey.csv": "\ufeff" + table})

    passages = context.read_passages(tmp_path, ("survey.csv",))

    assert places(passages) == [
        ("survey-1", 2, 3, 'firm: Harbour; days before: 6; column 3: x; note: said "yes", and meant it'),
        ("survey-2", 5, 5, "firm: Lindqvist; days before: 4"),
    ]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_tables_may_use_other_separators(tmp_path: Path, separator: str) -> None:
    make_workspace(tmp_path, {"sources/t.csv": f"a{separator}b\r\n1,5{separator}2\r\n"})

    assert context.read_passages(tmp_path, ("t.csv",))[0].text == "a: 1,5; b: 2"


@pytest.mark.parametrize(
    ("table", "line"), [("a,b\n1,2\n1,2,3\n", 3), ("a,b\n1\n", 2), ('a,b\n"1,2\n', 2), ('a,b\n"1"x,2\n', 2)]
)
def test_a_table_whose_values_could_stand_under_the_wrong_column_is_refused(
    tmp_path: Path, table: str, line: int
) -> None:
    make_workspace(tmp_path, {"sources/t.csv": table})

    with pytest.raises(BrokenError) as error:
        context.read_passages(tmp_path, ("t.csv",))

    assert problems(error) == [("S005", "sources/t.csv", line)]


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "sources/release-notes.md": NOTES, "sources/empty.md": "# Only a heading\n\n---\n", "sources/deck.pdf": "x",
        "sources/latin.txt": b"ok\ncaf\xe9\n", "sources/huge.txt": b"x" * 5_000_001, "sources/zero.txt": "a\nb\0c\n",
        "sources/folder/a.md": "x", "sources/rows.csv": "a,b\n",
    }  # fmt: skip
    make_workspace(tmp_path, files)
    (tmp_path / "outside.md").write_text("secret")
    work = tmp_path / "work"
    (work / "sources").mkdir(parents=True)
    (work / "sources" / "link.md").symlink_to(tmp_path / "outside.md")

    with pytest.raises(BrokenError) as error:
        context.read_passages(
            tmp_path,
            ("relaese-notes.md", "nowhere/x.md", "empty.md", "deck.pdf", "latin.txt", "huge.txt", "zero.txt",
             "sources/folder", "rows.csv", "../x.md", "release-notes.md"),
        )  # fmt: skip
    with pytest.raises(BrokenError) as leaving:
        context.read_passages(work, ("link.md",))

    assert problems(error) == [
        ("S001", "sources/relaese-notes.md", 1), ("S001", "nowhere/x.md", 1), ("S004", "sources/empty.md", 1),
        ("S002", "sources/deck.pdf", 1), ("S003", "sources/latin.txt", 1), ("S003", "sources/huge.txt", 1),
        ("S003", "sources/zero.txt", 2), ("S003", "sources/folder", 1), ("S004", "sources/rows.csv", 1),
        ("S006", "../x.md", 1),
    ]  # fmt: skip
    assert error.value.findings[0].fix == "Did you mean `release-notes.md`?"
    assert problems(leaving) == [("S006", "sources/link.md", 1)]
    assert all(each.message and each.fix for each in (*error.value.findings, *leaving.value.findings))
    assert {each.code for each in (*error.value.findings, *leaving.value.findings)} < set(context.EXPLANATIONS)


def test_a_pipe_is_not_waited_for_and_a_name_too_long_is_a_finding(tmp_path: Path) -> None:
    make_workspace(tmp_path, {"sources/a.md": "x"})
    os.mkfifo(tmp_path / "sources" / "pipe.md")

    with pytest.raises(BrokenError) as error:
        context.read_passages(tmp_path, ("pipe.md", f"{'x' * 300}.md"))

    assert [code for code, _, _ in problems(error)] == ["S003", "S003"]


def test_everything_in_brand_comes_first_then_the_extras(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "brand/voice.md": "---\na: b\n---\nCalm.\n", "brand/terms/names.yml": "tally: Tally\n", "brand/logo.png": b"\x89PNG",
        "brand/blank.md": "\n", "brand/.hidden.md": "no", "sources/glossary.md": "Close: …\n",
    }  # fmt: skip
    make_workspace(tmp_path, files)

    found = context.read_context(tmp_path, ("glossary.md", "brand/voice.md"))

    assert [(each.id, each.first_line, each.text) for each in found] == [
        ("brand/terms/names.yml", 1, "tally: Tally\n"), ("brand/voice.md", 4, "Calm.\n"),
        ("sources/glossary.md", 1, "Close: …\n"),
    ]  # fmt: skip
    assert context.read_context(tmp_path / "sources", ()) == ()


def test_context_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    make_workspace(tmp_path, {"brand/voice.md": b"\xff", "sources/blank.md": " \n", "x.md": "x"})

    with pytest.raises(BrokenError) as error:
        context.read_context(tmp_path, ("blank.md", "gone.md"))

    assert problems(error) == [
        ("S003", "brand/voice.md", 1), ("S004", "sources/blank.md", 1), ("S001", "sources/gone.md", 1),
    ]  # fmt: skip


def test_the_paths_whose_stamps_matter_include_missing_files_and_folders(tmp_path: Path) -> None:
    make_workspace(tmp_path, {"brand/terms/names.yml": "a: b", "brand/voice.md": "x", "sources/a.md": "x"})
    brief = Brief(
        name="b", path="content_briefs/b.md", workflow="article", fields=(), body="",
        sources=("a.md", "gone.csv", "../out.md"), context=("glossary.md",),
    )  # fmt: skip

    assert context.input_paths(tmp_path, brief) == (
        "brand", "brand/terms", "brand/terms/names.yml", "brand/voice.md", "sources/a.md", "sources/glossary.md",
        "sources/gone.csv",
    )  # fmt: skip
