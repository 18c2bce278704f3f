"""Jobs in the queue, and the feeds that carry their messages to a stream."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradio_client.domain.values import Json, JsonObject
    from gradio_client.testing.app import Endpoint
    from gradio_client.testing.context import Caller
    from gradio_client.testing.wording import Wording

MAX_SESSIONS = 2000  # feeds kept, the least recently used go (protocol section 5.4)


class Feed:
    """Messages that wait for a stream, and the ids of events that it has not completed yet."""

    def __init__(self, wording: Wording) -> None:
        self.wording = wording
        self.pending: set[str] = set()
        self._messages: asyncio.Queue[tuple[JsonObject, bytes] | None] = asyncio.Queue()

    def put(self, message: JsonObject) -> None:
        """Add a message. It is encoded now, so that an error in it is the job's."""
        self._messages.put_nowait((message, self.wording.encode(message)))

    def end(self) -> None:
        """Let the stream end without a message."""
        self._messages.put_nowait(None)

    async def get(self) -> tuple[JsonObject, bytes] | None:
        """The next message and its bytes, or None at the end."""
        return await self._messages.get()


class Feeds:
    """The feeds of all sessions."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording
        self._feeds: OrderedDict[str, Feed] = OrderedDict()

    def find(self, session_hash: str) -> Feed | None:
        """The feed of a session, if it has one."""
        if session_hash in self._feeds:
            self._feeds.move_to_end(session_hash)
        return self._feeds.get(session_hash)

    def open(self, session_hash: str) -> Feed:
        """The feed of a session, made if it has none."""
        feed = self.find(session_hash) or Feed(self._wording)
        self._feeds[session_hash] = feed
        while len(self._feeds) > MAX_SESSIONS:
            self._feeds.popitem(last=False)
        return feed

    def drop(self, session_hash: str) -> None:
        """Forget a session, as if it had never joined."""
        self._feeds.pop(session_hash, None)


@dataclass(eq=False, slots=True, kw_only=True)
class Event:
    """One submitted call."""

    endpoint: Endpoint
    caller: Caller
    feed: Feed
    root: str
    data: list[Json] | None = None
    whole: bool = False
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    alive: bool = True
    task: asyncio.Task[None] | None = None
    data_came: asyncio.Event = field(default_factory=asyncio.Event)
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    thread: int = field(default_factory=threading.get_ident)

    def of_session(self, session_hash: str, feeds: Feeds) -> None:
        """Move the event, before it is queued, into a session and its feed."""
        self.caller = replace(self.caller, session_hash=session_hash)
        self.feed = feeds.open(session_hash)

    def tell(self, message: JsonObject) -> None:
        """Put a message into the feed; on the server's thread only."""
        wording = self.feed.wording
        self.feed.put(wording.of_event(wording.told(message), self.id))

    def tell_from_anywhere(self, message: JsonObject) -> None:
        """The same, on any thread; in order with the job's results."""
        if threading.get_ident() == self.thread:
            self.tell(message)
        else:
            self.loop.call_soon_threadsafe(self.tell, message)
