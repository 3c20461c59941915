"""Nothing is paid for twice: over random histories of a workspace, no question is asked that was answered before."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from generator.app.builds import BuildOptions, build
from generator.digest import digest_of
from generator.model import Ask, Model, Reply, Request
from tests.stories.stage import MODEL, Stage

BRIEF = """---
title: A page
facts: {{price: {price} EUR}}
steps:
  - {{id: outline, uses: outline}}
  - {{id: final, uses: draft, needs: [outline]}}
deliverables: [{{page: note, from: final}}]
---
It says one thing.
"""
OUTLINE, FINAL = "drafts/note/steps/outline.md", "drafts/note/note.md"


def write_price(stage: Stage, number: int) -> None:
    stage.write({"content_briefs/note.md": BRIEF.format(price=number % 3)})


def edit(path: str) -> Callable[[Stage, int], None]:
    def append(stage: Stage, number: int) -> None:
        if (stage.root / path).exists():
            sentence = f"A person wrote {number} in {path.rpartition('/')[2]}."
            stage.write({path: f"{stage.text(path).rstrip()}\n\n{sentence}\n"})
            stage.human.append(sentence)

    return append


def lose(path: str) -> Callable[[Stage, int], None]:
    def remove(stage: Stage, _: int) -> None:
        if not stage.human:
            (stage.root / path).unlink(missing_ok=True)

    return remove


def forget_looks(stage: Stage, _: int) -> None:
    for path in (stage.root / ".copydesk").glob("looks.sqlite*"):
        path.unlink()


ACTS = (write_price, edit(OUTLINE), edit(FINAL), lose(OUTLINE), lose(FINAL), forget_looks)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 9)), max_size=8))
def test_no_question_is_asked_that_was_answered(acts: list[tuple[Callable[[Stage, int], None], int]]) -> None:
    paid: list[str] = []

    def ask_for(_: Model) -> Ask:
        async def ask(request: Request, model: Model) -> Reply:
            paid.append(request.key(model))
            said = digest_of("said", *(message.text for message in request.messages))[:6]
            return Reply(
                text=f"# {request.step}\n\nAlways.\n\nAsked {said}.\n", provider=model.provider, model=model.model
            )

        return ask

    root = Path(tempfile.mkdtemp())
    try:
        stage = Stage(root)
        stage.write({"copydesk.yml": MODEL})
        write_price(stage, 0)
        for act, number in [*acts, (forget_looks, 0)]:
            assert not build(root, options=BuildOptions(), ask_for=ask_for).failures
            act(stage, number)
        build(root, options=BuildOptions(), ask_for=ask_for)
        count = len(paid)
        build(root, options=BuildOptions(), ask_for=ask_for)
        assert len(paid) == count
        assert len(set(paid)) == len(paid)
        stage.kept()
    finally:
        shutil.rmtree(root)
