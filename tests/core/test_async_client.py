from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import HEARTBEAT, FakeApp, reply_json
from core.loops import on_a_loop
from gradio_client_contract_tests.server import until

from gradio_client import AsyncClient
from gradio_client.exceptions import (
    ArgumentError,
    AuthenticationError,
    ClientClosedError,
    EndpointNotFoundError,
    SourceError,
    UnreachableError,
)

if TYPE_CHECKING:
    from gradio_client_contract_tests.server import Connection, Seen

pytestmark = pytest.mark.leaks

NOWHERE = "http://127.0.0.1:9"


def made(app: FakeApp, **kwargs: Any) -> AsyncClient:
    return AsyncClient(app.url, **{"download_files": False, **kwargs})


@on_a_loop
async def test_making_a_client_sends_nothing(app: FakeApp) -> None:
    made(app)
    assert app.server.connections == 0


def test_a_client_can_be_made_without_a_loop() -> None:
    assert repr(AsyncClient(NOWHERE, token="secret")) == f"<AsyncClient {NOWHERE}>"


def test_a_bad_source_is_an_error_at_once() -> None:
    with pytest.raises(SourceError):
        AsyncClient("nowhere")


@on_a_loop
async def test_the_first_call_connects(app: FakeApp) -> None:
    client = made(app)
    assert await client.predict("done", api_name="/echo") == "done"
    await client.aclose()


@on_a_loop
async def test_calls_that_come_first_together_connect_once(app: FakeApp) -> None:
    client = made(app)
    jobs = [client.submit(at, api_name="/echo") for at in range(10)]
    assert await asyncio.gather(*(job.result() for job in jobs)) == list(range(10))
    assert len(app.seen("/config")) == 1
    await client.aclose()


@on_a_loop
async def test_connecting_twice_asks_once(app: FakeApp) -> None:
    async with made(app) as client:
        await asyncio.gather(client.connect(), client.connect())
        assert len(app.seen("/config")) == 1


@on_a_loop
async def test_a_client_that_could_not_connect_may_try_again(app: FakeApp) -> None:
    client, config = made(app), app.routes["/config"]
    app.routes["/config"] = lambda c, _: reply_json(c, {"detail": "Not authenticated"}, "401 No")
    with pytest.raises(AuthenticationError):
        await client.connect()
    app.routes["/config"] = config
    assert await client.predict("done", api_name="/echo") == "done"
    await client.aclose()


@on_a_loop
async def test_an_app_that_is_not_there_fails_every_call_that_waits_for_it() -> None:
    client = AsyncClient(NOWHERE)
    jobs = [client.submit(1, api_name="/echo") for _ in range(3)]
    found = await asyncio.gather(*(job.result() for job in jobs), return_exceptions=True)
    assert [type(error) for error in found] == [UnreachableError] * 3
    await client.aclose()


@on_a_loop
async def test_entering_a_client_that_cannot_connect_closes_it() -> None:
    client = AsyncClient(NOWHERE)
    with pytest.raises(UnreachableError):
        await client.__aenter__()
    with pytest.raises(ClientClosedError):
        await client.connect()


@on_a_loop
async def test_a_call_that_does_not_fit_raises_at_once_when_connected(app: FakeApp) -> None:
    async with made(app) as client:
        with pytest.raises(ArgumentError):
            client.submit(api_name="/echo")
        with pytest.raises(EndpointNotFoundError):
            client.submit(1, api_name="/nowhere")


@on_a_loop
async def test_a_call_that_does_not_fit_raises_when_awaited_if_not_connected_yet(app: FakeApp) -> None:
    client = made(app)
    job = client.submit(api_name="/echo")
    with pytest.raises(ArgumentError):
        await job
    assert job.done()
    await client.aclose()


@on_a_loop
async def test_a_closed_client_refuses_calls(app: FakeApp) -> None:
    async with made(app) as client:
        pass
    with pytest.raises(ClientClosedError):
        client.submit(1, api_name="/echo")
    with pytest.raises(ClientClosedError):
        await client.predict(1, api_name="/echo")


