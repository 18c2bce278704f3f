"""The contract, on every transport of this package, and on the libraries' own sessions and clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import httpx
import httpx2
import pytest
import requests
from gradio_client_adapters.aiohttp import AiohttpTransport
from gradio_client_adapters.httpx import HttpxTransport
from gradio_client_adapters.requests import RequestsTransport
from gradio_client_contract_tests import TransportContract

if TYPE_CHECKING:
    from gradio_client.transport import Transport, TransportOptions


class TestAiohttp(TransportContract):
    def make_transport(self, options: TransportOptions) -> Transport:
        return AiohttpTransport(options)


class TestRequests(TransportContract):
    def make_transport(self, options: TransportOptions) -> Transport:
        return RequestsTransport(options)


class TestHttpx(TransportContract):
    def make_transport(self, options: TransportOptions) -> Transport:
        return HttpxTransport(options)
