"""`copydesk demo`: the whole story in a scratch folder, told by doing it.

Promises: everything is done by `app`, as a person's commands would do it; every claim is looked up in the files before
it is printed, and a claim that does not hold ends the demo with exit code 1; a folder that no demo made is never wiped.
Will not do: use a key, the network, or anything outside `.demo/`.
"""

from __future__ import annotations

import difflib
import os
import shutil
import sys
from pathlib import Path

import click

from generator import app
from generator.app.answers import Forecast, Published, Summary
from generator.cli.build import progress
from generator.cli.lines import count, forecast_lines, published_lines, say, summary_lines
from generator.cli.verbs import here
from generator.errors import CopydeskError, RefusedError

FOLDER, MARKER = ".demo", "made-by-copydesk-demo"
TOLD, SILENT = "late-thursdays", "repair-morning"
PAGE, UNAPPROVED = f"docs/{TOLD}.md", f"docs/{SILENT}.md"
COPY = f"drafts/{TOLD}/{TOLD}.md"
OLD_FACT, NEW_FACT = "21:00", "20:30"
REPLACED = "The trial ran for ten weeks in the spring, on Thursdays only."
SENTENCE = "For ten Thursdays we left the lights on and waited to see who would come."
NAME = "copydesk-demo"
SHOWN = 11
"""Lines of the draft that are shown, enough for its first section."""


@click.command()
def demo() -> int:
    """Watch the whole story in .demo/: brief, draft, an edit that survives, approval, site. No key, no network."""
    root = make_folder(here())
    begin(root)
    edit(root)
    change_fact(root)
    decide(root)
    _end(root)
    return 0


def make_folder(parent: Path) -> Path:
    """Make `.demo/` in `parent` anew and return it; refuse to wipe a folder that no demo made."""
    root = parent / FOLDER
    mine = root.is_dir() and not root.is_symlink() and (root / MARKER).is_file()
    if (root.is_symlink() or root.exists()) and not mine:
        mend = "Move it away, or run the demo in another folder."
        raise RefusedError("there is something that no demo made", where=FOLDER, mend=mend)
    if mine:
        shutil.rmtree(root)
    root.mkdir()
    (root / MARKER).write_text("copydesk demo made this folder and wipes it the next time.\n")
    return root


def begin(root: Path) -> None:
    """A workspace, two briefs, a first build."""
    _act("A workspace, two briefs, one source", "copydesk init .demo")
    app.init(root)
    for name, folder in ((TOLD, "content_briefs"), (SILENT, "content_briefs"), ("thursday-trial", "sources")):
        text = (Path(__file__).parent / f"{name}.md").read_text(encoding="utf-8")
        (root / folder / f"{name}.md").write_text(text, encoding="utf-8")
        say([f"  wrote {folder}/{name}.md"])
    _act("Briefs become drafts. No model is configured, so copydesk extracts a skeleton", "copydesk build --offline")
    summary = _build(root)
    check_claim(summary.made > 0 and not summary.failed, "the first build made every step")
    check_claim((root / COPY).is_file(), f"{COPY} is there")
    say(["", f"How {COPY} begins:", *(f"    {line}"[:120] for line in _read(root / COPY).splitlines()[:SHOWN])])


def edit(root: Path) -> None:
    """One sentence of a draft, changed by hand."""
    _act("You edit the draft in any editor. One sentence, in your words", f"edit {COPY}")
    before = _read(root / COPY)
    check_claim(before.count(REPLACED) == 1, "the draft holds the source's sentence once")
    after = before.replace(REPLACED, SENTENCE)
    (root / COPY).write_bytes(after.encode())
    say(_difference(before, after))


