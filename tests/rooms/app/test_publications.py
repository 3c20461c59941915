"""What reaches the site when history, hands and clones disagree; when a publish may be quick; how edits come home."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from generator import app, disk, store
from generator.app.answers import Published
from generator.app.publications import publish
from generator.errors import BrokenError, RefusedError, UsageError
from generator.model import Event
from tests.stories.stage import Stage

PLAIN = "site_name: Test\ndocs_dir: docs\nsite_dir: site\ntheme: mkdocs\nplugins: []\n"
BRIEF = "---\ntitle: A page\nsteps: [{id: words, uses: draft}]\ndeliverables: [{page: PAGE, from: words}]\n---\nIt says one thing.\n"
PAGE, COPY = "docs/note.md", "drafts/note/note.md"


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """A workspace with one approved page, and a page of the team's."""
    made = Stage(tmp_path)
    made.write({"mkdocs.yml": PLAIN, "docs/index.md": "# Home\n", "content_briefs/note.md": brief("note")})
    made.build()
    app.approve(made.root, ["note"], by="editor", reason="tested")
    return made


def brief(page: str) -> str:
    return BRIEF.replace("PAGE", page)


def site(stage: Stage) -> dict[str, str]:
    top = stage.root / "site"
    return {path.relative_to(top).as_posix(): path.read_text() for path in sorted(top.rglob("*.html"))}


def refusals(published: Published) -> dict[str, tuple[str, str]]:
    return {path: (why, command) for path, why, command in published.refused}


def approve_apart(stage: Stage, name: str, text: str, *, path: str = PAGE, day: str = "") -> Event:
    """Record an approval as another clone would have."""
    event = Event(verb="approved", brief=name, step="words", path=path, by="bo", text=text, publish_on=day)
    return store.record_event(stage.root, event)


def withdraw_apart(stage: Stage, name: str, path: str = PAGE) -> None:
    store.record_event(stage.root, Event(verb="withdrew", brief=name, path=path, by="bo"))


# What is shown ---------------------------------------------------------------------------------------------------


def test_a_page_that_a_brief_delivers_and_nobody_approved_is_kept_out(stage: Stage) -> None:
    stage.write({"content_briefs/next.md": brief("news/next"), "docs/news/next.md": "Written by hand.\n"})
    published = publish(stage.root)
    why, command = refusals(published)["docs/news/next.md"]
    assert ("nobody has approved it" in why, command) == (True, "copydesk adopt docs/news/next.md")
    assert "Written by hand." not in "".join(site(stage).values())

    assert app.adopt(stage.root, "docs/news/next.md", by="bo") == ("drafts/next/next.md",)
    assert stage.text("drafts/next/next.md") == "Written by hand.\n"
    app.approve(stage.root, ["next"], by="editor", reason="tested")
    assert publish(stage.root).refused == ()
    assert "Written by hand." in site(stage)["news/next/index.html"]


@pytest.mark.parametrize(
    "text",
    ["---\ntitle: [\ndeliverables:\n  - page: 'news/next'\n---\n", "---\nno-such-key: x\nworkflow: news\n---\n"],
)
def test_what_a_broken_brief_may_deliver_is_kept_out_too(text: str, stage: Stage) -> None:
    workflow = "name: news\nsteps: [{id: words, uses: draft}]\ndeliverables: [{page: 'news/{brief}', from: words}]\n"
    stage.write({"workflows/news.yml": workflow, "content_briefs/next.md": text})
    stage.write({"docs/news/next.md": "Written by hand.\n", "docs/next.md": "Written by hand.\n"})
    published = publish(stage.root)
    assert {"docs/news/next.md", "docs/next.md"} == set(refusals(published))
    assert "Written by hand." not in "".join(site(stage).values())


@pytest.mark.parametrize("edited", [False, True])
def test_what_lies_under_a_former_name_of_a_page_is_kept_out(stage: Stage, *, edited: bool) -> None:
    old = stage.text(PAGE) + ("\nBo adds a sentence to the old file.\n" if edited else "")
    app.rename(stage.root, PAGE, "letter", by="editor")
    assert publish(stage.root).refused == ()
    stage.write({PAGE: old})

    published = publish(stage.root)

    command = f"copydesk adopt {PAGE}" if edited else f"delete {PAGE}"
    assert refusals(published)[PAGE][1] == command
    assert "docs/letter.md" in refusals(published)[PAGE][0]
    assert set(site(stage)) & {"note/index.html", "letter/index.html"} == {"letter/index.html"}
    if edited:
        (copy,) = app.adopt(stage.root, PAGE, by="bo")
        assert "Bo adds a sentence to the old file." in stage.text(copy)
        assert refusals(publish(stage.root))[PAGE][1] == f"delete {PAGE}"
    (stage.root / PAGE).unlink()
    assert PAGE not in refusals(publish(stage.root))


