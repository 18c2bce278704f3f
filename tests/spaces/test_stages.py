"""Spaces that are not up: woken and waited for, or given up, by what the Hub says of their stage."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from spaces.conftest import TOKEN

from gradio_client import AsyncClient, Timeouts
from gradio_client.exceptions import (
    ClientClosedError,
    DeadlineError,
    ServerError,
    SpaceUnavailableError,
    UnreachableError,
)

if TYPE_CHECKING:
    from pathlib import Path

    from spaces.conftest import Connect
    from spaces.world import World

    from gradio_client.domain.spaces import SpaceStatus

LIFE = ("SLEEPING", "BUILDING", "APP_STARTING", "RUNNING")
#: What is told of such a life when the host refuses the first requests.
TOLD = [
    ("SLEEPING", False),
    ("BUILDING", False),
    ("APP_STARTING", False),
    ("RUNNING", False),
    ("RUNNING", True),
]


def told(statuses: list[SpaceStatus]) -> list[tuple[str, bool]]:
    return [(status.stage, status.ready) for status in statuses]


def test_a_space_that_cannot_be_woken_for_want_of_authorities_is_not_waited_for(
    spaces: World, connect: Connect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    spaces.space("ada/demo", "SLEEPING").host = "https://127.0.0.1:1"
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    with pytest.raises(FileNotFoundError, match="REQUESTS_CA_BUNDLE names "):
        connect(connect_timeout=5)


def test_a_sleeping_space_is_woken_and_waited_for(
    spaces: World, connect: Connect, impatient: list[float], transport: str
) -> None:
    spaces.space("ada/demo", *LIFE, private=True, early=2)
    statuses: list[SpaceStatus] = []
    client = connect(token=TOKEN, transport=transport, on_status=statuses.append)
    assert client.predict("Ada", api_name="/greet") == "Hello, Ada!"
    assert told(statuses) == TOLD
    assert {status.space_id for status in statuses} == {"ada/demo"}
    assert [status.seconds for status in statuses] == sorted(status.seconds for status in statuses)
    assert "status 503" not in statuses[-1].message
    assert impatient[:5] == [2, 2, 3, 4, 5]
    assert {seen.header("X-HF-Authorization") for seen in spaces.to("space")} == {f"Bearer {TOKEN}"}


def test_an_async_client_waits_likewise(spaces: World, impatient: list[float]) -> None:
    spaces.space("ada/demo", *LIFE, early=2)
    statuses: list[SpaceStatus] = []

    async def main() -> object:
        async with AsyncClient("ada/demo", on_status=statuses.append, retry=None) as client:
            return await client.predict("Ada", api_name="/greet")

    assert asyncio.run(main()) == "Hello, Ada!"
    assert told(statuses) == TOLD


@pytest.mark.parametrize("stage", ["SLEEPING", "BUILDING", "RUNNING"])
@pytest.mark.parametrize("limit", [600.0, None])
def test_closing_ends_the_wait_for_a_space(
    spaces: World, impatient: list[float], stage: str, limit: float | None
) -> None:
    spaces.space("ada/demo", stage, early=10**6)

    async def main() -> int:
        begun = asyncio.Event()
        client = AsyncClient("ada/demo", on_status=lambda _: begun.set(), retry=None, connect_timeout=limit)
        connecting = asyncio.create_task(client.connect())
        await begun.wait()
        await client.aclose()
        asked = len(spaces.to("hub"))
        with pytest.raises(ClientClosedError):
            await asyncio.wait_for(connecting, 5)
        await asyncio.sleep(0.1)
        return len(spaces.to("hub")) - asked

    assert asyncio.run(main()) <= 1  # what was under way


@pytest.mark.parametrize("stage", ["RUNNING", "RUNNING_BUILDING", "RUNNING_APP_STARTING"])
def test_a_running_space_is_not_waited_for(
    spaces: World, connect: Connect, impatient: list[float], stage: str
) -> None:
    spaces.space("ada/demo", stage)
    statuses: list[SpaceStatus] = []
    connect(on_status=statuses.append)
    assert told(statuses) == [(stage, True)]
    assert [seen.path for seen in spaces.to("hub", "/spaces/")] == ["/api/spaces/ada/demo"]
    assert impatient == []


def test_a_stopped_space_is_woken(spaces: World, connect: Connect, impatient: list[float]) -> None:
    spaces.space("ada/demo", "STOPPED", "RUNNING")
    assert connect().space_id == "ada/demo"


@pytest.mark.parametrize(
    ("stage", "remedy"),
    [
        ("PAUSED", "Client.duplicate('ada/demo')"),
        ("NO_APP_FILE", "app.py"),
        ("CONFIG_ERROR", "logs"),
        ("BUILD_ERROR", "logs"),
        ("RUNTIME_ERROR", "logs"),
        ("DELETING", "another"),
        ("ON_FIRE", "logs"),
    ],
)
def test_a_stage_that_no_waiting_changes_ends_it_at_once(
    spaces: World, connect: Connect, impatient: list[float], stage: str, remedy: str
) -> None:
    spaces.space("ada/demo", stage)
    with pytest.raises(SpaceUnavailableError) as caught:
        connect()
    assert (caught.value.space_id, caught.value.stage) == ("ada/demo", stage)
    assert stage in str(caught.value)
    assert remedy in str(caught.value)
    assert impatient == []
    assert spaces.to("space") == []


def test_a_space_that_breaks_while_it_starts_ends_it(
    spaces: World, connect: Connect, impatient: list[float]
) -> None:
    spaces.space("ada/demo", "BUILDING", "APP_STARTING", "RUNTIME_ERROR")
    statuses: list[SpaceStatus] = []
    with pytest.raises(SpaceUnavailableError, match="RUNTIME_ERROR"):
        connect(on_status=statuses.append)
    assert told(statuses) == [("BUILDING", False), ("APP_STARTING", False)]


def test_an_app_that_answers_with_something_else_is_not_waited_for(
    spaces: World, connect: Connect, impatient: list[float]
) -> None:
    spaces.space("ada/demo")
    spaces.target += "/nowhere"
    with pytest.raises(ServerError, match="no Gradio app"):
        connect()
    assert impatient == []


def test_a_host_that_cannot_be_reached_is_not_waited_for_long(
    spaces: World, connect: Connect, impatient: list[float]
) -> None:
    spaces.space("ada/demo", host="http://127.0.0.1:9")
    with pytest.raises(UnreachableError):
        connect()
    assert len(impatient) == 4


def test_a_host_that_holds_requests_while_its_app_starts_is_waited_for(
    spaces: World, connect: Connect, impatient: list[float]
) -> None:
    spaces.space("ada/demo", early=6, holds=60)
    connect(timeouts=Timeouts(read=0.3))
    assert len(impatient) >= 6


@pytest.mark.parametrize("holds", [0, 60])
@pytest.mark.parametrize("stages", [LIFE[:1], LIFE[1:2], LIFE[2:3], ("RUNNING",)], ids=lambda s: s[0])
def test_time_runs_out_with_the_stage_in_the_message(
    spaces: World, connect: Connect, impatient: list[float], stages: tuple[str, ...], holds: float
) -> None:
    spaces.space("ada/demo", *stages, early=10**6, holds=holds)
    with pytest.raises(DeadlineError) as caught:
        connect(connect_timeout=0.4)
    assert "connect_timeout=0.4 s" in str(caught.value)
    assert stages[0] in str(caught.value)
    assert caught.value.app == "ada/demo"


def test_time_runs_out_though_the_hub_is_silent(spaces: World, connect: Connect) -> None:
    def silent() -> web.Response:
        time.sleep(0.5)
        return web.Response()

    spaces.hub.failures = [silent]
    with pytest.raises(DeadlineError, match="Hub was being asked where the Space ada/demo is"):
        connect(connect_timeout=0.2)


def test_an_error_of_on_status_ends_connecting(
    spaces: World, connect: Connect, impatient: list[float]
) -> None:
    spaces.space("ada/demo", "BUILDING")

    def give_up(status: SpaceStatus) -> None:
        raise LookupError(status.stage)

    with pytest.raises(LookupError, match="BUILDING"):
        connect(on_status=give_up)


def test_an_error_of_on_status_ends_connecting_also_when_the_app_is_ready(spaces: World) -> None:
    spaces.space()
    statuses: list[SpaceStatus] = []

    def note(status: SpaceStatus) -> None:
        statuses.append(status)
        if len(statuses) == 1:
            raise LookupError(status.stage)

    async def main() -> None:
        client = AsyncClient("ada/demo", on_status=note)
        with pytest.raises(LookupError, match="RUNNING"):
            await client.connect()
        await client.connect()
        await client.aclose()

    asyncio.run(main())
    assert told(statuses) == [("RUNNING", True)] * 2


@pytest.mark.parametrize("verbose", [True, False])
def test_verbose_prints_what_the_incumbent_prints(
    spaces: World,
    connect: Connect,
    impatient: list[float],
    capsys: pytest.CaptureFixture[str],
    verbose: bool,  # noqa: FBT001 - a parameter
) -> None:
    spaces.space("ada/demo", "BUILDING", "BUILDING", "APP_STARTING", "RUNNING", early=1)
    connect(verbose=verbose)
    lines = ["Space is still building. Please wait...", f"Loaded as API: {spaces.urls['space']}/"]
    assert capsys.readouterr().out.splitlines() == (lines if verbose else [])


@pytest.mark.long
def test_twenty_seconds_of_waking_are_waited_for(spaces: World, connect: Connect) -> None:
    spaces.space("ada/demo", *LIFE, seconds=5.5, early=3.5)
    statuses: list[SpaceStatus] = []
    begun = time.monotonic()
    connect(on_status=statuses.append)
    assert told(statuses) == TOLD
    assert 20 <= time.monotonic() - begun < 30


@pytest.mark.long
def test_five_seconds_are_five_seconds(spaces: World, connect: Connect, transport: str) -> None:
    spaces.space("ada/demo", *LIFE, seconds=5.5, early=3.5, holds=60)
    begun = time.monotonic()
    with pytest.raises(DeadlineError, match="BUILDING"):
        connect(transport=transport, connect_timeout=5)
    assert 5 <= time.monotonic() - begun < 6


@pytest.mark.long
def test_five_seconds_of_an_async_client_are_too(spaces: World, transport: str) -> None:
    spaces.space("ada/demo", *LIFE, seconds=5.5, early=3.5, holds=60)

    async def main() -> float:
        client = AsyncClient("ada/demo", transport=transport, connect_timeout=5)
        begun = time.monotonic()
        with pytest.raises(DeadlineError, match="BUILDING"):
            await client.connect()
        taken = time.monotonic() - begun
        await client.aclose()
        return taken

    assert 5 <= asyncio.run(main()) < 6
