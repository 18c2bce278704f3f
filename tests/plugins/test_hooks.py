"""What plugins are asked and told, and what becomes of their faults."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pluggy
import pytest
from core.fake_app import completed, replying
from gradio_client_contract_tests.server import hostile_server, until

from gradio_client import handle_file
from gradio_client.exceptions import AppError, PluginError
from gradio_client.hooks import (
    Exchange,
    Hooks,
    JobInfo,
    Outcome,
    PluginWarning,
    RequestContext,
    Submitted,
    hookimpl,
)

if TYPE_CHECKING:
    from pathlib import Path

    from core.conftest import Connect
    from core.fake_app import FakeApp

EVERY_ROUTE = ("/config", "info", "queue/join", "queue/data", "upload", "file=/out.txt")


class Signing:
    """A header for every request, and a record of them all."""

    def __init__(self, **headers: str) -> None:
        self.headers = headers or {"X-Sig": "1"}
        self.asked: list[RequestContext] = []

    @hookimpl
    def gradio_client_request_headers(self, context: RequestContext) -> dict[str, str]:
        self.asked.append(context)
        return self.headers

    def purposes(self) -> list[str]:
        return [context.purpose for context in self.asked]


def call_with_files(app: FakeApp, connect: Connect, folder: Path, plugin: object, **call: Any) -> None:
    """Use every route there is, but those of a login and of cancelling."""
    app.route("file=/out.txt", replying(b"out"))
    out = {"path": "/out.txt", "meta": {"_type": "gradio.FileData"}}
    app.on_join = lambda event, body: [completed(event, out)]
    (folder / "in.txt").write_text("in")
    connect(plugins=[plugin]).predict(handle_file(folder / "in.txt"), api_name="/echo", **call)


def test_headers_go_along_with_every_request(app: FakeApp, connect: Connect, tmp_path: Path) -> None:
    call_with_files(app, connect, tmp_path, Signing())
    for route in EVERY_ROUTE:
        assert app.seen(route)[0].header("X-Sig") == ["1"], route


def test_a_calls_headers_go_along_with_each_request_of_the_call(
    app: FakeApp, connect: Connect, tmp_path: Path
) -> None:
    call_with_files(app, connect, tmp_path, Signing(), headers={"X-Call": "1"})
    found = {route: app.seen(route)[0].header("X-Call") for route in EVERY_ROUTE}
    assert {route for route, value in found.items() if value} == {"queue/join", "upload", "file=/out.txt"}


def test_a_calls_content_type_does_not_spoil_its_upload(
    app: FakeApp, connect: Connect, tmp_path: Path
) -> None:
    call_with_files(app, connect, tmp_path, Signing(), headers={"content-type": "text/plain"})
    (kind,) = app.seen("upload")[0].header("Content-Type")
    assert kind.startswith("multipart/form-data")


def test_a_calls_headers_go_along_when_it_is_cancelled(app: FakeApp, connect: Connect) -> None:
    app.on_join = lambda event, body: []
    job = connect().submit(1, api_name="/echo", headers={"X-Call": "1"})
    assert until(lambda: app.seen("queue/data"))
    job.cancel()
    assert until(lambda: app.seen("cancel"))
    assert app.seen("cancel")[0].header("X-Call") == ["1"]


def test_a_context_says_what_the_request_is(app: FakeApp, connect: Connect, tmp_path: Path) -> None:
    signing = Signing()
    call_with_files(app, connect, tmp_path, signing)
    told = [(asked.purpose, asked.method, asked.api_name) for asked in signing.asked]
    assert set(told) == {
        ("config", "GET", None),
        ("info", "GET", None),
        ("upload", "POST", "/echo"),
        ("join", "POST", "/echo"),
        ("stream", "GET", None),
        ("download", "GET", "/echo"),
    }
    assert all(asked.same_origin and asked.attempt == 1 for asked in signing.asked)
    assert {asked.client.url for asked in signing.asked} == {app.url}
    assert not any("?" in asked.url for asked in signing.asked)


def test_precedence_is_defaults_plugins_client_call(app: FakeApp, connect: Connect) -> None:
    plugin = Signing(**{"User-Agent": "plugin", "X-A": "plugin", "X-B": "plugin"})
    client = connect(plugins=[plugin], headers={"x-a": "client", "x-b": "client"})
    client.predict(1, api_name="/echo", headers={"X-B": "call"})
    seen = app.seen("queue/join")[0]
    assert [seen.header(name) for name in ("User-Agent", "X-A", "X-B")] == [["plugin"], ["client"], ["call"]]


def test_of_two_plugins_the_later_wins(app: FakeApp, connect: Connect) -> None:
    connect(plugins=[Signing(**{"X-A": "1"}), Signing(**{"x-a": "2"})])
    assert app.seen("/config")[0].header("X-A") == ["2"]


def test_a_cookie_of_a_plugin_goes_after_those_of_the_app(app: FakeApp, connect: Connect) -> None:
    client = connect(plugins=[Signing(Cookie="sso=1")], httpx_kwargs={"cookies": {"own": "2"}})
    client.predict(1, api_name="/echo")
    assert app.seen("queue/join")[0].header("Cookie") == ["own=2; sso=1"]


def test_no_header_crosses_an_origin(app: FakeApp, connect: Connect, tmp_path: Path) -> None:
    signing = Signing()
    with hostile_server() as elsewhere:
        elsewhere.serve(lambda connection: replying(b"file")(connection, connection.read_request()))
        url = f"{elsewhere.url}/x.txt"
        file = {"path": url, "url": url, "meta": {"_type": "gradio.FileData"}}
        app.on_join = lambda event, body: [completed(event, file)]
        client = connect(plugins=[signing], headers={"X-Client": "1"})
        client.predict(1, api_name="/echo", headers={"X-Call": "1"})
        (seen,) = elsewhere.seen
    assert [seen.header(name) for name in ("X-Sig", "X-Client", "X-Call", "Cookie")] == [[], [], [], []]
    assert [asked.same_origin for asked in signing.asked if asked.purpose == "download"] == [False]


@pytest.mark.parametrize(
    "given",
    [{"X-A": 1}, {"X-A": "a\nb"}, ["X-A"], {"Host": "x"}],
    ids=["no text", "line break", "list", "host"],
)
def test_headers_that_cannot_be_sent_stop_the_request(app: FakeApp, connect: Connect, given: Any) -> None:
    signing = Signing()
    signing.headers = given
    with pytest.raises(PluginError, match="'Signing' failed in gradio_client_request_headers") as caught:
        connect(plugins=[signing])
    assert (caught.value.plugin, caught.value.hook) == ("Signing", "gradio_client_request_headers")
    assert caught.value.__cause__ is not None
    assert app.server.seen == []


class Watching:
    """Remembers everything it is told."""

    def __init__(self) -> None:
        self.exchanges: list[tuple[Exchange, Outcome | None]] = []
        self.events: list[tuple[JobInfo, str]] = []

    @hookimpl
    def gradio_client_exchange_started(self, exchange: Exchange) -> None:
        self.exchanges.append((exchange, None))

    @hookimpl
    def gradio_client_exchange_finished(self, outcome: Outcome, exchange: Exchange) -> None:
        self.exchanges.append((exchange, outcome))

    @hookimpl
    def gradio_client_job_event(self, job: JobInfo, event: Any) -> None:
        self.events.append((job, type(event).__name__))


def test_observers_see_every_exchange_begin_and_end(app: FakeApp, connect: Connect) -> None:
    watching = Watching()
    client = connect(plugins=[watching])
    client.predict(1, api_name="/echo")
    client.close()
    began = [exchange for exchange, outcome in watching.exchanges if outcome is None]
    ended = {exchange: outcome for exchange, outcome in watching.exchanges if outcome is not None}
    assert [exchange.context.purpose for exchange in began][:2] == ["config", "info"]
    assert set(began) == set(ended)
    join = next(outcome for exchange, outcome in ended.items() if exchange.context.purpose == "join")
    assert (join.status, join.error) == (200, None)
    assert join.sent == len(app.seen("queue/join")[0].body)
    assert join.received > 0


def test_observers_are_told_of_an_exchange_that_was_cancelled(app: FakeApp, connect: Connect) -> None:
    watching = Watching()
    app.on_join = lambda event, body: []
    client = connect(plugins=[watching])
    client.submit(1, api_name="/echo")
    assert until(lambda: app.seen("queue/data"))
    client.close()
    ended = {exchange.context.purpose: outcome for exchange, outcome in watching.exchanges if outcome}
    assert ended["stream"].error is not None


def test_observers_see_a_job_in_its_order(app: FakeApp, connect: Connect) -> None:
    watching = Watching()
    connect(plugins=[watching]).predict(1, api_name="/echo")
    assert [name for _, name in watching.events] == ["Submitted", "Output", "Completed"]
    (job,) = {job for job, _ in watching.events}
    assert job.api_name == "/echo"


def test_an_observer_that_fails_is_logged_once_and_the_job_goes_on(
    app: FakeApp, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Watching):
        @hookimpl
        def gradio_client_exchange_started(self, exchange: Exchange) -> None:
            raise ValueError("out of order")

    watching = Watching()
    with caplog.at_level(logging.ERROR):
        client = connect(plugins=[watching, Broken()])
        assert client.predict(1, api_name="/echo") == 1
    assert [record.name for record in caplog.records] == ["gradio_client.plugins"]
    assert "the plugin 'Broken' failed in gradio_client_exchange_started" in caplog.text
    assert watching.exchanges


@pytest.mark.parametrize("fault", [ValueError, asyncio.CancelledError])
def test_an_observer_of_jobs_that_fails_keeps_nothing_from_the_others(
    app: FakeApp, connect: Connect, caplog: pytest.LogCaptureFixture, fault: type[BaseException]
) -> None:
    class Broken:
        @hookimpl
        def gradio_client_job_event(self) -> None:
            raise fault

    first, last = Watching(), Watching()
    with caplog.at_level(logging.ERROR):
        job = connect(plugins=[first, Broken(), last]).submit(1, api_name="/echo")
        assert list(job) == [job.result()] == [1]
    told = ["Submitted", "Output", "Completed"]
    assert [[name for _, name in watching.events] for watching in (first, last)] == [told, told]
    assert [record.name for record in caplog.records] == ["gradio_client.plugins"]


def test_a_plugin_may_refuse_a_request(app: FakeApp, connect: Connect) -> None:
    class Refusing:
        @hookimpl
        def gradio_client_request_headers(self, context: RequestContext) -> None:
            if context.purpose == "join":
                raise AppError("not on Sundays")

    with pytest.raises(AppError, match="not on Sundays"):
        connect(plugins=[Refusing()]).predict(1, api_name="/echo")
    assert app.seen("queue/join") == []


class Misspelt:
    @hookimpl
    def gradio_client_request_header(self, context: RequestContext) -> None: ...


class Unknown:
    @hookimpl
    def gradio_client_request_headers(self, request: RequestContext) -> None: ...


class Coroutine:
    @hookimpl
    async def gradio_client_request_headers(self, context: RequestContext) -> None: ...


class Offering:
    @hookimpl
    async def gradio_client_register_transports(self, register: Any) -> None: ...


class Generator:
    @hookimpl
    def gradio_client_exchange_started(self, exchange: Exchange) -> Any:
        yield


class Plain:
    @hookimpl
    def gradio_client_exchange_started(self, exchange: Exchange) -> None: ...


class Static:
    @staticmethod
    @hookimpl
    def gradio_client_exchange_started(exchange: Exchange) -> None: ...


@pytest.mark.parametrize(
    ("plugin", "text"),
    [
        (Misspelt(), "gradio_client_request_header"),
        (Unknown(), "request"),
        (Coroutine(), "is a coroutine"),
        (Offering(), "is a coroutine"),
        (Generator(), "is a generator"),
        (Plain, "pass an object of it"),
    ],
)
def test_a_mistake_in_a_hook_is_found_when_the_client_is_made(plugin: object, text: str) -> None:
    with pytest.raises(pluggy.PluginValidationError, match=text):
        Hooks([plugin])


def test_a_class_with_static_hooks_is_a_plugin() -> None:
    assert Hooks([Static], installed=False).observes_exchanges


def test_the_second_plugin_of_a_class_is_disabled_by_its_own_name(app: FakeApp, connect: Connect) -> None:
    first, second = Signing(), Signing()
    connect(plugins=[first, second], disabled_plugins=["Signing 2"])
    assert (bool(first.asked), bool(second.asked)) == (True, False)


def test_a_hook_takes_only_the_arguments_it_names(app: FakeApp, connect: Connect) -> None:
    class Bare:
        @hookimpl
        def gradio_client_request_headers(self) -> dict[str, str]:
            return {"X-Bare": "1"}

    connect(plugins=[Bare()])
    assert app.seen("/config")[0].header("X-Bare") == ["1"]


def test_a_plugin_that_is_disabled_is_not_asked(app: FakeApp, connect: Connect) -> None:
    signing = Signing()
    connect(plugins=[signing], disabled_plugins=["Signing"])
    assert signing.asked == []


def test_a_plugin_can_be_disabled_by_the_environment(
    app: FakeApp, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_CLIENT_DISABLED_PLUGINS", "other, Signing")
    signing = Signing()
    connect(plugins=[signing])
    assert signing.asked == []


@pytest.mark.parametrize("value", ["Signing", 1, [1]])
def test_disabled_plugins_takes_names(connect: Connect, value: Any) -> None:
    with pytest.raises(TypeError, match="disabled_plugins= takes a list of names"):
        connect(disabled_plugins=value)


def test_without_a_plugin_no_hook_is_bound() -> None:
    hooks = Hooks((), ["hub_token", "zero_gpu"])
    assert (hooks.adds_headers, hooks.observes_exchanges, hooks.observes_jobs) == (False, False, False)


def test_an_event_of_submission_is_told_by_its_class() -> None:
    assert Submitted() == Submitted()
    assert issubclass(PluginWarning, UserWarning)
