"""Cassettes: what is recorded is what is played, and a request that was not is refused."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gradio_client import AsyncClient, Client, handle_file
from gradio_client.exceptions import AppError, ConnectionLost, UnreachableError
from gradio_client.testing import (
    App,
    AppServer,
    Cassette,
    CassetteError,
    Gate,
    ScriptedApp,
    State,
    UnexpectedRequestError,
    cassette,
)
from gradio_client.transport import (
    ConnectError,
    ConnectionLostError,
    Headers,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

URL = "http://app.test"
JSON = Headers({"Content-Type": "application/json"})


def app() -> ScriptedApp:
    return ScriptedApp(
        {
            "/greet": lambda name: f"Hello, {name}! ü",
            "/count": [1, 2, 3],
            "/fail": AppError("no"),
            "/size": _size,
            "/same": _same,
        }
    )


def _size(file: Path) -> int:
    return len(file.read_bytes())


def _same(file: Path) -> Path:
    return file


def twice(path: Path, scripted: ScriptedApp, program: Callable[[Client], Any]) -> tuple[Any, Any]:
    """What a program gets from the app, and what from the cassette of that."""

    def run(chosen: Cassette) -> Any:
        with Client(URL, transport=chosen, verbose=False, download_files=path.parent) as client:
            return program(client)

    recorded = run(cassette(path, "record", inner=scripted.transport))
    calls = len(scripted.calls)
    played = run(cassette(path, "replay", inner="nothing"))
    assert len(scripted.calls) == calls
    return recorded, played


def test_a_client_gets_the_same_from_the_cassette(tmp_path: Path) -> None:
    def program(client: Client) -> list[Any]:
        jobs = [client.submit(name, api_name="/greet") for name in ("Ada", "Bob", "Ada")]
        results = [job.result() for job in jobs]
        with pytest.raises(AppError, match=r"^no$"):
            client.predict(api_name="/fail")
        return [*results, *client.submit(api_name="/count"), client.predict("Eve", api_name="/greet")]

    recorded, played = twice(tmp_path / "a.json", app(), program)
    assert recorded == played
    assert recorded == [f"Hello, {name}! ü" for name in ("Ada", "Bob", "Ada")] + [1, 2, 3, "Hello, Eve! ü"]


def test_files_are_uploaded_and_downloaded_without_a_server(tmp_path: Path) -> None:
    given = tmp_path / "given.bin"
    given.write_bytes(bytes(range(256)))

    def program(client: Client) -> Any:
        out = client.predict(handle_file(given), api_name="/same")
        return client.predict(handle_file(given), api_name="/size"), Path(out).read_bytes()

    recorded, played = twice(tmp_path / "a.json", app(), program)
    assert recorded == played == (256, bytes(range(256)))


def test_sessions_are_told_apart_by_their_place(tmp_path: Path) -> None:
    counting = App()

    @counting.endpoint(state=0)
    def count(seen: State) -> int:
        seen.value += 1
        return int(seen.value)

    def program(client: Client) -> list[int]:
        first = [client.predict(api_name="/count") for _ in range(2)]
        client.reset_session()
        return [*first, client.predict(api_name="/count")]

    assert twice(tmp_path / "a.json", ScriptedApp(counting), program) == ([1, 2, 1], [1, 2, 1])


def test_a_job_is_cancelled_as_it_was(tmp_path: Path) -> None:
    async def forever() -> Any:
        yield 1
        await Gate().passed()

    def program(client: Client) -> tuple[Any, bool, bool]:
        job = client.submit(api_name="/forever")
        first = next(iter(job))
        return first, job.cancel(), job.cancelled()

    recorded, played = twice(tmp_path / "a.json", ScriptedApp({"/forever": forever}), program)
    assert recorded == played == (1, True, True)


def test_an_async_client_records_and_plays(tmp_path: Path) -> None:
    scripted = app()

    async def program(chosen: Cassette) -> list[Any]:
        async with AsyncClient(URL, transport=chosen) as client:
            jobs = [client.submit(str(number), api_name="/greet") for number in range(5)]
            return [await job for job in jobs] + [one async for one in client.submit(api_name="/count")]

    recorded = asyncio.run(program(cassette(tmp_path / "a.json", inner=scripted.transport)))
    played = asyncio.run(program(cassette(tmp_path / "a.json", inner=scripted.transport)))
    assert recorded == played
    assert len(scripted.calls) == 6


@pytest.mark.parametrize("inner", ["aiohttp", "requests", "httpx"])
def test_any_transport_can_be_recorded(tmp_path: Path, inner: str) -> None:
    served = App()
    served.endpoint("greet")(lambda name: f"Hello, {name}!")
    with AppServer(served) as server:
        url = server.url
        with Client(url, transport=cassette(tmp_path / "a.json", inner=inner), verbose=False) as client:
            assert client.predict("Ada", api_name="/greet") == "Hello, Ada!"
    with Client(url, transport=cassette(tmp_path / "a.json"), verbose=False) as client:
        assert client.predict("Ada", api_name="/greet") == "Hello, Ada!"


@pytest.mark.parametrize("protocol", ["sse", "sse_v1", "sse_v2", "sse_v2.1", "sse_v3"])
def test_every_protocol_can_be_recorded(tmp_path: Path, protocol: str) -> None:
    served = App()

    @served.endpoint(concurrency=None)
    def count(steps: int) -> Iterator[int]:
        yield from range(int(steps))

    def run(url: str) -> list[Any]:
        with Client(url, transport=cassette(tmp_path / "a.json"), verbose=False) as client:
            jobs = [client.submit(steps, api_name="/count") for steps in (3, 4)]
            return [list(job) for job in jobs] + list(client.submit(2, api_name="/count"))

    with AppServer(served, protocol=protocol) as server:
        url = server.url
        assert run(url) == [[0, 1, 2], [0, 1, 2, 3], 0, 1]
    assert run(url) == [[0, 1, 2], [0, 1, 2, 3], 0, 1]


def test_several_clients_share_a_cassette(tmp_path: Path) -> None:
    def program(chosen: Cassette) -> None:
        for name in ("Ada", "Bob"):
            with Client(URL, transport=chosen, verbose=False) as client:
                assert client.predict(name, api_name="/greet") == f"Hello, {name}! ü"

    program(cassette(tmp_path / "a.json", inner=app().transport))
    program(cassette(tmp_path / "a.json", "replay"))


def test_a_request_that_was_not_recorded_is_refused_beside_the_nearest(tmp_path: Path) -> None:
    twice(tmp_path / "a.json", app(), lambda client: client.predict("Ada", api_name="/greet"))
    chosen = cassette(tmp_path / "a.json")
    client = Client(URL, transport=chosen, verbose=False)
    with client, pytest.raises(UnexpectedRequestError) as caught:
        client.predict("Eve", api_name="/greet")
    assert "has no POST /gradio_api/queue/join to play" in str(caught.value)
    assert "whose json['data'][0] is 'Ada', not 'Eve'" in str(caught.value)
    assert "mode='record'" in str(caught.value)
    with pytest.raises(UnexpectedRequestError, match="'Eve'"):
        chosen.check()


def test_a_client_meets_recorded_errors(tmp_path: Path) -> None:
    for error, raised in (
        (ConnectError("refused"), UnreachableError),
        (ConnectionLostError("x"), ConnectionLost),
    ):

        def program(client: Client, raised: type[Exception] = raised) -> None:
            with pytest.raises(raised):
                client.predict(api_name="/lost")

        twice(tmp_path / f"{raised.__name__}.json", ScriptedApp({"/lost": error}), program)


def test_a_body_that_is_too_large_is_refused_when_the_client_is_closed(tmp_path: Path) -> None:
    chosen = cassette(tmp_path / "a.json", inner=ScriptedApp({"/long": "x" * 3000}).transport, limit=2000)
    client = Client(URL, transport=chosen, verbose=False)
    assert client.predict(api_name="/long") == "x" * 3000
    with pytest.raises(CassetteError, match=r"more than 2000 bytes.*limit=.*was not written"):
        client.close()
    assert list(tmp_path.iterdir()) == []


def test_an_upload_that_is_too_large_is_refused_likewise(tmp_path: Path) -> None:
    given = tmp_path / "given.bin"
    given.write_bytes(bytes(60_000))
    chosen = cassette(tmp_path / "a.json", inner=app().transport, limit=50_000)
    client = Client(URL, transport=chosen, verbose=False)
    assert client.predict(handle_file(given), api_name="/size") == 60_000
    with pytest.raises(CassetteError, match=r"POST /gradio_api/upload has a body of more than 50000 bytes"):
        client.close()


def test_json_and_streams_can_be_read_in_the_file(tmp_path: Path) -> None:
    twice(tmp_path / "a.json", app(), lambda client: client.predict("Ada", api_name="/greet"))
    text = (tmp_path / "a.json").read_text("utf-8")
    exchanges = json.loads(text)["exchanges"]
    assert exchanges[0]["response"]["chunks"][0]["json"]["version"]
    join = exchanges[2]["request"]
    assert join["body"]["json"] == {"data": ["Ada"], "fn_index": 0, "session_hash": "session-1"}
    assert "Hello, Ada! ü" in text
