"""Requests, responses and errors in the terms of httpx, or of httpx2, which has the same."""

from __future__ import annotations

import importlib
import ssl
import sys
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from gradio_client.transport import (
    BodyReader,
    BodyStream,
    BytesBody,
    ConnectError,
    ConnectionLostError,
    ConnectTimeoutError,
    Headers,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
    TLSError,
    because,
    translated,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    import httpx

    from gradio_client.transport import Body, Request, TransportError

Content: TypeAlias = bytes | BodyStream | BodyReader | None

SMALL = 1 << 16  # bytes that are sent at once; larger bodies go piece by piece
_LIBRARIES = ("httpx2", "httpx")


def installed() -> ModuleType:
    """The installed library, ``httpx2`` before ``httpx``.

    Raises:
        ImportError: neither is installed.
    """
    for name in _LIBRARIES:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise ImportError(
        "The httpx transport needs httpx2 or httpx. Install one: pip install 'gradio_client[httpx]'"
    )


def library_of(theirs: object) -> ModuleType:
    """The library that an object, or a class it is derived from, comes from."""
    for kind in type(theirs).__mro__:
        name = kind.__module__.partition(".")[0]
        if name in _LIBRARIES:
            return sys.modules[name]
    return installed()


def content_of(body: Body | None, streamed: Callable[[Body], BodyReader | BodyStream]) -> Content:
    """What httpx sends for a body: bytes if they are few, else what ``streamed`` makes of it."""
    if body is None:
        return None
    if isinstance(body, BytesBody) and body.length <= SMALL:
        return body.content
    return streamed(body)


def outgoing(library: Any, request: Request, content: Content, trace: Any = None) -> httpx.Request:
    """A request for a transport."""
    arguments = _arguments(request, content, trace)
    return cast("httpx.Request", library.Request(request.method, request.url, **arguments))


def built(client: Any, request: Request, content: Content, trace: Any = None) -> httpx.Request:
    """A request for a client, which adds its own headers and cookies."""
    made = client.build_request(request.method, request.url, **_arguments(request, content, trace))
    if "accept-encoding" not in request.headers:
        made.headers.pop("accept-encoding", None)  # our caller decodes, so it alone says what it accepts
    return cast("httpx.Request", made)


def opened(library: Any, response: httpx.Response) -> tuple[Headers, Any]:
    """The headers of a response, and its stream of bytes as they came."""
    fields = response.headers.multi_items()
    if not response.is_stream_consumed:
        return Headers(tuple(fields)), response.stream
    # A hook of the caller's has read it, and decoded it on the way.
    plain = [pair for pair in fields if pair[0].lower() not in ("content-encoding", "content-length")]
    return Headers(plain), library.ByteStream(response.content)


class Errors:
    """What the errors of one of the libraries stand for.

    Attributes:
        theirs: the classes to catch.
    """

    def __init__(self, library: Any) -> None:
        self._connect, self._local = library.ConnectError, library.LocalProtocolError
        self._table: tuple[tuple[type[Exception], type[TransportError]], ...] = (
            (library.ProxyError, ProxyError),
            (library.ConnectTimeout, ConnectTimeoutError),
            (library.PoolTimeout, ConnectTimeoutError),
            (library.TimeoutException, ReadTimeoutError),
            (library.ConnectError, ConnectError),
            (library.UnsupportedProtocol, ConnectError),
            (library.InvalidURL, ConnectError),
            (library.ProtocolError, ProtocolError),
            (library.HTTPError, ConnectionLostError),
            (library.StreamError, ConnectionLostError),
            (TimeoutError, ReadTimeoutError),  # of a transport of the caller's
            (OSError, ConnectionLostError),
        )
        self.theirs = tuple(theirs for theirs, _ in self._table)

    def fitting(
        self, error: BaseException, *, proxied: bool = False, tunnelled: bool = True
    ) -> TransportError:
        """The port's error for one of ``theirs``.

        Args:
            error: the library's.
            proxied: whether a connection that could not be made was one to a proxy.
            tunnelled: whether the tunnel stands, if there is to be one: before, only the proxy can fail.
        """
        ours = translated(error, self._table)
        if isinstance(error, self._local):
            return ProtocolError("the request holds what HTTP cannot carry")
        if isinstance(error, self._connect) and _has_cause(error, ssl.SSLError):
            return because(TLSError, error)
        if isinstance(ours, ConnectTimeoutError):
            return ours
        if not tunnelled or (proxied and isinstance(ours, ConnectError)):
            return because(ProxyError, error)
        text = str(error)
        if isinstance(ours, ProtocolError) and ("closed connection" in text or "disconnected" in text):
            return because(ConnectionLostError, error)
        return ours


def _arguments(request: Request, content: Content, trace: Any) -> dict[str, Any]:
    headers = list(request.headers.pairs)
    if request.body is not None and request.body.length is not None:
        headers.append(("Content-Length", str(request.body.length)))
    limits = request.timeouts
    timeout = {"connect": limits.connect, "read": limits.read, "write": limits.read, "pool": limits.connect}
    extensions = {"timeout": timeout} | ({"trace": trace} if trace else {})
    return {"headers": headers, "content": content, "extensions": extensions}


def _has_cause(error: BaseException | None, kind: type[BaseException]) -> bool:
    while error is not None:
        if isinstance(error, kind):
            return True
        error = error.__cause__ or error.__context__
    return False
