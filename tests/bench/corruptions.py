"""Corrupt one record of a store at a time, in every way we could think of, and see whether `verify` names it.

`python -m tests.bench.corruptions 1000` runs that many, each seeded, and ends with 1 if one went unnoticed, was used, or
made `verify` raise. The suite runs some of them.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from generator import store
from generator.digest import digest_of, digest_text
from generator.errors import CopydeskError
from generator.model import Event, Help, Message, Model, Part, Reply, Request, Suggestion
from generator.store.memory import COLUMNS, chain_digest, row_digest

MODEL = Model(name="best", provider="scripted", model="one")
BRIEFS = ("news", "launch", "guide")


def make_request(brief: str, step: str, said: str, given: str | None = None) -> Request:
    """Make a request that says `said`, as an update if a copy is given."""
    help_ = None if given is None else Help(given=given, messages=(Message(role="user", text="Change little."),))
    message = Message(role="user", text=said)
    part = Part(label="brief.title", text=said)
    return Request(brief=brief, step=step, uses="draft", chain=(MODEL,), messages=(message,), parts=(part,), help=help_)


def fill(root: Path) -> None:
    """Fill a workspace with events and replies of every kind."""
    with store.open_memory(root) as memory:
        for brief in BRIEFS:
            for at in range(3):
                text = f"# {brief} {at}\r\n\r\nA sentence, “quoted”.\n" * (at + 1)
                request = make_request(brief, "draft", f"Write {brief} {at}.", text if at else None)
                memory.intend(request, MODEL)
                reply = Reply(text=text, provider="scripted", model="one", input_tokens=9, usd=Decimal("0.01"))
                memory.keep(request, MODEL, reply)
                suggestion = Suggestion(line=3, base="a", mine="b", theirs="c")
                made = Event(
                    verb="made", brief=brief, step="draft", recipe=request.recipe, key=request.key(MODEL), text=text,
                    parts=(("brief.title", request.parts[0].digest),), suggestions=(suggestion,), notes=("a note",),
                )  # fmt: skip
                store.record_event(root, made, memory=memory)
                page = f"page {at}\n"
                approved = Event(
                    verb="approved", brief=brief, path=f"docs/{brief}.md", text=page, page=digest_text(page)
                )
                store.record_event(root, approved, memory=memory)
            store.record_event(root, Event(verb="retried", brief=brief, step="draft", fresh=True), memory=memory)
        store.record_rename(root, "brief", "guide", "handbook", by="me", memory=memory)
        store.record_rename(root, "step", "draft", "write", brief="news", memory=memory)
        memory.keep(
            make_request("news", "draft", "cut"), MODEL, Reply(text="ha", provider="s", model="o", ending="cut")
        )
        memory.intend(make_request("news", "draft", "never answered"), MODEL)


# History ---------------------------------------------------------------------------------------------------------


def _files(root: Path, dice: random.Random, count: int) -> list[Path]:
    return dice.sample(sorted((root / "history").glob("*/*.event")), count)


def flip(root: Path, dice: random.Random) -> None:
    """Flip one bit of one event."""
    (path,) = _files(root, dice, 1)
    raw = bytearray(path.read_bytes())
    raw[dice.randrange(len(raw))] ^= 1 << dice.randrange(8)
    path.write_bytes(raw)


def truncate(root: Path, dice: random.Random) -> None:
    """Cut an event short."""
    (path,) = _files(root, dice, 1)
    raw = path.read_bytes()
    path.write_bytes(raw[: dice.choice((0, len(raw) - 1, dice.randrange(len(raw))))])


def lengthen(root: Path, dice: random.Random) -> None:
    """Add a byte to an event."""
    (path,) = _files(root, dice, 1)
    path.write_bytes(path.read_bytes() + dice.choice((b"\n", b" ", b"\0")))


def swap(root: Path, dice: random.Random) -> None:
    """Exchange the contents of two events, which is also to exchange their names."""
    one, two = _files(root, dice, 2)
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)


def move(root: Path, dice: random.Random) -> None:
    """Move or copy an event to the folder of another brief."""
    (path,) = _files(root, dice, 1)
    folders = [each for each in (root / "history").iterdir() if each != path.parent]
    raw = path.read_bytes()
    if dice.random() < 0.5:
        path.unlink()
    (dice.choice(sorted(folders)) / path.name).write_bytes(raw)


def delete(root: Path, dice: random.Random) -> None:
    """Delete an event, or all of a brief."""
    (path,) = _files(root, dice, 1)
    if dice.random() < 0.2:
        shutil.rmtree(path.parent)
    else:
        path.unlink()


def invent(root: Path, dice: random.Random) -> None:
    """Make up an event: under a name of one's own, or under the right one but not as copydesk writes it."""
    (path,) = _files(root, dice, 1)
    raw = path.read_bytes().replace(
        b'"v":1', dice.choice((b'"v": 1', b'"by":"x","v":1', b'"v":1.0', b'"vv":1', b'"v":2')), 1
    )
    name = digest_of("event", raw) if dice.random() < 0.7 else f"{dice.getrandbits(128):032x}"
    (path.parent / f"{name}.event").write_bytes(raw)


