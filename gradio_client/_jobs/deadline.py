"""The deadline of a whole call: what ``predict(timeout=)`` means, and how connecting keeps to it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from enum import Enum
from typing import TYPE_CHECKING, Final

from gradio_client.domain.errors import DeadlineError
from gradio_client.timeouts import seconds_or_none

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from gradio_client.domain.endpoints import Endpoint
    from gradio_client.domain.values import Json


class NotGiven(Enum):
    """The type of an argument's absence, where None means something else."""

    NOT_GIVEN = "not given"

    def __repr__(self) -> str:
        return self.value


NOT_GIVEN: Final = NotGiven.NOT_GIVEN


def with_timeout(
    endpoint: Endpoint, kwargs: Mapping[str, Json], timeout: float | Json | None
) -> tuple[Mapping[str, Json], float | None]:
    """The arguments for an endpoint, and the seconds that the call may take.

    ``timeout`` is the endpoint's own argument if it has a parameter of that name, and else the deadline.

    Raises:
        TypeError: it is a deadline, but not a number.
        ValueError: it is a deadline, but not above 0.
    """
    if timeout is NOT_GIVEN:
        return kwargs, None
    if any(parameter.name == "timeout" for parameter in endpoint.parameters):
        return {**kwargs, "timeout": timeout}, None
    return kwargs, seconds_or_none("timeout=", timeout)


def passed(seconds: float, doing: str, what_of_it: str) -> DeadlineError:
    """The error of a call that took longer than it may."""
    return DeadlineError(f"The deadline of {seconds:g} s passed {doing}. {what_of_it}")


@asynccontextmanager
async def within(given: float | Json | None, app: str) -> AsyncIterator[None]:
    """Connect in this many seconds, if that is what was given.

    Before there is a connection nobody knows whether ``timeout`` is an argument of the endpoint.

    Args:
        given: the ``timeout`` of a call.
        app: the app's address, or what was given as its source.

    Raises:
        DeadlineError: it took longer.
    """
    try:
        seconds = None if given is NOT_GIVEN else seconds_or_none("timeout=", given)
    except (TypeError, ValueError):  # perhaps it is an argument
        seconds = None
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            yield
    except TimeoutError as error:
        if seconds is None or not limit.expired():
            raise
        late = passed(seconds, "while connecting", "Nothing was submitted; call again.")
        raise late.locate(app=app) from error
