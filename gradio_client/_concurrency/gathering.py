"""Several things at once, of which each may fail or be cancelled."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection, Coroutine, Iterable

T = TypeVar("T")


async def gather_or_cancel(coroutines: Iterable[Coroutine[None, None, T]]) -> list[T]:
    """The results of several coroutines; when one fails, the others are cancelled, and its error raised."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(coroutine) for coroutine in coroutines]
    except BaseExceptionGroup as failures:  # raised again, one of them: also a SystemExit among them
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]


def cancelled_by_others() -> bool:
    """Whether the current task was itself cancelled, where what it waited for may have been."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def emptied(tasks: Collection[asyncio.Task[None]], seconds: float) -> None:
    """Wait until a collection that tasks leave at their end is empty, or the time is over.

    Those that join it meanwhile are waited for as well. None is cancelled.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while tasks:
                await asyncio.wait(tasks)
