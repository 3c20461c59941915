"""What scripted models say: a plain writer, one that changes as little as it is asked to, and some that misbehave.

Promises: a text hangs on the labelled parts of the request alone, so every run of a story gives the same bytes.
Will not do: read the prompt's prose, which may be reworded.
"""

from __future__ import annotations

from difflib import get_close_matches
from re import findall

from generator.model import Model, Request, slot_line


def plain(request: Request, model: Model) -> str:
    """Write the step's text from its parts, whatever stands in the working copy: a model that ignores all help."""
    text = write(request, model)
    lines = [slot_line(part.name) for part in request.parts if part.kind == "slot"]
    title, *rest = text.split("\n\n")
    return "\n\n".join([title, *(line for line in lines if line not in text), *rest])


def write(request: Request, _model: Model) -> str:
    """Write the step's text without a line for any slot."""
    parts = {part.label: part.text for part in request.parts}
    title = parts.get("brief.title", request.brief)
    quotes = [f"“{part.text.splitlines()[-1]}” [^{part.name}]" for part in request.parts if part.kind == "passage"]
    notes = sorted(f"Somebody asked: {part.text}" for part in request.parts if part.kind == "note")
    upstream = [part.text for part in request.parts if part.kind == "upstream"]
    if request.uses == "research":
        return "".join(f"- {quote}\n" for quote in quotes)
    if request.uses == "outline":
        return f"# {title}\n\n## What is new\n\n## What it costs\n"
    if request.uses == "revise":
        return revised(request, notes)
    if request.uses in SHORT:
        return SHORT[request.uses](
            title, "\n".join(upstream), [part.name for part in request.parts if part.kind == "upstream"]
        )
    headings = [line[3:] for line in "\n".join(upstream).splitlines() if line.startswith("## ")]
    blocks = [f"# {title}", parts.get("brief.body", "").strip()]
    blocks += [block for each in headings for block in (f"## {each}", f"This part is about {each.lower()}.")]
    blocks += quotes
    blocks += [f"The {part.name} is {part.text}." for part in request.parts if part.kind in ("fact", "with")]
    blocks += notes
    return "\n\n".join(block for block in blocks if block) + "\n"


def revised(request: Request, notes: list[str]) -> str:
    """Pass on what is revised, and say what the fact check asks to look at again."""
    upstream = {part.name: part.text for part in request.parts if part.kind == "upstream"}
    again = [line[2:] for line in upstream.get("fact-check", "").splitlines() if line.startswith("- Since then: ")]
    texts = [text.rstrip() for name, text in upstream.items() if name not in ("research", "fact-check", "headline")]
    return "\n\n".join((*texts, *again, "The editor has read this.", *notes)) + "\n"


def check_facts(title: str, text: str, names: list[str]) -> str:
    """Say which citations hold, or what a page does not say yet."""
    if "page" in names:
        return "".join(f"- Since then: {line[2:]}\n" for line in text.splitlines() if line.startswith("- “"))
    return (
        "".join(f"- Holds: [^{each}]\n" for each in dict.fromkeys(findall(r"\[\^([^\]]+)\](?!:)", text)))
        or f"{title}.\n"
    )


def tabulate(_title: str, text: str, names: list[str]) -> str:
    """Make a table with a row for each text that was gathered."""
    rows = [f"| {name} |" for name in names]
    return "\n".join(["| product |", "| --- |", *rows, "", text.rstrip()]) + "\n"


def write_email(title: str, text: str, _names: list[str]) -> str:
    """Make a letter of what stands in the texts between their headings."""
    said = [block for block in text.split("\n\n") if not block.startswith(("#", "[^"))]
    return "\n\n".join([f"Dear reader, this is about: {title}", *said]).rstrip() + "\n"


def write_posts(title: str, text: str, _names: list[str]) -> str:
    """Make three posts."""
    said = [block for block in text.split("\n\n") if block.startswith(("“", "The "))]
    posts = [f"## Post {n}\n\n{title} {each}" for n, each in enumerate(said[:3], 1)]
    return "\n\n".join(posts).rstrip() + "\n"


SHORT = {
    "angles": lambda title, _text, _names: f"- {title}, as the proof tells it\n- {title}, as a customer tells it\n",
    "fact-check": check_facts,
    "comparison-table": tabulate,
    "email": write_email,
    "posts": write_posts,
}
"""What is said where a built-in prompt asks for less than a draft: from the title and the texts before it, no more."""


def obeys(request: Request, model: Model) -> str:
    """Write as `plain` does, and when helped with a working copy change only what is wrong in it."""
    wanted = plain(request, model)
    if request.help is None:
        return wanted
    blocks, new = [each.strip("\n") for each in request.help.given.split("\n\n")], wanted.strip("\n").split("\n\n")
    human = {each.strip("\n") for each in request.help.human}
    place = 0
    for block in new:
        if block not in blocks:
            free = [each for each in blocks if each not in new and each not in human]
            old = get_close_matches(block, free, n=1)
            if old:
                blocks[blocks.index(old[0])] = block
            else:
                blocks.insert(place, block)
        place = blocks.index(block) + 1
    return "\n\n".join(each for each in blocks if each in new or each in human) + "\n"


def rewrites(request: Request, model: Model) -> str:
    """Say everything in other words, each time it is asked for a change."""
    text = plain(request, model)
    if request.help is None:
        return text
    return text.replace("This part is about", "Let us talk of").replace("is", "was").replace("# ", "# Again: ")


def babbles(_request: Request, _model: Model) -> str:
    """Return something that has nothing to do with the question."""
    return "I am sorry, I cannot help with that. }{ ```"
