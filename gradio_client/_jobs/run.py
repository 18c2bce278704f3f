"""One job under way: from its arguments to its result, as a feed of events."""

from __future__ import annotations

import asyncio
import contextvars
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from gradio_client._jobs.cancelling import CancelledJob
from gradio_client._jobs.deadline import passed
from gradio_client._jobs.feed import JobFeed, is_end
from gradio_client._jobs.join_request import JoinRequest
from gradio_client.domain.cancelling import Stage
from gradio_client.domain.errors import AppRestartedError, ConnectionLost, GradioClientError, PluginError
from gradio_client.domain.events import (
    Cancelled,
    Completed,
    Failed,
    Logged,
    Output,
    Progressed,
    Started,
    outdates,
)
from gradio_client.domain.job import JobState, News, Values
from gradio_client.domain.results import settled, shape
from gradio_client.domain.status import Status
from gradio_client.domain.status_of_messages import status_update

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from gradio_client._app import App
    from gradio_client._files.transfer import Transfer
    from gradio_client._http.outgoing import CallScope
    from gradio_client._jobs.arguments import Arguments
    from gradio_client._jobs.cancelling import Spawn
    from gradio_client._jobs.session import SessionDriver
    from gradio_client.domain.endpoints import Endpoint
    from gradio_client.domain.messages import Message
    from gradio_client.domain.results import Updates
    from gradio_client.domain.values import Json


_CUT_SHORT = (
    "The task that ran this job was cancelled, although the job was not, perhaps by a transport or a plugin. "
    "Whether the job ran is unknown."
)
_STOPPED = (
    "The client has given the job up, and asked the app to stop it as far as it can. "
    "Allow more time with timeout=, or submit() the job and wait for it as long as you like."
)


@dataclass(frozen=True, slots=True)
class Call:
    """What was asked for: an endpoint and its arguments, checked and bound.

    Attributes:
        deadline: seconds that it may take in all; None for ever.
    """

    endpoint: Endpoint
    arguments: Arguments
    scope: CallScope
    oauth_token: str | None = field(default=None, repr=False)
    event_data: Json = None
    deadline: float | None = None


@dataclass(frozen=True, slots=True)
class JobContext:
    """What every job of a client works with.

    Attributes:
        app: the connected app.
        transfer: its uploads and downloads.
        updates: how outputs that the app only updates are handed out.
        spawn: starts a task that ends with the client at the latest.
        part: likewise, but the client's end waits for it a while.
    """

    app: App
    transfer: Transfer
    updates: Updates
    spawn: Spawn
    part: Spawn


#: What a job has to wait for before it is sent.
Before: TypeAlias = "Callable[[JobRun], Awaitable[None]]"


