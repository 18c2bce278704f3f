"""Files as arguments: the caller marks them, and only what is marked is read from disk."""

from __future__ import annotations

import os
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from gradio_client.domain.files import FILE_META as _META
from gradio_client.domain.files import is_url, url_name

if TYPE_CHECKING:
    from gradio_client._files.contents import Content


def temp_dir() -> str:
    """Gradio's folder for uploads: the variable ``GRADIO_TEMP_DIR``, or else one for temporary files."""
    return os.environ.get("GRADIO_TEMP_DIR") or str(Path(tempfile.gettempdir()) / "gradio")


#: Where downloaded files go unless ``download_files`` says otherwise.
DEFAULT_TEMP_DIR = temp_dir()

_NAMELESS = "file"  # what bytes are called


class MarkedFile(dict[str, Any]):
    """A file object that the caller made with ``handle_file``.

    It looks like what travels on the wire. Being of one of its classes is the mark: a plain dictionary
    with a path or URL in it, such as a server's default value, is sent as it is.
    """

    def copy(self) -> Self:
        """The same file, marked too."""
        return type(self)(self)


class LocalFile(MarkedFile):
    """A file of this machine, which is uploaded when the call is made.

    Attributes:
        content: its bytes, when they are not those of the file at ``path``.
    """

    content: Content | None = None

    def copy(self) -> Self:
        """The same file, marked too."""
        copied = super().copy()
        copied.content = self.content
        return copied


class LinkedFile(MarkedFile):
    """A file at a URL. The app fetches it, unless it is one of the app's own files."""


def handle_file(
    filepath_or_url: str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO,
    *,
    name: str | None = None,
) -> dict[str, Any]:
    """Mark a file as an argument: a local file, bytes in memory, or a URL.

    Args:
        filepath_or_url: a path to an existing file, read and uploaded when the call is made; or an
            ``http(s)://`` URL, which the app fetches by itself; or bytes; or a file opened in binary
            mode, sent from its beginning, whatever its position. Closing a file object is up to the
            caller, not before the job has begun; one that cannot seek is copied at once.
        name: what the app is told the file is called; apps go by its suffix. None for the name of the
            path, the last part of the URL's path, or the name of the file object; ``"file"`` where there
            is none.

    Returns:
        The file object to pass as an argument, at any depth of lists and dictionaries.

    Raises:
        ValueError: it is neither a URL nor an existing file, or ``name`` is no name.
        TypeError: it is something else, such as a file opened in text mode.
    """
    if name is not None:
        _check_name(name)
    if isinstance(filepath_or_url, str | os.PathLike):
        text = os.fsdecode(filepath_or_url)  # an entry of a folder may have a path of bytes
        if is_url(text):
            return _linked(text, name)
        return _local(text, name)
    from gradio_client._files.contents import content_of  # noqa: PLC0415 - most calls pass no content

    content, own_name = content_of(filepath_or_url)
    called = name or own_name or _NAMELESS
    file = LocalFile(path=called, meta=dict(_META), orig_name=called)
    file.content = content
    return file


def file(filepath_or_url: str | os.PathLike[str]) -> dict[str, Any]:
    """Do what ``handle_file`` does, under its old name.

    Raises:
        ValueError: as ``handle_file``.
    """
    warnings.warn("file() is deprecated; use handle_file().", DeprecationWarning, stacklevel=2)
    return handle_file(filepath_or_url)


def _linked(url: str, name: str | None) -> LinkedFile:
    scheme, separator, rest = url.partition("://")
    url = scheme.lower() + separator + rest  # which servers compare as it is
    return LinkedFile(path=url, meta=dict(_META), orig_name=name or url_name(url) or _NAMELESS, url=url)


def _local(text: str, name: str | None) -> LocalFile:
    path = Path(text)
    if not path.exists():
        raise ValueError(
            f"{text!r} is neither an existing file (relative paths start at {str(Path.cwd())!r}) nor an "
            "http(s) URL."
        )
    if not path.is_file():
        raise ValueError(f"{text!r} is not a file; pass a file, or each file of a folder by itself.")
    return LocalFile(path=text, meta=dict(_META), orig_name=name or path.name)


def _check_name(name: object) -> None:
    if not isinstance(name, str):
        raise TypeError(f"name= takes the name of a file as text, not {type(name).__name__}.")
    if name in ("", ".", "..") or set(name) & set("/\\\0"):
        raise ValueError(f"name={name!r} is not the name of a file; leave folders out.")
