"""What one request carries, and what its answer means."""

from __future__ import annotations

import gzip
import json
import time
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import FakeApp, reply_json, replying
from gradio_client_contract_tests.server import hostile_server, until

from gradio_client import Client
from gradio_client.domain import bounds
from gradio_client.exceptions import ConnectionLost, DeadlineError, ServerError, SourceError, UnreachableError

if TYPE_CHECKING:
    from core.conftest import Connect
    from gradio_client_contract_tests.server import Connection, Seen

NAMES = ("/config", "info", "queue/join", "queue/data")


def first_of_each(app: FakeApp) -> list[Seen]:
    return [app.seen(name)[0] for name in NAMES]


# Headers


def test_every_request_says_who_asks(client: Client, app: FakeApp) -> None:
    client.predict(1, api_name="/echo")
    for seen in first_of_each(app):
        (agent,) = seen.header("User-Agent")
        assert agent.startswith("gradio_client/")


def test_the_clients_headers_override_the_defaults_in_any_case(app: FakeApp, connect: Connect) -> None:
    connect(headers={"user-AGENT": "mine", "X-Mine": "1"}).predict(1, api_name="/echo")
    for seen in first_of_each(app):
        assert seen.header("User-Agent") == ["mine"]
        assert seen.header("X-Mine") == ["1"]


def test_a_calls_headers_override_the_clients_on_its_join_alone(app: FakeApp, connect: Connect) -> None:
    connect(headers={"X-Mine": "client"}).predict(1, api_name="/echo", headers={"x-MINE": "call"})
    values = [seen.header("X-Mine") for seen in first_of_each(app)]
    assert values == [["client"], ["client"], ["call"], ["client"]]


def test_headers_given_in_httpx_kwargs_give_way_to_headers(app: FakeApp, connect: Connect) -> None:
    connect(headers={"X-A": "1"}, httpx_kwargs={"headers": {"x-a": "2", "X-B": "2"}})
    seen = app.seen("/config")[0]
    assert (seen.header("X-A"), seen.header("X-B")) == (["1"], ["2"])


def test_a_token_goes_along_in_a_header_that_spaces_take_out(app: FakeApp, connect: Connect) -> None:
    connect(token="hf_secret").predict(1, api_name="/echo")
    for seen in first_of_each(app):
        assert seen.header("X-HF-Authorization") == ["Bearer hf_secret"]
        assert seen.header("Authorization") == []


def test_basic_authentication_goes_along_with_every_request(app: FakeApp, connect: Connect) -> None:
    connect(httpx_kwargs={"auth": ("user", "pässword")}).predict(1, api_name="/echo")
    for seen in first_of_each(app):
        assert seen.header("Authorization") == ["Basic dXNlcjpww6Rzc3dvcmQ="]


def test_a_header_of_the_caller_overrides_basic_authentication(app: FakeApp, connect: Connect) -> None:
    connect(httpx_kwargs={"auth": ("user", "password")}, headers={"authorization": "Bearer x"})
    assert app.seen("/config")[0].header("Authorization") == ["Bearer x"]


def test_query_parameters_go_along_with_every_request(app: FakeApp, connect: Connect) -> None:
    connect(httpx_kwargs={"params": {"__sign": "a&b"}}).predict(1, api_name="/echo")
    targets = [seen.target for seen in first_of_each(app)]
    assert targets[0].endswith("/config?__sign=a%26b")
    assert all(target.endswith("&__sign=a%26b") for target in (targets[1], targets[3]))


# Cookies


def test_cookies_of_the_app_are_kept_and_sent(app: FakeApp, connect: Connect) -> None:
    app.routes["/config"] = lambda c, _: reply_json(
        c, app.config, "200 OK", "Set-Cookie: replica=7; Path=/", "Set-Cookie: b=2; HttpOnly"
    )
    connect().predict(1, api_name="/echo")
    for seen in first_of_each(app)[1:]:
        (cookies,) = seen.header("Cookie")
        assert sorted(cookies.split("; ")) == ["b=2", "replica=7"]


def test_the_callers_cookies_go_along(app: FakeApp, connect: Connect) -> None:
    connect(httpx_kwargs={"cookies": {"mine": "1"}})
    assert app.seen("/config")[0].header("Cookie") == ["mine=1"]


def test_a_calls_cookies_go_along_with_the_clients_and_the_apps(app: FakeApp, connect: Connect) -> None:
    app.routes["/config"] = lambda c, _: reply_json(
        c, app.config, "200 OK", "Set-Cookie: login=1; Path=/", "Set-Cookie: theme=dark; Path=/"
    )
    client = connect(headers={"Cookie": "mine=2"})
    client.predict(1, api_name="/echo", headers={"cookie": "theme=light; call=3;"})
    client.predict(1, api_name="/echo")
    sent = [set(seen.header("Cookie")[0].split("; ")) for seen in app.seen("queue/join")]
    assert sent == [
        {"login=1", "mine=2", "theme=light", "call=3"},
        {"login=1", "mine=2", "theme=dark"},
    ]


# Answers


@pytest.mark.parametrize(
    ("coding", "encode"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("x-gzip", gzip.compress)]
)
def test_compressed_answers_are_decoded(app: FakeApp, connect: Connect, coding: str, encode: Any) -> None:
    body = encode(json.dumps(app.config).encode())
    app.routes["/config"] = replying(body, "200 OK", f"Content-Encoding: {coding}")
    assert connect().predict("done", api_name="/echo") == "done"


