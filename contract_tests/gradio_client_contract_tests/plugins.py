"""Tests that every plugin with header or authentication hooks must pass.

from gradio_client_contract_tests import PluginContract

class TestMyPlugin(PluginContract):
    app = "https://apps.example.com"

    def make_plugin(self):
        return MyPlugin()
"""

from __future__ import annotations

import inspect
import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, get_args

import pytest

from gradio_client.auth import AppURLs, Reply
from gradio_client.hooks import Auth, ClientInfo, Hooks, Purpose, RequestContext
from gradio_client.transport import Headers, Request

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

SOON = 0.05  # seconds that a hook may take: it runs on the event loop
PURPOSES: tuple[str, ...] = get_args(Purpose)


class PluginContract(ABC):
    """Subclass this as ``TestYourPlugin`` and say in ``make_plugin`` how to make one.

    Attributes:
        app: the address of an app that the plugin is for.
        foreign: the address of a host that it is not for.
        any_app: whether it is meant for every app that a client talks to, and so for ``foreign`` as well.
        replies: what the requests of its login are answered with, one after the other.
    """

    app: ClassVar[str] = "https://app.example.com"
    foreign: ClassVar[str] = "https://elsewhere.example.net"
    any_app: ClassVar[bool] = False
    replies: ClassVar[Sequence[Reply]] = ()

    @abstractmethod
    def make_plugin(self) -> object:
        """Make the plugin to test, or return the module that it is."""

    @pytest.fixture
    def hooks(self) -> Hooks:
        """The plugin alone, registered as a client does it; whatever else is installed is not asked."""
        return Hooks([self.make_plugin()], installed=False)

    def test_implements_a_hook_and_misspells_none(self, hooks: Hooks) -> None:
        """A plugin has at least one hook; each is marked, exists, and so do its arguments."""
        implemented = hooks.implemented()
        assert implemented, "The plugin has no function that is marked with @hookimpl."
        unmarked = _functions(self.make_plugin()) - implemented
        assert not unmarked, f"Without @hookimpl these are never called: {sorted(unmarked)}"

    @pytest.mark.parametrize("purpose", PURPOSES)
    def test_answers_every_purpose_with_what_can_be_sent(self, hooks: Hooks, purpose: Purpose) -> None:
        """``gradio_client_request_headers`` returns text by name, or None, whatever the request is for."""
        for attempt in (1, 2):
            hooks.request_headers(self._context(purpose, self.app, attempt))

    @pytest.mark.parametrize("purpose", PURPOSES)
    def test_gives_no_header_to_another_origin(self, hooks: Hooks, purpose: Purpose) -> None:
        """``context.same_origin`` is looked at before anything is returned."""
        context = self._context(purpose, self.foreign, 1, same_origin=False)
        assert hooks.request_headers(context) == ()

    @pytest.mark.parametrize("purpose", PURPOSES)
    def test_gives_nothing_to_another_app(self, hooks: Hooks, purpose: Purpose) -> None:
        """``context.client`` is looked at too: an installed plugin is asked about every app."""
        if not self.any_app:
            other = self._context(purpose, self.foreign, 1, app=self.foreign)
            assert hooks.request_headers(other) == (), "It would send these headers to any app."
            assert hooks.auth(ClientInfo(self.foreign, self.foreign)) is None, "It would log in to any app."

    def test_does_not_block(self, hooks: Hooks) -> None:
        """A header hook runs on the event loop: it reads no file, waits for nobody, and sleeps never."""
        hooks.request_headers(self._context("config", self.app, 1))  # what is made once may take longer
        since = time.perf_counter()
        hooks.request_headers(self._context("join", self.app, 1))
        assert time.perf_counter() - since < SOON

    def test_its_login_is_a_generator_of_requests(self, hooks: Hooks) -> None:
        """``Auth.login`` yields requests; it does no I/O of its own."""
        found = hooks.auth(ClientInfo(self.app, self.app))
        if found is not None:
            steps = found[1].login(AppURLs(self.app))
            assert inspect.isgenerator(steps), "login() must be a generator, or return one."
            self._answer(steps)

    def test_its_auth_keeps_to_the_url_it_is_given(self, hooks: Hooks) -> None:
        """``Auth.prepare`` returns the request, to the same URL, with the headers it had."""
        auth = self._auth(hooks)
        if auth is not None:
            request = Request("GET", f"{self.app}/config", Headers({"X-Caller": "1"}))
            prepared = auth.prepare(request)
            assert prepared.url == request.url
            assert prepared.headers.get("X-Caller") == "1"

    def test_its_auth_leaves_the_callers_header_alone(self, hooks: Hooks) -> None:
        """What the caller of a client sets wins over what a plugin would set."""
        auth = self._auth(hooks)
        if auth is not None:
            request = Request("GET", f"{self.app}/config", Headers({"Authorization": "mine"}))
            assert auth.prepare(request).headers.get_all("Authorization") == ["mine"]

    def _auth(self, hooks: Hooks) -> Auth | None:
        """What the plugin logs in to the app with, when it has done so."""
        found = hooks.auth(ClientInfo(self.app, self.app))
        if found is None:
            return None
        steps = found[1].login(AppURLs(self.app))
        if inspect.isgenerator(steps):
            self._answer(steps)
        return found[1]

    def _answer(self, steps: Generator[Any, Any, Any]) -> None:
        try:
            asked = next(steps)
            for reply in self.replies:
                assert isinstance(asked, Request), "login() must yield requests."
                asked = steps.send(reply)
        except StopIteration:
            return
        raise AssertionError(f"login() has {asked.method} {asked.url} to be answered: add to `replies`.")

    def _context(
        self, purpose: Purpose, host: str, attempt: int, *, same_origin: bool = True, app: str | None = None
    ) -> RequestContext:
        client = ClientInfo(app or self.app, app or self.app)
        api_name = "/predict" if purpose in {"join", "upload", "download", "cancel"} else None
        return RequestContext(client, purpose, "GET", f"{host}/{purpose}", same_origin, api_name, attempt)


def _functions(plugin: object) -> set[str]:
    names = {name for name in dir(plugin) if name.startswith("gradio_client_")}
    return {name for name in names if callable(getattr(plugin, name))}
