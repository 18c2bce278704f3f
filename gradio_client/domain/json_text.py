"""JSON from a server, which may be made to exhaust the memory or the stack of whoever reads it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gradio_client.domain.bounds import CONTAINERS, DEPTH

if TYPE_CHECKING:
    from gradio_client.domain.values import Json


def parsed(text: str | bytes) -> Json:
    """The value that a JSON text holds. ``NaN`` and ``Infinity`` count as numbers (trap 19).

    Raises:
        ValueError: it is no JSON, an integer has more digits than Python reads, or its lists and
            objects are too many or nest too deeply; the message says which.
    """
    opened = _opened(text)
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("Lists and objects nest too deeply") from None
    return _checked(value, opened)


def embedded(text: str, start: int) -> Json:
    """The value of the JSON that begins at a place in a longer text.

    Raises:
        ValueError: as ``parsed``.
    """
    opened = _opened(text)
    try:
        value, _ = json.JSONDecoder().raw_decode(text, start)
    except RecursionError:
        raise ValueError("Lists and objects nest too deeply") from None
    return _checked(value, opened)


def nests_deeper(value: Json, depth: int) -> bool:
    """Whether more than ``depth`` lists and objects are within each other."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(depth):
        level = [
            item
            for container in level
            for item in (container.values() if type(container) is dict else container)
            if type(item) is list or type(item) is dict
        ]
        if not level:
            return False
    return True


def _opened(text: str | bytes) -> int:
    """How many lists and objects there are at most: brackets within texts count too."""
    if isinstance(text, str):
        opened = text.count("[") + text.count("{")
    else:
        opened = text.count(b"[") + text.count(b"{")
    if opened > CONTAINERS:
        raise ValueError(f"More than {CONTAINERS} lists and objects")
    return opened


def _checked(value: Json, opened: int) -> Json:
    if opened > DEPTH and nests_deeper(value, DEPTH):
        raise ValueError(f"More than {DEPTH} lists and objects within each other")
    return value
