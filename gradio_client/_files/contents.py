"""The bytes of files that the caller marked, readable again and again from the first."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import threading
import weakref
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK = 1 << 19  # bytes read from a disk at a time
IN_MEMORY = 1 << 23  # bytes of a copy before it goes to a disk
_REMEDY = "Read it, and pass handle_file() the bytes and a name."


class _Place:
    """Where a file object reads, which one at a time may change: two marks may share the object."""

    def __init__(self) -> None:
        self.lock = threading.Lock()


# By the object's id, which is its own as long as any content holds both. One lock for all would let a slow
# file keep back every other, and the event loop.
_places: weakref.WeakValueDictionary[int, _Place] = weakref.WeakValueDictionary()
_finding = threading.Lock()


def _place_of(file: Any) -> _Place:
    with _finding:
        return _places.setdefault(id(file), _Place())


class Content(Protocol):
    """What is uploaded."""

    @property
    def length(self) -> int:
        """Size in bytes."""

    def __iter__(self) -> Iterator[bytes]:
        """Its pieces, each time from the first.

        Raises:
            OSError: it cannot be read, or became shorter.
        """


class PathContent:
    """A file's bytes; its size is that of the moment when this is made.

    Raises:
        OSError: there is no such file, or it does not tell its size.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        with self._open() as file:
            self.length = os.fstat(file.fileno()).st_size
            if not self.length and file.read(1):  # as with those that the system makes up
                raise OSError(f"{str(path)!r} does not tell its size. {_REMEDY}")

    def __iter__(self) -> Iterator[bytes]:
        """See ``Content``."""
        left = self.length
        with self._open() as file:
            while left and (chunk := file.read(min(CHUNK, left))):
                left -= len(chunk)
                yield chunk
        if left:
            raise OSError(f"{str(self._path)!r} became shorter while it was uploaded")

    def _open(self) -> FileIO:
        file = FileIO(self._path, opener=_opened_at_once)
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            file.close()
            raise OSError(f"{str(self._path)!r} is no longer a file")
        return file


def _opened_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # a pipe would wait for who writes into it


class BytesContent:
    """Bytes in memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.length = len(data)

    def __iter__(self) -> Iterator[bytes]:
        """See ``Content``."""
        for start in range(0, self.length, CHUNK):
            yield self._data[start : start + CHUNK]


class ObjectContent:
    """All bytes of a file object that can seek; where it stands does not matter, and is not kept."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._place = _place_of(file)

    @property
    def length(self) -> int:
        """Size in bytes.

        Raises:
            OSError: it was closed, or cannot be measured.
        """
        try:
            with self._at(0, os.SEEK_END) as end:
                size = end
        except OSError as error:
            if error.errno is None:
                raise
            raise OSError(error.errno, f"{self._which()} cannot be measured. {_REMEDY}") from error
        if not size and self._piece(0):  # as of devices
            raise OSError(f"{self._which()} does not tell its size. {_REMEDY}")
        return size

    def __iter__(self) -> Iterator[bytes]:
        """See ``Content``."""
        at = 0
        while chunk := self._piece(at):
            at += len(chunk)
            yield chunk

    def _piece(self, at: int) -> bytes:
        with self._at(at, os.SEEK_SET):
            piece = self._file.read(CHUNK) or b""
        if not isinstance(piece, bytes | bytearray | memoryview):
            raise TypeError(f"{self._which()} gave {_kind(piece)} when it was read for an upload, not bytes")
        return bytes(piece)

    @contextmanager
    def _at(self, offset: int, whence: int) -> Iterator[int]:
        """The file object where it shall stand, for one at a time; and how far that is from its start."""
        with self._place.lock:
            try:
                yield self._sought(offset, whence)
            except ValueError as error:
                if not getattr(self._file, "closed", False):
                    raise
                raise OSError(
                    f"{self._which()} was closed before it was uploaded; "
                    "it must be open until the job has begun"
                ) from error
            except Exception:
                raise
            except BaseException as error:  # no Ctrl-C in a thread; in a task it would end the loop of others
                raise OSError(
                    f"{self._which()} raised {type(error).__name__} when it was read for an upload"
                ) from error

    def _sought(self, offset: int, whence: int) -> int:
        place = self._file.seek(offset, whence)
        return int(self._file.tell() if place is None else place)  # None: as mmap does before 3.13

    def _which(self) -> str:
        called = _called(self._file)
        return f"The file object of {called!r}" if called else "A file object"


def content_of(given: Any) -> tuple[Content, str | None]:
    """The content of bytes or of a file object, and the name it goes by, if any.

    Raises:
        TypeError: it is neither, or was not opened in binary mode.
        ValueError: the file object is closed.
    """
    if isinstance(given, bytes | bytearray | memoryview):
        return BytesContent(bytes(given)), None
    if not callable(getattr(given, "read", None)):
        raise TypeError(
            f"handle_file() takes a path, a URL, bytes or a file opened in binary mode, not {_kind(given)}."
        )
    if not isinstance(given.read(0), bytes):
        raise TypeError("handle_file() takes files opened in binary mode: open(path, 'rb').")
    return (ObjectContent(given) if _seeks(given) else _copied(given)), _called(given)


def _called(file: Any) -> str | None:
    """The name of the file that a file object reads; None for one of memory or a pipe."""
    name = getattr(file, "name", None)
    return Path(name).name if isinstance(name, str) else None


def _kind(given: object) -> str:
    return type(given).__name__


def _seeks(file: Any) -> bool:
    seekable = getattr(file, "seekable", None)
    return bool(seekable()) if callable(seekable) else callable(getattr(file, "seek", None))


def _copied(file: Any) -> ObjectContent:
    """The rest of a pipe or of a response, which can be read only once."""
    copy = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed with its content
    try:
        shutil.copyfileobj(file, copy, CHUNK)
    except BaseException:  # raised again: nor does Ctrl-C leave the copy open
        copy.close()
        raise
    content = ObjectContent(copy)
    weakref.finalize(content, copy.close)
    return content
