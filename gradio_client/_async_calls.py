"""Calling an app, for asynchronous programs: what a client and its further sessions have in common."""

from __future__ import annotations

import asyncio
import weakref
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, Self

from gradio_client._jobs.deadline import NOT_GIVEN, with_timeout, within
from gradio_client._jobs.mapping import Bulk, OnALoop, chosen
from gradio_client.async_job import AsyncJob

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Mapping, Sequence
    from types import TracebackType

    from gradio_client._jobs.conversation import Conversation
    from gradio_client._jobs.mapping import CallInput, MapProgress, OnError
    from gradio_client._jobs.run import JobRun
    from gradio_client.domain.values import Json


class AsyncCalls:
    """The calls of one conversation with an app."""

    @property
    @abstractmethod
    def _conversation(self) -> Conversation: ...

    async def predict(
        self,
        *args: Json,
        api_name: str | None = None,
        fn_index: int | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | Json | None = NOT_GIVEN,  # noqa: ASYNC109 - it cancels on the server too
        **kwargs: Json,
    ) -> Json:
        """Call an endpoint and return its result. See ``submit`` for the other arguments.

        ``timeout`` is how many seconds the call may take in all, with uploads and downloads, and with
        connecting if that is still to be done; None is no limit, and the default. When they have passed
        the job is cancelled, on the server too. If the endpoint has a parameter named ``timeout``, it is
        that argument instead; but while the client still has to connect, a number limits connecting.

        Returns:
            The value of a single output, else a tuple of all of them.

        Raises:
            DeadlineError: the time was up; a ``TimeoutError``.
            GradioClientError: the call failed.
            OSError: a file of this machine could not be read for an upload, or written for a download.
        """
        return await self._launch(
            args, kwargs, api_name=api_name, fn_index=fn_index, headers=headers, timeout=timeout
        )

    def submit(
        self,
        *args: Json,
        api_name: str | None = None,
        fn_index: int | None = None,
        headers: Mapping[str, str] | None = None,
        **kwargs: Json,
    ) -> AsyncJob:
        """Start a call; it runs whether or not the job is awaited.

        Args:
            *args: the endpoint's arguments by position.
            api_name: the endpoint's name, such as ``"/predict"``; not needed when there is only one.
            fn_index: the endpoint's number, instead of its name.
            headers: headers for this call, which override the client's; cookies go along with the client's.
            **kwargs: the endpoint's arguments by name.

        Raises:
            EndpointNotFoundError: no endpoint fits. Raised by the job if the client is not connected yet.
            ArgumentError: the arguments do not fit the endpoint. Likewise.
            ClientClosedError: the client is closed.
            RuntimeError: no event loop runs here, or another one than the client's.
        """
        return self._launch(args, kwargs, api_name=api_name, fn_index=fn_index, headers=headers)

    def map(  # noqa: PLR0913 - each is a choice of its own, by name
        self,
        endpoint: str | int | None,
        inputs: Iterable[Any] | AsyncIterable[Any],
        *,
        concurrency: int = 10,
        ordered: bool = True,
        on_error: OnError = "raise",
        progress: MapProgress = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> AsyncGenerator[Any, None]:
        """Call an endpoint for each of many inputs, a few at a time.

            async for answer in client.map("/greet", names, concurrency=20):
                print(answer)

        Inputs are taken as they are needed, so there may be any number of them, and never more than
        ``concurrency`` of them have been taken whose results were not handed out yet. Leaving the loop
        cancels the calls under way.

        Args:
            endpoint: the endpoint's name, such as ``"/predict"``, or its number; None if there is only one.
            inputs: what is passed: a tuple gives several arguments, a dictionary arguments by name, and
                anything else, like what ``handle_file`` returns, the only one. To pass a tuple or a
                dictionary as the only argument, wrap it: ``(value,)``. They may come
                asynchronously.
            concurrency: how many calls are under way at one time, at most.
            ordered: whether results come in the order of the inputs; else as they arrive.
            on_error: ``"raise"`` raises the error of a call in the place of its result, which ends the
                iteration; ``"return"`` hands out the error as a result, and goes on.
            progress: a function that is called with how many calls are over and how many there are (None
                if that is not known); or True for a bar, where somebody can see it.
            headers: headers for these calls, which override the client's.
            timeout: seconds that each call may take, as for ``predict``; None is no limit.

        Raises:
            TypeError: an argument is of the wrong type.
            ValueError: an argument makes no sense.
            EndpointNotFoundError: no endpoint fits.
            ClientClosedError: the client is closed.
        """
        bulk = Bulk(inputs, concurrency=concurrency, ordered=ordered, on_error=on_error, progress=progress)
        self._conversation.refuse_if_closed()
        named, limit = chosen(endpoint), NOT_GIVEN if timeout is None else timeout
        if self._conversation.engine.connected:
            with_timeout(self._conversation.engine.find(**named), {}, limit)  # else each call says it

        def submit(given: CallInput) -> AsyncJob:
            return self._launch(*given, **named, headers=headers, timeout=limit)

        return OnALoop(bulk, inputs, submit).results()

    def _launch(
        self,
        args: Sequence[Json],
        kwargs: Mapping[str, Json],
        *,
        timeout: float | Json | None = NOT_GIVEN,
        **how: Any,
    ) -> AsyncJob:
        loop = asyncio.get_running_loop()
        since = loop.time()
        conversation = self._conversation
        engine = conversation.engine
        conversation.refuse_if_closed()
        engine.check_loop()

        def start() -> JobRun:
            conversation.refuse_if_closed()
            engine.check_loop()
            call = engine.prepare(args, kwargs, timeout=timeout, **how)
            return conversation.start(call, spent=loop.time() - since)

        async def connect_and_start() -> JobRun:
            async with within(timeout, engine.where):
                await engine.connect()
            return start()

        if not engine.connected:
            return AsyncJob(loop.create_task(connect_and_start()))
        started: asyncio.Future[JobRun] = loop.create_future()
        started.set_result(start())
        return AsyncJob(started)


class AsyncClientSession(AsyncCalls):
    """A session of an asynchronous client beside its main one, from ``AsyncClient.session``.

    The app's state for it is its own, and so are its jobs: closing it, or cancelling them, concerns no
    other. One that is merely dropped ends with its last job.
    """

    def __init__(self, client: AsyncCalls, conversation: Conversation) -> None:
        self._client = client  # which must not be garbage-collected before
        self._own = conversation
        finalizer = weakref.finalize(self, conversation.engine.retire_later, conversation)
        finalizer.atexit = False  # then everything ends by itself

    def __repr__(self) -> str:
        return f"<AsyncClientSession {self._own.engine.where}>"

    async def __aenter__(self) -> Self:
        await self._own.engine.connect()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __reduce__(self) -> str:
        raise TypeError("A session cannot be pickled: it lives in this process. Open one in the other.")

    @property
    def _conversation(self) -> Conversation:
        return self._own

    @property
    def session_hash(self) -> str:
        """The name of the current session.

        Raises:
            ClientClosedError: the client is not connected yet; or it, or the session, is closed.
        """
        self._own.refuse_if_closed()
        return self._own.session.session_hash

    def reset(self) -> None:
        """Start again with the app's initial state; jobs in flight finish with the old one.

        Raises:
            ClientClosedError: the session or its client is closed.
        """
        self._own.refuse_if_closed()
        self._own.reset()

    async def aclose(self) -> None:
        """End the jobs in flight with ``ClientClosedError``, and the session's connections. Idempotent."""
        await self._own.aclose()
