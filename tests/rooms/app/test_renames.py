"""New names: what is refused, what follows, and what is finished by asking again."""

import contextlib
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator import app, disk, store
from generator.errors import CopydeskError, RefusedError, UsageError
from tests.stories.stage import Stage

BRIEF = """---
title: A page
steps:
  - {id: outline, uses: outline}
  - {id: final, uses: draft, needs: [outline]}
deliverables: [{page: guides/note, from: final}]
---
It says one thing.
"""


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    made = Stage(tmp_path)
    made.write({"content_briefs/note.md": BRIEF, "content_briefs/plain.md": "---\ntitle: Plain\n---\nShort.\n"})
    made.build()
    made.log()
    return made


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("note", "Not a name", "cannot be called"),
        ("note", "plain", "both briefs exist"),
        ("nota", "x", "nothing here is called"),
        ("note/outline", "final", "has a step 'final' already"),
        ("plain/outline", "plan", "declares 'outline' for every brief"),
        ("guides/note", "guides/note", "has that name already"),
        ("guides/note", "guides/taken", "a page of that name already"),
        ("guides/note", "../out", "empty, `.` or `..` part"),
        ("docs/plain.md", "other", "does not name 'plain' itself"),
        ("note", "note", "its name already"),
        ("note/outline", "../../../../evil", "a step cannot be called"),
        ("note/outline", "Plan", "a step cannot be called"),
        ("guides/note", "guides/.hidden", "is hidden"),
        ("guides/note", "a%2fb", "encoded separator"),
        ("guides/note", "plain", "the brief plain answers to that name"),
        ("guides/note", "plain/draft", "the brief plain answers to that name"),
        ("guides/note", "held", "belongs to the brief held"),
        ("guides/note", "guides/copied", "there is one of that name"),
        ("guides/note", "x" * 220, "longer than 200 bytes"),
        ("note/outline", "other", "there is one of that name"),
        ("note", "full", "there is one of that name"),
        ("plain", "team", "a page of that name already"),
        ("broken", "mended", "is not a key"),
    ],
)
def test_what_cannot_be_renamed_is_refused_and_nothing_moves(
    old: str, new: str, words: str, stage: Stage, tmp_path: Path
) -> None:
    stage.write({"content_briefs/held.md": "---\ntitle: Held\n---\nShort.\n"})
    stage.build()
    app.approve(stage.root, ["held"], by="editor")
    (stage.root / "content_briefs/held.md").unlink()
    (stage.root / "docs/held.md").unlink()
    stage.write({
        "docs/guides/taken.md": "# Ours\n", "docs/team.md": "# Ours\n", "drafts/note/copied.md": "Ours.\n",
        "drafts/note/steps/other.md": "Ours.\n", "drafts/full/note.md": "Ours.\n",
        "content_briefs/broken.md": "---\ntitel: T\n---\nB.\n",
    })  # fmt: skip
    before = stage.files()
    events = tuple((stage.root / "history").rglob("*.event"))
    with pytest.raises(CopydeskError, match=words):
        app.rename(stage.root, old, new, by="editor")
    assert stage.files() == before
    assert tuple((stage.root / "history").rglob("*.event")) == events
    assert not list(tmp_path.parent.glob("evil*"))


def test_a_name_that_is_taken_in_drafts_is_not_overwritten(stage: Stage) -> None:
    stage.write({"drafts/other/words.md": "A person's.\n", "drafts/other/steps/outline.md": "Hers.\n"})
    with pytest.raises(RefusedError, match="cannot move"):
        app.rename(stage.root, "note", "other", by="editor")
    (stage.root / "drafts/other/steps/outline.md").unlink()
    app.rename(stage.root, "note", "other", by="editor")
    assert stage.text("drafts/other/words.md") == "A person's.\n"
    assert (stage.build().made, stage.log()) == (0, ())
    assert not (stage.root / "drafts/note").exists()


class Breaking(disk.System):
    """A disk on which the nth rename fails."""

    def __init__(self, nth: int) -> None:
        self.left = nth

    def rename(self, old: Path, new: Path) -> None:
        self.left -= 1
        if self.left == 0:
            raise OSError(28, "the disk said no")
        super().rename(old, new)


@pytest.mark.parametrize("nth", range(1, 9))
def test_a_rename_cut_short_is_finished_by_asking_again(nth: int, stage: Stage) -> None:
    with disk.using(Breaking(nth)), contextlib.suppress(CopydeskError):
        app.rename(stage.root, "plain", "simple", by="editor")
    app.rename(stage.root, "plain", "simple", by="editor")
    assert (stage.build().made, stage.log()) == (0, ())
    assert {path for path in stage.files() if "plain" in path} == set()
    assert store.verify(stage.root) == ()


def test_a_rename_done_by_hand_is_told_to_history(stage: Stage) -> None:
    (stage.root / "content_briefs/plain.md").rename(stage.root / "content_briefs/simple.md")
    assert "drafts/plain" in app.status(stage.root).orphans
    app.rename(stage.root, "plain", "simple", by="editor")
    assert (stage.build().made, stage.log()) == (0, ())
    assert app.status(stage.root).orphans == ()


