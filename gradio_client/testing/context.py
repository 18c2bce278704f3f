"""What a running function can say and ask: progress, log messages, and who called it."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gradio_client.domain.values import JsonObject


@dataclass(frozen=True, slots=True)
class Caller:
    """The request that joined the job, as the app sees it (protocol section 3.4).

    Attributes:
        session_hash: of the session it belongs to.
        username: who has logged in; None where the app has no login.
        headers: its header fields, by name.
        cookies: its cookies, by name.
    """

    session_hash: str
    username: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Running:
    """The job that is running here; ``tell`` may be called on any thread."""

    caller: Caller
    tell: Callable[[JsonObject], None]


RUNNING: ContextVar[Running] = ContextVar("gradio_client.testing.running")


def caller() -> Caller:
    """Who called the function that is running.

    Raises:
        LookupError: no endpoint of an app is running here.
    """
    return _running().caller


def progress(
    value: float | tuple[float, float | None] | None, desc: str | None = None, unit: str = "steps"
) -> None:
    """Report progress. Every report is sent.

    Args:
        value: a fraction from 0 to 1, or (index, length); None for neither.
        desc: what is being done, for the bar.
        unit: what an index counts.

    Raises:
        LookupError: no endpoint of an app is running here.
    """
    counted = isinstance(value, tuple)
    index, length = value if isinstance(value, tuple) else (None, None)
    unit_of_progress = {
        "index": index,
        "length": length,
        "unit": unit,
        "progress": None if counted else value,
        "desc": desc,
    }
    _running().tell({"msg": "progress", "progress_data": [unit_of_progress]})


def log(
    text: str,
    level: str = "info",
    *,
    title: str | None = None,
    duration: float | None = 10,
    visible: bool = True,
) -> None:
    """Send a message for the user.

    Args:
        text: what it says.
        level: ``"info"``, ``"warning"``, ``"success"`` or ``"error"``.
        title: its heading; None for the level.
        duration: seconds the app's page would show it; None until dismissed.
        visible: whether the page would show it.

    Raises:
        LookupError: no endpoint of an app is running here.
    """
    _running().tell(
        {
            "msg": "log",
            "log": text,
            "level": level,
            "duration": duration,
            "visible": visible,
            "title": title or level.capitalize(),
        }
    )


def _running() -> Running:
    running = RUNNING.get(None)
    if running is None:
        raise LookupError(
            "caller(), progress() and log() work only within a function of an App or a ScriptedApp that is "
            "being called."
        )
    return running
