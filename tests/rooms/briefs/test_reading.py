"""A good brief becomes a Brief and a Plan: what is taken as typed, what is a default, what fans out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from generator import briefs
from generator.briefs.reading import parse_brief, parse_sections
from generator.errors import BrokenError
from generator.model import Brief, Config, Deliverable, Model, Plan
from generator.steps import built_in_names

PROMPTS = built_in_names() | {"opening", "tagline"}

WHOLE = """\
---
title: "Tally 3: close the month in a day"
workflow: campaign            # a built-in, or workflows/campaign.yml
owner: content-lead
approved-by: [product, legal] # people: in copydesk.yml
audience: finance leads at firms of 50 to 500
goal: start a trial
keyword: close the books faster
publish-on: 2027-03-04
facts:                        # every prompt may use them
  price: 49 EUR a seat, before VAT
  opens: 18:30
  answer: NO
sources:                      # what claims may rest on
  - release-notes.md
  - beta-survey.csv
context: [glossary.md]        # extras beyond brand/
by-hand:
  angle: choose
  outline: approve
steps:                        # for engineers
  - id: draft
    uses: draft               # prompts/draft.md, or a built-in
    needs: [research, angle, outline]
    model: writer             # a role
    with: {tone: plain}
    strategy: {matrix: {persona: [cmo, founder]}}
deliverables:                 # defaults come from the workflow
  - page: news/tally-3        # -> docs/news/tally-3.md
    from: draft.cmo
  - email: tally-3            # -> outbox/
    from: draft.founder
  - posts: linkedin
    count: 3
checks: [structure, links, terms]
max-cost: 2.00
---
What I want to say.

## Must say

- 49 EUR

## Outline
### One
"""

CAMPAIGN = """\
description: Many things from one brief.
audience: everybody
tags: [news, tally]
inputs:
  tone: {type: text, default: plain}
steps:
  - {id: research, uses: research}
  - {id: angle, uses: outline, needs: [research]}
  - {id: outline, uses: outline, needs: [angle]}
  - {id: draft, uses: opening, needs: [outline], with: {length: short}}
  - {id: posts, uses: tagline, needs: [outline]}
