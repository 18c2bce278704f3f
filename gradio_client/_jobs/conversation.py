"""What one user says to an app: one session after another, and the jobs in them."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import secrets
from typing import TYPE_CHECKING

from gradio_client._jobs.run import Call, JobRun
from gradio_client._jobs.session import SessionDriver
from gradio_client.domain.errors import AppRestartedError, ClientClosedError, Where
from gradio_client.hooks import JobInfo, Submitted

if TYPE_CHECKING:
    from gradio_client._engine import Engine
    from gradio_client._jobs.feed import Entry

logger = logging.getLogger("gradio_client.client")

_STATE_LOST = (
    "The app was restarted since this session was opened, or another replica of it answers now: what it "
    "remembered of the session is lost. Nothing was sent; the next call begins a session anew."
)
_CHANGED = (
    "The app was restarted, and this endpoint is not what it was. Nothing was sent; the next call is made "
    "for the app as it is now, which view_api() shows."
)
STREAMS_CLOSE_SECONDS = 5.0  # the longest that closing waits for a session's connections to end


class Conversation:
    """A client's dealings with the app, or those of one of its sessions. Used on its event loop only.

    The app keeps state by session, so no conversation sees what another does; they share the engine's
    configuration, cookies and connections. Opening one sends nothing but, to apps that want it, a
    heartbeat.

    Args:
        engine: the client that it belongs to.

    Attributes:
        engine: the client that it belongs to.
        closed: whether it was closed by itself; it also ends with its engine.
    """

    def __init__(self, engine: Engine) -> None:
        self.closed = False
        self.engine = engine
        self._session: SessionDriver | None = None
        self._runs: set[JobRun] = set()

    @property
    def session(self) -> SessionDriver:
        """The session that new jobs belong to, opened now if there is none.

        Raises:
            ClientClosedError: the client is not connected yet.
        """
        return self._session or self.open_session()

    def open_session(self) -> SessionDriver:
        """Open a session for new jobs, which sends a heartbeat if the app wants one.

        Raises:
            ClientClosedError: the client is not connected yet.
        """
        app = self.engine.app
        self._session = session = SessionDriver(app, secrets.token_hex(16), self.engine.spawn)
        self.engine.conversations.add(self)
        if app.config.wants_heartbeat and not self._is_over:
            session.keep_alive()
        return session

    @property
    def _is_over(self) -> bool:
        return self.closed or self.engine.closed

    def start(self, call: Call, *, spent: float = 0.0) -> JobRun:
        """Set a job out in the current session; ``spent`` seconds of its time have passed.

        After the end of this or of the client it fails at once.
        """
        session, engine = self.session, self.engine
        run = JobRun(call, session, engine.context, self._check_not_restarted)
        if self._is_over:
            run.fail(self.closed_error())
            return run
        self._count(run)
        if meter := self.engine.context.transfer.reporter.job(call.endpoint.label):
            run.feed.subscribe(lambda entry: meter.take(entry.event))
        if self.engine.hooks.observes_jobs:
            # In a context of its own: what a plugin sets there is for this job alone.
            contextvars.copy_context().run(self._start_observed, run, spent)
        else:
            run.start(spent)
        return run

    def _start_observed(self, run: JobRun, spent: float) -> None:
        hooks, job = self.engine.hooks, JobInfo(self.engine.client_info(), run.call.endpoint.label)
        hooks.job_event(job, Submitted())
        run.feed.subscribe(lambda entry: hooks.job_event(job, entry.event))
        run.start(spent)

    def reset(self) -> None:
        """Give later jobs a session of their own; jobs in flight finish on the old one."""
        self.retire()
        if self.engine.connected and not self._is_over:
            self.open_session()

    def retire(self) -> None:
        """Let the current session end with its last job."""
        if self._session is not None:
            self._session.retire()
            self._session = None

    def refuse_if_closed(self) -> None:
        """Raise what a call raises when this or the client is closed."""
        if self._is_over:
            raise self.closed_error()

    def closed_error(self) -> ClientClosedError:
        """What a call raises when this or the client is closed."""
        if self.engine.closed:
            return self.engine.closed_error()
        return ClientClosedError(
            "The session is closed; open another with client.session().", where=Where(app=self.engine.where)
        )

    def end_jobs(self) -> None:
        """End every job in flight, because this or the client was closed."""
        for run in tuple(self._runs):
            run.abort(self.closed_error())

    async def aclose(self) -> None:
        """End the jobs in flight, and the connections they have. Idempotent, and bounded in time."""
        self.closed = True
        sessions = {run.session for run in self._runs}
        if self._session is not None:
            sessions.add(self._session)
        self.retire()
        self.end_jobs()
        try:
            async with asyncio.timeout(STREAMS_CLOSE_SECONDS):
                await asyncio.gather(*(session.ended() for session in sessions))
        except TimeoutError:
            logger.warning("the connections of a session did not end within %s s", STREAMS_CLOSE_SECONDS)

    async def _check_not_restarted(self, run: JobRun) -> None:
        """Before a job is sent: see that it meets the app as it is now, and is heard, or say what is lost."""
        old, engine = run.session, self.engine
        if old.app is engine.app and not old.maybe_restarted and not old.stream_unreliable:
            return
        await engine.check_not_restarted(old)
        if old.app is engine.app and not old.stream_unreliable:
            return
        if self._session is old:
            self.retire()
        endpoint = run.call.endpoint
        now = engine.app.config.endpoints.get(endpoint.id)
        if now != endpoint:
            raise AppRestartedError(_CHANGED)
        if old.has_state:
            raise AppRestartedError(_STATE_LOST)
        old.job_ended(endpoint)
        self.session.maybe_restarted |= old.maybe_restarted  # nobody could be asked
        run.move(now, self.session, engine.context)
        run.session.job_begins(now)

    def _count(self, run: JobRun) -> None:
        self._runs.add(run)
        run.session.job_begins(run.call.endpoint)

        def listen(entry: Entry) -> None:  # noqa: ARG001 - the feed knows
            if run.feed.ended:
                self._runs.discard(run)
                run.session.job_ended(run.call.endpoint)

        run.feed.subscribe(listen)
