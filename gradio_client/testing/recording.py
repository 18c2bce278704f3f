"""Records the exchanges of a transport, without changing them."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from gradio_client import transport
from gradio_client.domain.decoding import Decoder
from gradio_client.domain.errors import ServerError
from gradio_client.testing import cassette_file
from gradio_client.testing.cassette_file import LIMIT, CassetteError
from gradio_client.testing.exchanges import SeenRequest
from gradio_client.testing.scrubbing import Scrubber, as_json
from gradio_client.transport import BytesBody, Headers, Request, Response, Transport, TransportError

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator

    from gradio_client.domain.values import JsonObject
    from gradio_client.transport import Body

_QUERY = re.compile(r"\?[^\s'\"<>)]*")


class _Copied:
    """A body that keeps a copy of what is read of it, up to a limit."""

    def __init__(self, body: Body, limit: int) -> None:
        self._body = body
        self._limit = limit
        self.copy = bytearray()

    @property
    def length(self) -> int | None:
        return self._body.length

    def __iter__(self) -> Iterator[bytes]:
        self.copy.clear()  # it is read once more from its beginning
        for chunk in self._body:
            if len(self.copy) <= self._limit:
                self.copy += chunk
            yield chunk


@dataclass(eq=False, slots=True)
class Take:
    """An exchange that is being recorded, secrets and all. Only what ``Recording`` makes of it is kept."""

    request: Request
    copied: _Copied | None
    limit: int
    response: Response | None = None
    chunks: list[tuple[bytes, int]] = field(default_factory=list)
    error: TransportError | None = None
    complete: bool = False
    size: int = 0

    @property
    def seen(self) -> SeenRequest:
        """The request, with as much of its body as was sent."""
        request = self.request
        body = request.body.content if isinstance(request.body, BytesBody) else b""
        body = bytes(self.copied.copy) if self.copied else body
        return SeenRequest(request.method, request.url, request.headers, body)

    def add(self, chunk: bytes, begun: int) -> None:
        """Take a piece of the response, as long as there is room."""
        self.size += len(chunk)
        if self.size <= self.limit:
            self.chunks.append((chunk, begun))

    def plain(self) -> list[tuple[bytes, int]]:
        """The chunks without their content coding: in coded ones no secret could be found.

        Raises:
            CassetteError: the coding is unknown, or the body is too long.
        """
        coding = self.response.headers.get("content-encoding") if self.response else None
        try:
            decoder = Decoder(coding, self.limit)
            return [(decoder.feed(chunk), begun) for chunk, begun in self.chunks]
        except ServerError as error:
            raise CassetteError(f"{self.seen.label} cannot be recorded: {error.message}") from error


class Recording:
    """Exchanges for one cassette, of one or more transports, on one or more threads.

    Args:
        path: of the file that ``save`` writes.
        scrub: as for ``RecordingTransport``.
        limit: likewise.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        scrub: Callable[[str], str] | None = None,
        limit: int = LIMIT,
    ) -> None:
        self.path = Path(path)
        self.limit = limit
        self._scrub = scrub
        self._lock = threading.Lock()
        self._takes: list[Take] = []  # guarded by _lock

    @property
    def begun(self) -> int:
        """How many exchanges have begun."""
        return len(self._takes)

    def begin(self, request: Request) -> tuple[Take, Request]:
        """Record a request that is about to be sent, and return it as it is to be sent."""
        copied = None
        sent = request
        if request.body is not None and not isinstance(request.body, BytesBody):
            copied = _Copied(request.body, self.limit)
            sent = Request(
                request.method, request.url, request.headers, copied, request.timeouts, request.proxy
            )
        take = Take(request, copied, self.limit)
        with self._lock:
            self._takes.append(take)
        return take, sent

    def save(self) -> None:
        """Write the cassette, if there is anything in it.

        Raises:
            CassetteError: an exchange is not fit for a cassette. No file is written then.
            OSError: the file cannot be written.
        """
        with self._lock:
            takes = list(self._takes)
        if takes:
            cassette_file.save(self.path, self._written(takes))

    def _written(self, takes: list[Take]) -> list[JsonObject]:
        scrubber = Scrubber(self._scrub)
        plain = []
        for take in takes:
            self._check_size(take)
            plain.append(take.plain())
            scrubber.learn(take.seen, take.request.proxy)
            headers = take.response.headers if take.response else Headers()
            scrubber.learn_answer(headers, b"".join(chunk for chunk, _ in plain[-1]))
        # Only now: what one exchange keeps secret, an earlier one may have told.
        return [_exchange(take, chunks, scrubber) for take, chunks in zip(takes, plain, strict=True)]

    def _check_size(self, take: Take) -> None:
        size = max(take.size, len(take.seen.body))
        if size > self.limit:
            raise CassetteError(
                f"{take.seen.label} has a body of more than {self.limit} bytes, which is too much for a "
                f"cassette; use a smaller file in this test, or pass limit= to allow more. "
                f"{str(self.path)!r} was not written."
            )


