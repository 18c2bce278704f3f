"""What the gradio_client of this environment says about things that JSON cannot carry; printed as JSON.

It runs in two environments: in this package's and, as a script, in that of gradio_client 2.7.2.
"""

from __future__ import annotations

import asyncio
import dataclasses
import enum
import json
import sys
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
    for fn in (documented, bare, wrong, unindented, Thing.example_of_another, Thing.example_of_this):
        try:
            found[fn.__name__] = repr(document_fn(fn, Thing))
        except Exception as error:  # noqa: BLE001 - its kind is the answer
            found[fn.__name__] = type(error).__name__
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


def probe() -> dict[str, Any]:
    schemas = {name: utils.python_type_to_json_schema(hint) for name, hint in HINTS.items()}
    found = {"schemas": schemas, "documentation": documentation(), "traversals": traversals()}
    answers: dict[str, Any] = json.loads(json.dumps(found, default=repr))
    return answers


if __name__ == "__main__":
    sys.stdout.write(json.dumps(probe()))
