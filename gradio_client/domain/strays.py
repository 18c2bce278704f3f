"""Bounded memories of a session: early messages, and the names of jobs that are over."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from gradio_client.domain.bounds import EARLY
from gradio_client.domain.job_loss import outrun

if TYPE_CHECKING:
    from gradio_client.domain.job_loss import Lost
    from gradio_client.domain.messages import Message

_MAX_IDS = 10_000
_MAX_EVENTS = 1_000
_MAX_MESSAGES = 10_000
_MAX_NAME = 1_000  # characters; servers of Gradio name jobs by 32
_SMALL = 256  # what a message counts for beside its text


class RecentIds:
    """The latest names that were added; the oldest are forgotten."""

    def __init__(self, limit: int = _MAX_IDS) -> None:
        self._limit = limit
        self._ids: OrderedDict[str, None] = OrderedDict()

    def __contains__(self, event_id: str) -> bool:
        return event_id in self._ids

    def add(self, event_id: str) -> None:
        """Remember a name; once more is no news."""
        self._ids[event_id] = None
        if len(self._ids) > self._limit:
            self._ids.popitem(last=False)


class Strays:
    """Messages of jobs whose submission is not answered yet (protocol section 5.14).

    Beyond its limits it drops all that it has of the oldest job: with some messages missing, the
    edits of later ones would apply to wrong values.

    Attributes:
        lost: the jobs of which no more will come, with the error to end them by.
    """

    def __init__(self, max_events: int = _MAX_EVENTS, max_messages: int = _MAX_MESSAGES) -> None:
        self._max_events = max_events
        self._max_messages = max_messages
        self._by_event: dict[str, list[Message]] = {}
        self._count = 0
        self._size = 0
        self.lost: dict[str, Lost] = {}

    def keep(self, event_id: str, message: Message) -> None:
        """Keep a message of a job that may turn out to be ours."""
        if event_id in self.lost or len(event_id) > _MAX_NAME:
            return
        self._by_event.setdefault(event_id, []).append(message)
        self._count += 1
        self._size += _size(message)
        while self._too_much():
            self._drop(next(iter(self._by_event)))

    def claim(self, event_id: str) -> list[Message]:
        """Take out what came for a job, in order."""
        messages = self._by_event.pop(event_id, [])
        self._count -= len(messages)
        self._size -= sum(map(_size, messages))
        return messages

    def lose_all(self, error: Lost) -> None:
        """The stream broke: what was kept stays, but no more comes for these jobs."""
        for event_id in self._by_event:
            self.lost.setdefault(event_id, error)

    def clear(self) -> None:
        """Drop everything: no submission is open, so nobody will claim it."""
        self._by_event.clear()
        self.lost.clear()
        self._count = self._size = 0

    def _too_much(self) -> bool:
        many = len(self._by_event) > self._max_events or self._count > self._max_messages
        return many or self._size > EARLY

    def _drop(self, event_id: str) -> None:
        self.claim(event_id)
        self.lost[event_id] = outrun
        if len(self.lost) > 2 * self._max_events:
            del self.lost[next(iter(self.lost))]


def _size(message: Message) -> int:
    return _SMALL + getattr(message, "size", 0)
