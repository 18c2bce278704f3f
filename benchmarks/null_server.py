"""A Gradio server that does nothing, at once: what is measured against it is the client.

It speaks ``sse_v3`` as Gradio 6 does, as far as a client that submits jobs can tell, on raw asyncio
protocols, so that it costs little itself. Endpoints: /echo, /sleep (seconds, holding nothing), /stream
(n yields of a growing text of some size, as edits, all at once), /big (so many bytes), /ticks (n yields so
many seconds apart, each the time by the monotonic clock, which all processes of a machine share).
/connections tells how many connections were ever made.

    python benchmarks/null_server.py            # prints the port it listens on
"""

from __future__ import annotations

import asyncio
import functools
import json
import sys
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PREFIX = "/gradio_api"
TEXT = {"label": "Text", "type": {"type": "string"}, "python_type": {"type": "str", "description": ""}}
NUMBER = {"label": "Number", "type": {"type": "number"}, "python_type": {"type": "float", "description": ""}}
INPUTS = {
    "echo": ["text"],
    "sleep": ["seconds"],
    "stream": ["n", "size"],
    "big": ["size"],
    "ticks": ["n", "seconds"],
}
GENERATORS = ("stream", "ticks")
NOBODY = "0" * 32  # stands for a job in what is written before there is one
STREAM_END = b'data: {"msg":"close_stream","event_id":null}\n\n'


def config() -> dict[str, Any]:
    """What /config says."""
    dependencies = [
        {"id": fn, "inputs": [1] * len(names), "outputs": [0], "api_name": name, "targets": [], "cancels": []}
        | {"backend_fn": True, "api_visibility": "public", "types": {"generator": name in GENERATORS}}
        for fn, (name, names) in enumerate(INPUTS.items())
    ]
    components = [
        {"id": 0, "type": "textbox", "props": {"label": "Text"}, "skip_api": False},
        {"id": 1, "type": "number", "props": {"label": "Number"}, "skip_api": False},
    ]
    return {
        "version": "6.31.0",
        "protocol": "sse_v3",
        "api_prefix": PREFIX,
        "app_id": 1,
        "connect_heartbeat": False,
        "enable_queue": True,
        "components": components,
        "dependencies": dependencies,
    }


def info() -> dict[str, Any]:
    """What /info says."""
    named = {}
    for name, inputs in INPUTS.items():
        kind = TEXT | {"component": "Textbox"} if name == "echo" else NUMBER | {"component": "Number"}
        parameters = [
            {**kind, "parameter_name": given, "parameter_has_default": False, "parameter_default": None}
            for given in inputs
        ]
        returns = [TEXT | {"component": "Textbox"}]
        named["/" + name] = {"parameters": parameters, "returns": returns, "api_visibility": "public"}
    return {"named_endpoints": named, "unnamed_endpoints": {}}


class Session:
    """The jobs of one session, what was said before anyone listened, and who listens."""

    def __init__(self) -> None:
        self.pending: set[str] = set()
        self.unheard: list[bytes] = []
        self.listener: Connection | None = None

    def say(self, *messages: bytes) -> None:
        if self.listener is None:
            self.unheard += messages
        else:
            self.listener.chunk(b"".join(messages))

    def finish(self, event_id: str, *messages: bytes) -> None:
        self.pending.discard(event_id)
        self.say(*messages)
        self.end_if_over()

    def end_if_over(self) -> None:
        if self.listener is not None and not self.pending:
            self.listener.chunk(STREAM_END)
            self.listener.chunk(b"")
            self.listener = None


