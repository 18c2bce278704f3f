"""Event streams: the queue's, a single call's, a heartbeat's (protocol sections 5.3, 5.5, 5.9, 6.1, 8.2)."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, TypeAlias

from aiohttp import web

from gradio_client.testing.wording import CLOSE_STREAM, HEARTBEAT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gradio_client.domain.values import JsonObject
    from gradio_client.testing.events import Feed
    from gradio_client.testing.line import Line
    from gradio_client.testing.wording import Wording

    Written: TypeAlias = tuple[JsonObject, bytes]

_SILENCE: Written = ({}, b"")
_STOPPED = "Server stopped unexpectedly."


class Streams:
    """Writes feeds to responses until they end; ``stop`` ends all of them."""

    def __init__(self, wording: Wording, heartbeat: float) -> None:
        self._wording = wording
        self._heartbeat = heartbeat
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """End all streams, as a server does that is stopped."""
        self._stopping.set()

    async def of_session(self, request: web.Request, feed: Feed | None) -> web.StreamResponse:
        """``GET /queue/data``: until no event of the session is pending.

        The body of a stream that ends otherwise breaks off without its last chunk, as servers' do.
        """
        response = await _begin(request)
        if feed is None:
            return await self._break(request, response, self._wording.unknown_session())
        async for message, data in self._messages(feed):
            await response.write(data)
            if message["msg"] == "process_completed":
                feed.pending.discard(message["event_id"])
                if not feed.pending:
                    await self._close(response)
                    return response
        return await self._break(request, response, self._wording.unexpected(_STOPPED))

    async def of_job(self, request: web.Request, feed: Feed) -> web.StreamResponse:
        """``GET /queue/join`` of protocol ``sse``: until the one job is completed."""
        response = await _begin(request)
        async for message, data in self._messages(feed):
            await response.write(data)
            if message["msg"] in ("process_completed", "queue_full"):
                break
        return response

    async def of_call(self, request: web.Request, feed: Feed | None, event_id: str) -> web.StreamResponse:
        """``GET /call/{name}/{event_id}``: the results of one event, in full, then its end."""
        response = await _begin(request)
        if feed is None:
            await response.write(b'event: error\ndata: "404: Not Found"\n\n')
            return response
        async for message, _ in self._messages(feed):
            if message["msg"] == "heartbeat":
                await response.write(_call_event("heartbeat", None))
            elif message.get("event_id") == event_id:
                await response.write(_as_call_event(message, self._wording.line))
                if message["msg"] == "process_completed":
                    feed.pending.discard(event_id)
                    break
        return response

    async def of_heartbeat(self, request: web.Request) -> web.StreamResponse:
        """``GET /heartbeat/{session_hash}``."""
        response = await _begin(request)
        while not self._stopping.is_set():
            await response.write(b"data: ALIVE\n\n")
            try:
                async with asyncio.timeout(self._heartbeat):
                    await self._stopping.wait()
            except TimeoutError:
                continue
        return response

    async def _close(self, response: web.StreamResponse) -> None:
        if self._wording.line.closes_stream:
            await response.write(self._wording.encode(self._wording.of_stream(CLOSE_STREAM)))

    async def _break(
        self, request: web.Request, response: web.StreamResponse, message: JsonObject
    ) -> web.StreamResponse:
        if self._wording.line.unexpected_error:
            await response.write(self._wording.encode(self._wording.of_stream(message)))
        if request.transport is not None:
            request.transport.close()
        return response

    async def _messages(self, feed: Feed) -> AsyncIterator[Written]:
        """What the feed brings, and heartbeats while it is silent, until it or the server ends."""
        beats = 0
        while not self._stopping.is_set():
            message = await self._next(feed)
            if message is not _SILENCE:
                if message is None:
                    return
                yield message
            elif not (self._wording.line.beats_once and beats):
                beats += 1
                beat = self._wording.of_stream(HEARTBEAT)
                yield beat, self._wording.encode(beat)

    async def _next(self, feed: Feed) -> Written | None:
        """The feed's next message, ``_SILENCE`` after a heartbeat's time, None at its end or the server's."""
        getting = asyncio.ensure_future(feed.get())
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait(
                (getting, stopping), timeout=self._heartbeat, return_when=asyncio.FIRST_COMPLETED
            )
            if getting.done():
                return getting.result()
            return None if stopping.done() else _SILENCE
        finally:
            getting.cancel()
            stopping.cancel()


class _Stream(web.StreamResponse):
    async def write(self, data: bytes | bytearray | memoryview) -> None:
        """Write, and end as aiohttp has handlers end, when the client has gone: silently."""
        try:
            await super().write(data)
        except ConnectionResetError as error:
            raise asyncio.CancelledError from error


async def _begin(request: web.Request) -> web.StreamResponse:
    headers = {"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-cache"}
    response = _Stream(headers=headers)
    response.enable_chunked_encoding()
    await response.prepare(request)
    return response


def _as_call_event(message: JsonObject, line: Line) -> bytes:
    """One message of the queue in the words of ``/call``; empty for what it does not tell."""
    output = message.get("output", {})
    if message["msg"] == "process_generating":
        return _call_event("generating", output["data"])
    if message["msg"] != "process_completed":
        return b""
    if not message["success"]:
        return _call_event("error", output if line.call_errors else None)
    return _call_event("complete", output.get("data"))


def _call_event(name: str, data: object) -> bytes:
    # Literal NaN where there is one, as servers send here (trap 19).
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()
