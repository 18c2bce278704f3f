"""What goes wrong, and the one error that each thing is."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest

from gradio_client.transport import (
    BytesBody,
    ConnectError,
    ConnectionLostError,
    ProtocolError,
    ReadTimeoutError,
    Request,
    Timeouts,
    TransportError,
)
from gradio_client_contract_tests.contract import SOON, Contract, asynchronous, exchange, read_all
from gradio_client_contract_tests.server import sending, silent

if TYPE_CHECKING:
    from gradio_client_contract_tests.server import Connection, HostileServer

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


class FailuresContract(Contract):
    """Only TransportError, each failure its own class, the library's error as the cause."""

    @asynchronous
    async def test_a_refused_connection(self) -> None:
        """A port that nobody listens on is a ConnectError, caused by the library's own error."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        with pytest.raises(ConnectError) as caught:
            await self.fetch(Request("GET", f"http://127.0.0.1:{port}"))
        assert caught.value.__cause__ is not None

    @asynchronous
    async def test_an_unknown_host(self) -> None:
        """A name that does not resolve is a ConnectError."""
        with pytest.raises(ConnectError):
            await self.fetch(Request("GET", "http://does-not-exist.invalid/"))

    @asynchronous
    async def test_silence_before_the_head(self, server: HostileServer) -> None:
        """A head that does not come within ``Timeouts.read`` is a ReadTimeoutError."""
        server.serve(silent)
        with pytest.raises(ReadTimeoutError):
            async with asyncio.timeout(SOON):
                await self.fetch(Request("GET", server.url, timeouts=Timeouts(read=0.2)))

    @asynchronous
    async def test_silence_after_a_request_with_a_body(self, server: HostileServer) -> None:
        """The same when the request had a body, and the connection has been used before."""

        def handler(c: Connection) -> None:
            if c.read_request().target == "/":
                c.reply()
            silent(c)

        server.serve(handler)
        async with self.transport() as transport:
            await exchange(transport, Request("POST", server.url, body=BytesBody(b"x")))
            quick = Request("POST", server.url + "/silent", body=BytesBody(b"x"), timeouts=Timeouts(read=0.2))
            with pytest.raises(ReadTimeoutError):
                async with asyncio.timeout(SOON):
                    await exchange(transport, quick)

    @pytest.mark.parametrize(
        "raw",
        [b"HTTP/1.1 20", OK + b"Content-", CHUNKED, CHUNKED + b"1\r\nx\r\n", CHUNKED + b"9\r\nx",
         OK + b"Content-Length: 9\r\n\r\nx"],
        ids=["status", "head", "after-head", "between-chunks", "within-chunk", "within-length"],
    )  # fmt: skip
    @asynchronous
    async def test_silence_within_a_response(self, server: HostileServer, raw: bytes) -> None:
        """Silence is a ReadTimeoutError at whatever stage of the response it falls."""
        server.serve(sending(raw, then_wait=True))
        with pytest.raises(ReadTimeoutError):
            async with asyncio.timeout(SOON):
                await self.fetch(Request("GET", server.url, timeouts=Timeouts(read=0.2)))

    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"HTTP/1.1 200",
            OK,
            OK + b"Content-Le",
            OK + b"X-One: 1\r\n",
            OK + b"Content-Length: 10\r\n\r\n12345",
            OK + b"Content-Length: 10\r\n\r\n",
            CHUNKED,
            CHUNKED + b"5\r\n12345\r\n",
            CHUNKED + b"5\r\n123",
            CHUNKED + b"5",
        ],
        ids=["nothing", "status", "status-line", "field", "fields", "length", "length-empty",
             "no-chunk", "no-last-chunk", "cut-chunk", "cut-size"],
    )  # fmt: skip
    @asynchronous
    async def test_a_response_that_ends_early(self, server: HostileServer, raw: bytes) -> None:
        """A response that is cut at any place is a ConnectionLostError, never a shorter response."""
        server.serve(sending(raw))
        with pytest.raises(ConnectionLostError):
            await self.fetch(Request("GET", server.url))

    @pytest.mark.parametrize(
        "raw",
        [b"", b"HTTP/1.1 20", OK + b"X: 1\r\n", CHUNKED, CHUNKED + b"1\r\nx\r\n", CHUNKED + b"9\r\nx",
         OK + b"Content-Length: 9\r\n\r\nx"],
        ids=["nothing", "status", "head", "after-head", "between-chunks", "within-chunk", "within-length"],
    )  # fmt: skip
    @asynchronous
    async def test_a_reset_at_any_stage(self, server: HostileServer, raw: bytes) -> None:
        """A reset is a ConnectionLostError as soon as the request was sent."""

        def handler(c: Connection) -> None:
            c.read_request()
            c.send(raw)
            time.sleep(0.1)
            c.reset()

        server.serve(handler)
        with pytest.raises(ConnectionLostError):
            await self.fetch(Request("GET", server.url))

    @asynchronous
    async def test_a_reset_before_the_request_is_read(self, server: HostileServer) -> None:
        """A connection that stood and was reset is lost: nobody knows what the server has seen."""
        server.serve(lambda c: c.reset())
        with pytest.raises((ConnectionLostError, ConnectError)):
            await self.fetch(Request("GET", server.url))

    @asynchronous
    async def test_a_reset_while_a_body_is_sent(self, server: HostileServer) -> None:
        """So is one that breaks in the middle of an upload."""

        def handler(c: Connection) -> None:
            c.read_head()
            c.reset()

        server.serve(handler)
        with pytest.raises(ConnectionLostError):
            await self.fetch(Request("POST", server.url, body=BytesBody(bytes(8 << 20))))

    @pytest.mark.parametrize(
        "raw",
        [b"SSH-2.0-OpenSSH_9.6\r\n\r\n", b"HTTP/1.1 abc OK\r\n\r\n", b"\x15\x03\x01\x00\x02\x02\x16\r\n\r\n",
         b"<html>no head</html>\r\n\r\n"],
        ids=["ssh", "bad-status", "tls", "html"],
    )  # fmt: skip
    @asynchronous
    async def test_a_peer_that_does_not_speak_http(self, server: HostileServer, raw: bytes) -> None:
        """Something else than HTTP is a ProtocolError."""
        server.serve(sending(raw, then_wait=True))
        with pytest.raises(ProtocolError):
            await self.fetch(Request("GET", server.url, timeouts=Timeouts(read=1)))

    @pytest.mark.parametrize("size", [b"zz", b"-5", b""])
    @asynchronous
    async def test_a_chunk_size_that_is_none(self, server: HostileServer, size: bytes) -> None:
        """Broken chunks are an error, whichever of the two a library makes of them."""
        server.serve(sending(CHUNKED + size + b"\r\nhello\r\n0\r\n\r\n"))
        with pytest.raises((ProtocolError, ConnectionLostError)):
            await self.fetch(Request("GET", server.url))

    @pytest.mark.parametrize("rest", [b"zz\r\nhello\r\n", b"5\r\nhelloXX\r\n"], ids=["size", "end"])
    @asynchronous
    async def test_chunks_that_break_later(self, server: HostileServer, rest: bytes) -> None:
        """An error, at once, also where the beginning has been read and the connection stays open."""
        begun = threading.Event()

        def handler(c: Connection) -> None:
            c.read_head()
            c.send(CHUNKED + b"5\r\nhello\r\n")
            begun.wait(SOON)
            c.send(rest)
            c.wait_until_gone()

        server.serve(handler)
        async with self.transport() as transport, asyncio.timeout(SOON):
            response = await transport.send(Request("GET", server.url, timeouts=Timeouts(read=2 * SOON)))
            assert await response.read() == b"hello"
            begun.set()
            with pytest.raises((ProtocolError, ConnectionLostError)):
                await read_all(response)
            await response.aclose()

    @asynchronous
    async def test_two_lengths_that_differ(self, server: HostileServer) -> None:
        """Who cannot say how long a body is does not speak HTTP; guessing lets requests be smuggled."""
        server.serve(sending(OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n123456", then_wait=True))
        with pytest.raises((ProtocolError, ConnectionLostError)):
            await self.fetch(Request("GET", server.url, timeouts=Timeouts(read=1)))

    @asynchronous
    async def test_a_failure_does_not_spoil_the_transport(self, server: HostileServer) -> None:
        """Whatever happened to one exchange, the next is not touched by it."""

        def handler(c: Connection) -> None:
            target = c.read_request().target
            if target == "/reset":
                c.reset()
            elif target == "/cut":
                c.send(CHUNKED + b"5\r\n12")
            elif target == "/other":
                c.send(b"SSH-2.0\r\n")
            else:
                c.reply(b"fine")

        server.serve(handler)
        async with self.transport() as transport:
            for target in ("/reset", "/cut", "/other", "/reset"):
                with pytest.raises(TransportError):
                    await exchange(transport, Request("GET", server.url + target))
                assert (await exchange(transport, Request("GET", server.url))).body == b"fine"

    @asynchronous
    async def test_survives_a_kept_connection_that_the_server_has_closed(self, server: HostileServer) -> None:
        """Servers close idle connections: one that has been closed is not used again."""

        def handler(c: Connection) -> None:
            c.read_request()
            c.reply(b"hello")

        server.serve(handler)
        async with self.transport() as transport:
            for method in ("GET", "POST", "POST"):
                answer = await exchange(transport, Request(method, server.url))
                assert answer.body == b"hello"
                await asyncio.sleep(0.1)
