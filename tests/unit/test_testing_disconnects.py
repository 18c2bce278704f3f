"""Clients that go away in the middle of a stream are nothing for the embedded server to complain of."""

from __future__ import annotations

import json
import socket
import struct
import urllib.request
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gradio_client.testing import App, AppServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

app = App("Chatter")


@app.endpoint()
def chatter(length: int = 300) -> Iterator[str]:
    for number in range(int(length)):
        yield str(number) * 1000


def test_a_client_that_goes_away_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    with AppServer(app) as server:
        for number in range(20):
            leave_early(server.url, f"session{number}")
        with urllib.request.urlopen(server.url + "config") as answer:  # it still serves
            assert answer.status == 200
    assert [record.getMessage() for record in caplog.records] == []


def leave_early(url: str, session: str) -> None:
    """Begin to read the events of a job, and reset the connection."""
    join = {"data": [300], "fn_index": 0, "session_hash": session}
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url + "gradio_api/queue/join", json.dumps(join).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        assert "event_id" in json.load(answer)
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port or 80)) as wire:
        path = f"/gradio_api/queue/data?session_hash={session}"
        wire.sendall(f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
        assert wire.recv(1000).startswith(b"HTTP/1.1 200")
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
