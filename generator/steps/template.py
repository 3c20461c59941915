"""The templates of prompts: their roles, what they may do, and rendering them.

Promises: roles are split before anything is filled in; a template loops, chooses and fills in, and can do nothing else:
no includes, imports, macros, calls or files; what it renders is bounded in size and work; every problem has its line.
Will not do: escape for HTML (a prompt is not a page), or cache between renderings.
"""

from __future__ import annotations

import difflib
import re
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import jinja2
from jinja2 import nodes
from jinja2.runtime import Context, LoopContext, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from generator.steps.filling import TURN_COST, Filled, TemplateProblemError, Thing, Things, Uses, missing

NAMES = ("brief", "facts", "with", "upstream", "passages", "context", "notes", "findings")
"""What a template sees."""

RANGE_LIMIT = 1_000
NUMBER_LIMIT = 10**12

_ROLE = re.compile(r"(system|user):[ \t]*")
_ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.For, nodes.If, nodes.Assign, nodes.Name, nodes.Const,
    nodes.Tuple, nodes.List, nodes.CondExpr, nodes.Filter, nodes.Test, nodes.Getitem, nodes.Getattr, nodes.Slice,
    nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Neg, nodes.Pos, nodes.Add, nodes.Sub, nodes.Mul,
    nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Concat, nodes.Call, nodes.Keyword,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Section:
    """What one role says: the source of its template, and the line of the file where it begins."""

    role: Literal["system", "user"]
    source: str
    first_line: int

    @cached_property
    def template(self) -> jinja2.Template:
        """The compiled form. Raise TemplateProblemError, with the line of the file, if it cannot be used."""
        return _compile(self.source, self.first_line)


def parse_sections(text: str, first_line: int, *, proved: bool = False) -> tuple[Section, ...]:
    """Return the sections of a prompt's body: a line `system:` or `user:` begins one; before the first it is `user`.

    Raise TemplateProblemError, with the line of the file, for the first template that cannot be used. A `proved` one is
    compiled when it is first rendered: most commands read prompts and render none.
    """
    sections: list[Section] = []
    role: Literal["system", "user"] = "user"
    start, lines = 0, [*re.split(r"\r\n|\r|\n", text), "user:"]
    for number, line in enumerate(lines):
        match = _ROLE.fullmatch(line)
        if not match:
            continue
        source = "\n".join(lines[start:number])
        if source.strip():
            sections.append(Section(role=role, source=source, first_line=first_line + start))
        role, start = ("system" if match[1] == "system" else "user"), number + 1
    if not proved:
        for section in sections:
            _ = section.template
    return tuple(sections)


def render(section: Section, values: dict[str, Things], uses: Uses) -> str:
    """Return what the section says with `values` filled in; raise TemplateProblemError with the line of the file."""
    pieces: list[str] = []
    try:
        for piece in section.template.generate(**values, uses_=uses):
            uses.spend(len(piece))
            pieces.append(piece)
    except TemplateProblemError as problem:
        problem.line = _line(problem, section)
        raise
    except jinja2.UndefinedError as error:
        message, _, mend = str(error).partition("\n")
        mend = f"{mend} Or guard it: `{{% if … is defined %}}`.".strip()
        raise TemplateProblemError(message, mend, code="P005", line=_line(error, section)) from error
    except (
        jinja2.TemplateError,
        ArithmeticError,
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        what = str(error).partition("\n")[0] or type(error).__name__
        raise TemplateProblemError(f"the template cannot be filled in: {what}", line=_line(error, section)) from error
    return "".join(pieces).strip()


def _line(error: BaseException, section: Section) -> int:
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == section.template.filename
    ]
    return section.first_line + (lines[-1] or 1) - 1 if lines else section.first_line


# Reading a template ----------------------------------------------------------------------------------------------


def _compile(source: str, first_line: int) -> jinja2.Template:
    try:
        tree = _SANDBOX.parse(source)
        _check(tree, first_line)
        code = _SANDBOX.compile(_bounded(tree), name="prompt", filename="<prompt>")
    except jinja2.TemplateSyntaxError as error:
        mend = _mend(error.message or "")
        raise TemplateProblemError(
            f"the template does not parse: {error.message}", mend, line=first_line + error.lineno - 1
        ) from error
    except (RecursionError, SyntaxError, MemoryError) as error:
        raise TemplateProblemError("the template is nested too deep", "Flatten it.", line=first_line) from error
    return jinja2.Template.from_code(_SANDBOX, code, _SANDBOX.make_globals(None))


