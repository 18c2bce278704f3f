from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import threading
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import FakeApp, completed, failing, generating
from gradio_client_contract_tests.server import until

from gradio_client.exceptions import AppError, ClientClosedError
from gradio_client.utils import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.conftest import Connect, Submit

    from gradio_client import Client

WAIT = 10  # seconds that a job may take before a test fails


def in_thread(act: Callable[[], Any]) -> concurrent.futures.Future[Any]:
    found: concurrent.futures.Future[Any] = concurrent.futures.Future()

    def run() -> None:
        try:
            found.set_result(act())
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            found.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return found


def test_a_job_is_a_future(client: Client) -> None:
    job = client.submit("done", api_name="/echo")
    assert isinstance(job, concurrent.futures.Future)
    assert job.result(WAIT) == "done"
    assert (job.done(), job.running(), job.cancelled(), job.exception()) == (True, False, False, None)


def test_result_waits_no_longer_than_it_is_told(running: Submit) -> None:
    job = running()
    with pytest.raises(TimeoutError):
        job.result(timeout=0.01)
    with pytest.raises(TimeoutError):
        job.exception(timeout=0.01)
    assert job.running()


def test_a_job_goes_on_after_a_timeout(running: Submit, app: FakeApp) -> None:
    job = running()
    with pytest.raises(TimeoutError):
        job.result(timeout=0.01)
    app.say(completed("e1", "done"))
    assert job.result(WAIT) == "done"


def test_wait_and_as_completed_take_jobs(running: Submit, app: FakeApp) -> None:
    slow, fast = running(), running()
    app.say(completed("e2", "fast"))
    done, _ = concurrent.futures.wait([slow, fast], WAIT, concurrent.futures.FIRST_COMPLETED)
    assert done == {fast}
    app.say(completed("e1", "slow"))
    assert set(concurrent.futures.as_completed([slow, fast], WAIT)) == {slow, fast}


def test_wait_sees_a_cancelled_job(running: Submit) -> None:
    job = running()
    waiting = in_thread(lambda: concurrent.futures.wait([job], WAIT))
    job.cancel()
    assert waiting.result(WAIT).done == {job}


