from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import completed, generating, reply_json, replying
from files.conftest import CutFile

from gradio_client import Client, Downloads, RemoteFile
from gradio_client._files import media
from gradio_client.exceptions import DeadlineError, DownloadError, FileTooLargeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Gradio
    from core.conftest import Connect
    from core.fake_app import FakeApp, Route
    from gradio_client_contract_tests.server import Connection, Seen

HEAD = "#EXTM3U\n#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-TARGETDURATION:1\n#EXT-X-VERSION:4\n"
END = "#EXT-X-ENDLIST\n"
FOLDER = "stream/session/run/1"


def streamed(app: FakeApp, url: str | None = None) -> dict[str, Any]:
    path = "session/run/1/playlist.m3u8"
    found = {"path": path, "is_stream": True, "orig_name": "audio-stream.mp3"}
    return found | {
        "url": url or f"{app.url}{app.prefix}/stream/{path}",
        "meta": {"_type": "gradio.FileData"},
    }


def playlist(*segments: str, end: str = END) -> bytes:
    return (HEAD + "".join(f"#EXTINF:0.5,\n{segment}\n" for segment in segments) + end).encode()


@pytest.fixture(autouse=True)
def _streams(app: FakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """An app that streams two segments and returns them, and that has no ffmpeg."""
    monkeypatch.setattr(media, "PAUSES", (0.001, 0.01))
    app.route(f"{FOLDER}/playlist.m3u8", replying(playlist("a.aac", "b.aac")))
    app.route(f"{FOLDER}/playlist-file", replying(b"Internal Server Error", "500 Broken"))
    app.route(f"{FOLDER}/a.aac", replying(b"one"))
    app.route(f"{FOLDER}/b.aac", replying(b"two"))
    app.on_join = lambda event, _: [
        generating(event, streamed(app)),
        completed(event, streamed(app)),
    ]


@pytest.fixture
def lazy(connect: Connect) -> RemoteFile:
    file = connect(download_files=Downloads(when="lazy")).predict(1, api_name="/echo")
    assert isinstance(file, RemoteFile)
    return file


def test_a_stream_ends_as_one_file_of_its_segments(app: FakeApp, connect: Connect) -> None:
    path = Path(connect().predict(1, api_name="/echo"))
    assert (path.name, path.read_bytes()) == ("audio-stream.aac", b"onetwo")


def test_a_stream_that_the_server_can_join_is_taken_joined(app: FakeApp, connect: Connect) -> None:
    app.route(f"{FOLDER}/playlist-file", replying(b"joined"))
    path = Path(connect().predict(1, api_name="/echo"))
    assert (path.name, path.read_bytes()) == ("audio-stream.mp3", b"joined")
    assert app.seen(f"{FOLDER}/a.aac") == []


def test_the_joined_file_is_asked_for_when_the_stream_has_ended(app: FakeApp, connect: Connect) -> None:
    # A server joins what there is at the first request, and gives out the same ever after.
    versions = iter([playlist(end=""), playlist("a.aac", end=""), playlist("a.aac", "b.aac")])
    told: list[str] = []

    def play(connection: Connection, _: Seen) -> None:
        told.append("playlist")
        connection.reply(next(versions))

    def joined(connection: Connection, _: Seen) -> None:
        told.append("joined")
        connection.reply(b"joined")

    app.route(f"{FOLDER}/playlist.m3u8", play)
    app.route(f"{FOLDER}/playlist-file", joined)
    connect().predict(1, api_name="/echo")
    assert told == ["playlist"] * 3 + ["joined"]


def test_while_it_is_made_a_stream_is_handed_out_to_be_followed(app: FakeApp, connect: Connect) -> None:
    job = connect().submit(1, api_name="/echo")
    first = next(job)
    assert isinstance(first, RemoteFile)
    assert first.is_stream
    assert Path(job.result()).read_bytes() == b"onetwo"


def test_segments_are_handed_out_as_soon_as_they_are_made(app: FakeApp, lazy: RemoteFile) -> None:
    made = ["a.aac"]
    app.route(
        f"{FOLDER}/playlist.m3u8",
        lambda connection, _: connection.reply(playlist(*made, end=END if len(made) > 1 else "")),
    )
    segments = lazy.stream()
    assert next(segments) == b"one"
    made.append("b.aac")
    assert list(segments) == [b"two"]


def test_a_stream_is_read_and_saved(lazy: RemoteFile, tmp_path: Path) -> None:
    assert lazy.read() == b"onetwo"
    assert lazy.save(tmp_path / "x.aac").read_bytes() == b"onetwo"
    assert lazy.save(tmp_path).name == "audio-stream.aac"


def test_a_stream_that_never_goes_on_is_given_up(
    app: FakeApp, lazy: RemoteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media, "SILENCE", 0.05)
    app.route(f"{FOLDER}/playlist.m3u8", replying(playlist("a.aac", end="")))
    with pytest.raises(DeadlineError, match="audio-stream"):
        lazy.read()


@pytest.mark.parametrize(
    "segment",
    [
        "http://127.0.0.1:1/a.aac",
        "//127.0.0.1:1/a.aac",
        "../a.aac",
        "/gradio_api/file=/etc/passwd",
        "sub/a.aac",
        "a\\..\\b.aac",
        "file:///etc/passwd",
        "http://[",
        "..",
    ],
)
def test_a_segment_that_is_not_beside_its_playlist_is_not_fetched(
    app: FakeApp, lazy: RemoteFile, segment: str
) -> None:
    app.route(f"{FOLDER}/playlist.m3u8", replying(playlist("a.aac", segment)))
    before = len(app.requests)
    with pytest.raises(DownloadError, match="not beside it"):
        lazy.read()
    assert all("playlist" in seen.target for seen in app.requests[before:])


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"<html>",
        b"a.aac\n",
        (HEAD + "#EXT-X-STREAM-INF:BANDWIDTH=1\nlow.m3u8\n").encode(),
        (HEAD + '#EXT-X-KEY:METHOD=AES-128,URI="k"\na.aac\n').encode(),
        (HEAD + "#EXTINF:1,\n#EXT-X-BYTERANGE:3@0\na.aac\n" + END).encode(),
        (HEAD + "#EXT-X-MEDIA-SEQUENCE:7\na.aac\n" + END).encode(),
    ],
)
def test_what_is_no_such_playlist_is_a_typed_error(app: FakeApp, lazy: RemoteFile, text: bytes) -> None:
    app.route(f"{FOLDER}/playlist.m3u8", replying(text))
    with pytest.raises(DownloadError):
        lazy.read()


