"""What `app` answers its doors: frozen values with everything a door shows, and nothing of how it shows it.

Promises: `json_of` turns any answer into the one object of `--json`; counts are integers, money a string of dollars.
Will not do: format, colour or print.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:  # the nouns and rooms behind these answers are not needed to tell that there is nothing to do
    from collections.abc import Sequence

    from generator.model import Finding, Message, Option, Part, Result, Suggestion
    from generator.review import Status

Action = Literal["make", "update", "restore", "reuse", "keep", "hold", "wait", "blocked", "maybe", "fail"]
SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class PlannedStep:
    """What a build would do with a step: its `action`.

    make (a new text), update, restore (its working copy is missing), reuse (up to date), keep (a person's text, or a
    model's that offline may not replace), hold (only a built-in prompt changed: waits for `--upgrade`), wait (a
    person's turn, ended by `command`), blocked (needs one that waits), maybe (something it needs will be made again),
    fail (it cannot be asked, or what was answered is no draft: the reason says why, `command` mends it).
    """

    brief: str
    step: str
    action: Action
    reasons: tuple[str, ...] = ()
    model: str = ""
    command: str = ""
    usd_low: str = "0"
    usd_high: str = "0"
    input_low: int = 0
    input_high: int = 0
    output_low: int = 0
    output_high: int = 0


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """The answer of `plan`. Dollars of this build, and `later` of what then waits; tokens are ranges, too.

    `assumed` counts the steps for which a prior stands in for history, `unpriced` names models without a known price,
    `reserve` is the most that is reserved for one of the calls. `tight` says at which caps a build would stop though it
    costs the least that is foreseen, and how to mend that; `loose` at which others it may, if it costs the most. Ranges are
    those of the first models; `fallback_high` is what this build could come to if every one of them falls back, "0" if none
    can or that costs nothing more. `keyless` are models whose key is not set, with its variable.
    `broken` holds the findings of briefs that cannot be planned.
    """

    steps: tuple[PlannedStep, ...]
    usd_low: str = "0"
    usd_high: str = "0"
    later_low: str = "0"
    later_high: str = "0"
    assumed: int = 0
    unpriced: tuple[str, ...] = ()
    reserve: str = "0"
    tight: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    fallback_high: str = "0"
    keyless: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    broken: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Something that happened during a build: a step ended (`result`), or `said` a plain line. `total` steps so far known."""

    result: Result | None = None
    said: str = ""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The answer of `build`. Counts of steps; `deliverables` are paths of working copies; `exit_code` as in the manual.

    `waits` are (address, for whom or what, command); `failures` are (address, cause); `notes` are told again each time.
    `stopped_by` names the cap that a call did not fit under, "" if all did; then so many steps are `left`, for so much.
    `usd_lost` is what of `usd` went to calls that brought no whole reply, at the most that each can have cost.
    """

    made: int = 0
    reused: int = 0
    waiting: int = 0
    failed: int = 0
    blocked: int = 0
    suggestions: int = 0
    usd: str = "0"
    usd_lost: str = "0"
    deliverables: tuple[str, ...] = ()
    waits: tuple[tuple[str, str, str], ...] = ()
    failures: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    broken: tuple[Finding, ...] = ()
    next: str = ""
    exit_code: int = 0
    stopped_by: str = ""
    left: int = 0
    left_low: str = "0"
    left_high: str = "0"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The answer of `show`: the exact request of a step as a build would send it now, and what was last replied.

    `tokens` is an estimate; `ending` says how the reply ended: complete, cut, refused, broken off and so on; `by` is the model
    that gave it. `settings` are sent along, `output` is the schema of a reply in JSON, "" for Markdown.
    """

    address: str
    messages: tuple[Message, ...]
    parts: tuple[Part, ...]
    tokens: int
    recipe: str
    model: str
    reply: str
    usd: str
    ending: str = "complete"
    by: str = ""
    settings: tuple[tuple[str, str], ...] = ()
    output: str = ""


@dataclass(frozen=True, kw_only=True)
class PageStatus:
    """A row of `status`: a deliverable, its state, and `needs`, the command that moves it on.

    `awaits` are the roles that have not approved these bytes, with their people; `waits` says whom a step waits for.
    """

    address: str
    path: str
    brief: str
    status: Status
    needs: str = ""
    digest: str = ""
    suggestions: int = 0
    findings: int = 0
    awaits: tuple[str, ...] = ()
    waits: str = ""


@dataclass(frozen=True, kw_only=True)
class Overview:
    """The answer of `status`: pages, and orphans: what history or folders hold and no brief asks for (never deleted)."""

    pages: tuple[PageStatus, ...]
    orphans: tuple[str, ...] = ()
    broken: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Published:
    """The answer of `publish`. `published` pages of ours; `refused` are (path, why, command); `site` is the folder.

    `ready` are approved e-mails and posts in outbox/, to be copied from there.
    """

    published: tuple[str, ...]
    refused: tuple[tuple[str, str, str], ...] = ()
    restored: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    site: str = ""
    built: bool = True
    ready: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Told:
    """A line of `history`: an event in plain words."""

    id: str
    at: str
    verb: str
    by: str
    line: str


@dataclass(frozen=True, kw_only=True)
class Offered:
    """A suggestion with its address: the step in whose working copy it waits, at `path`. `origin` says whose text it is.

    `id` is eight hexadecimal digits that hang on the address and the three texts: edits elsewhere do not move it.
    """

    id: str
    address: str
    path: str
    suggestion: Suggestion
    origin: str = "AI's new"


@dataclass(frozen=True, kw_only=True)
class Authored:
    """A sentence and who wrote it: `who` is "AI" (`name` is the model, with `prompt` and `attempt`) or "person".

    `at` and `event` say when and by which record; both are "" for an edit that no record knows yet.
    """

    line: int
    text: str
    who: str
    name: str = ""
    prompt: str = ""
    attempt: int = 0
    at: str = ""
    event: str = ""


@dataclass(frozen=True, kw_only=True)
class Share:
    """A part of a whole, as counts: `hits` of `of`. `name` says of what."""

    name: str
    hits: int
    of: int


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure of the report: the skill it is about, what it means in a sentence, and its shares, the whole first.

    `unit` is what is counted; `enough` says whether there are enough of them to say anything.
    """

    skill: str
    means: str
    unit: str
    shares: tuple[Share, ...]
    enough: bool


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What an approved deliverable took: dollars of the brief's calls, shared evenly, and seconds from its first record."""

    path: str
    usd: str
    seconds: int


@dataclass(frozen=True, kw_only=True)
class Report:
    """The answer of `report`: five figures, one for each skill, and what each approved deliverable took.

    `trials` are, by prompt and model, the blind trials it took part in and those in which people picked its text.
    """

    figures: tuple[Figure, ...]
    costs: tuple[Cost, ...]
    usd_median: str = "0"
    seconds_median: int = 0
    offline: bool = False
    trials: tuple[Share, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Spent:
    """A row of `costs`: calls, tokens and dollars. `input_tokens` are those that no cache held; `lost` brought no reply."""

    name: str
    usd: str
    calls: int
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    lost: int = 0
    lost_usd: str = "0"


@dataclass(frozen=True, kw_only=True)
class Costs:
    """The answer of `costs`: all of it, then by day (UTC), brief, prompt and model; `prices` are the versions taken."""

    usd: str
    calls: int
    days: tuple[Spent, ...] = ()
    briefs: tuple[Spent, ...] = ()
    prompts: tuple[Spent, ...] = ()
    models: tuple[Spent, ...] = ()
    prices: tuple[str, ...] = ()
    unpriced: int = 0


@dataclass(frozen=True, kw_only=True)
class ModelRow:
    """A row of `models`. `key` is the variable that holds its key, "" if it needs none, and `key_set` whether it is set.

    Prices are dollars a million tokens, "" if none is known; `said` is what it answered to a ping, or why it did not, and
    `mend` what to do then.
    """

    name: str
    model: str
    api: str = ""
    endpoint: str = ""
    key: str = ""
    key_set: bool = True
    input_usd: str = ""
    output_usd: str = ""
    priced: str = ""
    limits: tuple[tuple[str, str], ...] = ()
    roles: tuple[str, ...] = ()
    said: str = ""
    mend: str = ""
    reached: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Models:
    """The answer of `models`. `offline` says that no model is configured; budgets are dollars, "" for none."""

    models: tuple[ModelRow, ...] = ()
    roles: tuple[tuple[str, tuple[str, ...]], ...] = ()
    offline: bool = True
    budget_run: str = ""
    budget_day: str = ""
    spent_today: str = "0"


@dataclass(frozen=True, kw_only=True)
class TriedText:
    """One text of a trial, blind: its number, and the file in which it lies."""

    number: int
    path: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Tried:
    """The answer of a trial. `models` as typed; `failed` says why a model gave no text, without its name where it can.

    `texts` are two or more, or none is shown; `usd_lost` is as in a build's summary. After the pick: `picked`, the `names` of the models in the order of the
    texts, the `path` where the text landed, and whether it was picked before (`again`).
    """

    address: str
    texts: tuple[TriedText, ...]
    models: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    usd: str = "0"
    usd_lost: str = "0"
    exit_code: int = 0
    picked: int = 0
    names: tuple[str, ...] = ()
    path: str = ""
    suggestions: int = 0
    again: bool = False


@dataclass(frozen=True, kw_only=True)
class Settled:
    """The answer of `settle`. `settled` is False if there was nothing to do, `one_side` says that the other removed the file."""

    path: str
    address: str
    settled: bool = False
    suggestions: int = 0
    one_side: bool = False


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a step's person chooses from: `options` of the text at `path`, `least` to `most` of them; what was `picked`."""

    address: str
    path: str
    options: tuple[Option, ...]
    least: int = 1
    most: int = 1
    picked: tuple[str, ...] = ()
    by: str = ""


@dataclass(frozen=True, kw_only=True)
class WorkflowStep:
    """A step of a workflow: `who` makes it ("AI: writer", "a person writes"), `reads` the steps whose texts it is given.

    `depth` counts the steps before it, one behind the other; `fans` says by what it fans out, "" if it does not.
    """

    id: str
    uses: str
    who: str
    reads: tuple[str, ...] = ()
    depth: int = 0
    fans: str = ""
    gathers: bool = False


@dataclass(frozen=True, kw_only=True)
class WorkflowRow:
    """A workflow as `workflows` tells it. `whose` is "built-in" or "yours"; `inputs` are (name, type, what for, default).

    `delivers` and `defaults` are lines; an input without a default must be given by a brief.
    """

    name: str
    whose: str
    description: str
    steps: tuple[WorkflowStep, ...] = ()
    roles: tuple[str, ...] = ()
    delivers: tuple[str, ...] = ()
    inputs: tuple[tuple[str, str, str, str | None], ...] = ()
    defaults: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class PromptRow:
    """A prompt as `prompts` lists it. `whose` is "built-in", or "yours" for one of prompts/; `model` names its role.

    `path` is where a prompt of the workspace lies, "" for a built-in. `text` is the whole file, if it was asked for.
    """

    name: str
    whose: str
    description: str
    model: str = ""
    path: str = ""
    ejected_from: str = ""
    text: str = ""


def next_of(broken: Sequence[Finding]) -> str:
    """Return the command that comes next where something is broken: what a price lacks, `check` does not tell."""
    return "copydesk models" if all("copydesk models" in each.fix for each in broken) else "copydesk check"


def json_of(answer: object) -> Any:
    """Return an answer as plain JSON values; at the top of `--json` the door adds `"schema": 1`."""
    from generator.model import Event  # here, so that a build with nothing to do is told without the nouns

    if isinstance(answer, Event):
        return {key: json_of(value) for key, value in dataclasses.asdict(answer).items() if value not in ("", (), None)}
    if dataclasses.is_dataclass(answer) and not isinstance(answer, type):
        return {field.name: json_of(getattr(answer, field.name)) for field in dataclasses.fields(answer)}
    if isinstance(answer, list | tuple):
        return [json_of(each) for each in answer]
    if isinstance(answer, dict):
        return {str(key): json_of(value) for key, value in answer.items()}
    if isinstance(answer, Decimal):
        return str(answer)
    return answer
