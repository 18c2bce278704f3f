"""The progress of files and jobs, as reported to ``progress=``.

with Client(url, progress=lambda progress: print(progress.name, progress.done, progress.total)) as client:
    ...
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Literal, TypeAlias

from gradio_client.domain.events import Cancelled, Completed, Failed, Progressed
from gradio_client.domain.printable import on_one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradio_client.domain.events import JobEvent


INTERVAL = 0.1  # seconds between two reports of one thing
_MOST_BARS = 20  # of one job; no screen shows more
_MOST = 1e15  # steps; beyond that is nothing to be counted


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of one upload, download or job.

    Attributes:
        kind: ``"upload"``, ``"download"``, or ``"job"`` for what the app reports by ``gr.Progress``.
        number: identifies the upload, download or bar among all of this client's.
        endpoint: the endpoint of the call, such as ``"/predict"``.
        name: the file's name, or the app's text for its bar, on one line; None if it has none.
        done: bytes, or the app's steps, so far; None as long as the app does not say.
        total: the total of them; None if it is not known.
        unit: ``"B"`` for bytes, otherwise the app's unit, such as ``"steps"``.
        ended: whether this is the last report, whatever the outcome.
    """

    kind: Literal["upload", "download", "job"]
    number: int
    endpoint: str
    name: str | None
    done: float | None
    total: float | None
    unit: str
    ended: bool = False


#: What ``progress=`` may be: True for bars in a terminal or notebook, None for nothing, or a function.
ProgressChoice: TypeAlias = "Callable[[Progress], object] | bool | None"


class Reporter:
    """Reports the progress of everything that one client is doing to one listener.

    Args:
        tell: receives each report, on any thread, and must not block; None if nobody is interested.
    """

    def __init__(self, tell: Callable[[Progress], object] | None) -> None:
        self._tell = tell
        self._numbers = count(1)

    def file(self, kind: Literal["upload", "download"], endpoint: str, name: str, total: int | None) -> Meter:
        """Begin to report a file."""
        return Meter(self._tell, Progress(kind, next(self._numbers), endpoint, name, 0, total, "B"))

    def job(self, endpoint: str) -> JobMeter | None:
        """Begin to report a job; None if nobody is interested."""
        return None if self._tell is None else JobMeter(self._tell, endpoint, self._numbers)


class Meter:
    """Counts the bytes of one file. Used by one thread at a time; never waits."""

    def __init__(self, tell: Callable[[Progress], object] | None, first: Progress) -> None:
        self._tell = tell
        self._latest = first
        self._done = 0
        self._due = 0.0

    def expect(self, total: int | None) -> None:
        """Say how large the file is."""
        self._latest = replace(self._latest, total=total)

    def set(self, done: int) -> None:
        """Say how many bytes have been transferred so far."""
        self._done = done
        if self._tell is not None and (now := time.monotonic()) >= self._due:
            self._due = now + INTERVAL
            self._report(ended=False)

    def end(self) -> None:
        """Say that this is all; further calls change nothing."""
        if self._tell is not None:
            self._report(ended=True)
            self._tell = None

    def _report(self, *, ended: bool) -> None:
        if self._tell is not None:
            self._latest = replace(self._latest, done=self._done, ended=ended)
            self._tell(self._latest)


class JobMeter:
    """Reports the bars of one job, soon, but none more often than files. For use on one event loop."""

    def __init__(self, tell: Callable[[Progress], object], endpoint: str, numbers: count[int]) -> None:
        self._tell = tell
        self._endpoint = endpoint
        self._numbers = numbers
        self._bars: list[Progress] = []
        self._untold: dict[int, None] = {}  # places of bars, in order
        self._due = 0.0
        self._later: asyncio.TimerHandle | None = None

    def take(self, event: JobEvent) -> None:
        """Take what happened to the job."""
        match event:
            case Progressed():
                self._note(event)
                self._report_soon()
            case Completed() | Failed() | Cancelled():
                self._end()

    def _note(self, event: Progressed) -> None:
        for at, unit in enumerate(event.units[:_MOST_BARS]):
            if at == len(self._bars):
                self._bars.append(
                    Progress("job", next(self._numbers), self._endpoint, None, None, None, "steps")
                )
            index, fraction = _number(unit.index), _number(unit.progress)
            in_parts = index is None and fraction is not None
            self._bars[at] = replace(
                self._bars[at],
                name=_text(unit.desc),
                done=fraction if in_parts else index,
                total=1 if in_parts else _number(unit.length),
                unit=_text(unit.unit) or "steps",
            )
            self._untold[at] = None

    def _report_soon(self) -> None:
        if self._later is not None:
            return
        loop = asyncio.get_running_loop()
        if loop.time() >= self._due:
            self._report()
        else:  # what is the latest then, for the app may say nothing more for long
            self._later = loop.call_at(self._due, self._report)

    def _report(self) -> None:
        self._later = None
        self._due = asyncio.get_running_loop().time() + INTERVAL
        for at in self._untold:
            self._tell(self._bars[at])
        self._untold.clear()

    def _end(self) -> None:
        if self._later is not None:
            self._later.cancel()
        for bar in self._bars:
            self._tell(replace(bar, ended=True))
        self._bars.clear()


def _text(value: object) -> str | None:
    """An app's text as it may be shown; what the app sends of a bar may be any JSON."""
    return on_one_line(value) if isinstance(value, str) else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) < _MOST else None
