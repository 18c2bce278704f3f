"""One job, from the server's messages to what happened (protocol sections 5.7, 5.8, 5.13)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from gradio_client.domain import messages as wire
from gradio_client.domain.bounds import KEPT
from gradio_client.domain.diffs import DiffError, edited
from gradio_client.domain.errors import AppError, QueueError, QuotaExceededError, ServerError, Where
from gradio_client.domain.events import Cancelled, Failed, Logged, Progressed, Queued, Started, outdates
from gradio_client.domain.job_loss import server_stopped, session_lost
from gradio_client.domain.quota import quota_in

if TYPE_CHECKING:
    from gradio_client.domain.config import Dialect
    from gradio_client.domain.values import Json, JsonObject

_HIDDEN = (
    "The app raised an error and hides its text. Its author can show errors by show_error=True in launch()."
)


_ENDS = (Failed, Cancelled)
_SMALL = 256  # what a piece of news counts for beside its text
_PART = 16  # what an item of a list or an object counts for beside its text
_TOO_MUCH = (
    "The job has sent more than the {most} characters that are kept for outputs(), where each thing that "
    "a generator yields is whole. Have the app yield less often, or ask for less at a time."
)


@dataclass(frozen=True, slots=True)
class Values:
    """What the app returned or yielded.

    Attributes:
        data: one value per output, as the server sent them. Later news never change it, but may
            share parts with it: treat it as read-only.
        final: whether the job is over. A generator's last value comes twice, the second time final.
    """

    data: list[Json]
    final: bool


#: What a message can mean for a job. Values are not shaped yet: that needs the endpoint.
News: TypeAlias = Queued | Started | Progressed | Logged | Values | Failed | Cancelled


class JobState:
    """Folds the messages of one job, in the order of the wire, into news.

    After ``Values(final=True)``, ``Failed`` or ``Cancelled`` every message is ignored.

    Attributes:
        done: whether one of these three was told.
        over: whether the server has said so; of a limit of this client it knows nothing.
        diffs_broken: whether the server sent edits that do not fit; from then on intermediate
            values are held back, and the final one is told.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._sends_diffs = dialect.sends_diffs
        self._latest: list[Json] | None = None
        self._size = 0  # characters that the latest value of a generator adds to those before it
        self._kept = 0  # characters of all that was told so far, without what was outdated at once
        self._last: tuple[News | None, int] = (None, 0)  # what was told last, and what it counts for
        self.done = self.over = False
        self.diffs_broken = False

    def received(self, message: wire.Message) -> list[News]:
        """What the message means for the job: nothing, or one piece of news."""
        news = None if self.done else self._news(message)
        if news is None:
            return []
        size = _SMALL + (self._size if isinstance(news, Values) else getattr(message, "size", 0))
        earlier, counted = self._last
        self._kept += size - counted if outdates(news, earlier) else size
        self._last = (news, size)
        self.done = self.over = news.final if isinstance(news, Values) else isinstance(news, _ENDS)
        if self._kept > KEPT:
            news, self.done = Failed(ServerError(_TOO_MUCH.format(most=KEPT))), True
        if self.done:
            self._latest, self._last = None, (None, 0)
        return [news]

    def _news(self, message: wire.Message) -> News | None:
        match message:
            case wire.Generating():
                return self._generated(message.data, message.size)
            case wire.Completed():
                return _outcome(message)
            case wire.QueueFull():
                return Failed(QueueError("The app's queue is full. Try again later."))
            case wire.UnexpectedError():
                lost = session_lost if message.session_not_found else server_stopped
                return Failed(lost(None, message.message))
            case wire.Streaming():
                self._size = message.size
                return _passed_on(message)
            case _:
                return _passed_on(message)

    def _generated(self, data: list[Json] | None, size: int) -> Values | None:
        if data is None or self.diffs_broken:
            return None
        if not self._sends_diffs:
            self._size = size
            return Values(data, final=False)
        try:
            return Values(self._next(data), final=False)
        except DiffError:
            self.diffs_broken = True
            return None

    def _next(self, edits: list[Json]) -> list[Json]:
        if self._latest is None:
            self._latest, self._size = list(edits), _characters(edits)
        else:
            self._latest, appended = _edited(self._latest, edits)
            # Outputs share the texts that no edit changed. Their lists and objects are each one's own.
            self._size = appended + _characters(edits) + _parts(self._latest)
        return self._latest


def _passed_on(message: wire.Message) -> News | None:
    match message:
        case wire.Estimation():
            return Queued(message.rank, message.queue_size, message.eta)
        case wire.ProcessStarts():
            return Started(message.eta)
        case wire.Progress():
            return Progressed(message.units)
        case wire.Log():
            return Logged(message.text, message.level, message.title, message.duration, message.visible)
        case wire.Streaming() if message.data is not None:
            return Values(message.data, final=False)
        case _:
            return None


def _edited(values: list[Json], edits: list[Json]) -> tuple[list[Json], int]:
    """The values after one list of edits for each, and the characters of texts that grew.

    Outputs not seen before start from null.
    """
    padded, appended = values + [None] * (len(edits) - len(values)), 0
    for index, edit in enumerate(edits):
        padded[index], more = edited(padded[index], edit)
        appended += more
    return padded, appended


def _characters(value: Json) -> int:
    """How long the texts in a value are, with something for each of its parts."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum([_PART + len(key) + _characters(item) for key, item in value.items()])
    if isinstance(value, list):
        return sum([_PART + _characters(item) for item in value])
    return 0


def _parts(value: Json) -> int:
    """What the items in a value count for beside their texts."""
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return _PART * len(items) + sum([_parts(item) for item in items if isinstance(item, dict | list)])


def _outcome(message: wire.Completed) -> News:
    output = message.output
    if not message.success or "error" in output:
        return Failed(_app_error(message))
    if "data" not in output:
        return Cancelled()  # an empty output is how the server closes a cancelled job
    data = output["data"]
    if isinstance(data, list):
        return Values(data, final=True)
    where = Where(event_id=message.event_id)
    return Failed(ServerError(f"The job's data is {type(data).__name__}, not a list of values.", where=where))


def _app_error(message: wire.Completed) -> AppError:
    output = message.output
    text, title = _error_text(output), _title(output) or message.title or "Error"
    quota = quota_in(title, text)
    error = AppError(text) if quota is None else QuotaExceededError(text, quota=quota)
    error.title, error.duration = title, _duration(output)
    error.visible = output.get("visible") is not False
    error.where = Where(event_id=message.event_id)
    return error


def _error_text(output: JsonObject) -> str:
    error = output.get("error")
    return _HIDDEN if error is None else str(error)


def _title(output: JsonObject) -> str | None:
    title = output.get("title")
    return title if isinstance(title, str) else None


def _duration(output: JsonObject) -> float | None:
    duration = output.get("duration", 10)
    return duration if isinstance(duration, int | float) else None
