"""One file in what an app returned: where it is, and every way to have it."""

from __future__ import annotations

import asyncio
import mimetypes
import os
from contextlib import aclosing, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from gradio_client._files.fetching import LONGEST, Fetcher, Source
from gradio_client._files.limits import Budget
from gradio_client._files.media import fetch_media, segments
from gradio_client._files.placing import refuse_to_replace
from gradio_client.domain.bounds import FILE_NAME
from gradio_client.domain.errors import DownloadError
from gradio_client.domain.files import is_url, safe_name, url_name
from gradio_client.domain.source import download_url

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from gradio_client._app import App
    from gradio_client._files.folder import DownloadFolder
    from gradio_client._files.sink import Sink
    from gradio_client._http.outgoing import CallScope
    from gradio_client.domain.values import JsonObject
    from gradio_client.downloads import Downloads
    from gradio_client.progress import Meter, Reporter

_SEPARATORS = tuple(filter(None, (os.sep, os.altsep)))


class Remote:
    """A file of an app's output.

    Args:
        app: the app.
        file: the file object that it sent.
        scope: the call that it is a result of.
        limits: the caller's.
        folder: for downloads.
        reporter: is told of progress.

    Raises:
        DownloadError: it is nowhere that the client fetches files from, or what says where has no end.

    Attributes:
        file: as given.
        url: where it is fetched.
        name: a safe name for it.
        size: in bytes, if the app said so.
        streamed: whether the app makes it piece by piece, perhaps still now.
        fetched: the local copy, when there is one.
    """

    def __init__(
        self,
        app: App,
        file: JsonObject,
        scope: CallScope,
        *,
        limits: Downloads,
        folder: DownloadFolder,
        reporter: Reporter,
    ) -> None:
        _check_lengths(file)
        self.file = file
        self.url = download_url(app.urls, app.config.root, file)
        self.streamed = bool(file.get("is_stream"))
        self.name = safe_name(_stream_name(file) if self.streamed else _name(file["path"]))
        size = file.get("size")
        known = type(size) is int and 0 <= size <= LONGEST and not self.streamed  # True is none
        self.size: int | None = size if known else None
        self.fetched: Path | None = None
        self._app, self._scope, self._limits = app, scope, limits
        self._folder, self._reporter = folder, reporter

    async def fetch(self, budget: Budget | None = None) -> Path:
        """Download it to the folder for downloads, once unless the copy is moved away; its path.

        Args:
            budget: what the job may still download; None for the caller's limits on one job.

        Raises:
            GradioClientError: it could not be fetched whole.
            OSError: it could not be written.
        """
        if self.fetched is None or not await asyncio.to_thread(self.fetched.exists):
            sink, name = await self._sunk(None, budget)
            self.fetched = await self._folder.do(lambda: sink.keep(name))
        return self.fetched

    async def save(self, path: str | os.PathLike[str] | None = None) -> Path:
        """Have it at a path, in place of what is there; or in a folder, over no different file."""
        if path is None:
            return await self.fetch()
        target = Path(path)
        into = await asyncio.to_thread(_is_folder, path)
        sink, name = await self._sunk(target if into else target.parent, None)
        return await self._folder.do(lambda: sink.put(name) if into else sink.save(target))

    async def read(self) -> bytes:
        """All of it, in memory."""
        if self.fetched is not None:
            with suppress(FileNotFoundError):  # the caller has moved it away
                return await asyncio.to_thread(self.fetched.read_bytes)
        async with aclosing(self.stream()) as pieces:
            return b"".join([piece async for piece in pieces])

    async def stream(self) -> AsyncGenerator[bytes]:
        """Its bytes as they come. Of streamed media, segment by segment, while the app makes them."""
        fetcher, meter = self._fetcher(None), self._meter()
        make = segments if self.streamed else Fetcher.pieces
        try:
            async with aclosing(make(fetcher, self._source, meter)) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            meter.end()

    @property
    def mime_type(self) -> str | None:
        """What it is, by the app or else by its name; None when neither tells."""
        kind = self.file.get("mime_type")
        return kind if isinstance(kind, str) else mimetypes.guess_type(self.name)[0]

    @property
    def _source(self) -> Source:
        return Source(self.url, self.name)

    def _fetcher(self, budget: Budget | None) -> Fetcher:
        return Fetcher(self._app, self._scope, budget or Budget(self._limits))

    def _meter(self) -> Meter:
        return self._reporter.file("download", self._scope.api_name, self.name, self.size)

    async def _sunk(self, folder: Path | None, budget: Budget | None) -> tuple[Sink, str]:
        """The whole of it in a folder, None for that for downloads; still without its name, and that name."""
        fetcher, meter = self._fetcher(budget), self._meter()
        try:
            if self.streamed:
                fill = partial(self._folder.filled, folder=folder)
                return await fetch_media(fetcher, self._source, fill, meter)
            return await self._folder.filled(fetcher.pieces(self._source, meter), folder), self.name
        finally:
            meter.end()


def _is_folder(path: str | os.PathLike[str]) -> bool:
    """Whether a path is that of a folder, perhaps of one that is still to be made. Blocks on the disk.

    Raises:
        FileExistsError: it is neither that nor a place for a file.
    """
    if os.fspath(path).endswith(_SEPARATORS) or Path(path).is_dir():
        return True
    refuse_to_replace(Path(path))
    return False


def _check_lengths(file: JsonObject) -> None:
    for key in ("path", "url", "orig_name"):
        value = file.get(key)
        if isinstance(value, str) and len(value) > FILE_NAME:
            raise DownloadError(
                f"The app names a file with a {key!r} of more than {FILE_NAME} characters; it is not fetched."
            )


def _name(path: str) -> str:
    """What a file is called: the last part of its path, also where that is within a URL."""
    return url_name(path) if is_url(path) else path


def _stream_name(file: JsonObject) -> str:
    """What a stream is called: its address says nothing."""
    name = file.get("orig_name")
    return name if isinstance(name, str) and name else "stream"
