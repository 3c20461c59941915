"""A stream that is cut at any of its bytes is never a draft, unless it had said its end before."""

from __future__ import annotations

import asyncio

import pytest

from generator import providers
from generator.model import Message, Model, Reply, Request
from generator.providers.vendors.calling import Vendor
from generator.providers.vendors.faults import FaultError
from tests.recorded.server import Fault, Server
from tests.recorded.wire import Dialect, Said, events
from tests.recorded.workshop import DIALECTS

SAID = Said(pieces=("Čeština, ", "中文 and 🙂.\n"))
TEXT = "".join(SAID.pieces)
LONG = providers.Deadlines(first=60, between=60, whole=120)
"""Longer than a busy machine takes to read a call: one given up before it is read leaves its fault to the next."""
ENDED = {
    "responses": b"response.completed",
    "chat": b'"finish_reason": "stop"',
    "messages": b'"stop_reason": "end_turn"',
}
"""What says the end of a reply in each dialect."""


def model_of(server: Server, dialect: Dialect) -> Model:
    provider = "anthropic" if dialect == "messages" else "openai"
    url = server.anthropic if dialect == "messages" else server.url
    return Model(name="m", provider=provider, model="x", base_url=url, api="" if provider == "anthropic" else dialect)


def outcomes(dialect: Dialect, cuts: list[int], *, clean: bool) -> list[Reply | FaultError]:
    """Return what comes of a reply that is cut after so many bytes, for each of the cuts."""
    found: list[Reply | FaultError] = []
    with Server(answer=lambda _: SAID) as server:
        model = model_of(server, dialect)
        request = Request(
            brief="b",
            step="s",
            uses="draft",
            chain=(model,),
            messages=(Message(role="user", text="Say it."),),
            parts=(),
        )

        async def work() -> None:
            vendor = Vendor(model, deadlines=LONG)
            for cut in cuts:
                assert not server.script, "every call before met its own fault"
                server.script.append(Fault(bytes=cut, clean=clean))
                try:
                    found.append(await vendor(request, model))
                except FaultError as fault:
                    found.append(fault)
            await vendor.close()

        asyncio.run(work())
    return found


def check(dialect: Dialect, step: int, *, clean: bool) -> None:
    whole = b"".join(events(SAID, dialect, "a-model"))
    said_end = whole.index(b"\n\n", whole.index(ENDED[dialect])) + 2
    cuts = [*range(step // 2, len(whole), step), said_end - 2, said_end - 1, said_end, len(whole)]
    for cut, outcome in zip(cuts, outcomes(dialect, cuts, clean=clean), strict=True):
        if isinstance(outcome, Reply):
            assert cut >= said_end - 1, "a line end is enough to end an event"
            assert (outcome.text, outcome.ending) == (TEXT, "complete")
        else:
            assert cut < said_end or not clean, "a reset may come before what was sent ahead of it has been read"
            assert (outcome.rule, outcome.served) == ("retry", True)
            assert TEXT.startswith(outcome.text)


@pytest.mark.parametrize("clean", [False, True])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_stream_cut_at_any_byte(dialect: Dialect, clean: bool) -> None:
    check(dialect, 23, clean=clean)


@pytest.mark.slow
@pytest.mark.parametrize("clean", [False, True])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_stream_cut_at_every_byte(dialect: Dialect, clean: bool) -> None:
    check(dialect, 1, clean=clean)
