"""What this process has open: threads and file descriptors, before a test and after it."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from collections import Counter
from pathlib import Path


class Snapshot:
    """Threads and open files of a moment, to compare later moments with."""

    def __init__(self) -> None:
        self._threads = _threads()
        self._files = _files()

    def leaks(self, grace: float) -> list[str]:
        """What there is more of than at the start, after up to ``grace`` seconds in which it may go.

        The time begins anew whenever something has gone: on a busy machine many things take long.
        """
        end, fewest = time.monotonic() + grace, sys.maxsize
        while (found := self._surplus()) and time.monotonic() < end:
            if len(found) < fewest:
                end, fewest = time.monotonic() + grace, len(found)
            gc.collect()
            time.sleep(0.02)
        return found

    def _surplus(self) -> list[str]:
        threads, files = _threads(), _files()
        found = []
        # Kinds may change, as when a pipe takes a socket's place; only more of everything is a leak.
        if threads.total() > self._threads.total():
            found += [f"thread {name!r}" for name in (threads - self._threads).elements()]
        if files.total() > self._files.total():
            found += [f"open {name}" for name in (files - self._files).elements()]
        return sorted(found)


def _threads() -> Counter[str]:
    return Counter(thread.name for thread in threading.enumerate())


def _files() -> Counter[str]:
    """As Linux tells it; elsewhere nothing is known."""
    folder = Path("/proc/self/fd")
    found: Counter[str] = Counter()
    for link in folder.iterdir() if folder.exists() else ():
        try:
            found[os.readlink(link)] += 1  # noqa: PTH115 - these links lead nowhere
        except OSError:  # the one this listing was read through
            continue
    return found
