"""One bar of ``gr.Progress``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradio_client.domain.values import Json


@dataclass
class ProgressUnit:
    """One bar of ``gr.Progress``; every field may be None. Fields are those of 2.7.2.

    Attributes:
        index: steps done; servers from 5.43 may send fractions.
        length: steps in all.
        unit: what a step is called, such as ``"steps"``.
        progress: the done part, from 0 to 1.
        desc: the app's text beside the bar.
    """

    index: float | None
    length: float | None
    unit: str | None
    progress: float | None
    desc: str | None

    @classmethod
    def from_msg(cls, data: Json) -> list[ProgressUnit]:
        """The bars of a message's ``progress_data``; entries that are no objects are skipped."""
        if not isinstance(data, list | tuple):
            return []
        return [cls.of(entry) for entry in data if isinstance(entry, dict)]

    @classmethod
    def of(cls, entry: dict[str, Json]) -> ProgressUnit:
        """The bar that one entry of ``progress_data`` describes."""
        get = entry.get
        return cls(get("index"), get("length"), get("unit"), get("progress"), get("desc"))
