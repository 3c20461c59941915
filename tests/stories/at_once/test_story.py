"""Two builds at once ask each question once, and people approve and edit while a build runs."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from generator import app
from generator.model import Model, Request
from tests.stories.scripts import obeys
from tests.stories.stage import Stage

BRIEF, COPY, PAGE = "content_briefs/tally.md", "drafts/tally/tally.md", "docs/tally.md"


def meanwhile(act: Callable[[], object]) -> None:
    """Do something in a thread of its own, as another program would, and wait for it; it must not wait for the build."""
    thread = threading.Thread(target=act)
    thread.start()
    thread.join(timeout=20)
    assert not thread.is_alive(), "a person waits for a build"


def test_two_builds_ask_once(tmp_path: Path) -> None:
    stage = Stage.begin(tmp_path, __file__)
    other = Stage(stage.root, home=stage.home)
    begun = threading.Event()

    def slowly(request: Request, model: Model) -> str:
        begun.set()
        return obeys(request, model)

    with ThreadPoolExecutor() as pool:
        first = pool.submit(stage.build, script=slowly)
        begun.wait(timeout=20)
        second = pool.submit(other.build, script=slowly)
        assert first.result().made == 6
        assert (second.result().made, second.result().reused) == (0, 6)
    asked = [f"{brief}/{step}" for brief in ("ledger", "tally") for step in ("draft", "outline", "revise")]
    assert sorted(stage.log()) == asked
    assert other.log() == ()
    stage.settled()


def test_people_decide_and_edit_while_a_build_runs(tmp_path: Path) -> None:
    stage = Stage.begin(tmp_path, __file__)
    stage.build(script=obeys)
    stage.change(BRIEF, "49 EUR", "59 EUR")
    stage.log()

    def interrupted(request: Request, model: Model) -> str:
        if request.step == "draft":
            meanwhile(lambda: app.approve(stage.root, ["tally", "ledger"], by="ada"))
        if request.step == "revise":
            stage.add(COPY, "Ada wrote this while the model was thinking.")
            stage.edit(COPY, "This part is about what is new.", "Ada says what is new meanwhile.")
        return obeys(request, model)

    stage.build(script=interrupted)
    assert stage.log() == ("tally/draft", "tally/revise")
    stage.kept()
    assert "The price is 59 EUR." in stage.text(COPY)
    assert "The price is 49 EUR." in stage.text(PAGE), "what was approved is what they saw"
    assert stage.status("tally") == "edited since approval"
    assert stage.status("ledger") == "approved"
    stage.settled()
    stage.ends()
