"""Which workspace, and whether there is anything to look at.

Promises: a build or publish with nothing to do is answered from the last summary after one pass over file stamps, and nothing is
parsed, rendered or imported for it. Will not do: decide about a step; that takes the second look, by recipe.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from generator import store
from generator.app.answers import Published, Summary
from generator.errors import UsageError


def find_root(start: Path) -> Path:
    """Return the workspace that `start` lies in: the nearest folder upward with a copydesk.yml or content_briefs/."""
    for folder in (start, *start.parents):
        if (folder / "copydesk.yml").is_file() or (folder / "content_briefs").is_dir():
            return folder
    raise UsageError("no workspace here or above", where=str(start), mend="Make one: copydesk init")


def look(root: Path) -> Summary | None:
    """Return the last build's summary if nothing has changed since and nothing is left to try again, else None."""
    seen = store.read_look(root)
    if seen is None or seen.changed() != frozenset():
        return None
    total = json.loads(seen.total)
    if total.pop("again"):
        return None
    return summary_of(total)


def look_again(root: Path) -> None:
    """Have the next build look for itself: calls are about to be made, and it is to tell of those that nobody can account for."""
    seen = store.read_look(root)
    if seen is None or not seen.current:
        return
    total = json.loads(seen.total)
    total["again"] = [*total["again"], ""]  # no brief's name: nothing is looked at for it
    store.record_look(root, groups={}, notes=seen.notes(), total=json.dumps(total), keep=seen)


def look_published(root: Path, today: date | None = None) -> Published | None:
    """Return what the last publish said if nothing has changed since, no page's day has come, and the site stands."""
    seen = store.read_look(root, "publish")
    if seen is None or seen.changed() != frozenset():
        return None
    total = json.loads(seen.total)
    site = root / total["site"]
    come = total["until"] and total["until"] <= (today or today_here()).isoformat()
    # Its stamp would not tell whether the site stands: each publish puts another folder in its place.
    if come or not site.is_dir() or all(each.name.startswith(".") for each in site.iterdir()):
        return None
    refused = tuple((path, why, command) for path, why, command in total["refused"])
    return Published(
        published=tuple(total["published"]), ready=tuple(total["ready"]), refused=refused, notes=tuple(total["notes"]),
        site=total["site"], built=False,
    )  # fmt: skip


def today_here() -> date:
    """Return the day it is where this machine stands."""
    return datetime.now(UTC).astimezone().date()


def summary_of(total: dict[str, Any]) -> Summary:
    """Return the summary that was recorded as JSON, as the second build tells it: nothing made, all of it reused."""
    return Summary(
        reused=total["reused"],
        waiting=len(total["waits"]),
        blocked=total["blocked"],
        suggestions=total["suggestions"],
        deliverables=tuple(total["deliverables"]),
        waits=tuple((address, wish, command) for address, wish, command in total["waits"]),
        notes=tuple(total["notes"]),
        next=total["next"],
    )
