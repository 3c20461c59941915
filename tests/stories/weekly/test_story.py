"""A letter goes out every Friday: the team says once what is always the same, and a week is three lines and a date."""

from pathlib import Path

from generator import app
from tests.stories.scripts import obeys, plain
from tests.stories.stage import Stage

FIRST, SECOND = "drafts/march-05/march-05.email.md", "drafts/march-12/march-12.email.md"


def test_a_week_is_three_lines_and_a_date(tmp_path: Path) -> None:
    stage = Stage.begin(tmp_path, __file__)
    assert app.check(stage.root) == ()
    stage.build(script=plain)
    assert stage.log() == ("march-05/research", "march-05/outline", "march-05/email")
    assert "The Friday letter of 2027-03-05" in stage.text(FIRST)
    assert "Eleven shops" in stage.text(FIRST)
    stage.add(FIRST, "Ada says hello to the new shops.")
    app.approve(stage.root, ["march-05"], by="ada", reason="A trial.")
    first = stage.text("outbox/march-05/march-05.email.md")
    assert first.startswith("---\nsubject: The Friday letter of 2027-03-05\n---\n")

    brief = stage.text("content_briefs/march-05.md")
    stage.write({"content_briefs/march-12.md": brief.replace("03-05", "03-12").replace("the month end", "the new tax")})
    (found,) = [each for each in app.check(stage.root) if not each.path.startswith("drafts/")]
    assert (found.path, found.line, found.message) == (
        "workflows/weekly.yml", 8, "there is no file sources/week-2027-03-12.md",
    )  # fmt: skip
    stage.write({"sources/week-2027-03-12.md": "The new tax begins in April.\n"})
    stage.build(script=plain)
    assert stage.log() == ("march-12/research", "march-12/outline", "march-12/email")
    assert "The new tax begins in April." in stage.text(SECOND)
    assert "Eleven shops" not in stage.text(SECOND)

    stage.change("workflows/weekly.yml", "people who keep a shop's books", "shops")
    stage.build(script=obeys)
    assert {each.partition("/")[0] for each in stage.log()} == {"march-05", "march-12"}
    assert stage.text("outbox/march-05/march-05.email.md") == first
    stage.settled()
    stage.ends()