def test_an_endless_playlist_is_not_read_to_its_end(
    app: FakeApp, lazy: RemoteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media, "PLAYLIST", 10_000)

    def endless(connection: Connection, _: Seen) -> None:
        connection.start_chunked()
        while not app.server.over.is_set():
            connection.chunk(b"#" * 1000)

    app.route(f"{FOLDER}/playlist.m3u8", endless)
    with pytest.raises(DownloadError, match="longer than"):
        lazy.read()


def test_a_segment_is_held_in_memory_only_where_it_is_handed_out_whole(
    app: FakeApp, lazy: RemoteFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media, "SEGMENT", 2)
    assert lazy.save(tmp_path / "x.aac").read_bytes() == b"onetwo"
    with pytest.raises(DownloadError, match="longer than 2 bytes"):
        next(lazy.stream())


def test_streams_keep_to_the_limits(app: FakeApp, connect: Connect, tmp_path: Path) -> None:
    app.route(f"{FOLDER}/a.aac", replying(bytes(5000)))
    with pytest.raises(FileTooLargeError):
        connect(download_files=Downloads(tmp_path, max_file_bytes=4000)).predict(1, api_name="/echo")
    assert list(tmp_path.iterdir()) == []


def test_a_playlist_that_is_read_again_and_again_counts_for_nothing(
    app: FakeApp, connect: Connect, tmp_path: Path
) -> None:
    looks = itertools.count(1)

    def grows(connection: Connection, _: Seen) -> None:
        ended = next(looks) > 20
        connection.reply(playlist(*(["a.aac", "b.aac"] if ended else ["a.aac"]), end=END if ended else ""))

    app.route(f"{FOLDER}/playlist.m3u8", grows)
    limits = Downloads(tmp_path, when="final", max_total_bytes=6)
    assert Path(connect(download_files=limits).predict(1, api_name="/echo")).read_bytes() == b"onetwo"


