"""The Python type that a JSON schema of the API description stands for, as text for people.

The texts are those of ``gradio_client`` 2.7.2, which programs compare. Schemas come from servers
of every age and from plugins, so that nothing about them is relied upon: what cannot be read is
``Any``. A schema is expanded with a list of what is still to be written instead of recursion
(they may nest deeper than Python's stack), and what a ``$ref`` may repeat is limited.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from gradio_client.domain.files import FILE_MARK
from gradio_client.domain.lenient import mapping, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from gradio_client.domain.values import Json, JsonObject

#: Text to write, or a schema whose text goes there.
_Piece: TypeAlias = "str | JsonObject"
_Shape: TypeAlias = "Callable[[JsonObject, JsonObject], list[_Piece]]"

_REPEATS = 1_000_000  # characters and schemas that references may write again
_ANY_JSON = "str | float | bool | list | dict"
_FILE = "filepath"

#: A file schema whose ``meta`` is reached in a way that `_is_file` does not follow.
SPELLED_OUT_FILE = (
    "dict(path: str, url: str | None, size: int | None, orig_name: str | None, mime_type: str | None, "
    "is_stream: bool, meta: dict(_type: Literal[gradio.FileData]))"
)


class Allowance:
    """What references may write again, over one or several schemas that live as long as this.

    Args:
        left: characters and schemas.
    """

    def __init__(self, left: int = _REPEATS) -> None:
        self.left = left
        self.seen: set[int] = set()


def python_type(schema: Json, allowance: Allowance | None = None) -> str:
    """Python type of the values that fit a schema, such as ``list[filepath]``.

    Never raises, whatever the schema: unreadable parts, unknown references and
    references that lead back to themselves are ``Any``. Takes time in proportion to
    the schema, and to the text up to about a million repeated characters.

    Args:
        schema: of any shape.
        allowance: shared by the schemas of one description; None for one of this schema alone.
    """
    return "".join(_Expansion(schema, allowance or Allowance())).replace(SPELLED_OUT_FILE, _FILE)


class _Expansion:
    """The pieces of a schema's text, in order.

    Invariants: ``path`` holds the schemas whose text is being written, so that none contains itself;
    a schema that was ``seen`` before costs from the allowance, and is not written once that is used up.
    """

    def __init__(self, schema: Json, allowance: Allowance) -> None:
        self.todo: list[_Piece | int] = [_piece(schema)]  # the next one last; a number ends that schema
        self.defs = mapping(mapping(schema).get("$defs"))
        self.path: set[int] = set()
        self.allowance = allowance

    def __iter__(self) -> Iterator[str]:
        while self.todo:
            piece = self.todo.pop()
            if isinstance(piece, str):
                yield piece
            elif isinstance(piece, int):
                self.path.remove(piece)
            else:
                self._enter(piece)

    def _enter(self, schema: JsonObject) -> None:
        name = id(schema)
        known = name in self.allowance.seen
        if name in self.path or (known and self.allowance.left <= 0):
            self.todo.append("Any")
            return
        pieces = _pieces(schema, self.defs)
        if known:
            self.allowance.left -= 1 + sum(len(piece) for piece in pieces if isinstance(piece, str))
        self.allowance.seen.add(name)
        self.path.add(name)
        self.todo.append(name)
        self.todo.extend(reversed(pieces))


def _pieces(schema: JsonObject, defs: JsonObject) -> list[_Piece]:
    kind = _kind(schema)
    if isinstance(kind, list):  # "type": ["string", "null"]
        words = dict.fromkeys(word for word in kind if isinstance(word, str) and word in _SHAPES)
        return _joined(" | ", [_SHAPES[word](schema, defs) for word in words]) or ["Any"]
    if kind is None or kind == {}:
        return _untyped(schema)
    shape = _SHAPES.get(kind) if isinstance(kind, str) else None
    return shape(schema, defs) if shape else ["Any"]


def _kind(schema: JsonObject) -> Json:
    """The word that decides about a schema; None when it has none."""
    for word in ("const", "enum"):
        if word in schema:
            return word
    if "type" in schema:
        return schema["type"]
    return next((word for word in ("$ref", "oneOf", "anyOf", "allOf") if schema.get(word)), None)


def _untyped(schema: JsonObject) -> list[_Piece]:
    """A schema without a type says in its description whether it takes any JSON."""
    description = schema.get("description")
    holds_json = isinstance(description, str | list | dict) and "json" in description
    return [_ANY_JSON if holds_json else "Any"]


def _const(schema: JsonObject, _defs: JsonObject) -> list[_Piece]:
    return [f"Literal[{shown(schema['const'])}]"] if "const" in schema else ["Any"]


def _enum(schema: JsonObject, _defs: JsonObject) -> list[_Piece]:
    choices = schema.get("enum")
    if not isinstance(choices, str | list | dict):
        return ["Any"]
    return ["Literal[" + ", ".join(f"'{shown(choice)}'" for choice in choices) + "]"]


def _reference(schema: JsonObject, defs: JsonObject) -> list[_Piece]:
    return [_piece(resolved(schema, defs))]


def _array(schema: JsonObject, _defs: JsonObject) -> list[_Piece]:
    items = schema.get("items")
    for holder in (mapping(items), schema):  # Gradio puts them into `items`, the standard beside it
        if "prefixItems" in holder:
            return ["tuple[", *_joined(", ", _each(holder["prefixItems"])), "]"]
    return ["list[", _piece(items), "]"]


def _object(schema: JsonObject, defs: JsonObject) -> list[_Piece]:
    properties = mapping(schema.get("properties"))
    if is_file_schema(properties, defs):
        return [_FILE]
    fields = [_field(name, value) for name, value in properties.items() if name != "$defs"]
    additional = schema.get("additionalProperties", False)
    if additional is not False and additional is not None:
        fields.append(["str, ", _piece(additional)])
    return ["dict(", *_joined(", ", fields), ")"]


def _field(name: Json, schema: Json) -> list[_Piece]:
    description = mapping(schema).get("description")
    return [f"{shown(name)}: ", _piece(schema), f" ({shown(description)})" if description else ""]


def is_file_schema(properties: JsonObject, defs: JsonObject) -> bool:
    """Whether an object with these properties is a file (protocol section 4); references lead to ``defs``."""
    if "path" not in properties or "meta" not in properties:
        return False
    meta = mapping(resolved(properties["meta"], defs))
    if "_type" in (fields := mapping(meta.get("properties"))):
        return bool(mapping(fields["_type"]).get("const") == FILE_MARK)
    return bool(mapping(meta.get("default")).get("_type") == FILE_MARK)


def resolved(schema: Json, defs: JsonObject) -> Json:
    """What a reference stands for in ``defs``; one that leads nowhere, and any other schema, as it is."""
    reference = mapping(schema).get("$ref")
    return defs.get(reference.split("/")[-1], schema) if isinstance(reference, str) else schema


def _union(word: str) -> _Shape:
    return lambda schema, _defs: _joined(" | ", _each(schema.get(word)))


def _intersection(schema: JsonObject, _defs: JsonObject) -> list[_Piece]:
    return ["All[", *_joined(", ", _each(schema.get("allOf"))), "]"]


def _always(text: str) -> _Shape:
    return lambda _schema, _defs: [text]


_SHAPES: dict[str, _Shape] = {
    "null": _always("None"),
    "integer": _always("int"),
    "string": _always("str"),
    "boolean": _always("bool"),
    "number": _always("float"),
    "array": _array,
    "object": _object,
    "const": _const,
    "enum": _enum,
    "$ref": _reference,
    "oneOf": _union("oneOf"),
    "anyOf": _union("anyOf"),
    "allOf": _intersection,
}


def _joined(separator: str, groups: Iterable[Sequence[_Piece]]) -> list[_Piece]:
    joined: list[_Piece] = []
    for group in groups:
        joined += [separator, *group] if joined else group
    return joined


def _each(schemas: Json) -> list[list[_Piece]]:
    if isinstance(schemas, list | tuple):
        return [[_piece(schema)] for schema in schemas]
    return [] if schemas in ("", {}) else [["Any"]]


def _piece(schema: Json) -> _Piece:
    return schema if isinstance(schema, dict) and schema else "Any"
