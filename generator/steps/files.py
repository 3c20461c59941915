"""Prompt files: the built-in ones, and those of the workspace, whose names win.

Promises: every problem of every prompt is told at once, located, with the nearest valid name; a broken prompt has its
findings and harms no other; nothing outside the workspace is read. Will not do: fill a prompt in, or choose a model.
"""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from generator import disk
from generator.digest import canonical, digest_text
from generator.errors import BrokenError, DiskError, MatterError, make_error
from generator.matter import Node, parse_yaml, split_matter
from generator.model import Finding, Pairs
from generator.shapes import schema_problem
from generator.steps.filling import TemplateProblemError
from generator.steps.template import Section, parse_sections

FOLDER = Path(__file__).parent / "prompts"

SIZE_LIMIT = 200_000
"""Bytes of a prompt file."""

KEYS = ("description", "model", "config", "inputs", "output", "ejected-from")
INPUT_KEYS = ("type", "description", "default")
EFFORTS = ("minimal", "low", "medium", "high")
NUMBERS = {"max-tokens": (1, 1_000_000), "temperature": (0, 2), "top-p": (0, 1), "seed": (0, 2**31 - 1)}
"""Settings that are numbers, with their least and greatest values; max-tokens and seed are whole."""

EXPLANATIONS = {
    "P001": "A prompt's front matter knows description, model, config, inputs, output and ejected-from; config knows"
    " effort, max-tokens, temperature, top-p and seed. A key that nobody reads would be a wish that nobody hears.",
    "P002": "A value in a prompt's front matter is not what its key takes.",
    "P003": "A prompt is a file prompts/NAME.md of UTF-8 text, at most 200 kB, with NAME in small letters, digits and"
    " hyphens: the name is what a step writes after `uses:`.",
    "P004": "A prompt must ask something: at least one part that the user says, which is all text before the first"
    " line `system:` or after a line `user:`.",
    "P005": "A template names something that is not there. It sees brief, facts, with, upstream, passages, context,"
    " notes and findings, and what it sets itself.",
    "P006": "A template fills in, chooses and loops, and can do nothing else: it includes, imports and calls nothing,"
    " so a prompt can be read from top to bottom. What it renders is bounded.",
    "P007": "The prompt declares an input that the step does not give: write it under the step's `with:`, or give it a"
    " default in the prompt.",
    "P009": "This prompt was ejected from a built-in one, and the built-in has moved on since, or is gone. Yours stays in"
    " force and is never overwritten: read the built-in, take over what you like, and note its digest under ejected-from.",
    "P008": "A prompt that wants JSON gives its schema: output: {format: json, schema: {type: object, …}}, by JSON Schema"
    " 2020-12, an object at the top. The reply is held against it, and rendered to Markdown once.",
}

COUNTS = frozenset(
    {
        "minItems", "maxItems", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
        "minProperties", "maxProperties", "multipleOf", "minContains", "maxContains",
    }
)  # fmt: skip
TRUTHS = frozenset({"additionalProperties", "uniqueItems", "unevaluatedProperties"})
"""Words of a schema whose values are numbers, and those whose values are true or false."""

_OPENING = re.compile(r"\ufeff?---[ \t]*(?:[\r\n]|\Z)")
_FINDINGS = re.compile(r"\{[{%](?:(?![%}]\}).)*\bfindings\b", re.DOTALL)
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, kw_only=True)
class Input:
    """A value that a prompt wants under `with`; `default` is None if a step must give it."""

    name: str
    description: str = ""
    default: str | None = None


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """A prompt. `source` is its template, roles and all; `model` names a role or a model, "" if it leaves that open.

    `output` is "" for Markdown, or the canonical JSON of the schema it asks for. `ejected_from` is `NAME@DIGEST` of the
    built-in that it was copied from, "" for one that was not.
    """

    name: str
    origin: Literal["built-in", "workspace"]
    path: str
    source: str
    sections: tuple[Section, ...] = ()
    description: str = ""
    model: str = ""
    config: Pairs = ()
    inputs: tuple[Input, ...] = ()
    output: str = ""
    ejected_from: str = ""

    @property
    def digest(self) -> str:
        """The digest of the template."""
        return digest_text(self.source)

    @property
    def edition(self) -> str:
        """What an ejected copy remembers of this prompt: `NAME@` and the first digits of its digest."""
        return f"{self.name}@{self.digest[:12]}"

    @functools.cached_property
    def sees_findings(self) -> bool:
        """Whether its template names `findings`: only then are upstream texts checked for it."""
        return bool(_FINDINGS.search(self.source))

    @property
    def label(self) -> str:
        """The label of its part: `builtin.NAME` or `prompt.NAME`."""
        return f"{'builtin' if self.origin == 'built-in' else 'prompt'}.{self.name}"


