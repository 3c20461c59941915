"""The nouns, frozen: what crosses from one room to another.

Promises: a value never changes after it is made, compares by content, and holds tuples, not lists. Mappings are tuples
of pairs, in the order typed. Texts are `str` with line ends as they were. Will not do: touch disk, clock or network.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Literal, Protocol

from generator.digest import canonical, digest_of, digest_text
from generator.errors import Finding as Finding

Pairs = tuple[tuple[str, str], ...]
DeliverableKind = Literal["page", "email", "posts"]
Verb = Literal[
    "made", "chose", "wrote", "noted", "retried", "approved", "sent-back",
    "accepted", "declined", "withdrew", "renamed",
]  # fmt: skip
Ending = Literal["complete", "cut", "refused", "filtered", "misshapen", "empty", "error"]
Outcome = Literal["made", "reused", "waiting", "failed", "blocked"]


# What people say -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Model:
    """Who answers: a name in `models:`, its provider, and the vendor's name for it. Prices: dollars a million tokens."""

    name: str
    provider: str
    model: str
    base_url: str = ""
    api: str = ""
    key_env: str = ""
    price: tuple[tuple[str, Decimal], ...] = ()

    @property
    def label(self) -> str:
        """`provider/model`, as people and history read it."""
        return f"{self.provider}/{self.model}"


@dataclass(frozen=True, kw_only=True)
class Config:
    """`copydesk.yml`. `roles` gives each role its fallback chain of names in `models`; money in dollars."""

    models: tuple[Model, ...] = ()
    roles: tuple[tuple[str, tuple[str, ...]], ...] = ()
    limits: tuple[tuple[str, Pairs], ...] = ()
    budget_run: Decimal | None = None
    budget_day: Decimal | None = None
    people: tuple[tuple[str, tuple[str, ...]], ...] = ()
    renderer: Literal["mkdocs", "none"] = "mkdocs"
    pages_dir: str = "pages"


@dataclass(frozen=True, kw_only=True)
class Deliverable:
    """Something a brief delivers. `name` as typed (`news/tally-3`); `step` is the step whose text it is."""

    kind: DeliverableKind
    name: str
    step: str
    count: int = 0

    @property
    def draft_name(self) -> str:
        """The file name of its working copy in `drafts/BRIEF/`."""
        last = self.name.rpartition("/")[2]
        return f"{last}.md" if self.kind == "page" else f"{last}.{self.kind}.md"

    @property
    def network(self) -> str:
        """Where posts go: their name up to the first hyphen, so that `linkedin-launch` goes to linkedin."""
        return self.name.partition("-")[0].lower()

    def path_in(self, brief: str) -> str:
        """Where it lies once approved, relative to the workspace; pages in `docs/`, the others in `outbox/`."""
        return f"docs/{self.name}.md" if self.kind == "page" else f"outbox/{brief}/{self.draft_name}"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step. In a brief it is as declared, with its `matrix`; in a plan it is an instance, `matrix` empty.

    `id` is `draft`, or for an instance `draft.cmo`; `base` is `draft` in both. `point` holds an instance's matrix values.
    `uses` names a prompt, or one of `human/choose`, `human/write`, `human/approve`. In a plan `needs` names instances.
    `by_hand` is what a person does with the step (`choose`, `write`, `approve`), "" if a model makes it alone.
    """

    id: str
    base: str
    uses: str
    needs: tuple[str, ...] = ()
    model: str = ""
    with_: Pairs = ()
    matrix: tuple[tuple[str, tuple[str, ...]], ...] = ()
    point: Pairs = ()
    gather: bool = False
    by_hand: str = ""


@dataclass(frozen=True, kw_only=True)
class Brief:
    """What is wanted. `fields` holds the texts a prompt may use (title, audience, goal, keyword, inputs), as typed."""

    name: str
    path: str
    workflow: str
    fields: Pairs
    body: str
    body_line: int = 1
    owner: str = ""
    approved_by: tuple[str, ...] = ()
    facts: Pairs = ()
    sources: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    deliverables: tuple[Deliverable, ...] = ()
    checks: tuple[str, ...] = ()
    max_cost: Decimal | None = None
    publish_on: date | None = None

    def field(self, name: str) -> str:
        """Return a field's text, "" if the brief does not give it."""
        return dict(self.fields).get(name, "")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A brief and its steps, each after all that it needs. `notes` are told with every build (no sources, say)."""

    brief: Brief
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()

    def step(self, step_id: str) -> Step | None:
        """Return the step of that id."""
        return next((step for step in self.steps if step.id == step_id), None)

    def deliverable(self, step_id: str) -> Deliverable | None:
        """Return what the step delivers, None if its text is only read by other steps."""
        return next((each for each in self.brief.deliverables if each.step == step_id), None)

    def copy_path(self, step_id: str) -> str:
        """Return where the step's working copy lies, relative to the workspace."""
        delivered = self.deliverable(step_id)
        name = delivered.draft_name if delivered else f"steps/{step_id}.md"
        return f"drafts/{self.brief.name}/{name}"


