"""The verbs that merge: merge, settle.

Promises: the merged text goes to stdout byte for byte, and all else to stderr; as git's driver, `merge` leaves git's file
as it was whenever it fails, and with git's marks where two people changed a sentence. Will not do: decide between them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from generator import app
from generator.app.answers import Settled
from generator.cli.lines import count, say, tell
from generator.cli.verbs import by_option, here, json_option

FILE = click.Path(path_type=Path)


@click.command()
@click.argument("files", nargs=-1, type=FILE, metavar="BASE MINE THEIRS")
@click.option("-o", "--out", type=FILE, help="Write the text there instead of to stdout.")
@click.option("--set-up", is_flag=True, help="Have this clone's git merge drafts by sentence.")
@click.option("--driver", default="", metavar="PATH", help="Be git's merge driver: write the text to MINE.")
@json_option
def merge(files: tuple[Path, ...], out: Path | None, *, set_up: bool, driver: str, as_json: bool) -> int:
    """Merge prose by sentence: MINE with what THEIRS changed since BASE. Exit code 1 when suggestions are left."""
    if set_up:
        written = app.set_up(app.find_root(here()))
        if as_json:
            tell(None, created=written)
        else:
            say([*(f"Wrote {each}" for each in written), "git merges drafts by sentence now.", "Next: copydesk status"])
        return 0
    if len(files) != 3:
        raise click.UsageError("merge takes three files: BASE MINE THEIRS.")
    base, mine, theirs = files
    merged = app.merge_files(base, mine, theirs)
    offered = merged.suggestions
    target = mine if driver else out
    if driver and offered:
        app.leave_marks(base.resolve(), mine.resolve(), theirs.resolve())
    elif target is not None:
        app.write_merged(target, merged.text)
    if as_json:
        rows = [
            {"id": each.id, "line": each.line, "base": each.base, "mine": each.mine, "theirs": each.theirs}
            for each in offered
        ]
        tell(None, text=merged.text, suggestions=rows)
    elif target is None:
        sys.stdout.buffer.write(merged.text.encode())
        sys.stdout.buffer.flush()
    name = driver or str(target or mine)
    for row in offered:
        lines = [f"{name}:{row.line}: both changed it", *_side("mine", row.mine), *_side("theirs", row.theirs)]
        say(lines, sys.stderr)
    if offered:
        ends = (
            f"Next: copydesk settle {driver}" if driver else "Mine stands in the text. Take over what you like better."
        )
        say([f"{count(len(offered), 'place')} that both changed.", ends], sys.stderr)
    return 1 if offered else 0


def _side(label: str, text: str) -> list[str]:
    return [f"  {label if n == 0 else '':<6}  {line}" for n, line in enumerate(text.splitlines() or ["(nothing)"])]


@click.command()
@click.argument("path")
@by_option
@json_option
def settle(path: str, by: str, as_json: bool) -> int:
    """Merge a working copy that git left unmerged into one text, and suggest what both changed."""
    root = app.find_root(here())
    settled = app.settle(root, path, by=by or app.person(root))
    if as_json:
        tell(settled)
    else:
        say(settled_lines(settled))
    return 0


def settled_lines(settled: Settled) -> list[str]:
    """Return what became of the two texts, and what is next."""
    if not settled.settled:
        return [f"There is nothing to settle in {settled.path}.", "Next: copydesk status"]
    how = "One side had removed it; the other's text stands" if settled.one_side else "Both texts are one now"
    if settled.suggestions:
        waiting = count(settled.suggestions, "sentence that both changed waits", "sentences that both changed wait")
        decide = f"Next: copydesk suggestions {settled.address}"
        return [f"{how}; {waiting} as a suggestion.", "When you have decided: git add -A && git commit", decide]
    return [f"{how}: {settled.path}.", "Next: git add -A && git commit"]