class RecordingTransport(Transport):
    """Sends through another transport, and writes a cassette when it is closed.

    The cassette holds every exchange that had begun, as far as it went: errors as errors, and responses
    that were closed early as such. A program that dies leaves no file, and none that is half written.
    What cannot be recorded does not disturb the client; closing then raises ``CassetteError``.

    Args:
        inner: what sends; closed with this transport.
        to: the cassette's file, or a recording that is saved at some other time.
        scrub: changes every text before it is written down, besides what is always done.
        limit: the most bytes that a body may have.
    """

    def __init__(
        self,
        inner: Transport,
        to: str | os.PathLike[str] | Recording,
        *,
        scrub: Callable[[str], str] | None = None,
        limit: int = LIMIT,
    ) -> None:
        self._inner = inner
        self._saves = not isinstance(to, Recording)
        self._recording = to if isinstance(to, Recording) else Recording(to, scrub=scrub, limit=limit)

    async def send(self, request: Request) -> Response:
        """See ``Transport.send``."""
        take, sent = self._recording.begin(request)
        try:
            take.response = await self._inner.send(sent)
        except TransportError as error:
            take.error = error
            raise
        return _RecordedResponse(take.response, take, self._recording)

    async def aclose(self) -> None:
        """Close the inner transport and write the cassette.

        Raises:
            CassetteError: what was recorded is not fit for a cassette.
        """
        await self._inner.aclose()
        if self._saves:
            self._recording.save()


class _RecordedResponse(Response):
    def __init__(self, inner: Response, take: Take, recording: Recording) -> None:
        self.status = inner.status
        self.headers = inner.headers
        self._inner = inner
        self._take = take
        self._recording = recording
        self._closed = False

    async def read(self) -> bytes:
        try:
            chunk = await self._inner.read()
        except TransportError as error:
            if not self._closed:  # else it is this side's doing, not the server's
                self._take.error = error
            raise
        if chunk:
            self._take.add(chunk, self._recording.begun)
        else:
            self._take.complete = True
        return chunk

    async def aclose(self) -> None:
        self._closed = True
        await self._inner.aclose()


def _exchange(take: Take, plain: list[tuple[bytes, int]], scrubber: Scrubber) -> JsonObject:
    seen = take.seen
    written: JsonObject = {
        "request": {
            "method": seen.method,
            "url": scrubber.url(seen.url),
            "headers": scrubber.headers(seen.headers),
            "body": scrubber.body(seen),
        }
    }
    if take.response is not None:
        return written | {"response": _response(take, take.response, plain, scrubber)}
    return written | (_error(take.error, scrubber) if take.error else {"unanswered": True})


def _response(
    take: Take, response: Response, plain: list[tuple[bytes, int]], scrubber: Scrubber
) -> JsonObject:
    # The length is that of the coded body, with the secrets in it.
    fields = [pair for pair in response.headers.pairs if pair[0].lower() not in _OF_THE_BODY]
    closed = "complete" if take.complete else "closed"
    chunks = _chunks(plain, scrubber)
    if take.complete and len(chunks) == 1 and "json" in (response.headers.get("content-type") or ""):
        chunks = [as_json(chunks[0]) | {"after": chunks[0]["after"]}]
    return {
        "status": response.status,
        "headers": scrubber.headers(Headers(fields)),
        "chunks": chunks,
        "end": _error(take.error, scrubber) if take.error else closed,
    }


_OF_THE_BODY = ("content-encoding", "content-length", "transfer-encoding")


def _chunks(plain: list[tuple[bytes, int]], scrubber: Scrubber) -> list[JsonObject]:
    written: list[JsonObject] = []
    held = b""
    for (chunk, begun), apart in zip(plain, scrubber.apart([chunk for chunk, _ in plain]), strict=True):
        held += chunk
        if apart and held:
            written.append(scrubber.written(held) | {"after": begun})
            held = b""
    if held:
        written.append(scrubber.written(held) | {"after": plain[-1][1]})
    return written


def _error(error: TransportError, scrubber: Scrubber) -> JsonObject:
    known = (kind for kind in type(error).__mro__ if getattr(transport, kind.__name__, None) is kind)
    message = _QUERY.sub("...", scrubber.text(str(error)))
    return {"error": next(known, TransportError).__name__, "message": message}
