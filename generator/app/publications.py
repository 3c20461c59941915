"""Approved bytes to a site, and edits made in docs/ brought home.

Promises: the site holds the exact bytes that history approved and the team's own files, nothing else; a page whose file
was edited is named, never overwritten; a publish with nothing to do looks at stamps only. Will not do: approve.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from generator import briefs, disk, drafts, publishing, review, store
from generator.app.answers import Published
from generator.app.decisions import known_bytes, open_library
from generator.digest import digest_text
from generator.errors import BrokenError, RefusedError, UsageError
from generator.model import Event, History

PUBLISHED_FOLDERS = ("docs", "outbox")


@dataclass(kw_only=True)
class Shelf:
    """What history says of every path in docs/ and outbox/: the approved text, or why there is none to show."""

    approved: dict[str, str] = field(default_factory=dict)
    withheld: dict[str, tuple[str, str]] = field(default_factory=dict)
    home: set[str] = field(default_factory=set)
    days: list[str] = field(default_factory=list)


def read_shelf(root: Path, today: date) -> Shelf:
    """Fold every brief's history. `withheld` maps a path to (why, command); `days` are future publish-on dates."""
    shelf = Shelf()
    library = open_library(root)
    names = set(briefs.brief_names(root))
    for name in store.history_names(root):
        history = store.read_history(root, name)
        claimed = review.claims(history)
        for path in sorted({event.path for event in history.events if event.verb == "approved" and event.path}):
            standing = review.live(history, path)
            if standing is None or standing.text is None or path not in claimed:
                _withhold(root, shelf, history, path, gone=path not in claimed)
                continue
            day = _day(root, name, library, standing) if name in names else standing.publish_on
            if day and day > today.isoformat():
                shelf.withheld[path] = (f"it is kept out until {day}", "")
                shelf.days.append(day)
            else:
                shelf.approved[path] = standing.text
            wrote = history.latest("wrote", path=path)
            if wrote is not None and wrote.text is not None and not history.saw(standing, wrote):
                shelf.home.add(path)
    return shelf


def _withhold(root: Path, shelf: Shelf, history: History, path: str, *, gone: bool) -> None:
    place = disk.inside(root, path)
    if not gone:
        requested = review.requested(history, path)
        why = f"it was sent back: {requested.note}" if requested else "it was withdrawn while it was approved elsewhere"
        shelf.withheld[path] = (why, f"copydesk approve {path}")
    elif place.exists() and digest_text(disk.read_text(place)) in known_bytes(history, path):
        shelf.withheld[path] = ("it was withdrawn, and its file still lies there", f"delete {path}")


def _day(root: Path, name: str, library: briefs.Library, standing: Event) -> str:
    try:
        brief = briefs.read(root, name, library)
    except BrokenError:
        return standing.publish_on
    return brief.publish_on.isoformat() if brief.publish_on else ""


def publish(root: Path, *, today: date | None = None) -> Published:
    """Put approved bytes in place and build the site beside the old one, then swap. `today` is for tests.

    Raises BrokenError for a config that cannot be used and RefusedError when MkDocs cannot build.
    """
    day = today or datetime.now(UTC).astimezone().date()
    quick = _quick(root, day)
    if quick is not None:
        return quick
    with store.build_lock(root, lambda: None):
        return _publish(root, day)


def _quick(root: Path, day: date) -> Published | None:
    seen = store.read_look(root, "publish")
    if seen is None or seen.changed() != frozenset():
        return None
    total = json.loads(seen.total)
    if total["until"] and total["until"] <= day.isoformat():
        return None
    if not _stands(root / total["site"]):
        return None
    refused = tuple((path, why, command) for path, why, command in total["refused"])
    return Published(
        published=tuple(total["published"]),
        refused=refused,
        notes=tuple(total["notes"]),
        site=total["site"],
        built=False,
    )


def _stands(site: Path) -> bool:
    """Whether a site is there. Its stamp would not tell: each publish puts another folder in its place."""
    return site.is_dir() and any(not each.name.startswith(".") for each in site.iterdir())


def _publish(root: Path, day: date) -> Published:
    publishing.recover_site(root)
    config = open_library(root).config
    watched = store.observe(root, watched_paths(root))
    shelf = read_shelf(root, day)
    ours = {**shelf.approved, **dict.fromkeys(shelf.withheld, "")}
    report = publishing.check_pages(root, shelf.approved)
    refused = [(path, why, command) for path, (why, command) in sorted(shelf.withheld.items())]
    for path in report.edited:
        home = path in shelf.home
        why = "its edit was brought home and waits for approval" if home else "its file was edited by hand"
        command = f"copydesk {'approve' if home else 'adopt'} {path}"
        refused.append((path, f"{why}; the site shows the approved text", command))
    refused += [(path, why, command) for path, why, command in _unapproved(root, ours)]
    built = publishing.build_site(root, approved=shelf.approved, withheld=frozenset(shelf.withheld), config=config)
    published = tuple(sorted(path for path in shelf.approved if path.startswith("docs/")))
    total = {
        "published": published, "refused": refused, "notes": built.notes, "site": built.site,
        "until": min(shelf.days, default=""),
    }  # fmt: skip
    if not report.restored:
        store.record_look(root, "publish", groups={"": watched}, notes={}, total=json.dumps(total))
    return Published(
        published=published, refused=tuple(refused), restored=report.restored, notes=built.notes, site=built.site
    )


