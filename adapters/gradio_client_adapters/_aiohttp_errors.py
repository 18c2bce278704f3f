"""What aiohttp's errors stand for, and which of them it must not answer itself."""

from __future__ import annotations

import asyncio

import aiohttp

from gradio_client.transport import (
    ConnectError,
    ConnectionLostError,
    ConnectTimeoutError,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
    TLSError,
    TransportError,
    because,
    translated,
)

_ERRORS: tuple[tuple[type[Exception], type[TransportError]], ...] = (
    (aiohttp.ClientProxyConnectionError, ProxyError),
    (aiohttp.ClientHttpProxyError, ProxyError),
    (aiohttp.ConnectionTimeoutError, ConnectTimeoutError),
    (aiohttp.SocketTimeoutError, ReadTimeoutError),
    (aiohttp.ClientSSLError, TLSError),
    (aiohttp.ClientConnectorError, ConnectError),
    (aiohttp.InvalidURL, ConnectError),
    (aiohttp.NonHttpUrlClientError, ConnectError),
    (aiohttp.ClientResponseError, ProtocolError),
    (aiohttp.ClientError, ConnectionLostError),
    (asyncio.TimeoutError, ReadTimeoutError),
    (OSError, ConnectionLostError),
)
THEIRS = tuple(theirs for theirs, _ in _ERRORS)


def fitting(error: BaseException, *, proxied: bool = False) -> TransportError:
    """The port's error for one of ``THEIRS``; a ``proxied`` one is the proxy's if no connection was made."""
    ours = translated(error, _ERRORS)
    return because(ProxyError, error) if proxied and type(ours) is ConnectError else ours


async def once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep aiohttp from sending again what a server may have acted on: it repeats on its own errors only."""
    try:
        return await handler(request)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
        raise  # nothing was sent, and aiohttp does not repeat these
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise fitting(error) from error
