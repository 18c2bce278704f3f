"""A server that cannot start leaves nothing behind, on a thread and on a running loop."""

from __future__ import annotations

import asyncio
import socket
import tempfile
import threading
from typing import TYPE_CHECKING

import pytest

from gradio_client.testing import App, AppServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_taken_port_leaves_no_thread_and_no_files(taken: int, folder: Path) -> None:
    threads = threading.active_count()
    server = AppServer(App(), port=taken)
    for _ in range(2):
        with pytest.raises(OSError, match="address already in use"):
            server.start()
        server.stop()
    assert list(folder.iterdir()) == []
    assert threading.active_count() == threads


def test_a_taken_port_leaves_no_files_on_a_running_loop(taken: int, folder: Path) -> None:
    async def serve() -> None:
        async with AppServer(App(), port=taken):
            pass

    with pytest.raises(OSError, match="address already in use"):
        asyncio.run(serve())
    assert list(folder.iterdir()) == []
