"""One file on its way from a server: asked for, resumed when it is cut, counted and checked."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from gradio_client._http.outgoing import Answer, Outgoing
from gradio_client.domain.decoding import Decoder
from gradio_client.domain.entities import Entity
from gradio_client.domain.errors import ConnectionLost, DownloadError, GradioClientError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from gradio_client._app import App
    from gradio_client._files.limits import Budget
    from gradio_client._http.outgoing import CallScope
    from gradio_client.domain.refusals import Purpose
    from gradio_client.progress import Meter
    from gradio_client.transport import Response

logger = logging.getLogger("gradio_client.transfer")

LONGEST = 1 << 62  # bytes of a download: the budget is the limit
BLOCK = 1 << 21  # bytes that are collected before they are written
SLICE = 1 << 12  # bytes decoded at a time, which are four mebibytes at most
RESUMES = 5  # times in a row that a download is resumed without much coming of it
MUCH = 1 << 20  # bytes
PAUSE = 0.1  # seconds before the second of these attempts; each pause is twice as long as the last
# A length can be checked, and a rest asked for, only of bytes as they are.
_IDENTITY = (("Accept-Encoding", "identity"),)


class Written(Protocol):
    """What a download is written to."""

    def write(self, chunks: list[bytes], /) -> None:
        """Write what came. Called in a thread."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a file is.

    Attributes:
        url: its address.
        name: what errors call it.
        purpose: of the requests for it.
    """

    url: str
    name: str
    purpose: Purpose = "download"


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches the files of one call.

    Attributes:
        app: where from.
        scope: the call they belong to.
        budget: how much that may be.
    """

    app: App
    scope: CallScope
    budget: Budget

    async def fetch(self, source: Source, sink: Written, meter: Meter) -> None:
        """Write a file to a sink.

        Raises:
            DownloadError: the server does not give it out, or changed it meanwhile.
            FileTooLargeError: it is larger than the caller allows.
            GradioClientError: it could not be fetched whole.
            OSError: it could not be written.
        """
        async with aclosing(self.pieces(source, meter)) as pieces:
            await write(pieces, sink)

    async def pieces(self, source: Source, meter: Meter) -> AsyncGenerator[bytes]:
        """A file's bytes as they come; it is whole when they end.

        Raises:
            GradioClientError: as ``fetch`` does.
        """
        response = await self._open(source)
        cuts = Cuts(Entity.of(response.headers))
        checked = Checked(source.name, cuts.entity.length, self.budget, meter)
        try:
            checked.begin()
            while True:
                try:
                    async with aclosing(self._content(response)) as content:
                        async for piece in content:
                            checked.add(len(piece))
                            yield piece
                    break
                except ConnectionLost as error:
                    if checked.size == cuts.entity.length:
                        break
                    response = await self._resumed(source, cuts, checked.size, error)
            checked.end()
        except DownloadError:
            checked.forget()
            raise
        finally:
            await response.aclose()
        if not cuts.confirmed:
            await self._confirm(source, cuts.entity)

    async def open(
        self, source: Source, *, method: str = "GET", more: tuple[tuple[str, str], ...] = ()
    ) -> Response:
        """Ask for a file; the response has any status."""
        headers = (*_IDENTITY, *more)
        outgoing = Outgoing(source.purpose, method, source.url, headers=headers, scope=self.scope)
        return await self.app.pipeline.open(outgoing)

    async def _open(self, source: Source) -> Response:
        response = await self.open(source)
        if response.status != 200:
            raise await self._refused(source, response)
        return response

    async def _content(self, response: Response) -> AsyncGenerator[bytes]:
        """A response's body, decoded: some servers compress what was asked for as it is."""
        coding = response.headers.get("content-encoding")
        try:
            decoder = Decoder(coding, LONGEST) if coding else None
            while chunk := await self.app.pipeline.read(response):
                if decoder is None:
                    yield chunk
                    continue
                for at in range(0, len(chunk), SLICE):  # so that a bomb is noticed before it fills the memory
                    yield decoder.feed(chunk[at : at + SLICE])
            if decoder:
                decoder.finish()
        finally:
            await response.aclose()

    async def _resumed(self, source: Source, cuts: Cuts, size: int, error: GradioClientError) -> Response:
        """The response with what is missing of a file that was cut, if it is still the same one."""
        while True:
            await asyncio.sleep(cuts.pause(size, error))
            logger.info("download cut after %d bytes (%s); asking for the rest", size, error)
            try:
                response = await self._rest(source, cuts.entity, size, error)
            except (ConnectionLost, UnreachableError) as again:
                if again is error:  # there is no rest to be had
                    raise
                error = again
                continue
            cuts.confirmed = "etag" in response.headers
            return response

    async def _rest(self, source: Source, entity: Entity, start: int, error: GradioClientError) -> Response:
        assert entity.tag is not None  # noqa: S101 - it is resumable
        assert entity.length is not None  # noqa: S101 - likewise
        # Older servers of Gradio's take no range without its end.
        part = f"bytes={start}-{entity.length - 1}"
        response = await self.open(source, more=(("Range", part), ("If-Range", entity.tag)))
        if response.status == 206 and entity.is_continued(response.headers, start):
            return response
        if response.status not in (200, 206, 416):
            raise await self._refused(source, response)
        await response.aclose()
        if response.status == 200 and response.headers.get("etag") == entity.tag:
            raise error  # the server gives out no parts
        raise _changed(source)

    async def _confirm(self, source: Source, entity: Entity) -> None:
        """Make sure that a file is still the same when all of it has come.

        Gradio's servers give a rest without saying what it is the rest of (protocol section 7.4).
        """
        response = await self.open(source, method="HEAD")
        if response.status != 200:
            raise await self._refused(source, response)
        await response.aclose()
        if response.headers.get("etag") != entity.tag:
            raise _changed(source)

    async def _refused(self, source: Source, response: Response) -> Exception:
        pipeline = self.app.pipeline
        try:
            body = await pipeline.read(response)
        finally:
            await response.aclose()
        answer = Answer(response.status, response.headers, body, source.url)
        # Also where it is for an upload: what is refused is to give out, not to take.
        return pipeline.refused(Outgoing("download", "GET", source.url), answer)


