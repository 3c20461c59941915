"""What people decide: every refusal has its reason and its mend, and nothing is recorded when one is given."""

import subprocess
from pathlib import Path

import pytest

from generator import app, disk, store
from generator.app.decisions import person
from generator.digest import digest_text
from generator.errors import BrokenError, CopydeskError, RefusedError, UnsafePathError, UsageError
from tests.stories.stage import Stage

BRIEF = "---\ntitle: A page\n---\nIt says one thing.\n"
TWO = """---
title: Two of them
steps:
  - {id: draft, uses: draft}
  - {id: mail, uses: draft, needs: [draft]}
deliverables:
  - {page: two, from: draft}
  - {email: two, from: mail}
---
It says two things.
"""
COPY = "drafts/note/note.md"


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    made = Stage(tmp_path)
    made.write({"content_briefs/note.md": BRIEF})
    made.build()
    return made


def verbs(stage: Stage) -> list[str]:
    return [event.verb for event in store.read_history(stage.root, "note").events if event.verb != "made"]


def refused(
    error: type[CopydeskError], words: str, mend: str, stage: Stage, *addresses: str, reason: str = "tested"
) -> None:
    before = verbs(stage)
    with pytest.raises(error, match=words) as caught:
        app.approve(stage.root, addresses or ("note",), by="editor", reason=reason)
    assert mend in str(caught.value)
    assert verbs(stage) == before


def test_an_approval_holds_the_bytes_the_person_and_the_findings(stage: Stage) -> None:
    (event,) = app.approve(stage.root, ["note"], by="editor", reason="tested")
    page = stage.text("docs/note.md")
    assert (event.by, event.path, event.step, event.text) == ("editor", "docs/note.md", "revise", page)
    assert (event.draft, event.page) == (digest_text(stage.text(COPY)), digest_text(page))
    assert any(each.startswith("D002:") for each in event.findings)
    assert app.approve(stage.root, ["docs/note.md"], by="editor", reason="tested") == (event,)
    (other,) = app.approve(stage.root, ["note"], by="counsel", reason="tested")
    assert (other.by, verbs(stage)) == ("counsel", ["approved", "approved"])


def test_bytes_that_were_not_seen_are_refused(stage: Stage) -> None:
    digest = digest_text(stage.text(COPY))
    assert app.approve(stage.root, [f"note@{digest[:12]}"], by="editor", reason="tested")
    stage.edit(COPY, "It says one thing.", "It says something else.")
    refused(RefusedError, "not the one you saw", "It is now @", stage, f"note@{digest[:12]}")
    refused(RefusedError, "not the one you saw", "It is now @", stage, f"note@{digest_text(stage.text(COPY))[:4]}")


def test_there_must_be_a_draft(stage: Stage) -> None:
    (stage.root / COPY).unlink()
    refused(RefusedError, "no draft to approve", "copydesk build note/revise", stage)
    refused(UsageError, "nothing here is called", "Did you mean", stage, "nota")


def test_git_s_markers_are_refused_whatever_the_reason(stage: Stage) -> None:
    stage.write({COPY: "# T\n\n<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n"})
    refused(
        RefusedError,
        "the draft has 1 error:\n  line 3: D001",
        "Mend the draft (`copydesk check note` tells how).",
        stage,
    )
    refused(RefusedError, "the draft has 1 error", "Mend the draft", stage, reason="we are in a hurry")
    assert stage.build().failures[0][0] == "note/revise"


def test_a_page_of_the_team_s_own_is_not_claimed(stage: Stage) -> None:
    stage.write({"docs/note.md": "# Ours\n"})
    refused(RefusedError, "the team's own", "copydesk adopt docs/note.md", stage)
    assert stage.text("docs/note.md") == "# Ours\n"


def test_a_page_edited_since_its_approval_is_not_overwritten(stage: Stage) -> None:
    app.approve(stage.root, ["note"], by="editor", reason="tested")
    stage.write({"docs/note.md": stage.text("docs/note.md") + "\nAdded in docs.\n"})
    stage.edit(COPY, "It says one thing.", "It says something else.")
    refused(RefusedError, "edited by hand", "copydesk adopt docs/note.md", stage)
    with pytest.raises(RefusedError, match="edited by hand"):
        app.withdraw(stage.root, "docs/note.md", by="editor")
    assert "Added in docs." in stage.text("docs/note.md")


