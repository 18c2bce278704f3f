"""Jobs that nobody waits for any more, and telling the server so."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, TypeAlias

from gradio_client.domain import messages as wire
from gradio_client.domain.cancelling import CallCanceller, Cancel, NoMethod, Reset, Stage
from gradio_client.domain.errors import GradioClientError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Coroutine

    from gradio_client._app import App
    from gradio_client._http.outgoing import CallScope
    from gradio_client.domain.cancelling import CancelMethod
    from gradio_client.domain.endpoints import Endpoint
    from gradio_client.domain.values import JsonObject

logger = logging.getLogger("gradio_client.session")

Spawn: TypeAlias = "Callable[[Coroutine[None, None, None]], asyncio.Task[None]]"


class CancelledJob:
    """A job that was cancelled, or given up, while the server still has it.

    Args:
        endpoint: its function.
        event_id: the server's name for it.
        scope: the call it belongs to.
        stage: how far it has come.
        spawn: starts a task that the client's end waits for, for a while.

    Attributes:
        proceeds: called when it has come further; set by whoever waits for that.
    """

    __slots__ = ("endpoint", "event_id", "proceeds", "scope", "spawn", "stage")

    def __init__(
        self, endpoint: Endpoint, event_id: str, scope: CallScope, stage: Stage, spawn: Spawn
    ) -> None:
        self.endpoint = endpoint
        self.event_id = event_id
        self.scope = scope
        self.stage = stage
        self.spawn = spawn
        self.proceeds: Callable[[CancelledJob], None] | None = None

    def received(self, message: wire.Message) -> None:
        """Take a message of the job for what it tells of its stage."""
        stage = _stage(message)
        if stage > self.stage:
            self.stage = stage
            if self.proceeds is not None:
                self.proceeds(self)

    def failed(self, error: GradioClientError) -> None:
        """Take the news that the job's messages end here, which nobody misses."""


def _stage(message: wire.Message) -> Stage:
    match message:
        case wire.Estimation():
            return Stage.QUEUED
        case wire.Generating() | wire.Streaming():
            return Stage.YIELDED
        case wire.Completed():
            return Stage.OVER
        case _:
            return Stage.STARTED


async def tell(app: App, session_hash: str, way: CancelMethod, job: CancelledJob) -> None:
    """Ask the server to stop a job.

    The answer may take as long as one step of the app's generator, and says nothing of success.
    """
    urls = app.urls
    body: JsonObject = {"event_id": job.event_id}
    match way:
        case Cancel(fn_index):
            url = urls.cancel()
            body |= {"session_hash": session_hash, "fn_index": fn_index}
        case Reset():
            url = urls.reset()
        case CallCanceller(fn_index):
            url = urls.run()
            body = {"data": [], "fn_index": fn_index, "session_hash": session_hash}
        case NoMethod():
            return
    try:
        await app.post_json("cancel", url, json.dumps(body).encode(), scope=job.scope)
    except GradioClientError as error:
        logger.debug("the server was not told of a cancelled job: %s", error.message)
