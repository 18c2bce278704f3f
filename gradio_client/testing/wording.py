"""The messages of the queue, as servers of each version word and write them (protocol sections 5.3-5.8)."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from gradio_client.domain.errors import AppError

if TYPE_CHECKING:
    from gradio_client.domain.values import Json, JsonObject
    from gradio_client.testing.line import Line

HEARTBEAT: JsonObject = {"msg": "heartbeat"}
CLOSE_STREAM: JsonObject = {"msg": "close_stream"}


class Wording:
    """Makes messages, and bytes of them, for one line of servers."""

    def __init__(self, line: Line, *, show_error: bool = False) -> None:
        self.line = line
        self._show_error = show_error

    def encode(self, message: JsonObject) -> bytes:
        """The message as an event of the stream.

        Raises:
            TypeError: the message holds what JSON cannot.
        """
        if not self.line.compact_json:
            return b"data: " + json.dumps(message).encode() + b"\n\n"
        return b"data: " + compact(message) + b"\n\n"

    def estimation(self, rank: int, size: int, eta: float | None) -> JsonObject:
        """A job's place in the queue."""
        message = {"msg": "estimation", "rank": rank, "queue_size": size}
        if self.line.stream_per_job:
            times = {"avg_event_process_time": eta, "avg_event_concurrent_process_time": eta}
            return message | times | {"rank_eta": eta, "queue_eta": 0.0}
        return message | {"rank_eta": eta}

    def starts(self, eta: float | None) -> JsonObject:
        """A job begins to run."""
        message: JsonObject = {"msg": "process_starts"}
        return message if self.line.stream_per_job else message | {"eta": eta}

    def told(self, message: JsonObject) -> JsonObject:
        """A log or progress message without the fields that this line does not know."""
        if message["msg"] != "log":
            return message
        unknown = set() if self.line.log_title else {"title"}
        unknown |= set() if self.line.display_hints else {"duration", "visible"}
        return {key: value for key, value in message.items() if key not in unknown}

    def output(self, data: list[Json], duration: float, average: float, *, generating: bool) -> JsonObject:
        """What a function returned or yielded, and how long that took."""
        output: JsonObject = {
            "data": data,
            "is_generating": generating,
            "duration": duration,
            "average_duration": average,
        }
        if self.line.render_config:
            output["render_config"] = None
        if self.line.changed_states:
            output["changed_state_ids"] = []
        if self.line.caching:
            output["used_cache"] = None
        return output

    def generating(self, output: JsonObject) -> JsonObject:
        """A generator yielded."""
        message = {"msg": "process_generating", "output": output, "success": True}
        return message | {"time_limit": None} if self.line.time_limit else message

    def completed(self, output: JsonObject, *, success: bool = True, title: str | None = None) -> JsonObject:
        """A job is over."""
        message: JsonObject = {"msg": "process_completed", "output": output, "success": success}
        if self.line.completion_title:
            message["title"] = title
        if self.line.caching:
            message |= {
                "used_cache": None,
                "cache_duration": output.get("duration"),
                "avg_time": output.get("average_duration"),
            }
        return message

    def failure(self, error: Exception) -> JsonObject:
        """The output of a failed job (protocol section 5.8)."""
        line = self.line
        if not isinstance(error, AppError):
            shown: JsonObject = {"error": str(error) if self._show_error else None}
            return shown | {"visible": True} if self._show_error and line.visibility else shown
        output: JsonObject = {"error": f"'{error.message}'" if line.quotes_errors else error.message}
        if line.display_hints:
            output |= {"duration": error.duration, "visible": error.visible}
        if line.error_title:
            output["title"] = error.title
        return output

    def unexpected(self, text: str, *, session_not_found: bool = False) -> JsonObject:
        """The end of a stream that loses its jobs."""
        message: JsonObject = {"msg": "unexpected_error", "message": text}
        if self.line.session_not_found:
            message["session_not_found"] = session_not_found
        return message | {"success": False}

    def unknown_session(self) -> JsonObject:
        """The answer to a stream of a session that never joined."""
        text = "404: Not Found" if self.line.session_not_found else "404: Session not found."
        return self.unexpected(text, session_not_found=True)

    def of_event(self, message: JsonObject, event_id: str) -> JsonObject:
        """The message with its event's id after ``msg``, where this line sends one."""
        if self.line.stream_per_job and message["msg"] != "send_data":
            return message
        return {"msg": message["msg"], "event_id": event_id} | message

    def of_stream(self, message: JsonObject) -> JsonObject:
        """A message that concerns no event."""
        if not self.line.null_event_id:
            return message
        return {"msg": message["msg"], "event_id": None} | message


def compact(value: Json) -> bytes:
    """JSON in UTF-8 without spaces; what is not a number becomes null."""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except ValueError:
        return compact(_without_nan(value))
    return text.encode("utf-8", "replace")


def _without_nan(value: Json) -> Json:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _without_nan(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(one) for one in value]
    return value
