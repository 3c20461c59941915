"""The verbs that direct a text: choose, retry, suggestions, accept, decline.

Promises: each is one call of `app`. Will not do: ask a model; the next build does.
"""

from __future__ import annotations

from collections.abc import Sequence

import click

from generator import app
from generator.app.answers import Choice, Offered
from generator.cli.lines import count, say, tell
from generator.cli.verbs import by_option, here, json_option
from generator.errors import UsageError


def said(_context: click.Context, _option: click.Parameter, note: str | None) -> str:
    """Return a note, "" if none was typed; a usage error if one was typed and is empty."""
    if note is not None and not note.strip():
        raise click.UsageError("--note is empty: say in it what should be different, or leave it out.")
    return note or ""


@click.command()
@click.argument("address", metavar="BRIEF/STEP")
@click.argument("numbers", nargs=-1, type=click.IntRange(min=1), metavar="[N]...")
@click.option("--edit", is_flag=True, help="Change the words in your editor before they are chosen.")
@click.option("--again", is_flag=True, help="Take the choice back and have new options made.")
@click.option("--note", callback=said, help="With --again: what the new options should be like.")
@by_option
@json_option
def choose(
    address: str, numbers: tuple[int, ...], *, edit: bool, again: bool, note: str, by: str, as_json: bool
) -> int:
    """Choose options by their numbers, in the order you want them. Without a number, list what there is."""
    root = app.find_root(here())
    if again and (numbers or edit):
        raise click.UsageError("--again asks for new options: choose when they are made.")
    if note and not again:
        raise click.UsageError("--note goes with --again; to change the words themselves, use --edit.")
    if not again and not numbers:
        choice = app.options(root, address)
        if as_json:
            tell(choice)
        else:
            say(choice_lines(choice))
        return 0
    by = by or app.person(root)
    if again:
        event = app.choose_again(root, address, by=by, note=note)
    else:
        words = _edited(app.words_chosen(root, address, numbers)) if edit else None
        event = app.choose(root, address, numbers, by=by, words=words)
    if as_json:
        tell(None, event=event)
    elif again:
        say([f"The choice of {address} is open again.", f"Next: copydesk build {event.brief}"])
    else:
        names = (event.options[int(number) - 1] for number in event.picked)
        say([*(f"Chose {name}" for name in names), f"Next: copydesk build {event.brief}"])
    return 0


def _edited(words: str) -> str | None:
    """Return the words as a person leaves them in their editor, None if they changed nothing."""
    try:
        return click.edit(words, extension=".md")
    except UnicodeDecodeError as error:
        raise UsageError("what the editor saved is not UTF-8", mend="Save it as UTF-8, then choose again.") from error


def choice_lines(choice: Choice) -> list[str]:
    """Return the options with their numbers and the beginning of their texts, and how to choose."""
    lines = [f"{choice.path} offers:"]
    for number, option in enumerate(choice.options, 1):
        mark = "*" if str(number) in choice.picked else " "
        lines += ["", f"{mark}{number:>2}  {option.name}"]
        said = [line for line in option.text.splitlines()[1:] if line.strip()]
        lines += [f"     {line}" for line in said[:SHOWN]]
        lines += [f"     ({count(len(said) - SHOWN, 'line')} more)"] if len(said) > SHOWN else []
    wanted = str(choice.least) if choice.least == choice.most else f"{choice.least} to {choice.most}"
    who = f"Chosen by {choice.by or 'a person'}: {', '.join(choice.picked)}. " if choice.picked else ""
    lines += ["", f"{who}Choose {wanted} by number; --edit changes the words, --again has new ones made."]
    example = " ".join(str(number) for number in range(1, choice.least + 1))
    return [*lines, f"Next: copydesk choose {choice.address} {example}"]


