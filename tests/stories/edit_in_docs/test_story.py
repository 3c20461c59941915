"""Somebody edits the approved page instead of the draft: it is named, brought home, approved and published."""

from pathlib import Path

import pytest

from generator import app
from generator.errors import RefusedError
from tests.stories.scripts import obeys
from tests.stories.stage import Stage

BRIEF, COPY, PAGE = "content_briefs/tally.md", "drafts/tally/tally.md", "docs/tally.md"


def test_an_edit_in_docs_comes_home(tmp_path: Path) -> None:
    stage = Stage.begin(tmp_path, __file__)
    stage.build(script=obeys)
    stage.add(COPY, "Ada closes with a sentence of her own.")
    app.approve(stage.root, ["tally"], by="ada")
    app.publish(stage.root)
    approved = stage.text("public/tally.md")

    stage.edit(PAGE, "This part is about what is new.", "Bo says what is new.")
    published = app.publish(stage.root)
    assert published.published == (PAGE,)
    assert published.refused == (
        (PAGE, "its file was edited by hand; the site shows the approved text", f"copydesk adopt {PAGE}"),
    )
    assert stage.text("public/tally.md") == approved
    with pytest.raises(RefusedError, match="edited by hand"):
        app.approve(stage.root, ["tally"], by="ada")
    assert "Bo says what is new." in stage.text(PAGE)

    stage.add(COPY, "Ada goes on in the draft meanwhile.", after="Ada closes with a sentence of her own.")
    assert app.adopt(stage.root, PAGE, by="bo") == (COPY,)
    assert "Bo says what is new." in stage.text(COPY)
    assert "Ada goes on in the draft meanwhile." in stage.text(COPY)
    [(path, why, command)] = app.publish(stage.root).refused
    assert (path, why.partition(";")[0]) == (PAGE, "its edit was brought home and waits for approval")
    assert command == f"copydesk approve {PAGE}"
    assert stage.text("public/tally.md") == approved

    app.approve(stage.root, ["tally"], by="ada")
    published = app.publish(stage.root)
    assert (published.published, published.refused) == ((PAGE,), ())
    assert stage.text("public/tally.md") == stage.text(PAGE) != approved
    assert stage.status("tally") == "approved"

    stage.log()
    stage.change(BRIEF, "49 EUR", "59 EUR")
    stage.build(script=obeys)
    assert stage.log() == ("tally/draft", "tally/revise")
    assert "The price is 59 EUR." in stage.text(COPY)
    assert stage.status("tally") == "edited since approval"
    stage.settled()
    stage.ends()