def test_a_failed_job_raises_every_time(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, _: [failing(event, "bad")]
    job = client.submit(1, api_name="/echo")
    for _ in range(2):
        with pytest.raises(AppError, match="bad"):
            job.result(WAIT)
    assert isinstance(job.exception(), AppError)
    assert job.status().success is False


def test_callbacks_before_and_after_the_end_are_called_once_with_the_job(
    running: Submit, app: FakeApp
) -> None:
    called: list[Any] = []
    job = running()
    job.add_done_callback(called.append)
    app.say(completed("e1", 1))
    assert until(lambda: called == [job])
    job.add_done_callback(called.append)
    assert until(lambda: called == [job, job])


def test_a_callback_after_the_end_runs_where_the_others_do(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, body: [completed(event, 1)]
    job = client.submit(1, api_name="/echo")
    assert job.result(10) == 1
    threads: list[str] = []
    job.add_done_callback(lambda _: threads.append(threading.current_thread().name))
    assert until(lambda: threads == ["gradio-client-callbacks"])


def test_a_callback_after_the_end_of_the_client_is_called(connect: Connect, app: FakeApp) -> None:
    app.on_join = lambda event, body: [completed(event, 1)]
    called: list[Any] = []
    with connect() as client:
        job = client.submit(1, api_name="/echo", result_callbacks=called.append)
        assert job.result(10) == 1
    job.add_done_callback(called.append)
    assert until(lambda: called == [1, job])


def test_callbacks_of_a_cancelled_job_are_called(running: Submit) -> None:
    called: list[Any] = []
    job = running()
    job.add_done_callback(called.append)
    job.cancel()
    assert until(lambda: called == [job])


def test_a_callback_may_call_the_client_and_wait(client: Client) -> None:
    found: list[Any] = []
    job = client.submit(1, api_name="/echo")
    job.add_done_callback(lambda _: found.append(client.predict("inner", api_name="/echo")))
    assert until(lambda: found == ["inner"])


def test_a_callback_may_await_another_job(client: Client, app: FakeApp) -> None:
    found: list[Any] = []

    async def ask() -> Any:
        return await client.submit("inner", api_name="/echo")

    job = client.submit(1, api_name="/echo")
    job.add_done_callback(lambda _: found.append(asyncio.run(ask())))
    assert until(lambda: found == ["inner"])


@pytest.mark.parametrize("error", [ZeroDivisionError, SystemExit])
def test_an_error_in_a_callback_is_logged_and_hurts_no_other(
    running: Submit, app: FakeApp, caplog: pytest.LogCaptureFixture, error: type[BaseException]
) -> None:
    called: list[Any] = []

    def fail(_: object) -> None:
        raise error

    job = running()
    job.add_done_callback(fail)
    job.add_done_callback(called.append)
    with caplog.at_level(logging.ERROR, "gradio_client.portal"):
        app.say(completed("e1", 1))
        assert until(lambda: called == [job])
    assert error.__name__ in caplog.text


def test_result_callbacks_get_the_outputs(client: Client) -> None:
    found: list[Any] = []
    client.submit(
        "a", api_name="/echo", result_callbacks=[found.append, lambda value: found.append(value * 2)]
    )
    assert until(lambda: found == ["a", "aa"])


def test_result_callbacks_are_not_called_for_failures(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, _: [failing(event, "bad")]
    found: list[Any] = []
    job = client.submit(1, api_name="/echo", result_callbacks=found.append)
    assert isinstance(job.exception(WAIT), AppError)
    app.on_join = lambda event, _: [completed(event, 2)]
    client.submit(1, api_name="/echo", result_callbacks=found.append)
    assert until(lambda: found == [2])


def test_a_result_callback_that_is_no_function_is_refused_at_once(client: Client, app: FakeApp) -> None:
    with pytest.raises(TypeError, match="result_callbacks="):
        client.submit(1, api_name="/echo", result_callbacks=["no function"])  # type: ignore[list-item]
    assert app.bodies == []


def yielding(event: str, _: Any) -> list[Any]:
    return [generating(event, "a"), generating(event, [["append", [], "b"]]), completed(event, "ab")]


def test_iterating_gives_each_output_once(client: Client, app: FakeApp) -> None:
    app.on_join = yielding
    job = client.submit(1, api_name="/echo")
    assert list(job) == ["a", "ab"]
    assert list(job) == []
    assert job.outputs() == ["a", "ab"]


def test_iterating_a_plain_function_gives_its_result(client: Client) -> None:
    assert list(client.submit("x", api_name="/echo")) == ["x"]


def test_whoever_hears_of_the_end_finds_the_job_done(client: Client) -> None:
    for ended in (lambda job: list(job.events()), list, lambda job: job.result(WAIT)) * 100:
        job = client.submit("done", api_name="/echo")
        ended(job)
        assert job.done()
        assert job.status().code is Status.FINISHED


def test_two_threads_share_the_outputs_and_both_end(running: Submit, app: FakeApp) -> None:
    job = running()
    takers = [in_thread(lambda: list(job)) for _ in range(2)]
    app.say(*(generating("e1", [["replace", [], at]]) if at else generating("e1", 0) for at in range(50)))
    app.say(completed("e1", 49))
    taken = [value for taker in takers for value in taker.result(WAIT)]
    assert sorted(taken) == list(range(50))


def test_iterating_a_failed_job_raises_after_its_outputs_every_time(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, _: [generating(event, "a"), failing(event, "bad")]
    job = client.submit(1, api_name="/echo")
    assert next(job) == "a"
    for _ in range(3):
        with pytest.raises(AppError, match="bad"):
            next(job)


def test_an_output_that_is_changed_does_not_change_later_ones(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, _: [
        generating(event, ["a"]),
        generating(event, [["add", [1], "b"]]),
        completed(event, ["a", "b"]),
    ]
    job = client.submit(1, api_name="/echo")
    next(job).clear()
    assert next(job) == ["a", "b"]


def test_the_list_of_outputs_is_the_callers(client: Client) -> None:
    job = client.submit("x", api_name="/echo")
    job.result(WAIT)
    job.outputs().clear()
    assert job.outputs() == ["x"]


def test_the_status_follows_the_job(running: Submit, app: FakeApp) -> None:
    job = running()
    assert job.status().code is Status.STARTING
    app.say({"msg": "estimation", "event_id": "e1", "rank": 2, "queue_size": 3, "rank_eta": 1.5})
    assert until(lambda: job.status().code is Status.IN_QUEUE)
    assert (job.status().rank, job.status().queue_size, job.status().eta) == (2, 3, 1.5)
    app.say({"msg": "process_starts", "event_id": "e1"})
    assert until(lambda: job.status().code is Status.PROCESSING)
    app.say(completed("e1", 1))
    job.result(WAIT)
    assert (job.status().code, job.status().success) == (Status.FINISHED, True)


def test_closing_the_client_fails_its_jobs(running: Submit, client: Client) -> None:
    job = running()
    client.close()
    assert isinstance(job.exception(WAIT), ClientClosedError)
    assert not job.cancel()
    with pytest.raises(ClientClosedError):
        list(job)


def test_a_repr_shows_endpoint_and_status(running: Submit, app: FakeApp) -> None:
    job = running("secret")
    assert repr(job) == "<Job /echo STARTING>"
    app.say(completed("e1", "secret"))
    job.result(WAIT)
    assert repr(job) == "<Job /echo FINISHED>"


def test_a_cancelled_job_has_no_result(running: Submit) -> None:
    job = running()
    assert job.cancel()
    for ask in (job.result, job.exception):
        with pytest.raises(CancelledError):
            ask()


def test_iterating_a_cancelled_job_just_ends(running: Submit) -> None:
    job = running()
    assert job.cancel()
    assert list(job) == []
