"""Memory: what was paid for is kept, and found again."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from generator import model, store
from generator.errors import DiskError, StoreError
from generator.model import Help, Message, Model, Part, Reply, Request
from generator.store import memory as memory_module

BEST = Model(name="best", provider="scripted", model="one")
FAST = Model(name="fast", provider="scripted", model="two")
REQUEST = Request(
    brief="news", step="draft", uses="draft", chain=(BEST,), messages=(Message(role="user", text="Write."),),
    parts=(Part(label="brief.title", text="News"),),
)  # fmt: skip
UPDATE = replace(REQUEST, help=Help(given="the copy\r\n", messages=(Message(role="user", text="Change little."),)))
REPLY = Reply(
    text="one\r\ntwo\0é", provider="scripted", model="one", input_tokens=10, output_tokens=20, usd=Decimal("0.0120"),
    notes=("slow", "dear"),
)  # fmt: skip


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[store.Memory]:
    with store.open_memory(tmp_path, clock=lambda: "2027-03-04T05:06:07Z") as opened:
        yield opened


def run(root: Path, statement: str, *values: object) -> None:
    database = sqlite3.connect(root / ".copydesk" / "memory.sqlite", isolation_level=None)
    database.execute(statement, values)
    database.close()


def count(memory: store.Memory) -> int:
    return int(memory._rows("SELECT count(*) FROM replies")[0][0])


def test_it_is_the_memory_that_the_model_asks_for(memory: store.Memory) -> None:
    wanted: model.Memory = memory
    assert wanted.recall(REQUEST, BEST) is None
    assert wanted.recall_recipe(REQUEST) is None


def test_a_reply_comes_back_by_key_also_after_the_file_was_closed(tmp_path: Path, memory: store.Memory) -> None:
    memory.keep(REQUEST, BEST, REPLY)
    assert memory.recall(REQUEST, BEST) == REPLY
    assert memory.recall(REQUEST, FAST) is None
    assert memory.recall(UPDATE, BEST) is None
    memory.close()
    with store.open_memory(tmp_path) as again:
        assert again.recall(REQUEST, BEST) == REPLY


def test_the_last_reply_of_a_recipe_comes_with_the_copy_it_was_given(memory: store.Memory) -> None:
    later = replace(REPLY, text="later")
    memory.keep(REQUEST, BEST, REPLY)
    assert memory.recall_recipe(UPDATE) == (REPLY, None)
    memory.keep(UPDATE, BEST, later)
    assert memory.recall_recipe(REQUEST) == (later, "the copy\r\n")
    assert memory.recall_recipe(replace(REQUEST, step="other")) is None
    assert memory.recall_recipe(replace(REQUEST, brief="other")) is None


@pytest.mark.parametrize("ending", ["cut", "refused", "filtered", "misshapen", "empty"])
def test_a_reply_that_did_not_end_well_answers_until_a_complete_one_does(
    memory: store.Memory, ending: model.Ending
) -> None:
    first, last = replace(REPLY, ending=ending), replace(REPLY, text="said again", ending=ending)
    memory.keep(REQUEST, BEST, first)
    assert memory.recall(REQUEST, BEST) == first
    memory.keep(REQUEST, BEST, last)
    memory.keep(REQUEST, BEST, replace(REPLY, text="", ending="error"))
    assert memory.recall(REQUEST, BEST) == last
    assert memory.recall_recipe(REQUEST) == (last, None)
    memory.keep(REQUEST, BEST, REPLY)
    memory.keep(REQUEST, BEST, replace(REPLY, text="too late"))
    memory.keep(REQUEST, BEST, first)
    assert memory.recall(REQUEST, BEST) == REPLY
    assert memory.recall_recipe(REQUEST) == (replace(REPLY, text="too late"), None)
    assert count(memory) == 5


def test_an_error_is_kept_and_never_recalled(memory: store.Memory) -> None:
    memory.keep(REQUEST, BEST, replace(REPLY, ending="error"))
    assert memory.recall(REQUEST, BEST) is None
    assert memory.recall_recipe(REQUEST) is None
    assert count(memory) == 1


def test_another_attempt_is_another_question(memory: store.Memory) -> None:
    memory.keep(REQUEST, BEST, replace(REPLY, ending="refused"))
    again = replace(REQUEST, attempt="0123")
    assert memory.recall(again, BEST) is None
    assert memory.recall_recipe(again) is None


def test_of_two_replies_under_one_key_the_first_stays_and_both_were_paid(memory: store.Memory) -> None:
    memory.keep(REQUEST, BEST, REPLY)
    memory.keep(REQUEST, BEST, REPLY)
    assert count(memory) == 1
    memory.keep(REQUEST, BEST, replace(REPLY, text="another"))
    assert memory.recall(REQUEST, BEST) == REPLY
    assert count(memory) == 2


def test_half_a_character_in_a_reply_does_not_lose_it(tmp_path: Path, memory: store.Memory) -> None:
    memory.keep(REQUEST, BEST, replace(REPLY, text="a\ud800b", notes=("\udfff",)))
    kept = memory.recall(REQUEST, BEST)
    assert kept is not None
    assert (kept.text, kept.notes) == ("a?b", ("?",))
    assert store.verify(tmp_path) == ()


def test_a_call_is_told_of_until_it_is_answered_or_people_know(tmp_path: Path, memory: store.Memory) -> None:
    memory.intend(REQUEST, BEST)
    memory.intend(UPDATE, FAST)
    with store.open_memory(tmp_path) as other:
        first, second = other.unsettled()
        assert str(first) == "news/draft, scripted/one, 2027-03-04T05:06:07Z"
        assert (second.key, second.model) == (UPDATE.key(FAST), "scripted/two")
        memory.keep(REQUEST, BEST, REPLY)
        assert other.unsettled() == (second,)
        other.settle(other.unsettled())
        assert other.unsettled() == ()
    assert store.verify(tmp_path) == ()


def test_a_reply_settles_the_call_of_its_own_process(tmp_path: Path, memory: store.Memory) -> None:
    with store.open_memory(tmp_path) as other:
        other.intend(REQUEST, BEST)
        memory.intend(REQUEST, BEST)
        memory.keep(REQUEST, BEST, REPLY)
        assert len(memory.unsettled()) == 1
        other.keep(REQUEST, BEST, REPLY)
        assert memory.unsettled() == ()


@pytest.mark.parametrize("value", ["complete", b"\xff\xfe", 5])
def test_a_torn_reply_is_never_used(tmp_path: Path, memory: store.Memory, value: object) -> None:
    for column in ("text", "given", "sent", "usd", "notes", "ending", "digest", "recipe"):
        memory.keep(REQUEST, BEST, REPLY)
        before = memory.recall(REQUEST, BEST)
        run(tmp_path, f"UPDATE replies SET {column} = ?", value)
        for ask in (lambda: memory.recall(REQUEST, BEST), lambda: memory.recall_recipe(REQUEST)):
            found: object = None
            told = ""
            try:
                found = ask()
            except StoreError as error:
                told = str(error)
            # Nothing is found where the index no longer leads to it; all is well if the value is the one it had.
            assert "not used" in told or found in (None, before, (before, None))
        run(tmp_path, "DELETE FROM replies")
        run(tmp_path, "UPDATE head SET count = 0, chain = ''")


def test_a_text_that_is_not_utf_8_is_torn(tmp_path: Path, memory: store.Memory) -> None:
    memory.keep(REQUEST, BEST, REPLY)
    run(tmp_path, "UPDATE replies SET text = CAST(x'ff61' AS TEXT)")
    with pytest.raises(StoreError, match="changed or cut short"):
        memory.recall(REQUEST, BEST)


def test_a_reply_is_kept_whole_or_not_at_all(tmp_path: Path, memory: store.Memory) -> None:
    run(tmp_path, "CREATE TRIGGER full BEFORE UPDATE ON head BEGIN SELECT RAISE(ABORT, 'no'); END")
    memory.intend(REQUEST, BEST)
    with pytest.raises(StoreError, match="no"):
        memory.keep(REQUEST, BEST, REPLY)
    assert memory.recall(REQUEST, BEST) is None
    assert len(memory.unsettled()) == 1
    run(tmp_path, "DROP TRIGGER full")
    memory.keep(REQUEST, BEST, REPLY)
    assert memory.unsettled() == ()
    assert store.verify(tmp_path) == ()


def test_a_full_disk_is_a_fault_of_the_disk_and_nothing_is_lost(tmp_path: Path, memory: store.Memory) -> None:
    ((pages,),) = memory._database.execute("PRAGMA page_count").fetchall()
    memory._database.execute(f"PRAGMA max_page_count = {pages}").fetchall()
    with pytest.raises(DiskError, match="full") as caught:
        memory.keep(REQUEST, BEST, replace(REPLY, text="x" * 100_000))
    assert caught.value.where == str(tmp_path / ".copydesk" / "memory.sqlite")
    memory._database.execute("PRAGMA max_page_count = 1000000").fetchall()
    memory.keep(REQUEST, BEST, REPLY)
    assert memory.recall(REQUEST, BEST) == REPLY


def test_memory_of_a_newer_version_is_refused_without_a_write(tmp_path: Path) -> None:
    store.open_memory(tmp_path).close()
    run(tmp_path, f"PRAGMA user_version = {memory_module.VERSION + 1}")
    path = tmp_path / ".copydesk" / "memory.sqlite"
    before = path.read_bytes()
    with pytest.raises(StoreError, match="newer copydesk"):
        store.open_memory(tmp_path)
    assert path.read_bytes() == before
    assert [finding.code for finding in store.verify(tmp_path)] == ["V011"]


def test_a_newer_version_that_is_still_in_the_log_is_refused(tmp_path: Path) -> None:
    with store.open_memory(tmp_path) as memory:
        memory._rows(f"PRAGMA user_version = {memory_module.VERSION + 1}")
        with pytest.raises(StoreError, match="newer copydesk"):
            store.open_memory(tmp_path)


def test_the_file_is_durable_and_git_never_sees_it(tmp_path: Path, memory: store.Memory) -> None:
    assert memory._rows("PRAGMA journal_mode") == [("wal",)]
    assert memory._database.execute("PRAGMA synchronous").fetchall() == [(2,)]
    assert memory._database.execute("PRAGMA foreign_keys").fetchall() == [(1,)]
    assert memory._rows("PRAGMA user_version") == [(memory_module.VERSION,)]
    assert (tmp_path / ".copydesk" / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize("content", [b"not a database" * 20, b"short", b"SQLite format 3\0" + b"\xff" * 4080])
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / ".copydesk" / "memory.sqlite"
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(StoreError):
        store.open_memory(tmp_path)
    assert path.read_bytes() == content
    assert [finding.code for finding in store.verify(tmp_path)] == ["V011"]


def test_a_damaged_database_is_refused(tmp_path: Path) -> None:
    store.open_memory(tmp_path).close()
    path = tmp_path / ".copydesk" / "memory.sqlite"
    path.write_bytes(path.read_bytes()[:100] + bytes(len(path.read_bytes()) - 100))
    with pytest.raises(StoreError, match="damaged"):
        store.open_memory(tmp_path)


def test_a_file_that_cannot_be_read_is_a_fault_of_the_disk(tmp_path: Path) -> None:
    (tmp_path / ".copydesk" / "memory.sqlite").mkdir(parents=True)
    with pytest.raises(DiskError, match=r"memory\.sqlite"):
        store.open_memory(tmp_path)
    assert [finding.code for finding in store.verify(tmp_path)] == ["V011"]


def test_many_processes_open_and_write_a_new_memory_at_once(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from generator import store
from generator.model import Message, Model, Reply, Request
model = Model(name="m", provider="p", model="m")
with store.open_memory(Path(sys.argv[1])) as memory:
    for number in range(10):
        said = (Message(role="user", text=str(number)),)
        request = Request(brief="b", step="s", uses="u", chain=(model,), messages=said, parts=())
        memory.intend(request, model)
        memory.keep(request, model, Reply(text=sys.argv[2], provider="p", model="m"))
        assert memory.recall(request, model) is not None
"""
    runs = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path), name]) for name in "abc"]
    assert [each.wait() for each in runs] == [0, 0, 0]
    with store.open_memory(tmp_path) as memory:
        assert count(memory) == 30
        assert memory.unsettled() == ()
    assert store.verify(tmp_path) == ()


