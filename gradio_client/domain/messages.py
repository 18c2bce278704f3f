"""What a server says about jobs: one class per kind of message (protocol section 5.6).

Parsing is tolerant, because servers of fourteen release lines differ in what they send: a field
that is missing or of another type counts as unknown, a kind that is not known is skipped. The
values of ``data`` and ``output`` are handed on as they are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from gradio_client.domain.errors import ServerError
from gradio_client.domain.json_text import parsed
from gradio_client.domain.progress import ProgressUnit

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradio_client.domain.values import Json, JsonObject

_BAR = 128  # what a bar counts for beside its text


@dataclass(frozen=True, slots=True)
class Estimation:
    """The job's place in the queue.

    Attributes:
        event_id: the server's name for the job; None in the ``sse`` dialect.
        rank: how many jobs are before it; 0 is the next.
        queue_size: how many jobs wait in all.
        eta: seconds until the job is expected to be finished (``rank_eta``).
    """

    event_id: str | None
    rank: int | None
    queue_size: int | None
    eta: float | None


@dataclass(frozen=True, slots=True)
class SendData:
    """Dialect ``sse`` only: the server is ready for the arguments of the job it names."""

    event_id: str | None


@dataclass(frozen=True, slots=True)
class QueueFull:
    """Dialect ``sse`` only: the queue takes no more jobs; the stream ends."""


@dataclass(frozen=True, slots=True)
class ProcessStarts:
    """The job runs; ``eta`` is the seconds it is expected to take."""

    event_id: str | None
    eta: float | None


@dataclass(frozen=True, slots=True)
class Progress:
    """The latest state of the app's progress bars, outermost first.

    Attributes:
        event_id: the server's name for the job; None in the ``sse`` dialect.
        units: the bars.
        size: characters of the message, and something for each bar: an empty one has two.
    """

    event_id: str | None
    units: tuple[ProgressUnit, ...]
    size: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Log:
    """A toast; fields as in :class:`gradio_client.domain.events.Logged`."""

    event_id: str | None
    text: str
    level: str
    title: str | None
    duration: float | None
    visible: bool
    size: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Generating:
    """A generator yielded.

    Attributes:
        event_id: the server's name for the job; None in the ``sse`` dialect.
        data: one value per output, or one list of edits per output (protocol section 5.13);
            None if the server sent no list.
        success: whether the step went well.
        size: characters of the message.
    """

    event_id: str | None
    data: list[Json] | None
    success: bool
    size: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Streaming:
    """A result for a chunk of streamed input; ``data`` is always whole (protocol section 5.11)."""

    event_id: str | None
    data: list[Json] | None
    success: bool
    size: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Completed:
    """The job is over, well or not: only this message is terminal (protocol sections 5.8, 8.3).

    Attributes:
        event_id: the server's name for the job; None in the ``sse`` dialect.
        output: holds ``data`` after a success, ``error`` after a failure, neither after a cancel.
        success: False after a failure; it does not tell all of them.
        title: the heading of an error.
        size: characters of the message.
    """

    event_id: str | None
    output: JsonObject
    success: bool
    title: str | None
    size: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The connection lives. It says nothing about any job."""


@dataclass(frozen=True, slots=True)
class CloseStream:
    """The server is about to end the stream, because no job of the session is left."""


@dataclass(frozen=True, slots=True)
class UnexpectedError:
    """Every job of the stream is lost: the server stops, or does not know the session."""

    message: str
    session_not_found: bool


Message: TypeAlias = (
    Estimation
    | SendData
    | QueueFull
    | ProcessStarts
    | Progress
    | Log
    | Generating
    | Streaming
    | Completed
    | Heartbeat
    | CloseStream
    | UnexpectedError
)


def parse_message(text: str) -> Message | None:
    """The message that the data of one event holds.

    None for a kind that is not known, for JSON that is no object, and for blank data.

    Raises:
        ServerError: the data is no JSON, so the stream cannot be trusted any further.
    """
    try:
        raw = parsed(text)
    except ValueError as error:
        if not text.strip():
            return None
        because = str(error)[:100]
        raise ServerError(
            f"The server's event stream holds {text[:80]!r}, which is no JSON that can be read ({because})."
        ) from None
    if not isinstance(raw, dict):
        return None
    kind = raw.get("msg")
    build = _KINDS.get(kind) if isinstance(kind, str) else None
    return build(raw, len(text)) if build else None


def _event_id(raw: JsonObject) -> str | None:
    return _text(raw.get("event_id"))


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: Json) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _whole(value: Json) -> int | None:
    if isinstance(value, float) and math.isfinite(value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _estimation(raw: JsonObject, _size: int) -> Estimation:
    return Estimation(
        _event_id(raw), _whole(raw.get("rank")), _whole(raw.get("queue_size")), _number(raw.get("rank_eta"))
    )


def _log(raw: JsonObject, size: int) -> Log:
    return Log(
        _event_id(raw),
        _text(raw.get("log")) or "",
        _text(raw.get("level")) or "info",
        _text(raw.get("title")),
        _number(raw.get("duration")),
        raw.get("visible") is not False,
        size,
    )


def _progress(raw: JsonObject, size: int) -> Progress:
    units = tuple(ProgressUnit.from_msg(raw.get("progress_data")))
    return Progress(_event_id(raw), units, size + _BAR * len(units))


def _data(raw: JsonObject) -> list[Json] | None:
    output = raw.get("output")
    data = output.get("data") if isinstance(output, dict) else None
    return data if isinstance(data, list) else None


def _success(raw: JsonObject) -> bool:
    return raw.get("success") is not False


def _completed(raw: JsonObject, size: int) -> Completed:
    output = raw.get("output")
    return Completed(
        _event_id(raw),
        output if isinstance(output, dict) else {},
        _success(raw),
        _text(raw.get("title")),
        size,
    )


def _unexpected_error(raw: JsonObject, _size: int) -> UnexpectedError:
    message = _text(raw.get("message")) or "Server stopped unexpectedly."
    # Servers before 5.38 tell an unknown session by the text alone.
    return UnexpectedError(message, raw.get("session_not_found") is True or message.startswith("404"))


_KINDS: dict[str, Callable[[JsonObject, int], Message]] = {
    "estimation": _estimation,
    "send_data": lambda raw, _: SendData(_event_id(raw)),
    "queue_full": lambda *_: QueueFull(),
    "process_starts": lambda raw, _: ProcessStarts(_event_id(raw), _number(raw.get("eta"))),
    "progress": _progress,
    "log": _log,
    "process_generating": lambda raw, size: Generating(_event_id(raw), _data(raw), _success(raw), size),
    "process_streaming": lambda raw, size: Streaming(_event_id(raw), _data(raw), _success(raw), size),
    "process_completed": _completed,
    "heartbeat": lambda *_: Heartbeat(),
    "close_stream": lambda *_: CloseStream(),
    "unexpected_error": _unexpected_error,
    "server_stopped": _unexpected_error,
}
