"""Our plugins keep the contract of plugins, and a plugin with a fault does not."""

from __future__ import annotations

import inspect
import time
from typing import TYPE_CHECKING, Any

import pytest
from gradio_client_contract_tests import PluginContract
from gradio_client_contract_tests.plugins import PURPOSES
from gradio_client_plugins.hub_token import HubToken
from gradio_client_plugins.oauth import ClientCredentials, OAuth
from gradio_client_plugins.tracing import Tracing
from gradio_client_plugins.zero_gpu import ZeroGPU

from gradio_client.auth import Auth, Reply
from gradio_client.exceptions import PluginError
from gradio_client.hooks import ClientInfo, Hooks, RequestContext, hookimpl
from gradio_client.transport import Headers, Request

if TYPE_CHECKING:
    from collections.abc import Callable


class TestZeroGPU(PluginContract):
    app = "https://o-n.hf.space"

    @pytest.fixture(autouse=True)
    def _visitor(self, serve: Callable[[str], None]) -> None:
        serve("a")

    def make_plugin(self) -> object:
        return ZeroGPU()

    def test_has_a_token_to_give(self, hooks: Hooks) -> None:
        assert hooks.request_headers(self._context("join", self.app, 1)) == (("x-ip-token", "a"),)


class TestHubToken(PluginContract):
    app = "https://o-n.hf.space"

    def make_plugin(self) -> object:
        return HubToken(lambda: "hf_x")


class TestTracing(PluginContract):
    any_app = True

    def make_plugin(self) -> object:
        return Tracing()


class TestOAuth(PluginContract):
    replies = (Reply(200, Headers(()), b'{"access_token": "t", "expires_in": 60}'),)

    def make_plugin(self) -> object:
        def credentials() -> Auth:
            return ClientCredentials("https://login.example.com/token", "me", "pw")

        return OAuth(self.app, credentials)


class Good:
    """A plugin without a fault; each of the others has one."""

    @hookimpl
    def gradio_client_request_headers(self, context: RequestContext) -> Any:
        return self.headers(context) if context.same_origin and self.is_for(context.client) else None

    @hookimpl
    def gradio_client_auth(self, client: ClientInfo) -> Auth | None:
        return self.make_auth() if self.is_for(client) else None

    def is_for(self, client: ClientInfo) -> bool:
        return client.url == PluginContract.app

    def headers(self, context: RequestContext) -> Any:
        return {"X-A": context.purpose}

    def make_auth(self) -> Auth:
        return Auth()


class Nothing:
    """Has no hook at all."""


class Unmarked(Good):
    def gradio_client_job_event(self) -> None: ...


class AloneUnmarked:
    def gradio_client_request_headers(self, context: RequestContext) -> Any: ...


class Everywhere(Good):
    @hookimpl
    def gradio_client_request_headers(self, context: RequestContext) -> Any:
        return self.headers(context) if self.is_for(context.client) else None


class ForEveryApp(Good):
    def is_for(self, client: ClientInfo) -> bool:
        return True


class LoggingInEverywhere(Good):
    @hookimpl
    def gradio_client_auth(self, client: ClientInfo) -> Auth:
        return self.make_auth()


class Sleeping(Good):
    def headers(self, context: RequestContext) -> Any:
        time.sleep(0.1 if context.purpose == "join" else 0)


class Numbers(Good):
    def headers(self, context: RequestContext) -> Any:
        return {"X-A": 1} if context.purpose == "upload" else None


class Listing(Good):
    def make_auth(self) -> Auth:
        class Listed(Auth):
            def login(self, urls: Any) -> Any:
                return iter([Request("POST", urls.login())])

        return Listed()


class Preparing(Good):
    """Its ``Auth`` makes another request of the one it is given."""

    def __init__(self, url: str | None = None, **headers: str) -> None:
        self.url, self.added = url, headers

    def make_auth(self) -> Auth:
        url, added = self.url, self.added

        class Prepared(Auth):
            def prepare(self, request: Request) -> Request:
                kept = {name: value for name, value in request.headers.pairs if name not in added}
                return Request(request.method, url or request.url, Headers({**kept, **added}))

        return Prepared()


class Contract(PluginContract):
    """Of a plugin that is made already."""

    def __init__(self, plugin: object) -> None:
        self._plugin = plugin

    def make_plugin(self) -> object:
        return self._plugin


def passes(check: Callable[..., None], hooks: Hooks) -> bool:
    asked = [{"purpose": purpose} for purpose in PURPOSES]
    try:
        for arguments in asked if "purpose" in inspect.signature(check).parameters else [{}]:
            check(hooks, **arguments)
    except (AssertionError, PluginError):
        return False
    return True


def failing(plugin: object) -> list[str]:
    """The tests of the contract that a plugin does not pass."""
    contract, hooks = Contract(plugin), Hooks([plugin], installed=False)
    names = [name for name in dir(PluginContract) if name.startswith("test_")]
    return [name for name in names if not passes(getattr(contract, name), hooks)]


@pytest.mark.parametrize(
    ("plugin", "test"),
    [
        (Nothing(), "test_implements_a_hook_and_misspells_none"),
        (Unmarked(), "test_implements_a_hook_and_misspells_none"),
        (AloneUnmarked(), "test_implements_a_hook_and_misspells_none"),
        (Everywhere(), "test_gives_no_header_to_another_origin"),
        (ForEveryApp(), "test_gives_nothing_to_another_app"),
        (LoggingInEverywhere(), "test_gives_nothing_to_another_app"),
        (Sleeping(), "test_does_not_block"),
        (Numbers(), "test_answers_every_purpose_with_what_can_be_sent"),
        (Listing(), "test_its_login_is_a_generator_of_requests"),
        (Preparing("https://elsewhere.example.net"), "test_its_auth_keeps_to_the_url_it_is_given"),
        (Preparing(**{"X-Caller": "2"}), "test_its_auth_keeps_to_the_url_it_is_given"),
        (Preparing(Authorization="theirs"), "test_its_auth_leaves_the_callers_header_alone"),
    ],
)
def test_a_fault_is_found_by_its_test(plugin: object, test: str) -> None:
    assert failing(plugin) == [test]


def test_a_plugin_without_a_fault_passes() -> None:
    assert failing(Good()) == []


def test_no_other_plugin_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradio_client.hooks.scan", lambda _: [("installed", Everywhere())])
    assert failing(Good()) == []
    assert failing(Nothing()) == ["test_implements_a_hook_and_misspells_none"]
