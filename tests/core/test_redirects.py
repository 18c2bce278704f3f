from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from core.fake_app import FakeApp, reply_json, replying, replying_json
from gradio_client_contract_tests.server import hostile_server, until

from gradio_client import Client, handle_file
from gradio_client.exceptions import AuthenticationError, GradioClientError, ServerError

if TYPE_CHECKING:
    from pathlib import Path

    from core.conftest import Connect
    from gradio_client_contract_tests.server import Connection, Seen

SECRETS: dict[str, Any] = {
    "token": "secret-token",
    "headers": {"X-Mine": "secret-header", "Authorization": "secret-authorization"},
    "httpx_kwargs": {"cookies": {"mine": "secret-cookie"}, "params": {"key": "secret-key"}},
}


def leading(location: str, status: str = "307 Temporary Redirect") -> Any:
    return replying(b"", status, f"Location: {location}")


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 Other", "307 Temporary", "308 Permanent"])
def test_a_question_follows_redirects_within_the_app(app: FakeApp, connect: Connect, status: str) -> None:
    app.routes["/moved"] = app.routes["/config"]
    app.routes["/config"] = leading("/moved", status)
    assert connect().predict("done", api_name="/echo") == "done"


def test_credentials_stay_with_a_redirect_within_the_app(app: FakeApp, connect: Connect) -> None:
    app.routes["/moved"] = app.routes["/config"]
    app.routes["/config"] = leading(f"{app.url}/moved")
    connect(token="hf_token", headers={"X-Mine": "1"})
    seen = app.seen("/moved")[0]
    assert (seen.header("X-HF-Authorization"), seen.header("X-Mine")) == (["Bearer hf_token"], ["1"])


def test_a_cookie_set_by_a_redirect_is_sent_where_it_leads(app: FakeApp, connect: Connect) -> None:
    app.routes["/moved"] = app.routes["/config"]
    app.routes["/config"] = replying(b"", "302 Found", "Location: /moved", "Set-Cookie: replica=7; Path=/")
    connect()
    assert app.seen("/moved")[0].header("Cookie") == ["replica=7"]


@pytest.mark.parametrize("status", ["307 Temporary", "308 Permanent"])
def test_a_job_is_sent_again_whole_where_it_is_told_to(client: Client, app: FakeApp, status: str) -> None:
    app.route("queue/join/", app.join)
    app.route("queue/join", leading(f"{app.prefix}/queue/join/", status))
    assert client.predict("done", api_name="/echo") == "done"
    first, second = app.seen("queue/join")[0], app.seen("queue/join/")[0]
    assert first.body == second.body
    assert second.header("Content-Type") == ["application/json"]


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 Other"])
def test_a_job_that_is_sent_to_a_page_is_not_sent_again(client: Client, app: FakeApp, status: str) -> None:
    app.routes["/page"] = replying(b"<html>Log in</html>")
    app.route("queue/join", leading("/page", status))
    with pytest.raises(ServerError):
        client.predict(1, api_name="/echo")
    (seen,) = app.seen("/page")
    assert seen.line.startswith("GET ")
    assert (seen.body, seen.header("Content-Type")) == (b"", [])