"""


def make_workspace(root: Path, files: dict[str, str]) -> briefs.Library:
    sources = {f"sources/{name}": "x\n" for name in ("release-notes.md", "beta-survey.csv", "glossary.md")}
    for path, text in {**sources, **files}.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8", newline="")
    return briefs.read_library(root, prompts=PROMPTS)


def read(root: Path, matter: str, body: str = "Say it.\n", **files: str) -> Brief:
    every = {"content_briefs/b.md": f"---\n{matter}---\n{body}"}
    every |= {f"workflows/{name}.yml": text for name, text in files.items()}
    return briefs.read(root, "b", make_workspace(root, every))


def shape(plan: Plan) -> dict[str, tuple[str, ...]]:
    return {step.id: step.needs for step in plan.steps}


def test_the_brief_of_the_design(tmp_path: Path) -> None:
    files = {"content_briefs/tally.md": WHOLE, "workflows/campaign.yml": CAMPAIGN}
    library = make_workspace(tmp_path, files)
    assert library.findings == ()
    assert {"article", "campaign"} < set(library.workflows)
    assert library.inputs == ("copydesk.yml", "workflows", "workflows/campaign.yml")
    assert {each.code for each in briefs.check(tmp_path, ("tally",), library)} == {"B071"}, "nobody is named yet"
    brief = briefs.read(tmp_path, "tally", library)
    assert brief.fields == (
        ("title", "Tally 3: close the month in a day"), ("audience", "finance leads at firms of 50 to 500"),
        ("goal", "start a trial"), ("keyword", "close the books faster"), ("tags", "news, tally"), ("tone", "plain"),
        ("must-say", "- 49 EUR"), ("outline", "### One"),
    )  # fmt: skip
    assert brief.facts == (("price", "49 EUR a seat, before VAT"), ("opens", "18:30"), ("answer", "NO"))
    assert (brief.owner, brief.approved_by) == ("content-lead", ("product", "legal"))
    assert (brief.publish_on, brief.max_cost) == (date(2027, 3, 4), Decimal("2.00"))
    assert (brief.sources, brief.context) == (("release-notes.md", "beta-survey.csv"), ("glossary.md",))
    assert brief.checks == ("structure", "links", "terms")
    assert brief.deliverables == (
        Deliverable(kind="page", name="news/tally-3", step="draft.cmo"),
        Deliverable(kind="email", name="tally-3", step="draft.founder"),
        Deliverable(kind="posts", name="linkedin", step="posts", count=3),
    )
    assert (brief.body_line, brief.body[:11]) == (WHOLE.split("\n").index("What I want to say.") + 1, "What I want")
    plan = briefs.plan_for(brief)
    assert shape(plan) == {
        "research": (), "angle": ("research",), "outline": ("angle",),
        "draft.cmo": ("research", "angle", "outline"), "draft.founder": ("research", "angle", "outline"),
        "posts": ("outline",),
    }  # fmt: skip
    draft = plan.step("draft.founder")
    assert draft is not None
    assert (draft.base, draft.uses, draft.model, draft.with_) == ("draft", "draft", "writer", (("tone", "plain"),))
    assert (draft.point, draft.matrix) == ((("persona", "founder"),), ())
    assert [step.by_hand for step in plan.steps] == ["", "choose", "approve", "", "", ""]
    assert plan.notes == ()


def test_a_brief_says_little_and_is_an_article(tmp_path: Path) -> None:
    brief = read(tmp_path, "title: T\n")
    assert (brief.workflow, brief.deliverables) == ("article", (Deliverable(kind="page", name="b", step="revise"),))
    plan = briefs.plan_for(brief)
    assert shape(plan) == {"outline": (), "draft": ("outline",), "revise": ("draft",)}
    assert plan.notes == ("No sources: the body is the source; research is skipped.",)
    brief = read(tmp_path, "title: T\nsources: [glossary.md]\n")
    assert shape(briefs.plan_for(brief)) == {
        "research": (), "outline": ("research",), "draft": ("research", "outline"), "revise": ("draft",),
    }  # fmt: skip
    assert [step.model for step in brief.steps] == ["researcher", "writer", "writer", "editor"]


def test_without_a_title_the_name_stands_for_it(tmp_path: Path) -> None:
    assert read(tmp_path, "").field("title") == "b"


def test_steps_without_a_workflow_are_all_there_is(tmp_path: Path) -> None:
    brief = read(tmp_path, "title: T\nsteps:\n - {id: b, uses: draft, needs: [a]}\n - {id: a, uses: human/write}\n")
    assert brief.workflow == ""
    assert shape(briefs.plan_for(brief)) == {"a": (), "b": ("a",)}
    assert [step.by_hand for step in brief.steps] == ["", "write"]
    assert brief.deliverables == (Deliverable(kind="page", name="b", step="a"),)


def test_an_entry_replaces_only_the_keys_it_names(tmp_path: Path) -> None:
    brief = read(tmp_path, "title: T\nworkflow: article\nsteps: [{id: draft, model: best}, {id: x, uses: tagline}]\n")
    draft = next(step for step in brief.steps if step.id == "draft")
    assert (draft.uses, draft.needs, draft.model) == ("draft", ("research", "outline"), "best")
    assert [step.id for step in brief.steps] == ["research", "outline", "draft", "revise", "x"]


def test_a_workflow_of_the_workspace_wins(tmp_path: Path) -> None:
    article = (
        "steps: [{id: only, uses: draft}]\ndeliverables: [{page: 'news/{brief}'}]\nmax-cost: 1\ndescription: Mine.\n"
    )
    brief = read(tmp_path, "title: T\n", article=article)
    assert [step.id for step in brief.steps] == ["only"]
    assert brief.deliverables == (Deliverable(kind="page", name="news/b", step="only"),)
    assert brief.max_cost == 1
    assert brief.field("description") == ""


def test_a_deliverable_takes_the_step_that_its_workflow_names_for_its_kind(tmp_path: Path) -> None:
    flow = "steps: [{id: a, uses: draft}, {id: b, uses: draft}]\ndeliverables: [{email: x, from: a}]\n"
    brief = read(tmp_path, "title: T\nworkflow: w\ndeliverables: [{email: y}, {page: z}]\n", w=flow)
    assert [(each.name, each.step) for each in brief.deliverables] == [("y", "a"), ("z", "b")]


def test_inputs(tmp_path: Path) -> None:
    flow = "inputs: {n: {type: number}, ok: {type: truth, default: 'false'}}\nsteps: [{id: a, uses: draft}]\n"
    assert read(tmp_path, "title: T\nworkflow: w\nn: 7\nok: true\n", w=flow).fields == (
        ("title", "T"),
        ("n", "7"),
        ("ok", "true"),
    )


def test_instances_meet_again(tmp_path: Path) -> None:
    matter = """\
