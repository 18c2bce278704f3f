"""Uploads: what the caller marked, in as few requests as make sense (protocol section 7.1)."""

from __future__ import annotations

import asyncio
import re
import secrets
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from gradio_client._app import parse_json
from gradio_client._concurrency.gathering import gather_or_cancel
from gradio_client._files.contents import ObjectContent, PathContent
from gradio_client._files.fetching import Fetcher, Source
from gradio_client._files.limits import Budget
from gradio_client._http.outgoing import Outgoing
from gradio_client.domain.errors import FileTooLargeError, ServerError, Where
from gradio_client.domain.files import FILE_META
from gradio_client.domain.multipart import MultipartBody, Part
from gradio_client.domain.source import encoded_url
from gradio_client.files import LinkedFile, LocalFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gradio_client._app import App
    from gradio_client._files.contents import Content
    from gradio_client._http.outgoing import CallScope
    from gradio_client.domain.values import Json, JsonObject
    from gradio_client.downloads import Downloads
    from gradio_client.files import MarkedFile
    from gradio_client.progress import Meter, Reporter

#: What makes two marked files the same: where the bytes are from, and the name.
Key: TypeAlias = "tuple[str | int, str]"

BATCH_FILES = 100  # in one request; servers take up to 1,000
BATCH_BYTES = 4 << 20  # in one request of several files; larger ones go side by side


@dataclass(frozen=True, slots=True)
class Item:
    """One file to upload.

    Attributes:
        key: of the marked file.
        name: what the server is told.
        content: its bytes.
        size: how many these are.
        meter: is told how many have been sent.
    """

    key: Key
    name: str
    content: Content
    size: int
    meter: Meter

    @property
    def length(self) -> int:
        """Size in bytes."""
        return self.size

    def __iter__(self) -> Iterator[bytes]:
        """Its pieces, counted as they are sent."""
        sent = 0
        for piece in self.content:
            sent += len(piece)
            self.meter.set(sent)  # before it is sent: who takes the last piece asks for no more
            yield piece


