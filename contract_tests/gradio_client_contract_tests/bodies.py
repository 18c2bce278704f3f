"""Request bodies: how they are framed, streamed, read and sent again."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from typing import TYPE_CHECKING

import pytest

from gradio_client.transport import (
    IO_THREADS,
    BytesBody,
    ConnectionLostError,
    ReadTimeoutError,
    Request,
    Timeouts,
    TransportError,
)
from gradio_client_contract_tests.contract import (
    SOON,
    Capability,
    Contract,
    asynchronous,
    eventually,
    exchange,
    needs,
)
from gradio_client_contract_tests.server import answering, sending

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from gradio_client_contract_tests.server import Connection, HostileServer

CHUNK = 1 << 16


class MadeBody:
    """A body made of what a function yields, that records how far it has been read."""

    def __init__(self, make: Callable[[], Iterable[bytes]], length: int | None = None) -> None:
        self.make, self.length, self.produced, self.passes = make, length, 0, 0

    def __iter__(self) -> Iterator[bytes]:
        self.passes += 1
        for chunk in self.make():
            self.produced += len(chunk)
            yield chunk


def zeros(chunks: int, *, known: bool = True) -> MadeBody:
    """A body of that many chunks of 64 KiB."""
    return MadeBody(lambda: (bytes(CHUNK) for _ in range(chunks)), chunks * CHUNK if known else None)


class BodiesContract(Contract):
    """Bodies arrive whole, are never held in memory, and can be sent again."""

    @pytest.mark.parametrize("size", [0, 1, 65536, 3_000_000])
    @asynchronous
    async def test_sends_bytes_with_their_length(self, server: HostileServer, size: int) -> None:
        """A body of known length has a ``Content-Length`` and is not chunked."""
        server.serve(answering())
        await self.fetch(Request("POST", server.url, body=BytesBody(b"x" * size)))
        assert server.seen[0].body == b"x" * size
        assert server.seen[0].header("Content-Length") == [str(size)]
        assert server.seen[0].header("Transfer-Encoding") == []

    @asynchronous
    async def test_sends_a_stream_with_its_length(self, server: HostileServer) -> None:
        """So has one that is iterated."""
        server.serve(answering())
        await self.fetch(Request("POST", server.url, body=zeros(20)))
        assert server.seen[0].body == bytes(20 * CHUNK)
        assert server.seen[0].header("Content-Length") == [str(20 * CHUNK)]
        assert server.seen[0].header("Transfer-Encoding") == []

    @pytest.mark.parametrize("chunks", [0, 1, 20])
    @asynchronous
    async def test_sends_a_body_of_unknown_length_in_chunks(self, server: HostileServer, chunks: int) -> None:
        """A body whose ``length`` is None is sent chunked, also when it turns out to be empty."""
        server.serve(answering())
        await self.fetch(Request("POST", server.url, body=zeros(chunks, known=False)))
        assert server.seen[0].body == bytes(chunks * CHUNK)
        assert server.seen[0].header("Transfer-Encoding") == ["chunked"]
        assert server.seen[0].header("Content-Length") == []

    @pytest.mark.parametrize("known", [True, False], ids=["length", "chunked"])
    @asynchronous
    async def test_an_empty_chunk_does_not_end_a_body(self, server: HostileServer, known: bool) -> None:  # noqa: FBT001 - a parameter of a test
        """The body ends with its iterator, not with the first empty chunk."""
        server.serve(answering())
        parts = [b"", b"one", b"", b"two", b""]
        await self.fetch(Request("POST", server.url, body=MadeBody(lambda: parts, 6 if known else None)))
        assert server.seen[0].body == b"onetwo"

    @asynchronous
    async def test_sends_a_body_again_from_its_first_byte(self, server: HostileServer) -> None:
        """The same body may be in several requests: each iterates it anew."""
        server.serve(answering())
        body = zeros(3)
        async with self.transport() as transport:
            for _ in range(3):
                await exchange(transport, Request("POST", server.url, body=body))
        assert [seen.body for seen in server.seen] == [bytes(3 * CHUNK)] * 3
        assert body.passes == 3

    @asynchronous
    async def test_a_body_that_blocks_does_not_block_the_loop(self, server: HostileServer) -> None:
        """Iterating a body may wait for a disk: it is never done on the event loop's thread."""
        server.serve(answering())
        threads = []
        go_on = threading.Event()

        def slow() -> Iterator[bytes]:
            threads.append(threading.current_thread())
            go_on.wait(SOON)
            yield b"late"

        sending = asyncio.ensure_future(self.fetch(Request("POST", server.url, body=MadeBody(slow, 4))))
        assert await eventually(lambda: threads)  # the loop is alive while the body waits
        go_on.set()
        await sending
        assert server.seen[0].body == b"late"
        assert threads[0] is not threading.current_thread()

    @needs(Capability.STREAMS_UPLOADS)
    @asynchronous
    async def test_does_not_read_a_body_far_ahead_of_a_slow_server(self, server: HostileServer) -> None:
        """An upload of any size needs little memory: the body is read as the server takes it."""
        server.serve(lambda c: c.wait())
        body = zeros(2000)  # 125 MiB
        async with self.transport() as transport:
            sending = asyncio.ensure_future(transport.send(Request("POST", server.url, body=body)))
            await asyncio.sleep(0.4)
            assert 0 < body.produced < 32 << 20
            sending.cancel()
            with pytest.raises((asyncio.CancelledError, TransportError)):
                await sending

    @needs(Capability.STREAMS_UPLOADS)
    @asynchronous
    async def test_uploads_a_lot_without_holding_it(self, server: HostileServer) -> None:
        """What has been read of 1 GiB but has not arrived stays below 32 MiB."""
        chunks, chunk, arrived, ahead = (1 << 30) // CHUNK, bytes(CHUNK), [0], [0]

        def handler(c: Connection) -> None:
            c.read_head()
            arrived[0] = len(c.buffer)
            while arrived[0] < chunks * CHUNK:
                arrived[0] += len(c.socket.recv(1 << 20))
            c.reply(b"got it")

        def measured() -> Iterator[bytes]:
            for n in range(chunks):
                ahead[0] = max(ahead[0], n * CHUNK - arrived[0])
                yield chunk

        server.serve(handler)
        body = MadeBody(measured, chunks * CHUNK)
        answer = await self.fetch(Request("POST", server.url, body=body))
        assert answer.body == b"got it"
        assert ahead[0] < 32 << 20

    @pytest.mark.parametrize("kind", [FileNotFoundError, TimeoutError])
    @asynchronous
    async def test_an_error_in_the_body_reaches_the_caller_as_it_is(
        self, server: HostileServer, kind: type[Exception]
    ) -> None:
        """What iterating the body raises is the caller's error, not the network's."""

        def broken() -> Iterator[bytes]:
            yield b"12345"
            raise kind("gone")

        server.serve(answering())
        with pytest.raises(kind, match="gone"):
            await self.fetch(Request("POST", server.url, body=MadeBody(broken, 10)))

    @pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
    @asynchronous
    async def test_a_body_that_raises_what_is_no_exception_ends_its_own_request_alone(
        self, server: HostileServer, kind: type[BaseException]
    ) -> None:
        """A task that raised it would end the event loop, with the requests of all others."""

        def broken() -> Iterator[bytes]:
            yield b"12345"
            raise kind("gone")

        server.serve(answering())
        with pytest.raises(RuntimeError, match=kind.__name__):
            await self.fetch(Request("POST", server.url, body=MadeBody(broken, 10)))

    @pytest.mark.parametrize("length", [3, 8], ids=["longer", "shorter"])
    @asynchronous
    async def test_a_body_that_breaks_its_word_is_an_error(self, server: HostileServer, length: int) -> None:
        """A body of another length than it announced is a ValueError, and never a broken request."""
        server.serve(answering())
        with pytest.raises(ValueError, match="announced"):
            await self.fetch(Request("POST", server.url, body=MadeBody(lambda: [b"123", b"45"], length)))
        assert server.seen == [] or len(server.seen[0].body) <= length

    @asynchronous
    async def test_an_answer_may_come_before_the_body_is_read(self, server: HostileServer) -> None:
        """A server that refuses an upload early gives its answer, or a ConnectionLostError; no hang."""

        def handler(c: Connection) -> None:
            c.read_head()
            c.reply(b"too large", "413 Too Large", "Connection: close")
            time.sleep(0.1)

        server.serve(handler)
        request = Request("POST", server.url, body=zeros(500), timeouts=Timeouts(read=5))
        with contextlib.suppress(ConnectionLostError):
            assert (await self.fetch(request)).status == 413

    @asynchronous
    async def test_a_pause_while_a_body_is_sent_is_no_timeout(self, server: HostileServer) -> None:
        """``Timeouts.read`` limits the server's silence; the body may take its time."""

        def pausing() -> Iterator[bytes]:
            for _ in range(4):
                time.sleep(0.25)
                yield b"x"

        server.serve(answering(b"ok"))
        request = Request("POST", server.url, body=MadeBody(pausing), timeouts=Timeouts(connect=5, read=0.6))
        assert (await self.fetch(request)).body == b"ok"

    @asynchronous
    async def test_a_server_that_stops_reading_is_silent(self, server: HostileServer) -> None:
        """A server that takes nothing of a body for ``Timeouts.read`` is a ReadTimeoutError."""
        server.serve(lambda c: c.wait())
        request = Request("POST", server.url, body=zeros(2000), timeouts=Timeouts(read=0.3))
        with pytest.raises(ReadTimeoutError):
            async with asyncio.timeout(3 * SOON):
                await self.fetch(request)

    @asynchronous
    async def test_the_threads_that_read_bodies_end_with_them(self, server: HostileServer) -> None:
        """No thread of an upload is left when the transport is closed."""
        server.serve(sending(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
        before = set(threading.enumerate())
        await self.fetch(Request("POST", server.url, body=zeros(20)))

        def reading() -> list[str]:
            new = set(threading.enumerate()) - before
            return [thread.name for thread in new if thread.name == IO_THREADS]

        assert await eventually(lambda: not reading())
