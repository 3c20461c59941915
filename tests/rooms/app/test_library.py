"""Prompts are listed, shown and ejected; what is a person's is never overwritten."""

from pathlib import Path

import pytest

from generator import app, steps
from generator.cli.lines import workflow_lines
from generator.errors import BrokenError, RefusedError, UsageError
from tests.stories.stage import Stage

BRIEF = {"content_briefs/tally.md": "---\ntitle: Tally\n---\nSay one thing.\n", "copydesk.yml": ""}


def test_prompts_are_listed_with_whose_they_are(tmp_path: Path) -> None:
    Stage(tmp_path).write(
        {"prompts/tease.md": "---\ndescription: Teases\nmodel: writer\n---\nTease.\n", "prompts/draft.md": "Draft."}
    )

    rows = {row.name: row for row in app.prompts(tmp_path)}

    assert set(rows) == steps.built_in_names() | {"tease"}
    assert (rows["tease"].whose, rows["tease"].path, rows["tease"].description, rows["tease"].model) == (
        "yours", "prompts/tease.md", "Teases", "writer",
    )  # fmt: skip
    assert (rows["draft"].whose, rows["outline"].whose, rows["outline"].path) == ("yours", "built-in", "")


def test_a_prompt_is_shown_word_for_word(tmp_path: Path) -> None:
    Stage(tmp_path).write({"prompts/draft.md": "Draft {{ brief.title }}.\n"})

    assert app.prompt(tmp_path, "draft").text == "Draft {{ brief.title }}.\n"
    assert app.prompt(tmp_path, "draft", built_in=True).text == steps.text_of(steps.built_in("draft"))
    assert app.prompt(tmp_path, "outline").text.startswith("---\ndescription: ")


def test_a_prompt_that_is_not_there_is_told_with_the_nearest(tmp_path: Path) -> None:
    Stage(tmp_path).write({"prompts/tease.md": "Tease."})

    for ask in (lambda: app.prompt(tmp_path, "drfat"), lambda: app.eject(tmp_path, "drfat")):
        with pytest.raises(UsageError) as caught:
            ask()
        assert "Did you mean draft?" in caught.value.mend
    with pytest.raises(UsageError):
        app.prompt(tmp_path, "tease", built_in=True)
    with pytest.raises(UsageError):
        app.eject(tmp_path, "tease")


def test_a_broken_prompt_is_refused_with_what_is_wrong(tmp_path: Path) -> None:
    Stage(tmp_path).write({"prompts/draft.md": "{{ breif }}"})

    with pytest.raises(BrokenError) as caught:
        app.prompt(tmp_path, "draft")

    assert caught.value.findings[0].code == "P005"


