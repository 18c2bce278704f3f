"""What a job remembers of what happened to it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from gradio_client._jobs.feed import JobFeed
from gradio_client.domain.events import Completed, Output, Progressed, Queued, Started

if TYPE_CHECKING:
    import pytest

    from gradio_client._jobs.feed import Entry
    from gradio_client.domain.events import JobEvent

STORY: list[JobEvent] = [
    Queued(2, 3, 1.0),
    Queued(1, 2, 1.0),
    Queued(0, 1, 1.0),
    Started(1.0),
    Progressed(()),
    Progressed(()),
    Output("a"),
    Output("b"),
    Progressed(()),
    Completed("b"),
]
KEPT = [STORY[2], STORY[3], *STORY[5:]]


def told(feed: JobFeed) -> list[JobEvent]:
    events: list[JobEvent] = []

    def listen(entry: Entry) -> None:
        events.append(entry.event)

    feed.subscribe(listen)
    return events


def test_who_listens_from_the_beginning_hears_everything() -> None:
    feed = JobFeed()
    events = told(feed)
    for event in STORY:
        feed.publish(event)
    assert events == STORY


def test_who_listens_later_hears_what_was_not_soon_outdated() -> None:
    feed = JobFeed()
    for event in STORY:
        feed.publish(event)
    assert told(feed) == KEPT


def test_places_in_a_long_queue_take_no_memory() -> None:
    feed = JobFeed()
    for rank in range(1000, 0, -1):
        feed.publish(Queued(rank, 1000, None))
    assert [entry.event for entry in feed.entries] == [Queued(1, 1000, None)]


def test_a_listener_that_fails_is_logged_and_the_others_hear_everything(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(entry: Entry) -> None:
        raise RuntimeError("deaf")

    feed = JobFeed()
    feed.subscribe(fail)
    events = told(feed)
    with caplog.at_level(logging.ERROR, "gradio_client.job"):
        for event in STORY:
            feed.publish(event)
    assert events == STORY
    assert len(caplog.records) == len(STORY)
