"""What is told: what a build would do, the exact request of a step, where every page stands, what happened.

Promises: telling changes nothing; a plan says of a step what a build would do with it, computed by the same decision.
Will not do: guess; what hangs on a text that is not made yet is said to be so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from generator import briefs, disk, drafts, providers, review, store
from generator.app.addresses import closure, find, findings_of, read_plan, resolve
from generator.app.answers import Action, Forecast, Overview, PageStatus, PlannedStep, Shown, Told
from generator.app.decisions import known_bytes, still_to_approve
from generator.app.desks import open_desk
from generator.app.endings import COMMAND
from generator.app.forecasts import Expectations, Range
from generator.app.landings import Bench
from generator.app.notes import answers
from generator.app.offers import offered
from generator.app.subjects import Subjects
from generator.app.turns import by_person, is_settled, kind_of, text_step
from generator.digest import digest_text
from generator.errors import BrokenError, CopydeskError, UsageError
from generator.model import Event, Finding, History, Step

REMAKES = frozenset({"make", "update", "maybe"})
"""Actions after which a text may be another one; a text that is restored is the one it was."""


def plan(root: Path, addresses: Sequence[str] = (), *, max_cost: Decimal | None = None) -> Forecast:
    """Say what a build of `addresses`, or of everything, that may cost `max_cost` dollars would make, and why."""
    desk = open_desk(root, max_cost=max_cost)
    with desk.memory:
        names = briefs.brief_names(root)
        chosen = resolve(root, desk.library, names, addresses) if addresses else dict.fromkeys(names, frozenset[str]())
        planned: list[PlannedStep] = []
        broken: list[Finding] = []
        notes: list[str] = []
        expectations = Expectations(desk=desk)
        for name, targets in chosen.items():
            try:
                wanted = closure(read_plan(root, name, desk.library), targets)
                bench = Bench(desk=desk, plan=wanted)
                check_own_cap(bench)
                planned += foresee(bench, expectations)
                notes += [f"{name}: {note}" for note in wanted.notes]
            except BrokenError as error:
                broken += findings_of(error, f"content_briefs/{name}.md")
        now = [each for each in planned if each.action in REMAKES]
        if now:
            desk.check_caps(desk.asked())
        tight, loose = expectations.stops()
        keeps = [each for each in planned if each.action == "keep"]
        notes += [f"{each.brief}/{each.step}: {why}" for each in keeps for why in each.reasons]
    later = [each for each in planned if each.action == "blocked"]
    low, high = _sum(each.usd_low for each in now), _sum(each.usd_high for each in now)
    calls = expectations.calls.values()
    fallback = _sum(str(call.usd[1]) for call in calls)
    return Forecast(
        steps=tuple(planned), notes=tuple(notes), broken=tuple(broken), usd_low=low, usd_high=high,
        later_low=_sum(each.usd_low for each in later), later_high=_sum(each.usd_high for each in later),
        assumed=expectations.assumed, reserve=str(max((call.reserve[1] for call in calls), default=0)), tight=tight, loose=loose,
        fallback_high=fallback if Decimal(fallback) > Decimal(high) else "0",
        keyless=tuple(sorted(expectations.keyless.items())), unpriced=tuple(sorted(expectations.unpriced)),
    )  # fmt: skip


def check_own_cap(bench: Bench) -> None:
    """Let the brief's own cap hold; BrokenError if something is to be asked under it of a model without a price."""
    desk, brief = bench.desk, bench.plan.brief
    desk.max_costs[brief.name] = brief.max_cost
    if brief.max_cost is None:
        return
    chains = (desk.chain(step, brief) for step in bench.plan.steps if not by_person(step))
    models = dict.fromkeys(model for chain in chains for model in chain)
    if not all(desk.caller.price(model).known for model in models) and any(
        each.action in REMAKES for each in foresee(bench)
    ):
        desk.check_caps(models, brief.name)


def _sum(amounts: Iterable[str]) -> str:
    return str(sum((Decimal(each) for each in amounts), Decimal(0)))


