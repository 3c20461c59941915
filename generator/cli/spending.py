"""The verbs about models and money: costs, models.

Promises: a key is told to be there or not, never shown. Will not do: spend, but for the words of `models --ping`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from decimal import Decimal

import click

from generator import app
from generator.app.answers import Costs, ModelRow, Models, Spent
from generator.cli.lines import count, say, table, tell
from generator.cli.verbs import here, json_option
from generator.money import dollars

PRICE = "price: {input: 0.25, output: 2.00}"

BAR = 30
"""Characters of the longest bar."""


@click.command()
@json_option
def costs(as_json: bool) -> int:
    """Say what this machine spent in this workspace: by day, brief, prompt and model, cached tokens apart."""
    found = app.costs(app.find_root(here()))
    if as_json:
        tell(found)
    else:
        say(costs_lines(found))
    return 0


@click.command()
@click.option("--ping", is_flag=True, help="Ask each model for one word, at its price.")
@json_option
def models(*, ping: bool, as_json: bool) -> int:
    """List the models of copydesk.yml: which key each needs and whether it is set, price, limits. Exit code 5 if one cannot be reached, 3 if one was not asked since a cap needs its price."""
    found = app.models(app.find_root(here()), ping=ping, report=lambda happened: say([happened.said], sys.stderr))
    if as_json:
        tell(found)
    else:
        say(models_lines(found))
    if any(row.reached is False for row in found.models):
        return 5
    return 3 if any(unasked(row) for row in found.models) else 0


def unasked(row: ModelRow) -> bool:
    """Whether a ping left a model out, and says why."""
    return row.reached is None and bool(row.said)


def costs_lines(costs: Costs) -> list[str]:
    """Return what was spent as four tables, that of the days with bars."""
    if not costs.calls:
        return ["No model was asked yet, so nothing was spent.", "Next: copydesk plan"]
    lines = [f"{count(costs.calls, 'call')}, {dollars(costs.usd)}."]
    for title, rows in (
        ("DAY", costs.days),
        ("BRIEF", costs.briefs),
        ("PROMPT", costs.prompts),
        ("MODEL", costs.models),
    ):
        lines += ["", *_spent_lines(title, rows)]
    lost = sum(row.lost for row in costs.days)
    if lost:
        usd = sum((Decimal(row.lost_usd) for row in costs.days), Decimal(0))
        lines += [
            "",
            f"Of these, {count(lost, 'call')} brought no whole reply: at most {dollars(usd)}, counted as spent.",
        ]
    if costs.unpriced:
        lines.append(f"{count(costs.unpriced, 'call')} had no known price: give the model a `price` in copydesk.yml.")
    lines += [f"Prices: {', '.join(costs.prices)}."] if costs.prices else []
    return [*lines, "Next: copydesk report"]


def _spent_lines(title: str, rows: Sequence[Spent]) -> list[str]:
    most = max((Decimal(row.usd) for row in rows), default=Decimal(0)) or Decimal(1)
    cells = [
        (
            row.name, dollars(row.usd), f"{row.calls:,}", f"{row.input_tokens:,}", f"{row.cached_tokens:,}",
            f"{row.output_tokens:,}", "#" * round(Decimal(row.usd) / most * BAR),
        )
        for row in rows
    ]  # fmt: skip
    return table([(title, "SPENT", "CALLS", "TOKENS IN", "CACHED", "OUT", ""), *cells])


def models_lines(models: Models) -> list[str]:
    """Return the models as a table, what is missing, and how to configure one if there is none."""
    if models.offline:
        return [
            "No model is configured: `offline` answers, with skeletons of your sources' own sentences, for nothing.",
            "To have a model write, name one in copydesk.yml, and set its key (export OPENAI_API_KEY=…):",
            "  models: {fast: {provider: openai, model: gpt-5-mini}}",
            "  roles: {researcher: fast, writer: fast, editor: fast}",
            "Next: copydesk plan",
        ]
    rows = [("NAME", "MODEL", "ASKED BY", "KEY", "$ A MILLION IN, OUT", "LIMITS", "ROLES")]
    rows += [
        (
            row.name, row.model, row.api + (f" at {row.endpoint}" if row.endpoint else ""), _key(row),
            f"{_price(row.input_usd)}, {_price(row.output_usd)}" if row.input_usd else "not known",
            ", ".join(f"{value} {name}" for name, value in row.limits) or "the vendor's", ", ".join(row.roles) or "-",
        )
        for row in models.models
    ]  # fmt: skip
    lines = table(rows)
    for row in models.models:
        if row.said:
            came = {True: "answers", False: "does not answer", None: "was not asked"}[row.reached]
            lines.append(f"{row.name} {came}: {row.said}")
            lines += [f"  {line}" for line in row.mend.splitlines()]
        if not row.input_usd and not unasked(row):
            lines.append(f"No price is known for {row.name}, and a cap needs one, in dollars a million tokens: {PRICE}")
    caps = [
        f"{name} {dollars(usd)}" for name, usd in (("a build", models.budget_run), ("a day", models.budget_day)) if usd
    ]
    lines.append(f"May cost: {', '.join(caps) or 'no cap is set'}; spent today: {dollars(models.spent_today)}.")
    absent = next((row for row in models.models if not row.key_set), None)
    if absent:
        return [*lines, f"Next: export {absent.key}=…"]
    if caps and not any(unasked(row) for row in models.models) and any(not row.input_usd for row in models.models):
        return [*lines, "Next: copydesk plan"]
    unreached = [row for row in models.models if not row.reached]
    return [*lines, f"Next: copydesk {'models --ping' if unreached else 'plan'}"]


def _key(row: ModelRow) -> str:
    return f"{row.key} {'is set' if row.key_set else 'is NOT set'}" if row.key else "none needed"


def _price(usd: str) -> str:
    return dollars(usd).removeprefix("$")
