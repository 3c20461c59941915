"""The law of approval, case by case, and over random histories that two machines wrote and merged."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from generator.model import Event, History, Verb
from generator.review import approvals_of, awaited, claims, former, is_approved, live, requested

PAGE, OTHER = "docs/news/tally-3.md", "docs/other.md"


def made_history(*events: Event) -> History:
    return History(brief="tally-3", events=events)


def event(verb: Verb, named: str, *after: str, path: str = PAGE, step: str = "", draft: str = "") -> Event:
    return Event(verb=verb, brief="tally-3", id=named, after=after, path=path, step=step, draft=draft)


def approved(named: str, *after: str, draft: str = "one", path: str = PAGE) -> Event:
    return event("approved", named, *after, path=path, draft=draft, step="revise")


def test_nothing_is_live_before_anyone_approved() -> None:
    history = made_history(event("made", "m", path=""))
    assert live(history, PAGE) is None
    assert requested(history, PAGE) is None
    assert claims(history) == frozenset()
    assert not is_approved(history, PAGE, "one")


def test_an_approval_is_live_and_is_about_its_own_page_only() -> None:
    history = made_history(approved("a"))
    assert live(history, PAGE) == approved("a")
    assert live(history, OTHER) is None
    assert claims(history) == {PAGE}


def test_the_latest_approval_wins() -> None:
    history = made_history(approved("a"), approved("b", "a", draft="two"))
    assert live(history, PAGE) == approved("b", "a", draft="two")
    assert is_approved(history, PAGE, "two")
    assert not is_approved(history, PAGE, "one")


def test_a_send_back_afterwards_leaves_the_page_up_and_asks_for_changes() -> None:
    sent_back = event("sent-back", "s", "a")
    history = made_history(approved("a"), sent_back)
    assert live(history, PAGE) == approved("a")
    assert requested(history, PAGE) == sent_back
    assert not is_approved(history, PAGE, "one")


def test_an_approval_that_saw_the_send_back_answers_it() -> None:
    history = made_history(event("sent-back", "s"), approved("a", "s"))
    assert requested(history, PAGE) is None
    assert is_approved(history, PAGE, "one")


def test_an_approval_concurrent_with_a_send_back_does_not_count() -> None:
    root, sent_back = event("made", "m", path=""), event("sent-back", "s", "m")
    history = made_history(root, approved("a", "m"), sent_back)
    assert live(history, PAGE) is None
    assert requested(history, PAGE) == sent_back
    assert claims(history) == {PAGE}


def test_an_earlier_approval_stands_when_a_later_one_does_not_count() -> None:
    history = made_history(approved("a"), approved("b", "a"), event("sent-back", "s", "a"))
    assert live(history, PAGE) == approved("a")


def test_a_new_approval_after_such_a_merge_counts() -> None:
    history = made_history(approved("a"), event("sent-back", "s"), approved("b", "a", "s", draft="two"))
    assert is_approved(history, PAGE, "two")


def test_of_two_send_backs_the_one_without_an_answer_is_told() -> None:
    second = event("sent-back", "t", "a")
    history = made_history(event("sent-back", "s"), approved("a", "s"), second)
    assert requested(history, PAGE) == second


def test_a_withdrawal_takes_the_page_away_and_frees_the_path() -> None:
    history = made_history(approved("a"), event("withdrew", "w", "a"))
    assert live(history, PAGE) is None
    assert claims(history) == frozenset()


def test_an_approval_after_a_withdrawal_brings_the_page_back() -> None:
    history = made_history(approved("a"), event("withdrew", "w", "a"), approved("b", "w"))
    assert live(history, PAGE) == approved("b", "w")
    assert claims(history) == {PAGE}


def test_the_approval_of_a_step_that_is_delivered_nowhere_claims_nothing() -> None:
    assert claims(made_history(approved("a", path=""))) == frozenset()


def test_a_withdrawal_concurrent_with_an_approval_takes_the_page_away_and_keeps_the_claim() -> None:
    history = made_history(approved("a"), approved("b", "a"), event("withdrew", "w", "a"))
    assert live(history, PAGE) is None
    assert claims(history) == {PAGE}


def test_a_withdrawal_does_not_open_an_answered_request_again() -> None:
    history = made_history(event("sent-back", "s"), approved("a", "s"), event("withdrew", "w", "a"))
    assert requested(history, PAGE) is None


def test_decisions_about_another_page_change_nothing() -> None:
    history = made_history(approved("a"), event("sent-back", "s", path=OTHER), event("withdrew", "w", "a", path=OTHER))
    assert is_approved(history, PAGE, "one")


def test_a_send_back_by_step_concerns_the_page_that_the_step_delivers() -> None:
    by_step = event("sent-back", "s", path="", step="revise")
    assert requested(made_history(by_step), PAGE) is None
    assert requested(made_history(by_step), PAGE, step="revise") == by_step
    assert live(made_history(by_step, approved("a")), PAGE) is None
    upstream = event("sent-back", "s", path="", step="outline")
    assert live(made_history(upstream, approved("a")), PAGE, step="revise") == approved("a")


def test_a_path_in_a_send_back_is_believed_before_its_step() -> None:
    elsewhere = event("sent-back", "s", path=OTHER, step="revise")
    assert live(made_history(elsewhere, approved("a")), PAGE, step="revise") == approved("a")


def renamed(named: str, old: str, new: str, *after: str, what: str = "page") -> Event:
    return Event(verb="renamed", brief="tally-3", id=named, after=after, what=what, old=old, new=new)


def test_a_renamed_page_keeps_the_paths_it_had_until_it_is_withdrawn() -> None:
    """History tells the approval under the page's name of now."""
    first, second = renamed("r", OTHER, "docs/mid.md", "a"), renamed("s", "docs/mid.md", PAGE, "r")
    events = (approved("a"), first, second)
    assert former(made_history(*events)) == {OTHER: PAGE, "docs/mid.md": PAGE}
    assert former(made_history(*events, event("withdrew", "w", "s"))) == {}
    again = approved("b", "s", path=OTHER)
    assert former(made_history(*events, again)) == {"docs/mid.md": PAGE}


