"""Playlists of streamed media: HLS as Gradio writes it (protocol section 7.5, RFC 8216)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin

from gradio_client.domain.errors import DownloadError
from gradio_client.domain.source import same_origin

_DURATION = re.compile(r"#EXT-X-TARGETDURATION:([0-9]{1,6})")


@dataclass(frozen=True, slots=True)
class Playlist:
    """What a playlist lists so far.

    Attributes:
        segments: their addresses, in order; together they are the medium.
        ended: whether there will be no more.
        target: the longest that a segment lasts, in seconds.
    """

    segments: tuple[str, ...]
    ended: bool
    target: int


def is_playlist(url: str) -> bool:
    """Whether an address is one of a playlist; other streams are bytes as they come."""
    return url.partition("?")[0].endswith(".m3u8")


def whole_file_url(url: str) -> str:
    """Where a playlist's server gives out the whole medium as one file."""
    start, question, query = url.partition("?")
    return start.rpartition("/")[0] + "/playlist-file" + question + query


def parse_playlist(text: str, url: str) -> Playlist:
    """Read a playlist.

    Args:
        text: the playlist.
        url: where it is from.

    Raises:
        DownloadError: it is none, or lists what is not beside it.
    """
    lines = [line.strip() for line in text.splitlines()]
    if not lines or lines[0].removeprefix("\ufeff") != "#EXTM3U":
        raise DownloadError("What the app streams has no playlist where it should be.")
    if any(line.startswith(("#EXT-X-STREAM-INF", "#EXT-X-KEY", "#EXT-X-MAP")) for line in lines):
        raise DownloadError(
            "The app streams in a form of HLS that Gradio does not use and this client does not read."
        )
    found = _DURATION.search(text)
    segments = tuple(_beside(url, line) for line in lines if line and not line.startswith("#"))
    return Playlist(segments, "#EXT-X-ENDLIST" in lines, int(found[1]) if found else 1)


def _beside(url: str, line: str) -> str:
    """The address of a segment, which must be in the playlist's own folder."""
    folder = url.partition("?")[0].rpartition("/")[0] + "/"
    try:
        address = urljoin(url, line)
    except ValueError:
        address = ""
    name = address.partition("?")[0].removeprefix(folder)
    inside = (
        address.startswith(folder) and "/" not in name and "\\" not in name and name not in ("", ".", "..")
    )
    if not inside or not same_origin(address, url):
        raise DownloadError("The app's playlist lists a segment that is not beside it, which is not fetched.")
    return address
