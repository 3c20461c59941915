"""The same briefs by each of the three wire formats, through the vendors' own libraries: equal pages for equal replies."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from generator import app
from generator.digest import digest_of
from tests.recorded.server import Fault, Server
from tests.recorded.wire import Dialect, Said
from tests.recorded.workshop import DIALECTS, make, model, workspace, write

HERE = Path(__file__).parents[2]
TEXT = "A text of some length, in several pieces.\n"


def text_for(said: str) -> str:
    """Return a plausible text that hangs on all that was asked."""
    mark = digest_of("said", said)[:12]
    return f"# A text {mark}\n\n## What it says\n\nIt says {mark}, “quoted”, in 中文 and 🙂.\n\n## Why\n\n- Because of {mark}.\n"


def sample(root: Path, entry: str) -> Path:
    """Copy this repository's briefs, with what they read, into a workspace of that model."""
    for folder in ("content_briefs", "sources", "brand"):
        shutil.copytree(HERE / folder, root / folder)
    write(root, {"copydesk.yml": f"models: {{m: {entry}}}\nroles: {{researcher: m, writer: m, editor: m}}\n"})
    return root


def test_the_sample_briefs_land_equal_pages_by_each_format(tmp_path: Path) -> None:
    landed = []
    for dialect in DIALECTS:
        with Server(answer=text_for) as server:
            root = sample(tmp_path / dialect, model(server, dialect))
            summary = make(root)
            assert (summary.failed, summary.exit_code, len(server.log)) == (0, 0, summary.made)
            assert {seen.dialect for seen in server.log} == {dialect}
            assert make(root).made == 0
            assert len(server.log) == summary.made
            spent = app.costs(root)
            assert (spent.usd, spent.calls) == (summary.usd, summary.made)
            landed.append(
                {path.relative_to(root): path.read_bytes() for path in sorted((root / "drafts").rglob("*.md"))}
            )
    assert landed[0]
    assert landed[0] == landed[1] == landed[2]


def test_what_is_sent_by_each_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_KEY", "sk-the-key-of-a-test")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/elsewhere")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9/elsewhere")
    config = "config: {effort: low, max-tokens: 700, temperature: 0.5, seed: 7}\n"
    sent = {}
    for dialect in DIALECTS:
        with Server() as server:
            entry = model(server, dialect).replace("{", "{key-env: THE_KEY, ", 1)
            root = workspace(tmp_path / dialect, entry)
            write(
                root,
                {
                    "content_briefs/b0.md": (root / "content_briefs/b0.md")
                    .read_text()
                    .replace("title:", config + "title:")
                },
            )
            summary = make(root)
            (seen,) = server.log
            sent[dialect] = seen.body
            header = seen.headers["authorization"]
            assert header.removeprefix("Bearer ") == "sk-the-key-of-a-test"
            names = {"responses": "`seed`", "chat": "", "messages": "`seed`"}[dialect]
            assert any(names in note and "was left out" in note for note in summary.notes) is bool(names)
            everything = b"".join(path.read_bytes() for path in root.rglob("*") if path.is_file())
            assert b"sk-the-key" not in everything
    assert sent["responses"]["max_output_tokens"] == sent["chat"]["max_tokens"] == sent["messages"]["max_tokens"] == 700
    assert sent["responses"]["reasoning"] == {"effort": "low"}
    assert sent["chat"]["reasoning_effort"] == sent["messages"]["output_config"]["effort"] == "low"
    assert (sent["responses"]["temperature"], sent["chat"]["temperature"]) == (0.5, 0.5)
    assert "temperature" not in sent["messages"]
    assert (sent["chat"]["seed"], sent["responses"]["store"]) == (7, False)
    assert all(body["stream"] is True for body in sent.values())
    assert sent["responses"]["prompt_cache_key"]
    assert sent["messages"]["system"] == [
        {"type": "text", "text": "You write.", "cache_control": {"type": "ephemeral"}}
    ]


