"""Suggestions: they wait while their place stands, are accepted or declined, and end by themselves."""

import contextlib
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from generator import app, disk, store
from generator.app.answers import Offered
from generator.digest import digest_of
from generator.errors import CopydeskError, UsageError
from generator.model import Event, Model, Request
from tests.proofs.test_faults import Failing
from tests.stories.stage import MODEL, Stage

PAGE, BRIEF = "drafts/note/note.md", "content_briefs/note.md"
TEXT = """---
title: A note
facts: {price: 49 EUR}
steps:
  - {id: final, uses: draft}
deliverables:
  - {page: note, from: final}
---
Say what it costs.
"""


def writes(request: Request, _model: Model) -> str:
    price = {part.label: part.text for part in request.parts}["fact.price"]
    return (
        f"# A note\n\nIt costs {price} a seat. Nobody pays more. A team of {price[:2]} saves a day.\n\n"
        f"The firm pays {price} at most.\n\nThe end comes at {price}.\n"
    )


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Return a page on which a person reworded two sentences and deleted one that the AI would change, too."""
    stage = Stage(tmp_path)
    stage.write({"copydesk.yml": MODEL, BRIEF: TEXT})
    stage.build(script=writes)
    stage.edit(PAGE, "It costs 49 EUR a seat.", "Ada says it costs 49 EUR a seat.")
    stage.edit(PAGE, "A team of 49 saves a day.", "Teams of 49 people save a day.")
    stage.edit(PAGE, "The end comes at 49 EUR.\n", "")
    stage.human.pop()
    stage.change(BRIEF, "49 EUR", "59 EUR")
    stage.build(script=writes)
    return stage


def waiting(stage: Stage, address: str = "") -> tuple[Offered, ...]:
    return app.suggestions(stage.root, address)


def test_they_are_listed_with_both_texts_and_their_place(stage: Stage) -> None:
    assert [(each.path, each.suggestion.line, each.suggestion.mine, each.suggestion.theirs) for each in waiting(stage)] == [
        (PAGE, 3, "Ada says it costs 49 EUR a seat.", "It costs 59 EUR a seat."),
        (PAGE, 3, "Teams of 49 people save a day.", "A team of 59 saves a day."),
        (PAGE, 7, "", "The end comes at 59 EUR."),
    ]  # fmt: skip
    assert waiting(stage, "note/final") == waiting(stage, "docs/note.md") == waiting(stage)
    assert app.status(stage.root).pages[0].suggestions == 3


def test_one_is_accepted_and_the_others_stay(stage: Stage) -> None:
    first, second, third = waiting(stage)
    stage.write({PAGE: stage.text(PAGE).replace("# A note\n", "# A note\n\nAda opens.\n")})
    (event,) = app.accept(stage.root, [first.id[:5]], by="Ada")
    assert (event.verb, event.step, event.path, event.by, event.suggestions[0].id) == (
        "accepted", "final", PAGE, "Ada", first.suggestion.id,
    )  # fmt: skip
    assert stage.text(PAGE) == (
        "# A note\n\nAda opens.\n\nIt costs 59 EUR a seat. Nobody pays more. Teams of 49 people save a day.\n\n"
        "The firm pays 59 EUR at most.\n\n"
    )
    assert [each.suggestion for each in waiting(stage)] == [
        replace(second.suggestion, line=5), replace(third.suggestion, line=9),
    ]  # fmt: skip
    with pytest.raises(UsageError, match="was accepted already by Ada"):
        app.accept(stage.root, [first.id], by="Ada")


def test_all_of_a_page_is_accepted_in_one_go(stage: Stage) -> None:
    assert len(app.accept(stage.root, ["note"], by="Ada")) == 3
    assert stage.text(PAGE).rstrip() == writes_with("59 EUR").rstrip()
    assert waiting(stage) == ()
    with pytest.raises(UsageError, match="no suggestion waits here"):
        app.accept(stage.root, ["note"], by="Ada")
    assert stage.build().made == 0
    stage.log()
    stage.settled()


def writes_with(price: str) -> str:
    return (
        f"# A note\n\nIt costs {price} a seat. Nobody pays more. A team of {price[:2]} saves a day.\n\n"
        f"The firm pays {price} at most.\n\nThe end comes at {price}.\n"
    )


def test_a_declined_one_never_comes_back(stage: Stage) -> None:
    before = stage.text(PAGE)
    app.decline(stage.root, [waiting(stage)[0].id, "note/final"], by="Ada")
    assert (waiting(stage), stage.text(PAGE)) == ((), before)
    stage.change(BRIEF, "59 EUR", "49 EUR")
    stage.build(script=writes)
    stage.change(BRIEF, "49 EUR", "59 EUR")
    stage.build(script=writes)
    assert waiting(stage) == (), "the same three texts are known to be unwanted"
    stage.kept()


def test_it_ends_by_itself_when_its_place_is_gone(stage: Stage) -> None:
    stage.edit(PAGE, "Ada says it costs 49 EUR a seat.", "Ada says something else.")
    assert [each.suggestion.mine for each in waiting(stage)] == ["Teams of 49 people save a day.", ""]
    stage.write({PAGE: stage.text(PAGE) + "\nThe end comes at 59 EUR.\n"})
    assert [each.suggestion.mine for each in waiting(stage)] == ["Teams of 49 people save a day."]


def test_of_several_for_one_place_the_newest_waits(stage: Stage) -> None:
    stage.change(BRIEF, "59 EUR", "69 EUR")
    stage.build(script=writes)
    assert [each.suggestion.theirs for each in waiting(stage)] == [
        "It costs 69 EUR a seat.", "A team of 69 saves a day.", "The end comes at 69 EUR.",
    ]  # fmt: skip


def test_what_names_nothing_is_told_with_what_to_type(stage: Stage) -> None:
    for word in ("0000", "ffffffff"):
        with pytest.raises(UsageError, match=f"no suggestion {word} waits") as caught:
            app.accept(stage.root, [word], by="Ada")
        assert "copydesk suggestions" in caught.value.mend
    with pytest.raises(UsageError, match="nothing here is called"):
        app.decline(stage.root, ["nowhere"], by="Ada")
    with pytest.raises(UsageError, match="has a person's name"):
        app.decline(stage.root, ["note"], by=" ")


def test_an_id_that_several_share_the_beginning_of_is_refused(stage: Stage) -> None:
    (one, *_) = waiting(stage)
    bench = "note/final"
    texts = (
        replace(one.suggestion, base=f"Ada took out number {number}.", mine="Nobody pays more.") for number in count()
    )
    other = next(each for each in texts if digest_of("offered", bench, each.id)[:4] == one.id[:4])
    record = Event(verb="made", brief="note", step="final", path=PAGE, suggestions=(other,), text=stage.text(PAGE))
    store.record_event(stage.root, record)
    with pytest.raises(UsageError, match="several suggestions begin with"):
        app.accept(stage.root, [one.id[:4]], by="Ada")


def test_the_same_texts_in_another_step_are_another_suggestion(stage: Stage) -> None:
    stage.write(
        {"content_briefs/other.md": stage.text(BRIEF).replace("59 EUR", "49 EUR").replace("page: note", "page: other")}
    )
    stage.build(script=writes)
    path = "drafts/other/other.md"
    stage.edit(path, "It costs 49 EUR a seat.", "Ada says it costs 49 EUR a seat.")
    stage.change("content_briefs/other.md", "49 EUR", "59 EUR")
    stage.build(script=writes)
    (there,) = waiting(stage, "other")
    here = waiting(stage, "note")[0]
    assert (there.suggestion.id, there.id == here.id) == (here.suggestion.id, False)
    assert [each.brief for each in app.accept(stage.root, [there.id], by="Ada")] == ["other"]
    assert len(waiting(stage, "note")) == 3


@pytest.mark.parametrize("nth", range(1, 40))
def test_whatever_call_fails_the_rerun_ends_as_if_none_had(stage: Stage, nth: int) -> None:
    chosen = waiting(stage)[0].id
    failing = Failing(nth, 28)
    with disk.using(failing):
        try:
            app.accept(stage.root, [chosen], by="Ada")
        except CopydeskError:
            stage.build(script=writes)
            again = True
        else:
            again = False
    if again:
        with contextlib.suppress(UsageError):  # it was accepted, and only what came after failed
            app.accept(stage.root, [chosen], by="Ada")
    assert stage.text(PAGE).count("It costs 59 EUR a seat.") == 1
    assert "Ada says it costs" not in stage.text(PAGE)
    assert [each.suggestion.mine for each in waiting(stage)] == ["Teams of 49 people save a day.", ""]
    assert app.verify(stage.root) == ()