# What a model is asked, and says ---------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A piece of a source or context file that may be cited by `id` (`release-notes-2`); lines from 1, inclusive.

    `heading` is the headings it stands under, ` > ` between them, "" if none.
    """

    id: str
    path: str
    first_line: int
    last_line: int
    text: str
    heading: str = ""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A labelled input of a request: `label` is `kind.name` (`fact.price`, `upstream.outline`, `prompt.draft`)."""

    label: str
    text: str

    @property
    def kind(self) -> str:
        """What sort of input: brief, fact, with, upstream, passage, context, note, prompt, model, setting, attempt."""
        return self.label.partition(".")[0]

    @property
    def name(self) -> str:
        """Which one of its kind."""
        return self.label.partition(".")[2]

    @property
    def digest(self) -> str:
        """The digest of the text."""
        return digest_text(self.text)


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message of a request."""

    role: Literal["system", "user"]
    text: str


@dataclass(frozen=True, kw_only=True)
class Help:
    """What an update is helped with: `given`, the working copy; what changed; which of its blocks are a person's.

    `messages` is how a model is told. None of it counts for the recipe, all of it for the key.
    """

    given: str
    changed: tuple[str, ...] = ()
    human: tuple[str, ...] = ()
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Request:
    """Everything a step asks: rendered `messages`, the `parts` that the rendering used, the chain of models to try.

    `output` is "" for Markdown or the canonical JSON of a schema; `config` holds neutral settings (effort, max-tokens).
    """

    brief: str
    step: str
    uses: str
    chain: tuple[Model, ...]
    messages: tuple[Message, ...]
    parts: tuple[Part, ...]
    output: str = ""
    config: Pairs = ()
    attempt: str = ""
    help: Help | None = None

    @cached_property
    def recipe(self) -> str:
        """What the step is made from: everything that reaches the words, and the resolved chain; help omitted.

        A part that was read and washed out in rendering does not count: the rendered messages do.
        """
        chain = [f"{model.label} at {model.base_url}" if model.base_url else model.label for model in self.chain]
        said = [[message.role, message.text] for message in self.messages]
        return digest_of("recipe", canonical([said, chain, self.output, list(self.config), self.attempt]))

    def sent_to(self, model: Model) -> str:
        """Return the canonical JSON of all that `model` is sent, endpoint and help included."""
        helped = self.help.messages if self.help else ()
        given = self.help.given if self.help else None
        said = [[message.role, message.text] for message in (*self.messages, *helped)]
        return canonical(
            {
                "provider": model.provider, "model": model.model, "endpoint": model.base_url, "api": model.api,
                "messages": said, "output": self.output, "config": list(self.config), "attempt": self.attempt,
                "given": given,
            }
        )  # fmt: skip

    def key(self, model: Model) -> str:
        """What a reply is kept and paid by: the digest of all that `model` is sent."""
        return digest_of("key", self.sent_to(model))

    def helped(self, help_: Help) -> Request:
        """Return this request as an update."""
        return replace(self, help=help_)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What came back. Tokens are counts, `usd` dollars; only an ending of `complete` may become a draft."""

    text: str
    provider: str
    model: str
    ending: Ending = "complete"
    input_tokens: int = 0
    output_tokens: int = 0
    usd: Decimal = Decimal(0)
    notes: tuple[str, ...] = ()


# What a reply becomes --------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """The AI's text for a place where a person's stands. `line` counts from 1 in the merged text.

    `base` is the AI's last text of the place, `mine` the person's, `theirs` the AI's new; "" where there is none.
    """

    line: int
    base: str
    mine: str
    theirs: str

    @property
    def id(self) -> str:
        """Eight hexadecimal digits that hang on the three texts alone, so edits elsewhere do not move them."""
        return digest_of("suggestion", self.base, self.mine, self.theirs)[:8]


@dataclass(frozen=True, kw_only=True)
class Merged:
    """The result of a merge: the text, and what was not taken into it."""

    text: str
    suggestions: tuple[Suggestion, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Landing:
    """What landed: the working copy now, the new ancestor, the suggestions, whether the file was replaced."""

    path: str
    text: str
    ancestor: str
    suggestions: tuple[Suggestion, ...] = ()
    replaced: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of a step. `why` is the cause of a failure, whom a wait is for, or the reasons for making it again."""

    brief: str
    step: str
    outcome: Outcome
    why: tuple[str, ...] = ()
    command: str = ""
    notes: tuple[str, ...] = ()
    suggestions: int = 0
    usd: Decimal = Decimal(0)
    asked: bool = False


