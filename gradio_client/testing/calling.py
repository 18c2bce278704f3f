"""Running an app's function, of whatever kind, one result at a time."""

from __future__ import annotations

import asyncio
import inspect
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any

from gradio_client.testing.context import RUNNING, Running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from gradio_client.testing.workers import FunctionThreads

_FINISHED = object()


async def results(
    function: Callable[[], Any], running: Running, workers: FunctionThreads
) -> AsyncIterator[Any]:
    """What the function returns, or each value it yields; it may be a ``functools.partial`` of any kind.

    Close it (``contextlib.aclosing``). When cancelled, a generator's current step is waited for and the
    generator closed; a plain function's thread runs on, and its result is dropped (protocol section 8.3).
    """
    RUNNING.set(running)
    if inspect.isasyncgenfunction(function):
        generator = function()
        try:
            async for value in generator:
                yield value
        finally:
            await generator.aclose()
    elif inspect.isgeneratorfunction(function):
        async for value in _stepwise(function, workers):
            yield value
    elif inspect.iscoroutinefunction(function):
        yield await function()
    else:
        yield await workers.run(partial(copy_context().run, function))


async def _stepwise(function: Callable[[], Any], workers: FunctionThreads) -> AsyncIterator[Any]:
    context = copy_context()
    generator = function()
    step = partial(context.run, next, generator, _FINISHED)
    try:
        while (value := await _to_the_end(workers.run(step))) is not _FINISHED:
            yield value
    finally:
        await _to_the_end(workers.run(generator.close))


async def _to_the_end(future: asyncio.Future[Any]) -> Any:
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        await asyncio.wait([future])
        raise
