"""Every built-in workflow, from a brief that `new` writes to the site, with no model; and pages brought up to date."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from generator import app
from generator.errors import BrokenError, RefusedError, UsageError
from tests.stories.stage import Stage

FLOWS = {flow.name: flow for flow in app.workflows(Path(__file__).parent)}
PLAIN = "site: {renderer: none, pages-dir: public}\n"
SOURCES = {
    "sources/thursdays.md": "# Trial\n\nThe room stays open until 21:00 on Thursdays.\n\nIt cost 50 EUR a week.\n",
    "sources/visitors.csv": "week,visitors\n1,14\n2,19\n",
}
PAGE = "---\ntitle: The reading room\n---\n# The reading room\n\nIt closes at 18:00.\n"


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    app.init(tmp_path)
    stage = Stage(tmp_path)
    stage.write({"copydesk.yml": PLAIN, **SOURCES})
    return stage


def begin(stage: Stage, name: str, *, sources: tuple[str, ...] = ("thursdays.md", "visitors.csv")) -> None:
    inputs = dict.fromkeys((key for key, _ in app.wanted(stage.root, name)), "Acme")
    app.new(
        stage.root, name, "late", {"audience": "readers", "goal": "come on a Thursday", "sources": sources, **inputs}
    )
    if name == "refresh":
        stage.write({"drafts/late/steps/page.md": "# Hours\n\nWe close at 18:00.\n"})
        app.approve(stage.root, ["late/page"], by="ada")


@pytest.mark.parametrize("sources", [("thursdays.md", "visitors.csv"), ()], ids=["sourced", "bare"])
@pytest.mark.parametrize("name", FLOWS)
def test_a_workflow_goes_from_new_to_the_site(name: str, sources: tuple[str, ...], stage: Stage) -> None:
    begin(stage, name, sources=sources)
    assert [each for each in app.check(stage.root) if each.path.startswith("content_briefs/")] == []
    planned = app.plan(stage.root)
    assert planned.broken == ()
    assert {each.action for each in planned.steps} <= {"make", "maybe", "reuse"}

    built = stage.build()
    delivered = FLOWS[name].delivers
    assert (built.exit_code, built.failed, built.waiting, built.blocked) == (0, 0, 0, 0)
    assert len(built.deliverables) == len(delivered)
    assert stage.build().made == 0
    assert not [each for each in app.check(stage.root) if each.level == "error" and each.code != "D002"]

    app.approve(stage.root, ["late"], by="ada", reason="A skeleton, and a trial.")
    published = app.publish(stage.root)
    pages = tuple("docs/late.md" for each in delivered if each.startswith("a page"))
    assert (published.published, published.refused) == (pages, ())
    assert {each.status for each in app.status(stage.root).pages} == {"approved"}
    assert len([path for path in stage.files("outbox") if path.endswith(".md")]) == len(delivered) - len(pages)


def test_each_product_is_researched_in_its_own_sources(stage: Stage) -> None:
    begin(stage, "comparison")
    stage.build()
    one, other = (stage.text(f"drafts/late/steps/research.{name}.md") for name in ("thursdays", "visitors"))
    assert ("[^thursdays-1]" in one, "[^visitors-1]" in one) == (True, False)
    assert ("[^thursdays-1]" in other, "[^visitors-1]" in other) == (False, True)


def test_a_refreshed_page_keeps_its_words(stage: Stage) -> None:
    begin(stage, "refresh")
    stage.build()
    assert "We close at 18:00." in stage.text("drafts/late/late.md")


def test_what_new_cannot_use_is_refused_before_anything_is_written(stage: Stage) -> None:
    for sources, told in (("thursday.md",), "Did you mean `thursdays.md`?"), (("../x.md",), "relative path"):
        with pytest.raises(UsageError, match=re.escape(told)):
            app.new(stage.root, "article", "late", {"sources": sources})
    stage.write({"brand/thursdays.md": "x\n"})
    with pytest.raises(UsageError, match="stands for two files"):
        app.new(stage.root, "comparison", "late", {"sources": ("thursdays.md", "brand/thursdays.md")})
    with pytest.raises(UsageError, match="asks for `customer`"):
        app.new(stage.root, "case-study", "late", {})
    assert stage.files("content_briefs") == {}


def test_an_adopted_page_is_the_material_of_its_refresh_and_stays_up_until_that_is_approved(stage: Stage) -> None:
    stage.write({"copydesk.yml": "", "docs/rooms/reading.md": PAGE})
    site = "site/rooms/reading/index.html"
    created = app.adopt(stage.root, "docs/rooms/reading.md", by="ada", workflow="refresh", sources=("thursdays.md",))
    assert created == ("content_briefs/rooms-reading.md", "drafts/rooms-reading/steps/page.md")
    assert stage.text("drafts/rooms-reading/steps/page.md") == PAGE
    assert app.check(stage.root) == ()
    assert stage.build().waiting == 0
    assert app.publish(stage.root).refused == ()
    assert "It closes at 18:00." in stage.text(site)

    stage.change("drafts/rooms-reading/steps/page.md", "18:00", "19:00")
    assert [each[0] for each in stage.build().waits] == ["rooms-reading/page"]
    app.approve(stage.root, ["rooms-reading/page"], by="ada")
    stage.build()
    app.approve(stage.root, ["rooms/reading"], by="ada", reason="A skeleton.")
    assert app.publish(stage.root).published == ("docs/rooms/reading.md",)
    assert "It closes at 19:00." in stage.text(site)


def test_a_page_that_changed_after_it_was_adopted_is_kept_out_until_somebody_decides(stage: Stage) -> None:
    stage.write({"docs/own.md": PAGE})
    app.adopt(stage.root, "docs/own.md", by="ada", workflow="refresh")
    stage.write({"docs/own.md": PAGE + "\nBo adds a line.\n"})
    assert [path for path, _, _ in app.publish(stage.root).refused] == ["docs/own.md"]


def test_what_cannot_be_adopted_into_a_workflow_is_refused_before_anything_is_written(stage: Stage) -> None:
    stage.write({"docs/own.md": PAGE})
    for workflow, sources, told in (
        ("refersh", (), "no workflow `refersh`"), ("article", (), "no step `page`"),
        ("refresh", ("thursday.md",), "Did you mean `thursdays.md`?"),
    ):  # fmt: skip
        with pytest.raises((UsageError, BrokenError), match=re.escape(told)):
            app.adopt(stage.root, "own", by="ada", workflow=workflow, sources=sources)
    assert stage.files("content_briefs", "drafts", "history") == {}
    app.adopt(stage.root, "own", by="ada", workflow="refresh", sources=("thursdays.md",))
    with pytest.raises(RefusedError, match="belongs to the brief own"):
        app.adopt(stage.root, "own", by="ada", workflow="refresh")


def test_a_newsletter_tells_every_piece_of_news_in_whole_sentences(stage: Stage) -> None:
    news = (
        "The user meeting in Graz is on 4 December 2026 in the old post office, from 14:00 to 17:30.",
        "Three seats are left. Sign up by Friday.",
        "On Monday the site was down for twelve minutes, because a certificate had run out.",
    )
    stage.write({"sources/week.md": "\n\n".join(news) + "\n"})
    begin(stage, "newsletter", sources=("week.md",))
    stage.build()
    said = re.sub(r"\[\^[\w-]+\]", "", stage.text("drafts/late/late.email.md"))
    assert [each for each in news if each not in said] == []

    stage.change(
        "content_briefs/late.md",
        "## Outline\n",
        "## Outline\n\n- The meeting in Graz\n- The site was down\n- What comes next\n",
    )
    stage.build()
    said = re.sub(r"\[\^[\w-]+\]", "", stage.text("drafts/late/late.email.md"))
    assert [each for each in news if each not in said] == []
    assert said.index("## The site was down") < said.index("On Monday the site was down")
