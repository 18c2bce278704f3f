"""What is sent again, what is not, and after how long."""

from __future__ import annotations

import logging
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from core.conftest import WAIT
from core.fake_app import FakeApp, completed, reply_json, replying, replying_json
from gradio_client_adapters.aiohttp import AiohttpTransport
from gradio_client_contract_tests.server import hostile_server, until

from gradio_client import AsyncClient, Client, Retry, handle_file
from gradio_client._http.outgoing import Outgoing
from gradio_client._http.retrying import Attempts
from gradio_client.exceptions import (
    AuthenticationError,
    ConnectionLost,
    DeadlineError,
    DownloadError,
    GradioClientError,
    QueueError,
    ServerError,
    TooManyRequestsError,
    UnreachableError,
)
from gradio_client.transport import (
    ConnectError,
    ConnectionLostError,
    ConnectTimeoutError,
    Headers,
    ProxyError,
    ReadTimeoutError,
    Request,
    Response,
    TLSError,
    Transport,
    TransportError,
    TransportOptions,
)

if TYPE_CHECKING:
    from pathlib import Path

    from core.conftest import Connect
    from core.fake_app import Route
    from gradio_client_contract_tests.server import Connection, Seen

BUSY = ["429 Slow", "502 Bad", "503 Away", "504 Late"]
FULL = replying_json({"detail": "Queue is full. Max size is 2 and size is 2."}, "503 Full")
FILE = {"path": "/a.txt", "meta": {"_type": "gradio.FileData"}}


def failing(app: FakeApp, path: str, times: int, with_: Route) -> None:
    """Let a route fail some times before it does what it did."""
    route, left = app.routes[path], [with_] * times

    def act(connection: Connection, seen: Seen) -> None:
        (left.pop() if left else route)(connection, seen)

    app.routes[path] = act


@pytest.mark.parametrize("status", BUSY)
@pytest.mark.parametrize("path", ["/config", "/gradio_api/info", "/gradio_api/queue/data"])
def test_reading_is_repeated_until_the_server_has_time(
    app: FakeApp, connect: Connect, pauses: list[float], path: str, status: str
) -> None:
    failing(app, path, 3, replying(b"<html>busy</html>", status))
    assert connect().predict("a", api_name="/echo") == "a"
    assert len(app.seen(path)) == 4
    assert len(pauses) == 3


@pytest.mark.parametrize("status", BUSY)
def test_uploads_and_downloads_are_repeated(
    app: FakeApp, connect: Connect, tmp_path: Path, status: str
) -> None:
    (tmp_path / "a.txt").write_bytes(b"content")
    app.route("file=/a.txt", replying(b"content"))
    failing(app, "/gradio_api/upload", 2, replying(b"", status))
    failing(app, "/gradio_api/file=/a.txt", 2, replying(b"", status))
    app.on_join = lambda event, _: [completed(event, FILE)]
    connect().predict(handle_file(tmp_path / "a.txt"), api_name="/echo")
    assert (len(app.seen("upload")), len(app.seen("file=/a.txt"))) == (3, 3)
    assert all(b"content" in seen.body for seen in app.seen("upload"))


def test_a_job_that_the_full_queue_refused_is_submitted_again(app: FakeApp, connect: Connect) -> None:
    failing(app, "/gradio_api/queue/join", 3, FULL)
    assert connect().predict("a", api_name="/echo") == "a"
    assert len(app.bodies) == 1


def test_a_job_that_a_limit_refused_is_submitted_again(app: FakeApp, connect: Connect) -> None:
    failing(app, "/gradio_api/queue/join", 1, replying(b"slow down", "429 Slow"))
    assert connect().predict("a", api_name="/echo") == "a"


def test_a_queue_that_stays_full_is_told(app: FakeApp, connect: Connect) -> None:
    app.route("queue/join", FULL)
    with pytest.raises(QueueError, match="Queue is full"):
        connect().predict("a", api_name="/echo")
    assert len(app.seen("queue/join")) == 4


@pytest.mark.parametrize(
    "route",
    [
        replying_json({"detail": "Queue is stopped."}, "503 Stopped"),
        replying(b"<html>Service Unavailable</html>", "503 Away"),
        replying(b"<html>Bad Gateway</html>", "502 Bad"),
        replying(b"", "504 Late"),
        replying(b"Internal Server Error", "500 Broken"),
    ],
)
def test_a_job_that_the_server_may_have_taken_is_not_submitted_again(
    app: FakeApp, connect: Connect, route: Route
) -> None:
    app.route("queue/join", route)
    with pytest.raises((QueueError, ServerError)):
        connect().predict("a", api_name="/echo")
    assert len(app.seen("queue/join")) == 1