class Server:
    """All sessions, and what the endpoints do."""

    def __init__(self) -> None:
        self.connections = 0
        self.sessions: dict[str, Session] = defaultdict(Session)
        self.routes: dict[str, bytes] = {
            "/config": json.dumps(config()).encode(),
            f"{PREFIX}/info": json.dumps(info()).encode(),
        }
        self._last = 0

    def join(self, body: bytes) -> bytes:
        request = json.loads(body)
        self._last += 1
        event_id = f"{self._last:032x}"
        session = self.sessions[request["session_hash"]]
        session.pending.add(event_id)
        name = list(INPUTS)[request["fn_index"]]
        start: Callable[[Session, str, list[Any]], None] = getattr(self, name)
        # The answer goes out before the first message, as on an idle server.
        asyncio.get_running_loop().call_soon(start, session, event_id, request["data"])
        return json.dumps({"event_id": event_id}).encode()

    def echo(self, session: Session, event_id: str, data: list[Any]) -> None:
        session.finish(event_id, *begun(event_id), completed(event_id, data[0]))

    def big(self, session: Session, event_id: str, data: list[Any]) -> None:
        session.finish(event_id, *begun(event_id), big_result(int(data[0])).replace(*naming(event_id)))

    def sleep(self, session: Session, event_id: str, data: list[Any]) -> None:
        session.say(*begun(event_id))
        done = completed(event_id, f"slept {data[0]}")
        asyncio.get_running_loop().call_later(float(data[0]), session.finish, event_id, done)

    def stream(self, session: Session, event_id: str, data: list[Any]) -> None:
        story = growing(int(data[0]), int(data[1])).replace(*naming(event_id))
        session.finish(event_id, *begun(event_id), story)

    def ticks(self, session: Session, event_id: str, data: list[Any]) -> None:
        left, seconds = int(data[0]), float(data[1])
        session.say(*begun(event_id))

        def tick(left: int) -> None:
            if not left:
                session.finish(event_id, completed(event_id, ""))
                return
            edit = [["replace", [], time.monotonic()]] if left < int(data[0]) else time.monotonic()
            session.say(message("process_generating", event_id, output={"data": [edit]}))
            asyncio.get_running_loop().call_later(seconds, tick, left - 1)

        tick(left)

    def cancel(self, body: bytes) -> bytes:
        request = json.loads(body)
        session = self.sessions[request["session_hash"]]
        session.finish(request["event_id"], message("process_completed", request["event_id"], output={}))
        return b'{"success":true}'


class Connection(asyncio.Protocol):
    """One connection: requests in, answers out."""

    transport: asyncio.Transport

    def __init__(self, server: Server) -> None:
        self._server = server
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # a socket's, which can be written to
        self._server.connections += 1

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        for path, body in self._requests():
            self._answer(path, body)

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        for session in self._server.sessions.values():
            if session.listener is self:
                session.listener = None

    def chunk(self, data: bytes) -> None:
        self.transport.write(b"%x\r\n%s\r\n" % (len(data), data))

    def _requests(self) -> Iterator[tuple[str, bytes]]:
        while (end := self._buffer.find(b"\r\n\r\n") + 4) >= 4:
            head = self._buffer[:end]
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
            if len(self._buffer) < end + length:
                return
            body, self._buffer = self._buffer[end : end + length], self._buffer[end + length :]
            yield head.split(b" ", 2)[1].decode(), body

    def _answer(self, target: str, body: bytes) -> None:
        path, _, query = target.partition("?")
        if path == f"{PREFIX}/queue/data":
            self._listen(query.partition("session_hash=")[2])
        elif path == f"{PREFIX}/queue/join":
            self._reply(self._server.join(body))
        elif path == f"{PREFIX}/cancel":
            self._reply(self._server.cancel(body))
        elif path == "/connections":
            self._reply(str(self._server.connections).encode())
        else:
            self._reply(self._server.routes.get(path, b"null"))

    def _reply(self, body: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        self.transport.write(head + body)

    def _listen(self, session_hash: str) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.transport.write(head)
        session = self._server.sessions[session_hash]
        session.listener = self
        if session.unheard:
            self.chunk(b"".join(session.unheard))
            session.unheard.clear()
        session.end_if_over()


def message(kind: str, event_id: str, **fields: Any) -> bytes:
    """One event of a stream."""
    text = json.dumps({"msg": kind, "event_id": event_id, "success": True, **fields}, separators=(",", ":"))
    return f"data: {text}\n\n".encode()


def begun(event_id: str) -> tuple[bytes, bytes]:
    """What comes before any result."""
    return (
        message("estimation", event_id, rank=0, queue_size=1, rank_eta=None),
        message("process_starts", event_id, eta=None),
    )


def completed(event_id: str, value: Any) -> bytes:
    """The end of a job."""
    return message("process_completed", event_id, output={"data": [value], "is_generating": False})


def naming(event_id: str) -> tuple[bytes, bytes]:
    """What to replace so that prepared messages are of this job."""
    return NOBODY.encode(), event_id.encode()


@functools.cache
def growing(n: int, size: int) -> bytes:
    """A text of ``size`` characters that grows in ``n`` equal steps, as servers since 4.17 tell it."""
    piece = "x" * max(1, size // n)
    steps: list[Any] = [piece, *[[["append", [], piece]]] * (n - 1)]
    output = ({"data": [step], "is_generating": True} for step in steps)
    told = [message("process_generating", NOBODY, output=one) for one in output]
    return b"".join((*told, completed(NOBODY, piece * n)))


@functools.cache
def big_result(size: int) -> bytes:
    """One result of so many characters."""
    return completed(NOBODY, "x" * size)


async def serve() -> None:
    """Listen on a free port, print it, and serve until standard input ends."""
    loop = asyncio.get_running_loop()
    server = Server()
    listener = await loop.create_server(lambda: Connection(server), "127.0.0.1", 0, backlog=4096)
    print(listener.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve())
