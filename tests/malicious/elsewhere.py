"""A host that is none of the client's business: it records every byte that it is sent."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSWER = json.dumps({"version": "6.31.0", "event_id": "foreign", "success": True}).encode()


class Elsewhere:
    """A listener on another address of this machine, where there is one, and another port in any case.

    Every request is answered in a friendly way, so that a client that should not have come stays.

    Attributes:
        received: all bytes of all connections.
        answer: the body that every request gets.
    """

    def __init__(self) -> None:
        self.received = bytearray()
        self.answer = ANSWER
        self._listener = _listening()
        host, port = self._listener.getsockname()
        self.host = f"{host}:{port}"
        threading.Thread(target=self._accept, name="hostile-server", daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,), name="hostile-server", daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        head = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\n"
        with sock, contextlib.suppress(OSError):
            sock.settimeout(5)
            head_of_request = b""
            while b"\r\n\r\n" not in head_of_request:
                data = sock.recv(1 << 16)
                if not data:
                    return
                head_of_request += data
                self.received += data
            sock.sendall(head + b"Content-Length: %d\r\n\r\n" % len(self.answer) + self.answer)


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    host = Elsewhere()
    try:
        yield host
    finally:
        host.close()


def _listening() -> socket.socket:
    try:
        return socket.create_server(("127.0.0.2", 0))
    except OSError:  # systems with a single loopback address
        return socket.create_server(("127.0.0.1", 0))
