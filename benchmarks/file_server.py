"""A Gradio server for files alone, on raw sockets: what is measured against it is the client.

It takes uploads without looking at them, and gives out files that are all alike. A thread for each
connection keeps it simple, and out of the way. Endpoints: /up (a file, gives text), /down (a number of
bytes, gives a file of that size).

    python benchmarks/file_server.py            # prints the port it listens on
"""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = "/gradio_api"
PIECE = bytes(range(256)) * (1 << 12)  # 1 MiB
INPUTS = {"up": "File", "down": "Number"}
OUTPUTS = {"up": "Textbox", "down": "File"}
SCHEMAS = {
    "File": {"type": "object", "properties": {"path": {"type": "string"}}},
    "Number": {"type": "number"},
    "Textbox": {"type": "string"},
}
JSON = b"Content-Type: application/json\r\n"
META = {"_type": "gradio.FileData"}

sessions: dict[str, list[bytes]] = defaultdict(list)
jobs = iter(range(1 << 60))


def main() -> None:
    """Listen on a free port, print it, and serve until standard input ends."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print(listener.getsockname()[1], flush=True)
    threading.Thread(target=accept, args=(listener,), daemon=True).start()
    sys.stdin.read()


def accept(listener: socket.socket) -> None:
    """Give every connection a thread."""
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve, args=(connection,), daemon=True).start()


def serve(connection: socket.socket) -> None:
    """Answer one request after another."""
    with connection, connection.makefile("rb", 1 << 16) as stream:
        for path, length in requests(stream):
            if path == f"{PREFIX}/upload":
                skip(stream, connection, length)
                reply(connection, ["/tmp/gradio/up"])
            elif path.startswith(f"{PREFIX}/file="):
                give(connection, int(path.rpartition("/")[2].removesuffix(".bin")))
            elif path.startswith(f"{PREFIX}/queue/data"):
                listen(connection, path.rpartition("session_hash=")[2])
            elif path == f"{PREFIX}/queue/join":
                reply(connection, {"event_id": join(json.loads(stream.read(length)))})
            else:
                stream.read(length)
                reply(connection, DOCUMENTS.get(path.partition("?")[0]))


def requests(stream: Any) -> Iterator[tuple[str, int]]:
    """Paths, and how long the bodies are."""
    while line := stream.readline():
        length = 0
        while (field := stream.readline()) not in (b"\r\n", b""):
            name, _, value = field.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        yield line.split(b" ")[1].decode(), length


def skip(stream: Any, connection: socket.socket, length: int) -> None:
    """Read a body past; most of it from the socket itself."""
    length -= len(stream.read1(length)) if length else 0
    buffer = memoryview(bytearray(1 << 20))
    while length > 0 and (size := connection.recv_into(buffer[: min(length, 1 << 20)])):
        length -= size


def reply(connection: socket.socket, value: Any) -> None:
    """Answer with JSON."""
    body = json.dumps(value).encode()
    connection.sendall(b"HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s" % (JSON, len(body), body))


def give(connection: socket.socket, size: int) -> None:
    """Send a file."""
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\nETag: "x"\r\n\r\n' % size)
    for _ in range(size >> 20):
        connection.sendall(PIECE)
    connection.sendall(PIECE[: size & 0xFFFFF])


def join(request: Any) -> str:
    """Take a job, which is over at once."""
    event_id = f"{next(jobs):032x}"
    value = request["data"][0]
    path = f"/tmp/gradio/down/{value}.bin"
    result = "taken" if request["fn_index"] == 0 else {"path": path, "url": None, "meta": META}
    message = {"msg": "process_completed", "event_id": event_id, "success": True}
    sessions[request["session_hash"]].append(json.dumps(message | {"output": {"data": [result]}}).encode())
    return event_id


def listen(connection: socket.socket, session_hash: str) -> None:
    """Say what there is to say, and end."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    said = sessions.pop(session_hash, [])
    events = b"".join(b"data: %s\n\n" % event for event in said)
    events += b'data: {"msg":"close_stream","event_id":null}\n\n'
    connection.sendall(head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(events), events))


def config() -> dict[str, Any]:
    """What /config says."""
    dependencies = [
        {"id": fn, "inputs": [2 * fn], "outputs": [2 * fn + 1], "api_name": name, "targets": []}
        | {"backend_fn": True, "api_visibility": "public", "types": {"generator": False}, "cancels": []}
        for fn, name in enumerate(INPUTS)
    ]
    kinds = [kind for name, given in INPUTS.items() for kind in (given, OUTPUTS[name])]
    components = [
        {"id": at, "type": kind.lower(), "props": {"label": kind}, "skip_api": False}
        for at, kind in enumerate(kinds)
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
    for name, takes in INPUTS.items():
        given, got = (
            {"label": kind, "type": SCHEMAS[kind], "python_type": {"type": "Any"}, "component": kind}
            for kind in (takes, OUTPUTS[name])
        )
        given |= {"parameter_name": "value", "parameter_has_default": False, "parameter_default": None}
        named["/" + name] = {"parameters": [given], "returns": [got], "api_visibility": "public"}
    return {"named_endpoints": named, "unnamed_endpoints": {}}


DOCUMENTS = {"/config": config(), f"{PREFIX}/info": info()}

if __name__ == "__main__":
    main()
