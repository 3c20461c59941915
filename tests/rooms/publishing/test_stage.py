"""What the site is built from: the approved texts, the team's own files, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.errors import RefusedError
from generator.publishing.stage import Staged, spelling, stage_docs


def write(root: Path, name: str, text: str = "own") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def stage(root: Path, approved: dict[str, str], *withheld: str) -> tuple[Staged, dict[str, str]]:
    folder = root / ".copydesk" / "publish-1" / "docs"
    staged = stage_docs(root, folder, approved=approved, withheld=frozenset(withheld))
    return staged, {
        path.relative_to(folder).as_posix(): path.read_bytes().decode() for path in folder.rglob("*") if path.is_file()
    }


def test_pages_are_staged_as_approved_and_own_files_as_they_are(tmp_path: Path) -> None:
    write(tmp_path, "docs/a.md", "edited by hand")
    write(tmp_path, "docs/index.md")
    write(tmp_path, "docs/img/logo.svg")
    write(tmp_path, "docs/.copydesk-1-0.tmp")

    staged, files = stage(tmp_path, {"docs/a.md": "approved\r\n", "docs/deep/b.md": "b", "outbox/b/x.email.md": "mail"})

    assert files == {"a.md": "approved\r\n", "deep/b.md": "b", "index.md": "own", "img/logo.svg": "own"}
    assert staged == Staged(pages=("docs/a.md", "docs/deep/b.md"), own=("docs/index.md", "docs/img/logo.svg"))


def test_withheld_paths_are_left_out_whether_approved_or_lying_there(tmp_path: Path) -> None:
    write(tmp_path, "docs/later.md")
    write(tmp_path, "docs/gone.md")

    staged, files = stage(tmp_path, {"docs/later.md": "later"}, "docs/later.md", "docs/gone.md")

    assert files == {}
    assert staged == Staged()


def test_a_workspace_without_pages_stages_nothing(tmp_path: Path) -> None:
    assert stage(tmp_path, {}) == (Staged(), {})


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("CHANGELOG.md", True),
        ("docs/own.md", True),
        ("drafts/b/a.md", False),
        ("history/b/x", False),
        ("docs/held.md", False),
        ("docs/a.md", False),
        ("../outside.md", False),
        (".", False),
    ],
)
def test_a_symlink_shows_nothing_that_was_not_approved(tmp_path: Path, target: str, *, shown: bool) -> None:
    root = tmp_path / "workspace"
    write(tmp_path, "outside.md")
    for name in ("CHANGELOG.md", "drafts/b/a.md", "history/b/x", "docs/held.md", "docs/own.md"):
        write(root, name)
    (root / "docs" / "link.md").symlink_to(root / target)

    staged, files = stage(root, {"docs/a.md": "approved"}, "docs/held.md")

    assert ("link.md" in files) is shown
    assert bool(staged.notes) is not shown
    assert all(note.startswith("docs/link.md ") for note in staged.notes)


def test_a_folder_reached_by_a_symlink_is_walked_once_and_by_the_same_rules(tmp_path: Path) -> None:
    write(tmp_path, "media/one.png")
    (tmp_path / "media" / "up").symlink_to(tmp_path / "media")
    (tmp_path / "media" / "leak.md").symlink_to(write(tmp_path, "drafts/b/a.md"))
    write(tmp_path, "docs/index.md")
    (tmp_path / "docs" / "media").symlink_to(tmp_path / "media")
    (tmp_path / "docs" / "nowhere.md").symlink_to("missing.md")

    staged, files = stage(tmp_path, {})

    assert set(files) == {"index.md", "media/one.png"}
    assert [note.partition(" ")[0] for note in staged.notes] == ["docs/media/leak.md"]
    assert [each.relative_to(tmp_path).as_posix() for each in staged.elsewhere] == [
        "media", "media/one.png", "media",
    ]  # fmt: skip


@pytest.mark.parametrize("target", ["drafts", "content", "../elsewhere", "nowhere"])
def test_docs_itself_is_no_symlink(tmp_path: Path, target: str) -> None:
    root = tmp_path / "workspace"
    for name in ("workspace/drafts/b/a.md", "workspace/content/a.md", "elsewhere/a.md"):
        write(tmp_path, name)
    (root / "docs").symlink_to(target)

    with pytest.raises(RefusedError, match="docs/ is a symlink"):
        stage(root, {})


@pytest.mark.parametrize(
    "name",
    ["docs/Alpha.md", "docs/ALPHA.MD", "docs/caf\u0065\u0301.md", "docs/News/day.md", "docs/Held.md"],
)
def test_another_spelling_of_a_page_is_left_out_and_named(tmp_path: Path, name: str) -> None:
    write(tmp_path, name, "renamed by hand")
    approved = {"docs/alpha.md": "approved", "docs/caf\u00e9.md": "approved", "docs/news/day.md": "approved"}

    staged, files = stage(tmp_path, approved, "docs/held.md")

    assert set(files.values()) == {"approved"}
    assert [note.partition(" is another spelling")[0] for note in staged.notes] == [name]


def test_pages_whose_names_differ_in_case_alone_are_both_shown_where_both_were_approved(tmp_path: Path) -> None:
    write(tmp_path, "docs/A.md")
    write(tmp_path, "docs/a.md")
    staged, files = stage(tmp_path, {"docs/a.md": "one", "docs/A.md": "two"})
    assert (files, staged.notes) == ({"a.md": "one", "A.md": "two"}, ())


@pytest.mark.parametrize("name", ["docs/a/index.md", "docs/a/README.md", "docs/a.html", "docs/a/index.html"])
def test_a_file_that_would_be_shown_in_the_place_of_a_page_is_left_out(tmp_path: Path, name: str) -> None:
    write(tmp_path, name)
    write(tmp_path, "docs/a/more.md")
    write(tmp_path, "docs/a.svg")

    staged, files = stage(tmp_path, {"docs/a.md": "approved"})

    assert files == {"a.md": "approved", "a/more.md": "own", "a.svg": "own"}
    assert staged.notes[0].startswith(f"{name} would be shown in the place of docs/a.md")


def test_a_spelling_counts_neither_case_nor_composition() -> None:
    assert spelling("docs/\u00c9A.md") == spelling("docs/e\u0301a.md")
