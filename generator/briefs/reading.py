"""Markdown becomes a Brief: reading, and checking one or all of them.

Promises: everything that is wrong with a brief is told at once, located, and no content of any file makes `check` raise;
what a workflow says is the default for what a brief leaves out. Will not do: read sources, prompts or drafts.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from generator import disk
from generator.briefs.delivery import Delivering, check_files, make_deliverables
from generator.briefs.graph import check_steps, fill, id_problem, kept_apart, make_steps, merge_steps, slug
from generator.briefs.library import DEFAULT, Library
from generator.briefs.located import Source, Tree, near, parse_source
from generator.briefs.schema import BRIEF_KEYS, BriefForm, InputForm, WorkflowForm, parse_count, parse_day, parse_truth
from generator.errors import BrokenError, CopydeskError, make_error
from generator.matter import parse_leniently, split_matter
from generator.model import Brief, Deliverable, Finding, Pairs, Step

FOLDER = "content_briefs"
TEXTS = ("title", "audience", "goal", "keyword", "description")
"""The fields that every prompt may use, besides tags, inputs and the sections of the body."""

SECTIONS = {"must say": "must-say", "never say": "never-say", "outline": "outline"}

EXPLANATIONS = {
    "B001": "The brief cannot be read: it is not UTF-8, is too large, may not be opened, or is a link that leads out of"
    " the workspace.",
    "B002": "A brief begins with front matter: a line `---`, `key: value` lines, a second line `---`.",
    "B003": "A brief's name, the file's name without .md, becomes folders on every machine that builds it: a-z, 0-9,"
    " hyphens, dots and underscores, beginning with a letter or digit, and no name of a device.",
    "B020": "No workflow has that name, neither built in nor in workflows/.",
    "B021": "The workflow itself is broken; its own findings say how.",
    "B022": "The workflow asks every brief for this input, and gives no default.",
    "B023": "The brief has no title, so its name stands for one.",
    "B024": "The brief has no body. The body is direction: every prompt receives it, and without sources it is all"
    " there is to go on.",
    "B056": "Two briefs claim one page. Paths that differ only in case are one file on many machines.",
    "B057": "The page's path is also the address of another brief or of a step, so no command could tell them apart.",
    "B064": "Sources that are kept apart need names: each is a name under `sources`, or the file's own in a list. A name has"
    " only a-z, 0-9 and hyphens, and stands once.",
    "B070": "`owner` names nobody in `people:` of copydesk.yml.",
    "B071": "`approved-by` names neither a role nor a person in `people:` of copydesk.yml, so nobody could give that approval.",
    "B072": "Under `roles:` a brief names models of copydesk.yml for its own steps, and one of these is none.",
}


def brief_names(root: Path) -> tuple[str, ...]:
    """Return the names of all briefs, sorted: files `content_briefs/*.md`, not hidden, not in folders."""
    folder = root / FOLDER
    if not folder.is_dir():
        return ()
    with disk.naming(folder), os.scandir(folder) as entries:
        names = [e.name for e in entries if e.name.endswith(".md") and not e.name.startswith(".") and e.is_file()]
    return tuple(sorted(name.removesuffix(".md") for name in names))


def name_problem(name: str) -> str:
    """Return why a brief cannot have that name, "" if it can."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", name):
        return "it has characters other than a-z, 0-9, hyphens, dots and underscores, or begins with one of the last"
    if len(name) > 100:
        return "it is longer than 100 characters"
    if name.endswith((".", ".md")):
        return "it ends in a dot or in .md"
    try:
        disk.check_relative(name)
    except CopydeskError:
        return "it names a device on some machines"
    return ""


