"""The three wire formats, as bytes: what a vendor streams for a reply, and what it answers instead.

The shapes are those of the vendors' references for streaming (responses, chat completions, messages) and of the types in
their libraries. A reply is the same text in each; tokens are counted as a quarter of the bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

Dialect = Literal["responses", "chat", "messages"]
PATHS: dict[str, Dialect] = {
    "/v1/responses": "responses", "/v1/chat/completions": "chat", "/v1/messages": "messages",
}  # fmt: skip

ENDS: dict[str, dict[Dialect, str]] = {
    "complete": {"responses": "completed", "chat": "stop", "messages": "end_turn"},
    "stop-sequence": {"responses": "completed", "chat": "stop", "messages": "stop_sequence"},
    "cut": {"responses": "max_output_tokens", "chat": "length", "messages": "max_tokens"},
    "window": {"responses": "max_output_tokens", "chat": "length", "messages": "model_context_window_exceeded"},
    "filtered": {"responses": "content_filter", "chat": "content_filter", "messages": "refusal"},
    "refused": {"responses": "refusal", "chat": "refusal", "messages": "refusal"},
    "tool": {"responses": "failed", "chat": "tool_calls", "messages": "tool_use"},
    "pause": {"responses": "failed", "chat": "length", "messages": "pause_turn"},
    "failed": {"responses": "failed", "chat": "error", "messages": "end_turn"},
    "unheard": {"responses": "unheard_of", "chat": "unheard_of", "messages": "unheard_of"},
}
"""What each vendor calls the ways in which a reply ends."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """A reply: its text in `pieces`, how it ends (a key of ENDS), its tokens; None for a server that does not count."""

    pieces: tuple[str, ...]
    end: str = "complete"
    input_tokens: int | None = 10
    output_tokens: int = 10
    cached_tokens: int = 0
    written_tokens: int = 0
    escaped: bool = False
    """Whether every character beyond ASCII is written as JSON escapes, halves of one in two pieces included."""


def pieces_of(text: str, count: int = 8) -> tuple[str, ...]:
    """Return a text in about so many pieces."""
    size = max(1, -(-len(text) // count))
    return tuple(text[at : at + size] for at in range(0, len(text), size))


def asked(body: dict[str, Any], dialect: Dialect) -> str:
    """Return all that a request says, the same for every dialect: the system's text, then the user's."""
    if dialect == "responses":
        return "\n\n".join((body.get("instructions", ""), body["input"]))
    if dialect == "chat":
        return "\n\n".join(each["content"] for each in body["messages"])
    system = "\n\n".join(each["text"] for each in body.get("system", ()))
    return "\n\n".join((system, *(each["text"] for each in body["messages"][0]["content"])))


def events(said: Said, dialect: Dialect, model: str) -> Iterator[bytes]:
    """Yield the events of a streamed reply."""
    yield from {"responses": _responses, "chat": _chat, "messages": _messages}[dialect](said, model)


def error_event(dialect: Dialect, kind: str, message: str) -> bytes:
    """Return the event of an error after the stream has begun."""
    if dialect == "messages":
        return _event({"type": "error", "error": {"type": kind, "message": message}}, name="error")
    if dialect == "responses":
        return _event(
            {"type": "error", "code": kind, "message": message, "param": None, "sequence_number": 9}, name="error"
        )
    return _event({"error": {"message": message, "type": kind, "code": kind, "param": None}})


def error_body(dialect: Dialect, kind: str, message: str, param: str | None = None) -> bytes:
    """Return the body of an answer that is an error."""
    if dialect == "messages":
        return json.dumps({"type": "error", "error": {"type": kind, "message": message}}).encode()
    return json.dumps({"error": {"message": message, "type": kind, "code": kind, "param": param}}).encode()


def _event(data: dict[str, Any], *, name: str = "", escaped: bool = True) -> bytes:
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(data, ensure_ascii=escaped)}\n\n".encode(errors="surrogatepass")


def _responses(said: Said, model: str) -> Iterator[bytes]:
    end = ENDS[said.end]["responses"]
    number = iter(range(10_000))
    base: dict[str, Any] = {
        "id": "resp_1", "object": "response", "created_at": 1, "model": model, "output": [], "parallel_tool_calls": True,
        "tool_choice": "auto", "tools": [], "error": None, "incomplete_details": None, "status": "in_progress",
        "usage": None, "metadata": {}, "instructions": None, "temperature": 1, "top_p": 1,
    }  # fmt: skip

    def event(kind: str, **data: Any) -> bytes:
        return _event({"type": kind, "sequence_number": next(number), **data}, name=kind, escaped=said.escaped)

    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    yield event("response.created", response=base)
    for piece in said.pieces:
        yield event("response.output_text.delta", delta=piece, logprobs=[], **place)
    if end == "refusal":
        yield event("response.refusal.delta", delta="I will not.", **place)
        yield event("response.refusal.done", refusal="I will not.", **place)
    status = {"completed": "completed", "refusal": "completed", "failed": "failed"}.get(end, "incomplete")
    base["status"] = status
    if status == "failed":
        base["error"] = {"code": "server_error", "message": "It went wrong."}
    if status == "incomplete":
        base["incomplete_details"] = {"reason": end}
    if said.input_tokens is not None:
        details = {"cached_tokens": said.cached_tokens, "cache_write_tokens": said.written_tokens}
        base["usage"] = {
            "input_tokens": said.input_tokens, "input_tokens_details": details, "output_tokens": said.output_tokens,
            "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": said.input_tokens + said.output_tokens,
        }  # fmt: skip
    yield event(f"response.{status}", response=base)


def _chat(said: Said, model: str) -> Iterator[bytes]:
    base = {"id": "chat_1", "object": "chat.completion.chunk", "created": 1, "model": model}

    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
        return _event({**base, "choices": choices}, escaped=said.escaped)

    end = ENDS[said.end]["chat"]
    yield chunk({"role": "assistant", "content": ""})
    for piece in said.pieces:
        yield chunk({"content": piece})
    if end == "refusal":
        yield chunk({"refusal": "I will not."})
    yield chunk({}, "stop" if end == "refusal" else end)
    if said.input_tokens is not None:
        usage = {
            "prompt_tokens": said.input_tokens, "completion_tokens": said.output_tokens,
            "total_tokens": said.input_tokens + said.output_tokens,
            "prompt_tokens_details": {"cached_tokens": said.cached_tokens, "cache_write_tokens": said.written_tokens},
        }  # fmt: skip
        yield _event({**base, "choices": [], "usage": usage})
    yield b"data: [DONE]\n\n"


def _messages(said: Said, model: str) -> Iterator[bytes]:
    usage = {
        "cache_creation_input_tokens": said.written_tokens, "cache_read_input_tokens": said.cached_tokens,
        "output_tokens": 1,
    }  # fmt: skip
    if said.input_tokens is not None:
        usage["input_tokens"] = said.input_tokens - said.cached_tokens - said.written_tokens
    message: dict[str, Any] = {
        "id": "msg_1", "type": "message", "role": "assistant", "model": model, "content": [], "stop_reason": None,
        "stop_sequence": None, "usage": usage,
    }  # fmt: skip
    yield _event({"type": "message_start", "message": message}, name="message_start")
    block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    yield _event(block, name="content_block_start")
    yield _event({"type": "ping"}, name="ping")
    for piece in said.pieces:
        delta = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}}
        yield _event(delta, name="content_block_delta", escaped=said.escaped)
    yield _event({"type": "content_block_stop", "index": 0}, name="content_block_stop")
    ended = {"stop_reason": ENDS[said.end]["messages"], "stop_sequence": None}
    last = {"type": "message_delta", "delta": ended, "usage": {"output_tokens": said.output_tokens}}
    yield _event(last, name="message_delta")
    yield _event({"type": "message_stop"}, name="message_stop")
