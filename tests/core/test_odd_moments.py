"""Calls at moments and from places where nobody would make them."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from core.collecting import collect_within_a_post
from core.fake_app import FakeApp, completed, generating, replying
from core.loops import on_a_loop
from gradio_client_adapters.aiohttp import AiohttpTransport
from gradio_client_contract_tests.server import hostile_server, until

from gradio_client import AsyncClient, Client
from gradio_client._endpoint_view import endpoints_of
from gradio_client.domain.events import Failed
from gradio_client.exceptions import ClientClosedError, ConnectionLost
from gradio_client.transport import Request, Response, Transport, TransportOptions
from gradio_client.utils import OutputUpdate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from core.conftest import Connect, Submit

    from gradio_client.job import Job

pytestmark = pytest.mark.leaks

WAIT = 10  # seconds that a job may take before a test fails


def test_many_threads_share_a_client_and_get_their_own_results(client: Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda at: client.predict(at, api_name="/echo"), range(80)))
    assert found == list(range(80))


def test_a_client_may_be_closed_while_others_call(app: FakeApp) -> None:
    client = Client(app.url, verbose=False)

    def call(at: int) -> Any:
        if at == 20:
            client.close()
        try:
            return client.predict(at, api_name="/echo")
        except ClientClosedError:
            return "closed"

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(call, range(40)))
    assert set(found) <= {"closed", *range(40)}
    assert found[-1] == "closed"


def test_a_client_may_be_closed_in_the_middle_of_an_iteration(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, _: [generating(event, "a")]
    job = client.submit(1, api_name="/echo")
    assert next(job) == "a"
    client.close()
    with pytest.raises(ClientClosedError):
        next(job)


@on_a_loop
async def test_an_asynchronous_client_may_be_closed_in_the_middle_of_an_iteration(app: FakeApp) -> None:
    app.on_join = lambda event, _: [generating(event, "a")]
    client = AsyncClient(app.url)
    outputs = aiter(client.submit(1, api_name="/echo"))
    assert await anext(outputs) == "a"
    await client.aclose()
    with pytest.raises(ClientClosedError):
        await anext(outputs)


def test_a_finished_job_can_be_followed_after_its_client_is_closed(client: Client) -> None:
    async def follow(job: Job) -> list[Any]:
        return [update.outputs async for update in job if isinstance(update, OutputUpdate)]

    job = client.submit("done", api_name="/echo")
    job.result(WAIT)
    client.close()
    assert asyncio.run(follow(job)) == ["done"]
    assert asyncio.run(job._awaited()) == "done"
    assert list(job) == ["done"]


def test_predict_may_be_called_on_a_running_loop(client: Client) -> None:
    async def call() -> Any:
        return client.predict("done", api_name="/echo")

    assert asyncio.run(call()) == "done"


def test_a_client_may_be_made_and_closed_on_a_running_loop(app: FakeApp) -> None:
    async def call() -> Any:
        with Client(app.url, verbose=False) as client:
            return await client.submit("done", api_name="/echo")

    assert asyncio.run(call()) == "done"


def test_a_client_may_be_made_in_a_callback_of_another(client: Client, app: FakeApp) -> None:
    found: list[Any] = []

    def call(_: object) -> None:
        with Client(app.url, verbose=False) as inner:
            found.append(inner.predict("inner", api_name="/echo"))

    client.submit(1, api_name="/echo").add_done_callback(call)
    assert until(lambda: found == ["inner"])


def test_a_job_may_be_iterated_by_one_thread_and_awaited_by_another(running: Submit, app: FakeApp) -> None:
    job = running()
    found: list[Any] = []
    waiting = threading.Thread(target=lambda: found.append(job.result(WAIT)))
    waiting.start()
    app.say(generating("e1", "a"), completed("e1", "b"))
    assert list(job) == ["a"]
    waiting.join(WAIT)
    assert found == ["b"]


def test_a_job_that_cannot_even_begin_fails(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("gradio_client._jobs.conversation.Conversation.start", start)
    job = client.submit(1, api_name="/echo")
    with pytest.raises(ZeroDivisionError):
        job.result(WAIT)
    with pytest.raises(ZeroDivisionError):
        next(job)
    (end,) = job.events()
    assert isinstance(end, Failed)


class Cancelling(Transport):
    """Is cancelled, by nobody knows whom, when it is to send a request to one path."""

    def __init__(self, path: str) -> None:
        self._transport = AiohttpTransport(TransportOptions())
        self._path = path

    async def send(self, request: Request) -> Response:
        if request.url.endswith(self._path):
            raise asyncio.CancelledError
        return await self._transport.send(request)

    async def aclose(self) -> None:
        await self._transport.aclose()


@pytest.mark.parametrize("path", ["/queue/join", "/file=/a.txt"])
def test_a_job_whose_work_is_cancelled_by_something_else_fails(
    app: FakeApp, connect: Connect, path: str
) -> None:
    file = {"path": "/a.txt", "meta": {"_type": "gradio.FileData"}}
    app.on_join = lambda event, _: [completed(event, file)]
    with pytest.raises(ConnectionLost, match="cancelled, although the job was not"):
        connect(transport=Cancelling(path)).submit(1, api_name="/echo").result(WAIT)


def test_what_another_host_sets_is_not_kept(app: FakeApp, connect: Connect) -> None:
    with hostile_server() as elsewhere:
        theirs = replying(b"theirs", "200 OK", "Set-Cookie: planted=1; Path=/; Domain=127.0.0.1")
        elsewhere.serve(lambda connection: theirs(connection, connection.read_request()))
        file = {"path": f"{elsewhere.url}/y.txt", "meta": {"_type": "gradio.FileData"}}
        app.on_join = lambda event, _: [completed(event, file)]
        client = connect()
        client.predict(1, api_name="/echo")
        client.predict(1, api_name="/echo")
    assert not any("planted" in repr(seen) for seen in app.server.seen)


@on_a_loop
async def test_a_hundred_jobs_at_once_all_end(app: FakeApp) -> None:
    async with AsyncClient(app.url) as client:
        jobs = [client.submit(at, api_name="/echo") for at in range(100)]
        assert await asyncio.gather(*(job.result() for job in jobs)) == list(range(100))
    assert app.server.connections < 100


def _mapped(client: Client) -> Iterator[Any]:
    return client.map("/echo", [1, 2], concurrency=2)


def _viewed(client: Client) -> Iterator[Any]:
    view = endpoints_of(client)[0]
    view.dependency = {"types": {"generator": True}}
    outputs: Iterator[Any] = view.make_end_to_end_fn()(1)
    return outputs


@pytest.mark.parametrize(("begin", "first"), [(_mapped, completed), (_viewed, generating)])
def test_a_generator_may_be_collected_while_the_loop_waits_for_that_thread(
    client: Client,
    app: FakeApp,
    begin: Callable[[Client], Iterator[Any]],
    first: Callable[..., dict[str, Any]],
) -> None:
    app.on_join = lambda event, body: [first(event, "a")] if body["data"] == [1] else []
    results = begin(client)
    assert next(results) == "a"
    collect_within_a_post(client, results)
    assert until(lambda: not client._engine.main._runs)