class Cuts:
    """How often one download was cut, and whether it is worth asking for the rest.

    Attributes:
        entity: what is downloaded.
        confirmed: whether the last answer said what it is a part of.
    """

    def __init__(self, entity: Entity) -> None:
        self.entity = entity
        self.confirmed = True
        self._futile = 0
        self._size = 0

    def pause(self, size: int, error: GradioClientError) -> float:
        """Seconds to wait before the rest is asked for; raises the error when that is no use."""
        self._futile = 0 if size - self._size >= MUCH else self._futile + 1
        self._size = size
        if not self.entity.resumable or self._futile > RESUMES:
            raise error
        return PAUSE * 2 ** (self._futile - 2) if self._futile > 1 else 0.0


class Checked:
    """The size of one file while it comes, within its limits and as it was announced."""

    def __init__(self, name: str, announced: int | None, budget: Budget, meter: Meter) -> None:
        self._name, self._announced = name, announced
        self._budget, self._meter = budget, meter
        self.size = 0

    def begin(self) -> None:
        """Say how much was announced.

        Raises:
            FileTooLargeError: that is too much.
        """
        self._meter.expect(self._announced)
        if self._announced is not None:
            self._budget.check(self._name, self._announced, self._announced)

    def add(self, size: int) -> None:
        """Count more bytes.

        Raises:
            FileTooLargeError: that is too much.
        """
        self.size += size
        self._budget.check(self._name, self.size, size)
        self._budget.count(size)
        self._meter.set(self.size)

    def end(self) -> None:
        """Say that this is all.

        Raises:
            DownloadError: it is not what was announced.
        """
        if self._announced is not None and self._announced != self.size:
            raise DownloadError(
                f"The download of {self._name!r} ended after {self.size} of {self._announced} bytes."
            )

    def forget(self) -> None:
        """Say that the bytes so far were for nothing: there may be another way to have the file."""
        self._budget.count(-self.size)


async def write(pieces: AsyncGenerator[bytes], sink: Written) -> None:
    """Write bytes as they come: the disk and the network work side by side."""
    waiting: list[bytes] = []
    size = 0
    writing: asyncio.Future[None] | None = None
    loop = asyncio.get_running_loop()
    try:
        async for piece in pieces:
            waiting.append(piece)
            size += len(piece)
            if size >= BLOCK:
                if writing:
                    await writing
                writing = loop.run_in_executor(None, sink.write, waiting)
                waiting, size = [], 0
        if writing:
            await writing
        if waiting:
            await loop.run_in_executor(None, sink.write, waiting)
    finally:
        if writing and not writing.cancel() and not writing.cancelled():
            writing.exception()  # asyncio complains of errors that nobody looks at


def _changed(source: Source) -> DownloadError:
    return DownloadError(
        f"The file {source.name!r} changed on the server while it was downloaded. Fetch it again."
    )
