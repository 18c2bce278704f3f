"""Everything that happens to a job, told once and in order, on both faces."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING, Any

from core.fake_app import FakeApp, Message, completed, failing, generating
from gradio_client_contract_tests.server import until

from gradio_client import AsyncClient, Client
from gradio_client.domain import job as domain_job
from gradio_client.domain.events import (
    Cancelled,
    Completed,
    Failed,
    JobEvent,
    Logged,
    Output,
    Progressed,
    Queued,
    Started,
)
from gradio_client.exceptions import AppError, ConnectionLost

if TYPE_CHECKING:
    import pytest
    from core.conftest import Submit

WAIT = 10  # seconds that a job may take before a test fails


def queued(event_id: str, rank: int) -> Message:
    return {"msg": "estimation", "event_id": event_id, "rank": rank, "queue_size": 9, "rank_eta": rank * 2.0}


def progressed(event_id: str, index: int) -> Message:
    unit = {"index": index, "length": 4, "unit": "steps", "progress": None, "desc": "working"}
    return {"msg": "progress", "event_id": event_id, "progress_data": [unit]}


def logged(event_id: str, text: str) -> Message:
    rest = {"level": "warning", "title": "Mind", "duration": 3, "visible": True}
    return {"msg": "log", "event_id": event_id, "log": text, **rest}


def story(event: str) -> list[Message]:
    return [
        *(queued(event, rank) for rank in (3, 2, 1, 0)),
        {"msg": "process_starts", "event_id": event, "eta": 1.5},
        progressed(event, 1),
        progressed(event, 2),
        logged(event, "one"),
        logged(event, "one"),
        generating(event, "a"),
        progressed(event, 3),
        generating(event, [["append", [], "b"]]),
        completed(event, "ab"),
    ]


KINDS = [Queued] * 4 + [
    Started,
    Progressed,
    Progressed,
    Logged,
    Logged,
    Output,
    Progressed,
    Output,
    Completed,
]


def check(events: list[JobEvent]) -> None:
    assert [type(event) for event in events] == KINDS
    assert [event.rank for event in events if isinstance(event, Queued)] == [3, 2, 1, 0]
    assert events[0] == Queued(rank=3, queue_size=9, eta=6.0)
    assert events[4] == Started(eta=1.5)
    assert [event.units[0].index for event in events if isinstance(event, Progressed)] == [1, 2, 3]
    assert events[7] == events[8] == Logged("one", "warning", "Mind", 3, visible=True)
    assert [event.value for event in events if isinstance(event, Output)] == ["a", "ab"]
    assert events[-1] == Completed("ab")


class Following:
    """Events of a job, taken on a thread of their own."""

    def __init__(self, events: Any) -> None:
        self.seen: list[JobEvent] = []
        self._events = events
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def to_the_end(self) -> list[JobEvent]:
        self._thread.join(WAIT)
        return self.seen

    def _follow(self) -> None:
        self.seen.extend(self._events)


def test_who_follows_from_the_beginning_sees_every_message_once(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, _: []
    job = client.submit(1, api_name="/echo")
    following = Following(job.events())
    assert app.joined.acquire(timeout=WAIT)
    app.say(*story("e1"))
    check(following.to_the_end())


def test_several_who_follow_see_the_same(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, _: []
    job = client.submit(1, api_name="/echo")
    followings = [Following(job.events()) for _ in range(3)]
    assert app.joined.acquire(timeout=WAIT)
    app.say(*story("e1"))
    for following in followings:
        check(following.to_the_end())


def test_who_comes_late_sees_all_but_what_was_soon_outdated(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, _: story(event)
    job = client.submit(1, api_name="/echo")
    job.result(WAIT)
    kinds = [type(event) for event in job.events()]
    assert kinds == [Queued, Started, Progressed, Logged, Logged, Output, Progressed, Output, Completed]


def test_following_may_begin_after_the_client_has_closed(client: Client) -> None:
    job = client.submit(1, api_name="/echo")
    job.result(WAIT)
    client.close()
    assert [type(event) for event in job.events()] == [Output, Completed]


def test_who_leaves_early_disturbs_nobody(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, _: []
    job = client.submit(1, api_name="/echo")
    events = job.events()
    assert app.joined.acquire(timeout=WAIT)
    app.say(queued("e1", 3))
    assert next(events) == Queued(3, 9, 6.0)
    events.close()  # type: ignore[attr-defined]  # it is a generator
    app.say(completed("e1", "done"))
    assert job.result(WAIT) == "done"


def test_a_failure_is_the_last_event(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, _: [generating(event, 1), failing(event, "bad")]
    *_, last = client.submit(1, api_name="/echo").events()
    assert isinstance(last, Failed)
    assert isinstance(last.error, AppError)


def test_a_cancellation_is_the_last_event(running: Submit) -> None:
    job = running()
    job.cancel()
    assert list(job.events()) == [Cancelled()]


def test_the_views_of_a_job_agree_with_its_events(client: Client, app: FakeApp) -> None:
    app.on_join = lambda event, _: story(event)
    job = client.submit(1, api_name="/echo")
    values = [event.value for event in job.events() if isinstance(event, Output)]
    assert values == job.outputs() == list(job)
    assert job.status().code.value == "FINISHED"


def test_an_async_job_tells_every_message_once(app: FakeApp) -> None:
    app.on_join = lambda event, _: story(event)

    async def main() -> list[JobEvent]:
        async with AsyncClient(app.url) as client:
            return [event async for event in client.submit(1, api_name="/echo").events()]

    check(asyncio.run(asyncio.wait_for(main(), WAIT)))


def test_a_callback_that_fails_is_reported_and_the_next_one_runs(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    called = threading.Event()

    def bad(_: Any) -> None:
        raise ZeroDivisionError

    client.submit(1, api_name="/echo", result_callbacks=[bad, lambda _: called.set()])
    assert called.wait(WAIT)
    (record,) = [record for record in caplog.records if record.name == "gradio_client.portal"]
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError


def test_a_callback_may_call_the_client_and_wait(client: Client) -> None:
    found: list[Any] = []
    client.submit(
        1,
        api_name="/echo",
        result_callbacks=lambda value: found.append(client.predict(value + 1, api_name="/echo")),
    )
    assert until(lambda: found == [2])


def test_what_nobody_foresaw_ends_every_job_of_the_stream(
    running: Submit, app: FakeApp, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    jobs = [running(), running()]
    assert until(lambda: all(job._run is not None and job._run.event_id for job in jobs))

    def broken(text: str) -> None:
        raise ZeroDivisionError(text[:0])

    monkeypatch.setattr("gradio_client._jobs.streams.parse_message", broken)
    app.say(queued("e1", 1))
    for job in jobs:
        error = job.exception(WAIT)
        assert isinstance(error, ConnectionLost)
        assert "ZeroDivisionError" in str(error)
    assert any(record.levelno == logging.ERROR for record in caplog.records)


def test_what_nobody_foresaw_in_one_job_ends_that_job(
    running: Submit, app: FakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = running("one"), running("other", api_name="/other")

    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(domain_job.JobState, "received", broken)
    app.say(queued("e1", 1))
    assert isinstance(one.exception(WAIT), ZeroDivisionError)
    monkeypatch.undo()
    app.say(completed("e2", "fine"))
    assert other.result(WAIT) == "fine"
