"""A transport over urllib3: it carries requests and responses, and decides nothing."""

from __future__ import annotations

import contextlib
import http.client
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import urllib3

from gradio_client.transport import (
    BlockingResponse,
    BlockingTransport,
    BodyReader,
    ConnectError,
    ConnectionLostError,
    ConnectTimeoutError,
    Headers,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
    Request,
    Threaded,
    TLSError,
    TransportError,
    TransportOptions,
    because,
    translated,
)
from stranger_urllib3.connections import Exchange, current, pools

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

SIZE = 1 << 17  # bytes asked for at a time

# urllib3's errors, and those that shine through it, in the port's terms; the first row that fits counts.
ERRORS: tuple[tuple[type[Exception], type[TransportError]], ...] = (
    (urllib3.exceptions.ProxyError, ProxyError),
    (urllib3.exceptions.SSLError, TLSError),
    (urllib3.exceptions.NewConnectionError, ConnectError),
    (urllib3.exceptions.ConnectTimeoutError, ConnectTimeoutError),
    (urllib3.exceptions.ReadTimeoutError, ReadTimeoutError),
    (urllib3.exceptions.InvalidHeader, ProtocolError),
    (http.client.RemoteDisconnected, ConnectionLostError),
    (http.client.IncompleteRead, ConnectionLostError),
    (http.client.HTTPException, ProtocolError),
    (urllib3.exceptions.HTTPError, ConnectionLostError),
    (TimeoutError, ReadTimeoutError),
    (OSError, ConnectionLostError),
)
THEIRS = tuple(theirs for theirs, _ in ERRORS)


class Urllib3Transport(Threaded):
    """Exchanges over urllib3, each on a thread of its own while it lasts."""

    def __init__(self, options: TransportOptions) -> None:
        super().__init__(_Blocking(options))


class _Blocking(BlockingTransport):
    """The blocking half: ``send`` is called from many threads at once."""

    def __init__(self, options: TransportOptions) -> None:
        self._options = options
        self._managers: dict[str | None, PoolManager] = {}  # by proxy

    def send(self, request: Request) -> BlockingResponse:
        exchange = Exchange(request.timeouts.read)
        current.set(exchange)
        body = None if request.body is None else BodyReader(request.body)
        try:
            response = self._open(request, body)
        except THEIRS as error:
            if body is not None and body.error is not None:
                raise body.error from error
            proxied = request.proxy is not None
            raise fitting(error, sent=exchange.connected, proxied=proxied) from error
        if body is not None and body.error is not None:  # urllib3 passes over a broken pipe
            response.close()
            raise body.error
        return _Response(response)

    def close(self) -> None:
        for manager in self._managers.values():
            for key in manager.pools.keys():  # noqa: SIM118 - it cannot be iterated itself
                manager.pools[key].close()

    def _open(self, request: Request, body: BodyReader | None) -> BaseHTTPResponse:
        secure = request.url.startswith("https:")
        pool = self._manager(request.proxy).connection_from_url(request.url, self._tls() if secure else {})
        return pool.urlopen(
            request.method,
            request.url if request.proxy and not secure else _target(request.url),
            body,
            _headers(request),
            retries=False,
            redirect=False,
            assert_same_host=False,
            timeout=urllib3.Timeout(connect=request.timeouts.connect, read=request.timeouts.read),
            preload_content=False,
            decode_content=False,
        )

    def _manager(self, proxy: str | None) -> PoolManager:
        found = self._managers.get(proxy)
        if found is None:
            found = self._managers.setdefault(proxy, self._make_manager(proxy))
        return found

    def _make_manager(self, proxy: str | None) -> PoolManager:
        kept = max(1, self._options.pool_size)
        if proxy is None:
            manager = urllib3.PoolManager(maxsize=kept)
        else:
            tls = self._tls() if proxy.startswith("https:") else {}
            secret = urllib3.util.parse_url(proxy).auth
            shown = urllib3.make_headers(proxy_basic_auth=unquote(secret)) if secret else {}
            manager = urllib3.ProxyManager(proxy, maxsize=kept, proxy_headers=shown, **tls)
        manager.pool_classes_by_scheme = pools(self._options.idle_seconds)
        return manager

    def _tls(self) -> dict[str, Any]:
        tls = self._options.tls  # made when it is first asked for: not before there is an https URL
        return {"ssl_context": tls, "assert_hostname": None if tls.check_hostname else False}


class _Response(BlockingResponse):
    def __init__(self, raw: BaseHTTPResponse) -> None:
        self._raw = raw
        self.status = raw.status
        self.headers = Headers(raw.headers.iteritems())

    def read(self) -> bytes:
        try:
            return self._raw.read1(SIZE, decode_content=False)
        except THEIRS as error:
            raise fitting(error, sent=True) from error

    def abort(self) -> None:
        with contextlib.suppress(ValueError, RuntimeError, OSError):  # there is nothing to interrupt
            self._raw.shutdown()

    def close(self) -> None:
        self._raw.close()


def fitting(error: Exception, *, sent: bool, proxied: bool = False) -> TransportError:
    """The port's error. A ConnectError means that nothing was sent, and is never anything else."""
    wrapped = error.args[-1] if isinstance(error, urllib3.exceptions.ProtocolError) and error.args else None
    ours = translated(wrapped if isinstance(wrapped, Exception) else error, ERRORS)
    if isinstance(ours, ConnectError) is not sent:
        return ours
    if sent:
        return because(ConnectionLostError, error)
    if isinstance(ours, ReadTimeoutError):
        return because(ConnectTimeoutError, error)
    return because(ProxyError if proxied else ConnectError, error)  # nobody else has been spoken to


def _target(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _headers(request: Request) -> urllib3.HTTPHeaderDict:
    headers = urllib3.HTTPHeaderDict(request.headers.pairs)
    for name in ("User-Agent", "Accept-Encoding"):  # urllib3 adds them unless told to skip them
        headers.setdefault(name, urllib3.util.SKIP_HEADER)
    if request.body is not None and request.body.length is None:
        headers["Transfer-Encoding"] = "chunked"
    elif request.body is not None:
        headers["Content-Length"] = str(request.body.length)
    return headers
