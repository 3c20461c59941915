"""Who wrote what, the report, and the story page: told from history alone, and nothing guessed."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest

from generator import app, store
from generator.app.storytelling import is_story
from generator.cli.evidence import authored_lines, report_lines
from generator.errors import RefusedError, UsageError
from generator.model import Event, Model, Request
from tests.stories.stage import MODEL, Stage

PAGE, BRIEF = "drafts/note/note.md", "content_briefs/note.md"
TEXT = """---
title: A note <script>alert(1)</script>
owner: ada
facts: {price: 49 EUR}
sources: [notes.md]
steps:
  - {id: angles, uses: angles, needs: []}
  - {id: opening, uses: human/write}
  - {id: final, uses: draft, needs: [angles], slots: [opening]}
by-hand: {angles: choose}
deliverables:
  - {page: note, from: final}
---
Say what it costs, and
say it early.

## Must say

- The price.
"""


def writes(request: Request, _model: Model) -> str:
    if request.uses == "angles":
        return "## The plain angle\n\nSay it.\n\n## The <b>brave</b> angle\n\nShout it.\n"
    price = {part.label: part.text for part in request.parts}["fact.price"]
    return f"# A note\n\n[place: opening]\n\nIt costs {price} a seat. Nobody pays more than that.[^notes-1] A team saves a whole day.\n"


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Return a brief that was directed: an angle chosen, an opening written, the page edited, updated, sent back, approved."""
    stage = Stage(tmp_path)
    stage.write(
        {"copydesk.yml": MODEL, BRIEF: TEXT, "sources/notes.md": "# Notes\n\nNobody pays more.\n\n# More\n\nWords.\n"}
    )
    stage.build(script=writes)
    app.choose(stage.root, "note/angles", [2], by="ada")
    stage.write({"drafts/note/steps/opening.md": "Ada opens the page.\n"})
    app.approve(stage.root, ["note/opening"], by="ada")
    stage.build(script=writes)
    stage.edit(PAGE, "A team saves a whole day.", "Teams save a day, says Bo.")
    app.approve(stage.root, ["note"], by="bo", reason="a trial", checked=["all"])
    stage.change(BRIEF, "49 EUR", "59 EUR")
    app.send_back(stage.root, "note", note="Name the <i>price</i> first.", by="cy")
    stage.build(script=writes)
    stage.edit(PAGE, "# A note\n", "# A note\n\nSomebody adds a line.\n")
    return stage


def test_each_sentence_has_its_author(stage: Stage) -> None:
    told = [(each.text, each.who, each.name, each.prompt, each.attempt) for each in app.blame(stage.root, "note/final")]
    assert told[:6] == [
        ("# A note", "AI", "openai/scripted", "draft", 1),
        ("Somebody adds a line.", "person", "", "", 0),
        ("Ada opens the page.", "person", "ada", "", 0),
        ("It costs 59 EUR a seat.", "AI", "openai/scripted", "draft", 2),
        ("Nobody pays more than that.[^notes-1]", "AI", "openai/scripted", "draft", 1),
        ("Teams save a day, says Bo.", "person", "bo", "", 0),
    ]
    assert [each.line for each in app.blame(stage.root, "docs/note.md")[:3]] == [1, 3, 5]
    lines = authored_lines(app.blame(stage.root, "note"), 70)
    assert all(len(line) <= 70 for line in lines)
    assert any(line.startswith("not recorded yet: a person") for line in lines)
    assert any("openai/scripted draft #2" in line for line in lines)


def test_a_suggestion_that_was_accepted_is_its_authors(stage: Stage) -> None:
    stage.change(BRIEF, "59 EUR", "69 EUR")
    stage.edit(PAGE, "It costs 59 EUR a seat.", "It is 59 EUR a seat, all in.")
    stage.build(script=writes)
    app.accept(stage.root, ["note"], by="ada")
    told = {each.text: each for each in app.blame(stage.root, "note/final")}
    assert told["It costs 69 EUR a seat."].who == "AI"


def test_blame_takes_one_text_that_is_there(stage: Stage) -> None:
    (stage.root / PAGE).unlink()
    with pytest.raises(RefusedError, match="no text yet"):
        app.blame(stage.root, "note")
    stage.change(
        BRIEF, "  - {page: note, from: final}\n", "  - {page: note, from: final}\n  - {email: note, from: opening}\n"
    )
    with pytest.raises(UsageError, match="one text"):
        app.blame(stage.root, "note")


