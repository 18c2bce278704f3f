"""TLS handshakes that are cancelled leave no connection, where no thread waits for them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx
import httpx2
import pytest
from gradio_client_adapters.aiohttp import AiohttpTransport
from gradio_client_adapters.httpx import HttpxTransport
from gradio_client_contract_tests.contract import asynchronous, eventually
from gradio_client_contract_tests.server import hostile_server
from gradio_client_contract_tests.tls_proxy import trusting

from gradio_client.transport import Request, TransportOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradio_client.transport import Transport

TRANSPORTS: dict[str, Callable[[TransportOptions], Transport]] = {
    "aiohttp": AiohttpTransport,
    "httpx": lambda options: HttpxTransport(options, library=httpx),
    "httpx2": lambda options: HttpxTransport(options, library=httpx2),
}


@pytest.mark.parametrize("proxied", [False, True], ids=["server", "proxy"])
@pytest.mark.parametrize("name", TRANSPORTS)
@asynchronous
async def test_a_cancelled_handshake_leaves_no_connection(name: str, *, proxied: bool) -> None:
    gone = []
    with hostile_server() as server:
        server.serve(lambda c: gone.append(c.wait_until_gone()))
        secure = server.url.replace("http:", "https:")
        url, proxy = ("http://app.invalid/", secure) if proxied else (secure, None)
        transport = TRANSPORTS[name](TransportOptions(trusting()))
        sending = asyncio.ensure_future(transport.send(Request("GET", url, proxy=proxy)))
        assert await eventually(lambda: server.connections)
        await asyncio.sleep(0.1)  # into the handshake
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        assert await eventually(lambda: gone)
        assert gone == [True]
        await transport.aclose()
