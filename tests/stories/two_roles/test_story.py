"""A page that two roles must approve: it is live once both have, of the same bytes, wherever each of them sat."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator import app
from generator.cli.lines import approved_lines
from generator.errors import UsageError
from tests.stories.stage import Stage

COPY, PAGE, LIVE = "drafts/note/note.md", "docs/note.md", "public/note.md"
TEXT = "# What it costs\n\nA seat costs 49 EUR.\n"


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage.begin(tmp_path, __file__)
    stage.write({COPY: TEXT, "docs/index.md": "# Ours\n"})
    stage.build()
    return stage


def row(stage: Stage) -> tuple[str, str, tuple[str, ...]]:
    (page,) = app.status(stage.root).pages
    return page.status, page.needs, page.awaits


def live(stage: Stage) -> tuple[str, ...]:
    return app.publish(stage.root).published


def test_a_page_is_live_once_every_role_has_approved_it(stage: Stage) -> None:
    (first,) = app.approve(stage.root, ["note"], by="ada", checked=["sources"])
    assert (first.mode, first.roles, first.needed, first.checked) == (
        "partly", ("product",), ("product", "legal"), ("sources",),
    )  # fmt: skip
    assert approved_lines([first], ("accuracy", "sources")) == [
        "Approved docs/note.md for product, by ada",
        "Note: legal (bo, cy) is still to approve: copydesk approve docs/note.md --by bo",
        "Not checked: accuracy (--checked ITEM, or --checked all, records what you checked)",
        "Next: copydesk approve docs/note.md --by bo",
    ]
    assert row(stage) == ("drafted", "copydesk approve docs/note.md --by NAME", ("legal (bo, cy)",))
    assert not (stage.root / PAGE).exists()
    assert live(stage) == ()
    assert ("docs/note.md", "legal (bo, cy) did not approve it yet") in [
        each[:2] for each in app.publish(stage.root).refused
    ]
    assert app.approve(stage.root, ["note"], by="ada", checked=["sources"])[0].id == first.id, "twice is once"

    (second,) = app.approve(stage.root, ["note"], by="bo", checked=["all"])
    assert (second.mode, second.roles, second.checked) == ("", ("legal",), ("accuracy", "sources"))
    assert stage.text(PAGE).endswith("A seat costs 49 EUR.\n")
    assert (row(stage)[0], live(stage)) == ("approved", (PAGE,))
    lines = [each.line for each in app.history(stage.root, "note")]
    assert any("for legal, checked: accuracy, sources" in line for line in lines)


def test_one_person_may_hold_both_roles_and_another_none(stage: Stage) -> None:
    (none,) = app.approve(stage.root, ["note"], by="dee")
    assert (none.mode, none.roles) == ("partly", ())
    assert none.notes == (
        "product (ada, cy), legal (bo, cy) are still to approve: copydesk approve docs/note.md --by ada",
    )
    assert app.approve(stage.root, ["note"], by="cy")[0].mode == ""
    assert live(stage) == (PAGE,)


def test_a_change_needs_all_of_them_again_and_the_old_bytes_stay_up(stage: Stage) -> None:
    app.approve(stage.root, ["note"], by="cy")
    stage.edit(COPY, "49 EUR", "59 EUR")
    app.approve(stage.root, ["note"], by="ada")
    assert "49 EUR" in stage.text(PAGE)
    assert live(stage) == (PAGE,)
    assert "49 EUR" in stage.text(LIVE)
    app.approve(stage.root, ["note"], by="bo")
    assert live(stage) == (PAGE,)
    assert "59 EUR" in stage.text(LIVE)


def test_a_send_back_wins_until_every_role_has_answered_it(stage: Stage) -> None:
    app.approve(stage.root, ["note"], by="ada")
    app.send_back(stage.root, "note", note="Say for how long.", by="bo")
    app.approve(stage.root, ["note"], by="bo")
    assert row(stage)[2] == ("product (ada, cy)",), "ada approved before it was sent back"
    assert row(stage)[0] != "approved"
    assert live(stage) == (), "who approved before it was sent back has not answered"
    app.approve(stage.root, ["note"], by="ada")
    assert row(stage)[0] == "approved"
    assert live(stage) == (PAGE,)


def test_two_clones_make_it_whole_together(stage: Stage) -> None:
    app.approve(stage.root, ["note"], by="cy")
    stage.begin_git()
    there = stage.clone("there")
    for each, who in ((stage, "ada"), (there, "bo")):
        each.edit(COPY, "49 EUR", "59 EUR")
        app.approve(each.root, ["note"], by=who)
        assert "49 EUR" in each.text(PAGE)
    stage.pull(there)
    assert row(stage)[0] == "approved"
    published = app.publish(stage.root)
    assert (published.restored, published.refused) == ((PAGE,), ()), "neither clone had put it in place"
    assert "59 EUR" in stage.text(PAGE)
    assert "59 EUR" in stage.text(LIVE)


def test_different_bytes_in_two_clones_are_whole_for_neither(stage: Stage) -> None:
    stage.begin_git()
    there = stage.clone("there")
    app.approve(stage.root, ["note"], by="ada")
    there.edit(COPY, "49 EUR", "59 EUR")
    app.approve(there.root, ["note"], by="bo")
    stage.commit("Mine")
    there.commit("Theirs")
    stage.git("pull", "-q", "--no-rebase", "--no-edit", str(there.root), "main")
    assert live(stage) == ()


def test_a_role_that_the_brief_names_later_is_told_and_takes_nothing_down(stage: Stage) -> None:
    stage.change("content_briefs/note.md", "approved-by: [product, legal]\n", "")
    app.approve(stage.root, ["note"], by="ada")
    stage.change("content_briefs/note.md", "owner: ada\n", "owner: ada\napproved-by: [legal, press]\n")
    assert row(stage) == (
        "approved",
        "copydesk approve docs/note.md --by NAME",
        ("legal (bo, cy)", "press (nobody in people:)"),
    )
    assert live(stage) == (PAGE,)


def test_what_is_not_on_the_checklist_is_told(stage: Stage) -> None:
    with pytest.raises(UsageError, match="'tone' is not on the checklist") as caught:
        app.approve(stage.root, ["note"], by="ada", checked=["tone"])
    assert caught.value.mend == "There is accuracy, sources."
    assert app.checklist(stage.root) == ("accuracy", "sources")


def test_the_story_ends(stage: Stage) -> None:
    app.approve(stage.root, ["note"], by="ada")
    app.approve(stage.root, ["note"], by="bo")
    live(stage)
    stage.settled()
    stage.ends()
