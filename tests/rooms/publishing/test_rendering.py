"""A text as the site would show it: with the workspace's own extensions, or a new workspace's."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.publishing import HtmlRenderer, starter_mkdocs

BARE = "site_name: x\ntheme: mkdocs\nplugins: []\n"


def write(root: Path, text: str) -> Path:
    (root / "mkdocs.yml").write_text(text, encoding="utf-8")
    return root


def html(root: Path, text: str) -> str:
    found, _ = HtmlRenderer(root).render(text)
    assert found is not None
    return found


def test_the_workspaces_own_extensions_render(tmp_path: Path) -> None:
    text = "# Title {.big}\n\n- [ ] open\n"

    assert html(write(tmp_path, BARE), text) == '<h1 id="title-big">Title {.big}</h1>\n<ul>\n<li>[ ] open</li>\n</ul>'

    listed = f"{BARE}markdown_extensions:\n  - attr_list\n  - pymdownx.tasklist:\n      custom_checkbox: true\n"
    made = html(write(tmp_path, listed), text)
    assert 'class="big"' in made
    assert 'type="checkbox" disabled' in made
    assert "task-list-indicator" in made


@pytest.mark.parametrize(
    "config",
    [
        None,
        "site_name: [",
        "docs_dir: elsewhere\n",
        f"{BARE}markdown_extensions: [nowhere.at.all]\n",
        f"{BARE}markdown_extensions: [pymdownx.snippets]\n",
        starter_mkdocs("Ours"),
    ],
)
def test_where_no_site_can_be_published_a_new_workspaces_extensions_render(tmp_path: Path, config: str | None) -> None:
    if config is not None:
        write(tmp_path, config)

    made = html(tmp_path, '# Title {.big}\n\n!!! note\n    Boxed[^1].\n\n--8<-- "mkdocs.yml"\n\n[^1]: Cited.\n')

    assert '<h1 class="big" id="title">' in made
    assert 'class="admonition note"' in made
    assert 'class="footnote"' in made
    assert "site_name" not in made


def test_renderings_do_not_know_of_one_another(tmp_path: Path) -> None:
    renderer = HtmlRenderer(tmp_path)
    one = '# A\n\nB[^1] [c] HTML\n\n=== "x"\n    y\n\n[^1]: d\n[c]: e\n*[HTML]: f\n'

    first = renderer.render(one)

    assert renderer.render("[c] HTML [^1]\n") == ("<p>[c] HTML [^1]</p>", ())
    assert renderer.render(one) == first


def test_front_matter_is_told_apart_as_mkdocs_does_it(tmp_path: Path) -> None:
    renderer = HtmlRenderer(tmp_path)

    fields = (("title", "A: b"), ("tags", "c"), ("tags", "3"), ("d", "e"), ("d", "f"))
    text = '---\r\ntitle: "A: b"\r\ntags: [c, 3]\r\nd: {e: f}\r\n---\r\nWords\r\n'
    assert renderer.render("\ufeff" + text) == ("<p>Words</p>", fields)
    assert renderer.render("template: x.html\n\nWords\n") == ("<p>Words</p>", (("template", "x.html"),))
    assert renderer.render("---\na: b\n...\nWords\n---\n")[1] == (("a", "b"),)
    made, none = renderer.render("---\n[\n---\nWords\n")
    assert none == ()
    assert made is not None
    looped = renderer.render("---\na: &x [b, *x]\nc: [*x]\n---\nWords\n")
    assert looped == ("<p>Words</p>", (("a", "b"), ("c", "b")))


def test_a_text_on_which_an_extension_fails_is_none(tmp_path: Path) -> None:
    assert HtmlRenderer(tmp_path).render("---\na: b\n---\n" + "- " * 1500 + "x") == (None, (("a", "b"),))
