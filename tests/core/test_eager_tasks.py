"""Programs may have their loops begin tasks at once, where they are made: ``asyncio.eager_task_factory``."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from core.fake_app import FakeApp, generating
from gradio_client_contract_tests.server import until

from gradio_client import AsyncClient, Downloads
from gradio_client.exceptions import FileTooLargeError
from gradio_client.testing import App, AppServer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

pytestmark = pytest.mark.skipif(sys.version_info < (3, 12), reason="Python 3.12 brought eager tasks")

generator = App("files")


@generator.endpoint()
def files(count: int) -> Path:  # type: ignore[misc]
    for number in range(count):
        path = Path(tempfile.mkdtemp()) / f"{number}.txt"
        path.write_text(str(number))
        yield path


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with AppServer(generator) as server:
        yield server.url


def eagerly(act: Callable[[], Awaitable[Any]]) -> Any:
    """Run a coroutine on a loop that begins tasks at once."""

    async def run() -> Any:
        factory: Any = asyncio.__dict__["eager_task_factory"]
        asyncio.get_running_loop().set_task_factory(factory)
        return await asyncio.wait_for(act(), 10)

    return asyncio.run(run())


@pytest.mark.parametrize("when", ["lazy", "final", "all"])
def test_a_generator_of_files_comes_to_its_end(url: str, when: Any, tmp_path: Path) -> None:
    async def names() -> list[Any]:
        async with AsyncClient(url, download_files=Downloads(tmp_path, when=when)) as client:
            return [getattr(file, "name", file) async for file in client.submit(3, api_name="/files")]

    assert [Path(name).name for name in eagerly(names)] == ["0.txt", "1.txt", "2.txt"]


def test_the_app_is_told_of_a_job_that_fails_here_and_runs_on_there(app: FakeApp, tmp_path: Path) -> None:
    file = {"path": "/tmp/a.txt", "meta": {"_type": "gradio.FileData"}}
    app.on_join = lambda event, _: [generating(event, file)]
    downloads = Downloads(tmp_path, max_files=0)

    async def call() -> None:
        async with AsyncClient(app.url, download_files=downloads) as client:
            await client.predict(1, api_name="/echo")

    with pytest.raises(FileTooLargeError, match="max_files"):
        eagerly(call)
    assert until(lambda: app.seen("cancel"))
