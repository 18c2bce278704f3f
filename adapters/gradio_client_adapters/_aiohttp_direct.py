"""Short exchanges on aiohttp's own connections, past its sessions, which take a third of the time.

Connections, their pool, TLS, name look-ups and the parser are aiohttp's. What its sessions do beside that
(cookies, redirects, logins, proxies from the environment) the client does itself, for every transport.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
from typing import TYPE_CHECKING

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.http_exceptions import HttpProcessingError

from gradio_client.transport import BytesBody, ConnectTimeoutError, ProtocolError, because

if TYPE_CHECKING:
    import asyncio
    from ssl import SSLContext

    from aiohttp.connector import Connection
    from multidict import CIMultiDictProxy
    from yarl import URL

    from gradio_client.transport import Request

LONGEST_FIELD = 1 << 16  # bytes of a header field, as http.client has it
BUFFER = 1 << 20  # bytes that are read ahead, and at once when an answer is large
PIECE = 1 << 16  # bytes that are read at once, until so many have come at once
_BODILESS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})  # methods; others say that they have no body
# What is called here, and the parameters that it is called with.
_USED: tuple[tuple[type, str, frozenset[str]], ...] = (
    (aiohttp.ClientRequest, "__init__", frozenset({"session", "ssl", "loop"})),
    (aiohttp.BaseConnector, "connect", frozenset({"traces", "timeout"})),
    (ResponseHandler, "read", frozenset()),
    (ResponseHandler, "start_timeout", frozenset()),
    (
        ResponseHandler,
        "set_response_params",
        frozenset({"skip_payload", "read_until_eof", "auto_decompress", "read_timeout", "read_bufsize"})
        | {"max_line_size", "max_field_size"},
    ),
)


@functools.cache
def is_possible() -> bool:
    """Whether this aiohttp has what is used here: its documentation does not promise all of it."""
    return all(
        inspect.signature(getattr(owner, name)).parameters.keys() >= named if hasattr(owner, name) else False
        for owner, name, named in _USED
    )


class Answer:
    """A response head, and the stream of its body; what is used of ``aiohttp.ClientResponse``."""

    __slots__ = ("connection", "content", "headers", "status")

    def __init__(
        self,
        connection: Connection,
        status: int,
        headers: CIMultiDictProxy[str],
        content: aiohttp.StreamReader,
    ) -> None:
        self.connection: Connection | None = connection
        self.status = status
        self.headers = headers
        self.content = content
        content.on_eof(self._release)

    def close(self) -> None:
        """Close the connection, unless it has been given back; whoever reads is told."""
        connection, self.connection = self.connection, None
        if connection is not None:
            if self.content.exception() is None:
                self.content.set_exception(aiohttp.ClientConnectionError("the response was closed"))
            connection.close()

    def read_more_at_once(self) -> None:
        """Take larger pieces: the answer is large, and comes fast."""
        if self.connection is not None:
            _read_at_most(self.connection.transport, BUFFER)

    def _release(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.release()


class Direct:
    """Sends requests over the connections of a connector.

    Args:
        session: whose connector it is.
        loop: the session's.
    """

    def __init__(self, session: aiohttp.ClientSession, loop: asyncio.AbstractEventLoop) -> None:
        self._session = session
        self._loop = loop
        self._targets: dict[tuple[str, str | None], aiohttp.ClientRequest] = {}

    async def exchange(
        self, request: Request, url: URL, tls: SSLContext | None, limits: aiohttp.ClientTimeout
    ) -> Answer:
        """Send a request that has no proxy, and a body in memory or none; return the answer's head.

        Raises:
            aiohttp.ClientError, OSError, TransportError: it failed.
            ValueError: a header field holds a line break.
        """
        if url.scheme not in ("http", "https") or not url.raw_host:
            raise aiohttp.InvalidURL(url)
        message = _message(request, url)
        connection = await self._connect(url, tls, limits)
        try:
            return await _exchange(connection, request.method, message, limits.sock_read)
        except BaseException:  # raised again: nobody else would close it
            _abort(connection)
            raise

    async def _connect(self, url: URL, tls: SSLContext | None, limits: aiohttp.ClientTimeout) -> Connection:
        connector = self._session.connector
        if connector is None:
            raise aiohttp.ClientConnectionError("the session is closed")
        for _ in range(2):
            try:
                connection = await connector.connect(self._target(url, tls), traces=[], timeout=limits)
            except TimeoutError as error:
                raise because(ConnectTimeoutError, error) from error
            if connection.protocol is not None and not connection.protocol.should_close:
                return connection
            _abort(connection)  # what came while nobody asked would be taken for this answer
        raise ProtocolError("the server said something that nobody had asked for")

    def _target(self, url: URL, tls: SSLContext | None) -> aiohttp.ClientRequest:
        """What tells the connector where to connect to: any request to the same origin will do."""
        key = (url.scheme, url.raw_authority)
        target = self._targets.get(key)
        if target is None:
            if len(self._targets) > 100:
                self._targets.clear()
            target = aiohttp.ClientRequest(
                "GET", url.origin(), session=self._session, ssl=tls or True, loop=self._loop
            )
            self._targets[key] = target
        return target


def _message(request: Request, url: URL) -> bytes:
    """The bytes of a request."""
    body = request.body
    content = body.content if isinstance(body, BytesBody) else b""
    fields = [("Host", url.host_port_subcomponent or ""), *request.headers.pairs]
    if body is not None or request.method not in _BODILESS:
        fields.append(("Content-Length", str(len(content))))
    lines = [f"{request.method} {url.raw_path_qs} HTTP/1.1", *[f"{name}: {value}" for name, value in fields]]
    head = "\r\n".join(lines)
    breaks = len(lines) - 1
    if head.count("\n") != breaks or head.count("\r") != breaks or "\0" in head:
        raise ValueError("A header field, or the URL, holds a line break or a NUL.")
    return f"{head}\r\n\r\n".encode() + content


async def _exchange(connection: Connection, method: str, message: bytes, silence: float | None) -> Answer:
    protocol = connection.protocol
    if protocol is None or protocol.transport is None:
        raise aiohttp.ServerDisconnectedError
    _read_at_most(protocol.transport, PIECE)
    protocol.set_response_params(
        skip_payload=method == "HEAD",
        read_until_eof=True,
        auto_decompress=False,
        read_timeout=silence,
        read_bufsize=BUFFER,
        max_line_size=LONGEST_FIELD,
        max_field_size=LONGEST_FIELD,
    )
    protocol.transport.write(message)
    while True:
        protocol.start_timeout()
        try:
            head, content = await protocol.read()
        except HttpProcessingError as error:
            raise because(ProtocolError, error) from error
        if head.code >= 200:
            return Answer(connection, head.code, head.headers, content)
        if head.code == 101 or head.code < 100:
            raise ProtocolError(f"the server answers with status {head.code}, which nobody has asked for")


def _abort(connection: Connection) -> None:
    """Close a connection at once; aiohttp would wait until all that was written has gone out."""
    if connection.transport is not None:
        with contextlib.suppress(RuntimeError):  # the loop has been closed
            connection.transport.abort()
    connection.close()


def _read_at_most(transport: asyncio.BaseTransport | None, most: int) -> None:
    """Let asyncio read so many bytes at once: it makes room for all of them each time, whatever comes."""
    if transport is not None and hasattr(transport, "max_size"):
        transport.max_size = most
