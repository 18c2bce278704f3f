from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_client.domain.schema import python_type

DEEP = 100_000  # far below Python's stack, and what a hostile server may send

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
garbage = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(scalars | st.text(), inner, max_size=4),
    max_leaves=15,
)
WORDS = [
    "null",
    "integer",
    "string",
    "boolean",
    "number",
    "array",
    "object",
    "const",
    "enum",
    "$ref",
    "anyOf",
]
KEYWORDS = [
    *WORDS[-4:],
    "type",
    "$defs",
    "oneOf",
    "allOf",
    "items",
    "prefixItems",
    "properties",
    "description",
]
leaves = garbage | st.sampled_from(WORDS).map(lambda word: {"type": word}) | st.just({"$ref": "#/$defs/a"})


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    named = st.dictionaries(st.sampled_from(["a", "path", "meta", "_type"]), inner, max_size=3)
    value = inner | st.lists(inner, max_size=3) | named | st.sampled_from(WORDS)
    return st.dictionaries(st.sampled_from(KEYWORDS), value, max_size=4)


schemas = st.recursive(leaves, nested, max_leaves=20)
META = {"type": "object", "properties": {"_type": {"const": "gradio.FileData"}}}
FILE = {"type": "object", "properties": {"path": {"type": "string"}, "meta": META}}


@given(garbage)
def test_garbage_is_a_text(schema: Any) -> None:
    assert isinstance(python_type(schema), str)


@given(schemas)
def test_anything_like_a_schema_is_a_text(schema: Any) -> None:
    assert isinstance(python_type(schema), str)


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"type": "string"}, "str"),
        ({"type": "integer"}, "int"),
        ({"type": "number"}, "float"),
        ({"type": "boolean"}, "bool"),
        ({"type": "null"}, "None"),
        ({}, "Any"),
        ({"const": "text"}, "Literal[text]"),
        ({"enum": ["a", 1]}, "Literal['a', '1']"),
        ({"type": "string", "enum": ["a"]}, "Literal['a']"),
        ({"type": "array", "items": {"type": "string"}}, "list[str]"),
        ({"type": "array", "items": {"prefixItems": [{"type": "string"}, {}]}}, "tuple[str, Any]"),
        ({"type": "array", "prefixItems": [{"type": "string"}, {}]}, "tuple[str, Any]"),
        ({"type": "object", "properties": {"a": {"type": "string"}, "b": {}}}, "dict(a: str, b: Any)"),
        ({"type": "object", "additionalProperties": True}, "dict(str, Any)"),
        ({"type": "object", "additionalProperties": {"type": "null"}}, "dict(str, None)"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "str | None"),
        ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, "int | float"),
        ({"allOf": [{"type": "integer"}, {}]}, "All[int, Any]"),
        ({"type": {}, "description": "any valid json"}, "str | float | bool | list | dict"),
    ],
)
def test_a_schema_has_the_type_that_gradio_client_gave_it(schema: Any, text: str) -> None:
    assert python_type(schema) == text


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"type": ["string", "null"]}, "str | None"),
        ({"type": ["array", "null"], "items": {"type": "string"}}, "list[str] | None"),
        ({"type": "array"}, "list[Any]"),
        ({"type": "array", "items": True}, "list[Any]"),
        ({"type": "array", "items": False, "prefixItems": [{"type": "null"}]}, "tuple[None]"),
        ({"type": "object", "additionalProperties": False}, "dict()"),
        ({"type": "object", "properties": {"a": True}}, "dict(a: Any)"),
        ({"anyOf": [True, {"type": "null"}]}, "Any | None"),
    ],
)
def test_valid_schemas_that_gradio_client_failed_on_have_a_type(schema: Any, text: str) -> None:
    assert python_type(schema) == text


