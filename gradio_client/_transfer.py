"""Files on their way: uploads of what the caller marked, downloads of what the app returns."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from gradio_client._app import parse_json
from gradio_client._outgoing import Answer, Outgoing
from gradio_client.domain.errors import DownloadError, FileTooLargeError, ServerError, Where
from gradio_client.domain.files import files_in, map_files, safe_name
from gradio_client.domain.http import Decoder
from gradio_client.domain.multipart import MultipartBody, Part
from gradio_client.domain.source import download_url

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Iterator, Mapping, Sequence

    from gradio_client._app import App
    from gradio_client._outgoing import CallScope
    from gradio_client.domain.values import Json, JsonObject
    from gradio_client.files import LocalFile
    from gradio_client.transport import Response

T = TypeVar("T")

CHUNK = 1 << 18  # bytes read from or written to disk at a time
LONGEST = 1 << 62  # bytes of a download: no limit but the disk's
_IDENTITY = (("Accept-Encoding", "identity"),)  # a length can be checked only on bytes as they are


class Transfer:
    """Uploads and downloads of one client.

    Args:
        app: the connected app.
        folder: where downloads go; None leaves file objects as the app sent them.
        at_once: how many files are on their way at one time.
    """

    def __init__(self, app: App, folder: Path | None, at_once: int) -> None:
        self._app = app
        self._folder = folder
        self._needs_meta = app.config.file_objects_have_meta
        self._slots = asyncio.Semaphore(at_once)

    def has_files(self, data: Sequence[Json]) -> bool:
        """Whether values hold files that are to be downloaded."""
        if self._folder is None:
            return False
        return any(
            files_in(value, needs_meta=self._needs_meta) for value in data if not isinstance(value, str)
        )

    async def upload(self, files: Sequence[LocalFile], scope: CallScope) -> Mapping[str, JsonObject]:
        """Upload files for a call; the file objects to send, by the path the caller gave.

        Raises:
            FileTooLargeError: a file is larger than the app takes; nothing was sent.
            OSError: a file could not be read.
            GradioClientError: an upload failed.
        """
        by_path = {file["path"]: file for file in files}
        sources = {path: FileSource(path) for path in by_path}
        for path, source in sources.items():
            self._check_size(path, source.length)
        sent = await _all(self._upload(sources[path], file, scope) for path, file in by_path.items())
        return dict(zip(by_path, sent, strict=True))

    async def fetch(self, data: Sequence[Json], scope: CallScope) -> list[Json]:
        """Download every file in some values of a call; in their place are the paths of the local copies.

        Raises:
            DownloadError: a file could not be fetched whole.
            GradioClientError: likewise.
            OSError: a file could not be written.
        """
        files = {_key(file): file for value in data for file in files_in(value, needs_meta=self._needs_meta)}
        paths = await _all(self._download(file, scope) for file in files.values())
        copies = dict(zip(files, paths, strict=True))
        return [
            map_files(value, lambda file: copies[_key(file)], needs_meta=self._needs_meta) for value in data
        ]

    def _check_size(self, path: str, size: int) -> None:
        limit = self._app.config.max_file_size
        if limit is not None and size > limit:
            raise FileTooLargeError(
                f"The file {path!r} has {size} bytes; the app takes at most {limit}.",
                where=Where(app=self._app.urls.base),
            )

    async def _upload(self, source: FileSource, file: LocalFile, scope: CallScope) -> JsonObject:
        name = file["orig_name"]
        part = Part("files", name, "application/octet-stream", source)
        body = MultipartBody([part], secrets.token_hex(16))
        kind = (("Content-Type", body.content_type),)
        outgoing = Outgoing("upload", "POST", self._app.urls.upload(), body, kind, scope=scope)
        async with self._slots:
            answer = await self._app.pipeline.require(outgoing)
        found = parse_json(answer)
        paths = found.value if found else None
        if not isinstance(paths, list) or len(paths) != 1 or not isinstance(paths[0], str):
            raise ServerError(
                f"The server took the file {name!r} but did not say where it is.",
                where=Where(app=self._app.urls.base, status=answer.status),
            )
        return {"path": paths[0], "orig_name": name, "meta": {"_type": "gradio.FileData"}}

    async def _download(self, file: JsonObject, scope: CallScope) -> str:
        url, _ = download_url(self._app.urls, self._app.config.root, file)
        outgoing = Outgoing("download", "GET", url, headers=_IDENTITY, scope=scope)
        async with self._slots:
            response = await self._app.pipeline.open(outgoing)
            try:
                if response.status != 200:
                    body = await self._app.pipeline.read(response)
                    answer = Answer(response.status, response.headers, body, url)
                    raise self._app.pipeline.refused(outgoing, answer)
                return await self._save(response, safe_name(file["path"]))
            finally:
                await response.aclose()

    async def _save(self, response: Response, name: str) -> str:
        folder = self._folder
        assert folder is not None  # noqa: S101 - has_files() said so
        # Some servers compress what was asked for as it is.
        decoder = Decoder(response.headers.get("content-encoding"), LONGEST)
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        sink = Sink(folder)  # not in a thread: who is cancelled while waiting for it could not discard it
        try:
            while chunk := await self._app.pipeline.read(response):
                if sink.add(decoder.feed(chunk)):
                    await asyncio.to_thread(sink.flush)
            decoder.finish()
            _check_length(response, sink.size, name)
            return await asyncio.to_thread(sink.keep, folder, name)
        finally:
            sink.discard()


class FileSource:
    """A file's bytes for an upload; every iteration starts again at the first."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self.length = self._path.stat().st_size

    def __iter__(self) -> Iterator[bytes]:
        """Chunks of the file.

        Raises:
            OSError: the file is gone, or its size has changed since the upload began.
        """
        left = self.length
        with self._path.open("rb") as file:
            while left and (chunk := file.read(min(CHUNK, left))):
                left -= len(chunk)
                yield chunk
        if left:
            raise OSError(f"{str(self._path)!r} became shorter while it was uploaded")


