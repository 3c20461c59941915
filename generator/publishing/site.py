"""Publish: from approved texts to the site that readers see.

Promises: the site holds the approved texts and the team's own files of docs/, and nothing else; it is built beside the
old site and swapped in, so a failed or killed publish leaves the old one; what the site builder warned of is told.
Will not do: decide what is approved, or build where it would wipe something that is no site. The caller holds the lock
of builds.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from generator import disk
from generator.errors import BrokenError, RefusedError
from generator.model import Config
from generator.publishing import renderer
from generator.publishing.copies import OWN_FOLDERS, copy_pages
from generator.publishing.stage import Staged, stage_docs
from generator.publishing.swap import WORK, recover_site, replace_site, sweep_beside

SIGNS = ("index.html", "404.html", "sitemap.xml")
"""A folder that is to be replaced holds one of these, or nothing: else it is no site."""


@dataclass(frozen=True, kw_only=True)
class Built:
    """What was published: `site`, the folder, relative if it lies in the workspace; `pages` and the team's `own` files.

    `notes` are warnings of the site builder and what was left out; `edited` are copies in the pages folder
    (`renderer: none`) that somebody changed there and that were left alone, as paths in docs/. `moved`: `steady` said
    no, and nothing was built. `inputs` are files and folders that the site hangs on beside docs/ and mkdocs.yml,
    relative to the workspace, perhaps by `..`; None if not all that it hangs on can be seen from outside.
    """

    site: str
    pages: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    moved: bool = False
    inputs: tuple[str, ...] | None = ()


def build_site(
    root: Path,
    *,
    approved: Mapping[str, str],
    withheld: frozenset[str],
    config: Config,
    steady: Callable[[], bool] = lambda: True,
) -> Built:
    """Build and swap in the site from `approved` (path -> text) and the team's own files, without `withheld` paths.

    `steady` is asked once docs/ was read: whether what the two were made from is still so. A page that was approved
    meanwhile would be taken for the team's own.

    Raises BrokenError if mkdocs.yml is missing or broken, RefusedError if it would overwrite what is no site, turns
    on includes, or is strict and there are warnings, DiskError if a file cannot be written. After an error the old site is in place.
    """
    if config.renderer == "none":
        pages = {path: text for path, text in approved.items() if path.startswith("docs/") and path not in withheld}
        copied = copy_pages(root, config.pages_dir, pages)
        notes = tuple(f"{path} was changed in {config.pages_dir}/: that copy is left alone." for path in copied.edited)
        return Built(site=config.pages_dir, pages=copied.pages, edited=copied.edited, notes=notes)
    left = recover_site(root)
    with disk.naming(root / ".copydesk"):
        disk.system().make_folder(root / ".copydesk")
    loaded = renderer.read_config(root)
    _check_site(root, loaded.site)
    sweep_beside(_above(loaded.site))
    work = _work_folder(root, loaded.site)
    try:
        staged = stage_docs(root, work / "docs", approved=approved, withheld=withheld)
        if not steady():
            return Built(site=_relative(root, loaded.site), moved=True)
        fresh = work / "site"
        warnings = renderer.render(loaded, docs=work / "docs", site=fresh, cache=root / ".copydesk" / "templates")
        replace_site(root, loaded.site, fresh)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    told = (*left, *staged.notes, *_front_page(staged.pages + staged.own), *loaded.notes, *warnings)
    site, inputs = _relative(root, loaded.site), _inputs(root, loaded, staged)
    return Built(site=site, pages=staged.pages, own=staged.own, notes=told, inputs=inputs)


def _inputs(root: Path, loaded: renderer.Loaded, staged: Staged) -> tuple[str, ...] | None:
    if loaded.inputs is None:
        return None
    top = os.path.realpath(root)
    return tuple(
        dict.fromkeys(os.path.relpath(os.path.realpath(each), top) for each in (*loaded.inputs, *staged.elsewhere))
    )


def _above(site: Path) -> Path:
    return next(folder for folder in site.parents if folder.exists())


def _work_folder(root: Path, site: Path) -> Path:
    """Return the name of a new folder on the file system of the site, so that it can be swapped in."""
    above = _above(site)
    with disk.naming(above):
        near = above.stat().st_dev == (root / ".copydesk").stat().st_dev
    name = f"{WORK}{os.getpid()}"
    return root / ".copydesk" / name if near else above / f"{disk.TEMPORARY}{name}"


def _check_site(root: Path, site: Path) -> None:
    top = Path(os.path.realpath(root))
    mend = "Give `site_dir` in mkdocs.yml a folder of its own, such as `site`."
    if top.is_relative_to(site) or (site.is_relative_to(top) and site.relative_to(top).parts[0] in OWN_FOLDERS):
        raise BrokenError(
            f"site_dir is {_relative(root, site)}, which a publish would wipe", where="mkdocs.yml", mend=mend
        )
    with disk.naming(site):
        names = [each.name for each in (site.iterdir() if site.exists() else ()) if not each.name.startswith(".")]
    if names and not any(sign in names for sign in SIGNS):
        what = f"{_relative(root, site)} holds files that are no site ({', '.join(sorted(names)[:3])})"
        raise RefusedError(what, where="mkdocs.yml", mend=f"{mend} Or empty that folder yourself.")


def _relative(root: Path, site: Path) -> str:
    top = Path(os.path.realpath(root))
    return site.relative_to(top).as_posix() if site.is_relative_to(top) else str(site)


def _front_page(paths: tuple[str, ...]) -> tuple[str, ...]:
    if any(path in ("docs/index.md", "docs/README.md", "docs/index.html") for path in paths):
        return ()
    return ("The site has no front page: write docs/index.md.",)
