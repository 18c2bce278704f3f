"""What a Gradio server of some version says and does: the only place that compares versions.

Every property is a row of protocol section 10.
"""

from __future__ import annotations

# ruff: noqa: D102 - each property is named after what servers do since, or until, its version
from dataclasses import dataclass

#: The version that stands for each protocol, when only the protocol is asked for.
VERSIONS = {
    "sse": "4.0.2",
    "sse_v1": "4.16.0",
    "sse_v2": "4.19.2",
    "sse_v2.1": "4.21.0",
    "sse_v3": "6.31.0",
}
_PROTOCOLS = (((4, 22), "sse_v3"), ((4, 21), "sse_v2.1"), ((4, 17), "sse_v2"), ((4, 9), "sse_v1"))


@dataclass(frozen=True, slots=True)
class Line:
    """One server version; ``text`` is what ``/config`` reports."""

    text: str
    version: tuple[int, ...]

    @property
    def protocol(self) -> str:
        return next((name for since, name in _PROTOCOLS if self.version >= since), "sse")

    @property
    def stream_per_job(self) -> bool:
        return self.protocol == "sse"

    @property
    def sends_diffs(self) -> bool:
        return self.version >= (4, 17)

    @property
    def closes_stream(self) -> bool:
        return self.version >= (4, 22)

    @property
    def api_prefix(self) -> str:
        return "/gradio_api" if self.version >= (5,) else ""

    @property
    def compact_json(self) -> bool:
        return self.version >= (4, 24)

    @property
    def null_event_id(self) -> bool:
        return self.version >= (4, 39)

    @property
    def absolute_root(self) -> bool:
        return self.version >= (4, 18)

    @property
    def encodes_file_urls(self) -> bool:
        return self.version >= (6, 27)

    @property
    def file_meta(self) -> bool:
        return self.version >= (4, 21)

    @property
    def demands_file_meta(self) -> bool:
        return self.version >= (5, 5)

    @property
    def demands_uploads(self) -> bool:
        return self.version >= (4, 19, 2)

    @property
    def max_file_size(self) -> bool:
        return self.version >= (4, 28)

    @property
    def parameter_names(self) -> bool:
        return self.version >= (4, 23)

    @property
    def dependency_ids(self) -> bool:
        return self.version >= (4, 32)

    @property
    def visibility(self) -> bool:
        return self.version >= (6,)

    @property
    def call_api(self) -> bool:
        return self.version >= (4, 20)

    @property
    def call_by_name(self) -> bool:
        return self.version >= (6, 13)

    @property
    def simple_format(self) -> bool:
        return self.version >= (4, 20)

    @property
    def heartbeat(self) -> bool:
        return self.version >= (4, 25)

    @property
    def heartbeat_flag(self) -> bool:
        return self.version >= (4, 29)

    @property
    def beats_once(self) -> bool:
        return self.version < (4, 4)

    @property
    def cancel(self) -> bool:
        return self.version >= (4, 31)

    @property
    def reset_works(self) -> bool:
        return self.version < (4, 35)

    @property
    def cancel_unqueues(self) -> bool:
        return self.version >= (6, 14)

    @property
    def whole_json(self) -> bool:
        return self.version >= (4, 31)

    @property
    def shifts_deletes(self) -> bool:
        return self.version >= (5, 30)

    @property
    def repeats_generating(self) -> bool:
        return self.version < (4, 17)

    @property
    def display_hints(self) -> bool:
        return self.version >= (4, 37)

    @property
    def quotes_errors(self) -> bool:
        return self.version < (5, 1)

    @property
    def log_title(self) -> bool:
        return self.version >= (5, 2)

    @property
    def error_title(self) -> bool:
        return self.version >= (5, 4)

    @property
    def completion_title(self) -> bool:
        return self.version >= (5, 43)

    @property
    def call_errors(self) -> bool:
        return self.version >= (6, 13)

    @property
    def time_limit(self) -> bool:
        return self.version >= (5,)

    @property
    def render_config(self) -> bool:
        return self.version >= (4, 31)

    @property
    def changed_states(self) -> bool:
        return self.version >= (4, 32)

    @property
    def caching(self) -> bool:
        return self.version >= (6, 12)

    @property
    def unexpected_error(self) -> bool:
        return self.version >= (4, 10)

    @property
    def session_not_found(self) -> bool:
        return self.version >= (5, 38)

    @property
    def structured_401(self) -> bool:
        return self.version >= (5, 36)

    @property
    def info_in_page(self) -> bool:
        return self.version >= (4, 37)

    @property
    def forbids_missing_files(self) -> bool:
        return self.version >= (5,)


def line_of(protocol: str = "sse_v3", version: str | None = None) -> Line:
    """The line of a version, or of the version that stands for a protocol.

    Raises:
        ValueError: the protocol is none of ``VERSIONS``, or the version is older than 4.0.
    """
    if version is None and protocol not in VERSIONS:
        raise ValueError(f"There is no protocol {protocol!r} here. Available: {', '.join(VERSIONS)}.")
    text = version or VERSIONS[protocol]
    numbers = tuple(int(part) for part in text.split(".") if part.isdigit())
    if numbers < (4,):
        raise ValueError(f"Gradio {text!r} speaks WebSocket, which this server does not; take 4.0 or later.")
    return Line(text, numbers)
