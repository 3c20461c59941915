"""What is said to a model, before it is put into a vendor's words.

Promises: the same request is said the same way to every vendor: one system text, then what the user says, in order;
`max-tokens` is always said. Will not do: know a vendor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from generator.model import Request

MAX_TOKENS = 8_000
"""What a reply may have, if neither the prompt nor the brief says: some five thousand words, or fewer and some thinking."""


@dataclass(frozen=True, kw_only=True)
class Saying:
    """One system text ("" for none), the user's texts in order, the most tokens of a reply, the other settings."""

    system: str
    user: tuple[str, ...]
    max_tokens: int
    settings: Mapping[str, str]


def saying_of(request: Request) -> Saying:
    """Return what a request says, help included."""
    messages = request.said
    settings = dict(request.config)
    return Saying(
        system="\n\n".join(each.text for each in messages if each.role == "system"),
        user=tuple(each.text for each in messages if each.role == "user"),
        max_tokens=int(settings.pop("max-tokens", MAX_TOKENS)),
        settings=settings,
    )


def input_bytes(request: Request) -> int:
    """Return the bytes of all that is said, schema included: no vendor counts more tokens than that.

    A token stands for a byte at least; some for the frame around each message are added, as many as none takes.
    """
    said = sum(len(each.text.encode(errors="replace")) + FRAME for each in request.said)
    return said + (len(request.output) * 2 + 1_000 if request.output else 0)


FRAME = 32
"""Tokens that may stand around a message."""
