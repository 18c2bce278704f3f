"""What both faces of the client share: connecting, sessions, jobs and the end."""

from __future__ import annotations

import asyncio
import logging
import os
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from gradio_client import _face
from gradio_client._app import App, connect, is_unanswered, was_restarted, with_whole_endpoints
from gradio_client._concurrency.gathering import emptied
from gradio_client._concurrency.single_flight import SingleFlight
from gradio_client._files.transfer import Transfer
from gradio_client._http.cookies import CookieJar
from gradio_client._http.options import header_pairs
from gradio_client._http.outgoing import CallScope, Outgoing, merge
from gradio_client._http.pipeline import Pipeline
from gradio_client._http.transports import make_transport
from gradio_client._jobs.arguments import Arguments
from gradio_client._jobs.conversation import Conversation
from gradio_client._jobs.deadline import NOT_GIVEN, with_timeout
from gradio_client._jobs.run import Call, JobContext
from gradio_client._settings import user_agent
from gradio_client._spaces.finding import AppLocator
from gradio_client._version import __version__
from gradio_client.domain.endpoints import bind_arguments, select_endpoint
from gradio_client.domain.errors import ClientClosedError, DeadlineError, GradioClientError, Where
from gradio_client.domain.source import AppURLs, SpaceSource
from gradio_client.hooks import ClientInfo, Hooks
from gradio_client.transport import Transport, TransportOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from gradio_client._jobs.session import SessionDriver
    from gradio_client._settings import Settings
    from gradio_client.auth import Auth
    from gradio_client.domain.endpoints import Endpoint
    from gradio_client.domain.spaces import SpaceStatus
    from gradio_client.domain.values import Json

logger = logging.getLogger("gradio_client.client")

PARTING_SECONDS = 1.0  # the longest that closing waits until servers have heard of cancelled jobs
TASKS_CLOSE_SECONDS = 5.0  # the longest that closing waits for connections to end


