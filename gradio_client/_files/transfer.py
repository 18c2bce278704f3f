"""The files of one client: uploads of what the caller marked, downloads of what the app returns."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gradio_client._concurrency.gathering import gather_or_cancel
from gradio_client._files.folder import DownloadFolder
from gradio_client._files.limits import Budget
from gradio_client._files.remote import Remote
from gradio_client._files.uploads import Uploads
from gradio_client.domain.files import files_in, map_files
from gradio_client.downloads import Downloads

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gradio_client._app import App
    from gradio_client._files.uploads import Key
    from gradio_client._http.outgoing import CallScope
    from gradio_client.domain.values import Json, JsonObject
    from gradio_client.files import MarkedFile
    from gradio_client.progress import Reporter


class Transfer:
    """Uploads and downloads of one client.

    Args:
        app: the connected app.
        downloads: what is downloaded, and where to; None leaves file objects as the app sent them.
        at_once: how many files are on their way at one time.
        reporter: is told of progress.
        hand_out: makes what the caller gets in place of a file that is not downloaded.
    """

    def __init__(
        self,
        app: App,
        downloads: Downloads | None,
        at_once: int,
        *,
        reporter: Reporter,
        hand_out: Callable[[Remote], object],
    ) -> None:
        self.app = app
        self.downloads = downloads
        self.slots = asyncio.Semaphore(at_once)
        self.reporter = reporter
        self.hand_out = hand_out
        limits = downloads or Downloads()
        self.folder = DownloadFolder(limits)
        self._uploads = Uploads(app, self.slots, reporter, limits)

    async def upload(self, files: Sequence[MarkedFile], scope: CallScope) -> Mapping[Key, JsonObject]:
        """Upload files for a call; the file objects to send, by the marked files' keys.

        Raises:
            FileTooLargeError: a file is larger than the app takes; nothing was sent.
            OSError: a file could not be read.
            GradioClientError: an upload failed.
        """
        return await self._uploads.send(files, scope)

    def of_job(self, scope: CallScope) -> JobFiles:
        """The files that one job returns."""
        return JobFiles(self, scope)

    @property
    def removes(self) -> bool:
        """Whether what is downloaded is removed when the client is closed."""
        return self.folder.removes

    def remove(self) -> None:
        """Remove what was downloaded, if anything was. Blocks on the disk."""
        self.folder.remove()


class JobFiles:
    """The files that one job returns: downloaded, or handed out to be fetched, as the client was told."""

    def __init__(self, transfer: Transfer, scope: CallScope) -> None:
        self._transfer = transfer
        self._scope = scope
        self._needs_meta = transfer.app.config.file_objects_have_meta
        self._budget = Budget(transfer.downloads) if transfer.downloads else None
        self._named: set[tuple[str, str]] = set()  # by outputs so far
        self._remotes: dict[tuple[str, str], Remote] = {}  # of these, but for what the app still makes

    def has_files(self, data: Sequence[Json]) -> bool:
        """Whether values hold files that are not handed out as they are."""
        if self._budget is None:
            return False
        return any(
            files_in(value, needs_meta=self._needs_meta) for value in data if not isinstance(value, str)
        )

    async def replaced(self, data: Sequence[Json], *, final: bool) -> list[Json]:
        """Values with something else for each file in them: the path of its copy, or what can fetch it.

        Args:
            data: the values.
            final: whether they are the job's result.

        Raises:
            DownloadError: a file could not be fetched whole.
            FileTooLargeError: that was more than the caller allows.
            GradioClientError: likewise.
            OSError: a file could not be written.
        """
        found = {_key(file): file for value in data for file in files_in(value, needs_meta=self._needs_meta)}
        assert self._budget is not None  # noqa: S101 - has_files() said so
        self._budget.add_files(len(found.keys() - self._named))
        self._named |= found.keys()
        remotes = {key: self._known(key, file) for key, file in found.items()}
        wanted = [remote for remote in remotes.values() if self._is_wanted(remote, final=final)]
        await gather_or_cancel(self._fetch(remote, self._budget) for remote in wanted)
        given = {key: self._given(remote) for key, remote in remotes.items()}
        return [
            map_files(value, lambda file: given[_key(file)], needs_meta=self._needs_meta) for value in data
        ]

    def _is_wanted(self, remote: Remote, *, final: bool) -> bool:
        assert self._transfer.downloads is not None  # noqa: S101 - has_files() said so
        when = self._transfer.downloads.when
        if not final:  # what the app still makes has no whole before the job has ended
            return when == "all" and not remote.streamed
        return when != "lazy"

    def _known(self, key: tuple[str, str], file: JsonObject) -> Remote:
        """The same for a file that is named again: a chat names all its files at every token."""
        if file.get("is_stream"):
            return self._remote(file)
        if key not in self._remotes:
            self._remotes[key] = self._remote(file)
        return self._remotes[key]

    def _remote(self, file: JsonObject) -> Remote:
        transfer = self._transfer
        assert transfer.downloads is not None  # noqa: S101 - has_files() said so
        return Remote(
            transfer.app,
            file,
            self._scope,
            limits=transfer.downloads,
            folder=transfer.folder,
            reporter=transfer.reporter,
        )

    async def _fetch(self, remote: Remote, budget: Budget) -> None:
        async with self._transfer.slots:
            await remote.fetch(budget)

    def _given(self, remote: Remote) -> object:
        return self._transfer.hand_out(remote) if remote.fetched is None else str(remote.fetched)


def _key(file: JsonObject) -> tuple[str, str]:
    return file["path"], str(file.get("url"))
