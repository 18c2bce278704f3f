"""What the gradio_client of this environment says about things that JSON cannot carry; printed as JSON.

It runs in two environments: in this package's and, as a script, in that of gradio_client 2.7.2.
"""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import enum
import json
import sys
import tempfile
from pathlib import Path
from random import Random
from typing import Any, Literal, Optional, TypedDict, Union

from gradio_client import utils
from gradio_client.documentation import classes_inherit_documentation, document, document_fn


class Colour(enum.Enum):
    RED = "red"
    BLUE = 2


@dataclasses.dataclass
class Point:
    x: int
    y: float = 1.5
    z: int = 0
    name: Optional[str] = None  # noqa: UP045 - what older code has


class Movie(TypedDict):
    title: str
    year: int


class Partial(TypedDict, total=False):
    title: str


class Plain:
    a: int
    b: list[str] = []  # noqa: RUF012 - only its hint counts


class Odd:
    a: NoSuchName  # type: ignore[name-defined] # noqa: F821 - that is what is odd


_HINTS: tuple[Any, ...] = (
    *(None, type(None), Any, str, int, float, bool, dict, list, tuple, set, frozenset, bytes, bytearray),
    *(Literal["a"], Literal["a", 1], int | str, int | str | None, int | None),
    *(Optional[int], Union[int, str], Union[int, str, None]),  # noqa: UP007, UP045 - what older code has
    *(list[int], list[list[str]], tuple[int, str], tuple[int, ...], tuple[()], set[int], frozenset[str]),
    *(dict[str, int], dict[str, list[int]], dict[int, str], dict[str, Any], list[Any], list[Point]),
    *(Colour, Point, Movie, Partial, Plain, Odd, object, complex, "str", 5, [], type, asyncio.Queue),
)
HINTS = {str(hint).replace(__name__, "probe"): hint for hint in _HINTS}


def documented(first: int, second: str = "x", *args: int, third: Any = Colour.RED, **kwargs: str) -> str:
    """Do something.

    Second line.
    Parameters:
        first: the first: with a colon
            and a second line
              and a third
        second: kwargs or args
        kwargs: passed on as kwargs
    Returns:
        what it makes
    Example:
        documented(1)
        documented(2)
    """
    return str((first, second, args, third, kwargs))


def bare(self: Any, _private: int, a: int = 3, *args: int, **kwargs: int) -> None: ...


def wrong() -> None:
    """Parameters:
        nobody: is there
    """  # fmt: skip


def unindented() -> None:
    """Returns:
    nothing
    """


class Thing:
    EVENTS = ("click",)

    def example_of_another(self) -> None:
        """Example: gr.Other(1)
            Other()
        """  # fmt: skip

    def example_of_this(self) -> None:
        """Example: gr.Thing(Thing)
            Thing()
        """  # fmt: skip


def documentation() -> dict[str, Any]:
    found = {}
    methods = (Thing.example_of_another, Thing.example_of_this)
    given = [(fn, Thing) for fn in (documented, bare, wrong, unindented, *methods)]
    for fn, cls in [*given, (documented, None)]:
        try:
            found[f"{fn.__name__} of {cls and cls.__name__}"] = repr(document_fn(fn, cls))
        except Exception as error:  # noqa: BLE001 - its kind is the answer
            found[f"{fn.__name__} of {cls and cls.__name__}"] = type(error).__name__
    found["document"] = str(document("a", inherit=True)(Thing) is Thing)
    found["inherit"] = str(classes_inherit_documentation.get(Thing, "not noted"))
    return found


def traversals() -> dict[str, Any]:
    value = {"a": [1, ("x", {"path": "p"})], "path": {"path": "q", "deep": [{"path": "r"}]}, "n": None}
    return {
        "files": utils.traverse(value, lambda file: file["path"], utils.is_file_obj),
        "texts": utils.traverse(value, str.upper, lambda item: isinstance(item, str)),
        "root": utils.traverse(5, str, lambda _: True),
        "async": asyncio.run(utils.async_traverse(value, shouted, lambda item: isinstance(item, str))),
        "waited": utils.synchronize_async(shouted, "a"),
        "twice": [utils.synchronize_async(loop) == utils.synchronize_async(loop)],
    }


async def shouted(text: str) -> str:
    await asyncio.sleep(0)
    return text.upper()


async def loop() -> int:
    return id(asyncio.get_running_loop())


def nested(count: int, seed: int) -> dict[str, Any]:
    """The schemas of generated hints, by the hint."""
    random = Random(seed)
    hints = [hint(random, 3) for _ in range(count)]
    return {str(one).replace(__name__, "probe"): utils.python_type_to_json_schema(one) for one in hints}


