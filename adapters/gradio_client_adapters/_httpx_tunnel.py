"""What happens before a connection of httpcore stands: tunnels through proxies, and giving up."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gradio_client.transport import Request

Trace: TypeAlias = "Callable[[str, dict[str, Any]], Awaitable[None]]"


class Tunnel:
    """Watches the connections that are made for a request.

    httpcore waits for the answer to CONNECT as long as it would for any other; here that is limited as
    connecting is.

    Args:
        request: the request.
        needed: whether there must be a tunnel first.

    Attributes:
        limit: ends the ``send`` when the tunnel does not stand in time.
        stands: whether what goes out is meant for the server.
    """

    def __init__(self, request: Request, *, needed: bool) -> None:
        self.limit = asyncio.timeout(request.timeouts.connect if needed else None)
        self.stands = not needed
        self._read = request.timeouts.read
        self._made: list[Any] = []

    async def trace(self, event: str, info: dict[str, Any]) -> None:
        """Learn of connections, and of whom a request goes to; in httpcore's way."""
        if hasattr(info.get("return_value"), "get_extra_info"):
            self._made.append(info["return_value"])
        if event.endswith("send_request_headers.started"):
            self._goes_out(info["request"])

    async def give_up(self) -> None:
        """Close what was connected: httpcore forgets it when it is cancelled in a TLS handshake."""
        for connection in self._made:
            with contextlib.suppress(Exception):
                await connection.aclose()

    def _goes_out(self, request: Any) -> None:
        onward = request.method != b"CONNECT"
        if onward:
            self._made.clear()  # from now on others may be on it as well, over HTTP/2
        if self.stands:
            return
        self.stands = onward
        request.extensions["timeout"]["read"] = self._read if self.stands else None
        if self.stands and not self.limit.expired():
            self.limit.reschedule(None)
