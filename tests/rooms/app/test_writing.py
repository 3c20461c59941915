"""A workspace begins, a brief begins, and everything wrong is told at once."""

from pathlib import Path

import pytest

from generator import app, disk
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


@pytest.mark.parametrize("name", ["../../outside", "content_briefs/../../outside.md", "b"])
def test_fix_refuses_names_that_no_brief_has(name: str, tmp_path: Path) -> None:
    broken = "---\ntitle: One: two\n---\nB.\n"
    stage = Stage(tmp_path / "work" / "space")
    stage.write({"content_briefs/a.md": broken})
    outside = tmp_path / "outside.md"
    outside.write_text(broken)
    (tmp_path / "work" / "outside.md").write_text(broken)
    with pytest.raises(UsageError, match="there is no brief"):
        app.fix(stage.root, ["a", name])
    assert {path.read_text() for path in tmp_path.rglob("*.md")} == {broken}
    assert app.fix(stage.root, ["./content_briefs/a.md"]) == ("content_briefs/a.md",)


def test_fix_leaves_what_a_link_leads_to(tmp_path: Path) -> None:
    stage = Stage(tmp_path / "space")
    stage.write({"content_briefs/a.md": "---\ntitle: A\n---\nB.\n"})
    (tmp_path / "outside.md").write_text("---\ntitle: One: two\n---\nB.\n")
    (stage.root / "content_briefs/b.md").symlink_to(tmp_path / "outside.md")
    assert app.fix(stage.root) == ()
    assert (stage.root / "content_briefs/b.md").is_symlink()


class Saving(disk.System):
    """A disk on which somebody saves a brief as copydesk writes, and which fails at the nth rename."""

    def __init__(self, path: Path, text: str, *, nth: int = 0) -> None:
        self.path, self.text, self.left = path, text, nth

    def write(self, descriptor: int, data: bytes) -> None:
        if self.text:
            self.path.write_text(self.text)
            self.text = ""
        super().write(descriptor, data)

    def rename(self, old: Path, new: Path) -> None:
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt
        super().rename(old, new)


def test_a_save_while_a_brief_is_mended_is_kept(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write({"content_briefs/a.md": "---\ntitle: One: two\n---\nB.\n"})
    path = tmp_path / "content_briefs/a.md"
    with disk.using(Saving(path, "---\ntitle: One: two\n---\nB.\n\nSaved meanwhile.\n")):
        assert app.fix(tmp_path) == ("content_briefs/a.md",)
    assert path.read_text() == '---\ntitle: "One: two"\n---\nB.\n\nSaved meanwhile.\n'
    assert list(stage.files("content_briefs")) == ["content_briefs/a.md"]


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_mend_cut_short_is_finished_by_asking_again(nth: int, tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write({"content_briefs/a.md": "---\ntitle: One: two\n---\nB.\n"})
    with disk.using(Saving(tmp_path, "", nth=nth)), pytest.raises(KeyboardInterrupt):
        app.fix(tmp_path)
    app.fix(tmp_path)
    assert stage.text("content_briefs/a.md") == '---\ntitle: "One: two"\n---\nB.\n'


def test_what_a_landing_left_aside_is_no_draft(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write({
        "content_briefs/a.md": "---\ntitle: A\n---\nB.\n",
        "drafts/a/.copydesk-aside-0-1-2.done~a.md": "<<<<<<< ours\n",
        "drafts/a/.trash/a.md": "<<<<<<< ours\n",
    })  # fmt: skip
    assert app.check(tmp_path) == ()


def test_git_changes_no_bytes_of_what_people_write(tmp_path: Path) -> None:
    app.init(tmp_path)
    told = (tmp_path / ".gitattributes").read_text()
    assert all(f"\n{folder}/** -text\n" in told for folder in ("content_briefs", "prompts", "workflows", "history"))
    (tmp_path / ".gitattributes").write_text("# ours\n")
    assert app.init(tmp_path) == ()
    assert (tmp_path / ".gitattributes").read_text() == "# ours\n"


def test_an_unknown_code_has_no_explanation() -> None:
    assert app.explain("Z999") is None
    assert "git" in (app.explain("d001") or "")


def test_check_reads_what_a_brief_rests_on(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write({
        "content_briefs/a.md": "---\ntitle: A\nsources: [ragged.csv]\n---\nB.\n",
        "content_briefs/b.md": "---\ntitle: B\n---\nOurs.\n<<<<<<< ours\nx\n=======\ny\n>>>>>>> theirs\n",
        "content_briefs/c.md": "---\ntitle: C\nsources: [latin.md]\n---\nB.\n",
        "sources/ragged.csv": "a,b\n1,2,3,4\n",
    })  # fmt: skip
    (tmp_path / "sources/latin.md").write_bytes(b"caf\xe9\n")
    found = {
        (each.path.removeprefix(f"{tmp_path}/"), each.line) for each in app.check(tmp_path) if each.level == "error"
    }
    assert ("content_briefs/b.md", 5) in found
    assert {path for path, _ in found} == {"content_briefs/b.md", "sources/ragged.csv", "sources/latin.md"}
    assert stage.build().exit_code == 3
    assert not (tmp_path / "drafts/b").exists()
