"""Logging in: by whom, when, how often, and what is sent again."""

from __future__ import annotations

import copy
import pickle
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import reply_json, replying_json
from core.logins import Issuer, Numbered
from gradio_client_plugins.oauth import ClientCredentials, OAuth

from gradio_client.auth import Auth, BearerToken, FormLogin, with_header
from gradio_client.exceptions import AuthenticationError, ConnectionLost, PluginError, ServerError
from gradio_client.hooks import ClientInfo, Hooks, hookimpl
from gradio_client.transport import Headers, Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.conftest import Connect
    from core.fake_app import FakeApp, Route
    from gradio_client_contract_tests.server import Connection, Seen

UNAUTHORIZED = "401 Unauthorized"


def guard(app: FakeApp, name: str, wanted: str) -> None:
    """Let a route answer 401 to every other login than this one."""
    allowed: Route = app.routes[f"{app.prefix}/{name}"]

    def route(connection: Connection, seen: Seen) -> None:
        if seen.header("X-Login") == [wanted]:
            allowed(connection, seen)
        else:
            reply_json(connection, {"detail": "Not authenticated"}, UNAUTHORIZED)

    app.route(name, route)


@pytest.fixture(autouse=True)
def _login(app: FakeApp) -> None:
    app.routes["/login"] = replying_json({"success": True})


def test_a_pair_posts_the_form(app: FakeApp, connect: Connect) -> None:
    connect(auth=("ann", "se cret"))
    assert app.seen("/login")[0].body == b"username=ann&password=se+cret"


def test_an_auth_logs_in_before_anything_else_is_asked(app: FakeApp, connect: Connect) -> None:
    connect(auth=Numbered())
    assert [seen.target for seen in app.server.seen][:2] == ["/login", "/config"]
    assert app.seen("/config")[0].header("X-Login") == ["1"]


def test_a_function_prepares_every_request(app: FakeApp, connect: Connect) -> None:
    connect(auth=lambda request: with_header(request, "X-F", "1")).predict(1, api_name="/echo")
    assert all(seen.header("X-F") == ["1"] for seen in app.server.seen)


def test_a_bearer_token_gives_way_to_the_callers_own_header(app: FakeApp, connect: Connect) -> None:
    client = connect(auth=BearerToken("t0"))
    client.predict(1, api_name="/echo", headers={"authorization": "mine"})
    assert app.seen("/config")[0].header("Authorization") == ["Bearer t0"]
    assert app.seen("queue/join")[0].header("Authorization") == ["mine"]


@pytest.mark.parametrize("auth", ["ann", ("ann",), 1, Numbered, object])
def test_anything_else_is_refused_and_not_shown(connect: Connect, auth: Any) -> None:
    with pytest.raises(TypeError, match="auth=") as caught:
        connect(auth=auth)
    assert "'ann'" not in str(caught.value)


def test_a_401_is_followed_by_one_login_and_the_call_succeeds(app: FakeApp, connect: Connect) -> None:
    guard(app, "queue/join", "2")
    auth = Numbered()
    assert connect(auth=auth).predict(1, api_name="/echo") == 1
    assert auth.logins == 2
    assert len(app.bodies) == 1


def test_a_second_401_is_an_authentication_error(app: FakeApp, connect: Connect) -> None:
    guard(app, "queue/join", "never")
    with pytest.raises(AuthenticationError):
        connect(auth=Numbered()).predict(1, api_name="/echo")
    assert len(app.seen("queue/join")) == 2


def test_a_static_token_is_not_tried_twice(app: FakeApp, connect: Connect) -> None:
    guard(app, "queue/join", "never")
    with pytest.raises(AuthenticationError, match="the login of 'BearerToken'") as caught:
        connect(auth=BearerToken("t0k")).predict(1, api_name="/echo")
    assert "t0k" not in str(caught.value)
    assert len(app.seen("queue/join")) == 1


def lose(connection: Connection, seen: Seen) -> None:
    raise EOFError


def test_a_join_whose_answer_is_lost_is_not_sent_again(
    app: FakeApp, connect: Connect, transport: str
) -> None:
    app.route("queue/join", lose)
    auth = Numbered()
    with pytest.raises(ConnectionLost):
        connect(auth=auth, transport=transport).predict(1, api_name="/echo")
    assert len(app.seen("queue/join")) == 1
    assert auth.logins == 1


def test_a_join_that_was_sent_again_after_a_401_and_then_lost_is_not_sent_a_third_time(
    app: FakeApp, connect: Connect, transport: str
) -> None:
    app.route("queue/join", lose)
    guard(app, "queue/join", "2")
    auth = Numbered()
    with pytest.raises(ConnectionLost):
        connect(auth=auth, transport=transport).predict(1, api_name="/echo")
    assert len(app.seen("queue/join")) == 2
    assert auth.logins == 2


