"""A plan's step, its prompt and its inputs become a request.

Promises: the request holds what the prompt used and nothing else, each input under its label; the prompt itself, the
chain of models and the settings are parts too; nothing of the machine or the day is in it. Will not do: read files, or
shorten what does not fit.
"""

from __future__ import annotations

from generator import __version__
from generator.errors import BrokenError
from generator.model import Brief, Finding, Message, Model, Pairs, Part, Passage, Plan, Request, Step
from generator.steps.files import Prompt
from generator.steps.filling import Filled, TemplateProblemError, Thing, Things, Uses, missing
from generator.steps.helping import slots_message
from generator.steps.template import render

OPTIONAL_FIELDS = ("title", "audience", "goal", "keyword", "body")
"""Fields of a brief that a prompt may ask for though the brief does not give them."""


def compose(
    plan: Plan, step: Step, prompt: Prompt, chain: tuple[Model, ...],
    *, passages: tuple[Passage, ...] = (), context: tuple[Passage, ...] = (),
    upstream: tuple[tuple[Step, str], ...] = (), slots: Pairs = (), notes: tuple[Part, ...] = (),
    findings: tuple[Part, ...] = (), attempt: str = "",
) -> Request:  # fmt: skip
    """Return what the step asks. `upstream` holds the texts it needs, in the order of its needs.

    `slots` holds the words that are placed in its reply, by step; without words it is none. `notes` are parts labelled `note.ID`, `findings` parts labelled `finding.ID`. Raise BrokenError, located in the prompt, if it cannot be filled in.
    """
    uses = Uses()
    try:
        values = {
            "brief": _brief(uses, plan.brief),
            "facts": _short(uses, "facts", "fact", plan.brief.facts),
            "with": _short(uses, "with", "with", _settings(plan, step, prompt)),
            "upstream": _upstream(uses, upstream),
            "passages": _passages(uses, passages),
            "context": _context(uses, context),
            "notes": _notes(uses, notes),
            "findings": _findings(uses, findings),
        }
        messages = _messages(prompt, values, uses)
    except TemplateProblemError as problem:
        raise _broken(problem, prompt, f"{plan.brief.name}/{step.id}") from problem
    config = tuple({**dict(prompt.config), **dict(plan.brief.config), **dict(step.config)}.items())
    settings = tuple(Part(label=f"setting.{name}", text=value) for name, value in config)
    placed = tuple(Part(label=f"slot.{name}", text=words) for name, words in slots if words)
    parts = (
        *uses.parts.values(),
        *placed,
        Part(label=prompt.label, text=prompt.source),
        Part(label="model.chain", text=", ".join(model.place for model in chain)),
        *((Part(label="check.version", text=__version__),) if prompt.sees_findings else ()),
        *settings,
        *((Part(label="attempt.id", text=attempt),) if attempt else ()),
    )
    return Request(
        brief=plan.brief.name, step=step.id, uses=step.uses, chain=chain,
        messages=(*messages, *slots_message(placed)), parts=parts,
        output=prompt.output, config=config, attempt=attempt,
    )  # fmt: skip


def _messages(prompt: Prompt, values: dict[str, Things], uses: Uses) -> tuple[Message, ...]:
    said = ((section.role, render(section, values, uses)) for section in prompt.sections)
    messages = tuple(Message(role=role, text=text) for role, text in said if text)
    if not any(message.role == "user" for message in messages):
        message = "the prompt says nothing with these inputs"
        raise TemplateProblemError(message, "Let it always ask something.", code="P004")
    return messages


def _broken(problem: TemplateProblemError, prompt: Prompt, address: str) -> BrokenError:
    line = problem.line or 1
    message = f"{problem.message} (for {address})"
    finding = Finding(
        code=problem.code, level="error", message=message, fix=problem.mend, path=prompt.path, line=line, column=1
    )
    return BrokenError(message, where=f"{prompt.path}:{line}", mend=problem.mend, findings=(finding,))


