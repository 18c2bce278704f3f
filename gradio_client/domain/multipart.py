"""A ``multipart/form-data`` body (RFC 7578) of files, made piece by piece while it is sent.

::

    --boundary CRLF  head of the part CRLF CRLF  content CRLF    for each part
    --boundary-- CRLF
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BOUNDARY = re.compile(r"[A-Za-z0-9_-]{1,70}")  # needs no quotes in a header
_MIME_TYPE = re.compile(r"[!-~]+/[!-~]+(; *[!-~]+)*")
_UNKNOWN_TYPE = "application/octet-stream"
_ESCAPES = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")  # from file names that are not UTF-8


class Content(Protocol):
    """The bytes of a part, which can be read again from the first."""

    @property
    def length(self) -> int:
        """Size in bytes, the same whenever it is asked for."""

    def __iter__(self) -> Iterator[bytes]:
        """Pieces of the content; every call starts again from the beginning."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a form.

    Attributes:
        name: of the form's field.
        filename: any text; it is escaped as browsers do.
        mime_type: anything but a plausible type is sent as ``application/octet-stream``.
        source: the content. What it holds beyond its ``length`` is not sent.
    """

    name: str
    filename: str
    mime_type: str | None
    source: Content = field(repr=False)


@dataclass(frozen=True, slots=True)
class MultipartBody:
    """The body for some parts; can be sent again if their sources can be read again.

    Attributes:
        parts: in the order in which they are sent.
        boundary: 1 to 70 ASCII letters, digits, ``-`` and ``_``, which no content may hold:
            so let it be random. Another one is a ``ValueError``.
    """

    parts: Sequence[Part]
    boundary: str

    def __post_init__(self) -> None:
        if not _BOUNDARY.fullmatch(self.boundary):
            raise ValueError(f"boundary {self.boundary!r} must be 1 to 70 ASCII letters, digits, - and _")

    @property
    def content_type(self) -> str:
        """Value of the ``Content-Type`` header to send with it."""
        return f"multipart/form-data; boundary={self.boundary}"

    @property
    def length(self) -> int:
        """Exact size in bytes of everything that iteration gives."""
        parts = sum(len(self._head(part)) + part.source.length + len(b"\r\n") for part in self.parts)
        return parts + len(self._end())

    def __iter__(self) -> Iterator[bytes]:
        """The body, holding no more than one piece of a source at a time.

        Raises:
            OSError: a source ended before its length, as a file does which is cut meanwhile.
        """
        for part in self.parts:
            yield self._head(part)
            yield from _exactly(part)
            yield b"\r\n"
        yield self._end()

    def _head(self, part: Part) -> bytes:
        name, filename = _escaped(part.name), _escaped(part.filename)
        return (
            f"--{self.boundary}\r\n"
            f'Content-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
            f"Content-Type: {_safe_type(part.mime_type)}\r\n\r\n"
        ).encode()

    def _end(self) -> bytes:
        return f"--{self.boundary}--\r\n".encode()


def _exactly(part: Part) -> Iterator[bytes]:
    """As many bytes as the source's length promised: a header has told the server by now."""
    wanted = missing = part.source.length
    for piece in part.source:
        if sent := piece[:missing]:
            yield sent
        missing -= len(sent)
        if not missing:
            return  # perhaps before the source's end, which a growing file may never reach
    if missing:
        given = f"{wanted - missing} of {wanted} bytes"
        raise OSError(f"{part.filename!r} became shorter while it was sent, to {given}")


def _escaped(text: str) -> str:
    """A name for a quoted header parameter, as the HTML standard ("multipart/form-data encoding") has it."""
    return _HALF_CHARACTER.sub("\ufffd", text).translate(_ESCAPES)


def _safe_type(mime_type: str | None) -> str:
    return mime_type if mime_type and _MIME_TYPE.fullmatch(mime_type) else _UNKNOWN_TYPE
