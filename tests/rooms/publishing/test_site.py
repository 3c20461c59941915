"""Publishing with the real MkDocs: what readers see, what is told, what is left alone."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from generator import disk, publishing
from generator.errors import BrokenError, DiskError, RefusedError
from generator.model import Config
from generator.publishing import Built, build_site, starter_mkdocs

PAGE = "docs/skills/a.md"
PLAIN = "site_name: Test\ndocs_dir: docs\nsite_dir: site\ntheme: mkdocs\nplugins: []\n"
"""MkDocs' own theme: it builds in a fifth of the time."""


def write(root: Path, name: str, text: str) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def publish(root: Path, approved: dict[str, str] | None = None, *withheld: str) -> Built:
    return build_site(root, approved=approved or {}, withheld=frozenset(withheld), config=Config())


def files(root: Path) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): path.read_text() for path in sorted(root.rglob("*.html"))}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path, "mkdocs.yml", PLAIN)
    write(tmp_path, "docs/index.md", "# Home\n")
    return tmp_path


def test_a_site_with_everything_a_new_workspace_turns_on(tmp_path: Path) -> None:
    root = tmp_path
    write(root, "mkdocs.yml", starter_mkdocs('Our "site": 100 % <ours>'))
    write(root, "docs/index.md", "# Home\n\n[a](skills/a.md) [held](held.md) [gone](a.md#nowhere)\n")
    write(root, PAGE, "changed in docs/")
    write(root, "docs/held.md", "not yet")
    write(root, "site/.gitignore", "*\n!.gitignore\n")
    write(root, "site/index.html", "old")
    write(root, "site/old/index.html", "old")
    page = '---\ntitle: "A: one"\ndescription: What it is.\ntags: [craft]\n---\n# A\n\n!!! note\n    Boxed[^1].\n\n[^1]: Cited.\n'

    built = publish(root, {PAGE: page}, "docs/held.md")

    shown = files(root / "site")
    assert "old/index.html" not in shown
    assert not [name for name in shown if "held" in name]
    assert "<title>A: one - Our" in shown["skills/a/index.html"]
    assert '<meta name="description" content="What it is.">' in shown["skills/a/index.html"]
    assert "craft" in shown["skills/a/index.html"]
    assert 'class="admonition note"' in shown["skills/a/index.html"]
    assert 'class="footnote"' in shown["skills/a/index.html"]
    assert "changed in docs/" not in "".join(shown.values())
    assert "fonts.g" not in "".join(shown.values())
    assert (root / "site/.gitignore").read_text() == "*\n!.gitignore\n"
    assert (built.site, built.pages, built.own) == ("site", (PAGE,), ("docs/index.md",))
    assert any("held.md" in note for note in built.notes)
    assert not list((root / ".copydesk").glob("publish-*"))
    assert list((root / ".copydesk" / "templates").iterdir())


def test_fields_of_front_matter_are_text_wherever_the_theme_puts_them(tmp_path: Path) -> None:
    write(tmp_path, "mkdocs.yml", starter_mkdocs("Test"))
    write(tmp_path, "docs/index.md", "# Home\n")
    write(tmp_path, "docs/tags.md", "# Tags\n\n<!-- material/tags -->\n")
    bad = "</title><script>alert(1)</script>"
    page = (
        f"---\ntitle: 'Say \"yes\" {bad}'\ndescription: 'Say \"yes\" & go {bad}'\ntags: ['x {bad}', 2027]\n---\n# A\n"
    )

    publish(tmp_path, {PAGE: page})

    shown = files(tmp_path / "site")
    assert "<script>alert" not in "".join(shown.values())
    assert 'content="Say &quot;yes&quot; &' in shown["skills/a/index.html"]
    assert "<title>Say &quot;yes&quot; &lt;/title&gt;" in shown["skills/a/index.html"]
    assert "2027" in shown["tags/index.html"]
    index = (tmp_path / "site" / "search" / "search_index.json").read_text()
    assert "<script" not in index