def test_an_upload_is_sent_again_whole_where_it_is_told_to(
    client: Client, app: FakeApp, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_bytes(b"content" * 1000)
    app.route("upload/", app.upload)
    app.route("upload", leading(f"{app.prefix}/upload/"))
    app.on_join = lambda event, _: [{"msg": "process_completed", "event_id": event, "output": {"data": [1]}}]
    assert client.predict(handle_file(tmp_path / "a.txt"), api_name="/echo") == 1
    assert app.seen("upload")[0].body == app.seen("upload/")[0].body


@pytest.mark.parametrize("name", ["/config", "info", "queue/join", "queue/data"])
def test_nothing_but_downloads_leaves_for_another_host(app: FakeApp, connect: Connect, name: str) -> None:
    with hostile_server() as elsewhere:
        elsewhere.serve(lambda connection: connection.reply(b"{}"))
        path = name if name.startswith("/") else f"{app.prefix}/{name}"
        app.routes[path] = leading(f"{elsewhere.url}/x?secret=1")
        with pytest.raises(GradioClientError, match="another host") as caught:
            connect(**SECRETS).predict(1, api_name="/echo")
        assert elsewhere.url in str(caught.value)
        assert "secret" not in str(caught.value)
        assert elsewhere.connections == 0


def test_a_refused_redirect_leaves_no_connection_behind(app: FakeApp, connect: Connect) -> None:
    client = connect()
    app.route("queue/join", leading("http://127.0.0.1:9/x"))
    for _ in range(20):
        with pytest.raises(ServerError):
            client.predict(1, api_name="/echo")
    assert until(lambda: app.server.open <= 2)


def test_another_port_is_another_host(app: FakeApp, connect: Connect) -> None:
    app.routes["/config"] = leading("http://127.0.0.1:9/config")
    with pytest.raises(ServerError, match="another host"):
        connect()


@pytest.mark.parametrize("location", ["", "ftp://h/x", "javascript:alert(1)", "http://h:99999/"])
def test_a_redirect_to_nowhere_is_an_error(app: FakeApp, connect: Connect, location: str) -> None:
    app.routes["/config"] = leading(location)
    with pytest.raises(ServerError, match="307"):
        connect()


def test_a_circle_of_redirects_is_an_error(app: FakeApp, connect: Connect) -> None:
    app.routes["/config"] = leading("/config")
    with pytest.raises(ServerError, match="redirects in a row"):
        connect(httpx_kwargs={"max_redirects": 3})
    assert len(app.seen("/config")) == 4


def test_redirects_can_be_switched_off(app: FakeApp, connect: Connect) -> None:
    app.routes["/config"] = leading("/moved")
    with pytest.raises(ServerError):
        connect(httpx_kwargs={"follow_redirects": False})
    assert app.seen("/moved") == []


def test_no_request_goes_from_https_to_http(app: FakeApp, tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with hostile_server(context) as server:
        server.serve(lambda c: leading(app.url + "/config")(c, c.read_request()))
        with pytest.raises(ServerError, match="unencrypted"):
            Client(server.url, verbose=False, ssl_verify=tmp_path / "ca.pem")
    assert app.server.connections == 0


# Logins


def login(app: FakeApp, connection: Connection, seen: Seen) -> None:
    if seen.body == b"username=ada&password=p%26w":
        cookies = ("Set-Cookie: access-token-unsecure-x=t; HttpOnly; Path=/; SameSite=lax",)
        reply_json(connection, {"success": True}, "200 OK", *cookies)
    else:
        reply_json(connection, {"detail": "Incorrect credentials."}, "400 Bad Request")


def test_a_login_comes_first_and_its_cookie_goes_along(app: FakeApp, connect: Connect) -> None:
    app.routes["/login"] = lambda c, seen: login(app, c, seen)
    connect(auth=("ada", "p&w")).predict(1, api_name="/echo")
    assert app.server.seen[0].line.startswith("POST /login ")
    for name in ("/config", "info", "queue/join", "queue/data"):
        assert app.seen(name)[0].header("Cookie") == ["access-token-unsecure-x=t"]


def test_a_wrong_password_is_an_error_that_does_not_show_it(app: FakeApp, connect: Connect) -> None:
    app.routes["/login"] = lambda c, seen: login(app, c, seen)
    with pytest.raises(AuthenticationError, match="Incorrect credentials") as caught:
        connect(auth=("ada", "secret"))
    assert "secret" not in str(caught.value)
    assert app.seen("/config") == []


@pytest.mark.parametrize("answer", ["302 Found", "404 Not Found", "405 Not Allowed"])
def test_an_app_without_a_login_is_used_as_it_is(app: FakeApp, connect: Connect, answer: str) -> None:
    app.routes["/login"] = replying(b"", answer, "Location: /")
    assert connect(auth=("ada", "x")).predict("done", api_name="/echo") == "done"
    assert app.seen("/") == []


def test_a_login_that_breaks_is_an_error(app: FakeApp, connect: Connect) -> None:
    app.routes["/login"] = replying_json({"detail": "x"}, "500 Broken")
    with pytest.raises(ServerError, match="logging in"):
        connect(auth=("ada", "x"))
