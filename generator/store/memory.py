"""Memory: paid replies, in `.copydesk/memory.sqlite`; and which events this machine has seen.

Promises: a reply is on the disk before `keep` returns, with the copy it was given, and so is an intent before its call;
rows are only ever added, each with a digest, chained, so that one that was changed, moved or removed is seen and never
used; what many calls write at once shares a transaction, off the thread that waits for vendors; two processes may use it
at once; memory of a newer copydesk is refused without a write. Will not do: repair a row, or forget one.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from generator.digest import canonical, digest_of
from generator.errors import StoreError
from generator.model import REFUSALS, Model, Reply, Request
from generator.store.local import FOLDER, check_header, check_version, connect, local_folder, named
from generator.store.locks import brief_lock

NAME = "memory.sqlite"
VERSION = 3
MIGRATIONS = (
    """
    CREATE TABLE replies (
        seq INTEGER PRIMARY KEY, key TEXT NOT NULL, recipe TEXT NOT NULL, brief TEXT NOT NULL, step TEXT NOT NULL,
        provider TEXT NOT NULL, model TEXT NOT NULL, sent TEXT NOT NULL, text TEXT NOT NULL, ending TEXT NOT NULL,
        given TEXT, input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, usd TEXT NOT NULL,
        notes TEXT NOT NULL, at TEXT NOT NULL, digest TEXT NOT NULL, chain TEXT NOT NULL
    );
    CREATE INDEX replies_by_key ON replies (key);
    CREATE INDEX replies_by_recipe ON replies (brief, step, recipe);
    CREATE TABLE intents (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, brief TEXT NOT NULL, step TEXT NOT NULL,
        model TEXT NOT NULL, at TEXT NOT NULL, digest TEXT NOT NULL, settled INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX intents_open ON intents (settled, key);
    CREATE TABLE ledger (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, brief TEXT NOT NULL, id TEXT NOT NULL, UNIQUE (brief, id)
    );
    CREATE TABLE head (only INTEGER PRIMARY KEY CHECK (only = 1), count INTEGER NOT NULL, chain TEXT NOT NULL);
    INSERT INTO head VALUES (1, 0, '');
    """,
    """
    ALTER TABLE replies ADD COLUMN more TEXT;
    ALTER TABLE intents ADD COLUMN usd TEXT;
    ALTER TABLE intents ADD COLUMN uses TEXT;
    CREATE INDEX replies_by_day ON replies (at);
    CREATE INDEX replies_by_brief ON replies (brief);
    """,
    "ALTER TABLE intents ADD COLUMN priced TEXT;",
)
"""Statements that bring memory from each version to the next; `PRAGMA user_version` says which have run."""

COLUMNS = (
    "key", "recipe", "brief", "step", "provider", "model", "sent", "text", "ending", "given", "input_tokens",
    "output_tokens", "usd", "notes", "at", "more",
)  # fmt: skip
"""Of a reply. `more` is JSON, and null in rows of form 1: see MORE."""

INTENT = ("key", "brief", "step", "model", "at", "usd", "uses", "priced")
"""Columns of an intent; the last ones are null in rows of older forms, which had fewer."""

MORE = ("uses", "cached_tokens", "written_tokens", "priced", "why", "repair")
"""Fields of a reply that form 2 brought, kept together in `more`."""

OPEN, ANSWERED, UNKNOWN = 0, 1, 2
"""What became of an intent. One whose fate is unknown, like one that is open, costs what was reserved for it."""

PAGE = 200
"""Replies that are read at once by who looks at all of them: together, their texts can be more than fits in memory."""

ROW = f"SELECT {', '.join(COLUMNS)}, digest FROM replies "  # noqa: S608 - constants only
MEND = f"Run `copydesk verify`. Moving {FOLDER}/{NAME} away loses no text that landed; replies that did not are asked again."


@dataclass(frozen=True, kw_only=True)
class Intent:
    """A call that was about to be made; `model` is `provider/model`, `at` a UTC time, `usd` what was reserved for it.

    `priced` says whose price that was reckoned by, "" if none is known.
    """

    seq: int
    key: str
    brief: str
    step: str
    model: str
    at: str
    usd: Decimal = Decimal(0)
    uses: str = ""
    priced: str = ""

    def __str__(self) -> str:
        return f"{self.brief}/{self.step}, {self.model}, {self.at}"


def utc_now() -> str:
    """Return the time, UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call that was made, for those who count: its day and time (UTC), tokens, dollars, and how its reply ended.

    `input_tokens` include those read from the vendor's cache (`cached_tokens`); `ending` is "unknown" for a call that was
    begun and never answered, whose dollars are what was reserved; `priced` says whose price was taken, "" if none is known.
    """

    at: str
    brief: str
    step: str
    uses: str
    model: str
    ending: str
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    usd: Decimal = Decimal(0)
    priced: str = ""
    sent_bytes: int = 0


def open_memory(root: Path, *, clock: Callable[[], str] = utc_now) -> Memory:
    """Open the memory of a workspace, made if it is not there.

    StoreError if it is damaged or of a newer copydesk, DiskError if it cannot be opened.
    """
    return Memory(root, clock=clock)


def row_digest(kind: str, values: Iterable[object]) -> str:
    """Return the digest of a row's values; of torn values, that have another type, the digest of something else.

    Values that end in nulls are those of an older form, which had fewer.
    """
    values = list(values)
    while values and values[-1] is None:
        values.pop()
    return digest_of(kind, canonical([value.hex() if isinstance(value, bytes) else value for value in values]))


def chain_digest(before: str, digest: str) -> str:
    """Return the next link of the chain that shows when a row is missing, moved or made up."""
    return digest_of("chain", before, digest)


class Memory:
    """Paid replies, as `model.Memory` asks. Close it, or use it in a `with`. For any number of threads and processes."""

    def __init__(self, root: Path, *, clock: Callable[[], str] = utc_now) -> None:
        self.path = local_folder(root) / NAME
        self._clock = clock
        self._lock = threading.RLock()
        self._reading = threading.Lock()
        self._noted: list[tuple[str, str]] = []
        self._jobs: list[tuple[Callable[[], None], asyncio.Future[None], bool]] = []
        self._failed: list[Callable[[], None]] = []
        self._committing: asyncio.Task[None] | None = None
        self._writer = ThreadPoolExecutor(1, "memory")
        check_header(self.path, VERSION, mend=MEND)
        with self._naming():
            self._database = self._reader = connect(self.path)
        try:
            with self._naming():
                if self._version() < VERSION:
                    with brief_lock(root, ".memory"):
                        self._migrate()
                self._database.execute("PRAGMA synchronous = FULL")
                self._database.execute("PRAGMA foreign_keys = ON")
                self._reader = connect(self.path)
        except BaseException:
            self._database.close()
            raise

    def _version(self) -> int:
        version = int(self._rows("PRAGMA user_version")[0][0])
        check_version(version, self.path, VERSION)
        return version

    def _rows(self, statement: str, values: tuple[str | int, ...] = ()) -> list[tuple[Any, ...]]:
        """Return what is committed, without waiting for a transaction that another thread is about."""
        with self._reading, self._naming():
            return self._reader.execute(statement, values).fetchall()

    def _migrate(self) -> None:
        self._database.execute("PRAGMA journal_mode = WAL")
        for number in range(self._version(), VERSION):
            steps = f"BEGIN IMMEDIATE;{MIGRATIONS[number]};PRAGMA user_version = {number + 1};COMMIT;"
            self._database.executescript(steps)

    @contextlib.contextmanager
    def _naming(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise named(error, self.path, mend=MEND) from error

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Hold a transaction, or take part in the one that this thread holds."""
        with self._lock, self._naming():
            nested = self._database.in_transaction
            if nested:
                yield self._database
                return
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
                self._database.execute("COMMIT")
            finally:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")

    def close(self) -> None:
        """Close the file, and write what waits for it still: whoever waited may be gone, and what they paid for is not."""
        self._writer.shutdown()
        jobs = [*self._failed, *(job for job, *_ in self._jobs)]
        try:
            for error in filter(None, self._run([*jobs, lambda: None]) if self._noted or jobs else ()):
                raise error
        finally:
            self._reader.close()
            self._database.close()

    async def commit(self, job: Callable[[], None], *, again: bool = False) -> None:
        """Let `job` write, and return when that is on the disk. What waits at the same time shares one transaction.

        It is written by another thread, so that nobody who waits for a vendor waits for the disk. What fails for one of
        several is written once more, each alone; with `again`, what still fails once more at `close`.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._jobs.append((job, done, again))
        self._committing = self._committing or asyncio.create_task(self._commit_all())
        await done

    async def _commit_all(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._jobs:
                jobs, self._jobs = self._jobs, []
                run = loop.run_in_executor(self._writer, self._run, [job for job, *_ in jobs])
                # Shielded, or what is handed over and not yet begun would go with a loop that ends.
                ended = await asyncio.shield(run)
                for (job, done, again), error in zip(jobs, ended, strict=True):
                    if error is not None and again:
                        self._failed.append(job)
                    if error is not None and not done.done():
                        done.set_exception(error)
                    elif not done.done():  # if it is, whoever waited is gone
                        done.set_result(None)
        finally:
            self._committing = None

    def _write(self, jobs: list[Callable[[], None]]) -> None:
        """Run jobs in one transaction, and note in it what was left for later."""
        noted = self._noted[:]
        with self._writing():
            for job in jobs:
                job()
            for brief, event_id in noted:
                self.note(brief, event_id)
        del self._noted[: len(noted)]

    def _run(self, jobs: list[Callable[[], None]]) -> list[Exception | None]:
        try:
            self._write(jobs)
        except Exception as error:  # noqa: BLE001 - it is raised where the job was given
            return [error] if len(jobs) == 1 else [self._run([job])[0] for job in jobs]
        return [None] * len(jobs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Replies

    def recall(self, request: Request, model: Model) -> Reply | None:
        """Return the reply kept under the request's key: the first complete one, else the last, however it ended.

        An answer that is refused or cut is an answer, and was paid for: only an error is asked again. StoreError if its
        row is torn.
        """
        order = "ORDER BY ending = 'complete' DESC, CASE ending WHEN 'complete' THEN seq ELSE -seq END LIMIT 1"
        rows = self._rows(f"{ROW} WHERE key = ? AND ending <> 'error' {order}", (request.key(model),))
        return self._reply(rows[0])[0] if rows else None

    def recall_recipe(self, request: Request) -> tuple[Reply, str | None] | None:
        """Return the last reply this step got under this recipe, and the copy it was given (None: none).

        A complete one comes before any that ended otherwise, and an error is none. Neither is a refusal while a model of
        the chain has not been heard.
        """
        where = "WHERE brief = ? AND step = ? AND recipe = ? AND ending <> 'error'"
        order = "ORDER BY ending = 'complete' DESC, seq DESC LIMIT 1"
        values = (request.brief, request.step, request.recipe)
        kept = [self._reply(row) for row in self._rows(f"{ROW} {where} {order}", values)]
        if kept and kept[0][0].ending in REFUSALS:
            place = "provider, model, json_extract(sent, '$.endpoint'), json_extract(sent, '$.api')"
            heard = set(self._rows(f"SELECT DISTINCT {place} FROM replies {where}", values))  # noqa: S608
            chain = {(each.provider, each.model, each.base_url, each.api) for each in request.chain}
            kept = kept if chain <= heard else []
        return kept[0] if kept else None

    def recall_lost(self, request: Request) -> str:
        """Return the most that arrived of a reply that broke off, for people to read, "" if nothing did."""
        where = "WHERE brief = ? AND step = ? AND recipe = ? AND ending = 'error' AND text <> ''"
        order = "ORDER BY length(text) DESC, seq DESC LIMIT 1"
        rows = self._rows(f"{ROW} {where} {order}", (request.brief, request.step, request.recipe))
        return self._reply(rows[0])[0].text if rows else ""

    def _reply(self, row: tuple[Any, ...]) -> tuple[Reply, str | None]:
        *values, digest = row
        self._check("reply", values, digest)
        return parse_reply(values)

    def _check(self, kind: str, values: list[Any], digest: str) -> None:
        """Raise StoreError if a row is not what its digest says."""
        if row_digest(kind, values) != digest:
            what = f"a kept {kind} was changed or cut short, and is not used"
            raise StoreError(what, where=str(self.path), mend=MEND)

    def intend(self, request: Request, model: Model, *, usd: Decimal = Decimal(0), priced: str = "") -> None:
        """Record that a call is about to be made, for which `usd` dollars are reserved, by the price of `priced`."""
        asked = (request.key(model), request.brief, request.step, model.label)
        values = (*asked, self._clock(), str(usd), request.uses, priced)
        with self._writing() as database:
            database.execute(
                f"INSERT INTO intents ({', '.join(INTENT)}, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
                (*values, row_digest("intent", values)),
            )

    def drop(self, request: Request, model: Model) -> None:
        """Settle an intent whose call was not served, so that it cost nothing."""
        with self._writing() as database:
            self._answered(database, request.key(model))

    @staticmethod
    def _answered(database: sqlite3.Connection, key: str) -> None:
        """Settle the newest open intent of a key, if there is one: an older one is of a process that is gone."""
        newest = "(SELECT max(seq) FROM intents WHERE settled = ? AND key = ?)"
        database.execute(f"UPDATE intents SET settled = ? WHERE seq = {newest}", (ANSWERED, OPEN, key))  # noqa: S608

    def keep(self, request: Request, model: Model, reply: Reply) -> None:
        """Commit a reply, with the copy it was given, and settle its intent. Of two under one key the first stays."""
        sent, key = request.sent_to(model), request.key(model)
        text, notes = whole(reply.text), whole(canonical(list(reply.notes)))
        more = {"uses": request.uses, **{name: getattr(reply, name) for name in MORE[1:]}}
        values = (
            key, request.recipe, request.brief, request.step, reply.provider, reply.model, sent, text, reply.ending,
            request.given, reply.input_tokens, reply.output_tokens, str(reply.usd), notes, self._clock(), whole(canonical(more)),
        )  # fmt: skip
        digest = row_digest("reply", values)
        with self._writing() as database:
            if not self._kept_already(database, key, text, reply):
                ((count, before),) = database.execute("SELECT count, chain FROM head").fetchall()
                chain = chain_digest(before, digest)
                marks = ", ".join("?" * (len(COLUMNS) + 3))
                database.execute(
                    f"INSERT INTO replies (seq, {', '.join(COLUMNS)}, digest, chain) VALUES ({marks})",  # noqa: S608
                    (count + 1, *values, digest, chain),
                )
                database.execute("UPDATE head SET count = ?, chain = ?", (count + 1, chain))
            self._answered(database, key)

    @staticmethod
    def _kept_already(database: sqlite3.Connection, key: str, text: str, reply: Reply) -> bool:
        """Whether this very reply is kept. Another under the same key is added for its cost, and never recalled."""
        if reply.ending == "error":  # two that failed alike are two that were paid
            return False
        same = "SELECT 1 FROM replies WHERE key = ? AND text = ? AND ending = ? AND usd = ?"
        return bool(database.execute(same, (key, text, reply.ending, str(reply.usd))).fetchall())

    def unsettled(self) -> tuple[Intent, ...]:
        """Return the calls that were begun and never answered, oldest first: each may have been paid."""
        return tuple(self._intents("WHERE settled = 0"))

    def _intents(self, where: str, values: tuple[str, ...] = ()) -> Iterator[Intent]:
        columns = f"seq, {', '.join(INTENT)}, digest"
        for seq, *row, digest in self._rows(f"SELECT {columns} FROM intents {where} ORDER BY seq", values):  # noqa: S608
            self._check("intent", row, digest)
            found = dict(zip(INTENT, row, strict=True))
            usd, later = Decimal(found.pop("usd") or 0), {name: found.pop(name) or "" for name in ("uses", "priced")}
            yield Intent(seq=seq, usd=usd, **found, **later)

    def settle(self, intents: Iterable[Intent]) -> None:
        """Record that people were told of these calls, so that they are not told again. They cost what was reserved."""
        with self._writing() as database:
            rows = [(UNKNOWN, each.seq) for each in intents]
            database.executemany("UPDATE intents SET settled = ? WHERE seq = ?", rows)

    def calls(self, *, since: str = "", brief: str | None = None) -> Iterator[Call]:
        """Yield the calls from a UTC time on, of a brief or of all: first those answered, then those whose fate is unknown.

        A reply that cost nothing and was made on this machine is no call. StoreError if a row is torn: money hangs on it.
        """
        where, values = ("AND brief = ?", (since, brief)) if brief is not None else ("", (since,))
        seq = 0
        rows = f"SELECT seq, {', '.join(COLUMNS)}, digest FROM replies WHERE seq > ? AND at >= ? {where}"  # noqa: S608
        while page := self._rows(f"{rows} AND provider <> 'offline' ORDER BY seq LIMIT {PAGE}", (seq, *values)):
            seq = page[-1][0]
            for _, *kept, digest in page:
                self._check("reply", kept, digest)
                row = dict(zip(COLUMNS, kept, strict=True))
                yield _call_of({**row, "size": len(row["sent"].encode())})
        for each in self._intents(
            f"WHERE at >= ? {where} AND settled <> {ANSWERED} AND model NOT LIKE 'offline/%'", values
        ):
            yield Call(
                at=each.at, brief=each.brief, step=each.step, uses=each.uses, model=each.model, ending="unknown",
                usd=each.usd, priced=each.priced,
            )  # fmt: skip

    def sizes(self) -> Iterator[Call]:
        """Yield the calls that were answered, for those who estimate: no row is held against its digest."""
        columns = [name for name in COLUMNS if name not in ("text", "sent", "given")]
        size = "length(CAST(sent AS BLOB)) - coalesce(length(CAST(given AS BLOB)), 0)"  # `sent` holds the copy twice
        for row in self._rows(f"SELECT {', '.join(columns)}, {size} FROM replies WHERE provider <> 'offline'"):  # noqa: S608
            yield _call_of(dict(zip((*columns, "size"), row, strict=True)))

    # Which events were seen

    @property
    def later(self) -> Ledger:
        """Where to note what the next commit writes with everything else: await one before anybody is told."""
        return Ledger(self._noted)

    def note(self, brief: str, event_id: str) -> None:
        """Note that the event was here, so that `verify` can name it if its file goes."""
        with self._writing() as database:
            known = "SELECT 1 FROM ledger WHERE brief = ? AND id = ?"
            if not database.execute(known, (brief, event_id)).fetchall():
                database.execute("INSERT INTO ledger (brief, id) VALUES (?, ?)", (brief, event_id))


class Ledger:
    """A list of events to be noted, for those who write many: see `Memory.later`."""

    def __init__(self, noted: list[tuple[str, str]]) -> None:
        self._noted = noted

    def note(self, brief: str, event_id: str) -> None:
        """Note that the event was here, with the next commit."""
        self._noted.append((brief, event_id))


def _call_of(row: dict[str, Any]) -> Call:
    """Return the call of a reply's row; `size` is the bytes of what was sent."""
    more = json.loads(row["more"]) if row["more"] else {}
    return Call(
        at=row["at"], brief=row["brief"], step=row["step"], uses=more.get("uses", ""),
        model=f"{row['provider']}/{row['model']}", ending=row["ending"], input_tokens=row["input_tokens"],
        cached_tokens=more.get("cached_tokens", 0), output_tokens=row["output_tokens"], usd=Decimal(row["usd"]),
        priced=more.get("priced", ""), sent_bytes=row["size"],
    )  # fmt: skip


def parse_reply(values: list[Any]) -> tuple[Reply, str | None]:
    """Return the reply of a row whose digest is right, and the copy it was given."""
    row = dict(zip(COLUMNS, values, strict=True))
    more = json.loads(row["more"]) if row["more"] else {}
    plain = {name: row[name] for name in ("text", "provider", "model", "ending", "input_tokens", "output_tokens")}
    later = {name: more[name] for name in MORE[1:] if name in more}
    return Reply(**plain, **later, key=row["key"], usd=Decimal(row["usd"]), notes=tuple(json.loads(row["notes"]))), row[
        "given"
    ]


def whole(text: str) -> str:
    """Return a text that can be written: half a character (a lone surrogate, from a broken reply) becomes `?`."""
    return text.encode(errors="replace").decode()
