"""How a model is told to change a text and no more of it than it must, and where it leaves room for words of others.

Promises: the working copy stands in a fence, a person's words are named one by one, and so is what changed; the same
help gives the same message. What is placed in a text is put there byte for byte, at a line of its own that stands for it,
and found again as long as nobody has changed it. Will not do: decide what is a person's, or merge the answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from generator.matter import split_matter
from generator.model import SLOT, Help, Message, Part, Request, slot_line
from generator.steps.citing import coded_lines
from generator.steps.filling import fence

_ASK = """\
This text was written before, and people have worked on it since. Do not write a new one. Give back the text below with
the smallest change that makes it right again.

What changed since it was written:
{changed}

The text as it stands now:

{given}
{human}{settled}{about}
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

_SETTLED = """
A person has settled what stands in the place of these lines, so leave the lines out this time:

{lines}
"""

_ABOUT = """
The notes are about these pieces. Change only them and, where it must be, the ones right before and after them; what you
change elsewhere is not taken over:

{pieces}
"""

_PLACE = """\
Some words of this text are written already, and nobody writes them a second time. A line stands for them. Put each of
these lines into your text exactly once, where its words belong: alone on the line, from its first column, with a blank
line before and after it, in no list, quotation or code. The words are put in its place when you are done. Do not write
them yourself, and do not repeat what they say; see to it that what stands before and after them fits.

{slots}"""

_BREAK = r"(?:\r\n|\r(?!\n)|\n)"


def help_for(
    _request: Request, *, given: str, changed: tuple[str, ...] = (), human: tuple[str, ...] = (),
    settled: tuple[str, ...] = (), about: tuple[str, ...] = (),
) -> Help:  # fmt: skip
    """Return the help for an update of `given`, the working copy.

    `changed` says what is different, as labels or reasons; `human` holds the blocks that are a person's, as they stand;
    `settled` are the slots whose words a person has changed or taken out where they stood; `about` the blocks that notes
    stand at, if notes are all that is new.
    """
    reasons = "\n".join(f"- {' '.join(each.split())}" for each in changed) or "- See the inputs above."
    pieces = "\n\n".join(fence("written by a person", each) for each in human if each.strip())
    lines = "\n".join(slot_line(name) for name in settled)
    noted = "\n\n".join(fence("the note is about", each) for each in about)
    told = _ASK.format(
        changed=reasons, given=fence("the text now", given), human=_HUMAN.format(pieces=pieces) if pieces else "",
        settled=_SETTLED.format(lines=lines) if lines else "", about=_ABOUT.format(pieces=noted) if noted else "",
    )  # fmt: skip
    return Help(given=given, changed=changed, human=human, messages=(Message(role="user", text=told),))


# Slots -----------------------------------------------------------------------------------------------------------


def slots_message(placed: tuple[Part, ...]) -> tuple[Message, ...]:
    """Return what the model is told about the texts that are placed in its reply; nothing if there are none."""
    if not placed:
        return ()
    slots = "\n\n".join(
        f"The line:\n\n{slot_line(each.name)}\n\nThe words it stands for:\n\n{fence(f'placed {each.name}', each.text)}"
        for each in placed
    )
    return (Message(role="user", text=_PLACE.format(slots=slots)),)


def words_of(text: str) -> str:
    """Return what is placed of a text: all of it but its front matter and the blank lines at its ends."""
    lines = split_matter(text)[1].splitlines(keepends=True)
    told = [number for number, line in enumerate(lines) if line.strip()]
    return "".join(lines[told[0] : told[-1] + 1]).rstrip("\r\n") if told else ""


def slots_in(text: str) -> tuple[str, ...]:
    """Return the slots that a line of the text stands for, as often as one does; front matter and code hold none."""
    body = split_matter(text)[1]
    return tuple(name for line, coded in coded_lines(body) if not coded and (name := _slot_of(line)))


def fill_slots(text: str, words: Mapping[str, str]) -> str:
    """Return the text with `words` of slots in place of their lines, byte for byte, blank lines around them.

    Line ends are those of the words and of the text, each as they are. A line whose slot has no words goes.
    """
    body = split_matter(text)[1]
    end = "\r\n" if "\r\n" in body else "\n"
    pieces = [text[: len(text) - len(body)]]
    placed = speaks = False
    for line, coded in coded_lines(body):
        said = None if coded else words.get(_slot_of(line))
        if said == "":
            while len(pieces) > 1 and not pieces[-1].strip():
                pieces.pop()
            placed, speaks = True, len(pieces) > 1
            continue
        if speaks and (said or (placed and line.strip())):
            pieces.append(end)
        pieces.append(line if said is None else said + (line[len(line.rstrip("\r\n")) :] or end))
        placed, speaks = said is not None, bool(line.strip())
    return "".join(pieces)


def mark_slot(text: str, name: str, words: str) -> str:
    """Return the text with a line in place of the words of a slot, where they stand whole, between blank lines.

    Only line ends may differ. The text comes back as it is if they are not there, or if such a line stands there already.
    """
    if not words or name in slots_in(text):
        return text
    body = split_matter(text)[1]
    said = _BREAK.join(re.escape(line) for line in re.split(_BREAK, words))
    before, after = rf"(\A(?:[ \t]*{_BREAK})?|{_BREAK}[ \t]*{_BREAK})", rf"(?=\Z|{_BREAK}[ \t]*(?:{_BREAK}|\Z))"
    match = re.search(rf"{before}{said}[ \t]*{after}", body)
    if match is None:
        return text
    return text[: len(text) - len(body)] + body[: match.end(1)] + slot_line(name) + body[match.end() :]


def _slot_of(line: str) -> str:
    match = SLOT.fullmatch(line.rstrip("\r\n"))
    return match[1] if match else ""
