"""The form of an event's file."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest

from generator import store
from generator.digest import canonical, digest_of
from generator.errors import StoreError
from generator.model import Event, Suggestion
from generator.store.events import KNOWN, event_content

FULL = Event(
    verb="made", brief="news", step="draft", at="2027-03-04T00:00:00Z", by="ada", after=("0" * 32, "1" * 32), recipe="r",
    key="k", provider="p", model="m", parts=(("fact.price", "d"), ("brief.title", "e")), attempt="a", mode="update",
    suggestions=(Suggestion(line=4, base="", mine="é", theirs="z"),), usd="0.10", notes=("n",), note="why\nso",
    fresh=True, path="docs/x.md", draft="d", page="p", findings=("f",), reason="r", what="page", old="o", new="n",
    text="one\r\ntwo\n\nthree é “q”\u2028 no end",
)  # fmt: skip


def named(raw: bytes) -> str:
    return digest_of("event", raw) + ".event"


def read(raw: bytes, brief: str = "news") -> Event:
    return store.parse_event(raw, named(raw), brief)


@pytest.mark.parametrize(
    "event", [FULL, Event(verb="withdrew", brief="news"), replace(FULL, text=""), replace(FULL, text=None)]
)
def test_an_event_comes_back_as_it_was_written(event: Event) -> None:
    raw = event_content(event).encode()
    assert read(raw) == replace(event, id=digest_of("event", raw))


def test_a_text_is_kept_byte_for_byte_after_the_first_line() -> None:
    first, _, rest = event_content(FULL).encode().partition(b"\n")
    assert rest.decode() == FULL.text
    assert json.loads(first)["v"] == 1


def test_a_form_is_as_old_as_what_it_holds_so_that_older_programs_read_on() -> None:
    later = (
        Event(verb="approved", brief="news", roles=("legal",)),
        Event(verb="made", brief="news", suggestions=(Suggestion(line=1, base="a", mine="b", theirs="c", before="d"),)),
    )
    for event in later:
        raw = event_content(event).encode()
        assert json.loads(raw.partition(b"\n")[0])["v"] == 2
        assert read(raw) == replace(event, id=digest_of("event", raw))


def test_only_what_is_set_is_written() -> None:
    assert event_content(Event(verb="withdrew", brief="news")) == '{"brief":"news","v":1,"verb":"withdrew"}\n'


def test_every_field_of_an_event_has_a_place_in_the_file() -> None:
    assert {field.name for field in fields(Event)} - {"id"} == KNOWN - {"v"}


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b'{"brief":"news","v":3,"verb":"made"}\n', "newer copydesk"),
        (b'{"brief":"news","colour":"red","v":1,"verb":"made"}\n', "'colour'"),
        (b'{"brief":"news","v":1,"verb":"sang"}\n', "not in the form"),
        (b'{"brief":"news","verb":"made"}\n', "not in the form"),
        (b'{"brief":"news","v":true,"verb":"made"}\n', "not in the form"),
        (b'{"brief":"news", "v":1,"verb":"made"}\n', "not in the form"),
        (b'{"brief":"news","v":1,"verb":"made"}', "not in the form"),
        (b'{"brief":"news","v":1,"verb":"made"}\nmore', "not in the form"),
        (b'{"brief":"news","step":5,"v":1,"verb":"made"}\n', "not in the form"),
        (b'{"brief":"news","notes":[5],"v":1,"verb":"made"}\n', "not in the form"),
        (b'{"brief":"news","fresh":false,"v":1,"verb":"made"}\n', "not in the form"),
        (b'{"after":["x"],"brief":"news","v":1,"verb":"made"}\n', "not in the form"),
        (b'{"brief":"news","suggestions":[["1","","",""]],"v":1,"verb":"made"}\n', "not in the form"),
        (b'{"brief":"news","text":["",1],"v":1,"verb":"made"}\n\xff', "not in the form"),
        (b'{"brief":"news","text":["",1],"v":1,"verb":"made"}\nx', "not in the form"),
        (b"[]\n", "not in the form"),
        (b"[" * 100_000, "not in the form"),
        (b"", "not in the form"),
        (b'{"brief":"other","v":1,"verb":"made"}\n', "belongs to the brief 'other'"),
    ],
)
def test_a_record_of_another_form_is_refused(raw: bytes, what: str) -> None:
    with pytest.raises(StoreError, match=what) as caught:
        read(raw)
    assert caught.value.where == f"history/news/{named(raw)}"
    assert caught.value.mend


def test_unsorted_predecessors_are_refused() -> None:
    line = {"v": 1, "verb": "made", "brief": "news", "after": ["1" * 32, "0" * 32]}
    with pytest.raises(StoreError):
        read(f"{canonical(line)}\n".encode())


def test_a_name_that_is_not_the_digest_is_refused() -> None:
    raw = event_content(FULL).encode()
    for name in (f"{'0' * 32}.event", digest_of("event", raw)):
        with pytest.raises(StoreError, match="changed, cut short or swapped"):
            store.parse_event(raw, name, "news")