@dataclass(frozen=True, kw_only=True)
class Prompts:
    """The prompts that steps may use, broken ones included; `inputs` are the paths whose stamps matter."""

    prompts: tuple[Prompt, ...] = ()
    findings: tuple[Finding, ...] = ()
    inputs: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The names that `uses:` may say."""
        return frozenset(prompt.name for prompt in self.prompts)

    def get(self, name: str) -> Prompt:
        """Return the prompt of that name; raise BrokenError if there is none (with the nearest), or if it is broken."""
        prompt = next((each for each in self.prompts if each.name == name), None)
        if prompt is None:
            near = difflib.get_close_matches(name, sorted(self.names), n=1)
            mend = f"Did you mean `{near[0]}`?" if near else f"There is {', '.join(sorted(self.names))}."
            raise BrokenError(f"there is no prompt `{name}`", where=f"prompts/{name}.md", mend=mend)
        broken = tuple(each for each in self.findings if each.path == prompt.path and each.level == "error")
        if broken:
            first = broken[0]
            raise BrokenError(first.message, where=f"{first.path}:{first.line}", mend=first.fix, findings=broken)
        return prompt


def read_prompts(root: Path) -> Prompts:
    """Return the built-in prompts and those of `prompts/` below `root`, by name; the workspace's names win.

    Never raises for a broken prompt: `findings` says what is wrong, and `get` refuses it.
    """
    prompts = {prompt.name: prompt for prompt in _built_in()}
    findings: list[Finding] = []
    paths = ["prompts"]
    folder = root / "prompts"
    files = sorted(folder.glob("*.md")) if folder.is_dir() else []
    for file in files:
        path = f"prompts/{file.name}"
        if file.name.startswith(".") or file.name == "README.md":
            continue
        paths.append(path)
        if not _NAME.fullmatch(file.stem):
            name = re.sub(r"[^a-z0-9]+", "-", file.stem.lower()).strip("-") or "prompt"
            message, fix = f"`{file.stem}` is not a name that a step could use", f"Rename it: prompts/{name}.md"
            findings.append(make_error("P003", path, message, fix))
            continue
        try:
            text = disk.read_text(disk.inside(root, path), limit=SIZE_LIMIT)
        except DiskError as error:
            findings.append(make_error("P003", path, error.what, error.mend or "Copy the file into prompts/."))
            text = ""
        else:
            prompt, found = parse_prompt(text, name=file.stem, path=path)
            findings += (*found, *_check_ejected(prompt, text))
            prompts[file.stem] = prompt
            continue
        prompts[file.stem] = Prompt(name=file.stem, origin="workspace", path=path, source=text)
    return Prompts(prompts=tuple(prompts.values()), findings=tuple(findings), inputs=tuple(paths))


def built_in_names() -> frozenset[str]:
    """Return the names of the prompts that come with copydesk."""
    return Prompts(prompts=_built_in()).names


def built_in(name: str) -> Prompt:
    """Return the built-in prompt of that name; raise BrokenError, with the nearest name, if there is none."""
    return Prompts(prompts=_built_in()).get(name)


def ejected_text(name: str) -> str:
    """Return a built-in prompt as a file of the workspace's own, which remembers where it came from.

    Raises BrokenError, with the nearest name, if there is no such built-in.
    """
    prompt = built_in(name)
    return text_of(prompt).replace("\n---\n", f"\nejected-from: {prompt.edition}\n---\n", 1)


def text_of(prompt: Prompt) -> str:
    """Return the whole file of a built-in prompt."""
    return disk.read_text(FOLDER / f"{prompt.name}.md")


def _check_ejected(prompt: Prompt, text: str) -> tuple[Finding, ...]:
    """Return what there is to say of the built-in that a prompt was copied from."""
    known = {each.name: each.edition for each in _built_in()}
    name = prompt.ejected_from.partition("@")[0]
    edition = known.get(name, "")
    if not prompt.ejected_from or prompt.ejected_from == edition:
        return ()
    line = next((n for n, each in enumerate(text.splitlines(), 1) if "ejected-from" in each), 1)
    message, fix = f"there is no built-in `{name}` that this could come from", "Take `ejected-from` away."
    if edition:
        message = f"the built-in `{name}` has moved on since this was ejected from it"
        fix = f"Compare: copydesk prompts {name} --built-in. What you want of it, take over; then write: ejected-from: {edition}"
    return (Finding(code="P009", level="warn", message=message, fix=fix, path=prompt.path, line=line, column=1),)


def check_prompts(root: Path) -> tuple[Finding, ...]:
    """Return everything wrong with the workspace's prompts, located."""
    return read_prompts(root).findings


