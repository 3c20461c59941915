"""A workspace whose models are asked at a server on this machine."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from generator import app, providers
from generator.app.answers import Progress, Summary
from generator.app.builds import build
from tests.recorded.server import Server
from tests.recorded.wire import Dialect

DIALECTS: tuple[Dialect, ...] = ("responses", "chat", "messages")

SHORT = providers.Deadlines(first=0.5, between=0.5, whole=2.0)
SWIFT = providers.Patience(first=0.01, most=0.05, grace=2.0)
"""Patience in hundredths of a second, so that a suite can wait for its end."""

PRICE = "{input: 1, output: 10}"
"""Dollars a million tokens."""

BRIEF = """\
---
title: {name}
steps:
  - {{id: draft, uses: write}}
deliverables: [{{page: {name}, from: draft}}]
---
Say how {name} is done.
"""
PROMPT = "---\ndescription: Writes.\nmodel: writer\nconfig: {max-tokens: 1000}\n---\nsystem:\nYou write.\n\nuser:\n{{ brief.body }}\n"


def model(server: Server, dialect: Dialect, *, price: str = PRICE) -> str:
    """Return the entry of a model that is asked by a dialect."""
    if dialect == "messages":
        return f'{{provider: anthropic, model: claude-sonnet-4-5, base-url: "{server.anthropic}", price: {price}}}'
    return f'{{provider: openai, model: gpt-5-mini, base-url: "{server.url}", api: {dialect}, price: {price}}}'


def write(root: Path, files: dict[str, str]) -> None:
    """Write files."""
    for path, text in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")


def workspace(root: Path, entry: str, *, briefs: int = 1, more: str = "", second: str = "") -> Path:
    """Write a workspace of briefs with one step each; `more` is added to the config, `second` a model to fall back on."""
    other = f"  second: {second}\n" if second else ""
    chain = "[first, second]" if second else "first"
    config = f"models:\n  first: {entry}\n{other}roles: {{researcher: first, writer: {chain}, editor: first}}\n{more}"
    write(root, {"copydesk.yml": config, "prompts/write.md": PROMPT})
    write(root, {f"content_briefs/b{n}.md": BRIEF.format(name=f"b{n}") for n in range(briefs)})
    return root


def make(root: Path, *addresses: str, said: list[str] | None = None, **options: Any) -> Summary:
    """Build with short deadlines and swift patience."""

    def report(progress: Progress) -> None:
        if said is not None and progress.said:
            said.append(progress.said)

    given = app.BuildOptions(**{"patience": SWIFT, **options})
    return build(root, addresses, options=given, report=report, ask_for=partial(providers.ask_for, deadlines=SHORT))
