"""Streamed media: its segments as they come, and all of it as one file (protocol section 7.5)."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from gradio_client._files.limits import Budget
from gradio_client.domain.bounds import PLAYLIST, SEGMENT, SILENCE
from gradio_client.domain.errors import DeadlineError, DownloadError
from gradio_client.domain.files import safe_name
from gradio_client.domain.playlists import Playlist, is_playlist, parse_playlist, whole_file_url
from gradio_client.downloads import Downloads
from gradio_client.progress import Meter, Reporter

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from gradio_client._files.fetching import Fetcher, Source
    from gradio_client._files.sink import Sink

PAUSES = (0.1, 1.0)  # seconds between two looks at a playlist, at least and at most
_QUIET = Reporter(None)


async def fetch_media(
    fetcher: Fetcher,
    source: Source,
    fill: Callable[[AsyncGenerator[bytes]], Awaitable[Sink]],
    meter: Meter,
) -> tuple[Sink, str]:
    """Fetch all of a stream, once it has ended.

    Args:
        fetcher: what fetches.
        source: the stream's playlist; or the stream itself, from servers before 5.0.
        fill: makes a file of its bytes.
        meter: is told how far it is.

    Returns:
        The file, and a safe name for it: the source's, with the suffix that the bytes have.

    Raises:
        DownloadError: it cannot be had.
        GradioClientError: likewise.
    """
    if not is_playlist(source.url):
        return await fill(fetcher.pieces(source, meter)), source.name
    first = await _first_segment(fetcher, source)
    whole = replace(source, url=whole_file_url(source.url))
    try:
        return await fill(fetcher.pieces(whole, meter)), source.name
    except DownloadError as error:
        # Not every server can join them: that takes ffmpeg.
        if error.status is None or first is None:
            raise
    suffix = PurePosixPath(first.partition("?")[0]).suffix  # which the app chose
    name = safe_name(str(PurePosixPath(source.name).with_suffix(suffix)))
    return await fill(_joined(fetcher, source, meter)), name


async def segments(fetcher: Fetcher, source: Source, meter: Meter) -> AsyncGenerator[bytes]:
    """The segments of a stream, each whole when the app has made it, until the stream ends.

    Of a stream without a playlist, its bytes as they come.

    Raises:
        DeadlineError: nothing more came for ``SILENCE`` seconds.
        DownloadError: one has more than ``SEGMENT`` bytes, or cannot be had.
        FileTooLargeError: together they are more than the caller allows.
        GradioClientError: it cannot be had.
    """
    if not is_playlist(source.url):
        async with aclosing(fetcher.pieces(source, meter)) as pieces:
            async for piece in pieces:
                yield piece
        return
    size = 0
    async with aclosing(_sources(fetcher, source)) as sources:
        async for one in sources:
            segment = await _read(fetcher, one, SEGMENT)
            size += len(segment)
            _count(fetcher, source, meter, size)
            yield segment


async def _joined(fetcher: Fetcher, source: Source, meter: Meter) -> AsyncGenerator[bytes]:
    """The bytes of all segments as they come."""
    size = 0
    async with aclosing(_sources(fetcher, source)) as sources:
        async for one in sources:
            async with aclosing(_pieces(fetcher, one)) as pieces:
                async for piece in pieces:
                    size += len(piece)
                    _count(fetcher, source, meter, size)
                    yield piece


def _count(fetcher: Fetcher, source: Source, meter: Meter, size: int) -> None:
    fetcher.budget.check(source.name, size, 0)  # each part of it is counted already
    meter.set(size)


async def _first_segment(fetcher: Fetcher, source: Source) -> str | None:
    """The name of a stream's first segment, once the stream has ended; None if it has none."""
    first = None
    async with aclosing(_versions(fetcher, source)) as versions:
        async for playlist in versions:
            first = first or next(iter(playlist.names), None)
    return first


async def _sources(fetcher: Fetcher, source: Source) -> AsyncGenerator[Source]:
    """Where the segments of a stream are, each when the app has made it."""
    async with aclosing(_versions(fetcher, source)) as versions:
        async for playlist in versions:
            for url in playlist.addresses():
                yield replace(source, url=url)


async def _versions(fetcher: Fetcher, source: Source) -> AsyncGenerator[Playlist]:
    """What is new in a playlist, each time there is something; the last one has ended."""
    loop = asyncio.get_running_loop()
    known, since = 0, loop.time()
    # It is read again and again, and not kept: the caller's limits are for what it lists.
    reading = replace(fetcher, budget=Budget(Downloads(max_file_bytes=None, max_total_bytes=None)))
    while True:
        text = await _read(reading, source, PLAYLIST)
        playlist = parse_playlist(text.decode("utf-8", "replace"), source.url, known)
        if playlist.ended or playlist.names:
            yield playlist
            known, since = playlist.number, loop.time()
        if playlist.ended:
            return
        if loop.time() - since > SILENCE:
            raise DeadlineError(
                f"The stream {source.name!r} brought nothing for {SILENCE:.0f} s, and has no end."
            )
        await asyncio.sleep(min(max(playlist.target / 4, PAUSES[0]), PAUSES[1]))


async def _read(fetcher: Fetcher, source: Source, most: int) -> bytes:
    found: list[bytes] = []
    size = 0
    async with aclosing(_pieces(fetcher, source)) as pieces:
        async for piece in pieces:
            found.append(piece)
            size += len(piece)
            if size > most:
                raise DownloadError(f"A part of the stream {source.name!r} is longer than {most} bytes.")
    return b"".join(found)


def _pieces(fetcher: Fetcher, source: Source) -> AsyncGenerator[bytes]:
    """The bytes of a part of a stream, which is reported with the others."""
    return fetcher.pieces(source, _QUIET.file("download", "", source.name, None))
