"""The folder for downloads: what is under way there when its task or its client ends."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from typing import TYPE_CHECKING, Any

import pytest
from core.conftest import WAIT
from core.fake_app import replying
from files.conftest import remote
from gradio_client_contract_tests.server import until

from gradio_client import Downloads
from gradio_client._files import folder
from gradio_client._files.folder import DownloadFolder

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from pathlib import Path

    from core.conftest import Connect
    from core.fake_app import FakeApp


class SlowSink:
    """Opens when it may, and notes in which thread it is discarded."""

    opening, go_on, discarded = threading.Event(), threading.Event(), threading.Event()
    discarder: threading.Thread | None = None

    def __init__(self, _: Path) -> None:
        self.opening.set()
        assert self.go_on.wait(WAIT)

    def write(self, chunks: list[bytes]) -> None:
        raise OSError("disk full")

    def discard(self) -> None:
        type(self).discarder = threading.current_thread()
        self.discarded.set()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> type[SlowSink]:
    class Fresh(SlowSink):
        opening, go_on, discarded = threading.Event(), threading.Event(), threading.Event()

    monkeypatch.setattr(folder, "Sink", Fresh)
    return Fresh


async def one_piece() -> AsyncGenerator[bytes]:
    yield b"x"


def test_a_file_that_opens_after_its_task_was_cancelled_is_discarded(
    slow: type[SlowSink], tmp_path: Path
) -> None:
    async def use() -> None:
        task = asyncio.ensure_future(DownloadFolder(Downloads(tmp_path)).filled(one_piece()))
        assert await asyncio.to_thread(slow.opening.wait, WAIT)  # which the loop lives to see
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        slow.go_on.set()
        assert await asyncio.to_thread(slow.discarded.wait, WAIT)

    asyncio.run(use())


def test_what_failed_is_discarded_in_a_thread(slow: type[SlowSink], tmp_path: Path) -> None:
    slow.go_on.set()
    with pytest.raises(OSError, match="disk full"):
        asyncio.run(DownloadFolder(Downloads(tmp_path)).filled(one_piece()))
    assert slow.discarded.is_set()
    assert slow.discarder is not threading.current_thread()


def test_a_file_that_gets_its_name_while_its_client_is_closed_is_removed(
    app: FakeApp,
    connect: Connect,
    returns: Callable[[Any], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    syncing, removed, go_on = threading.Event(), threading.Event(), threading.Event()
    fsync, rmtree = os.fsync, shutil.rmtree

    def slow(number: int) -> None:
        syncing.set()
        assert go_on.wait(WAIT)
        fsync(number)

    def noted(*args: Any, **kwargs: Any) -> None:
        rmtree(*args, **kwargs)
        removed.set()

    monkeypatch.setattr(os, "fsync", slow)
    monkeypatch.setattr("gradio_client._files.folder.shutil.rmtree", noted)
    monkeypatch.setattr("gradio_client._files.folder.DEFAULT_TEMP_DIR", str(tmp_path))
    app.otherwise = replying(b"content")
    returns(remote())
    client = connect(download_files=Downloads(remove_on_close=True))
    client.submit(1, api_name="/echo")
    assert syncing.wait(WAIT)
    closing = threading.Thread(target=client.close)
    closing.start()
    assert removed.wait(WAIT)
    go_on.set()
    closing.join(WAIT)
    assert until(lambda: list(tmp_path.iterdir()) == [])
