"""A file that people wrote, as a form whose every value knows its place.

Promises: all that is wrong with a file is told at once, each at its line and column with the nearest valid name and a
mend; what is right can still be used to look for more. Will not do: judge how values hang together.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Generic, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from generator import matter
from generator.briefs.schema import FREE_TEXT, NAME_IT, Form
from generator.matter import Node
from generator.model import Finding

FormT = TypeVar("FormT", bound=Form)
Loc = tuple[str | int, ...]

EXPLANATIONS = {
    "M01": "Front matter and YAML files have at most 1,000,000 characters and 100,000 values. Long text belongs below"
    " the front matter, or into a source file.",
    "M02": "An invisible character stands in the YAML: a control character, a stray byte order mark, or a line"
    " separator that editors do not show. Delete it; copying from another program is how it usually comes in.",
    "M03": "A tab indents a line. YAML takes only spaces there. `copydesk check --fix` puts two spaces for each tab.",
    "M04": "Maps and lists lie in one another more than 50 deep. Nothing that copydesk reads is as deep as that.",
    "M05": "Anchors (`&name`), aliases (`*name`) and merges (`<<`) may not be used: a few of them can unfold into"
    " gigabytes. If the sign belongs to the text, put the value in quotes.",
    "M06": "A file holds one YAML document and no directives. Delete the second `---` or the line that begins with `%`.",
    "M07": "Tags (`!name`) may not be used: every value is kept as the text that was typed. If the `!` belongs to the"
    " text, put the value in quotes.",
    "M08": "A key must be a text. Braces at the start of a value, as in `title: {{ name }}`, begin a map: put the value"
    " in quotes.",
    "M09": "A key stands twice in one map. YAML readers keep the last one without a word; copydesk asks which is meant.",
    "M10": "The YAML cannot be read here. Most often a value holds a colon followed by a space, as in"
    " `title: Tally 3: close the month`, or begins with a sign that means something to YAML (@ ` % * & ! | > [ {)."
    " Put the value in quotes; `copydesk check --fix` does it where that is all there is to do.",
    "B010": "A brief has known keys, and the inputs that its workflow declares. A key that is misspelt would be ignored"
    " in silence, so it is refused with the nearest name.",
    "B011": "Another kind of value is wanted here: a text, a list like `[a, b]`, or a map like `{key: text}`.",
    "B012": "A key that must be there is missing.",
    "B013": "A ` #` begins a comment in YAML, so the rest of the line is lost. If it belongs to the text, put the value"
    " in quotes; if a comment is meant, set it off by two spaces or more.",
    "B014": "The value cannot be read as what is wanted here: a day, an amount, a number, or one of a few words.",
}
for _letter, _file in (("C", "copydesk.yml"), ("W", "a workflow")):
    for _number in ("010", "011", "012", "013", "014"):
        if _letter + _number != "C013":  # copydesk.yml holds no free text
            EXPLANATIONS[_letter + _number] = f"In {_file}: " + EXPLANATIONS["B" + _number]
EXPLANATIONS["C010"] = (
    "copydesk.yml has known keys. One that is misspelt would be ignored in silence, so it is refused."
)
EXPLANATIONS["W010"] = "A workflow has known keys. One that is misspelt would be ignored in silence, so it is refused."


KEPT = frozenset({"facts", "with", "by-hand", "inputs", "matrix", "models", "roles", "limits", "people"})
"""Maps whose keys are people's own words: a key with nothing behind it is unfinished there, not absent."""

BEGINNINGS = {"B": "title", "C": "models", "W": "steps"}
"""The key that a file may begin with, by the letter of its findings."""


