"""Replacing parts of JSON values, wherever they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def traverse(json_obj: Any, func: Callable[..., Any], is_root: Callable[..., bool]) -> Any:
    """A copy of a value in which each part for which ``is_root`` holds is what ``func`` makes of it.

    Parts are visited from the outside inwards, in order; what is inside a replaced part is not
    visited. Lists and tuples become lists. Nothing is copied but dictionaries and lists.
    """
    if is_root(json_obj):
        return func(json_obj)
    if isinstance(json_obj, dict):
        return {key: traverse(item, func, is_root) for key, item in json_obj.items()}
    if isinstance(json_obj, list | tuple):
        return [traverse(item, func, is_root) for item in json_obj]
    return json_obj


async def async_traverse(
    json_obj: Any, func: Callable[..., Awaitable[Any]], is_root: Callable[..., bool]
) -> Any:
    """``traverse`` for a ``func`` that is awaited; one part after another."""
    if is_root(json_obj):
        return await func(json_obj)
    if isinstance(json_obj, dict):
        return {key: await async_traverse(item, func, is_root) for key, item in json_obj.items()}
    if isinstance(json_obj, list | tuple):
        return [await async_traverse(item, func, is_root) for item in json_obj]
    return json_obj
