"""How many idle connections the transports of this package keep."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest
from gradio_client_adapters.aiohttp import AiohttpTransport
from gradio_client_adapters.httpx import HttpxTransport
from gradio_client_adapters.requests import RequestsTransport
from gradio_client_contract_tests.contract import asynchronous, eventually, exchange
from gradio_client_contract_tests.server import hostile_server

from gradio_client.transport import Request, TransportOptions

if TYPE_CHECKING:
    from gradio_client_contract_tests.server import Connection

    from gradio_client.transport import Transport

AT_ONCE = 5


@pytest.mark.parametrize("pool_size", [0, 2])
@pytest.mark.parametrize("make", [AiohttpTransport, RequestsTransport, HttpxTransport])
@asynchronous
async def test_keeps_as_many_idle_connections_as_it_is_told(
    make: type[AiohttpTransport | RequestsTransport | HttpxTransport], pool_size: int
) -> None:
    """``pool_size`` is how many idle connections are kept: none if it is 0."""
    together = threading.Barrier(AT_ONCE)

    def handler(c: Connection) -> None:
        while True:
            c.read_request()
            together.wait()
            c.reply()

    with hostile_server() as server:
        server.serve(handler)
        transport: Transport = make(TransportOptions(pool_size=pool_size))
        for _ in range(2):
            await asyncio.gather(*(exchange(transport, Request("GET", server.url)) for _ in range(AT_ONCE)))
            assert await eventually(lambda: server.open == pool_size)
        assert server.connections == 2 * AT_ONCE - pool_size
        await transport.aclose()
