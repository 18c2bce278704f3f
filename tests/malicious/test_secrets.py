"""Secrets are in no repr, log, error, pickle, cassette nor description, wherever they come from."""

from __future__ import annotations

import asyncio
import pickle
import ssl
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from core.fake_app import completed, failing, replying, replying_json
from gradio_client_contract_tests.server import hostile_server, sending
from malicious.files import file
from malicious.marks import (
    SECRETS,
    found,
    given,
    not_pickled,
    other_auths,
    ours_within,
    reprs,
    texts_of,
    with_proxy,
)
from malicious.wire import replace

from gradio_client import AsyncClient, Client, Downloads, handle_file
from gradio_client.auth import BearerToken
from gradio_client.exceptions import FileTooLargeError, GradioClientError
from gradio_client.hooks import hookimpl
from gradio_client.testing import cassette

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.fake_app import FakeApp

DEBUG = 1  # the level of loggers: all there is


@pytest.fixture
def seeing(app: FakeApp) -> FakeApp:
    """An app with a login, files, and a function that takes a token."""
    cookie = f"Set-Cookie: access-token={SECRETS['session']}; Path=/"
    app.routes["/login"] = replying_json({"success": True}, "200 OK", cookie)
    app.info["named_endpoints"]["/echo"]["oauth_token"] = "required"
    app.on_join = lambda event, _: [completed(event, file("/tmp/a.txt"))]
    app.otherwise = replying(b"content")
    return app


def called(app: FakeApp, folder: Path, **kwargs: Any) -> tuple[Client, Any]:
    client = Client(app.url, download_files=folder, **given() | kwargs)
    job = client.submit(1, api_name="/echo", headers={"X-Call": SECRETS["call"]})
    job.result(timeout=20)
    return client, job


def test_the_marks_are_sent(seeing: FakeApp, tmp_path: Path) -> None:
    client, _ = called(seeing, tmp_path)
    client.close()
    sent = {"token", "oauth", "password", "header", "call", "kwargs_header", "cookie", "param", "plugin"}
    assert sent | {"session", "bearer"} <= set(found(repr(seeing.requests)))


def test_nothing_of_ours_shows_a_secret(seeing: FakeApp, transport: str, tmp_path: Path) -> None:
    client, job = called(seeing, tmp_path, transport=transport)
    objects = ours_within(client, job, client._engine, *other_auths(), BearerToken(SECRETS["bearer"]))
    assert len(objects) > 50
    assert found(*reprs(objects)) == []
    client.close()


