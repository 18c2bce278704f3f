from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import FakeApp, completed, failing, generating
from core.loops import on_a_loop
from gradio_client_contract_tests.server import until

from gradio_client import AsyncClient
from gradio_client.domain import events
from gradio_client.exceptions import AppError, ClientClosedError
from gradio_client.utils import Status

if TYPE_CHECKING:
    from gradio_client.async_job import AsyncJob


def made(app: FakeApp, **kwargs: Any) -> AsyncClient:
    return AsyncClient(app.url, **{"download_files": False, **kwargs})


async def soon(condition: Any) -> None:
    assert await asyncio.to_thread(until, condition)


async def running(client: AsyncClient, app: FakeApp, api_name: str = "/echo") -> AsyncJob:
    """A job that the app has taken, and does not answer by itself."""
    app.on_join = lambda event, body: []
    job = client.submit(1, api_name=api_name)
    await asyncio.to_thread(app.joined.acquire)
    return job


@on_a_loop
async def test_awaiting_a_job_gives_its_result(app: FakeApp) -> None:
    async with made(app) as client:
        job = client.submit("done", api_name="/echo")
        assert await job == "done"
        assert await job.result() == "done"
        assert job.done()


@on_a_loop
async def test_a_job_runs_although_nobody_awaits_it(app: FakeApp) -> None:
    async with made(app) as client:
        job = client.submit("done", api_name="/echo")
        await soon(job.done)
        assert job.outputs() == ["done"]


@on_a_loop
async def test_iterating_gives_outputs_as_they_come(app: FakeApp) -> None:
    async with made(app) as client:
        job = await running(client, app)
        outputs = aiter(job)
        app.say(generating("e1", "a"))
        assert await anext(outputs) == "a"
        app.say(generating("e1", [["append", [], "b"]]), completed("e1", "ab"))
        assert [output async for output in outputs] == ["ab"]
        assert [output async for output in job] == ["a", "ab"]  # from its beginning again


@on_a_loop
async def test_iterating_a_failed_job_raises_after_its_outputs(app: FakeApp) -> None:
    app.on_join = lambda event, _: [generating(event, "a"), failing(event, "bad")]
    async with made(app) as client:
        outputs = aiter(client.submit(1, api_name="/echo"))
        assert await anext(outputs) == "a"
        with pytest.raises(AppError, match="bad"):
            await anext(outputs)


@on_a_loop
async def test_breaking_out_of_an_iteration_cancels_nothing(app: FakeApp) -> None:
    async with made(app) as client:
        job = await running(client, app)
        app.say(generating("e1", "a"))
        async for output in job:
            assert output == "a"
            break
        app.say(completed("e1", "done"))
        assert await job == "done"
        assert app.seen("cancel") == []


@on_a_loop
async def test_cancelling_the_task_that_awaits_a_job_cancels_the_job(app: FakeApp) -> None:
    async with made(app) as client:
        job = await running(client, app)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(job, 0.05)
        assert job.done()
        await soon(lambda: app.seen("cancel"))


@on_a_loop
async def test_cancelling_the_task_that_iterates_a_job_cancels_the_job(app: FakeApp) -> None:
    async with made(app) as client:
        job = await running(client, app)

        async def follow() -> None:
            async for _ in job:
                pass

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(follow(), 0.05)
        assert job.done()


@on_a_loop
async def test_a_cancelled_job_raises_cancelled(app: FakeApp) -> None:
    async with made(app) as client:
        job = await running(client, app)
        assert job.cancel()
        assert not job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        status = job.status()
        assert status is not None
        assert status.code is Status.CANCELLED


@on_a_loop
async def test_a_job_cancelled_before_the_client_connects_is_never_joined(app: FakeApp) -> None:
    client = made(app)
    job = client.submit(1, api_name="/echo")
    assert job.status() is None
    assert job.outputs() == []
    assert job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert await client.predict("next", api_name="/echo") == "next"
    assert len(app.bodies) == 1
    await client.aclose()


@on_a_loop
async def test_iterating_a_job_that_was_cancelled_before_the_client_connects_just_ends(app: FakeApp) -> None:
    async with contextlib.aclosing(made(app)) as client:
        for when in ("before", "meanwhile"):
            job = client.submit(1, api_name="/echo")
            if when == "before":
                job.cancel()
            else:
                asyncio.get_running_loop().call_soon(job.cancel)
            assert [output async for output in job] == []
            assert [event async for event in job.events()] == [events.Cancelled()]


@on_a_loop
async def test_cancelling_the_task_that_iterates_cancels_a_job_that_waits_for_the_connection(
    app: FakeApp,
) -> None:
    async with contextlib.aclosing(made(app)) as client:
        job = client.submit(1, api_name="/echo")

        async def follow() -> None:
            async for _ in job.events():
                pass

        task = asyncio.create_task(follow())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert job.done()


@on_a_loop
async def test_cancelling_the_first_call_lets_the_second_connect(app: FakeApp) -> None:
    client = made(app)
    first, second = client.submit(1, api_name="/echo"), client.submit(2, api_name="/echo")
    await asyncio.sleep(0)
    first.cancel()
    assert await second == 2
    assert first.done()
    await client.aclose()


@on_a_loop
async def test_a_cancelled_job_leaves_its_siblings_alone(app: FakeApp) -> None:
    async with made(app) as client:
        one, sibling = await running(client, app), await running(client, app)
        assert one.cancel()
        app.say(completed("e2", "sibling"))
        assert await sibling == "sibling"
        await soon(lambda: app.seen("cancel"))
        assert [json.loads(seen.body)["fn_index"] for seen in app.seen("cancel")] == [-1]


