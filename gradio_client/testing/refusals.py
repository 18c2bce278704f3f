"""What the framework below a server answers to requests it cannot read (protocol sections 0 and 5.4)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from gradio_client.domain.values import Json, JsonObject


class RefusedError(Exception):
    """A request that is not taken; ``response`` is the answer."""

    def __init__(self, response: web.Response) -> None:
        super().__init__(response.status)
        self.response = response


def detail(status: int, text: Json) -> web.Response:
    """An answer as the framework words it."""
    return web.json_response({"detail": text}, status=status)


def crashed() -> RefusedError:
    """What unknown names and ids get (trap 27)."""
    return RefusedError(web.Response(status=500, text="Internal Server Error"))


async def json_body(request: web.Request, *required: str) -> JsonObject:
    """The JSON object of a request.

    Raises:
        RefusedError: it is none, or lacks a required field, or its ``data`` is no list.
    """
    raw = await request.read()
    if not raw:
        raise _invalid("missing", ["body"], "Field required", None)
    try:
        body = json.loads(raw)
    except ValueError:
        raise _invalid("json_invalid", ["body", 0], "JSON decode error", {}) from None
    if not isinstance(body, dict):
        raise _invalid("dict_type", ["body"], "Input should be a valid dictionary", body)
    for name in required:
        if name not in body:
            raise _invalid("missing", ["body", name], "Field required", body)
    if not isinstance(body.get("data", []), list):
        raise _invalid("list_type", ["body", "data"], "Input should be a valid list", body["data"])
    return body


def query(request: web.Request, name: str) -> str:
    """A parameter of the query.

    Raises:
        RefusedError: it is missing.
    """
    if name not in request.query:
        raise _invalid("missing", ["query", name], "Field required", None)
    return request.query[name]


def _invalid(kind: str, location: list[str | int], text: str, given: Json) -> RefusedError:
    return RefusedError(detail(422, [{"type": kind, "loc": location, "msg": text, "input": given}]))


@web.middleware
async def refusing(request: web.Request, handler: Json) -> web.StreamResponse:
    """Answers refused requests, and those that no route takes, as the framework does."""
    try:
        response: web.StreamResponse = await handler(request)
    except RefusedError as refused:
        return refused.response
    except (web.HTTPNotFound, web.HTTPMethodNotAllowed) as error:
        return detail(error.status, error.reason)
    return response
