"""What has been heard of a reply so far, and the reply that comes of it.

Promises: only a stream that said its end is a reply; half a character at the edge of two pieces is made whole; a reply
in JSON is held against its schema. Will not do: read a vendor's events.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from generator.model import Ending, Model, Pairs, Reply, Request
from generator.shapes import shape_problem

MANY = 1_000_000_000
"""Tokens that no call has: a count above is none."""


@dataclass(kw_only=True)
class Heard:
    """Pieces of text, the end if it was said, and the vendor's count of tokens (None until it has counted).

    `input_tokens` include those read from a cache and written to one.
    """

    pieces: list[str] = field(default_factory=list)
    ending: Ending | None = None
    why: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int = 0
    written_tokens: int = 0

    def say(self, piece: object) -> None:
        """Take in a piece of text; TypeError if it is none."""
        if not isinstance(piece, str):
            raise TypeError("a piece of a reply is no text")
        self.pieces.append(piece)

    @property
    def text(self) -> str:
        """The text so far. Two halves of a character that came in two pieces are one."""
        text = "".join(self.pieces)
        try:
            text.encode()
        except UnicodeEncodeError:
            return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return text

    @property
    def whole(self) -> bool:
        """Whether the reply said its end, whatever that is."""
        return self.ending not in (None, "error")

    def reply(self, request: Request, model: Model, *, rate: Pairs, notes: tuple[str, ...]) -> Reply:
        """Return the reply, its end typed: one that is complete and blank is empty, one of another shape misshapen."""
        text, ending, why = self.text, self.ending or "error", self.why
        if ending == "complete" and not text.strip():
            ending, why = "empty", "it holds no text"
        elif ending == "complete" and request.output:
            problem = shape_problem(text, request.output)
            ending, why = ("misshapen", problem) if problem else ("complete", "")
        reply = Reply(
            text=text, provider=model.provider, model=model.model, ending=ending, why=why, notes=notes, rate=rate
        )  # fmt: skip
        if self.input_tokens is None or self.output_tokens is None:
            return reply  # half a count is none
        if self.cached_tokens + self.written_tokens > self.input_tokens:
            return reply  # and what does not add up is none either
        return replace(
            reply, input_tokens=self.input_tokens, output_tokens=self.output_tokens, cached_tokens=self.cached_tokens,
            written_tokens=self.written_tokens,
        )  # fmt: skip


def count(value: object) -> int | None:
    """Return a number of tokens; None for what is none, so that it is reckoned as not counted and never lowers a bill."""
    return value if type(value) is int and 0 <= value <= MANY else None


def closed(schema: Any) -> Any:
    """Return a schema in which no object may hold more than it names, as vendors want it who enforce schemas."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(value) for key, value in schema.items()}
    return {"additionalProperties": False, **inner} if schema.get("type") == "object" else inner


def is_strict(schema: Any) -> bool:
    """Whether every object of a closed schema requires all it names: what OpenAI's strict mode takes."""
    if isinstance(schema, list):
        return all(is_strict(each) for each in schema)
    if not isinstance(schema, dict):
        return True
    whole = schema.get("type") != "object" or (
        schema.get("additionalProperties") is False
        and set(schema.get("properties", {})) == set(schema.get("required", ()))
    )
    return whole and all(is_strict(each) for each in schema.values())
