"""The verbs that write briefs: init, new, adopt, check.

Promises: each is one call of `app`; on a terminal `new` asks for what was not given, elsewhere it never waits. Will not
do: overwrite a file, or know what makes a brief a good one.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from generator import app
from generator.cli.lines import check_lines, count, levels, say, tell
from generator.cli.verbs import by_option, here, json_option
from generator.errors import UsageError

FIELDS = (("title", "Title"), ("audience", "Who reads it"), ("goal", "What they should do then"))


@click.command()
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(file_okay=False, path_type=Path))
@json_option
def init(folder: Path, as_json: bool) -> int:
    """Make DIR (this folder, if none is named) a workspace: folders, a config, a site. Nothing is overwritten."""
    place = (here() / folder).resolve()
    created = app.init(place)
    if as_json:
        tell(None, created=created)
        return 0
    made = [f"Created {path}" for path in created] or ["Nothing to create: everything is there."]
    enter = "" if place == here() else f"cd {folder} && "
    if app.wants_driver(place):
        if sys.stdin.isatty() and click.confirm("Let git merge drafts by sentence in this clone?", default=True):
            made += [f"Wrote {each}" for each in app.set_up(place)]
        else:
            made.append(f"To let git merge drafts by sentence: {enter}copydesk merge --set-up")
    say([*made, app.answering(place), f"Next: {enter}copydesk new article NAME"])
    return 0


@click.command()
@click.argument("workflow")
@click.argument("name")
@click.option("--title", help="What the page is called.")
@click.option("--audience", help="Who reads it.")
@click.option("--goal", help="What they should do then.")
@click.option(
    "--source", "sources", multiple=True, metavar="[NAME=]FILE",
    help="A file under sources/, with a name to keep it apart. May be repeated.",
)  # fmt: skip
@click.option("--set", "inputs", multiple=True, metavar="NAME=VALUE", help="An input of the workflow. May be repeated.")
@json_option
def new(
    workflow: str, name: str, as_json: bool, sources: tuple[str, ...], inputs: tuple[str, ...], **given: str | None
) -> int:
    """Begin a brief called NAME from a workflow (see `copydesk workflows`). On a terminal, asks for what is missing."""
    root = app.find_root(here())
    asks = sys.stdin.isatty() and not as_json
    fields: dict[str, Any] = dict(_pair(each) for each in inputs)
    for key, wish in app.wanted(root, workflow):
        fields[key] = _answer(fields.get(key), f"{key}, {wish}" if asks else "")
    fields |= {key: _answer(given[key], question if asks else "") for key, question in FIELDS}
    if asks and not sources:
        sources = tuple(_answer(None, "Files under sources/ that claims may rest on").replace(",", " ").split())
    fields["sources"] = _grouped(sources)
    created = app.new(root, workflow, name, {key: value for key, value in fields.items() if value})
    if as_json:
        tell(None, created=created)
    else:
        say(
            [
                *(f"Created {path}" for path in created),
                "Write there what you want to say.",
                f"Next: copydesk plan {name}",
            ]
        )
    return 0


def _pair(given: str) -> tuple[str, str]:
    name, equals, value = given.partition("=")
    if not equals or not name:
        raise click.UsageError(f"{given!r} is not NAME=VALUE.")
    return name, value


def _grouped(sources: tuple[str, ...]) -> tuple[str, ...] | dict[str, list[str]]:
    """Return sources as a list, or under their names if they have any."""
    named = [each for each in sources if "=" in each]
    if named and len(named) != len(sources):
        raise click.UsageError("Give every --source a name, or none: --source tally=tally.md")
    groups: dict[str, list[str]] = {}
    for name, file in map(_pair, named):
        groups.setdefault(name, []).append(file)
    return groups or sources


def _answer(given: str | None, question: str) -> str:
    """What was given, or what a person answers; no question, no answer."""
    if given is None and question:
        return str(click.prompt(question, default="", show_default=False, err=True))
    return given or ""


@click.command()
@click.argument("path")
@click.option("--workflow", default="", help="Go on from the page by this workflow, such as refresh.")
@click.option("--source", "sources", multiple=True, metavar="FILE", help="A new source for it. May be repeated.")
@by_option
@json_option
def adopt(path: str, workflow: str, sources: tuple[str, ...], by: str, as_json: bool) -> int:
    """Make a brief and a draft from a page in docs/, or bring an edit made there home as a person's."""
    if sources and not workflow:
        raise click.UsageError("Sources need a workflow that reads them: add --workflow refresh.")
    root = app.find_root(here())
    created = app.adopt(root, path, by=by or app.person(root), workflow=workflow, sources=sources)
    if as_json:
        tell(None, created=created)
    else:
        waiting = () if workflow else app.suggestions(root, created[-1])
        left = [each for each in waiting if each.origin != "AI's new"]
        told = (
            [f"{count(len(left), 'place')} did not fit the draft and wait: copydesk suggestions {created[-1]}"]
            if left
            else []
        )
        told += (
            []
            if workflow
            else ["The site shows what is approved: until then the page is left out of it, or as it was."]
        )
        say(
            [
                *(f"Wrote {each}" for each in created),
                *told,
                f"Next: copydesk {'build' if workflow else f'approve {path}'}",
            ]
        )
    return 0


@click.command()
@click.argument("briefs", nargs=-1, metavar="[BRIEF]...")
@click.option("--fix", "mend", is_flag=True, help="Mend what can be mended without a choice, then check.")
@click.option("--explain", "code", metavar="CODE", help="Explain a finding's code, with an example.")
@json_option
def check(briefs: tuple[str, ...], mend: bool, code: str | None, as_json: bool) -> int:
    """Check briefs, prompts, workflows, config and drafts. No network, no cost. Exit code 1 if there is an error."""
    if code is not None:
        return _explain(code, as_json)
    root = app.find_root(here())
    mended = app.fix(root, briefs) if mend else ()
    findings = app.check(root, briefs)
    if as_json:
        tell(None, findings=findings, mended=mended)
    else:
        say([*(f"Mended {path}" for path in mended), *check_lines(findings)])
    return 1 if "error" in levels(findings) else 0


def _explain(code: str, as_json: bool) -> int:
    text = app.explain(code)
    if text is None:
        raise UsageError(f"there is no finding with the code {code!r}", mend="`copydesk check` shows codes.")
    if as_json:
        tell(None, code=code, explanation=text)
    else:
        say([code, *text.splitlines(), "Next: copydesk check"])
    return 0
