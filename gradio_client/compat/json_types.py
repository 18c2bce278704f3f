"""JSON schemas and Python types, in both directions."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Hashable
from enum import Enum
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin, get_type_hints

from gradio_client.domain.lenient import mapping
from gradio_client.domain.schema import is_file_schema, python_type, resolved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradio_client.domain.values import JsonObject

_SIMPLE: dict[Any, JsonObject] = {
    NoneType: {"type": "null"},
    Any: {},
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    dict: {"type": "object", "additionalProperties": {}},
    list: {"type": "array", "items": {}},
    tuple: {"type": "array"},
    set: {"type": "array", "uniqueItems": True},
    frozenset: {"type": "array", "uniqueItems": True},
    bytes: {"type": "string", "format": "byte"},
    bytearray: {"type": "string", "format": "byte"},
}


class APIInfoParseError(ValueError):
    """Kept for programs that catch it; nothing raises it: see ``json_schema_to_python_type``."""


def json_schema_to_python_type(schema: Any) -> str:
    """The Python type that a schema describes, as text; ``Any`` for what cannot be read. Never raises."""
    return python_type(schema)


def python_type_to_json_schema(type_hint: Any) -> dict[str, Any]:
    """The schema of the JSON that fits a type hint; ``{}``, which everything fits, for other hints.

    Never raises. Dataclasses, ``TypedDict`` and other classes with annotations are objects. As in 2.7.2, of a
    dataclass only the fields whose default counts as false (``""``, ``0``, ``None``) are required, and those
    without a default are not; of a ``TypedDict`` all are, or none with ``total=False``; of other classes all.
    """
    try:
        return _schema(type_hint)
    except Exception:  # noqa: BLE001 - hints of user code, resolved by running it
        return {}


def value_is_file(api_info: Any) -> bool:
    """Whether a schema describes a file, or something with a file anywhere in it."""
    defs = mapping(mapping(api_info).get("$defs"))
    todo, seen = [api_info], set()
    while todo:
        schema = todo.pop()
        if not isinstance(schema, dict | list) or id(schema) in seen:
            continue
        seen.add(id(schema))
        if isinstance(schema, list):
            todo += schema
        elif "$ref" in schema:
            todo.append(resolved(schema, defs))
        elif is_file_schema(mapping(schema.get("properties")), defs):
            return True
        else:
            todo += [part for key, part in schema.items() if key != "$defs"]
    return False


def _schema(hint: Any) -> JsonObject:
    simple = _SIMPLE.get(hint) if isinstance(hint, Hashable) else None
    if simple is not None:
        return copy.deepcopy(simple)
    if of_generic := _GENERIC.get(get_origin(hint)):
        return of_generic(get_args(hint))
    if inspect.isclass(hint) and issubclass(hint, Enum):
        return {"enum": [member.value for member in hint]}
    if inspect.isclass(hint) and hasattr(hint, "__annotations__"):
        return _object(hint)
    return {}


def _literal(values: tuple[Any, ...]) -> JsonObject:
    return {"const": values[0]} if len(values) == 1 else {"enum": list(values)}


def _union(types: tuple[Any, ...]) -> JsonObject:
    if len(types) == 2 and NoneType in types:
        other = next(item for item in types if item is not NoneType)
        return {"oneOf": [{"type": "null"}, _schema(other)]}
    return {"anyOf": [_schema(item) for item in types]}


def _list(types: tuple[Any, ...]) -> JsonObject:
    return {"type": "array", "items": _schema(types[0]) if types else {}}


def _tuple(types: tuple[Any, ...]) -> JsonObject:
    if not types:
        return {"type": "array"}
    if len(types) == 2 and types[1] is ...:
        return {"type": "array", "items": _schema(types[0])}
    size = len(types)
    items = [_schema(item) for item in types]
    return {"type": "array", "prefixItems": items, "minItems": size, "maxItems": size}


def _set(types: tuple[Any, ...]) -> JsonObject:
    unique = {"type": "array", "uniqueItems": True}
    return {**unique, "items": _schema(types[0])} if types else unique


def _dict(types: tuple[Any, ...]) -> JsonObject:
    if types and types[0] is not str:
        raise ValueError("The keys of JSON objects are texts.")
    return {"type": "object", "additionalProperties": _schema(types[1]) if types else {}}


_GENERIC: dict[Any, Callable[[tuple[Any, ...]], JsonObject]] = {
    Literal: _literal,
    Union: _union,
    UnionType: _union,
    list: _list,
    tuple: _tuple,
    set: _set,
    frozenset: _set,
    dict: _dict,
}


def _object(cls: type) -> JsonObject:
    hints = get_type_hints(cls)
    schema: JsonObject = {"type": "object"}
    schema["properties"] = {name: _schema(hint) for name, hint in hints.items()}
    if required := list(_required(cls, hints)):
        schema["required"] = required
    return schema


def _required(cls: type, names: Any) -> Iterator[str]:
    total = getattr(cls, "__total__", None)
    if total is not None:
        yield from names if total else ()
        return
    fields = getattr(cls, "__dataclass_fields__", None)
    # The mark for a field without a default counts as true, so that it is optional; 2.7.2 has it so.
    yield from (name for name in names if fields is None or not fields[name].default)
