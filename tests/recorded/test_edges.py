"""What lies at the edge of a call: the environment, a stop, a fault of ours, money that would otherwise slip by."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path
from unittest import mock

import pytest

from generator import app, providers, store
from generator.app.answers import Progress
from generator.app.builds import build
from generator.cli.verbs import run as type_words
from generator.errors import BrokenError, BudgetError, UsageError
from generator.model import Config, Message, Model, Reply, Request
from tests.recorded.server import Fault, Server
from tests.recorded.workshop import BRIEF, DIALECTS, SWIFT, make, workspace, write
from tests.recorded.workshop import model as entry

HERE = Path(__file__).parents[2]
TEXT = "A text of some length, in several pieces.\n"
DEAD = "http://127.0.0.1:9"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_header_of_the_environment_leaves_for_another_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dialect: str
) -> None:
    for vendor, header in (("OPENAI", "Authorization: Bearer other"), ("ANTHROPIC", "X-Api-Key: other")):
        monkeypatch.setenv(f"{vendor}_CUSTOM_HEADERS", f"X-Gateway: secret\n{header}")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-secret")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-secret")
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "sk-admin-secret")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "token-secret")
    with Server(answer=lambda _: TEXT) as server:
        assert make(workspace(tmp_path, entry(server, dialect))).made == 1  # type: ignore[arg-type]
        told = " ".join(f"{name}: {value}" for name, value in server.log[0].headers.items()).lower()
        assert "none" in told
        assert "secret" not in told
        assert "other" not in told


@pytest.mark.parametrize(
    ("name", "value"), [("SSL_CERT_FILE", "/nowhere.pem"), ("SSL_CERT_FILE", __file__), ("HTTPS_PROXY", "notaurl:xx")]
)
def test_what_this_machine_lacks_stops_the_model_and_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    other = '{provider: openai, model: x, base-url: "https://127.0.0.1:9/v1", price: {input: 1, output: 1}}'
    root = workspace(tmp_path, other)
    summary = make(root)
    assert (summary.made, summary.exit_code, summary.usd) == (0, 5, "0")
    assert "SSL_CERT_FILE" in summary.failures[0][1]
    assert app.costs(root).calls == 0


@pytest.mark.parametrize(
    ("address", "proxy"),
    [("https://127.0.0.1:9/v1", "http://127.0.0.1:9"), ("https://127.0.0.1:9/v1", ""), ("http://127.0.0.1:9/v1", "")],
)
def test_a_call_that_never_left_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, proxy: str
) -> None:
    if proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
    other = f'{{provider: openai, model: x, base-url: "{address}", price: {{input: 1, output: 1}}}}'
    root = workspace(tmp_path, other)
    summary = make(root, patience=providers.Patience(calls=2, first=0.01))
    assert (summary.made, summary.exit_code, summary.usd) == (0, 5, "0")
    assert app.costs(root).calls == 0


def test_a_fault_of_ours_keeps_its_traceback_and_what_others_paid_for(tmp_path: Path) -> None:
    root = workspace(
        tmp_path, f'{{provider: openai, model: x, base-url: "{DEAD}", price: {{input: 1, output: 1}}}}', briefs=3
    )

    async def ask(request: Request, model: Model) -> Reply:
        if request.brief == "b0":
            await asyncio.sleep(0.05)
            raise ZeroDivisionError
        await asyncio.sleep(0.3)
        return Reply(text=TEXT, provider="openai", model=model.model, input_tokens=1, output_tokens=1)

    with pytest.raises(ExceptionGroup) as raised:
        build(root, ask_for=lambda _: ask)
    assert raised.group_contains(ZeroDivisionError)
    spent = app.costs(root)
    assert (spent.calls, sum(row.lost for row in spent.days)) == (3, 1)


def test_who_waits_for_a_limit_hears_the_stop(tmp_path: Path) -> None:
    root = workspace(tmp_path, f'{{provider: openai, model: x, base-url: "{DEAD}", price: {{input: 1, output: 1}}}}', briefs=3,
                     more="limits: {first: {requests-per-minute: 1}}\n")  # fmt: skip
    asked: list[str] = []

    async def ask(request: Request, model: Model) -> Reply:
        asked.append(request.brief)
        asyncio.get_running_loop().call_later(0.1, os.kill, os.getpid(), signal.SIGTERM)
        return Reply(text=TEXT, provider="openai", model=model.model, input_tokens=1, output_tokens=1)

    options = app.BuildOptions(patience=providers.Patience(grace=600.0))
    with pytest.raises(KeyboardInterrupt):
        build(root, ask_for=lambda _: ask, options=options)
    assert len(asked) == 1
    assert make(root, max_cost=Decimal(0)).reused == 1


def test_briefs_that_were_not_begun_are_left_alone_after_a_stop(tmp_path: Path) -> None:
    root = workspace(
        tmp_path, f'{{provider: openai, model: x, base-url: "{DEAD}", price: {{input: 1, output: 1}}}}', briefs=600
    )
    told: list[Progress] = []

    async def ask(request: Request, model: Model) -> Reply:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(0.05)
        return Reply(text=TEXT, provider="openai", model=model.model, input_tokens=1, output_tokens=1)

    with pytest.raises(KeyboardInterrupt):
        build(root, ask_for=lambda _: ask, report=told.append)
    assert sum(each.result is not None for each in told) < 300


def test_ctrl_c_in_a_trial_keeps_what_is_in_flight_and_says_what_it_cost(tmp_path: Path) -> None:
    with Server(answer=lambda _: TEXT, latency=1.0) as server:
        root = workspace(tmp_path, entry(server, "chat"), second=entry(server, "responses"))
        command = [sys.executable, "-m", "generator", "build", "--try", "first,second", "b0/draft"]
        env = {**os.environ, "PYTHONPATH": str(HERE)}
        process = subprocess.Popen(
            command, cwd=root, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        server.begun = lambda _: process.send_signal(signal.SIGINT) if len(server.log) == 2 else None
        _, told = process.communicate(timeout=60)
        assert process.returncode == 130
        assert "2 calls in flight may still answer" in told
        assert "This trial cost $0.0" in told
        server.latency = 0
        app.trial(root, "b0/draft", ["first", "second"])
        assert len(server.log) == 2


def test_a_trial_takes_models_that_are_there_and_a_number_that_was_shown(tmp_path: Path) -> None:
    with Server(answer=lambda said: f"{len(said)}.\n") as server:
        other = entry(server, "responses").replace("price", "key-env: PATH, price")
        root = workspace(tmp_path, entry(server, "chat"), second=other)
        server.answer = lambda _: f"{len(server.log)} calls.\n"
        tries = partial(app.trial, root, "b0/draft")
        with pytest.raises(UsageError, match="`fist` is neither a role nor a model"):
            tries(["fist", "second"])
        with pytest.raises(UsageError, match="`offline` is no model"):
            tries(["first", "offline"])
        with pytest.raises(UsageError, match="--offline asks none"):
            tries(["first", "second"], options=app.BuildOptions(offline=True))
        assert server.log == []
        assert len(tries(["first", "second"]).texts) == 2
        with pytest.raises(UsageError, match="there is no text 0"):
            app.pick(root, "b0/draft", 0)
        for number in (1, 2):
            app.pick(root, "b0/draft", number)
            tries(["first", "second"])
        app.pick(root, "b0/draft", 1)
        story = [told.line for told in app.history(root, "b0")]
        assert [" for $" in line for line in story] == [True, True, False]


def test_a_ping_asks_each_entry_with_its_own_key_and_ends_as_a_build_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY_A", "a-key-for-a")
    monkeypatch.setenv("KEY_B", "a-key-for-b")
    with Server(answer=lambda _: "yes") as server:
        first, second = (entry(server, "chat").replace("price", f"key-env: {key}, price") for key in ("KEY_A", "KEY_B"))
        root = workspace(tmp_path, first, second=second)
        server.script.append(Fault(uncounted=True))
        rows = app.models(root, ping=True).models
        assert [row.reached for row in rows] == [True, True]
        assert sum("at most $" in row.said for row in rows) == 1
        assert {seen.headers["authorization"] for seen in server.log} == {"Bearer a-key-for-a", "Bearer a-key-for-b"}
        write(root, {"copydesk.yml": (root / "copydesk.yml").read_text() + "budget: {run: 0.0001}\n"})
        with pytest.raises(BudgetError) as caught:
            app.models(root, ping=True)
        assert re.fullmatch(r"Raise it to \$0\.01\d* at least; what was spent: copydesk costs", caught.value.mend)


def test_a_ping_under_a_cap_asks_those_that_have_a_price_and_names_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Server(answer=lambda _: "yes") as server:
        priced = entry(server, "chat")
        unpriced = f'{{provider: openai, model: gpt-5-mini, base-url: "{server.url}"}}'
        unheard = f'{{provider: openai, model: llama, base-url: "{server.url}"}}'
        root = workspace(tmp_path, priced, second=f"{unpriced}\n  third: {unheard}", more="budget: {run: 1.00}\n")
        monkeypatch.chdir(root)
        assert type_words(["models", "--ping"]) == 3
        told = capsys.readouterr()
        assert len(server.log) == 1
        assert sorted(told.err.splitlines()) == ["first answers.", "second was not asked.", "third was not asked."]
        assert "first answers: yes" in told.out
        second, third = (line for line in told.out.splitlines() if " was not asked: `budget: run`" in line)
        assert second.endswith(": the price that is listed is of the vendor's own host, and `base-url` names another")
        assert third.endswith("no price is known for `third` (openai/llama)")
        assert told.out.count("Give it one, in dollars a million tokens: price: {input: 0.25, output: 2.00}") == 2
        assert "No price is known for" not in told.out
        assert told.out.endswith("Next: copydesk models --ping\n")
        assert type_words(["models"]) == 0
        assert "No price is known for second, and a cap needs one" in capsys.readouterr().out
        server.script.append(Fault(status=401, kind="authentication_error"))
        assert type_words(["models", "--ping"]) == 5


def test_a_rename_takes_what_was_spent_along(tmp_path: Path) -> None:
    with Server(answer=lambda _: TEXT) as server:
        root = workspace(tmp_path, entry(server, "chat"))
        capped = BRIEF.format(name="b0").replace("title:", "max-cost: 0.0105\ntitle:")
        write(root, {"content_briefs/b0.md": capped})
        assert make(root).made == 1
        app.rename(root, "b0", "b1", by="editor")
        write(root, {"content_briefs/b1.md": capped.replace("Say how", "Tell how")})
        ended = make(root)
        assert (ended.made, ended.exit_code) == (0, 4)
        assert "`max-cost` of b1 is $0.0105, with $0.0001 of it spent by then" in ended.stopped_by
        write(root, {"content_briefs/b0.md": BRIEF.format(name="b2")})
        time.sleep(1.1)  # the clock of memory tells seconds
        assert make(root, "b0").made == 1
        assert make(root, "b1").stopped_by == ended.stopped_by, "what another brief of that name spends is its own"


def test_a_plan_says_what_a_build_would_meet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    with Server(answer=lambda _: TEXT) as server:
        keyed = entry(server, "chat").replace("price", "key-env: NO_SUCH_KEY, price")
        root = workspace(tmp_path, keyed, more="budget: {run: 0.0001}\n")
        planned = app.plan(root)
        assert planned.keyless == (("first", "NO_SUCH_KEY"),)
        assert len(planned.tight) == 1
        assert "Raise it to $0.01" in planned.tight[0]
        config = (root / "copydesk.yml").read_text()
        write(
            root, {"copydesk.yml": config.replace(", price: {input: 1, output: 10}", "").replace("gpt-5-mini", "gpt-x")}
        )
        with pytest.raises(BrokenError, match="no price is known"):
            app.plan(root)


def test_a_reply_that_is_no_draft_is_told_by_the_plan_too_and_ends_with_the_command_that_mends_it(
    tmp_path: Path,
) -> None:
    with Server(answer=lambda _: TEXT) as server:
        server.script.append(Fault(end="cut"))
        root = workspace(tmp_path, entry(server, "chat"))
        assert make(root).failed == 1
        (step,) = app.plan(root).steps
        assert (step.action, step.command, step.usd_high) == ("fail", "copydesk show b0/draft", "0")
        (page,) = app.status(root).pages
        assert (page.status, page.needs) == ("failed", "copydesk show b0/draft")
        app.retry(root, "b0/draft")
        assert app.plan(root).steps[0].action == "make"
        assert make(root).made == 1


def test_an_update_is_planned_and_shown_as_it_is_asked(tmp_path: Path) -> None:
    with Server(answer=lambda _: TEXT * 30) as server:
        root = workspace(tmp_path, entry(server, "chat"))
        assert make(root).made == 1
        write(root, {"content_briefs/b0.md": BRIEF.format(name="b0").replace("Say how", "Tell how")})
        shown, planned = app.show(root, "b0/draft"), app.plan(root).steps[0]
        assert planned.action == "update"
        assert make(root).made == 1
        said = "".join(message.text for message in shown.messages)
        assert TEXT * 30 in said
        assert "".join(each for each in server.log[1].said if not each.isspace()) == "".join(said.split())


def test_models_that_went_leave_a_note_in_the_plan(tmp_path: Path) -> None:
    with Server(answer=lambda _: TEXT) as server:
        root = workspace(tmp_path, entry(server, "chat"), briefs=3)
        assert make(root).made == 3
        write(root, {"copydesk.yml": "", "content_briefs/b0.md": BRIEF.format(name="b0") + "More.\n"})
        planned = app.plan(root)
        assert {step.action for step in planned.steps} == {"keep"}
        assert len([note for note in planned.notes if "offline text never replaces a model's" in note]) == 3


def test_what_may_have_been_paid_is_told_before_it_is_asked_again(tmp_path: Path) -> None:
    with Server(answer=lambda _: TEXT) as server:
        server.script.append(Fault(events=3))
        said: list[str] = []
        root = workspace(tmp_path, entry(server, "chat"))
        assert make(root, said=said, patience=SWIFT).made == 1
        assert any("it may have been paid, and costs what was reserved; asked again in" in line for line in said)


def test_a_call_that_was_to_be_made_when_the_build_was_stopped_is_not_made(tmp_path: Path) -> None:
    async def ask(request: Request, model: Model) -> Reply:
        raise AssertionError

    request = Request(
        brief="b", step="s", uses="u", chain=(Model(name="m", provider="openai", model="x"),), parts=(),
        messages=(Message(role="user", text="Say."),),
    )  # fmt: skip
    with store.open_memory(tmp_path) as memory:

        async def work() -> None:
            caller = providers.Caller(memory=memory, ask_for=lambda _: ask, config=Config())
            commit = memory.commit

            async def stopped(job: Callable[[], None]) -> None:
                await commit(job)
                caller.stopped.set()

            with mock.patch.object(memory, "commit", stopped), pytest.raises(providers.StoppedError):
                await caller.ask(request)
            await caller.close()

        asyncio.run(work())
        assert list(memory.calls()) == []


def test_a_plan_counts_what_this_build_would_ask_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    steps = "{id: first, uses: write}\n  - {id: gate, uses: human/approve, needs: [first]}\n  - {id: draft, uses: write, needs: [gate]}"
    with Server(answer=lambda _: TEXT) as server:
        root = workspace(tmp_path, entry(server, "chat"), more="budget: {run: 0.02}\n")
        brief = BRIEF.format(name="b0").replace("{id: draft, uses: write}", steps)
        write(root, {"content_briefs/b0.md": brief + "word " * 20_000})
        planned = app.plan(root)
        assert [step.action for step in planned.steps] == ["make", "wait", "blocked"]
        (why,) = planned.tight
        said = re.search(r"Raise it to \$([\d.]+) at least", why)
        assert said
        assert Decimal(said[1]) >= Decimal(planned.reserve) > Decimal(said[1]) - Decimal("0.0001")
        server.script.append(Fault(end="cut"))
        write(root, {"copydesk.yml": (root / "copydesk.yml").read_text().replace("0.02", "2")})
        assert make(root).failed == 1
        assert [step.action for step in app.plan(root).steps] == ["fail", "blocked", "blocked"]
        assert app.plan(root).tight == ()
