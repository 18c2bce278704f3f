"""A plugin or an ``auth`` function runs on the thread of all clients' loop: to wait there would never end."""

from __future__ import annotations

from queue import SimpleQueue
from typing import TYPE_CHECKING

import pytest
from core.fake_app import FakeApp, completed

from gradio_client.domain.events import Completed

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradio_client import Client, Job

WAITS: dict[str, Callable[[Client, Job], object]] = {
    "predict": lambda client, _: client.predict(1, api_name="/echo"),
    "map": lambda client, _: list(client.map("/echo", [1])),
    "result": lambda _, job: job.result(),
    "exception": lambda _, job: job.exception(),
    "iteration": lambda _, job: next(job),
    "events": lambda _, job: list(job.events()),
}


def on_the_loop(client: Client, act: Callable[[], object]) -> object:
    """What a function returns or raises on the loop's thread, as in a plugin or an ``auth`` function."""
    came: SimpleQueue[object] = SimpleQueue()

    def run() -> None:
        try:
            came.put(act())
        except RuntimeError as error:
            came.put(error)

    client._portal.post(run)
    return came.get(timeout=10)


@pytest.mark.parametrize("wait", WAITS.values(), ids=WAITS)
def test_waiting_for_a_job_on_the_loops_own_thread_is_refused(
    app: FakeApp, client: Client, wait: Callable[[Client, Job], object]
) -> None:
    app.on_join = lambda event, body: []
    job = client.submit(1, api_name="/other")
    assert "AsyncClient" in str(on_the_loop(client, lambda: wait(client, job)))


def test_what_is_known_of_a_job_can_be_had_on_the_loops_own_thread(app: FakeApp, client: Client) -> None:
    app.on_join = lambda event, body: [completed(event, *body["data"])]
    job = client.submit("done", api_name="/echo")
    assert job.result(10) == "done"
    assert on_the_loop(client, lambda: (job.result(), next(job))) == ("done", "done")
    assert on_the_loop(client, lambda: list(job.events())[-1]) == Completed("done")