class Engine:
    """A client without a face: used on one event loop, except where said otherwise.

    Args:
        settings: what the caller asked for.

    Attributes:
        main: the client's own conversation with the app.
        conversations: all that may have jobs in flight.
        hooks: the client's plugins.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.face: _face.Face | None = None  # None for that of the loop it runs on
        self.closed = False
        self._process = os.getpid()
        self.hooks = Hooks(settings.plugins, settings.disabled_plugins)
        self.conversations: weakref.WeakSet[Conversation] = weakref.WeakSet()
        self.main = Conversation(self)
        self._client: ClientInfo | None = None
        self._pipeline: Pipeline | None = None
        self._jar: CookieJar | None = None
        self._app: App | None = None
        self._context: JobContext | None = None
        self._transfers: list[Transfer] = []  # of each run of the app that was connected to
        self._turns = SingleFlight()  # at connecting
        self._patience: asyncio.Timeout | None = None  # of who is connecting
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._partings: set[asyncio.Task[None]] = set()  # of _tasks

    @property
    def app(self) -> App:
        """The connected app.

        Raises:
            ClientClosedError: there is none yet.
        """
        if self._app is None:
            raise ClientClosedError("The client is not connected yet; `await client.connect()` first.")
        return self._app

    @property
    def is_parents(self) -> bool:
        """Whether it was made before this process was forked: its connections are the parent's."""
        return self._process != os.getpid()

    @property
    def connected(self) -> bool:
        """Whether the app has been read."""
        return self._app is not None

    @property
    def where(self) -> str:
        """The app's address, or what was given as its source."""
        return self._source if self._app is None else self._app.urls.base

    @property
    def _source(self) -> str:
        source = self.settings.source
        return source.space_id if isinstance(source, SpaceSource) else source.url

    @property
    def space_id(self) -> str | None:
        """``owner/name`` when the source is a Space, else None."""
        source = self.settings.source
        return source.space_id if isinstance(source, SpaceSource) else None

    @property
    def context(self) -> JobContext:
        """What every job works with.

        Raises:
            ClientClosedError: the client is not connected yet.
        """
        if self._context is None:
            raise ClientClosedError("The client is not connected yet; `await client.connect()` first.")
        return self._context

    async def connect(
        self,
        announce: Callable[[str], object] | None = None,
        on_status: Callable[[SpaceStatus], object] | None = None,
    ) -> None:
        """Find the app, log in, and read what it offers; nothing happens when that was done before.

        Args:
            announce: called with the app's address before it is read.
            on_status: called with each new status of a Space.

        Raises:
            DeadlineError: it took longer than the caller's ``connect_timeout``.
            ClientClosedError: the client was closed, perhaps meanwhile.
            GradioClientError: there is no usable app.
        """
        self.check_loop()
        self._loop = asyncio.get_running_loop()
        async with self._turns.turn() as failure:
            self._refuse_if_closed()
            if self._app is not None:
                return
            if failure:
                failure.raise_again()
            asked = self.settings
            with AppLocator(asked.source, asked.token, on_status, telemetry=asked.analytics_enabled) as place:
                try:
                    await self._connect_in_time(place, announce)
                except GradioClientError as error:
                    self._turns.failed(error)
                    raise
                place.report()

    def check_loop(self) -> None:
        """Raise RuntimeError on another event loop than that of the first call, which has its connections."""
        if self._loop is not None and self._loop is not asyncio.get_running_loop():
            raise RuntimeError(
                "This client belongs to the event loop that it was first used on, and this is another one. "
                "Make a client within each asyncio.run(), or use Client, which has a loop of its own."
            )

    async def check_not_restarted(self, session: SessionDriver) -> None:
        """See that the app is the run that the session was opened with; if not, read its configuration anew.

        Raises:
            GradioClientError: there is no usable app, or no answer and the session has state to lose.
        """
        since = asyncio.get_running_loop().time()
        async with self._turns.turn() as earlier:
            if not session.maybe_restarted or session.app is not self.app or session.same_at >= since:
                return  # another job has found out
            failure = earlier
            if failure is None:
                try:
                    if not await was_restarted(session.app):
                        session.found_same()
                        return
                except GradioClientError as error:
                    logger.debug("an app could not be asked whether it was restarted: %s", error.message)
                    failure = self._turns.failed(error, for_all=False)
            if failure is not None:
                if failure.for_all or (session.has_state and is_unanswered(failure.error)):
                    failure.raise_again()
                return
            logger.warning("%s was restarted; its configuration is read again", self.where)
            try:
                self._app = await self._read_app(session.app.pipeline, session.app.urls.base)
            except GradioClientError as error:
                self._turns.failed(error)
                raise
            session.maybe_restarted = False

    def find(self, api_name: str | None, fn_index: int | None) -> Endpoint:
        """The endpoint that is called by a name or a number. May be called on any thread.

        Raises:
            EndpointNotFoundError: no endpoint fits.
        """
        try:
            return select_endpoint(self.app.config.endpoints, api_name, fn_index)
        except GradioClientError as error:
            raise error.locate(app=self.where) from error.__cause__

    def prepare(  # noqa: PLR0913 - what a call consists of, by name
        self,
        args: Sequence[Json],
        kwargs: Mapping[str, Json],
        *,
        api_name: str | None,
        fn_index: int | None,
        headers: Mapping[str, str] | None,
        event_data: Json = None,
        timeout: float | Json | None = NOT_GIVEN,
    ) -> Call:
        """Choose the endpoint and bind the arguments. Sends nothing; may be called on any thread.

        Raises:
            EndpointNotFoundError: no endpoint fits.
            ArgumentError: the arguments do not fit the endpoint.
            TypeError, ValueError: ``timeout`` is no number of seconds.
        """
        self._refuse_if_closed()
        endpoint = self.find(api_name, fn_index)
        try:
            kwargs, deadline = with_timeout(endpoint, kwargs, timeout)
            arguments = Arguments(endpoint, bind_arguments(endpoint, args, kwargs))
        except GradioClientError as error:
            raise error.locate(app=self.where) from error.__cause__
        token = self.settings.oauth_token if endpoint.oauth else None
        scope = CallScope(endpoint.label, header_pairs(headers) if headers else ())
        return Call(endpoint, arguments, scope, token, event_data, deadline)

    def own_headers(self) -> dict[str, str]:
        """The header fields of every request to the app's own origin; some are secret."""
        own = {"User-Agent": user_agent(__version__)} | self.settings.token_header
        return dict(merge(tuple(own.items()), self.settings.http.headers).pairs)

    def cookies(self) -> dict[str, str]:
        """The cookies of the app by name; for the event loop."""
        return self._jar.all() if self._jar else {}

    def retire_later(self, conversation: Conversation) -> None:
        """Let a conversation that nobody has any more end with its last job. For any thread."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended, and everything with it
                self._loop.call_soon_threadsafe(conversation.retire)

    async def aclose(self) -> None:
        """End every job, task and connection. Idempotent, and bounded in time."""
        if self.closed:
            return
        self.closed = True
        self._end_connecting()
        try:
            for conversation in tuple(self.conversations):
                conversation.end_jobs()
            await emptied(self._partings, PARTING_SECONDS)
            async with asyncio.timeout(TASKS_CLOSE_SECONDS):
                while tasks := tuple(self._tasks):
                    for task in tasks:
                        task.cancel()
                    # Not by gather, which may not wait at all where all are done, and they would never leave.
                    await asyncio.wait(tasks)
        except TimeoutError:
            logger.warning("tasks did not end within %s s", TASKS_CLOSE_SECONDS)
        finally:  # also when this is cancelled
            if self._pipeline is not None:  # first: removing many files may take longer than who closes waits
                await self._pipeline.aclose()
            for transfer in self._transfers:
                if transfer.removes:
                    await asyncio.to_thread(transfer.remove)

    def _end_connecting(self) -> None:
        if self._patience is not None:
            with suppress(RuntimeError):  # it is over
                self._patience.reschedule(0)

    def closed_error(self) -> ClientClosedError:
        """What a call on the closed client raises."""
        return ClientClosedError("The client is closed; make a new one.", where=Where(app=self.where))

    async def _connect_in_time(self, place: AppLocator, announce: Callable[[str], object] | None) -> None:
        limit = self.settings.connect_timeout
        self._patience = patience = asyncio.timeout(limit)
        try:
            async with patience:
                await self._connect(place, announce)
        except (TimeoutError, GradioClientError):
            if self.closed:  # which is why
                raise self.closed_error() from None
            if not patience.expired():
                raise
            raise DeadlineError(
                f"Connecting took longer than connect_timeout={limit} s. {place.doing}".rstrip(),
                where=Where(app=self._source),
            ) from None
        finally:
            self._patience = None  # it knows the caller's task, which must not live as long as the client

    async def _connect(self, place: AppLocator, announce: Callable[[str], object] | None) -> None:
        base = await place.find()
        self._refuse_if_closed()
        self._client = ClientInfo(self._source, base, self.space_id)
        pipeline = self._pipeline = self._pipeline or self._make_pipeline(base)
        pipeline.check_tls(base)  # nobody hears of the errors of what wakes a Space
        announced = False

        async def read() -> App:
            nonlocal announced
            if announce is not None and not announced:
                announced = True
                announce(base)
            return await self._read_app(pipeline, base)

        async def wake() -> None:
            await pipeline.fetch(Outgoing("config", "GET", AppURLs(base).config()))

        self._app = await place.reach(read, wake)
        self.main.open_session()

    async def _read_app(self, pipeline: Pipeline, base: str) -> App:
        await pipeline.log_in()
        app = await connect(pipeline, base)
        if not self.settings.skip_components:
            app = with_whole_endpoints(app)
        self._refuse_if_closed()  # nothing may start that nobody would end
        self._transfers.append(self._make_transfer(app))
        self._context = JobContext(app, self._transfers[-1], self.settings.updates, self.spawn, self.part)
        return app

    def _make_pipeline(self, base: str) -> Pipeline:
        http, chosen = self.settings.http, self.settings.transport
        made_of = TransportOptions(http.tls, pool_size=http.pool_size)
        self._jar = CookieJar(http.cookies, base)
        return Pipeline(
            make_transport(chosen, made_of, self.hooks.transports),
            http,
            base=base,
            cookies=self._jar,
            # Who wants an answer compressed says so; other hosts get no header but these.
            defaults={
                "User-Agent": user_agent(__version__),
                "Accept": "*/*",
                "Accept-Encoding": "identity",
            },
            own=self.settings.token_header,
            hooks=self.hooks,
            client=self._client,
            retry=self.settings.retry,
            login=self._auth(),
            made_of=None if isinstance(chosen, Transport) else made_of,
        )

    def _make_transfer(self, app: App) -> Transfer:
        settings, face = self.settings, self.face or _face.of_loop()
        return Transfer(
            app,
            settings.downloads,
            settings.max_workers,
            reporter=_face.reporter(settings.progress, face),
            hand_out=face.file,
        )

    def _auth(self) -> tuple[str, Auth] | None:
        """How to log in, and whose idea that is."""
        auth = self.settings.auth
        return (type(auth).__name__, auth) if auth else self.hooks.auth(self.client_info())

    def client_info(self) -> ClientInfo:
        """What plugins are told of this client."""
        assert self._client is not None  # noqa: S101 - set before the first request
        return self._client

    def spawn(self, coroutine: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Start a task that ends with the client at the latest."""
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def part(self, coroutine: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Start a task that the client's end waits for, a while."""
        task = self.spawn(coroutine)
        self._partings.add(task)
        task.add_done_callback(self._partings.discard)
        return task

    def _refuse_if_closed(self) -> None:
        if self.closed:
            raise self.closed_error()
