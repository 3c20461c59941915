"""A seeded slice of the kills amid calls; `make calls` runs hundreds."""

from tests.proofs import calls


def test_killed_builds_pay_nothing_twice() -> None:
    tally, wrong = calls.prove(3, first=2_181)  # one of each wire format
    assert wrong == []
    assert tally.kills >= 10
