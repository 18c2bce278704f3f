"""Clients in pickles: their configuration, no secret, and no connection until they are used."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yarl
from core.fake_app import reply_json
from core.loops import on_a_loop
from gradio_client_adapters.aiohttp import AiohttpTransport
from gradio_client_adapters.httpx import HttpxTransport
from gradio_client_adapters.requests import RequestsTransport
from gradio_client_contract_tests.server import until

from gradio_client import AsyncClient, Client, Retry, Timeouts
from gradio_client._http.options import SUPPORTED
from gradio_client._pickling import SECRET_OPTIONS, portable
from gradio_client.exceptions import ServerError
from gradio_client.hooks import hookimpl

if TYPE_CHECKING:
    from core.conftest import Connect
    from core.fake_app import FakeApp
    from gradio_client_contract_tests.server import Connection, Seen

SECRET = "hf_s3cret"


@pytest.mark.leaks
def test_a_client_connects_again_when_it_is_used(app: FakeApp, connect: Connect) -> None:
    pickled = pickle.dumps(connect())
    before = len(app.server.seen)
    with pickle.loads(pickled) as client:
        assert repr(client) == f"<Client {app.url}>"
        assert len(app.server.seen) == before
        assert client.predict(1, api_name="/echo") == 1
        assert client.view_api(return_format="dict")


@pytest.mark.leaks
def test_many_threads_hear_of_one_attempt_to_connect(app: FakeApp, connect: Connect) -> None:
    pickled = pickle.dumps(connect())
    before = len(app.seen("/config"))
    answer = threading.Event()

    def broken(connection: Connection, _: Seen) -> None:
        answer.wait(10)
        reply_json(connection, {"detail": "Broken"}, "500 Internal Server Error")

    usual, app.routes["/config"] = app.routes["/config"], broken
    with pickle.loads(pickled) as client, ThreadPoolExecutor(20) as threads:
        calls = [threads.submit(client.predict, 1, api_name="/echo") for _ in range(20)]
        assert until(lambda: len(app.seen("/config")) > before)
        time.sleep(0.2)  # until every thread waits
        answer.set()
        assert {type(call.exception()) for call in calls} == {ServerError}
        assert len(app.seen("/config")) == before + 1
        app.routes["/config"] = usual
        assert client.predict(1, api_name="/echo") == 1


def test_the_configuration_comes_along(app: FakeApp, connect: Connect) -> None:
    client = connect(
        transport="requests",
        timeouts=Timeouts(read=7),
        retry=Retry(attempts=2),
        max_workers=3,
        updates="value",
        httpx_kwargs={"follow_redirects": True},
    )
    with pickle.loads(pickle.dumps(client)) as copied:
        assert copied._engine.settings == client._engine.settings


@pytest.mark.leaks
def test_everything_works_on_a_client_that_is_not_connected_yet(app: FakeApp, connect: Connect) -> None:
    pickled = pickle.dumps(connect())
    for use in (
        lambda client: client.session().predict(1, api_name="/echo"),
        lambda client: client.config["version"],
        lambda client: client.endpoints[0],
        lambda client: client.session_hash,
        lambda client: client.reset_session(),
        str,
    ):
        with pickle.loads(pickled) as client:
            use(client)


@pytest.mark.leaks
def test_a_client_that_is_never_used_is_closed_without_connecting(app: FakeApp, connect: Connect) -> None:
    pickled = pickle.dumps(connect())
    before = len(app.server.seen)
    pickle.loads(pickled).close()
    copied = pickle.loads(pickled)
    del copied
    assert len(app.server.seen) == before


@pytest.mark.leaks
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("token", SECRET),
        ("hf_token", SECRET),
        ("oauth_token", SECRET),
        ("headers", {"X-Key": SECRET}),
        ("httpx_kwargs", {"headers": {"X-Key": SECRET}}),
        ("httpx_kwargs", {"cookies": {"session": SECRET}}),
        ("httpx_kwargs", {"params": {"key": SECRET}}),
        ("httpx_kwargs", {"auth": ("user", SECRET)}),
        ("httpx_kwargs", {"proxy": f"http://user:{SECRET}@proxy:3128"}),
        ("httpx_kwargs", {"proxy": httpx.Proxy("http://proxy:3128", auth=("user", SECRET))}),
        ("httpx_kwargs", {"proxies": {"http://": f"http://user:{SECRET}@proxy:3128"}}),
        ("httpx_kwargs", {"proxy": httpx.URL(f"http://user:{SECRET}@proxy:3128")}),
        ("httpx_kwargs", {"proxies": {"http://": yarl.URL(f"http://user:{SECRET}@proxy:3128")}}),
    ],
)
def test_a_client_with_a_secret_does_not_pickle_and_says_what_to_do(
    app: FakeApp, name: str, value: Any
) -> None:
    client = Client.__new__(Client)
    client._set_up(_given(app.url) | {name: value}, verbose=False)
    try:
        for act in (pickle.dumps, copy.copy):
            with pytest.raises(TypeError, match="Make the client in the process") as caught:
                act(client)
            assert name in str(caught.value)
            assert SECRET not in str(caught.value)
    finally:
        client.close()


HARMLESS: dict[str, Any] = {
    "cert": ("cert@home.pem", "key.pem"),
    "default_encoding": "utf-8",
    "follow_redirects": True,
    "http1": True,
    "http2": False,
    "limits": None,
    "max_redirects": 5,
    "proxies": {"http://": "http://proxy:3128"},
    "proxy": "http://proxy:3128",
    "timeout": 5.0,
    "trust_env": False,
    "verify": "certs@home.pem",
}


@pytest.mark.parametrize("name", HARMLESS)
def test_options_that_are_no_secret_are_pickled(name: str) -> None:
    options = {name: HARMLESS[name]}
    assert portable({"httpx_kwargs": options}) == {"httpx_kwargs": options}


def test_the_password_of_a_key_is_a_secret() -> None:
    with pytest.raises(TypeError, match="httpx_kwargs\\['cert'\\]"):
        portable({"httpx_kwargs": {"cert": ("cert.pem", "key.pem", SECRET)}})


def test_of_every_option_it_is_known_whether_it_is_secret() -> None:
    assert SECRET_OPTIONS.isdisjoint(HARMLESS)
    assert sorted({*SECRET_OPTIONS, *HARMLESS}) == sorted(SUPPORTED)


def test_a_login_is_a_secret(app: FakeApp) -> None:
    with pytest.raises(TypeError, match="auth"):
        pickle.dumps(AsyncClient(app.url, auth=("user", SECRET)))


class Signing:
    """A plugin, of a class that a pickle could name."""

    def __init__(self, key: str | None = None) -> None:
        if key is not None:
            self.key = key

    @hookimpl
    def gradio_client_request_headers(self) -> None: ...


def test_a_plugin_that_holds_something_may_hold_a_secret(app: FakeApp) -> None:
    with pytest.raises(TypeError, match="plugins") as caught:
        pickle.dumps(AsyncClient(app.url, plugins=[Signing(SECRET)]))
    assert SECRET not in str(caught.value)
    assert pickle.dumps(AsyncClient(app.url, plugins=[Signing()]))


@pytest.mark.parametrize("make", [AiohttpTransport, RequestsTransport, HttpxTransport])
def test_a_transport_object_belongs_to_its_process(app: FakeApp, make: Any) -> None:
    with pytest.raises(TypeError, match="a class or function that makes one"):
        pickle.dumps(AsyncClient(app.url, transport=make()))
    assert pickle.dumps(AsyncClient(app.url, transport=make))


def test_the_query_of_the_address_is_in_no_pickle() -> None:
    pickled = pickle.dumps(AsyncClient(f"http://h/app?key={SECRET}"))
    assert SECRET.encode() not in pickled
    assert repr(pickle.loads(pickled)) == "<AsyncClient http://h/app>"


def test_the_token_of_the_environment_is_in_no_pickle(
    app: FakeApp, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", SECRET)
    monkeypatch.setenv("HTTP_PROXY", f"http://user:{SECRET}@proxy:3128")
    monkeypatch.setenv("NO_PROXY", "*")
    assert SECRET.encode() not in pickle.dumps(connect())


def call(client: Client) -> Any:
    with client:
        return client.predict("there", api_name="/echo")


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_a_client_goes_to_another_process(app: FakeApp, connect: Connect, method: str) -> None:
    context = multiprocessing.get_context(method)
    with context.Pool(1) as pool:
        assert pool.apply_async(call, (connect(),)).get(60) == "there"
        pool.close()
        pool.join()
    assert until(lambda: not multiprocessing.active_children())


@on_a_loop
async def test_an_asynchronous_client_pickles_too(app: FakeApp) -> None:
    async with pickle.loads(pickle.dumps(AsyncClient(app.url, updates="value"))) as client:
        assert client._engine.settings.updates == "value"
        assert await client.predict(1, api_name="/echo") == 1


def _given(url: str) -> dict[str, Any]:
    with_defaults = AsyncClient(url)
    given: dict[str, Any] = with_defaults._given
    return given
