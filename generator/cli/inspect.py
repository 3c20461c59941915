"""The verbs that look back: history, verify.

Promises: each is one call of `app`. Will not do: mend what they find.
"""

from __future__ import annotations

import shutil

import click

from generator import app
from generator.cli.evidence import authored_lines
from generator.cli.lines import finding_lines, levels, say, tell, told_lines
from generator.cli.verbs import here, json_option


@click.command()
@click.argument("address")
@click.option("--blame", is_flag=True, help="Say of each sentence of a text who wrote it, and when.")
@json_option
def history(address: str, *, blame: bool, as_json: bool) -> int:
    """Tell what happened to a brief, a step or a page, oldest first."""
    if blame:
        authored = app.blame(app.find_root(here()), address)
        if as_json:
            tell(None, sentences=authored)
        else:
            say(authored_lines(authored, shutil.get_terminal_size().columns))
        return 0
    told = app.history(app.find_root(here()), address)
    if as_json:
        tell(None, history=told)
    else:
        say(told_lines(told))
    return 0


@click.command()
@json_option
def verify(as_json: bool) -> int:
    """Read every record in memory and history again and name what is torn or missing. Exit code 1 if anything is."""
    findings = app.verify(app.find_root(here()))
    if as_json:
        tell(None, findings=findings)
    elif findings:
        say([*finding_lines(findings), f"{levels(findings)}.", "Next: git checkout -- history/"])
    else:
        say(["Every record is whole.", "Next: copydesk status"])
    return 1 if "error" in levels(findings) else 0
