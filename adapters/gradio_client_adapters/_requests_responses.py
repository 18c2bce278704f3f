"""Responses of requests, or of urllib3 below it, as the port has them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from gradio_client.transport import BlockingResponse, Headers
from gradio_client_adapters._interruptible import Exchange
from gradio_client_adapters._requests_errors import THEIRS, fitting

if TYPE_CHECKING:
    import requests
    import urllib3

_SIZE = 1 << 17  # bytes asked for at a time: http.client makes room for all of them each time, whatever comes
_MOST = 1 << 20  # the same, once so many have come at once, of what is not chunked: no chunk is so large
_STANDING = Exchange(None, stands=True)
# They describe what was sent, not what a hook of the caller's has made of it.
_OF_THE_WIRE = ("content-encoding", "content-length")


def opened(response: requests.Response) -> BlockingResponse:
    """A response to be read, or one that a hook of the caller's session has read."""
    return _Read(response) if getattr(response, "_content_consumed", False) else _Open(response)


class _Open(BlockingResponse):
    def __init__(self, response: requests.Response) -> None:
        self._raw: urllib3.HTTPResponse = response.raw
        self.status = response.status_code
        self.headers = Headers(tuple(self._raw.headers.iteritems()))
        below: Any = getattr(self._raw, "_original_response", None)
        self._chunked = below if getattr(below, "chunked", False) else None
        self._size = _SIZE

    def read(self) -> bytes:
        try:
            # urllib3 takes four times as long for each chunk, and only notices the end of the last one.
            if self._chunked is not None and (data := self._chunked.read1(self._size)):
                return bytes(data)
            data = self._raw.read1(self._size, decode_content=False)
        except THEIRS as error:
            raise fitting(error, _STANDING) from error
        if len(data) == self._size:
            self._size = _MOST
        return data

    def ready(self) -> bool:
        source = getattr(self._raw, "_original_response", None)
        wire = getattr(self._raw.connection, "sock", None)
        if source is None or wire is None or source.fp is None:
            return self._raw.length_remaining == 0
        patience = wire.gettimeout()
        wire.settimeout(0)  # so that a look at what is buffered never waits
        try:
            there = source.fp.peek(1)
        except (OSError, ValueError):
            return False
        finally:
            wire.settimeout(patience)
        # The end of a chunk and the size of the next one are no content yet.
        return bool(there.removeprefix(b"\r\n").partition(b"\r\n")[2] if source.chunked else there)

    def abort(self) -> None:
        with contextlib.suppress(ValueError, RuntimeError, OSError):  # released already: nothing is blocked
            self._raw.shutdown()

    def close(self) -> None:
        self._raw.close()


class _Read(BlockingResponse):
    def __init__(self, response: requests.Response) -> None:
        self.status = response.status_code
        fields: Any = response.raw.headers.iteritems()
        self.headers = Headers(tuple(pair for pair in fields if pair[0].lower() not in _OF_THE_WIRE))
        self._content = response.content or b""
        self._close = response.close

    def read(self) -> bytes:
        content, self._content = self._content, b""
        return content

    def ready(self) -> bool:
        return True

    def abort(self) -> None:
        """Nothing blocks."""

    def close(self) -> None:
        self._close()
