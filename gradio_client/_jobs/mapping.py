"""Many calls of one endpoint, a few at a time: what ``map`` does for threads and for event loops."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterable, Iterable, Mapping, Sized
from concurrent.futures import CancelledError, Future
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

from gradio_client._callables import check_plain
from gradio_client._concurrency.gathering import cancelled_by_others
from gradio_client.domain.errors import ClientClosedError, EndpointNotFoundError
from gradio_client.domain.files import is_file

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Generator

    from gradio_client.async_job import AsyncJob
    from gradio_client.job import Job

T = TypeVar("T")

#: What ``map(on_error=)`` may be.
OnError: TypeAlias = Literal["raise", "return"]
#: What ``map(progress=)`` may be: a function of how many calls are over and how many there are, or a bar.
MapProgress: TypeAlias = "Callable[[int, int | None], object] | bool | None"
#: What a call needs: its arguments by position and by name.
CallInput: TypeAlias = tuple[tuple[Any, ...], Mapping[str, Any]]

_SHOWN = 40  # characters of a text that was given instead of a list
_FATAL = (ClientClosedError, EndpointNotFoundError)  # they would be the end of every other call as well


class Bulk:
    """Which calls are under way, and whose result is next. Does nothing by itself.

    Attributes:
        close: to be called when there is nothing to tell of progress any more.

    Args:
        inputs: what the calls are made from.
        concurrency: how many may have begun without their result having been handed out.
        ordered: whether results come in the order of the inputs, not in that of their arrival.
        on_error: what an error is: raised, or handed out as a result.
        progress: told when a call is over.

    Raises:
        TypeError: an argument is of the wrong type.
        ValueError: an argument makes no sense.
    """

    def __init__(
        self, inputs: object, *, concurrency: int, ordered: bool, on_error: OnError, progress: MapProgress
    ) -> None:
        if not isinstance(concurrency, int) or isinstance(concurrency, bool):
            raise TypeError(f"concurrency= takes a whole number, not {type(concurrency).__name__}.")
        if concurrency < 1:
            raise ValueError(f"concurrency={concurrency!r}: at least 1 is needed.")
        if isinstance(inputs, str | bytes | bytearray):  # else each character would be one
            shown = repr(inputs) if len(inputs) <= _SHOWN else "..."
            raise TypeError(
                f"map() takes many inputs, not one {type(inputs).__name__}: pass a list: [{shown}]."
            )
        if on_error not in ("raise", "return"):
            raise ValueError(f"on_error= must be 'raise' or 'return', not {on_error!r}.")
        self._concurrency, self._ordered, self._raises = concurrency, ordered, on_error == "raise"
        self._report, self.close = _reporter(progress)
        self._total = len(inputs) if isinstance(inputs, Sized) else None
        self._begun = self._over = self._handed = 0
        self._outcomes: dict[int, Any | BaseException] = {}
        self._arrived: deque[int] = deque()
        self._exhausted = False
        self._broken: BaseException | None = None

    @property
    def unfinished(self) -> bool:
        """Whether there is something left to begin or to hand out."""
        return not self._exhausted or self._handed < self._begun

    @property
    def room(self) -> bool:
        """Whether another call may begin."""
        return not self._exhausted and self._begun - self._handed < self._concurrency

    @property
    def ready(self) -> bool:
        """Whether there is a result to hand out."""
        return (self._handed in self._outcomes) if self._ordered else bool(self._arrived)

    def begin(self, submit: Callable[[CallInput], T], item: object) -> tuple[int, T | None]:
        """Submit a call: the number that it goes by, and its job; None if it was refused at once."""
        number = self._begun
        self._begun += 1
        try:
            return number, submit(arguments(item))
        except Exception as error:  # noqa: BLE001 - it is the outcome of this call
            self.end(number, None, error)
            return number, None

    def end(self, number: int, outcome: object, error: BaseException | None) -> None:
        """Take the outcome of a call: a result, or an error.

        Raises:
            ClientClosedError: that is the error; it ends the iteration, whatever errors are.
            EndpointNotFoundError: likewise.
            Exception: what ``progress`` raised.
        """
        if isinstance(error, _FATAL):
            raise error
        self._over += 1
        if self._report is not None:
            self._report(self._over, self._total)
        self._outcomes[number] = _Broken(error) if error is not None else outcome
        if not self._ordered:
            self._arrived.append(number)

    def exhaust(self, error: BaseException | None = None) -> None:
        """There is no further input: it has ended, or its own error is to be raised at the end."""
        self._exhausted, self._broken = True, error

    def take(self) -> Any:
        """The next result, or its error.

        Raises:
            BaseException: a call failed, and its error is to be raised.
        """
        number = self._handed if self._ordered else self._arrived.popleft()
        self._handed += 1
        outcome = self._outcomes.pop(number)
        if not isinstance(outcome, _Broken):
            return outcome
        if self._raises:
            raise outcome.error
        return outcome.error

    def finish(self) -> None:
        """Raise the inputs' own error, if they ended with one."""
        if self._broken is not None:
            raise self._broken


