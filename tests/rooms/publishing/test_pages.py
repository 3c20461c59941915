"""The bytes that are approved: the copy, and what it lacks from the brief."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from mkdocs.utils import meta

from generator.errors import MatterError
from generator.model import Brief, Deliverable
from generator.publishing import render_page

PAGE = Deliverable(kind="page", name="skills/workflow-design", step="revise")
EMAIL = Deliverable(kind="email", name="tally-3", step="mail")
POSTS = Deliverable(kind="posts", name="linkedin", step="posts", count=3)


def brief(*deliverables: Deliverable, **fields: str) -> Brief:
    given = {"title": "Tally 3: close the month", "goal": "start a trial", "description": "How to close.", **fields}
    pairs = tuple((key.rstrip("_"), value) for key, value in given.items())
    return Brief(
        name="b",
        path="content_briefs/b.md",
        workflow="article",
        fields=pairs,
        body="",
        deliverables=deliverables or (PAGE,),
    )


def read(text: str) -> dict[str, object]:
    body, data = meta.get_data(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))
    assert not body.startswith("---")
    return data


def test_a_copy_without_front_matter_gains_it() -> None:
    page = render_page(PAGE, brief(tags="one, two"), "# Heading\n\nText.\n")

    assert page == (
        '---\ntitle: "Tally 3: close the month"\ndescription: How to close.\ntags:\n  - one\n  - two\n---\n\n# Heading\n\nText.\n'
    )


def test_the_copys_own_fields_win_byte_for_byte() -> None:
    copy = "---\ntitle:   'Mine'   # as I like it\nhide: [toc]\n---\n# Heading\n"

    assert render_page(PAGE, brief(), copy) == (
        "---\ntitle:   'Mine'   # as I like it\nhide: [toc]\ndescription: How to close.\n---\n# Heading\n"
    )


def test_a_complete_copy_is_returned_as_it_is() -> None:
    copy = "---\ntitle: a\ndescription: b\ntags: []\n---\nText"

    assert render_page(PAGE, brief(tags="x"), copy) is not None
    assert render_page(PAGE, brief(tags="x"), copy) == copy


def test_a_goal_is_direction_and_never_shown_to_readers() -> None:
    assert "start a trial" not in render_page(PAGE, brief(description=""), "x\n")


def test_a_brief_that_gives_nothing_adds_nothing() -> None:
    assert render_page(PAGE, brief(title="", description=""), "# Heading\n") == "# Heading\n"


def test_line_ends_and_the_byte_order_mark_stay() -> None:
    crlf = render_page(PAGE, brief(), "# A\r\n\r\nB\r\n")
    marked = render_page(PAGE, brief(), "\ufeff---\r\nhide: [toc]\r\n---\r\n# A\r\n")

    assert "\n" not in crlf.replace("\r\n", "")
    assert crlf.endswith("---\r\n\r\n# A\r\n\r\nB\r\n")
    assert marked.startswith("\ufeff---\r\nhide: [toc]\r\ntitle: ")
    assert "\n" not in marked.replace("\r\n", "")


@pytest.mark.parametrize(
    ("copy", "front"),
    [
        ("", {"title": "Tally 3: close the month", "description": "How to close."}),
        ("---\n---\nText\n", {"title": "Tally 3: close the month", "description": "How to close."}),
        ("---\n  hide: x\n---\n", {"hide": "x", "title": "Tally 3: close the month", "description": "How to close."}),
        ("---\n{title: a}\n---\nText\n", {"title": "a"}),
        ("---\n- a\n---\nText\n", None),
    ],
    ids=["empty", "empty-matter", "indented", "braces", "list"],
)
def test_unusual_front_matter(copy: str, front: dict[str, object] | None) -> None:
    page = render_page(PAGE, brief(), copy)

    assert page == copy if front is None else read(page) == front


def test_front_matter_that_cannot_be_read_is_refused_with_its_place() -> None:
    with pytest.raises(MatterError) as caught:
        render_page(PAGE, brief(), "---\ntitle: a\ntitle: b\n---\n")

    assert caught.value.findings[0].line == 3


def test_pages_of_one_brief_keep_their_own_headings_as_titles() -> None:
    two = brief(PAGE, Deliverable(kind="page", name="other", step="x"))

    assert "title" not in read(render_page(PAGE, two, "# Its own\n"))
    assert read(render_page(PAGE, two, "No heading.\n"))["title"] == "Tally 3: close the month"


def test_an_email_gains_subject_and_preview_and_posts_a_title() -> None:
    email = render_page(EMAIL, brief(description="Short."), "---\npreview: Mine\n---\nHello\n")

    assert email == '---\npreview: Mine\nsubject: "Tally 3: close the month"\n---\nHello\n'
    assert read(render_page(EMAIL, brief(), "Hello\n")) == {
        "subject": "Tally 3: close the month",
        "preview": "How to close.",
    }
    assert read(render_page(POSTS, brief(), "1\n")) == {"title": "Tally 3: close the month"}


@given(
    title=st.text(max_size=40),
    description=st.text(max_size=40),
    body=st.text(max_size=40),
    ends=st.sampled_from(["\n", "\r\n"]),
)
def test_rendering_twice_is_rendering_once_and_values_read_as_typed(
    title: str, description: str, body: str, ends: str
) -> None:
    copy = "# H\n\n".replace("\n", ends) + body
    wanted = brief(title=title, description=description)

    page = render_page(PAGE, wanted, copy)

    assert render_page(PAGE, wanted, page) == page
    assert page.endswith(copy)
    if page != copy:
        front = yaml.safe_load(page[: -len(copy)].strip().removeprefix("---").removesuffix("---"))
        said = {"title": " ".join(title.split()), "description": " ".join(description.split())}
        assert front == {key: value for key, value in said.items() if value}


@pytest.mark.parametrize(
    "value", ["NO", "18:30", "1.10", "a: b", "x #y", "- dash", "'", '"', "\\", "null", "@at", "é – “q”", "`{%`"]
)
def test_values_that_yaml_would_change_are_quoted(value: str) -> None:
    assert read(render_page(PAGE, brief(title=value), "x\n"))["title"] == value
