"""Whether there is anything to look at: by stamps, without reading; and what a change makes the next build look at."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from generator import app
from generator.errors import UsageError
from tests.stories.stage import Stage

BRIEF = "---\ntitle: {name}\nsources: [{name}.md]\n---\nIt says one thing.\n"


def workspace(root: Path) -> Stage:
    stage = Stage(root)
    for name in ("one", "two", "three"):
        stage.write(
            {f"content_briefs/{name}.md": BRIEF.format(name=name), f"sources/{name}.md": f"A fact about {name}.\n"}
        )
    assert app.look(root) is None
    time.sleep(0.05)  # what was saved this moment is looked at once more: see store.looks
    assert stage.build().made == 12
    assert len(stage.log()) == 12
    return stage


def test_after_a_build_there_is_nothing_to_look_at(tmp_path: Path) -> None:
    workspace(tmp_path)
    told = app.look(tmp_path)
    assert told is not None
    assert (told.made, told.reused, len(told.deliverables)) == (0, 12, 3)
    assert told.notes == ("offline: nothing was revised",)


@pytest.mark.parametrize(
    "path",
    [
        "content_briefs/two.md", "sources/two.md", "drafts/two/two.md", "drafts/two/steps/outline.md", "brand/new.md",
        "content_briefs/four.md", "copydesk.yml", "prompts/draft.md", "workflows/own.yml", "history/two/x.event",
    ],
)  # fmt: skip
def test_any_change_of_what_a_brief_hangs_on_is_seen(path: str, tmp_path: Path) -> None:
    stage = workspace(tmp_path)
    stage.write({path: "Changed.\n"})
    assert app.look(tmp_path) is None


def test_a_change_of_content_with_size_and_time_put_back_is_seen(tmp_path: Path) -> None:
    workspace(tmp_path)
    path = tmp_path / "sources/two.md"
    was = path.stat()
    path.write_text("A fake about two.\n")
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))
    assert path.stat().st_size == was.st_size
    assert app.look(tmp_path) is None


def test_a_touched_file_asks_nothing_and_is_settled_again(tmp_path: Path) -> None:
    stage = workspace(tmp_path)
    (tmp_path / "content_briefs/two.md").touch()
    assert app.look(tmp_path) is None
    for _ in range(2):  # a stamp as young as this is not trusted until it has been seen once more
        assert (stage.build().made, stage.log()) == (0, ())
    assert app.look(tmp_path) is not None


def test_one_brief_changed_makes_its_steps_and_no_other(tmp_path: Path) -> None:
    stage = workspace(tmp_path)
    stage.write({"sources/two.md": "Another fact about two.\n"})
    stage.build()
    stage.build()
    assert set(stage.log()) == {"two/research", "two/outline", "two/draft", "two/revise"}
    assert app.look(tmp_path) is not None


def test_a_brief_that_comes_or_goes_leaves_the_others_alone(tmp_path: Path) -> None:
    stage = workspace(tmp_path)
    stage.write({"content_briefs/four.md": "---\ntitle: four\n---\nShort.\n"})
    assert (stage.build().made, set(stage.log())) == (3, {"four/outline", "four/draft", "four/revise"})
    (tmp_path / "content_briefs/two.md").unlink()
    gone = stage.build()
    assert (gone.made, gone.reused, stage.log()) == (0, 11, ())
    assert (tmp_path / "drafts/two/two.md").exists()


def test_a_workspace_is_found_from_below_and_missed_elsewhere(tmp_path: Path) -> None:
    workspace(tmp_path / "site")
    assert app.find_root(tmp_path / "site/drafts/two") == tmp_path / "site"
    with pytest.raises(UsageError, match="no workspace"):
        app.find_root(tmp_path)


def test_a_publish_with_nothing_to_do_is_answered_as_lightly_as_a_build(tmp_path: Path) -> None:
    app.init(tmp_path)
    stage = Stage(tmp_path)
    stage.write({"content_briefs/one.md": "---\ntitle: One\n---\nIt says one thing.\n"})
    stage.build()
    app.approve(tmp_path, ["one"], by="editor", reason="tested")
    assert app.look_published(tmp_path) is None
    time.sleep(0.1)
    for _ in range(3):  # stamps as young as the site's are not trusted until they are a little older
        first = app.publish(tmp_path)
        if not first.built:
            break
    told = app.look_published(tmp_path)
    assert told is not None
    assert (told.published, told.built) == (("docs/one.md",), False)
    code = (
        "import sys\nfrom generator.cli import main\nsys.argv = ['copydesk', 'publish', '--json']\n"
        "try:\n    main()\nfinally:\n"
        "    print(sorted({'yaml', 'pydantic', 'jinja2', 'rich', 'mkdocs', 'click'} & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "[]"
    assert json.loads(done.stdout)["published"] == ["docs/one.md"]