def test_an_event_is_noted_once(tmp_path: Path, memory: store.Memory) -> None:
    memory.note("news", "x")
    memory.note("news", "x")
    memory.note("other", "x")
    assert memory._rows("SELECT brief, id FROM ledger ORDER BY seq") == [("news", "x"), ("other", "x")]
    assert [finding.code for finding in store.verify(tmp_path)] == ["V006", "V006"]


def test_memory_of_form_one_is_migrated_with_all_it_holds(tmp_path: Path) -> None:
    path = tmp_path / ".copydesk" / "memory.sqlite"
    path.parent.mkdir()
    database = sqlite3.connect(path, isolation_level=None)
    database.executescript(f"PRAGMA journal_mode = WAL;{memory_module.MIGRATIONS[0]};PRAGMA user_version = 1;")
    key, sent = REQUEST.key(BEST), REQUEST.sent_to(BEST)
    values = (
        key,
        REQUEST.recipe,
        "news",
        "draft",
        "anthropic",
        "claude",
        sent,
        "Kept.",
        "complete",
        None,
        10,
        20,
        "0.01",
        "[]",
        "2026-01-02T03:04:05Z",
    )
    digest = memory_module.row_digest("reply", values)
    chain = memory_module.chain_digest("", digest)
    columns = ", ".join(memory_module.COLUMNS[:-1])
    marks = ", ".join("?" * (len(values) + 3))
    database.execute(
        f"INSERT INTO replies (seq, {columns}, digest, chain) VALUES ({marks})", (1, *values, digest, chain)
    )
    database.execute("UPDATE head SET count = 1, chain = ?", (chain,))
    intent = (key, "news", "draft", "anthropic/claude", "2026-01-02T03:04:05Z")
    database.execute(
        "INSERT INTO intents (key, brief, step, model, at, digest) VALUES (?, ?, ?, ?, ?, ?)",
        (*intent, memory_module.row_digest("intent", intent)),
    )
    database.close()
    assert store.verify(tmp_path) == (), "looking needs no migration"
    with store.open_memory(tmp_path) as memory:
        kept = memory.recall(REQUEST, BEST)
        assert kept is not None
        assert (kept.text, kept.usd, kept.cached_tokens, kept.priced) == ("Kept.", Decimal("0.01"), 0, "")
        (open_,) = memory.unsettled()
        assert (open_.usd, open_.uses) == (Decimal(0), "")
        memory.keep(UPDATE, BEST, replace(REPLY, cached_tokens=5, priced="a list", why="so", repair=True))
        assert memory.recall(UPDATE, BEST) == replace(REPLY, cached_tokens=5, priced="a list", why="so", repair=True)
        assert [(call.ending, call.usd) for call in memory.calls()] == [
            ("complete", Decimal("0.01")),
            ("complete", REPLY.usd),
            ("unknown", Decimal(0)),
        ]
    assert store.verify(tmp_path) == ()


