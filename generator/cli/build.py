"""The verbs that make texts: plan, build, show.

Promises: on a terminal a build shows what it is at; elsewhere it prints one line for each step that was made or failed,
on stderr; who stops reading that stops no build. rich is imported only for a terminal. Will not do: decide what is made.
"""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import click

from generator import app
from generator.app.answers import Progress, Summary, Tried
from generator.cli.lines import (
    clean,
    count,
    forecast_lines,
    say,
    shown_lines,
    spent_lines,
    summary_lines,
    tell,
    while_heard,
)
from generator.cli.verbs import by_option, here, json_option
from generator.money import dollars


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
@click.option("--try", "tried", metavar="MODEL,MODEL", help="Make one step with each, blind, and pick one.")
@click.option("--pick", type=click.IntRange(min=1), help="Land a text of the last --try, by its number.")
@by_option
@json_option
def build(
    addresses: tuple[str, ...],
    *,
    jobs: int,
    max_cost: Decimal | None,
    offline: bool,
    upgrade: bool,
    watch: bool,
    tried: str | None,
    pick: int | None,
    by: str,
    as_json: bool,
) -> int:
    """Make what is missing or out of date: all of it, or what the addresses name. Your edits stay."""
    if watch and (addresses or as_json):
        raise click.UsageError("--watch builds everything and tells it in lines: leave addresses and --json out.")
    root = app.find_root(here())
    options = app.BuildOptions(jobs=jobs, offline=offline, upgrade=upgrade, max_cost=max_cost)
    if tried is not None and pick is not None:
        raise click.UsageError("--pick lands a text that --try has shown: type one after the other.")
    if pick is not None:
        return pick_text(root, addresses, pick, by=by, as_json=as_json)
    if tried is not None:
        return try_models(root, addresses, tried.split(","), options=options, by=by, as_json=as_json)
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


# Trials ----------------------------------------------------------------------------------------------------------


def try_models(
    root: Path, addresses: tuple[str, ...], names: list[str], *, options: app.BuildOptions, by: str, as_json: bool
) -> int:
    """Make a step with several models, show the texts blind, and on a terminal land the one that is picked."""
    address = one_step(addresses, "--try")
    with progress() as report:
        found = app.trial(
            root, address, [name.strip() for name in names if name.strip()], options=options, report=report
        )
    if as_json:
        tell(found, next=after_trial(found))
        return found.exit_code
    say(tried_lines(found))
    if sys.stdin.isatty() and found.texts:
        number = click.prompt("Which one? Its number, or 0 for none", type=click.IntRange(0, len(found.texts)))
        if number:
            return pick_text(root, addresses, number, by=by, as_json=False)
        say(["Nothing was picked; the texts stay where they are."])
    say([f"Next: {after_trial(found)}"])
    return found.exit_code


def pick_text(root: Path, addresses: tuple[str, ...], number: int, *, by: str, as_json: bool) -> int:
    """Land a text of the trial that was shown last."""
    address = one_step(addresses, "--pick")
    with progress() as report:
        found = app.pick(root, address, number, by=by or app.person(root), report=report)
    if as_json:
        tell(found)
    else:
        say(picked_lines(found))
    return 0


def one_step(addresses: tuple[str, ...], option: str) -> str:
    """Return the one address that was typed; a usage error if there is another number of them."""
    if len(addresses) != 1:
        raise click.UsageError(f"{option} takes one BRIEF/STEP.")
    return addresses[0]


def after_trial(found: Tried) -> str:
    """Return the command that lands a text of a trial, or that mends what no text came of."""
    if found.texts:
        return f"copydesk build --pick NUMBER {found.address}"
    if not found.failed:
        return f"copydesk build {found.address.partition('/')[0]}"
    return {4: "copydesk plan", 5: "copydesk models --ping"}.get(found.exit_code, "copydesk models")


def tried_lines(found: Tried) -> Iterator[str]:
    """Yield the texts of a trial one after the other, with nothing that tells whose they are, then what it lacks and cost."""
    for text in found.texts:
        yield f"==== {text.number} of {len(found.texts)}, {text.path}"
        yield ""
        yield from text.text.splitlines()
        yield ""
    yield from (f"Failed: {why}" for why in found.failed)
    if not found.texts and not found.failed:
        yield "All gave the same text, word for word, so there is nothing to choose. It is kept, and not paid for again."
    elif not found.texts:
        yield "There are no two texts to pick from. What was answered is kept, and is not paid for again."
    yield from spent_lines("trial", found.usd, found.usd_lost)


def picked_lines(found: Tried) -> list[str]:
    """Return whose text was picked, whose the others were, and what came of it."""
    others = [name for number, name in enumerate(found.names, 1) if number != found.picked]
    before = " It was picked before; nothing changed." if found.again else ""
    lines = [f"You picked {found.names[found.picked - 1]}, of {', '.join(others)} besides: {found.path}.{before}"]
    if found.suggestions:
        lines.append(f"{count(found.suggestions, 'suggestion')}: your text stands where this one has another.")
    return [*lines, f"Next: copydesk {'suggestions' if found.suggestions else 'build'}"]


# Progress --------------------------------------------------------------------------------------------------------


def progress_line(happened: Progress) -> str:
    """Return the line for what happened, "" if it is not worth one: a step that was reused, or waits as before."""
    result = happened.result
    if result is None:
        return happened.said
    waits = result.outcome == "waiting" and result.asked
    if result.outcome not in ("made", "failed") and not waits:
        return ""
    cost = f", {dollars(result.usd)}" if result.usd else ""
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
    status = Status("Looking", console=console)

    def report(happened: Progress) -> None:
        nonlocal ended
        ended += happened.result is not None
        with while_heard():
            if line := progress_line(happened):
                console.print(clean(line), markup=False, soft_wrap=True)
            if happened.result is not None:
                status.update(f"{count(ended, 'step')} done; last {happened.result.brief}/{happened.result.step}")

    status.start()
    try:
        yield report
    finally:
        with while_heard():
            status.stop()
