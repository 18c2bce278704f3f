"""Every way of waiting for a job, and the error that each ends with."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from gradio_client import AsyncClient, Client
from gradio_client.domain.events import Failed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from core.fake_app import FakeApp

    from gradio_client import AsyncJob

WAIT = 10.0  # seconds that a job may take to fail


def endings_of_a_job(app: FakeApp, then: Callable[[], object] | None, value: Any, **kwargs: Any) -> list[Any]:
    """The errors of one job of ``Client``.

    Args:
        app: the app that does something wrong.
        then: done when the app has taken the job; None if it never does.
        value: the job's argument.
        **kwargs: for the client.
    """
    with Client(app.url, verbose=False, **kwargs) as client:
        job = client.submit(value, api_name="/echo")
        if then is not None:
            assert app.joined.acquire(timeout=WAIT)
            then()
        return [
            raised(lambda: job.result(WAIT)),
            job.exception(WAIT),
            raised(lambda: list(job)),
            raised(lambda: asyncio.run(exhausted(aiter(job)))),
            last_error(list(job.events())),
        ]


def endings_of_an_async_job(
    app: FakeApp, then: Callable[[], object] | None, value: Any, **kwargs: Any
) -> list[Any]:
    """The errors of one job of ``AsyncClient``."""

    async def main() -> list[Any]:
        async with AsyncClient(app.url, **kwargs) as client:
            job = client.submit(value, api_name="/echo")
            if then is not None:
                assert await asyncio.to_thread(app.joined.acquire, timeout=WAIT)
                then()
            return await errors_of(job)

    return asyncio.run(asyncio.wait_for(main(), WAIT))


async def errors_of(job: AsyncJob) -> list[Any]:
    found = [await raised_by(job.result()), await raised_by(exhausted(aiter(job)))]
    return [*found, last_error([event async for event in job.events()])]


def endings_of_connecting(url: str, **kwargs: Any) -> list[Any]:
    """The errors of clients that cannot connect, and of jobs that wait for their client to."""

    async def main() -> list[Any]:
        client = AsyncClient(url, **kwargs)
        try:
            ways = (lambda job: job.result(), lambda job: exhausted(aiter(job)), _followed)
            jobs = [way(client.submit(1, api_name="/echo")) for way in ways]
            return [await raised_by(wait) for wait in (client.connect(), *jobs)]
        finally:
            await client.aclose()

    found = raised(lambda: Client(url, verbose=False, **kwargs))
    return [found, *asyncio.run(asyncio.wait_for(main(), WAIT))]


def _followed(job: AsyncJob) -> Coroutine[Any, Any, None]:
    return exhausted(job.events())


async def exhausted(things: AsyncIterator[Any]) -> None:
    async for _ in things:
        pass


def last_error(events: list[Any]) -> Any:
    assert isinstance(events[-1], Failed)
    return events[-1].error


def raised(act: Callable[[], object]) -> BaseException | None:
    try:
        act()
    except Exception as error:  # noqa: BLE001 - the test looks at it
        return error
    return None


async def raised_by(wait: Coroutine[Any, Any, object]) -> BaseException | None:
    try:
        await wait
    except Exception as error:  # noqa: BLE001 - likewise
        return error
    return None


FACES: dict[str, Callable[..., list[Any]]] = {"sync": endings_of_a_job, "async": endings_of_an_async_job}