def test_what_is_committed_together_shares_a_transaction_and_one_that_fails_harms_no_other(
    memory: store.Memory,
) -> None:
    began: list[str] = []
    memory._database.set_trace_callback(lambda said: began.append(said) if said.startswith("BEGIN") else None)

    async def work() -> list[BaseException | None]:
        def fail() -> None:
            raise DiskError("no", where="here")

        jobs = [lambda n=n: memory.keep(REQUEST, BEST, replace(REPLY, text=f"{n}")) for n in range(20)]
        return await asyncio.gather(
            *(memory.commit(each) for each in (*jobs[:10], fail, *jobs[10:])), return_exceptions=True
        )

    ended = asyncio.run(work())
    assert [type(each) for each in ended if each is not None] == [DiskError]
    assert len(memory._rows("SELECT 1 FROM replies")) == 20
    assert len(began) < 30


def test_what_arrived_of_a_reply_that_broke_off_can_be_read(memory: store.Memory) -> None:
    assert memory.recall_lost(REQUEST) == ""
    memory.intend(REQUEST, BEST, usd=Decimal("0.5"))
    memory.keep(REQUEST, BEST, replace(REPLY, text="Half a", ending="error", usd=Decimal("0.5")))
    memory.intend(REQUEST, BEST, usd=Decimal("0.5"))
    memory.keep(REQUEST, BEST, replace(REPLY, text="Half a", ending="error", usd=Decimal("0.5")))
    assert memory.recall_lost(REQUEST) == "Half a"
    assert memory.recall(REQUEST, BEST) is None
    assert sum(call.usd for call in memory.calls()) == 1
    memory.intend(REQUEST, FAST, usd=Decimal("0.25"))
    memory.drop(REQUEST, FAST)
    assert memory.unsettled() == ()
    assert sum(call.usd for call in memory.calls(brief=REQUEST.brief)) == 1
    assert list(memory.calls(since="2999")) == []