@pytest.mark.parametrize("route", [FULL, replying(b"", "429 Slow")])
def test_submissions_can_be_left_out(app: FakeApp, connect: Connect, route: Route) -> None:
    app.route("queue/join", route)
    with pytest.raises((QueueError, TooManyRequestsError)):
        connect(retry=Retry(joins=False)).predict("a", api_name="/echo")
    assert len(app.seen("queue/join")) == 1


@pytest.mark.parametrize("retry", [None, Retry.none])
def test_nothing_is_repeated_without_a_policy(app: FakeApp, connect: Connect, retry: Retry | None) -> None:
    client = connect(retry=retry)
    app.route("queue/join", FULL)
    with pytest.raises(QueueError):
        client.predict("a", api_name="/echo")
    app.routes["/config"] = replying(b"", "503 Away")
    with pytest.raises(ServerError):
        connect(retry=retry)
    assert len(app.seen("queue/join")) + len(app.seen("/config")) == 3
    with pytest.raises(ConnectionLost):
        connect(retry=retry, transport=Refusing(ConnectionLostError(), "/config", 1))


@pytest.mark.parametrize("status", ["400 No", "403 No", "404 No", "500 Broken", "501 No"])
def test_other_answers_stand(app: FakeApp, connect: Connect, status: str) -> None:
    app.route("file=/a.txt", replying(b"", status))
    app.on_join = lambda event, _: [completed(event, FILE)]
    with pytest.raises(DownloadError):
        connect().predict(1, api_name="/echo")
    assert len(app.seen("file=/a.txt")) == 1


def test_the_server_is_left_alone_for_as_long_as_it_asks(
    app: FakeApp, connect: Connect, pauses: list[float]
) -> None:
    failing(app, "/config", 1, replying(b"", "503 Away", "Retry-After: 12"))
    connect()
    assert pauses == [12.0]


def test_a_server_that_asks_for_too_long_is_not_waited_for(
    app: FakeApp, connect: Connect, pauses: list[float]
) -> None:
    app.routes["/config"] = replying(b"", "429 Slow", "Retry-After: 3600")
    with pytest.raises(TooManyRequestsError) as caught:
        connect()
    assert pauses == []
    assert caught.value.retry_after == 3600


def test_a_refused_connection_is_tried_again(pauses: list[float]) -> None:
    with hostile_server() as server:
        url = server.url
    with pytest.raises(UnreachableError):
        Client(url, verbose=False)
    assert len(pauses) == 3


class Refusing(Transport):
    """Does not get through with some requests."""

    def __init__(self, error: TransportError, path: str, times: int) -> None:
        self._transport = AiohttpTransport(TransportOptions())
        self._left = [error] * times
        self._path = path

    async def send(self, request: Request) -> Response:
        if self._left and request.url.partition("?")[0].endswith(self._path):
            raise self._left.pop()
        return await self._transport.send(request)

    async def aclose(self) -> None:
        await self._transport.aclose()


@pytest.mark.parametrize("path", ["queue/join", "queue/data", "upload"])
def test_whatever_could_not_be_sent_is_sent_again(
    app: FakeApp, connect: Connect, tmp_path: Path, pauses: list[float], path: str
) -> None:
    (tmp_path / "a").touch()
    client = connect(transport=Refusing(ConnectError("refused"), path, 3), download_files=False)
    client.predict(handle_file(tmp_path / "a"), api_name="/echo")
    assert len(pauses) == 3
    assert len(app.bodies) == 1


def test_a_login_that_could_not_be_sent_is_sent_again(
    app: FakeApp, connect: Connect, pauses: list[float]
) -> None:
    app.routes["/login"] = replying_json({"success": True})
    connect(transport=Refusing(ConnectError("refused"), "/login", 3), auth=("user", "password"))
    assert len(pauses) == 3


def test_a_login_that_was_refused_is_not_sent_again(app: FakeApp, connect: Connect) -> None:
    app.routes["/login"] = replying(b"", "503 Away")
    with pytest.raises(GradioClientError):
        connect(auth=("user", "password"))
    assert len(app.seen("/login")) == 1