def foresee(bench: Bench, expectations: Expectations | None = None) -> tuple[PlannedStep, ...]:
    """Return what a build would do with each step of a brief, as far as the texts that are there can tell, and its cost."""
    actions: dict[str, Action] = {}
    planned = []
    for step in bench.plan.steps:
        action, reasons, model = _foresee_step(bench, step, actions)
        cost = Range()
        if expectations is not None and action in (*REMAKES, "blocked") and not by_person(step):
            missing = tuple(need for need in step.needs if actions[need] in (*REMAKES, "wait", "blocked"))
            cost = expectations.foresee(bench, step, missing, action, reasons)
        # a text that a person reads or chooses from stops what needs it as soon as it is made; an update may change nothing
        actions[step.id] = "wait" if action == "make" and kind_of(step) else action
        turn = bench.turn(step) if action == "wait" else None
        mended = COMMAND.search("; ".join(reasons)) if action == "fail" else None
        command = turn.command if turn else mended[0] if mended else ""
        planned.append(
            PlannedStep(
                brief=bench.plan.brief.name, step=step.id, action=action, reasons=reasons, model=model,
                command=command, usd_low=str(cost.usd[0]), usd_high=str(cost.usd[1]),
                input_low=cost.input[0], input_high=cost.input[1], output_low=cost.output[0], output_high=cost.output[1],
            )
        )  # fmt: skip
    return tuple(planned)


def _foresee_step(bench: Bench, step: Step, actions: dict[str, Action]) -> tuple[Action, tuple[str, ...], str]:
    held = tuple(
        f"{need} {'fails' if actions[need] == 'fail' else 'waits'}"
        for need in step.needs
        if actions[need] in ("wait", "blocked", "fail")
    )
    if held:
        return "blocked", held, ""
    again = tuple(f"{need} will be made first" for need in step.needs if actions[need] in REMAKES)
    if by_person(step):
        turn = bench.turn(step)
        return ("wait", (turn.wish,), "") if turn else ("reuse", (), "")
    try:
        request = bench.compose(step)
        decision = bench.decide(step, request)
    except CopydeskError as error:
        return "fail", (str(error),), ""
    model = request.chain[0].label
    if decision.asks and (why := bench.failed(step, request)):
        return "fail", (why,), model
    if decision.asks:
        return ("make" if decision.action == "make" else "update"), (*decision.reasons, *again), model
    if again and not is_settled(bench.plan, step, bench.history):
        return "maybe", again, model
    turn = bench.turn(step)
    if turn is not None and decision.action == "reuse":
        return "wait", (turn.wish,), model
    return decision.action, decision.reasons, model


def show(root: Path, address: str) -> Shown:
    """Return the request of a step as a build would send it now, and the text that was last replied."""
    desk = open_desk(root)
    with desk.memory:
        found, wanted = find(root, desk.library, address)
        step = wanted.step(found.step)
        if step is None:
            known = ", ".join(f"{found.brief}/{each.id}" for each in wanted.steps)
            raise UsageError("show takes one step", where=address, mend=f"Name one of {known}")
        bench = Bench(desk=desk, plan=wanted)
        if by_person(step):
            raise UsageError(
                f"{address} is a person's step: nothing is asked", mend=f"Read {wanted.copy_path(text_step(step))}"
            )
        request = bench.compose(step)
        asked = bench.asked(step, request, bench.decide(step, request), bench.read_copy(step.id))
        kept = desk.memory.recall_recipe(request)
        made = bench.history.latest("made", step=step.id)
        lost = "" if kept or (made and made.recipe == request.recipe) else desk.memory.recall_lost(request)
        reply = kept[0].text if kept else lost or (made.text or "" if made else "")
        many, few = Expectations(desk=desk).bytes_of(request.chain[0])
        saying = providers.saying_of(request)
        tokens = int(2 * providers.input_bytes(asked) / (many + few))
        return Shown(
            address=f"{found.brief}/{step.id}", messages=asked.said, parts=request.parts, tokens=tokens,
            recipe=request.recipe, model=request.chain[0].label, reply=reply, usd=str(kept[0].usd) if kept else "0",
            ending=kept[0].ending if kept else "broken off" if lost else "complete", output=request.output,
            by=f"{kept[0].provider}/{kept[0].model}" if kept else made.model if made and not lost else "",
            settings=(("max-tokens", str(saying.max_tokens)), *saying.settings.items()),
        )  # fmt: skip


