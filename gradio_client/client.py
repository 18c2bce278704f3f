"""The synchronous face of the client, with the API of ``gradio_client`` 2.7.2."""

from __future__ import annotations

import weakref
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Self

from gradio_client._announcing import Announcing
from gradio_client._api import view_api
from gradio_client._attributes import Attributes
from gradio_client._calls import Calls, ClientSession
from gradio_client._concurrency import portal
from gradio_client._endpoint_view import ComponentApiType, Endpoint
from gradio_client._jobs.deadline import NOT_GIVEN, within
from gradio_client._relaying import Relaying
from gradio_client._spaces.duplicates import Duplicates
from gradio_client.compat.server_messages import ServerMessage
from gradio_client.data_classes import ParameterInfo
from gradio_client.documentation import document
from gradio_client.domain.errors import AppError, AuthenticationError, QueueError, ValidationError
from gradio_client.domain.retry import RETRY
from gradio_client.domain.status import Status, StatusUpdate
from gradio_client.files import DEFAULT_TEMP_DIR
from gradio_client.job import Job
from gradio_client.timeouts import CONNECT_SECONDS

if TYPE_CHECKING:
    import os
    import ssl
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType
    from typing import overload

    from gradio_client._engine import Engine
    from gradio_client._http.transports import TransportChoice
    from gradio_client._jobs.conversation import Conversation
    from gradio_client._settings import AuthChoice, OnStatus
    from gradio_client.domain.results import Updates
    from gradio_client.domain.retry import Retry
    from gradio_client.domain.values import Json, JsonObject
    from gradio_client.downloads import Downloads
    from gradio_client.progress import ProgressChoice
    from gradio_client.timeouts import Timeouts

# Programs import the rest from here, though it is at home elsewhere.
__all__ = [
    "DEFAULT_TEMP_DIR",
    "AppError",
    "AuthenticationError",
    "Client",
    "ComponentApiType",
    "Endpoint",
    "Job",
    "ParameterInfo",
    "QueueError",
    "ServerMessage",
    "Status",
    "StatusUpdate",
    "ValidationError",
    "document",
]

CLIENT_CLOSE_SECONDS = 10.0  # that ending may take, and each callback, until close() waits no longer


