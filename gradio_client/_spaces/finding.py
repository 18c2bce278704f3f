"""Finds where an app is, and waits until a Space's app is up (protocol sections 1, 1.1 and 1.2)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from gradio_client._spaces import hub, telemetry
from gradio_client._spaces.hub import Hub, space_path
from gradio_client.domain.errors import (
    ConnectionLost,
    DeadlineError,
    GradioClientError,
    SourceError,
    SpaceUnavailableError,
    UnreachableError,
)
from gradio_client.domain.source import AppSource, SpaceSource
from gradio_client.domain.spaces import (
    Outlook,
    Space,
    SpaceStatus,
    delays,
    outlook,
    space_of,
    stage_of,
    status_text,
    subdomain_of,
    unavailable,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Self

logger = logging.getLogger("gradio_client.spaces")

T = TypeVar("T")

UNREACHABLE = 5  # tries in a row that do not even reach a Space's host, after which it is given up
_NOT_UP = (502, 503, 504)  # what a Space's proxy answers while there is no app behind it


class AppLocator:
    """Where one client's app is. Use as a context manager: leaving ends what was begun.

    Args:
        source: what the caller named.
        token: a Hugging Face token; None for the saved one, if there is any.
        on_status: called with each new status of a Space.
        telemetry: whether ``report`` may do what it says.

    Attributes:
        doing: what is being waited for, for an error when time is up.
    """

    def __init__(
        self,
        source: SpaceSource | AppSource,
        token: str | None,
        on_status: Callable[[SpaceStatus], object] | None,
        *,
        telemetry: bool = False,
    ) -> None:
        self.doing = ""
        self._source = source
        self._hub = Hub(token)
        self._on_status = on_status
        self._telemetry = telemetry
        self._since = time.monotonic()
        self._space: Space | None = None
        self._told: tuple[str, bool, bool] | None = None
        self._unreachable = 0  # times in a row that the app could not be reached at all
        self._wakers: set[asyncio.Task[object]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._hub.close()
        for waker in self._wakers:
            waker.cancel()

    async def find(self) -> str:
        """The app's address, without a slash at its end. Only of Spaces' names the Hub is asked.

        Raises:
            SourceError: there is no such Space, or none that the token gives access to.
            SpaceUnavailableError: the Space has no app because of its stage.
            GradioClientError: the Hub could not say.
        """
        if isinstance(self._source, AppSource):
            self.doing = f"The app at {self._source.url} was being read."
            return self._source.url
        space_id = self._source.space_id
        self.doing = f"The Hub was being asked where the Space {space_id} is."
        self._space = await self._ask(space_path(space_id), space_id)
        return self._space.url

    def report(self) -> None:
        """Let Hugging Face know that some Space was connected to, if that is allowed; in the background."""
        if self._space is not None and self._telemetry:
            with contextlib.suppress(RuntimeError):  # no thread can be started
                self._hub.start(telemetry.send)

    async def reach(self, attempt: Callable[[], Awaitable[T]], wake: Callable[[], Awaitable[object]]) -> T:
        """What an attempt to read the app returns, as soon as there is an app to read.

        Args:
            attempt: reads the app.
            wake: sends it any request.

        Raises:
            SpaceUnavailableError: the Space is in a stage that waiting does not change.
            GradioClientError: the attempt failed although the app is up, or the Hub could not say.
        """
        if self._space is None:
            try:
                return await attempt()
            except GradioClientError as error:
                self._space = await self._behind(error)
                if self._space is None:
                    raise
                if _hidden(error) and outlook(self._space.stage) is Outlook.UP:
                    raise
        return await self._reach(self._space, attempt, wake)

    async def _reach(
        self, space: Space, attempt: Callable[[], Awaitable[T]], wake: Callable[[], Awaitable[object]]
    ) -> T:
        for wait in delays():
            match outlook(space.stage):
                case Outlook.DOWN:
                    raise unavailable(space)
                case Outlook.UP:
                    self.doing = f"The Space {space.space_id} is {space.stage}; its app was being read."
                    try:
                        found = await attempt()
                    except GradioClientError as error:
                        self._bear(error)
                        self._tell(space, trouble=error.message)
                    else:
                        self._tell(space, ready=True)
                        return found
                case Outlook.ASLEEP:
                    self._tell(space)
                    self._wake(wake)
                case Outlook.COMING:
                    self._tell(space)
            await hub.pause(wait)
            space = await self._again(space)
        raise AssertionError("delays() never ends")  # pragma: no cover

    def _bear(self, error: GradioClientError) -> None:
        """Raise an error that waiting does not change."""
        # Spaces have a proxy in front: what never gets that far has no app that is starting as its reason.
        self._unreachable = self._unreachable + 1 if isinstance(error, UnreachableError) else 0
        if not _not_up(error) or self._unreachable >= UNREACHABLE:
            raise error

    async def _ask(self, path: str, space_id: str) -> Space:
        record = await self._hub.get(path, "finding the Space", space_id)
        return space_of(record, space_id, await self._hub.address())

    async def _again(self, space: Space) -> Space:
        runtime = await self._hub.get(
            space_path(space.space_id, "runtime"), "reading the Space's stage", space.space_id
        )
        return replace(space, stage=stage_of(runtime))

    async def _behind(self, error: GradioClientError) -> Space | None:
        """The Space at the source's URL, if the error may come from its stage, and the Hub can say."""
        url = self._source.url if isinstance(self._source, AppSource) else ""
        subdomain = subdomain_of(url)
        if subdomain is None or not (_not_up(error) or _hidden(error)):
            return None
        self.doing = f"The Hub was being asked about the Space at {url}."
        try:
            space = await self._ask(f"spaces/by-subdomain/{subdomain}", subdomain)
        except (SourceError, SpaceUnavailableError):
            raise
        except GradioClientError as trouble:
            logger.info("the Hub could not be asked about %s: %s", url, trouble.message)
            return None
        return replace(space, url=url)

    def _wake(self, wake: Callable[[], Awaitable[object]]) -> None:
        """Send what wakes the app, unless that is under way: it may be held until the app is up."""

        async def send() -> None:
            with contextlib.suppress(GradioClientError):
                await wake()

        if not self._wakers:
            task: asyncio.Task[object] = asyncio.get_running_loop().create_task(send())
            self._wakers.add(task)
            task.add_done_callback(self._wakers.discard)

    def _tell(self, space: Space, *, ready: bool = False, trouble: str | None = None) -> None:
        text = status_text(space, trouble)
        self.doing = text
        now = (space.stage, ready, trouble is None)
        if self._on_status is not None and now != self._told:
            self._told = now
            seconds = time.monotonic() - self._since
            self._on_status(SpaceStatus(space.space_id, space.stage, ready, text, seconds))


def _not_up(error: GradioClientError) -> bool:
    """Whether an app that is just starting may be the reason."""
    return error.status in _NOT_UP or isinstance(error, UnreachableError | ConnectionLost | DeadlineError)


def _hidden(error: GradioClientError) -> bool:
    """Whether a Space's proxy may have answered, for want of an app or a token; apps answer with JSON."""
    return error.status in (401, 404) and not (error.body or "").startswith("{")