def test_an_auth_that_fails_stops_the_request(app: FakeApp, connect: Connect) -> None:
    class Broken(Auth):
        def prepare(self, request: Request) -> Request:
            raise KeyError("se cret")

    with pytest.raises(PluginError, match=r"'Broken' failed in prepare\(\)") as caught:
        connect(auth=Broken())
    assert "se cret" not in str(caught.value)
    assert app.server.seen == []


def returning(make: Callable[[], Any]) -> Auth:
    class Returning(Auth):
        def login(self, urls: Any) -> Any:
            return make()

    return Returning()


def yielding(request: Any) -> Auth:
    return returning(lambda: (made for made in [request]))


def with_field(name: Any, value: Any) -> Request:
    return Request("POST", "http://h/", Headers(((name, value),)))


WRONG_REQUESTS = [
    with_field("X-A", None),
    with_field("X-A", b"s3cret"),
    with_field("X-A", "s3cret\n"),
    with_field("X-A", "s3cret\u2192"),
    with_field("X A", "s3cret"),
    ("POST", "http://h/"),
]


@pytest.mark.parametrize(
    "auth",
    [returning(lambda: None), returning(list), *map(yielding, WRONG_REQUESTS)],
)
def test_a_faulty_login_is_named_and_no_secret_is_shown(connect: Connect, transport: str, auth: Auth) -> None:
    with pytest.raises(PluginError, match=r"failed in login\(\)") as caught:
        connect(auth=auth, transport=transport)
    assert caught.value.hook == "login"
    assert "s3cret" not in f"{caught.value}{caught.value.__cause__}"


@pytest.mark.parametrize("wrong", WRONG_REQUESTS)
def test_a_faulty_preparation_is_named_and_no_secret_is_shown(connect: Connect, wrong: Any) -> None:
    def prepare(request: Request) -> Any:
        return replace(request, headers=wrong.headers) if isinstance(wrong, Request) else wrong

    with pytest.raises(PluginError, match=r"failed in prepare\(\)") as caught:
        connect(auth=prepare)
    assert "s3cret" not in f"{caught.value}{caught.value.__cause__}"


class SeatError(AuthenticationError):
    """An error of a plugin's own, with a constructor of its own."""

    def __init__(self, number: int, *, row: str) -> None:
        super().__init__(f"Seat {row}{number} is taken.")
        self.number = number
        self.status = 7


