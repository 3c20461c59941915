"""OpenAI's Responses API: a request as its arguments, its events as what was heard.

The shape of events and their ends: platform.openai.com/docs/api-reference/responses-streaming, and the types of the
installed library. Promises: nothing is stored at the vendor (`store: false`); the stable first part has a cache key.
Will not do: call anybody.
"""

from __future__ import annotations

import json
from typing import Any

from generator.digest import digest_of
from generator.model import Request
from generator.providers.vendors.heard import Heard, closed, count, is_strict
from generator.providers.vendors.saying import Saying

PATH = "/responses"
SETTINGS = frozenset({"effort", "temperature", "top-p"})
"""The settings that this API has."""


def arguments(request: Request, saying: Saying, model: str) -> dict[str, Any]:
    """Return the body of a call."""
    found: dict[str, Any] = {
        "model": model, "input": "\n\n".join(saying.user), "max_output_tokens": saying.max_tokens,
        "stream": True, "store": False,
    }  # fmt: skip
    if saying.system:
        found["instructions"] = saying.system
        found["prompt_cache_key"] = digest_of("prompt", saying.system)[:32]
    if "effort" in saying.settings:
        found["reasoning"] = {"effort": saying.settings["effort"]}
    for ours, theirs in (("temperature", "temperature"), ("top-p", "top_p")):
        if ours in saying.settings:
            found[theirs] = float(saying.settings[ours])
    if request.output:
        schema = closed(json.loads(request.output))
        shape = {"type": "json_schema", "name": "reply", "schema": schema, "strict": is_strict(schema)}
        found["text"] = {"format": shape}
    return found


def hear(event: dict[str, Any], heard: Heard) -> None:
    """Take in one event of the stream."""
    kind = event["type"]
    if kind == "response.output_text.delta":
        heard.say(event["delta"])
    elif kind == "response.refusal.done":
        heard.ending, heard.why = "refused", event["refusal"]
    elif kind in ("response.completed", "response.incomplete", "response.failed"):
        _end(event["response"], heard)
    elif kind == "error":
        heard.ending, heard.why = "error", f"{event.get('code') or ''}: {event.get('message') or ''}"


def _end(response: dict[str, Any], heard: Heard) -> None:
    """Take in the last event, which holds the state of the whole reply."""
    if response["status"] == "completed":
        heard.ending = heard.ending or "complete"
    elif response["status"] == "incomplete":
        reason = (response.get("incomplete_details") or {}).get("reason") or ""
        heard.ending = "filtered" if reason == "content_filter" else "cut"
        heard.why = f"the vendor says: {reason}" if reason else ""
    else:
        error = response.get("error") or {}
        heard.ending, heard.why = "error", f"{error.get('code') or ''}: {error.get('message') or ''}"
    usage = response.get("usage")
    if usage:
        heard.input_tokens, heard.output_tokens = count(usage.get("input_tokens")), count(usage.get("output_tokens"))
        details = usage.get("input_tokens_details") or {}
        heard.cached_tokens = count(details.get("cached_tokens")) or 0
        heard.written_tokens = count(details.get("cache_write_tokens")) or 0