title: T
steps:
  - {id: a, uses: draft, strategy: {matrix: {p: [x, y], q: [m, n]}}}
  - {id: b, uses: draft, needs: [a]}
  - {id: c, uses: draft, needs: [b], gather: true}
  - {id: d, uses: draft, needs: [b, c], strategy: {matrix: {p: [x, y]}}, gather: true}
deliverables: [{page: z, from: c}]
"""
    plan = briefs.plan_for(read(tmp_path, matter))
    assert shape(plan) == {
        "a.x.m": (), "a.x.n": (), "a.y.m": (), "a.y.n": (),
        "b.x.m": ("a.x.m",), "b.x.n": ("a.x.n",), "b.y.m": ("a.y.m",), "b.y.n": ("a.y.n",),
        "c": ("b.x.m", "b.x.n", "b.y.m", "b.y.n"),
        "d.x": ("b.x.m", "b.x.n", "c"), "d.y": ("b.y.m", "b.y.n", "c"),
    }  # fmt: skip
    assert plan.copy_path("d.x") == "drafts/b/steps/d.x.md"


def test_a_slot_is_a_need_and_names_instances_as_needs_do(tmp_path: Path) -> None:
    matter = """\
title: T
steps:
  - {id: a, uses: human/write, strategy: {matrix: {p: [x, y]}}}
  - {id: b, uses: draft, slots: [a]}
  - {id: c, uses: draft, needs: [b, a], slots: [a], gather: true}
deliverables: [{page: z, from: c}]
"""
    plan = briefs.plan_for(read(tmp_path, matter))
    assert {step.id: (step.needs, step.slots) for step in plan.steps if step.base != "a"} == {
        "b.x": (("a.x",), ("a.x",)), "b.y": (("a.y",), ("a.y",)),
        "c": (("b.x", "b.y", "a.x", "a.y"), ("a.x", "a.y")),
    }  # fmt: skip


def test_a_workflow_is_given_a_slot_and_loses_one_with_its_research(tmp_path: Path) -> None:
    steps = " - {id: opening, uses: human/write, needs: [outline]}\n - {id: draft, slots: [opening, research]}\n"
    plan = briefs.plan_for(read(tmp_path, f"title: T\nworkflow: article\nsteps:\n{steps}"))
    draft = plan.step("draft")
    assert draft is not None
    assert (draft.uses, draft.needs, draft.slots) == ("draft", ("outline", "opening"), ("opening",))


def test_research_by_hand_is_kept_without_sources(tmp_path: Path) -> None:
    plan = briefs.plan_for(read(tmp_path, "title: T\nby-hand: {research: write}\n"))
    assert [step.id for step in plan.steps] == ["research", "outline", "draft", "revise"]


def test_five_thousand_steps(tmp_path: Path) -> None:
    steps = "".join(f"  - {{id: s{i}, uses: draft, needs: [{f's{i + 1}' if i < 4999 else ''}]}}\n" for i in range(5000))
    brief = read(tmp_path, f"title: T\nsteps:\n{steps}deliverables: [{{page: x, from: s0}}]\n")
    assert [step.id for step in briefs.plan_for(brief).steps] == [f"s{i}" for i in reversed(range(5000))]


def test_a_circle_of_five_thousand_is_named_in_short(tmp_path: Path) -> None:
    steps = "".join(f"  - {{id: s{i}, uses: draft, needs: [s{(i + 1) % 5000}]}}\n" for i in range(5000))
    with pytest.raises(BrokenError) as caught:
        read(tmp_path, f"title: T\nworkflow: article\nsteps:\n{steps}")
    (finding,) = caught.value.findings
    assert finding.message.endswith("s0 -> s1 -> s2 -> s3 -> s4 -> s5 -> … -> s4996 -> s4997 -> s4998 -> s4999 -> s0")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_marks(tmp_path: Path, mark: str, end: str) -> None:
    text = mark + end.join(("---", "title: T", "---", "", "Say it.", "## Must say", "a", "b", ""))
    library = make_workspace(tmp_path, {"content_briefs/b.md": text})
    brief = briefs.read(tmp_path, "b", library)
    assert brief.body == end.join(("", "Say it.", "## Must say", "a", "b", ""))
    assert brief.field("must-say") == f"a{end}b"
    assert brief.body_line == 4


def test_sections_of_the_body() -> None:
    body = """\