@pytest.mark.parametrize("again", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_an_error_of_a_plugins_own_is_copied_whole(again: Callable[[Any], Any]) -> None:
    made = again(SeatError(5, row="B"))
    assert (str(made), made.number, made.status) == ("Seat B5 is taken.", 5, 7)


def test_a_login_may_fail_with_an_error_of_its_own(connect: Connect) -> None:
    class Full(Auth):
        def login(self, urls: Any) -> Any:
            yield from ()
            raise SeatError(5, row="B")

    with pytest.raises(SeatError, match="Seat B5 is taken"):
        connect(auth=Full())


def test_a_plugin_may_refuse_to_log_in_in_its_own_words(connect: Connect) -> None:
    class Asking:
        @hookimpl
        def gradio_client_auth(self) -> Auth:
            raise AuthenticationError("Run `company login` first.")

    with pytest.raises(AuthenticationError, match="Run `company login` first"):
        connect(plugins=[Asking()])


def test_after_a_restart_the_same_login_serves_once_more(app: FakeApp, connect: Connect) -> None:
    asked, restarted, login = [], threading.Event(), Numbered()

    class Single:
        @hookimpl
        def gradio_client_auth(self) -> Auth:
            asked.append(1)
            return login

    allowed = app.routes[f"{app.prefix}/queue/join"]

    def join(connection: Connection, seen: Seen) -> None:
        if restarted.is_set() and seen.header("X-Login") != ["2"]:
            reply_json(connection, {"detail": "Not authenticated"}, UNAUTHORIZED)
        else:
            allowed(connection, seen)

    app.route("app_id", lambda c, _: reply_json(c, {"app_id": app.config["app_id"]}))
    app.route("queue/join", join)
    client = connect(plugins=[Single()])
    client.predict(1, api_name="/echo")
    client._engine.main.session.maybe_restarted = True  # as a stream that broke leaves it
    app.config["app_id"] += 1
    restarted.set()
    assert client.predict(1, api_name="/echo") == 1
    assert (login.logins, len(asked)) == (2, 1)


def test_an_auth_cannot_send_a_request_elsewhere(connect: Connect) -> None:
    class Astray(Auth):
        def prepare(self, request: Request) -> Request:
            return Request("GET", "http://elsewhere.test/")

    with pytest.raises(PluginError, match="prepare"):
        connect(auth=Astray())


def test_a_plugin_logs_in_where_the_caller_does_not(app: FakeApp, connect: Connect) -> None:
    class Single:
        @hookimpl
        def gradio_client_auth(self, client: ClientInfo) -> Auth | None:
            return BearerToken("sso") if client.url == app.url else None

    connect(plugins=[Single()])
    connect(plugins=[Single()], auth=BearerToken("own"))
    first, second = app.seen("/config")
    assert (first.header("Authorization"), second.header("Authorization")) == (["Bearer sso"], ["Bearer own"])


@pytest.mark.parametrize("wrong", ["text", FormLogin])
def test_a_plugin_whose_auth_is_none_is_named(wrong: Any) -> None:
    class Wrong:
        @hookimpl
        def gradio_client_auth(self) -> Any:
            return wrong

    with pytest.raises(PluginError, match="'Wrong' failed in gradio_client_auth"):
        Hooks([Wrong()]).auth(ClientInfo("http://h", "http://h"))


# OAuth


def test_a_token_is_fetched_with_the_programs_credentials(app: FakeApp, connect: Connect) -> None:
    connect(auth=Issuer(app, None).auth(scope="a b"))
    seen = app.seen("/token")[0]
    assert seen.header("Authorization") == ["Basic bWU6cCUzQXc="]
    assert seen.body == b"grant_type=client_credentials&scope=a+b"
    assert app.seen("/config")[0].header("Authorization") == ["Bearer t1"]


def test_a_token_is_renewed_before_it_ends(app: FakeApp, connect: Connect) -> None:
    now = [0.0]
    issuer = Issuer(app, 100)
    client = connect(auth=issuer.auth(clock=lambda: now[0]))
    now[0] = 71.0
    jobs = [client.submit(number, api_name="/echo") for number in range(100)]
    assert [job.result(timeout=20) for job in jobs] == list(range(100))
    assert issuer.issued == 2
    assert {tuple(seen.header("Authorization")) for seen in app.seen("queue/join")} == {("Bearer t2",)}


def test_a_token_endpoint_that_refuses_is_an_authentication_error(app: FakeApp, connect: Connect) -> None:
    auth = Issuer(app, None).auth()
    app.routes["/token"] = replying_json({"error": "invalid_client"}, UNAUTHORIZED)
    with pytest.raises(AuthenticationError, match=r"no bearer token \(status 401: invalid_client\)"):
        connect(auth=auth)


def busy(app: FakeApp, times: int) -> None:
    """Have the token endpoint answer 503 so many times first."""
    answers = app.routes["/token"]
    left = iter(range(times))

    def token(connection: Connection, seen: Seen) -> None:
        if next(left, None) is None:
            answers(connection, seen)
        else:
            reply_json(connection, {}, "503 Service Unavailable")

    app.routes["/token"] = token


def test_a_token_endpoint_that_is_busy_once_is_asked_again(app: FakeApp, connect: Connect) -> None:
    auth = Issuer(app, None).auth()
    busy(app, 1)
    assert connect(auth=auth).predict(1, api_name="/echo") == 1


def test_a_token_endpoint_that_stays_busy_may_be_asked_later(app: FakeApp, connect: Connect) -> None:
    auth = Issuer(app, None).auth()
    busy(app, 2)
    with pytest.raises(ServerError, match="could not answer") as caught:
        connect(auth=auth)
    assert caught.value.retryable


def test_a_token_serves_to_its_end_while_there_is_no_other(app: FakeApp, connect: Connect) -> None:
    now = [0.0]
    client = connect(auth=Issuer(app, 100).auth(clock=lambda: now[0]))
    busy(app, 1000)
    now[0] = 90.0
    assert client.predict(1, api_name="/echo") == 1
    now[0] = 101.0
    with pytest.raises(ServerError, match="could not answer"):
        client.predict(1, api_name="/echo")


def test_a_secret_is_not_sent_in_the_clear() -> None:
    with pytest.raises(ValueError, match="https"):
        ClientCredentials("http://login.example.com/token", "me", "pw")


def test_the_plugin_logs_in_to_one_origin_only() -> None:
    plugin = OAuth("https://apps.example.com", Numbered)
    assert isinstance(plugin.gradio_client_auth(ClientInfo("x", "https://apps.example.com/a")), Numbered)
    assert plugin.gradio_client_auth(ClientInfo("x", "https://evil.example.com")) is None


@pytest.mark.parametrize("url", ["https://apps.example.com", "https://APPS.example.com:443/a"])
@pytest.mark.parametrize(
    "origin", ["https://apps.example.com", "https://Apps.Example.com:443", "HTTPS://apps.example.com/"]
)
def test_the_plugin_knows_its_origin_however_it_is_written(origin: str, url: str) -> None:
    assert isinstance(OAuth(origin, Numbered).gradio_client_auth(ClientInfo(url, url)), Numbered)


@pytest.mark.parametrize(
    "text",
    [
        "apps.example.com",
        "",
        "ftp://apps.example.com",
        "https://",
        "https://a.example.com/app",
        "https://a?b",
    ],
)
def test_the_plugin_takes_nothing_but_an_origin(text: str) -> None:
    with pytest.raises(ValueError, match="origin must be scheme, host and port alone"):
        OAuth(text, Numbered)


def test_a_header_is_added_once() -> None:
    request = Request("GET", "http://h/", Headers({"X-A": "1"}))
    assert with_header(request, "x-a", "2") is request