def read(root: Path, name: str, library: Library) -> Brief:
    """Return the brief of that name; raise BrokenError with everything that is wrong with it."""
    brief, findings = _read(root, name, library)
    findings = tuple(sorted(findings, key=lambda each: (each.path != f"{FOLDER}/{name}.md", each.line, each.column)))
    if brief is None:
        errors = _errors(findings)
        first = errors[0]
        what = first.message if len(errors) == 1 else f"{first.message}, and {len(errors) - 1} more"
        raise BrokenError(what, where=f"{first.path}:{first.line}:{first.column}", mend=first.fix, findings=findings)
    return brief


def check(root: Path, names: Sequence[str], library: Library) -> tuple[Finding, ...]:
    """Return all errors and warnings of these briefs by place, and of what they claim that another brief claims too."""
    findings: list[Finding] = []
    briefs: dict[str, Brief] = {}
    for name in names:
        brief, found = _read(root, name, library)
        findings += found
        if brief:
            briefs[name] = brief
    every = brief_names(root)
    others = _rivals(root, [name for name in every if name not in set(names)], briefs, library)
    findings += _check_claims(root, briefs, {**others, **briefs}, frozenset(every))
    return tuple(sorted(set(findings), key=lambda each: (each.path, each.line, each.column, each.code)))


def _read(root: Path, name: str, library: Library) -> tuple[Brief | None, tuple[Finding, ...]]:
    path = f"{FOLDER}/{name}.md"
    shown = path.encode("utf-8", "backslashreplace").decode()
    problem = name_problem(name)
    if problem:
        better = re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-._")[:90].removesuffix(".md")
        fix = f"Rename the file to {better if better and not name_problem(better) else f'brief-{better}'}.md."
        return None, (make_error("B003", shown, f"a brief cannot be called {name!r}: {problem}", fix),)
    try:
        text = disk.read_text(disk.inside(root, path))
    except CopydeskError as error:
        return None, (make_error("B001", shown, error.what, error.mend or "Mend the file."),)
    return parse_brief(text, root=root, name=name, library=library)


def parse_brief(text: str, *, root: Path, name: str, library: Library) -> tuple[Brief | None, tuple[Finding, ...]]:
    """Return the brief that a text is, None where too much is wrong, and all findings; the files it names are looked for."""
    path = f"{FOLDER}/{name}.md"
    own, body, body_line = split_matter(text)
    if own is None:
        message, fix = "there is no front matter", "Begin the file with a line `---`, `key: value` lines, and `---`."
        if text.removeprefix("\ufeff").startswith("---"):
            message, fix = "the front matter is not closed", "Put a line `---` below the keys."
        return None, (make_error("B002", path, message, fix),)
    extra = sorted({given for each in library.declared.values() for given in each.form.inputs} - BRIEF_KEYS)
    source, inputs = parse_source(own, path=path, form=BriefForm, letter="B", first_line=2, extra=extra)
    if not source.readable:
        return None, tuple(source.findings)
    form = source.form
    chosen = form.workflow or ("" if source.has("steps") else DEFAULT)
    workflow = _find_workflow(source, chosen, library)
    values = {"brief": name, **_make_inputs(source, workflow, inputs)}
    defaults = Defaults(source, workflow, values)
    get = defaults.get
    groups: dict[str, list[str]] = get("sources")
    sources = tuple(dict.fromkeys(each for files in groups.values() for each in files))
    fields = _make_fields(source, name, defaults, body)
    work = _Work()
    if workflow or not chosen:
        work = _make_work(source, defaults, library, _named(groups))
    check_files(root, [each for each in (source, workflow) if each], library.looked, values)
    _check_people(source, library)
    _check_roles(source, library)
    if not re.search(r"^(?!#)[^\S\r\n]*\S", body, re.MULTILINE):
        source.say(
            "B024", (), "the brief has no body", "Say below the second `---` what you want to say.", level="warn"
        )
    brief = Brief(
        name=name, path=path, workflow=chosen, fields=fields, body=body, body_line=body_line, owner=get("owner"),
        approved_by=tuple(get("approved_by")), facts=tuple(get("facts").items()), sources=sources, groups=work.groups,
        context=tuple(dict.fromkeys(get("context"))), steps=work.steps, deliverables=work.deliverables,
        checks=tuple(get("checks")), max_cost=get("max_cost"), publish_on=get("publish_on"), config=get("config").pairs,
        roles=tuple((role, tuple(chain)) for role, chain in get("roles").items()),
    )  # fmt: skip
    return None if _errors(source.findings) else brief, tuple(source.findings)


