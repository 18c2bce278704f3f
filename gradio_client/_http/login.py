"""One client's logins: one at a time, however many requests wait for it."""

from __future__ import annotations

import asyncio
import contextvars
import copy
import time
from collections.abc import Generator
from typing import TYPE_CHECKING, TypeVar

from gradio_client._http.options import header_value
from gradio_client.auth import Auth, Reply
from gradio_client.domain.errors import ClientClosedError, GradioClientError, PluginError, Where
from gradio_client.domain.source import AppURLs
from gradio_client.transport import Request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gradio_client._http.outgoing import HeaderPairs

T = TypeVar("T")

_CREDENTIALS = {"x-hf-authorization": "a Hugging Face token", "authorization": "the header Authorization"}


class Login:
    """Drives one ``Auth`` for one client. Used on the event loop's thread only.

    Args:
        name: of what knows how, for errors: a plugin's, or its class's.
        auth: what knows how.
        base: the app's address.
        send: sends a request of the login and reads the answer.

    Attributes:
        name: as it was given.
        number: how many logins there were; a request that was answered 401 remembers it.
        prepares: whether requests are to be passed through ``prepare``.
        renews: whether logging in again may help after a 401.
    """

    def __init__(self, name: str, auth: Auth, base: str, send: Callable[[Request], Awaitable[Reply]]) -> None:
        self.number = 0
        self.prepares = type(auth).prepare is not Auth.prepare
        self._auth = auth
        self.name = name
        self._urls = AppURLs(base)
        self._send = send
        self.renews = type(auth).login is not Auth.login
        self._expires = type(auth).expired is not Auth.expired
        self._under_way: asyncio.Task[None] | None = None
        self._in_vain: tuple[float, GradioClientError] | None = None  # the last that failed, and when

    async def ready(self, since: float) -> None:
        """Log in if that is known to be needed; ``since`` as for ``again``.

        Raises:
            GradioClientError: logging in failed.
        """
        if self._under_way is not None or (self._expires and self._under(self._auth.expired, "expired")):
            await self.again(self.number, since)

    async def again(self, number: int, since: float) -> None:
        """Log in, unless that was done after login ``number``, or failed after the moment ``since``.

        A request may have waited its turn while others tried in vain: a thousand, one after the other,
        would take for ever, and get the user locked out.

        Raises:
            GradioClientError: logging in failed.
        """
        if number == self.number and self.renews:
            if self._under_way is None and self._in_vain is not None and self._in_vain[0] >= since:
                raise copy.copy(self._in_vain[1])
            # A task of its own: who gives up waiting does not end it for the others.
            task = self._under_way = self._under_way or self._start()
            try:
                await asyncio.shield(task)
            except asyncio.CancelledError:
                if not task.cancelled():
                    raise
                raise ClientClosedError(
                    "The client is closed; make a new one.", where=Where(app=self._urls.base)
                ) from None
            except GradioClientError as error:
                raise copy.copy(error) from error.__cause__  # each caller's error tells of its own call

    def prepare(self, request: Request) -> Request:
        """The request as it is to be sent to the app's own origin.

        Raises:
            PluginError: the ``Auth`` failed.
        """

        def prepared() -> Request:
            made = _checked(self._auth.prepare(request))
            if made.url != request.url:
                raise ValueError("prepare() returned a request to another URL than it was given.")
            return made

        return self._under(prepared, "prepare")

    async def aclose(self) -> None:
        """End a login under way."""
        if self._under_way is not None:
            self._under_way.cancel()
            await asyncio.gather(self._under_way, return_exceptions=True)

    def _start(self) -> asyncio.Task[None]:
        # It serves every caller, so it has the context of none.
        task = asyncio.get_running_loop().create_task(self._login(), context=contextvars.Context())
        task.add_done_callback(lambda done: done.cancelled() or done.exception())  # somebody has to ask
        return task

    async def _login(self) -> None:
        try:
            await self._drive()
            self.number += 1
        except GradioClientError as error:
            self._in_vain = time.monotonic(), copy.copy(error)  # without its traceback
            raise
        finally:
            self._under_way = None

    async def _drive(self) -> None:
        steps = self._under(lambda: _generator(self._auth.login(self._urls)), "login")
        try:
            request = self._next(lambda: next(steps))
            while request is not None:
                try:
                    reply = await self._send(request)
                except GradioClientError as error:
                    request = self._next(lambda error=error: steps.throw(error))  # type: ignore[misc] # bound now
                else:
                    request = self._next(lambda reply=reply: steps.send(reply))  # type: ignore[misc] # bound now
        finally:
            steps.close()

    def _next(self, step: Callable[[], Request]) -> Request | None:
        def taken() -> Request | None:
            try:
                return _checked(step())
            except StopIteration:
                return None

        return self._under(taken, "login")

    def _under(self, act: Callable[[], T], hook: str) -> T:
        try:
            return act()
        except GradioClientError:
            raise
        except Exception as error:
            raise self._error(hook) from error

    def _error(self, hook: str) -> PluginError:
        return PluginError(
            f"The authentication of {self.name!r} failed in {hook}(), so nothing was sent.",
            plugin=self.name,
            hook=hook,
            where=Where(app=self._urls.base),
        )


def _generator(steps: object) -> Generator[Request, Reply, None]:
    if not isinstance(steps, Generator):
        raise TypeError(f"login() returned {type(steps).__name__}: it is a generator, which yields requests.")
    return steps


def _checked(request: object) -> Request:
    """A request that can be sent: libraries would repeat a faulty value in their errors."""
    if not isinstance(request, Request):
        raise TypeError(f"It gave {type(request).__name__}, which is no Request.")
    for name, value in request.headers.pairs:
        header_value("The request", name, value)
    return request


def credentials(headers: HeaderPairs, login: Login | None) -> list[str]:
    """What a client shows who it is with, in words for an error: its login's name, and no values."""
    given = {name.lower() for name, _ in headers}
    sent = [text for name, text in _CREDENTIALS.items() if name in given]
    return sent if login is None else [f"the login of {login.name!r}", *sent]