def test_publishing_again_gives_the_same_bytes(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")  # MkDocs' own theme writes the time of the build
    publish(root, {PAGE: "# A\n"})
    once = files(root / "site")
    publish(root, {PAGE: "# A\n"})

    assert files(root / "site") == once


def test_a_missing_mkdocs_yml_names_init(tmp_path: Path) -> None:
    with pytest.raises(BrokenError, match="copydesk init"):
        publish(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "site_name: [\n",
        "site_name: Test\nplugins: [no-such-plugin]\n",
        "site_name: Test\ntheme: no-such-theme\n",
        "docs_dir: docs\n",
        PLAIN.replace("docs_dir: docs", "docs_dir: pages"),
        PLAIN.replace("site_dir: site", "site_dir: docs/site"),
        PLAIN.replace("site_dir: site", "site_dir: ."),
        PLAIN.replace("site_dir: site", "site_dir: drafts"),
        PLAIN.replace("site_dir: site", "site_dir: history/site"),
        PLAIN.replace("site_dir: site", "site_dir: .."),
    ],
)
def test_a_broken_mkdocs_yml_is_named_and_nothing_is_touched(root: Path, text: str) -> None:
    write(root, "mkdocs.yml", text)
    write(root, "pages/index.md", "# Other\n")
    write(root, "drafts/b/a.md", "a person's words")
    write(root, "site/index.html", "old")

    with pytest.raises(BrokenError) as caught:
        publish(root)

    assert caught.value.where == "mkdocs.yml"
    assert caught.value.mend
    assert (root / "drafts/b/a.md").read_text() == "a person's words"
    assert (root / "site/index.html").read_text() == "old"
    assert (root / "mkdocs.yml").read_text() == text


def test_a_folder_that_is_no_site_is_not_replaced(root: Path) -> None:
    write(root, "site/letters.txt", "a person's words")

    with pytest.raises(RefusedError, match=r"letters\.txt"):
        publish(root)

    assert (root / "site/letters.txt").exists()


def test_a_strict_site_with_warnings_stays_as_it_was(root: Path) -> None:
    strict = f"{PLAIN}strict: true\nvalidation: {{links: {{not_found: warn}}}}\n"
    write(root, "mkdocs.yml", strict)
    write(root, "site/index.html", "old")

    with pytest.raises(RefusedError, match=r"missing\.md"):
        publish(root, {PAGE: "[x](missing.md)\n"})

    assert files(root / "site") == {"index.html": "old"}


def test_a_page_that_mkdocs_cannot_read_leaves_the_old_site(root: Path) -> None:
    write(root, "site/index.html", "old")
    (root / "docs" / "bad.md").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(BrokenError, match=r"bad\.md"):
        publish(root)

    assert files(root / "site") == {"index.html": "old"}
    assert not list((root / ".copydesk").glob("publish-*"))


def test_what_a_disk_refuses_is_a_disk_error(root: Path) -> None:
    write(root, "mkdocs.yml", PLAIN + "hooks: [hook.py]\n")
    write(root, "hook.py", "def on_pre_build(config):\n    raise OSError(28, 'No space left on device', 'x.html')\n")

    with pytest.raises(DiskError, match="No space left"):
        publish(root)


def test_a_failed_swap_leaves_the_old_site(root: Path) -> None:
    class Full(disk.System):
        def exchange(self, one: Path, other: Path, *, by: Callable[[Path, Path], None]) -> None:
            raise OSError(28, "No space left on device")

    write(root, "site/index.html", "old")
    with disk.using(Full()), pytest.raises(DiskError):
        publish(root)

    assert files(root / "site") == {"index.html": "old"}


def test_a_missing_front_page_is_told(root: Path) -> None:
    (root / "docs" / "index.md").unlink()
    assert any("docs/index.md" in note for note in publish(root, {PAGE: "# A\n"}).notes)


SNIPPETS = "markdown_extensions:\n  # - pymdownx.snippets\n  - abbr\n  - {}\n"


@pytest.mark.parametrize(
    "written",
    [
        "pymdownx.snippets",
        "pymdownx.snippets: {check_paths: true}",
        "pymdownx.snippets:SnippetExtension",
        "pymdownx.b64",
    ],
)
def test_what_puts_unapproved_text_into_pages_is_refused_with_its_line(root: Path, written: str) -> None:
    write(root, "drafts/b/steps/outline.md", "nobody approved this")
    write(root, "mkdocs.yml", PLAIN + SNIPPETS.format(written))
    write(root, "site/index.html", "old")

    with pytest.raises(RefusedError) as caught:
        publish(root, {PAGE: '--8<-- "drafts/b/steps/outline.md"\n'})

    assert caught.value.what.startswith(f"the extension {written.partition(': ')[0]} ")
    assert f"mkdocs.yml, line 9: - {written}" in caught.value.mend
    assert files(root / "site") == {"index.html": "old"}


def test_an_include_that_is_inherited_is_refused_where_it_stands(root: Path) -> None:
    write(root, "more/shared.yml", "markdown_extensions: [pymdownx.snippets]\n")
    write(root, "mkdocs.yml", f"INHERIT: more/shared.yml\n{PLAIN}")

    with pytest.raises(RefusedError, match=r"more/shared\.yml, line 1"):
        publish(root)


