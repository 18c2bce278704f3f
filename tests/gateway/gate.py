"""A gateway that hands on only what is signed, and says 403 to everything else."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web
from yarl import URL

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "company"
_HOPS = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}


class Gate:
    """Refuses and counts.

    Attributes:
        url: its own address.
        refused: method and path of what it did not let through.
        passed: how many requests it let through.
    """

    def __init__(self, target: str) -> None:
        self.url = ""
        self.refused: list[str] = []
        self.passed = 0
        self._target = target.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def serve(self, ready: threading.Event) -> None:
        """Listen until it is over."""
        app = web.Application(client_max_size=1 << 30)
        app.router.add_route("*", "/{path:.*}", self._handle)
        connector = aiohttp.TCPConnector(limit=0)
        timeout = aiohttp.ClientTimeout(total=None)
        async with aiohttp.ClientSession(
            connector=connector, timeout=timeout, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
        ) as self._session:
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
            self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
            ready.set()
            await self._over.wait()
            await runner.cleanup()

    def end(self) -> None:
        """Stop listening; for any thread."""
        self._loop.call_soon_threadsafe(self._over.set)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        said = f"{request.method} {request.rel_url.raw_path}"
        wanted = hmac.new(KEY.encode(), said.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(request.headers.get("X-Signature", ""), wanted):
            self.refused.append(said)
            return web.Response(status=403, text="unsigned")
        self.passed += 1
        return await self._hand_on(request)

    async def _hand_on(self, request: web.Request) -> web.StreamResponse:
        assert self._session is not None
        headers = [(name, value) for name, value in request.headers.items() if name.lower() not in _HOPS]
        headers.append(("X-Forwarded-Host", request.host))
        body = await request.read() if request.can_read_body else None
        url = self._target + request.raw_path
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


@contextmanager
def gate(target: str) -> Iterator[Gate]:
    """A gateway in front of a server, on a thread of its own, as long as the block."""
    made, ready = Gate(target), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(made.serve(ready)), name="gate")
    thread.start()
    ready.wait(10)
    try:
        yield made
    finally:
        made.end()
        thread.join(10)
