from __future__ import annotations

import io
import itertools
import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from core.conftest import WAIT
from core.fake_app import completed, replying, replying_json
from files.conftest import META, parts, sent

from gradio_client import Downloads, handle_file
from gradio_client._files import uploads
from gradio_client.exceptions import AuthenticationError, DownloadError, FileTooLargeError, ServerError

if TYPE_CHECKING:
    from pathlib import Path

    from core.conftest import Connect
    from core.fake_app import FakeApp
    from gradio_client_contract_tests.server import Connection, Seen

    from gradio_client import Client


@pytest.fixture(autouse=True)
def _app_answers_with_text(app: FakeApp) -> None:
    app.on_join = lambda event, _: [completed(event, "done")]


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", "a\0"])
def test_a_name_that_is_none_is_a_value_error(name: str) -> None:
    with pytest.raises(ValueError, match="name="):
        handle_file(b"x", name=name)


def test_a_name_is_text() -> None:
    with pytest.raises(TypeError, match="name="):
        handle_file(b"x", name=b"a")  # type: ignore[arg-type]  # the mistake in question


def test_a_path_and_a_url_can_have_another_name(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    assert handle_file(tmp_path / "a", name="b.txt")["orig_name"] == "b.txt"
    assert handle_file("https://h/x", name="b.txt")["orig_name"] == "b.txt"


def test_small_files_go_together_and_each_gets_its_own_place(client: Client, app: FakeApp) -> None:
    files = [handle_file(b"%d" % at, name=f"{at}.txt") for at in range(250)]
    client.predict(files, api_name="/echo")
    assert sorted(len(parts(seen)) for seen in app.seen("upload")) == [50, 100, 100]
    (value,) = app.bodies[0]["data"]
    assert [file["path"].rpartition("/")[2] for file in value] == [f"{at}.txt" for at in range(250)]


def test_large_files_go_each_by_itself(client: Client, app: FakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "BATCH_BYTES", 10)
    sizes = (3, 12, 4, 3, 10)
    client.predict([handle_file(b"x" * size, name=f"{size}") for size in sizes], api_name="/echo")
    assert sorted(sorted(len(body) for _, body in parts(seen)) for seen in app.seen("upload")) == [
        [3, 3, 4],
        [10],
        [12],
    ]


def test_files_that_are_too_much_together_go_one_by_one(client: Client, app: FakeApp) -> None:
    def upload(connection: Connection, seen: Seen) -> None:
        if len(parts(seen)) > 1:
            connection.reply(b"<html>too much</html>", "413 Too Large")
        else:
            app.upload(connection, seen)

    app.route("upload", upload)
    client.predict([handle_file(b"1", name="a"), handle_file(b"2", name="b")], api_name="/echo")
    (value,) = app.bodies[0]["data"]
    assert [file["orig_name"] for file in value] == ["a", "b"]


def test_a_file_that_is_too_much_alone_is_a_typed_error(client: Client, app: FakeApp) -> None:
    app.route("upload", replying(b"File size exceeded", "413 Too Large"))
    with pytest.raises(FileTooLargeError, match="File size exceeded"):
        client.predict([handle_file(b"1", name="a"), handle_file(b"2", name="b")], api_name="/echo")
    assert app.bodies == []


@pytest.mark.parametrize("given", [b"1234", io.BytesIO(b"1234")])
def test_what_is_in_memory_is_measured_too(app: FakeApp, connect: Connect, given: Any) -> None:
    app.config["max_file_size"] = 3
    with pytest.raises(FileTooLargeError, match="4 bytes; the app takes at most 3"):
        connect().predict([handle_file(b"ok"), handle_file(given)], api_name="/echo")
    assert app.seen("upload") == []


def test_requests_side_by_side_are_no_more_than_max_workers(
    app: FakeApp, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "BATCH_BYTES", 0)
    now, most = itertools.count(), [0]
    under_way: set[int] = set()

    def upload(connection: Connection, seen: Seen) -> None:
        number = next(now)
        under_way.add(number)
        most[0] = max(most[0], len(under_way))
        app.server.over.wait(0.02)
        under_way.discard(number)
        app.upload(connection, seen)

    app.route("upload", upload)
    client = connect(max_workers=3)
    client.predict([handle_file(b"x", name=f"{at}") for at in range(12)], api_name="/echo")
    assert 1 < most[0] <= 3


def test_a_file_of_the_apps_own_is_fetched_and_uploaded_again(app: FakeApp, connect: Connect) -> None:
    app.route("file=/tmp/private.png", replying(b"content"))
    client = connect(token="hf_secret")
    url = f"{app.url}{app.prefix}/file=/tmp/private.png"
    client.predict({"a": handle_file(url)}, api_name="/echo")
    (asked,) = app.seen("file=/tmp/private.png")
    assert asked.header("X-HF-Authorization") == ["Bearer hf_secret"]
    assert sent(app) == [("private.png", b"content")]
    assert app.bodies[0]["data"] == [
        {"a": {"path": "/tmp/gradio/1/private.png", "orig_name": "private.png", "meta": META}}
    ]


@pytest.mark.parametrize("root", ["https://pub.example.com/sub", "http://internal:7860"])
def test_a_file_of_the_apps_own_may_have_the_address_that_the_app_has_for_itself(
    app: FakeApp, connect: Connect, root: str
) -> None:
    app.config["root"] = root
    app.route("file=/tmp/private.png", replying(b"content"))
    connect().predict(handle_file(f"{root}{app.prefix}/file=/tmp/private.png"), api_name="/echo")
    assert sent(app) == [("private.png", b"content")]


@pytest.mark.parametrize(
    "url",
    ["https://pub.example.com{}/info", "https://pub.example.com.evil{}/file=a", "https://other{}/file=a"],
)
def test_what_is_at_the_address_that_the_app_has_for_itself_is_not_all_its_files(
    app: FakeApp, connect: Connect, url: str
) -> None:
    app.config["root"] = "https://pub.example.com"
    connect().predict(handle_file(url.format(app.prefix)), api_name="/echo")
    assert sent(app) == []
    assert app.bodies[0]["data"][0]["path"] == url.format(app.prefix)


def test_a_file_of_the_apps_own_is_not_fetched_from_elsewhere(client: Client, app: FakeApp) -> None:
    app.route("file=/tmp/x", replying(b"", "302 Found", "Location: http://169.254.169.254/secret"))
    with pytest.raises(ServerError, match="redirects"):
        client.predict(handle_file(f"{app.url}{app.prefix}/file=/tmp/x"), api_name="/echo")
    assert app.seen("upload") == []


def test_a_file_of_the_apps_own_that_is_too_large_is_not_uploaded(app: FakeApp, connect: Connect) -> None:
    app.config["max_file_size"] = 3
    app.route("file=/tmp/x", replying(b"1234"))
    with pytest.raises(FileTooLargeError):
        connect().predict(handle_file(f"{app.url}{app.prefix}/file=/tmp/x"), api_name="/echo")
    assert app.seen("upload") == []


def test_an_address_of_the_apps_own_is_encoded_as_far_as_it_is_not(client: Client, app: FakeApp) -> None:
    app.route("file=/tmp/a%20b%20%C3%A4.png", replying(b"content"))
    url = f"{app.url}{app.prefix}/file=/tmp/a b%20ä.png"
    client.predict(handle_file(url, name="a.png"), api_name="/echo")
    assert sent(app) == [("a.png", b"content")]


def test_a_file_of_the_apps_own_that_it_keeps_is_a_download_error(client: Client, app: FakeApp) -> None:
    app.route("file=/tmp/x", replying_json({"detail": "File not allowed"}, "403 Forbidden"))
    with pytest.raises(DownloadError, match="does not give the file out"):
        client.predict(handle_file(f"{app.url}{app.prefix}/file=/tmp/x"), api_name="/echo")


def test_a_file_of_the_apps_own_keeps_to_the_callers_limits(app: FakeApp, connect: Connect) -> None:
    app.route("file=/tmp/x", replying(b"1234"))
    with pytest.raises(FileTooLargeError, match="max_file_bytes"):
        connect(download_files=Downloads(max_file_bytes=3)).predict(
            handle_file(f"{app.url}{app.prefix}/file=/tmp/x"), api_name="/echo"
        )
    assert app.seen("upload") == []


@pytest.mark.parametrize("path", ["/other/file=/tmp/x", "/static/x.png", ""])
def test_other_addresses_are_the_apps_to_fetch(client: Client, app: FakeApp, path: str) -> None:
    url = app.url + path
    client.predict(handle_file(url), api_name="/echo")
    assert app.bodies[0]["data"][0]["path"] == url
    assert app.seen("upload") == []


def test_a_forbidden_upload_is_a_typed_error(client: Client, app: FakeApp) -> None:
    app.route("upload", replying_json({"detail": "not here"}, "403 Forbidden"))
    with pytest.raises(AuthenticationError, match="not here") as caught:
        client.predict(handle_file(b"x"), api_name="/echo")
    assert caught.value.status == 403


def test_a_place_that_cannot_be_sent_back_is_a_typed_error(client: Client, app: FakeApp) -> None:
    app.route("upload", replying(b'["/tmp/\\ud800"]', "200 OK", "Content-Type: application/json"))
    with pytest.raises(ServerError, match="did not say where it is"):
        client.predict(handle_file(b"x", name="a"), api_name="/echo")
    assert app.bodies == []


def test_a_body_is_sent_again_from_its_first_byte(client: Client, app: FakeApp, tmp_path: Path) -> None:
    content = os.urandom(600_000)
    (tmp_path / "a.bin").write_bytes(content)

    def elsewhere(connection: Connection, seen: Seen) -> None:
        connection.reply(b"", "307 Temporary Redirect", f"Location: {app.prefix}/upload/again")

    app.route("upload", elsewhere)
    app.route("upload/again", app.upload)
    client.predict(handle_file(tmp_path / "a.bin"), api_name="/echo")
    assert parts(app.seen("upload/again")[0]) == [("a.bin", content)]


def test_the_same_content_is_uploaded_once_for_a_call(client: Client, app: FakeApp) -> None:
    marked = handle_file(b"content", name="a")
    client.predict([marked, {"x": marked}, handle_file(b"content", name="b")], api_name="/echo")
    assert sorted(sent(app)) == [("a", b"content"), ("b", b"content")]


def test_many_calls_may_share_one_file_object(connect: Connect, app: FakeApp) -> None:
    file = io.BytesIO(os.urandom(700_000))
    client = connect()
    jobs = [client.submit(handle_file(file, name=f"{at}"), api_name="/echo") for at in range(6)]
    for job in jobs:
        job.result()
    assert {content for _, content in sent(app)} == {file.getvalue()}


class Slow(io.BytesIO):
    """Its bytes come when ``go_on`` is set."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.reading, self.go_on = threading.Event(), threading.Event()

    def read(self, size: int | None = -1, /) -> bytes:
        if size:
            self.reading.set()
            assert self.go_on.wait(2 * WAIT)
        return super().read(size)


class SlowToMeasure(Slow):
    """Its size is known when ``go_on`` is set."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        if whence == os.SEEK_END and not self.go_on.is_set():
            self.reading.set()
            assert self.go_on.wait(2 * WAIT)
        return super().seek(offset, whence)


def test_a_file_object_that_is_slow_to_measure_keeps_back_no_other_call(client: Client) -> None:
    slow = SlowToMeasure(b"slow")
    held = client.submit(handle_file(slow, name="a"), api_name="/echo")
    assert slow.reading.wait(WAIT)
    try:
        assert client.submit(1, api_name="/echo").result(WAIT) == "done"
    finally:
        slow.go_on.set()
    assert held.result(WAIT) == "done"


def test_a_slow_file_object_keeps_back_no_other_call(client: Client, app: FakeApp) -> None:
    slow = Slow(b"slow")
    held = client.submit(handle_file(slow, name="a"), api_name="/echo")
    assert slow.reading.wait(WAIT)
    try:
        uploading = client.submit(handle_file(io.BytesIO(b"quick"), name="b"), api_name="/echo")
        plain = client.submit(1, api_name="/echo")
        assert (uploading.result(WAIT), plain.result(WAIT)) == ("done", "done")
        assert sent(app) == [("b", b"quick")]
    finally:
        slow.go_on.set()
    assert held.result(WAIT) == "done"


class Crowded(io.BytesIO):
    """Notes whether two ever read it at one time, for which the first to come waits a moment."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.met = False
        self._readers = threading.Barrier(2)

    def read(self, size: int | None = -1, /) -> bytes:
        if size:
            with suppress(threading.BrokenBarrierError):
                self._readers.wait(0.2)
                self.met = True
        return super().read(size)


def test_two_marks_of_one_file_object_read_it_one_at_a_time(client: Client, app: FakeApp) -> None:
    file = Crowded(os.urandom(700_000))
    jobs = [client.submit(handle_file(file, name=name), api_name="/echo") for name in "ab"]
    assert [job.result(WAIT) for job in jobs] == ["done"] * 2
    assert not file.met
    assert sorted(sent(app)) == [("a", file.getvalue()), ("b", file.getvalue())]
