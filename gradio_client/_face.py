"""What differs between the two faces of a client where it hands something out or calls back."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from gradio_client.progress import Progress, Reporter
from gradio_client.remote_files import AsyncRemoteFile, RemoteFile

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradio_client._concurrency.portal import Portal
    from gradio_client._files.remote import Remote
    from gradio_client.progress import ProgressChoice

logger = logging.getLogger("gradio_client.progress")


@dataclass(frozen=True, slots=True)
class Face:
    """How one face serves its caller.

    Attributes:
        call_back: calls a function of the caller's soon, where that may be done. For any thread.
        file: what the caller gets for a file that is not downloaded.
    """

    call_back: Callable[[Callable[[], object]], object]
    file: Callable[[Remote], object]


def of_threads(portal: Portal) -> Face:
    """The face for programs with threads: callbacks have a thread of their own."""
    return Face(portal.run_callback, lambda remote: RemoteFile(remote, portal))


def of_loop() -> Face:
    """The face for asynchronous programs: callbacks are called on the running loop."""
    loop = asyncio.get_running_loop()

    def call_back(act: Callable[[], object]) -> None:
        with suppress(RuntimeError):  # the loop has been closed: nobody wants to know any more
            loop.call_soon_threadsafe(act)

    return Face(call_back, AsyncRemoteFile)


def reporter(choice: ProgressChoice, face: Face) -> Reporter:
    """What tells the caller of progress."""
    if choice is True:
        from gradio_client._bars import bars  # noqa: PLC0415 - most clients show none

        choice = bars()
    if not choice:
        return Reporter(None)
    return Reporter(lambda progress: face.call_back(partial(_tell, choice, progress)))


def _tell(listener: Callable[[Progress], object], progress: Progress) -> None:
    try:
        listener(progress)
    except Exception:
        logger.exception("a listener for progress failed; the call goes on")
