"""Addresses of Spaces, ``https://owner-name.hf.space``: the Hub is asked when the app does not answer."""

from __future__ import annotations

import sys
import types
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from spaces.addresses import mapped
from spaces.conftest import SAVED, TOKEN

from gradio_client.exceptions import (
    GradioClientError,
    ServerError,
    SourceError,
    SpaceUnavailableError,
    UnreachableError,
)

if TYPE_CHECKING:
    from spaces.conftest import Connect
    from spaces.world import World

    from gradio_client import Client
    from gradio_client.domain.spaces import SpaceStatus

ADDRESS = "https://ada-demo.hf.space"


class ByAddress(Protocol):
    """Makes a client of the Space's own address."""

    def __call__(self, transport: str = "aiohttp", **kwargs: Any) -> Client: ...


@pytest.fixture
def by_address(spaces: World, connect: Connect, impatient: list[float]) -> ByAddress:
    def connected(transport: str = "aiohttp", **kwargs: Any) -> Client:
        return connect(ADDRESS, transport=mapped(transport, {ADDRESS: spaces.urls["space"]}), **kwargs)

    return connected


def test_a_space_that_is_up_is_the_hubs_business_no_more_than_any_app(
    spaces: World, by_address: ByAddress, transport: str
) -> None:
    spaces.space()
    client = by_address(transport, token=TOKEN)
    assert client.predict("Ada", api_name="/greet") == "Hello, Ada!"
    assert client.src == f"{ADDRESS}/"
    assert spaces.to("hub") == []
    assert {seen.header("X-HF-Authorization") for seen in spaces.to("space")} == {f"Bearer {TOKEN}"}


def test_the_saved_token_goes_to_the_address_of_a_space(
    spaces: World, by_address: ByAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", SAVED)
    spaces.space()
    by_address()
    assert {seen.header("X-HF-Authorization") for seen in spaces.to("space")} == {f"Bearer {SAVED}"}


def test_a_space_that_sleeps_is_woken_and_waited_for(
    spaces: World, by_address: ByAddress, transport: str
) -> None:
    spaces.space("ada/demo", "SLEEPING", "BUILDING", "APP_STARTING", "RUNNING", private=True)
    statuses: list[SpaceStatus] = []
    client = by_address(transport, token=TOKEN, on_status=statuses.append)
    assert client.predict("Ada", api_name="/greet") == "Hello, Ada!"
    assert [status.stage for status in statuses] == [
        "SLEEPING",
        "BUILDING",
        "APP_STARTING",
        "RUNNING",
    ]
    assert statuses[-1].ready
    assert statuses[-1].space_id == "ada/demo"


def test_a_space_that_is_broken_says_how(spaces: World, by_address: ByAddress) -> None:
    spaces.space("ada/demo", "RUNTIME_ERROR")
    with pytest.raises(SpaceUnavailableError, match="RUNTIME_ERROR"):
        by_address()


def test_a_space_that_may_be_private_says_so(spaces: World, by_address: ByAddress) -> None:
    spaces.space(private=True)
    with pytest.raises(SourceError, match="it is private and no token was sent"):
        by_address()


def test_a_space_that_runs_without_gradio_is_what_it_is(spaces: World, by_address: ByAddress) -> None:
    spaces.space()
    spaces.target += "/nowhere"
    with pytest.raises(ServerError, match="no Gradio app"):
        by_address()


def test_a_host_that_cannot_be_reached_is_waited_for_no_longer_than_need_be(
    spaces: World, connect: Connect, impatient: list[float]
) -> None:
    spaces.space()
    with pytest.raises(UnreachableError):
        connect(ADDRESS, transport=mapped("aiohttp", {ADDRESS: "http://127.0.0.1:9"}))


def test_a_visitors_token_is_found_for_every_address_of_a_space(
    spaces: World, connect: Connect, by_address: ByAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    serving = types.SimpleNamespace(get=lambda _: types.SimpleNamespace(headers={"x-ip-token": "bob"}))
    module = types.SimpleNamespace(LocalContext=types.SimpleNamespace(request=serving))
    monkeypatch.setitem(sys.modules, "gradio.context", module)
    spaces.space()
    clients = connect(), by_address(), connect(spaces.urls["space"])
    found = [client.add_zero_gpu_headers({"X": "1"}).get("x-ip-token") for client in clients]
    assert found == ["bob", "bob", None]


@pytest.mark.parametrize("status", [500, 503])
def test_other_addresses_are_no_matter_for_the_hub(spaces: World, connect: Connect, status: int) -> None:
    spaces.space("ada/demo", "BUILDING")
    with pytest.raises(GradioClientError):
        connect(spaces.urls["space"])
    assert spaces.to("hub") == []


def test_without_the_hub_the_apps_own_answer_is_the_error(
    spaces: World, by_address: ByAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    spaces.space("ada/demo", "BUILDING")
    spaces.hub.refusals["ada-demo"] = 500
    with pytest.raises(ServerError, match="503 to reading the app's configuration"):
        by_address()
