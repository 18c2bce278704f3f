"""The deadline of a whole call: it strikes wherever the call is, and the server is told."""

from __future__ import annotations

import asyncio
import inspect
import pickle
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import FakeApp, completed, generating
from gradio_client_contract_tests.server import until

from gradio_client import AsyncClient, Client, handle_file
from gradio_client._jobs.conversation import Conversation
from gradio_client._jobs.deadline import within
from gradio_client.exceptions import ClientClosedError, DeadlineError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from core.conftest import Connect
    from core.fake_app import Route
    from gradio_client_contract_tests.server import Connection, Seen

SOON = 0.1  # seconds

FILE = {"path": "/a.txt", "meta": {"_type": "gradio.FileData"}}


@pytest.fixture
def silent() -> Iterator[Route]:
    """A route that does not answer until the test is over."""
    over = threading.Event()

    def wait(connection: Connection, _: Seen) -> None:
        over.wait(10)
        raise EOFError

    yield wait
    over.set()


def with_a_parameter_timeout(app: FakeApp) -> None:
    for entry in app.info["named_endpoints"].values():
        entry["parameters"][0]["parameter_name"] = "timeout"


@contextmanager
def struck() -> Iterator[Any]:
    with pytest.raises(DeadlineError, match=r"deadline of 0.1 s passed") as caught:
        yield caught
    assert isinstance(caught.value, TimeoutError)


