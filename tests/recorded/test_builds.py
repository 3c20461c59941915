"""Builds that ask a vendor on this machine: caps, interruptions, what is spent, trials."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import threading
from decimal import Decimal
from pathlib import Path
from unittest import mock

import pytest

from generator import app, store
from generator.cli.verbs import run
from generator.errors import BrokenError, RefusedError, UsageError
from generator.money import dollars
from tests.recorded.server import Fault, Server
from tests.recorded.wire import Dialect, Said
from tests.recorded.workshop import DIALECTS, make, model, workspace, write

HERE = Path(__file__).parents[2]
TEXT = "A text of some length, in several pieces.\n"


class Terminal(io.StringIO):
    """A person who types."""

    def isatty(self) -> bool:
        return True


def typed(root: Path, *words: str, answers: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """Type a command in a workspace, within this process; `answers` are typed at a terminal."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(root), mock.patch.dict(os.environ, {"USER": "content-lead", **more}),
        contextlib.redirect_stdout(out), contextlib.redirect_stderr(err),
        mock.patch("sys.stdin", Terminal(answers) if answers else io.StringIO()),
    ):  # fmt: skip
        code = run(list(words))
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())


def begun(root: Path, server: Server, calls: int) -> subprocess.Popen[str]:
    """Begin a build, and return when the vendor has so many calls in flight."""
    ready = threading.Event()
    server.begun = lambda _: ready.set() if len(server.log) >= calls else None
    env = {**os.environ, "PYTHONPATH": str(HERE)}
    command = [sys.executable, "-m", "generator", "build", "--jobs", "4"]
    process = subprocess.Popen(command, cwd=root, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert ready.wait(60)
    return process


@pytest.mark.parametrize("dialect", DIALECTS)
def test_ctrl_c_keeps_what_is_in_flight(tmp_path: Path, dialect: Dialect) -> None:
    with Server(answer=lambda _: TEXT, latency=0.7) as server:
        root = workspace(tmp_path, model(server, dialect), briefs=8)
        process = begun(root, server, 4)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
        assert process.returncode == 130
        assert "nothing more is asked; 4 calls in flight may still answer" in told
        assert "This build cost $0.0" in told
        assert "given up" not in told
        assert "Stopped; nothing was lost" in told
        assert server.outcomes == ("served",) * 4
        server.latency = 0
        summary = make(root)
        assert (summary.made, summary.reused, summary.failed) == (4, 4, 0)
        assert (len(server.log), server.stats()["twice"]) == (8, 0)
        assert app.costs(root).calls == 8


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_second_ctrl_c_ends_at_once_and_says_what_it_may_have_cost(tmp_path: Path, dialect: Dialect) -> None:
    with Server(answer=lambda _: TEXT, latency=600) as server:
        root = workspace(tmp_path, model(server, dialect), briefs=8)
        process = begun(root, server, 4)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        while "Ctrl-C again" not in process.stderr.readline():
            pass
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
        assert process.returncode == 130
        assert "This build cost $0.0407, $0.0407 of it for calls that were given up." in told
        server.latency = 0
        said: list[str] = []
        assert make(root, said=said).made == 8
        assert not [line for line in said if "was interrupted" in line], "it was told, and is settled"
        spent = app.costs(root)
        assert spent.calls == 12
        assert sum(row.lost for row in spent.days) == 4
        assert Decimal(spent.usd) > Decimal(spent.days[0].lost_usd) > Decimal("0.04")
    assert make(root, said=said).made == 0


def test_a_build_ends_at_its_cap_and_says_what_is_left(tmp_path: Path) -> None:
    with Server(answer=lambda _: Said(pieces=(TEXT,), input_tokens=100, output_tokens=900)) as server:
        root = workspace(tmp_path, model(server, "chat"), briefs=10)
        done = typed(root, "build", "--max-cost", "0.05", "--json")
        summary = json.loads(done.stdout)
        assert done.returncode == 4
        assert Decimal(summary["usd"]) <= Decimal("0.05")
        assert summary["made"] == len(server.log) == 5, "each costs 0.0091 and reserves 0.0102"
        assert summary["left"] == 5
        assert Decimal(summary["left_high"]) >= Decimal(summary["left_low"]) > 0
        assert "--max-cost is $0.05" in summary["stopped_by"]
        told = typed(root, "build", "--max-cost", "0.0001")
        assert told.returncode == 4
        assert "Stopped: --max-cost is $0.0001" in told.stdout
        assert "nothing of it is spent, and a call is only made if the $0.0102 that it may cost fit." in told.stdout
        assert "Left: 5 steps, for $" in told.stdout
        assert "Made nothing; 5 steps are up to date." in told.stdout
        assert "5 steps did not begin: the cap, or what they need, stands in the way." in told.stdout
        foreseen = typed(root, "plan").stdout
        assert " tokens in, 900 out, $0.009]" in foreseen
        assert "Up to $0.0102 is reserved for a call until it is answered: a cap must have room for that." in foreseen
        assert "Next: copydesk plan" in told.stdout
        assert typed(root, "build", "--max-cost", "five").returncode == 2
        assert make(root, max_cost=Decimal(1)).made == 5
        assert len(server.log) == 10


def test_the_day_and_each_brief_have_caps_of_their_own(tmp_path: Path) -> None:
    with Server(answer=lambda _: Said(pieces=(TEXT,), input_tokens=100, output_tokens=900)) as server:
        root = workspace(tmp_path, model(server, "chat"), briefs=4, more="budget: {run: 0.03, day: 0.04}\n")
        first = make(root)
        assert (first.made, first.exit_code) == (3, 4)
        assert "`budget: run`" in first.stopped_by
        second = make(root)
        assert (second.made, second.exit_code) == (1, 0)
        write(root, {"content_briefs/more.md": (root / "content_briefs/b0.md").read_text().replace("b0", "more")})
        third = make(root)
        assert (third.made, third.exit_code) == (0, 4)
        assert "`budget: day` in copydesk.yml is $0.04, with $0.0364 of it spent by then" in third.stopped_by
        config = (root / "copydesk.yml").read_text()
        write(root, {"copydesk.yml": config.replace("budget", "# budget")})
        text = (root / "content_briefs/more.md").read_text()
        write(root, {"content_briefs/more.md": text.replace("title:", "max-cost: 0.01\ntitle:")})
        fourth = make(root)
        assert (fourth.made, fourth.exit_code) == (0, 4)
        assert "`max-cost` of more is $0.01" in fourth.stopped_by
        write(root, {"content_briefs/more.md": text.replace("title:", "max-cost: 0.02\ntitle:")})
        assert make(root).made == 1


def test_a_cap_needs_a_price(tmp_path: Path) -> None:
    with Server() as server:
        entry = f'{{provider: openai, model: unheard-of, base-url: "{server.url}"}}'
        root = workspace(tmp_path, entry, more="budget: {run: 1.00}\n")
        with pytest.raises(BrokenError, match="no price is known for `first`") as caught:
            make(root)
        assert "price: {input:" in caught.value.mend
        config = (root / "copydesk.yml").read_text()
        write(root, {"copydesk.yml": config.replace("budget", "# budget")})
        text = (root / "content_briefs/b0.md").read_text()
        write(root, {"content_briefs/b0.md": text.replace("title:", "max-cost: 1.00\ntitle:")})
        for verb in ("plan", "build"):
            told = typed(root, verb)
            assert told.returncode == 3
            assert "`max-cost` of b0 is to hold, and no price is known for `first`" in told.stdout
            assert "price: {input: 0.25, output: 2.00}" in told.stdout
            assert told.stdout.endswith("Next: copydesk models\n")
        assert server.log == []
        write(root, {"content_briefs/b0.md": text})
        assert app.plan(root).unpriced == ("first",)
        assert make(root).made == 1
        assert app.costs(root).unpriced == 1
        listed = typed(root, "models").stdout
        assert "No price is known for first, and a cap needs one, in dollars a million tokens: price: {" in listed
        make(root)
        assert typed(root, "build", "--max-cost", "1").returncode == 0, "nothing is to be asked"
        write(root, {"content_briefs/b0.md": text.replace("title:", "max-cost: 1.00\ntitle:")})
        assert [typed(root, verb).returncode for verb in ("plan", "build")] == [0, 0]
        write(root, {"content_briefs/b0.md": text.replace("is done", "is begun")})
        refused = typed(root, "build", "--max-cost", "1")
        assert (refused.returncode, refused.stderr.splitlines()[-1]) == (3, "Next: copydesk models")


def test_another_endpoint_is_another_model(tmp_path: Path) -> None:
    with Server(answer=lambda _: TEXT) as one, Server(answer=lambda _: TEXT) as two:
        root = workspace(tmp_path, model(one, "chat"))
        assert make(root).made == 1
        workspace(tmp_path, model(two, "chat"))
        (planned,) = app.plan(root).steps
        assert (planned.action, planned.reasons) == ("make", ("the model changed",))


def test_what_was_paid_before_is_not_told_as_a_cost_again(tmp_path: Path) -> None:
    with Server(answer=lambda _: "nothing that fits") as server:
        root = workspace(tmp_path, model(server, "chat"))
        shape = "output:\n  format: json\n  schema: {type: object, required: [a], properties: {a: {type: string}}}\n"
        prompt = (root / "prompts/write.md").read_text()
        write(root, {"prompts/write.md": prompt.replace("model: writer\n", f"model: writer\n{shape}")})
        first = typed(root, "build")
        assert len(server.log) == 2, "it is asked for another shape once"
        cost = app.costs(root).usd
        (failed,) = (line for line in first.stderr.splitlines() if line.startswith("failed b0/draft"))
        assert failed.endswith(f", {dollars(cost)}")
        assert f"This build cost {dollars(cost)}." in first.stdout
        assert "Next: copydesk show b0/draft" in first.stdout
        again = typed(root, "build")
        (failed,) = (line for line in again.stderr.splitlines() if line.startswith("failed b0/draft"))
        assert "$" not in failed
        assert "This build cost" not in again.stdout
        assert len(server.log) == 2
        shown = typed(root, "show", "b0/draft").stdout
        assert "---- sent with: max-tokens 1000" in shown
        assert "---- the shape of the reply, as a JSON Schema" in shown
        assert '"required": [' in shown
        assert "nothing that fits" in shown


def spend(root: Path, server: Server, briefs: int) -> None:
    """Assert that a build amid faults ends whole, with the exact spend on record."""
    summary = make(root, jobs=50)
    assert (summary.made, summary.failed) == (briefs, 0)
    assert server.stats()["twice"] == 0
    served = [seen for seen in server.log if seen.outcome == "served"]
    counted = (Decimal(len(seen.said.encode()) // 4 + 10 * (len(TEXT.encode()) // 4)) for seen in served)
    tokens = sum(counted, Decimal(0))
    with store.open_memory(root) as memory:
        calls = list(memory.calls())
    lost = [call for call in calls if call.ending == "error"]
    assert len(served) == briefs == len(calls) - len(lost)
    assert len(lost) == server.outcomes.count("broken")
    exact = tokens / 1_000_000 + sum((call.usd for call in lost), Decimal(0))
    assert Decimal(app.costs(root).usd) == exact == Decimal(summary.usd)
    assert all(Decimal("0.01") < call.usd < Decimal("0.0103") for call in lost), "their reservation"
    assert app.verify(root) == ()


FAULTS = (
    (0.04, Fault(status=429, kind="rate_limit_exceeded", headers=(("retry-after", "0.05"),))),
    (0.02, Fault(status=500, kind="server_error")), (0.02, Fault(status=529, kind="overloaded_error")), (0.02, Fault(events=4)),
)  # fmt: skip


def test_amid_faults_everything_is_made_and_the_spend_is_exact(tmp_path: Path) -> None:
    with Server(answer=lambda _: TEXT, chance=FAULTS, seed=3) as server:
        spend(workspace(tmp_path, model(server, "chat"), briefs=100), server, 100)


@pytest.mark.slow
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_thousand_calls_amid_faults(tmp_path: Path, dialect: Dialect) -> None:
    with Server(answer=lambda _: TEXT, chance=FAULTS, seed=5) as server:
        entry = model(server, dialect, price="{input: 1, output: 10}")
        spend(workspace(tmp_path, entry, briefs=1_000), server, 1_000)


def test_a_forecast_learns_from_what_replies_took(tmp_path: Path) -> None:
    with Server(answer=lambda _: Said(pieces=(TEXT,), input_tokens=40, output_tokens=700)) as server:
        root = workspace(tmp_path, model(server, "chat"), briefs=5)
        prior = app.plan(root)
        assert (prior.assumed, {(each.output_low, each.output_high) for each in prior.steps}) == (5, {(300, 1000)})
        make(root, "b0", "b1", "b2", "b3")
        learned = app.plan(root)
        (left,) = [each for each in learned.steps if each.action == "make"]
        assert (learned.assumed, left.output_low, left.output_high) == (0, 700, 700)
        assert Decimal(left.usd_low) == pytest.approx(Decimal("0.00704"), rel=Decimal("0.05"))
        spent = Decimal(app.costs(root).usd)
        make(root)
        paid = Decimal(app.costs(root).usd) - spent
        assert Decimal(left.usd_low) * Decimal("0.9") <= paid <= Decimal(left.usd_high) * Decimal("1.1")
        told = typed(root, "plan").stdout
        assert "Nothing to do" in told


def test_costs_and_models_tell_in_lines_and_in_json(tmp_path: Path) -> None:
    with Server(answer=lambda _: TEXT) as server:
        guarded = model(server, "messages").replace("{", "{key-env: SOME_KEY, ", 1)
        root = workspace(tmp_path, model(server, "chat"), second=guarded, more="limits: {first: {concurrency: 3}}\n")
        empty = typed(root, "costs")
        assert "No model was asked yet" in empty.stdout
        absent = typed(root, "models")
        assert "SOME_KEY is NOT set" in absent.stdout
        assert "Next: export SOME_KEY=…" in absent.stdout
        make(root)
        told = typed(root, "costs").stdout
        for word in ("DAY", "BRIEF", "PROMPT", "MODEL", "openai/gpt-5-mini", "CACHED", "Prices: copydesk.yml."):
            assert word in told
        as_json = json.loads(typed(root, "costs", "--json").stdout)
        assert as_json["calls"] == 1
        assert [row["name"] for row in as_json["prompts"]] == ["write"]
        rows = json.loads(typed(root, "models", "--json", SOME_KEY="sk-no").stdout)["models"]
        assert [(row["name"], row["key_set"], row["input_usd"]) for row in rows] == [
            ("first", True, "1"),
            ("second", True, "1"),
        ]
        pinged = typed(root, "models", "--ping", SOME_KEY="sk-no")
        assert pinged.returncode == 0
        assert "second answers: A text of some length" in pinged.stdout
        assert "sk-no" not in pinged.stdout
        assert [seen.said.strip() for seen in server.log[-2:]] == ["Answer with the one word: yes."] * 2
        server.script.append(Fault(status=401, kind="authentication_error"))
        failed = typed(root, "models", "--ping", SOME_KEY="sk-no")
        assert failed.returncode == 5
        assert "does not answer" in failed.stdout
        assert "may use this model" in failed.stdout or "key-env: NAME" in failed.stdout, "whichever was asked first"
        assert "Next: copydesk models --ping" in failed.stdout
        assert sorted(line.partition(" ")[2] for line in failed.stderr.splitlines()) == ["answers.", "does not answer."]
        assert app.costs(root).calls == 4
        none = typed(workspace(tmp_path / "none", "{}"), "models")
        assert none.returncode == 3
    (tmp_path / "bare").mkdir()
    write(tmp_path / "bare", {"copydesk.yml": ""})
    assert "No model is configured: `offline` answers" in typed(tmp_path / "bare", "models").stdout


def test_a_trial_is_blind_lands_what_was_picked_and_is_paid_once(tmp_path: Path) -> None:
    with (
        Server(answer=lambda _: "The first says it.\n") as one,
        Server(answer=lambda _: "The second says it.\n") as two,
    ):
        root = workspace(tmp_path, model(one, "chat"), second=model(two, "messages"))
        make(root)
        write(root, {"drafts/b0/b0.md": "The first says it.\n\nA person adds this.\n"})
        before = len(one.log)
        with pytest.raises(RefusedError, match="no trial of it was shown here"):
            app.pick(root, "b0/draft", 1)
        assert (
            "Next: copydesk build --try first,second b0/draft" in typed(root, "build", "--pick", "1", "b0/draft").stderr
        )
        shown = typed(root, "build", "--try", "first,second", "b0/draft")
        assert shown.returncode == 0, shown.stderr
        assert "==== 1 of 2, .copydesk/trials/b0/draft/1-" in shown.stdout
        assert "Next: copydesk build --pick NUMBER b0/draft" in shown.stdout
        assert "gpt-5-mini" not in shown.stdout + shown.stderr
        assert "claude" not in shown.stdout + shown.stderr
        assert (len(one.log), len(two.log)) == (before, 1), "the first was answered before"
        texts = json.loads(typed(root, "build", "--try", "first,second", "b0/draft", "--json").stdout)["texts"]
        assert [(root / text["path"]).read_text() for text in texts] == [text["text"] for text in texts]
        number = next(text["number"] for text in texts if "second" in text["text"])
        picked = typed(root, "build", "b0/draft", "--pick", str(number), "--by", "editor")
        assert "You picked anthropic/claude-sonnet-4-5, of openai/gpt-5-mini besides: drafts/b0/b0.md" in picked.stdout
        assert (root / "drafts/b0/b0.md").read_text() == "The second says it.\n\nA person adds this.\n"
        twice = json.loads(typed(root, "build", "b0/draft", "--pick", str(number), "--json").stdout)
        assert (twice["again"], twice["suggestions"]) == (True, 0)
        assert len(app.history(root, "b0/draft")) == 2, "one text that was built, and one that was picked"
        assert (make(root).made, len(one.log), len(two.log)) == (0, before, 1), "what was picked stands"
        assert "picked blind of 2, by editor" in typed(root, "history", "b0/draft").stdout
        report = typed(root, "report").stdout
        assert "write, anthropic/claude-sonnet-4-5: 1 of 1 trial" in report
        assert "write, openai/gpt-5-mini: 0 of 1 trial" in report
        write(root, {"drafts/b0/b0.md": "The second says it.\n\nA person adds that.\n"})
        none = typed(root, "build", "--try", "first,second", "b0/draft", answers="0\n")
        assert "Which one?" in none.stdout
        assert "Nothing was picked" in none.stdout
        other = next(text["number"] for text in texts if "first" in text["text"])
        again = typed(root, "build", "--try", "second,first", "b0/draft", answers=f"{other}\n")
        assert "You picked openai/gpt-5-mini" in again.stdout
        assert (root / "drafts/b0/b0.md").read_text() == "The first says it.\n\nA person adds that.\n"
        assert [(share.hits, share.of) for share in app.report(root).trials] == [(1, 1), (0, 1)], "blind only once"
        assert app.verify(root) == ()


def test_only_a_text_that_was_shown_is_picked(tmp_path: Path) -> None:
    with Server(answer=lambda _: "One.\n") as one, Server(answer=lambda _: "Two.\n") as two:
        root = workspace(tmp_path, model(one, "chat"), second=model(two, "chat"))
        tried = app.trial(root, "b0/draft", ["first", "second"])
        for number, wrong in ((3, "there is no text 3"), (9, "there is no text 9")):
            with pytest.raises(UsageError, match=wrong):
                app.pick(root, "b0/draft", number)
        shown = root / ".copydesk/trials/b0/draft/shown.json"
        kept = shown.read_text()
        shown.write_text(kept[:50])
        with pytest.raises(RefusedError, match="cannot be read any more"):
            app.pick(root, "b0/draft", 1)
        shown.write_text(kept)
        brief = root / "content_briefs/b0.md"
        text = brief.read_text()
        brief.write_text(text.replace("is done", "is begun"))
        assert "has changed since its trial" in typed(root, "build", "--pick", "1", "b0/draft").stderr
        assert len(one.log) + len(two.log) == 2, "a pick asks nobody"
        brief.write_text(text)
        edited = root / tried.texts[0].path
        edited.write_text("A person's.\n")
        app.trial(root, "b0/draft", ["first", "second"])
        assert edited.read_text() == "A person's.\n"
        app.pick(root, "b0/draft", 1)
        assert (root / "drafts/b0/b0.md").read_text() == tried.texts[0].text
        assert [(root / each.path).exists() for each in tried.texts] == [True, False]
        with pytest.raises(UsageError, match="needs two models") as caught:
            app.trial(root, "b0/draft", ["first"])
        assert caught.value.mend == "Name two or more, like --try first,second; there are: first, second"
        lonely = workspace(tmp_path / "lonely", model(one, "chat"))
        with pytest.raises(
            RefusedError, match="no trial of it was shown here\n  A trial needs two models under `models:`"
        ):
            app.pick(lonely, "b0/draft", 1)
        with pytest.raises(UsageError, match="Name two or more; there are: first"):
            app.trial(lonely, "b0/draft", ["first"])
        with pytest.raises(UsageError, match="one step that a model writes"):
            app.trial(root, "b0", ["first", "second"])
        assert typed(root, "build", "--pick", "1").returncode == 2
        assert typed(root, "build", "--try", "first,second").returncode == 2
        assert typed(root, "build", "--try", "first,second", "--pick", "1", "b0/draft").returncode == 2


def test_a_trial_says_what_is_missing_and_which_model_failed(tmp_path: Path) -> None:
    with Server(answer=lambda _: TEXT) as one, Server(answer=lambda _: TEXT) as two:
        root = workspace(tmp_path, model(one, "chat"), second=model(two, "chat"))
        text = (root / "content_briefs/b0.md").read_text()
        steps = "{id: before, uses: write}\n  - {id: draft, uses: write, needs: [before]}"
        write(root, {"content_briefs/b0.md": text.replace("{id: draft, uses: write}", steps)})
        with pytest.raises(RefusedError, match="reads before, which is not made yet"):
            app.trial(root, "b0/draft", ["first", "second"])
        make(root)
        two.script.append(Fault(end="refused"))
        tried = app.trial(root, "b0/before", ["first", "second"])
        assert (tried.texts, tried.exit_code) == ((), 1)
        (why,) = tried.failed
        where = why.rpartition(": ")[2]
        assert why.startswith("a model refused to answer (I will not.); what there is of its text: ")
        assert (root / where).read_text() == TEXT
        two.script.append(Fault(status=401, kind="authentication_error"))
        retry = app.retry(root, "b0/before", note="Again.", by="editor")
        assert retry.verb == "retried"
        wrong = typed(root, "build", "--try", "first,second", "b0/before")
        assert wrong.returncode == 5
        assert "Failed: openai/gpt-5-mini answers 401" in wrong.stdout
        assert "There are no two texts to pick from" in wrong.stdout
        assert "Next: copydesk models --ping" in wrong.stdout
        app.retry(root, "b0/before", note="Once more.", by="editor")
        capped = typed(root, "build", "--try", "first,second", "b0/before", "--max-cost", "0.0050")
        assert (capped.returncode, "Next: copydesk plan" in capped.stdout) == (4, True)
        same = typed(root, "build", "--try", "first,second", "b0/before")
        assert same.returncode == 0
        assert "All gave the same text, word for word, so there is nothing to choose." in same.stdout
        assert "Failed" not in same.stdout
        assert same.stdout.endswith("Next: copydesk build b0\n")
        alike = json.loads(typed(root, "build", "--try", "first,second", "b0/before", "--json").stdout)
        assert (alike["texts"], alike["failed"], alike["next"]) == ([], [], "copydesk build b0")
        config = (root / "copydesk.yml").read_text()
        write(
            root,
            {"copydesk.yml": config.replace(", price: {input: 1, output: 10}", "").replace("gpt-5", "gpt-x")},
        )
        with pytest.raises(BrokenError, match="no price is known"):
            app.trial(root, "b0/before", ["first", "second"], options=app.BuildOptions(max_cost=Decimal(1)))


def test_the_first_build_says_who_answers(tmp_path: Path) -> None:
    with Server(answer=lambda _: TEXT) as server:
        said: list[str] = []
        root = workspace(tmp_path, model(server, "chat"))
        make(root, said=said)
        assert (
            said[0]
            == "Models answer (researcher: first; writer: first; editor: first); their keys and prices: copydesk models"
        )
        said.clear()
        make(root, said=said)
        assert said == []
        write(root, {"copydesk.yml": ""})
        (root / ".copydesk/looks.sqlite").unlink()
        make(root, said=said)
        assert said[0].startswith("`offline` answers: skeletons")


def test_a_brief_and_a_step_have_models_and_settings_of_their_own(tmp_path: Path) -> None:
    with Server(answer=lambda _: TEXT) as one, Server(answer=lambda _: TEXT) as two:
        root = workspace(tmp_path, model(one, "chat"), briefs=2, second=model(two, "chat"))
        config = (root / "copydesk.yml").read_text().replace("writer: [first, second]", "writer: first")
        text = (root / "content_briefs/b0.md").read_text()
        own = "roles: {writer: second}\nconfig: {max-tokens: 50, effort: low}\ntitle:"
        step = "{id: draft, uses: write, config: {max-tokens: 70}}"
        write(
            root,
            {
                "copydesk.yml": config,
                "content_briefs/b0.md": text.replace("title:", own).replace("{id: draft, uses: write}", step),
            },
        )
        assert make(root).made == 2
        assert [(seen.body["max_tokens"], seen.body.get("reasoning_effort")) for seen in two.log] == [(70, "low")]
        assert [(seen.body["max_tokens"], seen.body.get("reasoning_effort")) for seen in one.log] == [(1000, None)]
        write(
            root,
            {
                "content_briefs/b0.md": (root / "content_briefs/b0.md")
                .read_text()
                .replace("effort: low", "effort: high")
            },
        )
        (planned,) = app.plan(root, ["b0"]).steps
        assert (planned.action, planned.reasons) == ("make", ("the setting effort changed",))


def test_what_arrived_of_a_broken_reply_is_shown(tmp_path: Path) -> None:
    with Server(answer=lambda _: TEXT) as server:
        server.script.extend([Fault(events=5)] * 3)
        root = workspace(tmp_path, model(server, "chat"))
        assert make(root).failed == 1
        shown = app.show(root, "b0/draft")
        assert shown.ending == "broken off"
        assert shown.reply
        assert TEXT.startswith(shown.reply)
        assert "---- last reply, broken off" in typed(root, "show", "b0/draft").stdout
        assert make(root).made == 1
        assert app.show(root, "b0/draft").ending == "complete"
