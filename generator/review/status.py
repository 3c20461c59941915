"""The state of a deliverable in one word, and the command that moves it on.

Promises: the first match of the law wins, in the order of `STATUSES`; every state but the one that needs nothing names
a command that can be typed as it stands. Will not do: find out the facts it chooses from; `app` hands them in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Status = Literal[
    "failed", "waiting", "changes requested", "facts changed", "edited since approval", "approved", "drafted", "missing"
]

STATUSES: tuple[Status, ...] = get_args(Status)
"""Every status, in the order in which they are tried."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What is known of a deliverable. `brief` is its brief's name, `path` where it lies once approved.

    failed          a step that it hangs on failed in the last build
    waiting_for     whom it waits for, "" for nobody; `waiting_command` is how they answer
    requested       a send-back is not answered yet
    stale           a build would make something again that the text rests on
    live            an approval's bytes belong on the site
    approved        exactly this working copy is approved
    drafted         there is a working copy
    errors          it has findings that an approval would be refused for
    """

    brief: str
    path: str
    failed: bool = False
    waiting_for: str = ""
    waiting_command: str = ""
    requested: bool = False
    stale: bool = False
    live: bool = False
    approved: bool = False
    drafted: bool = False
    errors: bool = False


def status_of(standing: Standing) -> tuple[Status, str]:
    """Return the status and the command that the deliverable needs next, "" for an approved one."""
    build, approve = f"copydesk build {standing.brief}", f"copydesk approve {standing.path}"
    if standing.errors:
        approve = f"copydesk check {standing.brief}"
    if standing.failed:
        return "failed", build
    if standing.waiting_for:
        return "waiting", standing.waiting_command or build
    if standing.requested:
        return "changes requested", build if standing.stale or not standing.drafted else approve
    if standing.live and standing.stale:
        return "facts changed", build
    if standing.live and standing.drafted and not standing.approved:
        return "edited since approval", approve
    if standing.live:
        return "approved", ""
    if standing.drafted:
        return "drafted", build if standing.stale else approve
    return "missing", build
