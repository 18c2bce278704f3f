"""Cancels what httpx does, but not while it closes connections: it would lose those that it has not come to.

With each request and response it closes the connections that have been idle for too long.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    import httpx

    from gradio_client_adapters._httpx_tunnel import Trace

T = TypeVar("T")

_under_way: set[asyncio.Task[Any]] = set()  # an event loop does not keep its tasks


async def to_its_end(coroutine: Coroutine[Any, Any, T]) -> T:
    """What a coroutine returns. It runs to its end when this is cancelled."""
    return await asyncio.shield(_task(coroutine))


async def sent(
    send: Callable[[Trace], Coroutine[Any, Any, httpx.Response]], trace: Trace | None
) -> httpx.Response:
    """The response to a request of a pool of ours; may be cancelled.

    Args:
        send: sends it, and says through its argument what it does, in httpcore's way.
        trace: is told too.
    """
    begun = asyncio.Event()

    async def traced(event: str, info: dict[str, Any]) -> None:
        begun.set()  # with this request, so that the old connections are closed
        if trace is not None:
            await trace(event, info)

    sending = _task(send(traced))
    sending.add_done_callback(lambda _: begun.set())
    try:
        return await asyncio.shield(sending)
    except asyncio.CancelledError:
        await to_its_end(_ended(sending, begun.wait()))
        raise


async def _ended(sending: asyncio.Task[httpx.Response], begun: Awaitable[object]) -> None:
    await begun
    sending.cancel()
    await asyncio.wait([sending])
    if not sending.cancelled() and sending.exception() is None:
        await sending.result().aclose()


def _task(coroutine: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    task = asyncio.ensure_future(coroutine)
    _under_way.add(task)
    task.add_done_callback(_forget)
    return task


def _forget(task: asyncio.Task[Any]) -> None:
    _under_way.discard(task)
    if not task.cancelled():
        task.exception()  # nobody may be left who wants to know
