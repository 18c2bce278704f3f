"""Many exchanges at once, cancelling, closing, and what is left afterwards."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from gradio_client.transport import (
    ConnectionLostError,
    Request,
    Response,
    Timeouts,
    TransportClosedError,
    TransportError,
    TransportOptions,
)
from gradio_client_contract_tests.bodies import zeros
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
from gradio_client_contract_tests.server import LONGEST, THREADS, answering, hostile_server, sending, silent

if TYPE_CHECKING:
    from gradio_client_contract_tests.server import Connection, HostileServer

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


class ConcurrencyContract(Contract):
    """No exchange waits for another, and none disturbs another."""

    @asynchronous
    async def test_each_of_many_requests_gets_its_own_answer(self, server: HostileServer) -> None:
        """Answers are not confused, however many requests share the connections."""

        def handler(c: Connection) -> None:
            while True:
                c.reply(c.read_request().target.encode())

        server.serve(handler)
        async with self.transport() as transport:
            requests = (Request("GET", f"{server.url}/{n}") for n in range(64))
            answers = await asyncio.gather(*(exchange(transport, request) for request in requests))
        assert [answer.body for answer in answers] == [b"/%d" % n for n in range(64)]

    @asynchronous
    async def test_five_hundred_exchanges_are_in_flight_at_once(self, server: HostileServer) -> None:
        """``pool_size`` limits idle connections, never exchanges: streams last for hours."""
        everyone = threading.Barrier(500)

        def handler(c: Connection) -> None:
            c.read_request()
            everyone.wait(LONGEST)  # answers come only when all the requests are there
            c.reply(b"all here", "200 OK", "Connection: close")

        server.serve(handler)
        async with self.transport(TransportOptions(pool_size=1)) as transport:
            requests = [Request("GET", server.url, timeouts=Timeouts(30, 30)) for _ in range(500)]
            answers = await asyncio.gather(*(exchange(transport, request) for request in requests))
        assert {answer.body for answer in answers} == {b"all here"}

    @asynchronous
    async def test_streams_do_not_hold_up_other_requests(self, server: HostileServer) -> None:
        """A request goes out at once beside any number of open streams."""

        def handler(c: Connection) -> None:
            if "/stream" in c.read_request().line:
                c.start_chunked()
                c.wait()
            c.reply(b"quick")

        server.serve(handler)
        async with self.transport() as transport:
            streams = [await transport.send(Request("GET", server.url + "/stream")) for _ in range(32)]
            async with asyncio.timeout(SOON):
                assert (await exchange(transport, Request("GET", server.url))).body == b"quick"
            for stream in streams:
                await stream.aclose()

    @asynchronous
    async def test_uses_no_connection_that_was_idle_for_too_long(self, server: HostileServer) -> None:
        """``idle_seconds``: a server closes idle connections too, and loses what is sent at that moment."""
        server.serve(answering(b"hello"))
        async with self.transport(TransportOptions(idle_seconds=0.1)) as transport:
            for method in ("GET", "POST"):
                await exchange(transport, Request(method, server.url))
                await asyncio.sleep(0.4)
        assert server.connections == 2, "a connection was used again after more than idle_seconds"

    @needs(Capability.REUSES_CONNECTIONS)
    @asynchronous
    async def test_reuses_a_connection_whose_body_was_read(self, server: HostileServer) -> None:
        """A response that was read to its end and closed gives its connection back."""
        server.serve(answering(b"hello"))
        async with self.transport() as transport:
            for method in ("GET", "POST", "HEAD", "GET"):
                await exchange(
                    transport, Request(method, server.url, body=zeros(1) if method == "POST" else None)
                )
                await asyncio.sleep(0.05)
        assert server.connections == 1


class CancellationContract(Contract):
    """Cancelling a ``send`` is prompt at every stage, and lets go of the connection."""

    @asynchronous
    async def test_cancelling_while_the_head_is_awaited(self, server: HostileServer) -> None:
        """A cancelled ``send`` raises CancelledError at once, and the transport goes on."""

        def handler(c: Connection) -> None:
            if "/slow" in c.read_request().line:
                c.wait()
            c.reply(b"fine")

        server.serve(handler)
        async with self.transport() as transport:
            sending = asyncio.ensure_future(transport.send(Request("GET", server.url + "/slow")))
            assert await eventually(lambda: server.seen)
            await _cancel(sending)
            assert (await exchange(transport, Request("GET", server.url))).body == b"fine"

    @needs(Capability.ABORTS_SENDS)
    @asynchronous
    async def test_the_server_sees_that_a_request_was_cancelled(self, server: HostileServer) -> None:
        """Cancelling a ``send`` closes its connection: a server may stop working for nobody."""
        gone = []

        def handler(c: Connection) -> None:
            c.read_request()
            gone.append(c.wait_until_gone())

        server.serve(handler)
        async with self.transport() as transport:
            request = Request("GET", server.url, timeouts=Timeouts(read=None))
            sending = asyncio.ensure_future(transport.send(request))
            assert await eventually(lambda: server.seen)
            await _cancel(sending)
            assert await eventually(lambda: gone)
            assert gone == [True]

    @asynchronous
    async def test_cancelling_an_upload(self, server: HostileServer) -> None:
        """An upload can be cancelled while the server takes nothing; its body is not read on."""
        server.serve(lambda c: c.wait())
        body = zeros(2000)
        async with self.transport() as transport:
            sending = asyncio.ensure_future(transport.send(Request("POST", server.url, body=body)))
            assert await eventually(lambda: body.produced)
            await asyncio.sleep(0.1)
            await _cancel(sending)
            produced = body.produced
            await asyncio.sleep(0.1)
            assert body.produced - produced < 8 << 20

    @asynchronous
    async def test_cancelling_many_at_once(self, server: HostileServer) -> None:
        """Cancelling fifty exchanges is no slower than cancelling one, and leaves no task."""
        server.serve(silent)
        async with self.transport() as transport:
            sending = [asyncio.ensure_future(transport.send(Request("GET", server.url))) for _ in range(50)]
            assert await eventually(lambda: len(server.seen) == 50)
            for one in sending:
                one.cancel()
            async with asyncio.timeout(SOON):
                results = await asyncio.gather(*sending, return_exceptions=True)
            assert {type(result) for result in results} == {asyncio.CancelledError}


class ShutdownContract(Contract):
    """``Transport.aclose`` ends everything, in a bounded time."""

    @asynchronous
    async def test_send_after_close_raises(self, server: HostileServer) -> None:
        """``send`` after ``aclose`` raises TransportClosedError, used before or not."""
        server.serve(answering())
        for use in (False, True):
            transport = self.make_transport(TransportOptions())
            if use:
                await exchange(transport, Request("GET", server.url))
            await transport.aclose()
            with pytest.raises(TransportClosedError):
                await transport.send(Request("GET", server.url))

    @asynchronous
    async def test_closing_ends_open_responses(self, server: HostileServer) -> None:
        """A ``read`` in progress when the transport is closed ends with ConnectionLostError."""
        server.serve(sending(CHUNKED, then_wait=True))
        transport = self.make_transport(TransportOptions())
        responses = [await transport.send(Request("GET", server.url)) for _ in range(20)]
        reading = [asyncio.ensure_future(response.read()) for response in responses]
        await asyncio.sleep(0.1)
        async with asyncio.timeout(2 * SOON):
            await transport.aclose()
            results = await asyncio.gather(*reading, return_exceptions=True)
        assert {type(result) for result in results} == {ConnectionLostError}
        for response in responses:
            await response.aclose()

    @needs(Capability.ABORTS_SENDS)
    @asynchronous
    async def test_closing_ends_requests_in_flight(self, server: HostileServer) -> None:
        """A ``send`` in progress when the transport is closed ends with a TransportError."""
        server.serve(silent)
        transport = self.make_transport(TransportOptions())
        request = Request("GET", server.url, timeouts=Timeouts(read=None))
        sending = [asyncio.ensure_future(transport.send(request)) for _ in range(5)]
        assert await eventually(lambda: len(server.seen) == 5)
        async with asyncio.timeout(2 * SOON):
            await transport.aclose()
            results = await asyncio.gather(*sending, return_exceptions=True)
        assert all(isinstance(result, TransportError) for result in results), results

    @asynchronous
    async def test_nothing_is_left_after_closing(self, server: HostileServer) -> None:
        """After ``aclose`` no thread, connection or task of the transport is left, whatever it was doing."""

        def handler(c: Connection) -> None:
            while c.read_request().target != "/stream":
                c.reply(b"hello")
            c.send(CHUNKED + b"1\r\nx\r\n")
            c.wait_until_gone()

        server.serve(handler)
        before = set(threading.enumerate())
        transport = self.make_transport(TransportOptions())
        left = []
        for target in ("/", "/stream", "/", "/stream", "/unread"):
            response = await transport.send(Request("GET", server.url + target))
            if target == "/":
                await read_all(response)
                await response.aclose()
            else:
                left.append(response)
        await transport.aclose()
        assert await eventually(lambda: not server.open), f"{server.open} connections are left"
        for response in left:
            await response.aclose()
        assert await eventually(lambda: not _threads(before)), f"threads are left: {_threads(before)}"

    @asynchronous
    async def test_transports_come_and_go(self) -> None:
        """Thirty transports, one after the other, leave nothing behind."""
        before = set(threading.enumerate())
        with hostile_server() as server:
            server.serve(answering(b"hello"))
            for _ in range(30):
                assert (await self.fetch(Request("GET", server.url))).body == b"hello"
            assert await eventually(lambda: not server.open), f"{server.open} connections are left"
        assert await eventually(lambda: not _threads(before)), f"threads are left: {_threads(before)}"

    def test_is_made_without_a_loop(self, server: HostileServer) -> None:
        """A transport is made anywhere, and belongs to the loop of its first ``send``."""
        server.serve(answering(b"hello"))
        transport = self.make_transport(TransportOptions())

        @asynchronous
        async def used() -> None:
            """It is used on a loop that did not run when it was made."""
            assert (await exchange(transport, Request("GET", server.url))).body == b"hello"
            await transport.aclose()

        used()

    @asynchronous
    async def test_closing_what_was_never_used(self) -> None:
        """``aclose`` of a transport that never sent anything does nothing."""
        await self.make_transport(TransportOptions()).aclose()


async def _cancel(task: asyncio.Future[Response]) -> None:
    task.cancel()
    async with asyncio.timeout(SOON):
        with pytest.raises(asyncio.CancelledError):
            await task


def _threads(before: set[threading.Thread]) -> list[str]:
    """The threads that are new, but for the server's and those of the loop's own executor."""
    new = set(threading.enumerate()) - before
    return [thread.name for thread in new if not thread.name.startswith((THREADS, "asyncio_"))]
