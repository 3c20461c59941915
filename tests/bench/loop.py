"""The loop that somebody would write by hand in an hour: chains of calls by the openai library, a semaphore around each call.

The opponent of `calls.py`: no limits, no retries but the library's own, nothing kept but a file for each reply.
`python tests/bench/loop.py URL BRIEFS AT_ONCE default|aiohttp|uvloop`; the last is aiohttp's transport on libuv's loop.
"""

import asyncio
import sys
import time
from importlib import import_module
from pathlib import Path

STEPS = ("research", "outline", "draft", "revise")
PAD = "Please write about this for a small marketing team, with care and in short sentences. " * 120


async def main(url: str, briefs: int, at_once: int, transport: str) -> None:
    """Make every chain and print seconds of the loop, seconds of the processor, and how many calls were lost."""
    import openai

    below = openai.DefaultAioHttpClient() if transport != "default" else None
    client = openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=2, http_client=below)
    free, lost = asyncio.Semaphore(at_once), 0

    async def chain(number: int) -> None:
        nonlocal lost
        text = f"Brief {number}."
        for step in STEPS:
            async with free:
                try:
                    stream = await client.responses.create(
                        model="gpt-5-mini", instructions=PAD, input=f"{step}: {text}", stream=True
                    )
                    text = "".join([each.delta async for each in stream if each.type == "response.output_text.delta"])
                except openai.APIError:
                    lost += 1
                    return
            Path(f"{number}-{step}.md").write_text(text)  # noqa: ASYNC240 - as one would write it

    began, used = time.perf_counter(), time.process_time()
    await asyncio.gather(*(chain(number) for number in range(briefs)))
    print(time.perf_counter() - began, time.process_time() - used, lost)


if __name__ == "__main__":
    factory = import_module("uvloop").new_event_loop if sys.argv[4] == "uvloop" else None
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]))
