"""Approved bytes -> docs/, outbox/ -> site/.

Promises: what may be seen is the exact text that was approved, or a file of the team's own; a file that was edited by
hand is named and never overwritten; the site is the old one or the new one, whatever happens in between. Names are
imported when they are first asked for: only `build_site` and `HtmlRenderer` load MkDocs, only what renders YAML and Markdown. Will not do: decide
what is approved, or rewrite an existing mkdocs.yml.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.publishing.copies import PageReport, check_pages
    from generator.publishing.pages import is_rendering, render_email, render_page
    from generator.publishing.renderer import HtmlRenderer
    from generator.publishing.site import Built, build_site
    from generator.publishing.starter import starter_mkdocs
    from generator.publishing.swap import recover_site

__all__ = [
    "Built", "HtmlRenderer", "PageReport", "build_site", "check_pages", "is_rendering", "recover_site", "render_email", "render_page",
    "starter_mkdocs",
]  # fmt: skip

_HOMES = {
    "copies": ("PageReport", "check_pages"),
    "pages": ("is_rendering", "render_email", "render_page"),
    "renderer": ("HtmlRenderer",),
    "site": ("Built", "build_site"),
    "starter": ("starter_mkdocs",),
    "swap": ("recover_site",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(name)
    found: object = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = found
    return found
