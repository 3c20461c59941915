"""A page a third of which a person has edited, and a brief that changes: each sentence of theirs stays, whoever answers."""

from pathlib import Path

import pytest

from generator import app, drafts
from generator.model import Model, Request
from tests.stories.stage import Script, Stage

PAGE, BRIEF = "drafts/tally/tally.md", "content_briefs/tally.md"
SUBJECTS = ("bank", "ledger", "auditor", "payroll", "invoice", "close", "report", "reviewer")


def sentence(number: int, price: str) -> str:
    """Return one of the forty sentences of the page; every fifth states the price."""
    subject = SUBJECTS[number // 5]
    if number % 5 == 2:
        return f"For the {subject} it is {price} a seat, and that covers case {number}."
    return f"The {subject} gets step {number} done before noon, without a second look."


def writes(request: Request, _model: Model) -> str:
    """Write the page: eight paragraphs of five sentences, the third of which is broken over two lines."""
    price = {part.label: part.text for part in request.parts}["fact.price"]
    said = [[sentence(5 * at + each, price) for each in range(5)] for at in range(8)]
    paragraphs = [("\n" if at == 2 else " ").join(lines) for at, lines in enumerate(said)]
    return "# Close the month in a day\n\n" + "\n\n".join(paragraphs) + "\n"


def obeys(request: Request, model: Model) -> str:
    """Change the price in the copy it was given, and leave a person's pieces as they are."""
    if request.help is None:
        return writes(request, model)
    price = {part.label: part.text for part in request.parts}["fact.price"]
    own = set(request.help.human)
    return "".join(
        unit if any(unit in each for each in own) else unit.replace("49 EUR", price)
        for unit in drafts.units(request.help.given)
    )


def rewrites(request: Request, model: Model) -> str:
    """Say every sentence in other words, a person's, too."""
    given = request.help.given if request.help else writes(request, model)
    return (
        given.replace("gets step", "has step")
        .replace("For the", "To the")
        .replace("Ada", "We, Ada,")
        .replace("49", "59")
    )


def babbles(request: Request, model: Model) -> str:
    """Return nonsense once there is a text."""
    return "Sorry! What month? }{ ```\n" if request.help else writes(request, model)


def edit(stage: Stage) -> int:
    """Edit a third of the page by hand: reword ten sentences, delete two, add two; return how many of the price's are among them."""
    priced = 0
    for number in range(0, 40, 4):
        old = sentence(number, "49 EUR")
        priced += "EUR" in old
        stage.edit(PAGE, old, f"Ada found in case {number} that {old[0].lower()}{old[1:]}")
    for number in (9, 33):
        after = sentence(number + 1, "49 EUR")
        stage.write({PAGE: stage.text(PAGE).replace(sentence(number, "49 EUR"), "")})
        stage.edit(PAGE, after, f"{after} Ada adds a word on {number}.", human=f"Ada adds a word on {number}.")
    return priced


@pytest.mark.parametrize("script", [obeys, rewrites, writes, babbles])
def test_no_sentence_of_a_person_is_lost(tmp_path: Path, script: Script) -> None:
    stage = Stage.begin(tmp_path, __file__)
    stage.build(script=writes)
    priced = edit(stage)
    stage.log()
    stage.change(BRIEF, "49 EUR", "59 EUR")
    summary = stage.build(script=script)
    assert (stage.log(), summary.made, summary.failed) == (("tally/draft",), 1, 0)
    stage.kept()

    page = stage.text(PAGE)
    offered = [each.suggestion for each in app.suggestions(stage.root)]
    assert not any(sentence(number, "") in page for number in (9, 33)), "what a person took out stays out"
    assert "noon, without a second look.\nThe auditor" in page, "the wrapped paragraph is not wrapped anew"
    if script in (obeys, writes):
        assert len(offered) == (priced if script is writes else 0), "one for each sentence that both changed"
        assert page.count("59 EUR") == 8 - priced
    elif script is rewrites:
        assert 0 < len(offered) <= 14, "one for each sentence of a person's that the model would change"
        assert page.count("59 EUR") == 8 - priced
        assert sum("Ada" in each.theirs for each in offered) == len(offered)
    stage.settled()


def test_many_updates_lose_nothing_either(tmp_path: Path) -> None:
    stage = Stage.begin(tmp_path, __file__)
    stage.build(script=writes)
    edit(stage)
    prices = ["49 EUR", "59 EUR", "69 EUR", "79 EUR", "49 EUR"]
    for old, new, script in zip(prices, prices[1:], (obeys, rewrites, babbles, writes), strict=False):
        stage.change(BRIEF, old, new)
        stage.build(script=script)
        stage.kept()
    assert len(stage.log()) == 4, "the last price was answered before"
    stage.settled()
    stage.ends()


SOURCE = "# Notes of the release\n\n" + "".join(
    f"## {subject.title()}\n\nThe {subject} closes {number + 2} days earlier than before. "
    f"A team of {number + 3} people tried the {subject} for a month. Nobody asked to go back.\n\n"
    for number, subject in enumerate(SUBJECTS)
)


def test_a_skeleton_is_updated_too(tmp_path: Path) -> None:
    stage = Stage.begin(tmp_path, __file__)
    (stage.root / "copydesk.yml").unlink()
    heads = stage.text(BRIEF).replace("deliverables:", "sources: [notes.md]\ndeliverables:")
    stage.write(
        {"sources/notes.md": SOURCE, BRIEF: heads + "\n## Outline\n\n- Bank and ledger\n- Payroll and invoice\n"}
    )
    stage.build()
    said = [unit for unit in drafts.units(stage.text(PAGE)) if " the " in unit.lower() and "." in unit]
    assert len(said) >= 8, "a skeleton quotes its sources"
    for number, unit in enumerate(said[::3]):
        stage.edit(PAGE, unit.strip(), f"Ada puts it in words of her own, number {number}.")
    stage.log()

    stage.change("sources/notes.md", "The bank closes 2 days earlier", "The bank closes 9 days earlier")
    stage.change("sources/notes.md", "The payroll closes 5 days earlier", "The payroll closes 9 days earlier")
    summary = stage.build()
    assert (stage.log(), summary.made) == (("tally/draft",), 1)
    stage.kept()
    assert "9 days" in stage.text(PAGE) + "".join(each.suggestion.theirs for each in app.suggestions(stage.root))
    assert "updated draft" in app.history(stage.root, "tally/draft")[-1].line
    assert summary.suggestions <= len(said[::3])
    stage.settled()