def test_a_step_renamed_by_hand_in_the_brief_keeps_its_text(stage: Stage) -> None:
    stage.write({"drafts/note/steps/outline.md": stage.text("drafts/note/steps/outline.md") + "\nOurs.\n"})
    brief = stage.text("content_briefs/note.md")
    stage.write({"content_briefs/note.md": brief.replace("id: outline", "id: plan").replace("[outline]", "[plan]")})
    app.rename(stage.root, "note/outline", "plan", by="editor")
    assert "Ours." in stage.text("drafts/note/steps/plan.md")
    assert not (stage.root / "drafts/note/steps/outline.md").exists()


MAIL = """---
title: T
steps: [{id: m, uses: draft}, {id: p, uses: draft}, {id: w, uses: draft}]
deliverables: [{email: mail, from: m}, {posts: mail, from: p}, {page: mail, from: w}]
---
B.
"""


@pytest.mark.parametrize("old", ["outbox/mail/mail.email.md", "outbox/mail/mail.email", "drafts/mail/mail.email.md"])
def test_an_email_is_renamed_with_its_html_and_nothing_of_the_same_name_is(old: str, stage: Stage) -> None:
    stage.write({"content_briefs/mail.md": MAIL})
    stage.build()
    app.approve(stage.root, ["mail"], by="editor")
    before = stage.files("outbox")
    app.rename(stage.root, old, "letter", by="editor")
    after = stage.files("outbox")
    assert "{email: letter, from: m}, {posts: mail, from: p}, {page: mail, from: w}" in stage.text(
        "content_briefs/mail.md"
    )
    assert after["outbox/mail/letter.email.md"] == before["outbox/mail/mail.email.md"]
    assert after["outbox/mail/letter.email.html"] == before["outbox/mail/mail.email.html"]
    assert sorted(after) == [
        f"outbox/mail/{each}" for each in ("letter.email.html", "letter.email.md", "mail.posts.md")
    ]
    assert {each.status for each in app.status(stage.root).pages if each.brief == "mail"} == {"approved"}
    stage.log()
    app.rename(stage.root, "outbox/mail/mail.posts.md", "outbox/mail/mail-launch.posts.md", by="editor")
    assert "outbox/mail/mail-launch.posts.md" in stage.files("outbox")
    assert (stage.build().made, stage.log()) == (0, ())


@pytest.mark.parametrize(
    ("new", "words"),
    [("mail", "that name already"), ("a/b", "has a slash"), (".x", "is hidden"), ("taken", "there is a page")],
)
def test_an_email_takes_no_name_that_is_taken_or_none(new: str, words: str, stage: Stage) -> None:
    stage.write({"content_briefs/mail.md": MAIL, "outbox/mail/taken.email.md": "Ours.\n"})
    before = stage.files()
    with pytest.raises(CopydeskError, match=words):
        app.rename(stage.root, "outbox/mail/mail.email.md", new, by="editor")
    assert stage.files() == before
    with pytest.raises(UsageError, match="only briefs, steps and what they deliver"):
        app.rename(stage.root, "./note", "x", by="editor")


def test_html_follows_a_brief_and_gives_way_to_what_a_person_wrote(stage: Stage) -> None:
    stage.write({"content_briefs/mail.md": MAIL.replace("email: mail", "email: '{brief}'")})
    stage.build()
    app.approve(stage.root, ["mail/m"], by="editor")
    html = stage.text("outbox/mail/mail.email.html")
    stage.write({"outbox/post/mail.email.html": html})
    app.rename(stage.root, "mail", "post", by="editor")
    assert sorted(stage.files("outbox")) == ["outbox/post/post.email.html", "outbox/post/post.email.md"]
    stage.write({"outbox/post/post.email.html": f"{html}<!-- ours -->", "outbox/last/last.email.html": html})
    with pytest.raises(RefusedError, match="there is one of that name"):
        app.rename(stage.root, "post", "last", by="editor")
    (stage.root / "outbox/last/last.email.html").rename(stage.root / "outbox/last/post.email.html")
    app.rename(stage.root, "post", "last", by="editor")
    assert stage.text("outbox/last/last.email.html") == f"{html}<!-- ours -->"


class Killed(BaseException):
    """The process dies here."""


class Dying(disk.System):
    """A disk whose process dies at the nth change of a name: nothing is done after it."""

    def __init__(self, nth: int) -> None:
        self.left = nth

    def _tick(self) -> None:
        self.left -= 1
        if self.left <= 0:
            raise Killed

    def link(self, old: Path, new: Path) -> None:
        self._tick()
        super().link(old, new)

    def rename(self, old: Path, new: Path) -> None:
        self._tick()
        super().rename(old, new)

    def unlink(self, path: Path) -> None:
        self._tick()
        super().unlink(path)


EDITED = "A person put it this way."


