from __future__ import annotations

import asyncio
import gzip
import threading
import time
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from core.collecting import collect_within_a_post
from core.fake_app import completed, generating, replying
from files.conftest import remote
from gradio_client_contract_tests.server import until

from gradio_client import AsyncClient, AsyncRemoteFile, Client, Downloads, RemoteFile, handle_file
from gradio_client.exceptions import ClientClosedError, DownloadError, FileTooLargeError
from gradio_client.utils import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.conftest import Connect
    from core.fake_app import FakeApp
    from gradio_client_contract_tests.server import Connection, Seen

pytestmark = pytest.mark.usefixtures("_content")


@pytest.fixture
def _content(app: FakeApp) -> None:
    app.route("file=/tmp/x.bin", replying(b"content"))
    app.route("file=/tmp/y.bin", replying(b"other"))


def yielding(app: FakeApp) -> None:
    """Two outputs, and the second again as the result."""
    app.on_join = lambda event, _: [
        generating(event, remote("/tmp/x.bin")),
        generating(event, [["replace", ["path"], "/tmp/y.bin"]]),
        completed(event, remote("/tmp/y.bin")),
    ]


def asked(app: FakeApp) -> list[str]:
    return [seen.target.rpartition("/")[2] for seen in app.requests if "file=" in seen.target]


def test_all_outputs_are_downloaded_by_default(app: FakeApp, connect: Connect, tmp_path: Path) -> None:
    yielding(app)
    job = connect(download_files=Downloads(tmp_path)).submit(1, api_name="/echo")
    assert [Path(path).read_bytes() for path in job] == [b"content", b"other"]
    assert asked(app) == ["x.bin", "y.bin"]


def test_a_file_that_outputs_name_again_is_downloaded_once(
    app: FakeApp, connect: Connect, tmp_path: Path
) -> None:
    app.on_join = lambda event, _: [
        generating(event, [remote("/tmp/x.bin"), "a"]),
        *[generating(event, [["append", [1], "a"]])] * 9,
        completed(event, [remote("/tmp/x.bin"), "a" * 10, remote("/tmp/y.bin")]),
    ]
    job = connect(download_files=Downloads(tmp_path, max_files=2)).submit(1, api_name="/echo")
    assert [Path(path).read_bytes() for path, _ in list(job)] == [b"content"] * 10
    assert [Path(job.result()[at]).read_bytes() for at in (0, 2)] == [b"content", b"other"]
    assert asked(app) == ["x.bin", "y.bin"]


def test_a_file_that_was_moved_away_is_downloaded_again(
    app: FakeApp, connect: Connect, tmp_path: Path
) -> None:
    app.on_join = lambda event, _: [generating(event, remote("/tmp/x.bin"))]
    job = connect(download_files=Downloads(tmp_path)).submit(1, api_name="/echo")
    Path(next(job)).rename(tmp_path / "mine")
    app.say(completed("e1", remote("/tmp/x.bin")))
    assert Path(job.result()).read_bytes() == b"content"


def test_only_the_results_files_are_downloaded(app: FakeApp, connect: Connect, tmp_path: Path) -> None:
    yielding(app)
    job = connect(download_files=Downloads(tmp_path, when="final")).submit(1, api_name="/echo")
    outputs = list(job)
    assert Path(job.result()).read_bytes() == b"other"
    assert asked(app) == ["y.bin"]
    assert [output.read() for output in outputs] == [b"content", b"other"]


def test_nothing_is_downloaded_until_it_is_asked_for(app: FakeApp, connect: Connect, tmp_path: Path) -> None:
    yielding(app)
    file = connect(download_files=Downloads(tmp_path, when="lazy")).predict(1, api_name="/echo")
    assert isinstance(file, RemoteFile)
    assert asked(app) == []
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def lazy(app: FakeApp, connect: Connect, returns: Callable[[Any], None], tmp_path: Path) -> RemoteFile:
    returns([remote("/tmp/x.bin", size=7, mime_type="text/odd")])
    (file,) = connect(download_files=Downloads(tmp_path / "down", when="lazy")).predict(1, api_name="/echo")
    assert isinstance(file, RemoteFile)
    return file


