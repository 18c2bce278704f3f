"""What passes a transport in tests: requests that were seen, replies to give, gates where they wait."""

from __future__ import annotations

import asyncio
import json
import threading
from abc import abstractmethod
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import parse_qs, urlsplit

from gradio_client.transport import (
    BytesBody,
    ConnectionLostError,
    Headers,
    ReadTimeoutError,
    Request,
    Response,
    Transport,
    TransportClosedError,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence

    from gradio_client.domain.values import Json


@dataclass(frozen=True)
class SeenRequest:
    """A request that reached a transport, its body read to the end.

    Attributes:
        method: such as ``"GET"``.
        url: whole, with its query.
        headers: as the client made them.
        body: b"" when there is none.
    """

    method: str
    url: str
    headers: Headers = field(default_factory=Headers)
    body: bytes = field(default=b"", repr=False)

    def __repr__(self) -> str:
        return f"<{self.label}>"

    @property
    def label(self) -> str:
        """Method and path, without the query, which may hold secrets."""
        return f"{self.method} {self.path}"

    @property
    def path(self) -> str:
        """The URL's path, as it was sent."""
        return urlsplit(self.url).path

    @property
    def query(self) -> dict[str, list[str]]:
        """The values of the URL's query, by name."""
        return parse_qs(urlsplit(self.url).query, keep_blank_values=True)

    @cached_property
    def json(self) -> Json:
        """The body as JSON.

        Raises:
            ValueError: it is none.
        """
        return json.loads(self.body)


async def seen(request: Request) -> SeenRequest:
    """Read a request's body; what iterating it raises comes out as it is."""
    return SeenRequest(request.method, request.url, request.headers, await _content(request))


async def _content(request: Request) -> bytes:
    if request.body is None or isinstance(request.body, BytesBody):
        return request.body.content if request.body else b""
    return await asyncio.to_thread(b"".join, request.body)  # it may come from a disk


class Gate:
    """A point where a reply waits until a test opens it. Once open, it stays open.

    Every method may be called on any thread; ``passed`` belongs to replies.
    """

    def __init__(self) -> None:
        self._reached = threading.Event()
        self._lock = threading.Lock()
        # Guarded by _lock:
        self._is_open = False
        self._waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = []

    def open(self) -> None:
        """Let everything pass that waits, or will come."""
        with self._lock:
            self._is_open = True
            waiting, self._waiting = self._waiting, []
        for loop, passing in waiting:
            try:
                loop.call_soon_threadsafe(_settle, passing)
            except RuntimeError:  # that loop has ended: nobody waits
                continue

    def reached(self, timeout: float = 5.0) -> bool:
        """Whether a reply came to this gate, after at most so many seconds. Blocks the thread."""
        return self._reached.wait(timeout)

    async def passed(self) -> None:
        """Wait until the gate is open."""
        self._reached.set()
        with self._lock:
            if self._is_open:
                return
            loop = asyncio.get_running_loop()
            passing: asyncio.Future[None] = loop.create_future()
            self._waiting.append((loop, passing))
        await passing


def _settle(passing: asyncio.Future[None]) -> None:
    if not passing.done():
        passing.set_result(None)


#: A piece of a reply's body: bytes, a gate to wait at, or an error that reading meets there.
Piece: TypeAlias = "bytes | Gate | Exception"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to give.

    Attributes:
        status: of the answer.
        headers: as a mapping or as pairs.
        chunks: what ``read`` gives, one after another; it waits at gates, and raises errors.
        gate: where even the head waits; None for nowhere.
    """

    status: int = 200
    headers: Mapping[str, str] | Iterable[tuple[str, str]] = ()
    chunks: Sequence[Piece] = ()
    gate: Gate | None = None

    @classmethod
    def json(cls, value: Json, status: int = 200, gate: Gate | None = None) -> Reply:
        """An answer in JSON."""
        return cls(status, {"Content-Type": "application/json"}, [json.dumps(value).encode()], gate)

    @classmethod
    def events(cls, messages: Iterable[Json | Gate | Exception]) -> Reply:
        """A stream of messages, each a chunk of its own; gates and errors may stand among them."""
        chunks = [one if isinstance(one, (Gate, Exception)) else _event(one) for one in messages]
        return cls(200, {"Content-Type": "text/event-stream"}, chunks)


def _event(message: Json) -> bytes:
    return b"data: " + json.dumps(message).encode() + b"\n\n"


async def played(pieces: Iterable[Piece]) -> AsyncGenerator[bytes]:
    """The bytes of a reply's body, as its gates let them pass."""
    for piece in pieces:
        if isinstance(piece, Gate):
            await piece.passed()
        elif isinstance(piece, Exception):
            raise piece
        elif piece:
            yield piece


class PlayedResponse(Response):
    """A response whose body an asynchronous generator makes.

    Args:
        status: of the response.
        headers: of the response.
        body: gives the pieces; what it raises, ``read`` raises. It must not wait when it is closed.
        silence: seconds after which ``read`` raises ``ReadTimeoutError``; None for never.
        closed: called once, by the first ``aclose``.
    """

    def __init__(
        self,
        status: int,
        headers: Headers,
        body: AsyncGenerator[bytes],
        *,
        silence: float | None = None,
        closed: Callable[[], None] = lambda: None,
    ) -> None:
        self.status = status
        self.headers = headers
        self._body = body
        self._silence = silence
        self._when_closed = closed
        self._closed = False
        self._failure: Exception | None = None
        self._next: asyncio.Task[bytes] | None = None

    async def read(self) -> bytes:
        """See ``Response.read``."""
        if self._closed:
            raise ConnectionLostError("The response was closed here.")
        if self._failure is not None:
            raise self._failure
        # A task of its own: cancelling this call must lose no piece.
        self._next = self._next or asyncio.create_task(self._piece())
        done, _ = await asyncio.wait({self._next}, timeout=self._silence)
        if self._closed:
            raise ConnectionLostError("The response was closed here.")
        if not done:
            raise ReadTimeoutError(f"Nothing came for {self._silence:g} seconds.")
        piece, self._next = self._next, None
        return self._result(piece)

    async def aclose(self) -> None:
        """See ``Response.aclose``."""
        if self._closed:
            return
        self._closed = True
        self._when_closed()
        if self._next is not None:
            self._next.cancel()
        else:
            await self._body.aclose()

    async def _piece(self) -> bytes:
        return await anext(self._body, b"")

    def _result(self, piece: asyncio.Task[bytes]) -> bytes:
        try:
            return piece.result()
        except Exception as error:
            self._failure = error
            raise


class InMemoryTransport(Transport):
    """A transport without a network: what a subclass answers, and all of it ended by ``aclose``."""

    def __init__(self) -> None:
        self._closed = False
        self._responses: set[PlayedResponse] = set()
        self._waits: set[asyncio.Task[None]] = set()

    async def send(self, request: Request) -> Response:
        """See ``Transport.send``."""
        if self._closed:
            raise TransportClosedError("The transport has been closed.")
        response = await self.answer(await seen(request), request)
        self._responses.add(response)
        return response

    async def aclose(self) -> None:
        """See ``Transport.aclose``."""
        self._closed = True
        for wait in self._waits:
            wait.cancel()
        while self._responses:
            await self._responses.pop().aclose()

    @abstractmethod
    async def answer(self, seen: SeenRequest, request: Request) -> PlayedResponse:
        """The response to a request; its raw form is there for the timeouts."""

    async def wait_for(self, gate: Gate, request: Request) -> None:
        """Wait before a head is given, as long as the request allows.

        Raises:
            ReadTimeoutError: the gate stayed shut for ``Timeouts.read`` seconds.
            ConnectionLostError: the transport was closed.
        """
        wait = asyncio.create_task(gate.passed())
        self._waits.add(wait)
        try:
            done, _ = await asyncio.wait({wait}, timeout=request.timeouts.read)
        finally:
            self._waits.discard(wait)
            wait.cancel()
        if self._closed:
            raise ConnectionLostError("The transport was closed.")
        if not done:
            raise ReadTimeoutError(f"Nothing came for {request.timeouts.read:g} seconds.")
