"""The thread on which callbacks of users run, one after another."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger("gradio_client.portal")

_Due: TypeAlias = "tuple[Callable[[], object], int]"  # a callback, and its owner


class Callbacks:
    """Calls functions on one daemon thread, which begins with the first of them."""

    def __init__(self) -> None:
        self._lock = (
            threading.RLock()
        )  # a garbage collection within may end a client, which waits for callbacks
        # Guarded by _lock:
        self._waiting: SimpleQueue[_Due | None] | None = None
        self._thread: threading.Thread | None = None
        self._due: Counter[int] = Counter()  # callbacks that have not run, by their owner
        self._called = 0  # changed on the thread only

    def add(self, callback: Callable[[], object], owner: int) -> None:
        """Call a function on the thread, after those that were added before.

        Args:
            callback: the function.
            owner: whose it is, for ``wait``.
        """
        with self._lock:
            if self._waiting is None:
                waiting: SimpleQueue[_Due | None] = SimpleQueue()
                self._thread = threading.Thread(
                    target=self._serve, args=(waiting,), name="gradio-client-callbacks", daemon=True
                )
                try:
                    self._thread.start()
                except RuntimeError as error:  # near the end of Python, or when there are too many
                    logger.warning("a callback is not called: %s", error)
                    return
                self._waiting = waiting
            self._due[owner] += 1
            self._waiting.put((callback, owner))

    def wait(self, owner: int, patience: float) -> bool:
        """Wait until those of an owner that were added so far have run. For any thread but their own.

        Args:
            owner: whose.
            patience: seconds that a single one may take; then the rest is left to itself. Those of others
                that come before count, too.

        Returns:
            Whether all have run.
        """
        over = threading.Event()
        with self._lock:
            if self._waiting is None or not self._due[owner]:
                return True
            called = self._called
            self._due[owner] += 1
            self._waiting.put((over.set, owner))
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

    def _serve(self, waiting: SimpleQueue[_Due | None]) -> None:
        while (due := waiting.get()) is not None:
            callback, owner = due
            call_and_log(callback)
            del callback, due  # an idle thread keeps no job alive, and with it its client
            self._called += 1
            with self._lock:
                self._due -= Counter((owner,))  # which forgets owners that have none left


def call_and_log(callback: Callable[[], object]) -> None:
    """Call a user's function; what it raises is logged."""
    try:
        callback()
    except BaseException:  # sys.exit() too: the thread is there for the callbacks of others
        logger.exception("a callback of a job failed")
