"""An open workspace: config, workflows, prompts, memory, and who asks the models.

Promises: what is common to all briefs is read once; a build's calls pass one caller, with the caps of the build, the day and
each brief. Will not do: look at a brief.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
import sys
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from generator import briefs, providers, steps, store
from generator.errors import BrokenError
from generator.model import Brief, Config, Model, Step

if sys.platform == "win32":
    from asyncio import new_event_loop
else:
    from uvloop import new_event_loop

T = TypeVar("T")


@dataclass(kw_only=True)
class Desk:
    """An open workspace: what is read once a build. `max_costs` holds the caps of the briefs that were met."""

    root: Path
    library: briefs.Library
    prompts: steps.Prompts
    memory: store.Memory
    ask_for: providers.AskFor = providers.ask_for
    offline: bool = False
    upgrade: bool = False
    jobs: int = 8
    max_cost: Decimal | None = None
    patience: providers.Patience = field(default_factory=providers.Patience)
    say: Callable[[str], None] = lambda _: None
    interrupted: bool = False
    max_costs: dict[str, Decimal | None] = field(default_factory=dict)

    def chain(self, step: Step, brief: Brief) -> tuple[Model, ...]:
        """Return the models to try for a step: those of its role, or of the role its prompt names; the brief's roles win."""
        if self.offline:
            return (providers.OFFLINE,)
        config = self.library.config
        if brief.roles and config.models:
            config = replace(config, roles=tuple({**dict(config.roles), **dict(brief.roles)}.items()))
        prompt = self.prompts.get(step.uses)
        return providers.chain_for(config, step.model or prompt.model)

    @cached_property
    def _writer(self) -> ThreadPoolExecutor:
        """The one thread on which texts land, in order. With three, that take turns at the interpreter, a build is slower."""
        return ThreadPoolExecutor(1, "landing")

    async def write(self, job: Callable[[], T]) -> T:
        """Run a job that writes drafts and history on another thread: nobody who waits for a vendor waits for the disk."""
        within = functools.partial(contextvars.copy_context().run, job)
        return await asyncio.get_running_loop().run_in_executor(self._writer, within)

    async def close(self) -> None:
        """End what is in flight."""
        try:
            await self.caller.close()
        finally:
            self._writer.shutdown()

    @cached_property
    def caller(self) -> providers.Caller:
        """Who asks, within the caps."""
        return providers.Caller(
            memory=self.memory, ask_for=self.ask_for, config=self.library.config, jobs=self.jobs,
            patience=self.patience, budget=self.budget(), say=self.say,
        )  # fmt: skip

    def budget(self) -> providers.Budget:
        """Return the caps: `--max-cost` and `budget: run` for this build, `budget: day`, and each brief's `max-cost`.

        A day is one of UTC. What a brief cost is all that this machine's memory knows of.
        """
        config = self.library.config
        named = (("--max-cost", self.max_cost), ("`budget: run` in copydesk.yml", config.budget_run))
        run = tuple(providers.Cap(name=name, limit=limit) for name, limit in named if limit is not None)
        day = None
        if config.budget_day is not None:
            spent = spent_of(self.memory.calls(since=self.today()))
            day = providers.Cap(name="`budget: day` in copydesk.yml", limit=config.budget_day, spent=spent)
        return providers.Budget(run=run, day=day, brief=self.brief_cap, today=self.today)

    def brief_cap(self, name: str) -> providers.Cap | None:
        """Return the cap of a brief, with what it cost so far, under earlier names too; None if it sets none."""
        limit = self.max_costs.get(name)
        if limit is None:
            return None
        spent = spent_of(self.memory.calls(brief=name))
        renames = (each for each in store.read_history(self.root, name).events if each.verb == "renamed")
        left = {each.old: each.at for each in renames if each.what == "brief" and each.old != name}
        for old, at in left.items():  # what another brief of that name spends later is its own
            spent += spent_of(each for each in self.memory.calls(brief=old) if each.at <= at)
        return providers.Cap(name=f"`max-cost` of {name}", limit=limit, spent=spent)

    def today(self) -> str:
        """Return the day, UTC, like 2027-03-04."""
        return store.utc_now()[:10]

    def check_caps(self, models: Iterable[Model], brief: str = "") -> None:
        """Raise BrokenError if a cap of the build, the day or the brief is to hold and one of the models has no price."""
        caps = self.caller.budget.caps(brief)
        for model in models if caps else ():
            if not self.caller.price(model).known:
                raise providers.unpriced(model, caps[0].name)

    def asked(self) -> tuple[Model, ...]:
        """Return the models that roles name, or all if no role is given."""
        config = self.library.config
        named = {name for _, chain in config.roles for name in chain}
        return tuple(model for model in config.models if not named or model.name in named)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run work that waits for others to its end, on libuv's loop where there is one: a twentieth less of the processor's time."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(work)


def who_answers(config: Config) -> str:
    """Say which model writes, and how to have another."""
    if not config.models:
        return "`offline` answers: skeletons of your sources' own sentences, for nothing. To have a model write: copydesk models"
    roles = "; ".join(f"{role}: {', '.join(chain)}" for role, chain in config.roles)
    return f"Models answer ({roles or config.models[0].name}); their keys and prices: copydesk models"


def spent_of(calls: Iterable[store.Call]) -> Decimal:
    """Return the dollars of calls; one whose fate is unknown costs what was reserved for it."""
    return sum((each.usd for each in calls), Decimal(0))


def open_desk(
    root: Path, *, ask_for: providers.AskFor = providers.ask_for, offline: bool = False, upgrade: bool = False,
    jobs: int = 8, max_cost: Decimal | None = None, patience: providers.Patience | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Desk:  # fmt: skip
    """Read what a workspace has in common; raise BrokenError with every finding if config, workflows or prompts are broken."""
    prompts = steps.read_prompts(root)
    library = briefs.read_library(root, prompts=prompts.names)
    errors = tuple(each for each in (*prompts.findings, *library.findings) if each.level == "error")
    if errors:
        raise BrokenError("the workspace's config, workflows or prompts are broken", findings=errors)
    return Desk(
        root=root, library=library, prompts=prompts, memory=store.open_memory(root), ask_for=ask_for, offline=offline,
        upgrade=upgrade, jobs=jobs, max_cost=max_cost, patience=patience or providers.Patience(),
        say=say,
    )  # fmt: skip
