"""What is uploaded of bytes, and of file objects of every kind."""

from __future__ import annotations

import errno
import io
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from core.conftest import WAIT
from core.fake_app import completed
from files.conftest import META, sent

from gradio_client import handle_file
from gradio_client.exceptions import UnsendableArgumentError

if TYPE_CHECKING:
    from core.fake_app import FakeApp

    from gradio_client import Client


@pytest.fixture(autouse=True)
def _app_answers_with_text(app: FakeApp) -> None:
    app.on_join = lambda event, _: [completed(event, "done")]


def pipe(content: bytes) -> io.BufferedReader:
    reading, writing = os.pipe()
    os.write(writing, content)
    os.close(writing)
    return os.fdopen(reading, "rb")


def ended(content: bytes) -> io.BytesIO:
    file = io.BytesIO()
    file.write(content)  # as what image libraries write to
    return file


@pytest.mark.parametrize(
    "given",
    [b"content", bytearray(b"content"), memoryview(b"content"), io.BytesIO(b"content"), ended(b"content")],
    ids=["bytes", "bytearray", "memoryview", "a file object", "one at its end"],
)  # fmt: skip
def test_what_is_in_memory_is_uploaded(client: Client, app: FakeApp, given: Any) -> None:
    client.predict({"deep": [handle_file(given, name="a.txt")]}, api_name="/echo")
    assert sent(app) == [("a.txt", b"content")]
    (value,) = app.bodies[0]["data"]
    assert value == {"deep": [{"path": "/tmp/gradio/1/a.txt", "orig_name": "a.txt", "meta": META}]}


def test_an_open_file_is_uploaded_whole_under_its_name(client: Client, app: FakeApp, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"content" * 100_000)
    with (tmp_path / "a.txt").open("rb") as file:
        file.read(10)
        client.predict(handle_file(file), api_name="/echo")
        assert sent(app) == [("a.txt", b"content" * 100_000)]
        assert not file.closed


def test_a_temporary_file_without_a_name_is_uploaded(client: Client, app: FakeApp) -> None:
    with tempfile.TemporaryFile() as file:
        file.write(b"content")
        client.predict(handle_file(file), api_name="/echo")
    assert sent(app) == [("file", b"content")]


def test_what_can_be_read_only_once_can_be_sent_twice(client: Client, app: FakeApp) -> None:
    with pipe(b"content") as reading:
        marked = handle_file(reading, name="a.txt")
    client.predict(marked, api_name="/echo")
    client.predict(marked, api_name="/echo")
    assert sent(app) == [("a.txt", b"content")] * 2


@pytest.mark.parametrize(
    "given",
    [io.StringIO("text"), 5, None, ["a"], object()],
    ids=["text", "a number", "None", "a list", "an object"],
)
def test_what_has_no_bytes_is_a_type_error_at_once(given: Any) -> None:
    with pytest.raises(TypeError, match="binary mode"):
        handle_file(given)


def test_a_closed_file_is_a_value_error_at_once() -> None:
    file = io.BytesIO()
    file.close()
    with pytest.raises(ValueError, match="closed"):
        handle_file(file)


def test_a_file_that_is_closed_before_its_job_is_an_os_error(client: Client, app: FakeApp) -> None:
    file = io.BytesIO(b"content")
    marked = handle_file(file, name="a.txt")
    file.close()
    with pytest.raises(OSError, match="A file object was closed before it was uploaded"):
        client.predict(marked, api_name="/echo")
    assert app.seen("upload") == []


