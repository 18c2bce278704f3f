"""A Hub, the hosts of Spaces and a stranger, on real sockets; every request to each of them is kept."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web
from spaces.hub import FakeHub, FakeSpace
from yarl import URL

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

_HOPS = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}
STARTING = "<html><head><title>Your Space is starting</title></head><body>Please wait</body></html>"

UNKNOWN = "<html><head><title>404</title></head><body>Sorry, we can't find the page</body></html>"


@dataclass(frozen=True)
class Seen:
    """A request that one of the servers got: ``hub``, ``space`` or ``stranger``."""

    server: str
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def names_of(self, secret: str) -> list[str]:
        """In which header fields a secret is; in ``path`` and ``body`` too."""
        found = [name.lower() for name, value in self.headers if secret in value]
        return found + ["path"] * (secret in self.path) + ["body"] * (secret.encode() in self.body)


class World:
    """The servers.

    Attributes:
        hub: what the Hub knows.
        urls: addresses by name: ``hub``, ``space``, ``stranger``.
        seen: every request, in order.
        redirects: where a server, or what begins so on the hosts of Spaces, redirects to.
        target: where the app is that Spaces hand on to.
    """

    def __init__(self, target: str) -> None:
        self.urls: dict[str, str] = {}
        self.seen: list[Seen] = []
        self.target = target.rstrip("/")
        self.hub = FakeHub("")
        self.redirects: dict[str, str] = {}

    def space(self, name: str = "ada/demo", *stages: str, **rest: object) -> FakeSpace:
        """A Space whose host is ours."""
        space = FakeSpace(name, self.urls["space"], stages or ("RUNNING",))
        for key, value in rest.items():
            setattr(space, key, value)
        return self.hub.add(space)

    def to(self, server: str, path: str = "") -> list[Seen]:
        return [seen for seen in self.seen if seen.server == server and path in seen.path]

    async def serve(self, ready: threading.Event) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        handlers = {"hub": self._hub, "space": self._space, "stranger": self._stranger}
        runners = [await self._listen(name, handler) for name, handler in handlers.items()]
        self.hub.made_host = self.urls["space"]
        timeout = aiohttp.ClientTimeout(total=None)
        async with aiohttp.ClientSession(
            timeout=timeout, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
        ) as self._session:
            ready.set()
            await self._over.wait()
            for runner in runners:
                await runner.cleanup()

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._over.set)

    async def _listen(
        self, name: str, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.AppRunner:
        async def handle(request: web.Request) -> web.StreamResponse:
            body = await request.read()
            headers = tuple(request.headers.items())
            self.seen.append(Seen(name, request.method, request.path_qs, headers, body))
            for start, there in self.redirects.items():
                if start == name or (name == "space" and request.path.startswith(start)):
                    return web.Response(status=307, headers={"Location": there + request.path_qs})
            return await handler(request)

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.urls[name] = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    async def _hub(self, request: web.Request) -> web.StreamResponse:
        return await self.hub.handle(request)

    async def _stranger(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"host": self.urls["stranger"], "id": "ada/demo"})

    async def _space(self, request: web.Request) -> web.StreamResponse:
        ours = [space for space in self.hub.spaces.values() if space.host == self.urls["space"]]
        given = request.headers.get("X-HF-Authorization", "").removeprefix("Bearer ")
        owner = f"{self.hub.users.get(given)}/"
        if any(space.private and not space.space_id.startswith(owner) for space in ours):
            return web.Response(status=404, text=UNKNOWN, content_type="text/html")
        # All are asked, for a request wakes them; a test has one, or one and its duplicate.
        up = [space.up() for space in ours]
        if not all(up):
            await asyncio.sleep(max(space.holds for space in ours))
            return web.Response(status=503, text=STARTING, content_type="text/html")
        return await self._hand_on(request)

    async def _hand_on(self, request: web.Request) -> web.StreamResponse:
        # The token is for the proxy of Spaces, which takes it out.
        gone = {*_HOPS, "x-hf-authorization"}
        headers = [(name, value) for name, value in request.headers.items() if name.lower() not in gone]
        headers.append(("X-Forwarded-Host", request.host))
        async with self._session.request(
            request.method,
            URL(self.target + request.raw_path, encoded=True),
            headers=headers,
            data=await request.read() or None,
            allow_redirects=False,
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
def world(target: str) -> Iterator[World]:
    """The servers on a thread of their own, as long as the block."""
    made, ready = World(target), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(made.serve(ready)), name="world")
    thread.start()
    ready.wait(10)
    try:
        yield made
    finally:
        made.end()
        thread.join(10)
