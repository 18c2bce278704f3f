"""One event loop on one daemon thread, shared by the synchronous clients of a process."""

from __future__ import annotations

import asyncio
import concurrent.futures.thread  # noqa: F401 - Python refuses to load it when the main thread has ended
import ctypes
import logging
import os
import sys
import threading
from concurrent.futures import wait
from contextlib import suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from gradio_client._concurrency.callbacks import Callbacks, call_and_log
from gradio_client._concurrency.posts import Posts
from gradio_client.domain.errors import ClientClosedError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from concurrent.futures import Future
    from contextlib import AbstractContextManager

    from gradio_client._engine import Engine

logger = logging.getLogger("gradio_client.portal")

T = TypeVar("T")

STOP_SECONDS = 5.0  # the longest that the last client's end waits for the loop's thread

# Re-entrant: a garbage-collected client may release the portal in the middle of another's acquire.
_lock = threading.RLock()
# Guarded by _lock:
_shared: Portal | None = None
_users = 0
_background: Portal | None = None


class Portal:
    """Runs coroutines and callbacks for threads that have no event loop of their own.

    The threads are daemons: a client that nobody closed never delays the end of the program.

    Args:
        name: of the thread that runs the loop.

    Attributes:
        loop: the event loop.
        kept: what lives as long as this, even through the interpreter's end, when nothing more runs on
            the loop: connections that are freed then would complain on stderr that they are open.
    """

    def __init__(self, name: str = "gradio-client-loop") -> None:
        # Not before: programs such as Gradio import the client for its names.
        from gradio_client._concurrency.daemons import Daemons  # noqa: PLC0415

        self.loop = asyncio.new_event_loop()
        self._executor = Daemons()
        self.loop.set_default_executor(self._executor)
        self.kept: set[object] = set()
        # Re-entrant: a garbage collection during a post may post the end of another client.
        self._posting = threading.RLock()
        # Guarded by _posting:
        self._stopped = False
        self._posts = Posts(self.loop)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._callbacks = Callbacks()
        try:
            self._thread.start()
        except RuntimeError as error:  # near the end of Python, or when there are too many
            self.loop.close()
            raise ClientClosedError(f"The client's thread could not be started: {error}.") from None

    def call(self, coroutine: Coroutine[Any, Any, T], timeout: float | None = None) -> T:
        """Run a coroutine on the loop and wait for its result.

        Raises:
            RuntimeError: called from the loop's own thread, which would wait for itself for ever.
            ClientClosedError: the portal has ended; a ``RuntimeError`` as well.
            TimeoutError: it took longer than ``timeout`` seconds; it has been cancelled.
        """
        try:
            self.refuse_to_wait()
        except RuntimeError:
            coroutine.close()
            raise
        future = self.begin(coroutine)
        try:
            return future.result(timeout)
        except BaseException:  # raised again: on Ctrl-C the loop must not go on with it
            future.cancel()
            raise

    def begin(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Run a coroutine on the loop; whoever wants its result may wait for it.

        Raises:
            ClientClosedError: the portal has ended.
        """
        try:
            refuse_at_exit()
            with self._posting:
                self._refuse_if_stopped()
                return asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        except RuntimeError:
            coroutine.close()
            raise

    def converse(self, make: Callable[[Callable[[Callable[[], object]], None]], Coroutine[Any, Any, T]]) -> T:
        """Run a coroutine on the loop, and meanwhile here, on the thread that waits, what it hands over.

        Args:
            make: makes the coroutine; it is given a function that hands something over to be called. An
                error of that ends the coroutine, and is raised here.

        Raises:
            RuntimeError: as ``call`` does.
        """
        self.refuse_to_wait()
        handed: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        future = self.begin(make(handed.put))
        future.add_done_callback(lambda _: handed.put(None))
        try:
            while (act := handed.get()) is not None:
                act()
            return future.result()
        except BaseException:  # raised again: on Ctrl-C the loop must not go on with it
            future.cancel()
            raise

    def ask(self, function: Callable[..., T], *args: object) -> T:
        """Call a function that does not wait on the loop's thread, and return its result.

        Raises:
            ClientClosedError: the portal has ended.
        """
        if self.is_own_thread():
            return function(*args)

        async def act() -> T:
            return function(*args)

        return self.call(act())

    def post(self, callback: Callable[..., object], *args: object) -> None:
        """Call something soon on the loop's thread, in a copy of the caller's context.

        What was posted is called for certain, also when the portal ends right after.

        Raises:
            ClientClosedError: the portal has ended.
        """
        refuse_at_exit()
        with self._posting:
            self._refuse_if_stopped()
            self._posts.add(callback, *args)

    def is_own_thread(self) -> bool:
        """Whether the caller runs on the loop's thread."""
        return threading.current_thread() is self._thread

    def refuse_to_wait(self) -> None:
        """Raise RuntimeError on the loop's own thread, which would wait for itself for ever."""
        if self.is_own_thread():
            raise RuntimeError(
                "This is the client's own event loop thread, so waiting here would never end; "
                "use AsyncClient in asynchronous code."
            )

    def run_callback(self, callback: Callable[[], object]) -> None:
        """Run a user's callback on a worker thread, where it may call the client and wait.

        Callbacks run one after another, in this order. When the portal has ended, so that no other can be
        on its way, one runs here.
        """
        if self.stopped:
            call_and_log(callback)
        else:
            self._callbacks.add(callback)

    def wait_for_callbacks(self, patience: float) -> bool:
        """Wait until the callbacks of all jobs that are done have run, unless this is one of them.

        Args:
            patience: seconds that a single one may take; then the rest is left to itself.

        Returns:
            Whether all have run.
        """
        if self._callbacks.is_own_thread():
            return True
        with suppress(TimeoutError):  # the loop hands them over just after it has woken who waits for a job
            self.call(asyncio.sleep(0), patience)
        return self._callbacks.wait(patience)

    def stop(self) -> None:
        """End the loop and its threads; wait for them unless this is one of them."""
        with self._posting:
            self._stopped = True
            self.loop.call_soon_threadsafe(self.loop.stop)
        if not self.is_own_thread():
            self._thread.join(STOP_SECONDS)

    def forget_after_fork(self) -> None:
        """Say that this process is a child: the thread, and what waits for it, are its parent's."""
        self._posting = threading.RLock()  # the parent's may have been held
        self._stopped = True

    @property
    def stopped(self) -> bool:
        """Whether nothing runs here any more."""
        return self._stopped or sys.is_finalizing()

    def _refuse_if_stopped(self) -> None:
        if self._stopped:
            raise ClientClosedError("The client's event loop has ended.")

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            self._run_until_stopped()
        finally:
            self.loop.run_until_complete(_finish(self.loop))
            # Not by the loop: it would start a thread for it, which Python refuses near its end.
            self._executor.shutdown()
            self.loop.close()
            self._callbacks.close()

    def _run_until_stopped(self) -> None:
        while True:
            try:
                self.loop.run_forever()
            except (SystemExit, KeyboardInterrupt) as error:
                # A caller's function or a plugin raised it in a task, which has failed with it; the loop
                # is there for other clients, too.
                logger.warning("%s in the event loop of all clients; it goes on", type(error).__name__)
            else:
                return


async def _finish(loop: asyncio.AbstractEventLoop) -> None:
    tasks = asyncio.all_tasks(loop) - {asyncio.current_task(loop)}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await loop.shutdown_asyncgens()


def refuse_at_exit() -> None:
    """Raise ClientClosedError when Python is ending: daemon threads run no more, so waiting never ends.

    They may also have died with a lock in hand, so this comes before any lock is asked for.
    """
    if sys.is_finalizing():
        raise ClientClosedError("Python is ending, and the threads of its clients have ended with it.")


def acquire() -> Portal:
    """The portal of this process, started if this is its first user.

    Raises:
        ClientClosedError: Python is ending, and starts no thread any more.
    """
    refuse_at_exit()
    global _shared, _users  # noqa: PLW0603 - the one loop per process is the point
    with _lock:
        _users += 1  # first, so that a release in between cannot end the portal
        try:
            if _shared is None:
                _shared = Portal()
        except BaseException:  # raised again: there is nothing to give back
            _users -= 1
            raise
        return _shared


def release(portal: Portal) -> None:
    """Give the portal back; the last user's release ends it. Each ``acquire`` needs one."""
    global _shared, _users  # noqa: PLW0603
    if sys.is_finalizing():  # it has ended
        return
    with _lock:
        if portal is not _shared:  # made before a fork: its thread is the parent's
            return
        _users -= 1
        if _users:
            return
        _shared = None
    portal.stop()


def end(engine: Engine, portal: Portal, patience: float) -> None:
    """End a client and release its portal, and wait for that a while. Not for the loop's own thread.

    Args:
        engine: the client.
        portal: the one that it has acquired.
        patience: seconds that it may take, and each callback; what takes longer goes on in the background.
    """
    ending: Future[None] | None = None

    def over(_: Future[None]) -> None:
        portal.kept.discard(engine)
        release(portal)

    try:
        called = portal.wait_for_callbacks(patience)  # first: they may call the client
        ending = portal.begin(engine.aclose())
        if not wait((ending,), patience).done:
            logger.warning("closing takes more than %s s; it goes on in the background", patience)
            return
        if called:
            portal.wait_for_callbacks(patience)  # those of jobs that have just ended, too
        ending.result()
    finally:
        if ending is None:  # Ctrl-C
            abandon(engine, portal)
        else:
            ending.add_done_callback(over)


def abandon(engine: Engine, portal: Portal) -> None:
    """End a client that nobody waits for, and release its portal. Waits for nothing; for any thread."""

    async def close() -> None:
        try:
            await engine.aclose()
        finally:
            portal.kept.discard(engine)
            release(portal)

    def begin() -> None:
        # The loop itself does not keep a task that waits, and one that is collected closes nothing.
        task = portal.loop.create_task(close())
        portal.kept.add(task)
        task.add_done_callback(portal.kept.discard)

    try:
        portal.post(begin)
    except RuntimeError:  # the loop has ended already
        release(portal)


def background() -> Portal:
    """A portal for coroutines that are not the clients' own: they may wait for clients. Never ends."""
    global _background  # noqa: PLW0603 - one loop, so that calls can share what belongs to a loop
    with _lock:
        if _background is None:
            _background = Portal("gradio-client-background")
        return _background


def keep_for_ever(thing: object) -> None:
    """Never free what the parent made, also not when this process ends.

    Connections that are freed say goodbye, and take themselves out of the selector that both processes
    share: the parent's connections would break.
    """
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))


def guard() -> AbstractContextManager[object]:
    """For what the threads of a process must not do at one time; a fork makes a new one."""
    return _lock


def _forget_after_fork() -> None:
    global _background, _lock, _shared, _users
    for portal in (_background, _shared):
        if portal is not None:
            portal.forget_after_fork()
            keep_for_ever(portal)
    _background, _lock, _shared, _users = None, threading.RLock(), None, 0


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)