SCHEMA = """\
---
description: Names.
model: writer
output:
  format: json
  schema: {type: object, required: [names], properties: {names: {type: array, minItems: 2, items: {type: object, required: [name, why], properties: {name: {type: string}, why: {type: string}}}}}}
---
system:
You name things.

user:
{{ brief.body }}
"""
NAMES = json.dumps({"names": [{"name": "One", "why": "It is short."}, {"name": "Two", "why": "It is\nshorter."}]})


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("replies", "calls", "outcome"),
    [
        ((NAMES,), 1, "made"),
        ((f"```json\n{NAMES}\n```",), 1, "made"),
        (("Here you are: One, Two.", NAMES), 2, "made"),
        (('{"names": []}', NAMES), 2, "made"),
        (('{"names": []}', "no"), 2, "failed"),
    ],
)
def test_replies_by_a_schema_are_held_against_it_and_repaired_once(
    tmp_path: Path, dialect: Dialect, replies: tuple[str, ...], calls: int, outcome: str
) -> None:
    given = list(replies)
    with Server(answer=lambda _: given.pop(0)) as server:
        root = workspace(tmp_path, model(server, dialect))
        write(root, {"prompts/write.md": SCHEMA})
        summary = make(root)
        assert (summary.made, summary.failed) == ((1, 0) if outcome == "made" else (0, 1))
        assert make(root).made == 0
        assert len(server.log) == calls
        first = server.log[0].body
        shape = {
            "responses": lambda: first["text"]["format"]["schema"],
            "chat": lambda: first["response_format"]["json_schema"]["schema"],
            "messages": lambda: first["output_config"]["format"]["schema"],
        }[dialect]()
        assert shape["additionalProperties"] is False
        assert shape["properties"]["names"]["items"]["additionalProperties"] is False
        assert ("not of the shape" in server.log[-1].said) is (calls == 2)
    if outcome == "made":
        assert (root / "drafts/b0/b0.md").read_text() == "## One\n\nIt is short.\n\n## Two\n\nIt is\nshorter.\n"
    else:
        assert "gave JSON of another shape" in summary.failures[0][1]
        assert app.show(root, "b0/draft").reply == "no"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_halves_of_a_character_in_two_events_are_one(tmp_path: Path, dialect: Dialect) -> None:
    said = Said(pieces=("A \ud83d", "\ude42 here, ", "čeština.\n"), escaped=True)
    with Server(answer=lambda _: said) as server:
        root = workspace(tmp_path, model(server, dialect))
        make(root)
    assert (root / "drafts/b0/b0.md").read_text() == "A 🙂 here, čeština.\n"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_tokens_from_a_cache_are_counted_and_priced_apart(tmp_path: Path, dialect: Dialect) -> None:
    written = 1_000
    said = Said(
        pieces=("A text.\n",), input_tokens=10_000, cached_tokens=4_000, written_tokens=written, output_tokens=500
    )
    with Server(answer=lambda _: said) as server:
        entry = model(server, dialect, price="{input: 2, output: 10, cached-input: 0.5}")
        root = workspace(tmp_path, entry)
        make(root)
    (row,) = app.costs(root).models
    assert (row.input_tokens, row.cached_tokens, row.output_tokens) == (6_000, 4_000, 500)
    plain = 6_000 - written
    assert float(row.usd) == pytest.approx((plain * 2 + written * 2.5 + 4_000 * 0.5 + 500 * 10) / 1e6)


def test_thoughts_of_a_local_model_are_no_text(tmp_path: Path) -> None:
    with Server(answer=lambda _: "<think>\nWhat would they want?\n</think>\n\nThe text.\n") as server:
        root = workspace(tmp_path, model(server, "chat"))
        make(root)
    assert (root / "drafts/b0/b0.md").read_text() == "The text.\n"


