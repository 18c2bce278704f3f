"""The folder that one client's downloads go to, and the threads in which they are written."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from concurrent.futures import Future
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from gradio_client._files.fetching import write
from gradio_client._files.sink import Sink
from gradio_client.files import DEFAULT_TEMP_DIR

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from gradio_client.downloads import Downloads

T = TypeVar("T")


class DownloadFolder:
    """Where the downloads of one client go.

    Args:
        downloads: what the caller said of it.

    Attributes:
        removes: whether it is removed when the client is closed.
    """

    def __init__(self, downloads: Downloads) -> None:
        self.removes = downloads.remove_on_close
        folder = Path(downloads.folder or DEFAULT_TEMP_DIR)
        self._path = folder / f"client-{secrets.token_hex(16)}" if self.removes else folder
        self._removed = False

    def path(self) -> Path:
        """Where it is. Blocks on the disk; several threads may call it at once."""
        if self.removes:
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._path

    async def filled(self, pieces: AsyncGenerator[bytes], folder: Path | None = None) -> Sink:
        """A new file of some bytes, still without its name; nothing is left of it if that fails.

        Args:
            pieces: the bytes, which are closed.
            folder: where it is to be; None for the folder for downloads.

        Raises:
            OSError: it could not be written.
        """
        sink = await self._opened(folder)
        try:
            async with aclosing(pieces):
                await write(pieces, sink)
        except BaseException:  # raised again: a cancelled download leaves nothing partial
            await self.do(sink.discard)
            raise
        return sink

    async def do(self, act: Callable[[], T]) -> T:
        """Do something with a file in a thread, and to its end, whoever is cancelled meanwhile."""
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(None, self._run, act))

    def remove(self) -> None:
        """Remove the folder, if there is one, with what is still under way there. Blocks on the disk."""
        assert self.removes  # noqa: S101 - any other is not the client's own
        self._removed = True
        shutil.rmtree(self._path, ignore_errors=True)

    async def _opened(self, folder: Path | None) -> Sink:
        made: Future[Sink] = Future()
        asyncio.get_running_loop().run_in_executor(None, self._open, made, folder)
        try:
            return await asyncio.shield(asyncio.wrap_future(made))
        except asyncio.CancelledError:  # the thread goes on, and nobody else knows what it makes
            made.add_done_callback(_discard)
            raise

    def _open(self, made: Future[Sink], folder: Path | None) -> None:
        try:
            made.set_result(self._run(lambda: Sink(folder or self.path())))
        except BaseException as error:  # noqa: BLE001 - raised by who waits for it
            made.set_exception(error)

    def _run(self, act: Callable[[], T]) -> T:
        try:
            return act()
        finally:
            if self._removed:  # perhaps before this was there
                self.remove()


def _discard(made: Future[Sink]) -> None:
    if made.exception() is None:
        made.result().discard()
