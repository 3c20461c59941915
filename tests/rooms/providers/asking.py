"""How a test asks the skeleton: a real little brief, its passages, and the texts handed down.

Promises: the same request for the same labels and texts, as `steps.compose` would make it. Will not do: assert.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from generator import providers
from generator.model import Message, Part, Request

BODY = """\
Month-end is dreaded. Show that it can be one day.
Keep it calm.

<!-- not for the page -->
## Must say

- Nothing is posted without a person.

## Never say

- Game changer.

## Outline

1. Why closing takes a week
2. What Tally does while you sleep
    - name the bank formats
3. What it does not do
4. Price and trial
"""
FIELDS = {
    "brief.title": "Tally 3: the close", "brief.audience": "finance leads", "brief.goal": "start a trial",
    "brief.keyword": "close faster", "brief.body": BODY, "fact.price": "49 EUR a seat", "fact.launch-day": "4 March 2027",
    "fact.site": "https://tally.example",
}  # fmt: skip
PASSAGES = {
    "passage.notes-1": "# Tally > Matching\n\nTally matches bank lines while you sleep. In our books it matched 94%, e.g. rent.",
    "passage.notes-2": "# Tally > The close\n\nThe close took six days, because three people waited. Dr. Osei closed in hours."
    " It is a game changer. One. Two. Three.",
    "passage.notes-3": "# Tally > Limits\n\n- Tally does not file taxes.\n  It reads CSV.\n- It has no app. See [here](a.md).",
    "passage.notes-4": "```sh\ntally close\n```",
    "passage.rows-1": "firm: Orme; days before: 9; days after: 2",
    "passage.rows-2": "Tally matches bank lines while you sleep.",
}


def make_request(step: str, texts: Mapping[str, str], **upstream: str) -> Request:
    """Return a request with these parts. An upstream text may say first what its step uses: `uses=critique|A text.`."""
    parts = [Part(label=label, text=text) for label, text in texts.items()]
    for each, text in upstream.items():
        uses, bar, said = text.removeprefix("uses=").partition("|") if text.startswith("uses=") else ("", "|", text)
        assert bar
        parts.append(Part(label=f"upstream.{each}", text=said, uses=uses))
    return Request(
        brief="tally-3", step=step, uses=step, chain=(providers.OFFLINE,),
        messages=(Message(role="user", text="Never read."),), parts=(*parts, Part(label=f"builtin.{step}", text="…")),
    )  # fmt: skip


def ask(step: str, texts: Mapping[str, str], **upstream: str) -> str:
    """Return the skeleton's text."""
    return asyncio.run(providers.ask_offline(make_request(step, texts, **upstream), providers.OFFLINE)).text


def blocks(text: str) -> list[str]:
    """Return what stands between blank lines."""
    return text.strip("\n").split("\n\n")