def _mend(message: str) -> str:
    if "end of template" in message:
        return "Close it in the same role: a block may not stand across a line `system:` or `user:`."
    return "Write a brace that is meant as text as `{{ '{{' }}`."


def _check_known(node: nodes.Filter | nodes.Test, line: int) -> None:
    kind, known = ("filter", tuple(_FILTERS)) if isinstance(node, nodes.Filter) else ("test", tuple(_SANDBOX.tests))
    if node.name not in known:
        near = difflib.get_close_matches(node.name, known, n=1)
        mend = f"Did you mean `{near[0]}`?" if near else f"There is {', '.join(sorted(known))}."
        raise TemplateProblemError(f"there is no {kind} `{node.name}`", mend, line=line)


def _check(tree: nodes.Template, first_line: int) -> None:
    taken = {*NAMES, "range", "loop"}
    known = {*taken, *_stored(tree)}
    for node in _walk(tree):
        line = first_line + (node.lineno or 1) - 1
        name = type(node).__name__.lower()
        if not isinstance(node, _ALLOWED) or (isinstance(node, nodes.For) and node.recursive):
            raise TemplateProblemError(f"a prompt may not use `{name}`", "Write it with if, for and set.", line=line)
        if isinstance(node, nodes.Call) and not (isinstance(node.node, nodes.Name) and node.node.name == "range"):
            raise TemplateProblemError("a prompt may not call anything", "Use a filter, or a loop.", line=line)
        if isinstance(node, (nodes.Filter, nodes.Test)):
            _check_known(node, line)
        if isinstance(node, nodes.Assign) and not isinstance(node.target, nodes.Name):
            raise TemplateProblemError("`set` may only set a plain name", "Set one name at a time.", line=line)
        if isinstance(node, nodes.Name) and node.ctx == "store" and (node.name in taken or node.name.endswith("_")):
            raise TemplateProblemError(f"the name `{node.name}` is taken", "Take another name.", line=line)
        if (
            isinstance(node, (nodes.List, nodes.Tuple))
            and getattr(node, "ctx", "load") == "load"
            and not _is_constant(node)
        ):
            raise TemplateProblemError("a list may hold only plain texts and numbers", "Use a loop.", line=line)
        if isinstance(node, nodes.Name) and node.ctx == "load" and node.name not in known:
            problem = missing(f"there is no `{node.name}`", node.name, tuple(sorted(known)))
            problem.line = line
            raise problem


def _walk(tree: nodes.Node) -> Iterator[nodes.Node]:
    """Every node, without recursion."""
    todo = [tree]
    while todo:
        node = todo.pop()
        yield node
        todo += reversed(list(node.iter_child_nodes()))


def _stored(tree: nodes.Template) -> set[str]:
    return {node.name for node in _walk(tree) if isinstance(node, nodes.Name) and node.ctx == "store"}


def _is_constant(node: nodes.List | nodes.Tuple) -> bool:
    return all(isinstance(item, nodes.Const) for item in node.items)


def _bounded(tree: nodes.Template) -> nodes.Template:
    """Return the tree with every loop counted, and `~` as a join, which is bounded."""
    for node in _walk(tree):
        if isinstance(node, nodes.For):
            node.iter = nodes.Filter(node.iter, "counted_", [], [], None, None, lineno=node.lineno)
        for name, child in node.iter_fields():
            if isinstance(child, nodes.Concat):
                setattr(node, name, _as_join(child))
            elif isinstance(child, list):
                child[:] = [_as_join(each) if isinstance(each, nodes.Concat) else each for each in child]
    return tree


def _as_join(node: nodes.Concat) -> nodes.Filter:
    return nodes.Filter(nodes.List(node.nodes, lineno=node.lineno), "join", [], [], None, None, lineno=node.lineno)


# What a template may do ------------------------------------------------------------------------------------------


