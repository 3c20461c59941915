"""The chains of `loop.py`, asked by copydesk: limited, reserved, recorded as begun, called, and kept on the disk.

What is left out is everything around a call: briefs, prompts, landing, history. `python tests/bench/asking.py URL BRIEFS AT_ONCE`
in an empty folder.
"""

import asyncio
import sys
from decimal import Decimal
from pathlib import Path

from generator import providers, store
from generator.app.desks import run
from generator.model import Config, Message, Model, Request
from tests.bench.loop import PAD, STEPS

PRICE = (("input", Decimal(1)), ("output", Decimal(1)))


async def main(url: str, briefs: int, at_once: int) -> None:
    """Make every chain; a call that is lost ends it."""
    model = Model(name="m", provider="openai", model="gpt-5-mini", base_url=url, api="responses", price=PRICE)
    with store.open_memory(Path()) as memory:
        caller = providers.Caller(memory=memory, ask_for=providers.ask_for, config=Config(), jobs=at_once)

        async def chain(number: int) -> None:
            text = f"Brief {number}."
            for at, step in enumerate(STEPS, 1):
                said = (Message(role="system", text=PAD), Message(role="user", text=f"{step}: {text}"))
                request = Request(brief=f"b{number}", step=step, uses=step, chain=(model,), messages=said, parts=())
                text = (await caller.ask(request, ahead=len(STEPS) - at)).text

        await asyncio.gather(*(chain(number) for number in range(briefs)))
        await caller.close()
        assert sum(1 for call in memory.calls() if call.ending == "complete") == briefs * len(STEPS)


if __name__ == "__main__":
    run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
