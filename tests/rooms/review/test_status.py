"""The law of status: the first match wins, and every state names the command that moves it on."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from generator.review import STATUSES, Standing, status_of

BLANK = Standing(brief="tally-3", path="docs/tally-3.md")
BUILD, APPROVE = "copydesk build tally-3", "copydesk approve docs/tally-3.md"


def test_each_status_and_its_command() -> None:
    assert status_of(BLANK) == ("missing", BUILD)
    drafted = replace(BLANK, drafted=True)
    assert status_of(drafted) == ("drafted", APPROVE)
    assert status_of(replace(drafted, stale=True)) == ("drafted", BUILD)
    approved = replace(drafted, live=True, approved=True)
    assert status_of(approved) == ("approved", "")
    assert status_of(replace(approved, approved=False)) == ("edited since approval", APPROVE)
    assert status_of(replace(approved, drafted=False, approved=False)) == ("approved", "")
    assert status_of(replace(approved, stale=True)) == ("facts changed", BUILD)
    assert status_of(replace(approved, requested=True)) == ("changes requested", APPROVE)
    assert status_of(replace(approved, requested=True, stale=True)) == ("changes requested", BUILD)
    assert status_of(replace(BLANK, requested=True)) == ("changes requested", BUILD)
    waiting = replace(approved, waiting_for="content-lead", waiting_command="copydesk choose tally-3/angle 1")
    assert status_of(waiting) == ("waiting", "copydesk choose tally-3/angle 1")
    assert status_of(replace(waiting, waiting_command="")) == ("waiting", BUILD)
    assert status_of(replace(waiting, failed=True)) == ("failed", BUILD)


@given(
    st.builds(
        Standing,
        brief=st.just("tally-3"),
        path=st.just("docs/tally-3.md"),
        failed=st.booleans(),
        waiting_for=st.sampled_from(["", "content-lead"]),
        requested=st.booleans(),
        stale=st.booleans(),
        live=st.booleans(),
        approved=st.booleans(),
        drafted=st.booleans(),
    )
)
def test_every_standing_has_a_status_and_only_an_approved_one_needs_nothing(standing: Standing) -> None:
    status, needs = status_of(standing)
    assert status in STATUSES
    assert needs.startswith("copydesk ") or (status == "approved" and not needs)
