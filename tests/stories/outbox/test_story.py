"""A brief delivers a page, an e-mail and posts: approved, sent from outbox/, edited there, renamed and withdrawn."""

from pathlib import Path

import pytest

from generator import app
from generator.errors import RefusedError
from generator.model import Model, Request
from tests.stories.scripts import obeys
from tests.stories.stage import Stage

BRIEF, COPY, POSTS = "content_briefs/tally.md", "drafts/tally/tally.email.md", "drafts/tally/linkedin.posts.md"
MAIL, HTML, SENT = "outbox/tally/tally.email.md", "outbox/tally/tally.email.html", "outbox/tally/linkedin.posts.md"


def writes(request: Request, model: Model) -> str:
    """Write as `obeys` does, and posts as many as are asked for."""
    if request.uses != "teasers":
        return obeys(request, model)
    parts = {part.label: part.text for part in request.parts}
    said = [f"For {parts['with.network']}, from {parts['fact.price']} [^notes-1]."] * int(parts["with.count"])
    return "\n\n".join(f"## Post {number}\n\n{text}" for number, text in enumerate(said, 1)) + "\n"


def test_what_is_sent_by_people(tmp_path: Path) -> None:
    stage = Stage.begin(tmp_path, __file__)
    stage.build(script=writes)
    assert "[^notes-1]" in stage.text(COPY)
    assert stage.text(POSTS).startswith("## Post 1\n\nFor linkedin, from 49 EUR [^notes-1].\n\n## Post 2\n")
    stage.add(COPY, "Ada signs the mail.", after="The price is 49 EUR.")
    app.approve(stage.root, ["tally"], by="ada")
    stage.log()
    assert "[^" not in stage.text(MAIL) + stage.text(SENT)
    assert stage.text(SENT).endswith(
        "\n\n## Post 1\n\nFor linkedin, from 49 EUR.\n\n## Post 2\n\nFor linkedin, from 49 EUR.\n"
    )
    assert "subject: Tally closes the month in a day" in stage.text(MAIL)
    assert "Ada signs the mail.</p>" in stage.text(HTML)

    (stage.root / HTML).unlink()
    published = app.publish(stage.root)
    assert (published.published, published.ready, published.restored) == (("docs/tally.md",), (SENT, MAIL), (HTML,))
    assert stage.files("public").keys() == {"public/tally.md"}
    stage.settled()
    app.publish(stage.root)
    assert not app.publish(stage.root).built

    stage.edit(MAIL, "Ada signs the mail.", "Ada and Bo sign the mail.")
    stage.human.remove("Ada signs the mail.")
    stage.edit(SENT, "## Post 1\n\nFor linkedin,", "## Post 1\n\nFor you,")
    refused = {path: command for path, _, command in app.publish(stage.root).refused}
    assert refused == {MAIL: f"copydesk adopt {MAIL}", SENT: f"copydesk adopt {SENT}"}
    with pytest.raises(RefusedError, match="edited by hand"):
        app.approve(stage.root, [MAIL], by="ada")
    app.adopt(stage.root, MAIL, by="bo")
    app.adopt(stage.root, SENT, by="bo")
    assert "Ada and Bo sign the mail." in stage.text(COPY)
    assert "[^notes-1]" in stage.text(COPY)
    assert (
        "## Post 1\n\nFor you, from 49 EUR [^notes-1].\n\n## Post 2\n\nFor linkedin, from 49 EUR [^notes-1]."
        in stage.text(POSTS)
    )
    app.approve(stage.root, [MAIL, SENT], by="ada")
    assert "Ada and Bo sign the mail.</p>" in stage.text(HTML)
    assert app.publish(stage.root).refused == ()

    stage.change(BRIEF, "49 EUR", "59 EUR")
    stage.build(script=writes)
    assert set(stage.log()) == {"tally/draft", "tally/revise", "tally/mail", "tally/posts"}
    assert "The price is 59 EUR." in stage.text(COPY)
    assert "Ada and Bo sign the mail." in stage.text(COPY)
    assert "49 EUR" in stage.text(HTML)
    app.approve(stage.root, ["tally"], by="ada")
    assert "59 EUR" in stage.text(HTML)

    app.rename(stage.root, MAIL, "launch", by="ada")
    app.rename(stage.root, SENT, "linkedin-launch", by="ada")
    app.rename(stage.root, "tally", "month-end", by="ada")
    launch, html = (f"outbox/month-end/launch.email.{ending}" for ending in ("md", "html"))
    posts = "outbox/month-end/linkedin-launch.posts.md"
    assert stage.files("outbox").keys() == {launch, html, posts}
    assert {each.status for each in app.status(stage.root).pages} == {"approved"}
    published = app.publish(stage.root)
    assert (published.ready, published.restored, published.refused) == ((launch, posts), (), ())

    app.withdraw(stage.root, launch, by="ada")
    assert stage.files("outbox").keys() == {posts}
    assert app.publish(stage.root).ready == (posts,)
    assert stage.status(launch) == "drafted"
    assert app.status(stage.root).orphans == ()
    stage.log()
    stage.settled()
    stage.ends()
