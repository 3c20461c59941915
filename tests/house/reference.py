"""The guide's reference pages, made from the program itself: verbs, keys, codes.

`python -m tests.house.reference`, or `make reference`, writes them anew; a test fails when one is stale. Promises: the
same program gives the same bytes; what is said on a page is what the program says of itself. Will not do: explain more
than the program does; a key without a description, or a key of prompts that nobody described here, is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import click

from generator.app.writing import EXPLANATIONS
from generator.briefs import schema
from generator.cli.verbs import GROUPS, VERBS, copydesk
from generator.steps import files

FOLDER = Path(__file__).parents[2] / "docs" / "guide"

NOTE = "This page is made from the program itself, with `make reference`."

GROUP_TITLES = {
    "write": "Begin and check", "build": "Build", "direct": "Direct a text", "decide": "Decide", "publish": "Publish",
    "inspect": "Look back",
}  # fmt: skip

LETTERS = {
    "B": "Briefs", "C": "Settings in copydesk.yml", "D": "Drafts", "E": "Evidence", "M": "Front matter and YAML",
    "P": "Prompts", "S": "Sources and context", "T": "Terms", "V": "Records", "W": "Workflows",
}  # fmt: skip

PROMPT_KEYS = {
    "description": ("What the prompt makes, in a line.", "Says why to read the page."),
    "model": ("A role, or a name under models: in copydesk.yml. What the step says wins.", "writer"),
    "config": ("Settings for the model; see below.", "{effort: low}"),
    "inputs": ("What a step may give under `with:`, by name; see below.", "{tone: {default: plain}}"),
    "output": ("What comes back: markdown, and in this version nothing else.", "markdown"),
    "ejected-from": ("Which built-in it was copied from. `eject` writes it.", ""),
}
INPUT_KEYS = {
    "type": ("A word for readers: what sort of value it is.", "text"),
    "description": ("What the value is for.", "How it should sound."),
    "default": ("What it is if the step is silent. Without one, a step must give it.", "plain"),
}

FORMS: tuple[tuple[str, str, type[schema.Form]], ...] = (
    ("A step", "An entry of `steps`, in a brief or a workflow.", schema.StepForm),
    ("A fan-out", "What stands under `strategy` of a step.", schema.StrategyForm),
    ("A deliverable", "An entry of `deliverables`. It is one of `page`, `email` and `posts`.", schema.DeliverableForm),
)
CONFIG: tuple[tuple[str, str, type[schema.Form]], ...] = (
    ("A model", "An entry of `models`. The current version answers with `offline` alone.", schema.ModelForm),
    ("A price", "What stands under `price` of a model: dollars a million tokens.", schema.PriceForm),
    ("Limits", "An entry of `limits`, under the name of a model.", schema.LimitForm),
    ("Budget", "What stands under `budget`: dollars.", schema.BudgetForm),
    ("Site", "What stands under `site`.", schema.SiteForm),
)


def pages() -> dict[str, str]:
    """Return the text of each reference page by its name in docs/guide/."""
    return {"verbs.md": _verbs(), "keys.md": _keys(), "codes.md": _codes()}


def plain(text: str) -> str:
    """Return words of the program as Markdown that shows them as they stand; what is in backticks stays code."""
    spared = re.sub(r"(?<= )`(?= )", r"\\`", " ".join(text.split()))
    parts = re.split(r"((?<!\\)`[^`]+`)", spared)
    return "".join(part if part.startswith("`") else _escaped(part) for part in parts)


def _escaped(text: str) -> str:
    return re.sub(r"([*_|\[\]])", r"\\\1", text.replace("&", "&amp;").replace("<", "&lt;"))


def _front(title: str, description: str) -> list[str]:
    return ["---", f"title: {title}", f"description: {description}", "---", "", f"# {title}", ""]


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = [head, tuple("---" for _ in head), *rows]
    return [*(f"| {' | '.join(line)} |" for line in lines), ""]


# Verbs -----------------------------------------------------------------------------------------------------------


def _verbs() -> str:
    lines = _front("Verbs", "Every command of copydesk, with what it does and each of its options.")
    lines += [
        "Every command begins with `copydesk`. An address is `BRIEF`, `BRIEF/STEP`, or the path of a page.", "",
        "Every verb has `--help`. Every verb that tells something has `--json`, and answers with one object on stdout.", "",
        "Exit codes: 0 done, 1 findings or failed steps, 2 asked wrongly, 3 brief or settings broken, 4 budget reached,",
        "5 provider out of reach, 130 interrupted.", "", NOTE, "",
    ]  # fmt: skip
    for group in GROUPS:
        lines += [f"## {GROUP_TITLES[group]}", ""]
        for verb in VERBS:
            if verb.group == group:
                lines += _verb(verb.name)
    return "\n".join(lines).rstrip() + "\n"


def _verb(name: str) -> Iterator[str]:
    top = click.Context(copydesk, info_name="copydesk")
    command = copydesk.get_command(top, name)
    assert command is not None
    context = click.Context(command, info_name=name, parent=top)
    usage = " ".join(command.collect_usage_pieces(context))
    yield from (f"### `{name}`", "", "```text", f"copydesk {name} {usage}".rstrip(), "```", "")
    for paragraph in (command.help or "").split("\n\n"):
        yield from (plain(paragraph), "")
    options = [each for each in command.get_params(context) if isinstance(each, click.Option)]
    records = [record for each in options if (record := each.get_help_record(context)) and "--help" not in each.opts]
    yield from _table(("Option", "What it does"), [(f"`{option}`", plain(told)) for option, told in records])


# Keys ------------------------------------------------------------------------------------------------------------


def _keys() -> str:
    lines = _front(
        "Keys", "What may stand in a brief, a workflow, copydesk.yml and a prompt, with an example of each key."
    )
    lines += ["Keys are written in small letters with hyphens. An unknown key is refused with the nearest name.", ""]
    lines += [NOTE, "", "## A brief", "", "The front matter of `content_briefs/NAME.md`.", ""]
    lines += _form(schema.BriefForm)
    for title, told, form in FORMS:
        lines += [f"### {title}", "", told, "", *_form(form)]
    lines += [
        "## A workflow",
        "",
        "The file `workflows/NAME.yml`. It may have every key of a brief, as a default for its",
        "",
    ]
    lines[-2] += " briefs, and these. Its `description` is its own and no default."
    lines += _form(schema.WorkflowForm, without=schema.CommonForm)
    lines += ["### An input", "", "An entry of `inputs`.", "", *_form(schema.InputForm)]
    lines += ["## `copydesk.yml`", "", "The settings of a workspace. Every key may be left out.", ""]
    lines += _form(schema.ConfigForm)
    for title, told, form in CONFIG:
        lines += [f"### {title}", "", told, "", *_form(form)]
    return "\n".join([*lines, *_prompt_keys()]).rstrip() + "\n"


def _prompt_keys() -> list[str]:
    shown = {"max-tokens": "4000", "temperature": "0.5", "top-p": "0.9", "seed": "7"}
    numbers = [(key, f"A number from {least} to {most:,}.", shown[key]) for key, (least, most) in files.NUMBERS.items()]
    config = [("effort", f"How hard the model tries: {', '.join(files.EFFORTS)}.", "low"), *numbers]
    return [
        "## A prompt", "", "The front matter of `prompts/NAME.md`.", "", *_rows(files.KEYS, PROMPT_KEYS),
        "### Settings", "", "What may stand under `config`.", "",
        *_table(("Key", "What it says", "Example"), [_row(key, told, example) for key, told, example in config]),
        "### An input of a prompt", "", "An entry of `inputs`.", "", *_rows(files.INPUT_KEYS, INPUT_KEYS),
    ]  # fmt: skip


def _rows(keys: Iterable[str], told: Mapping[str, tuple[str, str]]) -> list[str]:
    return _table(("Key", "What it says", "Example"), [_row(key, *told[key]) for key in keys])


def _row(key: str, told: str, example: str) -> tuple[str, str, str]:
    shown = f"`{key}: {example}`" if example else ""
    return f"`{key}`", plain(told), shown


def _form(form: type[schema.Form], *, without: type[schema.Form] | None = None) -> list[str]:
    rows = []
    for name, field in form.model_fields.items():
        if without and name in without.model_fields:
            continue
        key = field.alias or name
        assert field.description, f"{form.__name__}.{name} says what it is for"
        words = [value for value in _words(field.annotation) if value]
        choice = f" One of {', '.join(f'`{word}`' for word in words)}." if words else ""
        must = " It must be given." if field.is_required() else ""
        rows.append(_row(key, f"{field.description}{choice}{must}", str(field.examples[0]) if field.examples else ""))
    return _table(("Key", "What it says", "Example"), rows)


def _words(annotation: Any) -> tuple[str, ...]:
    """Return the words that a value must be one of, also where it is a list or a map of such; () if any will do."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    return next((found for each in get_args(annotation) if (found := _words(each))), ())


# Codes -----------------------------------------------------------------------------------------------------------


def _codes() -> str:
    lines = _front("Codes", "What each finding of copydesk means, and how to mend it.")
    lines += [
        "`copydesk check` names a code with each finding. `copydesk check --explain CODE` says on the command line what",
        "",
    ]
    lines[-2] += " stands here."
    lines += [NOTE, ""]
    for letter in sorted({code[0] for code in EXPLANATIONS}):
        lines += [f"## {LETTERS.get(letter, letter)}", ""]
        for code in sorted(each for each in EXPLANATIONS if each[0] == letter):
            lines += [f"### {code}", "", plain(EXPLANATIONS[code]), ""]
    return "\n".join(lines).rstrip() + "\n"


def main() -> None:
    """Write the pages anew."""
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
