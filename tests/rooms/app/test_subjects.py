"""Drafts are checked against what lies around them, and what is found decides about an approval."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator import app, briefs, review, steps
from generator.app.addresses import read_plan
from generator.app.subjects import Subjects
from generator.errors import RefusedError
from tests.stories.scripts import plain
from tests.stories.stage import MODEL, Stage

NOTE = '---\ntitle: A note\ndescription: One.\nsources: [notes.md]\n---\nSay it.\n\n## Never say\n\n- "cheap"\n'
COPY = "drafts/note/note.md"


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    stage.write(
        {
            "copydesk.yml": MODEL,
            "content_briefs/note.md": NOTE,
            "sources/notes.md": "It is 7.\n",
            "docs/index.md": "# Us\n",
        }
    )
    stage.build(script=plain)
    return stage


def found(stage: Stage) -> list[tuple[str, str, int]]:
    return [(each.path, each.code, each.line) for each in app.check(stage.root)]


def draft(stage: Stage, text: str) -> None:
    stage.write({COPY: f"# A note\n\n{'Word of mouth is good. ' * 15}\n\n{text}\n"})


def test_a_draft_is_checked_as_what_it_is_delivered_as(stage: Stage) -> None:
    draft(
        stage,
        "It is cheap[^notes-1], at 8.[^notes-2] See [us](index.md), [them](team.md).\n\n[to write: more]\n\n<script>x</script>",
    )

    assert found(stage) == [
        (COPY, "D020", 5), (COPY, "D030", 5), (COPY, "D010", 5), (COPY, "D002", 7), (COPY, "D060", 9),
    ]  # fmt: skip
    assert app.status(stage.root).pages[0].findings == 5
    with pytest.raises(RefusedError) as caught:
        app.approve(stage.root, ["note"], by="ada")
    assert [line.split()[2] for line in caught.value.what.splitlines()[1:]] == ["D020", "D030", "D010", "D002", "D060"]
    (event,) = app.approve(stage.root, ["note"], by="ada", reason="we know")
    assert event.findings == ("D020:5", "D030:5", "D010:5", "D002:7", "D060:9")
    assert event.reason == "we know"


def test_a_warning_stops_no_approval(stage: Stage) -> None:
    draft(stage, "It is 8.[^notes-1]\n\n# Another title")
    (event,) = app.approve(stage.root, ["note"], by="ada")
    assert event.findings == ("D031:5", "D006:7")


def test_a_brief_chooses_its_checks_and_markup_is_always_looked_at(stage: Stage) -> None:
    stage.change("content_briefs/note.md", "sources:", "checks: [structure]\nsources:")
    draft(stage, "It is cheap. [x](nowhere.md)\n\n[to write: more]\n\n<img src=x onerror=alert(1)>")
    assert [code for _, code, _ in found(stage)] == ["D002", "D061"]


def test_links_within_what_is_approved_together_lead_somewhere(stage: Stage) -> None:
    stage.write({"content_briefs/other.md": NOTE.replace("A note", "Other")})
    stage.build(script=plain)
    draft(stage, "See [it](other.md).")
    stage.write({"drafts/other/other.md": f"# Other\n\n{'Word of mouth is good. ' * 15}\n\n[back](note.md)\n"})

    assert found(stage) == [(COPY, "D011", 5), ("drafts/other/other.md", "D011", 5)]
    assert [event.findings for event in app.approve(stage.root, ["note", "other"], by="ada")] == [(), ()]
    assert found(stage) == []


def test_terms_of_the_brand_are_kept_and_what_is_wrong_with_them_is_told_once(stage: Stage) -> None:
    stage.write(
        {"brand/terms.yml": "banned: [mouth]\nbaned: []\n", "content_briefs/other.md": NOTE.replace("A note", "Other")}
    )
    stage.build(script=plain)
    draft(stage, "End.")
    told = found(stage)
    assert told.count(("brand/terms.yml", "T002", 2)) == 1
    assert (COPY, "D050", 3) in told

    (stage.root / "brand/terms.yml").write_bytes(b"\xff")
    assert ("brand/terms.yml", "T001", 1) in found(stage)


def test_a_copy_that_nobody_asks_for_is_looked_at_for_marks_of_git_only(stage: Stage) -> None:
    stage.write({
        "drafts/note/old.md": "[to write: x]\n", "drafts/note/older.md": "<<<<<<< a\nx\n",
        "content_briefs/broken.md": "---\ntitel: x\n---\nx\n", "drafts/broken/broken.md": "[to write: x]\n",
    })  # fmt: skip
    draft(stage, "End.")
    assert found(stage) == [("content_briefs/broken.md", "B010", 2), ("drafts/note/older.md", "D001", 1)]


def test_a_site_without_settings_and_one_that_is_broken_are_rendered_as_a_new_one(stage: Stage) -> None:
    draft(stage, "<iframe src=//x></iframe>")
    assert ("drafts/note/note.md", "D060", 5) in found(stage)
    stage.write({"mkdocs.yml": "site_name: [\n"})
    assert ("drafts/note/note.md", "D060", 5) in found(stage)


def parts_of(stage: Stage, text: str) -> list[str]:
    library = briefs.read_library(stage.root, prompts=steps.read_prompts(stage.root).names)
    plan = read_plan(stage.root, "note", library)
    step, upstream = plan.step("revise"), plan.step("draft")
    assert step is not None
    assert upstream is not None
    return [
        f"{each.label}|{each.text}"
        for each in Subjects(root=stage.root, library=library).parts(plan, step, ((upstream, text),))
    ]


def test_findings_of_what_a_step_reads_become_parts_of_its_request(stage: Stage) -> None:
    said = parts_of(stage, "# A note\n\nIt is cheap.\n\n[to write: more] [x](nowhere.md)\n")
    assert [each.partition("|")[0] for each in said] == [
        "finding.draft-D042-1",
        "finding.draft-D020-3",
        "finding.draft-D002-5",
    ]
    assert said[2].endswith(
        "|draft, line 5: D002 there is a gap: more. How to mend: Write the passage, or give the brief a source that says it, and build."
    )


def test_a_critique_is_given_findings_and_made_again_when_they_change(stage: Stage) -> None:
    stage.write(
        {
            "content_briefs/note.md": NOTE.replace(
                "sources:", "workflow: article\nsteps: [{id: look, uses: critique, needs: [draft]}]\nsources:"
            )
        }
    )
    told: list[str] = []

    def script(request: object, model: object) -> str:
        if request.uses == "critique":  # type: ignore[attr-defined]
            told.append("\n".join(part.text for part in request.parts if part.kind == "finding"))  # type: ignore[attr-defined]
        return plain(request, model)  # type: ignore[arg-type]

    stage.write({"drafts/note/steps/draft.md": "# A note\n\nIt is cheap.\n"})
    stage.build(script=script)
    assert "“cheap” must never be said" in told[0]
    stage.log()
    stage.edit("drafts/note/steps/draft.md", "It is cheap.", "It costs little.")
    stage.build(script=script)
    assert "note/look" in stage.log()
    assert "cheap" not in told[1]


def test_every_code_is_explained() -> None:
    for code in ("D001", "D010", "D020", "D030", "D040", "D050", "D060", "T001", "P009", "W005", "B064"):
        assert len(app.explain(code) or "") > 40
    assert isinstance(review.EXPLANATIONS["D002"], str)


MAIL = (
    "---\ntitle: A mail\ndescription: One.\nsources: [notes.md]\nsteps: [{id: mail, uses: email}]\ndeliverables: [{email: news, from: mail}]\n"
    '---\nSay it.\n\n## Never say\n\n- "we guarantee it"\n'
)
NEWS = "drafts/mail/news.email.md"


@pytest.fixture
def mailing(stage: Stage) -> Stage:
    stage.write({"content_briefs/mail.md": MAIL, "brand/terms.yml": "banned: [synergy]\n"})
    stage.build(script=plain)
    return stage


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("syn[^notes-1]ergy", "D050"), ("we guar[^notes-1]antee it", "D020"), ("<[^notes-1]script>x</[^notes-1]script>", "D060"),
        ("[x](java[^notes-1]script:alert(1))", "D062"), ("[to wr[^notes-1]ite: x]", "D002"), ("<<<<<[^notes-1]<< HEAD", "D001"),
        ("It is so.[^notes-9]", "D030"),
    ],
)  # fmt: skip
def test_a_mail_is_checked_as_it_is_sent(mailing: Stage, text: str, code: str) -> None:
    mailing.write({NEWS: f"It is good to hear of you.[^notes-1]\n\n{text}\n"})
    assert (code, 3) in [(each.code, each.line) for each in app.check(mailing.root) if each.level == "error"]
    with pytest.raises(RefusedError):
        app.approve(mailing.root, ["mail"], by="ada")


def test_a_footnote_of_a_person_and_what_cites_nothing_of_ours_are_sent(mailing: Stage) -> None:
    words = 'Buy now.[^memo-2] A set is `[^0-9]`.\n\n    re.sub("[^0-9]", "", x)\n\n[^memo-2]: Prices hold until May, says our counsel.\n'
    mailing.write({NEWS: f"It is so.[^notes-1]\n\n{words}"})
    app.approve(mailing.root, ["mail"], by="ada", reason="tested")
    assert mailing.text("outbox/mail/news.email.md").endswith(f"It is so.\n\n{words}")


def test_a_mail_that_was_lost_comes_back_with_its_citations(mailing: Stage) -> None:
    said = "It is good, and 7.[^notes-1]\n\nBye.\n"
    app.retry(mailing.root, "mail/mail", fresh=True, by="ada")
    mailing.build(script=lambda *_: said)
    mailing.edit(NEWS, "Bye.", "Bye for now.")
    app.approve(mailing.root, ["mail"], by="ada", reason="tested")
    (mailing.root / NEWS).unlink()
    mailing.build(script=plain)
    assert "It is good, and 7.[^notes-1]" in mailing.text(NEWS)
    assert "Bye for now." in mailing.text(NEWS)


def test_of_what_is_approved_together_all_or_nothing_is(stage: Stage) -> None:
    stage.write({"content_briefs/other.md": NOTE.replace("A note", "Other")})
    stage.build(script=plain)
    draft(stage, "See [it](other.md).")
    stage.write({"drafts/other/other.md": "# Other\n\n[to write: all]\n"})
    with pytest.raises(RefusedError, match="1 error"):
        app.approve(stage.root, ["note", "other"], by="ada")
    assert not [each for name in ("note", "other") for each in app.history(stage.root, name) if each.verb == "approved"]


def test_terms_that_change_make_a_critique_again(stage: Stage) -> None:
    stage.write(
        {
            "content_briefs/note.md": NOTE.replace(
                "sources:", "workflow: article\nsteps: [{id: look, uses: critique, needs: [draft]}]\nsources:"
            )
        }
    )
    stage.build(script=plain)
    stage.log()
    stage.write({"brand/terms.yml": "banned: [part]\n"})
    stage.build(script=plain)
    assert "note/look" in stage.log()
