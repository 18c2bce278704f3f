"""Drives one session: joins its jobs, opens the stream they share, hands out its messages."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import math
from collections import Counter
from typing import TYPE_CHECKING, Protocol

from gradio_client._app import check_run
from gradio_client._jobs.cancelling import CancelledJob, tell
from gradio_client._jobs.heartbeat import beat
from gradio_client._jobs.streams import IncomingMessages, connection_cut, open_stream, parsed
from gradio_client.domain.cancelling import NoMethod, cancel_method
from gradio_client.domain.errors import GradioClientError, QueueError, ServerError, Where
from gradio_client.domain.messages import Completed, Message, SendData
from gradio_client.domain.session import Action, Deliver, EndStream, Fail, OpenStream, Session

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from gradio_client._app import App
    from gradio_client._jobs.join_request import JoinRequest
    from gradio_client.domain.endpoints import Endpoint
    from gradio_client.domain.values import Json
    from gradio_client.transport import Response

logger = logging.getLogger("gradio_client.session")

DRAIN_SECONDS = 2.0  # how long a closed stream may take to end, so that its connection can be kept
_FROM_API = (("x-gradio-user", "api"),)  # tells API calls from the app's own page (section 3.4)


class Mailbox(Protocol):
    """Where the messages of one job go. Neither method may block or raise."""

    def received(self, message: Message) -> None: ...

    def failed(self, error: GradioClientError) -> None: ...


class SessionDriver:
    """One session with an app: its hash, its jobs in flight, and the one stream they share.

    Args:
        app: the connected app.
        session_hash: the session's name; no other client may use it (trap 3).
        spawn: starts a task that ends with the client at the latest.

    Attributes:
        has_state: whether the app keeps something for this session, as far as its configuration tells.
        maybe_restarted: whether something happened that also happens when the app is restarted.
        same_at: when the app was last found to be the run that it was, by the loop's clock.
    """

    def __init__(
        self,
        app: App,
        session_hash: str,
        spawn: Callable[[Coroutine[None, None, None]], asyncio.Task[None]],
    ) -> None:
        self.session_hash = session_hash
        self.has_state = False
        self.maybe_restarted = False
        self.same_at = -math.inf
        self.app = app
        self._stream_url = app.urls.stream(session_hash)
        self._spawn = spawn
        self._state = Session(app.config.dialect)
        self._under_way: Counter[int] = Counter()  # jobs that have not ended, by the number of their function
        self._mailboxes: dict[str, Mailbox] = {}
        self._unwanted: dict[str, CancelledJob] = {}  # of _mailboxes
        self._reader: asyncio.Task[None] | None = None
        self._heartbeat: asyncio.Task[None] | None = None
        self._unheard = (
            False  # whether the heartbeat is to be there and is not: nobody would say of a restart
        )
        self._tasks: set[asyncio.Task[None]] = set()
        self._ending = False
        self._running = 0  # joins under way, and jobs with a stream of their own
        self._retired = False

    @property
    def stream_unreliable(self) -> bool:
        """Whether messages of further jobs may go astray, and the app has nothing of this session to lose."""
        return self._state.stream_unreliable and not self.has_state

    def job_begins(self, endpoint: Endpoint) -> None:
        """Count on a job of this session, which may come much later; ``job_ended`` must follow."""
        self._under_way[endpoint.id] += 1

    def job_ended(self, endpoint: Endpoint) -> None:
        """Take the news that a job of this session has ended, or is asked in another one."""
        self._under_way[endpoint.id] -= 1
        if not self._under_way[endpoint.id]:
            for job in tuple(self._unwanted.values()):  # which may have waited for just that
                self.give_up(job)
        self._settle()

    async def run(self, request: JoinRequest, mailbox: Mailbox) -> None:
        """Hand a job to the server; its messages go to the mailbox from then on.

        Returns when the server has taken the job (with servers of protocol ``sse``: when it is over).

        Raises:
            AppRestartedError: it could not be sent at first, and the app has been restarted since.
            GradioClientError: the server did not take it, or its answer was lost.
        """
        self._running += 1
        try:
            if self.app.config.dialect.one_stream_per_job:
                await self._run_on_own_stream(request, mailbox)
            else:
                await self._join(request, mailbox)
        finally:
            self._running -= 1
            self._settle()

    def forget(self, event_id: str) -> None:
        """Take no more messages for a job: it is over, or was given up."""
        if self._mailboxes.pop(event_id, None) is not None:
            self._unwanted.pop(event_id, None)
            self._do(self._state.forgotten(event_id))
            self._settle()

    def give_up(self, job: CancelledJob) -> None:
        """Want no more of a job, and have the server stop it as soon as that can be done without harm."""
        busy = {number for number, jobs in self._under_way.items() if jobs}
        chosen = cancel_method(self.app.config, job.endpoint, job.stage, busy)
        if chosen is NoMethod.YET and job.event_id in self._mailboxes:
            job.proceeds = self.give_up
            self._mailboxes[job.event_id] = self._unwanted[job.event_id] = job
            self._settle()
            return
        self.forget(job.event_id)
        if not isinstance(chosen, NoMethod):
            job.spawn(tell(self.app, self.session_hash, chosen, job))

    def keep_alive(self) -> None:
        """Start the heartbeat, which tells the server that the session is in use (section 8.2)."""
        if self._heartbeat is None:
            self._heartbeat = self._start(
                beat(self.app, self.session_hash, self._lost_heartbeat, self._regained_heartbeat)
            )

    def _lost_heartbeat(self) -> None:
        self.maybe_restarted = self._unheard = True

    def _regained_heartbeat(self) -> None:
        self._unheard = False

    def found_same(self) -> None:
        """Take the news that the app is the run that it was; without a heartbeat the next job asks again."""
        self.maybe_restarted = self._unheard
        self.same_at = asyncio.get_running_loop().time()

    def retire(self) -> None:
        """End the session when its last job has: no further job will be handed to it."""
        self._retired = True
        self._settle()

    async def ended(self) -> None:
        """Wait for the end of the session's own connections; only after ``retire``."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _start(self, coroutine: Coroutine[None, None, None]) -> asyncio.Task[None]:
        # What serves the whole session must not run in the context of the call that happened to need it
        # first: plugins take what belongs to one call, and to one user, from there.
        task = contextvars.Context().run(self._spawn, coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _settle(self) -> None:
        if not self._retired or self._running or self._under_way.total():
            return
        if len(self._mailboxes) == len(self._unwanted):
            for task in (self._reader, self._heartbeat):
                if task is not None:
                    task.cancel()

    async def _join(self, request: JoinRequest, mailbox: Mailbox) -> None:
        """Submit a job whose messages come by the stream of the session (``sse_v1`` and later)."""
        self._state.joining()
        try:
            answer = await self.app.post_json(
                "join",
                self.app.urls.join(),
                request.body(self.session_hash),
                _FROM_API,
                scope=request.scope,
                unwanted=request.ended,
                again=self._submitted_again,
            )
            event_id = self._new_name(answer)
        except BaseException as error:  # raised again: a cancelled join is no longer waited for
            self.maybe_restarted |= isinstance(error, GradioClientError) and not isinstance(error, QueueError)
            self._do(self._state.join_failed())
            raise
        self._mailboxes[event_id] = mailbox
        self._note_state(request)
        request.taken(event_id)
        self._do(self._state.joined(event_id))

    def _new_name(self, answer: Json) -> str:
        event_id = _event_id(answer, self.app)
        if self._state.knows(event_id):  # neither job's messages could be told from the other's
            raise ServerError("The server gave the job the name of an earlier one.")
        return event_id

    def _do(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Deliver():
                    if mailbox := self._mailboxes.get(action.event_id):
                        mailbox.received(action.message)
                case Fail(event_id, error):
                    self.maybe_restarted = True
                    self._unwanted.pop(event_id, None)
                    if mailbox := self._mailboxes.pop(event_id, None):
                        mailbox.failed(error.locate(app=self.app.urls.base, event_id=event_id))
                case OpenStream():
                    self._reader = self._start(self._read())
                case EndStream():
                    self._ending = True

    async def _read(self) -> None:
        """Read one stream to its end, and tell the state how it ended."""
        self._ending = False
        clean, reason, where = False, "", Where()
        response: Response | None = None
        try:
            response = await open_stream(self.app, self._stream_url, again=self._asked_again)
            clean = await self._pump(response)
        except GradioClientError as error:
            reason, where = error.message, error.where
        except asyncio.CancelledError:
            reason = "the client was closed"
            raise
        except Exception as error:
            logger.exception("the stream of a session could not be read on")
            reason = f"the client failed to read on: {type(error).__name__}"
        finally:
            self._reader = None
            try:
                if response is not None and not clean:
                    await response.aclose()  # before another stream is opened: never two readers (trap 3)
            finally:
                self._do(self._state.stream_ended(clean, reason, where))
            if response is not None and clean:
                await self._drain(response)

    async def _asked_again(self, refused: bool) -> None:  # noqa: FBT001 - as ``Outgoing.again`` has it
        if not refused:
            self._state.stream_repeated()

    async def _pump(self, response: Response) -> bool:
        """Hand on messages until the stream is over; whether it ended as the protocol ends one."""
        incoming = IncomingMessages(self.app, response)
        while texts := await incoming.next():
            for message in parsed(texts):
                self._do(self._state.received(message))
            if self._ending:
                break
        return True

    async def _drain(self, response: Response) -> None:
        """Read what is left of an ended stream: only then can its connection serve again."""
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                while await self.app.pipeline.read(response):
                    pass
        except (GradioClientError, TimeoutError):
            logger.debug("a stream did not end as announced")
        finally:
            await response.aclose()

    async def _run_on_own_stream(self, request: JoinRequest, mailbox: Mailbox) -> None:
        """Run a job to its end over a stream of its own (``sse``, section 5.3)."""
        response = await open_stream(
            self.app,
            self.app.urls.join_v0(request.fn_index, self.session_hash),
            _FROM_API,
            request.scope,
            self._submitted_again,
        )
        self._note_state(request)
        try:
            incoming = IncomingMessages(self.app, response)
            while texts := await incoming.next():
                for message in parsed(texts):
                    if isinstance(message, SendData) and message.event_id is not None:
                        request.taken(message.event_id)
                        await self._send_data(request, message.event_id)
                    else:
                        mailbox.received(message)
                    if isinstance(message, Completed):  # its files may still be on their way
                        return
                if request.ended():
                    return
        except GradioClientError:
            self.maybe_restarted = True
            raise
        finally:
            await response.aclose()
        self.maybe_restarted = True
        raise connection_cut(self.app, "the server ended the stream before the job was over")

    async def _send_data(self, request: JoinRequest, event_id: str) -> None:
        body = request.body(self.session_hash, event_id=event_id)
        await self.app.post_json("join", self.app.urls.data_v0(), body, _FROM_API, scope=request.scope)

    async def _submitted_again(self, refused: bool) -> None:  # noqa: FBT001 - likewise
        """See that a job which could not be sent is sent to no other run of the app than it was made for."""
        if refused:
            await check_run(self.app, stateful=self.has_state)

    def _note_state(self, request: JoinRequest) -> None:
        endpoint = self.app.config.endpoints.get(request.fn_index)
        self.has_state |= endpoint is not None and endpoint.has_state


def _event_id(answer: Json, app: App) -> str:
    event_id = answer.get("event_id") if isinstance(answer, dict) else None
    if not isinstance(event_id, str):
        raise ServerError(
            "The server took the job but did not name it; is this a Gradio app?",
            where=Where(app=app.urls.base),
        )
    return event_id
