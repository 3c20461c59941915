"""What a model is asked, and what it says; and the protocols of who asks and who remembers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Literal, Protocol

from generator.digest import canonical, digest_of, digest_text
from generator.model.wanted import Model, Pairs

SLOT = re.compile(r"\[place: ([a-z0-9.-]+)\][ \t]*")
"""The line, alone, that stands in a text for the words of a slot: the text of the step it names."""

Ending = Literal["complete", "cut", "refused", "filtered", "misshapen", "empty", "error"]

REFUSALS = ("refused", "filtered")
"""Ends for which the next model of a chain is asked."""


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
    """A labelled input of a request: `label` is `kind.name` (`fact.price`, `upstream.outline`, `prompt.draft`).

    A slot (`slot.opening`) is a text that is placed in the reply. A finding (`finding.draft-D002-14`) is what a check says of an upstream text. `uses` is what the step of an upstream
    text uses, "" for every other kind.
    """

    label: str
    text: str
    uses: str = ""

    @property
    def kind(self) -> str:
        """What sort: brief, fact, with, upstream, slot, passage, context, note, finding, prompt, builtin, model, setting, attempt."""
        return self.label.partition(".")[0]

    @property
    def name(self) -> str:
        """Which one of its kind."""
        return self.label.partition(".")[2]

    @property
    def digest(self) -> str:
        """The digest of the text."""
        return digest_text(self.text)


def slot_line(name: str) -> str:
    """Return the line that stands for the words of a slot."""
    return f"[place: {name}]"


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message of a request."""

    role: Literal["system", "user"]
    text: str


@dataclass(frozen=True, kw_only=True)
class Help:
    """What an update is helped with: `given`, the working copy; what changed; which of its blocks are a person's.

    `messages` is how a model is told. None of it counts for the recipe, all of it for the key. A `repair` is
    the question for a reply of the right shape: with the copy that the first one was given, "" for none.
    """

    given: str
    changed: tuple[str, ...] = ()
    human: tuple[str, ...] = ()
    messages: tuple[Message, ...] = ()
    repair: bool = False


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
        chain = [model.place for model in self.chain]
        said = [[message.role, message.text] for message in self.messages]
        return digest_of("recipe", canonical([said, chain, self.output, list(self.config), self.attempt]))

    @property
    def said(self) -> tuple[Message, ...]:
        """All that is said, help included."""
        return (*self.messages, *(self.help.messages if self.help else ()))

    @property
    def given(self) -> str | None:
        """The working copy that the model is helped with, None if it is given none."""
        return None if self.help is None else self.help.given if not self.help.repair else self.help.given or None

    def sent_to(self, model: Model) -> str:
        """Return the canonical JSON of all that `model` is sent, endpoint and help included, and what `offline` reads."""
        read = [self.uses, *(f"{part.label} {part.uses}" for part in self.parts if part.uses)]
        unsaid = {"read": read} if model.provider == "offline" else {}
        said = [[message.role, message.text] for message in self.said]
        return canonical(
            {
                "provider": model.provider, "model": model.model, "endpoint": model.base_url, "api": model.api,
                "messages": said, "output": self.output, "config": list(self.config), "attempt": self.attempt,
                "given": self.given, **unsaid,
            }
        )  # fmt: skip

    def key(self, model: Model) -> str:
        """What a reply is kept and paid by: the digest of all that `model` is sent."""
        if model not in self._keys:
            self._keys[model] = digest_of("key", self.sent_to(model))
        return self._keys[model]

    @cached_property
    def _keys(self) -> dict[Model, str]:
        """Keys by model: each is asked for several times on the way of a call."""
        return {}


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What came back. Tokens are counts, `usd` dollars; only an ending of `complete` may become a draft.

    `input_tokens` include `cached_tokens`, read from the vendor's cache, and `written_tokens`, written to it. `priced` is
    the version of the prices that `usd` comes of, "" if none is known. `why` says more of an ending that is not complete.
    `repair` marks the answer to a question for another shape. `key` is what it is kept by. `rate` is what the vendor said of
    its limits; it is not kept.
    """

    text: str
    provider: str
    model: str
    ending: Ending = "complete"
    input_tokens: int = 0
    output_tokens: int = 0
    usd: Decimal = Decimal(0)
    notes: tuple[str, ...] = ()
    cached_tokens: int = 0
    written_tokens: int = 0
    priced: str = ""
    why: str = ""
    repair: bool = False
    key: str = field(default="", compare=False)
    rate: Pairs = ()


class Ask(Protocol):
    """A provider: answers one request by one model with one call, or raises ProviderError."""

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

    def intend(self, request: Request, model: Model, *, usd: Decimal, priced: str) -> None:
        """Record that a call is about to be made, and the dollars reserved for it, by the price of `priced`."""
        ...

    def drop(self, request: Request, model: Model) -> None:
        """Record that the call was not served, and cost nothing."""
        ...

    def keep(self, request: Request, model: Model, reply: Reply) -> None:
        """Commit a reply, with the copy it was given."""
        ...

    async def commit(self, job: Callable[[], None], *, again: bool = False) -> None:
        """Let `job` write, together with others, and return when that is on the disk.

        If the disk does not take it, that is raised; with `again`, it is tried once more at the very end.
        """
        ...
