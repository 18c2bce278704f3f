"""Whatever goes wrong with a job ends it soon, with the same typed error for everybody who waits."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import pytest
from core.endings import FACES, endings_of_connecting
from core.fake_app import (
    CLOSE,
    FakeApp,
    Message,
    Route,
    completed,
    failing,
    generating,
    replying,
    replying_json,
    sse,
    streaming,
)
from gradio_client_contract_tests.server import hostile_server

from gradio_client import Timeouts
from gradio_client.exceptions import (
    AppError,
    ConnectionLost,
    DeadlineError,
    GradioClientError,
    QueueError,
    QuotaExceededError,
    ServerError,
    UnreachableError,
    ValidationError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradio_client_contract_tests.server import Connection, Seen

pytestmark = pytest.mark.leaks

SOON = 0.3  # seconds of silence that the clients of these tests put up with
SECRET = "hf_secret_of_mine"
PART = sse(generating("e1", "part"))
STOPPED = {"msg": "unexpected_error", "event_id": None, "message": "Server stopped unexpectedly."}
UNKNOWN = STOPPED | {"message": "404: Not Found", "session_not_found": True}
QUOTA = "You have exceeded your GPU quota (60s requested vs. 30s left). Try again in 0:10:00"
INVALID = {"__type__": "validate", "is_valid": False, "message": "too short", "parameter_name": "a"}
MISSING = {"type": "missing", "loc": ["body", "data"], "msg": "Field required"}


def cutting(connection: Connection, _: Seen) -> None:
    connection.reset()
    raise EOFError


def babbling(connection: Connection, _: Seen) -> None:
    connection.send(b"This is no HTTP at all\r\n\r\n")
    raise EOFError


def refusing_the_tunnel(connection: Connection) -> None:
    connection.read_head()
    connection.reply(b"", "407 Login")


def hanging(*parts: bytes) -> Route:
    """A stream that says no more after these bytes, and does not end."""

    def route(connection: Connection, _: Seen) -> None:
        connection.start_chunked("Content-Type: text/event-stream")
        for part in parts:
            connection.chunk(part)
        connection.wait_until_gone()
        raise EOFError

    return route


def never(connection: Connection, _: Seen) -> None:
    connection.wait_until_gone()
    raise EOFError


#: What the stream does, by what is wrong with it.
STREAMS: dict[str, Route] = {
    "cut before its head": cutting,
    "no HTTP": babbling,
    "cut before a message": streaming(ends=False),
    "cut within a message": streaming(PART, b'data: {"msg": "process_comp', ends=False),
    "cut after a message": streaming(PART, ends=False),
    "ended within a message": streaming(PART, b'data: {"msg": "process_comp'),
    "ended without a result": streaming(PART),
    "announced the end without a result": streaming(sse(STOPPED | {"event_id": "e1"}), sse(CLOSE)),
    "half-open from the start": hanging(),
    "half-open after a message": hanging(PART),
    "silent before its head": never,
    "no JSON": streaming(b"data: {oops\n\n"),
    "server stopped": streaming(sse(STOPPED), ends=False),
    "session unknown": streaming(sse(UNKNOWN), ends=False),
    "session torn down": streaming(PART, sse(UNKNOWN), ends=False),
}


def check(found: list[Any], kind: type[GradioClientError], app: FakeApp) -> GradioClientError:
    """Everybody got the same error, which says all it can, and survives what programs do with errors."""
    assert [type(error) for error in found] == [kind] * len(found)
    assert len({str(error) for error in found}) == 1
    error: GradioClientError = found[0]
    assert (error.app, error.endpoint) == (app.url, "/echo")
    assert error.advice
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert (type(again), str(again), again.where) == (kind, str(error), error.where)
        assert again.retryable == error.retryable
    assert SECRET not in repr(error) + str(error) + repr(vars(error))
    assert SECRET.encode() not in pickle.dumps(error)
    return error


@pytest.fixture(params=FACES)
def endings(request: pytest.FixtureRequest, app: FakeApp, transport: str) -> Callable[..., list[Any]]:
    def of(then: Callable[[], object] | None = None, **kwargs: Any) -> list[Any]:
        patience = Timeouts(read=SOON, silence=SOON)
        rest: dict[str, Any] = {"timeouts": patience, "retry": None, "token": SECRET, **kwargs}
        return FACES[request.param](app, then, "value", transport=transport, **rest)

    return of


@pytest.mark.parametrize("wrong", STREAMS)
def test_a_stream_that_goes_wrong_loses_its_job(
    app: FakeApp, endings: Callable[..., list[Any]], wrong: str
) -> None:
    app.on_join = lambda event, _: []
    app.route("queue/data", STREAMS[wrong])
    error = check(endings(), ConnectionLost, app)
    assert (error.event_id, error.retryable) == ("e1", False)
    assert "outcome is unknown" in str(error)


@pytest.mark.parametrize("status", ["401 Login", "404 No", "500 Broken", "503 Away"])
def test_a_stream_that_is_refused_loses_its_job(
    app: FakeApp, endings: Callable[..., list[Any]], status: str
) -> None:
    app.on_join = lambda event, _: []
    app.route("queue/data", replying(b"<html>the proxy says no</html>", status, "Content-Type: text/html"))
    error = check(endings(), ConnectionLost, app)
    assert (error.status, error.body) == (int(status[:3]), "the proxy says no")


def test_a_server_that_is_killed_loses_its_jobs(app: FakeApp, endings: Callable[..., list[Any]]) -> None:
    app.on_join = lambda event, _: [generating(event, "part")]
    check(endings(app.server.close), ConnectionLost, app)


JOINS: dict[str, tuple[Route, type[GradioClientError], int | None, bool]] = {
    "wrong replica": (replying(b"Internal Server Error", "500 Broken"), ServerError, 500, False),
    "queue full": (replying_json({"detail": "Queue is full."}, "503 Full"), QueueError, 503, True),
    "queue stopped": (replying_json({"detail": "Queue is stopped."}, "503 Stop"), QueueError, 503, True),
    "validators": (replying_json({"detail": [INVALID]}, "422 No"), ValidationError, 422, False),
    "framework": (replying_json({"detail": [MISSING]}, "422 No"), ValidationError, 422, False),
    "page instead of JSON": (replying(b"<html>Welcome</html>"), ServerError, 200, False),
    "cut": (cutting, ConnectionLost, None, False),
    "no HTTP": (babbling, ConnectionLost, None, False),
    "silent": (never, DeadlineError, None, False),
}


@pytest.mark.parametrize("wrong", JOINS)
def test_a_submission_that_goes_wrong_is_told(
    app: FakeApp, endings: Callable[..., list[Any]], wrong: str
) -> None:
    route, kind, status, retryable = JOINS[wrong]
    app.route("queue/join", route)
    error = check(endings(), kind, app)
    assert (error.status, error.event_id, error.retryable) == (status, None, retryable)


OUTCOMES: dict[str, tuple[Callable[[str], Message], type[AppError], str]] = {
    "error": (lambda event: failing(event, "bad thing"), AppError, "bad thing"),
    "hidden error": (lambda event: completed(event) | {"output": {"error": None}}, AppError, "show_error"),
    "no success": (lambda event: completed(event) | {"success": False}, AppError, ""),
    "quota": (lambda event: failing(event, QUOTA), QuotaExceededError, "60s requested"),
}


@pytest.mark.parametrize("wrong", OUTCOMES)
def test_what_the_app_raises_is_told(app: FakeApp, endings: Callable[..., list[Any]], wrong: str) -> None:
    message, kind, text = OUTCOMES[wrong]
    app.on_join = lambda event, _: [generating(event, 1), message(event)]
    error = check(endings(), kind, app)
    assert (error.event_id, error.retryable) == ("e1", False)
    assert text in str(error)


class TestConnecting:
    """A client that gets no connection, or no app; on each transport."""

    def check(self, found: list[Any], kind: type[GradioClientError]) -> GradioClientError:
        assert [type(error) for error in found] == [kind] * len(found)
        error: GradioClientError = found[0]
        assert error.app
        assert error.advice
        assert type(pickle.loads(pickle.dumps(error))) is kind
        return error

    def test_refused(self, transport: str) -> None:
        with hostile_server() as server:
            url = server.url
        error = self.check(endings_of_connecting(url, transport=transport, retry=None), UnreachableError)
        assert error.retryable
        assert "nothing was sent" in str(error)

    def test_no_such_host(self, transport: str) -> None:
        url = "http://no-such-host.invalid"
        self.check(endings_of_connecting(url, transport=transport, retry=None), UnreachableError)

    def test_no_tls(self, transport: str) -> None:
        with hostile_server() as server:
            server.serve(lambda connection: connection.reply(b"plain"))
            url = server.url.replace("http:", "https:")
            found = endings_of_connecting(url, transport=transport, retry=None)
        assert "ssl_verify=" in str(self.check(found, UnreachableError))

    def test_a_proxy_that_is_not_there(self, transport: str) -> None:
        with hostile_server() as server:
            proxy = {"proxy": server.url}
        found = endings_of_connecting(
            "https://h.invalid", transport=transport, retry=None, httpx_kwargs=proxy
        )
        assert "proxy" in str(self.check(found, UnreachableError)).lower()

    def test_a_proxy_that_refuses_the_tunnel(self, transport: str) -> None:
        with hostile_server() as server:
            server.serve(refusing_the_tunnel)
            kwargs: dict[str, Any] = {"httpx_kwargs": {"proxy": server.url}, "retry": None}
            found = endings_of_connecting("https://h.invalid", transport=transport, **kwargs)
        assert "407" in str(self.check(found, UnreachableError))

    @pytest.mark.parametrize(
        ("route", "kind"),
        [
            (cutting, ConnectionLost),
            (babbling, ConnectionLost),
            (never, DeadlineError),
            (replying(b"<html><title>A shop</title></html>"), ServerError),
            (replying(b"[]", "200 OK", "Content-Type: application/json"), ServerError),
            (replying(b"", "500 Broken"), ServerError),
        ],
        ids=["cut", "no HTTP", "silent", "a page", "a list", "status 500"],
    )
    def test_something_else_than_an_app(
        self, app: FakeApp, transport: str, route: Route, kind: type[GradioClientError]
    ) -> None:
        app.routes["/config"] = app.routes["/"] = route
        kwargs: dict[str, Any] = {"timeouts": Timeouts(read=SOON), "retry": None}
        assert not self.check(endings_of_connecting(app.url, transport=transport, **kwargs), kind).retryable
