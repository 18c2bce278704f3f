"""The least that a call can cost: join and stream by hand, on one raw socket.

It does what the protocol asks of every client, and nothing else: it joins, opens the stream on the same
kept connection, takes the chunks and events apart, reads the JSON of each, passes over what is another
job's, applies the edits, fails when the app did, reads the stream to its end so that the connection can
serve again, and keeps every output, as ``Job.outputs()`` hands them out. There are no threads, no event
loop, no URLs, redirects, cookies, proxies, time-outs, files or cancellation: nothing that a client is for.
"""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ENDPOINTS = {"/echo": 0, "/sleep": 1, "/stream": 2, "/big": 3, "/ticks": 4}
HEADERS = b" HTTP/1.1\r\nHost: floor\r\nUser-Agent: floor\r\nAccept: */*\r\n"


class Floor:
    """A client of the null server, with as much of ``Client`` as the measurements use."""

    def __init__(self, url: str) -> None:
        host, _, port = url.removeprefix("http://").rstrip("/").partition(":")
        self._socket = socket.create_connection((host, int(port)))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb", 1 << 18)

    def predict(self, *args: Any, api_name: str) -> Any:
        """One call."""
        for output in self.submit(*args, api_name=api_name):
            result = output
        return result

    def submit(self, *args: Any, api_name: str) -> Iterator[Any]:
        """The outputs of one call; of a function that yields nothing, its result."""
        event_id = self._join(args, ENDPOINTS[api_name])
        self._send(b"GET /gradio_api/queue/data?session_hash=floor", b"\r\n")
        self._head()
        outputs: list[Any] = []
        for event in self._events():
            if event["event_id"] != event_id:
                continue
            if event["msg"] == "process_generating":
                (value,) = event["output"]["data"]
                outputs.append(edited(outputs[-1], value) if outputs else value)
                yield outputs[-1]
            elif event["msg"] == "process_completed":
                if not event["success"]:
                    raise RuntimeError(event["output"]["error"])
                if not outputs:
                    yield event["output"]["data"][0]

    def close(self) -> None:
        """Close the connection."""
        self._file.close()
        self._socket.close()

    def _join(self, args: tuple[Any, ...], fn_index: int) -> str:
        body = json.dumps({"data": args, "fn_index": fn_index, "session_hash": "floor"}).encode()
        kind = b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        self._send(b"POST /gradio_api/queue/join", kind + body)
        event_id: str = json.loads(self._file.read(self._head()))["event_id"]
        return event_id

    def _send(self, line: bytes, rest: bytes) -> None:
        self._socket.sendall(line + HEADERS + rest)

    def _head(self) -> int:
        if not self._file.readline().startswith(b"HTTP/1.1 200 "):
            raise RuntimeError("the server refused")
        length = 0
        while (line := self._file.readline()) != b"\r\n":
            if line.startswith(b"Content-Length:"):
                length = int(line[15:])
        return length

    def _events(self) -> Iterator[Any]:
        rest = b""
        while size := int(self._file.readline(), 16):
            *events, rest = (rest + self._file.read(size)).split(b"\n\n")
            self._file.readline()
            for event in events:
                yield json.loads(event[5:])
        self._file.readline()


def edited(value: Any, edits: list[Any]) -> Any:
    """A value after edits of the whole of it."""
    for edit, path, operand in edits:
        if path or edit not in ("append", "replace"):
            raise RuntimeError(f"the null server edits nothing by {edit} at {path}")
        value = value + operand if edit == "append" else operand
    return value
