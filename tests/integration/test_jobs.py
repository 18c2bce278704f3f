"""Jobs of the synchronous client on real servers: outputs, status, waiting, callbacks, cancelling."""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import CancelledError, as_completed, wait
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import pytest

from gradio_client.exceptions import AppError
from gradio_client.utils import OutputUpdate, Status, StatusUpdate

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradio_client import Client, Job

ENDLESS = (600, 0.05)  # thirty seconds: a test that waited for its end would be ended itself


def test_a_generator_is_iterated_while_it_runs(client: Client) -> None:
    job = client.submit(*ENDLESS, api_name="/count")
    assert (next(job), next(job), next(job)) == (1, 2, 3)
    assert not job.done()
    assert job.status().code is Status.ITERATING
    job.cancel()


def test_a_generator_can_be_iterated_to_its_end(client: Client) -> None:
    job = client.submit(5, 0, api_name="/count")
    assert list(job) == [1, 2, 3, 4, 5]
    assert not list(job)


def test_a_job_that_is_no_generator_has_one_output(client: Client) -> None:
    assert list(client.submit("hello", api_name="/echo")) == ["hello"]


def test_the_result_of_a_generator_is_its_last_output(client: Client) -> None:
    job = client.submit(4, 0, api_name="/count")
    assert job.result() == 4
    assert job.outputs() == [1, 2, 3, 4]


def test_a_growing_structure_arrives_as_it_was_yielded(client: Client) -> None:
    *_, (turns, size) = client.submit(7, 0, api_name="/llm_json")
    assert turns == [
        {"role": "assistant", "content": "0 1 2 "},
        {"role": "assistant", "content": "3 4 5 "},
        {"role": "assistant", "content": "6 ", "meta": {"tries": 6, "even": True}},
    ]
    assert size == "3 turns"


def test_a_finished_job_says_so(client: Client) -> None:
    job = client.submit("hello", api_name="/echo")
    job.result()
    status = job.status()
    assert (status.code, status.success) == (Status.FINISHED, True)
    assert job.done()
    assert not job.running()
    assert job.exception() is None


def test_the_status_passes_through_the_stages_of_a_job(client: Client) -> None:
    codes = [
        update.code for update in updates(client.submit(3, 0.01, api_name="/count")) if is_status(update)
    ]
    stages = list(dict.fromkeys(codes))
    assert stages[-3:] == [Status.PROCESSING, Status.ITERATING, Status.FINISHED]
    assert Status.IN_QUEUE in stages


def test_progress_is_in_the_status(client: Client) -> None:
    statuses = [
        update for update in updates(client.submit(4, 0.05, api_name="/progress")) if is_status(update)
    ]
    units = [unit for status in statuses for unit in status.progress_data or []]
    assert {"step 2", "outer"} & {unit.desc for unit in units}
    assert any(unit.unit == "parts" and unit.length == 4 for unit in units)


def test_messages_of_the_app_are_in_the_status(client: Client) -> None:
    statuses = [update for update in updates(client.submit("x", api_name="/warn")) if is_status(update)]
    logs = [status.log for status in statuses if status.code is Status.LOG]
    assert ("info x", "info") in logs
    assert ("warning x", "warning") in logs


def test_asynchronous_iteration_gives_outputs_and_the_end(client: Client) -> None:
    seen = updates(client.submit(3, 0, api_name="/count"))
    outputs = [update for update in seen if isinstance(update, OutputUpdate)]
    values: list[Any] = [update.outputs for update in outputs]
    assert values == [1, 2, 3, 3]
    assert [update.final for update in outputs] == [False, False, False, True]


def test_a_job_can_be_awaited_on_any_loop(client: Client) -> None:
    async def both() -> list[Any]:
        return await asyncio.gather(*(client.submit(word, api_name="/echo") for word in "ab"))

    assert asyncio.run(both()) == ["a", "b"]


