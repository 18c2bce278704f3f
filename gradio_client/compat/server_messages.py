"""The kinds of messages on a stream, under the names that Gradio's server takes from its client."""

from __future__ import annotations

from enum import StrEnum


class ServerMessage(StrEnum):
    """The value of ``msg`` in a message (protocol section 5.6)."""

    send_hash = "send_hash"
    queue_full = "queue_full"
    estimation = "estimation"
    send_data = "send_data"
    process_starts = "process_starts"
    process_generating = "process_generating"
    process_completed = "process_completed"
    log = "log"
    progress = "progress"
    heartbeat = "heartbeat"
    server_stopped = "Server stopped unexpectedly."
    unexpected_error = "unexpected_error"
    close_stream = "close_stream"
    process_streaming = "process_streaming"
