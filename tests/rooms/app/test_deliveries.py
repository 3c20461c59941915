"""What lies in outbox/: approved texts without citations, HTML that follows them, edits that come home."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from generator import app, review, store
from generator.app.deliveries import home_texts
from generator.model import Deliverable
from generator.publishing import is_rendering, render_email
from tests.stories.stage import Stage

BRIEF = """---
title: Tally 3
description: One day, not five.
publish-on: 2020-01-01
steps: [{id: mail, uses: draft}, {id: posts, uses: draft}]
deliverables: [{email: tally, from: mail}, {posts: linkedin, from: posts, count: 2}]
---
It closes in a day.
"""
COPY, MAIL, HTML = "drafts/tally/tally.email.md", "outbox/tally/tally.email.md", "outbox/tally/tally.email.html"
POSTS = "outbox/tally/linkedin.posts.md"
CITED = "# Hello\n\nIt closes in a day [^notes-1]. Nobody waits.\n\nIt costs 49 EUR [^notes-2].\n\n[^notes-1]: notes.md, line 1\n[^notes-2]: notes.md, line 2\n"


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """A workspace whose e-mail and posts are approved."""
    made = Stage(tmp_path)
    made.write({"copydesk.yml": "site: {renderer: none, pages-dir: public}\n", "content_briefs/tally.md": BRIEF})
    made.build()
    made.write(
        {COPY: CITED, "drafts/tally/linkedin.posts.md": "## One\n\nFast [^notes-1].\n\n[^notes-1]: notes.md, line 1\n"}
    )
    app.approve(made.root, ["tally"], by="ada")
    return made


def test_what_is_sent_has_no_citations_and_the_copy_keeps_them(stage: Stage) -> None:
    assert stage.text(MAIL) == (
        '---\nsubject: Tally 3\npreview: "One day, not five."\n---\n\n# Hello\n\nIt closes in a day. Nobody waits.\n\n'
        "It costs 49 EUR.\n"
    )  # fmt: skip
    assert stage.text(POSTS).endswith("---\n\n## One\n\nFast.\n")
    assert stage.text(COPY) == CITED
    assert stage.text(HTML) == render_email(stage.text(MAIL))
    assert not (stage.root / "outbox/tally/linkedin.posts.html").exists()
    assert {each.status for each in app.status(stage.root).pages} == {"approved"}
    assert app.status(stage.root).orphans == ()


def test_a_new_approval_renders_anew_and_leaves_what_a_person_changed(stage: Stage) -> None:
    stage.change(COPY, "Nobody waits.", "Nobody sighs.")
    (event,) = app.approve(stage.root, ["tally/mail"], by="ada")
    assert (event.notes, "Nobody sighs." in stage.text(HTML)) == ((), True)

    edited = stage.text(HTML).replace("Nobody sighs.", "Nobody weeps.")
    stage.write({HTML: edited})
    stage.change(COPY, "Nobody sighs.", "Nobody yawns.")
    (event,) = app.approve(stage.root, ["tally/mail"], by="ada")
    assert event.notes == (f"{HTML} was edited by hand and stays as it is. Move it aside to have it made anew.",)
    assert stage.text(HTML) == edited
    assert store.read_history(stage.root, "tally").events[-1].notes == ()
    (stage.root / HTML).write_bytes(b"\xff\xfe")
    assert app.approve(stage.root, ["tally/mail"], by="ada")[0].notes == event.notes
    assert (stage.root / HTML).read_bytes() == b"\xff\xfe"


def test_publish_restores_and_renews_html_and_names_what_a_person_changed(stage: Stage) -> None:
    stage.write({"content_briefs/note.md": "---\ntitle: A page\n---\nIt says one thing.\n"})
    stage.build()
    app.approve(stage.root, ["note"], by="ada", reason="tested")
    earlier = stage.text(HTML)
    stage.change(COPY, "Nobody waits.", "Nobody sighs.")
    app.approve(stage.root, ["tally/mail"], by="ada")
    (stage.root / HTML).unlink()
    published = app.publish(stage.root)
    assert (published.published, published.ready) == (("docs/note.md",), (POSTS, MAIL))
    assert (published.restored, published.refused, published.notes) == ((HTML,), (), ())
    stage.write({HTML: earlier})
    assert app.publish(stage.root).restored == (HTML,)
    assert "Nobody sighs." in stage.text(HTML)

    stage.write({HTML: earlier + "<!-- mine -->"})
    time.sleep(0.1)
    published = app.publish(stage.root)
    assert published.notes == (f"{HTML} was edited by hand and stays as it is. Move it aside to have it made anew.",)
    again = app.publish(stage.root)
    assert (again.built, again.ready, again.notes) == (False, published.ready, published.notes)
    assert stage.text(HTML) == earlier + "<!-- mine -->"


def test_an_edited_text_is_not_ready_to_send(stage: Stage) -> None:
    stage.write({MAIL: stage.text(MAIL) + "\nOne word more.\n"})
    published = app.publish(stage.root)
    why = "its file was edited by hand; nobody has approved it as it lies there"
    assert (published.ready, published.refused) == ((POSTS,), ((MAIL, why, f"copydesk adopt {MAIL}"),))


def test_what_is_withdrawn_takes_its_html_along_unless_a_person_changed_it(stage: Stage) -> None:
    assert app.withdraw(stage.root, MAIL, by="ada").notes == ()
    assert stage.files("outbox").keys() == {POSTS}
    app.approve(stage.root, ["tally/mail"], by="ada")
    edited = stage.text(HTML) + "<!-- mine -->"
    stage.write({HTML: edited})
    event = app.withdraw(stage.root, MAIL, by="ada")
    assert event.notes == (f"{HTML} was edited by hand and stays where it is.",)
    assert stage.files("outbox").keys() == {POSTS, HTML}
    assert stage.text(HTML) == edited
    assert app.status(stage.root).orphans == ()
    assert MAIL not in review.claims(store.read_history(stage.root, "tally"))


def test_an_edit_comes_home_to_a_copy_that_keeps_its_citations(stage: Stage) -> None:
    text = stage.text(MAIL)
    text = text.replace("Nobody waits.", "Bo says nobody waits.").replace("49 EUR", "59 EUR a seat")
    stage.write({MAIL: text.replace("subject: Tally 3", "subject: Bo knows")})
    stage.change(COPY, "# Hello", "# Hello you")
    assert app.adopt(stage.root, MAIL, by="bo") == (COPY,)
    assert stage.text(COPY) == (
        "---\nsubject: Bo knows\n---\n\n# Hello you\n\nIt closes in a day [^notes-1]. Bo says nobody waits.\n\n"
        "It costs 59 EUR a seat [^notes-2].\n\n[^notes-1]: notes.md, line 1\n[^notes-2]: notes.md, line 2\n"
    )
    assert app.suggestions(stage.root) == ()
    app.approve(stage.root, ["tally/mail"], by="ada")
    assert "subject: Bo knows\npreview: " in stage.text(MAIL)
    assert "# Hello you\n\nIt closes in a day. Bo says nobody waits.\n\nIt costs 59 EUR a seat.\n" in stage.text(MAIL)
    assert is_rendering(stage.text(HTML))


def test_an_edit_of_what_was_changed_in_the_copy_too_is_a_suggestion(stage: Stage) -> None:
    stage.write({MAIL: stage.text(MAIL).replace("Nobody waits.", "Bo says nobody waits.")})
    stage.change(COPY, "Nobody waits.", "Ada says nobody waits.")
    app.adopt(stage.root, MAIL, by="bo")
    assert "It closes in a day [^notes-1]. Ada says nobody waits." in stage.text(COPY)
    (event,) = [each for each in store.read_history(stage.root, "tally").events if each.verb == "wrote"]
    assert event.text == stage.text(MAIL)
    assert [each.theirs for each in event.suggestions] == ["Bo says nobody waits."]


KNOWN = frozenset({"notes-1", "notes-2", "a-1"})
MAILING = Deliverable(kind="email", name="tally", step="mail")
PAGE = Deliverable(kind="page", name="tally", step="page")


def test_fields_that_only_the_brief_gave_are_not_the_copys_unless_they_were_edited() -> None:
    base = "---\ntitle: A\nlang: de\ntags:\n  - x\n---\nWords.\n"
    theirs = base.replace("title: A", "title: B")

    assert home_texts(PAGE, base, theirs, "---\nlang: de\n---\nWords.\n", KNOWN) == (
        "---\nlang: de\n---\nWords.\n", "---\ntitle: B\nlang: de\n---\nWords.\n",
    )  # fmt: skip
    assert home_texts(PAGE, base, base, "Words.\n", KNOWN) == ("Words.\n", "Words.\n")
    assert home_texts(PAGE, base, "Words.\n", base, KNOWN) == (base, "Words.\n")
    assert home_texts(PAGE, "Words.\n", theirs, "Words.\n", KNOWN) == ("Words.\n", theirs)
    assert home_texts(PAGE, "---\n---\nWords.\n", theirs, "Words.\n", KNOWN)[0] == "---\n---\nWords.\n"


def test_a_text_that_was_approved_with_citations_is_merged_as_it_is() -> None:
    edited = CITED.replace("Nobody", "Somebody")
    assert home_texts(MAILING, CITED, edited, CITED, KNOWN) == (CITED, edited)
    assert home_texts(PAGE, "Hi.\n", "Ho.\n", "Hi [^a-1].\n", KNOWN) == ("Hi.\n", "Ho.\n")
    assert home_texts(MAILING, "Hi.\n", "Ho.\n", "Hi [^a-1].\n", KNOWN) == ("Hi [^a-1].\n", "Ho [^a-1].\n")


def test_texts_that_cannot_be_compared_are_merged_as_they_are() -> None:
    base, theirs = "a b " * 7000, "b a " * 7000
    assert home_texts(MAILING, base, theirs, f"{base}[^a-1]", KNOWN) == (base, theirs)


def test_a_text_whose_draft_has_changed_is_not_ready_to_send(stage: Stage) -> None:
    assert MAIL in app.publish(stage.root).ready
    stage.change(COPY, "Nobody waits.", "Nobody sighs.")
    published = app.publish(stage.root)
    assert MAIL not in published.ready
    assert [note for note in published.notes if MAIL in note] == [
        f"{MAIL} is not ready to send: its draft has changed since (copydesk approve {MAIL})."
    ]