class Uploads:
    """The uploads of one client.

    Args:
        app: where they go.
        slots: limits how many requests there are at one time.
        reporter: is told of progress.
        limits: on the copies of the app's own files.
    """

    def __init__(self, app: App, slots: asyncio.Semaphore, reporter: Reporter, limits: Downloads) -> None:
        self._app = app
        self._slots = slots
        self._reporter = reporter
        self._limits = limits

    async def send(self, files: Sequence[MarkedFile], scope: CallScope) -> Mapping[Key, JsonObject]:
        """Upload files for a call; the file objects to send, by the marked files' keys.

        Every size is checked before anything is sent, but of files that are copied from the app itself.

        Raises:
            FileTooLargeError: a file is larger than the app takes.
            OSError: a file could not be read.
            GradioClientError: an upload failed.
        """
        marked = {key_of(file): file for file in files}
        local = [file for file in marked.values() if isinstance(file, LocalFile)]
        # In a thread, for a network's file or the caller's file object may take its time.
        items = await asyncio.to_thread(lambda: [self._item(file, scope) for file in local]) if local else []
        linked = [file for file in marked.values() if isinstance(file, LinkedFile)]
        try:
            sent = await gather_or_cancel(
                [
                    *(self._send(batch, scope) for batch in batches(items)),
                    *(self._pass_on(file, scope) for file in linked),
                ]
            )
        finally:
            for item in items:
                item.meter.end()
        return {key: found for part in sent for key, found in part.items()}

    def _item(self, file: LocalFile, scope: CallScope) -> Item:
        content = file.content or PathContent(file["path"])
        name, size = file["orig_name"], content.length
        self._check_size(name, size)
        return Item(
            key_of(file), name, content, size, self._reporter.file("upload", scope.api_name, name, size)
        )

    def _check_size(self, name: str, size: int) -> None:
        limit = self._app.config.max_file_size
        if limit is not None and size > limit:
            raise FileTooLargeError(
                f"The file {name!r} has {size} bytes; the app takes at most {limit}.",
                where=Where(app=self._app.urls.base),
            )

    async def _send(self, batch: Sequence[Item], scope: CallScope) -> dict[Key, JsonObject]:
        try:
            async with self._slots:
                return await self._post(batch, scope)
        except FileTooLargeError:
            if len(batch) == 1:
                raise
        # Together they were too much for something on the way, such as a proxy that limits requests.
        alone = await gather_or_cancel(self._send([item], scope) for item in batch)
        return {key: found for part in alone for key, found in part.items()}

    async def _post(self, batch: Sequence[Item], scope: CallScope) -> dict[Key, JsonObject]:
        parts = [Part("files", item.name, "application/octet-stream", item) for item in batch]
        body = MultipartBody(parts, secrets.token_hex(16))
        kind = (("Content-Type", body.content_type),)
        outgoing = Outgoing("upload", "POST", self._app.urls.upload(), body, kind, scope=scope)
        answer = await self._app.pipeline.require(outgoing)
        found = parse_json(answer)
        paths = found.value if found else None
        if not isinstance(paths, list) or len(paths) != len(batch) or not all(map(_is_text, paths)):
            raise ServerError(
                f"The server took {_names(batch)} but did not say where it is.",
                where=Where(app=self._app.urls.base, status=answer.status),
            )
        return {item.key: _file_object(path, item.name) for item, path in zip(batch, paths, strict=True)}

    async def _pass_on(self, file: LinkedFile, scope: CallScope) -> dict[Key, JsonObject]:
        """The object for a file at a URL: the app fetches it by itself, unless it is one of its own.

        Those may take credentials that only the client has, and servers fetch nothing from themselves.
        """
        url = self._own_file(encoded_url(file["path"]))
        if url is None:
            return {key_of(file): dict(file)}
        with ExitStack() as stack:
            copy = _Copy(stack)
            meter = self._reporter.file("upload", scope.api_name, file["orig_name"], None)
            stack.callback(meter.end)
            async with self._slots:
                fetcher = Fetcher(self._app, scope, Budget(self._limits))
                # As a part of an upload it is not led to other hosts, whose answers are nobody's business.
                await fetcher.fetch(Source(url, file["orig_name"], "upload"), copy, meter)
            content = ObjectContent(copy.file)
            self._check_size(file["orig_name"], content.length)
            item = Item(key_of(file), file["orig_name"], content, content.length, meter)
            return await self._send([item], scope)

    def _own_file(self, url: str) -> str | None:
        """Where the client fetches one of the app's own files; None for any other address.

        The app may call itself by another address than that which the client has connected to (protocol
        section 1.3). Nothing is asked there: such an address only says which file it is.
        """
        urls, root = self._app.urls, self._app.config.root
        for base in filter(None, (urls.base, root)):
            route = url.removeprefix(f"{base}{urls.prefix}/")
            if route != url and route.startswith(("file=", "file/", "proxy=")):
                return f"{urls.base}{urls.prefix}/{route}"
        return None


class _Copy:
    """A file without a name, for as long as it takes."""

    def __init__(self, stack: ExitStack) -> None:
        self.file = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it

    def write(self, chunks: list[bytes]) -> None:
        """Write what came. Blocks on the disk."""
        self.file.writelines(chunks)


def key_of(file: MarkedFile) -> Key:
    """What makes two marked files the same."""
    content = file.content if isinstance(file, LocalFile) else None
    return (file["path"] if content is None else id(content), file["orig_name"])


def batches(items: Sequence[Item]) -> list[list[Item]]:
    """Files in the requests they go by: small ones together, large ones each by itself."""
    made: list[list[Item]] = []
    size = 0
    for item in sorted(items, key=lambda item: item.size):
        if not made or size + item.size > BATCH_BYTES or len(made[-1]) == BATCH_FILES:
            made.append([])
            size = 0
        made[-1].append(item)
        size += item.size
    return made


def _is_text(value: Json) -> bool:
    """Whether a value is text that can be sent, which what holds a lone surrogate cannot."""
    return isinstance(value, str) and not re.search("[\ud800-\udfff]", value)


def _names(batch: Sequence[Item]) -> str:
    return f"the file {batch[0].name!r}" if len(batch) == 1 else f"{len(batch)} files"


def _file_object(path: str, name: str) -> JsonObject:
    return {"path": path, "orig_name": name, "meta": dict(FILE_META)}
