"""Giving a file its name: at once or not at all, never over another file, never through a symbolic link.

A file that is being written has no name at all where the system can do that (Linux: ``O_TMPFILE``), so
that nothing is left of it however the program ends; elsewhere a hidden one that ends with ``.part``.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gradio_client.domain.errors import DownloadError
from gradio_client.domain.files import numbered

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO

_UNNAMED = getattr(os, "O_TMPFILE", 0)
_OWN_FILES = Path("/proc/self/fd")  # where Linux lets a file without a name be named
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_BINARY = getattr(os, "O_BINARY", 0)
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
_NAMES = 1000  # different files of one name that one folder takes
# Bytes written at once. Linux caches a write in pages of up to its size; large ones are rarely free, and a
# virtual machine's host may have to provide the memory for them first.
_AT_ONCE = 1 << 19


class Unplaced:
    """A new file, open for writing, that is without its name. Blocks on the disk."""

    def __init__(self, folder: Path) -> None:
        _make(folder)
        self._part: Path | None = None
        self._file = _unnamed(folder) or self._hidden(folder)
        self._written = 0

    def write(self, chunks: list[bytes]) -> None:
        """Append bytes."""
        for chunk in chunks:
            left = memoryview(chunk)
            while left:
                left = left[self._file.write(left[:_AT_ONCE]) :]
        start, self._written = self._written, self._written + sum(map(len, chunks))
        if sys.platform == "linux":
            # It drops only what is on the disk already. What is not, the system begins to write there, so
            # that not all of it is left to be waited for at the end.
            with contextlib.suppress(OSError):
                os.posix_fadvise(self._file.fileno(), start, self._written - start, os.POSIX_FADV_DONTNEED)

    def put(self, path: Path, digest: str, *, trusted: bool = False) -> Path:
        """Give the file a name that no different file has; one of the same digest takes its place.

        Args:
            path: the name that is wanted, and its folder.
            digest: the SHA-256 of what was written.
            trusted: whether the folder may be a symbolic link.

        Returns:
            The path, with a number in its name if a different file has the name already.

        Raises:
            DownloadError: the folder is a symbolic link, or full of different files of that name.
            OSError: that is not possible.
        """
        self._finish()
        with _folder(path.parent, trusted=trusted) as folder:
            for number in range(_NAMES):
                name = numbered(path.name, number)
                if self._link(path.parent, name, folder):
                    _sync(folder)
                    return path.with_name(name)
                if _digest(path.with_name(name)) == digest:
                    return path.with_name(name)
        raise DownloadError(
            f"There are {_NAMES} other files of the name {path.name!r} in the folder already."
        )

    def replace(self, path: Path) -> None:
        """Give the file a name, in place of the file that has it, whose permissions it gets."""
        self._finish()
        self._permit_as(path)
        with _folder(path.parent, trusted=True) as folder:
            if self._part is None:
                part = path.with_name(f".{secrets.token_hex(16)}.part")
                self._link(part.parent, part.name, folder)
                self._part = part
            self._part.replace(path)
            _sync(folder)

    def close(self) -> None:
        """Close the file, and remove it unless it has got its name."""
        self._file.close()
        if self._part is not None:
            self._part.unlink(missing_ok=True)

    def _hidden(self, folder: Path) -> FileIO:
        part = folder / f".{secrets.token_hex(16)}.part"
        file = part.open("x+b", buffering=0)
        self._part = part
        return file

    def _permit_as(self, path: Path) -> None:
        with contextlib.suppress(FileNotFoundError):
            mode = path.lstat().st_mode
            if stat.S_ISREG(mode) and hasattr(os, "fchmod"):
                os.fchmod(self._file.fileno(), mode & 0o777)

    def _finish(self) -> None:
        os.fsync(self._file.fileno())

    def _link(self, parent: Path, name: str, folder: int | None) -> bool:
        """Give the file one more name; whether that was free."""
        source = self._part or _OWN_FILES / str(self._file.fileno())
        try:
            if folder is None:
                os.link(source, parent / name)
            else:
                os.link(source, name, dst_dir_fd=folder, follow_symlinks=self._part is None)
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno not in _NO_LINKS or self._part is None:
                raise
            return self._reserve_and_move(parent / name)
        return True

    def _reserve_and_move(self, path: Path) -> bool:
        # Without links, as on FAT: an empty file of our own keeps the name free of others' files.
        try:
            path.open("xb").close()
        except FileExistsError:
            return False
        assert self._part is not None  # noqa: S101 - a file without a name can be linked
        self._part.replace(path)
        return True


def refuse_to_replace(path: Path) -> None:
    """Refuse what is no file, such as ``/dev/null``, also where a link leads there. Blocks on the disk.

    Raises:
        FileExistsError: there is such a thing at the path.
    """
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISREG(path.stat().st_mode):
            raise FileExistsError(
                errno.EEXIST, "There is a device, a pipe or a socket, which is not replaced", str(path)
            )


def _unnamed(folder: Path) -> FileIO | None:
    """A file without a name, if there is such a thing."""
    if not _UNNAMED or not _OWN_FILES.is_dir():
        return None
    try:
        return os.fdopen(os.open(folder, _UNNAMED | os.O_RDWR, 0o666), "w+b", buffering=0)
    except OSError as error:
        if error.errno in (errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT, errno.EINVAL):
            return None  # not on this file system
        raise


@contextlib.contextmanager
def _folder(path: Path, *, trusted: bool = False) -> Iterator[int | None]:
    """A folder, made if need be, that is none by a symbolic link; open where the system can do that."""
    _make(path)
    if not trusted and path.is_symlink():
        raise DownloadError(f"{str(path)!r} is a symbolic link, which is not followed. Remove it.")
    if os.link not in os.supports_dir_fd:
        yield None
        return
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | (0 if trusted else _NO_LINK))
    try:
        yield folder
    finally:
        os.close(folder)


def _make(folder: Path) -> None:
    """Make a folder and those above it that are missing, to outlast a loss of power like what is in them."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    if not hasattr(os, "O_DIRECTORY"):
        return
    for one in missing:
        with contextlib.suppress(OSError):  # who may write into a folder may not always read it
            entry = os.open(one.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(entry)
            finally:
                os.close(entry)


def _sync(folder: int | None) -> None:
    """Have the new name outlast a loss of power, as far as the file system can."""
    if folder is not None:
        with contextlib.suppress(OSError):
            os.fsync(folder)


def _digest(path: Path) -> str | None:
    """The SHA-256 of a file; None for what is no plain file, or cannot be read."""
    try:
        with os.fdopen(
            os.open(path, os.O_RDONLY | _NO_LINK | _BINARY | getattr(os, "O_NONBLOCK", 0)), "rb"
        ) as file:
            if path.is_symlink() or not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return None
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
