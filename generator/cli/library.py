"""The verbs that show what briefs can be made of: workflows, prompts.

Promises: each is one call of `app`; nothing that lies in workflows/ or prompts/ is overwritten. Will not do: edit one.
"""

from __future__ import annotations

import click

from generator import app
from generator.cli.lines import prompt_lines, prompts_lines, say, tell, workflow_lines, workflows_lines
from generator.cli.verbs import here, json_option


@click.command()
@click.argument("name", default="", metavar="[NAME]")
@json_option
def workflows(name: str, *, as_json: bool) -> int:
    """List the built-in workflows and your own, or draw one: its steps, who does each, what it asks for and delivers."""
    root = app.find_root(here())
    if name:
        row = app.workflow(root, name)
        if as_json:
            tell(row)
        else:
            say(workflow_lines(row))
    else:
        rows = app.workflows(root)
        if as_json:
            tell(None, workflows=rows)
        else:
            say(workflows_lines(rows))
    return 0


@click.command()
@click.argument("words", nargs=-1, metavar="[NAME | eject NAME]")
@click.option("--built-in", is_flag=True, help="Show the built-in, though prompts/ has one of that name.")
@json_option
def prompts(words: tuple[str, ...], *, built_in: bool, as_json: bool) -> int:
    """List the prompts that steps may use, or show one, word for word.

    `eject NAME` copies a built-in to prompts/NAME.md, where it is yours and wins by its name. Nothing is made again until
    you change it. `check` tells you when the built-in has moved on.
    """
    root = app.find_root(here())
    if words[:1] == ("eject",) and len(words) == 2:
        created = app.eject(root, words[1])
        if as_json:
            tell(None, created=created)
        else:
            say([f"Created {created[0]}. It is yours to edit, and wins over the built-in.", "Next: copydesk plan"])
    elif len(words) > 1:
        raise click.UsageError("Name one prompt, or say: eject NAME.")
    elif words:
        shown = app.prompt(root, words[0], built_in=built_in)
        if as_json:
            tell(shown)
        else:
            say(prompt_lines(shown))
    else:
        rows = app.prompts(root)
        if as_json:
            tell(None, prompts=rows)
        else:
            say(prompts_lines(rows))
    return 0
