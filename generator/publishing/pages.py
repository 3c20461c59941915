"""A working copy becomes the file that is approved.

Promises: what a person wrote stays, byte for byte: the copy's own front matter wins, and only fields that are missing
are added, from the brief, as text that any reader of YAML reads as typed. Rendering a rendered page changes nothing;
line ends and a byte order mark stay. Will not do: touch the body, or mend front matter that cannot be read.
"""

from __future__ import annotations

import re

from generator import matter
from generator.model import Brief, Deliverable

_LINE = re.compile(r"[^\r\n]*(\r\n|\r|\n)")
_HEADING = re.compile(r"^#[ \t]+\S", re.MULTILINE)


def render_page(deliverable: Deliverable, brief: Brief, copy: str) -> str:
    """Return the text that is approved for `copy`: the copy, with the fields that it lacks and the brief gives.

    A page gains title, description and tags, an e-mail subject and preview, posts a title. Raises MatterError if the
    copy's front matter cannot be read.
    """
    own, body, _ = matter.split_matter(copy)
    given = _fields(deliverable, brief, body)
    mark = "\ufeff" if copy.startswith("\ufeff") else ""
    if own is None:
        return copy if not given else mark + _with_ends(matter.render_matter(given), copy) + _apart(body, copy)
    node = matter.parse_yaml(own, path=f"drafts/{brief.name}/{deliverable.draft_name}", first_line=2)
    if node.kind not in ("map", "empty") or own[node.start : node.start + 1] == "{":
        return copy
    known = {key.value for key, _ in node.pairs}
    lines = matter.render_yaml([(key, value) for key, value in given if key not in known])
    indent = " " * (node.pairs[0][0].column - 1) if node.pairs else ""
    added = "".join(indent + line for line in lines.splitlines(keepends=True))
    opening = _LINE.match(copy)
    end = (opening.end() if opening else 0) + len(own)
    return copy[:end] + _with_ends(added, copy) + copy[end:]


def _fields(deliverable: Deliverable, brief: Brief, body: str) -> list[tuple[str, str | list[str]]]:
    title, description = _line(brief.field("title")), _line(brief.field("description"))
    tags = [tag for each in brief.field("tags").split(",") if (tag := _line(each))]
    if deliverable.kind == "email":
        pairs: list[tuple[str, str | list[str]]] = [("subject", title), ("preview", description)]
    elif deliverable.kind == "posts":
        pairs = [("title", title)]
    else:
        # Pages of one brief would all bear its title: there, each one's own heading tells them apart.
        shared = sum(each.kind == "page" for each in brief.deliverables) > 1 and _HEADING.search(body)
        pairs = [
            ("title", "" if shared else title),
            ("description", description),
            ("tags", tags),
        ]
    return [(key, value) for key, value in pairs if value]


def _line(text: str) -> str:
    return " ".join(text.split())


def _apart(body: str, copy: str) -> str:
    return body if not body or body[0] in "\r\n" else _with_ends("\n", copy) + body


def _with_ends(text: str, copy: str) -> str:
    first = _LINE.match(copy)
    return text.replace("\n", first[1]) if first else text
