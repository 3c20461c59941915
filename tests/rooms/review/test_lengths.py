"""Lengths as networks count them, citations out and back, and findings that stand where the words do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.model import Finding
from generator.review import check_lengths, length_on, split_posts, with_citations, without_citations
from generator.review.lengths import EXPLANATIONS, LIMITS

FAMILY = "👨‍👩‍👧‍👦"


# Counting --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("This is a test.", 15),
        ("http://test.com", 23),
        ("https://test.com", 23),
        ("test.com", 23),
        ("Test https://test.com test https://test.com test.com test", 86),
        ("https://example.com/" + "a" * 300 + "?q=1&r=(2)#x.", 24),
        ("(https://en.example.org/wiki/Ledger_(book))", 25),
        ("日本https://example.com/日本", 2 * 2 + 23 + 2 * 2),
        ("ada@test.com and README.md", 26),
        ("ftp://nowhere", 13),
        ("저찀쯿쿿", 8),
        ("\U00010000\U0010ffff", 4),
        ("cafe\u0301", 4),
        ("“quotes” – and…", 16),
        ("\u2026\u2020", 4),
        ("👾", 2),
        ("🙋🏽", 2),
        ("👨‍🎤", 2),
        (FAMILY, 2),
        ("🇩🇪1️⃣", 4),
        ("H🐱☺", 5),
        ("☺️", 2),
        ("© 2026", 6),
    ],
)
def test_x_counts_by_weight(text: str, length: int) -> None:
    assert length_on("x", text) == length_on("twitter", text) == length


@pytest.mark.parametrize(
    ("network", "text", "length"),
    [
        ("mastodon", "a" * 100, 100),
        ("mastodon", "See https://example.com/" + "a" * 99, 27),
        ("mastodon", "See example.com", 15),
        ("mastodon", "@alice@" + "b" * 30 + ".example and @bob", 15),
        ("mastodon", "mail ada@example.com", 20),
        ("mastodon", FAMILY, 1),
        ("bluesky", f"{FAMILY} e\u0301 https://example.com", 23),
        ("threads", f"é {FAMILY}", 2 + len(FAMILY.encode())),
        ("linkedin", f"é 𝗯 {FAMILY}", 2 + 3 + 11),
        ("facebook", "𝗯", 2),
        ("instagram", "𝗯", 2),
        ("pigeon", FAMILY, 1),
    ],
)
def test_every_network_counts_in_its_own_way(network: str, text: str, length: int) -> None:
    assert length_on(network, text) == length


@given(text=st.text(max_size=60), network=st.sampled_from([*LIMITS, "pigeon"]))
def test_any_text_has_a_length(text: str, network: str) -> None:
    assert 0 <= length_on(network, text) <= max(30 * len(text), 0)


# Citations -------------------------------------------------------------------------------------------------------

CITED = """---
subject: A month in a day [^notes-1]
---
[^notes-2] It closes in a day [^notes-1][^rows-3]. Really.[^gone]
[^notes-1]
> Ask `x [^notes-1]` or \\[^notes-2] us [^own].

```
kept [^notes-1]
```

1. ```
   kept [^notes-2]
   ```
- One [^rows-3]

[^own]: What Ada adds [^notes-1] herself.

[^notes-1]: notes.md, line 1
  and more of it
[^rows-3]: rows.csv, line 3
"""
PLAIN = """---
subject: A month in a day
---
It closes in a day. Really.
> Ask `x [^notes-1]` or \\[^notes-2] us [^own].

```
kept [^notes-1]
```

1. ```
   kept [^notes-2]
   ```
- One

