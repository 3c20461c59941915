"""A vendor on this machine: a small server that speaks all three wire formats through a real socket, and fails on script.

Used in two ways: within a test, `with Server(...) as server`, on a thread of its own; or as a process,
`python -m tests.recorded.server`, which prints its port, and answers GET /stats. It binds the loopback alone.
With `tls` it shows a certificate that nobody trusts who is not told to (`TRUSTED`); as a proxy (CONNECT) it poses as the vendor.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import socket
import ssl
import struct
import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from generator.digest import digest_of
from tests.recorded.wire import PATHS, Dialect, Said, asked, error_body, error_event, events, pieces_of

Answer = Callable[[str], str | Said]
"""What is said to all that a request says."""

TRUSTED = Path(__file__).with_name("untrusted.pem")
"""A certificate that signs itself, for this machine and the vendors' hosts, until 2126; its key guards nothing but tests."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What goes wrong with one call. Of `status` with a body; of the stream, after `events` whole events or `bytes` bytes."""

    status: int = 200
    kind: str = ""
    message: str = "It went wrong."
    param: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    raw: bytes | None = None
    content_type: str = ""
    reset: bool = False
    silent: bool = False
    events: int | None = None
    bytes: int | None = None
    clean: bool = False
    """Whether a stream that is cut ends as if it were whole."""
    error: str = ""
    """The kind of error that is an event of the stream."""
    drip: float = 0.0
    """Seconds between two events."""
    each_byte: bool = False
    end: str = ""
    blank: bool = False
    uncounted: bool = False


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A call as the server saw it; `outcome` is "served", or what it did instead."""

    dialect: Dialect
    model: str
    said: str
    body: dict[str, Any]
    headers: dict[str, str]
    outcome: str
    at: float
    digest: str


@dataclass
class Server:
    """The server. `script` holds what goes wrong with the next calls, in order; None is a call that goes well. `wrong` says
    what goes wrong with a call by all that it says.

    `chance` lets faults happen by the seed: (probability, fault). `rate` is calls a second that are let through, with a
    second's worth at once; `latency` and `sigma` are seconds (lognormal around that mean).
    """

    answer: Answer = lambda said: f"# A reply\n\nIt answers {digest_of('said', said)[:12]}. Čeština, 中文, 🙂.\n"
    script: deque[Fault | None] = field(default_factory=deque)
    wrong: Callable[[str], Fault | None] = lambda _: None
    chance: tuple[tuple[float, Fault], ...] = ()
    latency: float = 0.0
    sigma: float = 0.0
    rate: float = 0.0
    headers: tuple[tuple[str, str], ...] = ()
    seed: int = 0
    port: int = 0
    tls: bool = False
    asked_for: list[str] = field(default_factory=list)
    """The hosts that were asked for, of a proxy."""
    log: list[Seen] = field(default_factory=list)
    flying: int = 0
    peak: int = 0
    connections: int = 0
    begun: Callable[[str], None] = lambda _: None

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.latencies = random.Random(self.seed)  # drawn as calls come, so that two who are compared meet the same
        self.tokens, self.filled = max(1.0, self.rate), 0.0
        self.sockets: set[asyncio.StreamWriter] = set()

    # On a thread

    def __enter__(self) -> Self:
        ready = threading.Event()
        self.loop = asyncio.new_event_loop()

        async def run() -> None:
            self.stopping = asyncio.Event()
            async with await self.serve() as listening:
                ready.set()
                await self.stopping.wait()
                listening.close()
                for writer in list(self.sockets):
                    writer.transport.abort()
                await asyncio.sleep(0)

        def work() -> None:
            with contextlib.closing(self.loop), contextlib.suppress(asyncio.CancelledError):
                self.loop.run_until_complete(run())
                for task in asyncio.all_tasks(self.loop):
                    task.cancel()
                self.loop.run_until_complete(asyncio.sleep(0.01))

        self.thread = threading.Thread(target=work, daemon=True)
        self.thread.start()
        ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(RuntimeError):  # it went away before, by its own loop
            self.loop.call_soon_threadsafe(self.stopping.set)
        self.thread.join()

    async def serve(self) -> asyncio.Server:
        """Listen, at a free port if none is given."""
        server = await asyncio.start_server(self.connected, "127.0.0.1", self.port, backlog=4096, limit=2**24)
        self.port = server.sockets[0].getsockname()[1]
        return server

    @property
    def url(self) -> str:
        """The address that a `base-url` of OpenAI's kind names; Anthropic's library adds /v1 itself."""
        return f"{self.anthropic}/v1"

    @property
    def anthropic(self) -> str:
        """The address for Anthropic's library."""
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}"

    @property
    def outcomes(self) -> tuple[str, ...]:
        """What was done with each call, in order."""
        return tuple(each.outcome for each in self.log)

    # A connection

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the calls of one connection."""
        self.connections += 1
        self.sockets.add(writer)
        try:
            if self.tls:
                await self.guard(writer)
            while await self.call(reader, writer):
                pass
        except (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self.sockets.discard(writer)
            writer.close()

    async def guard(self, writer: asyncio.StreamWriter) -> None:
        """Go on by TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(TRUSTED)
        await writer.start_tls(context)

    async def call(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one call; return whether the connection goes on."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {key.lower(): value.strip() for key, _, value in (line.partition(":") for line in head[1:] if line)}
        raw = await reader.readexactly(int(headers.get("content-length", "0")))
        method, path, _ = head[0].split(" ")
        if method == "CONNECT":
            self.asked_for.append(path)
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            await self.guard(writer)
            return True
        if method == "GET":
            self._plain(writer, 200, json.dumps(self.stats()).encode())
            return True
        if path not in PATHS:
            self._plain(writer, 404, b'{"error": {"message": "There is no such path.", "type": "not_found"}}')
            return True
        dialect, body = PATHS[path], json.loads(raw)
        self.flying += 1
        self.peak = max(self.peak, self.flying)
        try:
            return await self.reply(writer, dialect, body, headers)
        finally:
            self.flying -= 1

    async def reply(
        self, writer: asyncio.StreamWriter, dialect: Dialect, body: dict[str, Any], headers: dict[str, str]
    ) -> bool:
        """Answer a call by the script."""
        said, loop = asked(body, dialect), asyncio.get_running_loop()
        fault = self.refuse() or self.wrong(said) or (self.script.popleft() if self.script else self.by_chance())
        digest = digest_of("body", json.dumps(body, sort_keys=True))
        seen = Seen(
            dialect=dialect, model=body["model"], said=said, body=body, headers=headers, outcome="flying",
            at=loop.time(), digest=digest,
        )  # fmt: skip
        at = len(self.log)
        self.log.append(seen)
        self.begun(said)

        def done(outcome: str) -> None:
            self.log[at] = replace(seen, outcome=outcome)

        if fault is not None and await self.failed(writer, dialect, fault, done):
            return False
        if fault is not None and fault.status != 200:
            return True
        if self.latency:
            drawn = self.latency
            if self.sigma:
                drawn *= self.latencies.lognormvariate(-(self.sigma**2) / 2, self.sigma)
            await asyncio.sleep(drawn)
        return await self.stream(writer, dialect, self.said(said, dialect, body, fault), fault or Fault(), done)

    def said(self, said: str, dialect: Dialect, body: dict[str, Any], fault: Fault | None) -> Said:
        """Return the reply to a call, with its tokens counted: in chat, only if the call wants that."""
        answer = self.answer(said)
        if isinstance(answer, str):
            answer = Said(
                pieces=pieces_of(answer), input_tokens=len(said.encode()) // 4, output_tokens=len(answer.encode()) // 4
            )
        if fault is not None:
            answer = replace(
                answer, end=fault.end or answer.end, pieces=("",) if fault.blank else answer.pieces,
                input_tokens=None if fault.uncounted else answer.input_tokens,
            )  # fmt: skip
        if dialect == "chat" and not body.get("stream_options", {}).get("include_usage"):
            answer = replace(answer, input_tokens=None)
        return answer

    def refuse(self) -> Fault | None:
        """Return a refusal if there are more calls than `rate`."""
        if not self.rate:
            return None
        now = asyncio.get_running_loop().time()
        self.tokens = min(max(1.0, self.rate), self.tokens + (now - (self.filled or now)) * self.rate)
        self.filled = now
        if self.tokens >= 1:
            self.tokens -= 1
            return None
        return Fault(status=429, kind="rate_limit_exceeded", headers=(("retry-after", "1"),))

    def by_chance(self) -> Fault | None:
        """Return a fault by the dice."""
        drawn = self.dice.random()
        for probability, fault in self.chance:
            if drawn < probability:
                return fault
            drawn -= probability
        return None

    async def failed(
        self, writer: asyncio.StreamWriter, dialect: Dialect, fault: Fault, done: Callable[[str], None]
    ) -> bool:
        """Do what a fault does before the stream; return whether the connection is at its end."""
        if fault.reset:
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            done("reset")
            writer.transport.abort()
            return True
        if fault.silent and fault.events is None:
            done("silent")
            await asyncio.sleep(3600)
        if fault.status != 200:
            raw = fault.raw if fault.raw is not None else error_body(dialect, fault.kind, fault.message, fault.param)
            done(str(fault.status))
            self._plain(writer, fault.status, raw, fault.content_type or "application/json", fault.headers)
            await writer.drain()
        return False

    async def stream(
        self, writer: asyncio.StreamWriter, dialect: Dialect, said: Said, fault: Fault, done: Callable[[str], None]
    ) -> bool:
        """Stream a reply, as far as the fault lets it."""
        told = [*events(said, dialect, "a-model")]
        if fault.raw is not None:
            told = [fault.raw]
        whole = b"".join(told)
        if fault.error:
            told = [*told[: fault.events], error_event(dialect, fault.error, fault.message)]
        elif fault.events is not None:
            told = told[: fault.events]
        if fault.bytes is not None:
            told = [whole[: fault.bytes]]
        if fault.each_byte:
            told = [bytes([each]) for each in b"".join(told)]
        extra = "".join(f"{name}: {value}\r\n" for name, value in (*self.headers, *fault.headers))
        kind = fault.content_type or "text/event-stream; charset=utf-8"
        writer.write(f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\n{extra}\r\n".encode())
        if fault.drip or fault.each_byte:
            for each in told:
                writer.write(b"%x\r\n%s\r\n" % (len(each), each))
                await writer.drain()
                await asyncio.sleep(fault.drip)
        else:
            writer.write(b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in told if each))
            await writer.drain()
        if fault.silent:
            done("fell silent")
            await asyncio.sleep(3600)
        broken = (fault.bytes is not None or fault.events is not None) and not fault.error and not fault.clean
        done("broken" if broken else "served" if not fault.error and fault.raw is None else "error")
        if broken:
            writer.close()
            return False
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True

    def _plain(
        self, writer: asyncio.StreamWriter, status: int, raw: bytes, kind: str = "application/json",
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:  # fmt: skip
        extra = "".join(f"{name}: {value}\r\n" for name, value in (*self.headers, *headers))
        head = f"HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {len(raw)}\r\n{extra}\r\n"
        writer.write(head.encode() + raw)

    def stats(self) -> dict[str, Any]:
        """Return what was counted: calls by outcome, bodies served twice, calls in flight at most, the span of it all."""
        served = Counter(each.digest for each in self.log if each.outcome == "served")
        return {
            "outcomes": dict(Counter(self.outcomes)), "twice": sum(count - 1 for count in served.values()),
            "peak": self.peak, "connections": self.connections,
            "begun": [round(each.at - self.log[0].at, 2) for each in self.log], "first": self.log[0].at if self.log else 0.0, "span": self.log[-1].at - self.log[0].at if self.log else 0.0,
        }  # fmt: skip


def script_of(name: str) -> Fault:
    """Return a fault by its name on the command line."""
    known = {
        "429": Fault(status=429, kind="rate_limit_exceeded", headers=(("retry-after", "1"),)),
        "500": Fault(status=500, kind="server_error"), "529": Fault(status=529, kind="overloaded_error"),
        "cut": Fault(bytes=300), "reset": Fault(reset=True),
    }  # fmt: skip
    return known[name]


def main() -> None:
    """Serve until killed; print the port first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--sigma", type=float, default=0.0)
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--chance", action="append", default=[], help="a fault and its probability: 429=0.05")
    options = parser.parse_args()
    chances = tuple((float(each.partition("=")[2]), script_of(each.partition("=")[0])) for each in options.chance)

    async def serve() -> None:
        server = Server(
            port=options.port,
            latency=options.latency,
            sigma=options.sigma,
            rate=options.rate,
            seed=options.seed,
            chance=chances,
        )
        async with await server.serve() as listening:
            print(server.port, flush=True)
            await listening.serve_forever()

    asyncio.run(serve())


if __name__ == "__main__":
    main()