@functools.cache
def _built_in() -> tuple[Prompt, ...]:
    """Return the prompts that come with copydesk; they lie beside this file and are proved by the tests."""
    prompts = []
    for file in sorted(FOLDER.glob("*.md")):
        path = f"generator/steps/prompts/{file.name}"
        prompts.append(parse_prompt(disk.read_text(file), name=file.stem, path=path, origin="built-in")[0])
    return tuple(prompts)


def parse_prompt(
    text: str, *, name: str, path: str, origin: Literal["built-in", "workspace"] = "workspace"
) -> tuple[Prompt, tuple[Finding, ...]]:
    """Return a prompt as far as it can be read, and all that is wrong with it."""
    matter, body, body_line = split_matter(text)
    reading = _Reading(path)
    if matter is None and _OPENING.match(text):
        reading.say("P002", "the front matter has no closing `---` line", "Add a line `---` below it.")
    try:
        reading.read(parse_yaml(matter or "", path=path, first_line=2))
    except MatterError as error:
        reading.findings += error.findings
    sections: tuple[Section, ...] = ()
    try:
        sections = parse_sections(body, body_line, proved=origin == "built-in")
        if not any(section.role == "user" for section in sections):
            reading.say(
                "P004", "the prompt asks nothing: it has no `user:` part", "Add a line `user:` and what it says."
            )
    except TemplateProblemError as problem:
        reading.findings.append(make_error(problem.code, path, problem.message, problem.mend, problem.line))
    prompt = Prompt(
        name=name, origin=origin, path=path, source=body, sections=sections, description=reading.description,
        model=reading.model, config=tuple(reading.config), inputs=tuple(reading.wanted), output=reading.output,
        ejected_from=reading.ejected_from,
    )  # fmt: skip
    return prompt, tuple(reading.findings)


