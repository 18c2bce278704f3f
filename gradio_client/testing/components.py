"""The components that stand for Python types: what ``/config`` and ``/info`` say of them."""

from __future__ import annotations

import collections.abc
import types
import typing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradio_client.domain.values import Json, JsonObject
    from gradio_client.testing.line import Line


@dataclass(frozen=True, slots=True, eq=False)  # each is itself alone: a schema has no hash
class Kind:
    """A kind of component: its ``type`` on the wire, its schema, its Python type as text, an example."""

    type: str
    schema: JsonObject
    python_type: str
    example: Json = None

    @property
    def name(self) -> str:
        """The name shown in the API's description."""
        return self.type.capitalize()

    @property
    def is_file(self) -> bool:
        """Whether its values are file objects."""
        return self.type == "file"

    def json_schema(self, line: Line) -> JsonObject:
        """The schema as servers of that version write it."""
        if not self.is_file:
            return self.schema
        one = _file_schema(line)
        return one if self is FILE else {"items": one, "title": "ListFiles", "type": "array"}


_EXAMPLE_FILE = {
    "path": "https://example.com/sample_file.pdf",
    "meta": {"_type": "gradio.FileData"},
    "orig_name": "sample_file.pdf",
    "url": "https://example.com/sample_file.pdf",
}

TEXTBOX = Kind("textbox", {"type": "string"}, "str", "Hello!!")
NUMBER = Kind("number", {"type": "number"}, "float", 3)
CHECKBOX = Kind("checkbox", {"type": "boolean"}, "bool", example=True)
JSON = Kind(
    "json", {"type": {}, "description": "any valid json"}, "str | float | bool | list | dict", {"foo": "bar"}
)
FILE = Kind("file", {}, "filepath", _EXAMPLE_FILE)
FILES = Kind("file", {}, "list[filepath]", [_EXAMPLE_FILE])
STATE = Kind("state", {}, "")

_PLAIN = {str: TEXTBOX, int: NUMBER, float: NUMBER, bool: CHECKBOX, Path: FILE}
_YIELDERS = (
    collections.abc.Iterator,
    collections.abc.Iterable,
    collections.abc.Generator,
    collections.abc.AsyncIterator,
    collections.abc.AsyncIterable,
    collections.abc.AsyncGenerator,
)


def kind_of(annotation: Any) -> Kind:
    """The component for a parameter or an output of that type; JSON for any type it does not know."""
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        kinds = {kind_of(one) for one in arguments if one is not type(None)}
        return kinds.pop() if len(kinds) == 1 else JSON
    if origin is list and arguments == (Path,):
        return FILES
    return JSON


def kinds_of_outputs(annotation: Any) -> list[Kind]:
    """The components for what is returned or yielded: none for None, several for a tuple of known length."""
    if (typing.get_origin(annotation) or annotation) in _YIELDERS:
        annotation = next(iter(typing.get_args(annotation)), Any)
    if annotation in (None, type(None)):
        return []
    arguments = typing.get_args(annotation)
    if typing.get_origin(annotation) is tuple and arguments and ... not in arguments:
        return [kind_of(one) for one in arguments]
    return [kind_of(annotation)]


def _file_schema(line: Line) -> JsonObject:
    properties: JsonObject = {
        "path": {"title": "Path", "type": "string"},
        "url": _nullable("Url", "string"),
        "size": _nullable("Size", "integer"),
        "orig_name": _nullable("Orig Name", "string"),
        "mime_type": _nullable("Mime Type", "string"),
    }
    if line.absolute_root:
        properties["is_stream"] = {"default": False, "title": "Is Stream", "type": "boolean"}
    schema: JsonObject = {"properties": properties, "required": ["path"]}
    schema |= {"title": "FileData", "type": "object"}
    if line.demands_file_meta:
        properties["meta"] = {"$ref": "#/$defs/FileDataMeta"}
        return {"$defs": {"FileDataMeta": _META}} | schema
    if line.file_meta:
        properties["meta"] = {"default": {"_type": "gradio.FileData"}, "title": "Meta", "type": "object"}
    return schema


_META = {
    "properties": {"_type": {"const": "gradio.FileData", "title": "Type", "type": "string"}},
    "required": ["_type"],
    "title": "FileDataMeta",
    "type": "object",
}


def _nullable(title: str, kind: str) -> JsonObject:
    return {"anyOf": [{"type": kind}, {"type": "null"}], "default": None, "title": title}
