"""One call: the vendor's own library, a stream read to its end under deadlines, a typed reply or a typed fault.

Promises: a library is imported when its first call is near, never before; a call goes where copydesk.yml says and nowhere
else, redirects and the environment's addresses included; a key is read from its variable alone and never shown; no header
that the environment adds leaves for a host that `base-url` names; silence has an end. Will not do: ask twice (the library's own retries are off), or keep anything.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from generator.model import Model, Pairs, Reply, Request
from generator.providers.vendors import chat, messages, responses
from generator.providers.vendors.faults import RULES, FaultError, fault_of, key_variable, place_of, plain, rate_of
from generator.providers.vendors.heard import Heard
from generator.providers.vendors.saying import Saying, saying_of

HOSTS = {"openai": "https://api.openai.com/v1", "anthropic": "https://api.anthropic.com"}
"""Where a vendor is asked if `base-url` does not say otherwise."""

NO_KEY = "none"
"""What is sent as key to a server that `base-url` names and no `key-env` guards: the libraries insist on one."""

CONNECTIONS = 4_096
"""Connections that may be open to a vendor; how many calls are in flight is decided elsewhere."""


@dataclass(frozen=True, kw_only=True)
class Deadlines:
    """Seconds until a connection stands, until the first event of a stream, between two, and for the whole of it.

    A model that thinks may be silent for minutes, and one on this machine may have to be loaded first.
    """

    connect: float = 30.0
    first: float = 300.0
    between: float = 300.0
    whole: float = 1_800.0


def library(provider: str) -> ModuleType:
    """Return the vendor's library, imported if it was not: the one place that does, for it takes a second or three."""
    return import_module(provider)


def read_key(model: Model, environ: Mapping[str, str] | None = None) -> str:
    """Return a model's key; FaultError that names the variable if it is not set, or holds what no key can."""
    variable = key_variable(model)
    if not variable:
        return NO_KEY
    key = (os.environ if environ is None else environ).get(variable, "").strip()
    if not key:
        raise FaultError(
            f"{model.label} needs a key, and the variable {variable} is not set", "stop", where=place_of(model),
            mend=f"Set it (export {variable}=…), or build without a model: copydesk build --offline",
        )  # fmt: skip
    if not key.isascii() or not key.isprintable() or " " in key:
        what = f"the variable {variable} holds a character that no key has (a quote's curl, a space, a line end)"
        raise FaultError(what, "stop", where=place_of(model), mend="Copy the key anew, without quotation marks.")
    return key


def dialect(model: Model) -> str:
    """Return how a model is asked: `messages`, `responses` or `chat`."""
    if model.provider == "anthropic":
        return "messages"
    return model.api or ("chat" if model.base_url else "responses")