def test_what_is_noted_later_is_noted_with_the_next_commit_or_at_the_end(tmp_path: Path) -> None:
    with store.open_memory(tmp_path) as memory:
        memory.later.note("news", "a" * 32)
        assert memory._rows("SELECT id FROM ledger") == []
        asyncio.run(memory.commit(lambda: None))
        assert memory._rows("SELECT id FROM ledger") == [("a" * 32,)]
        memory.later.note("news", "b" * 32)
    with store.open_memory(tmp_path) as memory:
        assert memory._rows("SELECT id FROM ledger ORDER BY seq") == [("a" * 32,), ("b" * 32,)]


def test_a_reply_is_kept_and_settled_also_when_what_shared_its_transaction_failed(memory: store.Memory) -> None:
    def fail() -> None:
        raise DiskError("no", where="here")

    async def work() -> None:
        await memory.commit(lambda: memory.intend(REQUEST, BEST, usd=Decimal("0.5")))
        keeps = memory.commit(lambda: memory.keep(REQUEST, BEST, replace(REPLY, usd=Decimal("0.1"))))
        await asyncio.gather(keeps, memory.commit(fail), return_exceptions=True)

    asyncio.run(work())
    assert [(call.ending, call.usd) for call in memory.calls()] == [("complete", Decimal("0.1"))]
    assert memory.unsettled() == ()