def test_a_page_of_another_brief_is_not_claimed(stage: Stage) -> None:
    app.approve(stage.root, ["note"], by="editor", reason="tested")
    stage.write({"content_briefs/note.md": BRIEF.replace("---\nIt", "deliverables: [{page: elsewhere}]\n---\nIt")})
    stage.write({"content_briefs/other.md": BRIEF.replace("---\nIt", "deliverables: [{page: note}]\n---\nIt")})
    stage.build()
    refused(RefusedError, "belongs to the brief note", "copydesk withdraw docs/note.md", stage, "other")


def test_a_page_that_went_to_another_brief_is_not_taken_back(stage: Stage) -> None:
    app.approve(stage.root, ["note"], by="editor", reason="tested")
    app.withdraw(stage.root, "docs/note.md", by="editor")
    moved = BRIEF.replace("---\nIt", "deliverables: [{page: elsewhere}]\n---\nIt")
    stage.write({"content_briefs/note.md": moved})
    stage.write({"content_briefs/other.md": BRIEF.replace("---\nIt", "deliverables: [{page: note}]\n---\nIt")})
    stage.build()
    app.approve(stage.root, ["other"], by="editor", reason="tested")
    theirs = stage.text("docs/note.md")
    stage.write({"content_briefs/note.md": BRIEF, "content_briefs/third.md": moved.replace("elsewhere", "third")})
    stage.build()
    refused(RefusedError, "belongs to the brief other", "copydesk withdraw docs/note.md", stage, "third", "note")
    assert stage.text("docs/note.md") == theirs


def test_two_briefs_approved_at_once_do_not_share_a_page(stage: Stage) -> None:
    stage.write({"content_briefs/other.md": BRIEF.replace("---\nIt", "deliverables: [{page: note}]\n---\nIt")})
    stage.build()
    with pytest.raises(RefusedError, match="belongs to the brief other"):
        app.approve(stage.root, ["other/revise", "note/outline", "note/revise"], by="editor", reason="tested")
    assert verbs(stage) == ["approved"]


class Writing(disk.System):
    """A disk on which somebody saves a file as the first write of ours is made."""

    def __init__(self, path: Path, text: str) -> None:
        self.path, self.text = path, text

    def write(self, descriptor: int, data: bytes) -> None:
        if self.text:
            self.path.write_text(self.text)
            self.text = ""
        super().write(descriptor, data)


def test_a_save_in_docs_while_its_page_is_approved_stays(stage: Stage) -> None:
    app.approve(stage.root, ["note"], by="editor", reason="tested")
    page = stage.root / "docs/note.md"
    stage.edit(COPY, "It says one thing.", "It says something else.")
    with disk.using(Writing(page, page.read_text() + "\nAdded in docs.\n")):
        app.approve(stage.root, ["note"], by="editor", reason="tested")
    assert "Added in docs." in page.read_text()
    assert "It says something else." in page.read_text()


def test_a_page_of_the_team_s_that_comes_while_one_is_approved_stays(stage: Stage) -> None:
    page = stage.root / "docs/note.md"
    page.parent.mkdir()
    with disk.using(Writing(page, "# Ours\n")):
        app.approve(stage.root, ["note"], by="editor", reason="tested")
    assert page.read_text() == "# Ours\n"


@pytest.mark.parametrize("folder", [False, True])
def test_a_draft_that_leads_out_of_the_workspace_is_refused(stage: Stage, tmp_path: Path, *, folder: bool) -> None:
    outside = tmp_path.with_name(f"{tmp_path.name}-outside")
    outside.mkdir()
    (outside / "note.md").write_text("Of somebody else.\n")
    copy = stage.root / COPY
    if folder:
        copy.parent.rename(stage.root / "drafts/other")
        copy.parent.symlink_to(outside)
    else:
        copy.unlink()
        copy.symlink_to(outside / "note.md")
    refused(UnsafePathError, "leads out of", "", stage)


def test_a_step_that_is_no_page_is_approved_too(stage: Stage) -> None:
    (event,) = app.approve(stage.root, ["note/outline"], by="editor", reason="tested")
    assert (event.path, event.text) == ("", stage.text("drafts/note/steps/outline.md"))


