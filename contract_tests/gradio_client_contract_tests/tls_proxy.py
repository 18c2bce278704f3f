"""TLS as ``TransportOptions.tls`` says, and proxies as ``Request.proxy`` says."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import socket
import ssl
import threading
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from gradio_client.transport import (
    BytesBody,
    ConnectError,
    ConnectTimeoutError,
    Headers,
    ProxyError,
    Request,
    Timeouts,
    TLSError,
    TransportOptions,
)
from gradio_client_contract_tests.contract import (
    SOON,
    TEST_TIMEOUT,
    Capability,
    Contract,
    asynchronous,
    eventually,
    exchange,
    needs,
)
from gradio_client_contract_tests.server import (
    HostileServer,
    answering,
    dripping,
    hostile_server,
    proxy,
    silent,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradio_client_contract_tests.server import Connection, Handler

CERTIFICATES = Path(__file__).parent / "certs"  # valid until 2124, but for the one that expired in 2001


def serving(name: str = "server") -> ssl.SSLContext:
    """The context of a server with one of the certificates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / f"{name}.pem")
    return context


def trusting() -> ssl.SSLContext:
    """The context of a client that trusts the tests' own authority."""
    return ssl.create_default_context(cafile=str(CERTIFICATES / "authority.pem"))


def not_verifying() -> ssl.SSLContext:
    """The context of a client that trusts everyone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class TLSContract(Contract):
    """The context decides whom to trust, for every library alike."""

    @pytest.fixture
    def secure(self) -> Iterator[HostileServer]:
        """An HTTPS server with a certificate of the tests' own authority."""
        with hostile_server(serving()) as server:
            server.serve(answering(b"hello"))
            yield server

    @asynchronous
    async def test_trusts_whom_the_context_trusts(self, secure: HostileServer) -> None:
        """A server with a certificate of a trusted authority is talked to, on kept connections too."""
        async with self.transport(TransportOptions(trusting())) as transport:
            for _ in range(2):
                request = Request("POST", secure.url + "/x", body=BytesBody(b"x" * 100_000))
                assert (await exchange(transport, request)).body == b"hello"
        assert [seen.target for seen in secure.seen] == ["/x", "/x"]

    @asynchronous
    async def test_takes_a_function_for_the_context(self, secure: HostileServer) -> None:
        """``TransportOptions`` may be given a function, called when TLS is needed."""
        answer = await self.fetch(Request("GET", secure.url), TransportOptions(trusting))
        assert answer.body == b"hello"

    @asynchronous
    async def test_does_not_trust_others(self, secure: HostileServer) -> None:
        """A certificate of an unknown authority is a TLSError, and nothing is sent."""
        with pytest.raises(TLSError):
            await self.fetch(Request("GET", secure.url))
        assert secure.seen == []

    @pytest.mark.parametrize("name", ["expired", "elsewhere"])
    @asynchronous
    async def test_does_not_trust_a_certificate_that_does_not_hold(self, name: str) -> None:
        """One that is expired, or for another host, is a TLSError as well."""
        with hostile_server(serving(name)) as server:
            server.serve(answering(b"hello"))
            with pytest.raises(TLSError):
                await self.fetch(Request("GET", server.url), TransportOptions(trusting()))
            assert server.seen == []

    @pytest.mark.parametrize("name", ["server", "expired", "elsewhere"])
    @asynchronous
    async def test_trusts_everyone_when_the_context_does(self, name: str) -> None:
        """Without verification any certificate will do, and there is no warning."""
        with hostile_server(serving(name)) as server:
            server.serve(answering(b"hello"))
            answer = await self.fetch(Request("GET", server.url), TransportOptions(not_verifying()))
            assert answer.body == b"hello"

    @asynchronous
    async def test_checks_the_host_only_if_the_context_does(self) -> None:
        """A context that verifies but does not check the host name is obeyed."""
        context = trusting()
        context.check_hostname = False
        with hostile_server(serving("elsewhere")) as server:
            server.serve(answering(b"hello"))
            answer = await self.fetch(Request("GET", server.url), TransportOptions(context))
            assert answer.body == b"hello"

    @asynchronous
    async def test_shows_the_certificate_of_the_client(self) -> None:
        """A client certificate in the context is shown to a server that asks for one."""
        demanding = serving()
        demanding.verify_mode = ssl.CERT_REQUIRED
        demanding.load_verify_locations(CERTIFICATES / "authority.pem")
        context = trusting()
        context.load_cert_chain(CERTIFICATES / "client.pem")
        with hostile_server(demanding) as server:
            server.serve(answering(b"hello"))
            answer = await self.fetch(Request("GET", server.url), TransportOptions(context))
            assert answer.body == b"hello"

    @asynchronous
    async def test_does_not_alter_the_context(self, secure: HostileServer) -> None:
        """The context is the client's and may be shared: it is used, not changed."""
        context = trusting()
        before = (context.verify_mode, context.check_hostname, len(context.get_ca_certs()))
        await self.fetch(Request("GET", secure.url), TransportOptions(context))
        assert (context.verify_mode, context.check_hostname, len(context.get_ca_certs())) == before

    @asynchronous
    async def test_a_response_that_is_closed_ends_its_connection(self) -> None:
        """``aclose`` does not wait for the server to end TLS as well: the connection is closed."""
        closed = threading.Event()

        def handler(c: Connection) -> None:
            c.read_request()
            c.start_chunked()
            with socket.socket(fileno=os.dup(c.socket.fileno())) as wire:  # below TLS, which has an end too
                wire.settimeout(SOON)
                with contextlib.suppress(ConnectionResetError):
                    while wire.recv(65536):
                        continue
                closed.set()

        with hostile_server(serving()) as server:
            server.serve(handler)
            async with self.transport(TransportOptions(trusting())) as transport:
                response = await transport.send(Request("GET", server.url))
                await response.aclose()
                assert await eventually(closed.is_set, SOON)

    @needs(Capability.LAZY_TLS)
    @asynchronous
    async def test_makes_no_context_for_plain_http(self, server: HostileServer) -> None:
        """A context costs 40 ms: ``options.tls`` is not asked for before an ``https`` URL."""

        def unwanted() -> NoReturn:
            raise AssertionError("options.tls was asked for")

        server.serve(answering(b"hello"))
        answer = await self.fetch(Request("GET", server.url), TransportOptions(unwanted))
        assert answer.body == b"hello"

    @asynchronous
    async def test_a_handshake_that_does_not_end(self, server: HostileServer) -> None:
        """``Timeouts.connect`` limits the handshake too; nothing was sent."""
        server.serve(lambda c: c.wait())
        url = server.url.replace("http:", "https:")
        request = Request("GET", url, timeouts=Timeouts(connect=0.3, read=SOON))
        with pytest.raises(ConnectTimeoutError):
            async with asyncio.timeout(SOON):
                await self.fetch(request, TransportOptions(trusting()))

    @pytest.mark.parametrize("raw", [b"", b"HTTP/1.1 400 Bad\r\n\r\n"], ids=["closes", "plain-http"])
    @asynchronous
    async def test_a_handshake_that_fails(self, server: HostileServer, raw: bytes) -> None:
        """A server that does not speak TLS is a ConnectError: nothing was sent."""

        def handler(c: Connection) -> None:
            c.socket.recv(1000)
            c.send(raw)

        server.serve(handler)
        url = server.url.replace("http:", "https:")
        with pytest.raises(ConnectError):
            await self.fetch(Request("GET", url), TransportOptions(trusting()))

    @asynchronous
    async def test_cancelling_a_handshake(self, server: HostileServer) -> None:
        """A ``send`` is cancelled at once while its connection is being made, too."""
        server.serve(lambda c: c.wait())
        async with self.transport(TransportOptions(trusting())) as transport:
            request = Request("GET", server.url.replace("http:", "https:"), timeouts=Timeouts(connect=1))
            sending = asyncio.ensure_future(transport.send(request))
            assert await eventually(lambda: server.connections)
            sending.cancel()
            async with asyncio.timeout(SOON):
                with pytest.raises(asyncio.CancelledError):
                    await sending


