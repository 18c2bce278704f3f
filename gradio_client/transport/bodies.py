"""How adapters read a request's body: large pieces, a length that is kept, and errors told apart."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from queue import SimpleQueue
from typing import TypeAlias

from gradio_client.transport.port import Body, BytesBody
from gradio_client.transport.workers import IO_THREADS

PIECE = 1 << 18  # bytes that a library is given at a time: a server has its time-out to take each
LARGE = 1 << 20  # the same where that is quick: each costs a hop between threads, and waits for a socket
QUICK = 1.0  # seconds

# What a reading thread hands over: bytes, None at the end, or the error that reading raised.
_Read: TypeAlias = "bytes | Exception | None"
_Deliver: TypeAlias = Callable[[_Read], None]


class BodyReader:
    """A body for a blocking library: an iterable, each time from the first byte.

    Attributes:
        error: what the body raised when it was read. Libraries wrap what comes out of an iterator in
            errors of their own; an adapter raises this one instead, when it is there.
    """

    def __init__(self, body: Body) -> None:
        self._body = body
        self.error: Exception | None = None

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from _pieces(self._body, _Pace())
        except Exception as error:
            self.error = error
            raise


class BodyStream:
    """A body for an asynchronous library: an asynchronous iterable, each time from the first byte.

    A body that may block is read in a thread of its own, one piece ahead; bytes are not. ``close``
    ends the thread, so an adapter calls it when the exchange is over, however it ended.

    Attributes:
        error: as that of ``BodyReader``.
    """

    def __init__(self, body: Body) -> None:
        self._body = body
        self._reading: list[_Reading] = []
        self.error: Exception | None = None

    def __aiter__(self) -> AsyncIterator[bytes]:
        if isinstance(self._body, BytesBody):
            return _Slices(self._body.content)
        reading = _Reading(self._body, self._failed)
        self._reading.append(reading)
        return reading

    def close(self) -> None:
        """End the reading threads; at once, or after the read in progress. Safe to call twice."""
        for reading in self._reading:
            reading.close()
        self._reading.clear()

    def _failed(self, error: Exception) -> None:
        self.error = error


class _Slices(AsyncIterator[bytes]):
    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    async def __anext__(self) -> bytes:
        piece = self._content[self._at : self._at + PIECE]
        if not piece:
            raise StopAsyncIteration
        self._at += len(piece)
        return piece


class _Pace:
    """How large the pieces of one pass are: small until it shows that they are taken quickly."""

    def __init__(self) -> None:
        self.size = PIECE
        self._given = -math.inf

    def given(self, now: float) -> None:
        """Note that a piece was handed over."""
        self._given = now

    def asked(self, now: float) -> None:
        """Note that another one is wanted, and so how long the one before it took."""
        self.size = LARGE if now - self._given < QUICK else PIECE


class _Reading(AsyncIterator[bytes]):
    """One pass over a body, by a thread that ends with it."""

    def __init__(self, body: Body, failed: Callable[[Exception], None]) -> None:
        self._body = body
        self._failed = failed
        self._wanted: SimpleQueue[_Deliver | None] = SimpleQueue()
        self._left = body.length
        self._pace = _Pace()
        self._started = self._ended = False

    async def __anext__(self) -> bytes:
        # When all has been handed over the end needs no word from the thread: a server may answer, and
        # a library end the exchange, before that came.
        if self._ended or self._left == 0:
            self.close()
            raise StopAsyncIteration
        if not self._started:
            self._started = True
            threading.Thread(
                target=_serve,
                args=(self._body, self._pace, self._wanted),
                name=IO_THREADS,
                daemon=True,
            ).start()
        loop = asyncio.get_running_loop()
        self._pace.asked(loop.time())
        arrival: asyncio.Future[_Read] = loop.create_future()
        self._wanted.put(lambda read: _hand_over(loop, arrival, read))
        read = await arrival
        if isinstance(read, bytes):
            if self._left is not None:
                self._left -= len(read)
            self._pace.given(loop.time())
            return read
        self._ended = True
        if read is None:
            raise StopAsyncIteration
        self._failed(read)
        raise read

    def close(self) -> None:
        self._ended = True
        self._wanted.put(None)

    def __del__(self) -> None:
        self._wanted.put(None)


def _serve(body: Body, pace: _Pace, wanted: SimpleQueue[_Deliver | None]) -> None:
    pieces = _pieces(body, pace)
    try:
        while True:
            read = _next(pieces)  # before it is asked for: the disk and the network work side by side
            deliver = wanted.get()
            if deliver is None:
                return
            deliver(read)
            if not isinstance(read, bytes):
                return
    finally:
        pieces.close()


def _next(pieces: Iterator[bytes]) -> _Read:
    try:
        return next(pieces, None)
    except Exception as error:  # noqa: BLE001 - it is raised where the piece was asked for
        return error


def _hand_over(loop: asyncio.AbstractEventLoop, arrival: asyncio.Future[_Read], read: _Read) -> None:
    def arrive() -> None:
        if not arrival.done():
            arrival.set_result(read)

    try:
        loop.call_soon_threadsafe(arrive)
    except RuntimeError:  # the loop has been closed: nobody is waiting any more
        return


def _pieces(body: Body, pace: _Pace) -> Generator[bytes]:
    """The body in pieces of about the pace's size, but for the last, none of them empty."""
    length, total = body.length, 0
    held: list[bytes] = []
    size = 0
    chunks = iter(body)
    while (chunk := _advance(chunks)) is not None:
        held.append(chunk)
        size += len(chunk)
        # The last piece is held until the body has ended: it may turn out to be longer than it said.
        if size >= pace.size and total + size != length:
            total += size
            _check(total, length)
            yield from _cut(held, pace.size)
            held, size = [], 0
    _check(total + size, length, ended=True)
    yield from _cut(held, pace.size)


def _advance(chunks: Iterator[bytes]) -> bytes | None:
    """The next chunk, None at the end."""
    try:
        return next(chunks, None)
    except Exception:
        raise
    except BaseException as error:  # a task that raised a SystemExit would end its event loop
        raise RuntimeError(f"The request's body raised {type(error).__name__} when it was read") from error


def _cut(chunks: list[bytes], size: int) -> Iterator[bytes]:
    data = chunks[0] if len(chunks) == 1 else b"".join(chunks)
    for start in range(0, len(data), size):
        yield data[start : start + size]


def _check(total: int, length: int | None, *, ended: bool = False) -> None:
    """A body of another length than announced would leave the server waiting, or be cut."""
    if length is not None and (total > length or (ended and total < length)):
        has = "only " if total < length else "at least "
        raise ValueError(
            f"The body announced {length} bytes but has {has}{total}; did a file change while it was sent?"
        )
