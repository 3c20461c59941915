"""What a text is checked against, brought together from the workspace: terms, passages, pages that links may lead to.

Promises: what many texts share is read once, however many briefs are checked; only what a text calls for is read, so a
text without links costs no look at docs/, and one without markup is not rendered. Will not do: judge, or write.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from generator import briefs, context, disk, drafts, matter, publishing, review, store
from generator.errors import BrokenError, CopydeskError
from generator.model import Deliverable, Finding, Pairs, Part, Passage, Plan, Step

FIELDS = {
    "page": {"title": "title", "description": "description"},
    "email": {"subject": "title", "preview": "description"},
}
"""What the brief gives to the front matter of a deliverable that lacks it: field of the file, field of the brief."""

DIRECTION = ("must-say", "never-say", "outline")


@dataclass(kw_only=True)
class Subjects:
    """Makes subjects of the texts of a workspace; one is made for a command.

    `together` are paths that are being approved at once: links among them lead somewhere.
    """

    root: Path
    library: briefs.Library
    together: frozenset[str] = frozenset()
    _passages: dict[tuple[str, ...], tuple[Passage, ...]] = field(default_factory=dict)

    @cached_property
    def _terms(self) -> tuple[review.Terms, tuple[Finding, ...]]:
        try:
            text = disk.read_text(disk.inside(self.root, review.TERMS))
        except CopydeskError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                return review.Terms(), ()
            found = Finding(
                code="T001", level="error", message=error.what, fix=error.mend, path=review.TERMS, line=1, column=1
            )
            return review.Terms(), (found,)
        return review.parse_terms(text)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with brand/terms.yml."""
        return self._terms[1]

    def check(self, plan: Plan, step: str, text: str) -> tuple[Finding, ...]:
        """Return the findings about the text of a step.

        What is sent is checked as it is sent, without citations: they could part a word that must not be said. Only
        whether it cites what is there needs them.
        """
        subject = self.make(plan, step, text)
        if subject.kind in ("", "page"):
            return review.check_draft(subject)
        sent = self.make(plan, step, review.without_citations(text, self.ids(plan)))
        cited = replace(subject, asked=subject.asked & {"evidence"})
        found = (*review.check_draft(cited), *review.check_draft(replace(sent, asked=sent.asked - {"evidence"})))
        return tuple(sorted(dict.fromkeys(found), key=lambda each: (each.line, each.column, each.code)))

    def ids(self, plan: Plan) -> frozenset[str]:
        """Return the ids of the passages that a brief's texts may cite."""
        return frozenset(passage.id for passage in self._sources(plan))

    def make(self, plan: Plan, step: str, text: str, *, whole: bool = True) -> review.Subject:
        """Return the text of a step with what it is checked against; not `whole` leaves its links and markup aside."""
        brief, delivered, path = plan.brief, plan.deliverable(step), plan.copy_path(step)
        if delivered is None:
            return review.Subject(path=path, text=text, kind="", notes=_notes(text))
        direction = tuple((key, brief.field(key)) for key in DIRECTION)
        if delivered.kind != "page" and any(each.kind == "page" for each in brief.deliverables):
            direction = tuple(pair for pair in direction if pair[0] == "never-say")
        asked = frozenset(brief.checks) or review.FAMILIES
        html, meta = self._renderer.render(text) if whole and review.may_hold_markup(text) else ("", ())
        return review.Subject(
            path=path, text=text, kind=delivered.kind, place=delivered.path_in(brief.name), name=delivered.name,
            count=delivered.count, fields=_fields(plan, delivered, text), asked=asked if whole else asked - {"links"},
            direction=direction, facts=brief.facts, terms=self._terms[0], passages=self._sources(plan),
            pages=self._pages(plan) if whole and ("](" in text or "]:" in text) else {},
            html=html, meta=meta, notes=_notes(text),
        )  # fmt: skip

    def _sources(self, plan: Plan) -> tuple[Passage, ...]:
        names = plan.brief.sources
        if names not in self._passages:
            self._passages[names] = ()
            with contextlib.suppress(BrokenError):  # told with the sources
                self._passages[names] = context.read_passages(self.root, names)
        return self._passages[names]

    @cached_property
    def _renderer(self) -> publishing.HtmlRenderer:
        return publishing.HtmlRenderer(self.root)

    @cached_property
    def _files(self) -> dict[str, str]:
        """Every page and file that a link may lead to; the brief's name where nobody has approved the page yet."""
        docs = self.root / "docs"
        found = {f"docs/{path.relative_to(docs).as_posix()}": "" for path in docs.rglob("*") if path.is_file()}
        for name in store.history_names(self.root):
            history = store.read_history(self.root, name)
            for path in review.claims(history):
                found[path] = "" if review.live(history, path) else name
        for name in briefs.brief_names(self.root):
            with contextlib.suppress(BrokenError):
                for each in briefs.read(self.root, name, self.library).deliverables:
                    found.setdefault(each.path_in(name), name)
        return found

    def _pages(self, plan: Plan) -> dict[str, str]:
        own = {each.path_in(plan.brief.name): "" for each in plan.brief.deliverables}
        return {**self._files, **dict.fromkeys(self.together, ""), **own}

    def parts(self, plan: Plan, step: Step, texts: tuple[tuple[Step, str], ...]) -> tuple[Part, ...]:
        """Return what the checks find in the texts that `step` reads, as parts of its request.

        Each text is checked as what `step`'s brief delivers first of all: a page in the making has a page's faults. What
        hangs on other pages or on the site is left aside, since it may change from one build to the next.
        """
        found = []
        page = next((each for each in plan.brief.deliverables if each.kind == "page"), None)
        for upstream, text in texts:
            if upstream.uses not in DRAFTS:
                continue
            subject = self.make(plan, page.step if page else step.id, text, whole=False)
            for each in review.check_draft(subject):
                name = f"{upstream.id}-{each.code}-{each.line}"
                said = f"{upstream.id}, line {each.line}: {each.code} {each.message}. How to mend: {each.fix}"
                found.append(Part(label=f"finding.{name}", text=said))
        return tuple(found)


DRAFTS = frozenset({"draft", "revise", "landing-page", "human/write", "email"})
"""Prompts whose texts read as a page: research, outlines and lists of headlines have other forms."""


def _notes(text: str) -> tuple[int, ...]:
    return tuple(each.line for each in drafts.find_callouts(text))


def _fields(plan: Plan, delivered: Deliverable, text: str) -> Pairs:
    """Return the front matter that an approval would give: the text's own, and what the brief adds."""
    own = matter.split_matter(text)[0]
    node = matter.parse_leniently(own, path="").node if own else None
    fields = {key: plan.brief.field(name) for key, name in FIELDS.get(delivered.kind, {}).items()}
    fields |= {key.text: value.text for key, value in (node.pairs if node else ())}
    return tuple((key, value) for key, value in fields.items() if value)
