"""Begin and check: a workspace, a brief, and everything that is wrong with what people wrote.

Promises: nothing that is there is overwritten; a check reports every problem of every file at once and never calls a
model. Will not do: judge a draft's style.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from generator import briefs, context, disk, drafts, publishing, review, steps, store
from generator.app.addresses import findings_of, read_plan
from generator.app.desks import who_answers
from generator.app.subjects import Subjects
from generator.errors import CopydeskError, RefusedError, UsageError
from generator.model import Finding, Plan

FOLDER = "content_briefs"

ATTRIBUTES = "# Approval and history are about exact bytes: git must not change line ends. Drafts merge by sentence.\n" + "".join(
    f"{folder}/** -text{' merge=copydesk' if folder == 'drafts' else ''}\n"
    for folder in (
        "content_briefs", "sources", "brand", "prompts", "workflows", "drafts", "docs", "outbox", "history",
    )
)  # fmt: skip

CONFIG = """\
# copydesk: models, roles, people, the site. Every key may be left out.
#
# With no model named here, `offline` answers: a skeleton made of your sources' own sentences, for $0.00. To have a model
# write, take the # off what you need, set the key in your environment, and ask: copydesk models --ping
#
# models:
#   fast: {provider: openai, model: gpt-5-mini}                   # export OPENAI_API_KEY=...
#   best: {provider: anthropic, model: claude-sonnet-5}           # export ANTHROPIC_API_KEY=...
#   local: {provider: openai, model: llama3.2, base-url: "http://localhost:11434/v1", price: {input: 0, output: 0}}
# roles: {researcher: fast, writer: [best, fast], editor: best}   # a list is tried in order
# budget: {run: 2.00, day: 10.00}                                 # dollars; no build passes them

site: {renderer: mkdocs}
"""

VOICE = """\
# Voice

Everything in this folder goes into every prompt. Say here how you write: to whom, in what tone, which words you use and
which you never use.
"""

INDEX = """\
# Welcome

This page is yours: copydesk never writes it. Pages of your briefs appear beside it once somebody has approved them.
"""

EXPLANATIONS = {
    **briefs.EXPLANATIONS, **context.EXPLANATIONS, **steps.EXPLANATIONS, **review.EXPLANATIONS, **store.EXPLANATIONS,
}  # fmt: skip


def answering(root: Path) -> str:
    """Say which model writes in a workspace, and how to have another."""
    return who_answers(briefs.read_library(root, prompts=frozenset()).config)


def init(root: Path) -> tuple[str, ...]:
    """Make a workspace in `root`; return the paths that were created. What is there already is left as it is."""
    files = {
        "copydesk.yml": CONFIG,
        "mkdocs.yml": publishing.starter_mkdocs(root.resolve().name or "Site"),
        "brand/voice.md": VOICE,
        "docs/index.md": INDEX,
        "site/.gitignore": "*\n!.gitignore\n",
        ".gitattributes": ATTRIBUTES,
        ".gitignore": "# Local memory, what a killed build left, and the demo's scratch folder.\n.copydesk/\n.copydesk-*\n.demo/\n",
    }
    if (root / "docs").is_dir() and any((root / "docs").iterdir()):
        del files["docs/index.md"]
    if (root / "brand").is_dir():
        del files["brand/voice.md"]
    created = [path for path, text in files.items() if disk.write_new(root / path, text)]
    for folder in ("content_briefs", "sources"):
        if not (root / folder).is_dir():
            with disk.naming(root / folder):
                disk.system().make_folder(root / folder)
            created.append(f"{folder}/")
    return tuple(created)


def wanted(root: Path, workflow: str) -> tuple[tuple[str, str], ...]:
    """Return what a brief of the workflow must give beside a title: inputs, each with what it is for."""
    return briefs.wanted_inputs(workflow, briefs.read_library(root, prompts=steps.read_prompts(root).names))


def new(root: Path, workflow: str, name: str, fields: Mapping[str, Any]) -> tuple[str, ...]:
    """Write a brief called `name` for `workflow`; return its path. `sources` is a list, or a map of names to lists.

    Raises UsageError or BrokenError if the brief would not pass `check`, RefusedError if there is one of that name; then
    nothing was written.
    """
    problem = briefs.name_problem(name)
    if problem:
        raise UsageError(f"a brief cannot be called {name!r}: {problem}", mend="Use a-z, 0-9 and hyphens.")
    library = briefs.read_library(root, prompts=steps.read_prompts(root).names)
    path = f"{FOLDER}/{name}.md"
    text = briefs.brief_text(name, workflow, fields, library)
    _, findings = briefs.parse_brief(text, root=root, name=name, library=library)
    if findings:
        what = f"the brief would not pass `check`: {findings[0].message}"
        raise UsageError(what, where=path, mend=findings[0].fix or "Ask again.")
    if not disk.write_new(root / path, text):
        raise RefusedError("there is a brief of that name", where=path, mend="Choose another name.")
    return (path,)


def check(root: Path, names: Sequence[str] = ()) -> tuple[Finding, ...]:
    """Return everything that is wrong with config, workflows, prompts, briefs and drafts, errors and warnings, by place."""
    prompts = steps.read_prompts(root)
    library = briefs.read_library(root, prompts=prompts.names)
    chosen = _chosen(root, names)
    findings = [*prompts.findings, *library.findings, *steps.check_prompts(root), *briefs.check(root, chosen, library)]
    looked: set[tuple[str, ...]] = set()
    subjects = Subjects(root=root, library=library)
    findings += subjects.findings
    for name in chosen:
        findings += _check_sources(root, name, library, looked)
        plan = _plan(root, name, library)
        folder = root / "drafts" / name
        for path in sorted(folder.rglob("*.md")) if folder.is_dir() else ():
            if not any(part.startswith(".") for part in path.relative_to(folder).parts):
                findings += _check_copy(subjects, plan, path)
    unique = {(each.path, each.line, each.column, each.code, each.message): each for each in findings}
    return tuple(sorted(unique.values(), key=lambda each: (each.path, each.line, each.column, each.code)))


def _check_sources(root: Path, name: str, library: briefs.Library, looked: set[tuple[str, ...]]) -> tuple[Finding, ...]:
    """Return what keeps a brief's body, sources and context from being used; `looked` are those that were read already."""
    try:
        brief = read_plan(root, name, library).brief
        if brief.sources not in looked:
            looked.add(brief.sources)
            context.read_passages(root, brief.sources)
        if brief.context not in looked:
            looked.add(brief.context)
            context.read_context(root, brief.context)
    except CopydeskError as error:
        return findings_of(error, f"{FOLDER}/{name}.md")
    return ()