def test_jobs_are_futures(client: Client) -> None:
    jobs = {client.submit(word, api_name="/echo"): word for word in "abc"}
    assert wait(jobs).not_done == set()
    for job in as_completed(jobs):
        assert job.result() == jobs[job]  # type: ignore[index] # the futures are the jobs


def test_a_callback_gets_each_output_as_an_argument(client: Client) -> None:
    got: SimpleQueue[Any] = SimpleQueue()
    client.submit("abc", 2, api_name="/multi", result_callbacks=lambda *outputs: got.put(outputs[:2]))
    assert got.get() == ("cba", 4)


def test_a_callback_may_call_the_client(client: Client) -> None:
    got: SimpleQueue[Any] = SimpleQueue()

    def call_again(answer: str) -> None:
        got.put(client.predict(answer + "!", api_name="/echo"))

    client.submit("hello", api_name="/echo", result_callbacks=[call_again])
    assert got.get() == "hello!"


def test_a_callback_that_raises_disturbs_nobody(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    got: SimpleQueue[Any] = SimpleQueue()

    def stumble(answer: str) -> None:
        raise RuntimeError(answer)

    with caplog.at_level(logging.ERROR, "gradio_client"):
        job = client.submit("hello", api_name="/echo", result_callbacks=[stumble, got.put])
        assert got.get() == "hello"
    assert job.result() == "hello"
    assert [record.name for record in caplog.records] == ["gradio_client.portal"]


def test_no_callback_is_called_for_a_failure(client: Client) -> None:
    ended: SimpleQueue[Any] = SimpleQueue()
    results: list[Any] = []
    job = client.submit("no", "Oh", api_name="/raise_error", result_callbacks=results.append)
    job.add_done_callback(ended.put)
    assert ended.get() is job
    assert results == []


def test_a_failing_generator_gives_its_outputs_first(client: Client) -> None:
    job = client.submit(2, api_name="/error_after_yield")
    assert (next(job), next(job)) == (0, 1)
    with pytest.raises(AppError, match="it broke on the way"):
        next(job)
    status = job.status()
    assert (status.code, status.success) == (Status.FINISHED, False)


def test_a_cancelled_job_is_over_for_its_owner_at_once(client: Client) -> None:
    job = client.submit(*ENDLESS, api_name="/slow_iterate")
    assert next(job) == 0
    assert job.cancel()
    assert job.cancelled()
    assert job.status().code is Status.CANCELLED
    with pytest.raises(CancelledError):
        job.result()
    assert len(list(job)) < 3  # what came before, and no error


def test_cancelling_stops_the_servers_generator(
    client: Client, eventually: Callable[[Callable[[], object]], None]
) -> None:
    def counted() -> int:
        steps: int = client.predict("slow_iterate", api_name="/ticks")
        return steps

    def stands_still() -> bool:
        before = counted()
        time.sleep(0.2)  # four steps
        return counted() == before

    eventually(stands_still)  # another test may have left one
    before = counted()
    job = client.submit(*ENDLESS, api_name="/slow_iterate")
    next(job)
    job.cancel()
    eventually(stands_still)
    assert before < counted() < before + ENDLESS[0]


def test_a_cancelled_job_leaves_the_others_alone(client: Client) -> None:
    other = client.submit("why?", 10, 0.02, api_name="/llm_chat")
    job = client.submit(*ENDLESS, api_name="/count")
    next(job)
    job.cancel()
    assert other.result()
    assert client.predict("still here", api_name="/echo") == "still here"


def test_a_finished_job_cannot_be_cancelled(client: Client) -> None:
    job = client.submit("hello", api_name="/echo")
    assert job.result() == "hello"
    assert not job.cancel()
    assert job.result() == "hello"


def is_status(update: StatusUpdate | OutputUpdate) -> bool:
    return isinstance(update, StatusUpdate)


def updates(job: Job) -> list[Any]:
    async def collect() -> list[Any]:
        return [update async for update in job]

    return asyncio.run(collect())