def test_a_former_name_is_free_again_once_the_page_is_withdrawn(stage: Stage) -> None:
    app.rename(stage.root, PAGE, "letter", by="editor")
    app.withdraw(stage.root, "docs/letter.md", by="editor")
    stage.write({PAGE: "The team's own now.\n"})
    assert PAGE not in refusals(publish(stage.root))
    assert "The team's own now." in site(stage)["note/index.html"]


def test_a_page_withdrawn_in_one_brief_and_approved_in_another_is_shown(stage: Stage) -> None:
    text = stage.text(PAGE)
    for name in ("a-brief", "z-brief"):
        approve_apart(stage, name, text)
        withdraw_apart(stage, name)
    published = publish(stage.root)
    assert (published.published, published.refused) == ((PAGE,), ())
    assert "note/index.html" in site(stage)


def test_two_approvals_of_one_path_that_differ_are_shown_by_neither(stage: Stage) -> None:
    approve_apart(stage, "other", "# Another text\n")
    published = publish(stage.root)
    why, command = refusals(published)[PAGE]
    assert ("note and other" in why, command) == (True, f"copydesk withdraw {PAGE}")
    assert (published.published, "note/index.html" in site(stage)) == ((), False)
    withdraw_apart(stage, "other")
    assert publish(stage.root).published == (PAGE,)


def test_two_approvals_of_the_same_bytes_are_one_page_from_the_later_day_on(stage: Stage) -> None:
    text = stage.text(PAGE)
    approve_apart(stage, "other", text, day="2031-03-04")
    assert refusals(publish(stage.root, today=date(2031, 3, 1)))[PAGE][0] == "it is kept out until 2031-03-04"
    assert publish(stage.root, today=date(2031, 3, 4)).published == (PAGE,)


def test_what_was_withdrawn_and_lies_there_still_is_named(stage: Stage) -> None:
    text = stage.text(PAGE)
    app.withdraw(stage.root, PAGE, by="editor")
    (stage.root / "content_briefs/note.md").unlink()
    stage.write({PAGE: text})
    assert refusals(publish(stage.root))[PAGE] == ("it was withdrawn, and its file still lies there", f"delete {PAGE}")
    stage.write({PAGE: "The team's own now.\n"})
    assert publish(stage.root).refused == ()
    assert "The team's own now." in site(stage)["note/index.html"]


def test_an_email_left_under_the_former_name_of_its_brief_is_named(stage: Stage) -> None:
    email = brief("mail").replace("page: mail", "email: mail")
    stage.write({"content_briefs/mail.md": email})
    stage.build()
    app.approve(stage.root, ["mail"], by="editor", reason="tested")
    old, text = "outbox/mail/mail.email.md", stage.text("outbox/mail/mail.email.md")
    app.rename(stage.root, "mail", "post", by="editor")
    stage.write({old: text})
    assert refusals(publish(stage.root))[old][1] == f"delete {old}"


@pytest.mark.parametrize("target", ["/", "nowhere"])
def test_a_symlink_under_a_former_name_is_named(target: str, stage: Stage) -> None:
    app.rename(stage.root, PAGE, "letter", by="editor")
    (stage.root / PAGE).symlink_to(target)
    assert refusals(publish(stage.root))[PAGE][1] == f"copydesk adopt {PAGE}"


def test_a_rename_cut_short_shows_the_page_once(stage: Stage) -> None:
    store.record_rename(stage.root, "page", PAGE, "docs/letter.md", brief="note", by="editor")
    published = publish(stage.root)
    assert (published.published, published.restored) == (("docs/letter.md",), ("docs/letter.md",))
    assert refusals(published)[PAGE][1] == f"delete {PAGE}"
    assert "note/index.html" not in site(stage)


