"""One anonymous event for Spaces, which whoever does not want it can forbid in any of several ways."""

from __future__ import annotations

import asyncio
import itertools
import time
from typing import TYPE_CHECKING, Any

import huggingface_hub.constants
import pytest
from spaces.conftest import TOKEN

from gradio_client import AsyncClient
from gradio_client._spaces import hub, telemetry

if TYPE_CHECKING:
    from spaces.conftest import Connect
    from spaces.world import Seen, World


@pytest.fixture(autouse=True)
def _allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing forbids it, and this process has sent nothing yet."""
    for name in (*telemetry._STOPPED_BY, "GRADIO_ANALYTICS_ENABLED"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_DISABLE_TELEMETRY", False)
    monkeypatch.setattr(telemetry, "_earlier", itertools.count())


def events(spaces: World, seconds: float = 5.0) -> list[Seen]:
    """The events, as soon as there are any."""
    until = time.monotonic() + seconds
    while not spaces.to("hub", "/telemetry/") and time.monotonic() < until:
        time.sleep(0.01)
    return spaces.to("hub", "/telemetry/")


def test_connecting_to_a_space_is_one_anonymous_event(spaces: World, connect: Connect) -> None:
    spaces.space(private=True)
    connect(token=TOKEN)
    (event,) = events(spaces)
    assert (event.method, event.path, event.body) == ("HEAD", "/api/telemetry/py_client/initiated", b"")
    told = "".join(value for _, value in event.headers).replace(spaces.urls["hub"].split("//")[1], "")
    assert "gradio_client/" in told
    assert event.header("Authorization") is None
    for private in ("ada", "demo", TOKEN, spaces.urls["space"].split("//")[1]):
        assert private not in told


def test_a_process_sends_one_event_however_many_clients_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr("huggingface_hub.utils.send_telemetry", lambda topic, **_: sent.append(topic))
    for _ in range(3):
        telemetry.send()
    assert sent == ["py_client/initiated"]


@pytest.mark.parametrize(
    "setting",
    [
        {"GRADIO_ANALYTICS_ENABLED": "False"},
        {"GRADIO_ANALYTICS_ENABLED": "0"},
        {"HF_HUB_DISABLE_TELEMETRY": "1"},
        {"HF_HUB_OFFLINE": "1"},
        {"DISABLE_TELEMETRY": "true"},
        {"DO_NOT_TRACK": "1"},
        {},
    ],
    ids=str,
)
def test_each_switch_alone_stops_it(
    spaces: World, connect: Connect, monkeypatch: pytest.MonkeyPatch, setting: dict[str, str]
) -> None:
    for name, value in setting.items():
        monkeypatch.setenv(name, value)
    spaces.space()
    connect(analytics_enabled=bool(setting))
    assert events(spaces, 0.2) == []
    assert next(telemetry._earlier) == 0


def test_an_async_client_keeps_to_the_same(spaces: World) -> None:
    spaces.space()

    async def main(**kwargs: Any) -> None:
        async with AsyncClient("ada/demo", **kwargs):
            pass

    asyncio.run(main(analytics_enabled=False))
    assert events(spaces, 0.2) == []
    asyncio.run(main())
    assert len(events(spaces)) == 1


def test_an_app_at_an_address_is_no_event(spaces: World, connect: Connect) -> None:
    connect(spaces.urls["space"])
    assert events(spaces, 0.2) == []


def test_an_event_that_fails_is_nobodys_trouble(spaces: World, connect: Connect) -> None:
    spaces.space()
    spaces.hub.refusals["initiated"] = 500
    assert connect().predict("Ada", api_name="/greet") == "Hello, Ada!"
    assert len(events(spaces)) == 1


def test_a_thread_that_cannot_be_started_is_nobodys_trouble(
    spaces: World, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(hub.Hub, "start", start)
    spaces.space()
    assert connect().predict("Ada", api_name="/greet") == "Hello, Ada!"


def test_a_huggingface_hub_that_sends_none_is_nobodys_trouble(
    spaces: World, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("huggingface_hub.utils.send_telemetry", broken)
    spaces.space()
    connect()
    assert events(spaces, 0.2) == []
