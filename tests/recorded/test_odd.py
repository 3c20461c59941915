"""What no vendor should send, and some do: odd counts, odd pieces, thoughts, filters, errors in other words."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from generator import app, providers, store
from generator.errors import DiskError
from generator.model import Config, Message, Model, Reply, Request
from generator.providers.vendors.faults import FaultError
from tests.recorded.server import Fault, Server
from tests.recorded.test_formats import NAMES, SCHEMA
from tests.recorded.wire import Dialect, Said
from tests.recorded.workshop import BRIEF, DIALECTS, make, model, workspace, write

TEXT = "A text of some length, in several pieces.\n"


def chunk(delta: dict[str, Any] | None = None, **more: Any) -> bytes:
    """Return an event of chat; without a delta, one that has no choice in it."""
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": more.pop("finish", None)}]
    return f"data: {json.dumps({'choices': choices, **more})}\n\n".encode()


def chat(*pieces: object, finish: str = "stop", **more: Any) -> Fault:
    """Return a chat's stream of these pieces, whatever they are."""
    said = b"".join(chunk({"content": piece}) for piece in pieces)
    usage = chunk(None, **more) if more else b""
    return Fault(raw=said + chunk({}, finish=finish) + usage + b"data: [DONE]\n\n")


def usage(given: object, said: object, cached: object = 0) -> dict[str, object]:
    return {"prompt_tokens": given, "completion_tokens": said, "prompt_tokens_details": {"cached_tokens": cached}}