def test_a_remote_file_tells_what_it_is(lazy: RemoteFile, app: FakeApp) -> None:
    assert (lazy.name, lazy.size, lazy.mime_type, lazy.is_stream) == ("x.bin", 7, "text/odd", False)
    assert lazy.url == f"{app.url}{app.prefix}/file=/tmp/x.bin"
    assert repr(lazy) == "<RemoteFile 'x.bin'>"


def test_a_remote_file_is_a_path_once_it_is_fetched(lazy: RemoteFile, app: FakeApp, tmp_path: Path) -> None:
    lazy.save(tmp_path / "elsewhere")  # the caller's copy, which may be changed
    with pytest.raises(ValueError, match=r"not been downloaded yet; call its fetch\(\)\.$"):
        open(lazy)  # noqa: PTH123, SIM115 - what programs do with paths
    path = lazy.fetch()
    assert Path(lazy) == path
    assert path.is_relative_to((tmp_path / "down").resolve())
    assert path.read_bytes() == b"content"
    assert lazy.fetch() == path
    assert lazy.read() == b"content"
    assert handle_file(lazy)["orig_name"] == "x.bin"
    assert asked(app) == ["x.bin"] * 2


def test_a_remote_file_is_read_without_a_copy(lazy: RemoteFile, tmp_path: Path) -> None:
    assert lazy.read() == b"content"
    assert b"".join(lazy.stream()) == b"content"
    assert not (tmp_path / "down").exists()


def test_a_remote_file_is_saved_where_one_wants_it(lazy: RemoteFile, tmp_path: Path) -> None:
    assert lazy.save(tmp_path / "mine.txt") == tmp_path / "mine.txt"
    assert lazy.save(str(tmp_path)) == (tmp_path / "x.bin").resolve()
    assert (tmp_path / "mine.txt").read_bytes() == (tmp_path / "x.bin").read_bytes() == b"content"
    assert lazy.save() == lazy.fetch()


def test_saving_into_a_folder_that_is_missing_makes_it(lazy: RemoteFile, tmp_path: Path) -> None:
    assert lazy.save(tmp_path / "a" / "b" / "c.txt").read_bytes() == b"content"


def test_a_stream_that_nobody_finishes_leaves_its_connection(lazy: RemoteFile) -> None:
    pieces = lazy.stream()
    assert next(pieces) == b"content"
    pieces.close()  # type: ignore[attr-defined]  # a generator is an iterator that can be closed


def test_a_stream_may_be_collected_while_the_loop_waits_for_that_thread(
    app: FakeApp, connect: Connect, returns: Callable[[Any], None]
) -> None:
    returns(remote("/tmp/x.bin"))
    client = connect(download_files=Downloads(when="lazy"))
    pieces = client.predict(1, api_name="/echo").stream()
    assert next(pieces) == b"content"
    collect_within_a_post(client, pieces)


def test_a_remote_file_that_is_gone_is_a_typed_error(lazy: RemoteFile, app: FakeApp, tmp_path: Path) -> None:
    app.route("file=/tmp/x.bin", replying(b'{"detail":"File not allowed"}', "403 Forbidden"))
    for act in (lazy.fetch, lazy.read, lambda: lazy.save(tmp_path), lambda: list(lazy.stream())):
        with pytest.raises(DownloadError, match="does not give the file out") as caught:
            act()
        assert caught.value.status == 403
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("others", [False, True])
def test_a_remote_file_of_a_closed_client_is_a_typed_error(
    app: FakeApp, tmp_path: Path, *, others: bool
) -> None:
    app.on_join = lambda event, _: [completed(event, remote())]
    other = Client(app.url, verbose=False) if others else None
    with Client(app.url, verbose=False, download_files=Downloads(tmp_path, when="lazy")) as client:
        file = client.predict(1, api_name="/echo")
    for act in (file.fetch, file.read, file.save, lambda: list(file.stream())):
        with pytest.raises(ClientClosedError):
            act()
    if other:
        other.close()