def test_a_page_sent_back_in_another_clone_is_named_with_the_note(stage: Stage) -> None:
    history = store.read_history(stage.root, "note")
    folder = stage.root / "history/note"
    approved = [event for event in history.events if event.verb == "approved"]
    kept = {path: path.read_bytes() for path in folder.iterdir() if path.stem == approved[0].id}
    for path in kept:
        path.unlink()
    app.send_back(stage.root, "note", note="Shorter.", by="bo")
    for path, raw in kept.items():
        path.write_bytes(raw)
    assert refusals(publish(stage.root))[PAGE] == ("it was sent back: Shorter.", f"copydesk approve {PAGE}")
    assert "note/index.html" not in site(stage)


def test_a_docs_folder_that_leads_to_the_drafts_publishes_nothing(stage: Stage) -> None:
    (stage.root / "docs").rename(stage.root / "pages")
    (stage.root / "docs").symlink_to("drafts")
    with pytest.raises(RefusedError, match="docs/ is a symlink"):
        publish(stage.root)
    assert site(stage) == {}
    assert not (stage.root / "drafts/note.md").exists()


def test_without_a_renderer_pages_go_to_a_folder_of_their_own(stage: Stage) -> None:
    stage.write({"copydesk.yml": "site: {renderer: none, pages-dir: docs}\n"})
    with pytest.raises(BrokenError, match="pages-dir: public"):
        publish(stage.root)
    stage.write({"copydesk.yml": "site: {renderer: none}\n"})
    assert publish(stage.root).site == "pages"


# Decisions made meanwhile ----------------------------------------------------------------------------------------


class Meanwhile(disk.System):
    """A disk on which somebody decides something whenever a folder of staged pages is made."""

    def __init__(self, decide: Callable[[], None], times: int) -> None:
        self.decide, self.left = decide, times

    def make_folder(self, path: Path) -> None:
        super().make_folder(path)
        if path.name == "docs" and path.parent.name.startswith("publish-") and self.left:
            self.left -= 1
            with disk.using(disk.System()):
                self.decide()


@pytest.mark.parametrize("day", ["publish-on: 2099-01-01\n", ""])
def test_a_page_approved_while_pages_are_staged_is_not_the_team_s_own(day: str, stage: Stage) -> None:
    stage.write({"content_briefs/next.md": brief("next").replace("steps:", f"{day}steps:")})
    stage.build()
    stage.add("drafts/next/next.md", "Not to be seen before its day.")

    def decide() -> None:
        app.approve(stage.root, ["next"], by="editor", reason="tested")
        assert (stage.root / "docs/next.md").exists()

    with disk.using(Meanwhile(decide, 1)):
        published = publish(stage.root)

    assert ("Not to be seen before its day." in "".join(site(stage).values())) is not bool(day)
    assert ("docs/next.md" in published.published) is not bool(day)


def test_a_publish_amid_decisions_without_end_is_refused(stage: Stage) -> None:
    publish(stage.root)
    before = site(stage)
    stage.write({"docs/index.md": "# Another home\n"})

    def decide() -> None:
        app.retry(stage.root, "note", note="again", by="editor")

    with disk.using(Meanwhile(decide, 99)), pytest.raises(RefusedError, match="all the while"):
        publish(stage.root)
    assert site(stage) == before


# When a publish may be quick -------------------------------------------------------------------------------------

THEME = PLAIN.replace("theme: mkdocs", "theme: {name: mkdocs, custom_dir: look}\nhooks: [hook.py]")
INPUTS = {
    "mkdocs.yml": f"INHERIT: shared/base.yml\n{THEME}",
    "shared/base.yml": "site_author: A\n",
    "hook.py": "",
    "look/404.html": "none",
    "media/one.md": "# One\n",
    "workflows/mine.yml": "name: mine\nsteps: [{id: words, uses: draft}]\n",
}


@pytest.mark.parametrize(
    "path", ["shared/base.yml", "hook.py", "look/404.html", "look/new.html", "media/one.md", "media/new.md",
             "workflows/mine.yml", "docs/index.md", "mkdocs.yml", PAGE]
)  # fmt: skip
def test_whatever_a_site_hangs_on_is_looked_at(path: str, stage: Stage) -> None:
    stage.write(INPUTS)
    (stage.root / "docs/media").symlink_to(stage.root / "media")
    time.sleep(0.1)  # until a stamp can be trusted
    assert publish(stage.root).built
    assert not publish(stage.root).built
    stage.write({path: (stage.text(path) if (stage.root / path).exists() else "") + "\n"})
    assert publish(stage.root).built


