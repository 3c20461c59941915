"""The merge for anyone and for git: three files, git's merge driver, and a working copy that git could not merge.

Promises: what is written is the merged text whole, or nothing; what could not be in it is a suggestion, recorded with the
text; a file that a person has worked on since git stopped is left alone. Will not do: touch any file but the one named,
or commit.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from generator import disk, drafts, store
from generator.app.addresses import read_plan
from generator.app.answers import Settled
from generator.app.decisions import named, open_library
from generator.errors import RefusedError, UsageError
from generator.model import Event, Merged, Plan

ATTRIBUTE = "merge=copydesk"
"""What `.gitattributes` says of the files that the driver merges."""

DRIVER = "merge.copydesk.driver"
SET_UP = "copydesk merge --set-up"

_MARK = re.compile(r"(<{7}|\|{7}|={7}|>{7})(?: .*)?[\r\n]*$")


def merge_files(base: Path, mine: Path, theirs: Path) -> Merged:
    """Merge three files; RefusedError if one of them holds git's conflict markers, DiskError if one cannot be read."""
    texts = []
    for path in (base, mine, theirs):
        text = disk.read_text(path)
        line = drafts.conflict_line(text)
        if line:
            raise RefusedError(
                "git left a conflict here", where=f"{path}:{line}", mend="Merge the three texts before it."
            )
        texts.append(text)
    return drafts.merge(*texts)


def write_merged(path: Path, text: str) -> None:
    """Write a merged text to any file, whole or not at all."""
    disk.write_text(path, text)


def leave_marks(base: Path, mine: Path, theirs: Path) -> None:
    """Have git write its marks into `mine` where both changed a line: both texts stand there until somebody settles them.

    A text of ours without marks could be committed by somebody who has not seen that another sentence was left out.
    """
    labels = ["-L", "mine", "-L", "base", "-L", "theirs"]
    _git(mine.parent, "merge-file", "-q", "--diff3", *labels, str(mine), str(base), str(theirs))


# Git -------------------------------------------------------------------------------------------------------------


def _git(root: Path, *words: str) -> subprocess.CompletedProcess[bytes] | None:
    """Run git, None if there is no git or this is no repository of it."""
    try:
        done = subprocess.run(["git", *words], cwd=root, capture_output=True, check=False)
    except OSError:
        return None
    return None if done.returncode == 128 else done


def wants_driver(root: Path) -> bool:
    """Whether this clone's git has not been told of the driver that `.gitattributes` names for drafts."""
    try:
        attributes = (root / ".gitattributes").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    here = ATTRIBUTE in attributes and _git(root, "rev-parse", "--git-dir") is not None
    told = _git(root, "config", "--get", DRIVER) if here else None
    return told is not None and not told.stdout.strip()


def set_up(root: Path) -> tuple[str, ...]:
    """Tell this clone's git to merge drafts by sentence; return what was written. UsageError if it is no repository.

    The driver is a setting of the clone; `.gitattributes` says for all of them which files it is for.
    """
    if _git(root, "rev-parse", "--git-dir") is None:
        raise UsageError("this is no git repository, or git is not installed", mend="git init")
    program = Path(sys.executable).with_name("copydesk")
    command = f"'{program}'" if program.exists() else "copydesk"
    _git(root, "config", "merge.copydesk.name", "copydesk, by sentence")
    _git(root, "config", DRIVER, f"{command} merge --driver %P %O %A %B")
    _git(root, "config", "merge.copydesk.recursive", "binary")  # in a criss-cross, a merged base would hide a sentence
    written = [f"git config {DRIVER}"]
    attributes = root / ".gitattributes"
    text = disk.read_text(attributes) if attributes.exists() else ""
    if ATTRIBUTE not in text:
        gap = "" if not text or text.endswith("\n") else "\n"
        disk.write_text(attributes, f"{text}{gap}drafts/** {ATTRIBUTE}\n")
        written.append(".gitattributes")
    return tuple(written)


# Settling --------------------------------------------------------------------------------------------------------