def _settings(plan: Plan, step: Step, prompt: Prompt) -> Pairs:
    """Return what `with` holds: the step's own, its place in the matrix, then what the prompt's inputs fall back on.

    A step that delivers posts has `network` and `count` of what it delivers, unless the step or the brief says otherwise.
    """
    settings = {**_posts(plan, step), **dict(step.point), **dict(step.with_)}
    for wanted in prompt.inputs:
        if wanted.name in settings:
            continue
        given = dict(plan.brief.fields).get(wanted.name, wanted.default)
        if given is None:
            problem = missing(
                f"the prompt wants `{wanted.name}`, which the step does not give", wanted.name, tuple(settings)
            )
            near = f"{problem.mend} " if settings and problem.mend.startswith("Did") else ""
            raise TemplateProblemError(
                problem.message, f"{near}Write `with: {{{wanted.name}: …}}` in the step.", code="P007"
            )
        settings[wanted.name] = given
    return tuple(settings.items())


def _posts(plan: Plan, step: Step) -> dict[str, str]:
    delivered = plan.deliverable(step.id)
    if delivered is None or delivered.kind != "posts":
        return {}
    known = {"network": delivered.network, "count": str(delivered.count)}
    return {name: plan.brief.field(name) or text for name, text in known.items()}


def _brief(uses: Uses, brief: Brief) -> Things:
    def thing(name: str, text: str, head: str = "") -> Thing:
        return Thing(uses, f"brief.{name}", text, {}, Filled(text, head))

    things = {name: thing(name, text) for name, text in (("name", brief.name), *brief.fields)}
    things["body"] = thing("body", brief.body, "brief body")
    return Things("brief", things, optional=OPTIONAL_FIELDS, one_fence=True)


def _short(uses: Uses, kind: str, label: str, pairs: Pairs) -> Things:
    things = {
        name: Thing(uses, f"{label}.{name}", text, {"name": Filled(name), "value": Filled(text)}, Filled(text))
        for name, text in pairs
    }
    return Things(kind, things, one_fence=True)


def _upstream(uses: Uses, upstream: tuple[tuple[Step, str], ...]) -> Things:
    things = {}
    for step, text in upstream:
        shown = Filled(text, f"upstream {step.id}")
        attributes = {"id": Filled(step.id), "uses": Filled(step.uses), "text": shown}
        things[step.id] = Thing(uses, f"upstream.{step.id}", text, attributes, shown)
    return Things("upstream", things)


def _passages(uses: Uses, passages: tuple[Passage, ...]) -> Things:
    things = {}
    for passage in passages:
        text = f"# {passage.heading}\n\n{passage.text}" if passage.heading else passage.text
        shown = Filled(text, f"passage {passage.id}")
        attributes = {
            "id": Filled(passage.id), "path": Filled(passage.path), "heading": Filled(passage.heading), "text": shown,
        }  # fmt: skip
        things[passage.id] = Thing(uses, f"passage.{passage.id}", text, attributes, shown)
    return Things("passages", things)


def _context(uses: Uses, context: tuple[Passage, ...]) -> Things:
    things = {}
    for file in context:
        shown = Filled(file.text, f"context {file.path}")
        things[file.path] = Thing(
            uses, f"context.{file.path}", file.text, {"path": Filled(file.path), "text": shown}, shown
        )
    return Things("context", things)


def _notes(uses: Uses, notes: tuple[Part, ...]) -> Things:
    things = {}
    for note in notes:
        shown = Filled(note.text, f"note {note.name}")
        things[note.name] = Thing(uses, note.label, note.text, {"id": Filled(note.name), "text": shown}, shown)
    return Things("notes", things)


def _findings(uses: Uses, findings: tuple[Part, ...]) -> Things:
    """Return the findings, each on one line. Two of one name are told apart by a number, so that neither is lost."""
    things: dict[str, Thing] = {}
    for number, finding in enumerate(findings):
        same = sum(each.name == finding.name for each in findings[:number])
        name = f"{finding.name}-{same + 1}" if same else finding.name
        shown = Filled(finding.text)
        things[name] = Thing(uses, f"finding.{name}", finding.text, {"id": Filled(name), "text": shown}, shown)
    return Things("findings", things, one_fence=True)
