from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_client.domain.bounds import LINES, SEGMENTS
from gradio_client.domain.errors import DownloadError
from gradio_client.domain.playlists import is_playlist, parse_playlist, whole_file_url

URL = "https://h/sub/gradio_api/stream/s/r/1/playlist.m3u8"


def test_segments_are_beside_their_playlist() -> None:
    text = "#EXTM3U\r\n#EXT-X-TARGETDURATION:7\r\n#EXTINF:1,\r\na.ts\r\n#EXTINF:1,\r\nb.ts?__sign=x\r\n"
    found = parse_playlist(text, URL + "?__sign=x")
    folder = URL.rpartition("/")[0]
    assert tuple(found.addresses()) == (f"{folder}/a.ts", f"{folder}/b.ts?__sign=x")
    assert (found.number, found.ended, found.target) == (2, False, 7)


@pytest.mark.parametrize(
    "line", ["a.ts", "./a.ts", "/sub/gradio_api/stream/s/r/1/a.ts", URL.replace("playlist.m3u8", "a.ts")]
)
def test_a_segment_may_be_named_in_each_way_that_leads_beside_it(line: str) -> None:
    assert tuple(parse_playlist(f"#EXTM3U\n{line}\n", URL).names) == ("a.ts",)


@pytest.mark.parametrize(
    ("line", "address"),
    [
        ("\xe9\u65e5.aac", "%C3%A9%E6%97%A5.aac"),
        ('a<b>"{}|^`.aac', "a%3Cb%3E%22%7B%7D%7C%5E%60.aac"),
        ("100%.aac", "100%25.aac"),
        ("a%20b.aac?x=\xe9", "a%20b.aac?x=%C3%A9"),
        ("a.aac#part", "a.aac"),
    ],
)
def test_an_address_has_nothing_that_no_url_has(line: str, address: str) -> None:
    (made,) = parse_playlist(f"#EXTM3U\n{line}\n", URL).addresses()
    assert made == f"{URL.rpartition('/')[0]}/{address}"


def test_a_playlist_may_begin_with_a_mark_of_its_byte_order() -> None:
    text = "\ufeff#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\na.ts\n"
    assert parse_playlist(text, URL).names == ("a.ts",)


def test_only_segments_that_are_new_are_looked_at() -> None:
    found = parse_playlist("#EXTM3U\n../elsewhere\nb.ts\n", URL, 1)
    assert (found.names, found.number) == (("b.ts",), 2)


def test_a_playlist_of_too_many_segments_is_an_error() -> None:
    most = parse_playlist("#EXTM3U\n" + "a\n" * SEGMENTS, URL)
    assert most.number == SEGMENTS
    with pytest.raises(DownloadError, match=f"more than {SEGMENTS} segments"):
        parse_playlist("#EXTM3U\n" + "a\n" * (SEGMENTS + 1), URL)


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_a_playlist_of_too_many_lines_is_an_error(end: str) -> None:
    with pytest.raises(DownloadError, match=f"more than {LINES} lines"):
        parse_playlist("#EXTM3U" + end * (LINES + 1), URL)


def test_a_playlist_says_when_it_has_ended() -> None:
    assert parse_playlist("#EXTM3U\n#EXT-X-ENDLIST\n", URL).ended


def test_the_whole_has_an_address_of_its_own() -> None:
    assert whole_file_url(URL) == "https://h/sub/gradio_api/stream/s/r/1/playlist-file"
    assert (
        whole_file_url(f"{URL}?__sign=a/b")
        == "https://h/sub/gradio_api/stream/s/r/1/playlist-file?__sign=a/b"
    )


@pytest.mark.parametrize(
    ("url", "expected"), [(URL, True), (f"{URL}?__sign=x", True), ("https://h/stream/s/1/2", False)]
)
def test_older_servers_have_no_playlists(url: str, *, expected: bool) -> None:
    assert is_playlist(url) is expected


@given(st.text(max_size=60))
def test_whatever_a_line_says_it_leads_nowhere_else(line: str) -> None:
    try:
        found = parse_playlist(f"#EXTM3U\n{line}\n", URL)
    except DownloadError:
        return
    for segment in found.addresses():
        assert segment.startswith(URL.rpartition("/")[0] + "/")
        assert ".." not in segment.partition("?")[0].split("/")