class Shrinking(io.BytesIO):
    """Has lost a byte each time after it was measured."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return super().seek(offset, whence) + (whence == os.SEEK_END)


def test_a_file_object_that_becomes_shorter_is_an_os_error(client: Client, app: FakeApp) -> None:
    with pytest.raises(OSError, match=r"'a\.txt' became shorter while it was sent, to 7 of 8 bytes"):
        client.predict(handle_file(Shrinking(b"content"), name="a.txt"), api_name="/echo")
    assert app.bodies == []


class Exiting(io.BytesIO):
    """Raises what is no ``Exception``, as time-outs of gevent and failures of pytest are."""

    def __init__(self, method: str) -> None:
        super().__init__(b"content" * 100_000)
        self.method = method

    def read(self, size: int | None = -1, /) -> bytes:
        if self.method == "read" and self.tell():
            raise SystemExit(1)
        return super().read(size)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        if self.method == "seek":
            raise KeyboardInterrupt
        return super().seek(offset, whence)


@pytest.mark.parametrize(("method", "raised"), [("read", "SystemExit"), ("seek", "KeyboardInterrupt")])
def test_what_a_file_object_raises_ends_its_own_call_alone(
    client: Client, app: FakeApp, method: str, raised: str
) -> None:
    """It would end the event loop that all clients share."""
    job = client.submit(handle_file(Exiting(method), name="a.txt"), api_name="/echo")
    with pytest.raises(OSError, match=f"A file object raised {raised} when it was read"):
        job.result(timeout=WAIT)
    assert client.submit("b", api_name="/echo").result(timeout=WAIT) == "done"


class Silent(io.BytesIO):
    """Does not say where it stands, as ``mmap`` before Python 3.13 and files of paramiko do not."""

    def seek(self, offset: int, whence: int = 0, /) -> None:  # type: ignore[override]
        super().seek(offset, whence)


def test_a_file_object_need_not_say_where_it_seeks_to(client: Client, app: FakeApp) -> None:
    client.predict(handle_file(Silent(b"content"), name="a.txt"), api_name="/echo")
    assert sent(app) == [("a.txt", b"content")]


class Odd(io.BytesIO):
    """Says what it is told when it is read."""

    def __init__(self, given: Any) -> None:
        super().__init__(b"content")
        self.given = given

    def read(self, size: int | None = -1, /) -> Any:
        return self.given if size else b""


@pytest.mark.parametrize("given", [7, "text", True])
def test_what_reads_no_bytes_is_a_type_error(client: Client, app: FakeApp, given: Any) -> None:
    with pytest.raises(TypeError, match=f"gave {type(given).__name__} when it was read"):
        client.predict(handle_file(Odd(given), name="a.txt"), api_name="/echo")
    assert app.bodies == []


class Endless(io.BytesIO):
    """Has no size, but bytes: as ``/dev/zero`` has."""

    def read(self, size: int | None = -1, /) -> bytes:
        return bytes(size or 0)


def test_a_file_object_that_does_not_tell_its_size_is_an_os_error(client: Client, app: FakeApp) -> None:
    with pytest.raises(OSError, match="does not tell its size"):
        client.predict(handle_file(Endless(), name="a.txt"), api_name="/echo")
    assert app.seen("upload") == []


class Unmeasured(io.BytesIO):
    """Refuses to go to its end, as files of ``/proc`` do."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        if whence == os.SEEK_END:
            raise OSError(errno.EINVAL, "Invalid argument")
        return super().seek(offset, whence)


def test_a_file_object_that_cannot_be_measured_is_an_os_error_that_says_so(client: Client) -> None:
    with pytest.raises(OSError, match="A file object cannot be measured"):
        client.predict(handle_file(Unmeasured(b"content"), name="a.txt"), api_name="/echo")


@pytest.mark.skipif(not Path("/proc/version").exists(), reason="Linux makes up such files")
def test_a_path_that_does_not_tell_its_size_is_an_os_error(client: Client, app: FakeApp) -> None:
    with pytest.raises(OSError, match="'/proc/version' does not tell its size"):
        client.predict(handle_file("/proc/version"), api_name="/echo")
    assert app.seen("upload") == []


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such files")
def test_a_path_that_has_become_a_pipe_is_an_os_error(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.touch()
    marked = handle_file(path)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(OSError, match="is no longer a file"):
        client.submit(marked, api_name="/echo").result(timeout=WAIT)


def test_the_path_of_a_file_may_be_one_of_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    (entry,) = os.scandir(bytes(tmp_path))
    assert handle_file(entry) == handle_file(tmp_path / "a.txt")  # type: ignore[arg-type]


def test_an_empty_file_is_uploaded(client: Client, app: FakeApp, tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    client.predict([handle_file(tmp_path / "a.txt"), handle_file(io.BytesIO(), name="b")], api_name="/echo")
    assert sorted(sent(app)) == [("a.txt", b""), ("b", b"")]


@pytest.mark.parametrize("depth", [400, 600, 900])
def test_a_file_may_be_as_deep_in_lists_as_any_value(client: Client, app: FakeApp, depth: int) -> None:
    value: Any = handle_file(b"content", name="a.txt")
    for _ in range(depth):
        value = [value]
    with suppress(UnsendableArgumentError):  # beyond what Python's json writes
        client.predict(value, api_name="/echo")
        assert sent(app) == [("a.txt", b"content")]
