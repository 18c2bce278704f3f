"""The thread on which callbacks of users run, one after another."""

from __future__ import annotations

import logging
import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger("gradio_client.portal")


class Callbacks:
    """Calls functions on one daemon thread, which begins with the first of them."""

    def __init__(self) -> None:
        self._lock = (
            threading.RLock()
        )  # a garbage collection within may end a client, which waits for callbacks
        # Guarded by _lock:
        self._waiting: SimpleQueue[Callable[[], object] | None] | None = None
        self._thread: threading.Thread | None = None
        self._called = 0  # changed on the thread only

    def add(self, callback: Callable[[], object]) -> None:
        """Call a function on the thread, after those that were added before."""
        with self._lock:
            if self._waiting is None:
                waiting: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
                self._thread = threading.Thread(
                    target=self._serve, args=(waiting,), name="gradio-client-callbacks", daemon=True
                )
                try:
                    self._thread.start()
                except RuntimeError as error:  # near the end of Python, or when there are too many
                    logger.warning("a callback is not called: %s", error)
                    return
                self._waiting = waiting
            self._waiting.put(callback)

    def wait(self, patience: float) -> bool:
        """Wait until those that were added so far have run. For any thread but their own.

        Args:
            patience: seconds that a single one may take; then the rest is left to itself.

        Returns:
            Whether all have run.
        """
        over = threading.Event()
        with self._lock:
            if self._waiting is None:
                return True
            called = self._called
            self._waiting.put(over.set)
        while not over.wait(patience):
            if called == self._called:
                logger.warning("a callback takes more than %s s; it is not waited for", patience)
                return False
            called = self._called
        return True

    def is_own_thread(self) -> bool:
        """Whether the caller is one of them."""
        return threading.current_thread() is self._thread

    def close(self) -> None:
        """Let the thread end when all have run."""
        with self._lock:
            if self._waiting is not None:
                self._waiting.put(None)

    def _serve(self, waiting: SimpleQueue[Callable[[], object] | None]) -> None:
        while (callback := waiting.get()) is not None:
            call_and_log(callback)
            del callback  # an idle thread keeps no job alive, and with it its client
            self._called += 1


def call_and_log(callback: Callable[[], object]) -> None:
    """Call a user's function; what it raises is logged."""
    try:
        callback()
    except BaseException:  # sys.exit() too: the thread is there for the callbacks of others
        logger.exception("a callback of a job failed")