class _Broken:
    """An error in the place of a result; a result may be an error object, too."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


def chosen(endpoint: object) -> dict[str, Any]:
    """How an endpoint is named to ``submit``.

    Raises:
        TypeError: it is neither a name nor a number.
    """
    if isinstance(endpoint, int) and not isinstance(endpoint, bool):
        return {"api_name": None, "fn_index": endpoint}
    if endpoint is None or isinstance(endpoint, str):
        return {"api_name": endpoint, "fn_index": None}
    raise TypeError(f"map() takes an endpoint's name or number first, not {type(endpoint).__name__}.")


def arguments(item: Any) -> CallInput:
    """The arguments that one input stands for: of a tuple each, of a dictionary by name, else the one."""
    if isinstance(item, tuple):
        return item, {}
    if isinstance(item, dict) and not is_file(item, needs_meta=True):
        return (), item
    return (item,), {}


class OnThreads:
    """Makes the calls for a program with threads; inputs are taken on the thread that wants results."""

    def __init__(self, bulk: Bulk, inputs: Iterable[Any], submit: Callable[[CallInput], Job]) -> None:
        self._bulk, self._inputs, self._submit = bulk, iter(inputs), submit
        self._jobs: dict[int, Job] = {}
        self._ended: SimpleQueue[int] = SimpleQueue()

    def results(self) -> Generator[Any, None, None]:
        """The results, as they are asked for; calls under way are cancelled when nobody asks any more."""
        bulk, taken = self._bulk, True
        try:
            while bulk.unfinished:
                while not self._ended.empty() or not (bulk.ready or bulk.room):
                    if self._ended.empty():
                        self._refuse_if_orphaned()
                    self._settle(self._ended.get())
                if bulk.room and (taken or not bulk.ready):
                    self._begin_next()
                    taken = False  # a slow input must not keep back what is there
                else:
                    taken = True
                    yield bulk.take()
            bulk.finish()
        finally:
            bulk.close()
            for job in self._jobs.values():
                job._cancel_soon()  # noqa: SLF001 - one face in two classes

    def _refuse_if_orphaned(self) -> None:
        for job in self._jobs.values():  # in a forked child nobody would end them
            job._refuse_if_orphaned()  # noqa: SLF001 - one face in two classes

    def _begin_next(self) -> None:
        try:
            item = next(self._inputs)
        except StopIteration:
            self._bulk.exhaust()
        except Exception as error:  # noqa: BLE001 - it is raised after the results of what came before
            self._bulk.exhaust(error)
        else:
            number, job = self._bulk.begin(self._submit, item)
            if job is not None:
                self._jobs[number] = job
                # Not as the job's own callbacks, which wait their turn on a thread of their own.
                Future.add_done_callback(job, lambda _: self._ended.put(number))

    def _settle(self, number: int) -> None:
        job = self._jobs.pop(number)
        error = CancelledError("the job was cancelled") if job.cancelled() else job.exception()
        self._bulk.end(number, None if error else job.result(), error)


class OnALoop:
    """Makes the calls for an asynchronous program; asynchronous inputs are waited for beside them."""

    def __init__(
        self, bulk: Bulk, inputs: Iterable[Any] | AsyncIterable[Any], submit: Callable[[CallInput], AsyncJob]
    ) -> None:
        self._bulk, self._submit = bulk, submit
        self._inputs = aiter(inputs) if isinstance(inputs, AsyncIterable) else _as_asynchronous(inputs)
        self._tasks: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()
        self._fatal: BaseException | None = None

    async def results(self) -> AsyncGenerator[Any, None]:
        """The results, as they are asked for; calls under way are cancelled when nobody asks any more."""
        bulk, pulling = self._bulk, None
        try:
            while bulk.unfinished:
                if self._fatal is not None:
                    raise self._fatal
                if pulling is not None and pulling.done():
                    pulling = None
                if bulk.room and pulling is None:
                    pulling = self._start(self._begin_next())
                elif bulk.ready:
                    yield bulk.take()
                else:
                    await self._news.wait()
                    self._news.clear()
            bulk.finish()
        finally:
            bulk.close()
            left = tuple(self._tasks)
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    def _start(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        ended = asyncio.CancelledError() if task.cancelled() else task.exception()
        self._fatal = self._fatal or ended
        self._news.set()

    async def _begin_next(self) -> None:
        try:
            item = await anext(self._inputs)
        except StopAsyncIteration:
            self._bulk.exhaust()
        except Exception as error:  # noqa: BLE001 - it is raised after the results of what came before
            self._bulk.exhaust(error)
        else:
            number, job = self._bulk.begin(self._submit, item)
            if job is not None:
                self._start(self._run(number, job))

    async def _run(self, number: int, job: AsyncJob) -> None:
        outcome: Any = None
        error: BaseException | None = None
        try:
            outcome = await job
        except asyncio.CancelledError as cancelled:
            if cancelled_by_others():  # awaiting the job has then cancelled it
                raise
            error = cancelled
        except Exception as failed:  # noqa: BLE001 - it is the outcome of this call
            error = failed
        self._bulk.end(number, outcome, error)


async def _as_asynchronous(inputs: Iterable[Any]) -> AsyncIterator[Any]:
    for item in inputs:
        yield item


def _reporter(
    choice: MapProgress,
) -> tuple[Callable[[int, int | None], object] | None, Callable[[], object]]:
    """What is told of progress, and what is called at its end."""
    if choice is True:
        from gradio_client._bars import CountingBar, shown  # noqa: PLC0415 - most programs show none

        bar = CountingBar()
        return (bar.show if shown() else None), bar.close
    if choice:
        check_plain(choice, "progress= takes a plain function of (done, total), or True")
    return choice or None, lambda: None
