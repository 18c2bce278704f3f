"""One session's shared event stream (protocol sections 5.9, 5.10, 5.14). No I/O, clock or lock.

Everything that decides when a stream is opened, whose a message is, and which jobs are lost lives
here. A driver tells the session what happened, in order, and does what it gets in return:

    joining() ... joined(id) | join_failed()      around each submission
    stream_repeated()                             before an OpenStream is tried again
    received(message)                             for each message of the open stream
    stream_ended(clean, reason)                   once for each OpenStream
    forgotten(id)                                 a job was cancelled, or given up here

The stream:

                     a job waits                    close_stream, unexpected_error
    CLOSED ------------- OpenStream -----> OPEN ------------- EndStream -----> ENDING
       ^                                     |                                    |
       +----------- stream_ended ------------+------------ stream_ended ----------+
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, TypeAlias

from gradio_client.domain import messages as wire
from gradio_client.domain.job_loss import (
    NOWHERE,
    Lost,
    connection_lost,
    never_heard_of,
    server_stopped,
    session_lost,
)
from gradio_client.domain.strays import RecentIds, Strays

if TYPE_CHECKING:
    from gradio_client.domain.config import Dialect
    from gradio_client.domain.errors import GradioClientError, Where

_SILENT_HEARTBEATS = 3  # after so many a job that was not mentioned on a reopened stream is lost
_OF_NO_JOB = (wire.Heartbeat, wire.CloseStream, wire.UnexpectedError, wire.QueueFull, wire.SendData)
_BARREN_STREAMS = 2  # after so many streams in a row that told nothing the waiting jobs are lost


@dataclass(frozen=True, slots=True)
class OpenStream:
    """Open the session's stream, and read it until it ends or ``EndStream`` comes."""


@dataclass(frozen=True, slots=True)
class EndStream:
    """Stop reading: the stream has nothing more to say. Close it, then tell ``stream_ended``."""


@dataclass(frozen=True, slots=True)
class Deliver:
    """Hand a message to its job. After ``Completed`` no action names the job again."""

    event_id: str
    message: wire.Message


@dataclass(frozen=True, slots=True)
class Fail:
    """End a job with an error. No later action names it."""

    event_id: str
    error: GradioClientError


Action: TypeAlias = OpenStream | EndStream | Deliver | Fail


class _Stream(Enum):
    CLOSED = auto()
    OPEN = auto()
    ENDING = auto()  # its end was announced; it is not read any more, but not closed yet