class Sink:
    """A download that is still without its name: written beside its place, and moved there when whole."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / f".{secrets.token_hex(16)}.part"
        self._file = self._path.open("xb")
        self._hash = hashlib.sha256()
        self._waiting: list[bytes] = []
        self._held = 0
        self.size = 0

    def add(self, chunk: bytes) -> bool:
        """Take bytes; whether there are enough of them to ``flush``."""
        self._waiting.append(chunk)
        self._held += len(chunk)
        self.size += len(chunk)
        return self._held >= CHUNK

    def flush(self) -> None:
        """Write what was taken. Blocks on the disk."""
        for chunk in self._waiting:
            self._hash.update(chunk)
            self._file.write(chunk)
        self._waiting.clear()
        self._held = 0

    def keep(self, folder: Path, name: str) -> str:
        """Give the file its place, in a folder named after its content, and return its path."""
        self.flush()
        self._file.close()
        place = folder / self._hash.hexdigest()
        place.mkdir(exist_ok=True)
        return str(self._path.replace(place / name).resolve())

    def discard(self) -> None:
        """Remove what was not kept."""
        self._file.close()
        self._path.unlink(missing_ok=True)


def _check_length(response: Response, size: int, name: str) -> None:
    announced = response.headers.get("content-length") or ""
    if announced.isdigit() and int(announced) != size and "content-encoding" not in response.headers:
        raise DownloadError(f"The download of {name!r} ended after {size} of {announced} bytes.")


def _key(file: JsonObject) -> tuple[str, str]:
    return file["path"], str(file.get("url"))


async def _all(coroutines: Iterable[Coroutine[None, None, T]]) -> list[T]:
    """The results of several coroutines; when one fails, the others are cancelled."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(coroutine) for coroutine in coroutines]
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]
