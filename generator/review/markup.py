"""Hostile markup: what could run, redirect, load or deface something where a draft is shown.

Judged is the HTML that the site itself would show, as a browser's own rules of parsing see it (nh3). Promises: nothing
but what ordinary pages use passes: a list says which tags, attributes, addresses and styles those are. A tag counts
wherever its name stands behind a `<`, in a comment too, so no trick of nesting hides one; an attribute counts if the parser sees
it. Will not do: clean a text, render it, or touch disk.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise

import nh3

from generator import matter
from generator.digest import digest_text
from generator.errors import make_error
from generator.model import Finding, Pairs
from generator.review.subject import LINE_END, blank_code

EXPLANATIONS = {
    "D060": (
        "The page would hold a tag that ordinary pages do not use: a script, a frame, a form, a style sheet, or one that\n"
        "nobody knows. Such a tag can run a program in a reader's browser. Delete it, or show it as code, in backticks.\n"
        "A tag in a comment counts, too: tricks bring it back to life."
    ),
    "D061": (
        "An attribute whose name begins with `on` (onclick, onerror) runs a program in a reader's browser. Delete it; in\n"
        "Markdown it may stand in braces: `{onclick=…}`."
    ),
    "D062": (
        "A link or an image has an address that does not begin with http, https, mailto, tel, sms or ftp. With\n"
        "`javascript:` or `data:` it could run a program. Write the address of a page, or delete the link."
    ),
    "D063": (
        "A style may only align text and give a width or height. Anything more can cover the page or load something\n"
        "from elsewhere. Delete it, or put it into a style sheet of the site."
    ),
    "D064": "The page would hold an attribute that ordinary pages do not use, or an id that belongs to the theme. Delete it.",
    "D065": (
        "A field of the front matter holds markup: a tag, a comment, an attribute or a `javascript:` address. Themes put\n"
        "fields into pages and previews as they are. Write plain words."
    ),
    "D066": (
        "A field of the front matter chooses a template, style sheet or script for this page. That is decided in\n"
        "mkdocs.yml, for the whole site. Delete the field."
    ),
    "D067": (
        "A comment, a tag or a quotation mark of an attribute is begun and never ended, so it would swallow what follows\n"
        "the text on the page. End it, or write `&lt;` for the `<`."
    ),
    "D068": "The page would hold a drawing (svg) with more than plain shapes in it. Put the drawing into a file and show it.",
    "D069": (
        "The site's own Markdown cannot be rendered: an extension of mkdocs.yml gave up, most often because lists, quotes or\n"
        "brackets nest very deeply. So nobody can tell whether the page is safe to show. Make the passage simpler."
    ),
}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SHAPES = _words("svg path g circle rect")
TAGS = SHAPES | _words(
    "a abbr aside audio b bdi bdo blockquote br caption center cite code col colgroup dd del details dfn div dl dt em "
    "figcaption figure h1 h2 h3 h4 h5 h6 hr i img input ins kbd label li mark ol p picture pre q rp rt ruby s samp section "
    "small source span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var video wbr"
)
"""Tags that pages of MkDocs and Material hold; none of them makes a parser read on as anything but HTML, or SVG."""

ADDRESSES = _words("href src poster cite")
ATTRIBUTES = ADDRESSES | _words(
    "abbr align alt border cellpadding cellspacing checked class colspan controls d cx cy datetime decoding dir disabled "
    "download fill fill-rule clip-rule focusable for headers height hreflang id lang loading loop markdown media "
    "muted name open preload r rel reversed role rowspan rx ry scope sizes span srcset start stroke stroke-linecap "
    "stroke-linejoin stroke-width style summary tabindex target title transform translate type valign value viewbox width x "
    "xmlns xmlns:xlink y"
)
FINDING_LIMIT = 100
"""Things that are told of one text; the rest show once these are mended."""

NAMED = _words("a input details")
SCHEMES = _words("http https mailto tel sms ftp")
RUNNING = ("javascript", "vbscript", "data")
CHOOSING = _words("template theme layout hooks extra_css extra_javascript extra_templates")
"""Keys of front matter that choose what a page is made with."""

PLAIN = _words("title description author subtitle tags subject preview")
"""Fields that are prose: publishing escapes their quotation marks, and `Data: what we know` is a title."""

_ADDRESSED = re.compile(r"(?=href|src|poster)", re.IGNORECASE)
_SHAPE = re.compile(rf"(</?)(?:{'|'.join(SHAPES)})(?=[\t\n\f\r />])", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([a-zA-Z][^\t\n\f\r />]*)")
_STYLE = re.compile(
    r"\s*(?:(?:text-align|vertical-align|(?:max-|min-)?(?:width|height))\s*:\s*[a-z0-9.% -]+;?\s*)*", re.IGNORECASE
)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE | re.ASCII)
_IMAGE = re.compile(r"data:image/[a-z0-9.+-]+[;,]", re.IGNORECASE)
_STRIPPED = re.compile(r"^[\x00-\x20]+|[\t\n\r]+")
_THEIRS = re.compile(r"__(?!(?:tabbed|codelineno|span)[-_])[a-zA-Z]")
_ATTRIBUTE = r'(?:\s+[\w:.-]+="[^"<>]*")*\s*'
_ICON = re.compile(
    rf"<svg{_ATTRIBUTE}>(?:\s*<(?:path|g|circle|rect){_ATTRIBUTE}/?>|\s*</(?:path|g|circle|rect)>)*\s*</svg>",
    re.IGNORECASE,
)
_BOX = re.compile(r"<input\b[^>]*>")
_MARKUP = re.compile(r"<[a-zA-Z/!?]")
_QUOTE_LEFT = re.compile(r"""["'][\s/]*[a-z][a-z:-]*\s*=""", re.IGNORECASE)


