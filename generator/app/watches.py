"""Build again whenever a person saves.

Promises: a burst of saves is one build; what copydesk itself writes starts none, because a build that finds everything
settled makes nothing; a brief that is broken for a while is told and the watch goes on. Will not do: publish.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from generator import disk
from generator.app.answers import Progress, Summary
from generator.app.builds import BuildOptions, build
from generator.app.looks import look
from generator.errors import CopydeskError

QUIET = 0.3
"""Seconds without a save after which a burst is over."""

FOLDERS = ("content_briefs", "sources", "brand", "prompts", "workflows", "drafts")


class _Saves(FileSystemEventHandler):
    """Sets `saved` when a person's file changes; unfinished files of ours and reads do not count."""

    def __init__(self) -> None:
        self.saved = threading.Event()

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Note a change."""
        names = (Path(str(path)).name for path in (event.src_path, event.dest_path) if path)
        if event.event_type in ("opened", "closed_no_write"):
            return
        if any(name and not name.startswith((disk.TEMPORARY, ".")) for name in names):
            self.saved.set()


def watch(
    root: Path,
    *,
    options: BuildOptions,
    report: Callable[[Progress | Summary], None],
    stop: threading.Event | None = None,
) -> None:
    """Build, then build again after each burst of saves until `stop` is set or the person interrupts.

    `report` is handed progress, and a summary after each build that found something to do.
    """
    ended = stop or threading.Event()
    saves = _Saves()
    observer = Observer()
    observer.schedule(saves, str(root))
    for folder in FOLDERS:
        if (root / folder).is_dir():
            observer.schedule(saves, str(root / folder), recursive=True)
    observer.start()
    try:
        _build_once(root, options, report)
        while not ended.is_set():
            if not saves.saved.wait(QUIET):
                continue
            while saves.saved.is_set():
                saves.saved.clear()
                ended.wait(QUIET)
            if look(root) is None:
                _build_once(root, options, report)
    finally:
        observer.stop()
        observer.join()


def _build_once(root: Path, options: BuildOptions, report: Callable[[Progress | Summary], None]) -> None:
    try:
        report(build(root, options=options, report=report))
    except CopydeskError as error:
        report(Progress(said=str(error)))
        for each in getattr(error, "findings", ()):
            report(Progress(said=f"{each.path}:{each.line}:{each.column}: {each.code} {each.message}"))
