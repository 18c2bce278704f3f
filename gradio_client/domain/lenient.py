"""Reading JSON that may have any shape, without ever raising."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradio_client.domain.values import Json, JsonObject


def mapping(value: Json) -> JsonObject:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def shown(value: Json) -> str:
    """``str(value)``, or ``...`` where Python refuses.

    It does for what nests too deeply, and for integers of more digits than it writes.
    """
    try:
        return str(value)
    except (RecursionError, ValueError):
        return "..."
