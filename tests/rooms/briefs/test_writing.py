"""Briefs that copydesk writes or edits: they read back as meant, and an edit touches nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator import briefs, steps
from generator.briefs import schema
from generator.errors import UsageError

PROMPTS = steps.built_in_names()


def library_of(root: Path, **workflows: str) -> briefs.Library:
    (root / "content_briefs").mkdir(parents=True, exist_ok=True)
    (root / "workflows").mkdir(exist_ok=True)
    for name, text in workflows.items():
        (root / "workflows" / f"{name}.yml").write_text(text)
    return briefs.read_library(root, prompts=PROMPTS)


def test_a_new_brief_reads_back(tmp_path: Path) -> None:
    flow = "inputs: {tone: {description: How it sounds}, n: {default: x}}\nsteps: [{id: a, uses: draft}]\n"
    library = library_of(tmp_path, w=flow)
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources/a.md").write_text("x")
    fields = {"title": "Tally 3: close #1", "goal": "NO", "audience": "", "sources": ("a.md",), "tone": "calm"}
    text = briefs.brief_text("tally-3", "w", fields, library)
    (tmp_path / "content_briefs/tally-3.md").write_text(text)
    brief = briefs.read(tmp_path, "tally-3", library)
    assert brief.workflow == "w"
    assert dict(brief.fields) == {
        "title": "Tally 3: close #1", "goal": "NO", "tone": "calm", "n": "x",
    }  # fmt: skip
    assert briefs.check(tmp_path, ("tally-3",), library) == ()
    assert brief.sources == ("a.md",)
    assert brief.body.startswith("Tell the reader what they need to know to NO.\n\n<!-- ")
    bare = briefs.brief_text("a-b", "article", {"audience": "a {b} c"}, library)
    assert bare.startswith("---\ntitle: A b\nworkflow: article\naudience: ")
    assert "# by-hand: {outline: approve}" in bare
    assert "Tell a {b} c what they need" in bare
    groups = {"one": ["a.md"], "two": ["a.md"]}
    assert "sources:\n  one:\n    - a.md\n  two:\n" in briefs.brief_text(
        "x", "comparison", {"sources": groups}, library
    )
    assert briefs.wanted_inputs("case-study", library) == (("customer", "who it is about, as they want to be called"),)
    with pytest.raises(UsageError, match="asks for `customer`") as wanted:
        briefs.brief_text("x", "case-study", {}, library)
    assert wanted.value.mend == "Add: --set customer=… (who it is about, as they want to be called)"
    with pytest.raises(UsageError, match="no workflow 'artikle'") as caught:
        briefs.brief_text("a", "artikle", {}, library)
    assert caught.value.mend == "Did you mean `article`?"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("---\ntitle: 'My: page'\n---\n# No\n", "My: page"), ("# The *guide* #\n\ntext\n", "The *guide*"), ("text\n", "guide"),
        ("---\ntitle: [x\n---\ntext", "guide"),
    ],
)  # fmt: skip
def test_the_brief_of_an_adopted_page(tmp_path: Path, text: str, title: str) -> None:
    library = library_of(tmp_path)
    (tmp_path / "content_briefs/guide.md").write_text(briefs.adopted_text("how/guide", text))
    brief = briefs.read(tmp_path, "guide", library)
    assert brief.field("title") == title
    assert [(step.id, step.uses) for step in brief.steps] == [("page", "human/write")]
    assert [(each.kind, each.name, each.step) for each in brief.deliverables] == [("page", "how/guide", "page")]
    assert brief.body == "Adopted from docs/how/guide.md: a person wrote it, and it stays theirs.\n"


OLD = """\
\ufeff---
title: draft   # draft
by-hand: {draft: approve, "x": write}
steps:
  - {id: draft, uses: draft}  # draft
  - id: x
    needs: [ 'draft', a]
    slots: [draft]
  - {id: y, uses: human/choose, with: {from: draft, tone: draft}}
  - {id: z, uses: draft, with: {from: draft}}
deliverables:
  - page: news/draft
    from: "draft"
  - {email: draft, from: draft.cmo}