def test_a_model_of_this_machine_needs_no_key_and_gets_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-host")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-of-another-host")
    for dialect in DIALECTS:
        with Server() as server:
            make(workspace(tmp_path / dialect, model(server, dialect)))
            assert "sk-of-another-host" not in str(server.log[0].headers)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_models_come_and_go_and_nothing_is_paid_twice_or_overwritten(tmp_path: Path, dialect: Dialect) -> None:
    page, text = tmp_path / "drafts/b0/b0.md", "It has a first part.\n\nIt has a second part.\n"
    with Server(answer=lambda _: text) as server:
        root = workspace(tmp_path, model(server, dialect))
        config = (root / "copydesk.yml").read_text()
        write(root, {"copydesk.yml": ""})
        assert make(root).made == 1
        skeleton = page.read_text()
        write(root, {"copydesk.yml": config})
        assert (make(root).made, len(server.log)) == (1, 1)
        assert page.read_text() == text != skeleton
        edited = text.replace("a second", "another") + "\nA person adds this, in 中文.\n"
        page.write_text(edited)
        write(root, {"copydesk.yml": ""})
        back = make(root)
        assert (back.made, page.read_text()) == (0, edited)
        assert any("offline text never replaces a model's" in note for note in back.notes)
        write(root, {"copydesk.yml": config})
        assert (make(root).made, len(server.log)) == (0, 1)
        brief = (root / "content_briefs/b0.md").read_text()
        server.answer = lambda said: edited.replace("a first", "one")
        write(root, {"content_briefs/b0.md": brief.replace("is done", "is begun")})
        assert (make(root).made, len(server.log)) == (1, 2)
        assert edited in server.log[1].said, "an update is given what lies there"
        assert page.read_text() == edited.replace("a first", "one"), "what both wrote is there"
        write(root, {"content_briefs/b0.md": brief})
        assert (make(root).made, len(server.log)) == (1, 2), "it was answered before"
        assert page.read_text() == edited, "the model's first text, with what the person made of it"
        assert make(root).made == 0
    assert app.verify(root) == ()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_a_vendor_says_of_its_limits_is_kept_to(tmp_path: Path, dialect: Dialect) -> None:
    opens: list[datetime] = []
    began: list[datetime] = []

    def told() -> tuple[tuple[str, str], ...]:
        """What the vendor says with its first reply: nothing is left until four tenths of a second from now."""
        opens.append(datetime.now(UTC) + timedelta(seconds=0.4))
        if dialect != "messages":
            left = (("remaining-requests", "0"), ("limit-requests", "500"), ("reset-requests", "400ms"))
            return tuple((f"x-ratelimit-{name}", value) for name, value in left)
        reset = opens[0].isoformat(timespec="milliseconds").replace("+00:00", "Z")
        left = (("requests-limit", "50"), ("requests-remaining", "0"), ("requests-reset", reset))
        return tuple((f"anthropic-ratelimit-{name}", value) for name, value in left)

    def begun(_: str) -> None:
        began.append(datetime.now(UTC))
        server.headers = () if opens else told()

    with Server(answer=lambda _: TEXT) as server:
        server.begun = begun
        assert make(workspace(tmp_path, model(server, dialect), briefs=3), jobs=1).made == 3
    assert len(began) == 3
    assert began[1] >= opens[0] - timedelta(seconds=0.01)


def test_what_is_waited_for_is_told_once_for_all_that_wait(tmp_path: Path) -> None:
    refused = Fault(status=429, kind="rate_limit_exceeded", headers=(("retry-after", "1.2"),))
    with Server(answer=lambda _: TEXT) as server:
        server.script.extend([refused] * 4)
        said: list[str] = []
        assert make(workspace(tmp_path, model(server, "chat"), briefs=4), said=said).made == 4
    told = [line for line in said if "asked again in 1 s" in line]
    assert len(told) == 1
    assert "openai/gpt-5-mini answers 429" in told[0]
