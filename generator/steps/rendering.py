"""A reply in JSON becomes Markdown, once: what flows downstream, and what people read, is always Markdown.

Promises: the same value gives the same text; lists of texts are lists, lists of objects headed sections, so that people
can choose among them; nothing of the value is left out. Will not do: check a shape (whoever asked did), or judge a text.
"""

from __future__ import annotations

import json
from typing import Any

from generator.model import Help, Message, Reply, Request
from generator.shapes import unfenced
from generator.steps.filling import fence

HEADS = ("title", "name", "heading", "headline", "label", "question")
"""Keys whose value heads a section."""

_REPAIR = """\
You answered this before:

{reply}

It is not of the shape that was asked for: {problem}

Give the same answer in the right shape: JSON by the schema, and nothing before or after it."""


def repair_of(request: Request, reply: Reply) -> Request:
    """Return the question for the same answer in the right shape. It is asked once."""
    told = _REPAIR.format(reply=fence("your answer", reply.text), problem=reply.why)
    message = Message(role="user", text=told)
    return Request(
        brief=request.brief, step=request.step, uses=request.uses, chain=request.chain, messages=request.messages,
        parts=request.parts, output=request.output, config=request.config, attempt=request.attempt,
        help=Help(given=request.given or "", messages=(*request.said[len(request.messages) :], message), repair=True),
    )  # fmt: skip


def rendered(text: str) -> str:
    """Return a reply in JSON as Markdown. An object with a single key stands for its value: schemas want an object."""
    value = json.loads(unfenced(text))
    if isinstance(value, dict) and len(value) == 1:
        (value,) = value.values()
    blocks = _blocks(value, 2)
    if isinstance(value, dict) and isinstance(value.get("title"), str):
        rest = {key: each for key, each in value.items() if key != "title"}
        blocks = [f"# {_line(value['title'])}", *_blocks(rest, 2)]
    return "\n\n".join(blocks) + "\n"


def _blocks(value: Any, level: int) -> list[str]:
    if isinstance(value, dict):
        return [
            block for key, each in value.items() for block in (_heading(level, _words(key)), *_blocks(each, level + 1))
        ]
    if isinstance(value, list) and any(isinstance(each, dict) for each in value):
        return [block for each in value for block in _section(each, level)]
    if isinstance(value, list):
        return ["\n".join(f"- {_line(_text(each))}" for each in value)] if value else []
    return [_text(value).strip()] if _text(value).strip() else []


def _section(value: Any, level: int) -> list[str]:
    """Return an object of a list: headed by its title or its first text; what is left under its names, a lone text bare."""
    if not isinstance(value, dict):
        return _blocks(value, level)
    texts = [key for key, each in value.items() if isinstance(each, str)]
    head = next((key for key in HEADS if key in texts), texts[0] if texts else "")
    rest = {key: each for key, each in value.items() if key != head}
    blocks = [_heading(level, _line(value[head]))] if head else []
    if len(rest) == 1:
        return [*blocks, *_blocks(next(iter(rest.values())), level + 1)]
    for key, each in rest.items():
        if isinstance(each, dict | list):
            blocks += [f"{_words(key)}:", *_blocks(each, level + 1)]
        else:
            blocks.append(f"{_words(key)}: {_text(each)}")
    return blocks


def _heading(level: int, text: str) -> str:
    return f"{'#' * min(level, 6)} {text}"


def _words(key: str) -> str:
    said = " ".join(key.replace("_", " ").replace("-", " ").split())
    return said[:1].upper() + said[1:]


def _line(text: str) -> str:
    return " ".join(text.split())


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return (
        {True: "yes", False: "no", None: ""}.get(value, "")
        if value is None or isinstance(value, bool)
        else json.dumps(value, ensure_ascii=False)
    )
