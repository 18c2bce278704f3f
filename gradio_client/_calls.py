"""Calling an app, for programs with threads: what a client and its further sessions have in common."""

from __future__ import annotations

import time
import weakref
from abc import abstractmethod
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self, TypeVar

from gradio_client._callables import check_plain
from gradio_client._concurrency.portal import refuse_at_exit
from gradio_client._jobs.deadline import NOT_GIVEN, with_timeout
from gradio_client._jobs.mapping import Bulk, OnThreads, chosen
from gradio_client._relaying import forwarded
from gradio_client.job import Job

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence
    from types import TracebackType

    from gradio_client._concurrency.portal import Portal
    from gradio_client._jobs.conversation import Conversation
    from gradio_client._jobs.mapping import CallInput, MapProgress, OnError
    from gradio_client._jobs.run import Call
    from gradio_client.domain.values import Json

T = TypeVar("T")

SESSION_CLOSE_SECONDS = 10.0  # the longest that close() waits


class Calls:
    """The calls of one conversation with an app."""

    _portal: Portal
    _skip_components: bool

    @abstractmethod
    def _conversing(self, timeout: float | Json | None = NOT_GIVEN) -> Conversation:
        """The conversation, of a client that is connected; connecting may take as long as a call."""

    def predict(
        self,
        *args: Json,
        api_name: str | None = None,
        fn_index: int | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | Json | None = NOT_GIVEN,
        **kwargs: Json,
    ) -> Any:
        """Call an endpoint and wait for its result. See ``submit`` for the other arguments.

        ``timeout`` is how many seconds the call may take in all, with uploads and downloads, and with
        connecting if that is still to be done, as for a client from a pickle; None is no limit, and the
        default. When they have passed the job is cancelled, on the server too. If the endpoint has a
        parameter named ``timeout``, it is that argument instead, as in ``gradio_client`` 2.7.2; but while the
        client still has to connect, a number limits connecting.

        Returns:
            The value of a single output, else a tuple of all of them.

        Raises:
            DeadlineError: the time was up; a ``TimeoutError``.
            GradioClientError: the call failed.
            OSError: a file of this machine could not be read for an upload, or written for a download.
        """
        self._portal.refuse_to_wait()  # first: nobody would get the job's result
        job = self._launch(
            args, kwargs, api_name=api_name, fn_index=fn_index, headers=headers, timeout=timeout
        )
        return job.result()

    def submit(
        self,
        *args: Json,
        api_name: str | None = None,
        fn_index: int | None = None,
        headers: Mapping[str, str] | None = None,
        result_callbacks: Callable[..., object] | Iterable[Callable[..., object]] | None = None,
        **kwargs: Json,
    ) -> Job:
        """Start a call in the background.

        Args:
            *args: the endpoint's arguments by position.
            api_name: the endpoint's name, such as ``"/predict"``; not needed when there is only one.
            fn_index: the endpoint's number, instead of its name; ignored beside a name.
            headers: headers for this call, which override the client's; cookies go along with the client's.
            result_callbacks: called with the outputs, each as an argument of its own, when the
                result is there; not when the job fails. They run one after another on a thread of
                their own, and may call the client.
            **kwargs: the endpoint's arguments by name.

        Raises:
            EndpointNotFoundError: no endpoint fits; a ``ValueError``.
            ArgumentError: the arguments do not fit the endpoint; a ``TypeError``.
            ClientClosedError: the client is closed.
        """
        callbacks = _callbacks(result_callbacks)
        return self._launch(args, kwargs, callbacks, api_name=api_name, fn_index=fn_index, headers=headers)

    def map(  # noqa: PLR0913 - each is a choice of its own, by name
        self,
        endpoint: str | int | None,
        inputs: Iterable[Any],
        *,
        concurrency: int = 10,
        ordered: bool = True,
        on_error: OnError = "raise",
        progress: MapProgress = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Generator[Any, None, None]:
        """Call an endpoint for each of many inputs, a few at a time.

            for answer in client.map("/greet", names, concurrency=20):
                print(answer)

        Inputs are taken as they are needed, so there may be any number of them, and never more than
        ``concurrency`` of them have been taken whose results were not handed out yet. Leaving the loop
        cancels the calls under way.

        Args:
            endpoint: the endpoint's name, such as ``"/predict"``, or its number; None if there is only one.
            inputs: what is passed: a tuple gives several arguments, a dictionary arguments by name, and
                anything else, like what ``handle_file`` returns, the only one. To pass a tuple or a
                dictionary as the only argument, wrap it: ``(value,)``. Taken on the thread that
                iterates.
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
        conversation = self._conversing()
        conversation.refuse_if_closed()
        named, limit = chosen(endpoint), NOT_GIVEN if timeout is None else timeout
        with_timeout(conversation.engine.find(**named), {}, limit)

        def submit(given: CallInput) -> Job:
            return self._launch(*given, **named, headers=headers, timeout=limit)

        self._portal.refuse_to_wait()
        return OnThreads(bulk, inputs, submit).results()

    def _launch(
        self,
        args: Sequence[Json],
        kwargs: Mapping[str, Json],
        callbacks: Iterable[Callable[..., object]] = (),
        *,
        headers: Mapping[str, str] | None,
        timeout: float | Json | None = NOT_GIVEN,
        **how: Any,
    ) -> Job:
        refuse_at_exit()
        since = time.monotonic()
        conversation = self._conversing(timeout)
        conversation.refuse_if_closed()
        engine = conversation.engine
        if not self._skip_components:
            headers = forwarded(headers, engine.own_headers())
        call = engine.prepare(args, kwargs, headers=headers, timeout=timeout, **how)
        job = Job(self, self._portal, call.endpoint.label)
        for callback in callbacks:
            job.add_done_callback(_with_outputs(callback))
        try:
            self._portal.post(_start, conversation, call, job, since)
        except RuntimeError:
            raise conversation.closed_error() from None
        return job


class ClientSession(Calls):
    """A session of a client beside its main one, from ``Client.session``. May be used by many threads.

    The app's state for it is its own, and so are its jobs: closing it, or cancelling them, concerns no
    other. One that is merely dropped ends with its last job. It belongs to the process that opened it.
    """

    def __init__(self, client: Calls, portal: Portal, conversation: Conversation) -> None:
        self._client = client  # which must not be garbage-collected before
        self._portal = portal
        self._conversation = conversation
        self._skip_components = conversation.engine.settings.skip_components
        finalizer = weakref.finalize(self, conversation.engine.retire_later, conversation)
        finalizer.atexit = False  # then everything ends by itself

    def __repr__(self) -> str:
        return f"<ClientSession {self._conversation.engine.where}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __reduce__(self) -> str:
        raise TypeError("A session cannot be pickled: it lives in this process. Open one in the other.")

    def _conversing(self, timeout: float | Json | None = NOT_GIVEN) -> Conversation:  # noqa: ARG002
        return self._conversation  # its client is connected

    @property
    def session_hash(self) -> str:
        """The name of the current session.

        Raises:
            ClientClosedError: the session or its client is closed.
        """
        return self._asked(lambda: self._conversation.session.session_hash)

    def reset(self) -> None:
        """Start again with the app's initial state; jobs in flight finish with the old one.

        Raises:
            ClientClosedError: the session or its client is closed.
        """
        self._asked(self._conversation.reset)

    def close(self) -> None:
        """End the jobs in flight with ``ClientClosedError``, and the session's connections. Idempotent."""
        if self._portal.is_own_thread():  # in a plugin, which may not wait
            self._conversation.engine.spawn(self._conversation.aclose())
            return
        with suppress(RuntimeError):  # the client is closed, and everything with it
            self._portal.call(self._conversation.aclose(), SESSION_CLOSE_SECONDS)

    def _asked(self, question: Callable[[], T]) -> T:
        refuse_at_exit()
        self._conversation.refuse_if_closed()
        try:
            return self._portal.ask(question)
        except RuntimeError:
            raise self._conversation.closed_error() from None


def _start(conversation: Conversation, call: Call, job: Job, since: float) -> None:
    try:
        run = conversation.start(call, spent=time.monotonic() - since)
    except Exception as error:  # noqa: BLE001 - the job's owner gets it, whatever it is
        job._fail_to_begin(error)  # noqa: SLF001 - one face in two classes
    else:
        job._begin(run)  # noqa: SLF001 - likewise


def _callbacks(
    given: Callable[..., object] | Iterable[Callable[..., object]] | None,
) -> list[Callable[..., object]]:
    if given is None:
        return []
    callbacks = [given] if callable(given) or not isinstance(given, Iterable) else list(given)
    for callback in callbacks:
        check_plain(callback, "result_callbacks= takes plain functions")
    return callbacks


def _with_outputs(callback: Callable[..., object]) -> Callable[[Any], None]:
    def call(job: Job) -> None:
        if job.cancelled() or job.exception() is not None:
            return
        result = job.result()
        callback(*result) if isinstance(result, tuple) else callback(result)

    return call
