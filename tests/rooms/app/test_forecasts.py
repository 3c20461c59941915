"""What a plan expects: of texts that are not made yet, and by what each prompt and model took before."""

from decimal import Decimal
from pathlib import Path

import pytest

from generator import app
from generator.app.answers import PlannedStep
from generator.app.builds import build
from generator.model import Ask, Model, Reply, Request

PROMPT = (
    "---\ndescription: Writes.\nmodel: first\nconfig: {max-tokens: 900}\n---\nuser:\n{{ brief.body }}\n"
    "{% for each in upstream %}{{ each }}{% endfor %}\n"
)
MODELS = (
    "models:\n  first: {provider: openai, model: a, price: {input: 1, output: 10}}\n"
    "  second: {provider: openai, model: b, price: {input: 1, output: 10}}\n"
)
BRIEF = "---\ntitle: T\nsteps: [{steps}]\ndeliverables: [{{page: {name}, from: draft}}]\n---\nSay how {name} is done.\n"
OUTPUT = {("write", "a"): 100, ("write", "b"): 400, ("other", "a"): 700}
"""Tokens of a reply, by prompt and model."""


def workspace(root: Path, **steps: str) -> Path:
    """Write a workspace of briefs, each with its steps."""
    files = {"copydesk.yml": MODELS, "prompts/write.md": PROMPT, "prompts/other.md": PROMPT}
    briefs = {f"content_briefs/{name}.md": BRIEF.format(name=name, steps=each) for name, each in steps.items()}
    for path, text in {**files, **briefs}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def answering(model: Model) -> Ask:
    async def ask(request: Request, model: Model) -> Reply:
        tokens = OUTPUT[request.uses, model.model]
        said = sum(len(message.text.encode()) for message in request.said)
        return Reply(
            text=f"{request.brief} is done so. " * (tokens // 6), provider=model.provider, model=model.model,
            input_tokens=said // 4, output_tokens=tokens,
        )  # fmt: skip

    return ask


def planned(root: Path) -> dict[str, PlannedStep]:
    return {f"{each.brief}/{each.step}": each for each in app.plan(root).steps}


def test_a_text_that_is_not_made_yet_is_expected_in_the_input_of_what_reads_it(tmp_path: Path) -> None:
    two = "{id: outline, uses: write}, {id: draft, uses: write, needs: [outline]}"
    root = workspace(tmp_path, a=two, b=two.replace("needs: [outline]", "needs: []"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_API_KEY", "sk-none")
        steps = planned(root)
        reads, alone = steps["a/draft"], steps["b/draft"]
        assert (reads.output_low, reads.output_high) == (300, 900)
        assert reads.input_low - alone.input_low == pytest.approx(300 * 4 / 5, abs=1)
        assert reads.input_high - alone.input_high == pytest.approx(900 * 4 / 3, abs=1)
        assert Decimal(reads.usd_low) == (Decimal(reads.input_low) + 300 * 10) / 1_000_000
        assert Decimal(reads.usd_high) == (Decimal(reads.input_high) + 900 * 10) / 1_000_000


def test_what_is_expected_rests_on_the_same_prompt_and_model(tmp_path: Path) -> None:
    kinds = {"w": "uses: write", "m": "uses: write, model: second", "o": "uses: other"}
    made = {f"{kind}{n}": f"{{id: draft, {each}}}" for kind, each in kinds.items() for n in range(3)}
    root = workspace(tmp_path, **made)
    assert build(root, ask_for=answering).made == 9
    workspace(root, **{kind: f"{{id: draft, {each}}}" for kind, each in kinds.items()})
    forecast = app.plan(root)
    steps = {each.brief: each for each in forecast.steps if each.action == "make"}
    assert {name: (each.output_low, each.output_high) for name, each in steps.items()} == {
        "w": (100, 100),
        "m": (400, 400),
        "o": (700, 700),
    }
    assert forecast.assumed == 0
    before = Decimal(app.costs(root).usd)
    assert build(root, ask_for=answering).made == 3
    paid = Decimal(app.costs(root).usd) - before
    assert Decimal(forecast.usd_low) * Decimal("0.9") <= paid <= Decimal(forecast.usd_high) * Decimal("1.1")


def test_a_prompt_or_a_model_that_answered_less_than_thrice_is_forecast_by_the_prior(tmp_path: Path) -> None:
    root = workspace(tmp_path, **{f"w{n}": "{id: draft, uses: write}" for n in range(3)})
    assert build(root, ask_for=answering).made == 3
    workspace(root, m="{id: draft, uses: write, model: second}", o="{id: draft, uses: other}")
    forecast = app.plan(root)
    steps = [each for each in forecast.steps if each.action == "make"]
    assert [(each.output_low, each.output_high) for each in steps] == [(300, 900)] * 2
    assert forecast.assumed == 2
