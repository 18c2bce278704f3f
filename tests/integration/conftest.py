"""Clients and servers for the tests of this folder, none of which may hang."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import pytest
from servers.pool import Pool

from gradio_client import Client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from servers.process import Server

PATIENCE = 120.0  # seconds for one test; the slowest takes a tenth of that


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


@pytest.fixture(scope="session")
def _other_apps(kitchen_sink: Server) -> Iterator[Pool]:
    pool = Pool()
    for app in ("auth", "subpath", "chat"):
        pool.prepare(kitchen_sink.version, app)
    yield pool
    pool.stop()


@pytest.fixture(scope="session")
def other_app(kitchen_sink: Server, _other_apps: Pool) -> Callable[[str], Server]:
    """The server of another app, on the same version of Gradio."""

    def running(app: str) -> Server:
        return _other_apps.get(kitchen_sink.version, app)

    return running


@pytest.fixture(scope="session")
def eventually() -> Callable[[Callable[[], object]], None]:
    """Waits until something is true; for what happens on a server, which sends no word of it."""

    def wait(happened: Callable[[], object]) -> None:
        while not happened():  # the test's alarm ends this
            time.sleep(0.02)

    return wait