def settle(root: Path, path: str, *, by: str) -> Settled:
    """Merge what git left unmerged at `path`, a working copy, into one text; what both changed is suggested.

    Reads git's three stages, or, where they are gone, the sides between its markers. RefusedError if the file holds
    words that are in none of them, UsageError if it is no working copy.
    """
    by, path = named(by), path.removeprefix("./")
    plan, step = _copy_of(root, path)
    place = disk.inside(root, path)
    lying = drafts.read_copy(place)
    sides = _stages(root, path)
    staged = sides is not None
    if sides is None and lying is not None and drafts.conflict_line(lying):
        sides = parse_sides(lying, path)
    if sides is None:
        return Settled(path=path, address=f"{plan.brief.name}/{step}")
    base, mine, theirs = sides
    gone = mine is None or theirs is None
    merged = Merged(text=mine or theirs or "") if mine is None or theirs is None else drafts.merge(base, mine, theirs)
    if staged and lying is not None:
        _refuse_edited(lying, (base, mine or "", theirs or "", merged.text), path)
    with store.brief_lock(root, plan.brief.name):
        landing = drafts.land(place, base=lying, theirs=merged.text)
        drafts.mend(place)
        event = Event(
            verb="wrote", brief=plan.brief.name, step=step, path=path, what="settled", by=by, text=landing.text,
            suggestions=merged.suggestions,
        )  # fmt: skip
        store.record_event(root, event)
    if staged:
        _git(root, "add", "--", path)
    return Settled(
        path=path, address=f"{plan.brief.name}/{step}", settled=True, suggestions=len(merged.suggestions), one_side=gone
    )


def _copy_of(root: Path, path: str) -> tuple[Plan, str]:
    """Return the brief and the step whose working copy lies at `path`."""
    parts = path.split("/")
    if len(parts) > 2 and parts[0] == "drafts":
        plan = read_plan(root, parts[1], open_library(root))
        for step in plan.steps:
            if plan.copy_path(step.id) == path:
                return plan, step.id
    mend = "Mend it by hand, and `git add` it: copydesk settles the working copies in drafts/."
    raise UsageError("this is no working copy of a step", where=path, mend=mend)


def _stages(root: Path, path: str) -> tuple[str, str | None, str | None] | None:
    """Return base, mine and theirs as git keeps them of an unmerged path; None for a side that removed it."""
    listed = _git(root, "ls-files", "-u", "-z", "--", path)
    if listed is None:
        raise UsageError("this is no git repository, or git is not installed", where=path, mend="git status")
    texts: dict[str, str] = {}
    for entry in listed.stdout.split(b"\0"):
        if entry:
            _, blob, stage = entry.partition(b"\t")[0].decode().split()
            found = _git(root, "cat-file", "blob", blob)
            try:
                texts[stage] = found.stdout.decode() if found else ""
            except UnicodeDecodeError as error:
                mend = f"Keep one of them: git checkout --ours -- {path}"
                raise RefusedError("one of the texts that git keeps is not UTF-8", where=path, mend=mend) from error
    return (texts.get("1", ""), texts.get("2"), texts.get("3")) if texts else None


def parse_sides(text: str, path: str) -> tuple[str, str, str]:
    """Return base, mine and theirs of a text with git's markers, in any of its styles; RefusedError if they are torn.

    Where a conflict tells no base, nothing is what both began with, so that what each wrote there stays.
    """
    texts = {"<": "", "|": "", ">": ""}
    state = " "
    after = {" ": "<", "<": "|=", "|": "=", "=": ">"}
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        mark = _MARK.match(line)
        if mark and mark[1][0] in after[state]:
            state = " " if mark[1][0] == ">" else mark[1][0]
        elif mark and mark[1] != "=======":
            mend = "Keep the words that should stand, delete the markers, and `git add` it."
            raise RefusedError("the markers of git's conflict are not whole", where=f"{path}:{number}", mend=mend)
        elif state == " ":
            texts = {side: said + line for side, said in texts.items()}
        else:
            texts[">" if state == "=" else state] += line
    return texts["|"], texts["<"], texts[">"]


def _refuse_edited(lying: str, texts: tuple[str, ...], path: str) -> None:
    """Refuse a file with words that neither side wrote: somebody has begun to merge by hand."""
    known = {line.strip() for text in texts for line in text.splitlines()}
    for number, line in enumerate(lying.splitlines(), 1):
        if line.strip() not in known and not _MARK.match(line):
            mend = f"To keep it: git add {path}. To begin again from what git has: git checkout -m -- {path}"
            raise RefusedError("the file was edited since git stopped", where=f"{path}:{number}", mend=mend)
