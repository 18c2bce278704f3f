"""The heartbeat of a session, by which an app learns that it is in use (protocol section 8.2)."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from gradio_client._http.outgoing import Outgoing
from gradio_client.domain.errors import GradioClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradio_client._app import App

logger = logging.getLogger("gradio_client.session")

EVENT_STREAM = (("Accept", "text/event-stream"), ("Accept-Encoding", "identity"))
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds between a lost heartbeat and the next


async def beat(app: App, session_hash: str, lost: Callable[[], None], regained: Callable[[], None]) -> None:
    """Hold the heartbeat's connection open until cancelled; open it again, ever later, when it is lost.

    Returns when the server has no heartbeats.

    Args:
        app: the connected app.
        session_hash: the session's name.
        lost: called each time that the heartbeat was lost, or could not be had for now.
        regained: called when it is there, and when there is none to be had.
    """
    pause = FIRST_PAUSE
    while (found := await _hold(app, session_hash, regained)) is not None:
        lost()
        pause = FIRST_PAUSE if found else pause
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
    regained()


async def _hold(app: App, session_hash: str, held: Callable[[], None]) -> bool | None:
    """Whether there was a heartbeat, until now; None if there never will be one."""
    url, timeouts = app.urls.heartbeat(session_hash), app.pipeline.stream_limits(alive=True)
    outgoing = Outgoing("heartbeat", "GET", url, headers=EVENT_STREAM, timeouts=timeouts)
    beaten = False
    try:
        response = await app.pipeline.open(outgoing)
        try:
            if response.status != 200:
                return False if response.status == 429 or response.status >= 500 else None
            held()
            while await app.pipeline.read(response):
                beaten = True
        finally:
            await response.aclose()
    except GradioClientError as error:
        logger.debug("the heartbeat of a session was lost: %s", error.message)
    return beaten
