"""Cancelling where the server needs to be told later, or in another way (protocol sections 8.3 to 8.5)."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import FakeApp, completed, fake_app, generating, reply_json
from gradio_client_contract_tests.server import until

from gradio_client import Client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradio_client import Job

WAIT = 10  # seconds that something may take before a test fails


class Old:
    """An app of a certain version that answers no job by itself, and its client."""

    def __init__(self, app: FakeApp, client: Client) -> None:
        self.app = app
        self.client = client
        app.on_join = lambda event, body: []
        for name in ("cancel", "reset", "run/predict"):
            app.route(name, lambda connection, _: reply_json(connection, {"success": True}))

    def submit(self, api_name: str = "/echo") -> Job:
        job = self.client.submit(1, api_name=api_name)
        assert self.app.joined.acquire(timeout=WAIT)
        assert until(lambda: job._run is not None and job._run.event_id)
        return job

    def told(self, name: str) -> list[Any]:
        return [json.loads(seen.body) for seen in self.app.seen(name)]

    def start(self, event_id: str) -> None:
        self.app.say({"msg": "process_starts", "event_id": event_id, "eta": None})

    def sees_another_job_end(self, event_id: str) -> None:
        """What was said before has arrived by then."""
        job = self.submit("/other")
        self.app.say(completed(event_id, "done"))
        assert job.result(WAIT) == "done"


@contextmanager
def old(version: str, *, cancels: bool = False) -> Iterator[Old]:
    with fake_app(version=version, protocol="sse_v3") as app:
        if cancels:
            app.config["dependencies"][1]["cancels"] = [0]
        with Client(app.url, verbose=False) as client:
            yield Old(app, client)


def test_a_queued_job_is_cancelled_when_it_starts() -> None:
    with old("5.50.0") as server:
        assert server.submit().cancel()
        server.sees_another_job_end("e2")
        assert server.told("cancel") == []
        server.start("e1")
        assert until(lambda: server.told("cancel"))
        assert [body["event_id"] for body in server.told("cancel")] == ["e1"]


def test_a_job_that_runs_beside_a_sibling_is_cancelled_after_that() -> None:
    with old("5.50.0") as server:
        server.submit().cancel()
        sibling = server.submit()
        server.start("e1")
        server.sees_another_job_end("e3")
        assert server.told("cancel") == []
        server.app.say(completed("e2", "sibling"))
        assert sibling.result(WAIT) == "sibling"
        assert until(lambda: server.told("cancel"))
        assert [body["event_id"] for body in server.told("cancel")] == ["e1"]


def test_a_job_that_ends_beside_a_sibling_is_not_cancelled() -> None:
    with old("5.50.0") as server:
        server.submit().cancel()
        sibling = server.submit()
        server.start("e1")
        server.app.say(completed("e1", 1), completed("e2", "sibling"))
        assert sibling.result(WAIT) == "sibling"
        server.sees_another_job_end("e3")
        assert server.told("cancel") == []


def test_a_running_job_is_cancelled_when_its_queued_sibling_is_cancelled_too() -> None:
    with old("5.50.0") as server:
        running, queued = server.submit(), server.submit()
        server.app.say(generating("e1", 1))
        assert until(running.outputs)
        assert running.cancel()
        server.sees_another_job_end("e3")
        assert server.told("cancel") == []
        assert queued.cancel()
        assert until(lambda: server.told("cancel"))
        assert [body["event_id"] for body in server.told("cancel")] == ["e1"]


def test_a_running_job_is_cancelled_when_its_sibling_was_not_taken() -> None:
    refusing = threading.Event()

    def refuse(connection: Any, _: Any) -> None:
        assert refusing.wait(WAIT)
        reply_json(connection, {"detail": "no"}, "400 Bad Request")

    with old("5.50.0") as server:
        running = server.submit()
        server.app.say(generating("e1", 1))
        assert until(running.outputs)
        server.app.route("queue/join", refuse)
        sibling = server.client.submit(2, api_name="/echo")
        assert until(lambda: len(server.app.seen("queue/join")) == 2)
        assert running.cancel()
        refusing.set()
        assert sibling.exception(WAIT) is not None
        assert until(lambda: server.told("cancel"))
        assert [body["event_id"] for body in server.told("cancel")] == ["e1"]


def test_any_number_of_jobs_may_wait_for_one_sibling() -> None:
    many = 600  # more than a recursion could serve
    with old("5.50.0") as server:
        sibling = server.submit()
        jobs = [server.client.submit(1, api_name="/echo") for _ in range(many)]
        assert all(server.app.joined.acquire(timeout=WAIT) for _ in jobs)
        server.app.say(*(generating(f"e{at + 2}", 1) for at in range(many)))
        assert until(lambda: all(job.outputs() for job in jobs), WAIT)
        assert all(job.cancel() for job in jobs)
        server.app.say(completed("e1", "sibling"))
        assert sibling.result(WAIT) == "sibling"
        assert until(lambda: len(server.told("cancel")) == many, WAIT)


def test_of_several_that_were_cancelled_each_is_told_when_its_turn_comes() -> None:
    with old("5.50.0") as server:
        jobs = [server.submit() for _ in range(3)]
        assert all(job.cancel() for job in jobs)
        for name in ("e1", "e2", "e3"):
            server.start(name)
        assert until(lambda: len(server.told("cancel")) == 3)


def test_a_job_that_was_named_after_it_was_cancelled_is_cancelled_when_it_starts() -> None:
    with old("5.50.0") as server:
        join = server.app.join
        jobs: list[Job] = []

        def cancelled_meanwhile(connection: Any, seen: Any) -> None:
            assert until(lambda: jobs and jobs[0].cancel())
            join(connection, seen)

        server.app.route("queue/join", cancelled_meanwhile)
        jobs.append(server.client.submit(1, api_name="/echo"))
        assert server.app.joined.acquire(timeout=WAIT)
        server.app.route("queue/join", join)
        assert until(lambda: server.app.streams)
        server.start("e1")
        assert until(lambda: server.told("cancel"))


def test_a_running_job_is_cancelled_at_once() -> None:
    with old("4.44.1") as server:
        job = server.submit()
        server.start("e1")
        assert until(lambda: job.status().code.value == "PROCESSING")
        job.cancel()
        assert until(lambda: server.told("cancel"))


def test_closing_does_not_wait_for_a_cancelled_job_to_start() -> None:
    with old("5.50.0") as server:
        server.submit().cancel()
        server.client.close()
        assert server.told("cancel") == []


def test_a_session_ends_though_a_cancelled_job_has_not_started() -> None:
    with old("5.50.0") as server:
        server.submit().cancel()
        session = server.client._engine.main.session
        server.client.reset_session()
        assert until(lambda: session._reader is None)


def test_before_4_31_a_generator_is_stopped_by_reset_beside_siblings_too() -> None:
    with old("4.28.0") as server:
        job, _ = server.submit(), server.submit()
        server.app.say(generating("e1", 1))
        assert until(job.outputs)
        job.cancel()
        assert until(lambda: server.told("reset"))
        assert server.told("reset") == [{"event_id": "e1"}]
        assert server.told("cancel") == []


def test_before_4_31_a_job_is_reset_when_it_yields_first() -> None:
    with old("4.28.0") as server:
        server.submit().cancel()
        server.start("e1")
        server.sees_another_job_end("e2")
        assert server.told("reset") == []
        server.app.say(generating("e1", 1))
        assert until(lambda: server.told("reset"))


@pytest.mark.parametrize("yielded", [True, False])
def test_before_4_31_a_function_that_cancels_the_jobs_is_called(yielded: bool) -> None:  # noqa: FBT001
    with old("4.28.0", cancels=True) as server:
        job = server.submit()
        server.start("e1")
        if yielded:
            server.app.say(generating("e1", 1))
            assert until(job.outputs)
        job.cancel()
        if not yielded:
            server.sees_another_job_end("e2")
            assert server.told("run/predict") == []
            server.app.say(generating("e1", 1))
        assert until(lambda: server.told("run/predict"))
        expected = {"data": [], "fn_index": 1, "session_hash": server.client.session_hash}
        assert server.told("run/predict") == [expected]


def test_before_4_31_such_a_function_is_not_called_beside_a_sibling() -> None:
    with old("4.28.0", cancels=True) as server:
        job, sibling = server.submit(), server.submit()
        server.app.say(generating("e1", 1))
        assert until(job.outputs)
        job.cancel()
        assert until(lambda: server.told("reset"))
        assert server.told("run/predict") == []
        server.app.say(completed("e2", "sibling"))
        assert sibling.result(WAIT) == "sibling"