def test_an_ejected_prompt_makes_nothing_again_until_it_is_changed(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write(BRIEF)
    stage.build()
    stage.log()

    assert app.eject(tmp_path, "draft") == ("prompts/draft.md",)
    assert not [each for each in app.check(tmp_path) if each.path.startswith("prompts/")]
    assert stage.build().made == 0
    assert stage.log() == ()

    stage.change("prompts/draft.md", "Write the draft.", "Write the draft, and be brief.")
    stage.build()
    assert stage.log() == ("tally/draft",)


def test_nothing_of_a_persons_is_overwritten(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write({**BRIEF, "prompts/draft.md": "Mine."})

    with pytest.raises(RefusedError):
        app.eject(tmp_path, "draft")

    assert stage.text("prompts/draft.md") == "Mine."


def test_check_says_when_the_built_in_moved_on(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write(BRIEF)
    app.eject(tmp_path, "draft")
    edition = steps.built_in("draft").edition
    stage.change("prompts/draft.md", edition, "draft@0123456789ab")

    found = [each for each in app.check(tmp_path) if each.path.startswith("prompts/")]

    assert [(each.code, each.level, each.path, each.line) for each in found] == [
        ("P009", "warn", "prompts/draft.md", 4)
    ]
    assert f"ejected-from: {edition}" in found[0].fix
    assert app.prompt(tmp_path, "draft").ejected_from == "draft@0123456789ab"

    stage.change("prompts/draft.md", "draft@0123456789ab", "darft@1")
    assert "no built-in `darft`" in app.check(tmp_path)[0].message


def test_workflows_are_listed_with_whose_they_are(tmp_path: Path) -> None:
    Stage(tmp_path).write(
        {
            "workflows/weekly.yml": "description: Ours.\nsteps: [{id: a, uses: draft}]\n",
            "workflows/bad.yml": "stepz: 1\n",
        }
    )

    rows = {row.name: (row.whose, row.description) for row in app.workflows(tmp_path)}

    assert rows["weekly"] == ("yours", "Ours.")
    assert {name for name, (whose, _) in rows.items() if whose == "built-in"} == {
        "article", "campaign", "case-study", "comparison", "landing-page", "newsletter", "refresh", "release-notes",
    }  # fmt: skip
    assert all(told for name, (_, told) in rows.items() if name != "bad")


def test_a_workflow_is_drawn_step_by_step(tmp_path: Path) -> None:
    flow = (
        "description: Ours.\naudience: everyone\nsources: [a.md, '{topic}.md']\nfacts: {price: 1 EUR}\nmax-cost: 2\n"
        "inputs: {topic: {type: text, description: what about}, tone: {default: plain}}\n"
        "by-hand: {outline: approve, opening: write, angles: choose}\n"
        "steps:\n  - {id: angles, uses: angles}\n  - {id: outline, uses: outline, model: boss, needs: [angles]}\n"
        "  - {id: opening, uses: draft}\n  - {id: read, uses: human/approve, needs: [outline]}\n"
        "  - {id: text, uses: draft, needs: [outline, opening], strategy: {matrix: {persona: [cmo, founder], product: sources}}}\n"
        "  - {id: all, uses: summary, needs: [text], gather: true}\n"
        "deliverables: [{page: '{brief}', from: all}, {posts: x, count: 2, from: opening}]\n"
    )
    Stage(tmp_path).write({"workflows/ours.yml": flow})

    assert workflow_lines(app.workflow(tmp_path, "ours")) == [
        "ours (yours): Ours.",
        "",
        "  angles        AI: writer, then a person chooses",
        "    +- outline  AI: boss, then a person approves   reads angles",
        "  opening       a person writes",
        "      +- read   a person approves                  reads outline",
        "      +- text   AI: writer                         reads outline, opening",
        "         fans out by persona: cmo, founder; product: one for each of the brief's sources",
        "        +- all  AI: writer                         reads text",
        "           gathers them all",
        "",
        "Delivers a page {brief}, from all",
        "Delivers 2 posts for x, from opening",
        "Asks for topic (text): what about",
        "Asks for tone (text), else 'plain'",
        "Sets audience: everyone",
        "Sets facts: price: 1 EUR",
        "Sets sources: a.md, {topic}.md",
        "Sets max-cost: 2",
        "Roles: writer, boss",
        "Next: copydesk new ours NAME",
    ]


def test_a_workflow_that_is_not_there_or_broken_is_told(tmp_path: Path) -> None:
    Stage(tmp_path).write({"workflows/bad.yml": "stepz: 1\n"})
    with pytest.raises(UsageError) as missing:
        app.workflow(tmp_path, "campain")
    assert "Did you mean campaign?" in missing.value.mend
    with pytest.raises(BrokenError) as broken:
        app.workflow(tmp_path, "bad")
    assert broken.value.findings[0].code == "W010"


@pytest.mark.parametrize("name", ["campaign", "comparison", "refresh"])
def test_a_drawing_fits_a_terminal(tmp_path: Path, name: str) -> None:
    assert max(map(len, workflow_lines(app.workflow(tmp_path, name))[2:])) <= 80


def test_odd_workflows_and_prompts_are_told_without_a_traceback(tmp_path: Path) -> None:
    Stage(tmp_path).write({
        "workflows/x.yml": "steps: [{id: a, uses: draft, needs: [zz]}]\n", "workflows/people.yml": "steps: [{id: a, uses: human/write}]\n",
        "prompts/odd.md": '---\n"ejected\\u002dfrom": draft@123\n---\nWrite.\n',
    })  # fmt: skip
    assert {"x", "people"} <= {row.name for row in app.workflows(tmp_path)}
    app.new(tmp_path, "people", "ours", {})
    assert "by-hand" not in (tmp_path / "content_briefs/ours.md").read_text()
    assert ("P009", 1) in [(each.code, each.line) for each in app.check(tmp_path)]
