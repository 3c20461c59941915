"""Hostile markup: what a draft would make a reader's browser do, judged on the HTML that the site would show.

Promises: whatever is not on the list of what pages ordinarily use is told, however it got through Markdown; the judge is
a real HTML5 parser, so a text that two parsers read differently is told as well. Will not do: render, or clean a text.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from html.parser import HTMLParser

import nh3

from generator.matter import Node, parse_leniently, split_matter
from generator.model import Finding
from generator.review.subject import Subject

EXPLANATIONS = {
    "D060": (
        "Rendered as the site would show it, the text holds an element, attribute or address that could run a program, load\n"
        "something from elsewhere, or pass for part of the site: scripts, frames, forms, `on…` attributes, `javascript:`\n"
        "links, styles. Text is data. Take it out, or show it as code."
    ),
    "D061": "A value of the front matter holds markup. Titles, descriptions and tags are plain text wherever the site shows them.",
    "D062": "The key of the front matter chooses a template or script of the site, which is no matter of a text.",
    "D063": "The text cannot be rendered as HTML, so nobody can say what it would do. It is nested too deep, or torn.",
}

UNRENDERED = "\0"
"""Stands for the HTML of a text that the site's Markdown could not render."""

_TEXT_TAGS = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "blockquote",
        "br",
        "caption",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "details",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "input",
        "ins",
        "kbd",
        "label",
        "li",
        "mark",
        "nav",
        "ol",
        "p",
        "picture",
        "pre",
        "q",
        "ruby",
        "rb",
        "rp",
        "rt",
        "rtc",
        "s",
        "samp",
        "section",
        "small",
        "source",
        "span",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "time",
        "tr",
        "u",
        "ul",
        "var",
        "wbr",
        "audio",
        "video",
        "article",
        "aside",
        "header",
        "footer",
    ]
)
_DRAWN_TAGS = frozenset(["svg", "path", "g", "circle", "rect", "ellipse", "line", "polyline", "polygon"])
_ANYWHERE = frozenset(
    ["id", "class", "title", "lang", "dir", "role", "hidden", "style", "align", "tabindex", "translate"]
)
_OWN = {
    "a": "href rel target download name hreflang", "img": "src alt width height loading decoding srcset sizes",
    "input": "type checked disabled name", "label": "for", "ol": "start reversed type", "li": "value",
    "td": "colspan rowspan headers", "th": "colspan rowspan scope headers abbr", "col": "span", "colgroup": "span",
    "details": "open", "time": "datetime", "q": "cite", "blockquote": "cite", "ins": "cite datetime", "del": "cite datetime",
    "source": "src srcset sizes type media", "audio": "src controls loop muted preload",
    "video": "src controls loop muted preload poster width height", "svg": "xmlns viewbox width height fill",
    **dict.fromkeys(_DRAWN_TAGS - {"svg"}, "d fill stroke stroke-width transform cx cy r x y width height rx ry points"),
}  # fmt: skip
ALLOWED = {tag: frozenset(_OWN.get(tag, "").split()) for tag in _TEXT_TAGS | _DRAWN_TAGS}
"""Tags that pages ordinarily use, each with its own attributes, in small letters."""

_PREFIXES = ("data-", "aria-")
_ADDRESSES = frozenset(["href", "src", "cite", "poster"])
_SCHEMES = frozenset(("http", "https", "mailto", "tel"))
_BAD_SCHEMES = frozenset(
    [
        "javascript",
        "vbscript",
        "livescript",
        "mocha",
        "data",
        "file",
        "blob",
        "filesystem",
        "jar",
        "view-source",
        "about",
        "feed",
        "ws",
        "wss",
    ]
)
_STYLE = re.compile(r"(?:\s*(?:text-align|vertical-align|(?:min-|max-)?(?:width|height))\s*:\s*[\w.%-]+\s*;?)*\s*\Z")
_SCHEME = re.compile(r"[\x00-\x20]*([a-zA-Z][a-zA-Z0-9+.\x00-\x20-]*):")
_TEMPLATES = frozenset(
    ["template", "extra_css", "extra_javascript", "extra_templates", "hooks", "theme", "custom_dir", "icon_dir"]
)
_TAG = re.compile(r"<[a-zA-Z/!?]")
_TARGET = re.compile(r"\]\(\s*([^)]*)")
_PLAIN_TARGET = re.compile(r"(?:https?://|mailto:)[^\s]*\s*\Z|[^:]*\Z", re.IGNORECASE)
_DEFINED = re.compile(r"\](?<!\\\]):")
_FOOTNOTE = re.compile(r"^\[\^[^\[\]\s]+\]:", re.MULTILINE)


def may_hold_markup(text: str) -> bool:
    """Whether a text could hold hostile markup at all; if not, it need not be rendered.

    A tag needs `<`, an attribute list `{`, a hidden letter `&`; a link needs a target that names a scheme, in brackets or
    in a definition `[x]:`. Front matter is looked at in any case.
    """
    body = split_matter(text)[1]
    if any(sign in body for sign in "<{&"):
        return True
    if _DEFINED.search(_FOOTNOTE.sub("", body)):
        return True
    return not all(_PLAIN_TARGET.match(match[1]) for match in _TARGET.finditer(body))


