"""The attempts of one request: which failures are worth another one, and the wait before it."""

from __future__ import annotations

import logging
import random
import time
from asyncio import sleep
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gradio_client.domain.errors import ConnectionLost
from gradio_client.domain.http import detail_of, retry_after
from gradio_client.domain.retry import BUSY
from gradio_client.transport import ConnectError

if TYPE_CHECKING:
    from gradio_client._http.outgoing import Outgoing
    from gradio_client.domain.errors import GradioClientError
    from gradio_client.domain.retry import Retry
    from gradio_client.transport import Headers

logger = logging.getLogger("gradio_client.http")

_SAFE = ("GET", "HEAD")  # methods that ask for something, and change nothing
_ONCE = ("heartbeat", "cancel")  # one has its own way, the other comes too late the second time


class Attempts:
    """Counts the attempts of one request, from the first on.

    After each that failed ask one of the two methods for the seconds until the next. None means that
    the failure stands; after any number ``another`` must be awaited.

    Args:
        policy: how often and how fast.
        outgoing: the request.
        app: where it goes, for the log.

    Attributes:
        since: when it was first to be sent; it may have waited for its turn since.
        number: the attempt under way, as the policy counts: what is sent again after a login is still one.
    """

    __slots__ = ("_app", "_begun", "_outgoing", "_policy", "_reason", "_refused", "_sent", "number", "since")

    def __init__(self, policy: Retry, outgoing: Outgoing, app: str) -> None:
        self.number = 1
        self._policy = policy
        self._outgoing = outgoing
        self._app = app
        self._reason, self._refused = "", False
        self._sent = 0
        self.since = self._begun = time.monotonic()

    def sending(self) -> int:
        """Note that it is sent now: how often it was, with this time, for whatever reason."""
        if not self._sent:
            self._begun = time.monotonic()
        self._sent += 1
        return self._sent

    def after_error(self, error: GradioClientError) -> float | None:
        """The wait after an error: there is another attempt if nothing was sent, or nothing that matters."""
        self._refused = not isinstance(error, ConnectionLost)
        self._reason = "the connection was refused" if self._refused else "the connection broke"
        if not self._refused:
            # A server may drop a kept connection at any time; asking again is harmless, and at once.
            again = self._outgoing.method in _SAFE and self._repeats and self._policy.attempts > 1
            return 0.0 if again and self.number == 1 else None
        # No limit, certificate or proxy gets better within seconds.
        if type(error.__cause__) is not ConnectError or not self._repeats:
            return None
        return self._wait(None)

    def after(self, status: int, headers: Headers, body: bytes = b"") -> float | None:
        """The wait after an answer; ``body`` matters for the submission of a job alone."""
        if status not in BUSY or not self._repeats or not self._harmless(status, body):
            return None
        self._reason, self._refused = f"status {status}", False
        return self._wait(retry_after(headers.get("retry-after"), datetime.now(UTC)))

    async def another(self, seconds: float) -> None:
        """Wait until the next attempt may begin.

        Raises:
            GradioClientError: whoever sends it wants it no more.
        """
        self.number += 1
        what = self._outgoing.purpose
        logger.info("%s: %s: %s; attempt %d in %.2f s", self._app, what, self._reason, self.number, seconds)
        await sleep(seconds)
        if self._outgoing.again is not None:
            await self._outgoing.again(self._refused)

    @property
    def _repeats(self) -> bool:
        purpose = self._outgoing.purpose
        return self._policy.joins if purpose == "join" else purpose not in _ONCE

    def _harmless(self, status: int, body: bytes) -> bool:
        if self._outgoing.purpose == "join":  # a proxy's 502 does not tell whether the app took the job
            return status == 429 or (status == 503 and _is_full(body))
        return self._outgoing.method in _SAFE or self._outgoing.purpose == "upload"

    def _wait(self, asked: float | None) -> float | None:
        elapsed = time.monotonic() - self._begun
        return self._policy.wait(self.number, elapsed, random.random(), asked)  # noqa: S311 - no secret


def _is_full(body: bytes) -> bool:
    """Whether the queue is full; if it is closed, or this is a proxy's page, waiting may not help."""
    return "queue is full" in (detail_of(body) or "").lower()
