"""Playlists of streamed media: an app that puts other addresses, or no end, into them."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import replying
from malicious.files import file, returning
from malicious.victim import MIB, Peak

from gradio_client.domain.files import safe_name
from gradio_client.exceptions import GradioClientError

if TYPE_CHECKING:
    from malicious.victim import Victim

HEAD = "#EXTM3U\n#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-TARGETDURATION:1\n"
END = "#EXT-X-ENDLIST\n"
SEGMENTS = {
    "another host": "http://{}/s.aac",
    "another host by no scheme": "//{}/s.aac",
    "a user": "http://127.0.0.1@{}/s.aac",
    "a file": "file:///etc/passwd",
    "up": "../../../../config",
    "a backslash": "\\\\{}\\s.aac",
    "line breaks": "s.aac HTTP/1.1\rHost: {}\r\r",
    "control characters": "s\x00\x1b.aac",
    "a key": '#EXT-X-KEY:METHOD=AES-128,URI="http://{}/key"\n#EXTINF:1,\ns.aac',
    "a map": '#EXT-X-MAP:URI="http://{}/map"\n#EXTINF:1,\ns.aac',
    "itself": "playlist.m3u8",
    "nothing": "",
}


def streaming(victim: Victim, playlist: Any) -> None:
    """An app whose output is a playlist, which it does not turn into one file."""
    url = f"{victim.app.url}/gradio_api/stream/s/r/1/playlist.m3u8"
    returning(victim.app, file("s/r/1/playlist.m3u8", url=url, is_stream=True, orig_name="audio.aac"))
    victim.app.otherwise = replying(b"segment")
    victim.app.route("stream/s/r/1/playlist-file", replying(b"", "500 Broken"))
    victim.app.route("stream/s/r/1/playlist.m3u8", playlist)


@pytest.mark.parametrize("case", SEGMENTS)
def test_a_segment_elsewhere_gets_no_secrets(victim: Victim, case: str) -> None:
    line = SEGMENTS[case].replace("{}", victim.elsewhere.host)
    streaming(victim, replying(f"{HEAD}#EXTINF:1,\n{line}\n{END}".encode()))
    assert isinstance(victim.calls(httpx_kwargs={"timeout": 2.0}), GradioClientError | str)
    assert b"Cookie" not in victim.elsewhere.received
    assert b"Authorization" not in victim.elsewhere.received


def test_a_segment_is_asked_for_as_urls_are_written(victim: Victim) -> None:
    streaming(victim, replying(f'{HEAD}#EXTINF:1,\n\xe9<"{{}}>|%.aac#x\n{END}'.encode()))
    assert Path(victim.calls()).read_bytes() == b"segment"
    asked = [seen.target.partition("?")[0] for seen in victim.app.requests]
    assert "/gradio_api/stream/s/r/1/%C3%A9%3C%22%7B%7D%3E%7C%25.aac" in asked


@pytest.mark.parametrize("segment", ["./s.aac:hidden", "s.<>|", "s.aac.", "s." + "x" * 300, "s"])
def test_a_stream_of_segments_gets_a_safe_name(victim: Victim, segment: str) -> None:
    streaming(victim, replying(f"{HEAD}#EXTINF:1,\n{segment}\n{END}".encode()))
    path = Path(victim.calls())
    assert path.read_bytes() == b"segment"
    assert path.is_relative_to(victim.downloads.resolve())
    assert path.name == safe_name(path.name)
    assert path.name.startswith("audio")


def test_a_playlist_of_countless_segments_is_not_followed(victim: Victim) -> None:
    streaming(victim, replying(f"{HEAD}{'a' * 9}\n".encode() + b"a\n" * 900_000))
    outcome = victim.calls()
    assert isinstance(outcome, GradioClientError)
    assert "lines" in str(outcome)


def test_a_playlist_without_end_ends(victim: Victim) -> None:
    def endless(connection: Any, _: Any) -> None:
        connection.start_chunked("Content-Type: application/vnd.apple.mpegurl")
        for at in itertools.count():
            connection.chunk(f"#EXTINF:1,\n{at}.aac\n".encode() * 1000)

    streaming(victim, endless)
    with Peak() as peak:
        outcome = victim.calls(httpx_kwargs={"timeout": 2.0})
    assert isinstance(outcome, GradioClientError | str)
    assert peak.grown < 256 * MIB
