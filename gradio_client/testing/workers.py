"""Threads for functions that block. Daemons: a function that never ends must not hold up the interpreter."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from gradio_client.transport.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Callable


class FunctionThreads:
    """Threads that run one call at a time each, made as they are needed."""

    def __init__(self) -> None:
        self._threads = Workers("app-worker")

    def run(self, function: Callable[[], Any]) -> asyncio.Future[Any]:
        """Start the call on a thread, for the running loop. Cancelling the future does not stop the call."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()

        def work() -> None:
            try:
                result, error = function(), None
            except BaseException as caught:  # noqa: BLE001 - it belongs to who waits for the future
                result, error = None, caught
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
                loop.call_soon_threadsafe(_settle, future, result, error)

        self._threads.run(work)
        return future

    def close(self) -> None:
        """Send the idle threads home; busy ones leave when their call ends."""
        self._threads.close()


def _settle(future: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if future.done():
        return
    if isinstance(error, StopIteration):  # no future takes it
        future.set_exception(RuntimeError("The function raised StopIteration."))
    elif error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)