def _unapproved(root: Path, ours: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return the drafted pages that nobody approved."""
    library = open_library(root)
    found = []
    for name in briefs.brief_names(root):
        try:
            plan = briefs.plan_for(briefs.read(root, name, library))
        except BrokenError:
            continue
        for each in plan.brief.deliverables:
            path = each.path_in(name)
            if path not in ours and (root / plan.copy_path(each.step)).exists():
                found.append((path, "nobody has approved it", f"copydesk approve {path}"))
    return found


def watched_paths(root: Path) -> tuple[str, ...]:
    """Return every file and folder whose change may change what is published."""
    paths = ["copydesk.yml", "mkdocs.yml", "workflows", "content_briefs", "history", "drafts"]
    for top in (*PUBLISHED_FOLDERS, "content_briefs", "history", "drafts", "overrides"):
        folder = root / top
        if not folder.is_dir():
            continue
        paths.append(top)
        for path in sorted(folder.rglob("*")):
            deep = top in ("history", "drafts")
            if path.is_dir() or not deep:
                paths.append(path.relative_to(root).as_posix())
    return tuple(dict.fromkeys(paths))


def adopt(root: Path, path: str, *, by: str) -> tuple[str, ...]:
    """Bring an edit made in docs/ home to its draft, or make a brief from a page of the team's; return what was written.

    The words that were in docs/ are recorded whole before anything else is done with them.
    """
    name = path.removeprefix("./")
    if not name.startswith(PUBLISHED_FOLDERS):
        name = f"docs/{name.removesuffix('.md')}.md"
    place = disk.inside(root, name)
    if not place.is_file():
        raise UsageError("there is no such page", where=name, mend="Name a file in docs/.")
    text = disk.read_text(place)
    for brief in store.history_names(root):
        history = store.read_history(root, brief)
        if name in review.claims(history):
            return _bring_home(root, brief, name, text, by=by)
    return _brief_from_page(root, name, text, by=by)


def _bring_home(root: Path, name: str, path: str, text: str, *, by: str) -> tuple[str, ...]:
    plan = briefs.plan_for(briefs.read(root, name, open_library(root)))
    delivered = next((each for each in plan.brief.deliverables if each.path_in(name) == path), None)
    if delivered is None:
        mend = f"Add the page to content_briefs/{name}.md again, or withdraw it."
        raise RefusedError(f"the brief {name} no longer delivers this page", where=path, mend=mend)
    copy = plan.copy_path(delivered.step)
    with store.brief_lock(root, name):
        history = store.read_history(root, name)
        approved = review.live(history, path) or history.latest("approved", path=path)
        if digest_text(text) in known_bytes(history, path):
            raise RefusedError(
                "the page is as it was approved or adopted", where=path, mend="There is nothing to adopt."
            )
        landing = drafts.land(root / copy, base=approved.text if approved else None, theirs=text)
        event = Event(
            verb="wrote", brief=name, step=delivered.step, path=path, by=by, text=text, suggestions=landing.suggestions
        )
        store.record_event(root, event)
        drafts.sweep((root / copy).parent)
    return (copy,)


def _brief_from_page(root: Path, path: str, text: str, *, by: str) -> tuple[str, ...]:
    if not path.startswith("docs/"):
        raise UsageError("only pages can be adopted", where=path, mend="Name a file in docs/.")
    page = path.removeprefix("docs/").removesuffix(".md")
    name = page.replace("/", "-").lower()
    problem = briefs.name_problem(name)
    if problem or (root / "content_briefs" / f"{name}.md").exists():
        mend = "Rename the page, or write the brief by hand."
        raise RefusedError(f"no brief can be called {name!r}: {problem or 'there is one'}", where=path, mend=mend)
    brief = f"content_briefs/{name}.md"
    copy = f"drafts/{name}/{page.rpartition('/')[2]}.md"
    with store.brief_lock(root, name):
        store.record_event(root, Event(verb="wrote", brief=name, step="page", path=path, by=by, text=text))
        if drafts.land(root / copy, base=None, theirs=text).text != text:
            raise RefusedError(
                "there is another draft of that name", where=copy, mend="Move it aside, then adopt again."
            )
        disk.write_new(root / brief, briefs.adopted_text(page, text))
    return (brief, copy)
