"""A forward proxy that wants a password, and a TLS front that wants a certificate; both count.

A front lives as long as its server: when that has gone, the front listens no longer, so that its clients
meet what they would meet without it.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import ssl
    from collections.abc import Coroutine, Sequence

USER, PASSWORD = "ann", "p@ss"
CHUNK = 1 << 16
LONGEST_HEAD = 1 << 20


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a request."""

    method: str
    target: str
    fields: Sequence[tuple[str, str]]

    def value(self, name: str) -> str:
        """The last value of a field; empty when there is none."""
        return next((value for key, value in reversed(self.fields) if key.lower() == name), "")

    def forwarded(self, target: str, *more: tuple[str, str]) -> bytes:
        """As it goes on: with another target, further fields, and nothing that was for the front."""
        kept = [(name, value) for name, value in self.fields if not name.lower().startswith("proxy-")]
        lines = [f"{self.method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in [*kept, *more])]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"


class Relay:
    """Hands requests on, connection by connection.

    Args:
        port: where the server listens.
        tls: what to serve with; None for plain HTTP.

    Attributes:
        port: its own.
        passed: how many requests it has handed on.
        refused: how many it has not.
    """

    more: ClassVar[tuple[tuple[str, str], ...]] = ()

    def __init__(self, port: int, tls: ssl.SSLContext | None = None) -> None:
        self.port = self.passed = self.refused = 0
        self._server, self._tls = port, tls
        self._open: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to listen."""
        self._listener = await asyncio.start_server(
            self._accept, "127.0.0.1", 0, ssl=self._tls, limit=LONGEST_HEAD, backlog=512
        )
        self.port = self._listener.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close everything."""
        self._listener.close()
        for task in tuple(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def onward(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to the server."""
        try:
            return await asyncio.open_connection("127.0.0.1", self._server)
        except OSError:
            self._listener.close()
            raise

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hand on what comes on one connection."""
        source, target = await self.onward()
        with contextlib.closing(target):
            await self.both(self._requests(reader, target), self.back(source, writer))

    async def both(self, *ways: Coroutine[Any, Any, None]) -> None:
        """Relay both ways until one of them has ended."""
        tasks = [asyncio.create_task(way) for way in ways]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def back(self, source: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hand back what the server says; before the end is told, look whether the server has gone."""
        await copy(source, writer)
        with contextlib.suppress(OSError):
            _, probe = await self.onward()
            probe.close()

    def target(self, head: Head) -> str:
        """What to ask the server for."""
        return head.target

    async def _requests(self, reader: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while True:
            head = await read_head(reader)
            self.passed += 1
            target.write(head.forwarded(self.target(head), *self.more))
            await copy_body(head, reader, target)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        # A handler that is cancelled would be reported as one that failed.
        with contextlib.suppress(OSError, EOFError, asyncio.CancelledError):
            await self.serve(reader, writer)
        writer.close()


class TLSFront(Relay):
    """Ends TLS, and says so to the server, as front ends do."""

    more = (("X-Forwarded-Proto", "https"),)


class Proxy(Relay):
    """A forward proxy: whole URLs for http, tunnels for https."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Look at the first request of a connection, which the others are like."""
        head = await read_head(reader)
        wanted = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if head.value("proxy-authorization") != f"Basic {wanted}":
            self.refused += 1
            writer.write(b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        source, target = await self.onward()
        with contextlib.closing(target):
            if head.method == "CONNECT":
                self.passed += 1
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                await self.both(copy(reader, target), self.back(source, writer))
                return
            self.passed += 1
            target.write(head.forwarded(self.target(head)))
            await copy_body(head, reader, target)
            await self.both(self._requests(reader, target), self.back(source, writer))

    def target(self, head: Head) -> str:
        """The path of the whole URL."""
        parts = urlsplit(head.target)
        assert parts.scheme == "http", head.target
        return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


async def read_head(reader: asyncio.StreamReader) -> Head:
    """The next request's head; EOFError when there is none."""
    raw = await reader.readuntil(b"\r\n\r\n")
    line, *fields = raw.decode("latin-1").rstrip("\r\n").split("\r\n")
    method, target, _ = line.split(" ")
    parts = (field.partition(":") for field in fields)
    return Head(method, target, [(name, value.strip()) for name, _, value in parts])


async def copy_body(head: Head, reader: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Hand on a request's body, piece by piece."""
    await copy(reader, target, int(head.value("content-length") or 0))
    while head.value("transfer-encoding"):
        line = await reader.readuntil(b"\r\n")
        target.write(line)
        await copy(reader, target, int(line, 16) + 2)
        if line.strip() == b"0":
            return


async def copy(reader: asyncio.StreamReader, target: asyncio.StreamWriter, size: int | None = None) -> None:
    """Hand on so many bytes; None for all there are."""
    while size != 0:
        chunk = await reader.read(CHUNK if size is None else min(CHUNK, size))
        if not chunk:
            return
        target.write(chunk)
        await target.drain()
        size = None if size is None else size - len(chunk)
