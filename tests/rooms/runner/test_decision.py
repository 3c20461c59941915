"""What the runner decides about a step, from what was made, what is wished, and what is there."""

import pytest

from generator.model import Event, Message, Model, Part, Request
from generator.runner import decide, differences

OFFLINE = Model(name="offline", provider="offline", model="skeleton-1")
BEST = Model(name="best", provider="scripted", model="best")


def request(*parts: tuple[str, str], chain: tuple[Model, ...] = (OFFLINE,), attempt: str = "") -> Request:
    made_of = tuple(Part(label=label, text=text) for label, text in parts)
    said = tuple(Message(role="user", text=f"{part.label} {part.text}") for part in made_of)
    return Request(
        brief="note", step="draft", uses="draft", chain=chain, messages=said, parts=made_of, attempt=attempt
    )  # fmt: skip


def made(of: Request, *, provider: str = "offline") -> Event:
    parts = tuple((part.label, part.digest) for part in of.parts)
    return Event(
        verb="made", brief="note", step="draft", recipe=of.recipe, parts=parts, provider=provider,
        model=f"{provider}/model", text="A text.",
    )  # fmt: skip


BEFORE = request(("fact.price", "49"), ("builtin.draft", "Write."))
CHECKED = (("upstream.draft", "T"), ("builtin.critique", "Judge."), ("check.version", "1"))
NEWER = (*CHECKED[:2], ("check.version", "2"))


@pytest.mark.parametrize(
    ("now", "was", "present", "upgrade", "action"),
    [
        pytest.param(BEFORE, None, False, False, "make", id="never made"),
        pytest.param(BEFORE, None, True, False, "keep", id="a person's own text"),
        pytest.param(BEFORE, made(BEFORE), True, False, "reuse", id="up to date"),
        pytest.param(BEFORE, made(BEFORE), False, False, "restore", id="its copy is missing"),
        pytest.param(request(("fact.price", "59"), ("builtin.draft", "Write.")), made(BEFORE), True, False, "update", id="a fact"),
        pytest.param(request(("fact.price", "49"), ("builtin.draft", "Sing.")), made(BEFORE), True, False, "hold", id="built-in"),
        pytest.param(request(("fact.price", "49"), ("builtin.draft", "Sing.")), made(BEFORE), False, False, "restore", id="built-in, no copy"),
        pytest.param(request(("fact.price", "49"), ("builtin.draft", "Sing.")), made(BEFORE), True, True, "make", id="upgrade"),
        pytest.param(request(("fact.price", "59"), ("builtin.draft", "Sing.")), made(BEFORE), True, False, "make", id="both"),
        pytest.param(request(("fact.price", "49"), ("prompt.draft", "Write.")), made(BEFORE), True, False, "make", id="prompt"),
        pytest.param(request(*NEWER, ("finding.d-1", "Y")), made(request(*CHECKED, ("finding.d-1", "X"))), True, False, "hold", id="a check"),
        pytest.param(request(*NEWER, ("finding.d-1", "Y")), made(request(*CHECKED, ("finding.d-1", "X"))), False, False, "restore", id="a check, no copy"),
        pytest.param(request(*NEWER, ("finding.d-1", "Y")), made(request(*CHECKED, ("finding.d-1", "X"))), True, True, "update", id="a check, upgrade"),
        pytest.param(request(*NEWER, ("finding.d-1", "Y")), made(request(*CHECKED)), True, False, "hold", id="a new check"),
        pytest.param(request(*CHECKED, ("finding.d-1", "Y")), made(request(*CHECKED)), True, False, "update", id="terms or wishes"),
        pytest.param(request(*NEWER[1:], ("upstream.draft", "U"), ("finding.d-1", "Y")), made(request(*CHECKED)), True, False, "update", id="a check and a text"),
        pytest.param(request(*CHECKED, ("model.chain", "offline/skeleton-2")), made(request(*CHECKED, ("model.chain", "offline/skeleton-1"))), True, False, "hold", id="the skeleton"),
        pytest.param(request(*CHECKED, ("model.chain", "offline/skeleton-2")), made(request(*CHECKED, ("model.chain", "offline/skeleton-1"))), True, True, "make", id="the skeleton, upgrade"),
        pytest.param(request(("fact.price", "59"), ("builtin.draft", "Write.")), made(BEFORE, provider="openai"), True, False, "keep", id="offline over a model"),
        pytest.param(request(("fact.price", "59"), ("builtin.draft", "Write.")), made(BEFORE, provider="openai"), False, False, "restore", id="offline over a model, no copy"),
    ],
)  # fmt: skip
def test_a_decision(now: Request, was: Event | None, present: bool, upgrade: bool, action: str) -> None:
    assert decide(now, made=was, retried=None, present=present, upgrade=upgrade).action == action


