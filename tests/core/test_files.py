from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import FakeApp, completed, replying, replying_json

from gradio_client import file, handle_file
from gradio_client.exceptions import (
    ArgumentError,
    AuthenticationError,
    FileTooLargeError,
    GradioClientError,
    ServerError,
)
from gradio_client.files import LinkedFile, LocalFile

if TYPE_CHECKING:
    from pathlib import Path

    from core.conftest import Connect

    from gradio_client import Client

META = {"_type": "gradio.FileData"}


def remote(path: str, **more: Any) -> dict[str, Any]:
    return {"path": path, "meta": META, **more}


@pytest.fixture(autouse=True)
def _app_answers_with_text(app: FakeApp) -> None:
    app.on_join = lambda event, _: [completed(event, "done")]


def test_a_file_is_marked_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "a b.txt").touch()
    marked = handle_file(tmp_path / "a b.txt")
    assert marked == {"path": str(tmp_path / "a b.txt"), "orig_name": "a b.txt", "meta": META}
    assert isinstance(marked, LocalFile)


@pytest.mark.parametrize("url", ["https://h/x/a.png", "http://h/a.png"])
def test_a_url_is_passed_on_and_not_read(url: str) -> None:
    marked = handle_file(url)
    assert marked == {"path": url, "url": url, "orig_name": "a.png", "meta": META}
    assert not isinstance(marked, LocalFile)
    assert isinstance(marked, LinkedFile)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://h/x/a%20b%23.png?c=/d.exe#/e", "a b#.png"),
        ("http://h/x%2Fa.png", "a.png"),
        ("http://h/x/?a.png", "file"),
        ("http://h", "file"),
        ("http://h/..", "file"),
        ("http://[h/a.png", "file"),
    ],
)
def test_the_name_of_a_url_is_the_end_of_its_path(url: str, name: str) -> None:
    assert handle_file(url)["orig_name"] == name


def test_the_scheme_of_a_url_may_be_in_capitals() -> None:
    marked = handle_file("HTTPS://h/A.png")
    assert isinstance(marked, LinkedFile)
    assert marked == {"path": "https://h/A.png", "url": "https://h/A.png", "orig_name": "A.png", "meta": META}


def test_a_missing_file_is_a_value_error_at_once() -> None:
    with pytest.raises(ValueError, match=r"'nowhere\.txt' is neither an existing file"):
        handle_file("nowhere.txt")


def test_a_folder_is_a_value_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not a file"):
        handle_file(tmp_path)


@pytest.mark.parametrize("value", [None, 5, ["a"]])
def test_what_is_no_path_is_a_type_error(value: Any) -> None:
    with pytest.raises(TypeError):
        handle_file(value)


