"""A Gradio app in memory: results for endpoints, and a transport that reaches them without a socket."""

from __future__ import annotations

import asyncio
import re
import secrets
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from gradio_client.testing.app import App
from gradio_client.testing.context import Caller
from gradio_client.testing.documents import Documents
from gradio_client.testing.events import Event
from gradio_client.testing.exchanges import InMemoryTransport, PlayedResponse, SeenRequest, played
from gradio_client.testing.execution import Execution
from gradio_client.testing.line import line_of
from gradio_client.testing.queueing import JobQueue
from gradio_client.testing.storage import Storage
from gradio_client.testing.wording import CLOSE_STREAM, Wording, compact
from gradio_client.testing.workers import FunctionThreads
from gradio_client.transport import ConnectionLostError, Headers, TransportError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from gradio_client.domain.values import Json, JsonObject
    from gradio_client.testing.app import Endpoint
    from gradio_client.testing.events import Feed
    from gradio_client.transport import Request, Transport, TransportOptions

CLOSE_SECONDS = 2.0  # the longest that closing waits for functions that are running
_LINE = line_of()
_ROUTE = re.compile(rf"(?P<base>.*?)(?P<route>/config|{_LINE.api_prefix}/.+)")
_STREAM = Headers({"Content-Type": "text/event-stream"})
_JSON = Headers({"Content-Type": "application/json"})
_FILE_NAME = re.compile(rb'filename="([^"\r\n]*)"')
_PLAIN = (str, int, float, bool, Path)


@dataclass(frozen=True, slots=True)
class Called:
    """A call that reached an app: the endpoint's name with its slash, and the arguments as they came."""

    api_name: str
    arguments: Mapping[str, Json]


class ScriptedApp:
    """An app for tests of programs that call apps.

        app = ScriptedApp({
            "/greet": lambda name: f"Hello, {name}!",
            "/count": [1, 2, 3],
            "/fail": AppError("The model is asleep."),
        })
        client = Client("http://app.test", transport=app.transport)

    A function is called with the arguments, on a thread of its own; it may be ``async`` or a generator,
    report ``progress``, and take parameters annotated ``pathlib.Path`` for files. Annotate its return type
    as a tuple for several outputs. A list is the outputs of a generator, one after another; an exception
    in it, or in its place, is what the app fails with. A ``TransportError`` is what submitting the job
    meets instead. Everything else is the result. Endpoints without a function take up to eight arguments,
    by position, and do not look at them.

    Every transport is a server of its own, with its own sessions and queue.

    Args:
        endpoints: what the endpoints do, by name; or an ``App``, which ``AppServer`` can serve as well.
        title: of the app.
        show_error: whether the texts of exceptions other than ``AppError`` reach the client.

    Attributes:
        calls: the calls that were submitted, in order.
        requests: the requests of all clients, in order.
    """

    def __init__(
        self, endpoints: Mapping[str, Any] | App, *, title: str = "Scripted", show_error: bool = True
    ) -> None:
        self.calls: list[Called] = []
        self.requests: list[SeenRequest] = []
        self.show_error = show_error
        self.refusals: dict[str, TransportError] = {}
        self.app = endpoints if isinstance(endpoints, App) else App(title)
        if isinstance(endpoints, Mapping):
            for name, outcome in endpoints.items():
                self._declare(name, outcome)

    def transport(self, options: TransportOptions | None = None) -> Transport:  # noqa: ARG002 - a factory's form
        """Make a transport that reaches this app, whatever the host in the URL."""
        return _AppTransport(self)

    def _declare(self, name: str, outcome: Any) -> None:
        if isinstance(outcome, TransportError):
            self.refusals[name.lstrip("/")] = outcome
        self.app.endpoint(name)(outcome if callable(outcome) else _canned(outcome))


