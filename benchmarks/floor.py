"""The least that a call can cost: join and stream by hand, on one raw socket.

No URL, header or error handling, no threads, no event loop: nothing that a client is for.
"""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ENDPOINTS = {"/echo": 0, "/sleep": 1, "/stream": 2, "/big": 3}


class Floor:
    """A client of the null server, with as much of ``Client`` as the measurements use."""

    def __init__(self, url: str) -> None:
        host, _, port = url.removeprefix("http://").rstrip("/").partition(":")
        self._socket = socket.create_connection((host, int(port)))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb", 1 << 18)

    def predict(self, *args: Any, api_name: str) -> Any:
        """One call."""
        for output in self.stream(*args, api_name=api_name):
            result = output
        return result

    def stream(self, *args: Any, api_name: str) -> Iterator[Any]:
        """The outputs of one call, the final one included."""
        request = {"data": args, "fn_index": ENDPOINTS[api_name], "session_hash": "floor"}
        body = json.dumps(request).encode()
        self._send(b"POST /gradio_api/queue/join", b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._file.read(self._head())
        self._send(b"GET /gradio_api/queue/data?session_hash=floor", b"\r\n")
        self._head()
        text = ""
        for event in self._events():
            if event["msg"] == "process_generating":
                (value,) = event["output"]["data"]
                text = text + value[0][2] if isinstance(value, list) else value
                yield text
            elif event["msg"] == "process_completed":
                yield event["output"]["data"][0]

    def close(self) -> None:
        """Close the connection."""
        self._file.close()
        self._socket.close()

    def _send(self, line: bytes, rest: bytes) -> None:
        self._socket.sendall(line + b" HTTP/1.1\r\nHost: floor\r\n" + rest)

    def _head(self) -> int:
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
