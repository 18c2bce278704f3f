"""What an event loop hands to threads, on threads that no program waits for at its end."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from gradio_client.transport.workers import GRACE, Workers

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")


class Daemons(ThreadPoolExecutor):
    """An executor for event loops, which take none of another class. It never queues.

    The threads of Python's own keep a program from ending, also when all they do is ask a slow resolver
    for a client that has given up.
    """

    def __init__(self) -> None:
        super().__init__()
        self._workers = Workers()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """See ``Executor.submit``."""
        future: Future[T] = Future()
        act = partial(_settle, future, partial(fn, *args, **kwargs))
        try:
            self._workers.run(act)
        except RuntimeError:  # Python is ending, and starts no thread any more; or there are too many
            act()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        """See ``Executor.shutdown``; but it waits no longer than closing does elsewhere."""
        self._workers.close()
        if wait:
            self._workers.join(GRACE)


def _settle(future: Future[T], call: Callable[[], T]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = call()
    except BaseException as error:  # noqa: BLE001 - it is raised where the result is awaited
        future.set_exception(error)
        del future  # which has the error, whose traceback has this frame
    else:
        future.set_result(result)