def test_a_broken_config_stops_every_decision(stage: Stage) -> None:
    stage.write({"copydesk.yml": "rols: {}\n"})
    refused(BrokenError, "broken", "", stage)


def test_withdrawing_removes_the_page_and_gives_the_path_back(stage: Stage) -> None:
    with pytest.raises(UsageError, match="no such page"):
        app.withdraw(stage.root, "note", by="editor")
    app.approve(stage.root, ["note"], by="editor", reason="tested")
    assert app.withdraw(stage.root, "note", by="editor").path == "docs/note.md"
    assert not (stage.root / "docs/note.md").exists()
    stage.write({"docs/note.md": "# Ours\n"})
    refused(RefusedError, "the team's own", "copydesk adopt", stage)


def test_withdrawing_a_page_whose_file_is_gone_is_enough(stage: Stage) -> None:
    app.approve(stage.root, ["note"], by="editor", reason="tested")
    (stage.root / "docs/note.md").unlink()
    assert app.withdraw(stage.root, "docs/note.md", by="editor").verb == "withdrew"


def test_a_withdrawal_cut_short_is_finished_by_asking_again(stage: Stage) -> None:
    app.approve(stage.root, ["note"], by="editor", reason="tested")
    page = stage.root / "docs/note.md"
    with disk.using(Dying(page, page.read_text())), pytest.raises(Killed):
        app.withdraw(stage.root, "docs/note.md", by="editor")
    assert not page.exists()
    assert app.withdraw(stage.root, "docs/note.md", by="editor").verb == "withdrew"
    assert [path for path in stage.files("docs") if ".kept~" not in path] == []


def test_an_edit_that_a_withdrawal_cut_short_took_aside_outlives_a_publish(stage: Stage) -> None:
    app.approve(stage.root, ["note"], by="editor", reason="tested")
    page = stage.root / "docs/note.md"
    edited = page.read_text() + "\nSaved at the last moment.\n"
    stage.write({"copydesk.yml": "site: {renderer: none, pages-dir: public}\n"})
    with disk.using(Dying(page, edited)), pytest.raises(Killed):
        app.withdraw(stage.root, "docs/note.md", by="editor")
    app.publish(stage.root)
    assert page.exists()
    with pytest.raises(RefusedError, match="edited by hand"):
        app.withdraw(stage.root, "docs/note.md", by="editor")
    assert page.read_text() == edited


class Killed(BaseException):
    """The process dies here."""


class Dying(disk.System):
    """A disk on which somebody saves a page just before it is renamed, and the process dies after that."""

    def __init__(self, page: Path, text: str) -> None:
        self.page, self.text, self.dead = page, text, False

    def _tick(self) -> None:
        if self.dead:
            raise Killed

    def rename(self, old: Path, new: Path) -> None:
        self._tick()
        if old == self.page:
            self.page.write_text(self.text)
            self.dead = True
        super().rename(old, new)

    def link(self, old: Path, new: Path) -> None:
        self._tick()
        super().link(old, new)

    def unlink(self, path: Path) -> None:
        self._tick()
        super().unlink(path)


class Saving(disk.System):
    """A disk on which somebody saves a page just before it is renamed."""

    def __init__(self, page: Path) -> None:
        self.page = page

    def rename(self, old: Path, new: Path) -> None:
        if old == self.page:
            self.page.write_text("Saved at the last moment.\n")
        super().rename(old, new)


def test_a_save_while_a_page_is_withdrawn_stays(stage: Stage) -> None:
    app.approve(stage.root, ["note"], by="editor", reason="tested")
    page = stage.root / "docs/note.md"
    with disk.using(Saving(page)), pytest.raises(RefusedError, match="edited by hand"):
        app.withdraw(stage.root, "docs/note.md", by="editor")
    assert page.read_text() == "Saved at the last moment.\n"
    assert verbs(stage) == ["approved"]


def test_a_send_back_needs_a_note_and_one_page(stage: Stage) -> None:
    with pytest.raises(UsageError, match="with a note"):
        app.send_back(stage.root, "note", note=" ", by="editor")
    event = app.send_back(stage.root, "note", note="Shorter.", by="editor")
    assert (event.path, event.step, event.note) == ("docs/note.md", "revise", "Shorter.")
    stage.write({"content_briefs/two.md": TWO})
    with pytest.raises(UsageError, match="several pages") as caught:
        app.send_back(stage.root, "two", note="Shorter.", by="editor")
    assert "docs/two.md, outbox/two/two.email.md" in str(caught.value)
    assert app.send_back(stage.root, "note/outline", note="Other order.", by="editor").path == ""