@dataclass(kw_only=True, slots=True)
class Tree:
    """A value, its key if it stands in a map, and what lies in it."""

    node: Node
    key: Node | None = None
    inner: dict[str, Tree] | list[Tree] | None = None

    def data(self) -> Any:
        """Return the value as dicts, lists and texts; depth is bounded by the YAML's."""
        if isinstance(self.inner, dict):
            return {key: tree.data() for key, tree in self.inner.items()}
        if isinstance(self.inner, list):
            return [tree.data() for tree in self.inner]
        return None if self.node.kind == "empty" else self.node.value


def make_tree(node: Node, key: Node | None = None) -> Tree:
    """Return the tree of a node. A key with nothing behind it counts as absent, except in KEPT."""
    if node.kind == "map":
        keep = key is not None and key.value in KEPT
        pairs = ((name, value) for name, value in node.pairs if keep or value.kind != "empty")
        return Tree(node=node, key=key, inner={name.value: make_tree(value, name) for name, value in pairs})
    if node.kind == "list":
        return Tree(node=node, key=key, inner=[make_tree(item) for item in node.items])
    return Tree(node=node, key=key)


@dataclass(kw_only=True)
class Source(Generic[FormT]):
    """A file's values (`form`), its places, and what was found. `letter` begins the codes of its findings."""

    path: str
    letter: str
    text: str
    tree: Tree
    form: FormT
    first_line: int = 1
    findings: list[Finding] = field(default_factory=list)
    readable: bool = True

    def has(self, name: str) -> bool:
        """Whether the file gives a value for that field of the form."""
        return name in self.form.model_fields_set

    def at(self, loc: Loc, *, key: bool = False) -> Node:
        """Return the node at `loc`, or the nearest above it; with `key`, the key that leads to it."""
        tree, depth = _descend(self.tree, loc)
        missing = depth < len(loc) and tree.inner is not None
        return tree.key if tree.key and (key or missing) else tree.node

    @property
    def full(self) -> bool:
        """Whether so much is wrong that no more is told: the rest shows once this is mended."""
        return len(self.findings) >= matter.FINDING_LIMIT

    def say(self, code: str, loc: Loc, message: str, fix: str, *, key: bool = False, level: str = "error") -> None:
        """Add a finding at `loc`."""
        node = self.at(loc, key=key)
        self.findings.append(
            Finding(
                code=code, level="warn" if level == "warn" else "error", message=message, fix=fix, path=self.path,
                line=node.line, column=node.column,
            )
        )  # fmt: skip


def nearest(word: str, words: Sequence[str]) -> str:
    """Return the one of `words` that is most like `word`, "" if none is much like it."""
    close = difflib.get_close_matches(word[:80].lower(), words, n=1, cutoff=0.6) if len(words) < 2000 else []
    return close[0] if close else ""


def near(word: str, words: Iterable[str], *, otherwise: str = "") -> str:
    """Return a mend that names the word most like `word`, or `otherwise`, or the words there are."""
    known = sorted(set(words))
    if close := nearest(word, known):
        return f"Did you mean `{close}`?"
    few = ", ".join(known[:20]) + (", …" if len(known) > 20 else "")
    return otherwise or (f"There are: {few}." if known else "There are none.")


def parse_source(
    text: str, *, path: str, form: type[FormT], letter: str, first_line: int = 1, extra: Sequence[str] = ()
) -> tuple[Source[FormT], dict[str, Tree]]:
    """Return YAML as a form with places and findings, and the values of the `extra` keys, which the form does not know.

    The form lacks what was wrong, so that what is right can be looked at further.
    """
    parsed = matter.parse_leniently(text, path=path, first_line=first_line)
    node = parsed.node
    source = Source(
        path=path, letter=letter, text=parsed.mended, tree=make_tree(node), form=_blank(form), first_line=first_line,
        findings=[_hushed(each, letter, text, first_line) for each in parsed.findings],
        readable=node.kind == "map" or (node.kind == "empty" and not parsed.findings),
    )  # fmt: skip
    taken: dict[str, Tree] = {}
    if node.kind in ("text", "list"):
        source.say(
            f"{letter}011",
            (),
            f"`key: value` lines are wanted here, and {_kind(node)} stands here",
            f"Write `{BEGINNINGS[letter]}: …`.",
        )
        return source, taken
    if node.kind == "empty":
        source.tree.inner = {}
    inner = source.tree.inner
    if isinstance(inner, dict):
        taken = {key: inner.pop(key) for key in extra if key in inner}
    _validate(source, form, extra)
    if " #" in source.text:
        for lost in find_lost(node, extra):
            source.findings.append(_lost_finding(source, lost))
    return source, taken


