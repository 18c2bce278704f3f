"""Cancelled jobs on real servers: they stop, and nothing else does (protocol sections 8.3 to 8.5)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from gradio_client import Client
from gradio_client.exceptions import DeadlineError
from gradio_client.utils import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from servers.process import Server

    Eventually = Callable[[Callable[[], object]], None]

SHORT = (20, 0.05)  # a second
LONG = (200, 0.05)  # ten seconds


@pytest.fixture
def apart(kitchen_sink: Server) -> Iterator[Client]:
    """A client of its own: what it leaves on the server disturbs no other test."""
    with Client(kitchen_sink.url, verbose=False, download_files=False) as client:
        yield client


def steps(client: Client) -> int:
    counted: int = client.predict("slow_iterate", api_name="/ticks")
    return counted


def stood_still(client: Client) -> bool:
    before = steps(client)
    time.sleep(0.2)  # four steps
    return steps(client) == before


def waits(job: object) -> bool:
    return job.status().code is Status.IN_QUEUE  # type: ignore[attr-defined]  # of either face


def test_siblings_of_a_cancelled_job_get_their_results(apart: Client, eventually: Eventually) -> None:
    job = apart.submit(*SHORT, api_name="/slow_iterate")
    next(job)
    siblings = [apart.submit(3, 0, api_name="/slow_iterate") for _ in range(3)]
    eventually(lambda: waits(siblings[-1]))
    assert job.cancel()
    assert siblings[1].cancel()
    assert [siblings[at].result() for at in (0, 2)] == [2, 2]


def test_a_job_that_is_cancelled_in_the_queue_disturbs_nothing_when_its_turn_comes(
    apart: Client, client: Client, eventually: Eventually
) -> None:
    first = client.submit(*SHORT, api_name="/slow_iterate")
    next(first)
    queued = apart.submit(*LONG, api_name="/slow_iterate")
    eventually(lambda: waits(queued))
    assert queued.cancel()
    beside = apart.submit(1.5, api_name="/nap")  # on the stream that the cancelled one may still use
    assert first.result() == SHORT[0] - 1
    assert beside.result()
    eventually(lambda: stood_still(apart))


def test_a_deadline_stops_the_servers_generator(apart: Client, eventually: Eventually) -> None:
    with pytest.raises(DeadlineError):
        apart.predict(*LONG, api_name="/slow_iterate", timeout=0.4)
    eventually(lambda: stood_still(apart))


def test_closing_right_after_cancelling_stops_the_servers_generator(
    kitchen_sink: Server, client: Client, eventually: Eventually
) -> None:
    eventually(lambda: stood_still(client))
    before = steps(client)
    with Client(kitchen_sink.url, verbose=False) as other:
        job = other.submit(*LONG, api_name="/slow_iterate")
        next(job)
        job.cancel()
    eventually(lambda: stood_still(client))
    assert steps(client) < before + LONG[0] / 2