def test_what_waits_to_be_written_when_nobody_waits_for_it_any_more_is_written(tmp_path: Path) -> None:
    with store.open_memory(tmp_path) as memory:

        async def leave() -> None:
            first = asyncio.create_task(memory.commit(lambda: time.sleep(0.1)))
            await asyncio.sleep(0.02)
            second = asyncio.create_task(memory.commit(lambda: memory.keep(REQUEST, BEST, REPLY)))
            await asyncio.sleep(0.02)
            first.cancel()
            second.cancel()

        asyncio.run(leave())
    with store.open_memory(tmp_path) as memory:
        assert memory.recall(REQUEST, BEST) is not None


def test_what_cannot_be_written_at_the_end_is_told(tmp_path: Path) -> None:
    memory = store.open_memory(tmp_path)
    memory.later.note("news", "a" * 32)
    run(tmp_path, "DROP TABLE ledger")
    with pytest.raises(StoreError, match="ledger"):
        memory.close()


@pytest.mark.parametrize("table", ["replies", "intents"])
def test_money_never_hangs_on_a_torn_row(tmp_path: Path, memory: store.Memory, table: str) -> None:
    memory.intend(REQUEST, BEST, usd=Decimal("0.5"))
    if table == "replies":
        memory.keep(REQUEST, BEST, replace(REPLY, usd=Decimal("0.5")))
    run(tmp_path, f"UPDATE {table} SET usd = '0'")
    with pytest.raises(StoreError, match="changed or cut short, and is not used"):
        list(memory.calls())


