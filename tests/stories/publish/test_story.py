"""What reaches the site: approved bytes and the team's own pages, each on its day, and nothing that anybody slipped in."""

import time
from datetime import date
from pathlib import Path

from generator import app
from generator.app.publications import publish
from tests.stories.scripts import obeys
from tests.stories.stage import Stage

DAY, LATER = date(2031, 3, 1), date(2031, 3, 4)


def site(stage: Stage) -> dict[str, str]:
    """Return the HTML of the site, page to text."""
    pages = sorted((stage.root / "site").rglob("*.html"))
    return {path.relative_to(stage.root / "site").as_posix(): path.read_text() for path in pages}


def test_the_site_shows_what_was_approved(tmp_path: Path) -> None:
    stage = Stage.begin(tmp_path, __file__)
    app.init(stage.root)
    stage.build(script=obeys)
    asked = stage.log()
    assert len(set(asked)) == len(asked)
    assert {each.partition("/")[0] for each in asked} == {"tally", "ledger", "march", "undecided"}
    stage.add("drafts/tally/tally.md", "Ada closes with a sentence of her own.")
    app.approve(stage.root, ["tally", "ledger", "march"], by="ada")
    stage.add("drafts/tally/tally.md", "Ada is not sure of this one.")
    stage.add("docs/ledger.md", "Bo slipped this into the page.")
    time.sleep(0.05)  # until a stamp can tell that edit from the next

    published = publish(stage.root, today=DAY)
    assert published.published == ("docs/ledger.md", "docs/tally.md")
    assert published.refused == (
        ("docs/news/march.md", "it is kept out until 2031-03-04", ""),
        (
            "docs/ledger.md",
            "its file was edited by hand; the site shows the approved text",
            "copydesk adopt docs/ledger.md",
        ),
        ("docs/undecided.md", "nobody has approved it", "copydesk approve docs/undecided.md"),
    )
    pages = site(stage)
    assert {"tally/index.html", "ledger/index.html", "handbook/index.html"} <= set(pages)
    assert not [path for path in pages if "undecided" in path or "march" in path]
    assert "Ada closes with a sentence of her own." in pages["tally/index.html"]
    assert "The team wrote this page" in pages["handbook/index.html"]
    everything = "".join(pages.values()) + (stage.root / "site/search/search_index.json").read_text()
    for hidden in ("Ada is not sure", "Bo slipped", "Not before March", "Not decided yet"):
        assert hidden not in everything
    assert "Bo slipped this into the page." in stage.text("docs/ledger.md")
    assert not publish(stage.root, today=DAY).built, "nothing changed: looked at stamps alone"

    app.adopt(stage.root, "docs/ledger.md", by="bo")
    app.approve(stage.root, ["ledger"], by="ada")
    published = publish(stage.root, today=LATER)
    assert published.published == ("docs/ledger.md", "docs/news/march.md", "docs/tally.md")
    assert [path for path, _, _ in published.refused] == ["docs/undecided.md"]
    pages = site(stage)
    assert "Bo slipped this into the page." in pages["ledger/index.html"]
    assert "Not before March" in pages["news/march/index.html"]
    stage.ends()
    assert stage.log() == ()