@cache
def _blank(form: type[FormT]) -> FormT:
    return form()


def _validate(source: Source[FormT], form: type[FormT], extra: Sequence[str]) -> None:
    """Tell every error, take what is wrong out, and validate again; what then misses its `id` is taken out whole."""
    for again in range(4):
        try:
            source.form = form.model_validate(source.tree.data())
        except ValidationError as error:
            wrong: set[Loc] = set()
            for each in error.errors(include_url=False):
                missing = each["type"] == "missing"
                if (again == 0 or not missing) and not source.full:
                    _tell(source, form, each, extra)
                # An error about a key ends in a part of its own, which is none of the tree's.
                loc = each["loc"][:-1] if missing else each["loc"]
                wrong.add(loc[: _descend(source.tree, loc)[1]])
            for loc in sorted(wrong, key=lambda loc: [(isinstance(part, str), part) for part in loc], reverse=True):
                if not any(loc[:end] in wrong for end in range(len(loc))):
                    _prune(source.tree, loc)
        else:
            return


def _descend(tree: Tree, loc: Loc) -> tuple[Tree, int]:
    """Return the innermost tree on the way to `loc`, and how many parts of `loc` lead there."""
    for depth, part in enumerate(loc):
        inner: Any = tree.inner
        if part == "" and isinstance(inner, list):  # a list that stands for a map with one name: see schema
            continue
        try:
            tree = inner[part]
        except (TypeError, LookupError):
            return tree, depth
    return tree, len(loc)


def _prune(tree: Tree, loc: Loc) -> None:
    inner: Any = _descend(tree, loc[:-1])[0].inner
    if loc:
        del inner[loc[-1]]
    else:
        tree.inner = {}


def _tell(source: Source[Any], form: type[Form], error: Any, extra: Sequence[str]) -> None:
    loc: Loc = error["loc"]
    name = str(loc[-1]) if loc else ""
    letter, kind = source.letter, error["type"]
    if kind == "extra_forbidden":
        known = _fields(form, loc[:-1])
        words = [*known, *(extra if len(loc) == 1 else ())]
        fix = NAME_IT if "key-env" in words and "key" in name.lower() else near(name, words)
        source.say(f"{letter}010", loc, f"`{name[:80]}` is not a key here", fix, key=True)
    elif kind == "missing":
        source.say(f"{letter}012", loc[:-1], f"`{name}` is missing", f"Add it: {_example(form, loc)}")
    elif kind == "copydesk":
        source.say(f"{letter}014", loc, error["msg"], error["ctx"]["fix"])
    elif kind == "literal_error":
        words = [word for word in re.findall(r"'([^']*)'", error["ctx"]["expected"]) if word]
        text = source.at(loc).text
        shown = "what stands here" if _may_be_key(source, loc) and not nearest(text, words) else f"`{text[:80]}`"
        source.say(f"{letter}014", loc, f"{shown} is not known here", near(text, words))
    else:
        _tell_kind(source, form, loc, kind)


_WANTED = {"string_type": "a text", "list_type": "a list", "dict_type": "a map", "model_type": "a map"}


