"""What may stand in a brief, a workflow and `copydesk.yml`: the border where typed text becomes typed values.

Promises: every value arrives as the text that was typed and is read here, with a message a writer understands; the JSON
Schemas that editors use are generated from the same forms. Will not do: look at files, or at how steps hang together.

Write the JSON Schemas anew: `python -c "from generator.briefs import schema; schema.write_schemas()"`.
"""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError, PydanticKnownError

from generator.model import Check, Pairs

FOLDER = Path(__file__).parent / "schemas"


def _refuse(message: str, fix: str) -> PydanticCustomError:
    return PydanticCustomError("copydesk", "{message}", {"message": message, "fix": fix})


def parse_money(text: Any) -> Any:
    """Return dollars as typed, `2.00`, as a Decimal."""
    if isinstance(text, str) and not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text):
        raise _refuse(f"`{text}` is not an amount of dollars", "Write it like 2.00, with a point and no sign.")
    return text


def parse_count(text: Any) -> Any:
    """Return a whole number from 1 to 1,000,000,000 as an int."""
    if isinstance(text, str) and not re.fullmatch(r"0*[1-9][0-9]{0,8}", text):
        raise _refuse(f"`{text}` is not a whole number above 0", "Write it in digits, like 3.")
    return text


def parse_truth(text: Any) -> Any:
    """Return `true` or `false` as a bool."""
    if isinstance(text, str) and text not in ("true", "false"):
        raise _refuse(f"`{text}` is neither true nor false", "Write true or false.")
    return text


def parse_day(text: Any) -> Any:
    """Return a day written like 2027-03-04 as a date."""
    if not isinstance(text, str):
        return text
    try:
        return (
            date.fromisoformat(text) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else date.min.replace(day=0)
        )
    except ValueError:
        raise _refuse(f"`{text}` is not a day", "Write it as year-month-day, like 2027-03-04.") from None


def parse_share(text: Any) -> Any:
    """Return a number from 0 to 2, as typed."""
    if isinstance(text, str) and not re.fullmatch(r"[01](\.[0-9]{1,6})?|2(\.0{1,6})?", text):
        raise _refuse(f"`{text}` is not a number from 0 to 2", "Write it like 0.7.")
    return text


NAME_IT = "Name the key's variable, as in `key-env: OPENAI_API_KEY`, and put the key into it: export OPENAI_API_KEY=…"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEY = re.compile(r"(?=[A-Za-z]*[0-9])(?=[A-Z0-9]*[a-z])[A-Za-z0-9]{24}")
"""A run of letters and digits that some vendors' keys hold, and hardly a name."""


def parse_variable(text: Any) -> Any:
    """Return the name of a variable, "" for none. What is no name may be the key itself, so no message repeats it."""
    if isinstance(text, str) and text and (not _VARIABLE.fullmatch(text) or _KEY.search(text)):
        raise _refuse("the NAME of a variable belongs here, and what stands here is none", NAME_IT)
    return text


_ANY_TEXT = WithJsonSchema({"type": ["string", "number", "boolean"]})
Text = Annotated[str, _ANY_TEXT]
Truth = Annotated[bool, BeforeValidator(parse_truth), WithJsonSchema({"type": "boolean"})]
Count = Annotated[int, BeforeValidator(parse_count), WithJsonSchema({"type": "integer", "minimum": 1})]
Money = Annotated[Decimal, BeforeValidator(parse_money), WithJsonSchema({"type": "number", "minimum": 0})]
Share = Annotated[str, BeforeValidator(parse_share), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 2})]
Day = Annotated[date, BeforeValidator(parse_day), WithJsonSchema({"type": "string", "format": "date"})]
Variable = Annotated[
    str, BeforeValidator(parse_variable), WithJsonSchema({"type": "string", "pattern": f"^({_VARIABLE.pattern})?$"}),
]  # fmt: skip
Id = Annotated[str, WithJsonSchema({"type": "string", "pattern": "^[a-z0-9-]+$"})]
ByHand = Literal["choose", "write", "approve"]


