"""Answers that have to get on: a server that drips bytes must not be waited for for ever."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from gradio_client.domain.bounds import seconds_for
from gradio_client.transport import ReadTimeoutError, Response

if TYPE_CHECKING:
    from gradio_client.transport import Request, Transport


async def sent_in_time(transport: Transport, request: Request) -> Response:
    """The head of the answer to a request.

    Raises:
        ReadTimeoutError: it took too long in all, though the server was never silent for too long.
        TransportError: as ``Transport.send``.
    """
    size = 0 if request.body is None else request.body.length
    limit = None if size is None else seconds_for(request.timeouts.read, size)
    if limit is None:
        return await transport.send(request)
    try:
        async with asyncio.timeout(limit) as timeout:
            return await transport.send(request)
    except TimeoutError as error:
        if timeout.expired():
            raise _too_slow(limit) from error
        raise


class PacedResponse(Response):
    """A response whose bytes have to come at some pace; what its reader does meanwhile does not count.

    Args:
        response: what is read.
        silence: the longest silence of the server, in seconds.
    """

    def __init__(self, response: Response, silence: float) -> None:
        self.status = response.status
        self.headers = response.headers
        self._response = response
        self._silence = silence
        self._waited = 0.0
        self._received = 0

    async def read(self) -> bytes:
        """See ``Response.read``."""
        allowed = seconds_for(self._silence, self._received) or 0.0
        since = time.monotonic()
        try:
            # Framing may come for ever without a byte of the body.
            async with asyncio.timeout(allowed - self._waited) as timeout:
                data = await self._response.read()
        except TimeoutError as error:
            if timeout.expired():
                raise _too_slow(allowed) from error
            raise
        self._waited += time.monotonic() - since
        self._received += len(data)
        return data

    async def aclose(self) -> None:
        """See ``Response.aclose``."""
        await self._response.aclose()


def _too_slow(seconds: float) -> ReadTimeoutError:
    return ReadTimeoutError(f"the answer is not there after {seconds:.0f} s, though bytes of it keep coming")
