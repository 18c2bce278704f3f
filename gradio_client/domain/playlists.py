"""Playlists of streamed media: HLS as Gradio writes it (protocol section 7.5, RFC 8216)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradio_client.domain.bounds import LINES, SEGMENTS
from gradio_client.domain.errors import DownloadError
from gradio_client.domain.source import encoded_url

if TYPE_CHECKING:
    from collections.abc import Iterator

_DURATION = re.compile(r"#EXT-X-TARGETDURATION:([0-9]{1,6})")
# Playlists of playlists, keys and heads of segments, parts of segments, lists of the latest ones alone:
# whoever passes over these gets something other than the medium.
_OTHER_FORMS = re.compile(r"#EXT-X-(STREAM-INF|KEY|MAP|BYTERANGE|MEDIA-SEQUENCE: *0*[1-9])")


@dataclass(frozen=True, slots=True)
class Playlist:
    """What a playlist lists so far.

    Attributes:
        folder: what every segment's address begins with.
        names: what the addresses of segments go on with, of those that were not known before, in order;
            all that a playlist ever lists are the medium.
        number: how many segments it lists, those that were known too.
        ended: whether there will be no more.
        target: the longest that a segment lasts, in seconds.
    """

    folder: str
    names: tuple[str, ...]
    number: int
    ended: bool
    target: int

    def addresses(self) -> Iterator[str]:
        """Where the segments are, each made when it is wanted: the app chose how long the folder's is."""
        return (self.folder + encoded_url(name) for name in self.names)


def is_playlist(url: str) -> bool:
    """Whether an address is one of a playlist; other streams are bytes as they come."""
    return url.partition("?")[0].endswith(".m3u8")


def whole_file_url(url: str) -> str:
    """Where a playlist's server gives out the whole medium as one file."""
    start, question, query = url.partition("?")
    return start.rpartition("/")[0] + "/playlist-file" + question + query


def parse_playlist(text: str, url: str, known: int = 0) -> Playlist:
    """Read a playlist.

    Args:
        text: the playlist.
        url: where it is from.
        known: how many of its segments were in earlier versions; these are not looked at again.

    Raises:
        DownloadError: it is none, is too long, or lists what is not beside it.
    """
    if text.count("\n") + text.count("\r") > LINES:
        raise DownloadError(f"The app's playlist has more than {LINES} lines, and is not read.")
    lines = [line.strip() for line in re.split(r"[\r\n]+", text.removeprefix("\ufeff"))]
    if lines[0] != "#EXTM3U":
        raise DownloadError("What the app streams has no playlist where it should be.")
    if any(_OTHER_FORMS.match(line) for line in lines):
        raise DownloadError(
            "The app streams in a form of HLS that Gradio does not use and this client does not read."
        )
    found = _DURATION.search(text)
    listed = [line for line in lines if line and not line.startswith("#")]
    if len(listed) > SEGMENTS:
        raise DownloadError(f"The app's playlist lists more than {SEGMENTS} segments, and is not followed.")
    folder = url.partition("?")[0].rpartition("/")[0] + "/"
    path = "/" + folder.split("/", 3)[3]
    return Playlist(
        folder,
        tuple(_beside(folder, path, line) for line in listed[known:]),
        len(listed),
        "#EXT-X-ENDLIST" in lines,
        int(found[1]) if found else 1,
    )


def _beside(folder: str, path: str, line: str) -> str:
    """What a segment's address has after its folder, which must be the playlist's own.

    Compared as text: to resolve it would cost as much for each line as the address of the folder is long.
    """
    start = next((start for start in (folder, path, "./") if line.startswith(start)), "")
    name = line[len(start) :].partition("#")[0]
    bare = name.partition("?")[0]
    if "/" in bare or bare in ("", ".", "..") or " " in name or "\\" in name or not name.isprintable():
        raise DownloadError("The app's playlist lists a segment that is not beside it, which is not fetched.")
    return name
