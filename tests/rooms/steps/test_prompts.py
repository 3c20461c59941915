"""Prompt files: the workspace's names win, and everything wrong with them is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator import steps
from generator.errors import BrokenError
from generator.steps.files import parse_prompt

BUILT_IN = frozenset(
    {
        "research", "angles", "outline", "draft", "critique", "fact-check", "revise", "headline", "summary", "email",
        "posts", "landing-page", "comparison-table",
    }
)  # fmt: skip


def write_prompts(root: Path, prompts: dict[str, str]) -> Path:
    for name, text in prompts.items():
        path = root / "prompts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return root


def test_without_a_folder_the_built_in_prompts_are_there_and_sound(tmp_path: Path) -> None:
    prompts = steps.read_prompts(tmp_path)

    assert prompts.names == BUILT_IN
    assert prompts.findings == ()
    assert prompts.inputs == ("prompts",)
    assert {prompt.label for prompt in prompts.prompts} == {f"builtin.{name}" for name in BUILT_IN}
    for prompt in prompts.prompts:
        text = (Path(steps.__file__).parent / "prompts" / f"{prompt.name}.md").read_text(encoding="utf-8")
        assert parse_prompt(text, name=prompt.name, path=prompt.path)[1] == ()


def test_a_name_of_the_workspace_wins(tmp_path: Path) -> None:
    text = "\ufeff---\r\ndescription: Ours\r\nmodel: writer\r\n---\r\nsystem:\r\nBe brief.\r\nuser:\r\nGo.\r\n"
    write_prompts(tmp_path, {"draft.md": text, "polish.md": "Polish.", "README.md": "{{", ".draft.md.swp.md": "{{"})

    prompts = steps.read_prompts(tmp_path)
    draft = prompts.get("draft")

    assert prompts.names == BUILT_IN | {"polish"}
    assert (draft.label, draft.path, draft.description, draft.model) == (
        "prompt.draft",
        "prompts/draft.md",
        "Ours",
        "writer",
    )
    assert [(each.role, each.source, each.first_line) for each in draft.sections] == [
        ("system", "Be brief.", 6), ("user", "Go.\n", 8),
    ]  # fmt: skip
    assert prompts.inputs == ("prompts", "prompts/draft.md", "prompts/polish.md")
    assert prompts.get("polish").digest != draft.digest


def test_everything_wrong_is_told_at_once_and_a_broken_prompt_harms_no_other(tmp_path: Path) -> None:
    broken = (
        "---\nmodle: best\ndescription: [a]\nconfig:\n  effort: huge\n  max-tokens: 1.5\n  temperatur: 1\n  top-p: 0.5\n"
        "inputs:\n  Tone: {defualt: x}\noutput: xml\n---\n{{ breif }}"
    )
    write_prompts(tmp_path, {"broken.md": broken, "Good Name.md": "x", "fine.md": "Fine.", "---.md": "x"})
    (tmp_path / "prompts" / "latin.md").write_bytes(b"\xff")
    (tmp_path / "outside.md").write_text("secret")
    work = write_prompts(tmp_path / "work", {"a.md": "A."})
    (work / "prompts" / "link.md").symlink_to(tmp_path / "outside.md")

    prompts = steps.read_prompts(tmp_path)
    found = steps.check_prompts(tmp_path)

    assert found == prompts.findings
    assert [(each.code, each.path, each.line, each.column) for each in found] == [
        ("P003", "prompts/---.md", 1, 1), ("P003", "prompts/Good Name.md", 1, 1),
        ("P001", "prompts/broken.md", 2, 1), ("P002", "prompts/broken.md", 3, 14), ("P002", "prompts/broken.md", 5, 11),
        ("P002", "prompts/broken.md", 6, 15), ("P001", "prompts/broken.md", 7, 3), ("P002", "prompts/broken.md", 10, 9),
        ("P001", "prompts/broken.md", 10, 10), ("P002", "prompts/broken.md", 11, 9), ("P005", "prompts/broken.md", 13, 1),
        ("P003", "prompts/latin.md", 1, 1),
    ]  # fmt: skip
    assert found[2].fix == "Did you mean `model`?"
    assert all(each.fix and each.message and each.level == "error" for each in found)
    assert prompts.get("fine").config == ()
    assert "broken" in prompts.names
    with pytest.raises(BrokenError) as error:
        prompts.get("broken")
    assert len(error.value.findings) == 9
    with pytest.raises(BrokenError):
        prompts.get("latin")
    assert [each.code for each in steps.read_prompts(work).findings] == ["P003"]


def test_a_head_that_is_a_list_is_told_a_key_of_prompts() -> None:
    (found,) = parse_prompt("---\n- a\n---\nGo.\n", name="x", path="prompts/x.md")[1]
    assert (found.code, found.fix) == ("P002", "Write `description: …`.")


@pytest.mark.parametrize(
    ("head", "code", "line"),
    [
        ("output: {format: json}", "P008", 2),
        ("output: {format: json, schema: {type: array}}", "P008", 2),
        ("output: {format: json, schema: {type: object, required: a}}", "P008", 2),
        ("output: json", "P008", 2),
        ("output: {format: yaml}", "P002", 2),
        ("output: {schema: {}}", "P002", 2),
        ("- a\n- b", "P002", 2),
        ("config: high", "P002", 2),
        ("config: {effort: }", "P002", 2),
        ("config: {temperature: 3}", "P002", 2),
        ("config: {temperature: high}", "P002", 2),
        ("config: {seed: -1}", "P002", 2),
        ("description: costs # much", "P002", 2),
        ("model: a\nmodel: b", "M09", 3),
        ("model: !!python/object:x y", "M07", 2),
        ("nonsense: 1", "P001", 2),
    ],
)
def test_front_matter(head: str, code: str, line: int) -> None:
    _, findings = parse_prompt(f"---\n{head}\n---\nAsk.", name="p", path="prompts/p.md")

    assert [(each.code, each.path, each.line) for each in findings] == [(code, "prompts/p.md", line)]


def test_front_matter_that_is_right() -> None:
    text = (
        "---\nconfig: {effort: low, temperature: 0.7, seed: 0, max-tokens: 900, top-p: 1}\noutput: markdown\n"
        "inputs: {tone: {description: how it sounds, default: ''}, size: }\n---\nAsk."
    )

    prompt, findings = parse_prompt(text, name="p", path="prompts/p.md")

    assert findings == ()
    assert prompt.config == (
        ("effort", "low"), ("temperature", "0.7"), ("seed", "0"), ("max-tokens", "900"), ("top-p", "1"),
    )  # fmt: skip
    assert [(each.name, each.default) for each in prompt.inputs] == [("tone", ""), ("size", None)]


def test_a_schema_has_numbers_and_truths() -> None:
    text = (
        "---\noutput:\n  format: json\n  schema: {type: object, required: [a], additionalProperties: false, "
        "properties: {a: {type: array, maxItems: 3, items: {enum: [1, yes]}}}}\n---\nAsk."
    )

    prompt, findings = parse_prompt(text, name="p", path="prompts/p.md")

    assert prompt.output == (
        '{"additionalProperties":false,"properties":{"a":{"items":{"enum":["1","yes"]},"maxItems":3,"type":"array"}},'
        '"required":["a"],"type":"object"}'
    )
    assert findings == ()


def test_front_matter_without_an_end_is_found() -> None:
    _, findings = parse_prompt("---\nmodel: x\nAsk.", name="p", path="prompts/p.md")

    assert [each.code for each in findings] == ["P002"]


def test_a_name_that_is_not_there_tells_the_nearest(tmp_path: Path) -> None:
    prompts = steps.read_prompts(tmp_path)

    with pytest.raises(BrokenError, match="no prompt `drfat`") as near:
        prompts.get("drfat")
    with pytest.raises(BrokenError) as far:
        prompts.get("zzz")

    assert near.value.mend == "Did you mean `draft`?"
    assert far.value.mend.startswith("There is angles, comparison-table, critique, draft, ")
