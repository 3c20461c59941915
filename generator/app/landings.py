"""The main path of a step: compose, decide, ask, land, record.

Promises: a reply is committed to memory before anything else is done with it; first the working copy lands, then the
event is recorded, and doing both twice is doing them once; a question that fails is a `failed` result, never an error
that stops its neighbours. Will not do: order steps, or look at more than one brief.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from generator import context, disk, drafts, runner, steps, store
from generator.app.deliveries import approved_copy
from generator.app.desks import Desk
from generator.app.endings import advice, cause_of, said_of
from generator.app.notes import blocks_noted, notes_of
from generator.app.placing import Slots, flowing
from generator.app.subjects import Subjects
from generator.app.turns import Turn, by_person, is_settled, kind_of, template_for, text_step, turn_of
from generator.digest import digest_text
from generator.errors import CopydeskError
from generator.model import Event, History, Landing, Merged, Passage, Plan, Reply, Request, Result, Step

SOURCE_BUDGET = 24_000
"""Tokens of source passages that a request may carry; what does not fit is left out by rank."""


@dataclass(kw_only=True)
class Bench:
    """One brief at work: its plan, its history as it grows, its working copies. Make steps by calling it."""

    desk: Desk
    plan: Plan
    copies: dict[str, str | None] = field(default_factory=dict)
    known: int = 0
    """How many events this bench knows: those it began with, and its own. More in the folder are somebody else's."""

    def __post_init__(self) -> None:
        self.read_history()
        self.astray = self.find_astray()

    def read_history(self) -> None:
        """Read what happened to the brief, under the names in use now."""
        self.history: History = store.read_history(self.root, self.plan.brief.name)
        self.known = len(self.history.events)

    def older_folders(self) -> tuple[str, ...]:
        """Return the folders of history that the brief's events came from under earlier names."""
        renamed = (event for event in self.history.events if event.verb == "renamed" and event.what == "brief")
        return tuple(f"history/{event.old}" for event in renamed)

    @property
    def root(self) -> Path:
        """The workspace."""
        return self.desk.root

    @cached_property
    def subjects(self) -> Subjects:
        """What texts are checked against, read for this brief, after its files were stamped."""
        return Subjects(root=self.root, library=self.desk.library)

    @cached_property
    def sources(self) -> tuple[Passage, ...]:
        """All passages of the brief's sources."""
        return context.read_passages(self.root, self.plan.brief.sources)

    @cached_property
    def _packed(self) -> dict[tuple[str, ...] | None, tuple[Passage, ...]]:
        return {}

    def passages(self, step: Step) -> tuple[Passage, ...]:
        """Return the passages that a step sees, those of its own sources if they are kept apart; by rank if too many."""
        brief, groups = self.plan.brief, dict(self.plan.brief.groups)
        own = next((groups[pair] for pair in step.point if pair in groups), None)
        if own not in self._packed:
            paths = frozenset(disk.place_of(name) for name in own or ())
            found = tuple(each for each in self.sources if own is None or each.path in paths)
            self._packed[own] = context.pack(found, f"{brief.field('title')} {brief.body}", SOURCE_BUDGET)
        return self._packed[own]

    @cached_property
    def background(self) -> tuple[Passage, ...]:
        """The brand's files and the brief's extra context."""
        return context.read_context(self.root, self.plan.brief.context)

    def copy_path(self, step: str) -> Path:
        """Return where the step's working copy lies; UnsafePathError if a symlink leads out of the workspace."""
        name = self.astray.get(step, self.plan.copy_path(step))
        if name not in self._places:
            self._places[name] = disk.inside(self.root, name)
        return self._places[name]

    @cached_property
    def _places(self) -> dict[str, Path]:
        """Where copies lie, looked at once a build: a path that leaves the workspace is refused before anything is read."""
        return {}

    def find_astray(self) -> dict[str, str]:
        """Return the steps whose copy lies where it lay before: they became a deliverable, or stopped being one.

        Where a copy lay last is known from history: the path of what was made, or of the last time it was moved.
        """
        last: dict[str, str] = {}
        for event in self.history.events:
            path = event.new if event.verb == "renamed" and event.what == "draft" else event.path
            if event.step and path.startswith("drafts/"):
                last[event.step] = path
        steps = {step.id: self.plan.copy_path(step.id) for step in self.plan.steps}
        moved = {step: path for step, path in last.items() if steps.get(step, path) != path and self.lies(path)}
        left = set(moved.values())
        return {step: path for step, path in moved.items() if steps[step] in left or not self.lies(steps[step])}

    def lies(self, path: str) -> bool:
        """Whether a working copy lies there."""
        return disk.inside(self.root, path).is_file()

    def bring_copies(self) -> tuple[str, ...]:
        """Move copies that went astray to where their step's text lies now, so that a person's words go with them.

        They are set aside first, for two may change places, then take their names one by one; a name that is taken
        meanwhile keeps its file, and the copy goes back to where it was. Cut short, it is finished at the next start.
        """
        name, notes = self.plan.brief.name, []
        if not self.astray:
            return ()
        with store.brief_lock(self.root, name):
            for step, path in self.astray.items():
                with disk.naming(self.root / path):
                    disk.system().make_folder(self.root / f"drafts/{name}/steps")
                    disk.system().link(self.root / path, self.aside(step))
                    disk.system().unlink(self.root / path)
            for step, path in tuple(self.astray.items()):
                place = self.plan.copy_path(step)
                self.put(self.aside(step), place)
                self.record(Event(verb="renamed", brief=name, step=step, what="draft", old=path, new=place))
                notes.append(f"{path} is {place} now.")
            self.astray = {}
        return tuple(notes)

    def aside(self, step: str) -> Path:
        """Return where a copy lies while it is moved."""
        return disk.inside(self.root, f"drafts/{self.plan.brief.name}/steps/.copydesk-moving-{step}.md")

    def put(self, aside: Path, place: str) -> None:
        """Give a copy that was set aside its name; if somebody took the name, both texts stay, merged."""
        path = disk.inside(self.root, place)
        with disk.naming(path):
            disk.system().make_folder(path.parent)
            try:
                disk.system().link(aside, path)
            except FileExistsError:
                drafts.land(path, base="", theirs=disk.read_text(aside))
            disk.system().unlink(aside)

    def sweep(self) -> tuple[str, ...]:
        """Mend what an earlier build, cut short, left in this brief's drafts; return notes of what was brought home."""
        folder, events = self.root / "drafts" / self.plan.brief.name, self.root / "history" / self.plan.brief.name
        if not drafts.wants_sweep(folder) and not drafts.wants_sweep(events):
            self.astray = self.find_astray()
            return ()
        with store.brief_lock(self.root, self.plan.brief.name):
            moving = (folder / "steps").is_dir() and any((folder / "steps").glob(".copydesk-moving-*"))
            for step in self.plan.steps if moving else ():
                if self.aside(step.id).exists():
                    self.put(self.aside(step.id), self.plan.copy_path(step.id))
            notes = drafts.sweep(folder)
            disk.drop_unfinished(events)
            self.astray = self.find_astray()
        return notes

    def read_copy(self, step: str) -> str | None:
        """Return the working copy as it is now, None if there is none; refuse one with git's conflict markers.

        A copy that is not as this build knows it is read at rest: half a save would be sent, or taken for an edit.
        """
        place = self.copy_path(step)
        text = drafts.read_copy(place)
        if text is not None and self.copies.get(step) != digest_text(text):
            text = drafts.wait_copy(place)
        line = drafts.conflict_line(text) if text else 0
        if line:
            path = self.plan.copy_path(step)
            raise CopydeskError("git left a conflict here", where=f"{path}:{line}", mend=f"copydesk settle {path}")
        self.copies[step] = None if text is None else digest_text(text)
        return text

    def compose(self, step: Step) -> Request:
        """Return the step's request from the working copies of what it needs, without help.

        A text that is placed in the reply is no upstream text, and where others hold it a line stands for it.
        """
        upstream, shown = [], []
        for need in step.needs:
            text, needed = self.text_of(need), self.plan.step(need)
            if text is not None and needed is not None and need not in step.slots:
                upstream.append((needed, text))
                shown.append((needed, self.slots(step, self.made(need)).mark(text) if step.slots else text))
        retried = self.history.latest("retried", step=step.id)
        prompt, given = self.desk.prompts.get(step.uses), tuple(upstream)
        return steps.compose(
            self.plan, step, prompt, self.desk.chain(step, self.plan.brief),
            findings=self.subjects.parts(self.plan, step, given) if prompt.sees_findings else (),
            passages=self.passages(step), context=self.background, upstream=tuple(shown),
            slots=self.slots(step, None).now, notes=notes_of(self.plan, step, self.history), attempt=retried.id if retried else "",
        )  # fmt: skip

    def text_of(self, step: str) -> str | None:
        """Return what other steps are given of a step: its working copy, or what was chosen of it.

        For a missing copy stands the text that a build restores first; None if there is none.
        """
        planned = self.plan.step(step)
        if planned is not None and text_step(planned) != step:
            return self.text_of(text_step(planned))
        text = self.read_copy(step)
        text = self.last_text(step) if text is None else text
        return (
            None if text is None or planned is None else drafts.without_callouts(flowing(planned, text, self.history))
        )

    def slots(self, step: Step, made: Event | None) -> Slots:
        """Return the slots of a step, and `made`, the text last made of it or of one that it reads."""
        words = ((name, steps.words_of(self.text_of(name) or "")) for name in step.slots)
        return Slots(now=tuple(words), history=self.history, made=made)

    def made(self, step: str, recipe: str = "") -> Event | None:
        """Return the text that the AI wrote last: the ancestor.

        Where clones made it apart there are several: the one with this recipe, else the one the working copy is made of.
        """
        apart = self.history.newest("made", step=step)
        if len(apart) < 2:
            return apart[0] if apart else None
        own = _blocks(self.read_copy(step) or "")
        return max(reversed(apart), key=lambda each: (each.recipe == recipe, len(own & _blocks(each.text or ""))))

    def decide(self, step: Step, request: Request) -> runner.Decision:
        """Return what a build does with the step, and why."""
        return runner.decide(
            request,
            made=self.made(step.id, request.recipe),
            retried=self.history.latest("retried", step=step.id),
            present=self.copy_path(step.id).exists(),
            upgrade=self.desk.upgrade,
            settled=is_settled(self.plan, step, self.history),
        )

    def turn(self, step: Step) -> Turn | None:
        """Return whose turn the step is, None if no person is waited for."""
        return turn_of(self.plan, step, self.history, self.read_copy(text_step(step))) if kind_of(step) else None

    async def __call__(self, step: Step) -> Result:
        """Make one step whose needs are met. Errors of our tree become a `failed` result."""
        try:
            return await self.make(step)
        except CopydeskError as error:
            found = (f"{each.path}:{each.line}: {each.message}. {each.fix}" for each in getattr(error, "findings", ()))
            address = f"{self.plan.brief.name}/{step.id}"
            arrived = f" What arrived of it: copydesk show {address}" if getattr(error, "text", "") else ""
            why = tuple(found) or (f"{error}{arrived}",)
            outcome, cause = cause_of(error)
            usd = self.cost(step)
            return Result(brief=self.plan.brief.name, step=step.id, outcome=outcome, why=why, cause=cause, usd=usd)

    def cost(self, step: Step) -> Decimal:
        """Take the dollars that this build spent on the step: told once, and then forgotten."""
        return self.desk.caller.costs.pop((self.plan.brief.name, step.id), Decimal(0))

    async def make(self, step: Step) -> Result:
        """Make one step: up to date, from history, from memory, or by asking; then a person's turn, if it is one."""
        result = Result(brief=self.plan.brief.name, step=step.id, outcome="reused")
        if not by_person(step):
            result = await self._make_text(step)
        elif text_step(step) == step.id and self.read_copy(step.id) is None and self.last_text(step.id) is not None:
            result = self._restore(step, ("its working copy is missing",))
        elif self.read_copy(step.id) is None and kind_of(step) == "write":
            self.land(step, Merged(text=template_for(self.plan, step)), base=None)
        turn = self.turn(step) if result.outcome in runner.GOES_ON else None
        if turn is not None:
            return replace(result, outcome="waiting", why=(turn.wish,), command=turn.command)
        return result

    async def _make_text(self, step: Step) -> Result:
        name = self.plan.brief.name
        request = self.compose(step)
        decision = self.decide(step, request)
        copy = self.read_copy(step.id)
        made = self.made(step.id, request.recipe)
        notes = tuple(f"{name}/{step.id}: {why}" for why in decision.reasons if decision.action in ("keep", "hold"))
        if not decision.asks:
            if decision.action == "restore":
                return self._restore(step, decision.reasons)
            return Result(brief=name, step=step.id, outcome="reused", notes=(*(made.notes if made else ()), *notes))
        known = self.history.made_with(step.id, request.recipe)
        if known is not None and known.text is not None:
            event = Event(
                verb="made", brief=name, step=step.id, provider=known.provider, model=known.model, key=known.key
            )
            return self.finish(step, request, event, Merged(text=known.text), decision)
        return await self._ask(step, request, decision, copy)

    def last_text(self, step: str) -> str | None:
        """Return the newest text that history holds of a step: a model's, one brought home, or one approved."""
        planned = self.plan.step(step)
        verbs = {"made", "wrote", "approved"} | ({"chose"} if planned is not None and by_person(planned) else set())
        texts = [
            event
            for event in self.history.events
            if event.step == step and event.text is not None and event.verb in verbs
        ]
        if not texts or texts[-1].verb != "approved":
            return texts[-1].text if texts else None
        cited = next((each.text or "" for each in reversed(texts) if each.verb != "approved"), "")
        return approved_copy(texts[-1], cited)

    def _restore(self, step: Step, why: tuple[str, ...]) -> Result:
        landing = self.land(step, Merged(text=self.last_text(step.id) or ""), base=None)
        return Result(brief=self.plan.brief.name, step=step.id, outcome="made", why=why, notes=landing.notes)

    async def _ask(self, step: Step, request: Request, decision: runner.Decision, copy: str | None) -> Result:
        name = self.plan.brief.name
        slots, about = self.aims(step, request)
        kept = self.desk.memory.recall_recipe(request)
        asked = kept is None
        if kept is None:
            request = self.asked(step, request, decision, copy)
            kept = await self.desk.caller.ask(request, ahead=self.plan.ahead(step.id)), request.given
        reply, given = kept
        if reply.ending == "misshapen" and not reply.repair:
            repaired = await self.desk.caller.ask(steps.repair_of(request, reply), of=reply)
            reply, asked = replace(repaired, notes=(*reply.notes, *repaired.notes)), True
        passages = self.passages(step)
        text, problem = said_of(reply, request)
        if not problem:
            text = steps.finish(text, passages, tuple(dict(slots.now).values()))
            text = text if given is None or not about else drafts.limit(given, text, about)
            problem = slots.problem(text, given)
        if problem:
            why = self.failure(step, reply, problem)
            return Result(brief=name, step=step.id, outcome="failed", why=(why,), usd=self.cost(step), asked=asked)
        theirs = slots.carry(text, given)
        unknown = steps.unknown_citations(text, passages)
        cited = (f"{name}/{step.id} cites what no source is called: {', '.join(unknown)}",) if unknown else ()
        event = Event(
            verb="made", brief=name, step=step.id, provider=reply.provider, model=f"{reply.provider}/{reply.model}",
            key=reply.key, usd=str(reply.usd) if reply.usd else "", notes=(*reply.notes, *cited),
        )  # fmt: skip
        finish = functools.partial(self.finish, usd=self.cost(step), asked=asked, later=True)
        return await self.desk.write(functools.partial(finish, step, request, event, theirs, decision))

    def failure(self, step: Step, reply: Reply, problem: str) -> str:
        """Say that no draft came of a reply, where it can be read, and what to do."""
        address = f"{self.plan.brief.name}/{step.id}"
        kept = f"the reply is kept: copydesk show {address}"
        return f"{reply.provider}/{reply.model} {problem} ({kept}); {advice(reply)}copydesk retry {address}"

    def failed(self, step: Step, request: Request) -> str:
        """Return why a build would not make the step: the reply that is kept is no draft. "" if it would."""
        known = self.history.made_with(step.id, request.recipe)
        kept = self.desk.memory.recall_recipe(request) if known is None or known.text is None else None
        if kept is None or (kept[0].ending == "misshapen" and not kept[0].repair):
            return ""
        _, problem = said_of(kept[0], request)
        return self.failure(step, kept[0], problem) if problem else ""

    def aims(self, step: Step, request: Request) -> tuple[Slots, tuple[str, ...]]:
        """Return what is placed in the step's text, as the request tells it, and the blocks that notes are about."""
        told = {part.name: part.text for part in request.parts if part.kind == "slot"}
        now = tuple((slot, told.get(slot, "")) for slot in step.slots)
        slots = Slots(now=now, history=self.history, made=self.made(step.id, request.recipe))
        return slots, blocks_noted(self.plan, step, self.history, request, self.made(step.id))

    def asked(self, step: Step, request: Request, decision: runner.Decision, copy: str | None) -> Request:
        """Return a request as it is sent: an update with the working copy, unless the one who is asked cannot use it."""
        unaware = bool(request.output) or all(model.provider == "offline" for model in request.chain)
        if decision.action != "update" or copy is None or unaware:
            return request
        slots, about = self.aims(step, request)
        return self.helped(request, decision, slots, copy, about)

    def helped(
        self, request: Request, decision: runner.Decision, slots: Slots, copy: str, about: tuple[str, ...]
    ) -> Request:
        """Return the request of an update, with the working copy and what in it is a person's."""
        shown = slots.mark(drafts.without_callouts(copy))
        human = tuple(
            each
            for each in drafts.human_pieces(slots.ancestor, shown)
            if not any(each.strip() in block for block in about)  # what a note is about may be changed
        )
        settled = slots.settled(shown)
        help_ = steps.help_for(
            request, given=shown, changed=decision.reasons, human=human, settled=settled, about=about
        )
        return replace(request, help=help_)

    def land(self, step: Step, theirs: Merged, *, base: str | None) -> Landing:
        """Put the AI's new text into the working copy, every word of a person kept."""
        with store.brief_lock(self.root, self.plan.brief.name):
            path = self.copy_path(step.id)
            landing = drafts.land(path, base=base, theirs=theirs.text, carried=theirs.suggestions)
        self.copies[step.id] = digest_text(landing.text)
        return landing

    def finish(
        self, step: Step, request: Request, event: Event, theirs: Merged, decision: runner.Decision,
        *, usd: Decimal = Decimal(0), asked: bool = False, later: bool = False,
    ) -> Result:  # fmt: skip
        """Land a text and record that it was made: first the working copy, then the event."""
        made = self.made(step.id, request.recipe)
        with store.brief_lock(self.root, self.plan.brief.name):
            landing = self.land(step, theirs, base=made.text if made else None)
            parts = tuple((part.label, part.digest) for part in request.parts)
            event = replace(
                event, path=self.plan.copy_path(step.id), recipe=request.recipe, parts=parts, attempt=request.attempt,
                mode=decision.action, suggestions=landing.suggestions, text=theirs.text,
            )  # fmt: skip
            self.record(event, later=later)
        return Result(
            brief=self.plan.brief.name, step=step.id, outcome="made", why=decision.reasons,
            notes=(*event.notes, *landing.notes), suggestions=len(landing.suggestions), usd=usd, asked=asked,
        )  # fmt: skip

    def record(self, event: Event, *, later: bool = False) -> None:
        """Record an event, and know it and whatever else was recorded meanwhile; `later`: memory notes it at its next commit."""
        memory = self.desk.memory.later if later else self.desk.memory
        recorded = store.record_event(self.root, event, memory=memory, seen=self.history)
        self.known += 1
        if recorded.after == self.history.heads:
            self.history = replace(self.history, events=(*self.history.events, recorded))
        else:
            self.history = store.read_history(self.root, self.plan.brief.name)


def _blocks(text: str) -> frozenset[str]:
    return frozenset(block.strip() for block in drafts.split(text))
