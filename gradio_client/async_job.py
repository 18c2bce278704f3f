"""The jobs of ``AsyncClient``."""

from __future__ import annotations

import asyncio
import contextvars
from typing import TYPE_CHECKING, TypeVar

from gradio_client._concurrency.gathering import cancelled_by_others
from gradio_client._jobs.feed import is_end, last_status
from gradio_client.domain.events import Cancelled, Completed, Failed, JobEvent, Output

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Generator

    from gradio_client._jobs.feed import Entry
    from gradio_client._jobs.run import JobRun
    from gradio_client.domain.status import StatusUpdate
    from gradio_client.domain.values import Json

T = TypeVar("T")


class AsyncJob:
    """A job of ``AsyncClient.submit``: await it for the result, or iterate it for outputs as they arrive.

    Cancelling the task that awaits the job cancels the job. It belongs to its client's event loop.
    """

    def __init__(self, starting: asyncio.Future[JobRun]) -> None:
        self._starting = starting

    def __repr__(self) -> str:
        if self._begun:
            run = self._starting.result()
            return f"<AsyncJob {run.call.endpoint.label} {run.feed.status.code.value}>"
        status = self.status()
        return f"<AsyncJob {status.code.value if status else 'not yet started'}>"

    def __await__(self) -> Generator[object, None, Json]:
        return self.result().__await__()

    async def result(self) -> Json:
        """The job's result: the value of a single output, else a tuple of all of them.

        Raises:
            GradioClientError: the job failed.
            OSError: a file of this machine could not be read for an upload, or written for a download.
            asyncio.CancelledError: the job was cancelled.
        """
        run = await self._run()
        ended: asyncio.Future[JobEvent] = asyncio.get_running_loop().create_future()

        def listen(entry: Entry) -> None:
            if is_end(entry.event) and not ended.done():
                ended.set_result(entry.event)

        run.feed.subscribe(listen)
        return _value(await self._unless_cancelled(ended))

    async def __aiter__(self) -> AsyncIterator[Json]:
        """Each output in turn: every yield of a generator, or the one result of another function.

        Raises:
            GradioClientError: the job failed, after the outputs that came before. A cancelled job
                just ends: whoever cancels knows it.
        """
        async for event in self.events():
            if isinstance(event, Output):
                yield event.value
            elif isinstance(event, Failed):
                raise event.error

    async def events(self) -> AsyncIterator[JobEvent]:
        """Everything that happens to the job, from its beginning, in order; the last event is its end.

        Queue positions and progress that were superseded before the iteration began are left out.

        Raises:
            GradioClientError: the job could not even be started.
        """
        try:
            run = await self._run()
        except asyncio.CancelledError:
            if cancelled_by_others():
                raise
            yield Cancelled()
            return
        inbox: asyncio.Queue[Entry] = asyncio.Queue()
        run.feed.subscribe(inbox.put_nowait)
        try:
            while True:
                event = (await self._unless_cancelled(inbox.get())).event
                yield event
                if is_end(event):
                    return
        finally:
            run.feed.unsubscribe(inbox.put_nowait)

    def outputs(self) -> list[Json]:
        """The outputs so far."""
        return list(self._starting.result().feed.outputs) if self._begun else []

    def status(self) -> StatusUpdate | None:
        """The latest status; None before the client has connected."""
        if self._begun:
            return self._starting.result().feed.status
        return None if (end := self._end()) is None else last_status(end)

    def done(self) -> bool:
        """Whether the job has a result, an error or a cancellation."""
        return self._end() is not None

    def cancelled(self) -> bool:
        """Whether the job was cancelled."""
        return isinstance(self._end(), Cancelled)

    def exception(self) -> BaseException | None:
        """The error that awaiting the job raises; None if it has a result.

        Raises:
            asyncio.InvalidStateError: the job is not done.
            asyncio.CancelledError: the job was cancelled.
        """
        match self._end():
            case None:
                raise asyncio.InvalidStateError("the job is not done; await it, or ask done()")
            case Cancelled():
                raise asyncio.CancelledError("the job was cancelled")
            case Failed(error):
                return error
            case _:
                return None

    def add_done_callback(
        self, fn: Callable[[AsyncJob], object], *, context: contextvars.Context | None = None
    ) -> None:
        """Call ``fn(job)`` soon after the job has ended, on the event loop; it must not block.

        What it raises goes to the loop's exception handler, which logs it.

        Args:
            fn: the function.
            context: what it runs in; None for a copy of the caller's.
        """
        loop = self._starting.get_loop()
        context = context or contextvars.copy_context()

        def listen(entry: Entry) -> None:
            if is_end(entry.event):
                loop.call_soon(fn, self, context=context)

        def begun(_: asyncio.Future[JobRun]) -> None:
            if self._begun:
                self._starting.result().feed.subscribe(listen)
            else:
                fn(self)

        self._starting.add_done_callback(begun, context=context)

    def cancel(self) -> bool:
        """End the job here immediately, and on the server as far as that is possible.

        Returns:
            Whether it was still running; a finished job cannot be cancelled.
        """
        if self._begun:
            return self._starting.result().cancel()
        return self._starting.cancel()

    async def _run(self) -> JobRun:
        return await self._unless_cancelled(asyncio.shield(self._starting))

    async def _unless_cancelled(self, wait: Awaitable[T]) -> T:
        # Around the wait alone: a generator that is merely dropped may end by a cancellation as well.
        try:
            return await wait
        except asyncio.CancelledError:
            self.cancel()
            raise

    def _end(self) -> Completed | Failed | Cancelled | None:
        """How the job has ended, if it has."""
        if not self._starting.done():
            return None
        if self._starting.cancelled():
            return Cancelled()
        if (error := self._starting.exception()) is not None:
            return Failed(error)  # type: ignore[arg-type] # a task does not keep what is no Exception
        event = entries[-1].event if (entries := self._starting.result().feed.entries) else None
        return event if isinstance(event, Completed | Failed | Cancelled) else None

    @property
    def _begun(self) -> bool:
        starting = self._starting
        return starting.done() and not starting.cancelled() and starting.exception() is None


def _value(end: JobEvent) -> Json:
    """The result that the last event of a job stands for."""
    match end:
        case Completed(value):
            return value
        case Failed(error):
            raise error
        case _:
            raise asyncio.CancelledError("the job was cancelled")
