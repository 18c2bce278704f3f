"""Uploads over aiohttp: bodies that a thread reads, and servers that stop taking them."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import aiohttp

from gradio_client.transport import BodyStream

if TYPE_CHECKING:
    from aiohttp.abc import AbstractStreamWriter

    from gradio_client.transport import Body

#: The upload of the task that asks for a connection.
current: ContextVar[Upload | None] = ContextVar("gradio_client_aiohttp_upload", default=None)


class Upload(aiohttp.payload.Payload):
    """A body on its way, as often as aiohttp asks for it: a session's auth may send it again after a 401.

    aiohttp limits how long an answer takes, but not how long a server takes a body for; and it closes
    a connection only when what was written has gone out, which may be never.

    Args:
        body: what is sent.
        patience: the longest that the server may take for one piece, in seconds.

    Attributes:
        stream: the body as it is read.
        limit: a limit for the ``send``, which ends when the server takes nothing.
    """

    _autoclose = True  # it would warn of an upload that nobody closes, but that is our business

    def __init__(self, body: Body, patience: float | None) -> None:
        super().__init__(body, content_type="application/octet-stream")
        self._size = body.length
        self.stream = BodyStream(body)
        self.limit = asyncio.timeout(None)
        self._patience = patience
        self._wire: asyncio.BaseTransport | None = None
        self._answered = False

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Send the body, from its first byte."""
        async for piece in self.stream:
            self._wait(self._patience)
            await writer.write(piece)
            self._wait(None)

    async def as_bytes(self, *_: Any, **__: Any) -> bytes:
        """The whole body, for an auth that signs it."""
        return b"".join([piece async for piece in self.stream])

    def decode(self, *_: Any, **__: Any) -> str:
        """Refuse: a body that is read piece by piece is no text."""
        raise TypeError("the body of an upload is no text")

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
