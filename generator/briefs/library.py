"""What the briefs of a workspace have in common: `copydesk.yml`, the workflows, the names of the prompts.

Promises: everything is read once; all that is wrong is in `findings`, located; a workflow of the workspace wins over the
built-in of its name. Will not do: read prompts or briefs, or raise for what a file holds.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from pydantic_core import PydanticCustomError

from generator import disk
from generator.briefs.delivery import Delivering, Problem, make_deliverables
from generator.briefs.graph import BUILT_IN, check_steps, make_steps, merge_steps, unknown_placeholders
from generator.briefs.located import Source, make_tree, near, nearest, parse_source
from generator.briefs.schema import (
    BRIEF_KEYS,
    ConfigForm,
    InputForm,
    ModelForm,
    WorkflowForm,
    parse_count,
    parse_day,
    parse_truth,
)  # fmt: skip
from generator.errors import CopydeskError
from generator.matter import Node
from generator.model import Config, Finding, Model

FOLDER = Path(__file__).parent / "workflows"
CONFIG = "copydesk.yml"
DEFAULT = "article"
ROLES = ("researcher", "writer", "editor")
"""The roles that built-in workflows and prompts ask for."""

FILLED = ("title", "tags", "audience", "goal", "keyword", "facts", "sources", "context", "steps", "deliverables")
"""Keys of a workflow whose texts may hold placeholders."""

EXPLANATIONS = {
    "C001": "copydesk.yml cannot be read: it is not UTF-8, too large, or may not be opened.",
    "C020": "A role, or a limit, names a model that `models:` does not hold.",
    "C021": "A role names no model at all.",
    "C023": "Models are configured, and a role that built-in steps ask for is not: those steps would fail. The roles are"
    " researcher, writer and editor; a role whose name is much like one of them may be meant for it.",
    "C024": "A role falls back from a model to offline. Offline makes skeletons, which never stand for a model's text: the"
    " role would make one or the other as the network pleases. Name models only, and build with --offline to go without.",
    "C025": "`base-url` is where calls go: http or https, a host, a path. A key or a name never stands in it: name the"
    " variable that holds the key under `key-env`.",
    "C026": "The key would travel in the clear to another machine. Use https there; http is for this machine alone.",
    "C027": "`api` chooses between the two ways to ask a model of provider openai. The others have one, and would ignore it.",
    "C022": "The folder of `pages-dir` must lie below the workspace.",
    "W001": "The workflow cannot be read: it is not UTF-8, too large, may not be opened, or leads out of the workspace.",
    "W002": "A workflow is named by its file: `workflows/NAME.yml`, of a-z, 0-9 and hyphens, and `name:` says the same.",
    "W003": "An input that a workflow declares stands among a brief's keys, so it cannot have the name of one.",
    "W006": "The default of an input is not what its type takes.",
    "W005": "A workflow's own values may hold {brief}, the brief's name, and {NAME} of an input that the workflow declares."
    " This stands for nothing.",
    "W004": "The workflow declares no steps, so there is nothing that a brief of it could make.",
}


def input_problem(form: InputForm, text: str) -> str:
    """Return why a text is not what an input takes, "" if it is."""
    try:
        {"number": parse_count, "date": parse_day, "truth": parse_truth}.get(form.type, str)(text)
    except PydanticCustomError as error:
        return error.message()
    return ""


@dataclass(frozen=True, kw_only=True)
class Library:
    """What is read once: `config`, `workflows` by name, `prompts`, all `findings`; `inputs`, the paths that were read."""

    config: Config
    workflows: tuple[str, ...]
    findings: tuple[Finding, ...]
    inputs: tuple[str, ...]
    prompts: frozenset[str]
    declared: Mapping[str, Source[WorkflowForm]] = field(default_factory=dict, repr=False)
    looked: dict[str, Problem] = field(default_factory=dict, repr=False, compare=False)
    """What was found at the paths of sources and context: a library is read anew for every command."""

    @property
    def models(self) -> frozenset[str]:
        """What a step's `model` may be; empty if no model is configured, since then anything is answered offline."""
        config = self.config
        if not config.models:
            return frozenset()
        return frozenset({"offline", *dict(config.roles), *(model.name for model in config.models)})


