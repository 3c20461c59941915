"""The verbs that tell what a team did: report, story; and who wrote what.

Promises: bars only on a terminal, figures everywhere; each figure says what it means in a sentence and how much it rests
on. Will not do: count anything.
"""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

import click

from generator import app
from generator.app.answers import Authored, Figure, Report, Share
from generator.cli.lines import count, say, tell
from generator.cli.verbs import here, json_option
from generator.money import dollars

BAR = 20
"""Characters of a full bar."""

COLUMNS = 100
"""Columns that a sentence takes."""

TRIALS = 10
"""Trials from which a share says anything."""

WIDE = 60
"""Columns from which on a bar has room beside its figure."""


@click.command()
@json_option
def report(as_json: bool) -> int:
    """Say, from history alone, how the work goes: a figure for each skill, then what approved deliverables took."""
    told = app.report(app.find_root(here()))
    if as_json:
        tell(told)
    else:
        drawn = sys.stdout.isatty() and shutil.get_terminal_size().columns >= WIDE
        say(report_lines(told, drawn=drawn))
    return 0


def report_lines(told: Report, *, drawn: bool = False) -> list[str]:
    """Return the report: a heading, a sentence and a figure for each skill; with bars if `drawn`."""
    lines: list[str] = []
    for figure in told.figures:
        means = textwrap.wrap(figure.means, COLUMNS, initial_indent="  ", subsequent_indent="  ")
        lines += [figure.skill.capitalize(), *means, *_figure_lines(figure, drawn=drawn), ""]
    if told.trials:
        lines += ["Blind trials: texts that people picked, by prompt and model"]
        lines += [f"  {share.name}: {share.hits} of {count(share.of, 'trial')}" for share in told.trials]
        lines += ["  Too few to say which is better."] if max(share.of for share in told.trials) < TRIALS else []
        lines.append("")
    lines.append("Cost and time of an approved deliverable")
    if not told.costs:
        lines.append("  Nothing is approved yet.")
    else:
        free = " `offline` asks nobody, so these texts cost nothing." if told.offline else ""
        median = (
            f"{dollars(told.usd_median)} and {_span(told.seconds_median)} from the first record to the first approval"
        )
        lines.append(f"  {count(len(told.costs), 'deliverable')}; half of them took less than {median}.{free}")
    return [*lines, "Next: copydesk story BRIEF"]


def _figure_lines(figure: Figure, *, drawn: bool) -> list[str]:
    if not figure.enough:
        seen = figure.shares[0]
        return [f"  too few to say: {seen.hits} of {seen.of} {figure.unit}"]
    width = max(len(share.name) for share in figure.shares)
    return [f"  {_share(share, figure, width, drawn=drawn)}" for share in figure.shares]


def _share(share: Share, figure: Figure, width: int, *, drawn: bool) -> str:
    if figure.skill == "integration":
        return f"{share.hits / share.of:.1f} a brief ({share.hits} deliverables of {count(share.of, 'brief')})"
    part = share.hits / share.of if share.of else 0.0
    bar = f"{'█' * round(part * BAR):<{BAR}}  " if drawn else ""
    name = f"{share.name:<{width}}  " if width else ""
    return f"{name}{bar}{part:>{4 if width else 1}.0%} ({share.hits} of {share.of} {figure.unit})"


def _span(seconds: int) -> str:
    """Return a time as people say it: the largest unit that it fills, and the next."""
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            return count(round(seconds / size), name)
    return count(seconds, "second")


@click.command()
@click.argument("brief")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="The file to write. Default: story-BRIEF.html in this folder."
)
@json_option
def story(brief: str, out: Path | None, as_json: bool) -> int:
    """Write one HTML page that tells how a brief's texts came to be: choices, edits, notes, sources, cost, approvals."""
    root = app.find_root(here())
    path = app.story(root, brief, out or here() / f"story-{brief.replace('/', '-')}.html")
    if as_json:
        tell(None, created=[str(path)])
    else:
        say(
            [
                f"Wrote {path}: one file, to be opened in a browser, printed or sent on.",
                f"Next: copydesk history {brief}",
            ]
        )
    return 0


# Who wrote what --------------------------------------------------------------------------------------------------


def authored_lines(told: Sequence[Authored], columns: int) -> list[str]:
    """Return each sentence behind who wrote it and when, cut to the width of the terminal."""
    heads = [_author(each) for each in told]
    width = min(44, max(map(len, heads), default=0))
    lines = []
    for head, each in zip(heads, told, strict=True):
        start = f"{head[:width]:<{width}} {each.line:>4}  "
        room = max(20, columns - len(start))
        text = " ".join(each.text.split())
        lines.append(start + (text if len(text) <= room else f"{text[: room - 1]}…"))
    people = sum(each.who == "person" for each in told)
    shared = f"{people} of {count(len(told), 'sentence')} are people's." if told else "The text is empty."
    return [*lines, shared, "Next: copydesk status"]


def _author(each: Authored) -> str:
    when = each.at[:10]
    if each.who == "AI":
        return f"{when} {each.name} {each.prompt} #{each.attempt}"
    return f"{when} {each.name or 'a person'}" if each.event else "not recorded yet: a person"
