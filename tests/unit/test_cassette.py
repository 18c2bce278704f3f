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
    RecordingTransport,
    ReplayingTransport,
    Reply,
    ScriptedApp,
    ScriptedTransport,
    State,
    UnexpectedRequestError,
    cassette,
)
from gradio_client.transport import (
    BytesBody,
    ConnectError,
    ConnectionLostError,
    Headers,
    ReadTimeoutError,
    Request,
    Timeouts,
    TransportError,
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


def post(path: str, value: Any) -> Request:
    return Request("POST", URL + path, JSON, BytesBody(json.dumps(value).encode()))


async def content(transport: Any, request: Request) -> bytes:
    response = await transport.send(request)
    pieces = []
    while piece := await response.read():
        pieces.append(piece)
    await response.aclose()
    return b"".join(pieces)


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


def record(path: Path, inner: Any, *requests: Request) -> None:
    async def run() -> None:
        transport = RecordingTransport(inner, path)
        for request in requests:
            try:
                await content(transport, request)
            except TransportError:
                continue
        await transport.aclose()

    asyncio.run(run())


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


def test_a_request_is_not_played_more_often_than_recorded(tmp_path: Path) -> None:
    record(
        tmp_path / "a.json", ScriptedTransport().on("GET", "/a", Reply.json(1)), Request("GET", f"{URL}/a")
    )

    async def run() -> None:
        transport = ReplayingTransport(tmp_path / "a.json")
        assert json.loads(await content(transport, Request("GET", f"{URL}/a"))) == 1
        with pytest.raises(UnexpectedRequestError, match="once more: it was recorded 1 time"):
            await transport.send(Request("GET", f"{URL}/a"))

    asyncio.run(run())


def test_errors_are_played_as_errors(tmp_path: Path) -> None:
    class OddError(ConnectError):
        """Some library's own."""

    inner = ScriptedTransport()
    inner.on("GET", "/refused", OddError("refused"))
    inner.on("GET", "/cut", Reply(chunks=[b"ab", ConnectionLostError("cut")]))
    refused, cut = Request("GET", f"{URL}/refused"), Request("GET", f"{URL}/cut")
    record(tmp_path / "a.json", inner, refused, cut)

    async def run() -> None:
        transport = ReplayingTransport(tmp_path / "a.json")
        with pytest.raises(ConnectError, match=r"^refused$") as caught:
            await transport.send(refused)
        assert type(caught.value) is ConnectError
        response = await transport.send(cut)
        assert await response.read() == b"ab"
        with pytest.raises(ConnectionLostError, match=r"^cut$"):
            await response.read()

    asyncio.run(run())


def test_a_client_meets_recorded_errors(tmp_path: Path) -> None:
    for error, raised in (
        (ConnectError("refused"), UnreachableError),
        (ConnectionLostError("x"), ConnectionLost),
    ):

        def program(client: Client, raised: type[Exception] = raised) -> None:
            with pytest.raises(raised):
                client.predict(api_name="/lost")

        twice(tmp_path / f"{raised.__name__}.json", ScriptedApp({"/lost": error}), program)


def test_a_response_that_was_closed_early_gives_no_more(tmp_path: Path) -> None:
    async def run() -> None:
        inner = ScriptedTransport().on("GET", "/a", Reply(chunks=[b"one", b"two"]))
        recording = RecordingTransport(inner, tmp_path / "a.json")
        response = await recording.send(Request("GET", f"{URL}/a"))
        assert await response.read() == b"one"
        await response.aclose()
        await recording.aclose()
        replaying = ReplayingTransport(tmp_path / "a.json")
        played = await replaying.send(Request("GET", f"{URL}/a", timeouts=Timeouts(read=0.01)))
        assert await played.read() == b"one"
        with pytest.raises(ReadTimeoutError):
            await played.read()

    asyncio.run(run())


def test_a_request_that_nobody_waited_for_gets_no_answer(tmp_path: Path) -> None:
    request = Request("GET", f"{URL}/a", timeouts=Timeouts(read=0.01))

    async def run() -> None:
        recording = RecordingTransport(
            ScriptedTransport().on("GET", "/a", Reply(gate=Gate())), tmp_path / "a.json"
        )
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(recording.send(Request("GET", f"{URL}/a")), 0.01)
        await recording.aclose()
        with pytest.raises(ReadTimeoutError):
            await ReplayingTransport(tmp_path / "a.json").send(request)

    asyncio.run(run())


def test_messages_wait_for_the_request_that_they_followed(tmp_path: Path) -> None:
    stream = Request("GET", f"{URL}/queue/data?session_hash=0123456789")
    join = post("/queue/join", {"session_hash": "0123456789"})
    gate = Gate()
    inner = ScriptedTransport().on("POST", "/queue/join", Reply.json({"event_id": "e1234567"}))
    inner.on("GET", "/queue/data", Reply.events([1, gate, 2]))

    async def exchange(transport: Any) -> list[bytes]:
        response = await transport.send(stream)
        first = await response.read()
        reading = asyncio.create_task(response.read())
        await asyncio.sleep(0.01)
        assert not reading.done()
        await transport.send(join)
        gate.open()
        return [first, await reading]

    async def run() -> None:
        recording = RecordingTransport(inner, tmp_path / "a.json")
        recorded = await exchange(recording)
        await recording.aclose()
        assert await exchange(ReplayingTransport(tmp_path / "a.json")) == recorded

    asyncio.run(run())


def test_a_body_that_is_too_large_is_refused_when_the_client_is_closed(tmp_path: Path) -> None:
    chosen = cassette(tmp_path / "a.json", inner=ScriptedApp({"/long": "x" * 3000}).transport, limit=2000)
    client = Client(URL, transport=chosen, verbose=False)
    assert client.predict(api_name="/long") == "x" * 3000
    with pytest.raises(CassetteError, match=r"more than 2000 bytes.*limit=.*was not written"):
        client.close()
    assert list(tmp_path.iterdir()) == []


def test_a_mode_that_only_plays_wants_a_cassette(tmp_path: Path) -> None:
    with pytest.raises(CassetteError, match=r"no cassette .*mode='record'"):
        cassette(tmp_path / "a.json", "replay")


def test_an_unknown_mode_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="once, replay, record"):
        cassette(tmp_path / "a.json", "none")  # type: ignore[arg-type]  # that is the point


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "cannot be read as a cassette"),
        ("[]", "is JSON, but no cassette"),
        ('{"format": "gradio_client cassette", "version": 99}', "record it again"),
        ('{"format": "gradio_client cassette", "version": 1, "exchanges": [{}]}', "Exchange 0 .* is damaged"),
    ],
)
def test_a_file_that_is_no_cassette_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(CassetteError, match=complaint):
        cassette(tmp_path / "a.json")


def test_a_cassette_that_cannot_be_written_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Path, target: Path) -> Path:
        raise OSError("disk full")

    (tmp_path / "a.json").write_text("old")
    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        record(tmp_path / "a.json", ScriptedTransport().on("GET", "/a", Reply()), Request("GET", f"{URL}/a"))
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_nothing_is_written_when_nothing_was_sent(tmp_path: Path) -> None:
    record(tmp_path / "a.json", ScriptedTransport())
    assert list(tmp_path.iterdir()) == []


def test_json_and_streams_can_be_read_in_the_file(tmp_path: Path) -> None:
    twice(tmp_path / "a.json", app(), lambda client: client.predict("Ada", api_name="/greet"))
    text = (tmp_path / "a.json").read_text("utf-8")
    exchanges = json.loads(text)["exchanges"]
    assert exchanges[0]["response"]["chunks"][0]["json"]["version"]
    join = exchanges[2]["request"]
    assert join["body"]["json"] == {"data": ["Ada"], "fn_index": 0, "session_hash": "session-1"}
    assert "Hello, Ada! ü" in text