class ProxyContract(Contract):
    """The proxy is the one that the request names, with the credentials in its URL."""

    @needs(Capability.PROXIES)
    @asynchronous
    async def test_sends_http_through_the_proxy(self, server: HostileServer) -> None:
        """A plain request goes to the proxy with its whole URL, headers as they are."""
        server.serve(proxy)
        url = "http://app.invalid/path?q=%20"
        answer = await self.fetch(Request("GET", url, Headers({"X-A": "1"}), proxy=server.url))
        assert answer.body == b"proxied"
        assert (server.seen[0].target, server.seen[0].header("X-A")) == (url, ["1"])

    @needs(Capability.PROXIES)
    @asynchronous
    async def test_tunnels_https_through_the_proxy(self, server: HostileServer) -> None:
        """TLS goes through a tunnel, and to the server's own certificate."""
        server.serve(proxy)
        with hostile_server(serving()) as secure:
            secure.serve(answering(b"hello"))
            request = Request("GET", secure.url + "/x", proxy=server.url)
            answer = await self.fetch(request, TransportOptions(trusting()))
            assert answer.body == b"hello"
            assert (server.seen[0].line.split()[0], secure.seen[0].target) == ("CONNECT", "/x")

    @needs(Capability.PROXIES)
    @pytest.mark.parametrize("scheme", ["http", "https"])
    @asynchronous
    async def test_shows_credentials_to_the_proxy_alone(self, server: HostileServer, scheme: str) -> None:
        """User and password of the proxy's URL, percent-decoded, go to the proxy and no further."""
        server.serve(proxy)
        with hostile_server(serving() if scheme == "https" else None) as origin:
            origin.serve(answering(b"hello"))
            url = server.url.replace("http://", "http://user:p%40ss@")
            await self.fetch(Request("GET", origin.url, proxy=url), TransportOptions(trusting()))
            expected = "Basic " + base64.b64encode(b"user:p@ss").decode()
            assert server.seen[0].header("Proxy-Authorization") == [expected]
            assert [seen.header("Proxy-Authorization") for seen in origin.seen] in ([], [[]])

    @needs(Capability.PROXIES)
    @pytest.mark.parametrize("status", ["407 Proxy Authentication Required", "403 No", "502 Bad Gateway"])
    @asynchronous
    async def test_a_tunnel_that_is_refused(self, server: HostileServer, status: str) -> None:
        """A proxy that does not open the tunnel is a ProxyError: nothing was sent to the app."""
        server.serve(answering(b"no", status))
        with pytest.raises(ProxyError):
            await self.fetch(Request("GET", "https://app.invalid/", proxy=server.url))

    @needs(Capability.PROXIES)
    @asynchronous
    async def test_a_proxy_that_closes_instead_of_opening_a_tunnel(self, server: HostileServer) -> None:
        """So is one that goes away without an answer."""
        server.serve(lambda c: c.read_request())
        with pytest.raises(ProxyError):
            await self.fetch(Request("GET", "https://app.invalid/", proxy=server.url))

    @needs(Capability.PROXIES)
    @asynchronous
    async def test_keeps_a_proxys_password_out_of_errors(self, server: HostileServer) -> None:
        """Messages hold no credentials from the proxy's URL, nor what the proxy says about them."""
        server.serve(answering(b"hushhush", "407 hushhush", "Proxy-Authenticate: hushhush"))
        url = server.url.replace("http://", "http://hushhush:hushhush@")
        with pytest.raises(ProxyError) as caught:
            await self.fetch(Request("GET", "https://app.invalid/?hushhush", proxy=url))
        assert "hushhush" not in str(caught.value)
        assert "hushhush" not in repr(caught.value)

    @needs(Capability.PROXIES)
    @pytest.mark.parametrize("handler", [silent, dripping])
    @pytest.mark.parametrize("read", [0.2, TEST_TIMEOUT], ids=["short-read", "long-read"])
    @asynchronous
    async def test_a_tunnel_that_does_not_open(
        self, server: HostileServer, read: float, handler: Handler
    ) -> None:
        """``Timeouts.connect`` limits the proxy's answer as a whole; nothing was sent to the app."""
        server.serve(handler)
        limits = Timeouts(connect=0.4, read=read)
        request = Request("GET", "https://app.invalid/", timeouts=limits, proxy=server.url)
        with pytest.raises(ConnectTimeoutError):
            async with asyncio.timeout(2 * SOON):
                await self.fetch(request, TransportOptions(trusting()))

    @needs(Capability.PROXIES)
    @pytest.mark.parametrize("scheme", ["http", "https"])
    @asynchronous
    async def test_a_proxy_that_cannot_be_found(self, scheme: str) -> None:
        """A proxy whose name does not resolve is a ProxyError."""
        with pytest.raises(ProxyError):
            await self.fetch(Request("GET", f"{scheme}://app.invalid/", proxy="http://proxy.invalid:1"))

    @needs(Capability.PROXIES)
    @pytest.mark.parametrize("scheme", ["http", "https"])
    @asynchronous
    async def test_a_proxy_that_cannot_be_reached(self, scheme: str) -> None:
        """A proxy that nobody listens at is a ProxyError."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        with pytest.raises(ProxyError):
            await self.fetch(Request("GET", f"{scheme}://app.invalid/", proxy=f"http://127.0.0.1:{port}"))

    @needs(Capability.PROXIES)
    @asynchronous
    async def test_verifies_the_server_at_the_end_of_a_tunnel(self, server: HostileServer) -> None:
        """A tunnel changes nothing about whom the context trusts."""
        server.serve(proxy)
        with hostile_server(serving("elsewhere")) as secure:
            secure.serve(answering(b"hello"))
            with pytest.raises(TLSError):
                await self.fetch(Request("GET", secure.url, proxy=server.url), TransportOptions(trusting()))
            assert (secure.seen, server.seen[0].line.split()[0]) == ([], "CONNECT")

    @needs(Capability.PROXIES)
    @asynchronous
    async def test_each_request_has_its_own_proxy(self, server: HostileServer) -> None:
        """Direct and proxied requests to one host use connections of their own."""
        server.serve(proxy)
        with hostile_server() as origin:
            origin.serve(answering(b"direct"))
            async with self.transport() as transport:
                bodies = [
                    (await exchange(transport, Request("GET", origin.url, proxy=via))).body
                    for via in (None, server.url, None, server.url)
                ]
        assert bodies == [b"direct", b"proxied", b"direct", b"proxied"]
