"""Hostile markup: found in what the site would show, whatever dress it wears, and not found in ordinary pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.model import Finding
from generator.publishing import HtmlRenderer
from generator.review import EXPLANATIONS, check_markup, may_hold_markup

HERE = Path(__file__).parents[3]
PAGE = "drafts/tally-3/tally-3.md"
SITE = HtmlRenderer(Path("no workspace"))


def judge(text: str) -> tuple[Finding, ...]:
    html, fields = SITE.render(text)
    return check_markup(PAGE, text, html, fields)


def found(text: str) -> list[tuple[str, int, int]]:
    return [(finding.code, finding.line, finding.column) for finding in judge(text)]


ATTACKS = [
    # Tags
    "<script>alert(1)</script>",
    "Words <script src=//x.example></script> words",
    "<ScRiPt>alert(1)</sCrIpT>",
    "<script\n>alert(1)</script>",
    "<script/x>alert(1)</script>",
    "<style>body{background:url(//x)}</style>",
    "<iframe src='https://x.example'></iframe>",
    "<iframe srcdoc='&lt;script>alert(1)&lt;/script>'></iframe>",
    "<object data='x.swf'></object>",
    "<embed src='x.swf'>",
    "<form action='https://x.example'><button>Go</button></form>",
    "<button formaction='javascript:alert(1)'>Go</button>",
    "<input type='password' name='p'>",
    "<input type='checkbox'>",
    "Words <input> words",
    "<textarea></textarea>",
    "<base href='https://x.example/'>",
    "<meta http-equiv='refresh' content='0;url=//x'>",
    "<link rel='stylesheet' href='//x'>",
    "<body onload=alert(1)>",
    "Words <body onload=alert(1)> words",
    "<html onmouseover=alert(1)>",
    "<x-y onclick=alert(1)>text</x-y>",
    "<template><script>alert(1)</script></template>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<portal src='//x'></portal>",
    "<dialog open>x</dialog>",
    "<plaintext>",
    "<frameset onload=alert(1)>",
    "<applet code=x></applet>",
    # Handlers
    "<img src=x onerror=alert(1)>",
    "<img/src=x onerror=alert(1)>",
    "<img src=x\nonerror\n=\nalert(1)>",
    "<IMG SRC=x OnErRoR=alert(1)>",
    "<p onclick='alert(1)'>x</p>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<video><source onerror=alert(1)></video>",
    "<div markdown onmouseenter=alert(1)>\n*x*\n</div>",
    "![a](x){onerror=alert(1)}",
    "# Title {onclick=alert(1)}",
    "Title {onclick=alert(1)}\n=====",
    "Words *it*{: onmouseover='alert(1)' } words",
    "Paragraph.\n{: onclick=alert(1) }",
    "| a | b |\n|---|---|\n| c {onclick=alert(1)} | d |",
    "- item\n{: onclick=x }",
    "[x](y){ONCLICK=alert(1)}",
    "Term\n: <b onfocus=alert(1) tabindex=0>x</b>",
    '!!! note "a <img src=x onerror=alert(1)>"\n    text',
    '=== "a <img src=x onerror=alert(1)>"\n    text',
    '??? tip "<svg onload=alert(1)>"\n    text',
    "Words[^1].\n\n[^1]: <img src=x onerror=alert(1)>",
    "> <img src=x onerror=alert(1)>",
    "- one\n\n    <img src=x onerror=alert(1)>\n",
    # Addresses
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x]( javascript:alert(1))",
    "[x](java&#115;cript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](javascript&#x3A;alert(1))",
    "[x](java&Tab;script:alert(1))",
    "[x](java&NewLine;script:alert(1))",
    "[x](&#1;javascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](vbscript:msgbox)",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](file:///etc/passwd)",
    "[x](ms-msdt:/id)",
    "![x](javascript:alert(1))",
    "![x](data:text/html,x)",
    "[![x](a.png)](javascript:alert(1))",
    "[x][y]\n\n[y]: javascript:alert(1)",
    "[x]\n\n[x]: javascript:alert(1) 'title'",
    "[x][]\n\n[x]:\n    javascript:alert(1)",
    "<javascript:alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='javascript://[%0aalert(1)'>x</a>",
    "[x](javascript://a:b/%0aalert(1))",
    "<a HREF='javascript://a b:x/%0aalert(1)'>x</a>",
    "<a href='\x01javascript:alert(1)'>x</a>",
    "<a href=' java\nscript:alert(1)'>x</a>",
    "<a href=jav&#x09;ascript:alert(1)>x</a>",
    "<a href='&#106avascript:alert(1)'>x</a>",
    "[x](y){href=javascript:alert(1)}",
    "*x*{href=y ping=//x}",
    "<video poster=javascript:alert(1)></video>",
    "Words[^1].\n\n[^1]: [x](javascript:alert(1))",
    # Styles, ids and what belongs to the theme
    "<p style='position:fixed;inset:0'>x</p>",
    "<p style='background:url(//x)'>x</p>",
    "<p style='width:expression(alert(1))'>x</p>",
    '# Title {style="background:red"}',
    "<div id='__config'>{\"base\": \"//x\"}</div>",
    "# x {#__config}",
    "# \\_\\_config",
    "<div data-md-component='search'>x</div>",
    "![a](b){data-title='<img src=x onerror=alert(1)>'}",
    "<img name='currentScript'>",
    "<label for='__search'>x</label>",
    "<a href=x autofocus>x</a>",
    # Drawings
    "<svg onload=alert(1)></svg>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<svg><foreignObject><b>x</b></foreignObject></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x></svg>",
    "<svg><a xlink:href='javascript:alert(1)'>x</a></svg>",
    "<svg><details><a href='javascript:alert(1)'>x</a></details></svg>",
    "<svg><use href='data:image/svg+xml,x'/></svg>",
    "<math><maction actiontype='statusline#x' xlink:href='javascript:alert(1)'>x</maction></math>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<svg a='><path></svg><details>' onload=alert(1)></svg>",
    "<p>a<path><a href='javascript:alert(1)'>x</a></p>",
    "<p><g><i onclick=alert(1)>x</i></g></p>",
    "<p title='<svg a=\"'x\"><path></svg><a href='javascript:x'>y</a></p>",
    "<p title=\"<svg a=\"x\"><path></svg><a href='javascript:x'>y</a></p>",
    # Mutation and what is never ended
    "<!--><script>alert(1)</script>-->",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!-- --!><img src=x onerror=alert(1)> -->",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<title><a title='</title><img src=x onerror=alert(1)>'>",
    "<b title='`'><img title='`' src=x onerror=alert(1)>",
    "<![CDATA[><img src=x onerror=alert(1)>]]>",
    "<?x ><img src=x onerror=alert(1)>?>",
    "<table><td><script>alert(1)</script>",
    "<a href='x' <img src=x onerror=alert(1)>",
    "&lt;b&gt; <<script>alert(1)//<</script>",
    "</p><script>alert(1)</script>",
    "`<b>` <img src=x onerror=`alert(1)`>",
    '<xmp><p title="</xmp><img src=x onerror=alert(1)>">',
]  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_found_on_a_page(attack: str) -> None:
    text = f"# Title\n\n{attack}\n\nWords.\n"
    findings = judge(text)
    assert findings, SITE.render(text)[0]
    assert may_hold_markup(text)
    assert {each.code for each in findings} <= set(EXPLANATIONS)
    assert all(each.level == "error" and each.fix and each.path == PAGE for each in findings)
    assert all(each.line >= 1 and each.column >= 1 for each in findings)
    assert judge(text.replace("\n", "\r\n"))


HARMLESS = [
    "Words, *em*, **strong**, `<script>`, a < b > c, R&D, &copy; and a\\\nbreak.",
    "# Title with `code` {#own .big}\n\n## Two\n\n### Two",
    '[a](b.md) [c](https://x.example/?a=b&c=d#e) [d](mailto:x@x.example) [e](tel:+49) [f](#g "Note: this") <https://x.example>',
    "[a][b] [c]\n\n[b]: https://x.example 'A title'\n[c]: ../c.md#d:e",
    '![a](b.png){ width="300" loading=lazy align=right }',
    "![a](data:image/png;base64,iVBORw0KGgo=)",
    "<img src='data:image/svg+xml;utf8,x' alt='a'>",
    "| a | b |\n|:--|:-:|\n| c | d |",
    "- [x] done\n- [ ] open",
    '<ul class="task-list"><li><label><input type="checkbox" disabled checked/><span></span></label> x</li></ul>',
    '!!! warning "Careful: *really*"\n    Boxed.\n\n??? note\n    Folded.\n\n???+ tip "a"\n    Open.',
    '=== "One"\n    a\n\n=== "Two"\n    b',
    "```python title=\"<b>.py\" linenums=\"1\" hl_lines=\"1\"\nprint('<script>')\n```",
    "``` html\n<script>alert(1)</script>\n<img src=x onerror=alert(1)>\n```",
    "    <script>indented code</script>",
    "~~~\n[x](javascript:alert(1))\n~~~",
    "Words[^a].\n\n[^a]: notes.md, lines 1-2; see [b](c.md).",
    "Term\n:   Definition\n\nOther\n:   One\n:   Two",
    '*[HTML]: Hyper "Text" Markup\n\nHTML is read.',
    '<div class="grid cards" markdown>\n\n- __One__\n\n    ---\n\n    [a](b.md){ .md-button }\n\n</div>',
    '<figure markdown="span">\n  ![a](b.png){ width=300 }\n  <figcaption>A picture</figcaption>\n</figure>',
    "<details open><summary>More</summary><p>Text</p></details>",
    '<kbd>Ctrl</kbd> <mark>a</mark> <ins>b</ins> <del>c</del> <sub>d</sub> <sup>e</sup> <abbr title="x">f</abbr><br>',
    "<dl><dt>a</dt><dd>b</dd></dl>\n\n<hr>",
    '<table><tr><th style="text-align: right; width: 20%" colspan="2">a</th></tr></table>',
    '<span class="twemoji"><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M1 2z"/></svg></span>',
    '<video controls width="400"><source src="a.mp4" type="video/mp4"></video>',
    "<!-- more -->\n\nWords\n\n<!-- a note: [x](y) -->",
    '<a id="here" href="x" target="_blank" rel="noopener" data-preview aria-label="x" title="a > b">x</a>',
    "[x](javascript.md) and javascript: is a word, as onclick= is. on this page.",
    "> Quote with **bold**\n>\n> - list\n\n1. a\n2. b\n\n---",
    "<p>A paragraph never ended <b>bold",
    '<pre class="mermaid"><code>graph LR; A--&gt;B</code></pre>',
]  # fmt: skip


@pytest.mark.parametrize("text", HARMLESS)
def test_what_ordinary_pages_hold_is_harmless(text: str) -> None:
    assert judge(f"---\ntitle: 'a < b: \"c\"'\nhide:\n  - toc\n---\n# Title\n\n{text}\n") == ()


@pytest.mark.parametrize("path", sorted([*HERE.glob("docs/**/*.md"), *HERE.glob("drafts/**/*.md")]), ids=str)
def test_every_page_and_draft_here_is_harmless(path: Path) -> None:
    assert judge(path.read_text(encoding="utf-8")) == ()


def test_plain_prose_need_not_be_rendered() -> None:
    text = "---\ntitle: a\n---\n# Title: one\n\nWords: *two*.[^a-1] [b](c.md) [d](https://x.example)\n\n[^a-1]: b.md, line 3\n"
    assert not may_hold_markup(text)
    assert not may_hold_markup("A _word_, snake_case, and another_one here: so.\n")
    assert all(not may_hold_markup(path.read_text()) for path in (HERE / "docs/skills").glob("*.md"))


def test_each_is_told_where_it_stands() -> None:
    text = "---\ntitle: x\n---\n# Title\n\nA `<script>` in code.\n\nB <script>x</script>, C <script>y</script>.\n\n[x](javascript:y)\n"
    assert found(text) == [("D060", 8, 3), ("D060", 8, 25), ("D062", 10, 5)]
    assert found("# Title\n\nWords </main> words.\n") == [("D060", 3, 7)]
    assert found("\ufeff# Title {onclick=x}\n") == [("D061", 1, 10)]
    assert found("# T\n\n[x](java&#115;cript:y)\n") == [("D062", 1, 1)]
    assert "javascript:" in judge("[x](java&#115;cript:y)")[0].message


def test_what_is_begun_and_never_ended_is_found_in_html_of_any_extension() -> None:
    for html in ("<p>a</p><!-- b", "<img title='a", '<p title="a', "<b", "<p>x</p><img src=x alt=y "):
        assert "D067" in {each.code for each in check_markup(PAGE, "a <b\n", html, ())}
    for html in ("<b><i>a", "<div><p>a", "</div></p>a", "<table><tr>a", "a &lt; b"):
        assert check_markup(PAGE, "a", html, ()) == ()


def test_what_cannot_be_rendered_is_an_error() -> None:
    assert [each.code for each in check_markup(PAGE, "x", None, ())] == ["D069"]
    assert found("- " * 1500 + "x") == [("D069", 1, 1)]


@pytest.mark.parametrize(
    ("matter", "code", "line"),
    [
        ("title: <b>x</b>", "D065", 2),
        ("hide: [toc]\ndescription: 'a <!-- b'", "D065", 3),
        ('title: "\\x3cscript>"', "D065", 2),
        ("tags:\n  - a\n  - <img src=x>", "D065", 2),
        ("a: {b: [{c: '</p>'}]}", "D065", 2),
        ("'<b>': x", "D065", 2),
        ("subject: x\npreview: <?php", "D065", 3),
        ("robots: '0;url=//x\" http-equiv=\"refresh'", "D065", 2),
        ("image: 'java\\tscript:x'\nurl: javascript:x", "D065", 3),
        ("template: home.html", "D066", 2),
        ("title: x\nextra_css: [a.css]", "D066", 3),
        ("Extra-JavaScript: a.js", "D066", 2),
    ],
)
def test_a_field_that_holds_markup_or_chooses_a_template_is_found(matter: str, code: str, line: int) -> None:
    assert found(f"---\n{matter}\n---\n# Title\n") == [(code, line, 1)]


def test_prose_in_a_field_is_prose() -> None:
    text = """---\ntitle: "Data: what we know"\ndescription: 'He said "a"=b, 1 < 2 & 3 > 2'\nicon: a/b\n---\n# T\n"""
    assert found(text) == []


