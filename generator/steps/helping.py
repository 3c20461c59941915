"""How a model is told to change a text that people may have edited, and no more of it than it must.

Promises: the working copy stands in a fence, a person's words are named one by one, and so is what changed; the same
help gives the same message. Will not do: decide what is a person's, or merge the answer.
"""

from __future__ import annotations

from generator.model import Help, Message, Request
from generator.steps.filling import fence

_ASK = """\
This text was written before, and people have worked on it since. Do not write a new one. Give back the text below with
the smallest change that makes it right again.

What changed since it was written:
{changed}

The text as it stands now:

{given}
{human}
Rules for this change:

- Change only sentences that what changed makes wrong or incomplete, and add only what it makes necessary.
- Leave every other sentence, heading and blank line exactly as it is, to the letter, and in its place.
- Give back the whole text, from its first line to its last, without a word about the change.
- Leave out the footnote lines at the end (`[^id]: …`): they are written anew."""

_HUMAN = """
A person wrote or changed these pieces of it. They must stand word for word where they are, even where you would put them
otherwise, and even where they disagree with what changed:

{pieces}
"""


def help_for(_request: Request, *, given: str, changed: tuple[str, ...] = (), human: tuple[str, ...] = ()) -> Help:
    """Return the help for an update of `given`, the working copy.

    `changed` says what is different, as labels or reasons; `human` holds the blocks that are a person's, as they stand.
    """
    reasons = "\n".join(f"- {' '.join(each.split())}" for each in changed) or "- See the inputs above."
    pieces = "\n\n".join(fence("written by a person", each) for each in human if each.strip())
    told = _ASK.format(
        changed=reasons, given=fence("the text now", given), human=_HUMAN.format(pieces=pieces) if pieces else ""
    )
    return Help(given=given, changed=changed, human=human, messages=(Message(role="user", text=told),))
