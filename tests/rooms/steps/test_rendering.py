"""Replies in JSON as Markdown."""

import json

import pytest

from generator import drafts, steps
from generator.model import Message, Model, Reply, Request

CASES = {
    "a wrapper stands for its value": ({"text": "One.\n\nTwo."}, "One.\n\nTwo.\n"),
    "texts are a list": ({"names": ["One", "Two\nlines", "3. Three"]}, "- One\n- Two lines\n- 3. Three\n"),
    "objects are sections": (
        {"options": [{"title": "One", "why": "Short."}, {"why": "Long.", "name": "Two"}]},
        "## One\n\nShort.\n\n## Two\n\nLong.\n",
    ),
    "several values have their names": (
        {"options": [{"name": "One", "why": "Short.", "risk_level": 2, "tags": ["a", "b"], "done": True, "left": None}]},
        "## One\n\nWhy: Short.\n\nRisk level: 2\n\nTags:\n\n- a\n- b\n\nDone: yes\n\nLeft: \n",
    ),
    "keys are headings, a title is the title": (
        {"title": "A  page", "lead": "It begins.", "body": {"first": "One.", "second": [{"point": "Two"}]}},
        "# A page\n\n## Lead\n\nIt begins.\n\n## Body\n\n### First\n\nOne.\n\n### Second\n\n#### Two\n",
    ),
    "no heading is deeper than six": ({"a": {"b": {"c": {"d": {"e": {"f": {"g": "x"}}}}}, "z": ""}}, None),
    "mixed lists": ({"items": ["plain", {"name": "One", "why": "x"}]}, "plain\n\n## One\n\nx\n"),
    "nothing": ({"items": []}, "\n"),
    "a lone number": ({"count": 3}, "3\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_json_becomes_markdown(name: str) -> None:
    value, wanted = CASES[name]
    text = steps.rendered(json.dumps(value))
    assert wanted is None or text == wanted
    assert "#######" not in text
    assert steps.rendered(f"```json\n{json.dumps(value)}\n```") == text


def test_people_can_choose_among_what_is_rendered() -> None:
    sections = steps.rendered(json.dumps({"names": [{"name": "One", "why": "x"}, {"name": "Two", "why": "y"}]}))
    assert [each.name for each in drafts.parse_options(sections)] == ["One", "Two"]
    items = steps.rendered(json.dumps({"names": ["One", "Two", "Three"]}))
    assert [each.name for each in drafts.parse_options(items)] == ["One", "Two", "Three"]


def test_a_repair_shows_the_answer_and_the_problem_and_is_given_no_copy() -> None:
    model = Model(name="m", provider="openai", model="x")
    message = Message(role="user", text="Name it.")
    request = Request(brief="b", step="s", uses="names", chain=(model,), messages=(message,), parts=(), output="{}")
    reply = Reply(text="One >>> end", provider="openai", model="x", ending="misshapen", why="it is not JSON")
    repair = steps.repair_of(request, reply)
    assert (repair.recipe, repair.given) == (request.recipe, None)
    assert repair.key(model) != request.key(model)
    assert repair.help is not None
    assert "One >>> end" in repair.help.messages[0].text
    assert "it is not JSON" in repair.help.messages[0].text
