"""What a template may do: fill in, choose, loop. Everything else is refused, and what it makes is bounded."""

from __future__ import annotations

import pytest

from generator import steps
from generator.errors import BrokenError
from generator.model import Brief, Model, Plan, Request, Step
from generator.steps.files import parse_prompt

STEP = Step(id="s", base="s", uses="own")
BRIEF = Brief(
    name="b", path="content_briefs/b.md", workflow="article", fields=(("title", " the\n title "),), body="Body text.",
    facts=(("price", "49 EUR"), ("day", "4 March")),
)  # fmt: skip


def compose_text(text: str) -> Request:
    prompt, findings = parse_prompt(text, name="own", path="prompts/own.md")
    assert not findings, findings
    model = Model(name="m", provider="offline", model="x")
    return steps.compose(Plan(brief=BRIEF, steps=(STEP,)), STEP, prompt, (model,))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ brief.title|upper }}", "THE TITLE"),
        ("{{ brief.title|trim|capitalize }}", "The title"),
        ("{{ brief.title|title }} {{ brief.title|lower }}", "The Title the title"),
        ("{{ brief.title|replace('title', 'name') }}", "the name"),
        ("{{ brief.title|trim|truncate(5) }} {{ 'abc'|truncate }}", "the… abc"),
        ("{{ brief.title[1:4] }}", "the"),
        ("{{ facts|join(', ', attribute='name') }}", "price, day"),
        ("{{ facts|length }} {{ passages|count }} {{ (facts|first).name }} [{{ passages|first }}]", "2 0 price []"),
        ("{{ 'a' ~ 1 ~ brief.title }} {% if 'a' ~ 'b' == 'ab' %}yes{% endif %}", "a1the title yes"),
        ("{{ 'a' + brief.title }}", "athe title"),
        ("{{ 1 + 2 * 3 - 7 // 2 }} {{ 7 % 4 }} {{ 1 / 4 }} {{ -1 }}", "4 3 0.25 -1"),
        ("{{ '3'|int + 1 }} {{ 2.6|round }}", "4 3.0"),
        ("{% for n in range(3) %}{{ loop.index }}{% if not loop.last %}, {% endif %}{% endfor %}", "1, 2, 3"),
        ("{% for n in [1, 'x'] %}{{ n }}{% else %}none{% endfor %}", "1x"),
        ("{% for a in passages %}{{ a }}{% else %}none{% endfor %}", "none"),
        ("{% set x = 'y' %}{{ x if 'price' in facts and brief.title in (1, 2) or true else 'n' }}", "y"),
        ("{{ 'Body' in brief.body }}".replace("{{", "{% if").replace("}}", "%}yes{% endif %}"), "yes"),
        ("a {# comment #}{% raw %}{{ x }}{% endraw %}", "a {{ x }}"),
        ("before\nuser:\nafter", "before"),
    ],
)  # fmt: skip
def test_what_a_template_may_do(text: str, said: str) -> None:
    assert compose_text(text).messages[0].text == said