def test_a_held_step_says_what_of_copydesk_changed() -> None:
    now = request(
        ("fact.price", "49"), ("builtin.draft", "Sing."), ("finding.d-1", "X"), ("check.version", "2"),
        ("model.chain", "offline/skeleton-2"),
    )  # fmt: skip
    decision = decide(now, made=made(BEFORE), retried=None, present=True, upgrade=False)
    reason = (
        "only a built-in prompt and what a check says and the offline skeleton changed with this version of copydesk"
    )
    assert decision.reasons == (f"{reason}; `build --upgrade` follows it",)


def test_another_model_is_never_held() -> None:
    before = request(("model.chain", "scripted/one"), chain=(BEST,))
    now = request(("model.chain", "scripted/two"), chain=(BEST,))
    assert (
        decide(now, made=made(before, provider="scripted"), retried=None, present=True, upgrade=False).action == "make"
    )


def test_a_model_after_offline_writes_a_new_text() -> None:
    now = request(("fact.price", "49"), ("builtin.draft", "Write."), ("model.chain", "scripted/best"), chain=(BEST,))
    decision = decide(now, made=made(BEFORE), retried=None, present=True, upgrade=False)
    assert (decision.action, decision.reasons) == ("make", ("the model is new",))


@pytest.mark.parametrize(("fresh", "action"), [(True, "make"), (False, "update")])
def test_a_retry_asks_again(fresh: bool, action: str) -> None:
    retried = Event(verb="retried", brief="note", step="draft", id="r1", fresh=fresh)
    parts = [(part.label, part.text) for part in BEFORE.parts]
    now = request(*parts, ("attempt.id", "r1"), attempt="r1")
    decision = decide(now, made=made(BEFORE), retried=retried, present=True, upgrade=False)
    assert (decision.action, decision.reasons) == (action, ("a retry asks for it",))


def test_a_person_s_text_is_asked_for_after_a_retry() -> None:
    retried = Event(verb="retried", brief="note", step="draft", id="r1")
    assert decide(BEFORE, made=None, retried=retried, present=True, upgrade=False).action == "make"


def test_wording_of_copydesk_itself_waits_for_an_upgrade() -> None:
    other = Request(
        brief="note", step="draft", uses="draft", chain=(OFFLINE,), parts=BEFORE.parts,
        messages=(Message(role="user", text="worded in another way"),),
    )  # fmt: skip
    assert decide(other, made=made(BEFORE), retried=None, present=True, upgrade=False).action == "hold"
    upgraded = decide(other, made=made(BEFORE), retried=None, present=True, upgrade=True)
    assert (upgraded.action, upgraded.reasons) == ("make", ("copydesk words the request in another way",))


def test_differences_name_what_is_new_changed_and_gone() -> None:
    before = {
        part.label: part.digest for part in request(("fact.price", "49"), ("fact.day", "x"), ("passage.a-1", "p")).parts
    }
    now = (Part(label="fact.price", text="59"), Part(label="brief.title", text="T"), Part(label="note.ab", text="N"))
    assert differences(before, now) == (
        "the fact price changed", "the brief's title is new", "note ab asks for it", "the fact day is gone",
        "1 passage of its sources changed",
    )  # fmt: skip
    assert differences({}, (Part(label="slot.opening", text="We wait."),)) == ("what is placed of opening is new",)
    assert differences({"finding.a": "1"}, ()) == ("1 finding of its checks changed",)
    assert differences({"finding.a": "1"}, (Part(label="finding.b", text="x"),)) == (
        "2 findings of its checks changed",
    )
    assert differences({"note.ab": "1", "passage.a-1": "1", "passage.a-2": "1", "odd.x": "1"}, ()) == (
        "note ab was taken back", "odd x is gone", "2 passages of its sources changed",
    )  # fmt: skip
