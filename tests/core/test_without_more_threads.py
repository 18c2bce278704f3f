"""What a client does when no thread starts any more, as near the end of Python."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import FakeApp, completed

from gradio_client import Client
from gradio_client._concurrency import portal
from gradio_client._concurrency.callbacks import Callbacks
from gradio_client.exceptions import ClientClosedError

if TYPE_CHECKING:
    from core.conftest import Connect

REASON = "can't create new thread at interpreter shutdown"


@pytest.fixture
def no_more_threads(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on no thread of a client starts but the loop's, which runs already; those of the app do."""
    start = threading.Thread.start

    def refuse(self: threading.Thread) -> None:
        if self.name.startswith("gradio-client"):
            raise RuntimeError(REASON)
        start(self)

    monkeypatch.setattr("threading.Thread.start", refuse)


@pytest.mark.usefixtures("no_more_threads")
def test_a_request_that_needs_a_thread_fails_as_on_a_closed_client(app: FakeApp) -> None:
    with pytest.raises(ClientClosedError, match=f"no thread could be started for the request: {REASON}"):
        Client(app.url, verbose=False, transport="requests")


@pytest.mark.usefixtures("no_more_threads")
def test_requests_that_need_none_work(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, body: [completed(event, *body["data"])]
    assert client.predict("done", api_name="/echo") == "done"


@pytest.mark.parametrize("library", ["aiohttp", "requests", "httpx"])
def test_closing_works(connect: Connect, library: str, request: pytest.FixtureRequest) -> None:
    client = connect(transport=library)
    request.getfixturevalue("no_more_threads")
    client.close()
    assert client._made.closed


@pytest.mark.usefixtures("no_more_threads")
def test_what_would_run_on_a_thread_beside_the_loop_runs_on_it(client: Client) -> None:
    assert client._portal.call(asyncio.to_thread(lambda: threading.current_thread().name))


@pytest.mark.usefixtures("no_more_threads")
def test_a_callback_that_is_not_called_is_told(
    client: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[Any] = []
    monkeypatch.setattr(client._portal, "_callbacks", Callbacks())  # another client's may run already
    with caplog.at_level(logging.WARNING, "gradio_client.portal"):
        client.submit(1, api_name="/echo", result_callbacks=called.append).result(10)
        client.close()
    assert (called, REASON in caplog.text) == ([], True)


def test_the_first_client_is_refused(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("no_more_threads")
    monkeypatch.setattr("gradio_client._concurrency.portal._shared", None)
    monkeypatch.setattr("gradio_client._concurrency.portal._users", 0)
    with pytest.raises(ClientClosedError, match=REASON):
        portal.acquire()
    assert portal._users == 0
