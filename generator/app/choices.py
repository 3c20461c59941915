"""Choices: the options a person is offered, and the answer, which holds the chosen words themselves.

Promises: what was chosen is recorded byte for byte; choosing the same again changes nothing; words that a person changed
in a chosen text are never written over. Cut short anywhere, the same call ends as if it had not been. Will not do: prefer
an option, or make a text: the next build does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from generator import disk, drafts, store
from generator.app.addresses import find
from generator.app.answers import Choice
from generator.app.decisions import named
from generator.app.desks import open_desk
from generator.app.landings import Bench
from generator.app.turns import by_person, choice_of, kind_of, options_step
from generator.digest import digest_text
from generator.errors import RefusedError, UsageError
from generator.model import Event, Option, Step


@dataclass(frozen=True, kw_only=True)
class _Offer:
    """What is chosen from: the step, where the options lie, their text, the options, and how many are wanted."""

    bench: Bench
    step: Step
    source: str
    text: str
    options: tuple[Option, ...]
    least: int
    most: int

    @property
    def address(self) -> str:
        """The step's address."""
        return f"{self.bench.plan.brief.name}/{self.step.id}"

    @property
    def wanted(self) -> str:
        """How many are chosen, in words."""
        return str(self.least) if self.least == self.most else f"{self.least} to {self.most}"


def options(root: Path, address: str) -> Choice:
    """Return what there is to choose from at a step, and what was chosen; UsageError if it is no choice."""
    desk = open_desk(root)
    with desk.memory:
        found, plan = find(root, desk.library, address)
        offer = _offer(Bench(desk=desk, plan=plan), found.step, address)
        chose = choice_of(offer.bench.history, offer.step.id)
    return Choice(
        address=offer.address, path=offer.source, options=offer.options, least=offer.least, most=offer.most,
        picked=chose.picked if chose else (), by=chose.by if chose else "",
    )  # fmt: skip


def _choosing(bench: Bench, step_id: str, address: str) -> Step:
    """Return the step of that id, which is a choice; UsageError if it is none."""
    step = bench.plan.step(step_id)
    if step is not None and kind_of(step) == "choose":
        return step
    known = [f"{bench.plan.brief.name}/{each.id}" for each in bench.plan.steps if kind_of(each) == "choose"]
    mend = f"Choices here: {', '.join(known)}" if known else f"by-hand: {{{step_id or 'STEP'}: choose}} makes it one."
    raise UsageError("there is nothing to choose", where=address, mend=mend)


def _offer(bench: Bench, step_id: str, address: str) -> _Offer:
    step = _choosing(bench, step_id, address)
    origin = options_step(step)
    source, text = bench.plan.copy_path(origin), bench.read_copy(origin)
    if text is None:
        raise RefusedError("there are no options yet", where=source, mend=f"copydesk build {bench.plan.brief.name}")
    settings = dict(step.with_)
    least = int(settings.get("min", "1"))
    offered = drafts.parse_options(text)
    if len(offered) < least:
        mend = "Write each under a heading of its own (`## …`), or as an item of one list."
        raise RefusedError(f"the text offers {len(offered) or 'no'} options", where=source, mend=mend)
    most = min(int(settings.get("max", str(least))), len(offered))
    return _Offer(bench=bench, step=step, source=source, text=text, options=offered, least=least, most=most)


def words_chosen(root: Path, address: str, numbers: Sequence[int]) -> str:
    """Return the words that a choice of these numbers would record, for an editor to open. Errors as for `choose`."""
    desk = open_desk(root)
    with desk.memory:
        found, plan = find(root, desk.library, address)
        return _words(_offer(Bench(desk=desk, plan=plan), found.step, address), numbers)


