"""A vendor that goes away while a build asks it, and comes back: what was answered stays, and the rest is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator import app
from tests.recorded.server import Server
from tests.recorded.wire import Dialect
from tests.recorded.workshop import DIALECTS, make, model, workspace

BRIEFS, ANSWERED = 12, 5


def going(said: str, server: Server) -> None:
    """Take the server away when one call more came than are to be answered."""
    if len(server.log) > ANSWERED:
        server.stopping.set()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_server_that_goes_away_and_comes_back_is_asked_for_exactly_what_is_missing(
    tmp_path: Path, dialect: Dialect
) -> None:
    with Server(latency=0.02) as server:
        server.begun = lambda said: going(said, server)
        root = workspace(tmp_path, model(server, dialect), briefs=BRIEFS)
        summary = make(root, jobs=1)
    answered = {seen.said for seen in server.log if seen.outcome == "served"}
    assert (summary.made, len(answered), summary.failed) == (ANSWERED, ANSWERED, BRIEFS - ANSWERED)
    assert summary.exit_code == 5
    assert all("cannot be reached" in why or "broke" in why for _, why in summary.failures)
    assert sorted(seen.outcome for seen in server.log if seen.outcome != "served") == ["flying"]
    assert app.costs(root).calls == ANSWERED + 1, "what was in flight may have been paid"
    with Server(port=server.port) as back:
        summary = make(root)
        assert (summary.made, summary.reused, summary.exit_code) == (BRIEFS - ANSWERED, ANSWERED, 0)
        asked = [seen.said for seen in back.log]
        assert len(asked) == len(set(asked)) == BRIEFS - ANSWERED
        for n in range(BRIEFS):
            of = [said for said in (*asked, *answered) if f"how b{n} is" in said]
            assert len(of) == 1, "each is answered by the one or by the other"
    assert app.costs(root).calls == BRIEFS + 1
    assert app.verify(root) == ()
