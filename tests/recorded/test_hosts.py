"""The vendors' own hosts, posed for by a server on this machine: where a call goes, with which key, and what it says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from generator.model import Message, Model, Request
from generator.providers.vendors import chat, messages, responses
from generator.providers.vendors.saying import saying_of
from tests.recorded.server import TRUSTED, Seen, Server
from tests.recorded.wire import Dialect
from tests.recorded.workshop import DIALECTS, make, workspace, write

ENTRIES: dict[Dialect, str] = {
    "responses": "{provider: openai, model: gpt-5-mini}",
    "chat": "{provider: openai, model: gpt-5-mini, api: chat}",
    "messages": "{provider: anthropic, model: claude-sonnet-4-5}",
}
HOSTS = {
    "responses": "api.openai.com:443",
    "chat": "api.openai.com:443",
    "messages": "api.anthropic.com:443",
}
OPEN = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}
STRICT = {**OPEN, "required": ["a", "b"]}


def call(root: Path, monkeypatch: pytest.MonkeyPatch, dialect: Dialect) -> tuple[Seen, list[str]]:
    """Build by a dialect at the vendor's own host; return the one call, and the hosts that were asked for."""
    for name, value in (("OPENAI_API_KEY", "sk-of-openai"), ("ANTHROPIC_API_KEY", "sk-of-anthropic")):
        monkeypatch.setenv(name, value)
    for name in ("NO_PROXY", "no_proxy", "OPENAI_BASE_URL", "ANTHROPIC_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(TRUSTED))
    with Server() as server:
        monkeypatch.setenv("HTTPS_PROXY", server.anthropic)
        workspace(root, ENTRIES[dialect])
        text = (root / "content_briefs/b0.md").read_text()
        write(root, {"content_briefs/b0.md": text.replace("title:", "config: {effort: low}\ntitle:")})
        summary = make(root)
        assert (summary.failures, summary.made) == ((), 1)
        assert float(summary.usd) > 0, "the list prices it"
        (seen,) = server.log
        return seen, server.asked_for


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_call_goes_to_the_host_of_the_vendor_with_its_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dialect: Dialect
) -> None:
    seen, hosts = call(tmp_path, monkeypatch, dialect)
    assert (hosts, seen.dialect, seen.headers["host"]) == (
        [HOSTS[dialect]],
        dialect,
        HOSTS[dialect].removesuffix(":443"),
    )
    mine, other = ("anthropic", "openai") if dialect == "messages" else ("openai", "anthropic")
    assert f"sk-of-{mine}" in (seen.headers.get("authorization", ""), seen.headers.get("x-api-key")) or (
        seen.headers["authorization"] == f"Bearer sk-of-{mine}"
    )
    assert f"sk-of-{other}" not in str(seen.headers)


def test_what_is_sent_to_the_vendors_own_hosts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = {each: call(tmp_path / each, monkeypatch, each)[0].body for each in DIALECTS}
    cache = sent["responses"].pop("prompt_cache_key")
    assert len(cache) == 32
    said = sent["responses"]["input"]
    assert "Say how b0 is done." in said
    assert sent["responses"] == {
        "model": "gpt-5-mini", "input": said, "instructions": "You write.", "max_output_tokens": 1000,
        "stream": True, "store": False, "reasoning": {"effort": "low"},
    }  # fmt: skip
    assert sent["chat"] == {
        "model": "gpt-5-mini", "max_completion_tokens": 1000, "stream": True, "stream_options": {"include_usage": True},
        "store": False, "prompt_cache_key": cache, "reasoning_effort": "low",
        "messages": [{"role": "system", "content": "You write."}, {"role": "user", "content": said}],
    }  # fmt: skip
    system = {"type": "text", "text": "You write.", "cache_control": {"type": "ephemeral"}}
    assert sent["messages"] == {
        "model": "claude-sonnet-4-5", "max_tokens": 1000, "stream": True, "system": [system],
        "output_config": {"effort": "low"},
        "messages": [{"role": "user", "content": [{"type": "text", "text": said}]}],
    }  # fmt: skip


def request(**more: object) -> Request:
    found = Request(
        brief="b", step="s", uses="u", chain=(Model(name="m", provider="openai", model="x"),), parts=(),
        messages=(Message(role="user", text="Say it."),),
    )  # fmt: skip
    return replace(found, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("schema", "strict"), [(OPEN, False), (STRICT, True)])
def test_a_shape_is_strict_where_all_that_it_names_is_required(schema: dict[str, object], strict: bool) -> None:
    wanted = request(output=json.dumps(schema))
    saying = saying_of(wanted)
    closed = {"additionalProperties": False, **schema}
    shape = {"name": "reply", "schema": closed, "strict": strict}
    assert responses.arguments(wanted, saying, "x")["text"] == {"format": {"type": "json_schema", **shape}}
    for official in (False, True):
        format_ = chat.arguments(wanted, saying, "x", official=official)["response_format"]
        assert format_ == {"type": "json_schema", "json_schema": shape}
    assert messages.arguments(wanted, saying, "x")["output_config"] == {
        "format": {"type": "json_schema", "schema": closed}
    }


@pytest.mark.parametrize("effort", ["minimal", "low", "medium", "high"])
def test_every_effort_is_said_in_the_words_of_the_vendor(effort: str) -> None:
    wanted = request(config=(("effort", effort),))
    saying = saying_of(wanted)
    assert responses.arguments(wanted, saying, "x")["reasoning"] == {"effort": effort}
    assert chat.arguments(wanted, saying, "x", official=True)["reasoning_effort"] == effort
    least = "low" if effort == "minimal" else effort
    assert messages.arguments(wanted, saying, "x")["output_config"] == {"effort": least}


def test_a_server_that_speaks_alike_is_sent_only_what_all_of_them_take() -> None:
    wanted = request()
    assert chat.arguments(wanted, saying_of(wanted), "x", official=False) == {
        "model": "x", "messages": [{"role": "user", "content": "Say it."}], "max_tokens": 8_000, "stream": True,
        "stream_options": {"include_usage": True},
    }  # fmt: skip