def test_what_is_handed_over_and_not_begun_when_a_loop_ends_is_written(tmp_path: Path) -> None:
    with store.open_memory(tmp_path) as memory:

        async def leave() -> None:
            memory._writer.submit(time.sleep, 0.1)
            task = asyncio.create_task(memory.commit(lambda: memory.keep(REQUEST, BEST, REPLY)))
            await asyncio.sleep(0.02)
            task.cancel()

        asyncio.run(leave())
        asyncio.run(memory.commit(lambda: None))
        assert memory.recall(REQUEST, BEST) is not None


def test_a_reply_settles_the_call_of_this_process_and_not_one_of_a_process_that_is_gone(tmp_path: Path) -> None:
    with store.open_memory(tmp_path) as memory:
        memory.intend(REQUEST, BEST, usd=Decimal("0.5"))
    with store.open_memory(tmp_path) as memory:
        memory.intend(REQUEST, BEST, usd=Decimal("0.25"))
        memory.keep(REQUEST, BEST, replace(REPLY, usd=Decimal("0.1")))
        assert [each.usd for each in memory.unsettled()] == [Decimal("0.5")]
        assert [call.sent_bytes > 0 for call in memory.sizes()] == [True]


def test_who_leaves_before_it_is_written_holds_up_nobody(memory: store.Memory) -> None:
    async def work() -> None:
        memory._writer.submit(time.sleep, 0.05)
        task = asyncio.create_task(memory.commit(lambda: memory.keep(REQUEST, BEST, REPLY)))
        await asyncio.sleep(0.02)
        task.cancel()
        await memory.commit(lambda: None)

    asyncio.run(work())
    assert memory.recall(REQUEST, BEST) is not None


def test_what_is_reckoned_for_a_call_of_unknown_fate_says_by_whose_price(tmp_path: Path) -> None:
    with store.open_memory(tmp_path) as memory:
        memory.intend(REQUEST, BEST, usd=Decimal("0.02"), priced="genai-prices 0.2")
        (open_,) = memory.unsettled()
        (call,) = memory.calls()
        assert open_.priced == call.priced == "genai-prices 0.2"
    assert store.verify(tmp_path) == ()


def test_memory_of_form_two_is_verified_as_it_is_and_migrated_when_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / ".copydesk" / "memory.sqlite"
    path.parent.mkdir()
    database = sqlite3.connect(path, isolation_level=None)
    forms = ";".join(memory_module.MIGRATIONS[:2])
    database.executescript(f"PRAGMA journal_mode = WAL;{forms};PRAGMA user_version = 2;")
    values = ("key", "news", "draft", "anthropic/claude", "2026-01-02T03:04:05Z", "0.02", "draft")
    digest = memory_module.row_digest("intent", values)
    columns = ", ".join(memory_module.INTENT[:-1])
    database.execute(f"INSERT INTO intents ({columns}, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*values, digest))
    database.close()
    assert store.verify(tmp_path) == ()
    with store.open_memory(tmp_path) as memory:
        (intent,) = memory.unsettled()
        assert (intent.usd, intent.uses, intent.priced) == (Decimal("0.02"), "draft", "")
    assert store.verify(tmp_path) == ()