@dataclass(frozen=True, kw_only=True)
class _Work:
    """What a brief makes, and the sources of each instance that sees only its own."""

    steps: tuple[Step, ...] = ()
    deliverables: tuple[Deliverable, ...] = ()
    groups: tuple[tuple[tuple[str, str], tuple[str, ...]], ...] = ()


def _named(groups: Mapping[str, Sequence[str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the sources under their names; each file of a list has its own."""
    files = tuple((slug(PurePosixPath(each).stem), (each,)) for each in dict.fromkeys(groups.get("", ())))
    return files or tuple((name, tuple(each)) for name, each in groups.items() if each)


def _make_work(
    source: Source[BriefForm], defaults: Defaults, library: Library, groups: tuple[tuple[str, tuple[str, ...]], ...]
) -> _Work:
    """Return the steps and deliverables; the latter only if the steps are right, since they would be wrong with them."""
    workflow = defaults.workflow
    merged = merge_steps(workflow, source, tuple(each for each, _ in groups))
    found = check_steps(merged, prompts=library.prompts, models=library.models)
    if not merged.entries and not _errors(source.findings):
        source.say("B042", ("steps",), "there is no step", "Take `steps:` away to use the workflow `article`.")
    source.findings += found
    apart = kept_apart(merged)
    _check_names(source, groups, apart)
    steps = make_steps(merged, defaults.values)
    if found or any(each.code in ("B012", "B064", "M10") for each in source.findings):
        return _Work(steps=steps)
    given = Delivering(brief=source, workflow=workflow, steps=steps, sourced=bool(groups), values=defaults.values)
    pairs = tuple(((dimension, each), files) for dimension in apart for each, files in groups)
    return _Work(steps=steps, deliverables=make_deliverables(given), groups=pairs)


def _check_names(
    source: Source[BriefForm], groups: tuple[tuple[str, tuple[str, ...]], ...], apart: tuple[str, ...]
) -> None:
    """Tell of names of sources that cannot be those of instances; files of a list only need one if they are kept apart."""
    listed = "" in source.form.sources
    seen: set[str] = set()
    for name, files in groups:
        problem = "" if listed else id_problem(name)
        if name in seen and apart:
            problem = "stands for two files"
        seen.add(name)
        if problem:
            loc = ("sources",) if listed else ("sources", name)
            fix = f"Write names: sources: {{{slug(name)}: [{files[0]}]}}"
            source.say("B064", loc, f"the name `{name[:80]}` {problem}", fix, key=not listed)


def _errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(each for each in findings if each.level == "error")


class Defaults:
    """A brief's values, and its workflow's where the brief gives none, with `values` put in for its placeholders."""

    def __init__(
        self, brief: Source[BriefForm], workflow: Source[WorkflowForm] | None, values: Mapping[str, str]
    ) -> None:
        self.workflow, self.values = workflow, values
        self.forms = (brief, workflow) if workflow else (brief,)

    def get(self, name: str) -> Any:
        """Return the value of a field, its default if nobody gives one."""
        for source in self.forms:
            if source.has(name) and not (name == "description" and source.letter == "W"):
                value = getattr(source.form, name)
                return fill(value, self.values) if source.letter == "W" else value
        return getattr(self.forms[0].form, name)


def _find_workflow(source: Source[BriefForm], name: str, library: Library) -> Source[WorkflowForm] | None:
    if not name:
        return None
    workflow = library.declared.get(name)
    if workflow is None:
        source.say("B020", ("workflow",), f"there is no workflow `{name[:80]}`", near(name, library.workflows))
    elif any(each.level == "error" and each.path == workflow.path for each in library.findings):
        source.say("B021", ("workflow",), f"the workflow `{name}` is broken", f"Mend {workflow.path} first.")
        return None
    # What is found in the workflow's file while this brief is read is told with the brief, and kept nowhere else.
    return replace(workflow, findings=source.findings) if workflow else None


# Fields ----------------------------------------------------------------------------------------------------------


def _make_fields(source: Source[BriefForm], name: str, defaults: Defaults, body: str) -> Pairs:
    get = defaults.get
    fields = {key: str(get(key)) for key in TEXTS}
    fields["tags"] = ", ".join(get("tags"))
    if not fields["title"] and not _errors(source.findings):
        source.say("B023", (), "the brief has no title", f"Add: title: {name}", level="warn")
    fields["title"] = fields["title"] or name
    given = ((key, value) for key, value in defaults.values.items() if key != "brief")
    return tuple((key, value) for key, value in (*fields.items(), *given, *parse_sections(body)) if value)


def _make_inputs(
    source: Source[BriefForm], workflow: Source[WorkflowForm] | None, inputs: Mapping[str, Tree]
) -> dict[str, str]:
    """Return the inputs that the workflow declares, with their values; tell of keys that are none."""
    declared = workflow.form.inputs if workflow else {}
    for key, tree in inputs.items():
        if key not in declared and (workflow or not source.form.workflow):
            words = [*(field.alias or "" for field in BriefForm.model_fields.values()), *declared]
            node = tree.key or tree.node
            source.findings.append(
                Finding(
                    code="B010", level="error", message=f"`{key}` is not a key here", fix=near(key, words),
                    path=source.path, line=node.line, column=node.column,
                )
            )  # fmt: skip
    where = workflow.path if workflow else ""
    return {key: _make_input(source, key, form, inputs.get(key), where) for key, form in declared.items()}


def _make_input(source: Source[BriefForm], key: str, form: InputForm, tree: Tree | None, where: str) -> str:
    if tree is None:
        if form.default is None:
            source.say(
                "B022",
                (),
                f"the input `{key}` is missing: {where} asks for it",
                f"Add: {key}: {form.description or '…'}",
            )
        return form.default or ""
    text, node = tree.node.text, tree.node
    message, fix = "", ""
    if node.kind not in ("text", "empty"):
        message, fix = "a text is wanted here", "Put it in quotes."
    try:
        {"number": parse_count, "date": parse_day, "truth": parse_truth}.get(form.type, str)(text)
    except Exception as error:  # noqa: BLE001 - whatever the border refuses is a finding
        message, fix = str(error), f"`{key}` is a {form.type}."
    if message:
        source.findings.append(
            Finding(
                code="B014", level="error", message=message, fix=fix, path=source.path, line=node.line,
                column=node.column,
            )
        )  # fmt: skip
    return text


def parse_sections(body: str) -> Iterator[tuple[str, str]]:
    """Yield `must-say`, `never-say` and `outline` with the Markdown below their headings, in the order of the body.

    A section ends at the next heading of its level or above; headings within fenced code are none.
    """
    found: dict[str, list[str]] = {}
    at, fence = "", ""
    for line in body.splitlines(keepends=True):
        mark = re.match(r" {0,3}(`{3,}|~{3,})", line)
        if mark and (not fence or (mark[1].startswith(fence) and not line.strip().strip(fence[0]))):
            fence = "" if fence else mark[1]
        heading = None if fence or mark else re.match(r"(#{1,2})[ \t]+(.*?)[ \t#]*$", line.rstrip("\r\n"))
        if heading:
            at = SECTIONS.get(heading[2].strip().lower(), "") if heading[1] == "##" else ""
            found.setdefault(at, [])
        elif at:
            found[at].append(line)
    for key, lines in found.items():
        text = "".join(lines).strip()
        if key and text:
            yield key, text


def _check_people(source: Source[BriefForm], library: Library) -> None:
    people = dict(library.config.people)
    known = (*people, *(role for roles in people.values() for role in roles))
    form = source.form
    if people and form.owner and form.owner not in known:
        source.say("B070", ("owner",), f"`{form.owner[:80]}` is not in people:", near(form.owner, known), level="warn")
    for index, name in enumerate(form.approved_by):
        if name not in known:
            fix = near(name, known) if people else f"Write in copydesk.yml: people: {{NAME: [{name}]}}"
            source.say("B071", ("approved-by", index), f"`{name[:80]}` is not in people:", fix, level="warn")


def _check_roles(source: Source[BriefForm], library: Library) -> None:
    models = tuple(sorted(model.name for model in library.config.models))
    for role, chain in source.form.roles.items():
        if not chain:
            source.say("B072", ("roles", role), f"the role `{role[:80]}` names no model", f"Write: {role}: NAME")
        for index, name in enumerate(chain if models else ()):
            if name not in models:
                source.say("B072", ("roles", role, index), f"`{name[:80]}` is not a model", near(name, models))


# Claims ----------------------------------------------------------------------------------------------------------


def _rivals(root: Path, names: Iterable[str], briefs: Mapping[str, Brief], library: Library) -> dict[str, Brief]:
    """Return those briefs that may claim what `briefs` claim: their front matter, or their name, holds such a path."""
    claims = {path for brief in briefs.values() for path in _pages(brief)}
    parts = {part for claim in claims for part in claim.split("/")}
    odd = [claim for claim in claims if not re.fullmatch(r"[\w./-]+", claim)]
    found = {}
    for name in names if claims else ():
        try:
            text = disk.read_text(disk.inside(root, f"{FOLDER}/{name}.md"))
        except CopydeskError:
            continue
        own = (split_matter(text)[0] or "").casefold()
        if name in parts or claims.intersection(re.findall(r"[\w./-]+", own)) or any(claim in own for claim in odd):
            brief, _ = parse_brief(text, root=root, name=name, library=library)
            if brief:
                found[name] = brief
    return found


def _pages(brief: Brief) -> dict[str, Deliverable]:
    return {each.name.casefold(): each for each in brief.deliverables if each.kind == "page"}


def _check_claims(
    root: Path, briefs: Mapping[str, Brief], every: Mapping[str, Brief], names: frozenset[str]
) -> Iterator[Finding]:
    claimed: dict[str, list[str]] = {}
    for name, brief in every.items():
        for page in _pages(brief):
            claimed.setdefault(page, []).append(name)
    for name, brief in briefs.items():
        for page, delivered in _pages(brief).items():
            others = [other for other in claimed[page] if other != name]
            if others:
                message = f"the page `{delivered.name}` is also claimed by {FOLDER}/{others[0]}.md"
                yield _at_page(
                    root, brief, delivered, make_error("B056", brief.path, message, "Give one of them another path.")
                )
            first, _, rest = page.partition("/")
            other = every.get(first)
            is_step = other is not None and any(step.id == rest for step in other.steps)
            if (first in names and not rest and first != name) or is_step:
                message = f"the page `{delivered.name}` has the address of the {'step' if rest else 'brief'} `{page}`"
                yield _at_page(
                    root, brief, delivered, make_error("B057", brief.path, message, "Give the page another path.")
                )


def _at_page(root: Path, brief: Brief, page: Deliverable, finding: Finding) -> Finding:
    """Return the finding at the place where the brief names the page, read anew since a Brief holds no places."""
    own = split_matter(disk.read_text(root / brief.path))[0] or ""
    node = parse_leniently(own, path=brief.path, first_line=2).node.get("deliverables")
    named = (entry.get("page") for entry in (node.items if node else ()))
    place = next((each for each in named if each and each.text == page.name), None)
    return replace(finding, line=place.line, column=place.column) if place else finding
