"""Files as arguments: the caller marks them, and only what is marked is read from disk."""

from __future__ import annotations

import os
import tempfile
import warnings
from pathlib import Path
from typing import Any

#: Where downloaded files go unless ``download_files`` says otherwise.
DEFAULT_TEMP_DIR = os.environ.get("GRADIO_TEMP_DIR") or str(Path(tempfile.gettempdir()) / "gradio")

_META = {"_type": "gradio.FileData"}


class LocalFile(dict[str, Any]):
    """A file of this machine, marked for upload by ``handle_file``.

    It looks like the file object that travels on the wire. Being of this class is the mark: a plain
    dictionary with a path in it, such as a server's default value, is never read from disk.
    """


def handle_file(filepath_or_url: str | os.PathLike[str]) -> dict[str, Any]:
    """Mark a local file or a URL as a file argument.

    Args:
        filepath_or_url: a path to an existing file, which is uploaded when the call is made, or an
            ``http(s)://`` URL, which the app fetches by itself.

    Returns:
        The file object to pass as an argument, at any depth of lists and dictionaries.

    Raises:
        ValueError: it is neither a URL nor an existing file.
    """
    text = os.fspath(filepath_or_url)
    if text.startswith(("http://", "https://")):
        return {"path": text, "meta": dict(_META), "orig_name": text.rsplit("/", maxsplit=1)[-1], "url": text}
    path = Path(text)
    if not path.exists():
        raise ValueError(
            f"There is no file {text!r} (looked in {str(Path.cwd())!r}), and it is no http(s) URL either."
        )
    if not path.is_file():
        raise ValueError(f"{text!r} is not a file; pass a file, or each file of a folder by itself.")
    return LocalFile(path=text, meta=dict(_META), orig_name=path.name)


def file(filepath_or_url: str | os.PathLike[str]) -> dict[str, Any]:
    """Do what ``handle_file`` does, under its old name.

    Raises:
        ValueError: as ``handle_file``.
    """
    warnings.warn("file() is deprecated; use handle_file().", DeprecationWarning, stacklevel=2)
    return handle_file(filepath_or_url)
