"""A response that tells when it is over, for the hooks that watch exchanges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradio_client.transport import Response

if TYPE_CHECKING:
    from collections.abc import Callable


class ObservedResponse(Response):
    """Passes everything on, and counts.

    Args:
        response: the transport's.
        finished: called once, when the response is released: with its status, what broke it off if
            anything did, and how many bytes of the body were read.
    """

    def __init__(
        self, response: Response, finished: Callable[[int | None, BaseException | None, int], None]
    ) -> None:
        self.status = response.status
        self.headers = response.headers
        self._response = response
        self._finished = finished
        self._error: BaseException | None = None
        self._received = 0
        self._over = False

    async def read(self) -> bytes:
        """See ``Response.read``."""
        try:
            data = await self._response.read()
        except BaseException as error:  # raised again: observers hear of cancelled ones too
            self._error = error
            raise
        self._received += len(data)
        return data

    async def aclose(self) -> None:
        """See ``Response.aclose``."""
        try:
            await self._response.aclose()
        finally:
            if not self._over:
                self._over = True
                self._finished(self.status, self._error, self._received)