def status(root: Path) -> Overview:
    """Return where every deliverable stands, and the orphans: what is there and no brief asks for."""
    desk = open_desk(root)
    pages: list[PageStatus] = []
    broken: list[Finding] = []
    orphans: list[str] = []
    names = briefs.brief_names(root)
    seen = store.read_look(root)
    failures = json.loads(seen.total)["failures"] if seen else []
    failed = frozenset(address for address, _ in failures)
    subjects = Subjects(root=root, library=desk.library)
    with desk.memory:
        for name in names:
            try:
                bench = Bench(desk=desk, plan=read_plan(root, name, desk.library))
                pages += _pages(bench, failed, subjects)
                orphans += _orphans(bench)
            except CopydeskError as error:
                broken += findings_of(error, f"content_briefs/{name}.md")
    for name in store.history_names(root):
        if name not in names:
            orphans += _left_behind(store.read_history(root, name))
    folder = root / "drafts"
    orphans += (
        [f"drafts/{each.name}" for each in sorted(folder.glob("*/")) if each.name not in names]
        if folder.is_dir()
        else []
    )
    return Overview(pages=tuple(pages), orphans=tuple(orphans), broken=tuple(broken))


def _left_behind(history: History) -> Iterator[str]:
    """Yield what a brief that is gone left: its history, and pages that are still its own, with the way to be rid of them."""
    if history.events:
        yield f"history/{history.brief}"
    for path in sorted(review.claims(history)):
        yield f"{path} (approved, and its brief is gone: copydesk withdraw {path})"


def _pages(bench: Bench, failed: frozenset[str], subjects: Subjects) -> Iterator[PageStatus]:
    brief, history = bench.plan.brief, bench.history
    planned = {each.step: each for each in foresee(bench)}
    for each in brief.deliverables:
        path = each.path_in(brief.name)
        upstream = [step.id for step in closure(bench.plan, frozenset({each.step})).steps]
        copy = drafts.read_copy(bench.copy_path(each.step))
        digest = digest_text(copy) if copy is not None else ""
        waiting = next((planned[step] for step in upstream if planned[step].action == "wait"), None)
        findings = subjects.check(bench.plan, each.step, copy) if copy is not None else ()
        standing = review.Standing(
            brief=brief.name, path=path, drafted=copy is not None, errors=any(each.level == "error" for each in findings),
            failed=any(f"{brief.name}/{step}" in failed or planned[step].action == "fail" for step in upstream),
            waiting_for=waiting.reasons[0] if waiting else "",
            waiting_command=waiting.command if waiting else "",
            requested=review.requested(history, path, step=each.step) is not None,
            stale=any(planned[step].action in REMAKES for step in upstream),
            live=review.live(history, path, step=each.step) is not None,
            approved=review.is_approved(history, path, digest, step=each.step),
        )  # fmt: skip
        word, needs = review.status_of(standing)
        mends = (planned[step].command for step in upstream if planned[step].action == "fail")
        needs = next(filter(None, mends), needs) if word == "failed" else needs
        lying = drafts.read_copy(disk.inside(bench.root, path)) if word == "approved" else None
        if lying is not None and digest_text(lying) not in known_bytes(history, path):
            needs = f"copydesk adopt {path}"
        given = review.approvals_of(history, path, digest, step=each.step)
        missing = review.awaited(given, brief.approved_by)
        config = bench.desk.library.config
        if missing and given and needs in ("", f"copydesk approve {path}"):
            names = config.holders(missing[0])
            needs = f"copydesk approve {path} --by {names[0] if len(names) == 1 else 'NAME'}"
        yield PageStatus(
            address=each.name if each.kind == "page" else path, path=path, brief=brief.name, status=word, needs=needs,
            digest=digest[:12], suggestions=len(tuple(offered(bench, each.step))), findings=len(findings),
            awaits=tuple(still_to_approve(config, [role]) for role in missing) if copy is not None else (),
            waits=waiting.reasons[0] if word == "waiting" and waiting else "",
        )  # fmt: skip


