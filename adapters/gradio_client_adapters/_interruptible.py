"""The connections of the requests adapter: they can be interrupted, and grow old."""

from __future__ import annotations

import contextlib
import functools
import math
import socket
import time
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, cast

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from gradio_client.transport import interrupt_with
from gradio_client_adapters._requests_heads import HeadedResponse
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


class _Connection(HTTPConnection):
    response_class = HeadedResponse
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


def _answered(answer: Limited, _: Any, **kwargs: Any) -> HeadedResponse:
    return HeadedResponse(cast("socket.socket", answer), **kwargs)


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
