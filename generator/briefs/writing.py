"""Briefs that copydesk writes or edits: a new one, one for an adopted page, a name changed, a mend that needs no choice.

Promises: an edit touches only the characters it is about; what it gives back reads as what was meant, or the edit is
not made. Will not do: write files, or choose between two meanings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generator import matter
from generator.briefs.library import Library
from generator.briefs.located import find_lost, near
from generator.errors import UsageError
from generator.matter import Node

HINTS = """\
# facts: {{price: 49 EUR a seat}}   # prices, dates, names: a change makes again what uses them
# by-hand: {{{step}: approve}}{gap}# steps where a person decides; see copydesk workflows {workflow}
# publish-on: 2027-03-04           # kept off the site until then
"""
BODY = """\
Tell {audience} what they need to know to {goal}.

<!-- The line above is a stopgap. Say in its place what you want, in your own words: every prompt receives it. -->

## Must say

## Never say

## Outline
"""


def wanted_inputs(workflow: str, library: Library) -> tuple[tuple[str, str], ...]:
    """Return the inputs that a brief of the workflow must give, each with what it is for.

    Raise UsageError, with the nearest name, for a workflow that there is not.
    """
    if workflow not in library.declared:
        raise UsageError(f"there is no workflow {workflow!r}", mend=near(workflow, library.workflows))
    inputs = library.declared[workflow].form.inputs
    return tuple((name, form.description) for name, form in inputs.items() if form.default is None)


def brief_text(name: str, workflow: str, fields: Mapping[str, Any], library: Library) -> str:
    """Return a new brief for `workflow` with these fields, hints at what may be added, and headings to write below.

    `sources` is a list, or a map of names to lists. Raise UsageError, with the nearest name, for a workflow that there
    is not, and for an input that the workflow wants and nobody gave.
    """
    missing = [each for each in wanted_inputs(workflow, library) if not fields.get(each[0])]
    if missing:
        key, wish = missing[0]
        raise UsageError(
            f"the workflow {workflow} asks for `{key}`", mend=f"Add: --set {key}=…" + (f" ({wish})" if wish else "")
        )
    pairs: dict[str, Any] = {"title": name.replace("-", " ").replace("_", " ").capitalize(), "workflow": workflow}
    pairs |= {key: value for key, value in fields.items() if value}
    form = library.declared[workflow].form
    ids = [step.id for step in form.steps if not step.uses.startswith("human/")]
    step = "outline" if "outline" in ids else ids[-1] if ids else ""
    hints = HINTS.format(step=step, gap=" " * max(1, 12 - len(step)), workflow=workflow)
    hints = "".join(line for line in hints.splitlines(keepends=True) if step or "by-hand" not in line)
    told = {
        "audience": " ".join((fields.get("audience") or form.audience or "the reader").split()),
        "goal": " ".join((fields.get("goal") or form.goal or "decide").split()),
    }
    return f"---\n{matter.render_yaml(pairs.items())}{hints}---\n{BODY.format(**told)}"


def adopted_text(page: str, text: str, *, workflow: str = "", sources: Sequence[str] = ()) -> str:
    """Return a brief for a page that a person wrote: its one step is theirs, and delivers `page` (without `.md`).

    With a `workflow`, that one's steps go on from the page, and from `sources`.
    """
    own, body, _ = matter.split_matter(text)
    parsed = matter.parse_leniently(own or "", path=page)
    given = parsed.node.get("title")
    heading = re.search(r"^#[ \t]+(.+?)[ \t#]*$", body, re.MULTILINE)
    title = given.text if given and given.text else heading[1].strip() if heading else page.rpartition("/")[2]
    pairs: list[tuple[str, Any]] = [
        ("title", " ".join(title.split())),
        ("steps", [{"id": "page", "uses": "human/write"}]),
        ("deliverables", [{"page": page, "from": "page"}]),
    ]
    told = "a person wrote it, and it stays theirs."
    if workflow:
        told = "bring it up to date from the sources, with the smallest change."
        pairs[1:] = [("workflow", workflow), ("sources", list(sources)), ("deliverables", [{"page": page}])]
    return matter.render_matter(pairs) + f"Adopted from docs/{page}.md: {told}\n"


def rename_in_brief(text: str, kind: str, old: str, new: str) -> str | None:
    """Return the brief with a step (`kind` "step") or a deliverable (its kind) renamed wherever it names it, else None.

    None means that the brief does not declare it: its workflow does, or nobody.
    """
    own, body, _ = matter.split_matter(text)
    if own is None:
        return None
    parsed = matter.parse_leniently(own, path="")
    if parsed.findings:
        return None
    root = parsed.node
    places = list(_steps_called(root, old)) if kind == "step" else list(_delivered_as(root, kind, old))
    if not places:
        return None
    fresh = own.removeprefix("\ufeff")
    for node in sorted(places, key=lambda each: each.start, reverse=True):
        name = new + node.text[len(old) :]
        fresh = fresh[: node.start] + matter.scalar(name) + fresh[node.end :]
    start = len(text) - len(body)
    head = text[:start]
    at = head.index(own)
    return head[:at] + fresh + head[at + len(own) :] + body


def _delivered_as(root: Node, kind: str, name: str) -> Iterator[Node]:
    delivered = root.get("deliverables")
    for entry in delivered.items if delivered else ():
        given = entry.get(kind)
        if given and given.text == name:
            yield given


def _steps_called(root: Node, name: str) -> Iterator[Node]:
    declared = root.get("steps")
    entries = declared.items if declared else ()
    ids = [node for entry in entries if (node := entry.get("id")) and node.text == name]
    if not ids:
        return
    yield from ids
    for entry in entries:
        for key in ("needs", "slots"):
            named = entry.get(key)
            yield from (each for each in (named.items if named else ()) if each.text == name)
        given = entry.get("with")
        chosen = given.get("from") if given else None
        uses = entry.get("uses")
        if chosen and uses and uses.text == "human/choose" and chosen.text == name:
            yield chosen
    by_hand = root.get("by-hand")
    yield from (key for key, _ in (by_hand.pairs if by_hand else ()) if key.text == name)
    delivered = root.get("deliverables")
    for entry in delivered.items if delivered else ():
        given = entry.get("from")
        if given and (given.text == name or given.text.startswith(f"{name}.")):
            yield given


def fix_brief(text: str, path: str) -> str:
    """Return the brief with what needs no choice mended: tabs that indent, values that must stand in quotes.

    Everything else keeps its bytes. A brief whose front matter cannot be read even so is returned as it is.
    """
    own, body, _ = matter.split_matter(text)
    if own is None:
        return text
    parsed = matter.parse_leniently(own, path=path, first_line=2)
    mended = parsed.mended
    again = matter.parse_leniently(mended, path=path, first_line=2)
    if again.findings:
        return text
    for node in sorted(find_lost(again.node), key=lambda each: each.start, reverse=True):
        written = mended[node.start : node.end]
        if "\n" not in written and "\r" not in written:
            value = matter.quoted((written + node.lost).strip())
            gap = " " if node.kind == "empty" else ""
            mended = mended[: node.start] + gap + value + mended[node.end + len(node.lost) :]
    if matter.parse_leniently(mended, path=path).findings:
        return text
    head = text[: len(text) - len(body)]
    at = head.index(own)
    return head[:at] + mended + head[at + len(own) :] + body
