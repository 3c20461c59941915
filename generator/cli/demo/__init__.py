"""`copydesk demo`: one story in a scratch folder, told by doing it.

Promises: everything is done by `app`, as a person's commands would do it; every claim is looked up in the files before
it is printed, and a claim that does not hold ends the demo with exit code 1; a folder that no demo made is never wiped;
what a script approves says so, and the last approval is left to the person who watches. Will not do: use a key, the
network, or anything outside `.demo/`.
"""

from __future__ import annotations

import difflib
import os
import re
import select
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import click

from generator import app
from generator.app.answers import Forecast, Published, Summary
from generator.cli.lines import count, say
from generator.cli.verbs import here
from generator.errors import CopydeskError, RefusedError
from generator.money import dollars

FOLDER, MARKER = ".demo", "made-by-copydesk-demo"
TOLD, SILENT = "tally-3", "month-end"
BRIEFS, SOURCES = (TOLD, SILENT), ("release-notes", "beta-diary")
PAGE, APPROVED = f"docs/{TOLD}.md", f"docs/{SILENT}.md"
COPY = f"drafts/{TOLD}/{TOLD}.md"
OLD_PRICE, NEW_PRICE = "49 EUR", "59 EUR"
REPLACED = f"Price: {OLD_PRICE} a seat."
SENTENCE = f"It costs {OLD_PRICE} a seat, and whoever only confirms an item pays nothing."
NAME = "demo-script"
REASON = "a script approved this for the demo"
PACE = 4.5
"""Words a second that somebody reads along with."""


@click.command()
@click.option("--fast", is_flag=True, help="Without pauses, as where there is no terminal.")
def demo(*, fast: bool) -> int:
    """Watch the whole story in .demo/, in a minute: drafts, an edit that survives, approval, site. No key, no network."""
    root = make_folder(here())
    tell = Teller(paced=not fast and sys.stdin.isatty() and sys.stdout.isatty())
    begin(root, tell)
    edit(root, tell)
    change_price(root, tell)
    build_again(root, tell)
    publish(root, tell)
    end(root, tell)
    return 0


@dataclass(kw_only=True)
class Teller:
    """Prints the story act by act. `paced` waits after each as long as reading it takes; Enter goes on at once."""

    paced: bool = False

    def __call__(self, heading: str, command: str, lines: Iterable[str] = ()) -> None:
        """Print an act: what happens, the command that does it, and what it gave."""
        told = [heading, *([f"  $ {command}"] if command else []), *(f"  {line}"[:116] for line in lines)]
        say(["", *told])
        if self.paced:
            words = sum(len(line.split()) for line in told)
            if select.select([sys.stdin], [], [], words / PACE)[0]:
                sys.stdin.readline()


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


def begin(root: Path, tell: Teller) -> None:
    """A workspace, two briefs, two sources, a first build."""
    app.init(root)
    for names, folder in ((BRIEFS, "content_briefs"), (SOURCES, "sources")):
        for name in names:
            text = (Path(__file__).parent / f"{name}.md").read_text(encoding="utf-8")
            (root / folder / f"{name}.md").write_text(text, encoding="utf-8")
    brief = [
        line for line in _read(root / f"content_briefs/{TOLD}.md").splitlines() if re.match(r"title|workf|goal", line)
    ]
    tell(
        "You write briefs: what you want, and the files that claims may rest on.",
        f"cat content_briefs/{TOLD}.md",
        [*brief, "…"],
    )
    summary = _build(root)
    check_claim(summary.made > 0 and not summary.failed, "the first build made every step")
    check_claim((root / COPY).is_file(), f"{COPY} is there")
    made = (
        f"{count(summary.made, 'step')} made for {dollars(summary.usd)}, {count(len(summary.deliverables), 'draft')}:"
    )
    tell(
        "AI drafts. With no model configured, copydesk cuts a skeleton from your sources.",
        "copydesk build",
        [made, *sorted(summary.deliverables)],
    )


def edit(root: Path, tell: Teller) -> None:
    """One sentence of a draft, changed by hand."""
    before = _read(root / COPY)
    check_claim(before.count(REPLACED) == 1, "the draft states the price once by itself")
    after = before.replace(REPLACED, SENTENCE)
    (root / COPY).write_bytes(after.encode())
    tell("You edit. One sentence, in your words, in any editor:", f"edit {COPY}", _difference(before, after))


