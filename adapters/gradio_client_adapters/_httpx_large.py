"""The bodies of large answers, past the layers of httpx that copy them several times."""

from __future__ import annotations

import sys
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from gradio_client.transport import ConnectionLostError, ReadTimeoutError, because

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import httpx

LARGE = 1 << 23  # bytes; a connection that is read from here serves no other request
_AT_ONCE = 1 << 20  # bytes read at a time; each time costs several calls of the system
_BY_TLS = 1 << 18  # the same with TLS, which makes room for as many for each record


def chunks_of(response: httpx.Response, seconds: float | None, stream: Any) -> AsyncGenerator[bytes]:
    """What comes of a body. Reading it raises errors of httpx, or of the port.

    Args:
        response: to a GET, over a connection that nobody else reads from.
        seconds: the longest without a byte; None for no limit.
        stream: the response's.
    """
    chunks: AsyncGenerator[bytes] = aiter(stream)
    length = response.headers.get("content-length", "")
    framed = response.extensions.get("http_version") != b"HTTP/1.1" or "transfer-encoding" in response.headers
    wire = response.extensions.get("network_stream")
    if framed or wire is None or not length.isdecimal() or int(length) < LARGE:
        return chunks
    return _straight(wire, chunks, int(length), seconds)


async def _straight(
    wire: Any, chunks: AsyncGenerator[bytes], length: int, seconds: float | None
) -> AsyncGenerator[bytes]:
    library: Any = sys.modules[type(wire).__module__.partition(".")[0]]
    async with aclosing(chunks):
        # All that has been read of the body together with the head; the rest is still to be read.
        first = await anext(chunks, b"")
        if not first:  # 204 and 304 have none, whatever their length says
            return
        yield first
        left, most = length - len(first), _room(wire)
        while left:
            try:
                chunk = await wire.read(min(left, most), timeout=seconds)
            except library.TimeoutException as error:
                raise because(ReadTimeoutError, error) from error
            except library.NetworkError as error:
                raise because(ConnectionLostError, error) from error
            if not chunk:
                raise ConnectionLostError(f"the connection ended {left} bytes before the body did")
            left -= len(chunk)
            yield chunk


def _room(wire: Any) -> int:
    """How many bytes to read at a time. asyncio reads less unless told otherwise; no API does that."""
    transport: Any = getattr(getattr(wire, "_stream", None), "_transport", None)
    if not hasattr(transport, "max_size"):  # with TLS, on Windows, or with an anyio that has it elsewhere
        return _BY_TLS
    transport.max_size = _AT_ONCE
    return _AT_ONCE
