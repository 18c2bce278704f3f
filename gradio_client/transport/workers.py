"""Threads for what blocks: as many as there are jobs, used again, and waited for by no program at its end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import TypeAlias

IO_THREADS = "gradio-client-io"  # the name of the threads that send and read for the event loop's
IDLE = 10.0  # seconds that a thread without work waits for some
GRACE = 2.0  # seconds that closing waits for threads to end

_Job: TypeAlias = Callable[[], None]


class Workers:
    """Daemon threads, as many as there are jobs at once, so that none ever queues.

    Args:
        name: that of each thread.
    """

    def __init__(self, name: str = IO_THREADS) -> None:
        self._name = name
        self._lock = threading.Lock()
        # Guarded by _lock:
        self._idle: list[SimpleQueue[_Job | None]] = []
        self._threads: set[threading.Thread] = set()
        self._closed = False

    def run(self, job: _Job) -> None:
        """Run a job on an idle thread, or on a new one. The job must not raise."""
        with self._lock:
            inbox = self._idle.pop() if self._idle else self._hire()
        inbox.put(job)

    def close(self) -> None:
        """Let every thread end when it is idle; jobs that run are not interrupted."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for inbox in idle:
            inbox.put(None)

    def join(self, timeout: float) -> None:
        """Wait until every thread has ended, or the time is over."""
        until = time.monotonic() + timeout
        with self._lock:
            threads = tuple(self._threads)
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _hire(self) -> SimpleQueue[_Job | None]:
        inbox: SimpleQueue[_Job | None] = SimpleQueue()
        thread = threading.Thread(target=self._serve, args=(inbox,), name=self._name, daemon=True)
        thread.start()
        self._threads.add(thread)
        return inbox

    def _serve(self, inbox: SimpleQueue[_Job | None]) -> None:
        while (job := self._next(inbox)) is not None:
            job()
            del job  # an idle thread keeps no exchange alive
            with self._lock:
                if self._closed:
                    break
                self._idle.append(inbox)
        with self._lock:
            self._threads.discard(threading.current_thread())

    def _next(self, inbox: SimpleQueue[_Job | None]) -> _Job | None:
        try:
            return inbox.get(timeout=IDLE)
        except Empty:
            with self._lock:
                if inbox in self._idle:
                    self._idle.remove(inbox)
                    return None
            return inbox.get()  # a job was on its way
