"""Asynchronous clients that nobody closes in time: they end, and no library complains of what it finds."""

from __future__ import annotations

import asyncio
import gc
import warnings
from typing import TYPE_CHECKING

import pytest
from gradio_client_contract_tests.server import until

from gradio_client import AsyncClient
from gradio_client.exceptions import ClientClosedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.fake_app import FakeApp

# Of sockets that were open when their loop ended, Python itself warns those who ask for it.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


@pytest.fixture(autouse=True)
def _all_collected() -> Iterator[None]:
    """Collect here what is left: a later test would hear of its sockets."""
    yield
    with warnings.catch_warnings(action="ignore"):  # the mark is for the test alone
        gc.collect()


async def used(app: FakeApp, transport: str) -> AsyncClient:
    """A client that has a connection, which it keeps."""
    client = AsyncClient(app.url, transport=transport)
    assert await client.predict(1, api_name="/echo") == 1
    return client


def nothing_open(app: FakeApp) -> bool:
    gc.collect()  # again and again: as long as the end of a stream is awaited, its client lives
    return not app.server.open


def test_a_client_may_be_forgotten_with_its_loop(
    app: FakeApp, transport: str, caplog: pytest.LogCaptureFixture
) -> None:
    asyncio.run(used(app, transport))
    gc.collect()
    assert [record.getMessage() for record in caplog.records] == []


def test_a_client_may_be_forgotten_before_its_loop_ends(
    app: FakeApp, transport: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def forget() -> None:
        await used(app, transport)
        gc.collect()
        if transport == "aiohttp":  # the others wait until the server ends what is idle
            assert await asyncio.to_thread(until, lambda: nothing_open(app))

    asyncio.run(forget())
    gc.collect()
    assert [record.getMessage() for record in caplog.records] == []


def test_a_client_may_be_closed_on_another_loop(app: FakeApp, transport: str) -> None:
    client = asyncio.run(used(app, transport))
    asyncio.run(client.aclose())
    with pytest.raises(ClientClosedError):
        asyncio.run(client.predict(1, api_name="/echo"))
