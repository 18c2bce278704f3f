"""What the errors of requests, of urllib3 below it and of http.client below that stand for."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING

import requests
import urllib3

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

if TYPE_CHECKING:
    from gradio_client_adapters._interruptible import Exchange

_ERRORS: tuple[tuple[type[Exception], type[TransportError]], ...] = (
    (urllib3.exceptions.ProxyError, ProxyError),
    (urllib3.exceptions.SSLError, TLSError),
    (urllib3.exceptions.NewConnectionError, ConnectError),
    (urllib3.exceptions.ConnectTimeoutError, ConnectTimeoutError),
    (urllib3.exceptions.ReadTimeoutError, ReadTimeoutError),
    (urllib3.exceptions.InvalidChunkLength, ProtocolError),
    (http.client.RemoteDisconnected, ConnectionLostError),
    (http.client.IncompleteRead, ConnectionLostError),
    (http.client.HTTPException, ProtocolError),
    (requests.exceptions.ConnectTimeout, ConnectTimeoutError),
    (requests.exceptions.Timeout, ReadTimeoutError),
    (requests.exceptions.InvalidProxyURL, ProxyError),
    (urllib3.exceptions.InvalidHeader, ProtocolError),
    (requests.exceptions.RequestException, ConnectionLostError),
    (urllib3.exceptions.HTTPError, ConnectionLostError),
    (TimeoutError, ReadTimeoutError),
    (OSError, ConnectionLostError),
)
THEIRS = tuple(theirs for theirs, _ in _ERRORS)

# What is wrapped in these says less than they do.
_TELLING = (urllib3.exceptions.ProxyError, urllib3.exceptions.SSLError, urllib3.exceptions.NewConnectionError)


def fitting(error: BaseException, exchange: Exchange) -> TransportError:
    """The port's error for one of ``THEIRS``: a ConnectError as long as nothing can have been sent."""
    inner = _innermost(error)
    ours = translated(inner, _ERRORS)
    early = isinstance(ours, ConnectError)
    if exchange.stands and early:
        return because(ConnectionLostError, inner)
    if exchange.stands is False and not early:
        timed_out = isinstance(ours, ReadTimeoutError)
        unreachable = ProxyError if exchange.proxied else ConnectError
        return because(ConnectTimeoutError if timed_out else unreachable, inner)
    return ours


def _innermost(error: BaseException) -> BaseException:
    """Unwrap what requests and urllib3 have wrapped up to three times over."""
    while True:
        inner = getattr(error, "reason", None) or next(
            (one for one in error.args if isinstance(one, BaseException)), None
        )
        if not isinstance(inner, Exception) or isinstance(error, _TELLING):
            return error
        error = inner
