"""What attacks on the wire have in common: routes that send what no honest server sends."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.fake_app import FakeApp, Route
    from gradio_client_contract_tests.server import Connection, Seen

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
SSE = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
#: The answers that a client reads whole.
QUESTIONS = ("/config", "info", "queue/join")


def replace(app: FakeApp, name: str, route: Route) -> None:
    app.routes[name if name.startswith("/") else f"{app.prefix}/{name}"] = route


def sending(*parts: bytes) -> Route:
    """Send bytes as they are, and end the connection."""

    def route(connection: Connection, _: Seen) -> None:
        for part in parts:
            connection.send(part)
        raise EOFError

    return route


def endless(part: bytes, *before: bytes, most: int = 1 << 30) -> Route:
    """Send some bytes, then others again and again until the client has had enough."""

    def route(connection: Connection, _: Seen) -> None:
        for one in before:
            connection.send(one)
        for _sent in range(0, most, len(part)):
            connection.send(part)
        raise EOFError

    return route


def dripping(parts: Iterable[bytes], *before: bytes, pause: float = 0.02) -> Route:
    """Send some bytes, then others bit by bit, until the client has had enough."""

    def route(connection: Connection, _: Seen) -> None:
        for one in before:
            connection.send(one)
        for part in parts:
            connection.send(part)
            time.sleep(pause)
            if connection.server.over.is_set():
                break
        raise EOFError

    return route


def chunked(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)