def _canned(outcome: Any) -> Callable[..., Any]:
    """A function that ignores its arguments."""

    def give(*value: Any) -> Any:  # noqa: ARG001 - the inputs are named after it
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def give_all(*value: Any) -> Iterator[Any]:  # noqa: ARG001 - likewise
        for one in outcome:
            if isinstance(one, Exception):
                raise one
            yield one

    function: Any = give_all if isinstance(outcome, list) else give
    function.__annotations__ = {"return": _annotation(outcome)}
    return function  # type: ignore[no-any-return]  # a function with attributes is Any to mypy


def _annotation(outcome: Any) -> Any:
    if isinstance(outcome, list):
        kinds = {_annotation(one) for one in outcome if not isinstance(one, Exception)}
        return Iterator[kinds.pop() if len(kinds) == 1 else Any]  # type: ignore[misc]  # made at run time
    if isinstance(outcome, tuple):
        return tuple[tuple(_annotation(one) for one in outcome)]  # type: ignore[misc]  # likewise
    return type(outcome) if type(outcome) in _PLAIN or isinstance(outcome, Path) else Any


class _AppTransport(InMemoryTransport):
    def __init__(self, scripted: ScriptedApp) -> None:
        super().__init__()
        self._scripted = scripted
        self._host: _Host | None = None

    async def answer(self, seen: SeenRequest, request: Request) -> PlayedResponse:
        del request  # there is no network whose silence could last too long
        self._scripted.requests.append(seen)
        self._host = self._host or _Host(self._scripted)
        return await self._host.answer(seen)

    async def aclose(self) -> None:
        await super().aclose()
        if self._host is not None:
            host, self._host = self._host, None
            await host.aclose()