def test_the_old_name_warns_and_does_the_same(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.warns(DeprecationWarning, match="handle_file"):
        assert file(tmp_path / "a") == handle_file(tmp_path / "a")


def test_two_marked_files_do_not_share_their_meta(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    handle_file(tmp_path / "a")["meta"]["_type"] = "changed"
    assert handle_file(tmp_path / "a")["meta"] == META


def test_a_file_is_uploaded_and_its_place_is_sent(client: Client, app: FakeApp, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"content")
    client.predict(handle_file(tmp_path / "a.txt"), api_name="/echo")
    assert b"content" in app.seen("upload")[0].body
    (sent,) = app.bodies[0]["data"]
    assert sent == {"path": "/tmp/gradio/1/a.txt", "orig_name": "a.txt", "meta": META}


def test_the_same_file_is_uploaded_once_for_a_call(client: Client, app: FakeApp, tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    (tmp_path / "b.txt").touch()
    a, b = tmp_path / "a.txt", tmp_path / "b.txt"
    client.predict([handle_file(a), {"x": handle_file(a)}, handle_file(b)], api_name="/echo")
    assert sum(seen.body.count(b"; filename=") for seen in app.seen("upload")) == 2
    (sent,) = app.bodies[0]["data"]
    assert [sent[0], sent[1]["x"]] == [sent[0]] * 2
    assert sent[2] != sent[0]


def test_no_path_of_this_machine_is_sent(client: Client, app: FakeApp, tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    client.predict(handle_file(tmp_path / "a.txt"), api_name="/echo")
    assert not any(str(tmp_path).encode() in seen.body for seen in app.server.seen)


def test_a_plain_dictionary_is_sent_as_it_is_and_never_read(
    client: Client, app: FakeApp, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    value = remote(str(tmp_path / "secret"))
    client.predict(value, api_name="/echo")
    assert app.bodies[0]["data"] == [value]
    assert app.seen("upload") == []


def test_a_servers_default_is_never_read(app: FakeApp, connect: Connect, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    default = remote(str(tmp_path / "secret"), url="http://elsewhere/x")
    entry = app.info["named_endpoints"]["/echo"]
    entry["parameters"][0] |= {"parameter_has_default": True, "parameter_default": default}
    connect().predict(api_name="/echo")
    assert app.bodies[0]["data"] == [remote(str(tmp_path / "secret"))]
    assert app.seen("upload") == []


def test_text_that_names_a_file_is_only_text(client: Client, app: FakeApp, tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    client.predict(str(tmp_path / "a"), api_name="/echo")
    assert app.bodies[0]["data"] == [str(tmp_path / "a")]


def test_a_file_that_is_gone_by_then_fails_the_job(client: Client, app: FakeApp, tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    marked = handle_file(tmp_path / "a")
    (tmp_path / "a").unlink()
    with pytest.raises(FileNotFoundError):
        client.predict(marked, api_name="/echo")
    assert app.bodies == []


def test_a_file_that_may_not_be_read_fails_the_job(client: Client, tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    marked = handle_file(tmp_path / "a")
    (tmp_path / "a").unlink()
    (tmp_path / "a").mkdir()
    with pytest.raises((OSError, GradioClientError)):
        client.predict(marked, api_name="/echo")


def test_a_file_that_is_too_large_is_not_sent_at_all(app: FakeApp, connect: Connect, tmp_path: Path) -> None:
    app.config["max_file_size"] = 3
    (tmp_path / "small").write_bytes(b"123")
    (tmp_path / "large").write_bytes(b"1234")
    with pytest.raises(FileTooLargeError, match="4 bytes; the app takes at most 3"):
        connect().predict(
            [handle_file(tmp_path / "small"), handle_file(tmp_path / "large")], api_name="/echo"
        )
    assert app.seen("upload") == []


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("413 Too Large", FileTooLargeError),
        ("401 No", AuthenticationError),
        ("400 Bad", ServerError),
        ("500 Broken", ServerError),
    ],
)
def test_a_refused_upload_fails_the_job(
    client: Client, app: FakeApp, tmp_path: Path, status: str, kind: type[Exception]
) -> None:
    app.route("upload", replying(b'{"detail":"no"}', status))
    (tmp_path / "a").touch()
    with pytest.raises(kind):
        client.predict(handle_file(tmp_path / "a"), api_name="/echo")
    assert app.bodies == []


@pytest.mark.parametrize("answer", [[], ["a", "b"], [1], {}, None, "path"])
def test_an_upload_that_is_not_answered_with_one_place_fails_the_job(
    client: Client, app: FakeApp, tmp_path: Path, answer: Any
) -> None:
    app.route("upload", replying_json(answer))
    (tmp_path / "a").touch()
    with pytest.raises(ServerError, match="did not say where"):
        client.predict(handle_file(tmp_path / "a"), api_name="/echo")


def test_one_refused_upload_leaves_no_job_behind_that_waits(
    client: Client, app: FakeApp, tmp_path: Path
) -> None:
    app.route("upload", replying(b"", "500 Broken"))
    (tmp_path / "a").touch()
    (tmp_path / "b").touch()
    job = client.submit([handle_file(tmp_path / "a"), handle_file(tmp_path / "b")], api_name="/echo")
    with pytest.raises(ServerError):
        job.result(timeout=5)


@pytest.mark.skipif(os.name != "posix", reason="names of other systems have rules of their own")
@pytest.mark.parametrize("name", ['a"b.txt', "a\nb.txt", "ü€.txt", " a ", "a;b.txt"])
def test_any_name_can_be_uploaded(client: Client, app: FakeApp, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"content")
    client.predict(handle_file(tmp_path / name), api_name="/echo")
    assert app.bodies[0]["data"][0]["orig_name"] == name
    head = app.seen("upload")[0].body.partition(b"\r\n\r\n")[0]
    assert head.count(b"\r\n") == 2  # no name breaks out of its header


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such names")
def test_a_name_that_is_no_text_is_refused_before_anything_is_sent(
    client: Client, app: FakeApp, tmp_path: Path
) -> None:
    (tmp_path / "\udcff.bin").touch()
    with pytest.raises(ArgumentError, match="name"):
        client.submit(handle_file(tmp_path / "\udcff.bin"), api_name="/echo")
    assert app.seen("upload") == []
