"""Calls that threads hand to an event loop; one wake-up serves all that came before it."""

from __future__ import annotations

import contextvars
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable


class Posts:
    """Calls functions on a loop's thread, in the order in which they were handed over.

    Waking a loop costs more than most of the calls, so while it has not woken up nobody wakes it again.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        # Re-entrant: a garbage collection within ``add`` may hand over the end of a client.
        self._adding = threading.RLock()
        # Guarded by _adding:
        self._posted: list[tuple[contextvars.Context, Callable[..., object], tuple[object, ...]]] = []

    def add(self, function: Callable[..., object], *args: object) -> None:
        """Call a function soon, in a copy of the caller's context.

        Raises:
            RuntimeError: the loop is closed.
        """
        context = contextvars.copy_context()
        with self._adding:
            # Woken first: a KeyboardInterrupt between the two must not leave calls that nobody is woken for.
            if not self._posted:
                self._loop.call_soon_threadsafe(self._call)
            self._posted.append((context, function, args))

    def _call(self) -> None:
        with self._adding:
            posted, self._posted = self._posted, []
        for context, function, args in posted:
            try:
                context.run(function, *args)
            except Exception as error:  # noqa: BLE001 - the others are to be called all the same
                self._loop.call_exception_handler({"message": f"{function} failed", "exception": error})
