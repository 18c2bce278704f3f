"""Event handlers on this package that call another app through a client they share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from dropin.environment import GRADIO

from gradio_client.exceptions import AppError

if TYPE_CHECKING:
    from conftest import Gradio
    from dropin.conftest import Connected, Running
    from servers.process import Server

    from gradio_client import Client

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def target(gradio: Gradio) -> Server:
    return gradio(GRADIO)


@pytest.fixture(scope="module")
def client(target: Server, on_ours: Running, connected: Connected) -> Client:
    caller = on_ours("caller", extra=["--target", target.url])
    return connected(caller)


def test_the_handlers_use_this_package(client: Client) -> None:
    assert "+ports" in client.predict("", api_name="/versions")


@pytest.mark.parametrize("handler", ["from_thread", "from_loop", "awaited", "with_async_client"])
def test_a_handler_gets_a_result(client: Client, handler: str) -> None:
    assert client.submit("hello", api_name=f"/{handler}").result(timeout=30) == "hello"


@pytest.mark.parametrize("handler", ["from_thread", "from_loop", "awaited"])
def test_handlers_get_results_side_by_side(client: Client, handler: str) -> None:
    jobs = [client.submit(str(number), api_name=f"/{handler}") for number in range(12)]
    assert [job.result(timeout=30) for job in jobs] == [str(number) for number in range(12)]


@pytest.mark.parametrize("handler", ["streamed", "streamed_from_loop"])
def test_a_handler_passes_a_stream_on(client: Client, handler: str) -> None:
    assert list(client.submit("4", api_name=f"/{handler}")) == ["1", "2", "3", "4"]


@pytest.mark.parametrize("handler", ["token", "token_awaited"])
def test_each_visitor_s_quota_is_named_to_the_other_app(client: Client, handler: str) -> None:
    tokens = [f"visitor-{number}" for number in range(8)]
    jobs = [client.submit("", api_name=f"/{handler}", headers={"x-ip-token": token}) for token in tokens]
    assert [job.result(timeout=30) for job in jobs] == tokens
    assert client.predict("", api_name=f"/{handler}") == "None"


def test_a_shared_client_keeps_its_state(client: Client) -> None:
    assert client.predict("2", api_name="/state") == "[2, 4, 6]"
    assert client.predict("3", api_name="/state_from_loop") == "[9, 12, 15]"


@pytest.mark.parametrize("handler", ["cancelled", "cancelled_from_loop"])
def test_a_handler_can_cancel(client: Client, target: Server, connected: Connected, handler: str) -> None:
    assert client.submit("", api_name=f"/{handler}").result(timeout=30) == "0 True True"
    # That function runs once at a time, and would go on for half a minute.
    again = connected(target).submit(1, 0.01, api_name="/slow_iterate")
    assert again.result(timeout=5) == 0


@pytest.mark.parametrize("handler", ["together", "together_from_loop"])
def test_a_handler_can_call_many_at_once(client: Client, handler: str) -> None:
    assert client.predict("x", api_name=f"/{handler}").split() == [f"x{number}" for number in range(20)]


def test_an_error_of_the_other_app_reaches_the_caller(client: Client) -> None:
    with pytest.raises(AppError, match="it broke"):
        client.predict("it broke", api_name="/failing")
