"""What the server answers to each request (protocol sections 2 to 9)."""

from __future__ import annotations

import asyncio
import json
import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from gradio_client.testing.context import Caller
from gradio_client.testing.direct_routes import DirectCalls
from gradio_client.testing.documents import Documents
from gradio_client.testing.events import Event, Feed
from gradio_client.testing.execution import Execution
from gradio_client.testing.login import Login
from gradio_client.testing.queueing import JobQueue, QueueFullError
from gradio_client.testing.refusals import crashed, detail, json_body, query
from gradio_client.testing.storage import Storage
from gradio_client.testing.streams import Streams
from gradio_client.testing.wording import Wording
from gradio_client.testing.workers import FunctionThreads

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gradio_client.domain.values import Json, JsonObject
    from gradio_client.testing.app import App, Endpoint
    from gradio_client.testing.options import Options

    _Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Routes:
    """One app behind HTTP; made on the event loop that serves it."""

    def __init__(self, app: App, options: Options) -> None:
        line = options.line
        self._line = line
        self._options = options
        self._endpoints = {endpoint.id: endpoint for endpoint in app.endpoints}
        self._wording = Wording(line, show_error=options.show_error)
        self._storage = Storage(line)
        self._workers = FunctionThreads()
        self._execution = Execution(self._wording, self._storage, self._workers)
        self._queue = JobQueue(self._wording, self._execution, options.max_size)
        self._streams = Streams(self._wording, options.heartbeat)
        self._login = Login(options.users, line, options.auth_message)
        self._app_id_now = secrets.randbits(64) | 1 << 63  # beyond 2**53, as those of servers may be
        fixed: JsonObject = {"app_id": self._app_id_now, "space_id": None, "show_error": options.show_error}
        if line.max_file_size:
            fixed["max_file_size"] = options.max_file_size
        self._documents = Documents(app, line, self._storage, fixed)
        self._direct = DirectCalls(self._wording, self._execution, self._queue, self._streams, self._event)

    def table(self) -> list[web.RouteDef]:
        """The routes below the app's path."""
        api = self._line.api_prefix
        open_routes = [
            web.get("/", self._page),
            web.post("/login", self._login.log_in),
            web.get("/logout", self._login.log_out),
            web.get(f"{api}/app_id", self._app_id),
            web.post(f"{api}/cancel", self._cancel),
            web.post(f"{api}/reset", self._reset),
            web.get(f"{api}/heartbeat/{{session_hash}}", self._heartbeat),
        ]
        if self._line.stream_per_job:
            queue = [web.get("/queue/join", self._join_v0), web.post("/queue/data", self._data_v0)]
        else:
            queue = [web.post(f"{api}/queue/join", self._join), web.get(f"{api}/queue/data", self._stream)]
        protected = [
            *queue,
            *self._direct.table(self._line, list(self._endpoints.values())),
            web.get(f"{api}/queue/status", self._status),
            web.get("/config", self._config),
            web.get(f"{api}/info", self._info),
            web.post(f"{api}/upload", self._upload),
            web.get(f"{api}/file={{path:.*}}", self._file),
        ]
        guarded = [web.route(one.method, one.path, self._guarded(one.handler)) for one in protected]
        return open_routes + guarded

    async def close(self) -> None:
        """End all streams and jobs, and remove the files."""
        self._streams.stop()
        if tasks := self._queue.close():
            await asyncio.wait(tasks, timeout=1.0)
        self._workers.close()
        self._storage.close()

    def _guarded(self, handler: Callable[..., Awaitable[web.StreamResponse]]) -> _Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            if not self._login.allows(request):
                return self._login.refusal()
            return await handler(request)

        return guarded

    async def _page(self, request: web.Request) -> web.StreamResponse:
        root = self._root(request)
        if not self._login.allows(request):
            page = self._documents.page(dict(self._login.page_config(root)), None)
        else:
            config = self._documents.config(root, self._login.user(request))
            page = self._documents.page(config, self._documents.info(root))
        return web.Response(text=page, content_type="text/html")

    async def _config(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self._documents.config(self._root(request), self._login.user(request)))

    async def _info(self, request: web.Request) -> web.StreamResponse:
        everything = bool(request.query.get("all_endpoints"))
        return web.json_response(self._documents.info(self._root(request), all_endpoints=everything))

    async def _app_id(self, _: web.Request) -> web.StreamResponse:
        return web.json_response({"app_id": self._app_id_now})

    async def _join(self, request: web.Request) -> web.StreamResponse:
        body = await json_body(request, "data")
        session_hash = body.get("session_hash")
        if not isinstance(session_hash, str):
            return detail(400, "Session hash not found.")
        if body.get("fn_index") is None:
            return detail(400, "No function index provided.")
        endpoint = self._endpoints.get(body["fn_index"])
        if endpoint is None:
            raise crashed()
        feed = self._queue.feeds.open(session_hash)
        event = self._event(request, endpoint, session_hash, feed)
        event.data = body["data"]
        event.whole = bool(body.get("simple_format"))
        try:
            self._queue.join(event)
        except QueueFullError as error:
            return detail(503, str(error))
        return web.json_response({"event_id": event.id})

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        session_hash = query(request, "session_hash")
        try:
            return await self._streams.of_session(request, self._queue.feeds.find(session_hash))
        except (asyncio.CancelledError, ConnectionError):
            self._queue.abandon(session_hash)
            raise

    async def _join_v0(self, request: web.Request) -> web.StreamResponse:
        endpoint = self._endpoints.get(int(query(request, "fn_index")))
        if endpoint is None:
            raise crashed()
        feed = Feed(self._wording)
        event = self._event(request, endpoint, query(request, "session_hash"), feed)
        if "data" in request.query:
            event.data = json.loads(request.query["data"])
        try:
            self._queue.join(event)
        except QueueFullError:
            feed.put({"msg": "queue_full"})
        try:
            return await self._streams.of_job(request, feed)
        except (asyncio.CancelledError, ConnectionError):
            event.alive = False
            event.data_came.set()
            raise

    async def _data_v0(self, request: web.Request) -> web.StreamResponse:
        body = await json_body(request, "data", "event_id")
        self._queue.provide(body["event_id"], body["data"])
        return web.json_response(None)

    async def _status(self, _: web.Request) -> web.StreamResponse:
        return web.json_response(self._wording.estimation(0, self._queue.size, None))

    async def _cancel(self, request: web.Request) -> web.StreamResponse:
        if not self._line.cancel:
            return web.json_response({"detail": "Not Found"}, status=404)
        body = await json_body(request, "session_hash", "fn_index", "event_id")
        await self._queue.cancel(body["event_id"], body["session_hash"], body["fn_index"])
        return web.json_response({"success": True})

    async def _reset(self, request: web.Request) -> web.StreamResponse:
        body = await json_body(request)
        stopped = not self._line.reset_works or self._queue.stop_generator(body.get("event_id", ""))
        return web.json_response({"success": stopped})

    async def _heartbeat(self, request: web.Request) -> web.StreamResponse:
        if not self._line.heartbeat:
            return web.json_response({"detail": "Not Found"}, status=404)
        return await self._streams.of_heartbeat(request)

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        if request.content_type != "multipart/form-data":
            return detail(400, "Invalid content type.")
        kept: list[Json] = []
        async for part in await request.multipart():
            if getattr(part, "name", None) == "files":
                path = await self._received(part)
                if path is None:
                    limit = self._options.max_file_size
                    text = f"File size exceeded maximum allowed size of {limit} bytes."
                    return web.Response(status=413, text=text)
                kept.append(path.as_posix())
        return web.json_response(kept)

    async def _received(self, part: Json) -> Path | None:
        """The stored file of one part, or None when it is too large."""
        with tempfile.NamedTemporaryFile(dir=self._storage.folder, delete=False) as file:
            limit = self._options.max_file_size
            while chunk := await part.read_chunk(1 << 16):
                file.write(chunk)
                if limit is not None and file.tell() > limit:
                    return None
        return self._storage.keep(Path(file.name), part.filename or "file", move=True)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        found = self._storage.readable(path)
        if found is None:
            status = 403 if self._line.forbids_missing_files else 404
            return web.json_response({"detail": f"File not allowed: {path}."}, status=status)
        return web.FileResponse(found)

    def _event(self, request: web.Request, endpoint: Endpoint, session_hash: str, feed: Feed) -> Event:
        user = self._login.user(request)
        caller = Caller(session_hash, user, dict(request.headers), dict(request.cookies))
        return Event(endpoint=endpoint, caller=caller, feed=feed, root=self._root(request))

    def _root(self, request: web.Request) -> str:
        """The app's address as this server sees it (protocol section 1.3)."""
        path = self._options.path
        if not self._line.absolute_root:
            return path
        scheme = request.headers.get("X-Forwarded-Proto", request.scheme).split(",")[0].strip()
        host = request.headers.get("X-Forwarded-Host", request.host).split(",")[0].strip()
        return f"{scheme}://{host}{path}"
