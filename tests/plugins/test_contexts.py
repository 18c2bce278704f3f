"""What a plugin is told of requests that serve no answer, and of those that are sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from core.fake_app import reply_json, replying_json
from gradio_client_contract_tests.server import until

from gradio_client.auth import Auth
from gradio_client.hooks import RequestContext, hookimpl
from gradio_client.transport import Request

if TYPE_CHECKING:
    from collections.abc import Generator

    from core.conftest import Connect
    from core.fake_app import FakeApp, Route
    from gradio_client_contract_tests.server import Connection, Seen

    from gradio_client.auth import Reply
    from gradio_client.domain.source import AppURLs

UNAUTHORIZED = replying_json({"detail": "Not authenticated"}, "401 Unauthorized")
FULL = replying_json({"detail": "Queue is full. Max size is 1."}, "503 Service Unavailable")


class Noting:
    """Remembers the contexts it is asked about."""

    def __init__(self) -> None:
        self.asked: list[RequestContext] = []

    @hookimpl
    def gradio_client_request_headers(self, context: RequestContext) -> None:
        self.asked.append(context)

    def attempts(self, purpose: str) -> list[int]:
        return [context.attempt for context in self.asked if context.purpose == purpose]

    def about(self, purpose: str) -> list[tuple[str, str, str | None, bool, int]]:
        return [
            (told.method, told.url, told.api_name, told.same_origin, told.attempt)
            for told in self.asked
            if told.purpose == purpose
        ]


class Renewing(Auth):
    """Posts to the app's login, as often as it is asked."""

    def login(self, urls: AppURLs) -> Generator[Request, Reply, None]:
        yield Request("POST", urls.login())


@pytest.fixture
def noting(app: FakeApp) -> Noting:
    app.routes["/login"] = replying_json({"success": True})
    return Noting()


def one_by_one(*routes: Route) -> Route:
    """A route that behaves each time like the next of these, and then always like the last."""
    left = list(routes)

    def route(connection: Connection, seen: Seen) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(connection, seen)

    return route


@pytest.mark.parametrize(
    "refusals", [(UNAUTHORIZED, FULL), (FULL, UNAUTHORIZED)], ids=["login, wait", "wait, login"]
)
def test_every_time_that_a_request_is_sent_has_its_number(
    app: FakeApp, connect: Connect, noting: Noting, refusals: tuple[Route, ...]
) -> None:
    app.route("queue/join", one_by_one(*refusals, app.join))
    assert connect(plugins=[noting], auth=Renewing()).predict(1, api_name="/echo") == 1
    assert noting.attempts("join") == [1, 2, 3]


def test_a_stream_is_counted_likewise(app: FakeApp, connect: Connect, noting: Noting) -> None:
    app.route("queue/data", one_by_one(UNAUTHORIZED, FULL, app.stream))
    connect(plugins=[noting], auth=Renewing()).predict(1, api_name="/echo")
    assert noting.attempts("stream") == [1, 2, 3]


def test_a_login_does_not_use_up_a_try(app: FakeApp, connect: Connect, noting: Noting) -> None:
    app.route("queue/join", one_by_one(UNAUTHORIZED, FULL, FULL, FULL, app.join))
    assert connect(plugins=[noting], auth=Renewing()).predict(1, api_name="/echo") == 1
    assert noting.attempts("join") == [1, 2, 3, 4, 5]


def test_a_redirect_keeps_the_number(app: FakeApp, connect: Connect, noting: Noting) -> None:
    app.routes["/moved"] = app.routes["/config"]
    app.routes["/config"] = one_by_one(FULL, replying_json({}, "307 Moved", "Location: /moved"))
    connect(plugins=[noting])
    assert noting.attempts("config") == [1, 2, 2]


def test_the_context_of_a_login(app: FakeApp, connect: Connect, noting: Noting) -> None:
    connect(plugins=[noting], auth=Renewing())
    assert noting.about("login") == [("POST", f"{app.url}/login", None, True, 1)]


def test_the_context_of_a_heartbeat(app: FakeApp, connect: Connect, noting: Noting) -> None:
    app.config["connect_heartbeat"] = True
    client = connect(plugins=[noting])
    client.predict(1, api_name="/echo")
    assert until(lambda: noting.about("heartbeat"))
    url = f"{app.server.url}{app.prefix}/heartbeat/{client.session_hash}"
    assert noting.about("heartbeat") == [("GET", url, None, True, 1)]


def test_the_context_of_a_cancel(app: FakeApp, connect: Connect, noting: Noting) -> None:
    app.on_join = lambda event, body: []
    job = connect(plugins=[noting]).submit(1, api_name="/echo")
    assert until(lambda: app.seen("queue/data"))
    job.cancel()
    assert until(lambda: app.seen("cancel"))
    url = f"{app.server.url}{app.prefix}/cancel"
    assert noting.about("cancel") == [("POST", url, "/echo", True, 1)]


def test_a_lost_connection_counts(app: FakeApp, connect: Connect, noting: Noting) -> None:
    def lost(connection: Connection, seen: Seen) -> None:
        raise EOFError

    app.routes["/config"] = one_by_one(lost, lambda connection, _: reply_json(connection, app.config))
    connect(plugins=[noting])
    assert noting.attempts("config") == [1, 2]