@pytest.mark.parametrize(
    "counted",
    [
        usage(12.0, 3.0), usage("12", "3"), usage(12, -10_000), usage(-5, 3), usage(2**70, 3), usage(True, 3),
        usage(12, 3, "5"), usage(12, 3, 99), usage(None, None), {"prompt_tokens": 12}, [1], "many",
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_count_of_tokens_never_lowers_a_bill_and_loses_no_reply(tmp_path: Path, counted: object) -> None:
    odd_reply = chat("A text", " of two pieces.\n", usage=counted)
    with Server(wrong=lambda said: odd_reply if "how b0" in said else None) as server:
        root = workspace(tmp_path, model(server, "chat"), briefs=2)
        assert make(root).made == 2, "one odd reply is no end of a build"
        assert len(server.log) == 2
        (odd,) = store.open_memory(root).calls(brief="b0")
        assert odd.usd > Decimal("0.01") or (odd.input_tokens, odd.output_tokens, odd.cached_tokens) == (12, 3, 0)


@pytest.mark.parametrize("piece", [["a"], 5, {"text": "a"}, "x\ud83d"], ids=str)
def test_a_piece_that_is_no_text_is_a_fault_of_that_call_alone(tmp_path: Path, piece: object) -> None:
    with Server() as server:
        server.script.append(chat("A text.", piece))
        summary = make(workspace(tmp_path, model(server, "chat"), briefs=3))
        assert summary.made == 3
        assert len(server.log) == 3 + (not isinstance(piece, str))


@pytest.mark.parametrize(
    "raw", [b'data: {"a": ' + b"[" * 200_000 + b"\n\n", b'data: {"a": ' + b"9" * 5_000 + b"}\n\n"], ids=["deep", "long"]
)
def test_json_that_no_parser_takes_is_a_fault_of_that_call_alone(tmp_path: Path, raw: bytes) -> None:
    with Server() as server:
        server.script.append(Fault(raw=raw))
        summary = make(workspace(tmp_path, model(server, "chat"), briefs=3))
        assert (summary.made, len(server.log)) == (3, 4)


@pytest.mark.parametrize("headers", [("x-ratelimit-reset-requests", "1.2.3s"), ("retry-after", "nan"), ("x-ratelimit-limit-requests", "9" * 5_000)])  # fmt: skip
def test_no_header_breaks_a_build(tmp_path: Path, headers: tuple[str, str]) -> None:
    with Server(headers=(headers, ("x-ratelimit-remaining-requests", "0"))) as server:
        server.script.append(Fault(status=429, kind="rate_limit_error"))
        assert make(workspace(tmp_path, model(server, "chat"), briefs=2)).made == 2


@pytest.mark.parametrize("said", ["I think of it.\n</think>\n\nA text.\n", "<think>So.</think>A text.\n", "\n<think>\n</think>\n\nA text.\n"])  # fmt: skip
def test_thoughts_are_no_text_also_where_a_template_began_them(tmp_path: Path, said: str) -> None:
    with Server(answer=lambda _: said) as server:
        root = workspace(tmp_path, model(server, "chat"))
        assert make(root).made == 1
        assert (root / "drafts/b0/b0.md").read_text() == "A text.\n"


def test_a_reply_that_ends_amid_its_thoughts_is_cut(tmp_path: Path) -> None:
    with Server(answer=lambda _: "<think>So I should say that\n") as server:
        summary = make(workspace(tmp_path, model(server, "chat")))
        assert summary.made == 0
        assert "was cut short (it ended while it was still thinking)" in summary.failures[0][1]


LOW = (
    "Rate limit reached for gpt-5-mini on requests per min (RPM): Limit 3, Used 3. Please try again in 20s. "
    "You can increase your rate limit by adding a payment method to your account, in Billing."
)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_limit_that_a_vendor_offers_to_raise_for_money_is_waited_for(tmp_path: Path, dialect: Dialect) -> None:
    with Server(answer=lambda _: TEXT) as server:
        server.script.append(Fault(status=429, kind="rate_limit_exceeded", message=LOW))
        assert make(workspace(tmp_path, model(server, dialect))).made == 1


@pytest.mark.parametrize(
    ("code", "calls", "read"), [(402, 1, "Add credit"), (429, 3, "no more for now"), (502, 3, "no more for now"), (404, 1, "`base-url`")]
)  # fmt: skip
def test_an_error_in_a_stream_may_name_a_status_instead_of_a_kind(
    tmp_path: Path, code: int, calls: int, read: str
) -> None:
    error = chunk(None, error={"code": code, "message": "There is no more for now."})
    with Server() as server:
        server.script.extend([Fault(raw=chunk({"content": "A"}) + error)] * 9)
        root = workspace(tmp_path, model(server, "chat"))
        summary = make(root)
        assert (summary.exit_code, len(server.log)) == (5, calls)
        assert read in summary.failures[0][1]
        assert f"answers {code}: There is no more for now." in summary.failures[0][1]
        assert "What arrived of it: copydesk show b0/draft" in summary.failures[0][1]


@pytest.mark.parametrize("kind", ["content_filter", "invalid_prompt"])
@pytest.mark.parametrize("dialect", ["responses", "chat"])
def test_a_filter_that_looks_at_the_question_moves_the_chain_on_for_that_question(
    tmp_path: Path, kind: str, dialect: Dialect
) -> None:
    with Server() as strict, Server(answer=lambda _: TEXT) as other:
        strict.script.append(Fault(status=400, kind=kind, message="It was flagged."))
        root = workspace(tmp_path, model(strict, dialect), briefs=3, second=model(other, dialect))
        assert make(root, jobs=1).made == 3
        assert (len(strict.log), len(other.log)) == (3, 1)
    with Server() as strict:
        strict.script.append(Fault(status=400, kind=kind, message="It was flagged."))
        summary = make(workspace(tmp_path / "alone", model(strict, dialect)))
        assert (summary.exit_code, len(strict.log)) == (1, 1)
        assert "name a second model in its role" in summary.failures[0][1]


@pytest.mark.parametrize(
    ("setting", "told"),
    [("temperature: 0.2", "With this model the parameter temperature is not supported."), ("effort: low", "this model does not support thinking")],
)  # fmt: skip
def test_a_setting_that_is_told_of_as_if_the_model_were_unknown_is_left_out(
    tmp_path: Path, setting: str, told: str
) -> None:
    with Server(answer=lambda _: TEXT) as server:
        server.script.append(Fault(status=400, kind="invalid_request_error", message=told))
        root = workspace(tmp_path, model(server, "chat"))
        path = root / "prompts/write.md"
        path.write_text(path.read_text().replace("config: {", f"config: {{{setting}, "))
        assert make(root).made == 1
        assert len(server.log) == 2


@pytest.mark.parametrize("first", ["refused", "filtered"])
@pytest.mark.parametrize("hindered", ["overloaded", "unpaid"])
def test_a_refusal_is_not_the_last_word_while_a_model_of_the_chain_was_not_heard(
    tmp_path: Path, first: str, hindered: str
) -> None:
    with Server() as shy, Server(answer=lambda _: TEXT) as bold:
        shy.script.append(Fault(end=first))
        dear = "{input: 1, output: 100}" if hindered == "unpaid" else "{input: 1, output: 10}"
        root = workspace(tmp_path, model(shy, "chat"), second=model(bold, "chat", price=dear))
        if hindered == "overloaded":
            bold.script.extend([Fault(status=529, kind="overloaded_error")] * 7)
        summary = make(root, max_cost=Decimal("0.05"))
        assert summary.made == 0
        assert summary.failures or summary.stopped_by
        assert app.plan(root).steps[0].action == "make"
        assert make(root).made == 1
        assert (len(shy.log), bold.outcomes[-1]) == (1, "served"), "who refused is not asked again"
        assert any("answered in place of another" in note for note in store.read_history(root, "b0").events[-1].notes)


def test_when_all_refuse_nobody_is_asked_again(tmp_path: Path) -> None:
    with Server() as one, Server() as two:
        one.script.append(Fault(end="refused"))
        two.script.append(Fault(end="refused"))
        root = workspace(tmp_path, model(one, "chat"), second=model(two, "chat").replace("gpt-5-mini", "gpt-6"))
        assert make(root).exit_code == make(root).exit_code == 1
        assert (len(one.log), len(two.log)) == (1, 1)


def test_a_key_that_a_vendor_repeats_stands_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = "sk-not-to-be-told-1234"
    monkeypatch.setenv("SOME_KEY", key)
    refusal = Fault(raw=chunk({"refusal": f"No, {key}. \x1b[31m" + "x" * 50_000}) + chunk({}, finish="stop"))
    odd = chat("A text.", finish=f"because of {key} " + "y" * 50_000)
    with Server() as server, Server(answer=lambda _: TEXT) as other:
        entry = model(server, "chat").replace("price", "key-env: SOME_KEY, price")
        root = workspace(tmp_path, entry, briefs=2, second=model(other, "chat"))
        server.script.extend([refusal, odd])
        summary = make(root, jobs=1)
        assert summary.made == 1
        told = json.dumps([summary.failures, summary.notes])
        assert key not in told
        assert "\\u001b" not in told
        assert len(told) < 3_000
    kept = [path.read_bytes() for path in root.rglob("*") if path.is_file()]
    assert len(kept) > 5
    assert not any(key.encode() in raw for raw in kept)


def test_a_vendor_that_says_to_come_back_tomorrow_is_left_for_this_build(tmp_path: Path) -> None:
    tomorrow = Fault(status=429, kind="rate_limit_error", headers=(("retry-after", "86400"),))
    with Server(answer=lambda _: TEXT) as server:
        server.script.extend([None] * 12 + [tomorrow] * 100)
        summary = make(workspace(tmp_path, model(server, "chat"), briefs=60), jobs=4)
        assert (summary.made, summary.exit_code) == (12, 5)
        assert len(server.log) <= 12 + 4


def test_a_question_that_is_a_models_end_is_not_the_end_of_its_neighbours(tmp_path: Path) -> None:
    reset = Fault(reset=True)
    with Server(answer=lambda _: TEXT, latency=0.25, wrong=lambda said: reset if "how b0" in said else None) as server:
        root = workspace(tmp_path, model(server, "chat"))
        chained = BRIEF.format(name="b1").replace(
            "  - {id: draft, uses: write}", "  - {id: first, uses: write}\n  - {id: draft, uses: write, needs: [first]}"
        )
        write(root, {"content_briefs/b1.md": chained})
        summary = make(root)
        assert summary.made == 2
        assert [address for address, _ in summary.failures] == ["b0/draft"]


def test_calls_of_a_dead_model_that_wait_for_their_turn_hold_no_money_of_another(tmp_path: Path) -> None:
    with Server(answer=lambda _: TEXT) as dead, Server(answer=lambda _: TEXT) as alive:
        dead.script.extend([Fault(silent=True)] * 100)
        root = workspace(
            tmp_path,
            model(dead, "chat"),
            briefs=40,
            second=model(alive, "chat"),
            more="limits: {first: {concurrency: 1}}\n",
        )
        for n in range(40):
            path = root / f"content_briefs/b{n}.md"
            path.write_text(
                path.read_text().replace("uses: write", f"uses: write, model: {'first' if n < 38 else 'second'}")
            )
        heard: list[int] = []
        alive.begun = lambda _: heard.append(len(dead.log))
        summary = make(root, max_cost=Decimal("0.15"))
        assert summary.made == 2
        assert heard == [1, 1], "the other model's calls began while the first of the dead one was silent"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_of_what_nobody_waits_for_any_more_all_that_arrived_is_kept(tmp_path: Path, dialect: Dialect) -> None:
    with Server(answer=lambda _: Said(pieces=(TEXT,), input_tokens=10)) as server:
        server.script.extend([Fault(silent=True, events=4)])
        root = workspace(tmp_path, model(server, dialect))
        command = [sys.executable, "-m", "generator", "build"]
        process = subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, text=True, env=None)
        while server.outcomes != ("fell silent",):
            time.sleep(0.02)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        while "Ctrl-C again" not in process.stderr.readline():
            pass
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        assert process.returncode == 130
        shown = app.show(root, "b0/draft")
        assert TEXT.strip() in json.dumps(shown.__dict__, default=str)


def test_a_reply_that_said_its_end_is_kept_though_its_stream_stays_open() -> None:
    whole = (chunk({"content": TEXT}), chunk({}, finish="stop"), chunk(None, usage=usage(12, 3)))

    async def ask(server: Server) -> Reply:
        one = Model(name="m", provider="openai", model="gpt", base_url=server.url, api="chat")
        message = Message(role="user", text="Write.")
        request = Request(brief="b", step="s", uses="draft", chain=(one,), messages=(message,), parts=())
        vendor = providers.ask_for(one)
        task = asyncio.ensure_future(vendor(request, one))
        await asyncio.sleep(0.5)
        task.cancel()
        reply = await task
        await vendor.close()  # type: ignore[attr-defined]
        return reply

    with Server() as server:
        server.script.append(Fault(raw=b"".join(whole), silent=True, events=1))
        reply = asyncio.run(ask(server))
        assert (reply.text, reply.ending, reply.output_tokens) == (TEXT, "complete", 3)


def test_a_server_that_counts_more_than_it_was_sent_passes_a_cap_once_at_most(tmp_path: Path) -> None:
    with Server(answer=lambda _: Said(pieces=(TEXT,), input_tokens=100_000, output_tokens=5_000)) as server:
        root = workspace(tmp_path, model(server, "chat"), briefs=10)
        said: list[str] = []
        summary = make(root, said=said, jobs=1, max_cost=Decimal("0.05"))
        assert (summary.made, summary.exit_code) == (1, 4)
        assert [line for line in said if "counts more tokens than it was sent and allowed: a call cost $0.15" in line]
        assert (
            make(workspace(tmp_path / "b", model(server, "chat"), briefs=10), jobs=1, max_cost=Decimal("0.5")).made == 3
        )


def test_the_repair_is_asked_of_the_model_whose_reply_it_is(tmp_path: Path) -> None:
    answers = iter(["no", NAMES])
    with Server() as shy, Server(answer=lambda _: next(answers)) as bold:
        shy.script.append(Fault(end="refused"))
        second = model(bold, "chat").replace("gpt-5-mini", "gpt-6")
        root = workspace(tmp_path, model(shy, "chat"), second=second)
        write(root, {"prompts/write.md": SCHEMA})
        summary = make(root)
        assert summary.made == 1
        assert (len(shy.log), len(bold.log)) == (1, 2)
        event = store.read_history(root, "b0").events[-1]
        assert any("answered in place of another" in note for note in event.notes)
        two = providers.Caller(memory=store.open_memory(root), ask_for=providers.ask_for, config=Config())
        assert event.key in {row[0] for row in two.memory._rows("SELECT key FROM replies")}  # type: ignore[attr-defined]


@pytest.mark.parametrize("tail", ["/v1", "/v1/", "", "/"])
def test_an_address_for_anthropics_library_may_end_as_all_others_do(tmp_path: Path, tail: str) -> None:
    with Server(answer=lambda _: TEXT) as server:
        entry = model(server, "messages").replace(server.anthropic, f"{server.anthropic}{tail}")
        assert make(workspace(tmp_path, entry)).made == 1


def ask_once(one: Model, deadlines: providers.Deadlines) -> Reply:
    """Ask a model once, by its vendor's library."""

    async def ask() -> Reply:
        vendor = providers.ask_for(one, deadlines=deadlines)
        message = Message(role="user", text="Write.")
        try:
            return await vendor(
                Request(brief="b", step="s", uses="draft", chain=(one,), messages=(message,), parts=()), one
            )
        finally:
            await vendor.close()  # type: ignore[attr-defined]

    return asyncio.run(ask())


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_byte_is_a_sign_of_life(dialect: Dialect) -> None:
    with Server(answer=lambda _: TEXT) as server:
        server.script.append(Fault(each_byte=True, drip=0.001))
        url = server.anthropic if dialect == "messages" else server.url
        provider = "anthropic" if dialect == "messages" else "openai"
        api: Any = "" if dialect == "messages" else dialect
        one = Model(name="m", provider=provider, model="x", base_url=url, api=api)
        assert ask_once(one, providers.Deadlines(first=0.25, between=0.25)).text == TEXT


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_connection_that_does_not_come_about_costs_nothing(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as deaf, contextlib.ExitStack() as clients:
        port = deaf.getsockname()[1]
        for _ in range(4 if scheme == "http" else 0):  # so many that no other is taken
            client = clients.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", port))
        one = Model(name="m", provider="openai", model="x", base_url=f"{scheme}://127.0.0.1:{port}/v1", api="chat")
        with pytest.raises(FaultError, match="cannot be reached") as caught:
            ask_once(one, providers.Deadlines(connect=0.3, first=20.0))
        assert (caught.value.rule, caught.value.served) == ("retry", False)


def test_a_paid_reply_that_the_disk_does_not_take_is_written_at_the_end(tmp_path: Path) -> None:
    one = Model(name="m", provider="openai", model="x", price=(("input", Decimal(1)), ("output", Decimal(1))))
    message = Message(role="user", text="Write.")
    request = Request(brief="b", step="s", uses="draft", chain=(one,), messages=(message,), parts=())

    class Full(store.Memory):
        room = False

        def keep(self, request: Request, model: Model, reply: Reply) -> None:
            if not self.room:
                raise DiskError("database or disk is full")
            super().keep(request, model, reply)

    async def ask(request: Request, model: Model) -> Reply:
        return Reply(text=TEXT, provider=model.provider, model=model.model, input_tokens=1, output_tokens=1)

    with Full(tmp_path) as memory:
        caller = providers.Caller(memory=memory, ask_for=lambda _: ask, config=Config())
        with pytest.raises(DiskError, match="is paid and could not be written: database or disk is full"):
            asyncio.run(caller.ask(request))
        assert memory.recall(request, one) is None
        memory.room = True
    with store.open_memory(tmp_path) as again:
        kept = again.recall(request, one)
        assert kept is not None
        assert kept.text == TEXT
        assert again.unsettled() == ()


def test_what_is_written_about_thoughts_is_text(tmp_path: Path) -> None:
    said = "# Thinking\n\nA model ends its thoughts with `</think>`, and then answers.\n"
    with Server(answer=lambda _: said) as server:
        root = workspace(tmp_path, model(server, "chat"))
        assert make(root).made == 1
        assert (root / "drafts/b0/b0.md").read_text() == said


@pytest.mark.parametrize("times", [1.1, 3, 70_000])
def test_a_server_that_counts_more_is_reserved_for_as_it_counts_and_no_more(tmp_path: Path, times: float) -> None:
    counted = Said(pieces=(TEXT,), input_tokens=10, output_tokens=int(1_000 * times))
    with Server(answer=lambda _: counted) as server:
        root = workspace(tmp_path, model(server, "chat"), briefs=30)
        cap = Decimal("0.01") * Decimal(times) * 20
        said: list[str] = []
        summary = make(root, jobs=5, max_cost=cap, said=said)
        assert 14 <= summary.made <= 20, "it stops, and not long before it must"
        assert summary.exit_code == 4
        assert Decimal(summary.usd) <= cap
        assert len([line for line in said if "counts more tokens" in line]) <= 2


@pytest.mark.parametrize("status", [400, 413])
def test_a_question_that_is_wrong_is_the_end_of_no_other_whatever_its_headers_say(tmp_path: Path, status: int) -> None:
    late = Fault(status=status, kind="invalid_request_error", headers=(("retry-after", "3600"),))
    with Server(answer=lambda _: TEXT, wrong=lambda said: late if "how b0" in said else None) as server:
        summary = make(workspace(tmp_path, model(server, "chat"), briefs=5), jobs=1)
        assert (summary.made, [address for address, _ in summary.failures]) == (4, ["b0/draft"])


def test_what_two_models_fail_by_is_told_once_a_step(tmp_path: Path) -> None:
    gone = Fault(status=404, kind="not_found_error", message="no such model")
    with Server(wrong=lambda _: gone) as one, Server(wrong=lambda _: gone) as two:
        summary = make(workspace(tmp_path, model(one, "chat"), briefs=20, second=model(two, "chat")))
        assert {why.count("no such model") for _, why in summary.failures} == {2}


def test_who_waits_for_the_money_of_one_brief_holds_up_no_other(tmp_path: Path) -> None:
    with Server(answer=lambda _: TEXT, latency=0.1) as server:
        root = workspace(tmp_path, model(server, "chat"), briefs=5)
        steps = "".join(f"  - {{id: s{n}, uses: write}}\n" for n in range(8))
        poor = BRIEF.format(name="a").replace("steps:\n", f"max-cost: 0.02\nsteps:\n{steps}")
        write(root, {"content_briefs/a.md": poor})
        begun: list[str] = []
        server.begun = lambda said: begun.append("a" if "Say how a" in said else "b")
        summary = make(root, jobs=4)
        assert summary.made >= 5 + 1
        assert begun.index("b") < 4
        assert "".join(begun).rindex("b") < 8, "all of the others are asked before the poor one has had its turns"
