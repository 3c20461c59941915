"""Approved texts and their files in docs/ and outbox/.

Promises: a missing file is written again from the approved bytes; a file whose bytes are not those approved is named
and left alone; with `renderer: none` the pages are copied to the pages folder under the same law. Will not do: read
history, or touch a file that copydesk did not write.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from generator import disk
from generator.digest import digest_of, digest_text
from generator.errors import BrokenError, RefusedError, UnsafePathError

LEDGER = ".copydesk/pages.json"
"""What was written to the pages folder: path -> digest. Without it no file there is replaced or removed."""


@dataclass(frozen=True, kw_only=True)
class PageReport:
    """How the files compare with what was approved: paths relative to the workspace, each in one of three tuples."""

    right: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Copied:
    """What lies in the pages folder now: `pages` as approved; `edited` were changed there by hand and left alone."""

    pages: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    changed: bool = False


def check_pages(root: Path, approved: Mapping[str, str]) -> PageReport:
    """Compare files in docs/ and outbox/ with `approved` (path -> text), and write those that are missing.

    Raises DiskError if a file cannot be read or written, UnsafePathError if a path leads out of the workspace,
    RefusedError if docs/ itself is another folder.
    """
    check_docs(root)
    found: dict[str, list[str]] = {"right": [], "restored": [], "edited": []}
    for path, text in sorted(approved.items()):
        place = disk.inside(root, path)
        if read_bytes(place) is None and disk.write_new(place, text):
            found["restored"].append(path)
        else:
            found["right" if read_bytes(place) == text.encode() else "edited"].append(path)
    return PageReport(**{key: tuple(paths) for key, paths in found.items()})


def check_docs(root: Path) -> None:
    """Refuse a docs/ that is a symlink: what lies where it leads would all be taken for the team's own pages."""
    top, real = Path(os.path.realpath(root)) / "docs", Path(os.path.realpath(root / "docs"))
    if real != top:
        mend = "Make docs/ a folder of its own; single files and folders in it may be symlinks."
        raise RefusedError(f"docs/ is a symlink to {real}", where="docs", mend=mend)


def read_bytes(path: Path) -> bytes | None:
    """Return a file's bytes, None if there is nothing by that name; b"" for what is no file."""
    with disk.naming(path):
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return b"" if path.is_symlink() else None
        except (IsADirectoryError, NotADirectoryError):
            return b""


def copy_pages(root: Path, folder: str, pages: Mapping[str, str]) -> Copied:
    """Bring the workspace's `folder` in line with `pages` (docs/… -> text); other files there are not touched.

    A page that is no longer among `pages` is removed if its bytes are still those that were written. Raises
    BrokenError if the folder is one of copydesk's own, DiskError if a file cannot be written.
    """
    top = _pages_folder(root, folder)
    before = _read_ledger(root)
    after: dict[str, str] = {}
    edited: list[str] = []
    done: list[str] = []
    for path, text in sorted(pages.items()):
        place = disk.inside(top, path.removeprefix("docs/"))
        now = read_bytes(place)
        if now is not None and now != text.encode() and digest_of("text", now) != before.get(path):
            edited.append(path)
            continue
        if now != text.encode():
            disk.write_text(place, text)
        after[path] = digest_text(text)
        done.append(path)
    edited += _remove_gone(top, {path: digest for path, digest in before.items() if path not in pages})
    kept = {path: before[path] for path in edited if path in before}
    if {**after, **kept} != before:
        _write_ledger(root, {**after, **kept})
    return Copied(pages=tuple(done), edited=tuple(sorted(edited)), changed=after != before)


def _remove_gone(top: Path, gone: Mapping[str, str]) -> list[str]:
    edited = []
    for path, digest in sorted(gone.items()):
        place = disk.inside(top, path.removeprefix("docs/"))
        now = read_bytes(place)
        if now is not None and digest_of("text", now) == digest:
            with disk.naming(place):
                disk.system().unlink(place)
        elif now is not None:
            edited.append(path)
    return edited


def _pages_folder(root: Path, folder: str) -> Path:
    mend = "Name a folder of its own in copydesk.yml, such as: site: {renderer: none, pages-dir: public}"
    try:
        top = disk.inside(root, folder.rstrip("/"))
    except UnsafePathError as error:
        raise BrokenError(f"pages-dir: {error.what}", where="copydesk.yml", mend=mend) from error
    real = Path(os.path.realpath(top)).relative_to(os.path.realpath(root))
    tops = {place.parts[0].casefold() for place in (top.relative_to(root), real) if place.parts}
    if not real.parts or tops & OWN_FOLDERS:
        # In docs/ lie edited and withheld files too: another site builder would show them.
        raise BrokenError(f"pages-dir: {folder} belongs to copydesk", where="copydesk.yml", mend=mend)
    return top


OWN_FOLDERS = frozenset(
    {
        "content_briefs", "sources", "brand", "prompts", "workflows", "drafts", "docs", "outbox", "history", ".copydesk",
        ".git",
    }
)  # fmt: skip
"""Folders of a workspace into which no site and no copies of pages are ever built."""


def _read_ledger(root: Path) -> dict[str, str]:
    raw = read_bytes(root / LEDGER)
    try:
        known = json.loads(raw) if raw else {}
    except ValueError:
        return {}
    return {str(path): str(digest) for path, digest in known.items()} if isinstance(known, dict) else {}


def _write_ledger(root: Path, digests: Mapping[str, str]) -> None:
    disk.write_text(root / LEDGER, json.dumps(digests, indent=1, sort_keys=True) + "\n")
