"""The new site takes the place of the old one.

Promises: whoever looks, and whatever is killed, `site/` is the old site or the new one, whole. Where the system can
exchange two names it is one act; elsewhere it is two renames, and `recover_site` puts the old site back if they were
cut apart. Names in `site/` that begin with a dot (its .gitignore) are carried over. Will not do: build.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from pathlib import Path

from generator import disk

WORK = "publish-"
"""How the folders in .copydesk/ begin that hold an unfinished publish."""

NOTE = ".copydesk/site-swap"
"""Two lines, while two renames are under way: the site, and where the old one lies meanwhile."""


def recover_site(root: Path) -> tuple[str, ...]:
    """Clear what a killed publish left behind, and put the old site back if it was moved away; return what was done.

    The caller holds the lock of builds, so that no publish is under way. Raises DiskError.
    """
    notes: list[str] = []
    note = root / NOTE
    if note.is_file():
        site, old = (Path(line) for line in [*disk.read_text(note).splitlines(), "", ""][:2])
        if old.name and old.is_dir() and not site.exists():
            with disk.naming(site):
                disk.system().rename(old, site)
            notes.append(f"An earlier publish was interrupted: {site.name}/ is the site as it was before.")
        disk.discard(note)
    if (root / ".copydesk").is_dir():
        for left in sorted((root / ".copydesk").glob(WORK + "*")):
            shutil.rmtree(left, ignore_errors=True)
    return tuple(notes)


def sweep_beside(folder: Path) -> None:
    """Remove what publishes that were killed left in the folder above a site on another file system."""
    for left in sorted(folder.glob(f"{disk.TEMPORARY}{WORK}*")):
        owner = left.name.removeprefix(f"{disk.TEMPORARY}{WORK}")
        if owner.isdecimal() and not disk.is_alive(int(owner)):
            shutil.rmtree(left, ignore_errors=True)


def replace_site(root: Path, site: Path, fresh: Path) -> None:
    """Put the folder `fresh` at `site`, both on one file system; the old site is left where `fresh` was, or beside it.

    Raises DiskError, with the old site in its place.
    """
    with disk.naming(site):
        disk.system().make_folder(site.parent)
        if not site.exists():
            disk.system().rename(fresh, site)
            return
        _carry_dotted(site, fresh)
        try:
            disk.system().exchange(fresh, site, by=exchange_names)
        except OSError as error:
            if error.errno != errno.ENOTSUP:
                raise
            _replace_in_two(root, site, fresh)


def exchange_names(one: Path, other: Path) -> None:
    """Let two names change places in one act; OSError with ENOTSUP where the system has no such call."""
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            failed = libc.renamex_np(os.fsencode(one), os.fsencode(other), 2)  # RENAME_SWAP
        else:
            failed = libc.renameat2(-100, os.fsencode(one), -100, os.fsencode(other), 2)  # AT_FDCWD, RENAME_EXCHANGE
    except (AttributeError, OSError, TypeError) as error:
        raise OSError(errno.ENOTSUP, "names cannot be exchanged here") from error
    if failed:
        code = ctypes.get_errno()
        raise OSError(errno.ENOTSUP if code in (errno.EINVAL, errno.ENOSYS) else code, os.strerror(code))


def _carry_dotted(site: Path, fresh: Path) -> None:
    # Copied, not moved: until the swap the old site needs them too.
    for entry in os.scandir(site):
        target = fresh / entry.name
        if not entry.name.startswith(".") or target.exists():
            continue
        if entry.is_dir(follow_symlinks=False):
            shutil.copytree(entry.path, target, symlinks=True)
        else:
            shutil.copy2(entry.path, target, follow_symlinks=False)


def _replace_in_two(root: Path, site: Path, fresh: Path) -> None:
    old = fresh.with_name(fresh.name + "-old")
    disk.write_text(root / NOTE, f"{site}\n{old}\n")
    disk.system().rename(site, old)
    try:
        disk.system().rename(fresh, site)
    except OSError:
        disk.system().rename(old, site)
        disk.discard(root / NOTE)
        raise
    disk.discard(root / NOTE)
