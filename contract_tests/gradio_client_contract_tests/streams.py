"""Response bodies: at once, complete, bounded, and closed at any time."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING

import pytest

from gradio_client.transport import (
    ConnectionLostError,
    Request,
    Timeouts,
    TransportError,
    TransportOptions,
)
from gradio_client_contract_tests.contract import (
    SOON,
    Capability,
    Contract,
    asynchronous,
    eventually,
    exchange,
    needs,
    read_all,
)
from gradio_client_contract_tests.server import LONGEST, answering, sending

if TYPE_CHECKING:
    from gradio_client_contract_tests.server import Connection, HostileServer

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


class StreamsContract(Contract):
    """Bytes are handed on as they come, and a response can be closed at any time."""

    @asynchronous
    async def test_returns_the_head_before_any_of_the_body(self, server: HostileServer) -> None:
        """``send`` returns when the head has arrived; the body may be hours away."""
        server.serve(sending(CHUNKED, then_wait=True))
        async with self.transport() as transport:
            async with asyncio.timeout(SOON):
                response = await transport.send(Request("GET", server.url))
            await response.aclose()

    @asynchronous
    async def test_returns_the_head_of_a_body_with_a_length(self, server: HostileServer) -> None:
        """So also when the length of the body is known."""
        server.serve(sending(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", then_wait=True))
        async with self.transport() as transport:
            async with asyncio.timeout(SOON):
                response = await transport.send(Request("GET", server.url))
            await response.aclose()

    @pytest.mark.parametrize(
        ("raw", "expected"),
        [
            (CHUNKED + b"9\r\ndata: 1\n\n\r\n", b"data: 1\n\n"),
            (CHUNKED + b"9\r\ndata:", b"data:"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345", b"12345"),
            (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n12345", b"12345"),
        ],
        ids=["chunk", "part-of-a-chunk", "part-of-a-length", "until-close"],
    )
    @asynchronous
    async def test_hands_on_what_has_arrived(
        self, server: HostileServer, raw: bytes, expected: bytes
    ) -> None:
        """``read`` returns as soon as there are any bytes; it never waits for more of them."""
        server.serve(sending(raw, then_wait=True))
        async with self.transport() as transport:
            response = await transport.send(Request("GET", server.url))
            got = b""
            async with asyncio.timeout(SOON):
                while len(got) < len(expected):
                    got += await response.read()
            assert got == expected
            await response.aclose()

    @asynchronous
    async def test_each_event_arrives_before_the_next_is_sent(self, server: HostileServer) -> None:
        """A stream of events is handed on event by event, however small."""
        taken = threading.Semaphore(0)

        def handler(c: Connection) -> None:
            c.read_request()
            c.start_chunked("Content-Type: text/event-stream")
            for n in range(5):
                c.chunk(b"data: %d\n\n" % n)
                taken.acquire(timeout=LONGEST)
            c.chunk(b"")

        server.serve(handler)
        async with self.transport() as transport:
            response = await transport.send(Request("GET", server.url))
            for n in range(5):
                async with asyncio.timeout(SOON):
                    assert await response.read() == b"data: %d\n\n" % n
                taken.release()
            await response.aclose()

    @pytest.mark.parametrize(
        ("raw", "expected"),
        [
            (b"5;a=b\r\nhello\r\n0\r\n\r\n", b"hello"),
            (b"5\r\nhello\r\n0\r\nX-Trailer: 1\r\n\r\n", b"hello"),
            (b"00005\r\nhello\r\nA\r\n0123456789\r\n0\r\n\r\n", b"hello0123456789"),
            (b"0\r\n\r\n", b""),
        ],
        ids=["extension", "trailer", "sizes", "empty"],
    )
    @asynchronous
    async def test_takes_the_chunks_apart(self, server: HostileServer, raw: bytes, expected: bytes) -> None:
        """``read`` gives the content without its transfer coding."""
        server.serve(sending(CHUNKED + raw, then_wait=True))
        answer = await self.fetch(Request("GET", server.url, timeouts=Timeouts(read=SOON)))
        assert answer.body == expected

    @asynchronous
    async def test_many_small_chunks_arrive_whole_and_in_order(self, server: HostileServer) -> None:
        """Nothing is lost, doubled or reordered in a busy stream."""
        events = [b"data: %d\n\n" % n for n in range(20_000)]
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(event), event) for event in events)
        server.serve(sending(CHUNKED + chunks + b"0\r\n\r\n"))
        assert (await self.fetch(Request("GET", server.url))).body == b"".join(events)

    @asynchronous
    async def test_a_large_body_arrives_whole(self, server: HostileServer) -> None:
        """A body of many megabytes is the same bytes."""
        body = bytes(range(256)) * (1 << 16)  # 16 MiB
        server.serve(answering(body))
        assert (await self.fetch(Request("GET", server.url))).body == body

    @asynchronous
    async def test_does_not_read_far_ahead_of_a_slow_consumer(self, server: HostileServer) -> None:
        """A body that nobody reads is left to the server: a transport buffers a few megabytes at most."""
        sent = [0]

        def handler(c: Connection) -> None:
            c.read_request()
            c.start_chunked()
            for _ in range(1000):  # 62 MiB
                c.chunk(bytes(1 << 16))
                sent[0] += 1 << 16
            c.chunk(b"")

        server.serve(handler)
        async with self.transport() as transport:
            response = await transport.send(Request("GET", server.url))
            await asyncio.sleep(0.4)
            assert 0 < sent[0] < 32 << 20
            assert len(await read_all(response)) == 1000 << 16
            await response.aclose()

    @asynchronous
    async def test_a_body_stays_at_its_end(self, server: HostileServer) -> None:
        """``read`` gives ``b""`` at the end of the body, and again whenever it is asked."""
        server.serve(answering(b"hello"))
        async with self.transport() as transport:
            response = await transport.send(Request("GET", server.url))
            assert await read_all(response) == b"hello"
            assert [await response.read(), await response.read()] == [b"", b""]
            await response.aclose()

    @asynchronous
    async def test_a_slow_but_steady_body_is_no_timeout(self, server: HostileServer) -> None:
        """``Timeouts.read`` is the longest silence, not the longest response."""

        def handler(c: Connection) -> None:
            c.read_request()
            c.start_chunked()
            for _ in range(6):
                time.sleep(0.15)
                c.chunk(b"x")
            c.chunk(b"")

        server.serve(handler)
        answer = await self.fetch(Request("GET", server.url, timeouts=Timeouts(read=0.6)))
        assert answer.body == b"xxxxxx"

    @asynchronous
    async def test_no_timeout_waits_for_ever(self, server: HostileServer) -> None:
        """A time-out of None is none at all."""

        def handler(c: Connection) -> None:
            c.read_request()
            time.sleep(0.3)
            c.reply(b"late")

        server.serve(handler)
        answer = await self.fetch(Request("GET", server.url, timeouts=Timeouts(connect=None, read=None)))
        assert answer.body == b"late"


class ClosingContract(Contract):
    """``aclose`` of a response, at any time and as often as one likes."""

    @needs(Capability.ABORTS_READS)
    @asynchronous
    async def test_close_interrupts_a_read_and_the_server_sees_it(self, server: HostileServer) -> None:
        """``aclose`` wakes a ``read`` in progress with ConnectionLostError, and ends the connection."""
        gone = []

        def handler(c: Connection) -> None:
            c.read_request()
            c.start_chunked()
            c.chunk(b"x")
            gone.append(c.wait_until_gone())

        server.serve(handler)
        async with self.transport() as transport:
            response = await transport.send(Request("GET", server.url))
            assert await response.read() == b"x"
            reading = asyncio.ensure_future(response.read())
            await asyncio.sleep(0.1)
            async with asyncio.timeout(SOON):
                await response.aclose()
                with pytest.raises(ConnectionLostError):
                    await reading
            assert await eventually(lambda: gone)
            assert gone == [True]

    @asynchronous
    async def test_close_is_idempotent(self, server: HostileServer) -> None:
        """Closing twice, a response or a transport, is harmless, before the end of the body and after."""
        server.serve(answering(b"hello"))
        transport = self.make_transport(TransportOptions())
        for read in (False, True):
            response = await transport.send(Request("GET", server.url))
            if read:
                await read_all(response)
            await response.aclose()
            await response.aclose()
        await transport.aclose()
        await transport.aclose()
        await response.aclose()

    @asynchronous
    async def test_reading_what_is_closed_is_an_error(self, server: HostileServer) -> None:
        """``read`` after ``aclose`` raises ConnectionLostError; it never looks like the end of the body."""
        server.serve(sending(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", then_wait=True))
        async with self.transport() as transport:
            response = await transport.send(Request("GET", server.url))
            await response.aclose()
            with pytest.raises(ConnectionLostError):
                await response.read()

    @asynchronous
    async def test_a_cancelled_read_is_prompt_and_never_looks_like_the_end(
        self, server: HostileServer
    ) -> None:
        """After a ``read`` was cancelled the next one goes on, or raises ConnectionLostError."""

        def handler(c: Connection) -> None:
            c.read_request()
            c.start_chunked()
            c.chunk(b"one")
            c.wait()

        server.serve(handler)
        async with self.transport() as transport:
            response = await transport.send(Request("GET", server.url, timeouts=Timeouts(read=1)))
            assert await response.read() == b"one"
            reading = asyncio.ensure_future(response.read())
            await asyncio.sleep(0.05)
            reading.cancel()
            async with asyncio.timeout(SOON):
                with pytest.raises(asyncio.CancelledError):
                    await reading
            with pytest.raises(TransportError):
                await response.read()
            await response.aclose()

    @asynchronous
    async def test_a_body_left_unread_does_not_leak_into_the_next(self, server: HostileServer) -> None:
        """A connection is used again only when its body was read to the end."""
        times = 2 << 20  # more than anyone reads ahead, or the body would have been read to its end

        def handler(c: Connection) -> None:
            while True:
                target = c.read_request().target
                c.reply(target.encode() * times)

        server.serve(handler)
        async with self.transport() as transport:
            for n in range(4):
                response = await transport.send(Request("GET", f"{server.url}/{n}"))
                assert (await response.read()).startswith(b"/%d" % n)
                await response.aclose()
            answer = await exchange(transport, Request("GET", server.url + "/x"))
        assert answer.body == b"/x" * times
