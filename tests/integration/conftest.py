"""Clients and servers for the tests of this folder, none of which may hang."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING, Any

import pytest
from servers.environments import release
from servers.pool import Pool

from gradio_client import Client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from servers.process import Server

PATIENCE = 120.0  # seconds for one test; the slowest takes a tenth of that

# Of older versions only the first ones are needed.
OTHER_APPS = ("auth", "subpath", "chat")
OWN_SERVERS: dict[str, dict[str, Any]] = {
    "to be killed": {"env": {"FATE": "SIGKILL"}},  # a variable that nobody reads: only to tell them apart
    "to be stopped": {"env": {"FATE": "SIGTERM"}},
    "with limits": {"max_size": 1, "max_file_size": "60kb"},
}


@pytest.fixture(autouse=True)
def _hangs_not() -> Iterator[None]:
    """An alarm ends a test that waits for what never comes."""

    def ring(number: int, frame: FrameType | None) -> None:
        pytest.fail(f"the test hung for {PATIENCE:.0f} seconds")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="session")
def client(
    kitchen_sink: Server, transport: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    """A client that many tests share, as the parts of a program would."""
    downloads = tmp_path_factory.mktemp("downloads")
    with Client(kitchen_sink.url, transport=transport, download_files=downloads, verbose=False) as client:
        yield client


def is_recent(server: Server) -> bool:
    return release(server.version) >= (4, 44)


@pytest.fixture(scope="session")
def _more_servers() -> Iterator[Pool]:
    pool = Pool()
    yield pool
    pool.stop()


@pytest.fixture(scope="session")
def other_app(kitchen_sink: Server, _more_servers: Pool) -> Callable[[str], Server]:
    """The server of another app, on the same version of Gradio."""
    for app in OTHER_APPS if is_recent(kitchen_sink) else OTHER_APPS[:1]:
        _more_servers.prepare(kitchen_sink.version, app)

    def running(app: str) -> Server:
        return _more_servers.get(kitchen_sink.version, app)

    return running


@pytest.fixture(scope="session")
def own_server(kitchen_sink: Server, _more_servers: Pool) -> Callable[[str], Server]:
    """A kitchen sink of the same version for one purpose, which may be its end."""

    def running(purpose: str) -> Server:
        return _more_servers.get(kitchen_sink.version, "kitchen_sink", **OWN_SERVERS[purpose])

    purposes = list(OWN_SERVERS.values())
    for options in purposes if is_recent(kitchen_sink) else purposes[:1]:
        _more_servers.prepare(kitchen_sink.version, "kitchen_sink", **options)
    return running


@pytest.fixture(scope="session")
def eventually() -> Callable[[Callable[[], object]], None]:
    """Waits until something is true; for what happens on a server, which sends no word of it."""

    def wait(happened: Callable[[], object]) -> None:
        while not happened():  # the test's alarm ends this
            time.sleep(0.02)

    return wait