class _Reading:
    """The front matter of one prompt, read key by key."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.findings: list[Finding] = []
        self.description = self.model = self.output = self.ejected_from = ""
        self.config: list[tuple[str, str]] = []
        self.wanted: list[Input] = []

    def say(self, code: str, message: str, fix: str, node: Node | None = None) -> None:
        line, column = (node.line, node.column) if node else (1, 1)
        self.findings.append(make_error(code, self.path, message, fix, line, column=column))

    def read(self, root: Node) -> None:
        if root.kind not in ("map", "empty"):
            self.say("P002", "the front matter must be `key: value` lines", "Write `description: …`.", root)
        for key, value in self.known(root, KEYS):
            if key == "description":
                self.description = self.text(value, key)
            elif key == "model":
                self.model = self.text(value, key)
            elif key == "config":
                self.read_config(value)
            elif key == "inputs":
                self.read_inputs(value)
            elif key == "ejected-from":
                self.ejected_from = self.text(value, key)
            else:
                self.read_output(value)

    def known(self, node: Node, keys: Iterable[str]) -> Iterable[tuple[str, Node]]:
        known = tuple(keys)
        for key, value in node.pairs:
            if key.text in known:
                yield key.text, value
                continue
            near = difflib.get_close_matches(key.text, known, n=1)
            fix = f"Did you mean `{near[0]}`?" if near else f"There is {', '.join(known)}."
            self.say("P001", f"`{key.text}` is not a key here", fix, key)

    def text(self, node: Node, key: str) -> str:
        if node.kind not in ("text", "empty"):
            self.say("P002", f"`{key}` must be a text", f"Write `{key}: …` on one line.", node)
        if node.lost:
            self.say("P002", f"`{node.lost.strip()}` would be lost as a comment", "Put the value in quotes.", node)
        return node.text

    def map(self, node: Node, key: str, keys: Iterable[str] | None) -> Iterable[tuple[str, Node]]:
        if node.kind not in ("map", "empty"):
            self.say("P002", f"`{key}` must be `name: value` lines", "Put each on a line of its own, set in.", node)
        return self.known(node, keys if keys is not None else [name.text for name, _ in node.pairs])

    def read_config(self, node: Node) -> None:
        for key, value in self.map(node, "config", ("effort", *NUMBERS)):
            said = self.text(value, key)
            if key == "effort" and said not in EFFORTS:
                self.say("P002", f"`effort` cannot be `{said}`", f"It is one of {', '.join(EFFORTS)}.", value)
            elif key in NUMBERS and not _is_number(said, *NUMBERS[key], whole=key in ("max-tokens", "seed")):
                least, greatest = NUMBERS[key]
                self.say("P002", f"`{key}` cannot be `{said}`", f"It is a number from {least} to {greatest:,}.", value)
            else:
                self.config.append((key, said))

    def read_inputs(self, node: Node) -> None:
        for name, value in self.map(node, "inputs", None):
            if not _NAME.fullmatch(name):
                self.say("P002", f"`{name}` is not a name", "Use small letters, digits and hyphens.", value)
            found = {key: self.text(each, key) for key, each in self.map(value, name, INPUT_KEYS)}
            self.wanted.append(Input(name=name, description=found.get("description", ""), default=found.get("default")))

    def read_output(self, node: Node) -> None:
        if node.kind == "map":
            found = dict(self.known(node, ("format", "schema")))
            kind = found["format"].text if "format" in found else ""
            if kind == "json":
                schema = typed(found["schema"].data()) if "schema" in found else None
                problem = schema_problem(schema) if schema is not None else "there is none"
                self.output = canonical(schema) if not problem else ""
                if problem:
                    fix = "Write schema: {type: object, properties: {…}, required: […]} below `format: json`."
                    self.say("P008", f"the schema cannot be used: {problem}", fix, found.get("schema", node))
        else:
            kind = node.text
        if kind == "json" and node.kind != "map":
            self.say("P008", "JSON needs a schema", "Write `output: {format: json, schema: {type: object, …}}`.", node)
        elif kind not in ("json", "markdown"):
            self.say("P002", f"`output` cannot be `{kind}`", "Write `output: markdown`.", node)


def typed(value: Any, key: str = "") -> Any:
    """Return a schema whose numbers and truths are such: everything that people type arrives as text."""
    if isinstance(value, dict):
        return {name: typed(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [typed(each) for each in value]
    if isinstance(value, str) and key in COUNTS and re.fullmatch(r"-?\d{1,12}", value, re.ASCII):
        return int(value)
    if isinstance(value, str) and key in TRUTHS and value in ("true", "false"):
        return value == "true"
    return value


def _is_number(text: str, least: float, greatest: float, *, whole: bool) -> bool:
    form = r"\d{1,10}" if whole else r"\d{1,10}(?:\.\d{1,6})?"
    return bool(re.fullmatch(form, text, re.ASCII)) and least <= float(text) <= greatest