@pytest.mark.parametrize("body", [b"no gzip", gzip.compress(b"{}" * 100)[:-9]], ids=["torn", "cut"])
def test_a_broken_coding_is_an_error(app: FakeApp, connect: Connect, body: bytes) -> None:
    app.routes["/config"] = replying(body, "200 OK", "Content-Encoding: gzip")
    with pytest.raises(ServerError, match="gzip"):
        connect()


@pytest.mark.parametrize("compressed", [False, True])
def test_an_answer_that_is_too_long_is_refused(
    app: FakeApp, connect: Connect, monkeypatch: pytest.MonkeyPatch, *, compressed: bool
) -> None:
    body = b" " * (bounds.DOCUMENT + 1)
    headers = ("Content-Encoding: gzip",) if compressed else ()
    app.routes["/config"] = replying(gzip.compress(body, 1) if compressed else body, "200 OK", *headers)
    with pytest.raises(ServerError, match="longer than"):
        connect()


# Failures


def test_a_refused_connection_is_unreachable(transport: str) -> None:
    with pytest.raises(UnreachableError, match="nothing was sent"):
        Client("http://127.0.0.1:9", verbose=False, transport=transport)


def test_a_name_that_does_not_exist_is_unreachable(transport: str) -> None:
    with pytest.raises(UnreachableError, match=r"nowhere\.invalid"):
        Client("http://nowhere.invalid", verbose=False, transport=transport)


@pytest.mark.parametrize("host", ["h..example", ".example", "x" * 70 + ".example"])
def test_a_name_that_cannot_exist_is_no_source(transport: str, host: str) -> None:
    with pytest.raises(SourceError, match="names no host"):
        Client(f"http://{host}", verbose=False, transport=transport)


def test_a_silent_server_is_a_timeout(transport: str) -> None:
    with hostile_server() as server:
        server.serve(lambda connection: connection.wait())
        with pytest.raises(DeadlineError) as caught:
            Client(server.url, verbose=False, transport=transport, httpx_kwargs={"timeout": 0.2})
    assert isinstance(caught.value, TimeoutError)


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", b"\x16\x03\x01garbage\r\n\r\n"],
)
def test_a_broken_answer_is_a_lost_connection(transport: str, answer: bytes) -> None:
    def break_off(connection: Connection) -> None:
        connection.read_request()
        connection.send(answer)

    with hostile_server() as server:
        server.serve(break_off)
        with pytest.raises(ConnectionLost) as caught:
            Client(server.url, verbose=False, transport=transport)
    assert caught.value.app == server.url


def reset(connection: Connection) -> None:
    connection.read_request()
    connection.reset()


def test_a_reset_is_a_lost_connection(transport: str) -> None:
    with hostile_server() as server:
        server.serve(reset)
        with pytest.raises(ConnectionLost):
            Client(server.url, verbose=False, transport=transport)


def test_a_query_that_may_be_secret_is_in_no_error(transport: str) -> None:
    with hostile_server() as server:
        server.serve(reset)
        with pytest.raises(ConnectionLost) as caught:
            Client(server.url, verbose=False, transport=transport, httpx_kwargs={"params": {"key": "s3cret"}})
    ours = [caught.value, caught.value.__cause__]
    assert "s3cret" not in f"{ours} {ours[0]} {ours[1]}"


# Repeating


def dropping(app: FakeApp, name: str, times: int = 1) -> None:
    """Let a route drop its connection this often, then answer."""
    route = app.routes[f"{app.prefix}/{name}"]
    left = [times]

    def drop(connection: Connection, seen: Seen) -> None:
        if left[0]:
            left[0] -= 1
            connection.reset()
            raise EOFError
        route(connection, seen)

    app.route(name, drop)


def test_a_question_is_asked_again_once_when_its_connection_was_dropped(app: FakeApp, transport: str) -> None:
    dropping(app, "info")
    with Client(app.url, verbose=False, transport=transport) as client:
        assert client.predict("done", api_name="/echo") == "done"
    assert len(app.seen("info")) == 2


def test_a_question_is_not_asked_a_third_time(app: FakeApp, transport: str) -> None:
    dropping(app, "info", times=2)
    with pytest.raises(ConnectionLost):
        Client(app.url, verbose=False, transport=transport)
    assert len(app.seen("info")) == 2


def test_a_stream_is_asked_for_again_once_when_its_connection_was_dropped(
    app: FakeApp, transport: str
) -> None:
    dropping(app, "queue/data")
    with Client(app.url, verbose=False, transport=transport) as client:
        assert client.predict("done", api_name="/echo") == "done"
    assert len(app.seen("queue/data")) == 2


def test_a_stream_is_not_asked_for_a_third_time(app: FakeApp, transport: str) -> None:
    dropping(app, "queue/data", times=2)
    with Client(app.url, verbose=False, transport=transport) as client:
        with pytest.raises(ConnectionLost):
            client.predict(1, api_name="/echo")
        assert len(app.seen("queue/data")) == 2


def test_what_has_effects_is_sent_once(app: FakeApp, transport: str) -> None:
    dropping(app, "queue/join")
    with Client(app.url, verbose=False, transport=transport) as client:
        with pytest.raises(ConnectionLost, match="broke"):
            client.predict(1, api_name="/echo")
        assert len(app.seen("queue/join")) == 1


def test_a_connection_dropped_between_two_calls_harms_neither(app: FakeApp, transport: str) -> None:
    def once(connection: Connection, seen: Seen) -> None:
        app.join(connection, seen)
        raise EOFError  # after the answer, as servers do that are tired of a connection

    app.route("queue/join", once)
    with Client(app.url, verbose=False, transport=transport) as client:
        for at in range(5):
            assert client.predict(at, api_name="/echo") == at
            assert until(lambda: app.server.open <= 1)
            time.sleep(0.02)  # for the news to cross the loopback