class Session:
    """Which jobs of a session wait, and what its stream is to do. Calls must not overlap.

    There is never more than one stream: two readers would share the messages between them. Each
    job ends with its ``Completed`` delivered, by ``Fail``, or by ``forgotten``; the first wins.
    After a loss the session is as good as new: the next job opens a stream again. But see
    ``stream_unreliable``.

    Args:
        dialect: any but ``sse``, which has a stream for each job.

    Attributes:
        stream_unreliable: whether a stream was lost that the server did not end: if it has not
            noticed, the reader it still has takes messages of later jobs.
    """

    def __init__(self, dialect: Dialect) -> None:
        self.stream_unreliable = False
        self._announces_end = dialect.closes_stream
        self._stream = _Stream.CLOSED
        self._waiting: dict[str, None] = {}  # jobs that have not ended
        self._joining = 0
        self._strays = Strays()
        self._over = RecentIds()
        self._told = False  # whether the open stream delivered anything
        self._barren = 0  # streams in a row that ended well and delivered nothing
        self._doubted: dict[str, None] = {}  # jobs that the server may have dropped
        self._beats = 0  # heartbeats while some were doubted
        self._broke = False  # the stream broke while a job was being submitted

    def knows(self, event_id: str) -> bool:
        """Whether a job of this name waits, or did so lately: servers name no two jobs alike."""
        return event_id in self._waiting or event_id in self._over

    def joining(self) -> None:
        """A job is about to be submitted; ``joined`` or ``join_failed`` must follow.

        From now on messages of unknown jobs are kept: they may overtake the answer.
        """
        self._joining += 1

    def join_failed(self) -> list[Action]:
        """The submission was refused, or its answer was lost; whatever the job says is dropped."""
        self._join_answered()
        return []

    def joined(self, event_id: str) -> list[Action]:
        """The submission was answered: the job waits, and gets what came for it before."""
        early, lost, doubted = self._strays.claim(event_id), self._strays.lost.get(event_id), self._broke
        self._join_answered()
        if event_id in self._waiting or event_id in self._over:
            return []
        self._waiting[event_id] = None
        actions = [action for message in early for action in self._dispatch(event_id, message)]
        if event_id not in self._waiting:
            return actions
        if lost:
            return actions + self._fail([event_id], lost)
        if doubted and not early:
            self._doubt([event_id])
        return actions + self._open()

    def received(self, message: wire.Message) -> list[Action]:
        """A message came from the stream."""
        if not isinstance(message, _OF_NO_JOB):
            return [] if message.event_id is None else self._dispatch(message.event_id, message)
        match message:
            case wire.Heartbeat():
                return self._heartbeat()
            case wire.CloseStream():
                return self._end()
            case wire.UnexpectedError():
                return self._server_gave_up(message)
            case _:
                return []  # of another dialect

    def stream_repeated(self) -> None:
        """The stream could not be opened, and is asked for again.

        If the server knows of the first request, it dropped the session's jobs when that broke.
        """
        self._broke |= self._joining > 0
        self._doubt(list(self._waiting))

    def stream_ended(
        self,
        clean: bool,  # noqa: FBT001 - callers name it
        reason: str = "",
        where: Where = NOWHERE,
    ) -> list[Action]:
        """The stream that was opened last ended, or could not be opened.

        Args:
            clean: whether its body ended where the protocol of HTTP ends it. That it ended too
                early for its jobs is noticed here.
            reason: what happened, for the errors of the jobs that are lost.
            where: the status and the body of an answer that refused to open the stream.
        """
        if self._stream is _Stream.CLOSED:
            return []
        announced = self._stream is _Stream.ENDING
        self._stream = _Stream.CLOSED
        if announced or (clean and not self._announces_end):
            return self._reopen()
        self.stream_unreliable = True
        return self._lose_all(lambda event_id: connection_lost(event_id, reason, where))

    def forgotten(self, event_id: str) -> list[Action]:
        """A job was cancelled or given up: nothing that comes for it is delivered any more.

        The stream stays open even if no job is left: closing it makes the server drop whatever
        the session has, which would hit a job that is being submitted. The next job reuses it.
        """
        self._settle(event_id)
        self._strays.claim(event_id)
        return []

    def _join_answered(self) -> None:
        self._joining = max(0, self._joining - 1)
        if not self._joining:
            self._strays.clear()
            self._broke = False

    def _dispatch(self, event_id: str, message: wire.Message) -> list[Action]:
        if event_id not in self._waiting:
            if self._joining and event_id not in self._over:
                self._strays.keep(event_id, message)
            return []
        self._told = True
        self._doubted.pop(event_id, None)
        if isinstance(message, wire.Completed):
            self._settle(event_id)
        return [Deliver(event_id, message)]

    def _settle(self, event_id: str) -> None:
        self._waiting.pop(event_id, None)
        self._doubted.pop(event_id, None)
        self._over.add(event_id)

    def _open(self) -> list[Action]:
        if self._stream is not _Stream.CLOSED or not self._waiting:
            return []
        self._stream = _Stream.OPEN
        self._told = False
        return [OpenStream()]

    def _end(self) -> list[Action]:
        if self._stream is not _Stream.OPEN:
            return []
        self._stream = _Stream.ENDING
        return [EndStream()]

    def _server_gave_up(self, message: wire.UnexpectedError) -> list[Action]:
        if self._stream is not _Stream.OPEN:
            return []  # a stopping server repeats itself, by the thousand
        lost = session_lost if message.session_not_found else server_stopped
        return self._lose_all(lambda event_id: lost(event_id, message.message)) + self._end()

    def _reopen(self) -> list[Action]:
        """Jobs that were submitted while the server decided to end the stream need another one."""
        if not self._waiting:
            self._barren = 0
            return []
        self._barren = 0 if self._told else self._barren + 1
        if self._barren >= _BARREN_STREAMS:
            self._barren = 0
            return self._fail(list(self._waiting), never_heard_of)
        self._doubt(list(self._waiting))
        return self._open()

    def _doubt(self, event_ids: list[str]) -> None:
        """Watch jobs that the server should mention as soon as a stream is open.

        It keeps what it has to say of a job until then. If it dropped the job, it says nothing,
        and goes on with heartbeats for ever.
        """
        self._doubted.update(dict.fromkeys(event_ids))
        self._beats = 0

    def _heartbeat(self) -> list[Action]:
        self._beats += 1
        if not self._doubted or self._beats < _SILENT_HEARTBEATS:
            return []
        return self._fail(list(self._doubted), never_heard_of)

    def _lose_all(self, error: Lost) -> list[Action]:
        """The server dropped the session's jobs: those that wait, and early ones that it knew of.

        A job whose submission is not answered yet may have come before that, or after.
        """
        self._broke = self._joining > 0
        self._barren, self._told = 0, True
        self._strays.lose_all(error)
        return self._fail(list(self._waiting), error)

    def _fail(self, event_ids: list[str], error: Lost) -> list[Action]:
        for event_id in event_ids:
            self._settle(event_id)
        return [Fail(event_id, error(event_id)) for event_id in event_ids]
