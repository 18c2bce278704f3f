"""Cancels what httpx does, but not while it closes connections.

With each request and each response httpcore closes the connections that have been idle for too long. When a
task is cancelled at that, httpcore forgets those that it has not come to yet.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    import httpx

    from gradio_client_adapters._httpx_tunnel import Trace

T = TypeVar("T")


async def to_its_end(coroutine: Coroutine[Any, Any, T]) -> T:
    """Await what never takes long, to its end: it is not cancelled when this is.

    Raises:
        CancelledError: this was cancelled, however often; it has ended all the same.
        Exception: whatever it raises.
    """
    task = asyncio.ensure_future(coroutine)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is None:
        return task.result()
    if not task.cancelled():
        task.exception()  # nobody is left who wants to know
    raise cancelled


class Sending:
    """One request of a pool of ours, which may be cancelled.

    Args:
        send: sends it, and says through its argument what it does, in httpcore's way.
        trace: is told too.
    """

    def __init__(
        self, send: Callable[[Trace], Coroutine[Any, Any, httpx.Response]], trace: Trace | None
    ) -> None:
        self._trace = trace
        self._begun = asyncio.Event()
        self._failing = False
        self._task = asyncio.ensure_future(send(self._traced))
        self._task.add_done_callback(lambda _: self._begun.set())

    async def response(self) -> httpx.Response:
        """The answer.

        Raises:
            CancelledError: this was cancelled; nothing is under way any more.
            Exception: whatever sending raises.
        """
        try:
            return await asyncio.shield(self._task)
        except asyncio.CancelledError:
            await to_its_end(self._ended())
            raise

    async def _traced(self, event: str, info: dict[str, Any]) -> None:
        self._begun.set()  # with this request, so that what was idle is closed
        # After a failure it is closed as well. One to send is none yet: the server may have answered before.
        closing = event.endswith(("connect_tcp.failed", "start_tls.failed", "response_closed.started"))
        self._failing = self._failing or closing
        if self._trace is not None:
            await self._trace(event, info)

    async def _ended(self) -> None:
        await self._begun.wait()
        if not self._failing:
            self._task.cancel()
        await asyncio.wait([self._task])
        if not self._task.cancelled() and self._task.exception() is None:
            await self._task.result().aclose()