def test_too_many_files_are_not_even_asked_for(
    app: FakeApp, connect: Connect, returns: Callable[[Any], None]
) -> None:
    returns([remote("/tmp/x.bin"), remote("/tmp/y.bin")])
    with pytest.raises(FileTooLargeError):
        connect(download_files=Downloads(max_files=1)).predict(1, api_name="/echo")
    assert asked(app) == []


def test_a_bomb_is_noticed_before_it_fills_the_memory(
    app: FakeApp, connect: Connect, returns: Callable[[Any], None], tmp_path: Path
) -> None:
    bomb = gzip.compress(bytes(64 << 20))
    app.route("file=/tmp/x.bin", replying(bomb, "200 OK", "Content-Encoding: gzip"))
    returns(remote())
    client = connect(download_files=Downloads(tmp_path, max_file_bytes=1 << 20))
    tracemalloc.start()
    with pytest.raises(FileTooLargeError):
        client.predict(1, api_name="/echo")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 24 << 20
    assert list(tmp_path.iterdir()) == []


def test_asynchronous_programs_await_theirs(app: FakeApp, tmp_path: Path) -> None:
    app.on_join = lambda event, _: [completed(event, remote())]

    async def use() -> None:
        downloads = Downloads(tmp_path, when="lazy")
        async with AsyncClient(app.url, download_files=downloads) as client:
            file = await client.predict(1, api_name="/echo")
            assert isinstance(file, AsyncRemoteFile)
            assert await file.read() == b"content"
            assert b"".join([piece async for piece in file.stream()]) == b"content"
            assert (await file.save(tmp_path / "a")).read_bytes() == b"content"
            assert await file.fetch() == Path(file)

    asyncio.run(use())


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        ({"max_file_bytes": 6}, "max_file_bytes"),
        ({"max_files": 1}, "max_files"),
        ({"max_total_bytes": 11}, "max_total_bytes"),
    ],
)
def test_what_is_over_a_limit_is_not_kept(
    app: FakeApp, connect: Connect, returns: Callable[[Any], None], tmp_path: Path, limits: Any, text: str
) -> None:
    returns([remote("/tmp/x.bin"), remote("/tmp/y.bin")])
    with pytest.raises(FileTooLargeError, match=text):
        connect(download_files=Downloads(tmp_path, **limits)).predict(1, api_name="/echo")
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("when", ["all", "lazy"])
def test_files_are_counted_before_anything_is_made_of_them(
    connect: Connect, returns: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch, when: Any
) -> None:
    made: list[Any] = []
    monkeypatch.setattr("gradio_client._files.transfer.Remote", lambda *given, **_: made.append(given))
    returns([remote("/tmp/x.bin"), remote("/tmp/y.bin")])
    with pytest.raises(FileTooLargeError, match="max_files"):
        connect(download_files=Downloads(max_files=1, when=when)).predict(1, api_name="/echo")
    assert made == []


@pytest.mark.parametrize("limits", [{"max_file_bytes": 7}, {"max_files": 2}, {"max_total_bytes": 12}])
def test_what_is_at_a_limit_is_kept(
    app: FakeApp, connect: Connect, returns: Callable[[Any], None], tmp_path: Path, limits: Any
) -> None:
    returns([remote("/tmp/x.bin"), remote("/tmp/y.bin")])
    assert len(connect(download_files=Downloads(tmp_path, **limits)).predict(1, api_name="/echo")) == 2


def test_a_limit_holds_for_what_does_not_say_how_long_it_is(
    app: FakeApp, connect: Connect, returns: Callable[[Any], None], tmp_path: Path
) -> None:
    def endless(connection: Connection, _: Seen) -> None:
        connection.start_chunked()
        while not app.server.over.is_set():
            connection.chunk(b"x" * 1000)

    app.route("file=/tmp/x.bin", endless)
    returns(remote())
    with pytest.raises(FileTooLargeError):
        connect(download_files=Downloads(tmp_path, max_file_bytes=5000)).predict(1, api_name="/echo")
    assert list(tmp_path.iterdir()) == []