def test_the_report_counts_what_history_knows(stage: Stage) -> None:
    app.choose(stage.root, "note/angles", [1], by="ada")
    report = app.report(stage.root)
    shares = {each.skill: [(share.hits, share.of) for share in each.shares] for each in report.figures}
    assert shares == {
        "workflow design": [(1, 2)],
        "model literacy": [(2, 3)],
        "quality calibration": [(1, 1), (0, 0)],
        "context engineering": [(1, 2)],
        "integration": [(1, 1)],
    }
    assert [each.enough for each in report.figures] == [False] * 5
    assert [(each.path, each.usd) for each in report.costs] == [("docs/note.md", "0.0000")]
    lines = report_lines(report)
    assert lines.count("  too few to say: 1 of 2 choices overturned") == 1
    assert "  1 deliverable; half of them took less than $0.00 and" in "\n".join(lines)


def test_a_report_draws_bars_where_there_is_enough(stage: Stage) -> None:
    for number in range(6):
        event = Event(
            verb="chose", brief="note", step="angles", by="ada", text=f"{number // 2}", picked=("1",), options=("a",)
        )
        store.record_event(stage.root, event)
    drawn, plain = report_lines(app.report(stage.root), drawn=True), report_lines(app.report(stage.root))
    assert "  71% (5 of 7 choices overturned)" in plain
    assert "  ██████████████        71% (5 of 7 choices overturned)" in drawn


def test_what_lacks_a_role_is_not_approved_yet(stage: Stage, tmp_path: Path) -> None:
    stage.change(BRIEF, "owner: ada\n", "owner: ada\napproved-by: [legal]\n")
    stage.edit(PAGE, "Somebody adds a line.", "Somebody adds a better line.")
    app.withdraw(stage.root, "docs/note.md", by="ada")
    app.approve(stage.root, ["note"], by="ada", reason="a trial")
    assert app.report(stage.root).costs == ()
    assert "Still to approve: legal." in app.story(stage.root, "note", tmp_path / "s.html").read_text()


def test_an_empty_workspace_has_a_report(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write({"content_briefs/note.md": TEXT})
    lines = report_lines(app.report(stage.root))
    assert lines.count("  too few to say: 0 of 0 choices overturned") == 1
    assert "  Nothing is approved yet." in lines


class Reader(HTMLParser):
    """Reads a page: the elements that are open, every tag and address, and the text."""

    VOID = frozenset({"meta"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.said = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src", "srcset", "action")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said += data if self.open and self.open[-1] != "style" else ""


def test_the_story_is_one_page_of_plain_text_and_no_script(stage: Stage, tmp_path: Path) -> None:
    out = app.story(stage.root, "note", tmp_path / "story.html")
    document = out.read_text(encoding="utf-8")
    reader = Reader()
    reader.feed(document)
    assert reader.open == []
    assert not reader.tags & {"script", "link", "img", "iframe", "object", "form"}
    assert (reader.addresses, "url(" in document, "@import" in document) == ([], False, False)
    said = " ".join(reader.said.split())
    for words in (
        "A note <script>alert(1)</script>", "Directed by ada, bo, cy; drafted with openai/scripted.",
        "Say what it costs, and say it early.", "The <b>brave</b> angle chosen", "Name the <i>price</i> first.",
        "openai/scripted answered it on", "Ada opens the page.", "Teams save a day, says Bo.",
        "Approved by bo on", "who checked accuracy, plausibility, sources", "over its findings: a trial", "notes.md",
    ):  # fmt: skip
        assert words in said, words


def test_the_story_is_the_same_each_time_and_replaces_only_its_own(stage: Stage, tmp_path: Path) -> None:
    out = tmp_path / "story.html"
    first = app.story(stage.root, "note", out).read_bytes()
    assert app.story(stage.root, "note", out).read_bytes() == first
    assert is_story(first.decode())
    out.write_text(first.decode().replace("ada", "eve"))
    with pytest.raises(RefusedError, match="or it was changed"):
        app.story(stage.root, "note", out)
    assert "eve" in out.read_text()


def test_a_brief_of_which_nothing_is_known_has_a_story(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write({"content_briefs/note.md": "---\ntitle: T\nworkflow: article\n---\n"})
    said = app.story(stage.root, "note", tmp_path / "s.html").read_text()
    assert "Nobody has decided anything yet; drafted with no model yet." in said
    assert "Not approved yet." in said