def _orphans(bench: Bench) -> Iterator[str]:
    """Yield working copies, steps and pages that history knows and the brief no longer asks for."""
    name = bench.plan.brief.name
    asked = {bench.astray.get(step.id, bench.plan.copy_path(step.id)) for step in bench.plan.steps}
    folder = bench.root / "drafts" / name
    for path in sorted(folder.rglob("*.md")) if folder.is_dir() else ():
        place = path.relative_to(bench.root).as_posix()
        if place not in asked and not path.name.startswith("."):
            yield place
    paths = {each.path_in(name) for each in bench.plan.brief.deliverables}
    yield from sorted(review.claims(bench.history) - paths)


def history(root: Path, address: str) -> tuple[Told, ...]:
    """Tell the story of a brief, step or page in plain lines, oldest first."""
    desk = open_desk(root)
    with desk.memory:
        name = address.removesuffix(".md")
        if name in store.history_names(root) and name not in briefs.brief_names(root):
            events = store.read_history(root, name).events
            if not events:
                raise _called_now(root, name)
            return tuple(told_of(event) for event in events)
        found, _ = find(root, desk.library, address)
        story = store.read_history(root, found.brief)
    events, answered = story.events, answers(story)
    departed = {each for event in events if event.verb == "renamed" for each in event.after}
    events = tuple(
        event for event in events if event.verb != "renamed" or event.id not in departed or event.what != "brief"
    )
    if found.step:
        path = found.path or " "
        events = tuple(event for event in events if event.step == found.step or event.path == path)
    return tuple(told_of(event, answered.get(event.id, ())) for event in events)


def _called_now(root: Path, name: str) -> UsageError:
    """Return the error that says what a brief is called since its history went to another name."""
    for other in briefs.brief_names(root):
        renames = (each for each in store.read_history(root, other).events if each.verb == "renamed")
        if any(each.what == "brief" and each.old == name for each in renames):
            return UsageError(f"{name} is called {other} now", mend=f"Its story: copydesk history {other}")
    return UsageError(f"nothing has happened to {name}", mend="See what there is: copydesk status")


def told_of(event: Event, answered: tuple[str, ...] = ()) -> Told:
    """Return an event in plain words. `answered` are the notes that a text was made for, the first eight digits of their ids."""
    what = event.step if event.verb == "made" else event.path or event.step or event.brief
    count = len(event.suggestions)
    offered = f"; {count} suggestion{'s' if count > 1 else ''} came of it" if count else ""
    told = f", answering note{'s' if len(answered) > 1 else ''} {', '.join(answered)}" if answered else ""
    lines = {
        "made": f"{event.model} {'updated' if event.mode == 'update' else 'wrote'} {what}{f' for ${event.usd}' if event.usd else ''}{told}{offered}"
        + (f"; picked blind of {len(event.options)}" if event.what == "trial" else ""),
        "wrote": f"two texts of {what} were made one{offered}"
        if event.what
        else f"an edit of {what} was brought home{offered}",
        "retried": f"another text of {what} was asked for{' from nothing' if event.fresh else ''}",
        "approved": f"{what} was approved as {event.draft[:12]}"
        + (f" for {', '.join(event.roles)}" if event.roles else "")
        + (f", checked: {', '.join(event.checked)}" if event.checked else "")
        + (f", over its findings: {event.reason}" if event.reason else ""),
        "chose": f"{', '.join(event.picked)} of {len(event.options)} was chosen for {event.step}",
        "noted": f"a note was left on {what}",
        "accepted": f"a suggestion was taken over into {what}",
        "declined": f"a suggestion for {what} was declined",
        "sent-back": f"{what} was sent back",
        "withdrew": f"{event.target[:8]} was taken back" if event.target else f"{what} was withdrawn",
        "renamed": f"the {event.what} {event.old} is called {event.new}",
    }
    line = lines.get(event.verb, f"{event.verb} {what}") + (
        f": {event.note} (note {event.id[:8]})" if event.note else ""
    )
    return Told(id=event.id, at=event.at, verb=event.verb, by=event.by, line=line)


def verify(root: Path) -> tuple[Finding, ...]:
    """Re-derive every digest in memory and history; name what is missing, torn or invented."""
    return store.verify(root)