def hint(random: Random, depth: int) -> Any:
    """A type hint that nests at most so deep."""
    simple = (str, int, float, bool, None, Any, Literal["a", 1], Colour, Movie, dict, list)
    if not depth or random.random() < 0.2:
        return random.choice(simple)
    inner: Any = hint(random, depth - 1)
    other: Any = hint(random, depth - 1)
    made: tuple[Any, ...] = (
        list[inner],
        dict[str, inner],
        tuple[inner, other],
        tuple[inner, ...],
        set[inner],
    )
    return random.choice((*made, Optional[inner], Union[inner, other]))  # noqa: UP007, UP045 - what older code has


def traversed(count: int, seed: int) -> list[Any]:
    """Generated values with their files and texts changed."""
    random = Random(seed)
    found = []
    for _ in range(count):
        value = nest(random, 4)
        files = utils.traverse(value, lambda file: ["file", file], utils.is_file_obj)
        found.append([files, utils.traverse(value, str.upper, lambda item: isinstance(item, str))])
    return found


def nest(random: Random, depth: int) -> Any:
    """A value of lists, tuples and dictionaries, with files in it."""
    if not depth or random.random() < 0.2:
        return random.choice([None, 1, "x", {"path": "p"}, {"path": 1}])
    items = [nest(random, depth - 1) for _ in range(random.randint(0, 3))]
    return random.choice([items, tuple(items), dict(zip(("a", "path", "meta"), items, strict=False))])


def written(count: int, seed: int) -> list[Any]:
    """What the functions that make files make: the end of the name, and the content."""
    random = Random(seed)
    found: list[Any] = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(count):
            data = base64.b64encode(random.randbytes(random.randint(0, 40))).decode()
            url = random.choice(["data:image/png;base64,", "data:audio/wav;base64,", ""]) + data
            path = random.choice([None, "abc.txt", "b/c d$.tar.gz", "plain"])
            prefix = random.choice([None, "pre?fix"])
            with utils.decode_base64_to_file(url, path, dir=folder, prefix=prefix) as made:
                start = Path(made.name).name[: 3 if prefix or path else 0]
                found.append([start, "".join(Path(made.name).suffixes), Path(made.name).read_bytes().hex()])
            value = nest(random, 3)
            found += [kept(value, folder), kept(json.dumps(value), folder)]
    return found


def kept(given: Any, folder: str) -> list[Any]:
    """A value written as JSON, copied, and read again."""
    try:
        with utils.dict_or_str_to_json_file(given, folder) as made:
            copy = Path(utils.create_tmp_copy_of_file(made.name, folder))
    except (ValueError, TypeError) as error:
        return [type(error).__name__]
    same = copy.name == Path(made.name).name and copy != Path(made.name)
    return [Path(made.name).suffix, copy.read_text(), utils.file_to_json(str(copy)), same]


def changed() -> list[Any]:
    """What is made after somebody changed what was made before."""
    for hint in (dict, list):
        for part in utils.python_type_to_json_schema(hint).values():
            if isinstance(part, dict):
                part["type"] = "string"
    return [utils.python_type_to_json_schema(hint) for hint in (dict, list)]


def statuses() -> dict[str, Any]:
    """What is known of statuses; None is an error."""
    found: dict[str, Any] = {}
    for status in utils.Status:
        found[f"ordering {status}"] = answered(utils.Status.ordering, status)
        for other in utils.Status:
            found[f"{status} < {other}"] = answered(status.__lt__, other)
    for message in utils.ServerMessage:
        found[f"meaning of {message.value}"] = answered(utils.Status.msg_to_status, message.value)
    return found


def answered(asked: Any, *given: Any) -> str | None:
    try:
        return repr(asked(*given))
    except Exception:  # noqa: BLE001 - whatever it raises is no answer
        return None


def bars(count: int, seed: int) -> list[str]:
    """Generated bars of progress; a field may be missing or odd."""
    random = Random(seed)
    found = []
    for _ in range(count):
        fields = random.sample(
            ["index", "length", "unit", "progress", "desc", "more"], k=random.randint(0, 6)
        )
        given = [{name: nest(random, 1) for name in fields} for _ in range(random.randint(0, 3))]
        found.append(repr(utils.ProgressUnit.from_msg(given)))
    return found


def probe() -> dict[str, Any]:
    schemas = {name: utils.python_type_to_json_schema(hint) for name, hint in HINTS.items()}
    found = {
        "schemas": schemas,
        "changed": changed(),
        "nested": nested(300, seed=20),
        "documentation": documentation(),
        "traversals": traversals(),
        "traversed": traversed(300, seed=21),
        "written": written(60, seed=22),
        "bars": bars(200, seed=23),
        "statuses": statuses(),
    }
    answers: dict[str, Any] = json.loads(json.dumps(found, default=repr))
    return answers


if __name__ == "__main__":
    sys.stdout.write(json.dumps(probe()))
