"""Every step of a call, refused with every kind of status and body: the right error, and what it holds."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import FakeApp, Route, completed, replying
from gradio_client_contract_tests.server import until

from gradio_client import Client, handle_file
from gradio_client.exceptions import (
    AuthenticationError,
    ConnectionLost,
    DownloadError,
    FileTooLargeError,
    GradioClientError,
    QueueError,
    ServerError,
    TooManyRequestsError,
    ValidationError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from core.conftest import Connect, Submit

SAID = "because of this"
BODIES: dict[str, tuple[bytes, str]] = {
    "json": (b'{"detail": "because of this"}', "application/json"),
    "text": (b"because of this", "text/plain"),
    "html": (b"<html><title>because of this</title><body></body></html>", "text/html"),
    "empty": (b"", "text/plain"),
    "broken json": (b'{"detail": ', "application/json"),
}
STATUSES = ["400 No", "401 Login", "403 No", "404 No", "413 Big", "422 Odd", "429 Slow"]
STATUSES += ["500 Broken", "502 Bad", "503 Away", "504 Late"]
FILE = {"path": "/a.txt", "meta": {"_type": "gradio.FileData"}}

ANYWHERE = {401: AuthenticationError, 413: FileTooLargeError, 429: TooManyRequestsError}
AT_JOINING = {422: ValidationError, 503: QueueError}


def expected(step: str, status: int) -> type[GradioClientError]:
    if step == "stream":
        return ConnectionLost
    if (step, status) == ("upload", 403):
        return AuthenticationError
    if status in ANYWHERE:
        return ANYWHERE[status]
    if step == "join":
        return AT_JOINING.get(status, ServerError)
    return DownloadError if step == "download" else ServerError


def refusing(status: str, shape: str) -> Route:
    body, kind = BODIES[shape]
    return replying(body, status, f"Content-Type: {kind}")


@contextmanager
def refused(step: str, status: str, shape: str) -> Iterator[None]:
    with pytest.raises(GradioClientError) as caught:
        yield
    error, number = caught.value, int(status[:3])
    assert type(error) is expected(step, number)
    assert error.status == number
    assert error.app is not None
    assert (error.body is None) == (shape == "empty")
    if shape in ("json", "text", "html") and type(error) is not TooManyRequestsError:
        assert SAID in str(error) + str(error.body)


def fail_at(step: str, client: Client, file: Path) -> None:
    if step == "upload":
        client.predict(handle_file(file), api_name="/echo")
    client.predict(1, api_name="/echo")


ROUTES = {"join": "queue/join", "stream": "queue/data", "upload": "upload", "download": "file=/a.txt"}


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("step", ROUTES)
def test_a_refused_step_of_a_job(
    app: FakeApp, connect: Connect, tmp_path: Path, step: str, status: str
) -> None:
    (tmp_path / "a.txt").touch()
    client = connect(retry=None)
    app.on_join = lambda event, _: [completed(event, FILE)] if step == "download" else []
    for shape in BODIES:
        app.route(ROUTES[step], refusing(status, shape))
        with refused(step, status, shape):
            fail_at(step, client, tmp_path / "a.txt")


@pytest.mark.parametrize("status", [status for status in STATUSES if status[:3] not in ("404", "400", "422")])
def test_a_refused_configuration(app: FakeApp, status: str) -> None:
    for shape in BODIES:
        app.routes["/config"] = app.routes["/"] = refusing(status, shape)
        with refused("config", status, shape):
            Client(app.url, verbose=False, retry=None)


@pytest.mark.parametrize("status", ["401 Login", "429 Slow", "502 Bad", "503 Away", "504 Late"])
def test_a_refused_description(app: FakeApp, status: str) -> None:
    for shape in BODIES:
        app.route("info", refusing(status, shape))
        with refused("info", status, shape):
            Client(app.url, verbose=False, retry=None)


@pytest.mark.parametrize("status", STATUSES)
def test_a_refused_cancellation_changes_nothing(
    app: FakeApp, running: Submit, client: Client, status: str
) -> None:
    for shape in BODIES:
        app.route("cancel", refusing(status, shape))
        job: Any = running()
        assert job.cancel()
        assert job.cancelled()
    assert until(lambda: len(app.seen("cancel")) == len(BODIES))
    app.on_join = lambda event, _: [completed(event, "next")]
    assert client.predict(1, api_name="/echo") == "next"


@pytest.mark.parametrize("status", ["502 Bad", "503 Away", "504 Late"])
@pytest.mark.parametrize(("step", "retryable"), [("upload", True), ("join", False), ("download", False)])
def test_only_what_ran_nothing_can_be_repeated(
    app: FakeApp,
    connect: Connect,
    tmp_path: Path,
    status: str,
    step: str,
    retryable: bool,  # noqa: FBT001
) -> None:
    (tmp_path / "a.txt").touch()
    client = connect(retry=None)
    app.route(ROUTES[step], replying(b"<html>busy</html>", status))
    app.on_join = lambda event, _: [completed(event, FILE)]
    with pytest.raises(GradioClientError) as caught:
        fail_at(step, client, tmp_path / "a.txt")
    assert caught.value.retryable is (retryable or isinstance(caught.value, QueueError))