[^own]: What Ada adds herself.
"""


def test_citations_and_the_footnotes_of_passages_go_and_nothing_else() -> None:
    assert without_citations(CITED) == PLAIN
    assert without_citations(CITED.replace("\n", "\r\n")) == PLAIN.replace("\n", "\r\n")
    assert without_citations("Foo\n\n[^a-1] Start\n\n[^a-1]: a, line 1") == "Foo\n\nStart\n"
    assert without_citations("> ```\n> code [^a-1]\n\nwords [^a-1]\n") == "> ```\n> code [^a-1]\n\nwords\n"
    assert without_citations("[^a-1]: a.md, line 1\n") == ""


WORDS = st.sampled_from(
    ["It", "closes", "fast.", "Why?", "[^notes-1]", "[^rows-22]", "`[^x-1]`", "-", "\n", "\n\n", "## A\n"]
)
TEXTS = st.lists(WORDS, max_size=30).map(" ".join)


@given(text=TEXTS, notes=st.booleans())
def test_no_word_goes_with_the_citations_and_they_find_back(text: str, notes: bool) -> None:
    cited = text + ("\n\n[^notes-1]: notes.md, lines 1-2\n[^rows-22]: rows.csv, line 3\n" if notes else "")
    plain = without_citations(cited)

    assert without_citations(plain) == plain
    words = [word for word in text.split() if word not in ("[^notes-1]", "[^rows-22]")]
    assert plain.split() == words
    back = with_citations(plain, cited) or ""
    assert without_citations(back) == plain or not plain.endswith("\n")
    assert back.count("[^") <= cited.count("[^")


def test_citations_are_put_back_where_the_words_before_them_stand() -> None:
    cited = "One is so [^a-1].\n\nTwo costs 49 EUR [^b-2], they say [^c-3].\n\nThree [^d-4].\n\n[^a-1]: a, line 1\n[^b-2]: b, line 1\n"
    plain = without_citations(cited)
    text = plain.replace("One is", "One always was").replace("49 EUR", "59 dollars").replace("Three.\n", "")

    assert with_citations(plain, cited) == cited
    assert with_citations(f"---\nsubject: s\n---\n\n{text}", cited) == (
        "---\nsubject: s\n---\n\nOne always was so [^a-1].\n\nTwo costs 59 dollars [^b-2], they say [^c-3].\n\n\n"
        "[^a-1]: a, line 1\n[^b-2]: b, line 1\n"
    )
    assert (
        with_citations("Other words", "Some words [^a-1]\n\n[^a-1]: a, line 1")
        == "Other words [^a-1]\n\n[^a-1]: a, line 1"
    )
    assert with_citations("", "[^a-1]: a, line 1\n") == "[^a-1]: a, line 1\n"
    assert with_citations("New.\n", "[^a-1] Start.\n") == "[^a-1] New.\n"
    assert with_citations("b a " * 7000, "a b " * 7000 + "[^a-1]") is None


# Posts -----------------------------------------------------------------------------------------------------------

POSTS = """---
title: T
---
# Three of them

Not a post.

## First

It is quick [^notes-1].
```
## no heading
```

## Second

##
## Third
### Its own heading

Said once more.