def test_a_limit_holds_for_what_is_read_into_memory(lazy: RemoteFile, app: FakeApp, connect: Connect) -> None:
    app.on_join = lambda event, _: [completed(event, remote())]
    file = connect(download_files=Downloads(when="lazy", max_file_bytes=6)).predict(1, api_name="/echo")
    with pytest.raises(FileTooLargeError):
        file.read()


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that downloads go to when none is named."""
    monkeypatch.setattr("gradio_client._files.folder.DEFAULT_TEMP_DIR", str(tmp_path))
    return tmp_path


def test_files_are_removed_at_the_end_if_that_was_asked_for(
    connect: Connect, returns: Callable[[Any], None], temporary: Path
) -> None:
    returns(remote())
    kept = connect(download_files=Downloads())
    removing = connect(download_files=Downloads(remove_on_close=True))
    stays, goes = (Path(client.predict(1, api_name="/echo")) for client in (kept, removing))
    kept.close()
    removing.close()
    assert (stays.exists(), goes.exists()) == (True, False)
    assert list(temporary.iterdir()) == [stays.parent]


@pytest.mark.usefixtures("temporary")
def test_connections_are_closed_before_files_are_removed(
    app: FakeApp, connect: Connect, returns: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    returns(remote())
    client = connect(download_files=Downloads(remove_on_close=True))
    client.predict(1, api_name="/echo")
    closed: list[bool] = []

    def look(*args: object, **kwargs: object) -> None:
        closed.append(until(lambda: app.server.open == 0))

    with monkeypatch.context() as patched:
        patched.setattr("gradio_client._files.folder.shutil.rmtree", look)
        client.close()
    assert closed == [True]


def test_files_that_come_at_the_same_time_are_all_removed_at_the_end(
    app: FakeApp,
    connect: Connect,
    returns: Callable[[Any], None],
    temporary: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mkdir = Path.mkdir

    def slow(path: Path, *args: Any, **kwargs: Any) -> None:
        time.sleep(0.01)
        mkdir(path, *args, **kwargs)

    monkeypatch.setattr(Path, "mkdir", slow)
    app.otherwise = replying(b"content")
    returns([remote(f"/tmp/{number}.bin") for number in range(20)])
    client = connect(download_files=Downloads(remove_on_close=True))
    paths = [Path(path) for path in client.predict(1, api_name="/echo")]
    assert len({path.parent for path in paths}) == 1  # by their content
    client.close()
    assert list(temporary.iterdir()) == []


def test_a_job_is_not_finished_while_its_files_are_on_their_way(
    app: FakeApp, connect: Connect, returns: Callable[[Any], None]
) -> None:
    asked_for, go_on = threading.Event(), threading.Event()

    def slow(connection: Connection, _: Seen) -> None:
        asked_for.set()
        go_on.wait(10)
        connection.reply(b"content")

    app.route("file=/tmp/x.bin", slow)
    returns(remote())
    job = connect().submit(1, api_name="/echo")
    assert asked_for.wait(10)
    assert job.status().code is not Status.FINISHED
    go_on.set()
    job.result()
    assert job.status().code is Status.FINISHED


def test_a_cancelled_job_downloads_nothing_more(
    app: FakeApp, connect: Connect, returns: Callable[[Any], None], tmp_path: Path
) -> None:
    begun, gone = threading.Event(), threading.Event()

    def slow(connection: Connection, _: Seen) -> None:
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegin")
        begun.set()
        if connection.wait_until_gone():
            gone.set()

    app.route("file=/tmp/x.bin", slow)
    returns(remote())
    job = connect(download_files=tmp_path).submit(1, api_name="/echo")
    assert begun.wait(10)
    job.cancel()
    assert gone.wait(10)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"when": "never"}, ValueError),
        ({"folder": 5}, TypeError),
        ({"max_files": -1}, ValueError),
        ({"max_files": 1.5}, TypeError),
        ({"max_file_bytes": True}, TypeError),
        ({"max_total_bytes": "1 GB"}, TypeError),
        ({"folder": "x", "remove_on_close": True}, ValueError),
    ],
)
def test_a_policy_that_makes_no_sense_is_an_error_at_once(wrong: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=rf"{next(reversed(wrong))}(=| must be)"):
        Downloads(**wrong)
