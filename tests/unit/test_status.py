from __future__ import annotations

import dataclasses
import itertools
from datetime import UTC, datetime

import pytest

from gradio_client.domain import messages as wire
from gradio_client.domain.status import OutputUpdate, ProgressUnit, Status, StatusUpdate
from gradio_client.domain.status_of_messages import status_update

NOW = datetime(2026, 11, 23, tzinfo=UTC)
BAR = ProgressUnit(1, 2, "steps", None, None)


def test_the_statuses_are_those_of_gradio_client_2_7_2() -> None:
    names = (
        "STARTING JOINING_QUEUE QUEUE_FULL IN_QUEUE SENDING_DATA PROCESSING ITERATING PROGRESS "
        "FINISHED CANCELLED LOG"
    )
    assert [(status.name, status.value) for status in Status] == [(name, name) for name in names.split()]


def test_statuses_are_ordered_as_a_job_passes_them() -> None:
    path = [
        Status.STARTING,
        Status.JOINING_QUEUE,
        Status.QUEUE_FULL,
        Status.IN_QUEUE,
        Status.SENDING_DATA,
        Status.PROCESSING,
        Status.PROGRESS,
        Status.ITERATING,
        Status.FINISHED,
        Status.CANCELLED,
    ]
    assert [Status.ordering(status) for status in path] == list(range(10))
    assert all(a < b for a, b in itertools.pairwise(path))
    assert not Status.FINISHED < Status.FINISHED


def test_every_status_can_be_ordered() -> None:
    assert min(Status, key=Status.ordering) is Status.STARTING
    assert Status.PROCESSING < Status.LOG < Status.FINISHED


def test_a_status_does_not_compare_with_other_things() -> None:
    with pytest.raises(TypeError):
        Status.LOG < 3  # noqa: B015


@pytest.mark.parametrize(
    ("msg", "status"),
    [
        ("send_hash", Status.JOINING_QUEUE),
        ("queue_full", Status.QUEUE_FULL),
        ("estimation", Status.IN_QUEUE),
        ("send_data", Status.SENDING_DATA),
        ("process_starts", Status.PROCESSING),
        ("process_generating", Status.ITERATING),
        ("process_completed", Status.FINISHED),
        ("progress", Status.PROGRESS),
        ("log", Status.LOG),
        ("Server stopped unexpectedly.", Status.FINISHED),
        ("process_streaming", Status.ITERATING),
        ("unexpected_error", Status.FINISHED),
        ("close_stream", Status.FINISHED),
        ("from_the_future", Status.PROCESSING),
    ],
)
def test_each_message_has_a_status(msg: str, status: Status) -> None:
    assert Status.msg_to_status(msg) is status


def update(code: Status, **fields: object) -> StatusUpdate:
    blank = StatusUpdate(code, None, None, None, None, NOW, None)
    return dataclasses.replace(blank, **fields)  # type: ignore[arg-type]  # one field at a time


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (wire.Estimation("a", 1, 2, 3.5), update(Status.IN_QUEUE, rank=1, queue_size=2, eta=3.5)),
        (wire.ProcessStarts("a", 9.0), update(Status.PROCESSING)),
        (wire.Progress("a", (BAR,)), update(Status.PROGRESS, progress_data=[BAR])),
        (wire.Progress("a", ()), update(Status.PROGRESS, progress_data=[])),
        (wire.Log("a", "Hi", "info", "T", 1, visible=True), update(Status.LOG, log=("Hi", "info"))),
        (wire.Log("a", "", "info", None, 1, visible=True), update(Status.LOG)),
        (wire.Generating("a", [1], success=True), update(Status.ITERATING, success=True)),
        (wire.Streaming("a", [1], success=True), update(Status.ITERATING, success=True)),
        (wire.Completed("a", {}, success=False, title=None), update(Status.FINISHED, success=False)),
        (wire.SendData("a"), update(Status.SENDING_DATA)),
        (wire.QueueFull(), update(Status.QUEUE_FULL)),
        (wire.UnexpectedError("gone", session_not_found=True), update(Status.FINISHED, success=False)),
        (wire.Heartbeat(), None),
        (wire.CloseStream(), None),
    ],
)
def test_each_message_becomes_an_update(message: wire.Message, expected: StatusUpdate | None) -> None:
    assert status_update(message, NOW) == expected


def test_the_fields_of_updates_are_those_of_gradio_client_2_7_2() -> None:
    names = [field.name for field in dataclasses.fields(StatusUpdate)]
    assert names == ["code", "rank", "queue_size", "eta", "success", "time", "progress_data", "log", "type"]
    assert [field.name for field in dataclasses.fields(OutputUpdate)] == [
        "outputs",
        "success",
        "type",
        "final",
    ]
    assert update(Status.LOG).type == "status"
    assert OutputUpdate([1], success=True) == OutputUpdate([1], success=True, type="output", final=False)


def test_progress_bars_come_from_a_message_and_may_be_changed() -> None:
    (bar,) = ProgressUnit.from_msg(
        [{"index": 1, "length": None, "unit": "steps", "progress": 0.5, "more": 1}]
    )
    assert bar == ProgressUnit(1, None, "steps", 0.5, None)
    bar.desc = "mine"
    assert bar.desc == "mine"
