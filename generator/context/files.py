"""The files behind a brief: which they are, where they lie, and reading them.

Promises: a bare name lies under `sources/`, one with a slash is relative to the workspace; every problem of all files
is raised at once, each with its file and how to mend it; a symlink that leads out of the workspace is refused. Will not
do: follow folders that a brief names, or guess at an encoding other than UTF-8.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from generator import disk
from generator.context.pieces import BadTableError, Piece, parse_markdown, parse_paragraphs, parse_table
from generator.errors import BrokenError, DiskError, UnsafePathError, make_error
from generator.matter import split_matter
from generator.model import Brief, Finding, Passage

SIZE_LIMIT = 5_000_000
"""Bytes of a source or context file: some 800,000 words, far more than any request carries."""

SOURCE_KINDS = (".md", ".txt", ".csv")
CONTEXT_KINDS = (".md", ".txt", ".csv", ".yml", ".yaml", ".json")

EXPLANATIONS = {
    "S001": "A source or context file that the brief names is not there. A bare name lies under sources/; a name with"
    " a slash is relative to the workspace.",
    "S002": "Sources are Markdown (.md), plain text (.txt) or tables (.csv). Export other documents to one of these.",
    "S003": "The file could not be read: it is not UTF-8, is larger than 5 MB, is a folder, or may not be opened.",
    "S004": "The file says nothing. A declared source that yields nothing fails the step, because a model that is given"
    " no evidence makes some up.",
    "S005": "The table cannot be read as rows under one header line, so a value might stand under the wrong column.",
    "S006": "The path leads out of the workspace, by its parts or by a symlink. Nothing outside is read.",
}


def read_passages(root: Path, sources: tuple[str, ...]) -> tuple[Passage, ...]:
    """Return the passages of the sources, in the order of the names; a file named twice is read once.

    Ids are `STEM-N`, N counting paragraphs or rows from 1. Of two files with one stem the later is told apart by its
    path. Raise BrokenError with a finding for every file that is missing, unreadable, or yields nothing.
    """
    findings: list[Finding] = []
    passages: list[Passage] = []
    stems: set[str] = set()
    for path in dict.fromkeys(disk.place_of(name) for name in sources):
        stem = _free_stem(path, stems)
        text = _read(root, path, SOURCE_KINDS, findings)
        if text is None:
            continue
        try:
            pieces = _parse(path, text)
        except BadTableError as error:
            findings.append(make_error("S005", path, str(error), "Mend the row, or save the table again.", error.line))
            continue
        if not pieces:
            findings.append(
                make_error("S004", path, "the source says nothing", "Write it, or take it out of `sources`.")
            )
        passages += (
            Passage(
                id=f"{stem}-{number}", path=path, first_line=piece.first_line, last_line=piece.last_line,
                text=piece.text, heading=piece.heading,
            )
            for number, piece in enumerate(pieces, 1)
        )  # fmt: skip
    _raise(findings, "the sources cannot be used")
    return tuple(passages)


def read_context(root: Path, names: tuple[str, ...]) -> tuple[Passage, ...]:
    """Return every text file of `brand/` by path, then the extras named; each whole, its id the path.

    Files in `brand/` that hold no text (a logo) or nothing are left out. Raise BrokenError for what cannot be read.
    """
    findings: list[Finding] = []
    passages: list[Passage] = []
    brand = [path for path in _brand(root) if path.endswith(CONTEXT_KINDS)]
    for path in dict.fromkeys((*brand, *(disk.place_of(name) for name in names))):
        text = _read(root, path, CONTEXT_KINDS, findings)
        if text is None:
            continue
        body, first_line = _body(path, text)
        if body.strip():
            last_line = first_line + len(re.findall(r"\r\n|\r|\n", body.rstrip()))
            passages.append(Passage(id=path, path=path, first_line=first_line, last_line=last_line, text=body))
        elif path not in brand:
            findings.append(make_error("S004", path, "the file says nothing", "Write it, or take it out of `context`."))
    _raise(findings, "the context cannot be used")
    return tuple(passages)


def input_paths(root: Path, brief: Brief) -> tuple[str, ...]:
    """Return the files and folders whose stamps say whether the brief's sources or context changed, sorted.

    A file that is missing is among them, so that its coming is noticed; one that leads out of the workspace is not.
    """
    named = {disk.place_of(name) for name in (*brief.sources, *brief.context)}
    safe = {path for path in named if _is_safe(root, path)}
    return tuple(sorted({*safe, "brand", *_brand(root, folders=True)}))


def _brand(root: Path, *, folders: bool = False) -> Iterator[str]:
    top = root / "brand"
    for path in sorted(top.rglob("*"), key=lambda each: each.relative_to(root).as_posix()):
        name = path.relative_to(root).as_posix()
        if any(part.startswith(".") for part in PurePosixPath(name).parts):
            continue
        if folders or not path.is_dir():
            yield name


def _is_safe(root: Path, path: str) -> bool:
    try:
        disk.inside(root, path)
    except DiskError:
        return False
    return True


def _read(root: Path, path: str, kinds: tuple[str, ...], findings: list[Finding]) -> str | None:
    """Return the text of a file without its byte order mark, or add what is wrong with it and return None."""
    try:
        place = disk.inside(root, path)
        with disk.naming(place):
            if not place.exists():
                findings.append(make_error("S001", path, "there is no such file", _nearest(place, path)))
            elif place.is_dir():
                findings.append(make_error("S003", path, "this is a folder", "Name the files in it."))
            elif place.suffix.lower() not in kinds:
                fix = f"Save it as one of {', '.join(kinds)}."
                findings.append(make_error("S002", path, "this kind of file cannot be read", fix))
            elif not place.is_file():
                findings.append(make_error("S003", path, "this is not a plain file", "Copy its text into one."))
            else:
                return _text(place, path, findings)
    except UnsafePathError as error:
        findings.append(make_error("S006", path, error.what, error.mend or "Copy the file into the workspace."))
    except DiskError as error:
        findings.append(make_error("S003", path, error.what, error.mend))
    return None


def _text(place: Path, path: str, findings: list[Finding]) -> str | None:
    text = disk.read_text(place, limit=SIZE_LIMIT).removeprefix("\ufeff")
    if "\0" not in text:
        return text
    line = len(re.findall(r"\r\n|\r|\n", text[: text.index("\0")])) + 1
    findings.append(make_error("S003", path, "a NUL character stands here", "Save the file as UTF-8 text.", line))
    return None


def _nearest(place: Path, path: str) -> str:
    folder = PurePosixPath(path).parent.as_posix()
    there = [each.name for each in place.parent.iterdir()] if place.parent.is_dir() else []
    near = difflib.get_close_matches(place.name, sorted(there), n=1)
    return f"Did you mean `{near[0]}`?" if near else f"Put the file into {folder}/, or take its name out of the brief."


def _parse(path: str, text: str) -> tuple[Piece, ...]:
    body, first_line = _body(path, text)
    if path.lower().endswith(".csv"):
        return parse_table(body)
    if path.lower().endswith(".md"):
        return parse_markdown(body, first_line)
    return parse_paragraphs(body, first_line)


def _body(path: str, text: str) -> tuple[str, int]:
    if not path.lower().endswith(".md"):
        return text, 1
    _, body, first_line = split_matter(text)
    return body, first_line


def _free_stem(path: str, taken: set[str]) -> str:
    pure = PurePosixPath(path)
    stem = _slug(pure.stem)
    if stem in taken:
        stem = _slug(path)
    while stem in taken:
        stem += "-again"
    taken.add(stem)
    return stem


def _slug(text: str) -> str:
    return re.sub(r"[^\w]+", "-", text.lower()).strip("-_") or "source"


def _raise(findings: list[Finding], what: str) -> None:
    if findings:
        first = findings[0]
        raise BrokenError(
            f"{what}: {first.message}", where=f"{first.path}:{first.line}", mend=first.fix, findings=tuple(findings)
        )
