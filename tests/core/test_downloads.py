from __future__ import annotations

import gzip
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import FakeApp, completed, generating, replying, sse, streaming
from gradio_client_contract_tests.server import hostile_server, until

from gradio_client.domain.events import Progressed
from gradio_client.exceptions import ConnectionLost, DownloadError, GradioClientError, ServerError

if TYPE_CHECKING:
    from core.conftest import Connect
    from gradio_client_contract_tests.server import Connection, Seen

    from gradio_client import Client

META = {"_type": "gradio.FileData"}


def remote(path: str = "/tmp/x.txt", **more: Any) -> dict[str, Any]:
    return {"path": path, "meta": META, **more}


def returning(app: FakeApp, value: Any) -> None:
    app.on_join = lambda event, _: [completed(event, value)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "made" / "when needed"


@pytest.fixture
def saving(connect: Connect, folder: Path) -> Client:
    return connect(download_files=folder)


def left_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_is_saved_under_its_name(saving: Client, app: FakeApp, folder: Path) -> None:
    app.route("file=/tmp/x.txt", replying(b"content"))
    returning(app, remote())
    path = Path(saving.predict(1, api_name="/echo"))
    assert (path.name, path.read_bytes()) == ("x.txt", b"content")
    assert path.is_relative_to(folder.resolve())


def test_files_are_found_at_any_depth(saving: Client, app: FakeApp) -> None:
    app.route("file=/tmp/x.txt", replying(b"content"))
    returning(app, {"a": [remote(), "text", {"b": remote()}], "c": None})
    found = saving.predict(1, api_name="/echo")
    assert found == {"a": [found["a"][0], "text", {"b": found["a"][0]}], "c": None}
    assert len(app.seen("file=/tmp/x.txt")) == 1


def test_without_downloads_file_objects_are_handed_out(app: FakeApp, connect: Connect) -> None:
    returning(app, remote(url="http://h/x"))
    assert connect(download_files=False).predict(1, api_name="/echo") == remote(url="http://h/x")


def test_an_object_without_the_mark_is_no_file(saving: Client, app: FakeApp) -> None:
    returning(app, {"path": "/tmp/x.txt"})
    assert saving.predict(1, api_name="/echo") == {"path": "/tmp/x.txt"}


@pytest.mark.parametrize("path", ["/tmp/a\\..\\b.txt", "/tmp/../../etc/passwd", "..", "/x/.."])
def test_a_path_that_climbs_is_not_fetched(saving: Client, app: FakeApp, folder: Path, path: str) -> None:
    returning(app, remote(path))
    with pytest.raises(DownloadError):
        saving.predict(1, api_name="/echo")
    assert left_in(folder) == []


@pytest.mark.parametrize("status", ["403 Forbidden", "404 Not Found", "500 Broken", "206 Part", "204 None"])
def test_anything_but_the_whole_file_fails_the_job(
    saving: Client, app: FakeApp, folder: Path, status: str
) -> None:
    app.route("file=/tmp/x.txt", replying(b"", status))
    returning(app, remote())
    with pytest.raises(DownloadError):
        saving.predict(1, api_name="/echo")
    assert left_in(folder) == []


def test_a_download_that_is_cut_leaves_no_file(saving: Client, app: FakeApp, folder: Path) -> None:
    def cut(connection: Connection, _: Seen) -> None:
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        connection.reset()

    app.route("file=/tmp/x.txt", cut)
    returning(app, remote())
    with pytest.raises(ConnectionLost):
        saving.predict(1, api_name="/echo")
    assert left_in(folder) == []


def test_one_failed_download_fails_the_job_and_leaves_no_part(
    saving: Client, app: FakeApp, folder: Path
) -> None:
    app.route("file=/tmp/x.txt", replying(b"content"))
    returning(app, [remote(), remote("/tmp/missing.txt")])
    with pytest.raises(DownloadError):
        saving.predict(1, api_name="/echo")
    assert not list(folder.rglob("*.part"))


def test_the_next_call_works_after_a_failed_download(saving: Client, app: FakeApp) -> None:
    returning(app, remote("/tmp/missing.txt"))
    with pytest.raises(DownloadError):
        saving.predict(1, api_name="/echo")
    returning(app, "fine")
    assert saving.predict(1, api_name="/echo") == "fine"


def test_a_download_is_asked_for_as_it_is(saving: Client, app: FakeApp) -> None:
    app.route("file=/tmp/x.txt", replying(b"content"))
    returning(app, remote())
    saving.predict(1, api_name="/echo")
    assert app.seen("file=/tmp/x.txt")[0].header("Accept-Encoding") == ["identity"]


def test_a_download_that_comes_compressed_all_the_same_is_decoded(saving: Client, app: FakeApp) -> None:
    app.route("file=/tmp/x.txt", replying(gzip.compress(b"content"), "200 OK", "Content-Encoding: gzip"))
    returning(app, remote())
    assert Path(saving.predict(1, api_name="/echo")).read_bytes() == b"content"


@pytest.mark.parametrize("coding", ["br", "zstd"])
def test_a_coding_that_was_not_asked_for_fails_the_job(saving: Client, app: FakeApp, coding: str) -> None:
    app.route("file=/tmp/x.txt", replying(b"x", "200 OK", f"Content-Encoding: {coding}"))
    returning(app, remote())
    with pytest.raises(ServerError, match=coding):
        saving.predict(1, api_name="/echo")


def test_a_file_elsewhere_is_fetched_without_credentials(app: FakeApp, connect: Connect) -> None:
    with hostile_server() as elsewhere:
        elsewhere.serve(lambda connection: replying(b"theirs")(connection, connection.read_request()))
        returning(app, remote(f"{elsewhere.url}/y.txt", url=f"{elsewhere.url}/y.txt"))
        client = connect(
            token="secret-token",
            headers={"X-Mine": "secret-header"},
            httpx_kwargs={"cookies": {"session": "secret-cookie"}, "params": {"key": "secret-key"}},
        )
        assert Path(client.predict(1, api_name="/echo")).read_bytes() == b"theirs"
        (seen,) = elsewhere.seen
        assert "secret" not in repr(seen)
        assert seen.header("Accept-Encoding") == ["identity"]


def test_an_external_url_in_a_file_of_the_app_is_not_asked(saving: Client, app: FakeApp) -> None:
    app.route("file=/tmp/x.txt", replying(b"ours"))
    with hostile_server() as elsewhere:
        returning(app, remote(url=f"{elsewhere.url}/x.txt"))
        assert Path(saving.predict(1, api_name="/echo")).read_bytes() == b"ours"
        assert elsewhere.seen == []


def test_a_download_may_be_redirected_elsewhere_and_leaves_credentials_behind(
    app: FakeApp, connect: Connect
) -> None:
    with hostile_server() as elsewhere:
        elsewhere.serve(lambda connection: replying(b"theirs")(connection, connection.read_request()))
        app.route("file=/tmp/x.txt", replying(b"", "302 Found", f"Location: {elsewhere.url}/y"))
        returning(app, remote())
        client = connect(token="secret-token", headers={"X-Mine": "secret-header"})
        assert Path(client.predict(1, api_name="/echo")).read_bytes() == b"theirs"
        assert "secret" not in repr(elsewhere.seen)


def test_an_empty_file_is_a_file(saving: Client, app: FakeApp) -> None:
    app.route("file=/tmp/x.txt", replying(b""))
    returning(app, remote())
    assert Path(saving.predict(1, api_name="/echo")).read_bytes() == b""


def test_two_files_of_one_name_do_not_overwrite_each_other(saving: Client, app: FakeApp) -> None:
    app.route("file=/tmp/a/x.txt", replying(b"a"))
    app.route("file=/tmp/b/x.txt", replying(b"b"))
    returning(app, [remote("/tmp/a/x.txt"), remote("/tmp/b/x.txt")])
    assert [Path(path).read_bytes() for path in saving.predict(1, api_name="/echo")] == [b"a", b"b"]


def test_files_of_a_generator_keep_the_order_of_its_values(saving: Client, app: FakeApp) -> None:
    app.route("file=/tmp/x.txt", replying(b"content"))
    app.on_join = lambda event, _: [
        generating(event, remote()),
        generating(event, [["replace", [], "text"]]),
        completed(event, "text"),
    ]
    job = saving.submit(1, api_name="/echo")
    assert job.result() == "text"
    assert [Path(str(value)).name for value in job.outputs()] == ["x.txt", "text"]


def test_a_file_that_is_on_its_way_when_the_stream_is_cut_is_handed_out(saving: Client, app: FakeApp) -> None:
    going_on = threading.Event()

    def slow(connection: Connection, _: Seen) -> None:
        assert going_on.wait(10)
        connection.reply(b"content")

    app.route("file=/tmp/x.txt", slow)
    app.on_join = lambda event, _: []
    app.route("queue/data", streaming(sse(generating("e1", remote())), ends=False))
    job = saving.submit(1, api_name="/echo")
    session = saving._engine.main.session
    assert until(lambda: app.seen("file=/tmp/x.txt") and session.maybe_restarted)
    going_on.set()
    assert isinstance(job.exception(10), ConnectionLost)
    assert [Path(str(path)).read_bytes() for path in job.outputs()] == [b"content"]


def test_of_progress_that_waits_for_a_file_only_the_latest_is_kept(saving: Client, app: FakeApp) -> None:
    going_on = threading.Event()

    def slow(connection: Connection, _: Seen) -> None:
        assert going_on.wait(10)
        connection.reply(b"content")

    app.route("file=/tmp/x.txt", slow)
    progress = {"msg": "progress", "event_id": "e1", "progress_data": [{"index": 1, "length": 2}]}
    latest = progress | {"progress_data": [{"index": 2, "length": 2}]}
    app.on_join = lambda event, _: [
        generating(event, remote()),
        *[progress] * 50,
        latest,
        completed(event, "b"),
    ]
    job = saving.submit(1, api_name="/echo")
    assert until(lambda: job._run is not None and len(job._run._backlog) == 2)
    going_on.set()
    assert job.result(10) == "b"
    kinds = [event for event in job.events() if isinstance(event, Progressed)]
    assert [event.units[0].index for event in kinds] == [2]


def test_a_value_that_nests_deeply_beside_a_file_does_no_harm(saving: Client, app: FakeApp) -> None:
    app.route("file=/tmp/x.txt", replying(b"content"))
    deep = b"[" * 250 + b"]" * 250
    text = b'data: {"msg":"process_generating","event_id":"e1","output":{"data":[[%s,{"path":"/tmp/x.txt",'
    text += b'"meta":{"_type":"gradio.FileData"}}]]},"success":true}\n\n'
    app.on_join = lambda event, _: [text % deep, completed(event, "done")]  # type: ignore[list-item]
    job = saving.submit(1, api_name="/echo")
    assert job.exception(timeout=10) is None


def test_a_full_disk_fails_the_job(app: FakeApp, connect: Connect, tmp_path: Path) -> None:
    client = connect(download_files=tmp_path / "folder")
    (tmp_path / "folder").write_text("a file where the folder should be")
    app.route("file=/tmp/x.txt", replying(b"content"))
    returning(app, remote())
    with pytest.raises(OSError, match="folder"):
        client.predict(1, api_name="/echo")


@pytest.mark.parametrize("path", ["/tmp/x y#z?%41.txt", "/tmp/ü€.txt"])
def test_any_path_of_the_server_is_asked_for_percent_encoded(saving: Client, app: FakeApp, path: str) -> None:
    returning(app, remote(path))
    with pytest.raises(GradioClientError):
        saving.predict(1, api_name="/echo")
    target = next(seen.target for seen in app.server.seen if "file=" in seen.target)
    assert target.isascii()
    assert not set(" #?") & set(target)
