"""Content codings of HTTP, undone piece by piece."""

from __future__ import annotations

import zlib

from gradio_client.domain.errors import ServerError

_SLICE = 1 << 14  # bytes decoded at a time: what follows a gzip member is copied, so keep it short
_PADDING = 1 << 20  # bytes that a coding may add to what it encodes, besides as many again
_GZIP_MAGIC = b"\x1f\x8b"


class Decoder:
    """Undoes a content coding while a body arrives, in bounded memory.

    Args:
        encoding: the ``Content-Encoding`` field: gzip, x-gzip, deflate, identity or None.
        limit: how many decoded bytes are accepted.

    Raises:
        ServerError: the coding is another one.
    """

    def __init__(self, encoding: str | None, limit: int) -> None:
        codings = [name for name in (encoding or "").lower().replace(" ", "").split(",") if name]
        names = [name for name in codings if name != "identity"] or ["identity"]
        if len(names) > 1 or names[0] not in ("gzip", "x-gzip", "deflate", "identity"):
            raise ServerError(
                f"The server encoded its answer as {', '.join(names)[:40]!r}, which was not asked for. "
                "Supported: deflate, gzip, identity."
            )
        self._coding = names[0].removeprefix("x-")
        self._limit = limit
        self._left = limit
        self._received = 0  # bytes before they are decoded
        self._inflater: zlib._Decompress | None = None  # of the gzip member, or the deflate body, under way
        self._members = 0  # gzip members, or deflate bodies, that have ended
        self._pending = b""  # a first byte, too little to tell what it begins
        self._ended = False  # what follows is padding

    def feed(self, data: bytes) -> bytes:
        """Decode the next bytes of the body, split anywhere.

        Raises:
            ServerError: the decoded body is too long, or the bytes are not what they were said to be.
        """
        if self._coding == "identity":
            return self._counted(data)
        self._received += len(data)
        if len(data) <= _SLICE:
            decoded = self._inflate(data)
        else:
            decoded = b"".join(self._inflate(data[at : at + _SLICE]) for at in range(0, len(data), _SLICE))
        if self._received > 2 * (self._limit - self._left) + _PADDING:
            raise ServerError(
                f"The answer's {self._coding} coding decodes to next to nothing, and does not end. "
                "Check the address."
            )
        return decoded

    def finish(self) -> None:
        """Say that the body has ended.

        Raises:
            ServerError: the body was cut.
        """
        if self._inflater is not None or (self._pending and not self._members):
            raise ServerError(
                f"The answer was cut: its {self._coding} coding does not come to an end. Call again."
            )

    def _inflate(self, data: bytes) -> bytes:
        pieces: list[bytes] = []
        data, self._pending = self._pending + data, b""
        while data and self._begun(data):
            inflater = self._inflater
            assert inflater is not None  # noqa: S101 - it has begun
            pieces.append(self._decompressed(inflater, data))
            if not inflater.eof:
                break
            data, self._inflater = inflater.unused_data, None
            self._members += 1
        return b"".join(pieces)

    def _begun(self, data: bytes) -> bool:
        """Whether the data can be decoded, now that it has come this far."""
        if self._ended or self._inflater is not None:
            return not self._ended
        if len(data) < 2:
            self._pending = data
            return False
        if self._coding == "deflate":
            self._ended = self._members > 0
            self._inflater = zlib.decompressobj(zlib.MAX_WBITS if _is_zlib(data) else -zlib.MAX_WBITS)
        else:
            self._ended = self._members > 0 and not data.startswith(_GZIP_MAGIC)
            self._inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
        if self._ended:
            self._inflater = None
        return not self._ended

    def _decompressed(self, inflater: zlib._Decompress, data: bytes) -> bytes:
        try:
            # One byte more than allowed is enough to know; a bomb does not grow beyond it.
            return self._counted(inflater.decompress(data, self._left + 1))
        except zlib.error as error:
            raise ServerError(f"The answer is not in the {self._coding} coding that it claims.") from error

    def _counted(self, piece: bytes) -> bytes:
        self._left -= len(piece)
        if self._left < 0:
            raise ServerError(
                f"The decoded answer is longer than {self._limit} bytes, which no honest app's is. Check the "
                "address."
            )
        return piece


def _is_zlib(data: bytes) -> bool:
    # RFC 9110 means zlib by deflate, but some servers send it raw; RFC 1950 section 2.2 tells them apart.
    return data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
