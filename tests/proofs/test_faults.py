"""The nth call that changes the disk fails, for every n of a build, approval, publish, adoption, withdrawal and rename.

After each failure the message names a file, nothing of a person's is gone, and the same verb run again ends as if the
disk had never failed.
"""

import shutil
from collections.abc import Callable
from errno import EACCES, EIO, ENOSPC, EROFS
from pathlib import Path

import pytest

from generator import app, disk, review, store
from generator.errors import CopydeskError
from tests.stories.stage import Stage

BRIEF = """---
title: A short page
facts: {price: 49 EUR}
steps:
  - {id: outline, uses: outline}
  - {id: final, uses: draft, needs: [outline]}
  - {id: mail, uses: draft, needs: [outline]}
deliverables:
  - {page: short, from: final}
  - {email: short, from: mail}
---
A page says one thing. It says it early.
"""
MINE = "A person put it this way."
MAIL, HTML, COPY = "outbox/note/short.email.md", "outbox/note/short.email.html", "drafts/note/short.email.md"


class Failing(disk.System):
    """A disk whose nth call fails with `number`, and every later one works."""

    def __init__(self, nth: int, number: int) -> None:
        self.left, self.number, self.failed = nth, number, False

    def _tick(self, path: Path | None = None) -> None:
        self.left -= 1
        if self.left == 0:
            self.failed = True
            raise OSError(self.number, "the disk said no", str(path) if path else None)

    def write(self, descriptor: int, data: bytes) -> None:
        self._tick()
        super().write(descriptor, data)

    def fsync(self, descriptor: int) -> None:
        self._tick()
        super().fsync(descriptor)

    def link(self, old: Path, new: Path) -> None:
        self._tick(new)
        super().link(old, new)

    def rename(self, old: Path, new: Path) -> None:
        self._tick(new)
        super().rename(old, new)

    def unlink(self, path: Path) -> None:
        self._tick(path)
        super().unlink(path)

    def make_folder(self, path: Path) -> None:
        self._tick(path)
        super().make_folder(path)


def built(root: Path) -> Stage:
    """Return a workspace that was built, edited by a person, approved, and whose fact was changed since."""
    stage = Stage(root)
    config = "site: {renderer: none, pages-dir: public}\n"
    stage.write({"content_briefs/note.md": BRIEF, "docs/index.md": "# Ours\n", "copydesk.yml": config})
    assert stage.build().failed == 0
    stage.write({"drafts/note/short.md": stage.text("drafts/note/short.md") + f"\n{MINE}\n"})
    app.approve(root, ["note"], by="editor")
    for path in ("drafts/note/short.md", COPY):
        stage.write({path: stage.text(path) + "\nAnd went on later.\n"})
    stage.change("content_briefs/note.md", "49 EUR", "59 EUR")
    return stage


def build(root: Path) -> None:
    summary = Stage(root).build()
    assert not summary.failures, summary.failures


def approve(root: Path) -> None:
    app.approve(root, ["note"], by="editor")


def adopt(root: Path) -> None:
    page = root / "docs/short.md"
    if "in docs" not in page.read_text():
        page.write_text(page.read_text() + "\nA word in docs.\n")
    if "in docs" not in (root / "drafts/note/short.md").read_text():
        app.adopt(root, "docs/short.md", by="editor")


def publish(root: Path) -> None:
    for path in ("docs/short.md", MAIL, HTML):
        (root / path).unlink(missing_ok=True)
    app.publish(root)


def withdraw(root: Path) -> None:
    for path in sorted(review.claims(store.read_history(root, "note"))):
        app.withdraw(root, path, by="editor")


def rename(root: Path) -> None:
    app.rename(root, "note", "other", by="editor")


def rename_page(root: Path) -> None:
    app.rename(root, "docs/short.md", "docs/news/long.md", by="editor")


def rename_email(root: Path) -> None:
    app.rename(root, MAIL, "brief", by="editor")


def rename_step(root: Path) -> None:
    app.rename(root, "note/outline", "plan", by="editor")


VERBS = [build, approve, publish, adopt, withdraw, rename, rename_page, rename_email, rename_step]


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.__name__)
def test_whatever_call_fails_the_rerun_ends_as_if_none_had(verb: Callable[[Path], None], tmp_path: Path) -> None:
    built(tmp_path / "start")
    shutil.copytree(tmp_path / "start", tmp_path / "reference")
    verb(tmp_path / "reference")
    wanted = Stage(tmp_path / "reference").files()
    calls = 0
    while True:
        calls += 1
        root = tmp_path / f"n{calls}"
        shutil.copytree(tmp_path / "start", root)
        failing = Failing(calls, (ENOSPC, EIO, EROFS, EACCES)[calls % 4])
        told = ""
        try:
            with disk.using(failing):
                verb(root)
        except (CopydeskError, AssertionError) as error:
            told = str(error)
        assert told == "" or "the disk said no" in told or str(root) in told
        texts = "".join(
            path.read_text() for path in root.rglob("*") if path.is_file() and ".copydesk/" not in str(path)
        )
        assert MINE in texts
        verb(root)
        assert {path: text for path, text in Stage(root).files().items() if ".copydesk-" not in path} == wanted, calls
        assert store.verify(root) == (), calls
        shutil.rmtree(root)
        if not failing.failed:
            break
    assert calls > 4
