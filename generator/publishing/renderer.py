"""MkDocs, in process: the one file that imports it, itself imported when a site is first built.

Promises: mkdocs.yml is read as MkDocs reads it, from the workspace, and only docs_dir and site_dir are replaced; what
MkDocs logs as a warning is returned, what it raises becomes an error of ours. Templates are compiled once and kept in
.copydesk/templates. Will not do: rewrite mkdocs.yml, or choose what is published.
"""

from __future__ import annotations

import io
import logging
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import markdown
import mkdocs
import yaml
from jinja2 import Environment, FileSystemBytecodeCache
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.plugins import BasePlugin
from mkdocs.structure.pages import Page
from mkdocs.utils import meta

from generator import disk
from generator.errors import BrokenError, CopydeskError, DiskError, Finding, RefusedError
from generator.model import Pairs
from generator.publishing.starter import starter_mkdocs

INCLUDES = frozenset(
    {
        "pymdownx.snippets", "pymdownx.b64", "markdown_include", "mdx_include", "markdown_exec", "macros", "include-markdown",
        "include-files", "codeinclude", "code-include", "git-snippet", "snippets", "external-markdown", "embed-external-markdown",
        "embed_file", "table-reader", "excel-reader", "markdownextradata", "markdown-exec", "gen-files", "monorepo",
        "multirepo", "same-dir",
    }
)  # fmt: skip
"""Extensions and plugins that put other files' text, or what a program says, into a page: nobody approved that."""


_LINE_END = re.compile(r"\r\n?")


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A mkdocs.yml that was read: MkDocs' own config, the folder of the site (no symlink), what is odd about it.

    `inputs` are the files and folders that the site hangs on beside docs/; None if it hangs on the environment too.
    """

    config: Any
    site: Path
    notes: tuple[str, ...]
    inputs: tuple[Path, ...] | None


def read_config(root: Path) -> Loaded:
    """Read mkdocs.yml.

    Raises BrokenError if it is missing or broken, or publishes another folder than docs/, RefusedError if it turns on
    includes.
    """
    path = root / "mkdocs.yml"
    if not path.is_file():
        raise BrokenError("the file is missing", where="mkdocs.yml", mend="`copydesk init` writes one.")
    with disk.naming(root / "docs"):
        disk.system().make_folder(root / "docs")
    told: list[str] = []
    with _translated(told, path):
        config = load_config(config_file=str(path))
    if Path(config.docs_dir).resolve() != (root / "docs").resolve():
        what = f"docs_dir is {config.docs_dir!r}, and approved pages lie in docs/"
        raise BrokenError(what, where="mkdocs.yml", mend="Write `docs_dir: docs`.")
    _refuse_includes(config)
    files = _config_files(path)
    inputs = None if any("!ENV" in text for text in files.values()) else tuple(_inputs(config, files))
    return Loaded(config=config, site=Path(os.path.realpath(config.site_dir)), notes=tuple(told), inputs=inputs)


def _refuse_includes(config: Any) -> None:
    for kind, names in (("extension", config.markdown_extensions), ("plugin", config.plugins)):
        for name in names:
            # "markdown_include.include:Include", "material/macros" and "macros #2" are what MkDocs calls them, too.
            plain = name.partition(":")[0].partition(" #")[0].rpartition("/")[2]
            if not INCLUDES.isdisjoint((plain, plain.partition(".")[0])):
                what = f"the {kind} {name} puts text into pages that nobody approved"
                raise RefusedError(what, where="mkdocs.yml", mend=_place_of(Path(config.config_file_path), plain))


def _place_of(path: Path, name: str) -> str:
    """Say which line of which file to take away."""
    for place, text in _config_files(path).items():
        for number, line in enumerate(text.splitlines(), start=1):
            if (
                re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", line.partition(" #")[0])
                and line.strip()[:1] != "#"
            ):
                return f"Take it out of {os.path.relpath(place, path.parent)}, line {number}: {line.strip()}"
    return "Take it out of what mkdocs.yml and its hooks turn on."


def _config_files(path: Path) -> dict[Path, str]:
    """Return mkdocs.yml and the files that it inherits from, each with its text. MkDocs has read them without fault."""
    found: dict[Path, str] = {}
    waiting = [path]
    while waiting:
        here = waiting.pop()
        found[here] = here.read_text(encoding="utf-8", errors="replace")
        root = yaml.compose(found[here], Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        for key, value in root.value if isinstance(root, yaml.MappingNode) else ():
            if key.value == "INHERIT" and (here.parent / str(value.value)).is_file():
                waiting.append(here.parent / str(value.value))
    return found


def _inputs(config: Any, files: Iterable[Path]) -> Iterator[Path]:
    yield from files
    yield from (Path(config.config_file_path).parent / str(each) for each in config.hooks)
    # A theme or plugin that is installed or upgraded changes the folder that all of them lie in.
    packages = Path(mkdocs.__file__).parent.parent
    yield packages
    seen: set[str] = set()
    for tree in (*config.theme.dirs, *config.watch):
        if packages not in Path(tree).parents:
            yield from _tree(str(tree), seen)


def _tree(tree: str, seen: set[str]) -> Iterator[Path]:
    """Yield a file, or a folder with all below it, symlinks followed and each folder once."""
    yield Path(tree)
    for folder, folders, files in os.walk(tree, followlinks=True):
        fresh = {each: os.path.realpath(Path(folder, each)) for each in folders}
        folders[:] = [each for each in folders if fresh[each] not in seen]
        seen.update(fresh.values())
        yield from (Path(folder, each) for each in (*folders, *files))


def render(loaded: Loaded, *, docs: Path, site: Path, cache: Path) -> tuple[str, ...]:
    """Build the site of the folder `docs` in `site`, a new folder; return the warnings. A config renders once.

    Raises RefusedError if mkdocs.yml is strict and there are warnings, BrokenError if MkDocs or a plugin of it fails,
    DiskError if a file cannot be written.
    """
    config = loaded.config
    config.docs_dir, config.site_dir = str(docs), str(site)
    with disk.naming(cache):
        disk.system().make_folder(cache)
    config.plugins["copydesk"] = _Ours(str(cache))
    told: list[str] = []
    with _translated(told, Path(config.config_file_path), strict=bool(config.strict)):
        build(config)
    return tuple(dict.fromkeys(told))


class HtmlRenderer:
    """A text as the site would show it, before theme and links: for checks, which judge what readers would get.

    Front matter and body are told apart as MkDocs does it. mkdocs.yml is read once; where there is none, or one that
    cannot be published with, that is what `publish` says, and the text is rendered with a new workspace's.
    """

    def __init__(self, root: Path) -> None:
        try:
            self._config = read_config(root).config
        except CopydeskError:
            # MkDocs wants a folder that is there, and reads nothing in it.
            given = io.BytesIO(starter_mkdocs("copydesk").encode())
            self._config = load_config(config_file=given, docs_dir=str(Path(__file__).parent))

    def render(self, text: str) -> tuple[str | None, Pairs]:
        """Return the body as HTML, None if an extension fails on it, and each field's texts: a key may come again."""
        body, fields = meta.get_data(_LINE_END.sub("\n", text.removeprefix("\ufeff")))
        with suppress(Exception):  # extensions raise anything on a weird text
            # A new one for each text, as MkDocs does: not every extension forgets the last.
            made = markdown.Markdown(
                extensions=self._config.markdown_extensions, extension_configs=self._config.mdx_configs or {}
            )
            return made.convert(body), tuple(_leaves(fields))
        return None, tuple(_leaves(fields))


