"""`.copydesk/`: what belongs to this machine alone: paid replies, stamps, locks.

Promises: git never sees the folder, because it holds a `.gitignore` of its own. Deleting it loses no decision and no text
that landed. Will not do: hold anything that another clone needs.
"""

from __future__ import annotations

from pathlib import Path

from generator import disk

FOLDER = ".copydesk"


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
