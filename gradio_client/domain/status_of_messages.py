"""How the messages of a server become the status of a job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradio_client.domain import messages as wire
from gradio_client.domain.status import Status, StatusUpdate

if TYPE_CHECKING:
    from datetime import datetime

_CODES: dict[type, Status] = {
    wire.Estimation: Status.IN_QUEUE,
    wire.SendData: Status.SENDING_DATA,
    wire.QueueFull: Status.QUEUE_FULL,
    wire.ProcessStarts: Status.PROCESSING,
    wire.Progress: Status.PROGRESS,
    wire.Log: Status.LOG,
    wire.Generating: Status.ITERATING,
    wire.Streaming: Status.ITERATING,
    wire.Completed: Status.FINISHED,
    wire.UnexpectedError: Status.FINISHED,
}


def status_update(message: wire.Message, at: datetime) -> StatusUpdate | None:
    """The status that a message tells; None when it says nothing about one job.

    The expected seconds of ``process_starts`` are left out, as in 2.7.2: ``eta`` is the queue's.
    """
    code = _CODES.get(type(message))
    if code is None:
        return None
    update = StatusUpdate(code, None, None, None, None, at, None)
    match message:
        case wire.Estimation():
            update.rank, update.queue_size, update.eta = message.rank, message.queue_size, message.eta
        case wire.Generating() | wire.Streaming() | wire.Completed():
            update.success = message.success
        case wire.UnexpectedError():
            update.success = False
        case wire.Progress():
            update.progress_data = list(message.units)
        case wire.Log() if message.text and message.level:
            update.log = (message.text, message.level)
    return update