# What happened ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened to a brief. `id` is the digest of its file, "" until it is recorded.

    `after` holds the ids of the newest events that its writer had seen. `at` is a UTC time for people to read; nothing
    is decided by it. Which other fields are set hangs on the verb:

    made       step, path (of the working copy), recipe, key, provider, model, parts (label, digest), attempt, mode, suggestions, usd, notes, text
    wrote      step, path, suggestions, text: a person's text that was brought home
    retried    step, note, fresh; its id is the attempt
    approved   step, path, draft and page (digests), findings, reason, publish_on, text: the page's bytes;
               of a text that is only read by other steps: step, draft, text
    sent-back  step, path, note      withdrew   path
    renamed    what (brief, step, page, draft), old, new; of a draft: step, and paths of the working copy
    """

    verb: Verb
    brief: str
    id: str = ""
    step: str = ""
    at: str = ""
    by: str = ""
    after: tuple[str, ...] = ()
    recipe: str = ""
    key: str = ""
    provider: str = ""
    model: str = ""
    parts: Pairs = ()
    attempt: str = ""
    mode: str = ""
    suggestions: tuple[Suggestion, ...] = ()
    usd: str = ""
    notes: tuple[str, ...] = ()
    note: str = ""
    fresh: bool = False
    path: str = ""
    draft: str = ""
    page: str = ""
    findings: tuple[str, ...] = ()
    reason: str = ""
    publish_on: str = ""
    what: str = ""
    old: str = ""
    new: str = ""
    text: str | None = None


@dataclass(frozen=True, kw_only=True)
class History:
    """The events of a brief, each after all that it had seen; among unordered ones the order is by id, on any machine.

    `events` carry the names in use now: a rename of a brief, step or page has been followed.
    """

    brief: str
    events: tuple[Event, ...] = ()

    def latest(self, verb: Verb, *, step: str | None = None, path: str | None = None) -> Event | None:
        """Return the last event of that verb, for that step or path if one is given."""
        for event in reversed(self.events):
            if event.verb == verb and step in (None, event.step) and path in (None, event.path):
                return event
        return None

    def made_with(self, step: str, recipe: str) -> Event | None:
        """Return the last text of the step that was made with that recipe."""
        for event in reversed(self.events):
            if event.verb == "made" and event.step == step and event.recipe == recipe:
                return event
        return None

    def newest(self, verb: Verb, *, step: str) -> tuple[Event, ...]:
        """Return the events of that verb and step that no other of them saw, in order: several, if clones wrote apart."""
        events = [event for event in self.events if event.verb == verb and event.step == step]
        if self._is_chain:
            return tuple(events[-1:])
        return tuple(each for each in events if not any(self.saw(other, each) for other in events))

    @cached_property
    def _is_chain(self) -> bool:
        return len(self.heads) < 2 and all(len(event.after) < 2 for event in self.events)

    @cached_property
    def _places(self) -> dict[str, int]:
        """A bit for each id that is met, also for those that no event here bears."""
        ids = (each for event in self.events for each in (event.id, *event.after))
        return {each: 1 << place for place, each in enumerate(dict.fromkeys(ids))}

    @cached_property
    def _before(self) -> dict[str, int]:
        """What each event comes after, as a sum of bits: to ask of every pair costs no walk."""
        places, before = self._places, {event.id: 0 for event in self.events}
        moved = True
        while moved:  # once and once more, for events in order
            moved = False
            for event in self.events:
                reached = before[event.id]
                for each in event.after:
                    reached |= places[each] | before.get(each, 0)
                if reached != before[event.id]:
                    before[event.id], moved = reached, True
        return before

    def saw(self, later: Event, earlier: Event) -> bool:
        """Whether the writer of `later` knew of `earlier`, directly or by what it came after."""
        place = self._places.get(earlier.id, 0)
        return any(each == earlier.id or self._before.get(each, 0) & place for each in later.after)

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """The ids that no other event names, sorted: what the next event comes after."""
        named = {each for event in self.events for each in event.after}
        return tuple(sorted(event.id for event in self.events if event.id not in named))


# The three walls -------------------------------------------------------------------------------------------------

Make = Callable[[Step], Awaitable[Result]]
"""Make one step whose needs are met, whatever that takes. Never raises a CopydeskError: a failure is a Result."""


class Ask(Protocol):
    """A provider: answers one request by one model, or raises ProviderError."""

    async def __call__(self, request: Request, model: Model) -> Reply:
        """Ask `model` and return what it said, however it ended."""
        ...


class Memory(Protocol):
    """Paid replies. Each is committed before it is returned to anyone."""

    def recall(self, request: Request, model: Model) -> Reply | None:
        """Return the reply kept under the request's key: the first complete one, else the last that was no error."""
        ...

    def recall_recipe(self, request: Request) -> tuple[Reply, str | None] | None:
        """Return the reply this step got under this recipe, and the copy it was given (None: none).

        The last complete one; where there is none the last with any other ending but an error.
        """
        ...

    def intend(self, request: Request, model: Model) -> None:
        """Record that a call is about to be made."""
        ...

    def keep(self, request: Request, model: Model, reply: Reply) -> None:
        """Commit a reply, with the copy it was given."""
        ...
