"""Streamed media: its segments as they come, and all of it as one file (protocol section 7.5)."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from gradio_client._fetching import Source, write
from gradio_client.domain.errors import DeadlineError, DownloadError
from gradio_client.domain.files import safe_name
from gradio_client.domain.playlists import Playlist, is_playlist, parse_playlist, whole_file_url
from gradio_client.progress import Meter, Reporter

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from gradio_client._fetching import Fetcher
    from gradio_client._sink import Sink

MOST_TEXT = 4 << 20  # bytes of a playlist
MOST_SEGMENT = 64 << 20  # bytes of a segment, which lasts seconds
PAUSES = (0.1, 1.0)  # seconds between two looks at a playlist, at least and at most
SILENCE = 60.0  # seconds without a new segment after which a stream is given up
_QUIET = Reporter(None)


async def fetch_media(
    fetcher: Fetcher, source: Source, sink: Callable[[], Sink], meter: Meter
) -> tuple[Sink, str]:
    """Fetch all of a stream, once it has ended.

    Args:
        fetcher: what fetches.
        source: the stream's playlist; or the stream itself, from servers before 5.0.
        sink: makes what it is written to.
        meter: is told how far it is.

    Returns:
        What it was written to, and a safe name for it: the source's, with the suffix that the bytes have.

    Raises:
        DownloadError: it cannot be had.
        GradioClientError: likewise.
    """
    if not is_playlist(source.url):
        return await _into(sink(), fetcher.pieces(source, meter)), source.name
    playlist = await _ended(fetcher, source)
    whole = replace(source, url=whole_file_url(source.url))
    try:
        return await _into(sink(), fetcher.pieces(whole, meter)), source.name
    except DownloadError as error:
        # Not every server can join them: that takes ffmpeg.
        if error.status is None or not playlist.segments:
            raise
    name = PurePosixPath(source.name).with_suffix(_suffix(playlist))  # a suffix that the app chose
    return await _into(sink(), segments(fetcher, source, meter)), safe_name(str(name))


async def segments(fetcher: Fetcher, source: Source, meter: Meter) -> AsyncGenerator[bytes]:
    """The segments of a stream, each when the app has made it, until the stream ends.

    Of a stream without a playlist, its bytes as they come.

    Raises:
        DeadlineError: nothing more came for ``SILENCE`` seconds.
        FileTooLargeError: together they are more than the caller allows.
        GradioClientError: it cannot be had.
    """
    if not is_playlist(source.url):
        async with aclosing(fetcher.pieces(source, meter)) as pieces:
            async for piece in pieces:
                yield piece
        return
    seen = size = 0
    async with aclosing(_versions(fetcher, source)) as versions:
        async for playlist in versions:
            for url in playlist.segments[seen:]:
                segment = await _read(fetcher, replace(source, url=url), MOST_SEGMENT)
                seen += 1
                size += len(segment)
                fetcher.budget.check(source.name, size, 0)  # each part of it is counted already
                meter.set(size)
                yield segment


async def _ended(fetcher: Fetcher, source: Source) -> Playlist:
    async with aclosing(_versions(fetcher, source)) as versions:
        async for playlist in versions:
            if playlist.ended:
                return playlist
    raise AssertionError("a playlist's versions end with the one that is whole")


async def _versions(fetcher: Fetcher, source: Source) -> AsyncGenerator[Playlist]:
    """A playlist each time there is something new in it; the last one is whole."""
    loop = asyncio.get_running_loop()
    known, since = -1, loop.time()
    while True:
        text = await _read(fetcher, source, MOST_TEXT)
        playlist = parse_playlist(text.decode("utf-8", "replace"), source.url)
        if playlist.ended or len(playlist.segments) > known:
            yield playlist
            known, since = len(playlist.segments), loop.time()
        if playlist.ended:
            return
        if loop.time() - since > SILENCE:
            raise DeadlineError(
                f"The stream {source.name!r} brought nothing for {SILENCE:.0f} s, and has no end."
            )
        await asyncio.sleep(min(max(playlist.target / 4, PAUSES[0]), PAUSES[1]))


async def _read(fetcher: Fetcher, source: Source, most: int) -> bytes:
    found = bytearray()
    async with aclosing(fetcher.pieces(source, _QUIET.file("download", "", source.name, None))) as pieces:
        async for piece in pieces:
            found += piece
            if len(found) > most:
                raise DownloadError(f"A part of the stream {source.name!r} is longer than {most} bytes.")
    return bytes(found)


async def _into(sink: Sink, pieces: AsyncGenerator[bytes]) -> Sink:
    try:
        async with aclosing(pieces):
            await write(pieces, sink)
    except BaseException:  # raised again: a cancelled download leaves nothing partial
        sink.discard()
        raise
    return sink


def _suffix(playlist: Playlist) -> str:
    return PurePosixPath(playlist.segments[0].partition("?")[0]).suffix