class _Sandbox(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"+", "*", "%"})

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, LoopContext) and not attribute.startswith("_"):
            return super().getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, (Thing, Things)) and isinstance(argument, str):
            try:
                return obj.look_up(argument)
            except TemplateProblemError as problem:
                return self.undefined(hint=f"{problem.message}\n{problem.mend}", obj=obj, name=argument)
        return self.undefined(hint=f"a text has no `{argument}`", obj=obj, name=str(argument))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            return _join(context, (left, right))
        if not all(isinstance(each, (int, float)) and abs(each) < NUMBER_LIMIT for each in (left, right)):
            raise TemplateProblemError(f"`{operator}` is for numbers here", "Write texts side by side.")
        return super().call_binop(context, operator, left, right)


def _as_filled(like: object, text: str) -> str:
    return Filled(text, like.head) if isinstance(like, Filled) else text


@jinja2.pass_context
def _show(context: Context, value: Any) -> str:
    """Return a value as the model reads it; texts of others in their fences."""
    if isinstance(value, Undefined):
        return str(value)
    if isinstance(value, (Thing, Things)):
        value = value.filled() if isinstance(value, Thing) else value.shown()
    if isinstance(value, Filled):
        value = value.shown()
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise TemplateProblemError("this cannot be written as text", "Loop over it, or name one of its parts.")
    text = str(value)
    context["uses_"].spend(0 if isinstance(value, str) else len(text))
    return text


@jinja2.pass_context
def _counted(context: Context, values: Iterable[Any]) -> Iterator[Any]:
    if isinstance(values, (str, Thing)):
        raise TemplateProblemError("a text cannot be looped over", "Loop over facts, upstream, passages or the like.")
    for value in values:
        context["uses_"].spend(TURN_COST)
        yield value


@jinja2.pass_context
def _join(context: Context, values: Iterable[Any], by: str = "", attribute: str = "") -> str:
    pieces: list[str] = []
    for value in values:
        each = value
        if isinstance(value, Thing):
            each = value.look_up(attribute) if attribute else value.filled()
        if isinstance(each, Filled) and each.head:
            raise TemplateProblemError("a whole text cannot be joined to another", "Write it on its own: `{{ … }}`.")
        pieces.append(_show(context, each))
        context["uses_"].spend(len(pieces[-1]) + len(by))
    return str(by).join(pieces)


@jinja2.pass_context
def _replace(context: Context, text: str, old: str, new: str) -> str:
    context["uses_"].spend(len(text) + str(text).count(old) * len(new))
    return _as_filled(text, str(text).replace(old, new))


def _truncate(text: str, length: int = 255) -> str:
    return _as_filled(text, text if len(text) <= length else f"{str(text)[: max(0, length - 1)].rstrip()}…")


def _first(values: Iterable[Any]) -> Any:
    return next(iter(values), "")


def _range(*bounds: int) -> range:
    counted = range(*bounds)
    if len(counted) > RANGE_LIMIT:
        raise TemplateProblemError(f"`range` goes to {RANGE_LIMIT:,} at most", "Loop over what was given.")
    return counted


def _of_text(change: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: _as_filled(text, change(str(text)))


_FILTERS: dict[str, Callable[..., Any]] = {
    "lower": _of_text(str.lower), "upper": _of_text(str.upper), "capitalize": _of_text(str.capitalize),
    "title": _of_text(str.title), "trim": _of_text(str.strip), "truncate": _truncate, "replace": _replace, "join": _join,
    "length": len, "count": len, "first": _first, "default": jinja2.filters.FILTERS["default"],
    "int": jinja2.filters.FILTERS["int"], "round": jinja2.filters.FILTERS["round"],
}  # fmt: skip


def _make_sandbox() -> _Sandbox:
    sandbox = _Sandbox(
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # a prompt is plain text, never HTML: what is filled in is fenced instead
        finalize=_show,
        optimized=False,  # constants would be folded before anything counts their size
        trim_blocks=True,
        lstrip_blocks=True,
    )
    sandbox.filters = {**_FILTERS, "counted_": _counted}
    sandbox.globals = {"range": _range}
    return sandbox


_SANDBOX = _make_sandbox()