def _words(offer: _Offer, numbers: Sequence[int]) -> str:
    listed = "".join(f"\n  {n}  {each.name}" for n, each in enumerate(offer.options, 1))
    if not offer.least <= len(numbers) <= offer.most or len(set(numbers)) < len(numbers):
        raise UsageError(
            f"choose {offer.wanted} of these:{listed}", where=offer.source, mend=f"copydesk choose {offer.address} 1"
        )
    for number in numbers:
        if not 1 <= number <= len(offer.options):
            what = f"there is no option {number}; there are:{listed}"
            raise UsageError(what, where=offer.source, mend=f"copydesk choose {offer.address} 1")
    return drafts.join_options(tuple(offer.options[number - 1] for number in numbers))


def choose(root: Path, address: str, numbers: Sequence[int], *, by: str, words: str | None = None) -> Event:
    """Choose options by their numbers, in the order wanted, in the name of `by`; `words` stand in place of theirs.

    The answer of a `human/choose` step becomes its working copy: first the copy, then the event. UsageError if the
    numbers are not what is wanted, RefusedError if there are no options, or a person changed the words chosen before.
    """
    by = named(by)
    desk = open_desk(root)
    with desk.memory:
        found, plan = find(root, desk.library, address)
        bench = Bench(desk=desk, plan=plan)
        bench.sweep()  # a call that was cut short may have left a copy aside
        with store.brief_lock(root, plan.brief.name):
            bench.read_history()
            offer = _offer(bench, found.step, address)
            text = _words(offer, numbers)
            text = text if words is None else words
            if not disk.is_text(text):
                raise UsageError("the words hold half a character", where=address, mend="Write them again without it.")
            if not text.strip():
                raise UsageError("nothing is left of what was chosen", where=address, mend="Leave some words of it.")
            if by_person(offer.step):
                _put(offer, text)
            event = Event(
                verb="chose", brief=plan.brief.name, step=offer.step.id, by=by, draft=digest_text(offer.text), text=text,
                path=plan.copy_path(offer.step.id) if by_person(offer.step) else offer.source,
                options=tuple(each.name for each in offer.options), picked=tuple(str(number) for number in numbers),
            )  # fmt: skip
            standing = choice_of(offer.bench.history, offer.step.id)
            same = standing is not None and (standing.draft, standing.picked, standing.text, standing.by) == (
                event.draft, event.picked, event.text, event.by,
            )  # fmt: skip
            return standing if standing and same else store.record_event(root, event, memory=desk.memory)


def _put(offer: _Offer, text: str) -> None:
    """Make chosen words the working copy; refuse if one is there that no choice wrote."""
    bench, step = offer.bench, offer.step
    copy, path = bench.read_copy(step.id), bench.copy_path(step.id)
    earlier = [event.text for event in bench.history.events if event.verb == "chose" and event.step == step.id]
    if copy is not None and copy != text and copy.strip() and copy not in earlier:
        mend = f"To keep them: copydesk approve {offer.address}. To choose anew, delete the file first: history has it not."
        raise RefusedError("a person wrote or changed these words", where=bench.plan.copy_path(step.id), mend=mend)
    drafts.land(path, base=copy, theirs=text)


def choose_again(root: Path, address: str, *, by: str, note: str = "") -> Event:
    """Take a choice back and ask for new options, with a note if there is one; the next build makes them."""
    by = named(by)
    desk = open_desk(root)
    with desk.memory:
        found, plan = find(root, desk.library, address)
        with store.brief_lock(root, plan.brief.name):
            bench = Bench(desk=desk, plan=plan)
            step = _choosing(bench, found.step, address)
            name, chose = plan.brief.name, choice_of(bench.history, step.id)
            event = None
            if chose is not None:
                back = Event(verb="withdrew", brief=name, step=step.id, target=chose.id, by=by)
                event = store.record_event(root, back, memory=desk.memory)
            origin = plan.step(options_step(step))
            if origin is not None and not by_person(origin):
                again = Event(verb="retried", brief=name, step=origin.id, note=note, by=by)
                event = store.record_event(root, again, memory=desk.memory)
            if event is None:
                mend = f"Edit {plan.copy_path(options_step(step))}, then: copydesk choose {name}/{step.id}"
                raise UsageError("a person writes these options, and nothing was chosen yet", where=address, mend=mend)
            return event
