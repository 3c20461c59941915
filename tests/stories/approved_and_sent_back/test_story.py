"""One approves a page while another, who cannot know, sends it back: after the merge nobody has decided yet."""

from pathlib import Path

from generator import app
from tests.stories.scripts import obeys
from tests.stories.stage import Stage

COPY, PAGE = "drafts/tally/tally.md", "docs/tally.md"


def test_an_approval_apart_from_a_send_back_does_not_count(tmp_path: Path) -> None:
    here = Stage.begin(tmp_path, __file__)
    here.build(script=obeys)
    here.add(COPY, "Ada closes with a sentence of her own.")
    here.begin_git()
    there = here.clone("there")
    here.log()

    app.approve(here.root, ["tally"], by="ada")
    assert here.status("tally") == "approved"
    app.send_back(there.root, "tally", note="Say it shorter.", by="bo")
    assert there.status("tally") == "changes requested"

    here.pull(there)
    there.pull(here)
    for stage in (here, there):
        assert stage.status("tally") == "changes requested"
        published = app.publish(stage.root)
        assert published.published == ()
        assert published.refused == ((PAGE, "it was sent back: Say it shorter.", f"copydesk approve {PAGE}"),)
        assert stage.files("public") == {}
    assert here.files() == there.files()

    here.build(script=obeys)
    assert here.log() == ("tally/revise",)
    assert "Somebody asked: Say it shorter." in here.text(COPY)
    assert here.status("tally") == "changes requested"
    assert app.publish(here.root).published == ()

    app.approve(here.root, ["tally"], by="ada")
    assert here.status("tally") == "approved"
    assert app.publish(here.root).published == (PAGE,)
    assert here.text("public/tally.md") == here.text(PAGE)

    there.pull(here)
    assert (there.build().made, there.log()) == (0, ())
    assert there.status("tally") == "approved"
    assert app.publish(there.root).published == (PAGE,)
    assert there.files("public") == here.files("public")

    app.send_back(there.root, PAGE, note="And warmer.", by="bo")
    assert there.status("tally") == "changes requested"
    assert app.publish(there.root).published == (PAGE,), "a page stays up until it is withdrawn"
    here.settled()
    here.ends()
