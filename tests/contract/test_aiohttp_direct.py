"""Exchanges over aiohttp's connections without its sessions: what a session would have seen to."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp.client_proto import ResponseHandler
from gradio_client_adapters import _aiohttp_direct
from gradio_client_adapters.aiohttp import AiohttpTransport
from gradio_client_contract_tests.contract import asynchronous, exchange
from gradio_client_contract_tests.server import silent

from gradio_client.transport import (
    ConnectError,
    ConnectionLostError,
    ProtocolError,
    ReadTimeoutError,
    Request,
    Timeouts,
)

if TYPE_CHECKING:
    from gradio_client_contract_tests.server import Connection, HostileServer


async def sent(request: Request) -> None:
    transport = AiohttpTransport()
    try:
        async with asyncio.timeout(5):
            await transport.send(request)
    finally:
        await transport.aclose()


@pytest.mark.parametrize("head", [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\n\r\n"])
@asynchronous
async def test_silence_after_an_informational_head_is_silence(server: HostileServer, head: bytes) -> None:
    def handler(c: Connection) -> None:
        c.read_request()
        c.send(head)
        silent(c)

    server.serve(handler)
    with pytest.raises(ReadTimeoutError):
        await sent(Request("GET", server.url, timeouts=Timeouts(read=0.2)))


@pytest.mark.parametrize("status", [b"099 Early", b"101 Switching Protocols"])
@asynchronous
async def test_a_status_that_nobody_asked_for_is_an_error(server: HostileServer, status: bytes) -> None:
    def handler(c: Connection) -> None:
        c.read_request()
        c.send(b"HTTP/1.1 " + status + b"\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n")
        silent(c)

    server.serve(handler)
    with pytest.raises(ProtocolError):
        await sent(Request("GET", server.url))


@asynchronous
async def test_an_answer_that_came_unasked_is_nobodys(server: HostileServer) -> None:
    def handler(c: Connection) -> None:
        while True:
            target = c.read_request().target
            c.reply(target.encode())
            if target == "/first":
                time.sleep(0.1)  # the connection is idle by then
                c.send(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nunasked")

    server.serve(handler)
    transport = AiohttpTransport()
    try:
        assert (await exchange(transport, Request("GET", server.url + "/first"))).body == b"/first"
        await asyncio.sleep(0.3)
        assert (await exchange(transport, Request("GET", server.url + "/next"))).body == b"/next"
    finally:
        await transport.aclose()


@pytest.mark.parametrize("url", ["http:///nowhere", "ftp://127.0.0.1/"])
@asynchronous
async def test_a_url_that_leads_nowhere_is_an_error_of_connecting(url: str) -> None:
    with pytest.raises(ConnectError):
        await sent(Request("GET", url))


@asynchronous
async def test_closing_ends_what_is_being_connected() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        # The queue of the listener is full, so that the next connection has to wait.
        full = [socket.socket() for _ in range(4)]
        for one in full:
            one.setblocking(False)  # noqa: FBT003 - as sockets have it
            one.connect_ex(("127.0.0.1", port))
        transport = AiohttpTransport()
        request = Request("GET", f"http://127.0.0.1:{port}/", timeouts=Timeouts(connect=None))
        sending = asyncio.ensure_future(transport.send(request))
        await asyncio.sleep(0.2)
        assert not sending.done()
        async with asyncio.timeout(2):
            await transport.aclose()
            with pytest.raises(ConnectionLostError):
                await sending
        for one in full:
            one.close()


@pytest.mark.parametrize("name", ["start_timeout", "set_response_params"])
def test_an_aiohttp_without_what_is_used_here_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _aiohttp_direct.is_possible.cache_clear()
    assert _aiohttp_direct.is_possible()
    with monkeypatch.context() as patch:
        patch.delattr(ResponseHandler, name)
        _aiohttp_direct.is_possible.cache_clear()
        assert not _aiohttp_direct.is_possible()
    with monkeypatch.context() as patch:
        patch.setattr(aiohttp.BaseConnector, "connect", lambda _, request: request)
        _aiohttp_direct.is_possible.cache_clear()
        assert not _aiohttp_direct.is_possible()
    _aiohttp_direct.is_possible.cache_clear()