def change_fact(root: Path) -> None:
    """One fact of the brief changes; what rests on it is made again, and the person's sentence stays."""
    brief = f"content_briefs/{TOLD}.md"
    _act("A fact changes: the room closes earlier", f"edit {brief}")
    old, before = _read(root / brief), _read(root / COPY)
    (root / brief).write_bytes(old.replace(OLD_FACT, NEW_FACT).encode())
    say(_difference(old, old.replace(OLD_FACT, NEW_FACT)))
    _act("What would be made again, and why?", "copydesk plan")
    forecast: Forecast = app.plan(root)
    say(_indented(forecast_lines(forecast)))
    again = {step.brief for step in forecast.steps if step.action not in ("reuse", "keep")}
    check_claim(again == {TOLD}, "only the brief whose fact changed is made again")
    _act("Build again", "copydesk build --offline")
    _build(root)
    text = _read(root / COPY)
    say(_difference(before, text))
    check_claim(text.count(SENTENCE) == 1, "the sentence written by hand is still there")
    check_claim(OLD_FACT not in text and NEW_FACT in text, "the fact has changed wherever the draft tells it")
    places = count(text.count(NEW_FACT), "place")
    say([f"  Your sentence is still there, and {OLD_FACT} became {NEW_FACT} in {places}."])


def decide(root: Path) -> None:
    """Publish with nothing approved, approve one page, publish again."""
    _act("Publish. Nobody has approved anything, so nothing of this goes out", "copydesk publish")
    first = _publish(root)
    check_claim(not first.published and not (root / PAGE).exists(), "no unapproved page was published")
    check_claim(not _on_site(root, SENTENCE), "no unapproved word is on the site")
    _act(
        "A person reads the page and approves exactly these bytes (here a script does, and says so)",
        f"copydesk approve {PAGE} --by {NAME}",
    )
    event = app.approve(root, [PAGE], by=NAME, reason="a script approved this for the demo")[0]
    say([f"  Approved {event.path}, by {event.by}"])
    _act("Publish again", "copydesk publish")
    second = _publish(root)
    check_claim(second.published == (PAGE,), "the approved page is published, and only that one")
    check_claim(_on_site(root, SENTENCE) and _on_site(root, NEW_FACT), "the site shows the edit and the changed fact")
    check_claim(not (root / UNAPPROVED).exists(), "the other page is still left out")


def _end(root: Path) -> None:
    program = "copydesk" if shutil.which("copydesk") else _near(Path(sys.executable).with_name("copydesk"), root)
    say(
        [
            "",
            f"The site lies in {FOLDER}/site/. To open it:",
            f"  {_near(Path(sys.executable), here())} -m http.server 8000 --directory {FOLDER}/site",
            "  and then http://localhost:8000 in a browser",
            "",
            f"Go on from here: cd {FOLDER}",
            f"  {program} status",
            f"  {program} history {TOLD}",
            f"  {program} approve {UNAPPROVED} --by YOU",
        ]
    )


def _near(program: Path, folder: Path) -> str:
    """The program's path as it is typed in `folder`: relative if it lies in the folder where the demo was begun."""
    return os.path.relpath(program, folder) if program.is_relative_to(here()) else str(program)


# How it is told --------------------------------------------------------------------------------------------------


def _act(heading: str, command: str) -> None:
    say(["", heading + ("" if heading.endswith("?") else "."), f"  $ {command}"])


def _build(root: Path) -> Summary:
    with progress() as report:
        summary: Summary = app.build(root, options=app.BuildOptions(offline=True), report=report)
    say(_indented(summary_lines(summary)))
    return summary


def _publish(root: Path) -> Published:
    published: Published = app.publish(root)
    say(_indented(published_lines(published)))
    return published


def _indented(lines: list[str]) -> list[str]:
    """The lines without the next command: the demo types it itself."""
    return [f"  {line}" for line in lines if not line.startswith("Next:")]


def _difference(before: str, after: str) -> list[str]:
    """The lines that differ, as git shows them."""
    diff = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [f"    {line}" for line in list(diff)[2:] if not line.startswith("@@")]


def _on_site(root: Path, words: str) -> bool:
    """Whether a page of the site holds these words."""
    return any(words in _read(path) for path in (root / "site").rglob("*.html"))


def _read(path: Path) -> str:
    return path.read_bytes().decode()


def check_claim(holds: bool, claim: str) -> None:
    """Raise CopydeskError if what the demo is about to say is not so."""
    if not holds:
        mend = f"This is a fault of copydesk. What is in {FOLDER}/ shows it."
        raise CopydeskError(f"the demo claims that {claim}, and it is not so", where=FOLDER, mend=mend)
