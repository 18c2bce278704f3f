"""The connections of the requests adapter: they can be interrupted, notice a cut head, and grow old."""

from __future__ import annotations

import contextlib
import functools
import http.client
import math
import socket
import time
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, cast

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from gradio_client.transport import interrupt_with
from gradio_client_adapters._requests_tunnel import Limited


@dataclass(slots=True)
class Exchange:
    """What a thread is doing.

    Attributes:
        read: the longest silence, in seconds.
        stands: whether there is a connection, so that something may have been sent; None when that is
            not known, because the connections are the caller's.
        proxied: whether the connection is to a proxy.
    """

    read: float | None
    stands: bool | None = None
    proxied: bool = False


#: The exchange of the thread that asks.
current: ContextVar[Exchange] = ContextVar("gradio_client_requests_exchange")


FIELDS = 10_000  # of a head: each takes some 300 bytes when it has been taken apart
_BLANK = (b"\r\n", b"\n")


class _Head:
    """The file that http.client reads a head from.

    It notices an end in the middle of the head, which http.client does not, and hands out fields a few
    at a time, for http.client refuses to read a hundred of them.

    Raises:
        http.client.IncompleteRead: the head ended in its middle. At once: http.client would take apart what
            came, though nobody wants it any more.
        http.client.HTTPException: there are more than ``FIELDS`` fields.
    """

    def __init__(self, source: Any) -> None:
        self._source = source
        self._in_fields = False  # whether the status line has been read
        self._fields = 0
        self._last = b""
        self._blank = b""  # the line that ends the head, read but not handed out

    @property
    def complete(self) -> bool:
        return self._last in _BLANK

    def readline(self, limit: int) -> bytes:
        lines, self._blank = self._blank or self._line(limit), b""
        while self._in_fields and len(lines) < limit // 2 and self._last and not self.complete:
            following = self._line(limit)
            if self.complete:
                self._blank = following  # http.client looks for it on its own
            else:
                lines += following
        self._in_fields = lines not in _BLANK
        return lines

    def _line(self, limit: int) -> bytes:
        self._last = self._source.readline(limit)
        if self._in_fields:
            self._fields += 1
            if not self._last:
                raise http.client.IncompleteRead(b"")
            if self._fields > FIELDS:
                raise http.client.HTTPException(f"more than {FIELDS} header fields")
        return self._last

    def close(self) -> None:
        self._source.close()


class _Response(http.client.HTTPResponse):
    """http.client's response, but one that passes over all that is informational, and notices a cut head."""

    def begin(self) -> None:
        while self.headers is None or (100 <= self.status < 200 and self.status != 101):
            self.headers = cast("http.client.HTTPMessage", None)
            source = self.fp
            self.fp = cast("Any", _Head(source))
            try:
                super().begin()
            finally:
                self.fp = cast("Any", source if self.fp else None)  # it may have been closed


class _Connection(HTTPConnection):
    response_class = _Response
    fresh_until = math.inf
    _stands_until = math.inf

    @property
    def is_connected(self) -> bool:
        """Whether it may be used again: urllib3 asks when it takes one from a pool."""
        return time.monotonic() < self.fresh_until and super().is_connected

    def connect(self) -> None:
        if self.timeout is not None:
            self._stands_until = time.monotonic() + float(self.timeout)
        super().connect()
        self._stands()

    def _tunnel(self) -> None:
        answer = Limited(self.sock, self._stands_until)
        self.response_class = cast("Any", functools.partial(_answered, answer))
        try:
            super()._tunnel()
        finally:
            del self.response_class

    def putrequest(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is not None:
            self._stands()
        super().putrequest(*args, **kwargs)

    def _stands(self) -> None:
        exchange = current.get()
        exchange.stands = True
        self.is_verified = True  # or not, as the TLS context has decided: urllib3 would warn every time
        wire = cast("socket.socket", self.sock)
        wire.settimeout(exchange.read)
        interrupt_with(functools.partial(_shut_down, wire))


def _answered(answer: Limited, _: Any, **kwargs: Any) -> _Response:
    return _Response(cast("socket.socket", answer), **kwargs)


class _TLSConnection(_Connection, HTTPSConnection):
    pass


def _shut_down(wire: socket.socket) -> None:
    with contextlib.suppress(OSError):
        wire.shutdown(socket.SHUT_RDWR)


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection
    idle_seconds = math.inf
    keeps = True

    def _put_conn(self, conn: Any) -> None:
        if conn is not None:
            conn.fresh_until = time.monotonic() + self.idle_seconds
            if not self.keeps:
                conn.close()  # what is put is no more than an object, which could connect again
        super()._put_conn(conn)


class _TLSPool(_Pool, urllib3.HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


def pools(pool_size: int, idle_seconds: float) -> dict[str, type[urllib3.HTTPConnectionPool]]:
    """For a pool manager's ``pool_classes_by_scheme``: none of their connections is used after so long.

    With a ``pool_size`` of 0, which means no limit to urllib3, none is used again at all.
    """
    ours = {"idle_seconds": idle_seconds, "keeps": pool_size > 0}
    return {"http": type("_AgedPool", (_Pool,), ours), "https": type("_AgedTLSPool", (_TLSPool,), ours)}
