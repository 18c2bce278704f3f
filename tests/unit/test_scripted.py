"""A transport with a script: what it answers, and what it complains of."""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING, Any

import pytest

from gradio_client import Client
from gradio_client.testing import Gate, Reply, ScriptedTransport, UnexpectedRequestError
from gradio_client.transport import (
    BytesBody,
    ConnectError,
    ConnectionLostError,
    ReadTimeoutError,
    Request,
    Timeouts,
    TransportClosedError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from gradio_client.transport import Response

URL = "http://app.test"
JOIN = Request("POST", f"{URL}/queue/join", body=BytesBody(b'{"data": [1]}'))


def get(path: str, **timeouts: float) -> Request:
    return Request("GET", f"{URL}{path}", timeouts=Timeouts(**timeouts))


async def content(response: Response) -> bytes:
    pieces = []
    while piece := await response.read():
        pieces.append(piece)
    return b"".join(pieces)


def on_a_loop(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    @functools.wraps(test)
    def run() -> None:
        asyncio.run(test())

    return run


@on_a_loop
async def test_gives_the_answer_for_method_and_path() -> None:
    transport = ScriptedTransport().on("GET", "/b", Reply(404)).on("GET", "/a", Reply.json({"x": 1}))
    response = await transport.send(get("/a?q=1"))
    assert (response.status, await content(response)) == (200, b'{"x": 1}')
    assert response.headers["content-type"] == "application/json"


@on_a_loop
async def test_gives_each_answer_once() -> None:
    transport = ScriptedTransport().on("GET", "/a", Reply(201)).on("GET", "/a", Reply(202))
    assert [(await transport.send(get("/a"))).status for _ in range(2)] == [201, 202]
    with pytest.raises(UnexpectedRequestError, match="given already; times=None gives it always"):
        await transport.send(get("/a"))


@on_a_loop
async def test_gives_an_answer_always() -> None:
    transport = ScriptedTransport().on("GET", "/a", Reply(201), times=None)
    assert [(await transport.send(get("/a"))).status for _ in range(3)] == [201] * 3
    transport.check()


@on_a_loop
async def test_tells_requests_apart_by_body_predicate_and_query() -> None:
    transport = ScriptedTransport()
    transport.on("POST", "/queue/join", Reply(201), json={"data": [2]})
    transport.on("POST", "/queue/join", Reply(202), when=lambda seen: seen.json == {"data": [1]})
    transport.on("GET", "/a?x=1", Reply(203))
    transport.on("GET", "/a", Reply(204))
    assert (await transport.send(JOIN)).status == 202
    assert (await transport.send(get("/a?x=2"))).status == 204


@on_a_loop
async def test_makes_an_answer_of_the_request() -> None:
    transport = ScriptedTransport().on("POST", "/queue/join", lambda seen: Reply.json(seen.json["data"]))
    assert await content(await transport.send(JOIN)) == b"[1]"


@on_a_loop
async def test_names_what_it_expected_next() -> None:
    transport = ScriptedTransport().on("GET", "/a", Reply()).on("GET", "/b", Reply())
    with pytest.raises(UnexpectedRequestError) as caught:
        await transport.send(get("/c?token=secret"))
    assert str(caught.value) == ("GET /c was not expected. Expected next: GET /a, then GET /b. Seen: GET /c.")


@on_a_loop
async def test_names_an_answer_with_another_body() -> None:
    transport = ScriptedTransport().on("POST", "/queue/join", Reply(), json={"data": [2]})
    with pytest.raises(UnexpectedRequestError, match="The answer to POST /queue/join takes another body"):
        await transport.send(JOIN)


@on_a_loop
async def test_keeps_an_order_if_told_to() -> None:
    transport = ScriptedTransport(in_order=True).on("GET", "/a", Reply()).on("GET", "/b", Reply())
    with pytest.raises(UnexpectedRequestError, match="Expected next: GET /a"):
        await transport.send(get("/b"))


@on_a_loop
async def test_checks_that_everything_came() -> None:
    transport = ScriptedTransport().on("GET", "/a", Reply())
    with pytest.raises(AssertionError, match="never came: GET /a"):
        transport.check()
    await transport.send(get("/a"))
    transport.check()


@on_a_loop
async def test_repeats_what_was_not_expected_when_checked() -> None:
    transport = ScriptedTransport()
    with pytest.raises(UnexpectedRequestError):
        await transport.send(get("/a"))
    with pytest.raises(UnexpectedRequestError, match="GET /a was not expected"):
        transport.check()


@on_a_loop
async def test_raises_an_error_instead_of_an_answer() -> None:
    transport = ScriptedTransport().on("GET", "/a", ConnectError("refused"))
    with pytest.raises(ConnectError, match="refused"):
        await transport.send(get("/a"))


@on_a_loop
async def test_raises_an_error_within_a_body_ever_after() -> None:
    transport = ScriptedTransport().on("GET", "/a", Reply(chunks=[b"x", ConnectionLostError("cut")]))
    response = await transport.send(get("/a"))
    assert await response.read() == b"x"
    for _ in range(2):
        with pytest.raises(ConnectionLostError, match="cut"):
            await response.read()


@on_a_loop
async def test_waits_at_a_gate() -> None:
    gate = Gate()
    transport = ScriptedTransport().on("GET", "/a", Reply.events([1, gate, 2]))
    response = await transport.send(get("/a"))
    assert await response.read() == b"data: 1\n\n"
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(response.read(), 0.01)
    gate.open()
    assert await response.read() == b"data: 2\n\n"  # the call that was given up lost nothing
    assert await response.read() == b""


@on_a_loop
async def test_a_gate_before_the_head_counts_as_silence() -> None:
    transport = ScriptedTransport().on("GET", "/a", Reply(gate=Gate()))
    with pytest.raises(ReadTimeoutError, match=r"0\.01 seconds"):
        await transport.send(get("/a", read=0.01))


@on_a_loop
async def test_a_gate_within_a_body_counts_as_silence() -> None:
    transport = ScriptedTransport().on("GET", "/a", Reply(chunks=[Gate()]))
    response = await transport.send(get("/a", read=0.01))
    with pytest.raises(ReadTimeoutError, match=r"0\.01 seconds"):
        await response.read()


@on_a_loop
async def test_closing_a_response_wakes_its_reader() -> None:
    transport = ScriptedTransport().on("GET", "/a", Reply(chunks=[Gate()]))
    response = await transport.send(get("/a"))
    reading = asyncio.create_task(response.read())
    await asyncio.sleep(0)
    await response.aclose()
    with pytest.raises(ConnectionLostError):
        await reading


@on_a_loop
async def test_closing_the_transport_ends_everything() -> None:
    transport = ScriptedTransport().on("GET", "/a", Reply()).on("GET", "/b", Reply(gate=Gate()))
    response = await transport.send(get("/a"))
    sending = asyncio.create_task(transport.send(get("/b")))
    await asyncio.sleep(0.01)
    await transport.aclose()
    await transport.aclose()
    with pytest.raises(ConnectionLostError):
        await response.read()
    with pytest.raises(ConnectionLostError):
        await sending
    with pytest.raises(TransportClosedError):
        await transport.send(get("/a"))


def test_a_client_shows_what_was_not_expected() -> None:
    with pytest.raises(UnexpectedRequestError, match=r"GET /config was not expected\. Expected next: GET /x"):
        Client(URL, transport=ScriptedTransport().on("GET", "/x", Reply()), verbose=False)
