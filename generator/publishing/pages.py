"""A working copy becomes the file that is approved, and an approved e-mail a document that can be sent.

Promises: what a person wrote stays, byte for byte: the copy's own front matter wins, and only fields that are missing
are added, from the brief, as text that any reader of YAML reads as typed. Rendering a rendered page changes nothing;
line ends and a byte order mark stay. The HTML of an e-mail hangs on its text alone, and no markup of the text's own gets
into it. Will not do: touch the body, or mend front matter that cannot be read.
"""

from __future__ import annotations

import html
import re

import markdown
import nh3

from generator import matter
from generator.digest import digest_text
from generator.model import Brief, Deliverable

_LINE = re.compile(r"[^\r\n]*(\r\n|\r|\n)")
_HEADING = re.compile(r"^#[ \t]+\S", re.MULTILINE)


def render_page(deliverable: Deliverable, brief: Brief, copy: str) -> str:
    """Return the text that is approved for `copy`: the copy, with the fields that it lacks and the brief gives.

    A page gains title, description and tags, an e-mail subject and preview, posts a title. An e-mail's preview is never
    taken from its body: programs for mail show the opening by themselves where there is none. Raises MatterError if
    the copy's front matter cannot be read.
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


# The HTML of an e-mail -------------------------------------------------------------------------------------------

BRACKETS = 1_000
"""Opening brackets that a text may have to be read as Markdown: the library's time for them grows with the square."""

_FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_MONO = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:14px"
_CELL = "padding:6px 10px;border:1px solid #8a8a8a;text-align:left;vertical-align:top"
_STYLES = {
    "h1": "margin:0 0 16px;font-size:26px;line-height:1.25", "h2": "margin:28px 0 12px;font-size:21px;line-height:1.3",
    "h3": "margin:24px 0 8px;font-size:18px;line-height:1.35", "h4": "margin:20px 0 8px;font-size:16px",
    "h5": "margin:20px 0 8px;font-size:16px", "h6": "margin:20px 0 8px;font-size:16px", "p": "margin:0 0 16px",
    "ul": "margin:0 0 16px;padding-left:24px", "ol": "margin:0 0 16px;padding-left:24px", "li": "margin:0 0 6px",
    "a": "color:#1a73e8;text-decoration:underline", "img": "max-width:100%;height:auto;border:0",
    "blockquote": "margin:0 0 16px;padding:0 0 0 14px;border-left:3px solid #8a8a8a", "code": _MONO,
    "pre": f"margin:0 0 16px;padding:12px;border:1px solid #8a8a8a;white-space:pre-wrap;{_MONO}",
    "hr": "margin:24px 0;border:0;border-top:1px solid #8a8a8a", "table": "margin:0 0 16px;border-collapse:collapse",
    "th": _CELL, "td": _CELL,
}  # fmt: skip
"""No colour of text or ground is set, so that both are the reader's own, light or dark; these stand on either."""

_TAGS = {*_STYLES, "strong", "em", "br", "thead", "tbody", "tr"}
_ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "title"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto", "tel"}

_DOCUMENT = """\
<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="generator" content="copydesk {mark}">
<title>{subject}</title>
<style>:root{{color-scheme:light dark;supported-color-schemes:light dark}}</style>
</head>
<body style="margin:0;padding:0">
{preview}<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
<tr><td align="center" style="padding:24px 12px">
<table role="presentation" width="600" cellpadding="0" cellspacing="0" border="0" style="width:100%;max-width:600px">
<tr><td align="left" style="{font};font-size:16px;line-height:1.5">
{body}
</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
"""
_PREVIEW = '<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">{preview}</div>\n'
_MARK = re.compile(r'(?<=<meta name="generator" content="copydesk )[0-9a-f]{32}(?=">)')


def render_email(text: str) -> str:
    """Return an approved e-mail as an HTML document of one column: the same for the same text, on any machine.

    `subject`, `preview` and `lang` ("en" if there is none) are those of its front matter. It bears a digest of itself,
    by which `is_rendering` knows it again.
    """
    own, body, _ = matter.split_matter(text)
    node = matter.parse_leniently(own or "", path="").node
    given = {key.value: html.escape(_line(value.text)) for key, value in node.pairs}
    lang = given.get("lang", "")
    preview = given.get("preview", "")
    blank = _DOCUMENT.format(
        lang=lang if re.fullmatch(r"[A-Za-z0-9-]{2,35}", lang) else "en", mark="0" * 32, subject=given.get("subject", ""),
        preview=_PREVIEW.format(preview=preview) if preview else "", font=_FONT, body=_render_body(body),
    )  # fmt: skip
    return _MARK.sub(digest_text(blank), blank, count=1)


def is_rendering(document: str) -> bool:
    """Whether a document is one that `render_email` wrote, of this version or an earlier one, and nobody changed since."""
    mark = _MARK.search(document)
    return mark is not None and digest_text(_MARK.sub("0" * 32, document, count=1)) == mark[0]


def _render_body(body: str) -> str:
    made = _plain(body)
    if body.count("[") <= BRACKETS:
        reader = markdown.Markdown(extensions=["tables", "sane_lists", "fenced_code"], output_format="html")
        reader.preprocessors.deregister("html_block")
        reader.inlinePatterns.deregister("html")
        try:
            made = reader.convert(body)
        except RecursionError:  # lists in lists, hundreds deep
            made = _plain(body)
    styles = {tag: {"style": style} for tag, style in _STYLES.items()}
    return nh3.clean(
        made, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=None, set_tag_attribute_values=styles
    )


def _plain(body: str) -> str:
    """Return a text that is no mail as it stands, a paragraph for each."""
    blocks = re.split(r"(?:\r\n|\r|\n)[ \t]*(?:\r\n|\r|\n)", body)
    return "\n".join(f"<p>{html.escape(block.strip())}</p>" for block in blocks if block.strip())
