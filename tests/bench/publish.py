"""Publishing against bare MkDocs: processor time, as ratios within one run.

    python -m tests.bench.publish [--pages 200 1000] [--runs 5] [--room] [--plain]

Pages have 600 to 1,200 words, headings, links, tables and code, in sections of 50, and are approved in histories made
for the purpose. Each round runs, for each size, `mkdocs build` and then `copydesk publish` on the same folder and
mkdocs.yml, so that noise meets all; the figures are medians. `--room` leaves out the command line and history, `--plain` adds one run of the
largest site with navigation that is not pruned. Goals: publish within 1.02x of MkDocs; 1,000 pages within 5.5x of 200.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from generator import store
from generator.digest import digest_text
from generator.model import Event
from generator.publishing import starter_mkdocs
from tests.bench.build import ENV

SECTION = 50
PUBLISH = [sys.executable, "-m", "generator", "publish"]
VOCABULARY = (
    "the a of to in and for with on that is as it by an be this from are at which or can team brief step draft outline section reader"
    " example method result value source page table review note change build plan local public small large clear careful useful"
    " early late often seldom first second third long short simple decision editor lead context voice fact claim model prompt"
)
WORDS = VOCABULARY.split()
ROOM = """
import sys
from pathlib import Path
from generator.model import Config
from generator.publishing import build_site, check_pages
root = Path(sys.argv[1])
pages = {path.relative_to(root).as_posix(): path.read_text() for path in root.glob("docs/*/*.md")}
check_pages(root, pages)
build_site(root, approved=pages, withheld=frozenset(), config=Config())
"""


def sentence(chance: random.Random) -> str:
    """Return seven to twenty words."""
    text = " ".join(chance.choice(WORDS) for _ in range(chance.randint(7, 20)))
    return f"{text[0].upper()}{text[1:]}."


def address(number: int) -> str:
    """Return a page's path in docs/, without its ending."""
    return f"section-{number // SECTION:03d}/page-{number:05d}"


def page(number: int, pages: int) -> str:
    """Return one page; the same number gives the same page."""
    chance = random.Random(number)
    out = [f"---\ntitle: Page {number} about {chance.choice(WORDS)}\ndescription: A page.\n---\n", f"# Page {number}\n"]
    words, goal = 0, chance.randint(600, 1200)
    while words < goal:
        out.append(f"## {' '.join(chance.choice(WORDS) for _ in range(4)).capitalize()}\n")
        for _ in range(3):
            said = [sentence(chance) for _ in range(chance.randint(3, 6))]
            words += sum(len(each.split()) for each in said)
            other = chance.randrange(pages)
            said.insert(1, f"See [page {other}](../{address(other)}.md) for **more** on `{chance.choice(WORDS)}`.")
            out.append(" ".join(said) + "\n")
        out.append(extra(chance))
    return "\n".join(out)


def extra(chance: random.Random) -> str:
    """Return a table, a block of code or a list."""
    kind = chance.randrange(3)
    if kind == 0:
        rows = (f"| {chance.choice(WORDS)} | {chance.randrange(999)} | {chance.choice(WORDS)} |\n" for _ in range(5))
        return "| Name | Cost | Note |\n| --- | ---: | --- |\n" + "".join(rows)
    if kind == 1:
        turns = chance.randint(1, 9)
        return f"```python\ndef total(x: int) -> int:\n    for i in range({turns}):\n        x += i * 2\n    return x\n```\n"
    return "".join(f"- {sentence(chance)}\n" for _ in range(4))


def make_workspace(root: Path, pages: int) -> None:
    """Write docs/, mkdocs.yml, copydesk.yml and, for each section, the history of a brief that delivered it."""
    for number in range(pages):
        place, text = f"docs/{address(number)}.md", page(number, pages)
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_text(text, encoding="utf-8")
        digest = digest_text(text)
        event = Event(
            verb="approved", brief=f"section-{number // SECTION:03d}", step="revise", by="editor", path=place,
            draft=digest, page=digest, text=text,
        )  # fmt: skip
        store.record_event(root, event)
    (root / "docs" / "index.md").write_text("# Home\n", encoding="utf-8")
    (root / "mkdocs.yml").write_text(starter_mkdocs("Bench"), encoding="utf-8")
    (root / "copydesk.yml").write_text("site: {renderer: mkdocs}\n", encoding="utf-8")
    (root / "content_briefs").mkdir()


def measure(command: list[str], root: Path) -> tuple[float, float]:
    """Run a command in `root`; return processor time and wall time in seconds."""
    started = time.perf_counter()
    with subprocess.Popen(command, cwd=root, env={**ENV, "NO_MKDOCS_2_WARNING": "1"}, stdout=subprocess.DEVNULL) as run:
        _, status, used = os.wait4(run.pid, 0)
        run.returncode = os.waitstatus_to_exitcode(status)
    if run.returncode:
        raise SystemExit(f"{' '.join(command)} failed in {root}")
    return used.ru_utime + used.ru_stime, time.perf_counter() - started


def main() -> None:
    """Measure and print."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--pages", type=int, nargs="+", default=[200, 1000])
    ask.add_argument("--runs", type=int, default=5)
    ask.add_argument("--room", action="store_true")
    ask.add_argument("--plain", action="store_true")
    asked = ask.parse_args()
    bare = [sys.executable, "-m", "mkdocs", "build", "-q", "-d", "bare"]
    roots = {pages: Path(tempfile.mkdtemp(prefix="publish-")) for pages in asked.pages}
    theirs: dict[int, list[float]] = {pages: [] for pages in roots}
    own: dict[int, list[float]] = {pages: [] for pages in roots}
    for pages, root in roots.items():
        make_workspace(root, pages)
    for turn in range(asked.runs):
        for pages, root in roots.items():
            ours = [sys.executable, "-c", ROOM, str(root)] if asked.room else PUBLISH
            theirs[pages].append(measure(bare, root)[0])
            # Another byte of the team's own page: without it there would be nothing to publish.
            (root / "docs" / "index.md").write_text(f"# Home {turn}\n", encoding="utf-8")
            own[pages].append(measure(ours, root)[0])
    found = {pages: statistics.median(own[pages]) for pages in roots}
    for pages, root in roots.items():
        other = statistics.median(theirs[pages])
        ratio = f"{found[pages] / other:.3f}x (goal 1.02x)"
        print(f"{pages:>6} pages: mkdocs {other:.2f} s, publish {found[pages]:.2f} s: {ratio}")
        if not asked.room:
            again = statistics.median(measure(PUBLISH, root)[1] for _ in range(asked.runs))
            print(f"{pages:>6} pages: publish with nothing to do {again * 1000:.0f} ms wall")
    small, large = min(roots), max(roots)
    if small != large:
        print(f"{large} pages take {found[large] / found[small]:.2f}x of {small} (goal for 1,000 and 200: 5.5x)")
    if asked.plain:
        text = starter_mkdocs("Bench").replace("navigation.prune", "navigation.indexes")
        (roots[large] / "mkdocs.yml").write_text(text, encoding="utf-8")
        print(f"{large:>6} pages: mkdocs, navigation not pruned {measure(bare, roots[large])[0]:.2f} s")
    for root in roots.values():
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
