"""A caller's httpx client that speaks HTTP/2: many exchanges have one connection, and none may end it."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from gradio_client_adapters.httpx import HttpxTransport
from gradio_client_contract_tests.contract import asynchronous, exchange

from gradio_client.transport import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

URL = "https://app.invalid/?token=secret"


class Wire:
    """What httpcore says of a connection, as far as an adapter asks; it notes what would end it."""

    def __init__(self) -> None:
        self.ended: list[str] = []

    def get_extra_info(self, _: str) -> Any:
        return self

    def shutdown(self, _: int) -> None:
        self.ended.append("shutdown")

    async def aclose(self) -> None:
        self.ended.append("aclose")


async def cancelled_when(sent: asyncio.Event, transport: HttpxTransport) -> None:
    """Cancel an exchange once its request is sent."""
    sending = asyncio.ensure_future(transport.send(Request("GET", URL)))
    await sent.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending


@asynchronous
async def test_cancelling_an_exchange_leaves_the_connection_to_the_others() -> None:
    wire, sent = Wire(), asyncio.Event()

    class Shared(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            trace = request.extensions["trace"]
            await trace("connection.start_tls.complete", {"return_value": wire})
            await trace("http2.send_request_headers.started", {"request": request})
            sent.set()
            return await asyncio.Event().wait()  # type: ignore[return-value]  # never

    transport = HttpxTransport(transport=Shared())
    await cancelled_when(sent, transport)
    await transport.aclose()
    assert wire.ended == []


@pytest.mark.parametrize(("version", "ended"), [("2", []), ("1.1", ["shutdown"])])
@asynchronous
async def test_so_does_cancelling_one_in_a_thread(version: str, ended: list[str]) -> None:
    wire, sent, over = Wire(), asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    class Shared(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            trace = request.extensions["trace"]
            trace("connection.start_tls.complete", {"return_value": wire})
            trace(f"http{version.replace('.', '')}.send_request_headers.started", {"request": request})
            loop.call_soon_threadsafe(sent.set)
            over.wait(5)
            return httpx.Response(200)

    transport = HttpxTransport(transport=Shared())
    await cancelled_when(sent, transport)
    assert wire.ended == ended
    over.set()
    await transport.aclose()


@pytest.mark.parametrize(("version", "ended"), [("2", []), ("1.1", ["shutdown"])])
@asynchronous
async def test_so_does_closing_a_response_in_a_thread(version: str, ended: list[str]) -> None:
    wire, over = Wire(), threading.Event()

    class Stream(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield b"x"
            over.wait(5)

    def answer(_: httpx.Request) -> httpx.Response:
        extensions = {"http_version": f"HTTP/{version}".encode(), "network_stream": wire}
        return httpx.Response(200, stream=Stream(), extensions=extensions)

    transport = HttpxTransport(client=httpx.Client(transport=httpx.MockTransport(answer)))
    response = await transport.send(Request("GET", URL))
    assert await response.read() == b"x"
    await response.aclose()
    assert wire.ended == ended
    over.set()
    await transport.aclose()


@pytest.mark.parametrize("part", ["http2", "socks"])
@asynchronous
async def test_what_is_logged_of_it_holds_no_secret(part: str, caplog: pytest.LogCaptureFixture) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        logging.getLogger(f"httpcore.{part}").warning("url=%s", request.url)
        return httpx.Response(200)

    transport = HttpxTransport(transport=httpx.MockTransport(answer))
    await exchange(transport, Request("GET", URL))
    await transport.aclose()
    assert "app.invalid" in caplog.text
    assert "secret" not in caplog.text
