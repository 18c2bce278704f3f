"""An event stream: opened, and read message by message."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gradio_client._http.outgoing import Answer, Outgoing
from gradio_client._jobs.heartbeat import EVENT_STREAM
from gradio_client.domain.bounds import EVENT, seconds_for
from gradio_client.domain.errors import ConnectionLost, Where
from gradio_client.domain.messages import Message, parse_message
from gradio_client.domain.sse import SSEDecoder

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from gradio_client._app import App
    from gradio_client._http.outgoing import CallScope, HeaderPairs
    from gradio_client.transport import Response


async def open_stream(
    app: App,
    url: str,
    headers: HeaderPairs = (),
    scope: CallScope | None = None,
    again: Callable[[bool], Awaitable[None]] | None = None,
) -> Response:
    """The response of a stream, with its body unread.

    Args:
        app: whose stream it is.
        url: the stream's address.
        headers: further fields of the request.
        scope: the call that it belongs to; None for one that several calls share.
        again: as ``Outgoing.again``.

    Raises:
        GradioClientError: the app did not open the stream.
    """
    outgoing = Outgoing(
        "stream",
        "GET",
        url,
        headers=EVENT_STREAM + headers,
        timeouts=app.pipeline.stream_limits(alive=app.config.heartbeats_repeat),
        scope=scope,
        again=again,
    )
    response = await app.pipeline.open(outgoing)
    if response.status == 200:
        return response
    try:
        body = await app.pipeline.read(response)
    finally:
        await response.aclose()
    raise app.pipeline.refused(outgoing, Answer(response.status, response.headers, body, url))


class IncomingMessages:
    """The events of one stream, in the batches in which they arrive."""

    def __init__(self, app: App, response: Response) -> None:
        self._app = app
        self._response = response
        self._decoder = SSEDecoder(EVENT)
        self._silence = app.pipeline.stream_limits(alive=app.config.heartbeats_repeat).read

    async def next(self) -> list[str]:
        """At least one event, or an empty list at the stream's end.

        Raises:
            GradioClientError: the stream was cut, fell silent, or sends an event without end.
        """
        begun, size = 0.0, 0  # of the event that comes in
        while data := await self._app.pipeline.read(self._response):
            if texts := self._decoder.feed(data):
                return texts
            if not self._decoder.pending:
                begun, size = 0.0, 0
                continue
            begun, size = begun or time.monotonic(), size + len(data)
            limit = seconds_for(self._silence, size)
            if limit is not None and time.monotonic() - begun > limit:
                raise connection_cut(self._app, f"an event was not complete after {limit:.0f} s")
        if self._decoder.pending:
            raise connection_cut(self._app, "the stream ended within a message")
        return []


def parsed(texts: list[str]) -> Iterator[Message]:
    """The messages that events hold, one by one: what comes before an event that is no JSON still counts.

    Raises:
        GradioClientError: an event is no message.
    """
    for text in texts:
        message = parse_message(text)
        if message is not None:
            yield message


def connection_cut(app: App, reason: str) -> ConnectionLost:
    """The error of a stream that ended before its jobs did."""
    return ConnectionLost(f"The connection was lost: {reason}.", where=Where(app=app.urls.base))
