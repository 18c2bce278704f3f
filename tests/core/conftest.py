"""An app on a raw socket for each test, and clients that are closed when the test is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pytest
from core.fake_app import FakeApp, fake_app

from gradio_client import Client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradio_client.job import Job


WAIT = 10.0  # seconds that an app may take before a test fails


class Submit(Protocol):
    """Submits a job that the app has taken, and does not answer by itself."""

    def __call__(self, value: Any = 1, api_name: str = "/echo", **kwargs: Any) -> Job: ...


class Connect(Protocol):
    """Makes a client of the app; arguments are those of ``Client``."""

    def __call__(self, **kwargs: Any) -> Client: ...


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that requests would have waited to be sent again; here they need not."""
    waited: list[float] = []

    async def at_once(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("gradio_client._http.retrying.sleep", at_once)
    return waited


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


@pytest.fixture
def running(client: Client, app: FakeApp) -> Submit:
    app.on_join = lambda event, body: []

    def submitted(value: Any = 1, api_name: str = "/echo", **kwargs: Any) -> Job:
        job = client.submit(value, api_name=api_name, **kwargs)
        assert app.joined.acquire(timeout=WAIT)
        return job

    return submitted
