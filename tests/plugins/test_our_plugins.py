"""The plugins that ship with the client."""

from __future__ import annotations

import contextvars
import sys
import threading
import types
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from gradio_client_contract_tests.server import until
from gradio_client_plugins.hub_token import HubToken, saved_token
from gradio_client_plugins.tracing import Tracing
from gradio_client_plugins.zero_gpu import ZeroGPU, forwarded_token, is_space
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from gradio_client.hooks import ClientInfo, RequestContext

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from core.conftest import Connect
    from core.fake_app import FakeApp

SPACE = ClientInfo("o/n", "https://o-n.hf.space", "o/n")
SPACE_BY_URL = ClientInfo("https://o-n.hf.space", "https://o-n.hf.space")
ELSEWHERE = [
    ClientInfo(url, url)
    for url in ("http://o-n.hf.space", "https://hf.space.evil.test", "https://evilhf.space", "http://h:7860")
]


def asking(
    client: ClientInfo, purpose: Any = "join", *, same_origin: bool = True, api_name: str | None = "/echo"
) -> RequestContext:
    return RequestContext(client, purpose, "POST", f"{client.url}/x", same_origin, api_name, 1)


@pytest.mark.parametrize("client", [SPACE, SPACE_BY_URL])
def test_a_space_is_known_by_name_or_address(client: ClientInfo) -> None:
    assert is_space(client)


@pytest.mark.parametrize("client", ELSEWHERE, ids=lambda client: client.url)
def test_other_apps_are_no_spaces(client: ClientInfo) -> None:
    assert not is_space(client)


def test_the_visitors_token_goes_with_what_submits_a_job_to_a_space_alone(
    serve: Callable[[str], None],
) -> None:
    plugin = ZeroGPU()
    assert plugin.gradio_client_request_headers(asking(SPACE)) is None
    serve("a")
    assert plugin.gradio_client_request_headers(asking(SPACE)) == {"x-ip-token": "a"}
    own_stream = plugin.gradio_client_request_headers(asking(SPACE, "stream"))  # on protocol `sse`
    assert own_stream == {"x-ip-token": "a"}
    assert plugin.gradio_client_request_headers(asking(SPACE, "stream", api_name=None)) is None
    assert plugin.gradio_client_request_headers(asking(SPACE, "upload")) is None
    assert plugin.gradio_client_request_headers(asking(SPACE, same_origin=False)) is None
    assert [plugin.gradio_client_request_headers(asking(client)) for client in ELSEWHERE] == [None] * 4


def test_no_visitors_token_is_found_outside_gradio(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "gradio.context", raising=False)
    assert forwarded_token() is None


def test_visitors_of_one_client_have_their_own_tokens(
    serve: Callable[[str], None], app: FakeApp, connect: Connect
) -> None:
    client = connect(plugins=[ZeroGPU(also=[app.url])])

    def call(name: str) -> Any:
        serve(name)
        return client.submit(name, api_name="/echo")

    jobs = [contextvars.copy_context().run(call, f"v{number}") for number in range(50)]
    assert [job.result(timeout=20) for job in jobs] == [f"v{number}" for number in range(50)]
    joins = [(seen.header("x-ip-token"), seen.body) for seen in app.seen("queue/join")]
    assert len(joins) == 50
    assert all(f'"{token}"'.encode() in body for (token,), body in joins)
    rest = [seen for seen in app.server.seen if "queue/join" not in seen.target]
    assert all(seen.header("x-ip-token") == [] for seen in rest)
    assert client.predict("nobody", api_name="/echo") == "nobody"
    assert app.seen("queue/join")[-1].header("x-ip-token") == []


@pytest.mark.parametrize("client", [SPACE, SPACE_BY_URL])
def test_the_saved_token_goes_to_spaces(client: ClientInfo) -> None:
    plugin = HubToken(lambda: "hf_x")
    wanted = {"X-HF-Authorization": "Bearer hf_x"}
    assert plugin.gradio_client_request_headers(asking(client, "config")) == wanted
    assert plugin.gradio_client_request_headers(asking(client, same_origin=False)) is None


@pytest.mark.parametrize("client", ELSEWHERE, ids=lambda client: client.url)
def test_the_saved_token_goes_nowhere_else(client: ClientInfo) -> None:
    assert HubToken(lambda: "hf_x").gradio_client_request_headers(asking(client)) is None


def test_a_token_is_asked_for_again_when_a_client_connects_or_some_seconds_have_passed() -> None:
    now, tokens = [0.0], count(1)
    plugin = HubToken(lambda: f"hf_{next(tokens)}", clock=lambda: now[0])

    def sent(purpose: str, seconds: float) -> Any:
        now[0] = seconds
        return plugin.gradio_client_request_headers(asking(SPACE, purpose))

    requests = [("join", 0), ("join", 4.9), ("stream", 5), ("join", 9), ("config", 9.1), ("join", 14)]
    found = [sent(purpose, seconds) for purpose, seconds in requests]
    assert found == [{"X-HF-Authorization": f"Bearer hf_{number}"} for number in (1, 1, 2, 2, 3, 3)]


