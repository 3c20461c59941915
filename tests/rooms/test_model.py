"""The nouns: identity hangs on what is sent, and history on what was seen."""

from dataclasses import replace

from generator.digest import canonical, digest_of, digest_text
from generator.model import Deliverable, Event, Help, History, Message, Model, Part, Plan, Request, Step, Suggestion
from tests.rooms.runner.test_schedule import BRIEF

FAST = Model(name="fast", provider="openai", model="fast-1")
BEST = Model(name="best", provider="anthropic", model="best-1")
ELSEWHERE = Model(name="fast", provider="openai", model="fast-1", base_url="http://127.0.0.1:1/v1")


def request(**fields: object) -> Request:
    given: dict[str, object] = {
        "brief": "note", "step": "draft", "uses": "draft", "chain": (FAST,), "parts": (Part(label="fact.price", text="49"),),
        "messages": (Message(role="user", text="Write about 49."),), **fields,
    }  # fmt: skip
    return Request(**given)  # type: ignore[arg-type]


def test_digests_tell_kinds_and_borders_apart() -> None:
    assert digest_of("a", "bc") != digest_of("b", "bc")
    assert digest_of("a", "bc", "d") != digest_of("a", "b", "cd")
    assert digest_of("a", "é") == digest_of("a", "é".encode())
    assert digest_text("a\r\n") != digest_text("a\n")
    assert canonical({"b": 1, "a": ["é"]}) == '{"a":["é"],"b":1}'


def test_a_recipe_hangs_on_the_words_the_chain_the_settings_and_the_attempt() -> None:
    recipe = request().recipe
    assert request(parts=()).recipe == recipe
    assert request(brief="other", step="other").recipe == recipe
    others = (
        {"messages": (Message(role="system", text="Write about 49."),)}, {"chain": (FAST, BEST)}, {"output": "{}"},
        {"config": (("effort", "low"),)}, {"attempt": "r1"}, {"chain": (ELSEWHERE,)},
    )  # fmt: skip
    assert len({recipe, *(request(**each).recipe for each in others)}) == 7


def test_a_key_hangs_on_all_that_is_sent_help_and_endpoint_included() -> None:
    key = request().key(FAST)
    assert request(parts=()).key(FAST) == key
    helped = replace(request(), help=Help(given="copy", messages=(Message(role="user", text="Change little."),)))
    assert helped.recipe == request().recipe
    assert (
        len({key, request().key(BEST), request().key(ELSEWHERE), helped.key(FAST), request(attempt="r").key(FAST)}) == 5
    )


def test_a_part_knows_its_kind_its_name_and_its_digest() -> None:
    part = Part(label="context.brand/voice.md", text="Plain.")
    assert (part.kind, part.name, part.digest) == ("context", "brand/voice.md", digest_text("Plain."))


def test_where_deliverables_and_copies_lie() -> None:
    page = Deliverable(kind="page", name="news/tally", step="final")
    mail = Deliverable(kind="email", name="tally", step="mail")
    plan = Plan(
        brief=type(BRIEF)(
            name="note", path="", workflow="", fields=(("title", "T"),), body="", deliverables=(page, mail)
        ),
        steps=(Step(id="final", base="final", uses="draft"),),
    )
    assert (page.path_in("note"), mail.path_in("note")) == ("docs/news/tally.md", "outbox/note/tally.email.md")
    assert [plan.copy_path(each) for each in ("final", "mail", "outline")] == [
        "drafts/note/tally.md", "drafts/note/tally.email.md", "drafts/note/steps/outline.md",
    ]  # fmt: skip
    assert plan.step("none") is None
    assert (plan.brief.field("title"), plan.brief.field("goal")) == ("T", "")


def test_a_suggestion_is_known_by_its_texts_and_not_by_its_line() -> None:
    one = Suggestion(line=1, base="a", mine="b", theirs="c")
    assert one.id == Suggestion(line=9, base="a", mine="b", theirs="c").id
    assert one.id != Suggestion(line=1, base="a", mine="bc", theirs="").id


def test_what_a_writer_saw_and_what_stands_last() -> None:
    first = Event(verb="made", brief="note", id="1", step="draft", recipe="r")
    left = Event(verb="approved", brief="note", id="2", after=("1",), path="docs/a.md")
    right = Event(verb="sent-back", brief="note", id="3", after=("1",), path="docs/a.md")
    last = Event(verb="made", brief="note", id="4", after=("2", "3", "gone"), step="draft", recipe="s")
    history = History(brief="note", events=(first, left, right, last))
    assert history.heads == ("4",)
    assert (history.latest("made"), history.latest("made", step="other")) == (last, None)
    assert history.latest("approved", path="docs/a.md") == left
    assert (history.made_with("draft", "r"), history.made_with("draft", "x")) == (first, None)
    assert history.saw(last, first)
    assert not history.saw(left, right)
    assert not history.saw(first, first)
