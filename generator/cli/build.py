"""The verbs that make texts: plan, build, show.

Promises: on a terminal a build shows what it is at; elsewhere it prints one line for each step that was made or failed,
on stderr. rich is imported only for a terminal. Will not do: decide what is made.
"""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal

import click

from generator import app
from generator.app.answers import Progress, Summary
from generator.cli.lines import clean, count, forecast_lines, money, say, shown_lines, summary_lines, tell
from generator.cli.verbs import here, json_option


def parse_dollars(_context: click.Context, _option: click.Parameter, text: str | None) -> Decimal | None:
    """Return dollars as typed, like 2.50; a usage error if they are none."""
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text):
        raise click.UsageError(f"--max-cost takes dollars like 2.50, with a point and no sign, not {text!r}.")
    return Decimal(text)


@click.command()
@click.argument("addresses", nargs=-1, metavar="[ADDRESS]...")
@json_option
def plan(addresses: tuple[str, ...], as_json: bool) -> int:
    """Say what a build would make and why, and what it would cost. Makes nothing."""
    forecast = app.plan(app.find_root(here()), addresses)
    if as_json:
        tell(forecast)
    else:
        say(forecast_lines(forecast))
    return 3 if forecast.broken else 0


@click.command()
@click.argument("addresses", nargs=-1, metavar="[ADDRESS]...")
@click.option(
    "--jobs", default=8, show_default=True, type=click.IntRange(1, 1000), help="Calls at a time, to each model."
)
@click.option("--max-cost", metavar="USD", callback=parse_dollars, help="The most dollars that this build may cost.")
@click.option("--offline", is_flag=True, help="Ask no model: make sourced skeletons. Never replaces a model's text.")
@click.option("--upgrade", is_flag=True, help="Make again what only a newer built-in prompt would change.")
@click.option("--watch", is_flag=True, help="Build again at each save, until Ctrl-C.")
@json_option
def build(
    addresses: tuple[str, ...],
    *,
    jobs: int,
    max_cost: Decimal | None,
    offline: bool,
    upgrade: bool,
    watch: bool,
    as_json: bool,
) -> int:
    """Make what is missing or out of date: all of it, or what the addresses name. Your edits stay."""
    if watch and (addresses or as_json):
        raise click.UsageError("--watch builds everything and tells it in lines: leave addresses and --json out.")
    root = app.find_root(here())
    options = app.BuildOptions(jobs=jobs, offline=offline, upgrade=upgrade, max_cost=max_cost)
    if watch:
        say(["Building at each save; Ctrl-C ends it."], sys.stderr)
        app.watch(root, options=options, report=tell_progress)
        return 0
    with progress() as report:
        summary = app.build(root, addresses, options=options, report=report)
    if as_json:
        tell(summary)
    else:
        say(summary_lines(summary))
    return summary.exit_code


@click.command()
@click.argument("address", metavar="BRIEF/STEP")
@json_option
def show(address: str, as_json: bool) -> int:
    """Show what a step is asked, word for word, what that is made of, and what was last replied."""
    shown = app.show(app.find_root(here()), address)
    if as_json:
        tell(shown)
    else:
        say(shown_lines(shown))
    return 0


# Progress --------------------------------------------------------------------------------------------------------


def progress_line(happened: Progress) -> str:
    """Return the line for what happened, "" if it is not worth one: a step that was reused, or waits as before."""
    result = happened.result
    if result is None:
        return happened.said
    waits = result.outcome == "waiting" and result.asked
    if result.outcome not in ("made", "failed") and not waits:
        return ""
    cost = f", {money(str(result.usd))}" if result.usd else ""
    why = f" ({'; '.join(each.splitlines()[0] for each in result.why if each)})" if any(result.why) else ""
    return f"{'made' if waits else result.outcome} {result.brief}/{result.step}{why}{cost}"


def tell_progress(happened: Progress | Summary) -> None:
    """Print what happened as a line on stderr, and the summary of a build while watching on stdout."""
    if isinstance(happened, Summary):
        say(summary_lines(happened))
    elif line := progress_line(happened):
        say([line], sys.stderr)


@contextlib.contextmanager
def progress() -> Iterator[Callable[[Progress], None]]:
    """Give what a build reports to: a live line below the finished ones on a terminal, plain lines elsewhere."""
    if not sys.stderr.isatty():
        yield tell_progress
        return
    from rich.console import Console  # 100 ms that only a terminal pays
    from rich.status import Status

    console = Console(stderr=True, highlight=False)
    ended = 0
    with Status("Looking", console=console) as status:

        def report(happened: Progress) -> None:
            nonlocal ended
            ended += happened.result is not None
            if line := progress_line(happened):
                console.print(clean(line), markup=False, soft_wrap=True)
            if happened.result is not None:
                status.update(f"{count(ended, 'step')} done; last {happened.result.brief}/{happened.result.step}")

        yield report
