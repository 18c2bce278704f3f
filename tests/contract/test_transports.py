"""The contract, on every transport of this package, over each library that it can be made of."""

from __future__ import annotations

from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any

import httpx
import httpx2
import pytest
from gradio_client_adapters.aiohttp import AiohttpTransport
from gradio_client_adapters.httpx import HttpxTransport
from gradio_client_adapters.requests import RequestsTransport
from gradio_client_contract_tests import Capability, TransportContract

if TYPE_CHECKING:
    from gradio_client.transport import Transport, TransportOptions


class TestAiohttp(TransportContract):
    def make_transport(self, options: TransportOptions) -> Transport:
        return AiohttpTransport(options)


class TestAiohttpThroughSessions(TransportContract):
    """As over an aiohttp that has not got what the shorter way needs."""

    @pytest.fixture(autouse=True)
    def _the_shorter_way_is_not_possible(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("gradio_client_adapters.aiohttp.is_possible", lambda: False)

    def make_transport(self, options: TransportOptions) -> Transport:
        return AiohttpTransport(options)


class TestRequests(TransportContract):
    def make_transport(self, options: TransportOptions) -> Transport:
        return RequestsTransport(options)


class TestHttpx2(TransportContract):
    def make_transport(self, options: TransportOptions) -> Transport:
        return HttpxTransport(options, library=httpx2)


class TestHttpx(TransportContract):
    def make_transport(self, options: TransportOptions) -> Transport:
        return HttpxTransport(options, library=httpx)


class _LargeBodies(TransportContract):
    """As if the bodies of the contract were large: these are read past the library."""

    __test__ = False
    lacks = frozenset({Capability.REUSES_CONNECTIONS})

    @pytest.fixture(autouse=True)
    def _every_body_is_large(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("gradio_client_adapters._httpx_large.LARGE", 1)


class TestHttpx2WithLargeBodies(_LargeBodies):
    __test__ = True

    def make_transport(self, options: TransportOptions) -> Transport:
        return HttpxTransport(options, library=httpx2)


class TestHttpxWithLargeBodies(_LargeBodies):
    __test__ = True

    def make_transport(self, options: TransportOptions) -> Transport:
        return HttpxTransport(options, library=httpx)


# What the options say, a client of the caller's own has been told when it was made.
_TOLD = frozenset({Capability.PROXIES, Capability.LAZY_TLS})


class _OverAsyncClient(HttpxTransport):
    def __init__(self, client: httpx.AsyncClient) -> None:
        super().__init__(client=client)
        self._client = client

    async def aclose(self) -> None:
        await super().aclose()
        await self._client.aclose()


class TestAsyncClient(TransportContract):
    lacks = _TOLD

    def make_transport(self, options: TransportOptions) -> Transport:
        return _OverAsyncClient(_bare(httpx.AsyncClient, options))


class _OverClient(HttpxTransport):
    def __init__(self, client: httpx.Client) -> None:
        super().__init__(client=client)
        self._client = client

    async def aclose(self) -> None:
        await super().aclose()
        self._client.close()


class TestClient(TransportContract):
    lacks = _TOLD

    def make_transport(self, options: TransportOptions) -> Transport:
        return _OverClient(_bare(httpx.Client, options))


def _bare(kind: Any, options: TransportOptions) -> Any:
    """A client without opinions."""
    limits = httpx.Limits(
        max_connections=None, max_keepalive_connections=100, keepalive_expiry=options.idle_seconds
    )
    forgetful = CookieJar(DefaultCookiePolicy(allowed_domains=()))
    client = kind(trust_env=False, verify=options.tls, limits=limits, cookies=forgetful)
    client.headers.clear()
    return client
