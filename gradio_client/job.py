"""The jobs of ``Client``."""

from __future__ import annotations

import asyncio
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from dataclasses import replace
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from gradio_client._concurrency.portal import refuse_at_exit
from gradio_client._concurrency.posts import Posts
from gradio_client._jobs.feed import Entry, JobFeed, bare_status, is_end
from gradio_client._relaying import as_body
from gradio_client.domain.errors import ClientClosedError
from gradio_client.domain.events import Completed, Failed, Output
from gradio_client.domain.status import OutputUpdate, Status, StatusUpdate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator

    from gradio_client._calls import Calls
    from gradio_client._concurrency.portal import Portal
    from gradio_client._jobs.run import JobRun
    from gradio_client.domain.events import JobEvent

T = TypeVar("T")


class Job(Future[Any]):
    """A job of ``Client.submit``: a future of its result, and an iterator over its outputs.

    It works with ``concurrent.futures.wait`` and ``as_completed``, can be awaited on any event loop,
    and can be used by several threads. A job keeps its client alive.
    """

    def __init__(self, client: Calls, portal: Portal, label: str) -> None:
        super().__init__()
        self._client = client
        self._portal = portal
        self._label = label
        self._run: JobRun | None = None  # only while it runs: jobs are kept by the thousand
        self._feed = JobFeed()  # the run's, as soon as there is one
        # The outputs still to be iterated; the end is the entry that stays at the end.
        self._to_come: SimpleQueue[Entry] = SimpleQueue()
        self._listeners = 0  # to its events
        self._finished = False

    def __repr__(self) -> str:
        return f"<Job {self._label} {self.status().code.value}>"

    @property
    def future(self) -> Future[Any]:
        """The job itself, which is a future."""
        return self

    @property
    def space_id(self) -> str | None:
        """``owner/name`` when the client's source is a Space, else None."""
        return self._client._conversing().engine.space_id  # noqa: SLF001 - one face in two classes

    def result(self, timeout: float | None = None) -> Any:
        """The job's result: the value of a single output, otherwise a tuple of all of them.

        Ctrl-C while waiting cancels the job, as with every other way of waiting for it.

        Args:
            timeout: seconds to wait; None waits until the job ends. After a time-out the job goes on.

        Raises:
            TimeoutError: the job did not end in time.
            concurrent.futures.CancelledError: the job was cancelled.
            GradioClientError: the job failed.
            OSError: a file of this machine could not be read for an upload, or written for a download.
        """
        return self._unless_interrupted(lambda: super(Job, self).result(timeout))

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """The error that ``result`` would raise; None if the job has a result.

        Raises:
            TimeoutError: the job did not end in ``timeout`` seconds.
            concurrent.futures.CancelledError: the job was cancelled.
        """
        return self._unless_interrupted(lambda: super(Job, self).exception(timeout))

    def outputs(self) -> list[Any]:
        """The outputs so far: all that a generator has yielded, or the single result of another function."""
        return list(self._feed.outputs)

    def status(self) -> StatusUpdate:
        """The latest status of the job."""
        if self.cancelled():
            return bare_status(Status.CANCELLED, rank=0, success=False)
        if self.done():
            return bare_status(Status.FINISHED, rank=0, success=self.exception() is None)
        return self._feed.status

    def cancel(self) -> bool:
        """End the job here immediately, and on the server if that does not stop any other job.

        Returns:
            Whether it was still running; a finished job cannot be cancelled.
        """
        if self.done():
            return False
        try:
            # Only the loop's thread changes a job, so that there is one order of events.
            return self._portal.ask(self._cancel_run)
        except RuntimeError:  # the loop has ended, and every job with it
            return False

    def _cancel_soon(self) -> None:
        # What ends a generator may be a garbage collection, in a thread that the loop is waiting for.
        with suppress(RuntimeError):  # as above
            self._portal.post(self._cancel_run)

    def running(self) -> bool:
        """Whether the job has not ended yet."""
        return not self.done()

    def add_done_callback(self, fn: Callable[[Future[Any]], object]) -> None:
        """Call ``fn(job)`` when the job has ended; soon if it has.

        Callbacks run one after another on a thread of their own, so they may call the client and
        wait; when the client is closed and the last of the process, on this thread. What they raise is
        logged under ``gradio_client.portal``.
        """
        super().add_done_callback(lambda job: self._portal.run_callback(lambda: fn(job)))

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        """The next output, as soon as there is one.

        Raises:
            StopIteration: the job has ended, or was cancelled.
            GradioClientError: the job failed, after the outputs that came before.
        """
        event = (entry := self._unless_interrupted(self._to_come.get)).event
        if isinstance(event, Output):
            return event.value
        self._to_come.put(entry)  # for the next time, and for other threads
        if isinstance(event, Failed):
            raise event.error
        raise StopIteration

    def events(self) -> Iterator[JobEvent]:
        """Everything that happens to the job, from its beginning, in order; the last event is its end.

        Events from this call on are yielded exactly once. Of earlier queue positions and progress, only
        the last of several in a row is yielded.
        """
        inbox: SimpleQueue[Entry] = SimpleQueue()
        self._on_loop(self._subscribe, inbox.put)
        return self._told(inbox)

    def _told(self, inbox: SimpleQueue[Entry]) -> Iterator[JobEvent]:
        try:
            while not is_end(event := self._unless_interrupted(inbox.get).event):
                yield event
            yield event
        finally:
            self._on_loop(self._unsubscribe, inbox.put)

    def _unless_interrupted(self, wait: Callable[[], T]) -> T:
        self._refuse_if_orphaned()
        if not self.done():
            self._portal.refuse_to_wait()
        try:
            return wait()
        except KeyboardInterrupt:
            self.cancel()
            raise

    def _refuse_if_orphaned(self) -> None:
        if self._portal.stopped and not self.done():
            refuse_at_exit()
            # In a forked child, where nobody would end it.
            raise ClientClosedError("The job belongs to the process that submitted it; call again here.")

    def __await__(self) -> Generator[Any, None, Any]:
        return self._awaited().__await__()

    async def _awaited(self) -> Any:
        self._refuse_if_orphaned()
        # Not by asyncio.wrap_future: that would wait its turn behind the callbacks of other jobs.
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()

        def wake(_: Future[Any]) -> None:
            with suppress(RuntimeError):  # that loop has ended: nobody waits any more
                loop.call_soon_threadsafe(ended.set)

        super().add_done_callback(wake)
        try:
            await ended.wait()
            return self.result()
        except CancelledError as error:
            raise asyncio.CancelledError("the job was cancelled") from error
        except asyncio.CancelledError:
            self.cancel()
            raise

    async def __aiter__(self) -> AsyncIterator[StatusUpdate | OutputUpdate]:
        """Everything that happens to the job, as status updates and output updates.

        Each yield of a generator is an output update. The last update is the result, which is ``final``.

        Cancelling the task that iterates cancels the job.

        Raises:
            GradioClientError: the job failed.
        """
        self._refuse_if_orphaned()
        inbox: asyncio.Queue[Entry] = asyncio.Queue()
        posts = Posts(asyncio.get_running_loop())

        def listen(entry: Entry) -> None:
            with suppress(RuntimeError):  # that loop has ended: nobody listens any more
                posts.add(inbox.put_nowait, entry)

        self._on_loop(self._subscribe, listen)
        try:
            while True:
                entry = await self._unless_cancelled(inbox.get())
                for update in _updates(entry, relayed=not self._client._skip_components):  # noqa: SLF001
                    yield update
                if isinstance(entry.event, Failed):
                    raise entry.event.error
                if is_end(entry.event):
                    return
        finally:
            self._on_loop(self._unsubscribe, listen)

    async def _unless_cancelled(self, wait: Awaitable[T]) -> T:
        try:
            return await wait
        except asyncio.CancelledError:
            self.cancel()
            raise

    def _on_loop(self, callback: Callable[..., object], *args: object) -> None:
        if self._portal.is_own_thread() and self.done():  # whoever waits here would wait for the post
            callback(*args)
            return
        try:
            self._portal.post(callback, *args)
        except RuntimeError:  # the loop has ended, so nothing can be disturbed from here
            callback(*args)

    # The rest runs on the loop's thread.

    def _begin(self, run: JobRun) -> None:
        self._run, self._feed = run, run.feed
        run.feed.subscribe(self._take)

    def _fail_to_begin(self, error: Exception) -> None:
        self._feed.subscribe(self._take)
        self._feed.publish(Failed(error))

    def _cancel_run(self) -> bool:
        return self._run is not None and self._run.cancel()

    def _subscribe(self, listener: Callable[[Entry], None]) -> None:
        self._listeners += 1
        if self._feed.ended:  # whoever hears of the end must find the job done
            self._finish(self._feed.entries[-1])
        self._feed.subscribe(listener)

    def _unsubscribe(self, listener: Callable[[Entry], None]) -> None:
        self._listeners -= 1
        self._feed.unsubscribe(listener)

    def _take(self, entry: Entry) -> None:
        event = entry.event
        if isinstance(event, Output):
            self._to_come.put(entry)
        elif isinstance(event, Completed) and not self._listeners:
            # A thread that wakes now would only wait for this one to have put the exchange away.
            self._portal.loop.call_soon(self._finish, entry)
        elif is_end(event):
            self._finish(entry)

    def _finish(self, entry: Entry) -> None:
        if self._finished:
            return
        self._finished = True
        try:
            match entry.event:
                case _ if self.done():  # somebody else has set a result; the client's other jobs go on
                    pass
                case Completed(value):
                    self.set_result(value)
                case Failed(error):
                    self.set_exception(error)
                case _:
                    super().cancel()
                    self.set_running_or_notify_cancel()  # wakes concurrent.futures.wait
        finally:
            self._run = None
            self._to_come.put(entry)


def _updates(entry: Entry, *, relayed: bool) -> list[StatusUpdate | OutputUpdate]:
    match entry.event:
        case Output(value, only):
            return [] if only else [OutputUpdate(outputs=value, success=True), entry.status]
        case Completed(value):
            outputs: Any = as_body(value) if relayed else value
            end = OutputUpdate(outputs=outputs, success=True, final=True)
            return [replace(entry.status, rank=None), end]
        case Failed():
            return [replace(entry.status, rank=None)]
        case _:
            return [entry.status]
