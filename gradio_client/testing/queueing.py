"""The queue: who runs when, and what ends a job (protocol sections 5.7, 5.10 and 8)."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING

from gradio_client.testing.events import Feeds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradio_client.testing.events import Event
    from gradio_client.testing.execution import Execution
    from gradio_client.testing.wording import Wording

_LOG = logging.getLogger(__name__)


class QueueFullError(Exception):
    """As many events wait as may; the text is the server's."""


class JobQueue:
    """Events by endpoint, each endpoint with its own limit of jobs at a time."""

    def __init__(self, wording: Wording, execution: Execution, max_size: int | None) -> None:
        self.feeds = Feeds(wording)
        self._wording = wording
        self._execution = execution
        self._max_size = max_size
        self._waiting: defaultdict[int, list[Event]] = defaultdict(list)
        self._running: set[Event] = set()

    @property
    def size(self) -> int:
        """How many jobs wait."""
        return sum(len(events) for events in self._waiting.values())

    def join(self, event: Event) -> None:
        """Queue the event; it starts at once where the endpoint's limit allows.

        Raises:
            QueueFullError: the queue takes no more.
        """
        if self._max_size is not None and self.size >= self._max_size:
            raise QueueFullError(f"Queue is full. Max size is {self._max_size} and size is {self.size}.")
        event.feed.pending.add(event.id)
        self._waiting[event.endpoint.id].append(event)
        self._estimate([event])
        self._dispatch(event.endpoint.id)

    async def cancel(self, event_id: str, session_hash: str, endpoint_id: int) -> None:
        """Kill all running jobs of that endpoint in that session, and complete the named event.

        The newest servers also end the named event alone, whatever the endpoint (protocol section 8.4).
        """
        await self.kill(session_hash, {endpoint_id})
        feed = self.feeds.find(session_hash)
        if feed is None or event_id not in feed.pending:
            return
        if self._wording.line.cancel_unqueues:
            self.stop_generator(event_id)
            for waiting in self._waiting.values():
                waiting[:] = [event for event in waiting if event.id != event_id]
        feed.put(self._wording.of_event(self._wording.completed({}), event_id))

    async def kill(self, session_hash: str, endpoint_ids: set[int]) -> None:
        """End those endpoints' running jobs in that session, without a word; return when they are over."""
        found = [
            event
            for event in self._running
            if event.caller.session_hash == session_hash and event.endpoint.id in endpoint_ids
        ]
        tasks = [event.task for event in found if event.task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def stop_generator(self, event_id: str) -> bool:
        """End a running generator at its next result (``/reset``, protocol section 8.5)."""
        for event in self._running:
            if event.id == event_id:
                event.alive = False
                if self._wording.line.stream_per_job:
                    event.feed.end()
                return True
        return False

    def provide(self, event_id: str, data: list[object]) -> bool:
        """The data that a ``send_data`` message asked for."""
        for event in self._running:
            if event.id == event_id:
                event.data = data
                event.data_came.set()
                return True
        return False

    def abandon(self, session_hash: str) -> None:
        """Nobody reads the session any more: its queued events go, its running ones are dead."""
        self.feeds.drop(session_hash)
        for waiting in self._waiting.values():
            waiting[:] = [event for event in waiting if event.caller.session_hash != session_hash]
        for event in self._running:
            if event.caller.session_hash == session_hash:
                event.alive = False
                event.data_came.set()

    def close(self) -> list[asyncio.Task[None]]:
        """Cancel everything; the tasks to wait for."""
        self._waiting.clear()
        tasks = [event.task for event in self._running if event.task is not None]
        for task in tasks:
            task.cancel()
        return tasks

    def _dispatch(self, endpoint_id: int) -> None:
        waiting = self._waiting[endpoint_id]
        started = False
        while waiting and self._has_room(waiting[0]):
            event = waiting.pop(0)
            self._running.add(event)
            event.task = asyncio.create_task(self._run(event))
            event.task.add_done_callback(partial(self._over, event))
            started = True
        if started:
            self._estimate(waiting)

    def _over(self, event: Event, task: asyncio.Task[None]) -> None:
        # A callback, no `finally`: a task that is cancelled before its first step runs none.
        self._running.discard(event)
        self._dispatch(event.endpoint.id)
        if not task.cancelled() and (error := task.exception()) is not None:
            _LOG.error("A job of %s ended with an error of the server.", event.endpoint.name, exc_info=error)

    def _has_room(self, event: Event) -> bool:
        limit = event.endpoint.concurrency
        running = sum(one.endpoint.id == event.endpoint.id for one in self._running) if limit else 0
        return limit is None or running < limit

    def _estimate(self, events: Iterable[Event]) -> None:
        for event in events:
            waiting = self._waiting[event.endpoint.id]
            rank = waiting.index(event)
            average = self._execution.average(event.endpoint)
            eta = None if average is None else average * (rank + 1)
            event.tell(self._wording.estimation(rank, len(waiting), eta))

    async def _run(self, event: Event) -> None:
        await self._obtain_data(event)
        if event.alive:
            event.tell(self._wording.starts(self._execution.average(event.endpoint)))
            await self._execution.run(event)

    async def _obtain_data(self, event: Event) -> None:
        if event.data is None:
            event.tell({"msg": "send_data"})
            await event.data_came.wait()