@pytest.mark.parametrize(
    "schema",
    [
        None, True, False, 3, "const", ["type"],
        {"type": None}, {"type": 3}, {"type": "colour"}, {"type": []}, {"type": ["colour", 3, None, {}]},
        {"type": {"a": 1}}, {"type": "const"}, {"enum": None}, {"$ref": 3}, {"$ref": "#/$defs/missing"},
        {"$defs": [], "$ref": "#/$defs/a"}, {"$defs": {"a": None}, "$ref": "#/$defs/a"}, {"anyOf": 3},
        {"description": None}, {"description": 3},
    ],
)  # fmt: skip
def test_an_unreadable_schema_is_any(schema: Any) -> None:
    assert python_type(schema) == "Any"


def test_a_field_is_shown_with_its_description() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string", "description": "a name"}, "b": {}}}
    assert python_type(schema) == "dict(a: str (a name), b: Any)"


def test_names_of_fields_need_not_be_texts() -> None:
    assert python_type({"type": "object", "properties": {1: {}, None: {}}}) == "dict(1: Any, None: Any)"


def test_a_file_is_a_file_path() -> None:
    assert python_type(FILE) == "filepath"


def test_a_file_may_name_its_kind_by_reference_or_by_default() -> None:
    by_reference = {"path": {}, "meta": {"$ref": "#/$defs/Meta"}}
    nowhere = {"path": {}, "meta": {"$ref": "#/$defs/None", "default": {"_type": "gradio.FileData"}}}
    assert python_type({"type": "object", "properties": nowhere, "$defs": {"A": {}}}) == "filepath"
    by_default = {"path": {}, "meta": {"default": {"_type": "gradio.FileData"}}}
    fields = {
        "one": {"type": "object", "properties": by_reference},
        "two": {"type": "object", "properties": by_default},
    }
    text = python_type({"$defs": {"Meta": META}, "type": "object", "properties": fields})
    assert text == "dict(one: filepath, two: filepath)"


def test_files_are_found_inside_lists_and_objects() -> None:
    gallery = {"type": "array", "items": {"type": "object", "properties": {"image": FILE, "caption": {}}}}
    assert python_type(gallery) == "list[dict(image: filepath, caption: Any)]"


def test_a_reference_stands_for_its_definition_wherever_it_is_used() -> None:
    schema = {"$defs": {"A": {"type": "string"}}, "anyOf": [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/A"}]}
    assert python_type(schema) == "str | str"


def test_a_schema_inside_itself_is_any() -> None:
    tree = {"type": "array", "items": {"$ref": "#/$defs/Tree"}}
    assert python_type({"$defs": {"Tree": tree}, "$ref": "#/$defs/Tree"}) == "list[Any]"


def test_references_that_only_lead_to_each_other_are_any() -> None:
    defs = {"A": {"$ref": "#/$defs/B"}, "B": {"$ref": "#/$defs/A"}}
    assert python_type({"$defs": defs, "$ref": "#/$defs/A"}) == "Any"


def test_a_python_dict_that_contains_itself_is_any() -> None:
    schema: dict[str, Any] = {"type": "array"}
    schema["items"] = schema
    assert python_type(schema) == "list[Any]"


def test_nesting_has_no_limit() -> None:
    schema: dict[str, Any] = {}
    for _ in range(DEEP):
        schema = {"type": "array", "items": schema}
    assert python_type(schema) == "list[" * DEEP + "Any" + "]" * DEEP


def test_references_that_multiply_are_cut_short() -> None:
    defs = {f"A{i}": {"anyOf": [{"$ref": f"#/$defs/A{i + 1}"}] * 10} for i in range(100)}
    assert len(python_type({"$defs": defs, "$ref": "#/$defs/A0"})) < 5_000_000


def test_what_no_reference_repeats_is_never_cut_short() -> None:
    many = list(range(400_000))
    assert python_type({"enum": many}).count(",") == len(many) - 1


def test_constants_that_python_cannot_write_are_dots() -> None:
    nested_list: list[Any] = []
    for _ in range(DEEP):
        nested_list = [nested_list]
    assert [python_type({"const": value}) for value in (nested_list, 10**5000)] == ["Literal[...]"] * 2
