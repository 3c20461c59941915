"""What people say: a brief, its steps and deliverables, the config. Mappings are tuples of pairs, in the order typed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Literal

Pairs = tuple[tuple[str, str], ...]
DeliverableKind = Literal["page", "email", "posts"]
Check = Literal["structure", "links", "wishes", "lengths", "terms", "evidence"]


@dataclass(frozen=True, kw_only=True)
class Model:
    """Who answers: a name in `models:`, its provider, and the vendor's name for it. Prices: dollars a million tokens."""

    name: str
    provider: str
    model: str
    base_url: str = ""
    api: str = ""
    key_env: str = ""
    price: tuple[tuple[str, Decimal], ...] = ()

    @property
    def label(self) -> str:
        """`provider/model`, as people and history read it."""
        return f"{self.provider}/{self.model}"

    @property
    def place(self) -> str:
        """The label, and where it is asked if that is not at its vendor's."""
        return f"{self.label} at {self.base_url}" if self.base_url else self.label


@dataclass(frozen=True, kw_only=True)
class Config:
    """`copydesk.yml`. `roles` gives each role its fallback chain of names in `models`; money in dollars.

    `people` gives each name the roles that it decides for, `checklist` what a reviewer says they checked.
    """

    models: tuple[Model, ...] = ()
    roles: tuple[tuple[str, tuple[str, ...]], ...] = ()
    limits: tuple[tuple[str, Pairs], ...] = ()
    budget_run: Decimal | None = None
    budget_day: Decimal | None = None
    people: tuple[tuple[str, tuple[str, ...]], ...] = ()
    checklist: tuple[str, ...] = ("accuracy", "plausibility", "sources")
    renderer: Literal["mkdocs", "none"] = "mkdocs"
    pages_dir: str = "pages"

    def roles_of(self, person: str, needed: tuple[str, ...]) -> tuple[str, ...]:
        """Return those of the `needed` roles that a person decides for; a name stands for itself."""
        own = {person, *dict(self.people).get(person, ())}
        return tuple(role for role in needed if role in own)

    def holders(self, role: str) -> tuple[str, ...]:
        """Return the people who decide for a role."""
        names = dict(self.people)
        return (role,) if role in names else tuple(name for name, roles in names.items() if role in roles)


@dataclass(frozen=True, kw_only=True)
class Deliverable:
    """Something a brief delivers. `name` as typed (`news/tally-3`); `step` is the step whose text it is."""

    kind: DeliverableKind
    name: str
    step: str
    count: int = 0

    @property
    def draft_name(self) -> str:
        """The file name of its working copy in `drafts/BRIEF/`."""
        last = self.name.rpartition("/")[2]
        return f"{last}.md" if self.kind == "page" else f"{last}.{self.kind}.md"

    @property
    def network(self) -> str:
        """Where posts go: their name up to the first hyphen, so that `linkedin-launch` goes to linkedin."""
        return self.name.partition("-")[0].lower()

    def path_in(self, brief: str) -> str:
        """Where it lies once approved, relative to the workspace; pages in `docs/`, the others in `outbox/`."""
        return f"docs/{self.name}.md" if self.kind == "page" else f"outbox/{brief}/{self.draft_name}"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step. In a brief it is as declared, with its `matrix`; in a plan it is an instance, `matrix` empty.

    `id` is `draft`, or for an instance `draft.cmo`; `base` is `draft` in both. `point` holds an instance's matrix values.
    `uses` names a prompt, or one of `human/choose`, `human/write`, `human/approve`. In a plan `needs` names instances.
    `by_hand` is what a person does with the step (`choose`, `write`, `approve`), "" if a model makes it alone. `slots` are
    those of its needs whose texts are placed in its own, byte for byte. `config` holds settings that win over its prompt's.
    """

    id: str
    base: str
    uses: str
    needs: tuple[str, ...] = ()
    model: str = ""
    with_: Pairs = ()
    matrix: tuple[tuple[str, tuple[str, ...]], ...] = ()
    point: Pairs = ()
    gather: bool = False
    by_hand: str = ""
    slots: tuple[str, ...] = ()
    config: Pairs = ()


@dataclass(frozen=True, kw_only=True)
class Brief:
    """What is wanted. `fields` are the texts a prompt may use, as typed; `groups` the sources an instance sees, by point.

    `roles` and `config` are this brief's own, and win over those of copydesk.yml and of prompts.
    """

    name: str
    path: str
    workflow: str
    fields: Pairs
    body: str
    body_line: int = 1
    owner: str = ""
    approved_by: tuple[str, ...] = ()
    facts: Pairs = ()
    sources: tuple[str, ...] = ()
    groups: tuple[tuple[tuple[str, str], tuple[str, ...]], ...] = ()
    context: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    deliverables: tuple[Deliverable, ...] = ()
    checks: tuple[str, ...] = ()
    max_cost: Decimal | None = None
    roles: tuple[tuple[str, tuple[str, ...]], ...] = ()
    config: Pairs = ()
    publish_on: date | None = None

    def field(self, name: str) -> str:
        """Return a field's text, "" if the brief does not give it."""
        return dict(self.fields).get(name, "")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A brief and its steps, each after all that it needs. `notes` are told with every build (no sources, say)."""

    brief: Brief
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()

    def step(self, step_id: str) -> Step | None:
        """Return the step of that id."""
        return next((step for step in self.steps if step.id == step_id), None)

    def ahead(self, step_id: str) -> int:
        """Return how many steps wait for a step, one behind the other."""
        return self._ahead.get(step_id, 0)

    @cached_property
    def _ahead(self) -> dict[str, int]:
        """Steps stand after all that they need: so from the last to the first, each need is at least one further."""
        found: dict[str, int] = {}
        for step in reversed(self.steps):
            for need in step.needs:
                found[need] = max(found.get(need, 0), found.get(step.id, 0) + 1)
        return found

    def deliverable(self, step_id: str) -> Deliverable | None:
        """Return what the step delivers, None if its text is only read by other steps."""
        return next((each for each in self.brief.deliverables if each.step == step_id), None)

    def copy_path(self, step_id: str) -> str:
        """Return where the step's working copy lies, relative to the workspace."""
        delivered = self.deliverable(step_id)
        name = delivered.draft_name if delivered else f"steps/{step_id}.md"
        return f"drafts/{self.brief.name}/{name}"
