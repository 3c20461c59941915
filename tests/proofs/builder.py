"""A build in a process of its own that can be killed: a scripted model that logs its calls, and a disk that dies.

Run as `python builder.py ROOT LOG [--die-at N] [--pause SECONDS]`. Each call to the model appends a line to LOG before it
is answered: the brief, the step and the recipe.
"""

import argparse
import asyncio
import os
import signal
from pathlib import Path

from generator import disk
from generator.app.builds import BuildOptions, build
from generator.digest import digest_of
from generator.model import Ask, Model, Reply, Request


class Dying(disk.System):
    """A disk whose process is killed at its nth call: before it on even calls, after it on odd ones."""

    def __init__(self, at: int) -> None:
        self.left = at

    def _tick(self, *, before: bool) -> None:
        self.left -= before
        if self.left == 0 and before == (os.getpid() % 2 == 0):
            os.kill(os.getpid(), signal.SIGKILL)

    def write(self, descriptor: int, data: bytes) -> None:
        self._tick(before=True)
        os.write(descriptor, data[: len(data) // 2])
        self._tick(before=False)
        super().write(descriptor, data[len(data) // 2 :])

    def fsync(self, descriptor: int) -> None:
        self._tick(before=True)
        super().fsync(descriptor)
        self._tick(before=False)

    def link(self, old: Path, new: Path) -> None:
        self._tick(before=True)
        super().link(old, new)
        self._tick(before=False)

    def rename(self, old: Path, new: Path) -> None:
        self._tick(before=True)
        super().rename(old, new)
        self._tick(before=False)

    def unlink(self, path: Path) -> None:
        self._tick(before=True)
        super().unlink(path)
        self._tick(before=False)


def text_for(request: Request) -> str:
    """Return what the scripted model says: blocks that hang on the request alone, some on all of it, some on a fact."""
    said = "".join(message.text for message in request.messages)
    price = next((part.text for part in request.parts if part.label == "fact.price"), "")
    whole = digest_of("said", said)[:8]
    return (
        f"# {request.step} of {request.brief}\n\nThis stays whatever is asked.\n\n"
        f"- The price is {price}.\n\n## What was said\n\nAll of it was {whole}.\n"
    )


def main() -> None:
    """Build once."""
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=Path)
    parser.add_argument("log", type=Path)
    parser.add_argument("--die-at", type=int, default=0)
    parser.add_argument("--pause", type=float, default=0.0)
    chosen = parser.parse_args()

    async def ask(request: Request, model: Model) -> Reply:
        with chosen.log.open("a") as log:
            log.write(f"{request.brief}/{request.step} {request.recipe}\n")
        await asyncio.sleep(chosen.pause)
        return Reply(text=text_for(request), provider=model.provider, model=model.model)

    def ask_for(model: Model) -> Ask:
        assert model.provider != "offline"
        return ask

    with disk.using(Dying(chosen.die_at)):
        summary = build(chosen.root, options=BuildOptions(jobs=3), ask_for=ask_for)
    print(summary.made, summary.reused, summary.failed, *summary.failures)
    raise SystemExit(summary.exit_code)


if __name__ == "__main__":
    main()
