"""What has happened to one job so far, and whoever listens to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from gradio_client.domain.events import Cancelled, Completed, Failed, JobEvent, Output, Progressed, Queued
from gradio_client.domain.status import Status, StatusUpdate

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradio_client.domain.values import Json


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened, and the job's status from then on."""

    event: JobEvent
    status: StatusUpdate


class JobFeed:
    """The entries of one job, in order. Used on the event loop's thread only.

    The last entry is a ``Completed``, ``Failed`` or ``Cancelled``; nothing is added after it. Of places in
    the queue, and of progress, that follow each other without anything in between, the last is kept.
    """

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.outputs: list[Json] = []
        self.status = bare_status(Status.STARTING)
        self._listeners: list[Callable[[Entry], None]] = []

    @property
    def ended(self) -> bool:
        """Whether the job has a result, an error or a cancellation."""
        return bool(self.entries) and is_end(self.entries[-1].event)

    def note(self, status: StatusUpdate) -> None:
        """Change the status without an event of its own."""
        self.status = status

    def publish(self, event: JobEvent) -> None:
        """Add an event and tell the listeners; ignored after the job's end."""
        if self.ended:
            return
        entry = Entry(event, self._status_after(event))
        self.status = entry.status
        self._keep(entry)
        if isinstance(event, Output):
            self.outputs.append(event.value)
        for listener in tuple(self._listeners):
            listener(entry)
        if is_end(event):
            self._listeners.clear()  # a job and its feed must not keep each other alive

    def subscribe(self, listener: Callable[[Entry], None]) -> None:
        """Call a listener with the entries there were, without what was soon outdated, and all to come."""
        for entry in self.entries:
            listener(entry)
        self._listeners.append(listener)

    def unsubscribe(self, listener: Callable[[Entry], None]) -> None:
        """Stop calling a listener; nothing happens if it was not subscribed."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def _keep(self, entry: Entry) -> None:
        # A server tells every job in its queue whenever one starts: of 10,000 jobs that is 50 million times.
        passing = type(entry.event) if isinstance(entry.event, Queued | Progressed) else None
        if passing and self.entries and type(self.entries[-1].event) is passing:
            self.entries[-1] = entry
        else:
            self.entries.append(entry)

    def _status_after(self, event: JobEvent) -> StatusUpdate:
        match event:
            case Completed():
                return bare_status(Status.FINISHED, rank=0, success=True)
            case Failed():
                return bare_status(Status.FINISHED, rank=0, success=False)
            case Cancelled():
                return bare_status(Status.CANCELLED, rank=0, success=False)
            case _:
                return self.status


def is_end(event: JobEvent) -> bool:
    """Whether an event is the last one of its job."""
    return isinstance(event, Completed | Failed | Cancelled)


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
