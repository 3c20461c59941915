"""JSON by a schema (JSON Schema 2020-12): whether a schema is one, and whether a text is of its shape.

Promises: never raises for what a text or a schema holds. Will not do: change a text, or know a vendor's dialect.
"""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any


def schema_problem(schema: Any) -> str:
    """Return why a value is no schema of an object, "" if it is. Vendors take only objects at the top."""
    library = import_module("jsonschema")  # a tenth of a second, that only replies in JSON take
    try:
        library.Draft202012Validator.check_schema(schema)
    except library.SchemaError as error:
        return f"{error.json_path}: {error.message[:200]}"
    return "" if isinstance(schema, dict) and schema.get("type") == "object" else "it must be `type: object` at the top"


def shape_problem(text: str, schema: str) -> str:
    """Return why a text is not JSON of a schema (canonical JSON), "" if it is; at most five reasons, each with its place."""
    library = import_module("jsonschema")
    try:
        value = json.loads(unfenced(text))
    except (ValueError, RecursionError) as error:
        return f"it is not JSON: {error}"
    errors = sorted(
        library.Draft202012Validator(json.loads(schema)).iter_errors(value), key=lambda each: each.json_path
    )
    return "; ".join(f"{each.json_path}: {each.message[:200]}" for each in errors[:5])


def unfenced(text: str) -> str:
    """Return JSON without the code fence that a model may put around it."""
    lines = text.strip().splitlines()
    if len(lines) > 2 and lines[0].startswith("```") and lines[-1].strip() == "```":
        return "\n".join(lines[1:-1])
    return text
