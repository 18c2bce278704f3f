"""File names that are safe to create, and paths as parts of URLs."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from pathlib import Path

#: Path separators, control characters, what Windows forbids, and what shells expand.
_DANGEROUS = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*`$!{}]')
#: Names of devices, on Windows; what follows the first dot does not matter there.
_DEVICE = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[1-9¹²³]) *(\..*)?", re.IGNORECASE | re.DOTALL
)
_NO_NAME = "file"


def strip_invalid_filename_characters(filename: str, max_bytes: int = 200) -> str:
    """A file name without what is dangerous in one, of at most so many bytes of UTF-8.

    The extension is kept where it fits. ``..`` stays what it is, so that checks of paths refuse it;
    a name of which nothing is left becomes ``file``. Every other letter and sign stays.
    """
    stem, extension = os.path.splitext(filename)  # noqa: PTH122 - a Path would drop what is to be cleaned
    stem = _DANGEROUS.sub("", stem)
    if extension:
        extension = "." + _DANGEROUS.sub("", extension[1:])
        stem = stem or _NO_NAME
    if stem + extension == "..":
        return ".."
    name = (stem + extension).rstrip(" .") or _NO_NAME  # Windows drops these at the end
    if _DEVICE.fullmatch(name):
        name = f"_{name}"
    return _cut(name, max_bytes)


def _cut(name: str, most: int) -> str:
    stem, extension = os.path.splitext(name)  # noqa: PTH122 - as above
    if len(name.encode()) <= most:
        return name
    room = most - len(extension.encode())
    if room >= 0:
        return _first_bytes(stem, room) + extension
    # The extension alone is too long: what remains of it, behind a name that can be seen.
    stem = _first_bytes(_NO_NAME, most)
    return stem + _first_bytes(extension, most - len(stem))


def _first_bytes(text: str, most: int) -> str:
    return text.encode()[: max(most, 0)].decode("utf-8", "ignore")


def encode_file_path(path: str | Path) -> str:
    """A path, percent-encoded for a URL, where it follows ``/file=``; its slashes stay."""
    return quote(str(path), safe="/")


def sanitize_parameter_names(original_name: str) -> str:
    """A label of a component as the name of a parameter: letters, digits and underscores, in lower case."""
    kept = "".join(sign for sign in original_name if sign.isalnum() or sign in " _")
    return kept.replace(" ", "_").lower()
