"""Our plugins keep the contract of plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradio_client_contract_tests import PluginContract
from gradio_client_plugins.hub_token import HubToken
from gradio_client_plugins.oauth import ClientCredentials, OAuth
from gradio_client_plugins.tracing import Tracing
from gradio_client_plugins.zero_gpu import ZeroGPU

if TYPE_CHECKING:
    from gradio_client.hooks import Auth


class TestZeroGPU(PluginContract):
    app = "https://o-n.hf.space"

    def make_plugin(self) -> object:
        return ZeroGPU()


class TestHubToken(PluginContract):
    app = "https://o-n.hf.space"

    def make_plugin(self) -> object:
        return HubToken(lambda: "hf_x")


class TestTracing(PluginContract):
    def make_plugin(self) -> object:
        return Tracing()


class TestOAuth(PluginContract):
    def make_plugin(self) -> object:
        def credentials() -> Auth:
            return ClientCredentials("https://login.example.com/token", "me", "pw")

        return OAuth(self.app, credentials)
