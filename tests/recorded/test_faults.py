"""The table of faults: for each, by each wire format, how many calls are made, what comes of it, what it costs, what is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from pathlib import Path

import pytest

from generator import app, providers
from generator.app.endings import SAID
from generator.providers.vendors.saying import FRAME
from tests.recorded.server import TRUSTED, Fault, Server
from tests.recorded.wire import Dialect
from tests.recorded.workshop import DIALECTS, SWIFT, make, model, workspace, write

TEXT = "Čeština, 中文, 🙂: a text of some length, in several pieces.\n"
PAID = "; it may have been paid, and costs what was reserved; asked again in a moment."
IN_AN_HOUR = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
RETRIED = ("retry-after", "0.02")


@dataclass(frozen=True, kw_only=True)
class Row:
    """What goes wrong, and what is to come of it: `calls` made, `unknown` of them that may have been paid, what is read."""

    faults: tuple[Fault, ...]
    calls: int
    made: bool = True
    unknown: int = 0
    read: str = ""
    code: int = 0
    only: tuple[Dialect, ...] = DIALECTS
    told: str | Mapping[Dialect, str] = ""
    """What is told while the call waits to be made again: once, or, if it is "", nothing at all."""
    noted: str = ""
    """What is told of a text that was made."""
    ending: str = ""
    """How the reply is kept, if it is one: then it is shown, and costs what was counted."""


def status(number: int, kind: str = "server_error", **more: object) -> Fault:
    return Fault(status=number, kind=kind, **more)  # type: ignore[arg-type]


def after(kind: str) -> dict[Dialect, str]:
    """Return what is told of an error after 200."""
    says = f"answers an error ({kind}): It went wrong."
    return {"responses": f"failed while it answered: {kind}: It went wrong.", "chat": says, "messages": says}


SLOW = "took more than 2 seconds in all"
SHAPE = "sent an event of a shape that is not known"
ROWS = {
    "429 with Retry-After": Row(faults=(status(429, "rate_limit_exceeded", headers=(RETRIED,)),), calls=2),
    "429 without": Row(faults=(status(429, "rate_limit_error"),), calls=2),
    "429 again and again": Row(faults=(status(429, "rate_limit_error", headers=(RETRIED,)),) * 9, calls=10),
    "429 for an hour": Row(
        faults=(status(429, "rate_limit_error", headers=(("retry-after", "3600"),)),), calls=1, made=False, read="429", code=5
    ),
    "429 until a time in an hour": Row(
        faults=(status(429, "rate_limit_error", headers=(("retry-after", IN_AN_HOUR),)),), calls=1, made=False, read="429", code=5
    ),
    "429 for an hour in thousandths": Row(
        faults=(status(429, "rate_limit_error", headers=(("retry-after-ms", "3600000"),)),), calls=1, made=False, read="429", code=5
    ),
    "429 spent quota": Row(faults=(status(429, "insufficient_quota"),), calls=1, made=False, read="Add credit", code=5),
    "429 spending limit": Row(
        faults=(status(429, "rate_limit_error", message="You have reached your specified API usage limits: spend limit."),),
        calls=1, made=False, read="raise the limit", code=5,
    ),
    "400 no credit": Row(
        faults=(status(400, "invalid_request_error", message="Your credit balance is too low to access the API."),),
        calls=1, made=False, read="Add credit", code=5,
    ),
    "401": Row(faults=(status(401, "authentication_error"),), calls=1, made=False, read="key-env: NAME", code=5),
    "402": Row(faults=(status(402, "payment_required"),), calls=1, made=False, read="Add credit", code=5),
    "403": Row(faults=(status(403, "permission_error"),), calls=1, made=False, read="key-env: NAME", code=5),
    "404": Row(faults=(status(404, "not_found_error"),), calls=1, made=False, read="`base-url`", code=5),
    "400 unknown model": Row(
        faults=(status(400, "invalid_request_error", message="The model gpt-x does not exist."),),
        calls=1, made=False, read="model: ", code=5,
    ),
    "400": Row(faults=(status(400, "invalid_request_error"),), calls=1, made=False, read="Change the step's prompt", code=1),
    "413": Row(faults=(status(413, "request_too_large"),), calls=1, made=False, read="413", code=1),
    "422": Row(faults=(status(422, "invalid_request_error"),), calls=1, made=False, read="422", code=1),
    "307": Row(faults=(status(307, headers=(("location", "http://127.0.0.1:9/"),)),), calls=1, made=False, read="307", code=1),
    **{str(each): Row(faults=(status(each),), calls=2) for each in (409, 500, 503)},
    **{str(each): Row(faults=(status(each),), calls=2, unknown=1, told=f"answers {each} (server_error): It went wrong.") for each in (408, 504, 524)},
    "429 with Retry-After of nothing": Row(faults=(status(429, "rate_limit_error", headers=(("retry-after", "0"),)),) * 4, calls=5),
    "502 as a page": Row(faults=(status(502, raw=b"<html><h1>Bad gateway</h1></html>", content_type="text/html"),), calls=2),
    "529": Row(faults=(status(529, "overloaded_error"),), calls=2),
    "500 for ever": Row(faults=(status(500),) * 9, calls=7, made=False, read="500 (server_error): It went wrong.", code=5),
    "reset": Row(faults=(Fault(reset=True),), calls=2, unknown=1, told="broke: [Errno 104]"),
    "reset for ever": Row(faults=(Fault(reset=True),) * 9, calls=3, made=False, unknown=3, read="broke", code=5, told="broke: [Errno 104]"),
    "cut stream": Row(faults=(Fault(events=3),), calls=2, unknown=1, told="broke off before its end"),
    "cut stream that looks whole": Row(faults=(Fault(events=3, clean=True),), calls=2, unknown=1, told="broke off before its end"),
    "cut stream for ever": Row(
        faults=(Fault(events=4),) * 9, calls=3, made=False, unknown=3, read="broke off before its end", code=5, told="broke off before its end"),
    "empty 200": Row(faults=(Fault(bytes=0, clean=True),), calls=2, unknown=1, told="sent no reply"),
    "overloaded after 200": Row(faults=(Fault(events=2, error="overloaded_error"),), calls=2, unknown=1, told=after("overloaded_error")),
    "server error after 200": Row(faults=(Fault(events=2, error="api_error"),), calls=2, unknown=1, told=after("api_error")),
    "quota after 200": Row(
        faults=(Fault(events=2, error="insufficient_quota"),), calls=1, made=False, unknown=1, read="insufficient_quota", code=5
    ),
    "bad request after 200": Row(
        faults=(Fault(events=2, error="invalid_request_error"),), calls=1, made=False, unknown=1, read="It went wrong", code=1
    ),
    "bad JSON": Row(faults=(Fault(raw=b'event: message_start\ndata: {"type": \n\n'),), calls=2, unknown=1, told="sent an answer that cannot be read: "),
    "JSON of another shape": Row(
        faults=(Fault(raw=b'event: message_start\ndata: {"type": "message_start", "choices": 5}\n\n'),), calls=2, unknown=1, told={"responses": "broke off before its end", "chat": SHAPE, "messages": SHAPE}),
    "not UTF-8": Row(faults=(Fault(raw=b'event: ping\ndata: {"type": "\xff\xfe\n\n'),), calls=2, unknown=1, told="sent an answer that cannot be read: 'utf-8' codec"),
    "a page for a reply": Row(
        faults=(Fault(raw=b"<html>Sign in to the hotel</html>", content_type="text/html"),), calls=1, made=False, unknown=1,
        read="a proxy", code=1,
    ),
    "JSON for a stream": Row(
        faults=(Fault(raw=b'{"choices": []}', content_type="application/json"),), calls=1, made=False, unknown=1,
        read="application/json", code=1,
    ),
    "silent at first": Row(faults=(Fault(silent=True),), calls=2, unknown=1, told="was silent for 0.5 seconds"),
    "silent midway": Row(faults=(Fault(silent=True, events=3),), calls=2, unknown=1, told="was silent for 0.5 seconds"),
    "slow": Row(faults=(Fault(drip=0.02),), calls=1),
    "slow beyond the end": Row(faults=(Fault(drip=0.4),), calls=2, unknown=1, told=SLOW),
    "slow for ever": Row(
        faults=(Fault(drip=0.4),) * 9, calls=3, made=False, unknown=3, read="more than 2 seconds in all", code=5, only=("chat",), told=SLOW),
    "a byte at a time": Row(faults=(Fault(each_byte=True),), calls=1),
    "cut by length": Row(faults=(Fault(end="cut"),), calls=1, made=False, read="max-tokens: 16000", code=1, ending="cut"),
    "window exceeded": Row(faults=(Fault(end="window"),), calls=1, made=False, read="fewer sources", code=1, ending="cut", only=("messages",)),
    "refused": Row(faults=(Fault(end="refused"),), calls=1, made=False, read="second model", code=1, ending="refused"),
    "filtered": Row(
        faults=(Fault(end="filtered"),), calls=1, made=False, read="second model", code=1, ending="filtered",
        only=("responses", "chat"),
    ),
    "asks for a tool": Row(
        faults=(Fault(end="tool"),) * 2, calls=2, made=False, read="another shape", code=1, ending="misshapen", only=("chat", "messages")
    ),
    "pauses": Row(faults=(Fault(end="pause"),), calls=1, made=False, read="another model", code=1, ending="cut", only=("messages",)),
    "failed": Row(faults=(Fault(end="failed"),), calls=2, unknown=1, only=("responses", "chat"), told={"responses": "while it answered: server_error: It went wrong.", "chat": "the server says it ended by `error`"}),
    "ends as nobody knows": Row(faults=(Fault(end="unheard"),), calls=1, made=False, read="unheard_of", code=1, ending="cut"),
    "blank": Row(faults=(Fault(blank=True),), calls=1, made=False, read="gave an empty reply", code=1, ending="empty"),
    "uncounted": Row(faults=(Fault(uncounted=True),), calls=1, unknown=1, noted="did not say how many tokens it took"),
    "ends where the model was told to": Row(faults=(Fault(end="stop-sequence"),), calls=1, only=("messages",)),
}  # fmt: skip


def most(root: Path) -> Decimal:
    """Return what is reserved for the call: its bytes, all of them written to a cache, and 1,000 tokens."""
    size = sum(len(message.text.encode()) + FRAME for message in app.show(root, "b0/draft").messages)
    return (size * Decimal("1.25") + 1_000 * 10) / Decimal(1_000_000)


@pytest.mark.parametrize(("name", "dialect"), [(name, each) for name, row in ROWS.items() for each in row.only])
def test_a_fault(tmp_path: Path, name: str, dialect: Dialect) -> None:
    row, said = ROWS[name], list[str]()
    told = (row.told if isinstance(row.told, str) else row.told[dialect]).rstrip(".")
    with Server(answer=lambda _: TEXT) as server:
        server.script.extend(row.faults)
        root = workspace(tmp_path, model(server, dialect))
        summary = make(root, said=said)
        assert len(server.log) == row.calls
        assert (summary.made, summary.exit_code) == (int(row.made), row.code)
        cause = summary.failures[0][1] if summary.failures else ""
        assert row.read in cause
        assert bool(row.read) is not row.made, "what failed says why"
        waits = [line for line in said if "asked again" in line]
        assert len(waits) == bool(told)
        assert all(told in line and PAID in line for line in waits)
        assert [row.noted in note for note in summary.notes] == [True] * bool(row.noted)
        assert not row.made or (root / "drafts/b0/b0.md").read_text() == TEXT
        assert row.made or not (root / "drafts/b0/b0.md").exists()
        served = [seen for seen in server.log if seen.outcome == "served"] if row.ending or row.made else []
        counted = sum(
            (
                Decimal(len(seen.said.encode()) // 4 + 10 * (len(TEXT.encode()) // 4))
                for seen in served[: row.calls - row.unknown]
            ),
            Decimal(0),
        )
        counted = counted if row.unknown < row.calls else Decimal(0)
        expected = counted / 1_000_000 + row.unknown * most(root)
        assert Decimal(summary.usd) == pytest.approx(expected)
        assert Decimal(app.costs(root).usd) == Decimal(summary.usd)
        assert Decimal(summary.usd_lost) == pytest.approx(row.unknown * most(root) if name != "uncounted" else 0)
        before = len(server.log)
        server.script.clear()
        again = make(root)
        if row.ending:  # an answer that is no draft was paid for, and is not asked again; it can be read
            assert (again.made, len(server.log)) == (0, before)
            assert SAID[row.ending].split(" ", 1)[1][:20] in cause
            assert app.show(root, "b0/draft").reply.strip() == ("" if row.ending == "empty" else TEXT.strip())
        else:
            assert (again.made, len(server.log)) == ((0, before) if row.made else (1, before + 1))
    assert app.verify(root) == ()


def nothing_paid(root: Path, *, code: int, patience: providers.Patience = SWIFT) -> str:
    """Assert that a build asks nobody and pays nothing, and return why."""
    summary = make(root, patience=patience)
    assert (summary.made, summary.exit_code, summary.usd, summary.usd_lost) == (0, code, "0", "0")
    assert app.costs(root).calls == 0
    return summary.failures[0][1]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_cannot_be_reached_costs_nothing(tmp_path: Path, dialect: Dialect) -> None:
    with Server() as server:
        entry = model(server, dialect)
    assert "cannot be reached" in nothing_paid(workspace(tmp_path, entry), code=5)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_name_that_no_host_has_costs_nothing(tmp_path: Path, dialect: Dialect) -> None:
    entry = model(Server(port=80), dialect).replace("127.0.0.1", "nowhere.invalid")
    few = providers.Patience(calls=2, first=0.01)
    assert "nowhere.invalid" in nothing_paid(workspace(tmp_path, entry), code=5, patience=few)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_certificate_that_nobody_trusts_costs_nothing_and_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dialect: Dialect
) -> None:
    with Server(answer=lambda _: TEXT, tls=True) as server:
        root = workspace(tmp_path, model(server, dialect))
        why = nothing_paid(root, code=5)
        assert f"127.0.0.1:{server.port}" in why
        assert "shows a certificate that is not trusted: " in why
        assert (server.connections, server.log) == (1, []), "no waiting mends a certificate"
        monkeypatch.setenv("SSL_CERT_FILE", str(TRUSTED))
        assert make(root).made == 1, "it was the certificate"
        assert (server.connections, server.outcomes) == (2, ("served",))


@pytest.mark.parametrize("dialect", ["responses", "chat"])
def test_a_setting_that_a_model_lacks_is_left_out_once(tmp_path: Path, dialect: Dialect) -> None:
    lacks = Fault(
        status=400, kind="unsupported_parameter", message="Unsupported parameter: 'temperature'.", param="temperature"
    )
    with Server() as server:
        server.script.append(lacks)
        root = workspace(tmp_path, model(server, dialect), briefs=3)
        write(
            root,
            {"prompts/write.md": (root / "prompts/write.md").read_text().replace("max-tokens: 1000", "temperature: 1")},
        )
        summary = make(root, jobs=1)
        assert (summary.made, len(server.log)) == (3, 4)
        assert [("temperature" in seen.body) for seen in server.log] == [True, False, False, False]
        told = [note for note in summary.notes if "temperature" in note]
    assert told == ["first (openai/gpt-5-mini) has no `temperature`: it was left out"]


PAIRS: tuple[tuple[Dialect, Dialect], ...] = (("chat", "messages"), ("messages", "responses"), ("responses", "chat"))
NAMES = {"responses": "gpt-5-mini", "chat": "gpt-5-mini", "messages": "claude-sonnet-4-5"}


@pytest.mark.parametrize(("first", "second"), PAIRS)
@pytest.mark.parametrize(
    ("fault", "calls", "made"),
    [
        (Fault(end="refused"), 1, True),
        (Fault(end="filtered"), 1, True),
        (Fault(status=404, kind="not_found_error"), 1, True),
        (status(429, "rate_limit_error", headers=(("retry-after", "3600"),)), 1, True),
        (Fault(status=529, kind="overloaded_error"), 7, True),
        (Fault(reset=True), 3, True),
        (Fault(status=400, kind="invalid_request_error"), 1, False),
        (Fault(status=401, kind="authentication_error"), 1, False),
        (Fault(status=429, kind="insufficient_quota"), 1, False),
        (Fault(end="cut"), 1, False),
    ],
)
def test_a_chain_moves_on_for_what_another_model_can_mend(
    tmp_path: Path, fault: Fault, calls: int, made: bool, first: Dialect, second: Dialect
) -> None:
    with Server() as server, Server() as other:
        server.script.extend([fault] * 9)
        root = workspace(tmp_path, model(server, first), second=model(other, second))
        summary = make(root)
        assert (len(server.log), len(other.log), summary.made) == (calls, int(made), int(made))
        assert {seen.dialect for seen in (*server.log, *other.log)} == ({first, second} if made else {first})
        again = make(root)
        assert again.made == 0
    if made:
        (event,) = app.history(root, "b0/draft")
        assert NAMES[second] in event.line
        (note,) = summary.notes
        vendor = "anthropic" if second == "messages" else "openai"
        assert note.startswith(f"{vendor}/{NAMES[second]} answered in place of another: ")
        assert (f"`model: {NAMES[first]}`" in note) == (fault.status == 404)
        assert again.notes == summary.notes


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_a_chain_moves_on_from_a_certificate_that_nobody_trusts_and_does_not_come_back(
    tmp_path: Path, first: Dialect, second: Dialect
) -> None:
    with Server(tls=True) as server, Server() as other:
        root = workspace(tmp_path, model(server, first), second=model(other, second), briefs=3)
        summary = make(root, jobs=1)
        assert (summary.made, server.connections, server.log, len(other.log)) == (3, 1, [], 3)
        assert all("a certificate that is not trusted" in note for note in summary.notes)


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_a_cap_that_is_reached_asks_no_cheaper_model_instead(tmp_path: Path, first: Dialect, second: Dialect) -> None:
    with Server() as server, Server() as other:
        cheap = model(other, second, price="{input: 0.001, output: 0.001}")
        root = workspace(tmp_path, model(server, first), second=cheap, more="budget: {run: 0.005}\n")
        summary = make(root)
        assert (summary.made, summary.exit_code, summary.usd) == (0, 4, "0")
        assert "`budget: run`" in summary.stopped_by
        assert (server.log, other.log) == ([], [])


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_a_dearer_model_further_down_a_chain_is_held_to_the_cap_at_its_own_price(
    tmp_path: Path, first: Dialect, second: Dialect
) -> None:
    with Server() as server, Server() as other:
        server.script.append(status(404, "not_found_error"))
        dear = model(other, second, price="{input: 100, output: 1000}")
        root = workspace(tmp_path, model(server, first), second=dear, more="budget: {run: 0.05}\n")
        summary = make(root)
        assert (summary.made, summary.exit_code, summary.usd) == (0, 4, "0")
        assert (len(server.log), len(other.log)) == (1, 0)


def test_a_stop_closes_the_model_for_the_build(tmp_path: Path) -> None:
    with Server() as server:
        server.script.extend([Fault(status=401, kind="authentication_error")] * 50)
        root = workspace(tmp_path, model(server, "chat"), briefs=20)
        summary = make(root, jobs=2)
        assert (summary.failed, summary.exit_code) == (20, 5)
        assert len(server.log) <= 2


def test_a_dead_model_holds_up_no_step_of_another(tmp_path: Path) -> None:
    with Server() as dead, Server() as alive:
        dead.script.extend([Fault(silent=True)] * 100)
        root = workspace(tmp_path, model(dead, "chat"), briefs=60, second=model(alive, "chat"))
        for n in range(60):
            path = root / f"content_briefs/b{n}.md"
            path.write_text(
                path.read_text().replace("uses: write", f"uses: write, model: {'first' if n < 30 else 'second'}")
            )
        first = dead.begun
        finished: list[int] = []
        alive.begun = lambda _: finished.append(len(dead.log))
        summary = make(root, jobs=2, patience=SWIFT)
        assert dead.begun is first
        assert summary.made == 30
        assert len(alive.log) == 30
        assert max(finished) < len(dead.log), "the other model's calls were all begun before the dead one was given up"


def test_keys_stand_in_no_error_file_or_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_KEY", "sk-secret-0123456789")
    message = "Incorrect API key provided: sk-secret-0123456789. Also sk-other-98765432 and Bearer abcdefgh."
    with Server() as server:
        server.script.append(Fault(status=401, kind="authentication_error", message=message))
        root = workspace(tmp_path, model(server, "chat").replace("{", "{key-env: THE_KEY, ", 1))
        summary = make(root)
    assert "sk-" not in summary.failures[0][1]
    assert "abcdefgh" not in summary.failures[0][1]
    assert b"sk-secret" not in b"".join(path.read_bytes() for path in root.rglob("*") if path.is_file())