@pytest.mark.parametrize("when", ["all", "lazy"])
def test_segments_keep_to_the_limit_of_a_file_together(
    app: FakeApp, connect: Connect, tmp_path: Path, when: Any
) -> None:
    for name in ("a", "b"):
        app.route(f"{FOLDER}/{name}.aac", replying(bytes(3000)))
    client = connect(download_files=Downloads(tmp_path, when=when, max_file_bytes=4000))
    with pytest.raises(FileTooLargeError, match="max_file_bytes"):
        client.predict(1, api_name="/echo").read()
    assert list(tmp_path.iterdir()) == []


def test_segments_at_the_limit_of_a_file_are_kept(app: FakeApp, connect: Connect, tmp_path: Path) -> None:
    for name in ("a", "b"):
        app.route(f"{FOLDER}/{name}.aac", replying(bytes(2000)))
    client = connect(download_files=Downloads(tmp_path, max_file_bytes=4000))
    assert Path(client.predict(1, api_name="/echo")).stat().st_size == 4000


def test_a_joined_file_that_breaks_off_is_not_counted(app: FakeApp, connect: Connect, tmp_path: Path) -> None:
    answers: Iterator[Route] = iter([CutFile(bytes(10_000), 9_000), replying(b"", "404 Not Found")])

    def breaking_off(connection: Connection, seen: Seen) -> None:
        next(answers)(connection, seen)

    app.route(f"{FOLDER}/playlist-file", breaking_off)
    app.route(f"{FOLDER}/a.aac", replying(bytes(5_000)))
    client = connect(download_files=Downloads(tmp_path, max_total_bytes=12_000))
    assert Path(client.predict(1, api_name="/echo")).stat().st_size == 5_003


def test_a_stream_that_is_gone_is_a_typed_error(app: FakeApp, connect: Connect) -> None:
    app.route(f"{FOLDER}/playlist.m3u8", lambda c, _: reply_json(c, {"detail": "gone"}, "404 Not Found"))
    with pytest.raises(DownloadError, match="404"):
        connect().predict(1, api_name="/echo")


def test_a_stream_of_older_servers_is_what_comes(app: FakeApp, connect: Connect) -> None:
    app.route("stream/session/1/1", replying(b"bytes"))
    value = streamed(app, f"{app.url}{app.prefix}/stream/session/1/1") | {"orig_name": None}
    app.on_join = lambda event, _: [completed(event, value)]
    path = Path(connect().predict(1, api_name="/echo"))
    assert (path.name, path.read_bytes()) == ("stream", b"bytes")


FRAMES = 22 * 3  # that the app makes for three pieces
FRAME = bytes.fromhex("fff15040017ffc00c80080")


@pytest.mark.parametrize("version", ["6.31.0", pytest.param("5.50.0", marks=pytest.mark.long), "4.44.1"])
def test_streams_of_real_servers_end_as_one_playable_file(
    gradio: Gradio, version: str, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    if version not in pytestconfig.getoption("--gradio"):
        pytest.skip("not among the versions of --gradio")
    with Client(gradio(version, "media").url, verbose=False, download_files=tmp_path) as client:
        job = client.submit(3, 0.05, api_name="/speak")
        live = next(job)
        assert isinstance(live, RemoteFile)
        assert live.is_stream
        path = Path(job.result())
    assert path.read_bytes() == FRAME * FRAMES  # whole frames, each with its header, in order


@pytest.mark.parametrize("version", ["6.31.0", "4.44.1"])
def test_segments_of_real_servers_come_while_the_job_runs(
    gradio: Gradio, version: str, pytestconfig: pytest.Config
) -> None:
    if version not in pytestconfig.getoption("--gradio"):
        pytest.skip("not among the versions of --gradio")
    with Client(gradio(version, "media").url, verbose=False, download_files=Downloads(when="lazy")) as client:
        job = client.submit(4, 0.4, api_name="/speak")
        segments = next(job).stream()
        seen = next(segments)
        assert not job.done()
        while len(seen) < len(FRAME) * 22 * 4:  # older servers leave the end open
            seen += next(segments)
    assert seen == FRAME * 22 * 4