def test_no_more_is_told_than_a_person_can_read() -> None:
    assert len(judge("# T\n\n" + "<script>x</script>\n\n" * 300)) == 100


def test_fields_are_judged_as_mkdocs_reads_them() -> None:
    for text in (
        "template: x.html\n\n# Title\n",
        "---\ntemplate: x.html\n...\n# Title\n",
        "---\na: b\n...\n<script>\n---\nx",
    ):
        assert may_hold_markup(text)
        assert judge(text)
    assert check_markup(PAGE, "x", "", (("title", "<b>"),))[0].line == 1
    assert check_markup(PAGE, "x", "", (("title", "a < b"), ("tags", "a"))) == ()


PIECES = [
    "](", "]:", "][", "[", "]", "(", ")", "javascript:", "java", "script", ":", "x", "y.md", "https://x.example",
    "mailto:a", "/", "?", "#", "# ", "## ", "\n", "\n\n", "> ", "- ", "    ", "`", "*", "_", "__", "\\", "__config",
    "\\_", "config", "===", "---", "!!! note", "??? ", "=== ", '"', "'", "=", "onclick=x", "[^a]", "[^a]:", "*[x]:",
    "!", "~~~", "```", "python title=", "\t", " ", ".", ",", ";", "\x01", "\x0b", "\x0c", "\x1f", "\xa0", "\u2028",
    "data:", "+", "1. ", ": ", "\n: ", "--", "title: x", "template: y", "---\n", "...\n", "///", "%", "@", "$", "|",
    "<", "{", "&",
]  # fmt: skip
"""What Markdown and MkDocs take for something, to be put together in any order."""


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_a_text_that_need_not_be_rendered_is_harmless(text: str) -> None:
    if not may_hold_markup(text):
        assert judge(text) == (), SITE.render(text)[0]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.sampled_from(ATTACKS[:9]))
def test_no_text_makes_judging_fail(text: str, attack: str) -> None:
    html, fields = SITE.render(text + attack)
    for finding in check_markup(PAGE, text + attack, html, fields):
        assert finding.level == "error"
