"""``sys.exit()`` in what a caller gives one client ends no other: all share one event loop."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import FakeApp, completed

from gradio_client import Client
from gradio_client.exceptions import PluginError
from gradio_client.hooks import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gradio_client.hooks import RequestContext
    from gradio_client.transport import Request

pytestmark = pytest.mark.leaks


class Exiting:
    """A plugin, and an ``auth`` function, that exits once it is told to."""

    def __init__(self) -> None:
        self.exits = False

    @hookimpl
    def gradio_client_request_headers(self, context: RequestContext) -> Mapping[str, str] | None:
        self._act()
        return None

    def __call__(self, request: Request) -> Request:
        self._act()
        return request

    def _act(self) -> None:
        if self.exits:
            sys.exit("MY_TOKEN is not set")


@pytest.fixture
def others(app: FakeApp) -> Iterator[Client]:
    app.on_join = lambda event, body: [completed(event, *body["data"])]
    with Client(app.url, verbose=False) as client:
        yield client


@pytest.mark.parametrize("way", ["plugin", "auth"])
def test_a_job_that_meets_an_exit_fails_alone(app: FakeApp, others: Client, way: str) -> None:
    exiting = Exiting()
    given: dict[str, Any] = {"plugins": [exiting]} if way == "plugin" else {"auth": exiting}
    with Client(app.url, verbose=False, **given) as client:
        exiting.exits = True
        with pytest.raises(PluginError, match="SystemExit was raised") as caught:
            client.submit(1, api_name="/echo").result(10)
        exiting.exits = False
        assert str(caught.value.__cause__) == "MY_TOKEN is not set"
        assert client.predict("later", api_name="/echo") == "later"
    assert others.predict("here", api_name="/echo") == "here"


def test_an_exit_while_connecting_is_the_callers(app: FakeApp, others: Client) -> None:
    exiting = Exiting()
    exiting.exits = True
    with pytest.raises(SystemExit, match="MY_TOKEN is not set"):
        Client(app.url, verbose=False, auth=exiting)
    assert others.predict("here", api_name="/echo") == "here"
