"""An approved e-mail as a document: what is in it, what cannot get into it, and how it is known again."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.publishing import is_rendering, render_email
from generator.publishing.pages import BRACKETS

MAIL = """---
subject: 'Books & "closing" <b>'
preview: One day, not five.
lang: de
---
# Hello *you*

It **closes** in a day. [See how](https://example.com/?a=1&b=2 "Tour"), or write to <ada@example.com>.

- one
- two

3. three

> Said Orme.

![A chart](https://example.com/chart.png)

| what | price |
|------|------:|
| seat | `49`  |

```text
<code> stays
```
"""
SAFE = {
    "html", "head", "meta", "title", "style", "body", "div", "table", "thead", "tbody", "tr", "td", "th", "h1", "h2", "h3",
    "h4", "h5", "h6", "p", "ul", "ol", "li", "a", "img", "blockquote", "code", "pre", "hr", "strong", "em", "br",
}  # fmt: skip


class Reader(HTMLParser):
    """Collects tags, attributes and text."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.given: list[tuple[str, str, str]] = []
        self.said = ""
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.given += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.said += data


def body(text: str) -> str:
    return render_email(text).partition("line-height:1.5")[2]


def test_an_email_is_one_column_with_everything_inline() -> None:
    document = render_email(MAIL)
    read = Reader(document)

    assert document.startswith('<!doctype html>\n<html lang="de">\n')
    assert "<title>Books &amp; &quot;closing&quot; &lt;b&gt;</title>" in document
    assert '<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">One day, not five.</div>' in document
    assert 'content="light dark"' in document
    assert "max-width:600px" in document
    assert set(read.tags) <= SAFE
    links = [value for tag, name, value in read.given if (tag, name) == ("a", "href")]
    assert links == ["https://example.com/?a=1&b=2", "mailto:ada@example.com"]
    styled = {tag for tag, name, _ in read.given if name == "style"}
    assert {"h1", "p", "ul", "ol", "li", "a", "img", "blockquote", "code", "pre", "table", "th", "td"} <= styled
    assert ("ol", "start", "3") in read.given
    assert ("img", "alt", "A chart") in read.given
    assert "<code> stays" in read.said
    assert "color:#000" not in document
    assert render_email(MAIL) == document


def test_an_email_without_fields_is_english_and_has_no_preview() -> None:
    document = render_email("Hi.\n")

    assert '<html lang="en">' in document
    assert "display:none" not in document
    assert "<title></title>" in document
    assert '<html lang="en">' in render_email("---\nlang: '\"><script>'\n---\nHi.\n")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>\n",
        "Hi <img src=x onerror=alert(1)> you\n",
        "<div onclick='x'>\n\n**b**\n\n</div>\n",
        "[x](javascript:alert(1)) [y](JaVaScRiPt&#58;alert(1)) [z](data:text/html,x)\n",
        '[x](https://a.b "\\"><script>x</script>")\n',
        "![x](data:image/svg+xml,<svg/onload=alert(1)>)\n",
        "<javascript:alert(1)>\n",
        "&lt;script&gt;\n\n    <script>\n",
        "```html onmouseover=x\n<script>\n```\n",
        "<!-- x --><style>*{}</style>\n",
        "---\nsubject: '</title><script>x</script>'\npreview: '</div><script>'\n---\nx\n",
    ],
)
def test_no_markup_of_the_text_s_own_gets_in(text: str) -> None:
    read = Reader(render_email(text))

    assert set(read.tags) <= SAFE
    assert read.tags.count("style") == 1
    assert not [name for _, name, _ in read.given if name.startswith("on")]
    addresses = [value for _, name, value in read.given if name in ("href", "src")]
    assert all(each.startswith("https://") for each in addresses)


@given(text=st.text(alphabet="<>\"'&[]()!*_`#-|: \nabz/=\x02\x03", max_size=60))
def test_whatever_is_written_is_a_document_that_is_known_again(text: str) -> None:
    document = render_email(f"---\nsubject: s\n---\n{text}")

    assert set(Reader(document).tags) <= SAFE
    assert is_rendering(document)


def test_a_document_that_a_person_changed_is_not_taken_for_ours() -> None:
    document = render_email(MAIL)

    assert is_rendering(document)
    assert not is_rendering(document.replace("closes", "shuts"))
    assert not is_rendering(document + "\n")
    assert not is_rendering(document.replace('content="copydesk', 'content="other'))
    assert not is_rendering("")
    assert not is_rendering(document.partition("<body")[0])


def test_what_would_take_too_long_or_goes_too_deep_is_shown_as_it_was_typed() -> None:
    deep = "".join("    " * depth + "- x\n" for depth in range(300))

    assert "- x" in body(deep)
    assert "<li" not in body(deep)
    assert "[" * (BRACKETS + 1) in body("[" * (BRACKETS + 1) + "\n\nTwo &\n")
    assert ">Two &amp;</p>" in body("[" * (BRACKETS + 1) + "\n\nTwo &\n")
