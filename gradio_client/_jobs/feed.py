"""What has happened to one job so far, and whoever listens to it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from gradio_client.domain.events import Cancelled, Completed, Failed, JobEvent, Output, outdates
from gradio_client.domain.status import Status, StatusUpdate

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradio_client.domain.values import Json

logger = logging.getLogger("gradio_client.job")

_ENDS = (Completed, Failed, Cancelled)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened, and the job's status from then on."""

    event: JobEvent
    status: StatusUpdate


class JobFeed:
    """The entries of one job, in order. Used on the event loop's thread only.

    The last entry is a ``Completed``, ``Failed`` or ``Cancelled``; nothing is added after it. Of places in
    the queue, and of progress, that follow each other without anything in between, the last is kept.

    Attributes:
        entries: what is kept.
        outputs: the values of all ``Output`` events.
        status: the latest status.
        ended: whether the job has a result, an error or a cancellation.
    """

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.outputs: list[Json] = []
        self.status = bare_status(Status.STARTING)
        self.ended = False
        self._listeners: tuple[Callable[[Entry], None], ...] = ()

    def note(self, status: StatusUpdate) -> None:
        """Change the status without an event of its own."""
        self.status = status

    def publish(self, event: JobEvent) -> None:
        """Add an event and tell the listeners; ignored after the job's end."""
        if self.ended:
            return
        if isinstance(event, _ENDS):
            self.ended = True
            self.status = last_status(event)
        entry = Entry(event, self.status)
        self._keep(entry)
        if isinstance(event, Output):
            self.outputs.append(event.value)
        for listener in self._listeners:
            try:
                listener(entry)
            except Exception:  # one that fails must not keep the news from the others
                logger.exception("a listener of a job failed")
        if self.ended:
            self._listeners = ()  # a job and its feed must not keep each other alive

    def subscribe(self, listener: Callable[[Entry], None]) -> None:
        """Call a listener with the entries there were, without what was soon outdated, and all to come."""
        for entry in self.entries:
            listener(entry)
        self._listeners += (listener,)

    def unsubscribe(self, listener: Callable[[Entry], None]) -> None:
        """Stop calling a listener; nothing happens if it was not subscribed."""
        self._listeners = tuple(other for other in self._listeners if other != listener)

    def _keep(self, entry: Entry) -> None:
        # A server tells every job in its queue whenever one starts: of 10,000 jobs that is 50 million times.
        if self.entries and outdates(entry.event, self.entries[-1].event):
            self.entries[-1] = entry
        else:
            self.entries.append(entry)


def is_end(event: JobEvent) -> bool:
    """Whether an event is the last one of its job."""
    return isinstance(event, _ENDS)


def last_status(end: Completed | Failed | Cancelled) -> StatusUpdate:
    """The status of a job that has ended in this way."""
    if isinstance(end, Cancelled):
        return bare_status(Status.CANCELLED, rank=0, success=False)
    return bare_status(Status.FINISHED, rank=0, success=isinstance(end, Completed))


def bare_status(code: Status, *, rank: int | None = None, success: bool | None = None) -> StatusUpdate:
    """A status that no message of the server stands behind."""
    return StatusUpdate(
        code=code,
        rank=rank,
        queue_size=None,
        eta=None,
        success=success,
        time=datetime.now(),  # noqa: DTZ005 - local time, as gradio_client 2.7.2 gives
        progress_data=None,
    )
