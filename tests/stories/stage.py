"""A workspace on a stage: briefs, a model that follows a script, edits by a person, and the log of what was asked.

A story is a folder: `start/` is the workspace at its beginning, `test_story.py` tells what happens, `expected/` holds
every tracked file at its end. `UPDATE_STORIES=1` writes `expected/` anew, to be read before it is committed.
Promises: every sentence a person ever wrote by `edit` is remembered, and `kept` fails if one of them is gone from the
working copies and pages; the log holds every call that reached a model, in order. Will not do: patch the program.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator import app, providers
from generator.app.answers import Progress, Summary
from generator.app.builds import BuildOptions, build
from generator.digest import digest_text
from generator.model import Ask, Model, Reply, Request

Script = Callable[[Request, Model], str | Reply]

MODEL = "models:\n  best: {provider: openai, model: scripted, price: {input: 0, output: 0}}\nroles: {researcher: best, writer: best, editor: best}\n"
"""A config in which a model answers; on the stage it is the script that does."""


@dataclass
class Stage:
    """A workspace below `root`. `log` is what was asked since it was last read; `human` every sentence of a person's."""

    root: Path
    home: Path = Path()
    asked: list[str] = field(default_factory=list)
    human: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    @classmethod
    def begin(cls, folder: Path, story: str, name: str = "here") -> Stage:
        """Return the stage of a story, `story` being its `__file__`: what lies in `start/`, below `folder`."""
        home = Path(story).parent
        shutil.copytree(home / "start", folder / name)
        return cls(folder / name, home=home)

    def ends(self) -> None:
        """Assert the end of a story: every record right, every human sentence there, every file as in `expected/`."""
        assert app.verify(self.root) == ()
        self.kept()
        now = {path: short(text) for path, text in self.files("content_briefs", "drafts", "docs", "outbox").items()}
        expected = self.home / "expected"
        if os.environ.get("UPDATE_STORIES") == "1":
            shutil.rmtree(expected, ignore_errors=True)
            Stage(expected).write(now)
        assert expected.is_dir(), "the story has no expected/: run it with UPDATE_STORIES=1 and read what it writes"
        assert now == Stage(expected).files("content_briefs", "drafts", "docs", "outbox")

    def write(self, files: Mapping[str, str]) -> None:
        """Write files as a person would, whole."""
        for path, text in files.items():
            place = self.root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text.encode())

    def edit(self, path: str, old: str, new: str, *, human: str = "") -> None:
        """Change one place of a file by hand, and remember the sentence (`new` unless given) as a person's."""
        text = self.text(path)
        assert text.count(old) == 1, f"{path} holds {old!r} {text.count(old)} times"
        self.write({path: text.replace(old, new)})
        self.human.append(human or new)

    def add(self, path: str, sentence: str, *, after: str = "") -> None:
        """Add a paragraph by hand, below the line `after` or at the end."""
        text = self.text(path)
        if after:
            self.edit(path, f"{after}\n", f"{after}\n\n{sentence}\n", human=sentence)
        else:
            self.write({path: f"{text.rstrip()}\n\n{sentence}\n"})
            self.human.append(sentence)

    def change(self, path: str, old: str, new: str) -> None:
        """Change one place of a brief or source; it is direction, and no sentence to be found in a draft."""
        self.edit(path, old, new)
        self.human.pop()

    def text(self, path: str) -> str:
        """Return a file's text, byte for byte."""
        return (self.root / path).read_bytes().decode()

    def log(self) -> tuple[str, ...]:
        """Return what was asked since this was last called."""
        asked = tuple(self.asked)
        self.asked.clear()
        return asked

    def build(self, *addresses: str, script: Script | None = None, **options: Any) -> Summary:
        """Build, answered by `script`, or by the offline provider."""

        def ask_for(_: Model) -> Ask:
            async def ask(request: Request, model: Model) -> Reply:
                self.asked.append(f"{request.brief}/{request.step}")
                if model.provider == "offline":
                    return await providers.ask_for(model)(request, model)
                assert script is not None, f"{request.brief}/{request.step} was asked and no script answers"
                said = script(request, model)
                return said if isinstance(said, Reply) else Reply(text=said, provider=model.provider, model=model.model)

            return ask

        def report(progress: Progress) -> None:
            if progress.said:
                self.said.append(progress.said)

        return build(self.root, addresses, options=BuildOptions(**options), report=report, ask_for=ask_for)

    def settled(self) -> None:
        """Assert that there is nothing to do: a build asks nothing and the next is answered by stamps alone."""
        time.sleep(0.03)  # a stamp is trusted once it is older than the tick in which a file may be written twice
        before = self.files()
        summary = self.build()
        assert (summary.made, summary.failed, self.log()) == (0, 0, ())
        assert app.look(self.root) is not None
        assert self.files() == before

    def files(self, *tops: str) -> dict[str, str]:
        """Return every tracked file below `tops` (all by default), path to text; history is left out."""
        chosen = tops or ("content_briefs", "drafts", "docs", "outbox", "sources", "brand")
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes().decode()
            for top in chosen
            for path in sorted((self.root / top).rglob("*"))
            if path.is_file()
        }

    def history(self, address: str) -> tuple[str, ...]:
        """Return the verbs that happened to an address, oldest first."""
        return tuple(each.verb for each in app.history(self.root, address))

    def kept(self) -> None:
        """Assert that every human sentence stands in a working copy, a page or a suggestion's `mine`."""
        everything = "\n".join(self.files("drafts", "docs", "outbox").values())
        lost = [sentence for sentence in self.human if sentence not in everything]
        assert not lost, f"lost: {lost}"

    def git(self, *words: str, check: bool = True) -> str:
        """Run git here, as a person with the name of the folder."""
        name = self.root.name
        who = [
            "-c",
            f"user.name={name}",
            "-c",
            "core.autocrlf=false",
            "-c",
            f"user.email={name}@example.org",
            "-c",
            "commit.gpgsign=false",
        ]
        done = subprocess.run(["git", *who, *words], cwd=self.root, check=check, capture_output=True, text=True)
        return done.stdout

    def begin_git(self) -> None:
        """Make the workspace a repository and commit what is there."""
        self.write({".gitignore": ".copydesk/\npublic/\nsite/\n"})
        self.git("init", "-q", "-b", "main")
        self.commit("Begin")

    def pull(self, other: Stage) -> None:
        """Commit here and there, and merge what lies there into what lies here; git must find no conflict."""
        self.commit("Before a merge")
        other.commit("To be merged")
        self.git("pull", "-q", "--no-rebase", "--no-edit", str(other.root), "main")
        self.human += [each for each in other.human if each not in self.human]

    def status(self, address: str) -> str:
        """Return the status of a deliverable, by its address or path."""
        rows = {name: each.status for each in app.status(self.root).pages for name in (each.address, each.path)}
        return rows[address]

    def commit(self, message: str) -> None:
        """Commit everything that is tracked, and what is new."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)

    def clone(self, name: str) -> Stage:
        """Return a fresh clone beside this one: tracked files only, no memory."""
        subprocess.run(["git", "clone", "-q", str(self.root), str(self.root.parent / name)], check=True)
        return Stage(self.root.parent / name, home=self.home, human=list(self.human))


def short(text: str) -> str:
    """Return a text as it stands in `expected/`: itself, or its digest and size if it is huge."""
    return text if len(text) < 65_536 else f"{digest_text(text)} {len(text.encode())} bytes\n"
