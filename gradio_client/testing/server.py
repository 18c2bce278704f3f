"""Serving an app: on a thread of its own, or on a running event loop."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Self

from aiohttp import web

from gradio_client.testing.line import line_of
from gradio_client.testing.options import Options
from gradio_client.testing.refusals import refusing
from gradio_client.testing.routes import Routes

if TYPE_CHECKING:
    from types import TracebackType

    from gradio_client.testing.app import App

MAX_BODY = 1 << 30  # bytes that a request may have


class AppServer:
    """An HTTP server for an ``App`` that answers as a Gradio server does.

        with AppServer(app) as server:
            client = Client(server.url)

    In asynchronous code ``async with`` serves on the running loop instead of a thread.

    Args:
        app: the app.
        protocol: the queue protocol: ``"sse_v3"``, ``"sse_v2.1"``, ``"sse_v2"``, ``"sse_v1"`` or ``"sse"``.
        version: the Gradio version to answer as, instead of one that speaks ``protocol``; 4.0 or later.
        port: 0 for a free one.
        path: where the app is mounted, such as ``"/sub/path"``.
        auth: user name and password that a login wants; None for no login.
        auth_message: what the login page says.
        max_size: how many jobs may wait.
        max_file_size: bytes that an upload may have.
        show_error: whether clients are told what other exceptions than ``AppError`` say.
        heartbeat: seconds of silence after which a stream is told that it lives.

    Raises:
        ValueError: there is no such protocol, or the version is older than 4.0.
    """

    def __init__(  # noqa: PLR0913 - each is a setting of its own, by name
        self,
        app: App,
        *,
        protocol: str = "sse_v3",
        version: str | None = None,
        port: int = 0,
        path: str = "",
        auth: tuple[str, str] | None = None,
        auth_message: str | None = None,
        max_size: int | None = None,
        max_file_size: int | None = None,
        show_error: bool = False,
        heartbeat: float = 15.0,
    ) -> None:
        self._app = app
        self._port = port
        self._options = Options(
            line=line_of(protocol, version),
            path="/" + path.strip("/") if path.strip("/") else "",
            users=dict([auth]) if auth else None,
            auth_message=auth_message,
            max_size=max_size,
            max_file_size=max_file_size,
            show_error=show_error,
            heartbeat=heartbeat,
        )
        self._runner: web.AppRunner | None = None
        self._routes: Routes | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def url(self) -> str:
        """Where the app is, with a slash at the end. The server must be running."""
        return f"http://127.0.0.1:{self._port}{self._options.path}/"

    def start(self) -> None:
        """Serve on a thread; returns when the server answers.

        Raises:
            OSError: the port is taken.
        """
        started: Future[None] = Future()
        self._thread = threading.Thread(target=self._serve, args=(started,), name="app-server", daemon=True)
        self._thread.start()
        try:
            started.result()
        except Exception:
            self._thread.join()
            self._loop = self._thread = None
            raise
        except BaseException:  # Ctrl-C while the thread goes on
            self.stop()
            raise

    def stop(self) -> None:
        """End all jobs and connections, and the thread; nothing when the server does not run."""
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._loop = self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        await self._open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    def _serve(self, started: Future[None]) -> None:
        loop = self._loop = asyncio.new_event_loop()
        try:
            loop.run_until_complete(self._open())
            started.set_result(None)
        except BaseException as error:  # noqa: BLE001 - it is raised by start()
            started.set_exception(error)
            loop.close()
            return
        try:
            loop.run_forever()
        finally:
            loop.run_until_complete(self._close())
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()

    async def _open(self) -> None:
        try:
            await self._listen()
        except BaseException:
            await self._close()
            raise

    async def _listen(self) -> None:
        self._routes = Routes(self._app, self._options)
        site = web.Application(client_max_size=MAX_BODY, middlewares=[refusing])
        site.add_routes(self._routes.table())
        served = site
        if self._options.path:
            served = web.Application(middlewares=[refusing])
            served.router.add_get(self._options.path, self._to_slash)
            served.add_subapp(self._options.path, site)
        # Cancelling a handler is how it learns that its client has gone (protocol section 5.10).
        self._runner = web.AppRunner(served, handler_cancellation=True, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        listener = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await listener.start()
        self._port = self._runner.addresses[0][1]

    async def _to_slash(self, request: web.Request) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": f"{request.url.with_query(None)}/"})

    async def _close(self) -> None:
        if self._routes is not None:
            await self._routes.close()
        if self._runner is not None:
            await self._runner.cleanup()
