"""Chat completions, which OpenAI-compatible servers speak (Ollama, vLLM, llama.cpp, OpenRouter): arguments and events.

Promises: only what all of them take is sent to a server that `base-url` names; thoughts that a local model puts before
its answer, between `<think>` and `</think>`, are not part of it. Will not do: call anybody.
"""

from __future__ import annotations

import json
import re
from typing import Any

from generator.digest import digest_of
from generator.model import Request
from generator.providers.vendors.heard import Heard, closed, count, is_strict
from generator.providers.vendors.saying import Saying

PATH = "/chat/completions"
SETTINGS = frozenset({"effort", "temperature", "top-p", "seed"})

ENDINGS = {
    "stop": "complete",
    "length": "cut",
    "content_filter": "filtered",
    "tool_calls": "misshapen",
    "function_call": "misshapen",
    "error": "error",
}
"""The ends that a choice may have, and ours. One that is not known is an end before the end: paid for, kept, no draft."""

THOUGHT = re.compile(
    r"\A\s*<think>.*?</think>\s*|\A(?:(?!<think>).)*?^[ \t]*</think>[ \t]*$\s*", re.DOTALL | re.MULTILINE
)
"""Thoughts before the answer. Where a server's template began them, only their end is in the reply, alone on its line."""

THINKING = re.compile(r"\A\s*<think>")


def arguments(request: Request, saying: Saying, model: str, *, official: bool) -> dict[str, Any]:
    """Return the body of a call. `official` is False for a server that only speaks alike."""
    system = [{"role": "system", "content": saying.system}] if saying.system else []
    found: dict[str, Any] = {
        "model": model, "messages": [*system, {"role": "user", "content": "\n\n".join(saying.user)}],
        "stream": True, "stream_options": {"include_usage": True},
        "max_completion_tokens" if official else "max_tokens": saying.max_tokens,
    }  # fmt: skip
    if official:
        found["store"] = False
        found["prompt_cache_key"] = digest_of("prompt", saying.system)[:32]
    if "effort" in saying.settings:
        found["reasoning_effort"] = saying.settings["effort"]
    for ours, theirs in (("temperature", "temperature"), ("top-p", "top_p")):
        if ours in saying.settings:
            found[theirs] = float(saying.settings[ours])
    if "seed" in saying.settings:
        found["seed"] = int(saying.settings["seed"])
    if request.output:
        schema = closed(json.loads(request.output))
        shape = {"name": "reply", "schema": schema, "strict": is_strict(schema)}
        found["response_format"] = {"type": "json_schema", "json_schema": shape}
    return found


def hear(event: dict[str, Any], heard: Heard) -> None:
    """Take in one chunk. The last ones say how it ended, and, with no choice in it, how many tokens it took."""
    for choice in event.get("choices") or ():
        delta = choice.get("delta") or {}
        if delta.get("content"):
            heard.say(delta["content"])
        if delta.get("refusal"):
            heard.ending, heard.why = "refused", heard.why + delta["refusal"]
        if choice.get("finish_reason") and heard.ending != "refused":
            _end(choice["finish_reason"], heard)
    usage = event.get("usage")
    if usage:
        heard.input_tokens, heard.output_tokens = (
            count(usage.get("prompt_tokens")),
            count(usage.get("completion_tokens")),
        )
        details = usage.get("prompt_tokens_details") or {}
        heard.cached_tokens = count(details.get("cached_tokens")) or 0
        heard.written_tokens = count(details.get("cache_write_tokens")) or 0


def _end(reason: str, heard: Heard) -> None:
    heard.ending = ENDINGS.get(reason, "cut")  # type: ignore[assignment]
    if heard.ending != "complete":
        heard.why = f"the server says it ended by `{reason}`"
    text = heard.text
    thought = THOUGHT.match(text) if "</think>" in text else None
    if thought:
        heard.pieces = [text[thought.end() :]]
    elif heard.ending == "complete" and THINKING.match(text):
        heard.ending, heard.why = "cut", "it ended while it was still thinking"
