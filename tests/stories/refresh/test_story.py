"""A page of the team's own grows old: it is brought home, checked against new sources, mended, and goes back."""

from pathlib import Path

from generator import app
from tests.stories.scripts import obeys
from tests.stories.stage import Stage

PAGE, COPY, STEP = "docs/rooms/hours.md", "drafts/rooms-hours/hours.md", "drafts/rooms-hours/steps/page.md"
WORDS = "Ring at the gate if the door is closed, as Ada wrote in 2019."


def test_a_page_is_brought_up_to_date(tmp_path: Path) -> None:
    stage = Stage.begin(tmp_path, __file__)
    stage.human.append(WORDS)
    before = stage.text(PAGE)
    created = app.adopt(stage.root, PAGE, by="ada", workflow="refresh", sources=("thursdays.md",))
    assert created == ("content_briefs/rooms-hours.md", STEP)
    assert stage.text(STEP) == stage.text(PAGE) == before
    assert app.check(stage.root) == ()

    summary = stage.build(script=obeys)
    assert stage.log() == ("rooms-hours/research", "rooms-hours/fact-check", "rooms-hours/revise")
    assert (summary.waiting, summary.deliverables) == (0, (COPY,))
    assert "until 21:00 on Thursdays" in stage.text(COPY)
    assert WORDS in stage.text(COPY)
    assert stage.status("rooms/hours") == "drafted"
    assert (app.publish(stage.root).refused, stage.text(PAGE)) == ((), before)

    stage.add(COPY, "Bo waits at the gate on Thursdays.")
    app.approve(stage.root, ["rooms-hours"], by="ada", reason="A trial.")
    assert app.publish(stage.root).published == (PAGE,)
    assert stage.text("public/rooms/hours.md") == stage.text(PAGE) != before

    stage.write({"sources/thursdays.md": "From April the room is open until 22:00 on Thursdays.\n"})
    stage.build(script=obeys)
    assert stage.log() == ("rooms-hours/research", "rooms-hours/fact-check", "rooms-hours/revise")
    assert "until 22:00 on Thursdays" in stage.text(COPY)
    assert all(words in stage.text(COPY) for words in (WORDS, "Bo waits at the gate on Thursdays."))
    assert stage.status("rooms/hours") == "edited since approval"

    stage.edit(PAGE, "On working days", "On every working day", human="On every working day")
    assert app.adopt(stage.root, PAGE, by="bo") == (COPY,)
    app.approve(stage.root, ["rooms-hours"], by="ada", reason="A trial.")
    assert "On every working day" in stage.text(PAGE)
    assert app.publish(stage.root).published == (PAGE,)
    stage.settled()
    stage.ends()