def test_a_job_that_runs_too_long_is_cancelled_on_the_server(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, _: [generating(event, "part")]
    with struck() as caught:
        client.predict(1, api_name="/echo", timeout=SOON)
    assert (caught.value.endpoint, caught.value.app) == ("/echo", app.url)
    assert until(lambda: app.seen("cancel"))


def test_the_error_names_the_job_once_the_server_did(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, _: []
    with pytest.raises(DeadlineError) as caught:
        client.predict(1, api_name="/echo", timeout=0.4)
    assert caught.value.event_id == "e1"
    assert not caught.value.retryable


def test_a_submission_that_is_not_answered_ends_in_time(client: Client, app: FakeApp, silent: Route) -> None:
    app.route("queue/join", silent)
    with struck():
        client.predict(1, api_name="/echo", timeout=SOON)


def test_the_time_of_uploads_counts(client: Client, app: FakeApp, silent: Route, tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    app.route("upload", silent)
    with struck():
        client.predict(handle_file(tmp_path / "a"), api_name="/echo", timeout=SOON)
    assert app.bodies == []


def test_the_time_of_downloads_counts(client: Client, app: FakeApp, silent: Route) -> None:
    app.route("file=/a.txt", silent)
    app.on_join = lambda event, _: [completed(event, FILE)]
    with struck():
        client.predict(1, api_name="/echo", timeout=SOON)


def test_the_time_of_connecting_counts(client: Client, app: FakeApp, silent: Route) -> None:
    answer, app.routes["/config"] = app.routes["/config"], silent
    with pickle.loads(pickle.dumps(client)) as other:
        with struck() as caught:
            other.predict(1, api_name="/echo", timeout=SOON)
        assert "while connecting" in str(caught.value)
        assert caught.value.app == app.url
        app.routes["/config"] = answer
        assert other.predict(1, api_name="/echo", timeout=10) == 1


def test_connecting_leaves_the_rest_of_the_time(
    client: Client, app: FakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, answer = Conversation.start, app.routes["/config"]
    found: list[float] = []

    def watched(self: Conversation, call: Any, *, spent: float = 0.0) -> Any:
        found.append(spent)
        return start(self, call, spent=spent)

    def slow(connection: Connection, seen: Seen) -> None:
        time.sleep(SOON)
        answer(connection, seen)

    monkeypatch.setattr(Conversation, "start", watched)
    app.routes["/config"] = slow
    with pickle.loads(pickle.dumps(client)) as other:
        assert other.predict(1, api_name="/echo", timeout=10) == 1
    assert found[0] >= SOON


def test_a_call_that_ends_in_time_is_not_disturbed(client: Client, app: FakeApp) -> None:
    assert client.predict("a", api_name="/echo", timeout=10) == "a"
    assert app.seen("cancel") == []


def test_a_deadline_leaves_other_jobs_alone(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, _: []
    other = client.submit("other", api_name="/other")
    assert app.joined.acquire(timeout=10)
    with struck():
        client.predict(1, api_name="/echo", timeout=SOON)
    app.say(completed("e1", "other"))
    assert other.result(10) == "other"


def test_without_a_deadline_there_is_none(client: Client, app: FakeApp) -> None:
    assert client.predict("a", api_name="/echo", timeout=None) == "a"
    assert client.predict("a", api_name="/echo", timeout=float("inf")) == "a"
    assert client.predict("a", api_name="/echo", timeout=10**400) == "a"
    assert [body["data"] for body in app.bodies] == [["a"], ["a"], ["a"]]


def test_a_deadline_beyond_all_clocks_is_none_while_connecting(client: Client) -> None:
    with pickle.loads(pickle.dumps(client)) as other:
        assert other.predict("a", api_name="/echo", timeout=10**400) == "a"


@pytest.mark.parametrize(
    ("value", "limit"),
    [(True, None), ("3", None), (-1, None), (float("nan"), None), (10**400, None), (3, 3.0)],
)
def test_only_a_number_of_seconds_limits_connecting(
    monkeypatch: pytest.MonkeyPatch, value: Any, limit: float | None
) -> None:
    limits: list[float | None] = []
    timeout = asyncio.timeout

    def limited(delay: float | None) -> asyncio.Timeout:
        limits.append(delay)
        return timeout(delay)

    monkeypatch.setattr("asyncio.timeout", limited)

    async def main() -> None:
        async with within(value, "app"):
            pass

    asyncio.run(main())
    assert limits == [limit]


@pytest.mark.parametrize("value", ["3", True, [1]])
def test_a_deadline_is_a_number(client: Client, app: FakeApp, value: Any) -> None:
    with pytest.raises(TypeError, match="timeout= takes a number of seconds or None"):
        client.predict(1, api_name="/echo", timeout=value)
    assert app.bodies == []


@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_a_deadline_is_above_0(client: Client, value: float) -> None:
    with pytest.raises(ValueError, match="timeout= takes seconds above 0"):
        client.predict(1, api_name="/echo", timeout=value)


def test_an_endpoint_with_such_a_parameter_receives_it(app: FakeApp, connect: Connect) -> None:
    with_a_parameter_timeout(app)
    client = connect()
    assert client.predict(timeout=-5, api_name="/echo") == -5
    assert client.predict(timeout=None, api_name="/echo") is None
    assert client.predict(timeout="long", api_name="/echo") == "long"
    assert client.submit(timeout=3, api_name="/echo").result(10) == 3


def test_a_parameter_of_that_name_is_no_deadline(app: FakeApp, connect: Connect) -> None:
    with_a_parameter_timeout(app)
    client = connect()
    app.on_join = lambda event, _: []
    threading.Timer(3 * SOON, lambda: app.say(completed("e1", "late"))).start()
    assert client.predict(timeout=SOON, api_name="/echo") == "late"


def test_both_faces_show_the_argument() -> None:
    for face in (Client, AsyncClient):
        assert "timeout" in inspect.signature(face.predict).parameters


class TestAsync:
    def test_a_job_that_runs_too_long_is_cancelled_on_the_server(self, app: FakeApp) -> None:
        app.on_join = lambda event, _: [generating(event, "part")]

        async def main() -> None:
            async with AsyncClient(app.url) as client:
                with struck():
                    await client.predict(1, api_name="/echo", timeout=SOON)
                assert await asyncio.to_thread(until, lambda: app.seen("cancel"))

        asyncio.run(asyncio.wait_for(main(), 10))

    def test_the_time_of_connecting_counts(self, app: FakeApp, silent: Route) -> None:
        app.routes["/config"] = silent

        async def main() -> None:
            client = AsyncClient(app.url)
            try:
                with struck() as caught:
                    await client.predict(1, api_name="/echo", timeout=SOON)
                assert "while connecting" in str(caught.value)
            finally:
                await client.aclose()

        asyncio.run(asyncio.wait_for(main(), 10))

    def test_connecting_leaves_the_rest_of_the_time(self, app: FakeApp) -> None:
        app.on_join = lambda event, _: []

        async def main() -> None:
            async with AsyncClient(app.url) as client:
                with struck():
                    await client.predict(1, api_name="/echo", timeout=SOON)

        asyncio.run(asyncio.wait_for(main(), 10))

    def test_closing_before_the_deadline_is_told_as_such(self, app: FakeApp) -> None:
        app.on_join = lambda event, _: []

        async def main() -> None:
            async with AsyncClient(app.url) as client:
                call = asyncio.ensure_future(client.predict(1, api_name="/echo", timeout=10))
                await asyncio.sleep(SOON)
            with pytest.raises(ClientClosedError):
                await call

        asyncio.run(asyncio.wait_for(main(), 10))