def litter(root: Path, dice: random.Random) -> None:
    """Rename an event so that it is no longer one."""
    (path,) = _files(root, dice, 1)
    path.rename(path.with_suffix(dice.choice((".even", ".event~", ""))))


# Memory ----------------------------------------------------------------------------------------------------------


def _run(root: Path, *statements: tuple[str, tuple[object, ...]]) -> list[tuple[object, ...]]:
    database = sqlite3.connect(root / ".copydesk" / "memory.sqlite", isolation_level=None)
    try:
        for statement, values in statements:
            rows = database.execute(statement, values).fetchall()
        return rows
    finally:
        database.close()


def _row(root: Path, dice: random.Random) -> int:
    ((count,),) = _run(root, ("SELECT count(*) FROM replies", ()))
    assert isinstance(count, int)
    return dice.randrange(count) + 1


def change_column(root: Path, dice: random.Random) -> None:
    """Change one column of one reply."""
    column = dice.choice((*COLUMNS, "digest", "chain"))
    value = dice.choice(("changed", "", 7, b"\xff", "12.5"))
    _run(root, (f"UPDATE replies SET {column} = ? WHERE seq = ?", (value, _row(root, dice))))


def flip_in_file(root: Path, dice: random.Random) -> None:
    """Flip a bit of a kept text in the database file itself."""
    path = root / ".copydesk" / "memory.sqlite"
    raw = bytearray(path.read_bytes())
    brief = dice.choice(BRIEFS)
    at = raw.index(f"# {brief} 0\r\n".encode())
    raw[at + dice.randrange(len(brief) + 4)] ^= 1 << dice.randrange(8)
    path.write_bytes(raw)


def cut_file(root: Path, dice: random.Random) -> None:
    """Cut the database file short, or blank a page of it that holds replies."""
    path = root / ".copydesk" / "memory.sqlite"
    raw = bytearray(path.read_bytes())
    start = raw.index(b"A sentence") // 4096 * 4096
    if dice.random() < 0.5:
        raw[start : start + 4096] = bytes(4096)
    else:
        raw = raw[: dice.choice((0, 50, dice.randrange(len(raw) - 4096)))]
    path.write_bytes(raw)


def delete_reply(root: Path, dice: random.Random) -> None:
    """Delete a reply, any or the last."""
    _run(root, ("DELETE FROM replies WHERE seq = ?", (_row(root, dice),)))


def swap_replies(root: Path, dice: random.Random) -> None:
    """Exchange two rows, or their texts and digests."""
    ((count,),) = _run(root, ("SELECT count(*) FROM replies", ()))
    assert isinstance(count, int)
    one, two = dice.sample(range(1, count + 1), 2)
    if dice.random() < 0.5:
        for old, new in ((one, -1), (two, one), (-1, two)):
            _run(root, ("UPDATE replies SET seq = ? WHERE seq = ?", (new, old)))
    else:
        move_text = "UPDATE replies SET text = (SELECT text FROM replies WHERE seq = ?) || ' ' WHERE seq = ?"
        _run(root, (move_text, (one, two)))


