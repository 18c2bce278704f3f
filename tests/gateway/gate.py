"""A gateway that hands on only what is signed, and says 403 to everything else.

It lives and dies with the app behind it: when that is gone, the gateway's connections break too.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import io
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web
from yarl import URL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servers.process import Server

KEY = "company"
_HOPS = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}
_OWN = {*_HOPS, "x-signature"}  # what the app need not see


class Gate:
    """Refuses and counts.

    Args:
        target: the app's address.
        wide_open: lets everything through, for those who cannot sign.

    Attributes:
        url: its own address, with the path of the app's.
        port: its own.
        refused: method and path of what it did not let through.
        passed: the same of what it let through.
    """

    def __init__(self, target: str, *, wide_open: bool = False) -> None:
        self.url = ""
        self.port = 0
        self.refused: list[str] = []
        self.passed: list[str] = []
        where = urlsplit(target)
        self._origin, self._path = f"{where.scheme}://{where.netloc}", where.path
        self._wide_open = wide_open
        self._session: aiohttp.ClientSession | None = None

    async def serve(self, ready: threading.Event) -> None:
        """Listen until it is over."""
        app = web.Application(client_max_size=1 << 30)
        app.router.add_route("*", "/{path:.*}", self._handle)
        connector = aiohttp.TCPConnector(limit=0, force_close=True)
        timeout = aiohttp.ClientTimeout(total=None)
        async with aiohttp.ClientSession(
            connector=connector, timeout=timeout, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
        ) as self._session:
            # A client that goes away ends its request, and so its stream or heartbeat at the app.
            self._runner = web.AppRunner(
                app, access_log=None, shutdown_timeout=0.2, handler_cancellation=True
            )
            await self._runner.setup()
            site = web.TCPSite(self._runner, "127.0.0.1", 0, backlog=512)
            await site.start()
            self.port = self._runner.addresses[0][1]
            self.url = f"http://127.0.0.1:{self.port}{self._path}"
            self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
            ready.set()
            await self._over.wait()
            await self._runner.cleanup()

    def end(self) -> None:
        """Stop listening; for any thread."""
        with suppress(RuntimeError):  # it went down with its app, and its loop has ended
            self._loop.call_soon_threadsafe(self._over.set)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        said = f"{request.method} {request.rel_url.raw_path}"
        wanted = hmac.new(KEY.encode(), said.encode(), hashlib.sha256).hexdigest()
        if not self._wide_open and not hmac.compare_digest(request.headers.get("X-Signature", ""), wanted):
            self.refused.append(said)
            return web.Response(status=403, text="unsigned")
        self.passed.append(said)
        try:
            return await self._hand_on(request)
        except aiohttp.ClientConnectionResetError:  # the client is gone
            return web.Response()
        except aiohttp.ClientError:
            self._go_down()
            return web.Response()

    async def _hand_on(self, request: web.Request) -> web.StreamResponse:
        assert self._session is not None
        headers = [(name, value) for name, value in request.headers.items() if name.lower() not in _OWN]
        headers.append(("X-Forwarded-Host", request.host))
        body = io.BytesIO(await request.read()) if request.can_read_body else None
        url = self._origin + request.raw_path
        async with self._session.request(
            request.method, URL(url, encoded=True), headers=headers, data=body, allow_redirects=False
        ) as answer:
            response = web.StreamResponse(status=answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in _HOPS:
                    response.headers.add(name, value)
            await response.prepare(request)
            async for chunk in answer.content.iter_any():
                await response.write(chunk)
            await response.write_eof()
            return response

    def _go_down(self) -> None:
        server = self._runner.server
        assert server is not None
        for connection in server.connections:
            connection.force_close()
        self._over.set()


class Behind:
    """A server whose address is the gateway's."""

    def __init__(self, server: Server, front: Gate) -> None:
        self.front = front
        self.url, self.port = front.url, front.port
        self.without = server

    def __getattr__(self, name: str) -> Any:
        return getattr(self.without, name)


@contextmanager
def gate(target: str, *, wide_open: bool = False) -> Iterator[Gate]:
    """A gateway in front of the server at a URL, on a thread of its own, as long as the block."""
    made, ready = Gate(target, wide_open=wide_open), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(made.serve(ready)), name="gate")
    thread.start()
    ready.wait(10)
    try:
        yield made
    finally:
        made.end()
        thread.join(10)
