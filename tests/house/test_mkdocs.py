"""The repository's own site: its mkdocs.yml, its folders, and what the two promise together."""

import subprocess
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml

from generator.publishing import starter_mkdocs

HERE = Path(__file__).parents[2]
TEXT = (HERE / "mkdocs.yml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def site() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(TEXT)
    return read


def names(listed: list[Any]) -> set[str]:
    return {each if isinstance(each, str) else next(iter(each)) for each in listed}


def tracked() -> list[PurePosixPath]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=HERE, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("this is no checkout: an unpacked archive has no list of tracked files")
    return [PurePosixPath(name) for name in done.stdout.split("\0") if name]


def test_a_new_workspace_gets_the_same_settings_without_the_menu() -> None:
    settings, _, menu = TEXT.partition("\n# The menu.")

    assert settings == starter_mkdocs("copydesk")
    assert set(yaml.safe_load(menu.partition("\n")[2])) == {"nav"}


def test_both_folders_are_written_and_neither_contains_the_other(site: dict[str, Any]) -> None:
    docs, built = PurePosixPath(site["docs_dir"]), PurePosixPath(site["site_dir"])

    assert (docs.as_posix(), built.as_posix()) == ("docs", "site")
    assert not docs.is_relative_to(built)
    assert not built.is_relative_to(docs)


def test_nothing_tracked_lies_where_the_site_is_built_but_names_that_begin_with_a_dot(site: dict[str, Any]) -> None:
    below = [path for path in tracked() if path.is_relative_to(site["site_dir"])]

    assert below == [PurePosixPath("site/.gitignore")]
    assert (HERE / "site" / ".gitignore").read_text() == "*\n!.gitignore\n"


def test_links_are_checked(site: dict[str, Any]) -> None:
    checks = [*site["validation"]["nav"].values(), *site["validation"]["links"].values()]

    assert set(site["validation"]["links"]) == {"not_found", "anchors", "absolute_links", "unrecognized_links"}
    assert set(checks) == {"warn"}


def test_no_page_can_include_a_file_or_run_a_macro(site: dict[str, Any]) -> None:
    assert names(site["plugins"]) == {"search", "tags"}
    assert not {"pymdownx.snippets", "pymdownx.b64", "markdown_include.include"} & names(site["markdown_extensions"])
    assert "hooks" not in site
    assert "INHERIT" not in site


def test_navigation_is_pruned_so_that_a_build_grows_with_its_pages(site: dict[str, Any]) -> None:
    features = site["theme"]["features"]

    assert "navigation.prune" in features
    # Indexes look at every page of every section for each page, and sections and expand render them all.
    assert not {"navigation.expand", "navigation.sections", "navigation.indexes", "navigation.instant"} & set(features)


def test_there_is_a_light_and_a_dark_mode(site: dict[str, Any]) -> None:
    schemes = [palette["scheme"] for palette in site["theme"]["palette"]]

    assert schemes == ["default", "slate"]
    assert all(palette["toggle"]["name"] for palette in site["theme"]["palette"])


def test_readers_fetch_nothing_from_elsewhere(site: dict[str, Any]) -> None:
    assert site["theme"]["font"] is False
    assert not {"extra_css", "extra_javascript", "repo_url"} & set(site)
    addresses = [word for line in TEXT.splitlines() for word in line.split() if "://" in word]
    assert all("example.com" in address for address in addresses)
