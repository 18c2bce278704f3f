"""Connections of aiohttp, and the pool of them."""

from __future__ import annotations

import functools
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler

from gradio_client.transport import ProxyError, because
from gradio_client_adapters._aiohttp_upload import current


class Protocol(ResponseHandler):
    """A connection that tells who reads a body when the rest cannot be read, and looks for nothing twice."""

    def resume_reading(self, *args: Any, **kwargs: Any) -> None:
        """See ``BaseProtocol.resume_reading``.

        aiohttp calls it for each chunk that is read, and each time has the parser look for what it kept
        back, which is nothing unless reading was paused. That is a twentieth of a call's time.
        """
        if self._reading_paused:
            super().resume_reading(*args, **kwargs)

    def set_exception(self, exc: Any, *cause: Any) -> None:
        """See ``DataQueue.set_exception``.

        aiohttp's own tells only who waits for a head, and drops its timer: when the framing of a body
        breaks, its reader waits for ever.
        """
        super().set_exception(exc, *cause)
        body = self._payload
        if body is not None and not body.is_eof() and body.exception() is None:
            failed = exc if isinstance(exc, aiohttp.ClientError) else aiohttp.ClientPayloadError(str(exc))
            body.set_exception(failed)


class Connector(aiohttp.TCPConnector):
    """A connector with a limit for idle connections alone; it blames proxies.

    It tells uploads which connection they have.
    """

    def __init__(self, pool_size: int, idle_seconds: float) -> None:
        super().__init__(limit=0, keepalive_timeout=idle_seconds)
        self._factory = functools.partial(Protocol, loop=self._loop)  # type: ignore[assignment]
        self._pool_size = pool_size

    @property
    def closed(self) -> bool:
        """Whether it is of no use any more, also since its loop is closed."""
        return super().closed or self._loop.is_closed()

    def __del__(self, *_: Any) -> None:
        """Say nothing, as aiohttp's does, of what was open when the loop was closed."""

    async def connect(self, *args: Any, **kwargs: Any) -> Any:
        """See ``aiohttp.BaseConnector.connect``."""
        try:
            connection = await super().connect(*args, **kwargs)
        except aiohttp.ClientConnectorError:
            raise
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
            raise because(ProxyError, error) from error  # nobody else has been spoken to
        if upload := current.get():
            upload.goes_over(connection.transport)
        return connection

    def _release(self, *args: Any, should_close: bool = False) -> None:
        full = sum(map(len, self._conns.values())) >= self._pool_size  # those that are idle
        super()._release(*args, should_close=should_close or full)
