"""The connections that the httpx adapter makes for itself."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from gradio_client_adapters._httpx_cancelling import Sending
from gradio_client_adapters._httpx_terms import Content, outgoing

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from types import ModuleType

    import httpx

    from gradio_client.transport import Request, TransportOptions
    from gradio_client_adapters._httpx_tunnel import Trace


class Pools:
    """Connections of our own: a pool for each proxy, and for what is TLS and what is not."""

    def __init__(self, library: ModuleType, options: TransportOptions) -> None:
        self._library: Any = library
        self._options = options
        self._pools: dict[tuple[str | None, bool], httpx.AsyncHTTPTransport] = {}
        self._sending: set[asyncio.Future[None]] = set()

    async def open(self, request: Request, content: Content, trace: Trace | None) -> httpx.Response:
        secure = request.url.startswith("https:") or (request.proxy or "").startswith("https:")
        key = request.proxy, secure
        pool = self._pools.get(key)
        if pool is None:
            pool = self._pools[key] = self._make(request.proxy, secure=secure)

        def send(traced: Trace) -> Coroutine[Any, Any, httpx.Response]:
            return pool.handle_async_request(outgoing(self._library, request, content, traced))

        over = asyncio.get_running_loop().create_future()
        self._sending.add(over)
        try:
            return await Sending(send, trace).response()
        finally:
            over.set_result(None)
            self._sending.discard(over)

    async def aclose(self) -> None:
        for pool in self._pools.values():
            with contextlib.suppress(RuntimeError):  # the loop that it was used on has been closed
                await pool.aclose()
        if self._sending:  # interrupted by now, which takes a moment
            await asyncio.wait(self._sending)

    def _make(self, proxy: str | None, *, secure: bool) -> Any:
        tls = self._options.tls if secure else False
        limits = self._library.Limits(
            max_connections=None,
            max_keepalive_connections=self._options.pool_size,
            keepalive_expiry=self._options.idle_seconds,
        )
        own = {"ssl_context": tls} if proxy and proxy.startswith("https:") else {}
        via = self._library.Proxy(proxy, **own) if proxy else None
        return self._library.AsyncHTTPTransport(verify=tls, trust_env=False, proxy=via, limits=limits)