def test_jobs_that_meet_a_refused_login_try_it_once_and_a_later_call_again(
    app: FakeApp, connect: Connect
) -> None:
    app.routes["/login"] = replying_json({"success": True})
    client = connect(auth=("user", "password"))
    all_set_out = threading.Event()

    def refuse(connection: Connection, _: Seen) -> None:
        assert all_set_out.wait(WAIT)
        reply_json(connection, {"detail": "Incorrect credentials."}, "400 Bad Request")

    app.routes["/login"] = refuse
    app.route("queue/join", replying_json({"detail": "Not authenticated"}, "401 Unauthorized"))
    jobs = [client.submit(at, api_name="/echo") for at in range(200)]
    client._portal.ask(all_set_out.set)
    assert {type(job.exception(WAIT)) for job in jobs} == {AuthenticationError}
    assert len(app.seen("/login")) == 2
    with pytest.raises(AuthenticationError):
        client.predict(1, api_name="/echo")
    assert len(app.seen("/login")) == 3


@pytest.mark.parametrize("error", [ConnectTimeoutError(), TLSError(), ProxyError(), ReadTimeoutError()])
def test_what_time_does_not_mend_is_not_tried_again(
    connect: Connect, pauses: list[float], error: TransportError
) -> None:
    with pytest.raises((UnreachableError, DeadlineError)):
        connect(transport=Refusing(error, "/config", 9))
    assert pauses == []


def test_a_connection_that_breaks_while_reading_is_made_anew_once_and_at_once(
    connect: Connect, pauses: list[float]
) -> None:
    connect(transport=Refusing(ConnectionLostError(), "/config", 1))
    assert pauses == [0.0]
    with pytest.raises(ConnectionLost):
        connect(transport=Refusing(ConnectionLostError(), "/config", 2))


def test_a_host_that_does_not_exist_is_tried_again(pauses: list[float]) -> None:
    with pytest.raises(UnreachableError):
        Client("http://no-such-host.invalid", verbose=False)
    assert len(pauses) == 3


def test_a_proxy_that_refuses_is_not_tried_again(pauses: list[float]) -> None:
    with hostile_server() as proxy:
        proxy.serve(lambda connection: connection.reply(b"", "407 Login"))
        with pytest.raises(GradioClientError):
            Client("https://h.invalid", verbose=False, httpx_kwargs={"proxy": proxy.url})
    assert pauses == []


def test_the_budget_begins_with_the_first_attempt_not_with_the_wait_for_a_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr("gradio_client._http.retrying.time", SimpleNamespace(monotonic=lambda: now))
    attempts = Attempts(Retry(budget=30), Outgoing("config", "GET", "http://h/config"), "http://h")
    now = 100.0  # so long others had their turn
    attempts.sending()
    assert attempts.after(503, Headers()) is not None
    now = 120.0
    attempts.sending()
    assert attempts.after(503, Headers()) is not None
    now = 130.0
    assert attempts.after(503, Headers()) is None


def test_a_job_that_is_cancelled_meanwhile_is_not_submitted_again(
    app: FakeApp, client: Client, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    app.route("queue/join", FULL)

    async def cancelled_meanwhile(_: float) -> None:
        pauses.append(0)
        assert job.cancel()

    monkeypatch.setattr("gradio_client._http.retrying.sleep", cancelled_meanwhile)
    job = client.submit(1, api_name="/echo")
    assert until(job.cancelled)
    assert (pauses, len(app.seen("queue/join"))) == ([0], 1)


def test_each_repetition_is_logged_without_secrets(
    app: FakeApp, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    failing(app, "/config", 1, replying(b"", "503 Away"))
    with caplog.at_level(logging.INFO, "gradio_client.http"):
        connect(httpx_kwargs={"params": {"key": "secret"}})
    (record,) = [record for record in caplog.records if "attempt" in record.message]
    assert record.levelname == "INFO"
    assert "config: status 503; attempt 2" in record.message
    assert "secret" not in record.message


def test_a_job_is_not_repeated_when_its_answer_is_lost(app: FakeApp, connect: Connect) -> None:
    def cut(connection: Connection, _: Seen) -> None:
        connection.reset()
        raise EOFError

    app.route("queue/join", cut)
    with pytest.raises(ConnectionLost):
        connect().predict(1, api_name="/echo")
    assert len(app.seen("queue/join")) == 1


@pytest.mark.parametrize("given", [3, True, {"attempts": 3}, Retry])
def test_a_policy_is_one(connect: Connect, given: Any) -> None:
    with pytest.raises(TypeError, match=r"retry= takes gradio_client\.Retry"):
        connect(retry=given)
    with pytest.raises(TypeError, match=r"retry= takes gradio_client\.Retry"):
        AsyncClient("http://h", retry=given)