[^notes-1]: notes.md, line 1
"""


def test_a_section_is_a_post_as_it_will_be_pasted() -> None:
    assert split_posts(POSTS) == (
        (8, "It is quick.\n```\n## no heading\n```"),
        (15, "##"),
        (18, "### Its own heading\n\nSaid once more."),
    )
    assert split_posts("Only words.\n") == split_posts("") == ()


# Findings --------------------------------------------------------------------------------------------------------


def told(
    kind: str, text: str, name: str = "x", count: int = 0, fields: dict[str, str] | None = None
) -> list[tuple[str, str, int, int]]:
    found = check_lengths(
        kind=kind, path="drafts/b/x.md", text=text, fields=tuple((fields or {}).items()), name=name, count=count
    )
    assert all(isinstance(each, Finding) and each.path == "drafts/b/x.md" and each.fix for each in found)
    assert {each.code for each in found} <= set(EXPLANATIONS)
    return [(each.code, each.level, each.line, each.column) for each in found]


BODY = "word " * 60


@pytest.mark.parametrize(
    ("text", "fields", "found"),
    [
        (f"# T\n\n{BODY}", {"title": "t" * 70, "description": "d" * 160}, []),
        (
            f"# T\n\n{BODY}",
            {"title": "t" * 71, "description": "d" * 161},
            [("D040", "warn", 1, 1), ("D041", "warn", 1, 1)],
        ),
        (f"---\na: b\ntitle: x\n---\n{BODY}", {"title": FAMILY * 71}, [("D040", "warn", 3, 1)]),
        (f"---\na: b\n---\n\n# {'t' * 71} #\n{BODY}", {}, [("D040", "warn", 5, 1)]),
        (f"```\n# {'t' * 71}\n```\n# T\n{BODY}", {}, []),
        (f"No heading. {BODY}", {}, []),
        ("---\na: b\n---\n# T\n\n" + "word " * 30 + "| - | -- [^notes-1]\n", {}, [("D042", "warn", 4, 1)]),
        ("字" * 50, {}, []),
    ],
)
def test_a_page(text: str, fields: dict[str, str], found: list[tuple[str, str, int, int]]) -> None:
    assert told("page", text, fields=fields) == found


@pytest.mark.parametrize(
    ("text", "fields", "found"),
    [
        ("Hi.", {"subject": "s" * 60, "preview": "p" * 110}, []),
        ("Hi.", {}, [("D043", "error", 1, 1), ("D045", "warn", 1, 1)]),
        (
            "---\nsubject: x\n  \npreview: y\n---\nHi.",
            {"subject": "s" * 61, "preview": "p" * 111},
            [("D044", "warn", 2, 1), ("D045", "warn", 4, 1)],
        ),
        ("---\n[broken\n---\nHi.", {"subject": "s", "preview": "p"}, []),
        ("---\na: b\n---\n" + "word " * 401, {"subject": "s", "preview": "p"}, [("D046", "warn", 4, 1)]),
        ("word " * 400 + "[^notes-1]", {"subject": "s", "preview": "p"}, []),
    ],
)
def test_an_email(text: str, fields: dict[str, str], found: list[tuple[str, str, int, int]]) -> None:
    assert told("email", text, fields=fields) == found


def test_posts() -> None:
    assert told("posts", POSTS, "linkedin", 3) == []
    assert told("posts", POSTS, "linkedin", 1) == [("D049", "warn", 4, 1)]
    assert told("posts", "", "linkedin", 1) == [("D049", "warn", 1, 1)]
    text = f"## One\n\n{'a' * 280} [^notes-1]\n\n## Two\n\n[^notes-1]\n\n## Three\n{'字' * 141}\n"
    assert told("posts", text, "x-launch", 3) == [("D048", "error", 5, 1), ("D047", "error", 9, 1)]
    assert told("posts", text, "X", 3) == told("posts", text, "x-launch", 3)
    assert told("posts", text, "pigeon", 3) == [("D048", "error", 5, 1)]
    (found,) = check_lengths(kind="posts", path="p", text=f"## A\n{'a' * 301}", fields=(), name="bluesky", count=1)
    assert found.message == "the post counts 301 on bluesky, which takes 300: 1 too many"


@given(text=st.text(max_size=80), kind=st.sampled_from(["page", "email", "posts"]))
def test_no_text_makes_it_raise(text: str, kind: str) -> None:
    told(kind, text, "x", 1)
    told(kind, f"---\n{text}\n---\n## {text}\n", "mastodon", 2)


def test_a_network_that_is_nearly_known_is_named() -> None:
    said = [(each.code, each.fix) for each in posts_of("linkedn")]
    assert ("D047", "Did you mean linkedin?") in said
    assert "D047" not in [code for code, _ in [(each.code, each.fix) for each in posts_of("newsroom")]]


def posts_of(network: str) -> tuple[Finding, ...]:
    text = "## Post 1\n\nSay it.\n"
    return check_lengths(kind="posts", path="drafts/a/a.posts.md", text=text, fields=(), name=network, count=1)