def _tell_kind(source: Source[Any], form: type[Form], loc: Loc, kind: str) -> None:
    node = source.at(loc)
    wanted = _WANTED.get(kind, "a text")
    written = source.text[node.start : node.end].strip()
    single = "\n" not in written and "\r" not in written and written and not _may_be_key(source, loc)
    fix = f"For example: {_example(form, loc)}"
    if wanted == "a list" and node.kind == "text" and single:
        fix = f"Write: {loc[-1]}: [{written}]"
    elif wanted == "a text" and node.kind == "map" and single:
        fix = f"If a text is meant, put it in quotes: {matter.quoted(written)}"
    elif node.kind == "empty":
        fix = f"Give it {wanted}, or delete it."
    source.say(f"{source.letter}011", loc, f"{wanted} is wanted here, and {_kind(node)} stands here", fix)


def _may_be_key(source: Source[Any], loc: Loc) -> bool:
    """Whether somebody may have typed a vendor's key there, so that the text is not to be shown."""
    return source.letter == "C" and loc[:1] == ("models",)


def _hushed(finding: Finding, letter: str, text: str, first_line: int) -> Finding:
    """Return a finding that repeats no line of copydesk.yml on which `key-env` stands: its value may be the key itself."""
    told = finding.fix
    if letter == "C" and finding.message.startswith("`"):
        told += "".join(re.split(r"\r\n|\r|\n", text)[finding.line - first_line :][:1])
    if letter != "C" or "key-env" not in told:
        return finding
    message = re.sub(r"^`.*`", "what stands here", finding.message, flags=re.DOTALL)
    return replace(finding, message=message, fix=NAME_IT)


def _kind(node: Node) -> str:
    return {"map": "a map", "list": "a list", "text": "a text", "empty": "nothing"}[node.kind]


def _form_at(form: type[Form], loc: Loc) -> type[Form]:
    for part in loc:
        known = {each.alias: each for each in form.model_fields.values()}
        if part in known:
            form = next(iter(_forms_in(known[str(part)].annotation)), form)
    return form


def _forms_in(annotation: Any) -> Iterator[type[Form]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation  # type: ignore[misc]
    for inner in get_args(annotation):
        yield from _forms_in(inner)


def _fields(form: type[Form], loc: Loc) -> list[str]:
    return [each.alias or "" for each in _form_at(form, loc).model_fields.values()]


def _example(form: type[Form], loc: Loc) -> str:
    """Return an example line for the innermost key of `loc` that a form knows."""
    for end in range(len(loc), 0, -1):
        for each in _form_at(form, loc[: end - 1]).model_fields.values():
            if each.alias == loc[end - 1] and each.examples:
                return f"{each.alias}: {each.examples[0]}"
    return "title: Close the month in a day"


def find_lost(node: Node, extra: Sequence[str] = ()) -> Iterator[Node]:
    """Yield the values of free text that lose their end through a ` #`. The walk keeps its own stack."""
    waiting = [(node, False)]
    while waiting:
        each, free = waiting.pop()
        if free and each.lost:
            yield each
        for key, value in each.pairs:
            waiting.append((value, free or key.value in FREE_TEXT or key.value in extra))
        waiting.extend((item, free) for item in each.items)


def _lost_finding(source: Source[Any], node: Node) -> Finding:
    text = source.text
    start = max(text.rfind("\n", 0, node.end), text.rfind("\r", 0, node.end)) + 1
    shown = matter.quoted(node.value.replace("\n", " ") + node.lost if node.kind == "text" else node.lost.strip())
    if start <= node.start:
        shown = text[start : node.start] + (" " if node.kind == "empty" else "") + shown
    line, column = source.first_line + _count_breaks(text, start), node.end - start + 2
    message = f"the text from `{node.lost.strip()[:60]}` on is lost: ` #` begins a comment"
    fix = f"Write: {shown} (a comment is set off by two spaces)"
    code = f"{source.letter}013"
    return Finding(code=code, level="error", message=message, fix=fix, path=source.path, line=line, column=column)


def _count_breaks(text: str, end: int) -> int:
    return len(re.findall(r"\r\n|\r|\n", text[:end]))