def test_no_secret_is_logged(
    seeing: FakeApp, transport: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(DEBUG)
    for name in ("gradio_client", "aiohttp", "urllib3", "requests", "httpx", "httpcore", "asyncio"):
        caplog.set_level(DEBUG, name)
    client, _ = called(seeing, tmp_path, transport=transport)
    client.close()
    assert caplog.records
    assert found(*(f"{record.getMessage()} {record.args}" for record in caplog.records)) == []


def test_no_secret_is_pickled(seeing: FakeApp, transport: str, tmp_path: Path) -> None:
    client, job = called(seeing, tmp_path, transport=transport)
    events = [entry.event for entry in job._feed.entries]
    assert events
    assert found(*not_pickled(client), *not_pickled(job)) == []
    assert found(*map(pickle.dumps, events)) == []
    client.close()


def test_no_secret_is_in_a_description(seeing: FakeApp, tmp_path: Path) -> None:
    client, _ = called(seeing, tmp_path)
    texts = [str(client), client.view_api(return_format="str"), repr(client.view_api(return_format="dict"))]
    assert found(*map(str, texts)) == []
    client.close()


def test_no_secret_is_in_a_cassette(seeing: FakeApp, transport: str, tmp_path: Path) -> None:
    tape = tmp_path / "tape.json"
    client, _ = called(seeing, tmp_path / "files", transport=cassette(tape, inner=transport))
    client.close()
    assert tape.stat().st_size > 1000
    assert found(tape.read_bytes()) == []


FAILURES: dict[str, Callable[[FakeApp], None]] = {
    "a reset at the configuration": lambda app: replace(app, "/config", lambda c, _: c.reset()),
    "a reset at the join": lambda app: replace(app, "queue/join", lambda c, _: c.reset()),
    "a reset of the stream": lambda app: replace(app, "queue/data", lambda c, _: c.reset()),
    "no HTTP at the configuration": lambda app: replace(
        app, "/config", lambda c, _: c.send(b"SSH-2.0\r\n\r\n")
    ),
    "no HTTP at the join": lambda app: replace(app, "queue/join", lambda c, _: c.send(b"nonsense\r\n\r\n")),
    "a cut body": lambda app: replace(app, "queue/join", lambda c, _: _cut(c)),
    "silence": lambda app: replace(app, "queue/join", lambda c, _: c.wait_until_gone(2)),
    "a refused login": lambda app: replace(app, "/login", replying_json({"detail": "no"}, "400 Bad")),
    "a login that breaks": lambda app: replace(app, "/login", lambda c, _: c.reset()),
    "401": lambda app: replace(app, "queue/join", replying(b"no", "401 No")),
    "403": lambda app: replace(app, "queue/data", replying(b"no", "403 No")),
    "422": lambda app: replace(app, "queue/join", replying_json({"detail": [{"msg": "no"}]}, "422 No")),
    "500": lambda app: replace(app, "/config", replying(b"no", "500 No")),
    "a redirect elsewhere": lambda app: replace(
        app, "/config", lambda c, seen: c.reply(b"", "302 Found", f"Location: http://127.0.0.2{seen.target}")
    ),
    "a redirect that is no URL": lambda app: replace(
        app, "/config", lambda c, seen: c.reply(b"", "302 Found", f"Location: ftp://x{seen.target}")
    ),
    "a file that is not there": lambda app: setattr(app, "otherwise", replying(b"no", "404 No")),
    "a file that is cut": lambda app: setattr(app, "otherwise", lambda c, _: _cut(c)),
    "an error of the app": lambda app: setattr(app, "on_join", lambda event, _: [failing(event, "bad")]),
    "a broken event": lambda app: setattr(app, "on_join", lambda event, _: [b"data: {\n\n"]),
    "a header field that is none": lambda app: replace(
        app, "/config", lambda c, _: c.send(b"HTTP/1.1 200 OK\r\nbad field\x00\r\n: x\r\n\r\n")
    ),
}


def _cut(connection: Any) -> None:
    connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    raise EOFError


@pytest.mark.parametrize("case", FAILURES)
def test_no_secret_is_in_an_error(
    seeing: FakeApp, transport: str, tmp_path: Path, case: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(DEBUG)
    FAILURES[case](seeing)
    with pytest.raises(GradioClientError) as caught:
        _call_and_close(seeing.url, tmp_path, transport=transport)
    assert found(*texts_of(caught.value)) == []
    assert found(pickle.dumps(caught.value)) == []
    assert found(caplog.text) == []


def test_no_secret_of_a_files_url_is_in_an_error_or_a_name(seeing: FakeApp, tmp_path: Path) -> None:
    """What a query, a fragment and a user's part hold is no part of a file's name."""
    own = f"{seeing.url}{seeing.prefix}/file=/tmp/a%20b.txt?__sign={SECRETS['query']}/{SECRETS['query']}"
    named: list[str] = []
    client = Client(seeing.url, download_files=tmp_path, progress=lambda one: named.append(one.name or ""))
    client.predict(handle_file(own), api_name="/echo")
    (upload,) = seeing.seen("upload")
    assert b'filename="a b.txt"' in upload.body
    assert found(repr(upload), *named) == []
    seeing.config["max_file_size"] = 3
    with Client(seeing.url) as strict, pytest.raises(FileTooLargeError) as caught:
        strict.predict(handle_file(own), api_name="/echo")
    assert found(*texts_of(caught.value)) == []
    elsewhere = f"http://{SECRETS['userinfo']}@files.invalid?{SECRETS['query']}#{SECRETS['query']}"
    assert handle_file(elsewhere)["orig_name"] == "file"
    client.close()


def test_no_secret_of_a_results_url_is_in_its_name(seeing: FakeApp, tmp_path: Path) -> None:
    path = f"{seeing.url}/a.png?signature={SECRETS['query']}/x.exe"
    seeing.on_join = lambda event, _: [completed(event, file(path))]
    with Client(seeing.url, download_files=tmp_path) as client:
        saved = client.predict(1, api_name="/echo")
        assert saved.endswith("/a.png")
    with Client(seeing.url, download_files=Downloads(max_file_bytes=1)) as strict:
        with pytest.raises(FileTooLargeError) as caught:
            strict.predict(1, api_name="/echo")
        assert found(*texts_of(caught.value)) == []


NOWHERE = {
    "a closed port": "http://127.0.0.1:9",
    "no such name": "http://nowhere.invalid",
    "a TLS that is none": "https://{}",
}


@pytest.mark.parametrize("case", NOWHERE)
@pytest.mark.parametrize("proxied", [False, True])
def test_no_secret_is_in_an_error_before_there_is_a_connection(
    app: FakeApp, transport: str, tmp_path: Path, case: str, *, proxied: bool
) -> None:
    url = NOWHERE[case].format(app.url.removeprefix("http://"))
    kwargs = given()
    if proxied:
        kwargs["httpx_kwargs"] |= {"proxy": with_proxy("http://127.0.0.1:9")}
    with pytest.raises(GradioClientError) as caught:
        Client(url, transport=transport, **kwargs)
    assert found(*texts_of(caught.value)) == []


@pytest.mark.parametrize("answer", ["407 Proxy Authentication Required", "403 No", "200 OK", "502 Bad"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_secret_is_in_an_error_of_a_proxy(
    transport: str, answer: str, scheme: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(DEBUG)
    with hostile_server() as proxy:
        proxy.serve(sending(f"HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n".encode()))
        kwargs = given()
        kwargs["httpx_kwargs"] |= {"proxy": with_proxy(proxy.url), "timeout": 1.0}
        with pytest.raises(GradioClientError) as caught:
            Client(f"{scheme}://app.example", transport=transport, **kwargs)
    assert found(*texts_of(caught.value), caplog.text) == []


def test_no_secret_of_the_environment_is_shown(
    transport: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(DEBUG)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://dave:{SECRETS['environment']}@127.0.0.1:9")
    with pytest.raises(GradioClientError) as caught:
        Client("http://app.example", transport=transport, verbose=False)
    assert found(*texts_of(caught.value), caplog.text) == []


MISTAKES: dict[str, Callable[[], object]] = {
    "a password in the source": lambda: Client(f"http://ada:{SECRETS['userinfo']}@127.0.0.1:9"),
    "a query in a bad source": lambda: Client(f"htp://127.0.0.1:9/?key={SECRETS['query']}"),
    "a query in a source": lambda: Client(f"http://127.0.0.1:9/?key={SECRETS['query']}", verbose=False),
    "a line break in a token": lambda: Client(
        "http://127.0.0.1:9", token=SECRETS["token"] + "\n", verbose=False
    ),
    "a line break in a header": lambda: Client(
        "http://127.0.0.1:9", headers={"X": SECRETS["header"] + "\r\nY: z"}
    ),
    "a euro sign in a header": lambda: Client("http://127.0.0.1:9", headers={"X": SECRETS["header"] + "€"}),
    "a header that is a list": lambda: Client("http://127.0.0.1:9", headers={"X": [SECRETS["header"]]}),  # type: ignore[dict-item]
    "a cookie that is none": lambda: _with(cookies={"a": SECRETS["cookie"] + ";"}),
    "cookies that are text": lambda: _with(cookies=SECRETS["cookie"]),
    "params that are a number": lambda: _with(params=[SECRETS["param"], 1]),
    "an auth that is text": lambda: _with(auth=SECRETS["basic"]),
    "an auth of three": lambda: Client("http://127.0.0.1:9", auth=("a", "b", SECRETS["password"])),  # type: ignore[arg-type]
    "two tokens": lambda: Client("http://127.0.0.1:9", hf_token="hf_other", token=SECRETS["token"]),
    "a token that is none": lambda: Client("http://127.0.0.1:9", token=[SECRETS["token"]]),  # type: ignore[arg-type]
    "a proxy that is none": lambda: _with(proxy=f"socks5://ada:{SECRETS['proxy']}@127.0.0.1:9"),
    "a proxy at no port": lambda: _with(proxy=f"http://ada:{SECRETS['proxy']}@127.0.0.1:port"),
    "a proxy without a host": lambda: _with(proxy=f"http://ada:{SECRETS['proxy']}@"),
    "an unknown setting": lambda: _with(password=SECRETS["password"]),
    "an OAuth without TLS": lambda: other_auths()[1].__class__(
        "http://login.example", "me", SECRETS["client_secret"]
    ),
}


def _with(**kwargs: Any) -> Client:
    return Client("http://127.0.0.1:9", verbose=False, httpx_kwargs=kwargs)


@pytest.mark.parametrize("case", MISTAKES)
def test_no_secret_is_in_the_error_for_a_mistake(case: str) -> None:
    with pytest.raises((ValueError, TypeError, OSError)) as caught:
        MISTAKES[case]()
    assert found(*texts_of(caught.value)) == []


@pytest.mark.parametrize("where", ["plugin", "bearer", "call"])
def test_no_secret_is_in_the_error_for_a_header_that_cannot_be_sent(
    app: FakeApp, transport: str, where: str
) -> None:
    bad = SECRETS[where] + "\r\nX-Evil: 1"

    class Breaking:
        @hookimpl
        def gradio_client_request_headers(self) -> dict[str, str]:
            return {"X-Plugin": bad}

    options: dict[str, Any] = {"verbose": False, "transport": transport}
    options |= {"plugins": [Breaking()]} if where == "plugin" else {}
    options |= {"auth": BearerToken(bad)} if where == "bearer" else {}
    of_call = {"X-Call": bad} if where == "call" else {}
    with (
        pytest.raises((GradioClientError, ValueError)) as caught,
        Client(app.url, **options) as client,
    ):
        client.predict(1, api_name="/echo", headers=of_call)
    assert found(*texts_of(caught.value)) == []
    assert not any(seen.header("X-Evil") for seen in app.requests)


def test_the_password_of_a_certificate_is_not_shown(app: FakeApp, transport: str, tmp_path: Path) -> None:
    authority = trustme.CA()
    made = authority.issue_cert("me")
    path = tmp_path / "me.pem"
    made.private_key_and_cert_chain_pem.write_to_path(path)
    cert = (str(path), str(path), SECRETS["certificate"])
    client = Client(app.url, verbose=False, transport=transport, httpx_kwargs={"cert": cert})
    assert found(*reprs(ours_within(client, client._engine))) == []
    client.close()
    with pytest.raises((GradioClientError, OSError, ssl.SSLError)) as caught:
        Client(
            "https://127.0.0.1:9",
            transport=transport,
            httpx_kwargs={"cert": (str(path), str(tmp_path), cert[2])},
        )
    assert found(*texts_of(caught.value)) == []


def test_nothing_of_the_asynchronous_face_shows_a_secret(seeing: FakeApp, tmp_path: Path) -> None:
    async def call() -> list[str]:
        kwargs = given()
        kwargs.pop("verbose")
        async with AsyncClient(seeing.url, download_files=tmp_path, **kwargs) as client:
            job = client.submit(1, api_name="/echo", headers={"X-Call": SECRETS["call"]})
            await job
            return found(*reprs(ours_within(client, job)), *not_pickled(client), *not_pickled(job))

    assert asyncio.run(call()) == []


def _call_and_close(url: str, folder: Path | None, **kwargs: Any) -> None:
    options = given() | {"download_files": folder or False} | kwargs
    options["httpx_kwargs"] = options["httpx_kwargs"] | {"timeout": 1.0}
    with Client(url, **options) as client:
        client.predict(1, api_name="/echo", headers={"X-Call": SECRETS["call"]})