class Vendor:
    """An Ask by a vendor's library, for one model. Raises FaultError, also if its key is missing.

    For one event loop: close it in the one that used it. The first call imports the library, and nothing else goes on while
    it does: on another thread it would take turns at the interpreter with whoever makes requests, and both would be late.
    """

    def __init__(self, model: Model, *, deadlines: Deadlines = Deadlines()) -> None:
        self._model = model
        self._key = read_key(model)
        self._deadlines = deadlines
        self._client: Any = None
        self._speak: Any = {"messages": messages, "responses": responses, "chat": chat}[dialect(model)]
        self._lacking: set[str] = set()

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()

    async def __call__(self, request: Request, model: Model) -> Reply:
        """Ask once and return the reply, however it ended; dollars are not reckoned here."""
        self._client = self._client or self._opened()
        saying = saying_of(request)
        left = {name: value for name, value in saying.settings.items() if name in self._speak.SETTINGS - self._lacking}
        dropped = sorted(set(saying.settings) - set(left))
        notes = tuple(f"{model.name} ({model.label}) has no `{name}`: it was left out" for name in dropped)
        saying = replace(saying, settings=left)
        heard, begun = Heard(), False
        rate: Pairs = ()
        end = float("inf")
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._deadlines.first) as clock:
                stream = await self._create(request, saying, model)
                rate = rate_of(stream.response.headers)
                async with stream:
                    _check_kind(stream.response.headers, model)
                    end = loop.time() + self._deadlines.whole

                    def beat() -> None:
                        nonlocal begun
                        begun = True
                        clock.reschedule(min(loop.time() + self._deadlines.between, end))

                    stream.response.stream = _watched()(stream.response.stream, beat)
                    async for event in stream:
                        self._hear(event, heard)
        except FaultError:
            raise
        except TimeoutError as error:
            if not heard.whole:
                late = loop.time() >= end
                raise self._silence(heard.text, begun=begun, late=late) from error
        except asyncio.CancelledError as error:  # nobody waits any more, and what arrived is paid for all the same
            if not heard.whole:
                what = f"nobody waited for the end of what {model.label} says"
                mend = "What was made is kept; build again."
                raise FaultError(
                    what, "fail", where=place_of(model), mend=mend, served=True, text=heard.text
                ) from error
        except self._errors as error:
            if heard.whole:  # it said its end, and what comes after that is no part of it
                return self._reply(request, heard, rate, notes)
            fault = fault_of(error, model, sent=left, text=heard.text, secret=self._secret, begun=begun)
            if fault.rule == "drop":
                self._lacking.add(fault.setting)
            raise fault from error
        if not heard.whole:
            what = f"the reply of {model.label} broke off before its end" if begun else f"{model.label} sent no reply"
            what = (
                what
                if heard.ending is None
                else f"{model.label} failed while it answered: {plain(heard.why, self._secret)}"
            )
            rule = RULES.get(heard.why.partition(":")[0], "retry")
            mend = "What was made is kept; build again."
            raise FaultError(what, rule, where=place_of(model), mend=mend, served=True, text=heard.text)
        return self._reply(request, heard, rate, notes)

    def _reply(self, request: Request, heard: Heard, rate: Pairs, notes: tuple[str, ...]) -> Reply:
        """Return what was heard as a reply. Why it ended is the vendor's word: people read it, so no key may be in it."""
        heard.why = plain(str(heard.why), self._secret)
        return heard.reply(request, self._model, rate=rate, notes=notes)

    @property
    def _secret(self) -> str:
        return "" if self._key == NO_KEY else self._key

    def _silence(self, text: str, *, begun: bool, late: bool) -> FaultError:
        since = self._deadlines.between if begun else self._deadlines.first
        told = (
            f"took more than {self._deadlines.whole:g} seconds in all" if late else f"was silent for {since:g} seconds"
        )
        what = f"{self._model.label} {told}"
        mend = "Try again later; what was made is kept, and a build goes on from it."
        return FaultError(what, "retry", where=place_of(self._model), mend=mend, served=True, text=text)

    def _opened(self) -> Any:
        """Return the vendor's client; FaultError if this machine's certificates or proxies, which it reads, are no good."""
        try:
            return self._open()
        except (OSError, ValueError, import_module("httpx2").InvalidURL) as error:
            what = f"no connection can be made ready for {self._model.label}: {plain(type(error).__name__)}"
            mend = "Look at the variables SSL_CERT_FILE, SSL_CERT_DIR, HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY."
            raise FaultError(what, "stop", where=place_of(self._model), mend=mend) from error

    def _open(self) -> Any:
        model, found, below = self._model, library(self._model.provider), import_module("httpx2")
        limits = below.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS, keepalive_expiry=30)
        timeout = below.Timeout(None, connect=self._deadlines.connect)
        options: dict[str, Any] = {
            "api_key": self._key, "base_url": _address(model), "max_retries": 0,
            "timeout": timeout,
            "http_client": found.DefaultAioHttpClient(limits=limits, follow_redirects=False, timeout=timeout),
        }  # fmt: skip
        if model.provider == "anthropic":
            client = found.AsyncAnthropic(open_telemetry=False, **options)
        else:
            client = found.AsyncOpenAI(**options)
            if model.base_url:
                client.organization = client.project = None
        if model.base_url:  # what the environment adds is meant for the vendor's own host: it can be a secret
            client._custom_headers = {}  # noqa: SLF001 - no option leaves them out
        return client

    @property
    def _errors(self) -> tuple[type[Exception], ...]:
        """What the library, the network below it and a garbled answer raise; anything else is a fault of copydesk."""
        below: tuple[type[Exception], ...] = (import_module("httpx2").HTTPError, import_module("aiohttp").ClientError)
        return (library(self._model.provider).APIError, *below, OSError, ValueError, RecursionError)

    def _hear(self, event: Any, heard: Heard) -> None:
        """Take in one event, by what it says of itself: of a shape that no vendor sends, nothing is guessed."""
        try:
            self._speak.hear(event, heard)
        except (KeyError, TypeError, AttributeError) as error:
            if heard.whole:
                return  # it has said its end, and stays as it is, counted or not
            what = f"{self._model.label} sent an event of a shape that is not known"
            mend = "Look at `base-url` and `api` in copydesk.yml."
            raise FaultError(
                what, "retry", where=place_of(self._model), mend=mend, served=True, text=heard.text
            ) from error

    async def _create(self, request: Request, saying: Saying, model: Model) -> Any:
        """Begin the call and return its stream of events, each as the plain JSON that it is."""
        if self._speak is chat:
            body = chat.arguments(request, saying, model.model, official=not model.base_url)
        else:
            body = self._speak.arguments(request, saying, model.model)
        kind = library(model.provider).AsyncStream[object]
        return await self._client.post(self._speak.PATH, body=body, cast_to=object, stream=True, stream_cls=kind)


@cache
def _watched() -> type:
    """Return a kind of byte stream that tells of each piece: a vendor that thinks sends signs of life that are no events."""

    class Watched(import_module("httpx2").AsyncByteStream):  # type: ignore[misc]
        def __init__(self, inner: Any, beat: Callable[[], None]) -> None:
            self._inner = inner
            self._beat = beat

        async def __aiter__(self) -> AsyncIterator[bytes]:
            async for piece in self._inner:
                self._beat()
                yield piece

        async def aclose(self) -> None:
            await self._inner.aclose()

    return Watched


def _address(model: Model) -> str:
    """Return where calls go. Anthropic's library adds `/v1` itself, which is easily written twice."""
    address = model.base_url or HOSTS[model.provider]
    return address.rstrip("/").removesuffix("/v1") if model.provider == "anthropic" else address


def _check_kind(headers: Mapping[str, str], model: Model) -> None:
    """Raise FaultError if what comes is no stream of events: a page of some proxy, or a server that speaks otherwise."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("text/event-stream", ""):
        return
    what = f"{model.label} answers with {kind[:60]}, which is no stream of a model's reply"
    mend = "Look at `base-url` in copydesk.yml, and whether a proxy stands in between."
    raise FaultError(what, "fail", where=place_of(model), mend=mend, served=True)


__all__ = ["Deadlines", "Vendor", "dialect", "key_variable", "read_key"]