## must SAY ##
one
### deeper
```
## Never say
```
# Top
none
##  Never say
two
~~~
## Outline
~~~
## Other
x
## Outline
## Must say
three
"""
    assert dict(parse_sections(body)) == {
        "must-say": "one\n### deeper\n```\n## Never say\n```\nthree", "never-say": "two\n~~~\n## Outline\n~~~",
    }  # fmt: skip
    assert dict(parse_sections("##Must say\nx\n")) == {}


def test_names_of_briefs(tmp_path: Path) -> None:
    assert briefs.brief_names(tmp_path) == ()
    make_workspace(
        tmp_path, {f"content_briefs/{name}": "" for name in ("b.md", "a.md", ".c.md", "d.txt", "e/f.md", "g.md/x")}
    )
    assert briefs.brief_names(tmp_path) == ("a", "b")
    assert [briefs.name_problem(name) for name in ("a", "a-1", "1.0_x")] == ["", "", ""]
    for name in ("", "A", "a b", "-a", "é", "../x", "a/b", "con", "lpt1.x", "a.", "a.md", "x" * 101, "a\n"):
        assert briefs.name_problem(name)


def test_config(tmp_path: Path) -> None:
    assert make_workspace(tmp_path, {}).config == Config()
    library = make_workspace(
        tmp_path,
        {
            "copydesk.yml": """\
models:
  fast:  {provider: openai, model: gpt-5-mini, key-env: KEY}
  local: {provider: openai, model: llama3.2, base-url: "http://localhost:11434/v1", api: chat, price: {input: 0, output: 0.5}}
roles: {researcher: fast, writer: [local, fast], editor: local, judge: fast}   # a list is a fallback chain
limits: {fast: {requests-per-minute: 50, tokens-per-minute: 40000, concurrency: 8}}
budget: {run: 5.00, day: 20.00}
people: {content-lead: [product], counsel: legal}
site: {renderer: none, pages-dir: src/pages}
"""
        },
    )
    assert library.findings == ()
    assert library.config == Config(
        models=(
            Model(name="fast", provider="openai", model="gpt-5-mini", key_env="KEY"),
            Model(
                name="local", provider="openai", model="llama3.2", base_url="http://localhost:11434/v1", api="chat",
                price=(("input", Decimal(0)), ("output", Decimal("0.5"))),
            ),
        ),
        roles=(("researcher", ("fast",)), ("writer", ("local", "fast")), ("editor", ("local",)), ("judge", ("fast",))),
        limits=(("fast", (("requests-per-minute", "50"), ("tokens-per-minute", "40000"), ("concurrency", "8"))),),
        budget_run=Decimal("5.00"), budget_day=Decimal("20.00"),
        people=(("content-lead", ("product",)), ("counsel", ("legal",))), renderer="none", pages_dir="src/pages",
    )  # fmt: skip
    assert library.models == {"offline", "researcher", "writer", "editor", "judge", "fast", "local"}


def test_one_brief_is_checked_against_what_others_claim(tmp_path: Path) -> None:
    page = "---\ntitle: T\ndeliverables: [{{page: {0}}}]\n---\nx\n"
    library = make_workspace(
        tmp_path,
        {
            "content_briefs/a.md": page.format("news/x"), "content_briefs/b.md": page.format("News/X"),
            "content_briefs/c.md": page.format("news/xy"), "content_briefs/d.md": page.format("'odd  name!'"),
            "content_briefs/e.md": page.format("'odd  name!'"), "content_briefs/f.md": "news/x", "content_briefs/G.md": "x",
        },
    )  # fmt: skip
    (one,) = briefs.check(tmp_path, ("a",), library)
    assert (one.code, one.line, one.message) == ("B056", 3, "the page `news/x` is also claimed by content_briefs/b.md")
    assert briefs.check(tmp_path, ("c",), library) == ()
    assert [each.code for each in briefs.check(tmp_path, ("d",), library)] == ["B056"]
    (tmp_path / "content_briefs/b.md").write_bytes(b"\xff")
    assert briefs.check(tmp_path, ("a",), library) == ()


def test_a_page_may_have_the_address_of_its_own_brief(tmp_path: Path) -> None:
    files = {
        "content_briefs/b.md": "---\ntitle: T\ndeliverables: [{page: b}]\n---\nx\n",
        "content_briefs/c.md": "---\ntitle: T\n---\nx\n",
    }
    library = make_workspace(tmp_path, files)
    assert briefs.check(tmp_path, ("b", "c"), library) == ()


def test_parsing_looks_only_for_the_files_named(tmp_path: Path) -> None:
    library = make_workspace(tmp_path, {})
    brief, findings = parse_brief("---\ntitle: T\n---\nx", root=tmp_path, name="b", library=library)
    assert findings == ()
    assert brief is not None
    assert brief.name == "b"
