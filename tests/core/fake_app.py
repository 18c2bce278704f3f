"""A small Gradio app on a raw socket: it speaks the protocol until a test makes one route rude.

``app.routes[path] = handler`` replaces what one route does; a handler gets the connection and the
request. What the stream says is in the test's hands: ``app.say(message)`` puts a message on it, and
``app.on_join`` says which messages a submitted job gets by itself.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Any, TypeAlias

from gradio_client_contract_tests.server import Connection, HostileServer, Seen, hostile_server

Route: TypeAlias = Callable[[Connection, Seen], object]
Message: TypeAlias = dict[str, Any]

END = None  # said on the stream, it ends the response well
JSON = "Content-Type: application/json"


def sse(message: Message) -> bytes:
    return b"data: " + json.dumps(message).encode() + b"\n\n"


def completed(event_id: str | None, *data: Any) -> Message:
    output = {"data": list(data), "is_generating": False}
    return {"msg": "process_completed", "event_id": event_id, "output": output, "success": True}


def generating(event_id: str | None, *data: Any) -> Message:
    output = {"data": list(data), "is_generating": True}
    return {"msg": "process_generating", "event_id": event_id, "output": output, "success": True}


def failing(event_id: str | None, error: str) -> Message:
    return {"msg": "process_completed", "event_id": event_id, "output": {"error": error}, "success": False}


CLOSE = {"msg": "close_stream", "event_id": None}
HEARTBEAT = {"msg": "heartbeat", "event_id": None}


def reply_json(connection: Connection, value: Any, status: str = "200 OK", *headers: str) -> None:
    connection.reply(json.dumps(value).encode(), status, JSON, *headers)


def replying(body: bytes, status: str = "200 OK", *headers: str) -> Route:
    return lambda connection, _: connection.reply(body, status, *headers)


def replying_json(value: Any, status: str = "200 OK", *headers: str) -> Route:
    return lambda connection, _: reply_json(connection, value, status, *headers)


def streaming(*parts: bytes, ends: bool = True) -> Route:
    """A stream of these bytes; without an end the connection is closed in the middle of the body."""

    def route(connection: Connection, _: Seen) -> None:
        connection.start_chunked("Content-Type: text/event-stream")
        for part in parts:
            connection.chunk(part)
        if not ends:
            raise EOFError
        connection.chunk(b"")

    return route


class FakeApp:
    """An app with the endpoints ``/echo`` (0) and ``/other`` (1), each one JSON value in and one out."""

    def __init__(self, server: HostileServer, base: str, version: str, protocol: str) -> None:
        self.server = server
        self.url = server.url + base
        self.prefix = base + ("/gradio_api" if version >= "5" else "")
        self.config: dict[str, Any] = _config(self.url, version, protocol)
        self.info: dict[str, Any] = _info()
        self.on_join: Callable[[str, Any], list[Message]] = lambda event, body: [
            completed(event, body["data"][0])
        ]
        self.joined = threading.Semaphore(0)  # released once per join
        self.bodies: list[Any] = []  # of the joins
        self.requests: list[Seen] = []  # that have been read whole
        self.streams = 0  # opened so far
        self._said: SimpleQueue[Message | bytes | None] = SimpleQueue()
        self._waiting: set[str] = set()
        self._lock = threading.Lock()
        self.otherwise: Route = replying_json({"detail": "Not Found"}, "404 Not Found")
        self.routes: dict[str, Route] = {
            f"{base}/config": lambda c, _: reply_json(c, self.config),
            f"{self.prefix}/info": lambda c, _: reply_json(c, self.info),
            f"{self.prefix}/queue/join": self.join,
            f"{self.prefix}/queue/data": self.stream,
            f"{self.prefix}/cancel": replying_json({"success": True}),
            f"{self.prefix}/reset": replying_json({"success": True}),
            f"{self.prefix}/upload": self.upload,
        }
        server.serve(self._serve)

    def route(self, name: str, route: Route) -> None:
        """Replace the route of this name below the prefix."""
        self.routes[f"{self.prefix}/{name}"] = route

    def seen(self, name: str) -> list[Seen]:
        """The requests to a path, or below the prefix to a name."""
        paths = {name, f"{self.prefix}/{name}"}
        return [seen for seen in list(self.requests) if _path(seen) in paths]

    def say(self, *messages: Message | bytes | None) -> None:
        """Put messages, or bytes as they are, on the stream that is open or opens next."""
        for message in messages:
            self._said.put(message)

    def join(self, connection: Connection, seen: Seen) -> None:
        """Take a job, and answer with its name."""
        body = json.loads(seen.body)
        with self._lock:
            self.bodies.append(body)
            event_id = f"e{len(self.bodies)}"
            self._waiting.add(event_id)
        self.say(*self.on_join(event_id, body))
        self.joined.release()
        reply_json(connection, {"event_id": event_id})

    def stream(self, connection: Connection, _: Seen) -> None:
        """Say what was put on the stream, until every job is over; then close it as servers do."""
        self.streams += 1
        connection.start_chunked("Content-Type: text/event-stream")
        while (message := self._next()) is not END:
            connection.chunk(message if isinstance(message, bytes) else sse(message))
            if isinstance(message, dict) and self._is_last(message):
                connection.chunk(sse(CLOSE))
                break
        connection.chunk(b"")

    def upload(self, connection: Connection, seen: Seen) -> None:
        """Take files, and name their places."""
        names = [part.partition(b'"')[0].decode() for part in seen.body.split(b'; filename="')[1:]]
        number = len(self.seen("upload"))
        reply_json(connection, [f"/tmp/gradio/{number + at}/{name}" for at, name in enumerate(names)])

    def _next(self) -> Message | bytes | None:
        while not self.server.over.is_set():
            with contextlib.suppress(Empty):
                return self._said.get(timeout=0.05)
        raise EOFError

    def _is_last(self, message: Message) -> bool:
        with self._lock:
            if message["msg"] != "process_completed":
                return False
            self._waiting.discard(message["event_id"])
            return not self._waiting

    def _serve(self, connection: Connection) -> None:
        while True:
            seen = connection.read_request()
            self.requests.append(seen)
            self.routes.get(_path(seen), self.otherwise)(connection, seen)


@contextmanager
def fake_app(base: str = "", version: str = "6.31.0", protocol: str = "sse_v3") -> Iterator[FakeApp]:
    with hostile_server() as server:
        yield FakeApp(server, base, version, protocol)


def _path(seen: Seen) -> str:
    return seen.target.partition("?")[0]


def _config(url: str, version: str, protocol: str) -> dict[str, Any]:
    schema = {"type": {}, "description": "any valid json"}
    return {
        "version": version,
        "protocol": protocol,
        "api_prefix": "/gradio_api" if version >= "5" else "",
        "root": url,
        "app_id": 1,
        "connect_heartbeat": False,
        "components": [
            {"id": at, "type": "json", "props": {"label": label}, "skip_api": False, "api_info": schema}
            for at, label in ((1, "In"), (2, "Out"))
        ],
        "dependencies": [_dependency(0, "echo"), _dependency(1, "other")],
    }


def _dependency(number: int, name: str) -> dict[str, Any]:
    return {
        "id": number,
        "targets": [[3, "click"]],
        "inputs": [1],
        "outputs": [2],
        "backend_fn": True,
        "queue": True,
        "api_name": name,
        "api_visibility": "public",
        "cancels": [],
        "connection": "sse",
    }


def _info() -> dict[str, Any]:
    value = {"label": "In", "type": {"type": {}}, "python_type": {"type": "Any"}, "component": "Json"}
    parameter = value | {"parameter_name": "value", "parameter_has_default": False, "parameter_default": None}
    entry = {"parameters": [parameter], "returns": [value | {"label": "Out"}], "api_visibility": "public"}
    return {"named_endpoints": {"/echo": entry, "/other": entry}, "unnamed_endpoints": {}}