def test_a_post_keeps_the_folder_of_a_brief_that_was_renamed() -> None:
    leaving, arriving = (
        renamed("r", "tally-2", "tally-3", "a", what="brief"),
        renamed("s", "tally-2", "tally-3", "r", what="brief"),
    )
    history = made_history(approved("a", path="outbox/tally-3/x.md"), leaving, arriving)
    assert former(history) == {"outbox/tally-2/x.md": "outbox/tally-3/x.md"}
    assert former(made_history(approved("a"), leaving, arriving)) == {}


def test_a_path_that_no_approval_had_is_nobody_s_after_a_rename() -> None:
    assert former(made_history(renamed("r", OTHER, PAGE), approved("a", "r"))) == {}
    assert former(made_history(approved("a"), renamed("r", OTHER, PAGE, "a", what="step"))) == {}
    assert former(made_history(approved("a"), renamed("r", OTHER, "docs/third.md", "a"))) == {}


VERBS: tuple[Verb, ...] = ("approved", "sent-back", "withdrew", "made")
ROWS = st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.booleans(), st.integers(0, 511)), max_size=9)


def grown(rows: list[tuple[int, bool, bool, int]]) -> History:
    """A history as any number of machines write it: each event has seen some of the earlier ones and all they saw."""
    events: list[Event] = []
    for number, (verb, ours, first, seen) in enumerate(rows):
        after = (each.id for place, each in enumerate(events) if seen >> place & 1)
        path, draft = PAGE if ours else OTHER, "one" if first else "two"
        events.append(event(VERBS[verb], f"e{number}", *after, path=path, draft=draft))
    return made_history(*events)


histories = ROWS.map(grown)


def concurrent(history: History, one: Event, two: Event) -> bool:
    return not history.saw(one, two) and not history.saw(two, one)


@given(histories)
def test_what_is_live_was_approved_and_nothing_speaks_against_it(history: History) -> None:
    for path in (PAGE, OTHER):
        standing = live(history, path)
        if standing is None:
            continue
        assert standing.verb == "approved"
        assert standing.path == path
        assert path in claims(history)
        against = [each for each in history.events if each.path == path]
        assert not any(each.verb == "sent-back" and concurrent(history, standing, each) for each in against)
        assert all(history.saw(standing, each) for each in against if each.verb == "withdrew")


@given(histories)
def test_approved_means_these_bytes_and_no_request_open(history: History) -> None:
    for path, draft in itertools.product((PAGE, OTHER), ("one", "two")):
        if is_approved(history, path, draft):
            standing = live(history, path)
            assert standing is not None
            assert standing.draft == draft
            assert requested(history, path) is None


@given(histories)
def test_a_last_word_that_saw_everything_always_decides(history: History) -> None:
    heads = history.heads
    everything = made_history(*history.events, approved("last", *heads, draft="last"))
    assert is_approved(everything, PAGE, "last")
    gone = made_history(*history.events, event("withdrew", "last", *heads))
    assert live(gone, PAGE) is None
    assert PAGE not in claims(gone)
    back = made_history(*history.events, event("sent-back", "last", *heads))
    assert live(back, PAGE) == live(history, PAGE)
    assert requested(back, PAGE) is not None


