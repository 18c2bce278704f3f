"""What a proxy answers to CONNECT, within the time that connecting may take."""

from __future__ import annotations

import io
import math
import time
from typing import Any


class Limited(io.RawIOBase):
    """A socket to be read until a moment, however slowly it drips: a time-out begins anew with each byte.

    What is left of the time is the socket's time-out afterwards, so the TLS handshake has no more.

    Args:
        wire: the socket.
        until: the moment, by ``time.monotonic``; infinite for no limit.
    """

    def __init__(self, wire: Any, until: float) -> None:
        self._wire, self._until = wire, until

    def makefile(self, _: str) -> io.BufferedReader:
        """The file that http.client reads."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what there is.

        Raises:
            TimeoutError: the moment has come.
        """
        if self._until < math.inf:
            left = self._until - time.monotonic()
            if left <= 0:
                raise TimeoutError("the tunnel did not open in time")
            self._wire.settimeout(left)
        return int(self._wire.recv_into(buffer))