def check_markup(path: str, text: str, html: str | None, fields: Pairs) -> tuple[Finding, ...]:
    """Return what is hostile in a draft, an error each, in the order of its lines.

    `html` is what the site makes of `text`; None if it cannot be rendered, "" if `may_hold_markup` says that it need not
    be. `fields` are those that the page will have, as the site reads them or the brief gives them; those in the text's
    own front matter are read here, too, and located there.
    """
    own, body, first = matter.split_matter(text)
    found = [*_check_matter(path, own, fields)]
    if html is None:
        fix = "Make it simpler: fewer lists, quotes or brackets in one another."
        found.append(make_error("D069", path, "the text cannot be rendered, so nobody knows what it holds", fix, first))
    else:
        found += _located(path, body, first, islice(_hostile(html), FINDING_LIMIT))
    return tuple(sorted(dict.fromkeys(found), key=lambda finding: (finding.line, finding.column, finding.code)))


def may_hold_markup(text: str) -> bool:
    """Return False only if no rendering of `text` can be hostile, nor any field that `check_markup` cannot read itself.

    A tag needs `<` or, where a site turns blocks on, `///`; a list of attributes needs `{`, and what is escaped `&`.
    Without them only an address is left, and that stands behind `](` or `]:`, where a scheme is a word and a colon
    (blanks, escapes and marks of emphasis may stand between; web addresses are known). Headings make ids of their own
    words: two underscores could make one of the theme's. MkDocs sees fields where we see none: in a first line `key:`,
    in front matter that ends with `...` or begins with two fences.
    """
    if re.search(r"[<{&]|///", text) or _ADDRESS.search(text) or _ELSEWHERE.search(text):
        return True
    lines = LINE_END.split(text)
    return any(
        line.count("_") > 1 and ("#" in line or "=" in line or after.lstrip(" \t>")[:1] in ("=", "-"))
        for line, after in pairwise((*lines, ""))
    )


_ADDRESS = re.compile(r"\][(:](?!\s*(?:https?://|mailto:))[\sA-Za-z0-9+.\-\\>`*_~^=\x00-\x1f]*+:", re.IGNORECASE)
_ELSEWHERE = re.compile(r"\A\ufeff?(?:\s*[\w-]+:|---[ \t]*[\r\n]+---)|^\.\.\.|\r\.\.\.", re.MULTILINE)


# What a browser would see ----------------------------------------------------------------------------------------

_Thing = tuple[str, str, str, str]
"""A code, what it is in words, how to mend it, and a pattern that may find it in the source."""


def _hostile(html: str) -> Iterator[_Thing]:
    opened = {name.lower() for slash, name in _TAG.findall(html) if not slash}
    for slash, name in _TAG.findall(html):
        # The end of what has begun is not told again.
        if (known := name.lower()) not in TAGS and not (slash and known in opened):
            fix = "Delete it, or show it as code, in backticks."
            yield "D060", f"the tag <{slash}{_short(known)}> is not for pages", fix, rf"<{slash}{re.escape(name)}"
    if "<svg" in _ICON.sub("", html).lower():
        yield "D068", "a drawing holds more than shapes", "Put the drawing into a file and show that.", "<svg"
    parsed, attributes = _parse(html)
    yield from filter(None, (_judge(*each) for each in attributes))
    for box in _BOX.findall(parsed):
        if not ('type="checkbox"' in box and "disabled" in box) and 'type="radio"' not in box:
            yield "D060", "a field to fill in, <input>, is not for pages", "Delete it.", "<input"
    if _foot(html) not in parsed:
        yield "D067", "a tag, comment or quotation mark is begun and never ended", "End it, or delete it.", "<"


