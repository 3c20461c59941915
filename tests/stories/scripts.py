"""What scripted models say: a plain writer, one that changes as little as it is asked to, and some that misbehave.

Promises: a text hangs on the labelled parts of the request alone, so every run of a story gives the same bytes.
Will not do: read the prompt's prose, which may be reworded.
"""

from __future__ import annotations

from difflib import get_close_matches

from generator.model import Model, Request


def plain(request: Request, _model: Model) -> str:
    """Write the step's text from its parts, whatever stands in the working copy: a model that ignores all help."""
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
        return "\n\n".join((*(each.rstrip() for each in upstream), "The editor has read this.", *notes)) + "\n"
    headings = [line[3:] for line in "\n".join(upstream).splitlines() if line.startswith("## ")]
    blocks = [f"# {title}", parts.get("brief.body", "").strip()]
    blocks += [block for each in headings for block in (f"## {each}", f"This part is about {each.lower()}.")]
    blocks += quotes
    blocks += [f"The {part.name} is {part.text}." for part in request.parts if part.kind in ("fact", "with")]
    blocks += notes
    return "\n\n".join(block for block in blocks if block) + "\n"


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
