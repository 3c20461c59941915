"""What was spent, in figures: by day, brief, prompt and model; and who answers in a workspace, with which keys."""

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from generator import app, store
from generator.app.answers import Spent
from generator.cli import main
from generator.model import Message, Model, Reply, Request

FAST = Model(name="fast", provider="openai", model="gpt-5-mini")
BEST = Model(name="best", provider="anthropic", model="claude-sonnet-5")


def ask(
    root: Path, day: str, *, brief: str, uses: str, model: Model, usd: str, ending: str = "complete", cached: int = 0
) -> None:
    """Remember a call of a day; one of ending "unknown" was begun and never answered."""
    request = Request(
        brief=brief, step="s", uses=uses, chain=(model,), messages=(Message(role="user", text=f"{day} {usd}"),), parts=(),
    )  # fmt: skip
    with store.open_memory(root, clock=lambda: f"{day}T12:00:00Z") as memory:
        memory.intend(request, model, usd=Decimal(usd))
        if ending != "unknown":
            reply = Reply(
                text="A text.", provider=model.provider, model=model.model, ending=ending, usd=Decimal(usd),  # type: ignore[arg-type]
                input_tokens=100, cached_tokens=cached, output_tokens=10, priced="copydesk.yml",
            )  # fmt: skip
            memory.keep(request, model, reply)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    ask(tmp_path, "2026-10-31", brief="a", uses="outline", model=FAST, usd="0.01")
    ask(tmp_path, "2026-11-01", brief="a", uses="draft", model=BEST, usd="0.2", cached=40)
    ask(tmp_path, "2026-11-01", brief="b", uses="draft", model=BEST, usd="0.3")
    ask(tmp_path, "2026-11-02", brief="b", uses="draft", model=BEST, usd="0.4", ending="unknown")
    ask(tmp_path, "2026-11-02", brief="", uses="ping", model=FAST, usd="0.0001")
    ask(tmp_path, "2026-11-02", brief="b", uses="outline", model=FAST, usd="0.05", ending="error")
    return tmp_path


def test_costs_by_day_brief_prompt_and_model(root: Path) -> None:
    def row(name: str, usd: str, calls: int, answered: int, **more: object) -> Spent:
        plain = Spent(name=name, usd=usd, calls=calls, input_tokens=100 * answered, output_tokens=10 * answered)
        return replace(plain, **more)  # type: ignore[arg-type]

    costs = app.costs(root)
    assert (costs.usd, costs.calls, costs.unpriced, costs.prices) == ("0.9601", 6, 0, ("copydesk.yml",))
    lost = {"lost": 2, "lost_usd": "0.45"}
    assert costs.days == (
        row("2026-10-31", "0.01", 1, 1),
        row("2026-11-01", "0.5", 2, 2, input_tokens=160, cached_tokens=40),
        row("2026-11-02", "0.4501", 3, 2, **lost),
    )
    assert costs.briefs == (
        row("(ping)", "0.0001", 1, 1),
        row("a", "0.21", 2, 2, input_tokens=160, cached_tokens=40),
        row("b", "0.75", 3, 2, **lost),
    )
    assert costs.prompts == (
        row("draft", "0.9", 3, 2, input_tokens=160, cached_tokens=40, lost=1, lost_usd="0.4"),
        row("outline", "0.06", 2, 2, lost=1, lost_usd="0.05"),
        row("ping", "0.0001", 1, 1),
    )
    assert costs.models == (
        row("anthropic/claude-sonnet-5", "0.9", 3, 2, input_tokens=160, cached_tokens=40, lost=1, lost_usd="0.4"),
        row("openai/gpt-5-mini", "0.0601", 3, 3, lost=1, lost_usd="0.05"),
    )


def test_costs_are_told_in_figures(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setattr("sys.argv", ["copydesk", "costs"])
    app.init(root)
    with pytest.raises(SystemExit):
        main()
    told = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    tables = "\n".join(line.rstrip("# ") for line in told)
    assert tables.startswith("6 calls, $0.9601.\n")
    for head, *rows in (
        ("DAY", "2026-10-31 $0.01 1 100 0 10", "2026-11-01 $0.50 2 160 40 20", "2026-11-02 $0.4501 3 200 0 20"),
        ("BRIEF", "(ping) $0.0001 1 100 0 10", "a $0.21 2 160 40 20", "b $0.75 3 200 0 20"),
        ("PROMPT", "draft $0.90 3 160 40 20", "outline $0.06 2 200 0 20", "ping $0.0001 1 100 0 10"),
        ("MODEL", "anthropic/claude-sonnet-5 $0.90 3 160 40 20", "openai/gpt-5-mini $0.0601 3 300 0 30"),
    ):
        assert "\n".join(("", f"{head} SPENT CALLS TOKENS IN CACHED OUT", *rows, "")) in tables
    assert "Of these, 2 calls brought no whole reply: at most $0.45, counted as spent." in told


def told_by_init(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[str]:
    monkeypatch.setattr("sys.argv", ["copydesk", "init", str(folder)])
    with pytest.raises(SystemExit):
        main()
    return capsys.readouterr().out.splitlines()


def test_init_says_who_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = told_by_init(tmp_path, monkeypatch, capsys)
    assert first[-2] == (
        "`offline` answers: skeletons of your sources' own sentences, for nothing. To have a model write: copydesk models"
    )
    (tmp_path / "copydesk.yml").write_text(
        "models: {fast: {provider: openai, model: gpt-5-mini}}\nroles: {writer: fast}\n"
    )
    assert told_by_init(tmp_path, monkeypatch, capsys)[-2] == (
        "Models answer (writer: fast); their keys and prices: copydesk models"
    )


def test_the_models_that_init_suggests_are_those_and_their_keys_that_copydesk_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    app.init(tmp_path)
    path = tmp_path / "copydesk.yml"
    text = path.read_text()
    keys = dict(re.findall(r"^#   (\w+): .*# export (\w+)=", text, re.MULTILINE))
    assert keys == {"fast": "OPENAI_API_KEY", "best": "ANTHROPIC_API_KEY"}
    path.write_text(re.sub(r"^# (?=models:|  \w+: |roles:|budget:)", "", text, flags=re.MULTILINE))
    models = app.models(tmp_path)
    assert {row.name: row.key for row in models.models} == {**keys, "local": ""}
    assert [(row.key_set, bool(row.priced)) for row in models.models] == [(False, True), (False, True), (True, True)]
    assert (models.offline, models.budget_run, models.budget_day) == (False, "2.00", "10.00")
