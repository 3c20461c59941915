"""Answers of `app` as lines for people and as the one object of `--json`.

Promises: a line is plain text, and what a model or a source said cannot move the cursor, set a colour or ring a bell;
each answer ends with the next command to type. Colour only on a terminal that wants it. Will not do: decide, import
click, or read anything.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TextIO

from generator.app.answers import (
    SCHEMA,
    Forecast,
    Overview,
    PageStatus,
    PlannedStep,
    PromptRow,
    Published,
    Shown,
    Summary,
    Told,
    WorkflowRow,
    json_of,
    next_of,
)
from generator.errors import (
    BrokenError,
    BudgetError,
    CopydeskError,
    DiskError,
    Finding,
    ProviderError,
    StoreError,
)
from generator.money import dollars

if TYPE_CHECKING:  # a build with nothing to do is told without the nouns
    from generator.model import Event

LONG = 20
"""Lines of a kind that are shown before the rest is counted."""

DEEP = 8
"""How far a drawing sets in: a longer chain goes straight down from there."""

_CONTROL = {code: f"\\x{code:02x}" for code in (*range(9), *range(11, 32), *range(127, 160))} | {13: ""}
_PAINT = {"Next:": "1", "Failed:": "31", "failed": "31", "Waiting:": "33", "waiting": "33", "made": "32"}
_COMMAND = re.compile(r"(?:^|`|: )(copydesk [^`\n]+?)(?:`|\.?$|\. )", re.MULTILINE)
_NEXT: tuple[tuple[type[CopydeskError], str], ...] = (
    (BrokenError, "copydesk check"),
    (BudgetError, "copydesk plan"),
    (ProviderError, "copydesk models --ping"),
    (StoreError, "copydesk verify"),
)


# Out -------------------------------------------------------------------------------------------------------------


def say(lines: Iterable[str], stream: TextIO | None = None) -> None:
    """Print lines on stdout or `stream`, made harmless, and painted if it is a terminal that wants colour."""
    out = stream or sys.stdout
    painted = wants_colour(out)
    with while_heard() if out is sys.stderr else contextlib.nullcontext():
        for line in lines:
            plain = clean(line)
            out.write((paint(plain) if painted else plain) + "\n")
        out.flush()


@contextlib.contextmanager
def while_heard() -> Iterator[None]:
    """Tell something on stderr; once its reader has gone, what is told goes nowhere, and no work ends because of it."""
    try:
        yield
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def tell(answer: object, **more: object) -> None:
    """Print the one object of `--json` on stdout: the schema, the keys of `answer` if it has any, and `more`."""
    sys.stdout.write(json_text(answer, **more) + "\n")
    sys.stdout.flush()


def json_text(answer: object, **more: object) -> str:
    """Return the object of `--json` as one line of ASCII, so that no locale can tear it."""
    keys = json_of(answer) if answer is not None else {}
    return json.dumps({"schema": SCHEMA, **keys, **{key: json_of(value) for key, value in more.items()}})


def clean(text: str) -> str:
    """Return `text` with control characters spelled out, all but tabs and line ends."""
    return text.translate(_CONTROL)


def wants_colour(stream: TextIO) -> bool:
    """Whether `stream` is a terminal that shows colour (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paint(line: str) -> str:
    """Return a line with the colour of the word it begins with, if that word has one."""
    word = line.split(" ", 1)[0]
    return f"\x1b[{_PAINT[word]}m{word}\x1b[0m{line[len(word) :]}" if word in _PAINT else line


# Findings and errors ---------------------------------------------------------------------------------------------


def finding_lines(findings: Sequence[Finding]) -> list[str]:
    """Return `path:line:col: CODE message` and, indented, how to mend it, for each finding."""
    lines = []
    for finding in findings:
        place = ":".join(str(each) for each in (finding.path, finding.line, finding.column) if each)
        lines.append(f"{place}: {finding.code} {finding.message}" if place else f"{finding.code} {finding.message}")
        lines += [f"  {line}" for line in finding.fix.splitlines()]
    return lines


def count(number: int, thing: str, things: str = "") -> str:
    """Return `1 step`, `2 steps`, `1,000 steps`."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def levels(findings: Sequence[Finding]) -> str:
    """Return how many findings of each level there are, in words."""
    words = (("error", "error"), ("warn", "warning"), ("info", "remark"))
    numbers = [(sum(finding.level == level for finding in findings), word) for level, word in words]
    return ", ".join(count(number, word) for number, word in numbers if number)


def check_lines(findings: Sequence[Finding]) -> list[str]:
    """Return all findings of `check` or `verify`, their count, and what to do next."""
    if not findings:
        return ["Nothing to mend.", "Next: copydesk plan"]
    code = next((each.code for each in findings if each.level == "error"), findings[0].code)
    return [*finding_lines(findings), f"{levels(findings)}.", f"Next: copydesk check --explain {code}"]


def error_lines(error: CopydeskError, command: str) -> list[str]:
    """Return what is wrong, where, how to mend it, and the next command. `command` is the one that was typed."""
    findings: tuple[Finding, ...] = getattr(error, "findings", ())
    lines, then = finding_lines(findings), next_after(error, command)
    if not any(finding.message == error.what for finding in findings):
        lines.append(f"{error.where}: {error.what}" if error.where else error.what)
        lines += [f"  {line}" for line in error.mend.splitlines() if line != then]
    return [*lines, f"Next: {then}"]


def next_after(error: CopydeskError, command: str) -> str:
    """Return the command that an error's mend names, in backticks or after a colon, or else the one for its kind."""
    if named := _COMMAND.search(error.mend):
        return named[1]
    if isinstance(error, DiskError):
        return command
    return next((then for kind, then in _NEXT if isinstance(error, kind)), "copydesk status")


def error_text(error: CopydeskError) -> str:
    """Return the error as the one object of `--json`."""
    findings: tuple[Finding, ...] = getattr(error, "findings", ())
    told = {"what": error.what, "where": error.where, "mend": error.mend, "findings": json_of(findings)}
    return json_text(None, error=told)


# Building --------------------------------------------------------------------------------------------------------


def summary_lines(summary: Summary) -> list[str]:
    """Return what a build did, in plain sentences: counts, waits, failures, notes, where the texts lie, what is next."""
    lines = [*finding_lines(summary.broken), _done(summary)]
    lines += _stopped(summary)
    if summary.blocked and summary.stopped_by:
        lines.append(f"{count(summary.blocked, 'step')} did not begin: the cap, or what they need, stands in the way.")
    elif summary.blocked:
        lines.append(f"{count(summary.blocked, 'step')} could not begin: something they need failed or waits.")
    lines += _shortened(_failures(summary.failures))
    waits = [f"Waiting: {address}, for {whom}: {command}" for address, whom, command in summary.waits]
    lines += _shortened(waits)
    if summary.suggestions:
        lines.append(f"{count(summary.suggestions, 'suggestion')}: your text stands where the AI has another.")
    lines += [*spent_lines("build", summary.usd, summary.usd_lost), *_shortened(_noted(summary.notes))]
    if summary.made and summary.deliverables:
        lines += ["Read and edit:", *_shortened([f"  {path}" for path in summary.deliverables])]
    return [*lines, f"Next: {summary.next or _next_after_build(summary)}"]


def spent_lines(what: str, usd: str, lost: str) -> list[str]:
    """Return what a build or a trial cost, and how much of it for calls that brought no whole reply; nothing if it was free."""
    without = f", {dollars(lost)} of it at most for calls that brought no whole reply" if lost.strip("0.") else ""
    return [f"This {what} cost {dollars(usd)}{without}."] if usd.strip("0.") else []


def _stopped(summary: Summary) -> list[str]:
    """Return the cap that a build ended at, and what is left."""
    if not summary.stopped_by:
        return []
    cost = _cost(summary.left_low, summary.left_high)
    what, _, mend = summary.stopped_by.partition("\n")
    return [f"Stopped: {what}.", *mend.splitlines(), f"Left: {count(summary.left, 'step')}, for {cost}."]


def _noted(notes: Iterable[str]) -> list[str]:
    """Return a line for each note; what is said alike of several steps shares one."""
    split = [note.partition(": ") for note in dict.fromkeys(notes)]
    pairs = [(of, what) if "/" in of and " " not in of else ("", f"{of}{colon}{what}") for of, colon, what in split]
    alike = [f"{names}: {what}" if names else what for names, what in _gathered(pairs)]
    return [f"Note: {line}" for line in alike]


def _failures(failures: Sequence[tuple[str, str]]) -> list[str]:
    """Return a line for each failure; what failed for one and the same cause shares one."""
    return [f"Failed: {names}: {cause}" for names, cause in _gathered(failures)]


def _gathered(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return each cause with those it is told of, at most three by name."""
    causes: dict[str, list[str]] = {}
    for address, cause in pairs:
        causes.setdefault(cause, []).append(address)
    return [
        (", ".join(each[:3]) + (f" and {len(each) - 3:,} more" if len(each) > 3 else ""), cause)
        for cause, each in causes.items()
    ]


def _cost(low: str, high: str) -> str:
    """Return a range of dollars."""
    least, most = dollars(low), dollars(high)
    return least if least == most else f"{least} to {most}"


def _done(summary: Summary) -> str:
    reused = f"{count(summary.reused, 'step')} {'is' if summary.reused == 1 else 'are'} up to date"
    rest = f"; {reused}." if summary.reused else "."
    if summary.made:
        return f"Made {count(summary.made, 'step')}{rest}"
    if summary.failed or summary.broken or summary.stopped_by:
        return f"Made nothing{rest}"
    if summary.waiting:
        return f"Nothing to do but what waits for a person{rest}"
    return f"Nothing to do: {reused}." if summary.reused else "Nothing to do: there is no brief yet."


def _next_after_build(summary: Summary) -> str:
    if summary.broken:
        return next_of(summary.broken)
    if summary.waits:
        return summary.waits[0][2] or "copydesk status"
    if summary.suggestions:
        return "copydesk suggestions"
    return "copydesk status" if summary.made or summary.reused or summary.failed else "copydesk new article NAME"


def forecast_lines(forecast: Forecast) -> list[str]:
    """Return what a build would do, why, and at what cost; steps that stay as they are only in the count."""
    moving = [step for step in forecast.steps if step.action not in ("reuse", "keep")]
    still = len(forecast.steps) - len(moving)
    rows = [(step.action, f"{step.brief}/{step.step}", _why(step)) for step in moving]
    lines = [*finding_lines(forecast.broken), *table(rows)]
    free = "" if forecast.unpriced else ", at no cost"
    cost = f", for {_cost(forecast.usd_low, forecast.usd_high)}" if forecast.usd_high.strip("0.E-") else free
    now = sum(step.action in ("make", "update", "restore") for step in moving)
    if moving:
        rest = f"; {count(still, 'step')} {'stays as it is' if still == 1 else 'stay as they are'}" if still else ""
        lines.append(f"A build would make {count(now, 'step')}{cost}{rest}.")
    else:
        lines.append(f"Nothing to do: {count(still, 'step')} {'is' if still == 1 else 'are'} up to date.")
    if forecast.fallback_high.strip("0."):
        lines.append(
            f"If every first model falls back on the next, it may cost up to {dollars(forecast.fallback_high)}."
        )
    if forecast.later_high.strip("0.E-"):
        lines.append(f"What waits for people would then cost {_cost(forecast.later_low, forecast.later_high)}.")
    if forecast.assumed and (forecast.usd_high + forecast.later_high).strip("0.E-"):
        lines.append(
            f"For {count(forecast.assumed, 'step')} there is no history yet: a reply of 300 to 3,000 tokens is assumed."
        )
    if forecast.reserve.strip("0.E-"):
        lines.append(
            f"Up to {dollars(forecast.reserve)} is reserved for a call until it is answered: a cap must have room for that."
        )
    lines += [f"No price is known for `{name}`: its calls are not counted in dollars." for name in forecast.unpriced]
    for why in forecast.tight:
        what, _, mend = why.partition("\n")
        lines += [f"A build would stop: {what}.", mend.partition("; what is left")[0]]
    lines += [f"A build may stop: {why}." for why in forecast.loose]
    lines += [f"{variable} is not set, and {name} is not asked without it." for name, variable in forecast.keyless]
    lines += _noted(forecast.notes)
    return [*lines, f"Next: {_next_after_plan(forecast, moving)}"]


def _next_after_plan(forecast: Forecast, moving: Sequence[PlannedStep]) -> str:
    failing = [step.command for step in moving if step.action == "fail"]
    if forecast.broken or failing:
        return next_of(forecast.broken) if forecast.broken else next(filter(None, failing), "copydesk check")
    if not any(step.action in ("make", "update", "restore") for step in moving):
        return "copydesk status"
    if forecast.keyless:
        return f"export {forecast.keyless[0][1]}=…"
    low = next((why for why in forecast.tight if not _goes_on(why)), "")
    return f"raise {low.partition(' is ')[0]}, then: copydesk build" if low else "copydesk build"


def _goes_on(why: str) -> bool:
    """Whether a cap at which a build stops lets the next one go on."""
    return why.partition("\n")[2].strip().startswith("Build again")


def _why(step: PlannedStep) -> str:
    cost = f", {_cost(step.usd_low, step.usd_high)}" if step.usd_high.strip("0.E-") else ""
    tokens = f", {_tokens(step.input_low, step.input_high)} tokens in, {_tokens(step.output_low, step.output_high)} out"
    tokens = tokens if step.input_high else ""
    who = f" [{step.model}{tokens}{cost}]" if step.model and step.action in ("make", "update", "maybe") else ""
    return "; ".join(line.strip() for reason in step.reasons for line in reason.splitlines()) + who


def _tokens(low: int, high: int) -> str:
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def shown_lines(shown: Shown) -> Iterator[str]:
    """Yield the request of a step as it would be sent, the parts it is made of, and what was last replied."""
    yield f"{shown.address}: {shown.model or 'no model'}, about {count(shown.tokens, 'token')}, recipe {shown.recipe}"
    for message in shown.messages:
        yield f"---- {message.role}"
        yield from message.text.splitlines()
    yield "---- made of"
    yield from table([(part.label, part.digest[:8], count(len(part.text), "character")) for part in shown.parts])
    yield f"---- sent with: {', '.join(f'{name} {value}' for name, value in shown.settings)}"
    if shown.output:
        yield "---- the shape of the reply, as a JSON Schema"
        yield from json.dumps(json.loads(shown.output), indent=2, ensure_ascii=False).splitlines()
    ended = "" if shown.ending == "complete" else f", {shown.ending}"
    by = f", by {shown.by}" if shown.by else ""
    yield "---- last reply" + by + ended + (f", {dollars(shown.usd)}" if shown.usd.strip("0.") else "")
    yield from shown.reply.splitlines() or ["none yet"]
    yield f"Next: copydesk {'retry' if shown.reply else 'build'} {shown.address if shown.reply else _brief_of(shown)}"


def _brief_of(shown: Shown) -> str:
    return shown.address.partition("/")[0]


# Deciding --------------------------------------------------------------------------------------------------------


def overview_lines(overview: Overview) -> list[str]:
    """Return a table of the pages, each with its state and what it needs, then what no brief asks for."""
    rows = [(page.path, page.status, _needs(page)) for page in overview.pages]
    lines = [*finding_lines(overview.broken), *(table([("PAGE", "STATUS", "NEEDS"), *rows]) if rows else [])]
    if not overview.pages and not overview.broken:
        lines.append("There is no page yet.")
    lines += _shortened([f"Orphan: {path}: no brief asks for it; it stays as it is." for path in overview.orphans])
    if overview.broken:
        return [*lines, "Next: copydesk check"]
    needs = next((page.needs for page in overview.pages if page.needs), "")
    return [*lines, f"Next: {needs or ('copydesk publish' if overview.pages else 'copydesk new article NAME')}"]


def _needs(page: PageStatus) -> str:
    extras = ["ready to send"] if is_ready(page.path) and page.status == "approved" else []
    extras += [page.waits] if page.waits else []
    extras += [f"for {', '.join(page.awaits)}"] if page.awaits else []
    extras += [count(page.suggestions, "suggestion")] if page.suggestions else []
    extras += [count(page.findings, "finding")] if page.findings else []
    return "; ".join([*([page.needs] if page.needs else []), *extras])


def approved_lines(events: Sequence[Event], checklist: Sequence[str] = ()) -> list[str]:
    """Return what was approved and not checked, from where an e-mail or posts can be copied, and what is next."""
    lines = []
    for event in events:
        roles = f" for {', '.join(event.roles)}" if event.roles else ""
        lines.append(f"Approved {event.path or f'{event.brief}/{event.step}'}{roles}, by {event.by}")
        if is_ready(event.path) and event.mode != "partly":
            day = f" on {event.publish_on}" if event.publish_on else ""
            mail = event.path.endswith(".email.md") and not event.notes  # a note says that the HTML is somebody's own
            html = f"{event.path.removesuffix('.md')}.html, or as text from " if mail else ""
            lines.append(f"Ready to send{day}: copy from {html}{event.path}")
        lines += [f"Note: {note}" for note in event.notes]
        left = [item for item in checklist if event.path and item not in event.checked]
        lines += (
            [f"Not checked: {', '.join(left)} (--checked ITEM, or --checked all, records what you checked)"]
            if left
            else []
        )
    partly = next((event.notes[0].rpartition(": ")[2] for event in events if event.mode == "partly"), "")
    if partly:
        return [*lines, f"Next: {partly}"]
    sent = all(is_ready(event.path) for event in events)
    verb = "status" if sent else "publish" if all(event.path for event in events) else "build"
    return [*lines, f"Next: copydesk {verb}"]


def is_ready(path: str) -> bool:
    """Whether what is approved at a path is sent by people, and not published."""
    return path.startswith("outbox/")


def withdrawn_lines(event: Event) -> list[str]:
    """Return what was withdrawn, what it means, and what is next."""
    if is_ready(event.path):
        told, verb = f"Withdrew {event.path}; its draft and its history stay.", "status"
    else:
        told, verb = f"Withdrew {event.path}; it leaves the site at the next publish.", "publish"
    return [told, *(f"Note: {note}" for note in event.notes), f"Next: copydesk {verb}"]


def published_lines(published: Published) -> list[str]:
    """Return what is on the site, what was left out and why, and what is next."""
    lines = [
        f"Left out: {path}: {why}" + (f": {command}" if command else "") for path, why, command in published.refused
    ]
    lines = _shortened(lines) + [f"Restored: {path}, as it was approved" for path in published.restored]
    lines += [f"Note: {note}" for note in published.notes]
    head = "Published" if published.built else "Nothing changed since the last time:"
    where = f" to {published.site}/" if published.site else ""
    lines.append(f"{head} {count(len(published.published), 'approved page')}{where}.")
    lines += _shortened([f"  {path}" for path in published.published])
    lines += _shortened([f"Ready to send: {path}" for path in published.ready])
    commands = (command for _, _, command in published.refused if command.startswith("copydesk "))
    return [*lines, f"Next: {next(commands, 'copydesk status')}"]


def told_lines(told: Sequence[Told]) -> list[str]:
    """Return the story of an address, oldest first."""
    lines = [f"{each.at}  {each.line}" + (f", by {each.by}" if each.by else "") for each in told]
    return [*(lines or ["Nothing has happened yet."]), f"Next: copydesk {'status' if lines else 'build'}"]


def workflows_lines(rows: Sequence[WorkflowRow]) -> list[str]:
    """Return a table of the workflows: name, whose it is, what it is for."""
    listed = table([("WORKFLOW", "WHOSE", "FOR"), *((row.name, row.whose, row.description) for row in rows)])
    return [*listed, "To see one: copydesk workflows NAME", "Next: copydesk workflows campaign"]


def workflow_lines(row: WorkflowRow) -> list[str]:
    """Return a workflow as a drawing: a step to a line, set in by what comes before it, then what it asks and delivers."""
    drawn = [(f"{'  ' * min(step.depth, DEEP)}{'+- ' if step.depth else ''}{step.id}", step) for step in row.steps]
    rows = [(name, step.who, f"reads {', '.join(step.reads)}" if step.reads else "") for name, step in drawn]
    lines = [f"{row.name} ({row.whose}): {row.description}", ""]
    for line, (_, step) in zip(table(rows), drawn, strict=True):
        lines.append(f"  {line}")
        inset = " " * (2 * min(step.depth, DEEP) + 5)
        lines += [f"{inset}fans out by {step.fans}"] if step.fans else []
        lines += [f"{inset}gathers them all"] if step.gathers else []
    lines += ["", *(f"Delivers {each}" for each in row.delivers)]
    for key, kind, told, default in row.inputs:
        asked = f"Asks for {key} ({kind})" + (f": {told}" if told else "")
        lines.append(asked if default is None else f"{asked}, else {default!r}")
    lines += [f"Sets {key}: {value}" for key, value in row.defaults]
    lines += [f"Roles: {', '.join(row.roles)}"] if row.roles else []
    return [*lines, f"Next: copydesk new {row.name} NAME"]


def prompts_lines(rows: Sequence[PromptRow]) -> list[str]:
    """Return a table of the prompts: name, whose it is, the role that answers it, what it does."""
    listed = table(
        [("PROMPT", "WHOSE", "ROLE", "DOES"), *((r.name, r.whose, r.model or "-", r.description) for r in rows)]
    )
    return [*listed, "To change one, make it yours: copydesk prompts eject NAME", "Next: copydesk prompts draft"]


def prompt_lines(row: PromptRow) -> list[str]:
    """Return one prompt, word for word."""
    shown = [f"---- {row.path or f'built-in {row.name}'}", *row.text.splitlines()]
    return [*shown, f"Next: {'copydesk plan' if row.path else f'copydesk prompts eject {row.name}'}"]


def _shortened(lines: list[str]) -> list[str]:
    rest = len(lines) - LONG
    return lines if rest <= 0 else [*lines[:LONG], f"... and {rest:,} more"]


def table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Return rows as lines, in columns as wide as their widest cell."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))] if rows else []
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
