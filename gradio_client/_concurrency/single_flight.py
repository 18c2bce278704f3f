"""One attempt at a time at something that every call needs, which counts for all that wait for it."""

from __future__ import annotations

import asyncio
import copy
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gradio_client.domain.errors import GradioClientError


@dataclass(frozen=True, slots=True, eq=False)
class Failure:
    """An attempt that failed.

    Attributes:
        error: what it failed with, without its traceback.
        for_all: whether it ends every call that waited for it.
    """

    error: GradioClientError
    for_all: bool = True

    def raise_again(self) -> NoReturn:
        """Raise a copy of the error, for each caller's error tells of its own call."""
        raise copy.copy(self.error)


class SingleFlight:
    """A lock that tells who had to wait for it how the attempts went meanwhile.

    After one that failed, those that waited need not try as well: a thousand in turn would take for ever.
    """

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._last: Failure | None = None

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Failure | None]:
        """Wait for one's turn; the last attempt that failed meanwhile, if any did."""
        before = self._last
        async with self._lock:
            yield None if self._last is before else self._last

    def failed(self, error: GradioClientError, *, for_all: bool = True) -> Failure:
        """Note that the attempt of who has the turn failed, and with what."""
        self._last = Failure(copy.copy(error), for_all)
        return self._last
