"""Exchanges over a caller's synchronous httpx client or transport."""

from __future__ import annotations

import contextlib
import functools
import socket
from typing import TYPE_CHECKING, Any, cast

from gradio_client.transport import BlockingResponse, BlockingTransport, BodyReader, interrupt_with
from gradio_client_adapters._httpx_logs import discreetly
from gradio_client_adapters._httpx_terms import Content, Errors, built, content_of, opened, outgoing

if TYPE_CHECKING:
    from types import ModuleType

    import httpx

    from gradio_client.transport import Request


class Blocking(BlockingTransport):
    """Exchanges over an ``httpx.Client``, or anything with ``handle_request``; it is not closed here."""

    def __init__(self, library: ModuleType, theirs: httpx.Client | httpx.BaseTransport) -> None:
        self._library = library
        self._theirs: Any = theirs
        self._errors = Errors(library)

    def send(self, request: Request) -> BlockingResponse:
        """See ``BlockingTransport.send``."""
        content = content_of(request.body, BodyReader)
        try:
            with discreetly():
                return _Blocking(self._library, self._open(request, content), self._errors)
        except self._errors.theirs as error:
            if isinstance(content, BodyReader) and content.error is not None:
                raise content.error from error
            raise self._errors.fitting(error) from error

    def close(self) -> None:
        """Leave it to the caller."""

    def _open(self, request: Request, content: Content) -> httpx.Response:
        if hasattr(self._theirs, "handle_request"):
            response = self._theirs.handle_request(outgoing(self._library, request, content, _trace))
        else:
            made = built(self._theirs, request, content, _trace)
            response = self._theirs.send(made, stream=True, follow_redirects=False)
        return cast("httpx.Response", response)


class _Blocking(BlockingResponse):
    def __init__(self, library: ModuleType, response: httpx.Response, errors: Errors) -> None:
        self.status = response.status_code
        self.headers, self._stream = opened(library, response)
        self._chunks = iter(self._stream)
        shared = response.extensions.get("http_version") == b"HTTP/2"
        self._wire = None if shared else response.extensions.get("network_stream")
        self._errors = errors
        self._over = False

    def read(self) -> bytes:
        try:
            while (chunk := next(self._chunks, None)) == b"":
                continue
        except self._errors.theirs as error:
            raise self._errors.fitting(error) from error
        self._over = chunk is None
        return chunk or b""

    def abort(self) -> None:
        if not self._over and self._wire is not None:
            _shut_down(self._wire)

    def close(self) -> None:
        self._over = True
        with contextlib.suppress(*self._errors.theirs):
            self._stream.close()


def _trace(event: str, info: dict[str, Any]) -> None:
    """Learn of a connection before there is a response, in httpcore's way."""
    if event.startswith("http2."):
        interrupt_with(_leave_it)
    wire = info.get("return_value")
    if hasattr(wire, "get_extra_info"):
        interrupt_with(functools.partial(_shut_down, wire))


def _leave_it() -> None:
    """Interrupt nothing: other exchanges are on the connection as well."""


def _shut_down(wire: Any) -> None:
    with contextlib.suppress(OSError, AttributeError):
        wire.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
