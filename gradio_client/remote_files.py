"""Files of results that are fetched on demand, for both clients."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from gradio_client.domain.errors import ClientClosedError

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncGenerator, Coroutine, Iterator
    from pathlib import Path

    from gradio_client._concurrency.portal import Portal
    from gradio_client._files.remote import Remote

T = TypeVar("T")


class _RemoteFile:
    """What is known of a file without fetching it."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"

    def __fspath__(self) -> str:
        """The path of the local copy.

        Raises:
            ValueError: there is none yet.
        """
        if self._remote.fetched is None:
            raise ValueError(f"The file {self.name!r} has not been downloaded yet; call its fetch().")
        return str(self._remote.fetched)

    @property
    def url(self) -> str:
        """Its address; fetching it may need the client's credentials."""
        return self._remote.url

    @property
    def name(self) -> str:
        """A name for it that is safe on every system."""
        return self._remote.name

    @property
    def size(self) -> int | None:
        """Its size in bytes according to the app; None if the app does not say."""
        return self._remote.size

    @property
    def mime_type(self) -> str | None:
        """Its MIME type according to the app, or else its name; None if neither tells."""
        return self._remote.mime_type

    @property
    def is_stream(self) -> bool:
        """Whether the app produces it piece by piece, perhaps still now; then ``stream()`` follows it."""
        return self._remote.streamed


class RemoteFile(_RemoteFile):
    """A file that an app returned and that has not been downloaded yet. Created by ``Client``.

    It can be fetched as long as its client is open and the server keeps it. After that it is
    ``os.PathLike``: ``open(file)`` and ``handle_file(file)`` accept it.

    Every method that fetches raises a ``GradioClientError`` if the complete file cannot be obtained
    (``DownloadError``, ``FileTooLargeError``, ``ConnectionLost``...), and ``OSError`` if it cannot be
    written.
    """

    def __init__(self, remote: Remote, portal: Portal) -> None:
        super().__init__(remote)
        self._portal = portal

    def fetch(self) -> Path:
        """Download it to the client's download folder, once, and return its path."""
        return self._call(self._remote.fetch())

    def save(self, path: str | os.PathLike[str] | None = None) -> Path:
        """Download it to a path of your choice.

        Args:
            path: a file, which is replaced if it exists; or a folder that exists, or whose path ends with
                a slash, where it keeps its name, with a number if a different file has that name; None
                for what ``fetch`` does.

        Returns:
            The path, absolute.

        Raises:
            FileExistsError: a device, a pipe or a socket has the path; nothing is fetched.
        """
        return self._call(self._remote.save(path))

    def read(self) -> bytes:
        """All of its bytes, in memory; nothing is saved to a folder."""
        return self._call(self._remote.read())

    def stream(self) -> Iterator[bytes]:
        """Its bytes in pieces as they arrive; for streamed media, each segment as soon as the app made it."""
        pieces = self._remote.stream()
        try:
            while (piece := self._call(_next(pieces))) is not None:
                yield piece
        finally:
            # Not waited for: a garbage collection may do this, in a thread that the loop is waiting for.
            with suppress(RuntimeError):  # the loop has ended, and everything with it
                self._portal.begin(pieces.aclose())

    def _call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        try:
            return self._portal.call(coroutine)
        except RuntimeError:
            if not self._portal.stopped:
                raise
            raise ClientClosedError(f"The client that returned {self.name!r} is closed.") from None


class AsyncRemoteFile(_RemoteFile):
    """A file that an app returned and that has not been downloaded yet. Created by ``AsyncClient``.

    Like ``RemoteFile``, but its methods are awaited.
    """

    async def fetch(self) -> Path:
        """Download it to the client's download folder, once, and return its path."""
        return await self._remote.fetch()

    async def save(self, path: str | os.PathLike[str] | None = None) -> Path:
        """Download it to a path of your choice; see ``RemoteFile.save``."""
        return await self._remote.save(path)

    async def read(self) -> bytes:
        """All of its bytes, in memory; nothing is saved to a folder."""
        return await self._remote.read()

    def stream(self) -> AsyncGenerator[bytes]:
        """Its bytes in pieces as they arrive; for streamed media, each segment as soon as the app made it."""
        return self._remote.stream()


async def _next(pieces: AsyncGenerator[bytes]) -> bytes | None:
    return await anext(pieces, None)