def test_a_token_that_is_slow_to_come_holds_up_one_request_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    come, waited = threading.Event(), []
    join = threading.Thread.join

    def joined(thread: threading.Thread, timeout: float | None = None) -> None:
        waited.append(timeout)
        join(thread, timeout)

    monkeypatch.setattr(threading.Thread, "join", joined)
    plugin = HubToken(lambda: "hf_x" if come.wait(10) else None)
    for purpose in ("config", "join", "stream", "config"):
        assert plugin.gradio_client_request_headers(asking(SPACE, purpose)) is None
    assert waited == [0.2]
    come.set()
    assert until(lambda: plugin.gradio_client_request_headers(asking(SPACE)) is not None)


def test_a_token_that_cannot_be_found_stops_no_request(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> str:
        raise RuntimeError("no server")

    assert HubToken(fail).gradio_client_request_headers(asking(SPACE)) is None
    assert [record.name for record in caplog.records] == ["gradio_client.plugins"]


def test_where_no_token_is_saved_none_is_sent() -> None:
    assert HubToken(lambda: None).gradio_client_request_headers(asking(SPACE)) is None


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_TOKEN_PATH", "HF_HUB_DISABLE_IMPLICIT_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.delitem(sys.modules, "huggingface_hub.utils", raising=False)
    return tmp_path


def test_a_token_is_looked_for_in_the_environment_and_then_in_its_file(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert saved_token() is None
    (home / "token").write_text("hf_file\n")
    assert saved_token() == "hf_file"
    monkeypatch.setenv("HF_TOKEN", "hf_env")
    assert saved_token() == "hf_env"
    monkeypatch.setenv("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
    assert saved_token() is None


def unreadable() -> str:
    raise PermissionError


@pytest.mark.usefixtures("home")
def test_a_huggingface_hub_that_is_loaded_knows_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = types.ModuleType("huggingface_hub.utils")
    monkeypatch.setitem(sys.modules, loaded.__name__, loaded)
    monkeypatch.setenv("HF_TOKEN", "hf_env")
    assert saved_token() == "hf_env"  # it is still loading
    monkeypatch.setattr(loaded, "get_token", lambda: "hf_renewed", raising=False)
    assert saved_token() == "hf_renewed"
    monkeypatch.setattr(loaded, "get_token", lambda: None)
    assert saved_token() is None
    monkeypatch.setattr(loaded, "get_token", unreadable)
    assert saved_token() is None
    monkeypatch.setattr(loaded, "get_token", lambda: "hf_renewed")
    monkeypatch.setenv("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
    assert saved_token() is None


def test_a_file_that_holds_no_token_is_none(home: Path) -> None:
    (home / "token").write_bytes(b"hf_\xff")
    assert saved_token() is None


@pytest.fixture
def traced(app: FakeApp, connect: Connect) -> Iterator[tuple[InMemorySpanExporter, InMemoryMetricReader]]:
    exporter, reader = InMemorySpanExporter(), InMemoryMetricReader()
    tracers = TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(exporter))
    meters = MeterProvider([reader])
    client = connect(plugins=[Tracing(tracers, meters)])
    client.predict("se cret", api_name="/echo")
    client.close()
    yield exporter, reader
    tracers.shutdown()
    meters.shutdown()


def test_a_jobs_requests_are_spans_within_its_own(
    traced: tuple[InMemorySpanExporter, InMemoryMetricReader], app: FakeApp
) -> None:
    spans = {span.name: span for span in traced[0].get_finished_spans()}
    job, join = spans["gradio_client.job"], spans["gradio_client.join"]
    assert join.parent is not None
    assert join.parent.span_id == job.context.span_id
    assert {"gradio_client.config", "gradio_client.info", "gradio_client.stream"} <= spans.keys()
    (header,) = app.seen("queue/join")[0].header("traceparent")
    assert header.split("-")[2] == f"{join.context.span_id:016x}"


def test_spans_hold_no_values(traced: tuple[InMemorySpanExporter, InMemoryMetricReader]) -> None:
    assert not any("se cret" in span.to_json() for span in traced[0].get_finished_spans())


def test_exchanges_and_jobs_are_measured(
    traced: tuple[InMemorySpanExporter, InMemoryMetricReader],
) -> None:
    data = traced[1].get_metrics_data()
    assert data is not None
    (scope,) = data.resource_metrics[0].scope_metrics
    names = {metric.name for metric in scope.metrics}
    assert names == {"gradio_client.exchange.duration", "gradio_client.jobs"}