def change_price(root: Path, tell: Teller) -> None:
    """The price changes, in the one place where it stands, and a plan says what rests on it."""
    brief = root / f"content_briefs/{TOLD}.md"
    old = _read(brief)
    brief.write_bytes(old.replace(OLD_PRICE, NEW_PRICE).encode())
    tell("The price changes, in one place:", f"edit content_briefs/{TOLD}.md", _difference(old, _read(brief)))
    forecast: Forecast = app.plan(root)
    again = [step for step in forecast.steps if step.action not in ("reuse", "keep")]
    check_claim({step.brief for step in again} == {TOLD}, "only the brief whose price changed is made again")
    why = [f"{step.brief}/{step.step}: {step.reasons[0]}" for step in again]
    head = f"{len(again)} of {count(len(forecast.steps), 'step')} run again:"
    rest = [f"and {count(len(why) - 3, 'step')} that rest on these"] if len(why) > 3 else []
    tell("What does that touch, and why?", "copydesk plan", [head, *why[:3], *rest])


def build_again(root: Path, tell: Teller) -> None:
    """What rests on the price is made again, and the person's sentence stays."""
    summary = _build(root)
    check_claim(not summary.failed, "the second build made every step")
    check_claim(_read(root / COPY).count(SENTENCE) == 1, "the sentence written by hand is still there")
    texts = [_read(path) for path in sorted((root / "drafts" / TOLD).rglob("*.md"))]
    places = sum(text.count(NEW_PRICE) for text in texts)
    check_claim(places > 0, "the price has changed in the drafts")
    left = sum(text.replace(SENTENCE, "").count(OLD_PRICE) for text in texts)
    check_claim(left == 0, "the old price stands nowhere but in the sentence written by hand")
    waiting = app.suggestions(root, PAGE)
    lines = [
        f"Your sentence is untouched, and says {OLD_PRICE} still. The price changed in {count(places, 'place')}.",
        f"{count(len(waiting), 'suggestion waits', 'suggestions wait')}"
        + (", where you and the AI both wrote: yours stands, and the AI offers" if waiting else "."),
        *(f"+ {line}" for each in waiting for line in each.suggestion.theirs.splitlines() if line.strip()),
    ]
    tell("Build again:", "copydesk build", lines)


def publish(root: Path, tell: Teller) -> None:
    """One page is approved, by this script; what nobody approved is left out."""
    event = app.approve(root, [APPROVED], by=NAME, reason=REASON)[0]
    check_claim((event.by, event.reason) == (NAME, REASON), "the approval says that a script made it")
    command = f'copydesk approve {APPROVED} --by {NAME} --reason "{REASON}"'
    tell(
        "People approve exact words. Here a script does, and says so:",
        command,
        [f"Approved {event.path}, by {event.by}"],
    )
    published: Published = app.publish(root)
    check_claim(published.published == (APPROVED,), "the approved page is published, and only that one")
    check_claim(not (root / PAGE).exists(), "no unapproved page lies in docs/")
    check_claim(not _on_site(root, SENTENCE), "no unapproved word is on the site")
    left = [path for path, _, _ in published.refused]
    check_claim(PAGE in left, "the page that nobody approved is named")
    lines = [
        f"Published {count(len(published.published), 'approved page')}.",
        f"Left out, nobody has approved it: {PAGE}",
    ]
    tell("The site gets what is approved, and nothing else:", "copydesk publish", lines)


def end(root: Path, tell: Teller) -> None:
    """The last approval is the watcher's: the commands to type."""
    program = "copydesk" if shutil.which("copydesk") else _near(Path(sys.executable).with_name("copydesk"), root)
    lines = [
        f"cd {FOLDER}",
        f"{program} suggestions {PAGE}",
        f"edit {COPY}  # {OLD_PRICE} is yours to change",
        f'{program} approve {PAGE} --by YOU --reason "only a demo"',
        f"{program} publish",
    ]
    tell(f"The last approval is yours. The site lies in {FOLDER}/site/. Type:", "", lines)


def _near(program: Path, folder: Path) -> str:
    """The program's path as it is typed in `folder`: relative if it lies in the folder where the demo was begun."""
    return os.path.relpath(program, folder) if program.is_relative_to(here()) else str(program)


def _build(root: Path) -> Summary:
    summary: Summary = app.build(root, options=app.BuildOptions(offline=True))
    return summary


def _difference(before: str, after: str) -> list[str]:
    """The lines that differ, as git shows them."""
    diff = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [line for line in list(diff)[2:] if not line.startswith("@@")]


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
