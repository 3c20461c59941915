"""Links: what leads nowhere is found, and what leads somewhere is not."""

from __future__ import annotations

import pytest

from generator.model import Finding
from generator.review import Subject, check_draft

PAGES = {
    "docs/index.md": "",
    "docs/guide/first.md": "",
    "docs/img/a b.png": "",
    "docs/news/tally.md": "",
    "docs/next.md": "next",
}


def check(text: str, kind: str = "page") -> tuple[Finding, ...]:
    subject = Subject(
        path="drafts/tally/tally.md",
        text=text,
        kind=kind,
        place="docs/news/tally.md",
        pages=PAGES,
        asked=frozenset({"links"}),
    )
    return check_draft(subject)


@pytest.mark.parametrize(
    "text",
    [
        "[a](../index.md) [b](../guide/first.md#part) ![c](../img/a%20b.png) [d](<../img/a b.png>)\n",
        "[a](https://x.example) [b](mailto:a@b.example) [c](//x.example) <https://x.example>\n",
        '[a](../index.md "A title") [b](../index.md?x=1)\n',
        "[a][one]\n\n[one]: ../index.md\n",
        "## A *heading* of ours!\n\n[a](#a-heading-of-ours) [b](#own) [c](#fn:1) [d](#)\n\n## Other {#own}\n",
        "`[a](nowhere.md)` and [^own]\n\n```\n[a](nowhere.md)\n```\n\n[^own]: nowhere.md\n",
        "[self](tally.md) [abs](/guide/first/)\n",
        "[a [nested] text](../index.md)\n",
        "    [a](gone.md)\n",
        "<!-- [a](gone.md) -->\n",
        "\\[a](gone.md)\n",
        "`a\n[a](gone.md)`\n",
        "[Hinweis]: Bitte lesen Sie das\n",
        "[a](../guide/first/) [b](..) [c](../)\n",
        "## Über uns\n\n## Straße 5\n\n## Was _ist_ neu\n\n## A `b_c` d\n\n[a](#uber-uns) [b](#strae-5) [c](#was-ist-neu) [d](#a-b_c-d)\n",
        "## ![pic](a.png) Title\n".replace("![pic](a.png)", "![pic](../index.md)") + "\n[a](#title)\n",
    ],
)
def test_links_that_lead_somewhere(text: str) -> None:
    assert check(text) == ()


@pytest.mark.parametrize(
    ("text", "code", "place", "fix"),
    [
        ("# T\n\nSee [a](../gude/first.md).\n", "D010", (3, 9), "Did you mean ../guide/first.md?"),
        ("---\na: b\n---\n![x](zzz.png)\n", "D010", (4, 6), "Link to a page or file"),
        ("[a][one]\n\n[one]: ../indx.md\n", "D010", (3, 8), "../index.md"),
        ("[a](../next.md)\n", "D011", (1, 5), "copydesk approve docs/next.md"),
        ("# The price\n\n[a](#teh-price)\n", "D012", (3, 5), "#the-price"),
        ("## Über uns\n\n[a](#über-uns)\n", "D012", (3, 5), "#uber-uns"),
        ("[a](#x)\n", "D012", (1, 5), "Link to one of the headings."),
        ("[a](../../../etc/passwd)\n", "D010", (1, 5), ""),
    ],
)
def test_links_that_lead_nowhere(text: str, code: str, place: tuple[int, int], fix: str) -> None:
    (finding,) = check(text)
    assert (finding.code, (finding.line, finding.column)) == (code, place)
    assert fix in finding.fix
    assert finding.level == ("error" if code == "D010" else "warn")


@pytest.mark.parametrize("kind", ["email", "posts"])
def test_what_is_sent_names_whole_addresses(kind: str) -> None:
    (finding,) = check("[a](../index.md) [b](https://x.example)\n", kind)
    assert (finding.code, finding.level) == ("D013", "error")
