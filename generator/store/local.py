"""`.copydesk/`: what belongs to this machine alone: paid replies, stamps, locks.

Promises: git never sees the folder, because it holds a `.gitignore` of its own. Deleting it loses no decision and no text
that landed. Will not do: hold anything that another clone needs.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from generator import disk
from generator.errors import CopydeskError, DiskError, StoreError

FOLDER = ".copydesk"

PATIENCE = 30.0
"""Seconds to wait for another process's transaction; each is a few milliseconds long."""

FAULTS_OF_DISK = frozenset(
    {
        sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PERM,
    }
)  # fmt: skip


def local_folder(root: Path, *below: str) -> Path:
    """Return `.copydesk/`, or a folder below it, made if it is not there. DiskError if it cannot be made."""
    folder = root / FOLDER
    ignored = folder / ".gitignore"
    if not ignored.exists():
        disk.write_new(ignored, "*\n")
    wanted = folder.joinpath(*below)
    if not wanted.is_dir():
        with disk.naming(wanted):
            disk.system().make_folder(wanted)
    return wanted


def connect(path: Path) -> sqlite3.Connection:
    """Open a SQLite file; transactions are begun by hand. Bytes that are not UTF-8 come back changed, not as an error."""
    database = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    database.text_factory = lambda raw: raw.decode(errors="replace")
    return database


def named(error: sqlite3.Error, path: Path, *, mend: str) -> CopydeskError:
    """Return SQLite's error as one of ours: a fault of the disk, or damage, which `mend` says how to mend."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in FAULTS_OF_DISK:
        again = "Nothing was lost: mend it (space, permissions, another copydesk) and run the same command again."
        return DiskError(str(error), where=str(path), mend=again)
    return StoreError(f"memory is damaged: {error}", where=str(path), mend=mend)


def check_header(path: Path, newest: int, *, mend: str) -> None:
    """Raise StoreError if the file is no database, or of a newer copydesk, without opening it as one.

    The number is that of `PRAGMA user_version`: bytes 60 to 63 of the file (sqlite.org/fileformat.html, section 1.3).
    """
    with disk.naming(path):
        try:
            descriptor, _ = disk.open_file(path)
        except FileNotFoundError:
            return
        with os.fdopen(descriptor, "rb") as file:
            head = file.read(100)
    if head and (len(head) < 100 or not head.startswith(b"SQLite format 3\0")):
        raise StoreError("memory is damaged: the file is no database", where=str(path), mend=mend)
    check_version(int.from_bytes(head[60:64], "big"), path, newest)


def check_version(version: int, path: Path, newest: int) -> None:
    """Raise StoreError if memory of that form is newer than this copydesk."""
    if version > newest:
        what = f"memory was written by a newer copydesk (form {version}; this one knows {newest})"
        raise StoreError(what, where=str(path), mend="Update copydesk.")
