"""The asynchronous client on real servers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gradio_client import AsyncClient, handle_file
from gradio_client.domain.events import Completed, Output, Started
from gradio_client.exceptions import AppError, ClientClosedError, EndpointNotFoundError
from gradio_client.utils import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from servers.process import Server

    Connect = Callable[[], AsyncClient]

ENDLESS = (600, 0.05)


@pytest.fixture
def connect(kitchen_sink: Server, transport: str, tmp_path: Path) -> Connect:
    """Makes a client, which has not connected yet."""

    def make() -> AsyncClient:
        return AsyncClient(kitchen_sink.url, transport=transport, download_files=tmp_path)

    return make


def test_predict_returns_the_result(connect: Connect) -> None:
    async def main() -> None:
        async with connect() as client:
            assert await client.predict("hello", api_name="/echo") == "hello"
            assert await client.predict("Ada", "Hi", 1, True, api_name="/greet") == "HI, ADA!"  # noqa: FBT003

    asyncio.run(main())


def test_a_client_connects_at_its_first_call(connect: Connect) -> None:
    async def main() -> None:
        client = connect()
        try:
            assert await client.submit("hello", api_name="/echo") == "hello"
        finally:
            await client.aclose()

    asyncio.run(main())


def test_the_api_can_be_looked_at(connect: Connect) -> None:
    async def main() -> None:
        async with connect() as client:
            assert '"/echo"' in await client.view_api()
            assert "/count" in (await client.view_api(return_format="dict"))["named_endpoints"]

    asyncio.run(main())


def test_outputs_arrive_while_the_generator_runs(connect: Connect) -> None:
    async def main() -> None:
        async with connect() as client:
            job = client.submit(100, 0.03, api_name="/count")
            outputs = aiter(job)
            assert [await anext(outputs), await anext(outputs)] == [1, 2]
            assert not job.done()
            assert job.cancel()

    asyncio.run(main())


def test_a_generator_is_iterated_to_its_end(connect: Connect) -> None:
    async def main() -> None:
        async with connect() as client:
            job = client.submit(4, 0, api_name="/count")
            assert [output async for output in job] == [1, 2, 3, 4]
            assert job.outputs() == [1, 2, 3, 4]
            assert await job == 4
            status = job.status()
            assert status is not None
            assert status.code is Status.FINISHED

    asyncio.run(main())


def test_events_tell_a_jobs_whole_life(connect: Connect) -> None:
    async def main() -> list[Any]:
        async with connect() as client:
            return [event async for event in client.submit(2, 0, api_name="/count").events()]

    events = asyncio.run(main())
    assert any(isinstance(event, Started) for event in events)
    assert [event.value for event in events if isinstance(event, Output)] == [1, 2]
    assert events[-1] == Completed(2)


def test_many_calls_run_at_one_time(connect: Connect) -> None:
    async def main() -> list[Any]:
        async with connect() as client:
            return await asyncio.gather(*(client.predict(str(n), api_name="/echo") for n in range(20)))

    assert asyncio.run(main()) == [str(n) for n in range(20)]


def test_files_go_up_and_come_down(connect: Connect, tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("some text")

    async def main() -> Any:
        async with connect() as client:
            return await client.predict(handle_file(note), api_name="/file_in_out")

    copy = Path(asyncio.run(main()))
    assert (copy.name, copy.read_text()) == ("upper-note.txt", "SOME TEXT")


def test_cancelling_the_task_cancels_the_job(connect: Connect) -> None:
    async def main() -> None:
        async with connect() as client:
            job = client.submit(*ENDLESS, api_name="/count")
            await anext(aiter(job))
            waiting = asyncio.create_task(job.result())
            await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            assert job.done()
            # The server goes on to the next job of that function: the first was stopped there too.
            assert await client.predict(2, 0, api_name="/count") == 2

    asyncio.run(main())


def test_a_failure_is_raised_after_the_outputs_before_it(connect: Connect) -> None:
    async def main() -> list[Any]:
        async with connect() as client:
            outputs = aiter(client.submit(2, api_name="/error_after_yield"))
            before = [await anext(outputs), await anext(outputs)]
            with pytest.raises(AppError, match="it broke on the way"):
                await anext(outputs)
        return before

    assert asyncio.run(main()) == [0, 1]


def test_a_wrong_name_is_refused_when_it_is_used(connect: Connect) -> None:
    async def main() -> None:
        async with connect() as client:
            with pytest.raises(EndpointNotFoundError, match="/echo"):
                client.submit("hello", api_name="/ecko")

    asyncio.run(main())


def test_reset_session_starts_the_state_anew(connect: Connect) -> None:
    async def main() -> None:
        async with connect() as client:
            assert [await client.predict(step, api_name="/state") for step in (1, 2)] == [1, 3]
            client.reset_session()
            assert await client.predict(5, api_name="/state") == 5

    asyncio.run(main())


def test_closing_ends_the_jobs_under_way(connect: Connect) -> None:
    async def main() -> None:
        async with connect() as client:
            job = client.submit(100, 0.03, api_name="/count")
            await anext(aiter(job))
        with pytest.raises(ClientClosedError):
            await job
        with pytest.raises(ClientClosedError):
            await client.predict("late", api_name="/echo")

    asyncio.run(main())
