"""What check tells: one row for each way to write a brief, workflow or config wrongly, with place, words and mend."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator import briefs, steps
from generator.errors import BrokenError
from generator.model import Finding

PROMPTS = steps.built_in_names()
T = "title: T\n"


@dataclass(frozen=True, kw_only=True)
class Case:
    """`matter` is the front matter of content_briefs/b.md; `files` adds others; `found` is (place, code, words, mend)."""

    matter: str = T
    files: tuple[tuple[str, str], ...] = ()
    found: tuple[tuple[str, str, str, str], ...]
    raw: str | None = None


def make_workspace(root: Path, files: dict[str, str]) -> briefs.Library:
    for path, text in {"sources/notes.md": "x\n", **files}.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode("utf-8", "surrogatepass"))
    return briefs.read_library(root, prompts=PROMPTS)


def check(root: Path, library: briefs.Library) -> tuple[Finding, ...]:
    found = {*library.findings, *briefs.check(root, briefs.brief_names(root), library)}
    return tuple(sorted(found, key=lambda each: (each.path, each.line, each.column, each.code)))


Row = tuple[str, str, str, str]


def moved(path: str, rows: tuple[Row, ...]) -> tuple[Row, ...]:
    return tuple((f"{path}:{row[0]}" if row[0][0].isdigit() else row[0], row[1], row[2], row[3]) for row in rows)


def config(text: str, *found: Row) -> Case:
    return Case(files=(("copydesk.yml", text),), found=moved("copydesk.yml", found))


def flow(text: str, *found: Row) -> Case:
    return Case(files=(("workflows/w.yml", text),), found=moved("workflows/w.yml", found))


def brief(matter: str, *found: tuple[str, str, str, str]) -> Case:
    return Case(matter=matter, found=found)


MIXED = """models: {m: {provider: openai, model: x}, o: {provider: offline, model: y}}
roles: {researcher: m, editor: m, writer: """
PLAYED = "roles: {researcher: a, writer: a, editor: a}\n"
STEPS = "steps:\n  - {id: a, uses: draft}\n  - {id: b, uses: draft, needs: [a]}\n"
FAN = "steps:\n - {id: a, uses: draft, strategy: {matrix: {p: [x, y]}}}\n - {id: b, uses: draft, needs: [a]}\n"

CASES = [
    # Traps of YAML, in a brief.
    brief("title: Tally 3: close\n", ("2:15", "M10", "a second colon", 'Write: title: "Tally 3: close"')),
    brief("title: Close #1 books\n", ("2:14", "B013", "`#1 books` on is lost", 'title: "Close #1 books"')),
    brief("title: #1\n", ("2:8", "B013", "`#1` on is lost", 'title: "#1"')),
    brief(T + "facts:\n  price: 49 EUR #net\n", ("4:17", "B013", "`#net`", '  price: "49 EUR #net"')),
    brief(T + "goal: start\n  a trial #now\n", ("4:11", "B013", "`#now`", 'Write: "start a trial #now"')),
    brief(T + "tags: [a #b\n  ]\n", ("3:10", "B013", "`#b`", 'tags: ["a #b"')),
    brief(T + "goal: x  # a comment\nowner: a # one\nkeyword:  # none\n"),
    brief(T + "title: U\n", ("3:1", "M09", "stands twice", "Keep one")),
    brief(T + "goal: {{ x }}\n", ("3:8", "M08", "a key must be a text", 'goal: "{{ x }}"'), ("3:7", "B011", "", "")),
    brief("titel: T\n\tgoal: x\n", ("3:1", "M03", "a tab", "goal: x")),
    Case(
        raw="\ufeff---\r\ntitle: a: b\r\nfoo: 1\r\n---\r\nx",
        found=(("2:9", "M10", "colon", "a: b"), ("3:1", "B010", "`foo`", "There are")),
    ),
    # The file.
    Case(raw="no matter", found=(("1:1", "B002", "there is no front matter", "Begin the file"),)),
    Case(raw="---\ntitle: x\n", found=(("1:1", "B002", "not closed", "Put a line"),)),
    Case(raw="---\nti\udcfftle\n---\n", found=(("1:1", "B001", "not UTF-8", "UTF-8"),)),
    Case(raw="---\ntitle: T\n---\n \n", found=(("2:1", "B024", "no body", "Say below"),)),
    Case(raw="---\ntitle: T\n---\n\n## Must say\n \n", found=(("2:1", "B024", "no body", "Say below"),)),
    Case(
        files=(("content_briefs/Ab c.md", ""),), found=(("content_briefs/Ab c.md:1:1", "B003", "'Ab c'", "to ab-c.md"),)
    ),
    Case(
        files=(("content_briefs/con.md", ""),),
        found=(("content_briefs/con.md:1:1", "B003", "a device", "to brief-con.md"),),
    ),
    Case(files=(("content_briefs/B.md", ""),), found=(("content_briefs/B.md:1:1", "B003", "'B'", "to b.md"),)),
    Case(files=(("content_briefs/é.md", ""),), found=(("content_briefs/é.md:1:1", "B003", "'é'", "to brief-.md"),)),
    brief("- a\n", ("2:1", "B011", "a list stands here", "Write `title")),
    brief("just text\n", ("2:1", "B011", "a text stands here", "Write `title")),
    brief("", ("2:1", "B023", "no title", "title: b")),
    # Keys and values.
    brief(
        "titel: T\nsteps: x\n",
        ("2:1", "B010", "`titel`", "Did you mean `title`?"),
        ("3:8", "B011", "a list is wanted", "steps: [x]"),
    ),
    brief(
        T + "publish-on: 4.3.2027\nmax-cost: 2,00\n",
        ("3:13", "B014", "not a day", "2027-03-04"),
        ("4:11", "B014", "`2,00`", "2.00"),
    ),
    brief(
        T + "publish-on: 2027-02-30\nmax-cost: -1\n",
        ("3:13", "B014", "not a day", "2027"),
        ("4:11", "B014", "`-1`", "2.00"),
    ),
    brief(T + "publish-on: [x]\nmax-cost: {a: b}\n", ("3:13", "B011", "", "For example"), ("4:11", "B011", "", "")),
    brief("title:\n  a: b\n", ("3:3", "B011", "a map stands here", 'put it in quotes: "a: b"')),
    brief("title:\n  a: b\n  c: d\n", ("3:3", "B011", "a map stands here", "For example: title:")),
    brief(
        T + "facts:\n  x:\n  y: [a]\n",
        ("4:5", "B011", "nothing stands here", "Give it a text"),
        ("5:6", "B011", "a list stands", "facts: {price"),
    ),
    brief(T + "checks: [linkz]\n", ("3:10", "B014", "`linkz`", "Did you mean `links`?")),
    brief(
        T + "context: [glosary.md]\n",
        ("3:11", "B061", "no file sources/glosary.md", "Put it there: sources/glosary.md"),
    ),
    # Files.
    brief(T + "sources: [note.md]\n", ("3:11", "B061", "no file sources/note.md", "Did you mean `notes.md`?")),
    brief(T + "sources: [../x]\n", ("3:11", "B060", "`..` part", "relative")),
    brief(T + "sources: [/etc/passwd]\n", ("3:11", "B060", "must be relative", "relative")),
    brief(T + "sources: ['a\\b']\n", ("3:11", "B060", "backslash", "relative")),
    brief(T + "sources: ['%2e%2e/x']\n", ("3:11", "B060", "encoded", "relative")),
    brief(T + "sources: [con]\n", ("3:11", "B060", "device", "relative")),
    brief(T + "sources: [drafts/x.md]\n", ("3:11", "B060", "copydesk writes", "Copy it")),
    brief(T + "sources: [.git/config]\n", ("3:11", "B060", "hidden", "Copy it")),
    brief(T + "sources: [sources/notes.md, notes.md, notes.md]\n", ("3:39", "B063", "twice", "Take one away")),
    Case(
        matter=T + "context: [brand/x]\n",
        files=(("brand/x/y.md", ""),),
        found=(("3:11", "B062", "not a file", "Name a file"),),
    ),
    brief(T + "context: [x/y.md]\n", ("3:11", "B061", "no file x/y.md", "Put it there: x/y.md")),
    # Workflow and inputs.
    brief(T + "workflow: artikle\n", ("3:11", "B020", "`artikle`", "Did you mean `article`?")),
    # Steps.
    brief(T + "steps: []\n", ("3:8", "B042", "no step", "Take `steps:` away")),
    brief(T + "steps:\n - {id: Draft, uses: draft}\n", ("4:9", "B030", "`Draft`", "Write: id: draft")),
    brief(T + "steps:\n - {id: drаft, uses: draft}\n", ("4:9", "B030", "a-z", "Write: id: dr-ft")),
    brief(T + f"steps:\n - {{id: {'a' * 61}, uses: draft}}\n", ("4:9", "B030", "longer than 60", "Write: id: aaa")),
    brief(
        T + "steps:\n - {id: a, uses: draft}\n - {id: a, uses: draft}\n", ("5:9", "B031", "stands twice", "otherwise")
    ),
    brief(
        T + "steps:\n - {uses: draft}\n",
        ("4:4", "B012", "`id` is missing", "Add it: id: draft"),
        ("4:4", "B012", "", ""),
    ),
    brief(T + "steps:\n - {id: nul, uses: draft}\n", ("4:9", "B030", "device", "Write: id: nul-step")),
    brief(T + "steps:\n - {id: a}\n", ("4:9", "B032", "does not say what it uses", "Add `uses:`")),
    brief(T + "steps:\n - {id: a, uses: drft}\n", ("4:18", "B033", "no prompt `drft`", "Did you mean `draft`?")),
    brief(
        T + "steps:\n - {id: a, uses: draft, needs: [bb]}\n - {id: b, uses: draft}\n",
        ("4:33", "B034", "no step `bb`", "b"),
    ),
    brief(T + "steps:\n - {id: a, uses: draft, needs: [a]}\n", ("4:33", "B035", "needs itself", "Take it out")),
    brief(T + "steps:\n - {id: opening, uses: human/write}\n - {id: draft, uses: draft, slots: [opening]}\n"),
    brief(
        T + "steps:\n - {id: opening, uses: human/write}\n - {id: draft, uses: draft, slots: [openin, draft]}\n",
        ("5:37", "B043", "no step `openin` to place", "Did you mean `opening`?"),
        ("5:45", "B043", "placed in itself", "Take it out"),
    ),
    brief(
        T + "steps:\n - {id: a, uses: draft}\n - {id: b, uses: human/write, slots: [a]}\n",
        ("5:38", "B043", "a person writes `b`", "that a model writes"),
    ),
    brief(
        T + "steps:\n - {id: a, uses: draft, slots: [b]}\n - {id: b, uses: draft, needs: [a]}\n",
        ("4:32", "B036", "a -> b -> a", "Take one of these slots away"),
    ),
    brief(
        T + "steps:\n - {id: a, uses: draft, needs: [b]}\n - {id: b, uses: draft, needs: [c]}\n"
        " - {id: c, uses: draft, needs: [a]}\n - {id: d, uses: draft, needs: [a, e]}\n - {id: e, uses: draft, needs: [d]}\n",
        ("4:32", "B036", "a -> b -> c -> a", "Take one"),
        ("7:32", "B036", "d -> e -> d", "Take one"),
    ),
    brief(
        T + "steps:\n - {id: a, uses: draft, strategy: {matrix: {p: [x, Y, x], q: []}}}\n",
        ("4:52", "B030", "`Y`", "Write: y"),
        ("4:55", "B037", "twice", "Take one"),
        ("4:62", "B037", "no values", "Give it"),
    ),
    brief(T + "steps:\n - {id: a, uses: draft, strategy: {matrix: {P: [x]}}}\n", ("4:48", "B030", "`P`", "Write: p")),
    brief(
        T
        + "steps:\n - {id: a, uses: draft, strategy: {matrix: {p: [x]}}}\n - {id: b, uses: draft, strategy: {matrix: {p: [y]}}}\n"
        " - {id: c, uses: draft, needs: [a, b]}\n",
        ("6:32", "B038", "called `p`", "gather"),
    ),
    brief(
        T
        + "steps:\n - {id: a, uses: draft, strategy: {matrix: {p: ["
        + ", ".join(f"v{i}" for i in range(200))
        + "], q: ["
        + ", ".join(f"v{i}" for i in range(200))
        + "]}}}\n",
        ("4:35", "B037", "more than 10,000", "fewer"),
    ),
    brief(
        T
        + "steps:\n - {id: a, uses: draft, strategy: {matrix: {"
        + ", ".join(f"p{i}: [{'x' * 50}]" for i in range(5))
        + "}}}\n",
        ("4:35", "B037", "more than 200 characters", "shorter"),
    ),
    brief(T + "by-hand: {outlin: choose}\n", ("3:11", "B040", "no step `outlin`", "Did you mean `outline`?")),
    brief(T + "by-hand: {draft: chose}\n", ("3:18", "B014", "`chose`", "Did you mean `choose`?")),
    brief(
        T + "by-hand: {a: approve}\nsteps: [{id: a, uses: human/write}]\n", ("3:11", "B041", "already", "Take it out")
    ),
    brief(
        T + "steps:\n - {id: a, uses: human/approve}\n - {id: b, uses: draft}\n",
        ("4:9", "B046", "which text is approved", "one step"),
    ),
    brief(
        T + "steps:\n - {id: a, uses: draft}\n - {id: b, uses: human/approve, needs: [a]}\n"
        "deliverables:\n - {page: x, from: b}\n",
        ("7:20", "B056", "only passes a text on", "from: a"),
    ),
    brief(T + "steps:\n - {id: a, uses: human/choose}\n", ("4:18", "B044", "from which step's text", "Add `needs:`")),
    brief(
        T + "steps:\n - {id: a, uses: draft}\n - {id: b, uses: draft}\n - {id: c, uses: human/choose, needs: [a, b]}\n",
        ("6:18", "B044", "from which step's text", "with: {from: a}"),
    ),
    brief(
        T + "steps:\n - {id: a, uses: draft}\n - {id: c, uses: human/choose, needs: [a], with: {from: b}}\n",
        ("5:57", "B044", "no step `b` to choose from", "a"),
    ),
    brief(
        T + "steps:\n - {id: a, uses: draft}\n - {id: c, uses: human/choose, needs: [a], with: {min: two}}\n",
        ("5:56", "B045", "`two` is no number", "min: 1"),
    ),
    brief(
        T + "steps:\n - {id: a, uses: draft}\n - {id: c, uses: human/choose, needs: [a], with: {min: 3, max: 2}}\n",
        ("5:64", "B045", "at least 3 and at most 2", "max: 3"),
    ),
    brief(
        T + "owner: [x]\nsteps:\n - {id: a, uses: draft, gather: yes, nids: [x], with: {k: [v]}}\n",
        ("3:8", "B011", "a list stands", "owner: content-lead"),
        ("5:33", "B014", "`yes`", "true or false"),
        ("5:38", "B010", "`nids`", "Did you mean `needs`?"),
        ("5:59", "B011", "", "with: {tone"),
    ),
    # Deliverables.
    brief(T + STEPS + "deliverables:\n - {page: x, from: c}\n", ("7:20", "B051", "no step `c`", "a, b")),
    brief(T + "deliverables: [{page: ../x}]\n", ("3:23", "B054", "`..`", "relative")),
    brief(T + "deliverables: [{page: x.md}]\n", ("3:23", "B054", "`.md`", "Write: page: x")),
    brief(T + "deliverables: [{page: a/.x}]\n", ("3:23", "B054", "hidden", "dot")),
    brief(T + f"deliverables: [{{page: {'a' * 201}}}]\n", ("3:23", "B054", "200 bytes", "Shorten")),
    brief(T + "deliverables: [{email: a/x}]\n", ("3:24", "B054", "slash", "Write: email: x")),
    brief(T + "deliverables: [{count: 3}]\n", ("3:16", "B050", "neither", "one entry")),
    brief(T + "deliverables: [{page: a, email: b}]\n", ("3:16", "B050", "page and email at once", "one entry")),
    brief(
        T + "deliverables: [{page: a, count: 2}]\n",
        ("3:26", "B055", "for posts", "Take it away"),
    ),
    brief(T + "deliverables: [{posts: a, count: 0}]\n", ("3:34", "B014", "`0`", "digits")),
    brief(
        T + "deliverables: [{page: a}, {page: b}, {page: c}]\n",
        ("3:34", "B052", "one step, `revise`", "from"),
        ("3:45", "B052", "`c` and `a`", "from"),
    ),
    brief(
        T + "deliverables: [{page: a/X, from: draft}, {page: b/x, from: revise}]\n",
        ("3:49", "B053", "x.md", "another last part"),
    ),
    brief(T + FAN + "deliverables: [{page: x, from: b}]\n", ("6:32", "B058", "b.x, b.y", "from: b.x")),
    brief(T + "deliverables: [{page: x, from: research}]\n", ("3:32", "B059", "without sources", "Name sources")),
    # Claims.
    Case(
        files=(("content_briefs/c.md", "---\ntitle: x\ndeliverables: [{page: B}]\n---\nx"),),
        found=(
            ("1:1", "B056", "claimed by content_briefs/c.md", "another path"),
            ("content_briefs/c.md:3:23", "B056", "claimed by content_briefs/b.md", "another path"),
            ("content_briefs/c.md:3:23", "B057", "the brief `b`", "another path"),
        ),
    ),
    Case(
        files=(("content_briefs/c.md", "---\ntitle: x\ndeliverables: [{page: b/draft}]\n---\nx"),),
        found=(("content_briefs/c.md:3:23", "B057", "the step `b/draft`", "another path"),),
    ),
    # Config.
    config("model: x\n", ("1:1", "C010", "`model`", "Did you mean `models`?")),
    config("- x\n", ("1:1", "C011", "a list stands here", "Write `models: …`.")),
    config("models\n", ("1:1", "C011", "a text stands here", "Write `models: …`.")),
    config("models: {fast: {}}\n", ("1:16", "C012", "`provider`", "provider: openai"), ("1:16", "C012", "`model`", "")),
    config("models: {fast: {provider: open, model: x}}\n", ("1:27", "C014", "`open`", "Did you mean `openai`?")),
    config(
        "models: {fast: {provider: open, model: x}}\nroles: {writer: fast, researcher: fast, editor: fast}\n",
        ("1:27", "C014", "`open`", "Did you mean `openai`?"),
    ),
    config(
        "models:\n  fast: {provider: openai, model: x, price: {input: -1, output: 1}}\n",
        ("1:1", "C023", "researcher, writer, editor", "researcher: fast"),
        ("2:53", "C014", "`-1`", "2.00"),
    ),
    config(
        "models:\n  fast: {provider: openai, model: x, price: {input: 1}}\n",
        ("1:1", "C023", "researcher, writer, editor", "researcher: fast"),
        ("2:45", "C012", "`output`", "output: 2.00"),
    ),
    config("models:\n  fast:\n", ("2:8", "C011", "nothing stands here", "Give it a map")),
    config("roles: {writer: fst}\n", ("1:17", "C020", "`fst`", "offline")),
    config(MIXED + "[m, offline]}\n", ("2:47", "C024", "never stand for", "offline")),
    config(MIXED + "[o, m, offline]}\n", ("2:44", "C024", "never stand for", "`o`")),
    config(MIXED + "[o, offline]}\n"),
    config("roles: {writer: []}\n", ("1:17", "C021", "names no model", "writer: offline")),
    config("limits: {x: {concurrency: 2}}\n", ("1:10", "C020", "`x`", "offline")),
    config(
        'roles: {writer: a, researcher: a, editor: a}\nmodels:\n  a: {provider: openai, model: x, base-url: "localhost:11434"}\n'
        '  b: {provider: openai, model: x, base-url: "https://me:key@host/v1"}\n'
        '  c: {provider: openai, model: x, base-url: "http://far/v1", key-env: KEY}\n'
        '  d: {provider: openai, model: x, base-url: "http://[::1"}\n'
        '  e: {provider: openai, model: x, base-url: "http://127.0.0.1:8080/v1", key-env: KEY}\n',
        ("3:45", "C025", "no address", "http://localhost"),
        ("4:45", "C025", "no name, key", "key-env"),
        ("5:45", "C026", "in the clear", "https"),
        ("6:45", "C025", "no address", "http://localhost"),
    ),
    config(
        PLAYED
        + "models:\n  a: {provider: openai, model: x, api: response}\n  b: {provider: openai, model: x, api: soap}\n"
        "  c: {provider: openai, model: x, api: chat}\n",
        ("3:40", "C014", "`response` is not known here", "Did you mean `responses`?"),
        ("4:40", "C014", "what stands here is not known here", "There are: chat, responses."),
    ),
    config(
        PLAYED
        + "models:\n  a: {provider: anthropic, model: x, api: chat}\n  b: {provider: offline, model: x, api: responses}\n",
        ("3:38", "C027", "`a` is of provider anthropic", "Take `api` out."),
        ("4:36", "C027", "`api` is for provider openai", "Take `api` out."),
    ),
    config(
        "models: {a: {provider: openai, model: x}}\nroles:\n  editr: a\n  judge: a\n  Writer: [a]\n",
        ("2:1", "C023", "does not give: researcher", "researcher: a"),
        ("3:3", "C023", "`editr` looks like `editor`", "Call it `editor`, or add under roles: editor: a"),
        ("5:3", "C023", "`Writer` looks like `writer`", "Call it `writer`"),
    ),
    config("models: {a: {provider: openai, model: x}}\n" + PLAYED.replace("}", ", writr: a}")),
    config("budget: {run: x}\n", ("1:15", "C014", "`x`", "2.00")),
    config("site: {renderer: hugo}\n", ("1:18", "C014", "`hugo`", "mkdocs, none")),
    config("site: {pages-dir: ../x}\n", ("1:19", "C022", "`..`", "relative")),
    config("budget: {run: 1 #x\n}\n"),
    config(
        "roles: {writer: offline}\nmodels: {fast: {provider: openai, model: x}}\n",
        ("1:1", "C023", "researcher, editor", "fast"),
    ),
    config("site: x\n", ("1:7", "C011", "a map is wanted", "renderer")),
    config("a: b: c\n", ("1:5", "M10", "colon", 'a: "b: c"'), ("1:1", "C010", "`a`", "")),
    config("\udcff", ("1:1", "C001", "not UTF-8", "UTF-8")),
    # Workflows.
    flow("", ("1:1", "W004", "declares no steps", "Add `steps:`")),
    flow("\udcff", ("1:1", "W001", "not UTF-8", "UTF-8")),
    flow("x", ("1:1", "W011", "a text stands here", "Write `steps: …`.")),
    flow("name: v\nsteps: [{id: a, uses: draft}]\n", ("1:7", "W002", "`name` says `v`", "name: w")),
    flow("steps: [{id: a, uses: drft}]\n", ("1:23", "B033", "`drft`", "draft")),
    flow("steps: [{id: a, uses: draft}]\nworkflow: x\n", ("2:1", "W010", "`workflow`", "There are")),
    flow("steps: [{id: a, uses: draft}]\ndeliverables: [{page: /x}]\n", ("2:23", "B054", "relative", "")),
    flow("steps: [{uses: draft}]\n", ("1:9", "W012", "`id`", "id: draft")),
    flow("steps: [{id: a, uses: draft}]\ntitle: a #b\n", ("2:10", "W013", "`#b`", '"a #b"')),
    flow("steps: [{id: a, uses: draft}]\nmax-cost: x\n", ("2:11", "W014", "`x`", "2.00")),
    flow("steps: [{id: a, uses: draft}]\ninputs: {title: {}}\n", ("2:10", "W003", "`title`", "otherwise")),
    flow("steps: [{id: a, uses: draft}]\ninputs: {x: }\n", ("2:13", "W011", "nothing", "Give it a map")),
    Case(
        files=(("workflows/Foo.yml", "steps: [{id: a, uses: draft}]\n"),),
        found=(("workflows/Foo.yml:1:1", "W002", "'Foo'", "Rename"),),
    ),
    Case(
        matter=T + "workflow: w\n",
        files=(("workflows/w.yml", "steps: x\n"),),
        found=(("3:11", "B021", "`w` is broken", "workflows/w.yml"), ("workflows/w.yml:1:8", "W011", "a list", "")),
    ),
    Case(
        matter=T + "workflow: w\nn: x\ntonne: x\nt: [x]\nd: y\n",
        files=(
            (
                "workflows/w.yml",
                "inputs: {tone: {default: plain}, n: {type: number}, must: {}, t: {}, d: {type: date}}\nsteps: [{id: a, uses: draft}]\nsources: [zz.md]\n",
            ),
        ),
        found=(
            ("2:1", "B022", "`must` is missing: workflows/w.yml", "must: …"),
            ("4:4", "B014", "`x`", "`n` is a number"),
            ("5:1", "B010", "`tonne`", "Did you mean `tone`?"),
            ("6:4", "B014", "a text is wanted", "quotes"),
            ("7:4", "B014", "not a day", "date"),
            ("workflows/w.yml:3:11", "B061", "sources/zz.md", ""),
        ),
    ),
    Case(
        matter=T + "workflow: w\nsources: {a_b: [a.md], c: [a.md]}\n",
        files=(
            ("sources/a.md", "x"),
            (
                "workflows/w.yml",
                (
                    "goal: '{gaol} for {brief}'\ninputs: {goal-1: {default: x}, day: {type: date, default: soon}}\n"
                    "steps: [{id: a, uses: draft, with: {to: '{goal-1} {goal-2}'}, strategy: {matrix: {p: sources}}}]\n"
                ),
            ),
        ),
        found=(
            ("3:11", "B021", "`w` is broken", "workflows/w.yml"),
            ("workflows/w.yml:1:7", "W005", "`{gaol}`", ""),
            ("workflows/w.yml:2:59", "W006", "`soon` is not a day", "`day` is a date."),
            ("workflows/w.yml:3:8", "W005", "`{goal-2}`", "`goal-1`"),
        ),
    ),
    Case(
        matter=T
        + "sources: {a_b: [a.md], c: [a.md]}\nsteps: [{id: a, uses: draft, strategy: {matrix: {p: sources}}}]\n",
        files=(("sources/a.md", "x"),),
        found=(("3:11", "B064", "`a_b`", "sources: {a-b: [a.md]}"),),
    ),
    Case(
        matter=T + "sources: [a.md, x/A.txt]\nsteps: [{id: a, uses: draft, strategy: {matrix: {p: sources}}}]\n",
        files=(("sources/a.md", "x"), ("x/A.txt", "x")),
        found=(("3:10", "B064", "`a` stands for two files", "Write names"),),
    ),
    Case(
        matter=T + "tone: x\n",
        files=(("workflows/w.yml", "inputs: {tone: {}}\nsteps: [{id: a, uses: draft}]\n"),),
        found=(("3:1", "B010", "`tone`", "Did you mean"),),
    ),
    Case(
        matter=T + "owner: bo\napproved-by: [legl]\nworkflow: article\nsteps: [{id: draft, model: writr}]\n",
        files=(
            (
                "copydesk.yml",
                "people: {bob: [legal], ann: writer}\nmodels: {f: {provider: openai, model: x}}\nroles: {writer: f, researcher: [f], editor: f}\n",
            ),
        ),
        found=(
            ("3:8", "B070", "`bo`", "Did you mean `bob`?"),
            ("4:15", "B071", "`legl`", "Did you mean `legal`?"),
            ("6:28", "B039", "`writr`", "Did you mean `writer`?"),
        ),
    ),
    Case(
        matter=T + "roles: {writer: [fst], editor: []}\nconfig: {effort: huge, max-tokens: 0, temperature: 3}\n",
        files=(
            (
                "copydesk.yml",
                "models: {fast: {provider: openai, model: x}}\nroles: {writer: fast, researcher: fast, editor: fast}\n",
            ),
        ),
        found=(
            ("3:18", "B072", "`fst`", "Did you mean `fast`?"),
            ("3:32", "B072", "names no model", "Write: editor"),
            ("4:18", "B014", "`huge`", "minimal"),
            ("4:36", "B014", "`0`", "digits"),
            ("4:52", "B014", "`3`", "0.7"),
        ),
    ),
]


def places(case: Case) -> tuple[Row, ...]:
    return moved("content_briefs/b.md", case.found)


def files_of(case: Case) -> dict[str, str]:
    raw = f"---\n{case.matter}---\nSay it.\n" if case.raw is None else case.raw
    return {"content_briefs/b.md": raw, **dict(case.files)}


@pytest.mark.parametrize("case", CASES, ids=[(case.raw or case.matter + str(case.files))[:60] for case in CASES])
def test_what_check_tells(tmp_path: Path, case: Case) -> None:
    found = check(tmp_path, make_workspace(tmp_path, files_of(case)))
    told = [(f"{each.path}:{each.line}:{each.column}", each.code) for each in found]
    assert sorted(set(told)) == sorted({(place, code) for place, code, _, _ in places(case)})
    for place, code, words, mend in places(case):
        assert any(
            (f"{each.path}:{each.line}:{each.column}", each.code) == (place, code)
            and words in each.message and mend in each.fix and each.fix
            for each in found
        ), found  # fmt: skip


SECRET = "sk-proj-abc123SECRET"


@pytest.mark.parametrize(
    ("line", "code", "mend"),
    [
        (f"key-env: {SECRET}", "C014", "the key's variable"),
        (f'key-env: "my {SECRET}!"', "C014", "the key's variable"),
        (f"key-env: [{SECRET}]", "C011", "key-env: OPENAI_API_KEY"),
        (f"key-env: {{{SECRET}: }}", "C011", "key-env: OPENAI_API_KEY"),
        (f"key-env: a: {SECRET}", "M10", "the key's variable"),
        (f"key-env: @{SECRET}", "M10", "the key's variable"),
        (f"key-env: &{SECRET} x", "M05", "the key's variable"),
        (f"key-env: !{SECRET} x", "M07", "the key's variable"),
        (f"api: {SECRET}", "C014", "There are: chat, responses."),
        (f"api: {{{SECRET}: }}", "C014", "There are: chat, responses."),
        (f"price: {SECRET}", "C011", "price: {input"),
        (f"base-url: {SECRET}", "C025", "http://localhost"),
        (f"api-key: {SECRET}", "C010", "the key's variable"),
        ("key-env: abcdefghij0123456789abcdef012345", "C014", "the key's variable"),
    ],
)
def test_a_key_that_is_typed_into_the_config_is_refused_and_not_repeated(
    tmp_path: Path, line: str, code: str, mend: str
) -> None:
    text = f"models:\n  a:\n    provider: openai\n    model: x\n    {line}\n{PLAYED}"
    library = make_workspace(tmp_path, {"copydesk.yml": text})
    found = [each for each in library.findings if each.level == "error"]
    assert (found[0].line, found[0].code) == (5, code)
    assert mend in found[0].fix
    told = f"{found} {library.config if line.startswith('key-env') else None}"
    assert not any(word in told for word in (SECRET, "abcdefghij01"))


def test_a_variable_may_have_any_name_that_a_shell_takes_or_none(tmp_path: Path) -> None:
    names = ("OPENAI_API_KEY", "_k", "my_openai_key_2_of_the_marketing_team", "COMPANYWIDEOPENAIAPIKEY2", "")
    models = "".join(f"  m{n}: {{provider: openai, model: x, key-env: '{name}'}}\n" for n, name in enumerate(names))
    text = f"models:\n{models}{PLAYED.replace(': a', ': m0')}"
    library = make_workspace(tmp_path, {"copydesk.yml": text})
    assert library.findings == ()
    assert tuple(model.key_env for model in library.config.models) == names


def test_every_code_is_explained_and_every_explained_code_is_told(tmp_path: Path) -> None:
    told = {code for case in CASES for _, code, _, _ in case.found}
    in_matter = {"M01", "M02", "M04", "M05", "M06", "M07"}
    assert told | in_matter == set(briefs.EXPLANATIONS)


def test_read_raises_with_all_that_is_wrong(tmp_path: Path) -> None:
    library = make_workspace(tmp_path, {"content_briefs/b.md": "---\ntitel: x\nmax-cost: y\n---\n"})
    with pytest.raises(BrokenError) as caught:
        briefs.read(tmp_path, "b", library)
    assert [each.code for each in caught.value.findings] == ["B010", "B024", "B014"]
    assert caught.value.where == "content_briefs/b.md:2:1"
    assert caught.value.what == "`titel` is not a key here, and 1 more"
    assert caught.value.mend == "Did you mean `title`?"
    with pytest.raises(BrokenError, match="No such file"):
        briefs.read(tmp_path, "none", library)
    assert briefs.check(tmp_path, ("../x",), library)[0].code == "B003"


def test_links_that_lead_out_are_refused(tmp_path: Path) -> None:
    root, outside = tmp_path / "w", tmp_path / "secret.md"
    outside.write_text("---\ntitle: secret\n---\nx\n")
    library = make_workspace(root, {"content_briefs/b.md": "---\ntitle: T\nsources: [s.md]\n---\nx\n"})
    (root / "sources/s.md").symlink_to(outside)
    (root / "content_briefs/c.md").symlink_to(outside)
    (root / "workflows").mkdir()
    (root / "workflows/w.yml").symlink_to(outside)
    (root / "copydesk.yml").symlink_to(outside)
    library = briefs.read_library(root, prompts=PROMPTS)
    found = {(each.path, each.code): each.message for each in check(root, library)}
    assert set(found) == {
        ("content_briefs/b.md", "B060"), ("content_briefs/c.md", "B001"), ("copydesk.yml", "C001"), ("workflows/w.yml", "W001"),
    }  # fmt: skip
    assert all("symlink" in message for message in found.values())


def test_names_that_are_not_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "content_briefs").mkdir()
    try:
        (tmp_path / "content_briefs" / "a\udcff.md").write_text("x")
    except OSError:
        pytest.skip("this disk takes only UTF-8 names")
    library = briefs.read_library(tmp_path, prompts=PROMPTS)
    (finding,) = check(tmp_path, library)
    assert (finding.code, finding.path.encode()) == ("B003", b"content_briefs/a\\udcff.md")
    assert finding.message.encode()


LINES = st.sampled_from(
    [
        "title: T", "title: a: b", "title: [x]", "steps:", "  - id: draft", "    uses: draft", "    needs: [draft, x]",
        "  - {id: a, uses: human/write}", "deliverables:", "  - page: x", "    from: draft", "  - email: ../x", "by-hand:",
        "  draft: approve", "facts: {a: b}", "sources: [notes.md, x.md]", "workflow: w", "workflow: article", "tone: x",
        "\tx: y", "- a", "}", "strategy: {matrix: {p: [x, y]}}", "    strategy: {matrix: {p: [x, y]}}", "max-cost: 1.x",
        "publish-on: 2027-13-01", "a: #b", "'", '"', "&a *a", "? x", "!!t x", "---", "\x07", "é: é", "owner: a # b",
    ]
)  # fmt: skip


@given(lines=st.lists(LINES, max_size=12), loose=st.text(alphabet="\n\t :-[]{}#&*!'\"aé\x00\ud800", max_size=30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
def test_no_content_makes_check_raise(tmp_path: Path, lines: list[str], loose: str) -> None:
    text = "\n".join(lines) + "\n" + loose
    files = {
        "content_briefs/b.md": f"---\n{text}\n---\nSay it.\n", "content_briefs/c.md": text, "copydesk.yml": text,
        "workflows/w.yml": text,
    }  # fmt: skip
    for each in check(tmp_path, make_workspace(tmp_path, files)):
        assert each.fix
        assert each.message
        assert each.line >= 1
        assert each.column >= 1
        assert each.code in briefs.EXPLANATIONS


@pytest.mark.parametrize(
    "matter",
    [
        T + "sources: [" + ", ".join(f"x{i}" for i in range(300)) + "]\n",
        T + "checks: [" + ", ".join(f"x{i}" for i in range(300)) + "]\n",
        T + "steps:\n" + "".join(f" - {{id: s{i}, uses: draft, needs: [t{i}]}}\n" for i in range(300)),
        T + "deliverables:\n" + "".join(f" - {{page: ../x{i}}}\n" for i in range(300)),
    ],
)
def test_a_brief_that_is_wrong_all_over_tells_a_hundred_things(tmp_path: Path, matter: str) -> None:
    files = {"content_briefs/b.md": f"---\n{matter}---\nSay it.\n"}
    assert 90 <= len(check(tmp_path, make_workspace(tmp_path, files))) <= 101
