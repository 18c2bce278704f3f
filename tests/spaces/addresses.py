"""A transport to hosts that exist only here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gradio_client._http.transports import make_transport
from gradio_client.hooks import Hooks
from gradio_client.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gradio_client.transport import Request, Response, TransportOptions


class Mapped(Transport):
    """Sends what is for one origin to another.

    Args:
        inner: what really sends.
        origins: the real ones by the imaginary ones.
    """

    def __init__(self, inner: Transport, origins: Mapping[str, str]) -> None:
        self._inner = inner
        self._origins = origins

    async def send(self, request: Request) -> Response:
        for imaginary, real in self._origins.items():
            if request.url.startswith(imaginary):
                url = real + request.url.removeprefix(imaginary)
                return await self._inner.send(replace(request, url=url))
        raise AssertionError(f"a request to a stranger: {request.url}")

    async def aclose(self) -> None:
        await self._inner.aclose()


def mapped(name: str, origins: Mapping[str, str]) -> Callable[[TransportOptions], Transport]:
    """What makes an installed transport that knows these origins only."""
    return lambda options: Mapped(make_transport(name, options, Hooks().transports), origins)
