"""Anthropic's Messages API: a request as its arguments, its events as what was heard.

Ends of a message: docs.claude.com/en/api/messages, and the types of the installed library. Promises: the stable first
part (what the prompt says as system, the brand included) is marked for the vendor's cache. Will not do: call anybody.
"""

from __future__ import annotations

import json
from typing import Any

from generator.model import Request
from generator.providers.vendors.heard import Heard, closed, count
from generator.providers.vendors.saying import Saying

PATH = "/v1/messages"
SETTINGS = frozenset({"effort"})
"""The one setting that is left: temperature, top-p and seed were taken out of the API."""

ENDINGS = {
    "end_turn": "complete", "stop_sequence": "complete", "max_tokens": "cut", "model_context_window_exceeded": "cut",
    "refusal": "refused", "pause_turn": "cut", "tool_use": "misshapen",
}  # fmt: skip
"""The ends of a message, and ours. One that is not known is an end before the end: paid for, kept, no draft."""


def arguments(request: Request, saying: Saying, model: str) -> dict[str, Any]:
    """Return the body of a call."""
    user = [{"type": "text", "text": text} for text in saying.user]
    found: dict[str, Any] = {
        "model": model, "max_tokens": saying.max_tokens, "messages": [{"role": "user", "content": user}], "stream": True,
    }  # fmt: skip
    if saying.system:
        found["system"] = [{"type": "text", "text": saying.system, "cache_control": {"type": "ephemeral"}}]
    config: dict[str, Any] = {}
    if "effort" in saying.settings:
        config["effort"] = {"minimal": "low"}.get(saying.settings["effort"], saying.settings["effort"])
    if request.output:
        config["format"] = {"type": "json_schema", "schema": closed(json.loads(request.output))}
    return {**found, "output_config": config} if config else found


def hear(event: dict[str, Any], heard: Heard) -> None:
    """Take in one event. Thoughts are not text; tokens of the input come first, those of the output last."""
    kind = event["type"]
    if kind == "message_start":
        _count(event["message"].get("usage") or {}, heard)
    elif kind == "content_block_start" and event["content_block"]["type"] == "text":
        heard.say(event["content_block"]["text"])
    elif kind == "content_block_delta" and event["delta"]["type"] == "text_delta":
        heard.say(event["delta"]["text"])
    elif kind == "message_delta":
        reason = event["delta"].get("stop_reason")
        if reason:
            heard.ending = ENDINGS.get(reason, "cut")  # type: ignore[assignment]
            heard.why = "" if heard.ending == "complete" else f"the vendor says it ended by `{reason}`"
        heard.output_tokens = count((event.get("usage") or {}).get("output_tokens"))
    elif kind == "message_stop" and heard.ending is None:
        heard.ending, heard.why = "error", "the vendor did not say how it ended"


def _count(usage: dict[str, Any], heard: Heard) -> None:
    """Take in the count of the input: what was not cached, what was read from the cache, what was written to it."""
    heard.cached_tokens = count(usage.get("cache_read_input_tokens")) or 0
    heard.written_tokens = count(usage.get("cache_creation_input_tokens")) or 0
    fresh = count(usage.get("input_tokens"))
    if fresh is not None:
        heard.input_tokens = fresh + heard.cached_tokens + heard.written_tokens
