"""Approved bytes to a site, and edits made in docs/ and outbox/ brought home.

Promises: the site holds the exact bytes that history approved and the team's own files, nothing else; a page whose file
was edited is named, never overwritten; a publish with nothing to do looks at stamps only. Will not do: approve.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial
from pathlib import Path

from generator import briefs, disk, drafts, publishing, review, store
from generator.app.addresses import read_plan
from generator.app.answers import Published
from generator.app.decisions import known_bytes, open_library
from generator.app.deliveries import home_texts, put_rendering
from generator.app.looks import look_published, today_here
from generator.app.shelf import Shelf, read_shelf
from generator.app.subjects import Subjects
from generator.digest import digest_text
from generator.errors import BrokenError, RefusedError, UsageError
from generator.model import Event, Plan

PUBLISHED_FOLDERS = ("docs", "outbox")


TRIES = 5
"""How often pages are staged anew because somebody decided about one meanwhile."""

MARGIN, COARSE = 50_000_000, 2_000_000_000
"""Nanoseconds by which a file's time may lag behind the clock: the kernel's tick, and where there are whole seconds."""


def publish(root: Path, *, today: date | None = None) -> Published:
    """Put approved bytes in place and build the site beside the old one, then swap. `today` is for tests.

    Raises BrokenError for a config that cannot be used and RefusedError when MkDocs cannot build.
    """
    day = today or today_here()
    quick = look_published(root, day)
    if quick is not None:
        return quick
    with store.build_lock(root, lambda: None):
        return _publish(root, day)


def _publish(root: Path, day: date) -> Published:
    began = time.time_ns()
    publishing.recover_site(root)
    config = open_library(root).config
    restored: dict[str, None] = {}
    for _ in range(TRIES):
        decisions = read_decisions(root)
        paths = watched_paths(root)
        watched = store.observe(root, paths)
        shelf = read_shelf(root, day)
        restored.update(dict.fromkeys(_bring_up(root, shelf)))
        report = publishing.check_pages(root, shelf.approved)
        html = [put_rendering(root, path, text) for path, text in sorted(shelf.approved.items())]
        restored.update(dict.fromkeys((*report.restored, *(name for name, _ in html if name))))
        built = publishing.build_site(
            root, approved=shelf.approved, withheld=shelf.kept_out, config=config,
            steady=partial(_is_steady, root, decisions),
        )  # fmt: skip
        if not built.moved:
            break
    else:
        what = "pages were approved or withdrawn all the while, and the site must know of all"
        raise RefusedError(what, mend="The old site is in place. Run `copydesk publish` again.")
    refused = _refused(shelf, report.edited)
    published = tuple(sorted(path for path in shelf.approved if path.startswith("docs/")))
    ready = tuple(sorted(shelf.approved.keys() - {*published, *report.edited, *shelf.changed}))
    stale = (
        f"{path} is not ready to send: its draft has changed since (copydesk approve {path})."
        for path in sorted(shelf.changed)
    )
    notes = (*built.notes, *(note for _, note in html if note), *stale)
    total = {
        "published": published, "ready": ready, "refused": refused, "notes": notes, "site": built.site,
        "until": min(shelf.days, default=""),
    }  # fmt: skip
    further = sorted({*(built.inputs or ())}.difference(paths))
    if not restored and built.inputs is not None and _are_older(root, further, began):
        groups = {"": watched.joined(store.observe(root, further))}
        store.record_look(root, "publish", groups=groups, notes={}, total=json.dumps(total))
    return Published(
        published=published, ready=ready, refused=refused, restored=tuple(restored), notes=notes, site=built.site
    )


def _bring_up(root: Path, shelf: Shelf) -> Iterator[str]:
    """Put approved texts in place of those approved before them: of two that make a page whole neither may have written it."""
    for path, text in sorted(shelf.approved.items()):
        lying = drafts.read_copy(place := disk.inside(root, path)) if path not in shelf.home else None
        if lying is not None and lying != text and digest_text(lying) in shelf.earlier.get(path, ()):
            drafts.land(place, base=lying, theirs=text)
            drafts.mend(place)
            yield path


def _refused(shelf: Shelf, edited: Iterable[str]) -> tuple[tuple[str, str, str], ...]:
    """Return each page that is not shown as its file is, or not at all, with why and the command that helps."""
    refused = [(path, why, command) for path, (why, command) in sorted(shelf.withheld.items())]
    for path in edited:
        home = path in shelf.home
        why = "its edit was brought home and waits for approval" if home else "its file was edited by hand"
        shown = (
            "the site shows the approved text"
            if path.startswith("docs/")
            else "nobody has approved it as it lies there"
        )
        command = f"copydesk {'approve' if home else 'adopt'} {path}"
        refused.append((path, f"{why}; {shown}", command))
    return (*refused, *((path, why, command) for path, (why, command) in shelf.unapproved.items()))


def read_decisions(root: Path) -> frozenset[tuple[str, str]]:
    """Return the name of every record of history. A record never changes, so equal names are equal histories."""
    return frozenset((folder, name) for folder, _, names in os.walk(root / "history") for name in names)


def _is_steady(root: Path, decisions: frozenset[tuple[str, str]]) -> bool:
    return read_decisions(root) == decisions


def _are_older(root: Path, paths: Iterable[str], moment: int) -> bool:
    """Whether none of the paths changed since the moment: then their stamps now are those of what was read."""
    try:
        stamps = [(root / path).stat() for path in paths]
    except OSError:
        return False
    return all(
        max(times) < moment - (MARGIN if any(time_ % 1_000_000_000 for time_ in times) else COARSE)
        for times in ((each.st_mtime_ns, each.st_ctime_ns) for each in stamps)
    )


def watched_paths(root: Path) -> tuple[str, ...]:
    """Return every file and folder of the workspace whose change may change what is published."""
    paths = ["copydesk.yml", "mkdocs.yml", "workflows", "content_briefs", "history", "drafts"]
    for top in (*PUBLISHED_FOLDERS, "content_briefs", "workflows", "history", "drafts"):
        folder = root / top
        if not folder.is_dir():
            continue
        paths.append(top)
        for path in sorted(folder.rglob("*")):
            deep = top in ("history", "drafts")
            if path.is_dir() or not deep or path.name.endswith((".email.md", ".posts.md")):
                paths.append(path.relative_to(root).as_posix())
    return tuple(dict.fromkeys(paths))


def adopt(root: Path, path: str, *, by: str, workflow: str = "", sources: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Bring an edit home to its draft, or make a brief from a page of the team's; return what was written.

    With a `workflow` whose step `page` a person writes, the page becomes that step's text, and the others go on from it
    and from `sources`. The words that were in docs/ or outbox/ are recorded whole before anything else is done with them.
    """
    name = path.removeprefix("./")
    if not name.startswith(PUBLISHED_FOLDERS):
        name = f"docs/{name.removesuffix('.md')}.md"
    place = disk.inside(root, name)
    if not place.is_file():
        raise UsageError("there is no such page", where=name, mend="Name a file in docs/.")
    text = disk.read_text(place)
    brief, page = _home_of(root, name)
    if brief and (workflow or sources):
        mend = f"Name the new source in content_briefs/{brief}.md, and build."
        raise RefusedError(f"the page belongs to the brief {brief}", where=name, mend=mend)
    if brief:
        return _bring_home(root, brief, page, text, by=by)
    return _brief_from_page(root, name, text, by=by, workflow=workflow, sources=sources)