def cut_short(folder: Path, old: str, new: str) -> Iterator[Stage]:
    """Yield workspaces in which a rename was cut short, at every change of a name in turn."""
    start = Stage(folder / "start")
    start.write({
        "content_briefs/note.md": BRIEF, "content_briefs/plain.md": "---\ntitle: Plain\n---\nShort.\n",
        "copydesk.yml": "site: {renderer: none, pages-dir: public}\n",
    })  # fmt: skip
    start.build()
    app.approve(start.root, ["note/final", "plain"], by="editor")
    for path in ("drafts/note/note.md", "drafts/note/steps/outline.md", "drafts/plain/plain.md"):
        start.write({path: start.text(path) + f"\n{EDITED}\n"})
    for path in ("docs/guides/note.md", "docs/plain.md"):
        start.write({path: start.text(path) + "\nAdded in docs.\n"})
    start.build()
    for nth in range(1, 200):
        stage = Stage(folder / str(nth))
        shutil.copytree(start.root, stage.root)
        try:
            with disk.using(Dying(nth)):
                app.rename(stage.root, old, new, by="editor")
        except Killed:
            yield stage
        else:
            assert nth > 8
            return


RENAMES = [
    ("plain", "simple", ("drafts/simple/simple.md",), "docs/simple.md"),
    ("note/outline", "plan", ("drafts/note/steps/plan.md", "drafts/note/note.md"), "docs/guides/note.md"),
    ("docs/guides/note.md", "docs/news/other.md", ("drafts/note/other.md",), "docs/news/other.md"),
]


@pytest.mark.parametrize(("old", "new", "copies", "page"), RENAMES, ids=["brief", "step", "page"])
@pytest.mark.parametrize("between", ["build", "publish"])
def test_a_rename_killed_anywhere_is_finished_by_asking_again(
    between: str, old: str, new: str, copies: tuple[str, ...], page: str, tmp_path: Path
) -> None:
    for stage in cut_short(tmp_path, old, new):
        if between == "build":
            stage.build()
        else:
            app.publish(stage.root)
        app.rename(stage.root, old, new, by="editor")
        for copy in copies:
            assert EDITED in stage.text(copy)
        assert "Added in docs." in stage.text(page)
        left = {path for path in stage.files("content_briefs", "drafts", "docs") if ".copydesk-" not in path}
        assert {path for path in left if old.removeprefix("docs/").removesuffix(".md") in path} == set()
        stage.log()
        summary = stage.build()
        assert (summary.failed, stage.log()) == (0, ())
        assert store.verify(stage.root) == ()


def test_a_brief_saved_while_its_page_is_renamed_keeps_both(stage: Stage) -> None:
    path = stage.root / "content_briefs/note.md"

    class Saving(disk.System):
        left = 2

        def rename(self, old: Path, new: Path) -> None:
            if old == path and self.left:
                self.left -= 1
                saved = BRIEF + f"Saved {self.left}.\n"
                path.write_text(saved if self.left else saved.replace("guides/note, from", "guides/note , from"))
            super().rename(old, new)

    with disk.using(Saving()):
        app.rename(stage.root, "guides/note", "guides/other", by="editor")
    assert "page: guides/other" in path.read_text()
    assert "Saved 0." in path.read_text()
    assert list(stage.files("content_briefs")) == ["content_briefs/note.md", "content_briefs/plain.md"]


def test_a_page_of_the_team_s_is_not_moved_with_a_draft_of_its_name(stage: Stage) -> None:
    stage.write({"docs/guides/note.md": "# Ours\n"})
    app.rename(stage.root, "guides/note", "guides/other", by="editor")
    assert stage.text("docs/guides/note.md") == "# Ours\n"
    assert not (stage.root / "docs/guides/other.md").exists()


def test_two_texts_stay_where_they_are_and_are_named(stage: Stage) -> None:
    (stage.root / "content_briefs/plain.md").rename(stage.root / "content_briefs/simple.md")
    stage.write({"drafts/simple/steps/outline.md": "Hers.\n", "drafts/simple/steps/draft.md": "Hers.\n"})
    stage.write({"drafts/plain/steps/outline.md": "Ours.\n"})
    (stage.root / "drafts/plain/steps/draft.md").write_bytes(b"\xff\n")
    with pytest.raises(RefusedError, match="both hold words") as caught:
        app.rename(stage.root, "plain", "simple", by="editor")
    assert "drafts/plain/steps/draft.md" in str(caught.value)
    assert stage.text("drafts/simple/steps/outline.md") == "Hers.\n"
    assert (stage.root / "drafts/plain/steps/outline.md").exists()
    assert (stage.root / "drafts/simple/simple.md").exists()


def test_a_rename_waits_for_a_build_that_runs(stage: Stage) -> None:
    before = stage.files()
    waiting = threading.Thread(target=app.rename, args=(stage.root, "note", "other"), kwargs={"by": "editor"})
    with store.build_lock(stage.root, lambda: None):
        waiting.start()
        waiting.join(0.2)
        assert waiting.is_alive()
        assert stage.files() == before
    waiting.join()
    assert (stage.root / "content_briefs/other.md").exists()