@given(histories)
def test_events_about_another_page_never_matter(history: History) -> None:
    for verb in ("approved", "sent-back", "withdrew"):
        more = made_history(*history.events, event(verb, "more", path=OTHER))
        assert live(more, PAGE) == live(history, PAGE)
        assert requested(more, PAGE) == requested(history, PAGE)
        assert (PAGE in claims(more)) == (PAGE in claims(history))


def walked(history: History, later: Event, earlier: Event) -> bool:
    """What `saw` means, by a walk."""
    after = {each.id: each.after for each in history.events}
    waiting, met = [*later.after], {later.id}
    while waiting:
        here = waiting.pop()
        if here == earlier.id:
            return True
        if here not in met:
            met.add(here)
            waiting.extend(after.get(here, ()))
    return False


@given(histories, st.randoms(use_true_random=False), st.integers(0, 511))
def test_who_saw_what_is_reachability_in_any_order_and_with_events_missing(
    history: History, dice: random.Random, kept: int
) -> None:
    events = [each for place, each in enumerate(history.events) if kept >> place & 1]
    part = made_history(*dice.sample(events, len(events)))
    for later, earlier in itertools.product(history.events, repeat=2):
        if later in events:
            assert part.saw(later, earlier) == walked(part, later, earlier)


def test_a_page_of_many_decisions_is_judged_as_one_of_few() -> None:
    verbs: tuple[Verb, ...] = ("approved", "sent-back", "withdrew")
    events = [event(verbs[number % 3], f"e{number}", *([f"e{number - 1}"] if number else [])) for number in range(600)]
    assert live(made_history(*events), PAGE) is None
    assert claims(made_history(*events)) == frozenset()
    assert live(made_history(*events[:-2]), PAGE) == events[-3]


def by_role(named: str, *after: str, role: str = "", draft: str = "one", page: str = "p") -> Event:
    event = approved(named, *after, draft=draft)
    return replace(event, needed=("product", "legal"), roles=(role,) if role else (), page=page)


def test_a_page_is_whole_once_every_role_has_approved_the_same_bytes() -> None:
    one, other = by_role("a", role="product"), by_role("b", "a", role="legal")
    assert live(made_history(one), PAGE) is None
    assert live(made_history(one, other), PAGE) == other
    assert live(made_history(one, replace(other, draft="two")), PAGE) is None
    assert live(made_history(one, replace(other, page="q")), PAGE) is None
    assert live(made_history(one, by_role("b", "a")), PAGE) is None
    assert claims(made_history(one)) == {PAGE}
    assert awaited((one,), one.needed) == ("legal",)
    assert awaited((one, other), one.needed) == ()


def test_two_roles_that_approved_apart_make_it_whole() -> None:
    one, other = by_role("a", role="product"), by_role("b", role="legal")
    assert live(made_history(one, other), PAGE) is not None
    assert is_approved(made_history(one, other), PAGE, "one")


def test_while_new_bytes_lack_a_role_the_old_ones_stay() -> None:
    whole = (by_role("a", role="product"), by_role("b", "a", role="legal"))
    half = by_role("c", "b", role="legal", draft="two")
    history = made_history(*whole, half)
    assert live(history, PAGE) == whole[1]
    assert not is_approved(history, PAGE, "two")
    assert approvals_of(history, PAGE, "two") == (half,)


def test_a_send_back_is_answered_by_every_role_that_has_seen_it() -> None:
    one, back = by_role("a", role="product"), event("sent-back", "s", "a")
    half = by_role("b", "s", role="legal")
    assert requested(made_history(one, back, half), PAGE) == back
    assert live(made_history(one, back, half), PAGE) is None, "one role has not answered yet"
    assert approvals_of(made_history(one, back, half), PAGE, "one") == (half,)
    whole = made_history(one, back, half, by_role("c", "b", role="product"))
    assert requested(whole, PAGE) is None
    assert is_approved(whole, PAGE, "one")


def test_a_send_back_whose_note_was_taken_back_asks_no_more() -> None:
    back = event("sent-back", "s", "a")
    taken = Event(verb="withdrew", brief="tally-3", id="w", after=("s",), target="s")
    assert requested(made_history(approved("a"), back, taken), PAGE) is None
    assert live(made_history(approved("a"), back, taken), PAGE) is not None


def test_a_role_approves_nothing_that_was_withdrawn_meanwhile() -> None:
    gone = event("withdrew", "w", "a")
    assert live(made_history(by_role("a", role="product"), gone, by_role("b", "w", role="legal")), PAGE) is None