EVERY_SOURCE = "sources/"
"""What a fan-out says in place of values that the sources of a brief give; no value can hold a slash."""


def _by_name(value: Any) -> Any:
    """Return a list of files as a map whose one name is ""."""
    if not isinstance(value, list | dict):
        raise PydanticKnownError("list_type")
    return {"": value} if isinstance(value, list) else value


def _values(value: Any) -> Any:
    return [EVERY_SOURCE] if value == "sources" else value


_LIST = {"type": "array", "items": {"type": "string"}}
Sources = Annotated[
    dict[str, list[Text]], BeforeValidator(_by_name),
    WithJsonSchema({"anyOf": [_LIST, {"type": "object", "additionalProperties": _LIST}]}),
]  # fmt: skip
Values = Annotated[
    list[Id], BeforeValidator(_values), WithJsonSchema({"anyOf": [{"const": "sources"}, _LIST]}),
]  # fmt: skip


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Chain = Annotated[
    list[Text], BeforeValidator(_listed),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]  # fmt: skip


class Form(BaseModel):
    """A map with known keys, written in kebab-case."""

    model_config = ConfigDict(
        extra="forbid", defer_build=True, alias_generator=lambda name: name.rstrip("_").replace("_", "-")
    )


class StrategyForm(Form):
    """`strategy`: how a step fans out."""

    matrix: dict[Id, Values] = Field(
        default_factory=dict,
        description="Values by name; one instance of the step for each. `sources` in their place: one for each name under"
        " `sources`, or for each file of a list, and it reads only those.",
        examples=["{product: sources}"],
    )


class SettingsForm(Form):
    """`config`: how a model is to answer. What a vendor has no such setting for is left out, and told once."""

    effort: Literal["minimal", "low", "medium", "high"] | None = Field(
        default=None, description="How much it thinks.", examples=["high"]
    )
    max_tokens: Count | None = Field(default=None, description="What a reply may have at most.", examples=["8000"])
    temperature: Share | None = Field(default=None, description="From 0 to 2; few models have it.", examples=["0.7"])
    top_p: Share | None = Field(default=None, description="From 0 to 1; few models have it.", examples=["0.9"])
    seed: Count | None = Field(default=None, description="For servers that can repeat a reply.", examples=["7"])

    @property
    def pairs(self) -> Pairs:
        """The settings that are given, as texts under their names."""
        given = self.model_dump(by_alias=True, exclude_none=True)
        return tuple((name, str(value)) for name, value in given.items())


NO_SETTINGS = SettingsForm()


class StepForm(Form):
    """An entry of `steps`."""

    id: Id = Field(description="What other steps call it.", examples=["draft"])
    uses: Text = Field(
        default="", description="A prompt, or human/choose, human/write, human/approve.", examples=["draft"]
    )
    needs: list[Id] = Field(
        default_factory=list, description="The steps whose texts it reads.", examples=["[research, outline]"]
    )
    slots: list[Id] = Field(
        default_factory=list,
        description="The steps whose texts copydesk places in this one's, byte for byte: the model says where, and writes"
        " what stands around them. It needs them, too.",
        examples=["[opening]"],
    )
    model: Text = Field(default="", description="A role, or a name under models: in copydesk.yml.", examples=["writer"])
    with_: dict[str, Text] = Field(
        default_factory=dict, description="Settings that its prompt may use.", examples=["{tone: plain}"]
    )
    strategy: StrategyForm | None = Field(
        default=None, description="Fan-out.", examples=["{matrix: {persona: [cmo, founder]}}"]
    )
    config: SettingsForm = Field(
        default_factory=lambda: NO_SETTINGS,
        description="Settings that win over its prompt's.",
        examples=["{effort: high}"],
    )
    gather: Truth = Field(default=False, description="Read all instances of a fan-out at once.", examples=["true"])


