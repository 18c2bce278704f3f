"""The heads of responses below requests: http.client's own way to read them is slow, and takes cut ones."""

from __future__ import annotations

import http.client
from http import HTTPStatus
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

FIELDS = 10_000  # of a head: each takes some 300 bytes when it has been taken apart
LONGEST = 1 << 16  # bytes of a line, as http.client has it
LARGEST = 1 << 22  # bytes of all fields
_BODILESS = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)  # whatever their fields say


class HeadedResponse(http.client.HTTPResponse):
    """http.client's response, but one that passes over all that is informational, and notices a cut head."""

    def begin(self) -> None:
        """Read the head; nothing happens if that was done before.

        Raises:
            http.client.IncompleteRead: it ended in its middle.
            http.client.HTTPException: it is no head of HTTP, or too large.
        """
        if self.headers is not None:
            return
        while True:
            version, status, reason = self._read_status()
            fields = list(_fields(self.fp))
            if status >= HTTPStatus.OK:
                break
            if status == HTTPStatus.SWITCHING_PROTOCOLS:
                raise http.client.HTTPException("the server switches to a protocol that nobody has asked for")
        if version != "HTTP/0.9" and not version.startswith("HTTP/1."):
            raise http.client.UnknownProtocol(version)
        self.code = self.status = status
        self.reason = reason.strip()
        self.version = 10 if version in ("HTTP/1.0", "HTTP/0.9") else 11
        self.headers = self.msg = http.client.HTTPMessage()
        for name, value in fields:
            self.headers.set_raw(name, value)
        self._frame()

    def _frame(self) -> None:
        """Find out where the body ends, as http.client does."""
        self.chunked = self.headers.get("transfer-encoding", "").lower() == "chunked"
        self.chunk_left = None
        length = self.headers.get("content-length", "")
        self.length = int(length) if length.isdecimal() and len(length) < 20 and not self.chunked else None
        if self.status in _BODILESS or self._method == "HEAD":  # type: ignore[attr-defined]
            self.length, self.chunked = 0, False
        closing = self._check_close()  # type: ignore[attr-defined]  # what ``Connection`` says
        self.will_close = closing or (self.length is None and not self.chunked)


def _fields(source: BinaryIO) -> Iterator[tuple[str, str]]:
    """The fields up to the blank line, one by one."""
    name, value, size = "", "", 0
    for _ in range(FIELDS):
        line = source.readline(LONGEST + 1)
        if len(line) > LONGEST:
            raise http.client.LineTooLong("header line")
        size += len(line)
        if size > LARGEST:
            raise http.client.HTTPException(f"more than {LARGEST} bytes of header fields")
        if not line.endswith(b"\n"):
            raise http.client.IncompleteRead(b"")
        text = line.decode("latin-1").rstrip("\r\n")
        if text[:1] in (" ", "\t") and name:  # a field may go on in the next line
            value = f"{value} {text.strip()}".strip()
            continue
        if name:
            yield name, value
        if not text:
            return
        name, colon, value = text.partition(":")
        if not colon or not name or " " in name or "\t" in name:
            raise http.client.HTTPException("a line of the head is no field")
        value = value.strip(" \t")
    raise http.client.HTTPException(f"more than {FIELDS} header fields")
