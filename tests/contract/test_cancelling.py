"""What is cancelled leaves no connection, where no thread waits for it."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import httpx
import httpx2
import pytest
from gradio_client_adapters.aiohttp import AiohttpTransport
from gradio_client_adapters.httpx import HttpxTransport
from gradio_client_contract_tests.contract import asynchronous, eventually, exchange
from gradio_client_contract_tests.server import LONGEST, hostile_server
from gradio_client_contract_tests.tls_proxy import trusting

from gradio_client.transport import Request, TransportOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradio_client_contract_tests.server import Connection

    from gradio_client.transport import Transport

IDLE = 8

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


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("stage", ["send", "fail", "close"])
@pytest.mark.parametrize("steps", range(8))
@pytest.mark.parametrize("name", TRANSPORTS)
@asynchronous
async def test_connections_that_were_idle_are_closed_when_what_closes_them_is_cancelled(
    name: str, steps: int, stage: str, times: int
) -> None:
    """httpx closes them one after the other, with the next request or when it ends. No task is left."""
    together = threading.Barrier(IDLE)

    def handler(c: Connection) -> None:
        while c.read_request().target == "/first":
            together.wait(LONGEST)
            c.reply()
        if stage == "fail":
            fail.wait(LONGEST)
            return
        if stage == "close":
            c.reply()
        c.wait_until_gone()

    fail = threading.Event()
    with hostile_server() as server:
        server.serve(handler)
        transport = TRANSPORTS[name](TransportOptions(idle_seconds=0.05))
        last = Request("GET", f"{server.url}/last")
        first = [Request("GET", f"{server.url}/first")] * IDLE
        answers = asyncio.gather(*(exchange(transport, request) for request in first))
        if stage == "send":
            await answers
            await asyncio.sleep(0.1)
            doing: asyncio.Future[object] = asyncio.ensure_future(transport.send(last))
        elif stage == "fail":
            doing = asyncio.ensure_future(transport.send(last))
            await answers
            await asyncio.sleep(0.1)
            fail.set()  # which is noticed some time in the next millisecond
            await asyncio.sleep(steps / 5000)
        else:
            response = await transport.send(last)
            await answers
            await asyncio.sleep(0.1)
            doing = asyncio.ensure_future(response.aclose())
        for _ in range(steps):
            await asyncio.sleep(0)
        for _ in range(times):
            doing.cancel()
            await asyncio.sleep(0)
        await asyncio.wait([doing])
        if stage == "close":
            await response.aclose()
        await transport.aclose()
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert await eventually(lambda: server.open == 0)
