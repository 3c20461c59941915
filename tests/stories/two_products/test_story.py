"""Two products are compared, and what is found of one is never found in the sources of the other."""

from pathlib import Path

from generator import app
from generator.model import Model, Request
from tests.stories.scripts import obeys
from tests.stories.stage import Stage

BRIEF, PAGE = "content_briefs/tally-or-ledger.md", "drafts/tally-or-ledger/tally-or-ledger.md"
STEPS = "drafts/tally-or-ledger/steps"


def test_sources_are_kept_apart_for_each_product(tmp_path: Path) -> None:
    stage = Stage.begin(tmp_path, __file__)
    seen: dict[str, set[str]] = {}
    sent: dict[str, str] = {}

    def script(request: Request, model: Model) -> str:
        cited = {part.name.rpartition("-")[0] for part in request.parts if part.kind == "passage"}
        seen[request.step] = cited
        sent[request.step] = "\n".join(message.text for message in request.messages)
        return obeys(request, model)

    assert app.check(stage.root) == ()
    stage.build(script=script)
    assert sorted(stage.log()[:2]) == ["tally-or-ledger/research.ledger", "tally-or-ledger/research.tally"]
    assert (seen["research.tally"], seen["research.ledger"]) == ({"tally"}, {"ledger", "prices"})
    assert seen["draft"] == {"tally", "ledger", "prices"}
    assert "four languages" not in sent["research.tally"]
    assert "speaks German" not in sent["research.ledger"]
    table = stage.text(f"{STEPS}/comparison-table.md")
    assert table.index("research.tally") < table.index("research.ledger")
    page = stage.text(PAGE)
    assert all(said in page for said in ("speaks German", "four languages", "[^prices-2]"))

    stage.change("sources/ledger.md", "four languages", "five languages")
    stage.build(script=script)
    asked = stage.log()
    assert "tally-or-ledger/research.ledger" in asked
    assert "tally-or-ledger/research.tally" not in asked
    assert "five languages" in stage.text(PAGE)

    stage.write({"sources/abacus.md": "Abacus needs no power.\n"})
    stage.change(BRIEF, "prices.csv]", "prices.csv]\n  abacus: [abacus.md]")
    stage.build(script=script)
    asked = stage.log()
    assert asked[0] == "tally-or-ledger/research.abacus"
    assert not {"tally-or-ledger/research.tally", "tally-or-ledger/research.ledger"} & set(asked)
    assert (seen["research.abacus"], "Abacus needs no power." in stage.text(PAGE)) == ({"abacus"}, True)
    stage.settled()
    stage.ends()
