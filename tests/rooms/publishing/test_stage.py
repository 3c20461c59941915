"""What the site is built from: the approved texts, the team's own files, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.publishing.stage import Staged, stage_docs


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
