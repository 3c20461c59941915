"""Who is asked: roles, names, chains, and what is said when a name is not known."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from generator import providers
from generator.errors import BrokenError, ProviderError
from generator.model import Config, Model, Reply, Request

FAST = Model(name="fast", provider="openai", model="gpt-5-mini")
BEST = Model(name="best", provider="anthropic", model="claude-sonnet-5")
CONFIG = Config(
    models=(FAST, BEST),
    roles=(("writer", ("best", "fast", "best")), ("editor", ("best",)), ("cheap", ("offline",)), ("torn", ("bset",)), ("none", ()), ("mixed", ("best", "offline"))),
)  # fmt: skip
REQUEST = Request(brief="b", step="s", uses="draft", chain=(FAST,), messages=(), parts=())


@pytest.mark.parametrize(
    ("wanted", "chain"),
    [
        ("writer", (BEST, FAST)), ("editor", (BEST,)), ("fast", (FAST,)), ("", (BEST, FAST)),
        ("offline", (providers.OFFLINE,)), ("cheap", (providers.OFFLINE,)),
    ],
)  # fmt: skip
def test_a_role_or_a_name_becomes_a_chain(wanted: str, chain: tuple[Model, ...]) -> None:
    assert providers.chain_for(CONFIG, wanted) == chain


def test_without_a_role_for_writers_the_first_model_answers_who_names_none() -> None:
    assert providers.chain_for(Config(models=(FAST, BEST)), "") == (FAST,)


@pytest.mark.parametrize("wanted", ["", "writer", "anything"])
def test_without_a_model_offline_answers_everything(wanted: str) -> None:
    assert providers.chain_for(Config(), wanted) == (providers.OFFLINE,)


def test_a_role_wins_over_a_model_of_its_name_and_offline_may_be_renamed() -> None:
    own = Model(name="offline", provider="offline", model="mine")
    config = Config(models=(FAST, own), roles=(("fast", ("offline",)),))

    assert providers.chain_for(config, "fast") == (own,)


@pytest.mark.parametrize(
    ("wanted", "message", "mend"),
    [
        ("wirter", "`wirter` is neither a role nor a model", "Did you mean `writer`?"),
        ("torn", "the role `torn` names `bset`, which is not a model", "Did you mean `best`?"),
        ("none", "the role `none` names no model", "Name one in its list."),
        (
            "mixed",
            "the role `mixed` falls back from a model to offline, whose texts never stand for a model's",
            "Take offline out of it, or build with --offline.",
        ),
        ("zzzz", "`zzzz` is neither a role nor a model", "Add it under `roles:`, as `zzzz: best` for one."),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(wanted: str, message: str, mend: str) -> None:
    with pytest.raises(BrokenError) as error:
        providers.chain_for(CONFIG, wanted)

    assert (error.value.what, error.value.mend, error.value.where) == (message, mend, "copydesk.yml")


def test_a_model_without_its_key_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ProviderError, match="the variable OPENAI_API_KEY is not set") as error:
        providers.ask_for(FAST)

    assert "--offline" in error.value.mend
    assert providers.ask_for(providers.OFFLINE) is providers.ask_offline


def test_the_fake_answers_from_a_function_and_records_every_question() -> None:
    ready = Reply(text="whole", provider="p", model="m", ending="cut")
    answers: list[str | Reply] = ["text", ready]
    ask = providers.Scripted(lambda _request, _model: answers.pop(0))

    first = asyncio.run(ask(REQUEST, FAST))
    second = asyncio.run(ask(REQUEST, BEST))
    with pytest.raises(IndexError):
        asyncio.run(ask(REQUEST, BEST))

    assert first == Reply(text="text", provider="openai", model="gpt-5-mini")
    assert second == ready
    assert ask.asked == ("b/s", "b/s", "b/s")
    assert ask.requests == (REQUEST, REQUEST, REQUEST)


def test_no_vendors_library_is_imported() -> None:
    code = "import sys, generator.providers; print(*sorted({'openai', 'anthropic', 'httpx2', 'jinja2', 'yaml'} & set(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == ""