---
draft
"""


def test_a_step_is_renamed_wherever_the_brief_names_it() -> None:
    text = OLD.replace("\n", "\r\n")
    expected = """\
\ufeff---
title: draft   # draft
by-hand: {first: approve, "x": write}
steps:
  - {id: first, uses: draft}  # draft
  - id: x
    needs: [ first, a]
    slots: [first]
  - {id: y, uses: human/choose, with: {from: first, tone: draft}}
  - {id: z, uses: draft, with: {from: draft}}
deliverables:
  - page: news/draft
    from: first
  - {email: draft, from: first.cmo}
---
draft
"""
    assert briefs.rename_in_brief(text, "step", "draft", "first") == expected.replace("\n", "\r\n")


def test_a_page_is_renamed() -> None:
    found = briefs.rename_in_brief(OLD, "page", "news/draft", "2027/x: y")
    assert found == OLD.replace("page: news/draft", 'page: "2027/x: y"')


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("no matter", "step"), ("---\na: b: c\n---\n", "step"), ("---\ntitle: draft\n---\n", "step"),
        ("---\ntitle: draft\n---\n", "page"), ("---\nsteps: [{needs: [draft]}]\n---\n", "step"),
        ("---\ndeliverables: [{email: draft}]\n---\n", "page"),
    ],
)  # fmt: skip
def test_what_a_brief_does_not_declare_is_not_renamed(text: str, kind: str) -> None:
    assert briefs.rename_in_brief(text, kind, "draft", "x") is None


@pytest.mark.parametrize(
    ("matter", "fixed"),
    [
        ("title: Tally 3: close\n", 'title: "Tally 3: close"\n'),
        ("title: a: b  # note\r\ngoal: x\r\n", 'title: "a: b"  # note\r\ngoal: x\r\n'),
        ("title: Close #1\n", 'title: "Close #1"\n'), ("title: #1\n", 'title: "#1"\n'), ("owner: a #b\n", "owner: a #b\n"),
        ("facts:\n\tprice: 4\n", "facts:\n  price: 4\n"), ("title: a\n\tgoal: b\n", "title: a\n\tgoal: b\n"),
        ("goal: a\n  b #c\n", "goal: a\n  b #c\n"), ("title: T\n", "title: T\n"), ("a: 1\na: 2\n", "a: 1\na: 2\n"),
        ("title: é: #1 😀\ngoal: ü #2\n", 'title: "é: #1 😀"\ngoal: "ü #2"\n'),
    ],
)  # fmt: skip
def test_fix_mends_what_needs_no_choice(matter: str, fixed: str) -> None:
    for mark in ("", "\ufeff"):
        text = f"{mark}---\n{matter}---\nBody: #1\n\t- x"
        assert briefs.fix_brief(text, "x") == f"{mark}---\n{fixed}---\nBody: #1\n\t- x"
        assert briefs.fix_brief(f"{mark}---\n{fixed}---\n", "x") == f"{mark}---\n{fixed}---\n"
    assert briefs.fix_brief("no matter", "x") == "no matter"


@pytest.mark.parametrize("name", ["brief", "workflow", "config"])
def test_schemas_are_not_stale(name: str) -> None:
    kept = (schema.FOLDER / f"{name}.json").read_text(encoding="utf-8")
    mend = 'python -c "from generator.briefs import schema; schema.write_schemas()"'
    assert kept == schema.json_schema(name), mend
    assert json.loads(kept)["type"] == "object"


def test_schemas_are_written(tmp_path: Path) -> None:
    schema.write_schemas(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["brief.json", "config.json", "workflow.json"]


def test_every_built_in_workflow_has_a_brief_that_passes_check(tmp_path: Path) -> None:
    library = library_of(tmp_path)
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources/a.md").write_text("x")
    for workflow in library.workflows:
        inputs = {name: "x" for name, _ in briefs.wanted_inputs(workflow, library)}
        text = briefs.brief_text(workflow, workflow, {"sources": ["a.md"], **inputs}, library)
        (tmp_path / f"content_briefs/{workflow}.md").write_text(text)
        assert briefs.check(tmp_path, (workflow,), library) == ()
