"""Merges the Markdown files of this repository's own history as triples: three versions of a file, and three files apart.

Promises: every version that git knows is merged with the two that follow it, in both orders; what is missing in a result
is named by file and line. Run `make triples`; where there is no history, the files of the checkout are merged with one
another.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from generator.drafts import merge, unit_key, units

HERE = Path(__file__).parents[2]
Triple = tuple[str, str, str, str]
"""The name of a file, and its base, mine and theirs."""


def versions() -> dict[str, list[str]]:
    """Return the texts of each Markdown file, the oldest first; the checkout's own if git has no history of it."""
    listed = _git("log", "--reverse", "--no-renames", "--raw", "--no-abbrev", "--format=", "--", "*.md")
    blobs: dict[str, list[str]] = {}
    for line in listed.splitlines():
        fields, _, name = line.partition("\t")
        blob = fields.split(" ")[3]
        if name and set(blob) != {"0"}:
            blobs.setdefault(name, []).append(blob)
    texts = {name: [_git("cat-file", "blob", blob) for blob in dict.fromkeys(found)] for name, found in blobs.items()}
    for path in sorted(HERE.glob("*/**/*.md")):
        name = path.relative_to(HERE).as_posix()
        if not name.startswith((".", "site/")):
            texts.setdefault(name, [path.read_bytes().decode(errors="replace")])
    return texts


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=HERE, capture_output=True, check=False)
    return done.stdout.decode(errors="replace")


def triples(texts: dict[str, list[str]]) -> Iterator[Triple]:
    """Yield every three versions that follow one another, in both orders, then each file with the two beside it."""
    for name, found in texts.items():
        for base, one, other in zip(found, found[1:], found[2:], strict=False):
            yield name, base, one, other
            yield name, base, other, one
            yield name, one, base, other
    names = list(texts)
    for base, mine, theirs in zip(names, names[1:], names[2:], strict=False):
        yield base, texts[base][-1], texts[mine][-1], texts[theirs][-1]


def lost(base: str, mine: str, theirs: str) -> list[str]:
    """Return the pieces of either side that are not in base, nor in the result, nor, of theirs, in a suggestion."""
    merged = merge(base, mine, theirs)
    known = {unit_key(unit) for unit in units(base)}
    there = _plain(merged.text)
    offered = "\n".join((there, *(_plain(each.theirs) for each in merged.suggestions)))
    gone = [unit for unit in units(mine) if unit_key(unit) not in known and _plain(unit) not in there]
    gone += [unit for unit in units(theirs) if unit_key(unit) not in known and _plain(unit) not in offered]
    if merge(base, merged.text, theirs) != merged:
        gone.append("the result does not stand still")
    return gone


def _plain(text: str) -> str:
    return " ".join(re.sub(r"(?:^|[\r\n]+)(?:[ \t]*>)*", " ", text).split())


def main() -> int:
    """Merge them all; return 1 if anything is lost."""
    count = failures = 0
    for name, base, mine, theirs in islice(triples(versions()), int(sys.argv[1]) if sys.argv[1:] else None):
        count += 1
        for piece in lost(base, mine, theirs):
            failures += 1
            print(f"{name}: lost {piece[:100]!r}")
    print(f"{count:,} triples merged, {failures} pieces lost")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
