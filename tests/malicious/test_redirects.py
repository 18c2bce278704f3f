"""Redirects: an app that wants the client, and what it carries, somewhere else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import completed, replying
from gradio_client_contract_tests.server import answering, hostile_server, until
from malicious.encrypted import encrypted

from gradio_client import handle_file
from gradio_client.exceptions import DownloadError, GradioClientError, ServerError

if TYPE_CHECKING:
    from core.fake_app import FakeApp
    from malicious.victim import Victim

QUESTIONS = ("/config", "info", "queue/join", "queue/data")
#: What leads nowhere; ``{}`` is the host that wants the secrets.
NOWHERE = {
    "a file": "file:///etc/passwd",
    "another scheme": "ftp://{}/x",
    "a script": "javascript:alert(1)",
    "data": "data:application/json,{{}}",
    "a user": "http://user:password@{}/config",
    "the app as a user": "http://127.0.0.1:7860@{}/config",
    "no scheme": "//{}/config",
    "a backslash": "\\\\{}/config",
    "a slash and a backslash": "/\\{}/config",
    "a tab": "http:/\t/{}/config",
    "an invalid port": "http://{}:99999/x",
    "an invalid host": "http://[::1/x",
    "nothing": "",
}


def leading(location: str, status: str = "307 Temporary Redirect") -> Any:
    return replying(b"", status, f"Location: {location}")


def path_of(app: FakeApp, name: str) -> str:
    return name if name.startswith("/") else f"{app.prefix}/{name}"


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize("status", ["302 Found", "307 Temporary"])
def test_questions_do_not_leave_for_another_host(victim: Victim, name: str, status: str) -> None:
    victim.app.routes[path_of(victim.app, name)] = leading(victim.elsewhere.url + "/x", status)
    assert isinstance(victim.calls(), GradioClientError)
    assert victim.elsewhere.received == b""


def test_a_login_does_not_leave_for_another_host(victim: Victim) -> None:
    victim.app.routes["/login"] = leading(victim.elsewhere.url + "/login")
    victim.connects(auth=("ada", "MARKED-password"))
    assert victim.elsewhere.received == b""


def test_an_upload_does_not_leave_for_another_host(victim: Victim) -> None:
    victim.app.route("upload", leading(victim.elsewhere.url + "/upload"))
    assert isinstance(victim.calls(handle_file(victim.secret_file)), ServerError)
    assert victim.elsewhere.received == b""


def test_a_cancellation_does_not_leave_for_another_host(victim: Victim) -> None:
    victim.app.on_join = lambda event, body: []
    victim.app.route("cancel", leading(victim.elsewhere.url + "/cancel"))
    client = victim.client()
    job = client.submit(1, api_name="/echo")
    assert victim.app.joined.acquire(timeout=10)
    job.cancel()
    assert until(lambda: victim.app.seen("cancel"))
    client.close()
    assert victim.elsewhere.received == b""


def test_the_same_host_by_another_name_is_another_host(victim: Victim) -> None:
    other = victim.app.url.replace("127.0.0.1", "localhost")
    victim.app.routes["/config"] = leading(other + "/moved")
    assert isinstance(victim.connects(), ServerError)
    assert victim.app.seen("/moved") == []


@pytest.mark.parametrize("case", NOWHERE)
def test_what_leads_nowhere_is_an_error(victim: Victim, case: str) -> None:
    victim.app.routes["/config"] = leading(NOWHERE[case].format(victim.elsewhere.host))
    assert isinstance(victim.connects(), GradioClientError)
    assert victim.elsewhere.received == b""


def test_a_circle_ends(victim: Victim) -> None:
    victim.app.routes["/config"] = leading("/config?again")
    assert isinstance(victim.connects(), ServerError)
    assert len(victim.app.seen("/config")) < 20


def test_a_download_goes_to_another_host_without_anything(victim: Victim) -> None:
    victim.elsewhere.answer = b"content"
    victim.app.route("file=/tmp/a.txt", leading(victim.elsewhere.url + "/a.txt", "302 Found"))
    victim.app.on_join = lambda event, _: [completed(event, _file("/tmp/a.txt"))]
    assert Path(victim.calls()).read_bytes() == b"content"
    assert victim.elsewhere.received.startswith(b"GET /a.txt HTTP/1.1\r\n")


def test_a_download_that_returns_from_another_host_carries_nothing_twice(victim: Victim) -> None:
    with hostile_server() as between:
        between.serve(lambda c: leading(victim.elsewhere.url + "/a", "302 Found")(c, c.read_request()))
        victim.app.route("file=/tmp/a.txt", leading(between.url + "/b"))
        victim.app.on_join = lambda event, _: [completed(event, _file("/tmp/a.txt"))]
        victim.calls()
        assert "MARKED" not in repr(between.seen)


@pytest.mark.parametrize("sends_the_client_away", [True, False])
def test_a_download_that_another_host_sends_back_to_the_app_carries_nothing(
    victim: Victim, *, sends_the_client_away: bool
) -> None:
    """Else any host that holds a file could have the client log out, or do whatever else a GET does."""
    with hostile_server() as between:
        between.serve(lambda c: leading(victim.app.url + "/logout", "302 Found")(c, c.read_request()))
        forgetting = "Set-Cookie: access-token=; Path=/; Max-Age=0"
        victim.app.routes["/logout"] = replying(b"bye", "200 OK", forgetting)
        cookie = "Set-Cookie: access-token=MARKED-session; Path=/"
        victim.app.routes["/login"] = replying(b'{"success": true}', "200 OK", cookie)
        victim.app.route("file=/tmp/a.txt", leading(between.url + "/a.txt", "302 Found"))
        more = {} if sends_the_client_away else {"url": between.url + "/a.txt"}
        victim.app.on_join = lambda event, _: [completed(event, _file("/tmp/a.txt", **more))]
        client = victim.client(auth=("ada", "MARKED-password"))
        assert Path(client.predict(1, api_name="/echo", headers={"X-Call": "MARKED"})).read_bytes() == b"bye"
        (seen,) = victim.app.seen("/logout")
        assert "MARKED" not in repr(seen)
        assert client.cookies["access-token"] == "MARKED-session"


@pytest.mark.parametrize("redirected", [True, False])
def test_a_login_that_another_host_wants_is_not_told_as_the_clients(
    victim: Victim, *, redirected: bool
) -> None:
    with hostile_server() as between:
        between.serve(answering(b"", "401 Unauthorized"))
        victim.app.routes["/login"] = replying(b'{"success": true}', "200 OK", "Set-Cookie: access-token=1")
        victim.app.route("file=/tmp/a.txt", leading(between.url + "/a.txt", "302 Found"))
        more = {} if redirected else {"url": between.url + "/a.txt"}
        victim.app.on_join = lambda event, _: [completed(event, _file("/tmp/a.txt", **more))]
        outcome = victim.calls(auth=("ada", "MARKED-password"))
        assert isinstance(outcome, DownloadError)
        assert between.url in str(outcome)
        assert "although the client used" not in str(outcome)
        assert len(victim.app.seen("/login")) == 1


@pytest.mark.parametrize("name", ["/config", "/gradio_api/queue/join", "/gradio_api/file=/tmp/a"])
def test_nothing_goes_from_https_to_http(victim: Victim, name: str) -> None:
    victim.app.on_join = lambda event, _: [completed(event, _file("/tmp/a"))]
    with encrypted(victim, {name: leading(victim.app.url + name)}) as https:
        outcome = victim.calls(**https)
    assert isinstance(outcome, GradioClientError)
    assert "unencrypted" in str(outcome)
    assert victim.app.server.connections == 0


def _file(path: str, **more: Any) -> dict[str, Any]:
    return {"path": path, "meta": {"_type": "gradio.FileData"}} | more
