"""The contract suite notices what it is there to notice: each fault planted here fails one of its tests."""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import gzip
import netrc
import os
import socket
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

import pytest
from gradio_client_adapters.aiohttp import AiohttpTransport
from gradio_client_contract_tests import TransportContract
from gradio_client_contract_tests.contract import read_all
from gradio_client_contract_tests.server import hostile_server

from gradio_client.transport import (
    BlockingResponse,
    BlockingTransport,
    ConnectionLostError,
    Headers,
    ProtocolError,
    Request,
    Response,
    Threaded,
    Transport,
    TransportError,
    TransportOptions,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gradio_client_contract_tests.server import HostileServer


class Faultless(Transport):
    """A transport that works; each fault is a subclass."""

    def __init__(self, options: TransportOptions) -> None:
        self.inner: Transport = AiohttpTransport(options)

    async def send(self, request: Request) -> Response:
        return await self.inner.send(request)

    async def aclose(self) -> None:
        await self.inner.aclose()


class Handed(Response):
    """A response handed on; each fault is a subclass."""

    def __init__(self, inner: Response) -> None:
        self.inner, self.status, self.headers = inner, inner.status, inner.headers

    async def read(self) -> bytes:
        return await self.inner.read()

    async def aclose(self) -> None:
        await self.inner.aclose()


class FollowsRedirects(Faultless):
    async def send(self, request: Request) -> Response:
        response = await self.inner.send(request)
        if "location" not in response.headers:
            return response
        await response.aclose()
        url = request.url + response.headers["location"]
        return await self.inner.send(dataclasses.replace(request, url=url))


class ReadsPasswords(Faultless):
    async def send(self, request: Request) -> Response:
        host = str(urlsplit(request.url).hostname)
        found = netrc.netrc(os.environ["NETRC"]).authenticators(host)
        headers = Headers({"Authorization": str(found)})
        return await self.inner.send(dataclasses.replace(request, headers=headers))


class SendsAgain(Faultless):
    async def send(self, request: Request) -> Response:
        try:
            return await self.inner.send(request)
        except ConnectionLostError:
            return await self.inner.send(request)


class KeepsCookies(Faultless):
    cookies = ""

    async def send(self, request: Request) -> Response:
        if self.cookies:
            headers = Headers((*request.headers.pairs, ("Cookie", self.cookies)))
            request = dataclasses.replace(request, headers=headers)
        response = await self.inner.send(request)
        self.cookies = response.headers.get("set-cookie", "").partition(";")[0]
        return response


class AddsHeaders(Faultless):
    async def send(self, request: Request) -> Response:
        headers = Headers((*request.headers.pairs, ("User-Agent", "me")))
        return await self.inner.send(dataclasses.replace(request, headers=headers))


class LimitsExchanges(Faultless):
    def __init__(self, options: TransportOptions) -> None:
        super().__init__(options)
        self.free = asyncio.Semaphore(8)

    async def send(self, request: Request) -> Response:
        await self.free.acquire()
        response = await self.inner.send(request)
        transport = self

        class Freeing(Handed):
            async def aclose(self) -> None:
                transport.free.release()
                await self.inner.aclose()

        return Freeing(response)


class ReadsBodiesOnTheLoop(Faultless):
    async def send(self, request: Request) -> Response:
        for _ in request.body or ():
            pass
        return await self.inner.send(request)


class NeverTimesOut(Faultless):
    async def send(self, request: Request) -> Response:
        patient = dataclasses.replace(request.timeouts, read=None)
        return await self.inner.send(dataclasses.replace(request, timeouts=patient))


class ConfusesErrors(Faultless):
    async def send(self, request: Request) -> Response:
        try:
            return await self.inner.send(request)
        except ConnectionLostError as error:
            raise ProtocolError(str(error)) from error


class LetsErrorsThrough(Faultless):
    async def send(self, request: Request) -> Response:
        try:
            return await self.inner.send(request)
        except TransportError as error:
            raise error.__cause__ or error from None


class ShowsUrls(Faultless):
    async def send(self, request: Request) -> Response:
        try:
            return await self.inner.send(request)
        except TransportError as error:
            raise type(error)(f"{request.url} of {request.proxy}: {error}") from error


class GoesPastProxies(Faultless):
    async def send(self, request: Request) -> Response:
        return await self.inner.send(dataclasses.replace(request, proxy=None))


class UsesAgainWhatWasNotRead(Faultless):
    """As a blocking transport that only gives its connections back: the bridge has read a part ahead."""

    def __init__(self, options: TransportOptions) -> None:
        super().__init__(options)
        self.inner = Threaded(_GivingBack())


LONGEST_HEAD = 1000  # bytes


class _GivingBack(BlockingTransport):
    def __init__(self) -> None:
        self.free: list[socket.socket] = []

    def send(self, request: Request) -> BlockingResponse:
        parts = urlsplit(request.url)
        wire = self.free.pop() if self.free else socket.create_connection((parts.hostname, parts.port or 80))
        wire.sendall(f"GET {parts.path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        return _GivenBack(wire, self.free)

    def close(self) -> None:
        for wire in self.free:
            wire.close()


class _GivenBack(BlockingResponse):
    def __init__(self, wire: socket.socket, free: list[socket.socket]) -> None:
        self._wire, self._free = wire, free
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = wire.recv(1)
            if not byte or len(head) > LONGEST_HEAD:
                raise ConnectionLostError("there is no head of a response")
            head += byte
        self.status, self.headers = 200, Headers()
        self._left = int(head.partition(b"Content-Length: ")[2].split()[0])

    def read(self) -> bytes:
        data = self._wire.recv(min(self._left, 1 << 16)) if self._left else b""
        self._left -= len(data)
        return data

    def abort(self) -> None:
        pass

    def close(self) -> None:
        self._free.append(self._wire)


class ForgetsToClose(Faultless):
    forgotten: ClassVar[list[Transport]] = []

    async def aclose(self) -> None:
        self.forgotten.append(self.inner)


class Decoding(Handed):
    async def read(self) -> bytes:
        data = await read_all(self.inner)
        return gzip.decompress(data) if data else b""


class Swallowing(Handed):
    async def read(self) -> bytes:
        try:
            return await self.inner.read()
        except ConnectionLostError:
            return b""


class Buffering(Handed):
    async def read(self) -> bytes:
        return await read_all(self.inner)


class Dripping(Handed):
    async def read(self) -> bytes:
        data = await self.inner.read()
        return data[:-1] if len(data) > 1 else data


def handing(kind: type[Handed]) -> type[Faultless]:
    class Handing(Faultless):
        async def send(self, request: Request) -> Response:
            return kind(await self.inner.send(request))

    return Handing


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with hostile_server() as server:
        yield server


def over(transport: type[Faultless]) -> Any:
    class Suite(TransportContract):
        def make_transport(self, options: TransportOptions) -> Transport:
            return transport(options)

    return Suite()


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("fault", "test", "arguments"),
    [
        (FollowsRedirects, "does_not_follow_redirects", {"status": 302}),
        (SendsAgain, "does_not_send_again_what_may_have_been_acted_on", {"method": "GET"}),
        (KeepsCookies, "does_not_keep_cookies", {}),
        (AddsHeaders, "sends_exactly_the_headers_it_is_given", {}),
        (LimitsExchanges, "streams_do_not_hold_up_other_requests", {}),
        (ReadsBodiesOnTheLoop, "a_body_that_blocks_does_not_block_the_loop", {}),
        (NeverTimesOut, "silence_before_the_head", {}),
        (ConfusesErrors, "a_response_that_ends_early", {"raw": b""}),
        (LetsErrorsThrough, "a_refused_connection", None),
        (ShowsUrls, "keeps_secrets_out_of_errors", {"failure": "refused"}),
        (ShowsUrls, "keeps_secrets_out_of_errors", {"failure": "silent"}),
        (ShowsUrls, "keeps_a_proxys_password_out_of_errors", {}),
        (GoesPastProxies, "tunnels_https_through_the_proxy", {}),
        (GoesPastProxies, "sends_http_through_the_proxy", {}),
        (UsesAgainWhatWasNotRead, "a_body_left_unread_does_not_leak_into_the_next", {}),
        (ForgetsToClose, "nothing_is_left_after_closing", {}),
        (ForgetsToClose, "send_after_close_raises", {}),
        (handing(Decoding), "does_not_decode_content", {}),
        (handing(Swallowing), "a_response_that_ends_early", {"raw": CHUNKED + b"5\r\n123"}),
        (handing(Buffering), "hands_on_what_has_arrived", {"raw": CHUNKED + b"1\r\nx\r\n", "expected": b"x"}),
        (handing(Dripping), "many_small_chunks_arrive_whole_and_in_order", {}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of tests that fail
def test_the_suite_notices(
    server: HostileServer, fault: type[Faultless], test: str, arguments: dict[str, Any] | None
) -> None:
    given = {} if arguments is None else {"server": server, **arguments}
    getattr(over(Faultless), f"test_{test}")(**given)
    server.seen.clear()
    server.connections = 0
    with pytest.raises((Exception, pytest.fail.Exception)) as caught:
        getattr(over(fault), f"test_{test}")(**given)
    assert "The contract of gradio_client.transport says: " in "".join(caught.value.__notes__)
    del caught
    gc.collect()  # what a failed test leaves behind is warned of here and now


def test_the_suite_quotes_the_contract_to_who_reads_passwords(
    server: HostileServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    suite = over(ReadsPasswords)
    with pytest.raises(AssertionError) as caught:
        suite.test_does_not_read_passwords_from_the_environment(server, monkeypatch, tmp_path)
    assert "never from a .netrc" in "".join(caught.value.__notes__)


@pytest.fixture(autouse=True)
def _close_what_was_forgotten() -> Iterator[None]:
    yield
    for transport in ForgetsToClose.forgotten:
        asyncio.run(transport.aclose())
    ForgetsToClose.forgotten.clear()
