"""What a forked process does with the clients of its parent: it makes them anew, and leaves the old alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradio_client._concurrency.portal import keep_for_ever
from gradio_client._engine import Engine
from gradio_client.domain.errors import ClientClosedError, Where
from gradio_client.transport import Transport

if TYPE_CHECKING:
    from gradio_client._settings import Settings


def anew(engine: Engine) -> Engine:
    """An engine like one that was made before the fork; it is not connected yet.

    Raises:
        ClientClosedError: it cannot be had, since the caller's own transport belongs to the parent.
    """
    keep_for_ever(engine)
    return Engine(_portable(engine.settings, engine.where))


def _portable(settings: Settings, where: str) -> Settings:
    if isinstance(settings.transport, Transport):
        raise ClientClosedError(
            "This client was made before the process was forked, and its transport= belongs to the parent. "
            "Make a client here, or pass what makes the transport: a name, a class or a function.",
            where=Where(app=where),
        )
    return settings