def read_library(root: Path, *, prompts: frozenset[str]) -> Library:
    """Read config and workflows. `prompts` are the names that a step may use. Never raises for what a file holds."""
    findings: list[Finding] = []
    config = _read_config(root, findings)
    files = {built.stem: (f"{BUILT_IN}{built.name}", built) for built in sorted(FOLDER.glob("*.yml"))}
    inputs = [CONFIG, "workflows"]
    for name in _names(root / "workflows"):
        path = f"workflows/{name}"
        inputs.append(path)
        files[name.removesuffix(".yml")] = (path, root / path)
    known = Library(config=config, workflows=(), findings=(), inputs=(), prompts=prompts).models
    declared = {}
    for name, (shown, file) in files.items():
        if shown.startswith(BUILT_IN):
            source = _built_in(shown, file, prompts, known)
            source = replace(source, findings=[*source.findings])
        else:
            source = _read_workflow(root, shown)
            _check_workflow(source, name, prompts, known)
        findings += source.findings
        declared[name] = source
    return Library(
        config=config, workflows=tuple(sorted(declared)), findings=tuple(findings), inputs=tuple(inputs),
        prompts=prompts, declared=declared,
    )  # fmt: skip


def _names(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    with disk.naming(folder):
        names = sorted(path.name for path in folder.iterdir())
    return [name for name in names if name.endswith(".yml") and not name.startswith(".")]


def _read_workflow(root: Path, shown: str) -> Source[WorkflowForm]:
    try:
        text = disk.read_text(disk.inside(root, shown))
    except CopydeskError as error:
        return _unread(shown, "W", "W001", error, WorkflowForm())
    return parse_source(text, path=shown, form=WorkflowForm, letter="W")[0]


@lru_cache
def _built_in(shown: str, path: Path, prompts: frozenset[str], models: frozenset[str]) -> Source[WorkflowForm]:
    """Read and check a workflow that comes with copydesk, once a process: `watch` builds again at every save."""
    source, _ = parse_source(disk.read_text(path), path=shown, form=WorkflowForm, letter="W")
    _check_workflow(source, path.stem, prompts, models)
    return source


def _unread(path: str, letter: str, code: str, error: CopydeskError, form: WorkflowForm) -> Source[WorkflowForm]:
    node = Node(kind="empty", value="", line=1, column=1)
    source = Source(path=path, letter=letter, text="", tree=make_tree(node), form=form)
    source.say(code, (), error.what, error.mend)
    return source


def _check_workflow(source: Source[WorkflowForm], name: str, prompts: frozenset[str], models: frozenset[str]) -> None:
    form = source.form
    if not name.isascii() or not name.replace("-", "").isalnum() or name != name.lower():
        source.say("W002", (), f"a workflow cannot be called {name!r}", "Rename the file: a-z, 0-9 and hyphens.")
    elif form.name not in ("", name):
        source.say(
            "W002", ("name",), f"the file says it is `{name}`, and `name` says `{form.name}`", f"Write: name: {name}"
        )
    for given, wanted in form.inputs.items():
        problem = input_problem(wanted, wanted.default) if wanted.default is not None else ""
        if problem:
            source.say("W006", ("inputs", given, "default"), problem, f"`{given}` is a {wanted.type}.")
        if given in BRIEF_KEYS:
            source.say("W003", ("inputs", given), f"`{given}` is a key of every brief", "Call it otherwise.", key=True)
    known = {"brief", *form.inputs}
    for key in FILLED:
        for placeholder in dict.fromkeys(unknown_placeholders(getattr(form, key), known)):
            message = f"nothing stands for `{{{placeholder}}}`"
            source.say("W005", (key.replace("_", "-"),), message, near(placeholder, known))
    if not source.findings and not form.steps:
        source.say("W004", (), "the workflow declares no steps", "Add `steps:` with at least one `- id: …`.")
    merged = merge_steps(source, None)
    source.findings += check_steps(merged, prompts=prompts, models=models)
    if not source.findings:
        steps = make_steps(merged)
        values = {"brief": "brief", **dict.fromkeys(form.inputs, "input")}
        make_deliverables(Delivering(brief=source, workflow=None, steps=steps, sourced=True, values=values))


# copydesk.yml ----------------------------------------------------------------------------------------------------


def _read_config(root: Path, findings: list[Finding]) -> Config:
    path = root / CONFIG
    if not os.path.lexists(path):
        return Config()
    try:
        text = disk.read_text(disk.inside(root, CONFIG))
    except CopydeskError as error:
        findings.append(
            Finding(code="C001", level="error", message=error.what, fix=error.mend, path=CONFIG, line=1, column=1)
        )
        return Config()
    source, _ = parse_source(text, path=CONFIG, form=ConfigForm, letter="C")
    _check_config(source)
    findings += source.findings
    return _make_config(source.form)


def _check_config(source: Source[ConfigForm]) -> None:
    form = source.form
    # As written, with those in which something else is wrong: they are told of already.
    written = source.at(("models",)).pairs if source.has("models") else ()
    models = (*(name.value for name, _ in written), "offline")
    for role, chain in form.roles.items():
        if not chain:
            source.say("C021", ("roles", role), f"the role `{role}` names no model", f"Write: {role}: {models[0]}")
        for index, name in enumerate(chain):
            if name not in models:
                source.say("C020", ("roles", role, index), f"`{name}` is not a model", near(name, models))
        _check_unmixed(source, role)
    _check_roles(source, models[0])
    for name, model in form.models.items():
        _check_address(source, name, model)
        if model.api and model.provider != "openai":
            message = f"`api` is for provider openai, and `{name}` is of provider {model.provider}"
            source.say("C027", ("models", name, "api"), message, "Take `api` out.", key=True, level="warn")
    for name in form.limits:
        if name not in models:
            source.say("C020", ("limits", name), f"`{name}` is not a model", near(name, models), key=True)
    try:
        disk.check_relative(form.site.pages_dir)
    except CopydeskError as error:
        source.say("C022", ("site", "pages-dir"), error.what, error.mend)


def _check_roles(source: Source[ConfigForm], model: str) -> None:
    """Tell of the roles that built-in steps ask for and nobody plays, and of those that look like one of them."""
    form = source.form
    absent = [role for role in ROLES if form.models and role not in form.roles]
    for role in form.roles:
        meant = "" if role in ROLES else nearest(role, absent)
        if meant:
            absent.remove(meant)
            message = f"`{role}` looks like `{meant}`, which built-in steps ask for and `roles:` does not give"
            fix = f"Call it `{meant}`, or add under roles: {meant}: {model}"
            source.say("C023", ("roles", role), message, fix, key=True, level="warn")
    if absent:
        message = f"built-in steps ask for roles that `roles:` does not give: {', '.join(absent)}"
        fix = f"Add under roles: {absent[0]}: {model}"
        source.say("C023", ("roles" if form.roles else "models",), message, fix, key=True, level="warn")


def _check_address(source: Source[ConfigForm], name: str, model: ModelForm) -> None:
    """Tell of a base-url that is no address, holds a secret, or would send a key in the clear."""
    if not model.base_url:
        return
    loc, fix = ("models", name, "base-url"), 'Write it like "http://localhost:11434/v1".'
    try:
        url = urlsplit(model.base_url)
        local = url.hostname in ("localhost", "127.0.0.1", "::1")
        _ = url.port  # which is looked at when it is asked for
    except ValueError:
        source.say("C025", loc, "this is no address", fix)
        return
    if url.scheme not in ("http", "https") or not url.hostname or not model.base_url.isascii():
        source.say("C025", loc, "this is no address that can be asked", fix)
    elif url.username or url.password or url.query or url.fragment:
        source.say("C025", loc, "an address holds no name, key or question", "Name the key's variable: key-env: NAME.")
    elif url.scheme == "http" and not local and model.key_env:
        source.say("C026", loc, f"the key in {model.key_env} would be sent in the clear", "Use https.", level="warn")


def _check_unmixed(source: Source[ConfigForm], role: str) -> None:
    """Tell where a chain first holds offline together with other models."""
    providers = {"offline": "offline", **{name: model.provider for name, model in source.form.models.items()}}
    chain = source.form.roles[role]
    kinds = [providers[name] == "offline" for name in chain if name in providers]
    if len(set(kinds)) > 1:
        named = next(name for name in chain if providers.get(name) == "offline")
        message = f"the role `{role}` falls back from a model to offline, whose texts never stand for a model's"
        source.say("C024", ("roles", role, chain.index(named)), message, f"Take `{named}` out of the list.")


def _make_config(form: ConfigForm) -> Config:
    return Config(
        models=tuple(_make_model(name, each) for name, each in form.models.items()),
        roles=tuple((role, tuple(chain)) for role, chain in form.roles.items()),
        limits=tuple(
            (
                name,
                tuple((key, str(value)) for key, value in limit.model_dump(by_alias=True, exclude_none=True).items()),
            )
            for name, limit in form.limits.items()
        ),
        budget_run=form.budget.run,
        budget_day=form.budget.day,
        people=tuple((name, tuple(roles)) for name, roles in form.people.items()),
        checklist=tuple(dict.fromkeys(form.checklist)),
        renderer=form.site.renderer,
        pages_dir=form.site.pages_dir,
    )


def _make_model(name: str, form: ModelForm) -> Model:
    price: dict[str, Decimal] = form.price.model_dump(by_alias=True, exclude_none=True) if form.price else {}
    return Model(
        name=name, provider=form.provider, model=form.model, base_url=form.base_url, api=form.api,
        key_env=form.key_env, price=tuple(price.items()),
    )  # fmt: skip
