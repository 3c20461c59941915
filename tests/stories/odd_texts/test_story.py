"""Texts as people's editors leave them: CRLF, no final newline, odd Unicode, a megabyte; and a source that says nothing."""

from pathlib import Path

from generator import app
from tests.stories.scripts import plain
from tests.stories.stage import Stage

NAMES = ("bare", "crlf", "huge", "odd")
PAGES = {name: f"drafts/{name}/{name}.md" for name in NAMES}
ODD = "Ada\u00a0writes a\u0301 and á, 👩\u200d👩\u200d👧, \u202eright to left\u202c, a line\u2028separator, \ufeffmarks, \x0c feeds."
HUGE = "\n\n".join(
    f"Ada's paragraph {n} of a very long page, which she alone wrote and wants to keep." for n in range(13_000)
)


def test_bytes_stay_as_they_were_typed(tmp_path: Path) -> None:
    stage = Stage.begin(tmp_path, __file__)
    stage.write({"sources/empty.md": ""})
    summary = stage.build(script=plain)
    [(address, why)] = summary.failures
    assert address.startswith("hollow")
    assert "empty" in why
    assert (summary.failed, summary.exit_code) == (1, 1)
    assert sorted(stage.log()) == sorted(f"{name}/{step}" for name in NAMES for step in ("outline", "draft", "revise"))

    stage.write(
        {
            PAGES["crlf"]: stage.text(PAGES["crlf"]).replace("\n", "\r\n")
            + "\r\nAda's lines end\r\nas Windows ends them.\r\n"
        }
    )
    stage.write({PAGES["bare"]: stage.text(PAGES["bare"]) + "\nAda ends without an end of line."})
    stage.add(PAGES["odd"], ODD)
    stage.add(PAGES["huge"], HUGE)
    stage.human += ["Ada's lines end\r\nas Windows ends them.\r\n", "Ada ends without an end of line."]
    for name in NAMES:
        stage.change(f"content_briefs/{name}.md", "49 EUR", "59 EUR")
    stage.build(script=plain)
    assert sorted(stage.log()) == sorted(f"{name}/{step}" for name in NAMES for step in ("draft", "revise"))
    for name in NAMES:
        assert "The price is 59 EUR." in stage.text(PAGES[name])
        assert "49 EUR" not in stage.text(PAGES[name])
    assert stage.text(PAGES["crlf"]).count("\n") == stage.text(PAGES["crlf"]).count("\r\n")
    assert stage.text(PAGES["bare"]).endswith("Ada ends without an end of line.")
    assert len(stage.text(PAGES["huge"])) > 1_000_000
    stage.kept()

    events = app.approve(stage.root, NAMES, by="ada")
    for event in events:
        assert stage.text(event.path) == event.text
    assert all(stage.status(name) == "approved" for name in NAMES)

    assert stage.build().failures == summary.failures
    stage.write({"sources/empty.md": "At last there is something to read.\n"})
    stage.build(script=plain)
    assert stage.log() == tuple(f"hollow/{step}" for step in ("research", "outline", "draft", "revise"))
    stage.settled()
    stage.ends()
