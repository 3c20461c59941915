"""Verify: derive every digest again, in history and in memory, and name what is missing or torn.

Promises: a record that was changed, cut short, swapped, moved, removed or made up is named, with how to mend it; no damage
makes it raise. Will not do: write, repair, or judge a text. A record that another clone removed from history on purpose, with
all that came after it, is only known to be missing on machines that had seen it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from generator import disk
from generator.digest import digest_of, digest_text
from generator.errors import CopydeskError, DiskError
from generator.model import Event, Finding
from generator.store.events import ENDING, Fault, judge
from generator.store.history import FOLDER
from generator.store.local import FOLDER as LOCAL
from generator.store.local import check_header, connect
from generator.store.memory import COLUMNS, MEND, NAME, VERSION, chain_digest, row_digest

MEMORY = f"{LOCAL}/{NAME}"
RESTORE = "Restore the file from git or a backup: `git log --all -- FILE` says where it was."
MENDED = "Mend its permissions, or the disk."
ASIDE = f"Move {MEMORY} away: nothing that landed is lost; replies that had not landed are asked again."
LATER = {"priced": 3}
"""The form of memory that brought a column, where that is not form 2."""

EXPLANATIONS: Mapping[str, str] = {
    "V001": "The name of a record in history is the digest of its bytes, and these bytes have another. Somebody changed the"
    " file, it was cut short, or its name and another's were exchanged. It is never used. Restore it from git.",
    "V002": "The digest of the record is right, but copydesk does not write records of this form. Somebody made it up."
    " It is never used. Remove it, or restore what it replaced from git.",
    "V003": "The record was written by a newer copydesk than this one. Update copydesk.",
    "V004": "The record says that it belongs to another brief than the one in whose folder it lies. Move it back.",
    "V005": "A record names another that its writer had seen, and that one is not here. It was deleted, or a cherry-pick"
    " brought one without the other. Its decisions do not count until it is back. Restore it from git.",
    "V006": "This machine saw the record once, and it is gone. If you changed to a branch that does not have it, all is well;"
    " otherwise restore it from git.",
    "V007": "There is a file in history that is not a record. copydesk does not read it. Move it elsewhere.",
    "V008": "An approval holds the approved bytes and their digest, and the two disagree. It must not be published from."
    " Approve the page again.",
    "V009": "A brief was renamed, and only half of that was recorded. Run the same `copydesk rename` again: it completes it.",
    "V010": "A file or folder of history cannot be read. Mend its permissions, or the disk.",
    "V011": "Memory cannot be opened as a database, or SQLite finds it inconsistent. It holds paid replies on this machine"
    " only. Move it away: what landed is in history and in drafts; replies that had not landed are asked again.",
    "V012": "A kept reply has another digest than when it was kept. It is never used. Move memory away.",
    "V013": "The chain of kept replies is broken here: a reply was removed, moved or made up. Move memory away.",
    "V014": "A kept reply lies under a key that is not that of what was sent. It was made up. Move memory away.",
    "V015": "A call that was begun is recorded with another digest, or its record was removed. Move memory away.",
    "V016": "The list of the records that this machine has seen has gaps. Deleted records may go unnoticed. Move memory"
    " away; the list begins anew.",
}
"""What each code means, at length."""


def verify(root: Path) -> tuple[Finding, ...]:
    """Return everything that is missing or torn in history and memory, by path; nothing if all is well. Never raises."""
    found: list[Finding] = []
    events, present = _read_history(root, found)
    _check_graph(events, present, found)
    _check_renames(events, found)
    _check_memory(root, present, found)
    return tuple(sorted(found, key=lambda each: (each.path, each.code, each.message)))


def _error(code: str, path: str, message: str, fix: str) -> Finding:
    return Finding(code=code, level="error", message=message, fix=fix, path=path)


def _warning(code: str, path: str, message: str, fix: str) -> Finding:
    return Finding(code=code, level="warn", message=message, fix=fix, path=path)


# History ---------------------------------------------------------------------------------------------------------


def _read_history(root: Path, found: list[Finding]) -> tuple[dict[str, list[Event]], set[tuple[str, str]]]:
    """Return the sound events by folder, and the (folder, id) of every record that is there, sound or not."""
    events: dict[str, list[Event]] = {}
    present: set[tuple[str, str]] = set()
    for folder in _names(root, FOLDER, found):
        path = f"{FOLDER}/{folder}"
        events[folder] = []
        for name in _names(root, path, found):
            if name.endswith(ENDING):
                present.add((folder, name.removesuffix(ENDING)))
                events[folder].extend(_read_event(root, folder, name, found))
            else:
                found.append(_warning("V007", f"{path}/{name}", "this is not a record", "Move it elsewhere."))
    return events, present


def _names(root: Path, path: str, found: list[Finding]) -> list[str]:
    try:
        return sorted(each.name for each in (root / path).iterdir() if not each.name.startswith("."))
    except FileNotFoundError:
        return []
    except NotADirectoryError:
        found.append(_warning("V007", path, "this is not a folder of records", "Move it elsewhere."))
        return []
    except OSError as error:
        found.append(_error("V010", path, f"cannot be read: {error.strerror}", MENDED))
        return []


def _read_event(root: Path, folder: str, name: str, found: list[Finding]) -> Iterator[Event]:
    path = f"{FOLDER}/{folder}/{name}"
    try:
        raw = disk.read_bytes(root / path)
    except DiskError as error:
        found.append(_error("V010", path, f"cannot be read: {error.what}", MENDED))
        return
    event = judge(raw, name, folder)
    if isinstance(event, Fault):
        fix = event.mend if event.code == "V003" else RESTORE
        found.append(_error(event.code, path, event.what, fix))
        return
    # A page is rendered for its approval; the text of a step that others only read is approved as it is.
    named = event.page or event.draft
    if event.verb == "approved" and event.text is not None and digest_text(event.text) != named:
        address = event.path or f"{event.brief}/{event.step}"
        what = f"the approval of {address} does not hold the bytes that it is for"
        found.append(_error("V008", path, what, f"Approve it again: `copydesk approve {address}`."))
    yield replace(event, text=None)


def _check_graph(events: Mapping[str, list[Event]], present: set[tuple[str, str]], found: list[Finding]) -> None:
    there = {event_id for _, event_id in present}
    for folder, folder_events in events.items():
        for event in folder_events:
            for missing in sorted(set(event.after) - there):
                path = f"{FOLDER}/{folder}/{missing}{ENDING}"
                what = f"the record is missing; {event.id}{ENDING} comes after it"
                found.append(_warning("V005", path, what, RESTORE))


def _check_renames(events: Mapping[str, list[Event]], found: list[Finding]) -> None:
    renames = [
        (folder, event)
        for folder, folder_events in events.items()
        for event in folder_events
        if event.verb == "renamed" and event.what == "brief"
    ]
    named = {(folder, before) for folder, event in renames for before in event.after}
    for folder, event in renames:
        if event.old == folder and (event.new, event.id) not in named:
            fix = f"Run `copydesk rename {event.old} {event.new}` again, or restore history/{event.new}/ from git."
            what = f"only half of the rename from {event.old} to {event.new} is recorded"
            found.append(_error("V009", f"{FOLDER}/{folder}/{event.id}{ENDING}", what, fix))


# Memory ----------------------------------------------------------------------------------------------------------


def _check_memory(root: Path, present: set[tuple[str, str]], found: list[Finding]) -> None:
    path = root / MEMORY
    try:
        check_header(path, VERSION, mend=MEND)
        if not path.exists():
            return
    except CopydeskError as error:
        found.append(_error("V011", MEMORY, error.what, error.mend))
        return
    try:
        with closing(connect(path)) as database:
            for (problem,) in database.execute("PRAGMA integrity_check(10)").fetchall():
                if problem != "ok":
                    found.append(_error("V011", MEMORY, f"memory is damaged: {problem}", ASIDE))
            _check_replies(database, found)
            _check_intents(database, found)
            _check_ledger(database, present, found)
    except (sqlite3.Error, ValueError, TypeError, LookupError, RecursionError) as error:
        found.append(_error("V011", MEMORY, f"memory is damaged: {error}", ASIDE))


def _check_replies(database: sqlite3.Connection, found: list[Finding]) -> None:
    columns = ", ".join(("seq", *COLUMNS[:-1], *_there(database, "more"), "digest", "chain"))
    chain, count = "", 0
    for seq, *values, digest, link in database.execute(f"SELECT {columns} FROM replies ORDER BY seq"):  # noqa: S608
        count += 1
        row = dict(zip(COLUMNS, values, strict=True))
        name = f"reply {seq} ({row['brief']}/{row['step']})"
        if row_digest("reply", values) != digest:
            found.append(_error("V012", MEMORY, f"{name} was changed or cut short", ASIDE))
        elif not _sent_agrees(row):
            found.append(_error("V014", MEMORY, f"{name} lies under a key that is not its own", ASIDE))
        if seq != count or link != chain_digest(chain, str(digest)):
            found.append(_error("V013", MEMORY, f"the chain of replies is broken at {name}", ASIDE))
            count = seq
        chain = str(link)
    head = database.execute("SELECT count, chain FROM head").fetchall()
    if head != [(count, chain)]:
        found.append(_error("V013", MEMORY, "the newest kept replies are missing, or were made up", ASIDE))


def _there(database: sqlite3.Connection, *columns: str) -> tuple[str, ...]:
    """Return columns that later forms brought, as nulls where memory is of an earlier one: looking migrates nothing."""
    ((version,),) = database.execute("PRAGMA user_version").fetchall()
    return tuple(column if version >= LATER.get(column, 2) else "NULL" for column in columns)


def _sent_agrees(row: Mapping[str, Any]) -> bool:
    sent = json.loads(row["sent"])
    return bool(digest_of("key", row["sent"]) == row["key"] and sent["given"] == row["given"])


def _check_intents(database: sqlite3.Connection, found: list[Finding]) -> None:
    later = ", ".join(_there(database, "usd", "uses", "priced"))
    columns = f"seq, key, brief, step, model, at, {later}, digest"
    rows = database.execute(f"SELECT {columns} FROM intents ORDER BY seq").fetchall()  # noqa: S608 - constants only
    for seq, *values, digest in rows:
        if row_digest("intent", values) != digest:
            found.append(_error("V015", MEMORY, f"the record of the begun call {seq} was changed", ASIDE))
    if _has_gaps(database, "intents", [row[0] for row in rows]):
        found.append(_error("V015", MEMORY, "the record of a begun call is missing", ASIDE))


def _check_ledger(database: sqlite3.Connection, present: set[tuple[str, str]], found: list[Finding]) -> None:
    rows = database.execute("SELECT seq, brief, id FROM ledger ORDER BY seq").fetchall()
    for _, brief, event_id in rows:
        if (brief, event_id) not in present:
            path = f"{FOLDER}/{brief}/{event_id}{ENDING}"
            found.append(_warning("V006", path, "the record was here once, and is missing", RESTORE))
    if _has_gaps(database, "ledger", [row[0] for row in rows]):
        found.append(_error("V016", MEMORY, "the list of records seen has gaps", ASIDE))


def _has_gaps(database: sqlite3.Connection, table: str, numbers: list[int]) -> bool:
    last = database.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchall()
    return numbers != list(range(1, (last[0][0] if last else 0) + 1))
