"""The asynchronous face of the client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self, overload

from gradio_client._api import view_api
from gradio_client._async_calls import AsyncCalls, AsyncClientSession
from gradio_client._concurrency.forks import anew
from gradio_client._engine import Engine
from gradio_client._jobs.conversation import Conversation
from gradio_client._pickling import kept, portable
from gradio_client._settings import make_settings
from gradio_client._spaces.duplicates import DuplicatesAsync
from gradio_client.domain.retry import RETRY
from gradio_client.files import DEFAULT_TEMP_DIR
from gradio_client.timeouts import CONNECT_SECONDS

if TYPE_CHECKING:
    import os
    import ssl
    from collections.abc import Iterable, Mapping
    from types import TracebackType

    from gradio_client._http.transports import TransportChoice
    from gradio_client._settings import AuthChoice, OnStatus
    from gradio_client.domain.results import Updates
    from gradio_client.domain.retry import Retry
    from gradio_client.domain.values import JsonObject
    from gradio_client.downloads import Downloads
    from gradio_client.progress import ProgressChoice
    from gradio_client.timeouts import Timeouts


class AsyncClient(AsyncCalls, DuplicatesAsync):
    """A client of one Gradio app, for asynchronous programs.

    Creating it sends nothing; it connects when its ``async with`` block is entered, when ``connect`` is
    awaited, or at the first call. It belongs to the event loop on which it is first used. It is pickled as
    its configuration, without secrets, and starts afresh in a forked process. Unlike ``Client``, it prints
    nothing, and so has no ``verbose=``.

        async with AsyncClient("http://127.0.0.1:7860") as client:
            print(await client.predict("Ada", api_name="/greet"))
            async for output in client.submit(5, api_name="/count"):
                print(output)

    Args:
        src: an ``http(s)://`` URL of an app, or a Hugging Face Space as ``owner/name``.
        token: a Hugging Face token; sent to the Hub and to this app, in ``X-HF-Authorization``.
        auth: user name and password for an app with its own login; or an ``Auth``; or a function that
            receives each ``Request`` to the app and returns it with what it needs.
        headers: additional headers for the app's own origin.
        download_files: the folder for files that the app returns; or ``Downloads(...)``, which also sets
            which files are downloaded, when, and how much at most; False or None returns the
            app's file objects.
        ssl_verify: True, False, a file or folder of certificate authorities, or an ``SSLContext``.
        transport: ``"aiohttp"``, ``"requests"``, ``"httpx"``, another installed name, a
            ``Transport``, or a function that makes one from ``TransportOptions``. The client closes it.
        httpx_kwargs: HTTP settings under httpx's names (``timeout``, ``proxy``, ``cert``, ``cookies``,
            ``params``, ...), for every transport.
        max_workers: how many files are uploaded or downloaded at once. Jobs are not limited.
        oauth_token: a token for the app's own code; sent only to endpoints that declare they take one.
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
            ``Progress``. It must not block.
        connect_timeout: total seconds for connecting, including the time that a Space needs to wake up,
            build or start; None for no limit.
        on_status: called with each new ``SpaceStatus`` of a Space while connecting, on the event loop. If
            it raises an error, connecting ends with that error.
        analytics_enabled: whether Hugging Face may learn that this client connected to some Space: one
            anonymous event per process, in the background. Environment variables switch it off too.

    Raises:
        ValueError: an argument makes no sense (``SourceError`` for ``src``).
        TypeError: an argument is of the wrong type.
        OSError: a file with certificates does not exist.
    """

    def __init__(  # noqa: PLR0913 - each is a setting of its own, by name
        self,
        src: str,
        *,
        token: str | None = None,
        auth: AuthChoice = None,
        headers: Mapping[str, str] | None = None,
        download_files: str | os.PathLike[str] | bool | Downloads | None = DEFAULT_TEMP_DIR,
        ssl_verify: bool | str | os.PathLike[str] | ssl.SSLContext = True,
        transport: TransportChoice = "aiohttp",
        httpx_kwargs: Mapping[str, Any] | None = None,
        max_workers: int = 40,
        oauth_token: str | None = None,
        plugins: Iterable[object] = (),
        disabled_plugins: Iterable[str] = (),
        updates: Updates = "raw",
        retry: Retry | None = RETRY,
        timeouts: Timeouts | None = None,
        progress: ProgressChoice = None,
        connect_timeout: float | None = CONNECT_SECONDS,
        on_status: OnStatus | None = None,
        analytics_enabled: bool = True,
    ) -> None:
        given = {
            "src": src,
            "hf_token": None,
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
        }
        self._set_up(given)

    def _set_up(self, given: dict[str, Any]) -> None:
        settings = make_settings(**given)
        self._given = kept(given, settings)
        self._made = Engine(settings)

    @property
    def _engine(self) -> Engine:
        if self._made.is_parents and not self._made.closed:
            self._made = anew(self._made)
        return self._made

    def __getstate__(self) -> dict[str, Any]:
        return portable(self._given)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._set_up(state)

    @property
    def _conversation(self) -> Conversation:
        return self._engine.main

    def __repr__(self) -> str:
        return f"<AsyncClient {self._made.where}>"

    async def __aenter__(self) -> Self:
        try:
            await self.connect()
        except BaseException:  # raised again: __aexit__ is not called when this fails
            await self.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def connect(self) -> None:
        """Find the app, log in, and read what it offers; done once, however often it is called.

        Raises:
            GradioClientError: there is no usable app.
            OSError, ValueError: a file with certificates cannot be used.
        """
        await self._engine.connect(on_status=self._engine.settings.on_status)

    def session(self) -> AsyncClientSession:
        """Open a further session with the app: as another user of it would have, with state of its own.

        It takes no connection until it is used (unless the app wants heartbeats), and shares this client's
        configuration, login and cookies. Close it, or leave its ``async with`` block.

            async with client.session() as session:
                await session.predict("first message", api_name="/chat")

        Raises:
            ClientClosedError: the client is closed.
        """
        self._conversation.refuse_if_closed()
        return AsyncClientSession(self, Conversation(self._engine))

    @overload
    async def view_api(
        self, all_endpoints: bool | None = None, *, return_format: Literal["dict"]
    ) -> JsonObject: ...

    @overload
    async def view_api(
        self, all_endpoints: bool | None = None, *, return_format: Literal["str"] = "str"
    ) -> str: ...

    async def view_api(
        self, all_endpoints: bool | None = None, *, return_format: Literal["dict", "str"] = "str"
    ) -> JsonObject | str:
        """What the app offers, as text for people or as a dictionary for programs.

        Args:
            all_endpoints: also list endpoints without a name; None does when there are no others.
            return_format: ``"str"`` or ``"dict"``.

        Raises:
            GradioClientError: there is no usable app.
        """
        await self.connect()
        info = self._engine.app.config.info
        return view_api(info, all_endpoints=all_endpoints, return_format=return_format)

    @property
    def src(self) -> str:
        """The app's address, with a slash at its end.

        Raises:
            ClientClosedError: the client is not connected yet.
        """
        return self._engine.app.urls.base + "/"

    @property
    def space_id(self) -> str | None:
        """``owner/name`` when the source is a Space, else None."""
        return self._engine.space_id

    @property
    def config(self) -> JsonObject:
        """The app's configuration as it came.

        Raises:
            ClientClosedError: the client is not connected yet.
        """
        return self._engine.app.raw_config

    def reset_session(self) -> None:
        """Forget the state that the app keeps for this client; jobs in flight are not disturbed."""
        self._engine.main.reset()

    @property
    def session_hash(self) -> str:
        """The name of the current session.

        Raises:
            ClientClosedError: the client is not connected yet.
        """
        return self._engine.main.session.session_hash

    async def aclose(self) -> None:
        """End the jobs in flight with ``ClientClosedError``, and every connection. Idempotent.

        Afterwards jobs keep their results and files their copies, and the client still knows what it knew
        of the app (``src``, ``config``, ``session_hash``); whatever would send something raises
        ``ClientClosedError``.
        """
        await self._engine.aclose()
