"""urllib3's connections, but ones that can be interrupted, and that notice when a head is cut."""

from __future__ import annotations

import contextlib
import functools
import http.client
import io
import math
import socket
import time
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from gradio_client.transport import ConnectionLostError, interrupt_with


@dataclass(slots=True)
class Exchange:
    """What this thread is doing.

    Attributes:
        read: the longest silence, in seconds.
        connected: whether the connection stands, so that something may have been sent.
    """

    read: float | None
    connected: bool = False


END = (b"\r\n", b"\n")  # the line that ends a head

#: Each thread has its own.
current: ContextVar[Exchange] = ContextVar("current")


class _Lines:
    """What http.client reads a head from.

    http.client takes a head that was cut for a whole one; this does not. It refuses a hundred fields,
    so the fields are joined to a few long lines, up to the limit that it has for one line.
    """

    def __init__(self, source: Any) -> None:
        self._source = source
        self._held = b""  # read, but not handed out yet
        self._fields = False  # whether the status line has been handed out
        self.close = source.close

    def readline(self, limit: int) -> bytes:
        lines = self._next(limit)
        while self._fields and lines not in END and len(lines) < limit:
            following = self._next(limit)
            if following in END or len(lines + following) >= limit:
                self._held = following
                break
            lines += following
        self._fields = lines not in END
        return lines

    def _next(self, limit: int) -> bytes:
        line, self._held = self._held or self._source.readline(limit), b""
        if not line.endswith(b"\n") and len(line) < limit:
            raise ConnectionLostError("the connection ended before the head of the response did")
        return line


class _Head(http.client.HTTPResponse):
    def begin(self) -> None:
        source: Any = self.fp
        self.fp = _Lines(source)  # type: ignore[assignment]  # has what reading a head needs
        try:
            while self.headers is None or 100 <= self.status < 200:  # what is informational is no answer
                self.headers = None  # type: ignore[assignment]  # what makes http.client read a head
                super().begin()
        finally:
            if self.fp is not None:  # http.client has not closed it
                self.fp = source


class _Answer(io.RawIOBase):
    """What a proxy answers to CONNECT, until a moment: a time-out would begin anew with each byte."""

    def __init__(self, wire: Any, until: float) -> None:
        self._wire, self._until = wire, until

    def makefile(self, _: str) -> io.BufferedReader:  # http.client takes this for a socket
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._until < math.inf:
            left = self._until - time.monotonic()
            if left <= 0:
                raise TimeoutError("the tunnel did not open in time")
            self._wire.settimeout(left)  # the handshake that follows has what is left then
        return int(self._wire.recv_into(buffer))


class _Connection(HTTPConnection):
    response_class = _Head
    fresh_until = stands_until = math.inf

    @property
    def is_connected(self) -> bool:  # urllib3 asks before it uses one again
        return time.monotonic() < self.fresh_until and super().is_connected

    def connect(self) -> None:
        if self.timeout is not None:
            self.stands_until = time.monotonic() + float(self.timeout)
        super().connect()
        self.is_verified = True  # as far as the TLS context wants; urllib3 would warn that it may be not

    def _tunnel(self) -> None:
        answer: Any = _Answer(self.sock, self.stands_until)
        self.response_class = lambda _, **kwargs: _Head(answer, **kwargs)  # type: ignore[assignment]
        try:
            super()._tunnel()
        finally:
            del self.response_class

    def putrequest(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is None:
            self.connect()
        exchange = current.get()
        exchange.connected = True
        self.sock.settimeout(exchange.read)  # until here it was the limit on connecting
        interrupt_with(functools.partial(_shut_down, self.sock))
        super().putrequest(*args, **kwargs)


class _TLSConnection(_Connection, HTTPSConnection):
    pass


def _shut_down(wire: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it has been closed
        wire.shutdown(socket.SHUT_RDWR)


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection
    idle_seconds = math.inf

    def _put_conn(self, conn: Any) -> None:
        if conn is not None:
            conn.fresh_until = time.monotonic() + self.idle_seconds
        super()._put_conn(conn)


class _TLSPool(_Pool, urllib3.HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


def pools(idle_seconds: float) -> dict[str, type[urllib3.HTTPConnectionPool]]:
    """For ``pool_classes_by_scheme`` of a pool manager."""
    aged = {"idle_seconds": idle_seconds}
    return {"http": type("_AgedPool", (_Pool,), aged), "https": type("_AgedTLSPool", (_TLSPool,), aged)}