def _home_of(root: Path, path: str) -> tuple[str, str]:
    """Return the brief that a path belongs to, and the path of its page now; "" if no brief claims or delivers it."""
    formerly = ("", "")
    for name in store.history_names(root):
        history = store.read_history(root, name)
        if path in review.claims(history):
            return name, path
        if path in (former := review.former(history)):
            formerly = name, former[path]
    if formerly[0]:
        return formerly
    library = open_library(root)
    for name in briefs.brief_names(root):
        with contextlib.suppress(BrokenError):
            if any(each.path_in(name) == path for each in briefs.read(root, name, library).deliverables):
                return name, path
    return "", ""


def _bring_home(root: Path, name: str, path: str, text: str, *, by: str) -> tuple[str, ...]:
    plan = read_plan(root, name, open_library(root))
    delivered = next((each for each in plan.brief.deliverables if each.path_in(name) == path), None)
    if delivered is None:
        mend = f"Add the page to content_briefs/{name}.md again, or withdraw it."
        raise RefusedError(f"the brief {name} no longer delivers this page", where=path, mend=mend)
    copy = plan.copy_path(delivered.step)
    with store.brief_lock(root, name):
        known = Subjects(root=root, library=open_library(root)).ids(plan)
        history = store.read_history(root, name)
        # What the file was edited from: the newest text that history put or found there.
        texts = [each for each in history.events if each.path == path and each.verb in ("approved", "wrote")]
        base = texts[-1] if texts else history.latest("made", step=delivered.step)
        if digest_text(text) in known_bytes(history, path):
            raise RefusedError(
                "the page is as it was approved or adopted", where=path, mend="There is nothing to adopt."
            )
        was, now = base.text if base else None, text
        if was is not None:
            was, now = home_texts(delivered, was, text, drafts.read_copy(root / copy) or "", known)
        landing = drafts.land(root / copy, base=was, theirs=now)
        event = Event(
            verb="wrote", brief=name, step=delivered.step, path=path, by=by, text=text, suggestions=landing.suggestions
        )
        store.record_event(root, event)
        drafts.mend(root / copy)
    return (copy,)


