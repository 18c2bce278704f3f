"""Bounded memories of a session: early messages, and the names of jobs that are over."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradio_client.domain.messages import Message

_MAX_IDS = 10_000
_MAX_EVENTS = 1_000
_MAX_MESSAGES = 10_000


class RecentIds:
    """The latest names that were added; the oldest are forgotten."""

    def __init__(self, limit: int = _MAX_IDS) -> None:
        self._limit = limit
        self._ids: dict[str, None] = {}

    def __contains__(self, event_id: str) -> bool:
        return event_id in self._ids

    def add(self, event_id: str) -> None:
        """Remember a name; once more is no news."""
        self._ids[event_id] = None
        if len(self._ids) > self._limit:
            del self._ids[next(iter(self._ids))]

    def clear(self) -> None:
        """Forget all."""
        self._ids.clear()


class Strays:
    """Messages of jobs whose submission is not answered yet (protocol section 5.14).

    Jobs without any message, and other clients' jobs, cost nothing. Beyond its limits it drops all
    that it has of the oldest job: with some messages missing, edits would apply to wrong values.

    Attributes:
        dropped: the jobs that lost messages.
    """

    def __init__(self, max_events: int = _MAX_EVENTS, max_messages: int = _MAX_MESSAGES) -> None:
        self._max_events = max_events
        self._max_messages = max_messages
        self._by_event: dict[str, list[Message]] = {}
        self._count = 0
        self.dropped = RecentIds(max_events)

    def keep(self, event_id: str, message: Message) -> None:
        """Keep a message for the job that may turn out to be ours."""
        if event_id in self.dropped:
            return
        self._by_event.setdefault(event_id, []).append(message)
        self._count += 1
        if len(self._by_event) > self._max_events or self._count > self._max_messages:
            oldest = next(iter(self._by_event))
            self.dropped.add(oldest)
            self.claim(oldest)

    def claim(self, event_id: str) -> list[Message]:
        """Take out what came for a job, in order."""
        messages = self._by_event.pop(event_id, [])
        self._count -= len(messages)
        return messages

    def clear(self) -> None:
        """Drop everything: no submission is open, so nobody will claim it."""
        self._by_event.clear()
        self._count = 0
        self.dropped.clear()
