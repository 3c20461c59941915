"""Addresses: one form everywhere. BRIEF, BRIEF/STEP, or a page's path.

Promises: a name that means nothing is met with the nearest that does. Will not do: read drafts or history.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from generator import briefs, drafts
from generator.errors import BrokenError, CopydeskError, UsageError
from generator.model import Deliverable, Finding, Plan


@dataclass(frozen=True, kw_only=True)
class Address:
    """What an address names: a brief, and perhaps a step of it and the deliverable that is the step's text."""

    brief: str
    step: str = ""
    path: str = ""


def is_path(address: str) -> bool:
    """Whether the address is the path of a page or working copy, and no brief or step of the same name is meant."""
    return address.removeprefix("./").startswith(("docs/", "outbox/", "drafts/"))


def parse_address(address: str) -> str:
    """Return an address in its plain form: without `./`, `docs/` and `.md`."""
    plain = address.removeprefix("./").removesuffix(".md")
    return plain.removeprefix("docs/").removeprefix("content_briefs/")


def read_plan(root: Path, name: str, library: briefs.Library) -> Plan:
    """Read a brief and return its plan; BrokenError with every finding, git's conflict markers among them."""
    brief = briefs.read(root, name, library)
    line = drafts.conflict_line(brief.body)
    if line:
        fix = "Keep the words you want, and remove the marker lines."
        place = Finding(
            code="D001", level="error", message="git left a conflict here", fix=fix, path=brief.path,
            line=brief.body_line + line - 1, column=1,
        )  # fmt: skip
        raise BrokenError("git left a conflict in the brief", where=brief.path, mend=fix, findings=(place,))
    return briefs.plan_for(brief)


def findings_of(error: CopydeskError, path: str) -> tuple[Finding, ...]:
    """Return an error as findings: its own, or one that says what it says."""
    own = getattr(error, "findings", ())
    return own or (Finding(code="D000", level="error", message=error.what, fix=error.mend, path=error.where or path),)


def closure(plan: Plan, targets: frozenset[str]) -> Plan:
    """Return the plan with only `targets` and what they need; all of it if there are none."""
    if not targets:
        return plan
    wanted = set(targets)
    for step in reversed(plan.steps):
        if step.id in wanted:
            wanted.update(step.needs)
    return replace(plan, steps=tuple(step for step in plan.steps if step.id in wanted))


def nearest(word: str, words: Sequence[str], *, mend: str = "") -> str:
    """Return a sentence that names the word most like `word`, or `mend`."""
    close = difflib.get_close_matches(word, words, n=1)
    return f"Did you mean {close[0]}?" if close else mend


def delivered(plan: Plan, plain: str) -> Deliverable | None:
    """Return the deliverable that a plain address names: its page name, its path, or its working copy."""
    for each in plan.brief.deliverables:
        path = each.path_in(plan.brief.name)
        names = {each.name if each.kind == "page" else path, path.removesuffix(".md"), path}
        names |= {plan.copy_path(each.step), plan.copy_path(each.step).removesuffix(".md")}
        if plain in names:
            return each
    return None


def find(root: Path, library: briefs.Library, address: str) -> tuple[Address, Plan]:
    """Return what `address` names, with its brief's plan; UsageError if nothing, BrokenError if the brief is broken."""
    names = briefs.brief_names(root)
    plain = parse_address(address)
    brief, _, rest = plain.partition("/")
    if brief in names and not is_path(address):
        plan = read_plan(root, brief, library)
        if not rest:
            return Address(brief=brief), plan
        if plan.step(rest) is not None:
            return address_of(plan, rest), plan
    known = [*names]
    for name in names:
        try:
            plan = read_plan(root, name, library)
        except BrokenError:
            continue
        known += [
            *(each.path_in(name) for each in plan.brief.deliverables),
            *(f"{name}/{step.id}" for step in plan.steps),
        ]
        found = delivered(plan, plain)
        if found is not None:
            return address_of(plan, found.step), plan
    known += [each.removeprefix("docs/").removesuffix(".md") for each in known if each.startswith("docs/")]
    mend = nearest(plain, known, mend="See what there is: copydesk status")
    raise UsageError(f"nothing here is called {address!r}", mend=mend)


def address_of(plan: Plan, step: str) -> Address:
    """Return the address of a step of a plan, with the path its text is delivered to."""
    each = plan.deliverable(step)
    return Address(brief=plan.brief.name, step=step, path=each.path_in(plan.brief.name) if each else "")


def resolve(
    root: Path, library: briefs.Library, names: Collection[str], addresses: Sequence[str]
) -> dict[str, frozenset[str]]:
    """Return the briefs that `addresses` name, each with the steps asked for; no steps means all."""
    chosen: dict[str, frozenset[str]] = {}
    for address in addresses:
        if parse_address(address) in names and not is_path(address):
            chosen[parse_address(address)] = frozenset()
            continue
        found, _ = find(root, library, address)
        if chosen.get(found.brief) != frozenset():
            chosen[found.brief] = chosen.get(found.brief, frozenset()) | {found.step}
    return chosen