def test_a_retry_is_of_a_step_that_a_model_makes(stage: Stage) -> None:
    event = app.retry(stage.root, "note", note="Shorter.", by="editor")
    assert (event.step, event.note, event.fresh) == ("revise", "Shorter.", False)
    stage.write({"content_briefs/hand.md": "---\ntitle: T\nsteps: [{id: words, uses: human/write}]\n---\nB.\n"})
    with pytest.raises(UsageError, match="a person's step"):
        app.retry(stage.root, "hand/words", by="editor")


def test_an_email_is_approved_into_the_outbox(stage: Stage) -> None:
    stage.write({"content_briefs/two.md": TWO})
    stage.build()
    events = app.approve(stage.root, ["two"], by="editor", reason="tested")
    assert [event.path for event in events] == ["docs/two.md", "outbox/two/two.email.md"]
    assert "subject:" in stage.text("outbox/two/two.email.md")


def test_the_person_is_git_s_or_the_login_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "config", "user.name", "A Name"], cwd=tmp_path, check=True)
    assert person(tmp_path) == "A Name"
    subprocess.run(["git", "config", "user.name", ""], cwd=tmp_path, check=True)
    monkeypatch.setenv("USER", "login")
    assert person(tmp_path) == "login"
    for name in ("USER", "LOGNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="a person's name"):
        person(tmp_path)


@pytest.mark.parametrize("by", ["", "  ", "Ann\nBob", "Ann\x1b[31m"])
def test_a_decision_has_a_name_that_can_be_told_in_a_line(by: str, stage: Stage) -> None:
    for decide in (
        lambda: app.approve(stage.root, ["note"], by=by),
        lambda: app.send_back(stage.root, "note", note="Shorter.", by=by),
        lambda: app.withdraw(stage.root, "note", by=by),
    ):
        with pytest.raises(UsageError, match="--by NAME"):
            decide()
    assert verbs(stage) == []


def test_words_brought_home_that_fit_nowhere_stop_the_approval(stage: Stage) -> None:
    app.approve(stage.root, ["note"], by="editor", reason="tested")
    page = stage.text("docs/note.md")
    stage.edit(COPY, "It says one thing.", "It says a first thing.")
    stage.write({"docs/note.md": page.replace("It says one thing.", "It says a second thing.")})
    app.adopt(stage.root, "docs/note.md", by="editor")

    (offered,) = app.suggestions(stage.root, "docs/note.md")
    assert (offered.origin, "a second thing" in offered.suggestion.theirs) == ("the page's", True)
    refused(RefusedError, "1 place of the page", "copydesk suggestions docs/note.md", stage)
    stage.edit(COPY, "It says a first thing.", "It says a second thing.")
    assert app.suggestions(stage.root, "docs/note.md") == ()
    (event,) = app.approve(stage.root, ["note"], by="editor", reason="tested")
    assert "a second thing" in (event.text or "")
    assert app.approve(stage.root, ["note"], by="editor", reason="told better")[0].reason == "told better"
    stage.edit(COPY, "It says a second thing.", "It says a fourth thing.")
    stage.write({"docs/note.md": page.replace("It says one thing.", "It says a third thing.")})
    app.adopt(stage.root, "docs/note.md", by="editor")
    refused(RefusedError, "1 place of the page", "or delete docs/note.md", stage)
    (stage.root / "docs/note.md").unlink()
    assert app.approve(stage.root, ["note"], by="editor", reason="told better")[0].reason == "told better"


def test_an_approval_wants_a_digest_behind_its_mark_and_terms_that_can_be_read(stage: Stage) -> None:
    refused(UsageError, "a digest is missing", "leave the @ away", stage, "note@")
    stage.write({"brand/terms.yml": "banned: {unlock\n"})
    refused(BrokenError, "the terms cannot be used", "--reason", stage, reason="   ")
    assert app.approve(stage.root, ["note"], by="editor", reason="tested")
