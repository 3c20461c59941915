"""JSON by a schema."""

import pytest

from generator import shapes

SCHEMA = '{"properties":{"a":{"items":{"type":"string"},"maxItems":2,"type":"array"}},"required":["a"],"type":"object"}'


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ({"type": "object"}, ""),
        ({"type": "array"}, "it must be"),
        ({"type": "objekt"}, "$.type"),
        ({"type": "object", "properties": 5}, "$.properties"),
        ({}, "it must be"),
        (5, "$: 5 is not of type"),
    ],
)
def test_what_is_a_schema(schema: object, problem: str) -> None:
    assert shapes.schema_problem(schema).startswith(problem)
    assert bool(shapes.schema_problem(schema)) is bool(problem)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"a": ["x"]}', ""),
        ('```json\n{"a": []}\n```', ""),
        ('{"a": [1]}', "$.a[0]: 1 is not of type 'string'"),
        ('{"a": ["x", "y", "z"]}', "$.a: "),
        ("{}", "$: 'a' is a required property"),
        ("Here: {}", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ("", "it is not JSON"),
    ],
)
def test_what_is_of_a_shape(text: str, problem: str) -> None:
    assert shapes.shape_problem(text, SCHEMA).startswith(problem)
    assert bool(shapes.shape_problem(text, SCHEMA)) is bool(problem)