def _leaves(fields: dict[Any, Any]) -> Iterator[tuple[str, str]]:
    """Yield the texts of each field, those in its lists and maps too; one that holds itself is not followed again."""
    for key, value in fields.items():
        waiting, seen = [value], set()
        while waiting:
            here = waiting.pop(0)
            if isinstance(here, dict | list | tuple | set):
                if id(here) not in seen:
                    seen.add(id(here))
                    waiting += [*here, *here.values()] if isinstance(here, dict) else here
            else:
                yield str(key), str(here)


class _Ours(BasePlugin):  # type: ignore[type-arg,no-untyped-call]  # its parameter is for plugins with settings
    """What copydesk adds to a build: compiled templates are kept, and fields of front matter are text, not HTML."""

    def __init__(self, cache: str) -> None:
        self.cache = cache

    def on_pre_build(self, *, config: Any, **_: object) -> None:
        # Plugins and hooks have had their say about the config by now.
        _refuse_includes(config)

    def on_env(self, env: Environment, **_: object) -> Environment:
        # Compiling them is a third of the time of a small site.
        env.bytecode_cache = FileSystemBytecodeCache(self.cache)
        return env

    def on_page_markdown(self, markdown: str, *, page: Page, **_: object) -> str:
        # Themes put these into the page as they are: a quotation mark would end a description, a tag would be a tag.
        for name in ("title", "description", "author", "subtitle", "tags"):
            if name in page.meta:
                page.meta[name] = _as_text(page.meta[name])
        return markdown


def _as_text(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_text(each) for each in value]
    return value.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;") if isinstance(value, str) else value


class _Listener(logging.Handler):
    def __init__(self, told: list[str]) -> None:
        super().__init__(logging.WARNING)
        self.told = told

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(record.getMessage())


@contextmanager
def _translated(told: list[str], path: Path, *, strict: bool = False) -> Iterator[None]:
    """Collect what MkDocs logs within the block, and turn what it raises into errors of ours."""
    logger, listener = logging.getLogger("mkdocs"), _Listener(told)
    spreads, logger.propagate = logger.propagate, False
    logger.addHandler(listener)
    try:
        yield
    except RefusedError:
        raise
    except OSError as error:
        mend = "Nothing was lost: the old site is in place. Mend it and run `copydesk publish` again."
        raise DiskError(error.strerror or str(error), where=str(error.filename or path), mend=mend) from error
    except (Exception, SystemExit) as error:  # MkDocs' Abort is both; plugins raise anything
        said = "; ".join(dict.fromkeys((*told, str(error).strip())))
        if strict and "strict mode" in str(error):
            what, mend = "mkdocs.yml is strict, and the site has warnings", f"{said}. The old site is in place."
            raise RefusedError(what, where=path.name, mend=mend) from error
        findings = tuple(Finding(code="S01", level="error", message=each, path=path.name) for each in told)
        mend = "Mend mkdocs.yml or the page it names; the old site is in place."
        raise BrokenError(
            f"MkDocs cannot build the site: {said}", where=path.name, mend=mend, findings=findings
        ) from error
    finally:
        logger.removeHandler(listener)
        logger.propagate = spreads