class DeliverableForm(Form):
    """An entry of `deliverables`: one of `page`, `email` and `posts`."""

    page: Text = Field(default="", description="A page's path in docs/, without .md.", examples=["news/tally-3"])
    email: Text = Field(default="", description="An e-mail, for outbox/.", examples=["tally-3"])
    posts: Text = Field(default="", description="Posts, for outbox/.", examples=["linkedin"])
    count: Count = Field(default=1, description="How many posts.", examples=["3"])
    from_: Text = Field(default="", description="The step whose text it is.", examples=["revise"])


class CommonForm(Form):
    """What a brief says, and a workflow may say for it."""

    title: Text = Field(default="", description="What the page is called.", examples=['"Close the month in a day"'])
    description: Text = Field(
        default="", description="One sentence for search and previews.", examples=['"How to close"']
    )
    tags: list[Text] = Field(default_factory=list, description="What the page is found under.", examples=["[finance]"])
    owner: Text = Field(default="", description="Who decides.", examples=["content-lead"])
    approved_by: list[Text] = Field(
        default_factory=list, description="Who must approve.", examples=["[product, legal]"]
    )
    audience: Text = Field(default="", description="Who reads it.", examples=["finance leads"])
    goal: Text = Field(default="", description="What they should do then.", examples=["start a trial"])
    keyword: Text = Field(default="", description="What people search for.", examples=["close the books faster"])
    publish_on: Day | None = Field(
        default=None, description="The day from which it is public.", examples=["2027-03-04"]
    )
    facts: dict[str, Text] = Field(
        default_factory=dict, description="Facts that prompts may use.", examples=["{price: 49 EUR}"]
    )
    sources: Sources = Field(
        default_factory=dict,
        description="Files that claims may rest on: a list, or a map of names to lists to keep them apart.",
        examples=["[notes.md]"],
    )
    context: list[Text] = Field(
        default_factory=list, description="Files to know beyond brand/.", examples=["[glossary.md]"]
    )
    by_hand: dict[Id, ByHand] = Field(
        default_factory=dict, description="What people do.", examples=["{outline: approve}"]
    )
    steps: list[StepForm] = Field(
        default_factory=list, description="Adds to the workflow.", examples=["[{id: draft, uses: draft}]"]
    )
    deliverables: list[DeliverableForm] = Field(
        default_factory=list, description="What comes out.", examples=["[{page: news}]"]
    )
    checks: list[Check] = Field(
        default_factory=list,
        description="What machines look at; all of it, if nothing is said.",
        examples=["[structure, links]"],
    )
    max_cost: Money | None = Field(default=None, description="Dollars this brief may cost.", examples=["2.00"])
    roles: dict[str, Chain] = Field(
        default_factory=dict, description="Models for roles, in this brief alone.", examples=["{writer: best}"]
    )
    config: SettingsForm = Field(
        default_factory=lambda: NO_SETTINGS, description="Settings for all its steps.", examples=["{effort: high}"]
    )


class BriefForm(CommonForm):
    """The front matter of a brief. The inputs that its workflow declares may stand beside these keys."""

    workflow: Text = Field(default="", description="A built-in, or a file in workflows/.", examples=["article"])


class InputForm(Form):
    """An input that a workflow asks its briefs for. Without a default, a brief must give it."""

    type: Literal["text", "number", "date", "truth"] = Field(
        default="text", description="What it takes.", examples=["text"]
    )
    description: Text = Field(default="", description="What it is for; `new` asks with it.", examples=['"For whom"'])
    default: Text | None = Field(default=None, description="What it is if a brief is silent.", examples=["plain"])


class WorkflowForm(CommonForm):
    """A file in `workflows/`. Any key of a brief sets its default; `description` is the workflow's own."""

    name: Text = Field(default="", description="The file's name without .yml.", examples=["campaign"])
    inputs: dict[Id, InputForm] = Field(
        default_factory=dict,
        description="What briefs must say besides.",
        examples=["{tone: {type: text, default: plain}}"],
    )


class PriceForm(Form):
    """Dollars a million tokens."""

    input: Money = Field(description="For what is sent.", examples=["0.25"])
    output: Money = Field(description="For what comes back.", examples=["2.00"])
    cached_input: Money | None = Field(default=None, description="For what was sent before.", examples=["0.03"])


