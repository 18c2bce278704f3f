"""Cassettes at the port: single exchanges, how they ended, and the file."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from gradio_client.testing import (
    CassetteError,
    Gate,
    RecordingTransport,
    ReplayingTransport,
    Reply,
    ScriptedTransport,
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

URL = "http://app.test"
JSON = Headers({"Content-Type": "application/json"})


def post(path: str, value: Any) -> Request:
    return Request("POST", URL + path, JSON, BytesBody(json.dumps(value).encode()))


async def content(transport: Any, request: Request) -> bytes:
    response = await transport.send(request)
    pieces = []
    while piece := await response.read():
        pieces.append(piece)
    await response.aclose()
    return b"".join(pieces)


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


def test_a_request_is_not_played_more_often_than_recorded(tmp_path: Path) -> None:
    record(
        tmp_path / "a.json", ScriptedTransport().on("GET", "/a", Reply.json(1)), Request("GET", f"{URL}/a")
    )

    async def run() -> None:
        transport = ReplayingTransport(tmp_path / "a.json")
        assert json.loads(await content(transport, Request("GET", f"{URL}/a"))) == 1
        with pytest.raises(UnexpectedRequestError, match="once more: it was recorded once"):
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


def test_closing_under_a_reader_is_recorded_as_no_error(tmp_path: Path) -> None:
    async def run() -> None:
        inner = ScriptedTransport().on("GET", "/a", Reply(chunks=[b"one", Gate()]))
        recording = RecordingTransport(inner, tmp_path / "a.json")
        response = await recording.send(Request("GET", f"{URL}/a"))
        await response.read()
        reading = asyncio.create_task(response.read())
        await asyncio.sleep(0)
        await response.aclose()
        with pytest.raises(ConnectionLostError):
            await reading
        await recording.aclose()

    asyncio.run(run())
    assert json.loads((tmp_path / "a.json").read_text("utf-8"))["exchanges"][0]["response"]["end"] == "closed"


def test_a_session_does_not_get_the_answers_of_another(tmp_path: Path) -> None:
    first, second = (post("/queue/join", {"session_hash": name * 8}) for name in "ab")
    answers = [Reply.json({"event_id": name * 8}) for name in "cd"]
    inner = ScriptedTransport()
    for answer in answers:
        inner.on("POST", "/queue/join", answer)
    record(tmp_path / "a.json", inner, first, second)

    async def run() -> None:
        transport = ReplayingTransport(tmp_path / "a.json")
        anew = post("/queue/join", {"session_hash": "another"})
        assert json.loads(await content(transport, anew)) == {"event_id": "event-1"}
        with pytest.raises(UnexpectedRequestError, match="once more"):
            await transport.send(anew)
        assert json.loads(await content(transport, first)) == {"event_id": "event-2"}

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