def test_a_site_that_hangs_on_the_environment_is_built_each_time(stage: Stage) -> None:
    stage.write({"mkdocs.yml": f"{PLAIN}site_author: !ENV [NO_SUCH_VARIABLE, A]\n"})
    time.sleep(0.1)
    assert [publish(stage.root).built for _ in range(2)] == [True, True]


def test_what_changes_while_a_site_is_built_is_looked_at_again(stage: Stage) -> None:
    stage.write(INPUTS)

    def save() -> None:
        os.utime(stage.root / "look/404.html")

    time.sleep(0.1)
    with disk.using(Meanwhile(save, 1)):
        publish(stage.root)
    assert publish(stage.root).built


def test_a_site_that_is_gone_or_whose_day_has_come_is_built(stage: Stage) -> None:
    approve_apart(stage, "other", "# Later\n", path="docs/later.md", day="2031-03-04")
    time.sleep(0.1)
    before, on = date(2031, 3, 1), date(2031, 3, 4)
    assert publish(stage.root, today=before).built
    assert not publish(stage.root, today=before).built
    assert publish(stage.root, today=on).restored == ("docs/later.md",)
    publish(stage.root, today=on)
    (stage.root / "site").rename(stage.root / "elsewhere")
    assert publish(stage.root, today=on).built


# Edits that come home --------------------------------------------------------------------------------------------


def test_adopting_what_is_no_page_is_refused(stage: Stage) -> None:
    with pytest.raises(UsageError, match="no such page"):
        app.adopt(stage.root, "nowhere", by="bo")
    with pytest.raises(RefusedError, match="as it was approved"):
        app.adopt(stage.root, PAGE, by="bo")
    stage.write({"outbox/x.md": "A note.\n", "docs/Über uns.md": "Own.\n"})
    with pytest.raises(UsageError, match="only pages"):
        app.adopt(stage.root, "outbox/x.md", by="bo")
    with pytest.raises(RefusedError, match="no brief can be called"):
        app.adopt(stage.root, "docs/Über uns.md", by="bo")


def test_adopting_a_page_that_its_brief_no_longer_delivers_is_refused(stage: Stage) -> None:
    stage.write({"content_briefs/note.md": brief("other"), PAGE: "Edited.\n"})
    with pytest.raises(RefusedError, match="no longer delivers"):
        app.adopt(stage.root, PAGE, by="bo")


def test_a_page_of_the_team_s_becomes_a_brief_and_waits_for_approval(stage: Stage) -> None:
    stage.write({"docs/guides/tour.md": "# Tour\n\nThe team wrote it.\n"})
    assert app.adopt(stage.root, "guides/tour", by="bo") == (
        "content_briefs/guides-tour.md", "drafts/guides-tour/tour.md",
    )  # fmt: skip
    assert "docs/guides/tour.md" in refusals(publish(stage.root))
    app.approve(stage.root, ["guides-tour"], by="editor", reason="tested")
    assert publish(stage.root).refused == ()


def test_adopting_over_a_draft_of_the_same_name_is_refused(stage: Stage) -> None:
    stage.write({"docs/tour.md": "# Tour\n", "drafts/tour/tour.md": "A person's draft.\n"})
    with pytest.raises(RefusedError, match="another draft"):
        app.adopt(stage.root, "tour", by="bo")
    assert stage.text("drafts/tour/tour.md") == "A person's draft.\n"


def test_an_adopted_page_that_is_edited_again_is_adopted_again(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write({"docs/team.md": "# Team\n\nHello.\n"})
    app.adopt(tmp_path, "docs/team.md", by="editor")
    for edit in ("Once more.", "And again."):
        stage.write({"docs/team.md": stage.text("docs/team.md") + f"\n{edit}\n"})
        with pytest.raises(RefusedError, match=r"copydesk never wrote it|edited by hand"):
            app.approve(tmp_path, ["docs/team.md"], by="editor", reason="tested")
        app.adopt(tmp_path, "docs/team.md", by="editor")
        assert edit in stage.text("drafts/team/team.md")
        assert app.suggestions(tmp_path) == ()
    app.approve(tmp_path, ["docs/team.md"], by="editor", reason="tested")
    assert "Once more.\n\nAnd again." in stage.text("docs/team.md")
