"""Answers as lines: what a person reads, and the keys that a machine relies on."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.app.answers import (
    Forecast,
    Offered,
    Overview,
    PageStatus,
    PlannedStep,
    Progress,
    Published,
    Shown,
    Summary,
    Told,
)
from generator.cli import lines
from generator.cli.build import progress, progress_line, tell_progress
from generator.cli.direct import offered_lines, suggestion_keys
from generator.errors import (
    BrokenError,
    BudgetError,
    CopydeskError,
    DiskError,
    Finding,
    ProviderError,
    StoreError,
    UsageError,
)
from generator.model import Event, Message, Outcome, Part, Result, Suggestion

FINDING = Finding(
    code="B012", level="error", message="unknown key 'titel'", fix="Write title: ...", path="content_briefs/x.md", line=2, column=1
)  # fmt: skip
SUGGESTION = Suggestion(line=4, base="Old.", mine="Mine.\n\nMore.", theirs="")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_finding_is_told_with_its_place_and_its_mend() -> None:
    assert lines.finding_lines([FINDING]) == [
        "content_briefs/x.md:2:1: B012 unknown key 'titel'",
        "  Write title: ...",
    ]
    nowhere = replace(FINDING, path="", line=0, column=0, fix="")
    assert lines.finding_lines([nowhere]) == ["B012 unknown key 'titel'"]
    assert lines.finding_lines([replace(FINDING, line=0, column=0, fix="")])[0].startswith("content_briefs/x.md: B012")


def test_a_check_counts_and_says_how_to_go_on() -> None:
    assert lines.check_lines([]) == ["Nothing to mend.", "Next: copydesk plan"]
    warning = replace(FINDING, level="warn", code="B020")
    told = lines.check_lines([warning, FINDING, FINDING])
    assert told[-2:] == ["2 errors, 1 warning.", "Next: copydesk check --explain B012"]
    assert lines.check_lines([warning])[-1] == "Next: copydesk check --explain B020"


@pytest.mark.parametrize(
    ("error", "then"),
    [
        (BrokenError("broken", findings=(FINDING,)), "copydesk check"),
        (BudgetError("the cap is reached"), "copydesk plan"),
        (ProviderError("out of reach"), "copydesk models --ping"),
        (StoreError("torn"), "copydesk verify"),
        (UsageError("no such thing"), "copydesk status"),
        (DiskError("no space", where="drafts/x.md"), "copydesk build x"),
        (CopydeskError("something"), "copydesk status"),
        (UsageError("nothing here", mend="See what there is: copydesk status"), "copydesk status"),
        (UsageError("nothing here", mend="Say `copydesk adopt docs/x.md` first."), "copydesk adopt docs/x.md"),
        (UsageError("nothing here", mend="copydesk build x/y"), "copydesk build x/y"),
    ],
)
def test_every_error_ends_with_the_next_command(error: CopydeskError, then: str) -> None:
    told = lines.error_lines(error, "copydesk build x")
    assert told[-1] == f"Next: {then}"
    assert any(error.what in line for line in told)


def test_an_error_tells_what_where_and_the_mend_once() -> None:
    error = DiskError("no space left", where="drafts/x.md", mend="Make room.")
    assert lines.error_lines(error, "copydesk build")[:2] == ["drafts/x.md: no space left", "  Make room."]
    known = BrokenError(FINDING.message, mend=FINDING.fix, findings=(FINDING,))
    assert lines.error_lines(known, "copydesk build")[:-1] == lines.finding_lines([FINDING])


def test_an_error_is_an_object_for_machines() -> None:
    told = json.loads(lines.error_text(BrokenError("broken", where="x", mend="y", findings=(FINDING,))))
    assert told["schema"] == 1
    assert told["error"]["what"] == "broken"
    assert told["error"]["findings"] == [
        {"code": "B012", "level": "error", "message": "unknown key 'titel'", "fix": "Write title: ...",
         "path": "content_briefs/x.md", "line": 2, "column": 1}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "keys"),
    [
        (Summary(), {"made", "reused", "waiting", "failed", "blocked", "usd", "deliverables"}),
        (Forecast(steps=(PlannedStep(brief="x", step="draft", action="make"),)), {"steps", "usd_low", "usd_high"}),
        (Overview(pages=()), {"pages", "orphans"}),
        (Published(published=()), {"published", "refused"}),
        (
            Shown(address="x/draft", messages=(), parts=(), tokens=0, recipe="", model="", reply="", usd="0"),
            {"messages", "parts", "tokens", "reply", "usd"},
        ),
    ],
)
def test_the_keys_that_others_rely_on(answer: object, keys: set[str]) -> None:
    told = json.loads(lines.json_text(answer))
    assert told.pop("schema") == 1
    assert keys <= set(told)


def test_rows_have_the_keys_that_others_rely_on() -> None:
    step = json.loads(lines.json_text(Forecast(steps=(PlannedStep(brief="x", step="d", action="make"),))))["steps"][0]
    assert {"brief", "step", "action", "reasons", "model", "usd_low", "usd_high"} <= set(step)
    page = PageStatus(address="x", path="docs/x.md", brief="x", status="drafted")
    row = json.loads(lines.json_text(Overview(pages=(page,))))["pages"][0]
    assert {"address", "path", "brief", "status", "needs", "suggestions", "findings"} <= set(row)
    assert set(suggestion_keys(Offered(id="0a1b2c3d", address="x/draft", path="drafts/x/x.md", suggestion=SUGGESTION))) == {
        "id", "address", "path", "line", "base", "mine", "theirs",
    }  # fmt: skip


def test_counts_are_integers_for_machines() -> None:
    told = json.loads(lines.json_text(Summary(made=2, reused=1)))
    assert [told[key] for key in ("made", "reused", "waiting", "failed", "blocked")] == [2, 1, 0, 0, 0]


@given(st.text())
def test_the_object_is_one_line_of_ascii_whatever_was_typed(text: str) -> None:
    told = lines.json_text(None, reply=text)
    assert told.isascii()
    assert "\n" not in told
    assert json.loads(told)["reply"] == text


@given(st.text())
def test_no_text_moves_the_cursor(text: str) -> None:
    assert not set(lines.clean(text)) & {chr(code) for code in (*range(9), *range(11, 32), *range(127, 160))}


def test_what_a_model_said_cannot_paint_the_screen() -> None:
    out = io.StringIO()
    lines.say(["\x1b[31mred\x07\r\n"], out)
    assert out.getvalue() == "\\x1b[31mred\\x07\n\n"


def test_colour_is_for_terminals_that_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for variable, value, painted in (("X", "", True), ("NO_COLOR", "1", False), ("TERM", "dumb", False)):
        with monkeypatch.context() as patch:
            patch.setenv(variable, value)
            out = Terminal()
            lines.say(["Next: copydesk status", "plain"], out)
            assert ("\x1b[1mNext:\x1b[0m" in out.getvalue()) == painted
            assert out.getvalue().endswith("plain\n")
    assert not lines.wants_colour(io.StringIO())


# Building --------------------------------------------------------------------------------------------------------


def test_a_build_with_nothing_to_do_is_one_plain_sentence() -> None:
    assert lines.summary_lines(Summary(reused=12, next="copydesk status")) == [
        "Nothing to do: 12 steps are up to date.",
        "Next: copydesk status",
    ]
    assert lines.summary_lines(Summary(reused=1))[0] == "Nothing to do: 1 step is up to date."
    assert lines.summary_lines(Summary()) == [
        "Nothing to do: there is no brief yet.",
        "Next: copydesk new article NAME",
    ]


def test_a_build_tells_everything_that_a_person_must_know() -> None:
    summary = Summary(
        made=2, reused=1, waiting=1, failed=1, blocked=2, suggestions=1, usd="0.0120", deliverables=("drafts/x/x.md",),
        waits=(("x/angle", "content-lead", "copydesk approve x/angle"),), failures=(("x/draft", "refused"),),
        notes=("x: No sources.",), exit_code=1,
    )  # fmt: skip
    assert lines.summary_lines(summary) == [
        "Made 2 steps; 1 step is up to date.",
        "2 steps could not begin: something they need failed or waits.",
        "Failed: x/draft: refused",
        "Waiting: x/angle, for content-lead: copydesk approve x/angle",
        "1 suggestion: your text stands where the AI has another.",
        "This build cost $0.012.",
        "Note: x: No sources.",
        "Read and edit:",
        "  drafts/x/x.md",
        "Next: copydesk approve x/angle",
    ]


def test_a_build_says_so_when_it_made_nothing() -> None:
    assert lines.summary_lines(Summary(broken=(FINDING,), reused=2))[2:] == [
        "Made nothing; 2 steps are up to date.",
        "Next: copydesk check",
    ]
    waiting = Summary(waiting=1, waits=(("x/angle", "a person", ""),))
    assert lines.summary_lines(waiting)[0] == "Nothing to do but what waits for a person."
    assert lines.summary_lines(waiting)[-1] == "Next: copydesk status"
    assert lines.summary_lines(Summary(suggestions=1, reused=1))[-1] == "Next: copydesk suggestions"
    assert lines.summary_lines(Summary(made=1))[-1] == "Next: copydesk status"


def test_long_lists_are_counted_not_told() -> None:
    notes = tuple(f"note {number}" for number in range(1_030))
    told = lines.summary_lines(Summary(reused=1, notes=notes))
    assert "... and 1,010 more" in told
    assert len(told) == lines.LONG + 3


def test_a_plan_says_what_and_why() -> None:
    steps = (
        PlannedStep(brief="x", step="research", action="reuse"),
        PlannedStep(brief="x", step="draft", action="update", reasons=("fact.price changed",), model="openai/gpt"),
        PlannedStep(brief="x", step="revise", action="maybe", reasons=("draft will be made first",)),
    )
    assert lines.forecast_lines(Forecast(steps=steps, usd_low="0.01", usd_high="0.035", notes=("a note",))) == [
        "update  x/draft   fact.price changed [openai/gpt]",
        "maybe   x/revise  draft will be made first",
        "A build would make 1 step, for $0.01 to $0.035; 1 step stays as it is.",
        "Note: a note",
        "Next: copydesk build",
    ]


def test_a_plan_with_nothing_to_do_says_so() -> None:
    kept = PlannedStep(brief="x", step="draft", action="keep")
    assert lines.forecast_lines(Forecast(steps=(kept, kept))) == [
        "Nothing to do: 2 steps are up to date.",
        "Next: copydesk status",
    ]
    assert lines.forecast_lines(Forecast(steps=(), broken=(FINDING,)))[-1] == "Next: copydesk check"


def test_a_plan_tells_on_one_line_why_a_step_cannot_be_made() -> None:
    failing = PlannedStep(brief="x", step="draft", action="fail", reasons=("no such role\n  Add it.",))
    told = lines.forecast_lines(Forecast(steps=(failing,)))
    assert told[0] == "fail  x/draft  no such role; Add it."
    assert told[-1] == "Next: copydesk check"


def test_show_tells_request_parts_and_reply() -> None:
    shown = Shown(
        address="x/draft", messages=(Message(role="user", text="Write.\nNow."),), parts=(Part(label="fact.price", text="49"),),
        tokens=3, recipe="abc", model="offline/skeleton-1", reply="# Title\n", usd="0.002",
    )  # fmt: skip
    told = list(lines.shown_lines(shown))
    assert told[0] == "x/draft: offline/skeleton-1, about 3 tokens, recipe abc"
    assert told[1:4] == ["---- user", "Write.", "Now."]
    assert told[5].startswith("fact.price  ")
    assert told[-3:] == ["---- last reply, $0.002", "# Title", "Next: copydesk retry x/draft"]
    unmade = list(lines.shown_lines(replace(shown, reply="", usd="0", model="")))
    assert unmade[-3:] == ["---- last reply", "none yet", "Next: copydesk build x"]


def test_progress_is_a_line_for_what_was_made_or_failed() -> None:
    def line(outcome: Outcome, *why: str) -> str:
        return progress_line(Progress(result=Result(brief="x", step="draft", outcome=outcome, why=why)))

    assert line("made", "fact.price changed", "a note") == "made x/draft (fact.price changed; a note)"
    assert line("failed", "refused") == "failed x/draft (refused)"
    assert line("failed", "refused\n  mend it", "") == "failed x/draft (refused)"
    made_and_waits = Result(brief="x", step="outline", outcome="waiting", why=("a person: read it",), asked=True)
    assert progress_line(Progress(result=made_and_waits)) == "made x/outline (a person: read it)"
    assert (line("reused"), line("waiting"), line("blocked")) == ("", "", "")
    assert progress_line(Progress(said="Waiting for another build.")) == "Waiting for another build."


def test_elsewhere_than_on_a_terminal_progress_is_plain_lines_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with progress() as report:
        report(Progress(result=Result(brief="x", step="draft", outcome="made")))
        report(Progress(result=Result(brief="x", step="revise", outcome="reused")))
    tell_progress(Summary(reused=1))
    told = capsys.readouterr()
    assert told.err == "made x/draft\n"
    assert told.out.startswith("Nothing to do")


def test_on_a_terminal_progress_is_live(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    with progress() as report:
        report(Progress(result=Result(brief="x", step="draft", outcome="made", why=("[bold]not markup\x1b[1m",))))
        report(Progress(result=Result(brief="x", step="revise", outcome="reused")))
    assert "[bold]not markup\\x1b[1m" in screen.getvalue()


# Deciding --------------------------------------------------------------------------------------------------------


def test_status_is_a_table_with_what_each_page_needs() -> None:
    pages = (
        PageStatus(address="news/a", path="docs/news/a.md", brief="a", status="approved"),
        PageStatus(address="b", path="docs/b.md", brief="b", status="drafted", needs="copydesk approve docs/b.md",
                   suggestions=2, findings=1),
        PageStatus(address="c", path="docs/c.md", brief="c", status="approved", suggestions=1),
    )  # fmt: skip
    assert lines.overview_lines(Overview(pages=pages, orphans=("drafts/old",))) == [
        "PAGE            STATUS    NEEDS",
        "docs/news/a.md  approved",
        "docs/b.md       drafted   copydesk approve docs/b.md; 2 suggestions; 1 finding",
        "docs/c.md       approved  1 suggestion",
        "Orphan: drafts/old: no brief asks for it; it stays as it is.",
        "Next: copydesk approve docs/b.md",
    ]
    assert lines.overview_lines(Overview(pages=pages[:1]))[-1] == "Next: copydesk publish"
    assert lines.overview_lines(Overview(pages=pages, broken=(FINDING,)))[-1] == "Next: copydesk check"
    assert lines.overview_lines(Overview(pages=())) == ["There is no page yet.", "Next: copydesk new article NAME"]


def test_a_suggestion_shows_the_three_texts() -> None:
    first = Offered(id="0a1b2c3d", address="x/draft", path="drafts/x/x.md", suggestion=SUGGESTION)
    assert offered_lines([first]) == [
        "0a1b2c3d  drafts/x/x.md:4",
        "  your text  Mine.",
        "             ",
        "             More.",
        "  AI's last  Old.",
        "  AI's new   (it would go)",
        "1 suggestion. Your text stands until you accept another.",
        "Leave it: copydesk decline 0a1b2c3d, or all of a page: copydesk decline x/draft",
        "Next: copydesk accept 0a1b2c3d",
    ]
    long = replace(SUGGESTION, mine="", base="", theirs="\n".join(f"Line {n}." for n in range(9)))
    shown = offered_lines([replace(first, suggestion=long)])
    assert shown[1] == "  your text  (you took it out)"
    assert shown[2:9] == [
        "  AI's new   Line 0.",
        *(f"             Line {n}." for n in range(1, 6)),
        "             (3 lines more)",
    ]
    assert offered_lines([])[0] == "No suggestion waits."


def test_publish_names_what_it_left_out_and_why() -> None:
    published = Published(
        published=("docs/a.md",), restored=("docs/a.md",), notes=("a note",), site="site",
        refused=(("docs/c.md", "it was withdrawn, and its file still lies there", "delete docs/c.md"),
                 ("docs/b.md", "nobody has approved it", "copydesk approve docs/b.md"), ("docs/d.md", "kept out", "")),
    )  # fmt: skip
    assert lines.published_lines(published) == [
        "Left out: docs/c.md: it was withdrawn, and its file still lies there: delete docs/c.md",
        "Left out: docs/b.md: nobody has approved it: copydesk approve docs/b.md",
        "Left out: docs/d.md: kept out",
        "Restored: docs/a.md, as it was approved",
        "Note: a note",
        "Published 1 approved page to site/.",
        "  docs/a.md",
        "Next: copydesk approve docs/b.md",
    ]
    again = lines.published_lines(Published(published=("docs/a.md", "docs/b.md"), built=False))
    assert again[0] == "Nothing changed since the last time: 2 approved pages."
    assert again[-1] == "Next: copydesk status"


def test_what_is_sent_by_people_is_told_once_with_where_to_copy_it_from() -> None:
    mail, posts, page = "outbox/x/a.email.md", "outbox/x/linkedin.posts.md", "docs/x.md"
    approved = [Event(verb="approved", brief="x", path=path, by="ada") for path in (mail, posts)]
    assert lines.approved_lines(approved) == [
        f"Approved {mail}, by ada",
        f"Ready to send: copy from outbox/x/a.email.html, or as text from {mail}",
        f"Approved {posts}, by ada",
        f"Ready to send: copy from {posts}",
        "Next: copydesk status",
    ]
    later = replace(approved[1], publish_on="2031-03-04", notes=("a note",))
    told = lines.approved_lines([later, Event(verb="approved", brief="x", path=page, by="ada")])
    assert told[1:] == [
        f"Ready to send on 2031-03-04: copy from {posts}", "Note: a note", f"Approved {page}, by ada", "Next: copydesk publish",
    ]  # fmt: skip
    step = Event(verb="approved", brief="x", step="plan", by="ada")
    assert lines.approved_lines([step]) == ["Approved x/plan, by ada", "Next: copydesk build"]

    published = lines.published_lines(Published(published=(page,), ready=(mail, posts), site="site"))
    assert published == [
        "Published 1 approved page to site/.", f"  {page}", f"Ready to send: {mail}", f"Ready to send: {posts}",
        "Next: copydesk status",
    ]  # fmt: skip
    row = PageStatus(address=mail, path=mail, brief="x", status="approved")
    assert lines.overview_lines(Overview(pages=(row,)))[1] == f"{mail}  approved  ready to send"


def test_a_withdrawal_says_what_it_means() -> None:
    gone = Event(verb="withdrew", brief="x", path="outbox/x/a.email.md", notes=("a note",))
    assert lines.withdrawn_lines(gone) == [
        "Withdrew outbox/x/a.email.md; its draft and its history stay.", "Note: a note", "Next: copydesk status",
    ]  # fmt: skip
    assert lines.withdrawn_lines(replace(gone, path="docs/x.md", notes=()))[-1] == "Next: copydesk publish"


def test_history_is_told_line_by_line() -> None:
    told = Told(id="1", at="2026-11-22T10:00:00Z", verb="approved", by="ada", line="docs/x.md was approved")
    assert lines.told_lines([told]) == ["2026-11-22T10:00:00Z  docs/x.md was approved, by ada", "Next: copydesk status"]
    assert lines.told_lines([replace(told, by="")])[0] == "2026-11-22T10:00:00Z  docs/x.md was approved"
    assert lines.told_lines([]) == ["Nothing has happened yet.", "Next: copydesk build"]
