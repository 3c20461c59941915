"""The folder that the site is built from: a copy of docs/ in which copydesk's pages are the approved texts.

Promises: a staged page is the approved text, whatever lies in docs/; a withheld path is not staged, by no name; a
symlink is followed only within the workspace, and never to a draft, a brief, history, or a page that is held back.
Will not do: change docs/.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from generator import disk
from generator.publishing.copies import OWN_FOLDERS

HIDDEN_FOLDERS = OWN_FOLDERS - {"docs", "brand", "sources"}
"""Where a symlink of docs/ may not lead: nothing in them was approved for readers."""


@dataclass(frozen=True, kw_only=True)
class Staged:
    """What was staged, as paths in docs/: approved `pages`, the team's `own` files; `notes` name what was left out."""

    pages: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def stage_docs(root: Path, folder: Path, *, approved: Mapping[str, str], withheld: frozenset[str]) -> Staged:
    """Fill `folder`, a new one, with what the site shows. Keys of `approved` are paths (`docs/…`). Raises DiskError."""
    pages = {path: text for path, text in approved.items() if path.startswith("docs/") and path not in withheld}
    notes: list[str] = []
    own: list[str] = []
    with disk.naming(folder):
        disk.system().make_folder(folder)
        for path, text in sorted(pages.items()):
            target = disk.inside(folder, path.removeprefix("docs/"))
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode())
        for path, source in _own_files(root, approved.keys() | withheld, notes):
            target = folder / path.removeprefix("docs/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            own.append(path)
    return Staged(pages=tuple(sorted(pages)), own=tuple(own), notes=tuple(notes))


def _own_files(root: Path, ours: frozenset[str] | set[str], notes: list[str]) -> Iterator[tuple[str, Path]]:
    top = Path(os.path.realpath(root))
    waiting: list[tuple[str, Path, tuple[Path, ...]]] = [("docs", top / "docs", (top / "docs",))]
    while waiting:
        name, folder, above = waiting.pop()
        if not folder.is_dir():
            continue
        for entry in sorted(os.scandir(folder), key=lambda each: each.name):
            path, place = f"{name}/{entry.name}", Path(entry.path)
            if path in ours or entry.name.startswith(disk.TEMPORARY):
                continue
            if entry.is_symlink():
                place = Path(os.path.realpath(place))
            problem = _problem(top, place, ours)
            if problem:
                notes.append(f"{path} {problem}: it is left out of the site.")
            elif place.is_dir():
                if place not in above:
                    waiting.append((path, place, (*above, place)))
            elif place.is_file():
                yield path, place


def _problem(top: Path, place: Path, ours: frozenset[str] | set[str]) -> str:
    if not place.is_relative_to(top):
        return "leads out of the workspace by a symlink"
    real = place.relative_to(top)
    if not real.parts or real.parts[0] in HIDDEN_FOLDERS:
        return f"leads to {real.as_posix()}, which nobody approved, by a symlink"
    if PurePosixPath(real).as_posix() in ours:
        return f"is another name of {real.as_posix()}"
    return ""
