"""Uploads over aiohttp: bodies that a thread reads, and servers that stop taking them."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import aiohttp

from gradio_client.transport import BodyStream, ProxyError, because

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gradio_client.transport import Body

#: The upload of the task that asks for a connection.
current: ContextVar[Upload | None] = ContextVar("gradio_client_aiohttp_upload", default=None)


class Upload:
    """A body on its way.

    aiohttp limits how long an answer takes, but not how long a server takes a body for; and it closes
    a connection only when what was written has gone out, which may be never.

    Args:
        body: what is sent.
        patience: the longest that the server may take for one piece, in seconds.

    Attributes:
        stream: the body as it is read.
        limit: a limit for the ``send``, which ends when the server takes nothing.
    """

    def __init__(self, body: Body, patience: float | None) -> None:
        self.stream = BodyStream(body)
        self.limit = asyncio.timeout(None)
        self._patience = patience
        self._wire: asyncio.BaseTransport | None = None
        self._answered = False

    async def pieces(self) -> AsyncIterator[bytes]:
        """What aiohttp sends."""
        async for piece in self.stream:
            self._wait(self._patience)
            yield piece
            self._wait(None)

    def goes_over(self, wire: asyncio.BaseTransport | None) -> None:
        """Say which connection it has."""
        self._wire = wire

    def answered(self) -> None:
        """Say that the head has come: from now on the response's reader waits, and no limit is left."""
        self._answered = True

    def abort(self) -> None:
        """Give up: drop the connection with what was not sent, and stop reading."""
        self.stream.close()
        if isinstance(self._wire, asyncio.WriteTransport):
            self._wire.abort()

    def _wait(self, seconds: float | None) -> None:
        if not self._answered and not self.limit.expired():
            loop = asyncio.get_running_loop()
            self.limit.reschedule(None if seconds is None else loop.time() + seconds)


class Connector(aiohttp.TCPConnector):
    """A connector without a limit; it tells uploads which connection they have, and blames proxies."""

    def __init__(self, idle_seconds: float) -> None:
        super().__init__(limit=0, keepalive_timeout=idle_seconds)

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