@on_a_loop
async def test_events_tell_all_that_happened_in_order(app: FakeApp) -> None:
    app.on_join = lambda event, _: [
        {"msg": "estimation", "event_id": event, "rank": 0, "queue_size": 1, "rank_eta": 2.0},
        {"msg": "process_starts", "event_id": event, "eta": 3.0},
        {"msg": "log", "event_id": event, "log": "said", "level": "info"},
        generating(event, "a"),
        completed(event, "a"),
    ]
    async with made(app) as client:
        found = [event async for event in client.submit(1, api_name="/echo").events()]
    assert found == [
        events.Queued(0, 1, 2.0),
        events.Started(3.0),
        events.Logged("said", "info", None, None, visible=True),
        events.Output("a"),
        events.Completed("a"),
    ]


@on_a_loop
async def test_the_end_is_an_event_too(app: FakeApp) -> None:
    app.on_join = lambda event, _: [failing(event, "bad")]
    async with made(app) as client:
        (event,) = [event async for event in client.submit(1, api_name="/echo").events()]
    assert isinstance(event, events.Failed)
    assert str(event.error) == "bad"


@on_a_loop
async def test_two_tasks_may_follow_one_job(app: FakeApp) -> None:
    app.on_join = lambda event, _: [generating(event, "a"), completed(event, "a")]
    async with made(app) as client:
        job = client.submit(1, api_name="/echo")

        async def follow() -> list[Any]:
            return [output async for output in job]

        assert await asyncio.gather(follow(), follow(), job.result()) == [["a"], ["a"], "a"]


@on_a_loop
async def test_closing_fails_the_jobs_in_flight(app: FakeApp) -> None:
    client = made(app)
    await client.connect()
    job = await running(client, app)
    waiting = asyncio.ensure_future(job.result())
    await asyncio.sleep(0)
    await client.aclose()
    with pytest.raises(ClientClosedError):
        await waiting
    assert not job.cancel()


@on_a_loop
async def test_a_repr_shows_endpoint_and_status(app: FakeApp) -> None:
    client = made(app)
    job = client.submit("secret", api_name="/echo")
    assert repr(job) == "<AsyncJob not yet started>"
    await job
    assert repr(job) == "<AsyncJob /echo FINISHED>"
    await client.aclose()


@on_a_loop
async def test_a_job_that_could_not_begin_is_done_whoever_asks() -> None:
    client = AsyncClient("http://127.0.0.1:9", download_files=False)
    job = client.submit(1, api_name="/echo")
    with pytest.raises(ConnectionError):
        await job
    assert job.done()
    assert (status := job.status()) is not None
    assert (status.code, status.success) == (Status.FINISHED, False)
    assert isinstance(job.exception(), ConnectionError)
    assert repr(job) == "<AsyncJob FINISHED>"
    await client.aclose()


@on_a_loop
async def test_a_job_that_was_cancelled_before_it_began_is_cancelled_whoever_asks(app: FakeApp) -> None:
    client = made(app)
    job = client.submit(1, api_name="/echo")
    assert job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert job.done()
    assert job.cancelled()
    assert (status := job.status()) is not None
    assert status.code is Status.CANCELLED
    assert repr(job) == "<AsyncJob CANCELLED>"
    await client.aclose()


@on_a_loop
async def test_a_job_says_how_it_ended(app: FakeApp) -> None:
    async with made(app) as client:
        job = await running(client, app)
        assert not job.cancelled()
        with pytest.raises(asyncio.InvalidStateError):
            job.exception()
        app.say(completed("e1", "done"))
        assert await job == "done"
        assert job.exception() is None
        app.on_join = lambda event, _: [failing(event, "bad")]
        failed = client.submit(1, api_name="/echo")
        with pytest.raises(AppError):
            await failed
        assert isinstance(failed.exception(), AppError)
        assert not failed.cancelled()
        cancelled = await running(client, app)
        assert cancelled.cancel()
        assert cancelled.cancelled()
        with pytest.raises(asyncio.CancelledError):
            cancelled.exception()


@on_a_loop
async def test_callbacks_are_called_with_the_job_however_it_ended(app: FakeApp) -> None:
    unreachable = AsyncClient("http://127.0.0.1:9", download_files=False)
    async with made(app) as client:
        jobs = [client.submit(1, api_name="/echo"), unreachable.submit(1, api_name="/echo")]
        jobs += [unreachable.submit(1, api_name="/echo"), client.submit(1, api_name="/echo")]
        jobs[2].cancel()
        called: asyncio.Queue[AsyncJob] = asyncio.Queue()
        for job in jobs[:3]:
            job.add_done_callback(called.put_nowait)
        assert await jobs[3] == 1
        jobs[3].add_done_callback(called.put_nowait)  # it has ended already
        found = [await asyncio.wait_for(called.get(), 10) for _ in jobs]
        assert sorted(map(id, found)) == sorted(map(id, jobs))
        assert all(job.done() for job in jobs)
        await asyncio.sleep(0)
        assert called.empty()
    await unreachable.aclose()


@on_a_loop
async def test_an_error_of_a_callback_goes_to_the_loop(app: FakeApp) -> None:
    told: asyncio.Queue[Any] = asyncio.Queue()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.put_nowait(context["exception"]))
    async with made(app) as client:
        job = client.submit(1, api_name="/echo")
        job.add_done_callback(lambda job: 1 / 0)
        assert await job == 1
        assert isinstance(await asyncio.wait_for(told.get(), 10), ZeroDivisionError)
