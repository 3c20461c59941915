"""A slice of `make triples`: the merge over the Markdown files of this repository's own history."""

from itertools import islice

from tests.proofs.triples import lost, triples, versions


def test_no_version_of_a_file_loses_a_line() -> None:
    some = list(islice(triples(versions()), 0, None, 4))
    assert len(some) > 20
    for name, base, mine, theirs in some:
        assert (name, lost(base, mine, theirs)) == (name, [])