@on_a_loop
async def test_a_client_closed_before_it_connected_refuses_calls(app: FakeApp) -> None:
    client = made(app)
    await client.aclose()
    with pytest.raises(ClientClosedError):
        await client.predict(1, api_name="/echo")
    assert app.server.connections == 0


@on_a_loop
async def test_submitting_to_a_client_closed_before_it_connected_is_refused_at_once(app: FakeApp) -> None:
    client = AsyncClient(app.url)
    await client.aclose()
    with pytest.raises(ClientClosedError):
        client.submit(1, api_name="/echo")


@on_a_loop
async def test_a_connected_client_tells_of_the_app(app: FakeApp) -> None:
    client = AsyncClient(app.url)
    assert client.space_id is None
    for name in ("src", "config"):
        with pytest.raises(ClientClosedError, match="not connected yet"):
            getattr(client, name)
    async with client:
        assert client.src == app.url + "/"
        assert client.config["version"] == app.config["version"]
    assert AsyncClient("owner/name").space_id == "owner/name"


@on_a_loop
async def test_closing_twice_is_fine(app: FakeApp) -> None:
    async with made(app) as client:
        await client.aclose()
        await client.aclose()


@on_a_loop
async def test_closing_while_it_connects_ends_the_call_and_leaves_nothing(app: FakeApp) -> None:
    def never(connection: Connection, _: Seen) -> None:
        connection.wait_until_gone()
        raise EOFError

    app.routes["/config"] = never
    client = made(app)
    job = client.submit(1, api_name="/echo")
    assert await asyncio.to_thread(until, lambda: app.seen("/config"))
    await client.aclose()
    with pytest.raises(ClientClosedError):
        await job


@on_a_loop
async def test_closing_that_is_cancelled_still_closes_the_connections(app: FakeApp) -> None:
    client = made(app)
    await client.connect()
    app.on_join = lambda event, body: []
    client.submit(1, api_name="/echo")
    await asyncio.to_thread(app.joined.acquire)
    closing = asyncio.ensure_future(client.aclose())
    await asyncio.sleep(0)
    closing.cancel()
    await asyncio.gather(closing, return_exceptions=True)

    def all_gone() -> bool:
        app.say(HEARTBEAT)  # a server notices that a reader has gone when it writes
        return app.server.open == 0

    assert await asyncio.to_thread(until, all_gone)


@on_a_loop
async def test_a_client_that_is_not_connected_has_no_session() -> None:
    with pytest.raises(ClientClosedError, match="connect"):
        _ = AsyncClient(NOWHERE).session_hash


@on_a_loop
async def test_a_reset_gives_later_calls_a_session_of_their_own(app: FakeApp) -> None:
    async with made(app) as client:
        await client.predict(1, api_name="/echo")
        old = client.session_hash
        client.reset_session()
        await client.predict(1, api_name="/echo")
        assert [body["session_hash"] for body in app.bodies] == [old, client.session_hash]
        assert old != client.session_hash


@on_a_loop
async def test_a_reset_before_connecting_is_harmless(app: FakeApp) -> None:
    client = made(app)
    client.reset_session()
    assert await client.predict("done", api_name="/echo") == "done"
    await client.aclose()


@on_a_loop
async def test_view_api_connects_and_gives_text_or_a_dictionary(app: FakeApp) -> None:
    client = made(app)
    assert "/echo" in await client.view_api()
    info = await client.view_api(return_format="dict")
    assert set(info["named_endpoints"]) == {"/echo", "/other"}
    await client.aclose()


def test_submitting_without_a_loop_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="loop"):
        AsyncClient(NOWHERE).submit(1)


def test_a_client_belongs_to_the_loop_it_was_first_used_on(app: FakeApp, transport: Any) -> None:
    client = AsyncClient(app.url, transport=transport)

    async def call(number: int, *, close: bool = False) -> Any:
        try:
            return await client.predict(number, api_name="/echo")
        finally:
            if close:
                await client.aclose()

    loop = asyncio.new_event_loop()
    assert loop.run_until_complete(call(1)) == 1
    with pytest.raises(RuntimeError, match=r"another one. Make a client within each asyncio.run\(\)"):
        asyncio.run(call(2))
    assert loop.run_until_complete(call(3, close=True)) == 3
    loop.close()
