"""What lies in outbox/: the text that is approved for sending, the HTML of an e-mail beside it, and an edit's way home.

Promises: citations are for the desk, so an approved e-mail or post has none, and an edit of it comes home to a copy that
keeps its own; HTML is written, moved and removed with its text, and one that a person changed stays and is named. Will
not do: decide what is approved, or send anything.
"""

from __future__ import annotations

from pathlib import Path

from generator import disk, drafts, matter, publishing, review
from generator.digest import digest_text
from generator.errors import DiskError
from generator.model import Brief, Deliverable, Event

MAIL = ".email.md"


def approved_text(delivered: Deliverable, brief: Brief, copy: str, known: frozenset[str]) -> str:
    """Return the text that is approved for a working copy; `known` are the ids of passages that it may cite.

    Raises MatterError if its front matter cannot be read.
    """
    plain = copy if delivered.kind == "page" else review.without_citations(copy, known)
    return publishing.render_page(delivered, brief, plain)


def approved_copy(event: Event, cited: str) -> str:
    """Return the working copy behind an approved text: what was approved, or that without the front matter it gained.

    An e-mail or posts get the citations back that `cited`, an earlier text of theirs, has for the same words.
    """
    page = event.text or ""
    body = matter.split_matter(page)[1]
    copies = (page, body, body.removeprefix("\n"), body.removeprefix("\r\n"))
    exact = next((copy for copy in copies if digest_text(copy) == event.draft), None)
    if exact is None and event.path.startswith("outbox/"):
        return review.with_citations(page, cited) or page
    return page if exact is None else exact


def home_texts(delivered: Deliverable, base: str, theirs: str, copy: str, known: frozenset[str]) -> tuple[str, str]:
    """Return the text that was edited and the edited one, as the working copy `copy` would have them.

    With the citations of the copy, if they were taken out; and without the fields that the brief had added, but for
    those that the edit changed: they are the copy's own from now on.
    """
    if delivered.kind != "page" and review.without_citations(base, known) == base:
        lifted = review.with_citations(base, copy, known), review.with_citations(theirs, copy, known)
        base, theirs = (base, theirs) if lifted[0] is None or lifted[1] is None else (lifted[0], lifted[1])
    was, new, held = _fields(base), _fields(theirs), _fields(copy)
    added = {key for key in was if key not in held}
    same = {key for key in added if was[key] == new.get(key)}
    return _less(base, added, bare=not held), _less(theirs, same, bare=not held)


def _fields(text: str) -> dict[str, str]:
    """Return the fields of front matter, each with its lines."""
    own, _, _ = matter.split_matter(text)
    keys = [key for key, _ in matter.parse_leniently(own, path="").node.pairs] if own else []
    starts = [own.rfind("\n", 0, key.start) + 1 for key in keys] if own else []
    return {
        key.value: (own or "")[start:end]
        for key, start, end in zip(keys, starts, [*starts[1:], None], strict=bool(keys))
    }


def _less(text: str, gone: set[str], *, bare: bool) -> str:
    """Return a text without some of its fields; without front matter if that has no other and `bare` says so."""
    own, body, _ = matter.split_matter(text)
    if not own or not gone:
        return text
    fields = _fields(text)
    if bare and gone == set(fields):
        return body.lstrip("\r\n")
    head, lines = text[: len(text) - len(body)], "".join(fields[key] for key in fields if key not in gone)
    at = head.index(own)
    return head[:at] + lines + head[at + len(own) :] + body


# The HTML of an e-mail -------------------------------------------------------------------------------------------


def rendering_path(path: str) -> str:
    """Return where the HTML of an approved e-mail lies, "" for any other path."""
    return f"{path.removesuffix('.md')}.html" if path.startswith("outbox/") and path.endswith(MAIL) else ""


def put_rendering(root: Path, path: str, text: str) -> tuple[str, str]:
    """Write the HTML of the approved e-mail at `path`; return where, if it was not there, and a note if it may not be.

    What copydesk wrote for an earlier text is replaced, what a person changed is not. DiskError if the disk fails.
    """
    name = rendering_path(path)
    if not name:
        return "", ""
    place, fresh = disk.inside(root, name), publishing.render_email(text)
    drafts.mend(place)
    lying = _lying(place)
    if lying == fresh:
        return "", ""
    if lying is not None and not publishing.is_rendering(lying):
        return "", f"{name} was edited by hand and stays as it is. Move it aside to have it made anew."
    drafts.land(place, base=lying, theirs=fresh)
    drafts.mend(place)
    return name, ""


def take_rendering(root: Path, path: str) -> str:
    """Remove the HTML of the e-mail at `path`; return a note if it stays, since a person changed it."""
    name = rendering_path(path)
    if not name or drafts.remove(disk.inside(root, name), known=known_renderings(root, name)):
        return ""
    return f"{name} was edited by hand and stays where it is."


def known_renderings(root: Path, *names: str) -> frozenset[str]:
    """Return the digests of those files of HTML that are as copydesk wrote them."""
    texts = (_lying(disk.inside(root, name)) for name in names)
    return frozenset(digest_text(text) for text in texts if text and publishing.is_rendering(text))


def _lying(place: Path) -> str | None:
    """Return what lies at a place, None if nothing does, "" for what is no text."""
    try:
        return drafts.read_copy(place)
    except DiskError as error:
        if isinstance(error.__cause__, OSError):
            raise
        return ""
