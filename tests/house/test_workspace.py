"""The repository is itself a workspace: a clone has nothing to make, nothing to mend, and knows every decision."""

import re
import shutil
import subprocess
from pathlib import Path, PurePosixPath

import pytest

from generator import app, briefs, providers, review, steps, store
from generator.model import Brief, Config, Event, Model, Request

HERE = Path(__file__).parents[2]
FOLDERS = frozenset(
    {"content_briefs", "sources", "brand", "prompts", "workflows", "drafts", "docs", "outbox", "history"}
)
FILES = frozenset({"copydesk.yml", "mkdocs.yml"})


def tracked() -> list[PurePosixPath]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=HERE, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("this is no checkout: an unpacked archive has no list of tracked files")
    return [PurePosixPath(name) for name in done.stdout.split("\0") if name]


def contents(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and path.relative_to(root).parts[0] in FOLDERS | FILES
    }


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    for name in tracked():
        if name.parts[0] in FOLDERS or str(name) in FILES:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(HERE / name, tmp_path / name)
    return tmp_path


def briefs_of(root: Path) -> tuple[Config, tuple[Brief, ...]]:
    library = briefs.read_library(root, prompts=steps.read_prompts(root).names)
    return library.config, tuple(briefs.read(root, name, library) for name in briefs.brief_names(root))


def events_of(root: Path) -> list[Event]:
    return [event for name in store.history_names(root) for event in store.read_history(root, name).events]


def pages_of(root: Path) -> tuple[str, ...]:
    """The pages of the site: e-mails and posts, which go out without citations, lie in outbox/."""
    return tuple(sorted(page.path for page in app.status(root).pages if page.path.startswith("docs/")))


def refuse(request: Request, model: Model) -> str:
    raise AssertionError(f"{model.label} was asked for {request.brief}/{request.step}")


def test_a_clone_has_nothing_to_make_and_asks_nobody(workspace: Path) -> None:
    before = contents(workspace)
    provider = providers.Scripted(refuse)

    built = app.build(workspace, ask_for=lambda _: provider)

    assert provider.asked == ()
    assert (built.made, built.waiting, built.failed, built.blocked, built.suggestions) == (0, 0, 0, 0, 0)
    assert built.reused == len({(event.brief, event.step) for event in events_of(workspace) if event.verb == "made"})
    assert built.reused > 0
    assert built.broken == ()
    assert contents(workspace) == before


def test_nothing_is_found_and_nothing_is_torn(workspace: Path) -> None:
    assert app.check(workspace) == ()
    assert app.verify(workspace) == ()


def test_every_page_of_a_brief_is_approved_as_it_lies_in_docs(workspace: Path) -> None:
    overview = app.status(workspace)

    assert {page.status for page in overview.pages} == {"approved"}
    assert overview.orphans == ()
    for page in overview.pages:
        approval = review.live(store.read_history(workspace, page.brief), page.path)
        assert approval is not None
        assert approval.text is not None
        assert (workspace / page.path).read_bytes() == approval.text.encode()


def test_the_sample_shows_briefs_with_sources_and_pages_that_cite_them(workspace: Path) -> None:
    _, read = briefs_of(workspace)

    assert len([brief for brief in read if brief.sources]) >= 3
    for brief in read:
        paths = [workspace / each.path_in(brief.name) for each in brief.deliverables]
        text = "\n".join(path.read_text(encoding="utf-8") for path in paths)
        for source in brief.sources:
            name = re.escape(PurePosixPath(source).name)
            assert re.search(rf"^\[\^[\w-]+\]: {name}, line", text, re.MULTILINE), source


def test_every_citation_of_a_page_is_defined_and_every_definition_is_cited(workspace: Path) -> None:
    for path in pages_of(workspace):
        text = (workspace / path).read_text(encoding="utf-8")
        defined = set(re.findall(r"^\[\^([\w-]+)\]:", text, re.MULTILINE))
        assert set(re.findall(r"\[\^([\w-]+)\](?!:)", text)) == defined != set()


def test_who_decided_is_a_role_and_never_a_persons_name(workspace: Path) -> None:
    config, read = briefs_of(workspace)
    roles = {name for name, _ in config.people}
    named = {event.by for event in events_of(workspace) if event.by}

    assert named <= roles
    assert {brief.owner for brief in read} <= roles
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in roles)
    assert all(event.by for event in events_of(workspace) if event.verb == "approved")
    assert not any(re.search(rb"[\w.+-]+@[\w-]+\.\w", text) for text in contents(workspace).values())


def test_the_site_of_a_clone_is_built_without_a_warning(workspace: Path) -> None:
    published = app.publish(workspace)

    assert published.published == pages_of(workspace)
    assert (published.refused, published.restored, published.notes) == ((), (), ())


def test_what_is_made_here_is_not_tracked() -> None:
    names = tracked()

    assert not [name for name in names if name.parts[0] == ".copydesk"]
    assert [name for name in names if name.parts[0] == "site"] == [PurePosixPath("site/.gitignore")]
