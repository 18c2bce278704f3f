"""How an ``AppServer`` serves: one value for everything that may be chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradio_client.testing.line import Line


@dataclass(frozen=True, slots=True)
class Options:
    """See ``AppServer`` for what each means."""

    line: Line
    path: str
    users: Mapping[str, str] | None
    auth_message: str | None
    max_size: int | None
    max_file_size: int | None
    show_error: bool
    heartbeat: float