def _chosen(root: Path, names: Sequence[str]) -> tuple[str, ...]:
    """Return the briefs that these names or paths mean, all if there are none; UsageError for one that there is not."""
    known = briefs.brief_names(root)
    chosen = tuple(name.removeprefix("./").removeprefix(f"{FOLDER}/").removesuffix(".md") for name in names) or known
    for name in chosen:
        if name not in known:
            raise UsageError(f"there is no brief {name!r}", mend=f"There are: {', '.join(known) or 'none yet'}")
    return tuple(dict.fromkeys(chosen))


def _plan(root: Path, name: str, library: briefs.Library) -> Plan | None:
    """Return a brief's plan, None if the brief is broken: its findings say so already."""
    try:
        return read_plan(root, name, library)
    except CopydeskError:
        return None


def _check_copy(subjects: Subjects, plan: Plan | None, path: Path) -> tuple[Finding, ...]:
    """Check a working copy as what it is delivered as; one that nobody asks for only for git's marks."""
    place = path.relative_to(subjects.root).as_posix()
    try:
        text = drafts.read_copy(path) or ""
    except CopydeskError as error:
        return (Finding(code="D000", level="error", message=error.what, fix=error.mend, path=place, line=1, column=1),)
    steps_ = plan.steps if plan else ()
    step = next((each.id for each in steps_ if plan is not None and plan.copy_path(each.id) == place), None)
    if plan is None or step is None:
        return review.check_draft(review.Subject(path=place, text=text, kind=""))
    return subjects.check(plan, step, text)


def fix(root: Path, names: Sequence[str] = ()) -> tuple[str, ...]:
    """Apply the mends that need no judgement to briefs; return the paths that were changed.

    What is saved meanwhile is merged in. Raises UsageError for a name that no brief has; then nothing was changed.
    """
    drafts.sweep(root / FOLDER)
    mended = []
    for name in _chosen(root, names):
        path = f"{FOLDER}/{name}.md"
        with store.brief_lock(root, name):
            try:
                place = disk.inside(root, path)
                text = disk.read_text(place)
            except CopydeskError:
                continue
            better = briefs.fix_brief(text, path)
            if better != text:
                drafts.land(place, base=text, theirs=better)
                drafts.mend(place)
                mended.append(path)
    return tuple(mended)


def explain(code: str) -> str | None:
    """Return what a finding's code means and how to mend it, None for a code that does not exist."""
    return EXPLANATIONS.get(code.upper())
