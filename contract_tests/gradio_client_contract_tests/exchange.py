"""One exchange, and what a transport leaves to the client."""

from __future__ import annotations

import base64
import contextlib
import gzip
from typing import TYPE_CHECKING

import pytest

from gradio_client.transport import (
    BytesBody,
    ConnectionLostError,
    Headers,
    ProtocolError,
    Request,
    Timeouts,
    Transport,
    TransportError,
)
from gradio_client_contract_tests.contract import SOON, Contract, asynchronous, exchange, read_all
from gradio_client_contract_tests.server import answering, sending, silent

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from gradio_client_contract_tests.server import Connection, HostileServer, Seen

FRAMING = {"host", "connection", "content-length", "transfer-encoding"}
# http.client says so unless it is told not to; it changes nothing.
NEUTRAL = ("accept-encoding", "identity")


class ExchangeContract(Contract):
    """A request goes out as it is, and its response comes back as it is."""

    @asynchronous
    async def test_returns_status_headers_and_body(self, server: HostileServer) -> None:
        """``send`` returns the head, and ``read`` the body until ``b""``."""
        server.serve(answering(b"hello", "200 OK", "X-One: 1"))
        answer = await self.fetch(Request("GET", server.url + "/path?q=1"))
        assert (answer.status, answer.headers["x-one"], answer.body) == (200, "1", b"hello")
        assert server.seen[0].line == "GET /path?q=1 HTTP/1.1"

    @pytest.mark.parametrize("status", [200, 204, 304, 401, 404, 422, 500, 503, 599])
    @asynchronous
    async def test_any_status_is_a_response(self, server: HostileServer, status: int) -> None:
        """A status is never an error of the transport."""
        server.serve(answering(b"", f"{status} Whatever"))
        assert (await self.fetch(Request("GET", server.url))).status == status

    @pytest.mark.parametrize("status", [204, 304])
    @asynchronous
    async def test_an_answer_without_a_body_may_say_how_long_it_would_be(
        self, server: HostileServer, status: int
    ) -> None:
        """204 and 304 have no body, whatever their ``Content-Length`` says; nothing is waited for."""
        head = f"HTTP/1.1 {status} Whatever\r\nContent-Length: 10000000\r\n\r\n"
        server.serve(sending(head.encode(), then_wait=True))
        answer = await self.fetch(Request("GET", server.url, timeouts=Timeouts(read=SOON)))
        assert (answer.status, answer.body) == (status, b"")

    @asynchronous
    async def test_a_status_needs_no_reason(self, server: HostileServer) -> None:
        """The reason phrase may be empty, and so may the space before it."""
        server.serve(sending(b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok"))
        assert (await self.fetch(Request("GET", server.url))).body == b"ok"

    @pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
    @asynchronous
    async def test_sends_the_method_it_is_given(self, server: HostileServer, method: str) -> None:
        """The method goes out as it is, with a body or without."""
        server.serve(answering())
        await self.fetch(Request(method, server.url + "/"))
        assert server.seen[0].line == f"{method} / HTTP/1.1"

    @asynchronous
    async def test_sends_exactly_the_headers_it_is_given(self, server: HostileServer) -> None:
        """An adapter adds ``Host`` and framing, nothing else: no User-Agent, no Accept."""
        server.serve(answering())
        given = Headers([("X-A", "1"), ("Cookie", "a=b")])
        await self.fetch(Request("POST", server.url, given, BytesBody(b"{}")))
        assert _sent(server.seen[0]) == {("x-a", "1"), ("cookie", "a=b")}

    @asynchronous
    async def test_sends_the_headers_that_libraries_like_to_choose(self, server: HostileServer) -> None:
        """Headers that the library has an opinion on are the client's to choose, too."""
        server.serve(answering())
        given = {"user-agent": "mine/1", "accept": "text/x", "accept-encoding": "gzip", "content-type": "a/b"}
        await self.fetch(Request("POST", server.url, Headers(given), BytesBody(b"x")))
        assert _sent(server.seen[0]) == set(given.items())

    @asynchronous
    async def test_sends_every_value_of_a_repeated_header(self, server: HostileServer) -> None:
        """Repeated request headers arrive apart or joined by a comma, none lost."""
        server.serve(answering())
        await self.fetch(Request("GET", server.url, Headers([("X-A", "1"), ("X-A", "2")])))
        assert ", ".join(server.seen[0].header("X-A")) == "1, 2"

    @asynchronous
    async def test_names_the_host_with_its_port(self, server: HostileServer) -> None:
        """``Host`` is that of the URL."""
        server.serve(answering())
        await self.fetch(Request("GET", server.url))
        assert server.seen[0].header("Host") == [server.url.removeprefix("http://")]

    @asynchronous
    async def test_keeps_repeated_response_headers_apart(self, server: HostileServer) -> None:
        """``Headers.get_all`` gives each ``Set-Cookie`` by itself."""
        server.serve(answering(b"", "200 OK", "Set-Cookie: a=1, x", "Set-Cookie: b=2"))
        answer = await self.fetch(Request("GET", server.url))
        assert answer.headers.get_all("set-cookie") == ["a=1, x", "b=2"]

    @asynchronous
    async def test_does_not_re_encode_the_url(self, server: HostileServer) -> None:
        """The URL is percent-encoded already: nothing in it is encoded again, or decoded."""
        server.serve(answering())
        target = "/file=%2Ftmp%2Fa%20b+c%C3%A9%2E%2E/x?x=%E2%82%AC&y=%7E%27"
        await self.fetch(Request("GET", server.url + target))
        assert server.seen[0].target == target

    @asynchronous
    async def test_a_head_request_has_no_body(self, server: HostileServer) -> None:
        """The answer to HEAD ends with its head, whatever length it announces."""
        server.serve(sending(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", then_wait=True))
        answer = await self.fetch(Request("HEAD", server.url, timeouts=Timeouts(read=2)))
        assert (answer.headers["content-length"], answer.body) == ("1000", b"")

    @pytest.mark.parametrize("status", ["100 Continue", "102 Processing", "103 Early Hints"])
    @asynchronous
    async def test_passes_over_informational_responses(self, server: HostileServer, status: str) -> None:
        """A response of 1xx is no answer: the one after it is, with its own headers alone."""
        server.serve(
            sending(
                f"HTTP/1.1 {status}\r\nX-A: 1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".encode()
            )
        )
        answer = await self.fetch(Request("GET", server.url))
        assert (answer.status, answer.body, "x-a" in answer.headers) == (200, b"ok", False)

    @pytest.mark.parametrize("version", ["1.0", "1.1"])
    @asynchronous
    async def test_a_body_may_end_with_the_connection(self, server: HostileServer, version: str) -> None:
        """Without a length or chunks the end of the connection ends the body, and is no error."""
        server.serve(sending(f"HTTP/{version} 200 OK\r\nConnection: close\r\n\r\nhello".encode()))
        assert (await self.fetch(Request("GET", server.url))).body == b"hello"

    @asynchronous
    async def test_accepts_a_hundred_headers(self, server: HostileServer) -> None:
        """A head of a hundred fields is nothing unusual behind a few proxies."""
        server.serve(answering(b"ok", "200 OK", *(f"X-{n}: {n}" for n in range(99))))  # and the length
        answer = await self.fetch(Request("GET", server.url))
        assert [answer.headers[f"x-{n}"] for n in range(99)] == [str(n) for n in range(99)]

    @asynchronous
    async def test_accepts_a_long_header(self, server: HostileServer) -> None:
        """A field of 32 KiB is taken whole: security policies and cookies grow long."""
        server.serve(answering(b"ok", "200 OK", "X-Long: " + "x" * 32768))
        assert len((await self.fetch(Request("GET", server.url))).headers["x-long"]) == 32768

    @asynchronous
    async def test_refuses_a_head_without_end(self, server: HostileServer) -> None:
        """A head longer than anyone accepts is a ProtocolError, not memory."""
        server.serve(sending(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * (4 << 20) + b"\r\n\r\n"))
        with pytest.raises(ProtocolError):
            await self.fetch(Request("GET", server.url))


class PolicyContract(Contract):
    """What a transport must not do, because the client does it once for every transport."""

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    @asynchronous
    async def test_does_not_follow_redirects(self, server: HostileServer, status: int) -> None:
        """A redirect is a response like any other."""
        server.serve(answering(b"", f"{status} Found", "Location: /elsewhere"))
        answer = await self.fetch(Request("GET", server.url))
        assert (answer.status, answer.headers["location"]) == (status, "/elsewhere")
        assert len(server.seen) == 1

    @asynchronous
    async def test_does_not_keep_cookies(self, server: HostileServer) -> None:
        """The client has one cookie jar; a second one would send cookies where they must not go."""
        server.serve(answering(b"", "200 OK", "Set-Cookie: a=1; Path=/"))
        async with self.transport() as transport:
            for _ in range(2):
                await exchange(transport, Request("GET", server.url))
        assert server.seen[1].header("Cookie") == []

    @asynchronous
    async def test_does_not_decode_content(self, server: HostileServer) -> None:
        """``read`` gives the bytes of the content as they came, ``Content-Encoding`` or not."""
        packed = gzip.compress(b"hello")
        server.serve(answering(packed, "200 OK", "Content-Encoding: gzip"))
        answer = await self.fetch(Request("GET", server.url))
        assert (answer.body, answer.headers["content-encoding"]) == (packed, "gzip")

    @asynchronous
    async def test_does_not_look_at_how_content_is_encoded(self, server: HostileServer) -> None:
        """A body that is not what ``Content-Encoding`` says is the client's problem."""
        server.serve(answering(b"\x1f\x8bnot gzip", "200 OK", "Content-Encoding: gzip"))
        assert (await self.fetch(Request("GET", server.url))).body == b"\x1f\x8bnot gzip"

    @asynchronous
    async def test_does_not_read_proxies_from_the_environment(
        self, server: HostileServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """``Request.proxy`` is the only proxy; the client has read the environment."""
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        await self._fetches(server)
        assert server.connections == 1

    @asynchronous
    async def test_does_not_read_passwords_from_the_environment(
        self, server: HostileServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """Credentials come from the client alone, never from a .netrc."""
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login me password secret\n")
        monkeypatch.setenv("NETRC", str(netrc))
        await self._fetches(server)
        assert server.seen[0].header("Authorization") == []

    @asynchronous
    async def test_does_not_answer_a_challenge(self, server: HostileServer) -> None:
        """A 401 is a response; logging in is the client's business."""
        server.serve(answering(b"", "401 No", 'WWW-Authenticate: Basic realm="x"'))
        assert (await self.fetch(Request("GET", server.url))).status == 401
        assert len(server.seen) == 1

    @pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "POST", "DELETE"])
    @asynchronous
    async def test_does_not_send_again_what_may_have_been_acted_on(
        self, server: HostileServer, method: str
    ) -> None:
        """A transport never repeats a request that was sent, on whatever connection."""

        def handler(c: Connection) -> None:
            c.read_request()
            c.reply()
            c.read_request()
            c.reset()

        server.serve(handler)
        async with self.transport() as transport:
            first = await transport.send(Request("GET", server.url))
            await read_all(first)
            await first.aclose()
            with pytest.raises(ConnectionLostError):
                await _exchange_twice(transport, Request(method, server.url))
        assert len(server.seen) == (2 if server.connections == 1 else 4)

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ("/x HTTP/1.1\r\nX-Injected: 1\r\nX-Rest:", "a"),
            ("/", "a\r\nX-Injected: 1"),
            ("/", "a\nX-Injected: 1"),
        ],
        ids=["url", "header", "newline"],
    )
    @asynchronous
    async def test_lets_nobody_inject_a_header(self, server: HostileServer, path: str, value: str) -> None:
        """A line break in a URL or a header is refused or encoded: it never makes a header."""
        server.serve(answering())
        with contextlib.suppress(ValueError, TransportError):
            await self.fetch(Request("GET", server.url + path, Headers({"X-A": value})))
        assert [seen.header("X-Injected") for seen in server.seen] in ([], [[]])

    @pytest.mark.parametrize("failure", ["refused", "not-http", "cut", "cut-line", "silent"])
    @asynchronous
    async def test_keeps_secrets_out_of_errors(self, server: HostileServer, failure: str) -> None:
        """Messages hold no query and no header value, be it ours or the server's."""
        secret = base64.b32encode(b"a secret").decode()
        line = secret.encode()
        handlers = {
            "not-http": sending(b"HTTP/1.1 200 OK\r\n\x01" + line + b": \x01\r\n\r\n", then_wait=True),
            "cut": sending(b"HTTP/1.1 200 OK\r\nSet-Cookie: " + line + b"\r\n"),
            "cut-line": sending(b"HTTP/1.1 200 OK\r\nSet-Cookie: " + line),
            "silent": silent,
        }
        if failure == "refused":
            server.close()
        else:
            server.serve(handlers[failure])
        headers = Headers({"Authorization": secret})
        limits = Timeouts(connect=SOON, read=0.3)
        with pytest.raises(TransportError) as caught:
            await self.fetch(Request("GET", f"{server.url}/?token={secret}", headers, timeouts=limits))
        assert secret not in str(caught.value)
        assert secret not in repr(caught.value)

    async def _fetches(self, server: HostileServer) -> None:
        server.serve(answering(b"direct"))
        assert (await self.fetch(Request("GET", server.url))).body == b"direct"


async def _exchange_twice(transport: Transport, request: Request) -> None:
    """The second time it meets the server's second request, if connections are not reused."""
    for _ in range(2):
        await exchange(transport, request)


def _sent(seen: Seen) -> set[tuple[str, str]]:
    pairs: Iterable[tuple[str, str]] = ((name.lower(), value) for name, value in seen.headers)
    return {pair for pair in pairs if pair[0] not in FRAMING and pair != NEUTRAL}
