"""The errors of jobs whose stream ended before their result came (protocol sections 5.9, 5.10)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from gradio_client.domain.errors import ConnectionLost, Where

#: Makes the error of a lost job from the server's name for it.
Lost: TypeAlias = Callable[[str], ConnectionLost]

NOWHERE = Where()

_UNKNOWN = (
    "its outcome is unknown: it may or may not have run. "
    "Submit it again only if running it twice does no harm."
)


def connection_lost(event_id: str | None, reason: str = "", where: Where = NOWHERE) -> ConnectionLost:
    """The connection broke, or ended before the job did; ``reason`` says how, if that is known.

    ``where`` has the status and the body of an answer, if one came instead of the stream.
    """
    because = f" ({reason.rstrip('. ')})" if reason else ""
    error = _lost(event_id, f"The connection ended before the result of the job arrived{because}; {_UNKNOWN}")
    error.where = replace(error.where, status=where.status, body=where.body)
    return error


def session_lost(event_id: str | None, said: str) -> ConnectionLost:
    """The server does not know the session that the job was submitted in."""
    return _lost(
        event_id,
        f"The app does not know the job's session ({said.rstrip('. ')}): it was restarted, another replica "
        f"answered, or the connection had been cut. The result cannot be had, and {_UNKNOWN}",
    )


def server_stopped(event_id: str | None, said: str) -> ConnectionLost:
    """The server said that it stops."""
    return _lost(
        event_id,
        f"The app's server stopped ({said.rstrip('. ')}) before the result of the job arrived; {_UNKNOWN}",
    )


def never_heard_of(event_id: str | None) -> ConnectionLost:
    """A stream was opened again for the job, and the server is silent about it."""
    return _lost(
        event_id,
        f"The server ended the job's stream and says no more about the job on the next one; {_UNKNOWN}",
    )


def outrun(event_id: str | None) -> ConnectionLost:
    """More messages came before the job's submission was answered than could be kept."""
    return _lost(
        event_id,
        f"Too many messages arrived before the answer to the job's submission, and some of this job's "
        f"had to be dropped; {_UNKNOWN}",
    )


def _lost(event_id: str | None, text: str) -> ConnectionLost:
    return ConnectionLost(text, where=Where(event_id=event_id))