def test_a_changed_text_has_a_new_fence() -> None:
    whole = compose_text("{{ brief.body }}").messages[0].text
    cut = compose_text("{{ brief.body|truncate(5) }}").messages[0].text
    sliced = compose_text("{{ brief.body[:4] }}").messages[0].text

    assert [text.splitlines()[1] for text in (whole, cut, sliced)] == ["Body text.", "Body…", "Body"]
    assert len({text.splitlines()[2] for text in (whole, cut, sliced)}) == 3


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("x\n{% include 'a' %}", "P006", 2),
        ("{% extends 'a' %}", "P006", 1),
        ("{% import 'a' as a %}", "P006", 1),
        ("{% from 'a' import b %}", "P006", 1),
        ("{% macro m() %}{% endmacro %}", "P006", 1),
        ("{% block b %}{% endblock %}", "P006", 1),
        ("{% call brief() %}{% endcall %}", "P006", 1),
        ("{% filter upper %}a{% endfilter %}", "P006", 1),
        ("{% set x %}a{% endset %}", "P006", 1),
        ("{% set a, b = 1, 2 %}", "P006", 1),
        ("{% set brief = 1 %}", "P006", 1),
        ("{% set uses_ = 1 %}", "P006", 1),
        ("{% with a = 1 %}{% endwith %}", "P006", 1),
        ("{% autoescape true %}{% endautoescape %}", "P006", 1),
        ("{% for a in facts recursive %}{% endfor %}", "P006", 1),
        ("{{ brief.title.upper() }}", "P006", 1),
        ("{{ facts.items() }}", "P006", 1),
        ("{{ {'a': 1} }}", "P006", 1),
        ("{{ 2 ** 9 }}", "P006", 1),
        ("{% set x = [brief.title] %}", "P006", 1),
        ("{{ lipsum }}", "P005", 1),
        ("{{ namespace }}", "P005", 1),
        ("user:\n\n{{ breif.title }}", "P005", 3),
        ("{{ brief.title|tojson }}", "P006", 1),
        ("{{ brief.title|uper }}", "P006", 1),
        ("{% if 1 is evn %}{% endif %}", "P006", 1),
        ("a\n{% if 1 %}\nuser:\n{% endif %}", "P006", 2),
        ("{{ }", "P006", 1),
        ("{{ " + "(" * 5_000 + "1" + ")" * 5_000 + " }}", "P006", 1),
        ("{% if 1 %}" * 300 + "{% endif %}" * 300, "P006", 1),
        ("{% for a in facts %}" * 30 + "{% endfor %}" * 30, "P006", 1),
        ("system:\nOnly this.", "P004", 1),
        ("", "P004", 1),
    ],
)  # fmt: skip
def test_what_a_template_may_not_do_is_found_on_reading(text: str, code: str, line: int) -> None:
    _, findings = parse_prompt(text, name="own", path="prompts/own.md")

    assert [(each.code, each.line, each.path) for each in findings[:1]] == [(code, line, "prompts/own.md")]
    assert findings[0].fix
    assert code in steps.EXPLANATIONS


def test_the_nearest_name_is_told() -> None:
    fixes = [
        parse_prompt(text, name="own", path="p")[1][0].fix
        for text in ("{{ breif.title }}", "{{ brief.title|uper }}", "{% if 1 is evn %}{% endif %}", "{{ 1|qqqqqq }}")
    ]

    assert fixes[:3] == ["Did you mean `brief`?", "Did you mean `upper`?", "Did you mean `even`?"]
    assert "`qqqqqq`" not in fixes[3]
    assert "truncate" in fixes[3]


@pytest.mark.parametrize(
    "text",
    [
        "{% for a in range(1000) %}{% for b in range(1000) %}x{% endfor %}{% endfor %}",
        "{% for a in range(1000) %}{% for b in range(1000) %}{% endfor %}{% endfor %}",
        "{% set x = 'xxxxxxxxxx' %}" + "{% set x = x ~ x ~ x ~ x ~ x ~ x ~ x ~ x ~ x ~ x %}" * 40 + "{{ x }}",
        "{% set x = 'xxxxxxxxxx' %}" + "{% set x = x + x %}" * 60,
        "{% set x = 'xxxxxxxxxx' %}" + "{% set x = x|replace('x', x) %}" * 9,
        "{{ range(100000000) }}",
        "{{ range(2000)|length }}",
        "{{ 'x' * 1000000000 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ 99999999 * 99999999 * 99999999 }}",
        "{% for c in brief.body %}{{ c }}{% endfor %}",
        "{{ brief.body ~ 'x' }}",
        "{{ facts }}{{ facts|first }}{{ facts|join }}",
    ],
)
def test_work_is_bounded(text: str) -> None:
    if "join" in text:
        assert compose_text(text).messages[0].text.endswith("49 EUR49 EUR4 March")
        return
    with pytest.raises(BrokenError) as error:
        compose_text(text)

    assert error.value.findings[0].code == "P006"
    assert error.value.mend


def test_a_whole_text_of_others_cannot_be_stretched(tmp_path: object) -> None:
    loop = "{% for a in range(1000) %}{{ brief.body }}{{ brief.body }}{% endfor %}"
    assert len(compose_text(loop).messages[0].text) < 2_000_000
    with pytest.raises(BrokenError, match="renders to more"):
        compose_text("{% for z in range(90) %}" + loop + "{% endfor %}")
