"""MIME types of file names, and extensions for MIME types."""

from __future__ import annotations

import mimetypes
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

#: What the systems' own tables lack, or name in different ways.
_BY_ENDING = {".vtt": "text/vtt", ".webp": "image/webp"}
_PLAIN = {"x-wav": "wav", "x-flac": "flac"}


def get_mimetype(filename: str) -> str | None:
    """The MIME type that a file name or URL stands for; None for unknown ones."""
    for ending, known in _BY_ENDING.items():
        if filename.lower().endswith(ending):
            return known
    found = mimetypes.guess_type(filename)[0]
    if found is None:
        return None
    for name, plain in _PLAIN.items():
        found = found.replace(name, plain)
    return found


def get_extension(encoding: str) -> str | None:
    """The extension, without its dot, for a base64 data URL, a file name or a URL; None if unknown."""
    found = mimetypes.guess_type(encoding.replace("audio/wav", "audio/x-wav"))[0]
    if found is None:
        return None
    if found == "audio/flac":
        return "flac"
    extension = mimetypes.guess_extension(found)
    return extension and extension.removeprefix(".")


def is_valid_file(file_path: str, file_types: Iterable[str]) -> bool:
    """Whether a file's name fits one of some types.

    Args:
        file_path: its path; it need not exist.
        file_types: each an extension such as ``".csv"``, in any case, which must not be the whole
            name; a family such as ``"image"``; or ``"file"``, which everything fits.
    """
    name = PurePath(file_path).name.lower()
    kind = get_mimetype(file_path) or ""
    return any(_fits(name, kind, wanted) for wanted in file_types)


def _fits(name: str, kind: str, wanted: str) -> bool:
    if wanted.startswith("."):
        return len(name) > len(wanted) and name.endswith(wanted.lower())
    return wanted == "file" or kind.startswith(f"{wanted}/")
