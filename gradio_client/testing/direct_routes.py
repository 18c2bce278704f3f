"""Calls without the queue's stream: ``/run``, ``/call`` and ``/call/v2`` (protocol section 6)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from gradio_client.testing.events import Event, Feed
from gradio_client.testing.queueing import QueueFullError
from gradio_client.testing.refusals import crashed, detail, json_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradio_client.domain.values import Json, JsonObject
    from gradio_client.testing.app import Endpoint
    from gradio_client.testing.execution import Execution
    from gradio_client.testing.line import Line
    from gradio_client.testing.queueing import JobQueue
    from gradio_client.testing.streams import Streams
    from gradio_client.testing.wording import Wording


class DirectCalls:
    """The three routes. ``make_event`` makes an event of a request, endpoint, session and feed."""

    def __init__(
        self,
        wording: Wording,
        execution: Execution,
        queue: JobQueue,
        streams: Streams,
        make_event: Callable[[web.Request, Endpoint, str, Feed], Event],
    ) -> None:
        self._wording = wording
        self._execution = execution
        self._queue = queue
        self._streams = streams
        self._make_event = make_event
        self._endpoints: dict[str, Endpoint] = {}
        self._sessions: dict[str, str] = {}

    def table(self, line: Line, endpoints: list[Endpoint]) -> list[web.RouteDef]:
        """The routes that servers of this line have; all want a login."""
        self._endpoints = {endpoint.name: endpoint for endpoint in endpoints}
        api = line.api_prefix
        found = [web.post(f"{api}/{word}/{{name}}", self._run) for word in ("run", "api")]
        if line.call_by_name:
            found.append(web.post(f"{api}/call/v2/{{name}}", self._call_by_name))
            found.append(web.get(f"{api}/call/v2/{{name}}/{{event}}", self._call_stream))
        if line.call_api:
            found.append(web.post(f"{api}/call/{{name}}", self._call))
            found.append(web.get(f"{api}/call/{{name}}/{{event}}", self._call_stream))
        return found

    async def _run(self, request: web.Request) -> web.StreamResponse:
        body = await json_body(request, "data")
        endpoint = self._chosen(request, body.get("fn_index"))
        session_hash = str(body.get("session_hash"))
        if endpoint.function is None:
            return await self._cancel_others(endpoint, session_hash)
        event = self._make_event(request, endpoint, session_hash, Feed(self._wording))
        event.data = body["data"]
        try:
            return web.json_response(await self._execution.first(event))
        except Exception as error:  # noqa: BLE001 - whatever an app raises is the answer
            return web.json_response(self._wording.failure(error), status=500)

    async def _cancel_others(self, endpoint: Endpoint, session_hash: str) -> web.StreamResponse:
        if not self._wording.line.reset_works:
            raise crashed()
        ids = {one.id for one in self._endpoints.values() if one.name in endpoint.cancels}
        await self._queue.kill(session_hash, ids)
        return web.json_response(self._wording.output([], 0.0, 0.0, generating=False))

    async def _call(self, request: web.Request) -> web.StreamResponse:
        body = await json_body(request, "data")
        endpoint = self._chosen(request)
        return self._join(request, endpoint, _with_states(endpoint, body["data"]), body.get("session_hash"))

    async def _call_by_name(self, request: web.Request) -> web.StreamResponse:
        body = await json_body(request)
        endpoint = self._chosen(request)
        return self._join(request, endpoint, _by_name(endpoint, body), None)

    async def _call_stream(self, request: web.Request) -> web.StreamResponse:
        event_id = request.match_info["event"]
        session_hash = self._sessions.pop(event_id, None)
        feed = None if session_hash is None else self._queue.feeds.find(session_hash)
        try:
            return await self._streams.of_call(request, feed, event_id)
        except (asyncio.CancelledError, ConnectionError):
            if session_hash is not None:
                self._queue.abandon(session_hash)
            raise

    def _join(
        self, request: web.Request, endpoint: Endpoint, data: list[Json], session_hash: str | None
    ) -> web.StreamResponse:
        """Queue a call; without a session it is in one of its own, named like the event."""
        event = self._make_event(request, endpoint, session_hash or "", Feed(self._wording))
        event.of_session(session_hash or event.id, self._queue.feeds)
        event.data, event.whole = data, True
        try:
            self._queue.join(event)
        except QueueFullError as full:
            return detail(503, str(full))
        self._sessions[event.id] = event.caller.session_hash
        return web.json_response({"event_id": event.id})

    def _chosen(self, request: web.Request, fn_index: Json = None) -> Endpoint:
        for endpoint in self._endpoints.values():
            if fn_index is not None and endpoint.id == fn_index:
                return endpoint
            if fn_index is None and endpoint.name == request.match_info["name"]:
                return endpoint
        raise crashed()


def _with_states(endpoint: Endpoint, data: list[Json]) -> list[Json]:
    """``data`` in full where the states were left out (since 6.18)."""
    if len(data) != len(endpoint.parameters):
        return data
    given = iter(data)
    return [None if one.slot else next(given) for one in endpoint.inputs]


def _by_name(endpoint: Endpoint, arguments: JsonObject) -> list[Json]:
    names = {one.name for one in endpoint.parameters}
    missing = any(one.required and one.name not in arguments for one in endpoint.parameters)
    if missing or not arguments.keys() <= names:
        raise crashed()
    return [arguments.get(one.name, one.default) for one in endpoint.inputs]