class ModelForm(Form):
    """An entry of `models`."""

    provider: Literal["openai", "anthropic", "offline"] = Field(description="Who is asked.", examples=["openai"])
    model: Text = Field(description="The vendor's name for it.", examples=["gpt-5-mini"])
    base_url: Text = Field(
        default="", description="Another address to ask at.", examples=['"http://localhost:11434/v1"']
    )
    api: Literal["", "chat", "responses"] = Field(
        default="", description="Which of the vendor's two ways to ask.", examples=["chat"]
    )
    key_env: Variable = Field(
        default="", description="The name of the variable that holds the key.", examples=["OPENAI_API_KEY"]
    )
    price: PriceForm | None = Field(
        default=None, description="Dollars a million tokens.", examples=["{input: 0, output: 0}"]
    )


class LimitForm(Form):
    """What may be asked of a model."""

    requests_per_minute: Count | None = Field(default=None, description="Calls in a minute.", examples=["50"])
    tokens_per_minute: Count | None = Field(default=None, description="Tokens in a minute.", examples=["40000"])
    concurrency: Count | None = Field(default=None, description="Calls at a time.", examples=["8"])


class BudgetForm(Form):
    """Dollars that may be spent."""

    run: Money | None = Field(default=None, description="In one build.", examples=["5.00"])
    day: Money | None = Field(default=None, description="In one day.", examples=["20.00"])


class SiteForm(Form):
    """How pages become a site."""

    renderer: Literal["mkdocs", "none"] = Field(
        default="mkdocs", description="Who builds the site; `none` copies the pages.", examples=["mkdocs"]
    )
    pages_dir: Text = Field(
        default="pages", description="Where approved pages go with `renderer: none`.", examples=["public"]
    )


class ConfigForm(Form):
    """`copydesk.yml`."""

    models: dict[str, ModelForm] = Field(
        default_factory=dict,
        description="The models, by names of yours.",
        examples=["{fast: {provider: openai, model: gpt-5-mini}}"],
    )
    roles: dict[str, Chain] = Field(
        default_factory=dict,
        description="Which model plays a role; of several, the first that answers.",
        examples=["{writer: fast}"],
    )
    limits: dict[str, LimitForm] = Field(
        default_factory=dict, description="What may be asked of a model.", examples=["{fast: {concurrency: 8}}"]
    )
    budget: BudgetForm = Field(default=BudgetForm(), description="What may be spent.", examples=["{run: 5.00}"])
    people: dict[str, Chain] = Field(
        default_factory=dict, description="Who decides, and for which roles.", examples=["{content-lead: [product]}"]
    )
    checklist: list[Text] = Field(
        default=["accuracy", "plausibility", "sources"],
        description="What a reviewer says they checked, with `approve --checked`; [] for nothing.",
        examples=["[accuracy, sources, tone]"],
    )
    site: SiteForm = Field(default=SiteForm(), description="How pages become a site.", examples=["{renderer: mkdocs}"])


FORMS: dict[str, type[Form]] = {"brief": BriefForm, "workflow": WorkflowForm, "config": ConfigForm}
BRIEF_KEYS = frozenset(field.alias or name for name, field in BriefForm.model_fields.items())
FREE_TEXT = frozenset({"title", "description", "tags", "audience", "goal", "keyword", "facts", "with"})
"""Keys under which a ` #` is more likely part of the text than the start of a comment."""


def json_schema(name: str) -> str:
    """Return the JSON Schema of `brief`, `workflow` or `config` as it is kept in `schemas/`."""
    schema = FORMS[name].model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    if name == "brief":
        schema["additionalProperties"] = {"type": ["string", "number", "boolean"]}
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def write_schemas(folder: Path = FOLDER) -> None:
    """Write the JSON Schemas anew."""
    for each in FORMS:
        (folder / f"{each}.json").write_text(json_schema(each), encoding="utf-8")