def invent_reply(root: Path, dice: random.Random) -> None:
    """Make up a reply with the right digest and a link, but not under the key of what was sent, or not in the head."""
    ((seq, last, key),) = _run(root, ("SELECT seq, chain, key FROM replies ORDER BY seq DESC LIMIT 1", ()))
    assert isinstance(seq, int)
    values: list[object] = [
        key,
        "r",
        "news",
        "draft",
        "p",
        "m",
        '{"given":null}',
        "made up",
        "complete",
        None,
        0,
        0,
        "0",
    ]
    values += ["[]", "2027-03-04T00:00:00Z", "{}"]
    digest = row_digest("reply", values)
    chain = chain_digest(str(last), digest)
    marks = ", ".join("?" * (len(values) + 3))
    columns = ", ".join(("seq", *COLUMNS, "digest", "chain"))
    _run(root, (f"INSERT INTO replies ({columns}) VALUES ({marks})", (seq + 1, *values, digest, chain)))
    if dice.random() < 0.5:
        _run(root, ("UPDATE head SET count = ?, chain = ?", (seq + 1, chain)))


def change_lists(root: Path, dice: random.Random) -> None:
    """Change or delete a begun call, an entry of the ledger, or the head."""
    statements = (
        "DELETE FROM intents WHERE seq = 10",
        "DELETE FROM intents WHERE seq = 2",
        "UPDATE intents SET at = 'never' WHERE seq = 3",
        "DELETE FROM ledger WHERE seq = 4",
        "DELETE FROM ledger WHERE seq = (SELECT max(seq) FROM ledger)",
        "UPDATE ledger SET id = 'x' WHERE seq = 5",
        "UPDATE ledger SET brief = 'x' WHERE seq = 6",
        "UPDATE head SET count = count - 1",
        "UPDATE head SET chain = 'x'",
        "DELETE FROM head",
        "DROP TABLE intents",
        "DROP TABLE ledger",
    )
    _run(root, (dice.choice(statements), ()))


WAYS: tuple[Callable[[Path, random.Random], None], ...] = (
    flip, truncate, lengthen, swap, move, delete, invent, litter, change_column, flip_in_file, cut_file, delete_reply,
    swap_replies, invent_reply, change_lists,
)  # fmt: skip


def _texts(root: Path) -> dict[str, str | None]:
    """Return every text that history gives, by event; a brief that refuses gives none."""
    texts: dict[str, str | None] = {}
    for name in store.history_names(root):
        try:
            texts.update({event.id: event.text for event in store.read_history(root, name).events})
        except CopydeskError:
            continue
    return texts


def _replies(root: Path) -> set[str]:
    """Return every text that memory gives for what was asked."""
    texts: set[str] = set()
    try:
        with store.open_memory(root) as memory:
            for brief in BRIEFS:
                for at in range(3):
                    given = f"# {brief} {at}\r\n\r\nA sentence, “quoted”.\n" * (at + 1)
                    reply = memory.recall(
                        make_request(brief, "draft", f"Write {brief} {at}.", given if at else None), MODEL
                    )
                    texts.update({reply.text} if reply else ())
    except CopydeskError:
        pass
    return texts


def corrupt(sound: Path, folder: Path, seed: int) -> tuple[str, str]:
    """Copy a sound workspace, corrupt one record of it, and return the way and what was wrong with `verify`, or ""."""
    dice = random.Random(seed)
    way = WAYS[seed % len(WAYS)]
    root = folder / str(seed)
    shutil.copytree(sound, root)
    way(root, dice)
    try:
        if not store.verify(root):
            return way.__name__, "went unnoticed"
    except Exception as error:
        return way.__name__, f"made verify raise {error!r}"
    known = _texts(sound)
    if any(known.get(each, text) != text for each, text in _texts(root).items()):
        return way.__name__, "was used: a text of history"
    if _replies(root) - _replies(sound):
        return way.__name__, "was used: a reply"
    shutil.rmtree(root)
    return way.__name__, ""


def main(count: int) -> int:
    """Run `count` corruptions and print what came of each way."""
    with tempfile.TemporaryDirectory() as name:
        sound = Path(name) / "sound"
        fill(sound)
        if store.verify(sound):
            sys.stdout.write(f"a sound store has findings: {store.verify(sound)}\n")
            return 1
        ways: Counter[str] = Counter()
        wrong = []
        for seed in range(count):
            way, problem = corrupt(sound, Path(name), seed)
            ways[way] += 1
            wrong += [f"seed {seed}: {way} {problem}\n"] if problem else []
    sys.stdout.writelines(f"{number:5} {way}\n" for way, number in ways.items())
    sys.stdout.writelines(wrong)
    sys.stdout.write(f"{count - len(wrong)} of {count} corruptions were named, and none of those was used\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
