"""JSON schemas for comparisons: the recorded ones, and ones made up by a seeded generator."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from servers import wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Maker = Callable[[Random, int], dict[str, Any]]

SCENARIOS = ("config", "auth", "chat", "subpath")
NAMES = ("A", "B", "C")
SCALARS = ("null", "integer", "string", "boolean", "number")
VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    1.5,
    "x",
    "any json",
    "const",
    "gradio.FileData",
    [],
    ["json"],
    {},
    {"json": 1},
)
FILE_META = {"type": "object", "properties": {"_type": {"const": "gradio.FileData"}}}


def recorded_infos() -> Iterator[dict[str, Any]]:
    """The answers to ``/info`` of all recorded servers."""
    for version in wire.versions():
        for scenario in SCENARIOS:
            yield wire.info(version, scenario)


def recorded() -> Iterator[Any]:
    """The schema of every parameter and return value that a recorded server described."""
    for info in recorded_infos():
        for endpoint in (*info["named_endpoints"].values(), *info["unnamed_endpoints"].values()):
            for value in (*endpoint["parameters"], *endpoint["returns"]):
                yield value["type"]


def made_up(count: int, *, seed: int) -> Iterator[Any]:
    """As many schemas, some of them nonsense; the same for the same seed."""
    random = Random(seed)
    for _ in range(count):
        definitions = {name: _schema(random, 2) for name in NAMES}
        definitions |= {"Meta": FILE_META, "Alias": {"$ref": "#/$defs/Meta"}}
        yield {**_schema(random, 3), "$defs": definitions}


def _schema(random: Random, depth: int) -> dict[str, Any]:
    makers: list[Maker] = [_scalar, _value, _untyped, _odd]
    makers += [_array, _object, _file, _combination, _reference] if depth else []
    schema = random.choice(makers)(random, depth)
    if random.random() < 0.2:  # keywords that contend
        schema |= random.choice(makers)(random, depth)
    if random.random() < 0.2:
        schema["description"] = random.choice(VALUES)
    return schema


def _scalar(random: Random, depth: int) -> dict[str, Any]:
    return {"type": random.choice(SCALARS)}


def _value(random: Random, depth: int) -> dict[str, Any]:
    return random.choice([{"const": random.choice(VALUES)}, {"enum": random.choices(VALUES, k=3)}])


def _untyped(random: Random, depth: int) -> dict[str, Any]:
    return random.choice([{}, {"type": {}}, {"type": {}, "description": "any valid json"}])


def _odd(random: Random, depth: int) -> dict[str, Any]:
    words = ("type", "enum", "items", "anyOf", "$ref", "properties")
    return {word: random.choice(VALUES) for word in random.choices(words, k=2)}


def _array(random: Random, depth: int) -> dict[str, Any]:
    several = [_schema(random, depth - 1) for _ in range(random.randint(0, 3))]
    shape: dict[str, Any] = random.choice(
        [{"items": _schema(random, depth - 1)}, {"items": {"prefixItems": several}}, {"prefixItems": several}]
    )
    return {"type": "array", **shape}


def _object(random: Random, depth: int) -> dict[str, Any]:
    names = random.choices(["a", "b (c)", "é", "path", "meta", "$defs"], k=random.randint(0, 3))
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: _schema(random, depth - 1) for name in names},
    }
    if random.random() < 0.3:
        additional: list[Any] = [True, {}, _schema(random, depth - 1)]
        schema["additionalProperties"] = random.choice(additional)
    return schema


def _file(random: Random, depth: int) -> dict[str, Any]:
    """What is a file, and what nearly is one."""
    meta = random.choice(
        [
            FILE_META,
            {"$ref": "#/$defs/Meta"},
            {"$ref": "#/$defs/Alias"},
            {"$ref": "#/$defs/Nowhere", **FILE_META},
            {"type": "object", "default": {"_type": random.choice(VALUES)}},
            _schema(random, depth - 1),
        ]
    )
    optional = {name: _nullable(kind) for name, kind in _FILE_FIELDS.items()}
    fields = {"path": {"type": "string"}, **optional, "is_stream": {"type": "boolean"}, "meta": meta}
    return {"type": "object", "properties": fields}


_FILE_FIELDS = {"url": "string", "size": "integer", "orig_name": "string", "mime_type": "string"}


def _nullable(kind: str) -> dict[str, Any]:
    return {"anyOf": [{"type": kind}, {"type": "null"}]}


def _combination(random: Random, depth: int) -> dict[str, Any]:
    several = [_schema(random, depth - 1) for _ in range(random.randint(0, 3))]
    return {random.choice(["anyOf", "oneOf", "allOf"]): several}


def _reference(random: Random, depth: int) -> dict[str, Any]:
    return {"$ref": random.choice(["#/$defs/", "#/definitions/", ""]) + random.choice([*NAMES, "Z"])}