class Client(Calls, Relaying, Attributes, Duplicates):
    """A client of one Gradio app, for synchronous programs. Creating it connects to the app.

        with Client("http://127.0.0.1:7860") as client:
            print(client.predict("Ada", api_name="/greet"))

    All clients of a process share one background thread. A client may be used by many threads.
    Close it, or leave its ``with`` block, to end its connections; if it is not closed, it is
    cleaned up when it is garbage-collected.

    A client is pickled as its configuration, without secrets, and connects in the other process when it
    is first used there. So does a client that a forked process inherits, in a session of its own.

    Args:
        src: an ``http(s)://`` URL of an app, or a Hugging Face Space as ``owner/name``.
        hf_token: a Hugging Face token; sent to the Hub and to this app, in ``X-HF-Authorization``.
        max_workers: how many files are uploaded or downloaded at once. Jobs are not limited.
        verbose: whether to print the app's address on connecting, and that a Space is being built.
        auth: user name and password for an app with its own login; or an ``Auth``; or a function that
            receives each ``Request`` to the app and returns it with what it needs.
        httpx_kwargs: HTTP settings under httpx's names (``timeout``, ``proxy``, ``cert``, ``cookies``,
            ``params``, ...), for every transport.
        headers: additional headers for the app's own origin.
        download_files: the folder for files that the app returns; or ``Downloads(...)``, which also sets
            which files are downloaded, when, and how much at most; False or None returns the
            app's file objects.
        ssl_verify: True, False, a file or folder of certificate authorities, or an ``SSLContext``.
        analytics_enabled: whether Hugging Face may learn that this client connected to some Space: one
            anonymous event per process, in the background. Environment variables switch it off too.
        oauth_token: a token for the app's own code; sent only to endpoints that declare they take one.
        token: another name of ``hf_token``.
        transport: ``"aiohttp"``, ``"requests"``, ``"httpx"``, another installed name, a
            ``Transport``, or a function that makes one from ``TransportOptions``. The client closes it.
        plugins: plugins for this client, in addition to the installed ones.
        disabled_plugins: names of installed plugins that this client does not use, in addition to those in
            ``GRADIO_CLIENT_DISABLED_PLUGINS`` (separated by commas).
        updates: for an output that the app returned as an update, ``"raw"`` returns the update object, as
            ``gradio_client`` 2.7.2 does, and ``"value"`` the value in it.
        retry: when requests are sent again, ``Retry()`` by default; None sends each once.
        timeouts: the time limit of each step, ``Timeouts(connect=10, read=60, transfer=60, silence=45)`` by
            default. ``httpx_kwargs={"timeout": ...}`` does the same in httpx's way; the two cannot be
            combined.
        progress: True shows bars for files and jobs in a terminal or notebook; a function receives each
            ``Progress``, on a thread that all callbacks share.
        connect_timeout: total seconds for connecting, including the time that a Space needs to wake up,
            build or start; None for no limit.
        on_status: called with each new ``SpaceStatus`` of a Space while connecting, on the thread that
            creates the client. If it raises an error, connecting ends with that error.

    Attributes:
        src: the app's address, with a slash at its end.
        space_id: ``owner/name`` when the source is a Space, else None.

    Raises:
        GradioClientError: there is no usable app at the source.
        OSError: a file with certificates, of an argument or the environment, cannot be read.
        ValueError: an argument makes no sense, or such a file holds no certificate.
        TypeError: an argument is of the wrong type.
    """

    def __init__(  # noqa: PLR0913 - the signature of gradio_client 2.7.2
        self,
        src: str,
        hf_token: str | None = None,
        max_workers: int = 40,
        verbose: bool = True,
        auth: AuthChoice = None,
        httpx_kwargs: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        download_files: str | os.PathLike[str] | bool | Downloads | None = DEFAULT_TEMP_DIR,
        ssl_verify: bool | str | os.PathLike[str] | ssl.SSLContext = True,
        _skip_components: bool = True,
        analytics_enabled: bool = True,
        oauth_token: str | None = None,
        token: str | None = None,
        transport: TransportChoice = "aiohttp",
        plugins: Iterable[object] = (),
        disabled_plugins: Iterable[str] = (),
        updates: Updates = "raw",
        retry: Retry | None = RETRY,
        timeouts: Timeouts | None = None,
        progress: ProgressChoice = None,
        connect_timeout: float | None = CONNECT_SECONDS,
        on_status: OnStatus | None = None,
    ) -> None:
        given = {
            "src": src,
            "hf_token": hf_token,
            "token": token,
            "oauth_token": oauth_token,
            "max_workers": max_workers,
            "auth": auth,
            "httpx_kwargs": httpx_kwargs,
            "headers": headers,
            "download_files": download_files,
            "ssl_verify": ssl_verify,
            "transport": transport,
            "plugins": plugins,
            "disabled_plugins": disabled_plugins,
            "updates": updates,
            "retry": retry,
            "timeouts": timeouts,
            "progress": progress,
            "connect_timeout": connect_timeout,
            "on_status": on_status,
            "analytics_enabled": analytics_enabled,
            "skip_components": _skip_components,
        }
        self._set_up(given, verbose=verbose)
        try:
            self._portal.converse(partial(self._connecting, NOT_GIVEN))
        except BaseException:  # raised again: on Ctrl-C nobody has the client to close it
            self.close()
            raise

    def _set_up(self, given: dict[str, Any], *, verbose: bool) -> None:
        """Make what a client consists of, which is not connected yet, from its checked arguments."""
        portal.refuse_at_exit()  # first: modules cannot be imported then
        # Not before: programs such as Gradio import this module for its names, and make no client.
        from gradio_client._engine import Engine  # noqa: PLC0415
        from gradio_client._pickling import kept  # noqa: PLC0415
        from gradio_client._settings import make_settings  # noqa: PLC0415

        settings = make_settings(**given)
        self.verbose = verbose
        self._skip_components = settings.skip_components
        self._given = kept(given, settings)
        self._begin(Engine(settings))

    def _begin(self, engine: Engine) -> None:
        from gradio_client._face import of_threads  # noqa: PLC0415 - as in _set_up

        self._made = engine
        self._portal = portal.acquire()
        engine.face = of_threads(self._portal)
        self._portal.kept.add(engine)
        self._finalizer = weakref.finalize(self, portal.abandon, engine, self._portal)
        # At the interpreter's exit everything ends by itself, and waiting would only delay it.
        self._finalizer.atexit = False

    async def _connecting(
        self,
        timeout: float | Json | None,  # noqa: ASYNC109 - its error says what was not done
        hand: Callable[[Callable[[], object]], None],
    ) -> None:
        """Connect, with what is to be said handed to the thread that waits."""
        engine = self._made
        say = Announcing(engine.settings.on_status, verbose=self.verbose)
        async with within(timeout, engine.where):
            await engine.connect(
                lambda base: hand(partial(say.address, base)),
                lambda status: hand(partial(say.status, status)),
            )

    @property
    def _engine(self) -> Engine:
        return self._connected(NOT_GIVEN)

    def _connected(self, timeout: float | Json | None) -> Engine:
        engine = self._made
        if engine.closed or (engine.connected and not engine.is_parents):
            return engine
        with portal.guard():
            if self._made.is_parents:
                from gradio_client._concurrency.forks import anew  # noqa: PLC0415 - as in _set_up

                self._begin(anew(self._made))
        self._portal.converse(partial(self._connecting, timeout))
        return self._made

    def __getstate__(self) -> dict[str, Any]:
        from gradio_client._pickling import portable  # noqa: PLC0415 - as in _set_up

        return {"given": portable(self._given), "verbose": self.verbose}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._set_up(**state)

    def __repr__(self) -> str:
        return f"<Client {self._made.where}>"

    def __str__(self) -> str:
        return self.view_api(print_info=False, return_format="str")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _conversing(self, timeout: float | Json | None = NOT_GIVEN) -> Conversation:
        return self._connected(timeout).main

    @property
    def src(self) -> str:
        """The app's address, with a slash at its end."""
        return self._engine.where + "/"

    @property
    def space_id(self) -> str | None:
        """``owner/name`` when the source is a Space, else None."""
        return self._engine.space_id

    @property
    def config(self) -> JsonObject:
        """The app's configuration as it came."""
        return self._engine.app.raw_config

    @property
    def session_hash(self) -> str:
        """The name of the current session."""
        main = self._conversing()
        with suppress(RuntimeError):  # the loop has ended, so nothing changes it any more
            return self._portal.ask(lambda: main.session.session_hash)  # where it can be opened, if need be
        return main.session.session_hash

    def session(self) -> ClientSession:
        """Open a further session with the app: as another user of it would have, with state of its own.

        It takes no connection until it is used (unless the app wants heartbeats), and shares this client's
        configuration, login and cookies. Sends nothing by itself; close it, or leave its ``with`` block.

            with client.session() as session:
                session.predict("first message", api_name="/chat")

        Raises:
            ClientClosedError: the client is closed.
        """
        portal.refuse_at_exit()
        from gradio_client._jobs.conversation import Conversation  # noqa: PLC0415 - as in _set_up

        main = self._conversing()
        main.refuse_if_closed()
        return ClientSession(self, self._portal, Conversation(main.engine))

    # Not at run time: typing keeps all overloads, and with them this module and what Gradio has documented,
    # past the first look for garbage at the interpreter's end, which then takes 50 ms longer.
    if TYPE_CHECKING:

        @overload
        def view_api(
            self,
            all_endpoints: bool | None = None,
            print_info: bool = True,
            *,
            return_format: Literal["dict"],
        ) -> JsonObject: ...

        @overload
        def view_api(
            self, all_endpoints: bool | None = None, print_info: bool = True, *, return_format: Literal["str"]
        ) -> str: ...

        @overload
        def view_api(
            self,
            all_endpoints: bool | None = None,
            print_info: bool = True,
            return_format: Literal["dict", "str"] | None = None,
        ) -> JsonObject | str | None: ...

    def view_api(
        self,
        all_endpoints: bool | None = None,
        print_info: bool = True,
        return_format: Literal["dict", "str"] | None = None,
    ) -> JsonObject | str | None:
        """Print what the app offers, or return it.

        Args:
            all_endpoints: also print endpoints without a name; None does when there are no others.
            print_info: whether to print.
            return_format: ``"dict"`` returns all endpoints for programs, ``"str"`` the printed text.

        Raises:
            ValueError: an unknown format; nothing is printed then.
        """
        info = self._engine.app.config.info
        found = None
        if return_format is not None:
            found = view_api(info, all_endpoints=all_endpoints, return_format=return_format)
        if print_info:
            print(view_api(info, all_endpoints=all_endpoints, return_format="str"))  # noqa: T201 - printing is what it is for
        return found

    def reset_session(self) -> None:
        """Forget the state that the app keeps for this client; jobs in flight are not disturbed."""
        with suppress(RuntimeError):  # closed, so that there is nothing left to forget
            self._portal.ask(self._engine.main.reset)

    def add_zero_gpu_headers(self, headers: dict[str, str]) -> dict[str, str]:
        """Add the ``x-ip-token`` of the Gradio request being served, if there is one.

        Has an effect only for a Space, and only inside an event handler of a Gradio app; the token
        tells the Space whose ZeroGPU quota to use.

        Args:
            headers: the headers to add it to; changed and returned.
        """
        from gradio_client._zero_gpu import HEADER, forwarded_token, is_space  # noqa: PLC0415 - as in _set_up
        from gradio_client.hooks import ClientInfo  # noqa: PLC0415 - as in _set_up

        asking = ClientInfo(self.src, self._engine.where, self.space_id)
        if is_space(asking) and (token := forwarded_token()) is not None:
            headers[HEADER] = token
        return headers

    def close(self) -> None:
        """End the jobs in flight with ``ClientClosedError``, and every connection. Idempotent.

        First it waits for the callbacks of jobs that are done, which may still call the client, as long as
        none of them takes more than 10 s. What takes longer than that goes on in the background.

        Afterwards jobs keep their results and files their copies, and the client still knows what it knew
        of the app (``view_api``, ``endpoints``, ``config``, ``session_hash``); whatever would send something
        raises ``ClientClosedError``. When Python is ending, this does nothing.
        """
        engine = self._made
        if self._finalizer.detach() is None:
            return
        if engine.is_parents or self._portal.stopped:  # then its thread is not there
            engine.closed = True
        elif self._portal.is_own_thread():  # in a plugin, which may not wait
            portal.abandon(engine, self._portal)
        else:
            portal.end(engine, self._portal, CLIENT_CLOSE_SECONDS)
