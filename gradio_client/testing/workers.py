"""Threads for functions that block. Daemons: a function that never ends must not hold up the interpreter."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

_Job = tuple[Callable[[], Any], "asyncio.Future[Any]"]


class Workers:
    """Threads that run one call at a time each, made as they are needed; used by one event loop."""

    def __init__(self) -> None:
        self._idle: list[SimpleQueue[_Job | None]] = []
        self._closed = False

    def run(self, function: Callable[[], Any]) -> asyncio.Future[Any]:
        """Start the call on a thread. Cancelling the future does not stop the call."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        inbox = self._idle.pop() if self._idle else self._hire(loop)
        inbox.put((function, future))
        return future

    def close(self) -> None:
        """Send the idle threads home; busy ones leave when their call ends."""
        self._closed = True
        while self._idle:
            self._idle.pop().put(None)

    def _hire(self, loop: asyncio.AbstractEventLoop) -> SimpleQueue[_Job | None]:
        inbox: SimpleQueue[_Job | None] = SimpleQueue()
        threading.Thread(target=self._work, args=(loop, inbox), name="app-worker", daemon=True).start()
        return inbox

    def _work(self, loop: asyncio.AbstractEventLoop, inbox: SimpleQueue[_Job | None]) -> None:
        while (job := inbox.get()) is not None:
            function, future = job
            try:
                result, error = function(), None
            except BaseException as caught:  # noqa: BLE001 - it belongs to who waits for the future
                result, error = None, caught
            try:
                loop.call_soon_threadsafe(self._done, inbox, future, result, error)
            except RuntimeError:  # the loop is closed: nobody waits
                return

    def _done(
        self,
        inbox: SimpleQueue[_Job | None],
        future: asyncio.Future[Any],
        result: Any,
        error: BaseException | None,
    ) -> None:
        if self._closed:
            inbox.put(None)
        else:
            self._idle.append(inbox)
        if future.done():
            return
        if isinstance(error, StopIteration):  # no future takes it
            future.set_exception(RuntimeError("The function raised StopIteration."))
        elif error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)