def test_an_include_that_a_hook_turns_on_is_refused(root: Path) -> None:
    write(root, "hook.py", "def on_config(config):\n    config.markdown_extensions.append('pymdownx.snippets')\n")
    write(root, "mkdocs.yml", PLAIN + "hooks: [hook.py]\n")

    with pytest.raises(RefusedError, match="hooks turn on"):
        publish(root)


def test_all_that_a_site_hangs_on_is_told(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("shared")
    write(outside, "base.yml", "site_author: A\n")
    write(root, "look/partials/x.html", "x")
    (root / "look" / "round").symlink_to(root / "look")
    write(root, "hooks/h.py", "")
    write(root, "media/one.png", "1")
    write(root, "docs/own.md", "own")
    (root / "docs" / "media").symlink_to(root / "media")
    theme = PLAIN.replace(
        "theme: mkdocs", "theme: {name: mkdocs, custom_dir: look}\nhooks: [hooks/h.py]\nwatch: [notes]"
    )
    write(root, "notes/n.md", "n")
    write(root, "mkdocs.yml", f"INHERIT: {outside / 'base.yml'}\n{theme}")

    inputs = publish(root).inputs or ()

    top = os.path.realpath(root)
    expected = ["mkdocs.yml", "hooks/h.py", "look", "look/partials", "look/partials/x.html", "notes", "notes/n.md"]
    expected += ["media", "media/one.png", os.path.relpath(os.path.realpath(outside / "base.yml"), top)]
    assert set(expected) <= set(inputs)
    assert all(Path(top, each).exists() for each in inputs)
    assert len(inputs) < 20


def test_a_site_that_hangs_on_the_environment_cannot_tell_on_what(root: Path) -> None:
    write(root, "mkdocs.yml", PLAIN + "site_author: !ENV [NO_SUCH_VARIABLE, A]\n")
    assert publish(root).inputs is None


def test_nothing_is_built_if_decisions_were_made_while_docs_was_read(root: Path) -> None:
    write(root, "site/index.html", "old")
    built = build_site(root, approved={}, withheld=frozenset(), config=Config(), steady=lambda: False)
    assert (built.moved, files(root / "site")) == (True, {"index.html": "old"})
    assert not list((root / ".copydesk").glob("publish-*"))


def test_a_site_elsewhere_is_built_and_named_whole(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    site = tmp_path_factory.mktemp("web") / "deep" / "site"
    write(root, "mkdocs.yml", PLAIN.replace("site_dir: site", f"site_dir: {site}"))

    assert publish(root).site == str(site)
    assert (site / "index.html").is_file()


def test_the_room_is_imported_without_mkdocs() -> None:
    code = (
        "import sys; from generator import publishing; publishing.check_pages, publishing.recover_site;"
        "print([name for name in ('mkdocs', 'jinja2', 'yaml', 'click') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_the_room_has_no_other_names() -> None:
    with pytest.raises(AttributeError):
        publishing.nothing  # noqa: B018 - asking is the test


PUBLISH_FOR_EVER = """
import itertools, sys
from pathlib import Path
from generator.model import Config
from generator.publishing import build_site
root = Path(sys.argv[1])
for turn in itertools.count():
    pages = {f"docs/p{n}.md": f"word{sys.argv[2]}x{turn}end" for n in range(8)}
    build_site(root, approved=pages, withheld=frozenset(), config=Config())
    print(turn, flush=True)
"""


def kill_while_publishing(root: Path, seed: int) -> None:
    """Publish for ever in a process, kill it at a seeded moment after its first site, and look at what readers see."""
    with subprocess.Popen(
        [sys.executable, "-c", PUBLISH_FOR_EVER, str(root), str(seed)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(random.Random(seed).uniform(0.0, 0.3))
        process.send_signal(signal.SIGKILL)
    words = {
        text.split("word")[1].split("end")[0] for name, text in files(root / "site").items() if name.startswith("p")
    }
    assert len(words) == 1
    assert len([name for name in files(root / "site") if name.startswith("p")]) == 8


def test_a_kill_while_publishing_leaves_one_whole_site(root: Path) -> None:
    kill_while_publishing(root, 1)
    publish(root)
    assert not list((root / ".copydesk").glob("publish-*"))


@pytest.mark.slow
def test_kills_while_publishing_leave_one_whole_site(root: Path) -> None:
    for seed in range(60):
        kill_while_publishing(root, seed)
