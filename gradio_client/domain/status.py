"""The status of a job as users of ``Job.status()`` see it.

Names, values, field order and defaults are those of ``gradio_client`` 2.7.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Literal

from gradio_client.domain.progress import ProgressUnit

if TYPE_CHECKING:
    from datetime import datetime

    from gradio_client.domain.values import Json

__all__ = ["OutputUpdate", "ProgressUnit", "Status", "StatusUpdate"]


class Status(Enum):
    """Where a job stands. Members compare by the order in which a job passes them."""

    STARTING = "STARTING"
    JOINING_QUEUE = "JOINING_QUEUE"
    QUEUE_FULL = "QUEUE_FULL"
    IN_QUEUE = "IN_QUEUE"
    SENDING_DATA = "SENDING_DATA"
    PROCESSING = "PROCESSING"
    ITERATING = "ITERATING"
    PROGRESS = "PROGRESS"
    FINISHED = "FINISHED"
    CANCELLED = "CANCELLED"
    LOG = "LOG"

    @staticmethod
    def ordering(status: Status) -> int:
        """The place of a status in a job's life; ``LOG``, which has none, counts as ``PROGRESS``."""
        return _ORDER[status]

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Status):
            return NotImplemented
        return _ORDER[self] < _ORDER[other]

    @staticmethod
    def msg_to_status(msg: str) -> Status:
        """The status that a message's ``msg`` means; ``PROCESSING`` for kinds of the future."""
        return _BY_MSG.get(msg, Status.PROCESSING)


_ORDER = {
    Status.STARTING: 0,
    Status.JOINING_QUEUE: 1,
    Status.QUEUE_FULL: 2,
    Status.IN_QUEUE: 3,
    Status.SENDING_DATA: 4,
    Status.PROCESSING: 5,
    Status.PROGRESS: 6,
    Status.LOG: 6,
    Status.ITERATING: 7,
    Status.FINISHED: 8,
    Status.CANCELLED: 9,
}

_BY_MSG = {
    "send_hash": Status.JOINING_QUEUE,
    "queue_full": Status.QUEUE_FULL,
    "estimation": Status.IN_QUEUE,
    "send_data": Status.SENDING_DATA,
    "process_starts": Status.PROCESSING,
    "process_generating": Status.ITERATING,
    "process_streaming": Status.ITERATING,
    "process_completed": Status.FINISHED,
    "progress": Status.PROGRESS,
    "log": Status.LOG,
    "server_stopped": Status.FINISHED,
    "Server stopped unexpectedly.": Status.FINISHED,  # the name of that message in 2.7.2
    "unexpected_error": Status.FINISHED,
    "close_stream": Status.FINISHED,
}


@dataclass
class StatusUpdate:
    """What ``Job.status()`` returns.

    Attributes:
        code: where the job stands.
        rank: how many jobs are before this one in the queue; 0 is the next.
        queue_size: how many jobs wait in all.
        eta: seconds until this job is expected to be finished.
        success: whether the step went well, once that is known.
        time: when the message arrived.
        progress_data: the bars of ``gr.Progress``, outermost first.
        log: a toast of the app, as (text, level).
        type: always ``"status"``.
    """

    code: Status
    rank: int | None
    queue_size: int | None
    eta: float | None
    success: bool | None
    time: datetime | None
    progress_data: list[ProgressUnit] | None
    log: tuple[str, str] | None = None
    type: Literal["status", "output"] = "status"


@dataclass
class OutputUpdate:
    """A value that a job yielded, or its last one.

    Attributes:
        outputs: what ``Job.result()`` would return, had this been the last one; of a client with
            ``_skip_components=False``, in the last update, the server's message ``{"data": [...]}``.
        success: whether the step went well.
        type: always ``"output"``.
        final: whether the job is over.
    """

    outputs: Json
    success: bool
    type: Literal["output"] = "output"
    final: bool = False
