"""Jobs of ``Client`` on event loops that are not its own."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import FakeApp, completed, failing, generating
from core.loops import on_a_loop
from gradio_client_contract_tests.server import until

from gradio_client.exceptions import AppError, ConnectionLost
from gradio_client.utils import OutputUpdate, Status, StatusUpdate

if TYPE_CHECKING:
    from core.conftest import Submit

    from gradio_client import Client
    from gradio_client.job import Job


@on_a_loop
async def test_a_job_can_be_awaited_on_any_loop(client: Client) -> None:
    assert await client.submit("done", api_name="/echo") == "done"


@on_a_loop
async def test_a_job_can_be_awaited_again(client: Client) -> None:
    job = client.submit("done", api_name="/echo")
    assert [await job, await job] == ["done", "done"]


@on_a_loop
async def test_many_jobs_are_awaited_at_once(client: Client) -> None:
    jobs = [client.submit(at, api_name="/echo") for at in range(20)]
    assert await asyncio.gather(*jobs) == list(range(20))


@on_a_loop
async def test_awaiting_a_failed_job_raises(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, _: [failing(event, "bad")]
    with pytest.raises(AppError, match="bad"):
        await client.submit(1, api_name="/echo")


@on_a_loop
async def test_awaiting_a_cancelled_job_raises_cancelled(running: Submit) -> None:
    job = running()
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job


@on_a_loop
async def test_cancelling_the_task_that_awaits_a_job_cancels_the_job(running: Submit) -> None:
    job = running()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(job, 0.05)
    assert job.cancelled()


@on_a_loop
async def test_a_shielded_job_goes_on(running: Submit, app: FakeApp) -> None:
    job = running()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(job)), 0.05)
    app.say(completed("e1", "done"))
    assert await job == "done"


@on_a_loop
async def test_the_standard_librarys_bridge_takes_jobs(client: Client) -> None:
    assert await asyncio.wrap_future(client.submit("done", api_name="/echo")) == "done"


@on_a_loop
async def test_a_loop_stays_free_while_a_job_runs(running: Submit, app: FakeApp) -> None:
    job = running()
    waiting = asyncio.ensure_future(job)
    await asyncio.sleep(0)
    app.say(completed("e1", "done"))
    assert await waiting == "done"


def test_a_slow_callback_delays_no_one_who_awaits(client: Client) -> None:
    over = threading.Event()
    client.submit(1, api_name="/echo").add_done_callback(lambda _: over.wait(10))

    async def ask() -> Any:
        return await asyncio.wait_for(client.submit("done", api_name="/echo"), 5)

    try:
        assert asyncio.run(ask()) == "done"
    finally:
        over.set()


def test_two_loops_may_await_one_job(running: Submit, app: FakeApp) -> None:
    job = running()
    found: list[Any] = []

    async def ask() -> None:
        found.append(await job)

    threads = [threading.Thread(target=lambda: asyncio.run(ask())) for _ in range(2)]
    for thread in threads:
        thread.start()
    app.say(completed("e1", "done"))
    for thread in threads:
        thread.join(10)
    assert found == ["done", "done"]


def test_a_loop_that_is_gone_harms_nobody(running: Submit, app: FakeApp) -> None:
    job = running()

    async def start() -> None:
        task = asyncio.ensure_future(asyncio.shield(asyncio.ensure_future(_ask(job))))
        await asyncio.sleep(0.01)
        task.cancel()

    asyncio.run(start())  # which cancels what is left, and so the job
    assert until(job.done)
    app.on_join = lambda event, _: [completed(event, 2)]
    assert job._client.predict(1, api_name="/echo") == 2


async def _ask(job: Job) -> Any:
    return await job


def test_asynchronous_iteration_gives_status_and_output_updates(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, _: [
        generating(event, "a"),
        generating(event, [["append", [], "b"]]),
        completed(event, "ab"),
    ]

    async def updates() -> list[StatusUpdate | OutputUpdate]:
        return [update async for update in client.submit(1, api_name="/echo")]

    found = asyncio.run(updates())
    outputs: list[Any] = [update for update in found if isinstance(update, OutputUpdate)]
    assert [(update.outputs, update.final) for update in outputs] == [
        ("a", False),
        ("ab", False),
        ("ab", True),
    ]


def test_asynchronous_iteration_gives_a_single_result_once(client: Client) -> None:
    async def updates() -> list[Any]:
        return [update async for update in client.submit(1, api_name="/echo")]

    status, output = asyncio.run(updates())[-2:]
    assert (status.code, status.success, status.rank) == (Status.FINISHED, True, None)
    assert (output.outputs, output.final, output.success) == (1, True, True)


def test_asynchronous_iteration_ends_with_the_status_and_the_error_of_a_failed_job(
    client: Client, app: FakeApp
) -> None:
    app.on_join = lambda event, _: [failing(event, "no")]
    found: list[Any] = []

    async def follow() -> None:
        async for update in client.submit(1, api_name="/echo"):
            found.append(update)  # noqa: PERF401 - what came before the error counts

    with pytest.raises(AppError, match="no"):
        asyncio.run(follow())
    assert (found[-1].code, found[-1].success) == (Status.FINISHED, False)


def test_a_lost_connection_reaches_asynchronous_iteration(running: Submit, app: FakeApp) -> None:
    async def follow(job: Job) -> None:
        async for _ in job:
            pass

    job = running()
    app.say(b"data: {torn\n\n")
    with pytest.raises(ConnectionLost):
        asyncio.run(follow(job))


def test_breaking_out_of_asynchronous_iteration_cancels_nothing(running: Submit, app: FakeApp) -> None:
    async def first(job: Job) -> Any:
        async for update in job:
            return update
        return None

    job = running()
    app.say(generating("e1", 1))
    assert asyncio.run(first(job)) is not None
    app.say(completed("e1", "done"))
    assert job.result(10) == "done"
