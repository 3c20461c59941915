"""The folder that the site is built from: a copy of docs/ in which copydesk's pages are the approved texts.

Promises: a staged page is the approved text, whatever lies in docs/; a withheld path is not staged, by no name; a
symlink is followed only within the workspace, and never to a draft, a brief, history, or a page that is held back.
Will not do: change docs/.
"""

from __future__ import annotations

import os
import shutil
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from generator import disk
from generator.publishing.copies import OWN_FOLDERS, check_docs

HIDDEN_FOLDERS = OWN_FOLDERS - {"docs", "brand", "sources"}
"""Where a symlink of docs/ may not lead: nothing in them was approved for readers."""


@dataclass(frozen=True, kw_only=True)
class Staged:
    """What was staged, as paths in docs/: approved `pages`, the team's `own` files; `notes` name what was left out.

    `elsewhere` holds the files and folders outside docs/ that symlinks led to, as real paths.
    """

    pages: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    elsewhere: tuple[Path, ...] = ()


def stage_docs(root: Path, folder: Path, *, approved: Mapping[str, str], withheld: frozenset[str]) -> Staged:
    """Fill `folder`, a new one, with what the site shows. Keys of `approved` are paths (`docs/…`).

    Raises DiskError, and RefusedError if docs/ itself is a symlink.
    """
    check_docs(root)
    pages = {path: text for path, text in approved.items() if path.startswith("docs/") and path not in withheld}
    walk = _Walk(Path(os.path.realpath(root)), pages, withheld | approved.keys())
    own: list[str] = []
    with disk.naming(folder):
        disk.system().make_folder(folder)
        for path, text in sorted(pages.items()):
            target = disk.inside(folder, path.removeprefix("docs/"))
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode())
        for path, source in walk.own_files():
            target = folder / path.removeprefix("docs/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            own.append(path)
    return Staged(pages=tuple(sorted(pages)), own=tuple(own), notes=tuple(walk.notes), elsewhere=tuple(walk.elsewhere))


def spelling(path: str) -> str:
    """Return what a path is called where case and the composition of letters do not count, as on macOS and Windows."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def _shown_at(path: str) -> str:
    """Return where a site shows a file, without the ending: MkDocs writes a.md and a/index.md to one place."""
    place = PurePosixPath(spelling(path))
    if place.suffix not in (".md", ".markdown", ".mdown", ".mkdn", ".mkd", ".html"):
        return str(place)
    stem = place.with_suffix("")
    return str(stem.parent if stem.name in ("index", "readme") else stem)


class _Walk:
    """One walk through docs/, the real `top` being the workspace; `ours` are copydesk's paths, `pages` those shown."""

    def __init__(self, top: Path, pages: Iterable[str], ours: Iterable[str]) -> None:
        self.top = top
        self.exact = frozenset(ours)
        self.ours = {spelling(path): path for path in sorted(self.exact)}
        self.shown = {_shown_at(path): path for path in sorted(pages)}
        self.notes: list[str] = []
        self.elsewhere: list[Path] = []

    def own_files(self) -> Iterator[tuple[str, Path]]:
        """Yield the path in docs/ and the real place of every file that is the team's own."""
        docs = self.top / "docs"
        waiting: list[tuple[str, Path, tuple[Path, ...]]] = [("docs", docs, (docs,))]
        while waiting:
            name, folder, above = waiting.pop()
            if not folder.is_dir():
                continue
            for entry in sorted(os.scandir(folder), key=lambda each: each.name):
                path, place = f"{name}/{entry.name}", Path(entry.path)
                if path in self.exact or entry.name.startswith(disk.TEMPORARY):
                    continue
                if entry.is_symlink():
                    place = Path(os.path.realpath(place))
                problem = self._problem(path, place)
                if problem:
                    self.notes.append(f"{path} {problem}: it is left out of the site.")
                    continue
                if not place.is_relative_to(docs):
                    self.elsewhere.append(place)
                if place.is_dir():
                    if place not in above:
                        waiting.append((path, place, (*above, place)))
                elif place.is_file():
                    yield path, place

    def _problem(self, path: str, place: Path) -> str:
        if spelling(path) in self.ours:
            return f"is another spelling of {self.ours[spelling(path)]}"
        if not place.is_relative_to(self.top):
            return "leads out of the workspace by a symlink"
        real = place.relative_to(self.top).as_posix()
        if spelling(real).partition("/")[0] in HIDDEN_FOLDERS or real == ".":
            return f"leads to {real}, which nobody approved, by a symlink"
        if spelling(real) in self.ours:
            return f"is another name of {self.ours[spelling(real)]}"
        if _shown_at(path) in self.shown and not place.is_dir():
            return f"would be shown in the place of {self.shown[_shown_at(path)]}, which was approved"
        return ""