def check_markup(subject: Subject) -> Iterator[Finding]:
    """Yield what is hostile in the front matter and in the rendered body of a text."""
    yield from _check_fields(subject)
    if subject.html is None:
        return
    if subject.html == UNRENDERED:
        fix = "Make it simpler: quotes and lists in one another go a few levels deep at the most."
        yield subject.say("D063", "error", "the text cannot be rendered", fix, (subject.first, 1))
        return
    reader = _Reader()
    reader.feed(subject.html)
    reader.close()
    for what, sign in dict.fromkeys(reader.found):
        yield _hostile(subject, what, sign)
    if not reader.found and _differs(subject.html):
        yield _hostile(subject, "markup that browsers read in another way than it is written", "<")


def _hostile(subject: Subject, what: str, sign: str) -> Finding:
    match = re.search(sign, subject.prose, re.IGNORECASE) or re.search(sign, subject.body, re.IGNORECASE)
    where = subject.at(match.start()) if match else (subject.first, 1)
    return subject.say("D060", "error", f"hostile markup: {what}", "Take it out, or show it as code.", where)


def _check_fields(subject: Subject) -> Iterator[Finding]:
    own = split_matter(subject.text)[0]
    pairs = parse_leniently(own, path=subject.path, first_line=2).node.pairs if own else ()
    for key, value in pairs:
        where = (key.line, key.column)
        if key.text.strip().lower().replace("-", "_") in _TEMPLATES:
            fix = "Take it out; what the site looks like is said in mkdocs.yml."
            yield subject.say("D062", "error", f"`{key.text}` chooses a template or script of the site", fix, where)
        if any(_TAG.search(text) for text in (key.text, *_texts(value))):
            yield subject.say("D061", "error", f"`{key.text[:40]}` holds markup", "Write it as plain text.", where)
    given = {key.text for key, _ in pairs}
    for name, text in subject.fields:
        if name not in given and _TAG.search(text):
            yield subject.say("D061", "error", f"`{name}` of the brief holds markup", "Write it as plain text.", (1, 1))


def _texts(node: Node) -> Iterator[str]:
    waiting = [node]
    while waiting:
        each = waiting.pop()
        yield each.text
        waiting += [*each.items, *(part for pair in each.pairs for part in pair)]


class _Reader(HTMLParser):
    """Lists what is not allowed: in words, and as a pattern by which the source may be searched for it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED:
            self.found.append((f"<{tag}>", rf"<{re.escape(tag)}\b"))
        for name, value in attrs:
            self.look(tag, name, value or "")

    def look(self, tag: str, name: str, value: str) -> None:
        if tag in ALLOWED and not (name in _ANYWHERE | ALLOWED[tag] or name.startswith(_PREFIXES)):
            self.found.append((f"the attribute {name}", rf"\b{re.escape(name)}\s*="))
        elif name in _ADDRESSES and (scheme := _SCHEME.match(value)):
            plain = re.sub(r"[\x00-\x20]", "", scheme[1]).lower()
            if plain not in _SCHEMES:
                self.found.append((f"an address of {plain}:", rf"{re.escape(plain)}\s*:"))
        elif name == "srcset" and ":" in re.sub(r"https?:", "", value):
            self.found.append(("an address in srcset", r"srcset"))
        elif name == "style" and not _STYLE.match(value):
            self.found.append((f"the style {value[:40]}", r"\bstyle\s*="))
        elif name in ("id", "name", "for") and value.startswith("__") and not value.startswith("__tabbed_"):
            self.found.append((f"the {name} {value[:40]}, which is the site's own", re.escape(value)))
        elif tag == "input" and name == "type" and value not in ("radio", "checkbox"):
            self.found.append(("a field to fill in", r"<input"))


def _differs(html: str) -> bool:
    """Whether an HTML5 parser finds anything in `html` that is not allowed: it is cleaned twice, strictly and not at all."""
    met = set(re.findall(r"<[\s/]*([a-z][^\s/>\0]*)", html.lower()))
    anything = {"*": {"style"}, **{tag: {"style"} for tag in met}}
    strict = {"*": set(_ANYWHERE), **{tag: set(names) | {"viewBox"} for tag, names in ALLOWED.items() if names}}
    schemes = set(re.findall(r"([a-z][a-z0-9+.-]*)\s*:", html.lower())) | _BAD_SCHEMES | _SCHEMES
    cleaned = nh3.clean(
        html, tags=set(ALLOWED), clean_content_tags=set(), attributes=strict, generic_attribute_prefixes=set(_PREFIXES),
        url_schemes=set(_SCHEMES), link_rel=None,
    )  # fmt: skip
    untouched = nh3.clean(
        html, tags=set(ALLOWED) | met | _RUNNING, clean_content_tags=set(), attributes=anything,
        generic_attribute_prefixes=set(string.ascii_letters + "_:@"), url_schemes=schemes, link_rel=None,
    )  # fmt: skip
    return cleaned != untouched


_RUNNING = frozenset(
    [
        "script",
        "style",
        "iframe",
        "object",
        "embed",
        "form",
        "base",
        "meta",
        "link",
        "svg",
        "math",
        "foreignobject",
        "animate",
        "set",
        "use",
        "image",
        "noscript",
        "template",
        "textarea",
        "select",
        "option",
        "button",
        "frame",
        "frameset",
        "applet",
        "marquee",
        "title",
        "plaintext",
        "xmp",
        "listing",
        "noembed",
        "noframes",
    ]
)