class _Host:
    """What a server is between its routes and its functions; made on the loop that it serves."""

    def __init__(self, scripted: ScriptedApp) -> None:
        self._scripted = scripted
        self._storage = Storage(_LINE)
        self._workers = FunctionThreads()
        self._wording = Wording(_LINE, show_error=scripted.show_error)
        self._queue = JobQueue(
            self._wording, Execution(self._wording, self._storage, self._workers), max_size=None
        )
        self._documents = Documents(scripted.app, _LINE, self._storage, {})

    async def aclose(self) -> None:
        if tasks := self._queue.close():
            await asyncio.wait(tasks, timeout=CLOSE_SECONDS)
        self._workers.close()
        self._storage.close()

    async def answer(self, seen: SeenRequest) -> PlayedResponse:
        asked = _ROUTE.fullmatch(seen.path)
        if asked is None:
            return _refused(404, "Not Found")
        root = seen.url.partition("://")[0] + "://" + seen.url.split("/")[2] + asked["base"]
        route = asked["route"].removeprefix(_LINE.api_prefix).lstrip("/")
        return self._get(route, seen, root) if seen.method == "GET" else await self._post(route, seen, root)

    def _get(self, route: str, seen: SeenRequest, root: str) -> PlayedResponse:
        name, _, path = route.partition("=")
        match name.partition("/")[0]:
            case "config":
                return _json(self._documents.config(root))
            case "info":
                return _json(self._documents.info(root, all_endpoints="all_endpoints" in seen.query))
            case "queue":
                return self._stream(seen.query.get("session_hash", [""])[0])
            case "heartbeat":
                return PlayedResponse(200, _STREAM, _beats())
            case "file":
                return self._file(unquote(path))
        return _refused(404, "Not Found")

    async def _post(self, route: str, seen: SeenRequest, root: str) -> PlayedResponse:
        match route:
            case "queue/join":
                return self._join(seen, root)
            case "cancel":
                return await self._cancel(seen)
            case "upload":
                return _json(list(await asyncio.to_thread(self._keep, seen)))
        return _refused(404, "Not Found")

    def _join(self, seen: SeenRequest, root: str) -> PlayedResponse:
        body = seen.json
        endpoint = next((one for one in self._scripted.app.endpoints if one.id == body["fn_index"]), None)
        if endpoint is None:
            return _refused(500, "Internal Server Error")
        if refusal := self._scripted.refusals.get(endpoint.name):
            raise refusal
        self._scripted.calls.append(Called(f"/{endpoint.name}", _arguments(endpoint, body["data"])))
        session_hash = body["session_hash"]
        event = Event(
            id=uuid.uuid4().hex,
            endpoint=endpoint,
            caller=Caller(session_hash, headers=dict(seen.headers), cookies=_cookies(seen)),
            feed=self._queue.feeds.open(session_hash),
            root=root,
            data=body["data"],
            whole=bool(body.get("simple_format")),
        )
        self._queue.join(event)
        return _json({"event_id": event.id})

    def _stream(self, session_hash: str) -> PlayedResponse:
        feed = self._queue.feeds.find(session_hash)
        if feed is None:
            return PlayedResponse(200, _STREAM, self._broken_off())
        messages = _Messages(self._wording, feed)

        def closed() -> None:
            if not messages.over:  # protocol section 5.10: a lost reader ends its session's jobs
                self._queue.abandon(session_hash)

        return PlayedResponse(200, _STREAM, messages.sent(), closed=closed)

    async def _broken_off(self) -> AsyncGenerator[bytes]:
        yield self._wording.encode(self._wording.of_stream(self._wording.unknown_session()))
        raise ConnectionLostError("The server broke off the stream.")

    async def _cancel(self, seen: SeenRequest) -> PlayedResponse:
        body = seen.json
        await self._queue.cancel(body["event_id"], body["session_hash"], body["fn_index"])
        return _json({"success": True})

    def _keep(self, seen: SeenRequest) -> Iterator[str]:
        boundary = (seen.headers.get("content-type") or "").partition("boundary=")[2]
        for part in seen.body.split(f"--{boundary}".encode())[1:-1]:
            head, _, content = part.partition(b"\r\n\r\n")
            named = _FILE_NAME.search(head)
            came = self._storage.folder / f"{secrets.token_hex(8)}.part"
            came.write_bytes(content.removesuffix(b"\r\n"))
            name = unquote(named[1].decode("utf-8", "replace")) if named else "file"
            yield self._storage.keep(came, name, move=True).as_posix()

    def _file(self, path: str) -> PlayedResponse:
        found = self._storage.readable(path)
        if found is None:
            return _refused(403, f"File not allowed: {path}.")
        content = found.read_bytes()
        return PlayedResponse(200, Headers({"Content-Length": str(len(content))}), played([content]))


class _Messages:
    """One stream of a session, which is ``over`` when no job of it is left."""

    def __init__(self, wording: Wording, feed: Feed) -> None:
        self.over = False
        self._wording = wording
        self._feed = feed

    async def sent(self) -> AsyncGenerator[bytes]:
        while (written := await self._feed.get()) is not None:
            message, data = written
            yield data
            if message["msg"] == "process_completed":
                self._feed.pending.discard(message["event_id"])
                self.over = not self._feed.pending
            if self.over:
                yield self._wording.encode(self._wording.of_stream(CLOSE_STREAM))
                return


def _cookies(seen: SeenRequest) -> dict[str, str]:
    sent = SimpleCookie(seen.headers.get("cookie") or "")
    return {name: cookie.value for name, cookie in sent.items()}


def _arguments(endpoint: Endpoint, data: list[Json]) -> dict[str, Json]:
    pairs = zip(endpoint.inputs, data, strict=False)
    return {
        one.name: value for one, value in pairs if one.slot is None and not (one.several and value is None)
    }


async def _beats() -> AsyncGenerator[bytes]:
    yield b"data: ALIVE\n\n"
    await asyncio.Event().wait()


def _json(value: Json | JsonObject, status: int = 200) -> PlayedResponse:
    return PlayedResponse(status, _JSON, played([compact(value)]))


def _refused(status: int, detail: str) -> PlayedResponse:
    return _json({"detail": detail}, status)
