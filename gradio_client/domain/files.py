"""File objects within JSON values, and safe names for the files they stand for."""

from __future__ import annotations

import re
import unicodedata
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from gradio_client.domain.lenient import mapping

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradio_client.domain.values import Json, JsonObject

FILE_MARK = "gradio.FileData"
FILE_META = {"_type": FILE_MARK}  # of a file object; copy it, for callers may change what they get

_NAME_BYTES = 255  # of UTF-8; what common file systems allow
_SUFFIX_BYTES = 40  # longer ones are no suffixes, and may be cut
_NO_NAME = "file"
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # control, formatting, surrogates, line ends
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")  # letters and signs that show nothing
# On Windows, where a colon also names a hidden stream; and what looks like these, or like a separator,
# which programs with an older character set make the real one of.
_FORBIDDEN = re.compile(
    r'[<>:"|?*\u2044\u2215\u2216\u29f5\u29f8\ufe68\uff02\uff0a\uff0f\uff1a\uff1c\uff1e\uff1f\uff3c\uff5c]'
)
_RESERVED = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\..*)?", re.IGNORECASE | re.DOTALL
)
_DOTS = (".", "\u2024", "\ufe52", "\uff0e")  # a file whose name begins with one is hidden


def is_file(value: Json, *, needs_meta: bool) -> bool:
    """Whether a value is a file object (protocol section 7.2).

    Args:
        value: any JSON.
        needs_meta: ask for the mark that servers set from 4.21 on. Without it, every
            object with text at ``path`` is taken for a file.
    """
    if not isinstance(value, dict) or not isinstance(value.get("path"), str):
        return False
    return not needs_meta or mapping(value.get("meta")).get("_type") == FILE_MARK


def files_in(value: Json, *, needs_meta: bool) -> list[JsonObject]:
    """The file objects in a value at any depth, in the order of its text."""
    return objects_in(value, partial(is_file, needs_meta=needs_meta))


def map_files(value: Json, replace: Callable[[JsonObject], Json], *, needs_meta: bool) -> Json:
    """A copy of a value with every file object replaced; as ``map_objects``."""
    return map_objects(value, partial(is_file, needs_meta=needs_meta), replace)


def objects_in(value: Json, wanted: Callable[[JsonObject], bool]) -> list[Any]:
    """Some of the objects in a value at any depth, in the order of its text; none that is within another."""
    found: list[JsonObject] = []
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, dict):
            if wanted(item):
                found.append(item)
            else:
                todo += reversed(item.values())
        elif isinstance(item, list | tuple):
            todo += reversed(item)
    return found


def map_objects(value: Json, wanted: Callable[[JsonObject], bool], replace: Callable[[Any], Json]) -> Json:
    """A copy of a value with some of the objects in it replaced; tuples become lists.

    The value is left as it is, and shares no list or object with the copy, except within
    what ``replace`` returns. Values may nest deeper than Python's stack.
    """
    holder = [value]
    todo: list[Json] = [holder]  # copies whose items are still the originals
    while todo:
        copy = todo.pop()
        for key, item in copy.items() if isinstance(copy, dict) else enumerate(copy):
            if isinstance(item, dict):
                if wanted(item):
                    copy[key] = replace(item)
                    continue
                copy[key] = dict(item)
            elif isinstance(item, list | tuple):
                copy[key] = list(item)
            else:
                continue
            todo.append(copy[key])
    return holder[0]


def is_url(text: str) -> bool:
    """Whether a text is an http(s) URL, in whichever case its scheme is written."""
    return text[:8].lower().startswith(("http://", "https://"))


def url_name(url: str) -> str:
    """What the file at a URL is called, decoded; ``""`` when its path ends with no name.

    It comes from the path alone: a query may hold what is secret, such as a signature.
    """
    try:
        path = urlsplit(url).path
    except ValueError:  # such as for a host in one bracket
        return ""
    name = unquote(path).rpartition("/")[2]
    return "" if name in (".", "..") else name


def safe_name(path: str) -> str:
    """A name for a local copy of a server's file, safe in a folder of any system.

    It is the path's last component, without what cannot be seen, at most 255 bytes long; the
    suffix stays. It is never empty, nor that of a hidden file, such as ``.netrc``, which programs may
    read by themselves, nor one that Windows keeps for itself.
    A safe name is its own safe name.
    """
    last = re.split(r"[/\\]", path)[-1]
    kept = "".join(map(_shown, last))
    name = _shortened(_FORBIDDEN.sub("_", kept)) or _NO_NAME
    return _shortened(f"_{name}") if _RESERVED.fullmatch(name) or name.startswith(_DOTS) else name


def numbered(name: str, number: int) -> str:
    """A safe name with a number before its suffix, for when the name is taken; 0 leaves it as it is."""
    if not number:
        return name
    stem, dot, suffix = name.rpartition(".")
    if not stem or len(suffix.encode()) >= _SUFFIX_BYTES:
        stem, dot, suffix = name, "", ""
    end = f" ({number}){dot}{suffix}"
    return stem.encode()[: _NAME_BYTES - len(end.encode())].decode("utf-8", "ignore") + end


def _shown(character: str) -> str:
    """A character of a name; none for what cannot be seen, and a plain space for every kind of space."""
    category = unicodedata.category(character)
    if category in _INVISIBLE or character in _BLANK:
        return ""
    return " " if category == "Zs" else character


def _shortened(name: str) -> str:
    """A name cut before its suffix, and without the dots and spaces that Windows drops."""
    name = name.lstrip(" ").rstrip(". ")
    if len(name.encode()) <= _NAME_BYTES:
        return name
    stem, dot, suffix = name.rpartition(".")
    end = f".{suffix}" if dot and len(suffix.encode()) < _SUFFIX_BYTES else ""
    room = _NAME_BYTES - len(end.encode())
    cut = (stem if end else name).encode()[:room].decode("utf-8", "ignore")
    return cut.rstrip(" ") + end if end else cut.rstrip(". ")
