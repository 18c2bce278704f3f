"""An app on a raw socket for each test, and clients that are closed when the test is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pytest
from core.fake_app import FakeApp, fake_app

from gradio_client import Client

if TYPE_CHECKING:
    from collections.abc import Iterator


class Connect(Protocol):
    """Makes a client of the app; arguments are those of ``Client``."""

    def __call__(self, **kwargs: Any) -> Client: ...


@pytest.fixture
def app() -> Iterator[FakeApp]:
    with fake_app() as running:
        yield running


@pytest.fixture
def connect(app: FakeApp, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connect]:
    made: list[Client] = []

    def connected(**kwargs: Any) -> Client:
        folder = tmp_path_factory.mktemp("downloads")
        client = Client(app.url, verbose=False, **{"download_files": folder, **kwargs})
        made.append(client)
        return client

    yield connected
    for client in made:
        client.close()


@pytest.fixture
def client(connect: Connect) -> Client:
    return connect()
