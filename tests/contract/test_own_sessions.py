"""A caller's own session or client: what is theirs applies, and stays theirs."""

from __future__ import annotations

import asyncio
import gzip
import threading
from typing import TYPE_CHECKING, Any

import aiohttp
import httpx
import httpx2
import pytest
import requests
from gradio_client_adapters.aiohttp import AiohttpTransport
from gradio_client_adapters.httpx import HttpxTransport
from gradio_client_adapters.requests import RequestsTransport
from gradio_client_contract_tests.bodies import MadeBody
from gradio_client_contract_tests.contract import asynchronous, exchange
from gradio_client_contract_tests.server import answering, sending
from requests.adapters import HTTPAdapter
from requests.auth import HTTPDigestAuth

from gradio_client.transport import (
    BytesBody,
    ConnectionLostError,
    Headers,
    ReadTimeoutError,
    Request,
    Timeouts,
    TransportClosedError,
    TransportError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradio_client_contract_tests.server import Connection, Handler, HostileServer


def asking_for_digest(qop: str = "auth") -> Handler:
    def handler(c: Connection) -> None:
        while True:
            if c.read_request().header("Authorization"):
                c.reply(b"welcome")
            else:
                challenge = f'WWW-Authenticate: Digest realm="x", nonce="n", qop="{qop}"'
                c.reply(b"who are you", "401 Unauthorized", challenge)

    return handler


class TestRequestsSession:
    @asynchronous
    async def test_its_headers_cookies_and_auth_apply(self, server: HostileServer) -> None:
        """Headers, cookies and auth are those of the session."""
        with requests.Session() as session:
            session.headers["X-Mine"] = "1"
            session.cookies["a"] = "b"
            session.auth = ("user", "pass")
            transport = RequestsTransport(session=session)
            answer = await exchange(transport, Request("POST", server.url, body=BytesBody(b"x")))
            await transport.aclose()
        seen = server.seen[0]
        assert (answer.body, seen.body, seen.header("X-Mine"), seen.header("Cookie")) == (
            b"hello", b"x", ["1"], ["a=b"],
        )  # fmt: skip
        assert seen.header("Authorization")[0].startswith("Basic ")

    @asynchronous
    async def test_its_mounted_adapters_carry_the_requests(self, server: HostileServer) -> None:
        """An adapter mounted by the caller is the one that is used."""
        carried = []

        class Mounted(HTTPAdapter):
            def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
                carried.append(request.url)
                return super().send(request, *args, **kwargs)

        with requests.Session() as session:
            session.mount(server.url, Mounted())
            transport = RequestsTransport(session=session)
            await exchange(transport, Request("GET", server.url + "/x"))
            await transport.aclose()
        assert carried == [server.url + "/x"]

    @pytest.mark.parametrize("size", [3, 300_000])
    @asynchronous
    async def test_an_auth_that_answers_challenges_works(self, server: HostileServer, size: int) -> None:
        """Digest, Kerberos and NTLM answer a 401 in a hook, and the body is sent again."""
        server.serve(asking_for_digest())
        with requests.Session() as session:
            session.auth = HTTPDigestAuth("user", "pass")
            transport = RequestsTransport(session=session)
            request = Request("POST", server.url, body=BytesBody(b"x" * size))
            assert (await exchange(transport, request)).body == b"welcome"
            await transport.aclose()
        assert [len(seen.body) for seen in server.seen] == [size, size]

    @asynchronous
    async def test_it_follows_no_redirects_and_decodes_nothing(self, server: HostileServer) -> None:
        """Those are the client's business also over a session."""
        packed = gzip.compress(b"hello")

        def handler(c: Connection) -> None:
            while True:
                if c.read_request().target == "/moved":
                    c.reply(b"moved", "302 Found", "Location: /x")
                else:
                    c.reply(packed, "200 OK", "Content-Encoding: gzip")

        server.serve(handler)
        with requests.Session() as session:
            transport = RequestsTransport(session=session)
            moved = await exchange(transport, Request("GET", server.url + "/moved"))
            other = await exchange(transport, Request("GET", server.url + "/packed"))
            await transport.aclose()
        assert (moved.status, moved.body, other.body) == (302, b"moved", packed)
        assert [seen.target for seen in server.seen] == ["/moved", "/packed"]
        assert server.seen[0].header("Accept-Encoding") == []

    @asynchronous
    async def test_a_hook_that_reads_responses_does_no_harm(self, server: HostileServer) -> None:
        """What a hook of the session has read and decoded is handed on decoded."""
        server.serve(answering(gzip.compress(b"hello"), "200 OK", "Content-Encoding: gzip", "X-A: 1"))
        with requests.Session() as session:
            session.hooks["response"].append(lambda response, *_, **__: response.content and None)
            transport = RequestsTransport(session=session)
            answer = await exchange(transport, Request("GET", server.url))
            await transport.aclose()
        assert (answer.body, list(answer.headers)) == (b"hello", ["x-a"])

    @asynchronous
    async def test_what_it_does_to_the_url_applies(self, server: HostileServer) -> None:
        """An auth may sign in the query, and a session has parameters; else the URL goes out as it is."""

        def signed(request: requests.PreparedRequest) -> requests.PreparedRequest:
            request.prepare_url(str(request.url), {"signature": "s"})
            return request

        with requests.Session() as session:
            transport = RequestsTransport(session=session)
            await exchange(transport, Request("GET", server.url + "/%7Ex?y=1"))
            session.params = {"key": "k"}
            await exchange(transport, Request("GET", server.url + "/x?y=1"))
            session.params, session.auth = {}, signed
            await exchange(transport, Request("GET", server.url + "/x?y=1"))
            await transport.aclose()
        assert [seen.target for seen in server.seen] == ["/%7Ex?y=1", "/x?y=1&key=k", "/x?y=1&signature=s"]

    @asynchronous
    async def test_it_is_not_closed(self, server: HostileServer) -> None:
        """The session serves its owner after the transport is closed."""
        with requests.Session() as session:
            transport = RequestsTransport(session=session)
            await exchange(transport, Request("GET", server.url))
            await transport.aclose()
            with pytest.raises(TransportClosedError):
                await transport.send(Request("GET", server.url))
            assert (await asyncio.to_thread(session.get, server.url)).text == "hello"
        assert server.connections == 1


class TestAiohttpSession:
    @asynchronous
    async def test_its_headers_cookies_and_auth_apply_and_it_is_not_closed(
        self, server: HostileServer
    ) -> None:
        """The session is used as it is, without aiohttp's own headers, and left open."""
        async with aiohttp.ClientSession(
            headers={"X-Mine": "1"}, cookies={"a": "b"}, cookie_jar=aiohttp.CookieJar(unsafe=True)
        ) as session:
            transport = AiohttpTransport(session=session)
            await exchange(transport, Request("POST", server.url, body=BytesBody(b"x" * 200_000)))
            await transport.aclose()
            assert not session.closed
            with pytest.raises(TransportClosedError):
                await transport.send(Request("GET", server.url))
        seen = server.seen[0]
        assert (seen.header("X-Mine"), seen.header("Cookie")) == (["1"], ["a=b"])
        assert seen.header("User-Agent") == seen.header("Accept-Encoding") == []

    @asynchronous
    async def test_a_body_whose_framing_breaks_ends_with_the_time_out(self, server: HostileServer) -> None:
        """aiohttp itself waits for ever then, whatever its time-out."""

        def handler(c: Connection) -> None:
            c.read_head()
            c.start_chunked()
            c.chunk(b"hello")
            begun.wait(5)
            c.send(b"zz\r\n")
            c.wait_until_gone()

        begun = threading.Event()
        server.serve(handler)
        async with aiohttp.ClientSession() as session, asyncio.timeout(5):
            transport = AiohttpTransport(session=session)
            response = await transport.send(Request("GET", server.url, timeouts=Timeouts(read=0.5)))
            assert await response.read() == b"hello"
            begun.set()
            with pytest.raises(TransportError):
                await response.read()
            await response.aclose()
            await transport.aclose()

    @asynchronous
    async def test_its_middlewares_apply(self, server: HostileServer) -> None:
        """Middlewares of the session see every request."""
        seen = []

        async def middleware(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> Any:
            seen.append(request.method)
            return await handler(request)

        async with aiohttp.ClientSession(middlewares=(middleware,)) as session:
            transport = AiohttpTransport(session=session)
            for method in ("GET", "POST"):
                await exchange(transport, Request(method, server.url))
            await transport.aclose()
        assert seen == ["GET", "POST"]

    @pytest.mark.parametrize("qop", ["auth", "auth-int"])
    @pytest.mark.parametrize("size", [3, 300_000])
    @asynchronous
    async def test_an_auth_that_answers_challenges_works(
        self, server: HostileServer, size: int, qop: str
    ) -> None:
        """Digest sends the body again after a 401, the whole of it, and may sign it."""
        server.serve(asking_for_digest(qop))
        digest = aiohttp.DigestAuthMiddleware("user", "pass")
        async with aiohttp.ClientSession(middlewares=(digest,)) as session:
            transport = AiohttpTransport(session=session)
            request = Request("POST", server.url, body=BytesBody(b"x" * size), timeouts=Timeouts(read=2))
            assert (await exchange(transport, request)).body == b"welcome"
            await transport.aclose()
        assert [len(seen.body) for seen in server.seen] == [size, size]
        assert [seen.header("Content-Length") for seen in server.seen] == [[str(size)]] * 2

    @asynchronous
    async def test_closing_the_transport_ends_what_it_had_open(self, server: HostileServer) -> None:
        """Responses and requests of the transport end with it, though the session lives on."""
        server.serve(sending(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", then_wait=True))
        async with aiohttp.ClientSession() as session:
            transport = AiohttpTransport(session=session)
            response = await transport.send(Request("GET", server.url))
            assert await response.read() == b"x"
            reading = asyncio.ensure_future(response.read())
            server.serve(lambda c: c.wait())
            waiting = asyncio.ensure_future(transport.send(Request("GET", server.url)))
            await asyncio.sleep(0.1)
            await transport.aclose()
            results = await asyncio.gather(reading, waiting, return_exceptions=True)
        assert [type(result) for result in results] == [ConnectionLostError, ConnectionLostError]

    @asynchronous
    async def test_a_timeout_of_the_body_is_the_bodys(self, server: HostileServer) -> None:
        """What iterating the body raised reaches the caller as it is, a TimeoutError too."""

        def broken() -> Iterator[bytes]:
            yield b"x"
            raise TimeoutError("a slow disk")

        server.serve(answering())
        async with aiohttp.ClientSession() as session:
            transport = AiohttpTransport(session=session)
            with pytest.raises(TimeoutError, match="a slow disk"):
                await transport.send(Request("POST", server.url, body=MadeBody(broken, 10)))
            await transport.aclose()

    def test_a_session_of_another_loop_is_refused(self, server: HostileServer) -> None:
        async def make() -> aiohttp.ClientSession:
            return aiohttp.ClientSession()

        other = asyncio.new_event_loop()
        session = other.run_until_complete(make())
        transport = AiohttpTransport(session=session)
        try:
            with pytest.raises(RuntimeError, match=r"loop mismatch.*AsyncClient"):
                asyncio.run(transport.send(Request("GET", server.url)))
        finally:
            other.run_until_complete(session.close())
            other.close()


@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
class TestHttpxObjects:
    @asynchronous
    async def test_a_clients_headers_cookies_and_auth_apply(
        self, server: HostileServer, library: Any
    ) -> None:
        """Headers, cookies and auth are those of the client, which stays open."""
        client = library.AsyncClient(
            headers={"X-Mine": "1"}, cookies={"a": "b"}, auth=("user", "pass"), trust_env=False
        )
        async with client:
            transport = HttpxTransport(client=client)
            await exchange(transport, Request("POST", server.url, body=BytesBody(b"x" * 200_000)))
            await transport.aclose()
            assert not client.is_closed
        seen = server.seen[0]
        assert (seen.header("X-Mine"), seen.header("Cookie"), len(seen.body)) == (["1"], ["a=b"], 200_000)
        assert seen.header("Authorization")[0].startswith("Basic ")
        assert seen.header("Accept-Encoding") == []

    @pytest.mark.parametrize("size", [3, 300_000])
    @asynchronous
    async def test_an_auth_that_answers_challenges_works(
        self, server: HostileServer, library: Any, size: int
    ) -> None:
        """Digest sends the body again after a 401."""
        server.serve(asking_for_digest())
        async with library.AsyncClient(auth=library.DigestAuth("user", "pass"), trust_env=False) as client:
            transport = HttpxTransport(client=client)
            request = Request("POST", server.url, body=BytesBody(b"x" * size))
            assert (await exchange(transport, request)).body == b"welcome"
            await transport.aclose()

    @asynchronous
    async def test_a_hook_that_reads_responses_does_no_harm(
        self, server: HostileServer, library: Any
    ) -> None:
        """What a hook of the client has read and decoded is handed on decoded."""
        server.serve(answering(gzip.compress(b"hello"), "200 OK", "Content-Encoding: gzip"))

        async def read(response: Any) -> None:
            await response.aread()

        async with library.AsyncClient(event_hooks={"response": [read]}, trust_env=False) as client:
            transport = HttpxTransport(client=client)
            answer = await exchange(transport, Request("GET", server.url))
            await transport.aclose()
        assert (answer.body, "content-encoding" in answer.headers) == (b"hello", False)

    @asynchronous
    async def test_a_mock_transport_answers(self, library: Any) -> None:
        """A MockTransport needs no network."""

        def handler(request: Any) -> Any:
            return library.Response(201, headers={"X-One": "1"}, content=request.content + b"!")

        transport = HttpxTransport(transport=library.MockTransport(handler))
        answer = await exchange(transport, Request("POST", "http://app.invalid/", body=BytesBody(b"x")))
        await transport.aclose()
        assert (answer.status, answer.headers["x-one"], answer.body) == (201, "1", b"x!")

    @asynchronous
    async def test_a_timeout_of_a_transport_does_not_say_that_nothing_was_sent(self, library: Any) -> None:
        """A ConnectError is a promise that no byte was sent, which nobody knows here."""

        async def app(*_: Any) -> None:
            raise TimeoutError("the app's own")

        transport = HttpxTransport(transport=library.ASGITransport(app))
        with pytest.raises(ReadTimeoutError):
            await transport.send(Request("POST", "http://app.invalid/x"))
        await transport.aclose()

    @asynchronous
    async def test_an_app_in_this_process_answers(self, library: Any) -> None:
        """An ASGITransport carries requests to an app without a socket."""

        async def app(scope: Any, receive: Any, send: Any) -> None:
            body = (await receive())["body"]
            await send(
                {
                    "type": "http.response.start",
                    "status": 200,
                    "headers": [(b"x-path", scope["path"].encode())],
                }
            )
            await send({"type": "http.response.body", "body": body * 2})

        transport = HttpxTransport(transport=library.ASGITransport(app))
        answer = await exchange(
            transport, Request("POST", "http://app.invalid/x", Headers({"A": "b"}), BytesBody(b"ab"))
        )
        await transport.aclose()
        assert (answer.headers["x-path"], answer.body) == ("/x", b"abab")

    def test_a_client_and_a_transport_are_too_many(self, library: Any) -> None:
        mock = library.MockTransport(lambda _: None)
        with pytest.raises(TypeError, match="not both"):
            HttpxTransport(client=library.Client(transport=mock), transport=mock)


def test_a_missing_library_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("httpx", "httpx2"):
        monkeypatch.setitem(__import__("sys").modules, name, None)
    with pytest.raises(ImportError, match=r"gradio_client\[httpx\]"):
        HttpxTransport()
