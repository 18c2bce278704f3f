"""What happens to a job, as users and plugins are told. Each kind is a class of its own.

A job goes ``Queued``* ``Started`` (``Progressed`` | ``Logged`` | ``Output``)* and then through
exactly one of ``Completed``, ``Failed`` and ``Cancelled``. Any of the earlier ones may be missing:
a cached result has none, a job that fails in the queue never starts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from gradio_client.domain.progress import ProgressUnit
    from gradio_client.domain.values import Json


@dataclass(frozen=True, slots=True)
class Queued:
    """The job waits, or its place in the queue changed.

    Attributes:
        rank: how many jobs are before it; 0 is the next one.
        queue_size: how many jobs wait in all.
        eta: seconds until the job is expected to be finished; None while the server has no idea.
    """

    rank: int | None
    queue_size: int | None
    eta: float | None


@dataclass(frozen=True, slots=True)
class Started:
    """The app's function runs.

    Attributes:
        eta: seconds it is expected to take; None while the server has no idea.
    """

    eta: float | None


@dataclass(frozen=True, slots=True)
class Progressed:
    """The app reported progress. Only the latest state is sent: steps in between may be missing.

    Attributes:
        units: the bars, outermost first.
    """

    units: tuple[ProgressUnit, ...]


@dataclass(frozen=True, slots=True)
class Logged:
    """The app showed a toast (``gr.Info``, ``gr.Warning``, ``gr.Success``).

    Attributes:
        text: what it says; may be HTML.
        level: ``"info"``, ``"warning"``, ``"success"`` or ``"error"``.
        title: its heading, if the server sends one.
        duration: seconds the app's own page would show it; None until dismissed.
        visible: whether the app's own page would show it.
    """

    text: str
    level: str
    title: str | None
    duration: float | None
    visible: bool


@dataclass(frozen=True, slots=True)
class Output:
    """The app's generator yielded, or another function of it returned.

    Attributes:
        value: what ``predict`` would return, had this been the last one.
        only: whether it is the one output of a function that is no generator; ``Completed`` follows.
    """

    value: Json
    only: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Completed:
    """The job ended well.

    Attributes:
        value: what ``predict`` returns.
    """

    value: Json


@dataclass(frozen=True, slots=True)
class Failed:
    """The job ended with an error.

    Attributes:
        error: what ``result()`` raises.
    """

    error: Exception


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The job was cancelled, here or by the app."""


JobEvent: TypeAlias = Queued | Started | Progressed | Logged | Output | Completed | Failed | Cancelled


def outdates(later: object, earlier: object) -> bool:
    """Whether an event leaves nothing to be known of the one right before it: a newer place, or progress."""
    return isinstance(later, Queued | Progressed) and type(later) is type(earlier)