def _brief_from_page(
    root: Path, path: str, text: str, *, by: str, workflow: str, sources: tuple[str, ...]
) -> tuple[str, ...]:
    if not path.startswith("docs/"):
        raise UsageError("only pages can be adopted", where=path, mend="Name a file in docs/.")
    page = path.removeprefix("docs/").removesuffix(".md")
    name = page.replace("/", "-").lower()
    problem = briefs.name_problem(name)
    if problem or (root / "content_briefs" / f"{name}.md").exists():
        mend = "Rename the page, or write the brief by hand."
        raise RefusedError(f"no brief can be called {name!r}: {problem or 'there is one'}", where=path, mend=mend)
    brief = f"content_briefs/{name}.md"
    wanted = briefs.adopted_text(page, text, workflow=workflow, sources=sources)
    copy = _home_in(root, name, wanted).copy_path("page")
    with store.brief_lock(root, name):
        store.record_event(root, Event(verb="wrote", brief=name, step="page", path=path, by=by, text=text))
        if drafts.land(root / copy, base=None, theirs=text).text != text:
            raise RefusedError(
                "there is another draft of that name", where=copy, mend="Move it aside, then adopt again."
            )
        disk.write_new(root / brief, wanted)
    return (brief, copy)


def _home_in(root: Path, name: str, text: str) -> Plan:
    """Return the plan of a brief that is not written yet; refuse one that would be broken, or has no place for a page."""
    brief, findings = briefs.parse_brief(text, root=root, name=name, library=open_library(root))
    if brief is None:
        what = f"the brief would not pass `check`: {findings[0].message}"
        raise UsageError(what, where=f"content_briefs/{name}.md", mend=findings[0].fix or "Ask again.")
    plan = briefs.plan_for(brief)
    step = plan.step("page")
    if step is None or step.uses != "human/write":
        mend = "Use `refresh`, or add to it: - {id: page, uses: human/write}"
        raise UsageError(f"the workflow {brief.workflow} has no step `page` that a person writes", mend=mend)
    return plan
