"""Files compared with what was approved, and copies for another site generator."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.errors import BrokenError, DiskError, RefusedError, UnsafePathError
from generator.model import Config
from generator.publishing import build_site, check_pages

A, B = "docs/a.md", "outbox/b/mail.email.md"


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_md", ".md")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


def test_missing_files_are_restored_byte_for_byte(tmp_path: Path) -> None:
    report = check_pages(tmp_path, {A: "a\r\n", B: "é"})

    assert report.restored == (A, B)
    assert (tmp_path / A).read_bytes() == b"a\r\n"
    again = check_pages(tmp_path, {A: "a\r\n", B: "é"})
    assert (again.right, again.restored, again.edited) == ((A, B), (), ())


def test_a_file_edited_by_hand_is_named_and_left_alone(tmp_path: Path) -> None:
    write(tmp_path, docs__a_md="mine\n")

    assert check_pages(tmp_path, {A: "a\n"}).edited == (A,)
    assert (tmp_path / A).read_text() == "mine\n"


@pytest.mark.parametrize("kind", ["folder", "dangling", "not utf-8", "line ends"])
def test_what_is_not_the_approved_file_counts_as_edited(tmp_path: Path, kind: str) -> None:
    (tmp_path / "docs").mkdir()
    place = tmp_path / A
    if kind == "folder":
        place.mkdir()
    elif kind == "dangling":
        place.symlink_to("nowhere.md")
    else:
        place.write_bytes(b"\xff" if kind == "not utf-8" else b"a\r\n")

    assert check_pages(tmp_path, {A: "a\n"}).edited == (A,)


def test_a_file_where_a_folder_should_be_is_edited(tmp_path: Path) -> None:
    write(tmp_path, docs__a="mine")

    assert check_pages(tmp_path, {"docs/a/b.md": "x"}).edited == ("docs/a/b.md",)


def test_a_path_that_leaves_the_workspace_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsafePathError):
        check_pages(tmp_path, {"docs/../../x.md": "x"})


def pages(
    root: Path, approved: dict[str, str], *withheld: str, folder: str = "src/content"
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    config = Config(renderer="none", pages_dir=folder)
    built = build_site(root, approved=approved, withheld=frozenset(withheld), config=config)
    assert built.site == folder
    assert len(built.notes) == len(built.edited)
    return built.pages, built.edited


def test_pages_are_copied_and_foreign_files_are_not_touched(tmp_path: Path) -> None:
    write(tmp_path, src__content__own_md="own")

    assert pages(tmp_path, {A: "a\r\n", B: "mail"}) == ((A,), ())
    assert (tmp_path / "src/content/a.md").read_bytes() == b"a\r\n"
    assert (tmp_path / "src/content/own.md").read_text() == "own"
    assert not (tmp_path / "src/content/b").exists()


def test_a_new_approval_replaces_the_copy_and_a_withheld_page_goes(tmp_path: Path) -> None:
    pages(tmp_path, {A: "one", "docs/x/c.md": "c"})

    assert pages(tmp_path, {A: "two", "docs/x/c.md": "c"}, "docs/x/c.md") == ((A,), ())
    assert (tmp_path / "src/content/a.md").read_text() == "two"
    assert not (tmp_path / "src/content/x/c.md").exists()


@pytest.mark.parametrize("loss", ["", "gone", "torn", "[]"])
def test_a_copy_that_somebody_changed_is_never_overwritten_or_removed(tmp_path: Path, loss: str) -> None:
    pages(tmp_path, {A: "one"})
    write(tmp_path, src__content__a_md="mine")
    ledger = tmp_path / ".copydesk" / "pages.json"
    if loss == "gone":
        ledger.unlink()
    elif loss:
        ledger.write_text(loss)

    assert pages(tmp_path, {A: "two"}) == ((), (A,))
    pages(tmp_path, {})
    assert (tmp_path / "src/content/a.md").read_text() == "mine"


def test_a_withdrawn_copy_that_somebody_changed_is_named(tmp_path: Path) -> None:
    pages(tmp_path, {A: "one"})
    write(tmp_path, src__content__a_md="mine")

    assert pages(tmp_path, {}) == ((), (A,))
    (tmp_path / "src/content/a.md").unlink()
    assert pages(tmp_path, {}) == ((), ())


def test_the_folder_of_pages_is_not_docs_where_edited_and_withheld_files_lie(tmp_path: Path) -> None:
    with pytest.raises(BrokenError, match="pages-dir: public"):
        pages(tmp_path, {A: "one"}, folder="docs")


@pytest.mark.parametrize("target", ["drafts", "docs", "."])
def test_a_pages_folder_is_judged_by_where_it_leads(tmp_path: Path, target: str) -> None:
    write(tmp_path, drafts__a_md="a person's words", docs__a_md="one")
    (tmp_path / "public").symlink_to(target)
    with pytest.raises(BrokenError, match="belongs to copydesk"):
        pages(tmp_path, {A: "one"}, folder="public")
    assert (tmp_path / "drafts/a.md").read_text() == "a person's words"


def test_a_docs_folder_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    write(tmp_path, drafts__b__a_md="a person's words")
    (tmp_path / "docs").symlink_to("drafts")
    with pytest.raises(RefusedError, match="docs/ is a symlink"):
        check_pages(tmp_path, {"docs/b/new.md": "x"})
    assert not (tmp_path / "drafts/b/new.md").exists()


@pytest.mark.parametrize("folder", ["drafts", "Drafts", "drafts/x", "../up", "/tmp", ".copydesk"])
def test_a_pages_folder_that_is_not_one_is_refused(tmp_path: Path, folder: str) -> None:
    with pytest.raises(BrokenError):
        pages(tmp_path, {A: "one"}, folder=folder)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / A).symlink_to("a.md")

    with pytest.raises(DiskError, match=r"a\.md"):
        check_pages(tmp_path, {A: "a\n"})
