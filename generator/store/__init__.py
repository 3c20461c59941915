"""What is remembered: paid replies in SQLite, history as files, and what the last build saw of the files.

Promises: what is recorded is whole or absent, and a record that was changed is never used. Names are imported when they
are first asked for, so that a build with nothing to do loads only the stamps. Will not do: decide anything.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.store.events import parse_event
    from generator.store.history import history_names, is_whole, read_history, record_event, record_rename
    from generator.store.locks import brief_lock, build_lock
    from generator.store.looks import Look, Observed, observe, read_look, record_look
    from generator.store.memory import Call, Intent, Memory, open_memory, utc_now
    from generator.store.verification import EXPLANATIONS, verify

__all__ = [
    "EXPLANATIONS",
    "Call",
    "Intent",
    "Look",
    "Memory",
    "Observed",
    "brief_lock",
    "build_lock",
    "history_names",
    "is_whole",
    "observe",
    "open_memory",
    "parse_event",
    "read_history",
    "read_look",
    "record_event",
    "record_look",
    "record_rename",
    "utc_now",
    "verify",
]

_HOMES = {
    "events": ("parse_event",),
    "history": ("history_names", "is_whole", "read_history", "record_event", "record_rename"),
    "locks": ("brief_lock", "build_lock"),
    "looks": ("Look", "Observed", "observe", "read_look", "record_look"),
    "memory": ("Call", "Intent", "Memory", "open_memory", "utc_now"),
    "verification": ("EXPLANATIONS", "verify"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(name)
    home = import_module(f"{__name__}.{_HOME[name]}")
    found: object = getattr(home, name)
    globals()[name] = found
    return found