def _parse(html: str) -> tuple[str, list[tuple[str, str, str]]]:
    """Return the HTML as nh3 writes it down again, and every attribute in it: tag, name, value.

    All tags are let through. The parser drops an address that it cannot read, though a browser may, and shapes that stand
    outside a drawing, with all that follows them: so attributes of addresses go in under another name, shapes as spans.
    """
    attributes: list[tuple[str, str, str]] = []

    def note(tag: str, name: str, value: str) -> str:
        attributes.append((tag, name.lower().removeprefix("at-"), value))
        return value

    parsed = nh3.clean(
        _ADDRESSED.sub("at-", _SHAPE.sub(r"\1span", f"{html}\n{_foot(html)}")),
        tags={*TAGS, *(name.lower() for _, name in _TAG.findall(html))},
        clean_content_tags=set(),
        attributes={},
        generic_attribute_prefixes={""},
        attribute_filter=note,
        link_rel=None,
    )
    return parsed, attributes


def _foot(html: str) -> str:
    """Return what is put behind a text: if it is not there after parsing, something in the text has swallowed it."""
    return f"""<hr title="'{digest_text(html)}">"""


def _judge(tag: str, name: str, value: str) -> _Thing | None:
    where = rf"(?<![\w-]){re.escape(name)}\s*="
    if name.startswith("on"):
        return "D061", f"{_short(name)} runs a program when something happens", f"Delete {_short(name)}.", where
    if name.startswith("aria-") or (name.startswith("data-") and not name.startswith("data-md-") and "<" not in value):
        return None
    is_theirs = name in ("id", "for") and _THEIRS.match(value)
    if name not in ATTRIBUTES or is_theirs or (name == "name" and tag not in NAMED):
        return "D064", f"the attribute {_short(name)}={_short(value)!r} is not for pages", "Delete it.", where
    if name == "style" and not (len(value) < 200 and _STYLE.fullmatch(value)):
        fix = "Delete it, or leave only text-align, width and height."
        return "D063", f"the style {_short(value)!r} does more than align text", fix, where
    scheme = _scheme_of(value) if name in ADDRESSES else ""
    if scheme and scheme not in SCHEMES and not (tag == "img" and name == "src" and _IMAGE.match(value.strip())):
        fix = "Write the address of a page, or delete it."
        return "D062", f"an address begins with {_short(scheme)}:", fix, rf"{re.escape(scheme)}\s*:"
    return None


def _scheme_of(value: str) -> str:
    """Return what a browser takes for the scheme: what is invisible in front, and tabs and line ends, do not count."""
    match = _SCHEME.match(_STRIPPED.sub("", value))
    return match[1].lower() if match else ""


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


def _located(path: str, body: str, first: int, things: Iterable[_Thing]) -> Iterator[Finding]:
    """Yield a finding for each thing: the nth of its kind stands where the source has its nth, code left out.

    What the source does not show (it may be escaped) is told for the whole text.
    """
    prose = list(enumerate(LINE_END.split(blank_code(body, first)[0]), first))
    places: dict[str, list[tuple[int, int]]] = {}
    for code, message, fix, pattern in things:
        if pattern not in places:
            sought = re.compile(pattern, re.IGNORECASE)
            places[pattern] = [(n, match.start() + 1) for n, line in prose for match in sought.finditer(line)]
            places[pattern].reverse()
        left = places[pattern] or [(first, 1)]
        line, column = left.pop() if len(left) > 1 else left[0]
        yield make_error(code, path, message, fix, line, column=column)


# Front matter ----------------------------------------------------------------------------------------------------


def _check_matter(path: str, own: str | None, fields: Pairs) -> Iterator[Finding]:
    node = matter.parse_leniently(own or "", path=path, first_line=2).node
    places = {key.text: key for key, _ in reversed(node.pairs)}
    leaves = [(key.text, text) for key, value in node.pairs for text in (key.text, *_texts(value))]
    for key, text in dict.fromkeys((*leaves, *fields)):
        place = (places[key].line, places[key].column) if key in places else (1, 1)
        name = _short(key)
        if key.lower().replace("-", "_") in CHOOSING:
            message, fix = f"`{name}` chooses what the page is made with", f"Delete `{name}`: mkdocs.yml decides that."
            yield make_error("D066", path, message, fix, place[0], column=place[1])
        elif _MARKUP.search(text) or (
            key.lower() not in PLAIN and (_scheme_of(text) in RUNNING or _QUOTE_LEFT.search(text))
        ):
            message, fix = f"the field `{name}` holds markup: {_short(text)}", f"Write plain words for `{name}`."
            yield make_error("D065", path, message, fix, place[0], column=place[1])


def _texts(node: matter.Node) -> Iterator[str]:
    """Yield every text in a value, keys of maps too. Its depth is bounded where it is read."""
    yield node.text
    for each in node.items:
        yield from _texts(each)
    for key, value in node.pairs:
        yield key.text
        yield from _texts(value)