class JobRun:
    """Runs one call. Used on the event loop's thread only; whoever wants news listens to ``feed``.

    Cancelling ends the job for its owner at once; telling the server goes on in the background.

    Args:
        call: what was asked for.
        session: the one that it is asked in.
        context: what every job of the client works with.
        before: done before anything is sent; it may ``move`` the job, and its error is the job's.
    """

    def __init__(self, call: Call, session: SessionDriver, context: JobContext, before: Before) -> None:
        self.call = call
        self.session = session
        self.event_id: str | None = None
        self.feed = JobFeed()
        self._context = context
        self._before = before
        self._state = JobState(context.app.config.dialect)
        self._previous: list[Json] | None = None
        self._backlog: deque[News] = deque()
        self._files = context.transfer.of_job(call.scope)
        self._fetching: asyncio.Task[None] | None = None
        self._joining = False
        self._gone = False  # whether the server has dropped the job, or is about to
        self._task: asyncio.Task[None] | None = None
        self._variables = contextvars.copy_context()

    def start(self, spent: float = 0.0) -> None:
        """Set out, when ``spent`` seconds of the call's time have passed; the feed tells the rest."""
        self._variables = contextvars.copy_context()
        self._task = self._spawn(self._run())
        if (deadline := self.call.deadline) is not None:
            timer = asyncio.get_running_loop().call_later(deadline - spent, self._expire, deadline)
            self.feed.subscribe(lambda entry: timer.cancel() if is_end(entry.event) else None)

    def cancel(self) -> bool:
        """End the job as cancelled; whether it was still under way."""
        if self.feed.ended:
            return False
        self.feed.publish(Cancelled())
        self._stop()
        return True

    def fail(self, error: GradioClientError) -> None:
        """End the job with an error; nothing happens if it has ended."""
        self._end(Failed(self._located(error)))

    def _located(self, error: GradioClientError) -> GradioClientError:
        where = self._context.app.urls.base
        if self.event_id is not None:  # calling again would run the job twice
            error.retryable = False
        return error.locate(app=where, endpoint=self.call.endpoint.label, event_id=self.event_id)

    def move(self, endpoint: Endpoint, session: SessionDriver, context: JobContext) -> None:
        """Ask in another session, of the app as it is now; only before anything was sent."""
        self.call = replace(self.call, endpoint=endpoint)
        self.session, self._context = session, context
        self._state = JobState(context.app.config.dialect)
        self._files = context.transfer.of_job(self.call.scope)  # they are where the app is now

    def abort(self, error: GradioClientError) -> None:
        """End the job with an error, and at once whatever it was doing; its session ends, too."""
        self._gone = True
        self.fail(error)
        if self._task is not None:
            self._task.cancel()

    def _expire(self, deadline: float) -> None:
        if not self.feed.ended:
            doing = "before the app had taken the job" if self.event_id is None else "before the job was over"
            self.feed.publish(Failed(self._located(passed(deadline, doing, _STOPPED))))
            self._stop()

    def _stop(self) -> None:
        """Do nothing more for the job, which has ended here, and have the server do no more either."""
        current = asyncio.current_task()
        if self._task is not None and self._task is not current:
            if self._own_stream or not self._joining:
                self._task.cancel()
            elif self.event_id is None:
                # Without the answer to its join the server could not be told which job to stop.
                self._part(_end_of(self._task))
        if self._fetching is not None and self._fetching is not current:
            self._fetching.cancel()
        self._give_up()

    def _spawn(self, coroutine: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Start a task in the context of the call, wherever the reason for it came from."""
        # In a copy: an eager task begins at once, perhaps while another of the job's does.
        return self._variables.copy().run(self._context.spawn, coroutine)

    @property
    def _own_stream(self) -> bool:
        return self._context.app.config.dialect.one_stream_per_job

    # What the session calls:

    def received(self, message: Message) -> None:
        """Take a message of this job."""
        try:
            self._receive(message)
        except Exception as error:  # noqa: BLE001 - one job's odd values must not end the others' stream
            self._end(Failed(error))

    def failed(self, error: GradioClientError) -> None:
        """Take the news that the job's messages end here; those that came before count."""
        self._gone = True
        self._take(Failed(error))

    def _receive(self, message: Message) -> None:
        status = status_update(message, datetime.now())  # noqa: DTZ005 - as gradio_client 2.7.2
        if status and status.code is not Status.FINISHED:  # not while its files are still on their way
            self.feed.note(status)
        for news in self._state.received(message):
            self._take(news)

    async def _run(self) -> None:
        try:
            try:
                await self._submit()
            except AppRestartedError:
                if not self._joining:  # ``before`` has said what was lost
                    raise
                self._joining = False
                await self._submit()
        except asyncio.CancelledError:
            self._cut_short()
            raise
        except Exception as error:  # noqa: BLE001 - the job's owner gets it, whatever it is
            self._gone = True
            self._take(Failed(error))
        except BaseException as error:  # raised again: it still ends the program of an AsyncClient
            self.fail(_exited(error))
            raise

    async def _submit(self) -> None:
        await self._before(self)
        data = await self.call.arguments.sendable(self._context.transfer, self.call.scope)
        self._joining = True
        request = JoinRequest(
            self.call.endpoint.id,
            data,
            self.call.scope,
            self.call.oauth_token,
            event_data=self.call.event_data,
            taken=self._taken,
            ended=lambda: self.feed.ended,
        )
        await self.session.run(request, self)

    def _cut_short(self) -> None:
        """End the job if it was not its end that cancelled what did its work."""
        if not self.feed.ended:
            self.fail(ConnectionLost(_CUT_SHORT))

    def _taken(self, event_id: str) -> None:
        self.event_id = event_id
        if self.feed.ended:  # cancelled before the server had named it
            self._give_up()

    def _give_up(self) -> None:
        """Want no more news of the job, and have the server stop it, if it has named it and not ended it."""
        if self.event_id is None:
            return
        if self._is_over:
            self.session.forget(self.event_id)
        else:
            call = self.call
            job = CancelledJob(call.endpoint, self.event_id, call.scope, self._stage(), self._part)
            self.session.give_up(job)

    @property
    def _is_over(self) -> bool:
        """Whether there is nothing left to stop on the server."""
        return self._gone or self._state.over

    def _stage(self) -> Stage:
        if self.feed.outputs:
            return Stage.YIELDED
        told_later = Started | Progressed | Logged
        started = any(isinstance(entry.event, told_later) for entry in self.feed.entries)
        return Stage.STARTED if started else Stage.QUEUED

    def _part(self, coroutine: Coroutine[None, None, None]) -> asyncio.Task[None]:
        return self._variables.copy().run(self._context.part, coroutine)

    # Values with files wait for their download, and what comes after them waits its turn.

    def _take(self, news: News) -> None:
        if self._fetching is not None:
            if self._backlog and outdates(news, self._backlog[-1]):
                self._backlog.pop()
            self._backlog.append(news)
        elif isinstance(news, Values) and self._files.has_files(news.data):
            self._backlog.append(news)
            fetching = self._spawn(self._fetch_in_turn())
            # An eager task, which the program's loop may make, can be done already.
            self._fetching = None if fetching.done() else fetching
        else:
            self._hand_out(news)

    async def _fetch_in_turn(self) -> None:
        try:
            while self._backlog and not self.feed.ended:
                news = self._backlog.popleft()
                if isinstance(news, Values):
                    data = await self._files.replaced(news.data, final=news.final)
                    news = Values(data, news.final)
                self._hand_out(news)
        except GradioClientError as error:
            self.fail(error)
        except asyncio.CancelledError:
            self._cut_short()
            raise
        except Exception as error:  # noqa: BLE001 - likewise
            self._end(Failed(error))
        finally:
            self._fetching = None

    def _hand_out(self, news: News) -> None:
        match news:
            case Values():
                self._hand_out_values(news)
            case Failed(GradioClientError() as error):
                self.fail(error)
            case Failed() | Cancelled():
                self._end(news)
            case _:
                self.feed.publish(news)

    def _hand_out_values(self, values: Values) -> None:
        data = values.data
        if not values.final:  # later values share parts with these, and the caller may change them
            data = [_own_copy(value) for value in data]
        updates = self._context.updates
        value = shape(self.call.endpoint, data, updates=updates, previous=self._previous)
        if updates == "value":  # else nobody asks what was there before
            self._previous = settled(data, self._previous)
        if not values.final or not self.feed.outputs:
            self.feed.publish(Output(value, only=values.final))
        if values.final:
            self._end(Completed(value))

    def _end(self, event: Completed | Failed | Cancelled) -> None:
        if self.feed.ended:  # whoever ended it has seen to the rest
            return
        self.feed.publish(event)
        if self._is_over:
            self._give_up()
        else:
            self._stop()


async def _end_of(task: asyncio.Task[None]) -> None:
    await asyncio.wait((task,))


def _own_copy(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _own_copy(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_own_copy(item) for item in value]
    return value


def _exited(error: BaseException) -> PluginError:
    made = PluginError(
        f"{type(error).__name__} was raised while the job was under way, by a plugin or a function given as "
        "auth= or transport=. Whether the job ran is unknown."
    )
    made.__cause__ = error
    return made
