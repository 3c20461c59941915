"""A workspace begins, a brief begins, and everything wrong is told at once."""

from pathlib import Path

import pytest

from generator import app
from generator.errors import RefusedError, UsageError
from tests.stories.stage import Stage


def test_init_makes_a_workspace_that_checks_builds_and_publishes(tmp_path: Path) -> None:
    created = app.init(tmp_path)
    assert {"copydesk.yml", "mkdocs.yml", "content_briefs/", "sources/", "brand/voice.md", "docs/index.md"} <= set(
        created
    )
    assert app.check(tmp_path) == ()
    assert app.init(tmp_path) == ()


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    ours = {
        "copydesk.yml": "# ours\n",
        "docs/start.md": "# Ours\n",
        "brand/tone.md": "Warm.\n",
        "mkdocs.yml": "site_name: X\n",
    }
    stage = Stage(tmp_path)
    stage.write(ours)
    app.init(tmp_path)
    assert {path: stage.text(path) for path in ours} == ours
    assert not (tmp_path / "docs/index.md").exists()
    assert not (tmp_path / "brand/voice.md").exists()


def test_a_new_brief_passes_check_but_for_what_only_people_know(tmp_path: Path) -> None:
    app.init(tmp_path)
    assert app.new(tmp_path, "article", "plans", {"title": "Plans: what they cost"}) == ("content_briefs/plans.md",)
    assert all(each.level != "error" for each in app.check(tmp_path))
    with pytest.raises(RefusedError, match="a brief of that name"):
        app.new(tmp_path, "article", "plans", {})
    with pytest.raises(UsageError, match="cannot be called"):
        app.new(tmp_path, "article", "Plans/x", {})


def test_check_reads_briefs_prompts_config_and_drafts_at_once(tmp_path: Path) -> None:
    app.init(tmp_path)
    app.new(tmp_path, "article", "plans", {"title": "Plans"})
    stage = Stage(tmp_path)
    stage.build()
    stage.write({
        "copydesk.yml": "rols: {}\n",
        "prompts/draft.md": "---\ndescription: x\n---\nuser:\n{{ brif }}\n",
        "content_briefs/other.md": "---\ntitel: x\n---\n",
        "drafts/plans/steps/outline.md": "<<<<<<< ours\n",
    })  # fmt: skip
    (tmp_path / "drafts/plans/plans.md").write_bytes(b"# caf\xe9\n")
    found = app.check(tmp_path)
    assert {each.path for each in found if each.level == "error"} == {
        "copydesk.yml", "prompts/draft.md", "content_briefs/other.md", "drafts/plans/steps/outline.md",
        "drafts/plans/plans.md",
    }  # fmt: skip
    assert all(each.line for each in found)
    assert all(each.fix for each in found)
    assert all(app.explain(each.code) for each in found)
    assert {each.path for each in app.check(tmp_path, ["content_briefs/other.md"])} >= {"content_briefs/other.md"}
    with pytest.raises(UsageError, match="no brief 'plan'"):
        app.check(tmp_path, ["plan"])


def test_fix_mends_what_needs_no_judgement_and_leaves_the_rest(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write(
        {"content_briefs/a.md": "---\ntitle: One: two\n---\nB.\n", "content_briefs/b.md": "---\ntitle: T\n---\nB.\n"}
    )
    (tmp_path / "content_briefs/c.md").write_bytes(b"\xff\n")
    assert app.fix(tmp_path) == ("content_briefs/a.md",)
    assert stage.text("content_briefs/a.md") == '---\ntitle: "One: two"\n---\nB.\n'


def test_an_unknown_code_has_no_explanation() -> None:
    assert app.explain("Z999") is None
    assert "git" in (app.explain("d001") or "")
