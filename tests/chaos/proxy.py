"""A TCP proxy that cuts, delays, corrupts and freezes connections at random, by a fixed seed."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK = 1 << 14
SPOILED = 0  # no text, no JSON and no HTTP header may have this byte, so that whoever reads it can notice
FROZEN_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Fate:
    """What happens to one connection.

    Attributes:
        kind: ``"none"``, or what happens after ``at`` bytes of answers.
        at: bytes.
        pause: the longest delay of a chunk, in seconds.
    """

    kind: str
    at: int
    pause: float


KINDS = ("none",) * 14 + ("close", "reset", "spoil", "freeze") * 2 + ("refuse",)


def fate(rng: random.Random) -> Fate:
    """What the next connection has to expect."""
    pause = rng.choice((0.0, 0.0, 0.0, 0.02, 0.3))
    return Fate(rng.choice(KINDS), rng.choice((0, 50, 300, 1000, 5000, 40_000)) + rng.randrange(50), pause)


class ChaosProxy:
    """Hands connections on to a port of this machine, each with a fate of its own.

    Attributes:
        port: its own.
        calm: whether connections that begin from now on are left in peace.
        met: how many connections met each kind of fate.
    """

    def __init__(self, target: int, seed: int) -> None:
        self.port = 0
        self.calm = True
        self.met: dict[str, int] = {}
        self._target = target
        self._random = random.Random(seed)
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    async def serve(self, ready: threading.Event, over: asyncio.Event) -> None:
        """Listen until it is over."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0, backlog=512)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await over.wait()
        server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        chosen = Fate("none", 0, 0.0) if self.calm else fate(self._random)
        with suppress(asyncio.CancelledError, OSError):  # a cancelled handler would be reported as failed
            await self._connect(reader, writer, chosen)
        writer.transport.abort()

    async def _connect(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, chosen: Fate
    ) -> None:
        if chosen.kind == "refuse":
            self._meet("refuse")
            return
        onward_reader, onward = await asyncio.open_connection("127.0.0.1", self._target)
        request = asyncio.create_task(_copy(reader, onward))
        try:
            await self._answer(onward_reader, writer, chosen)
        finally:
            request.cancel()
            onward.transport.abort()

    async def _answer(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, chosen: Fate) -> None:
        passed = 0
        while chunk := await source.read(CHUNK):
            if chosen.pause:
                await asyncio.sleep(chosen.pause * self._random.random())
            if chosen.kind != "none" and passed <= chosen.at < passed + len(chunk):
                chunk = await self._strike(chunk, chosen.at - passed, target, chosen.kind)
            passed += len(chunk)
            target.write(chunk)
            await target.drain()

    async def _strike(self, chunk: bytes, at: int, target: asyncio.StreamWriter, kind: str) -> bytes:
        """What is left of a chunk; raises OSError when nothing is."""
        self._meet(kind)
        if kind == "spoil":
            return chunk[:at] + bytes([SPOILED]) + chunk[at + 1 :]
        target.write(chunk[:at])
        if kind == "freeze":
            await asyncio.sleep(FROZEN_SECONDS)
        if kind == "reset":
            raw: socket.socket = target.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            await target.drain()
            target.close()
        raise ConnectionResetError

    def _meet(self, kind: str) -> None:
        self.met[kind] = self.met.get(kind, 0) + 1


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await source.read(CHUNK):
            target.write(chunk)
            await target.drain()
    with suppress(OSError, RuntimeError):
        target.write_eof()


@contextmanager
def chaos_proxy(target: int, seed: int) -> Iterator[ChaosProxy]:
    """A proxy that runs, on a thread of its own, as long as the block."""
    proxy = ChaosProxy(target, seed)
    ready = threading.Event()
    loop = asyncio.new_event_loop()
    over = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(proxy.serve(ready, over),))
    thread.start()
    ready.wait()
    try:
        yield proxy
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()