@click.command()
@click.argument("address", metavar="BRIEF/STEP")
@click.option("--note", callback=said, help="What to do differently, in your words.")
@click.option("--fresh", is_flag=True, help="A new text from scratch, not an update. What you wrote stays yours.")
@by_option
@json_option
def retry(address: str, note: str, fresh: bool, by: str, as_json: bool) -> int:
    """Have a step made again by the next build, as an update of the text as you edited it."""
    root = app.find_root(here())
    event = app.retry(root, address, note=note, fresh=fresh, by=by or app.person(root))
    if as_json:
        tell(None, event=event)
    else:
        say([f"{address} will be made again.", f"Next: copydesk build {event.brief}"])
    return 0


@click.command()
@click.argument("address", default="", metavar="[ADDRESS]")
@json_option
def suggestions(address: str, as_json: bool) -> int:
    """List the places where your text stands and the AI would write another."""
    offered = app.suggestions(app.find_root(here()), address)
    if as_json:
        tell(None, suggestions=[suggestion_keys(each) for each in offered])
    else:
        say(offered_lines(offered))
    return 0


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="ID|ADDRESS...")
@by_option
@json_option
def accept(words: tuple[str, ...], by: str, as_json: bool) -> int:
    """Put suggestions into the draft in place of your text: those of the ids given, or all of an address."""
    root = app.find_root(here())
    events = app.accept(root, words, by=by or app.person(root))
    if as_json:
        tell(None, event=events[-1], events=events)
    else:
        say(
            [
                *(f"Accepted into {each.path}: {gist(each.suggestions[0].theirs)}" for each in events),
                f"Next: copydesk suggestions {events[-1].brief}",
            ]
        )
    return 0


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="ID|ADDRESS...")
@by_option
@json_option
def decline(words: tuple[str, ...], by: str, as_json: bool) -> int:
    """Leave your text as it is and have these suggestions end: those of the ids given, or all of an address."""
    root = app.find_root(here())
    events = app.decline(root, words, by=by or app.person(root))
    if as_json:
        tell(None, event=events[-1], events=events)
    else:
        say(
            [
                *(f"Declined: your text stands in {each.path}: {gist(each.suggestions[0].mine)}" for each in events),
                f"Next: copydesk suggestions {events[-1].brief}",
            ]
        )
    return 0


def gist(text: str) -> str:
    """Return the beginning of a text on one line, and what it means if there is none."""
    words = " ".join(text.split())
    if not words:
        return "(nothing stands there)"
    return words if len(words) <= 60 else f"{words[:59].rstrip()}…"


SHOWN = 6
"""Lines of a text that are listed; of a longer one the rest is counted."""


def offered_lines(offered: Sequence[Offered]) -> list[str]:
    """Return each suggestion with its place and its texts one below the other, and how to decide."""
    if not offered:
        return ["No suggestion waits.", "Next: copydesk status"]
    lines = []
    for each in offered:
        one = each.suggestion
        lines.append(f"{each.id}  {each.path}:{one.line}")
        lines += _side("your text", one.mine or "(you took it out)")
        last = "AI's last" if each.origin == "AI's new" else "before"
        lines += _side(last, one.base) if one.base.strip() not in ("", one.mine.strip()) else []
        lines += _side(each.origin, one.theirs or "(it would go)")
    lines.append(f"{count(len(offered), 'suggestion')}. Your text stands until you accept another.")
    first = offered[0].id
    lines.append(f"Leave it: copydesk decline {first}, or all of a page: copydesk decline {offered[0].address}")
    return [*lines, f"Next: copydesk accept {first}"]


def _side(label: str, text: str) -> list[str]:
    said = text.splitlines()
    shown = said if len(said) <= SHOWN + 1 else [*said[:SHOWN], f"({count(len(said) - SHOWN, 'line')} more)"]
    return [f"  {label if n == 0 else '':<9}  {line}" for n, line in enumerate(shown)]


def suggestion_keys(offered: Offered) -> dict[str, str | int]:
    """Return a suggestion as `--json` tells it."""
    each = offered.suggestion
    return {
        "id": offered.id, "address": offered.address, "path": offered.path, "line": each.line,
        "base": each.base, "mine": each.mine, "theirs": each.theirs,
    }  # fmt: skip
