"""A connected app: where it is, what it offers, and the requests that belong to it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gradio_client._http.outgoing import Answer, Outgoing
from gradio_client.domain.config import AppConfig, config_from_page, info_from_page, parse_config
from gradio_client.domain.errors import (
    AppRestartedError,
    ConnectionLost,
    GradioClientError,
    ServerError,
    UnreachableError,
    Where,
)
from gradio_client.domain.json_text import parsed
from gradio_client.domain.source import AppURLs, parent_url
from gradio_client.domain.unskipped import unskipped
from gradio_client.transport import BytesBody

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gradio_client._http.outgoing import CallScope
    from gradio_client._http.pipeline import Pipeline
    from gradio_client.domain.refusals import Purpose
    from gradio_client.domain.values import Json, JsonObject

logger = logging.getLogger("gradio_client.app")

_RESTARTED = (
    "The app was restarted again and again while the job was being submitted. Nothing was sent; call again."
)
_DAMAGED = "The app's answer to which run of it this is was damaged on its way. Nothing was sent; call again."
JSON_TYPE = (("Content-Type", "application/json"),)
# Only answers that are read whole are worth compressing; streams and files come as they are.
_COMPRESSED = (("Accept-Encoding", "gzip, deflate"),)
# The description exists, but not for this caller at this moment: going on without would be for good.
_NOT_NOW = (401, 429, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class App:
    """An app whose configuration has been read.

    Attributes:
        urls: the addresses of its routes.
        config: what it offers, understood.
        raw_config: its configuration as it came.
        pipeline: what carries requests to it.
    """

    urls: AppURLs
    config: AppConfig
    raw_config: JsonObject
    pipeline: Pipeline

    async def post_json(  # noqa: PLR0913 - what a request consists of, by name
        self,
        purpose: Purpose,
        url: str,
        body: bytes,
        headers: tuple[tuple[str, str], ...] = (),
        *,
        scope: CallScope | None = None,
        unwanted: Callable[[], bool] | None = None,
        again: Callable[[bool], Awaitable[None]] | None = None,
    ) -> Json:
        """Post JSON and return the JSON that comes back; ``unwanted`` and ``again`` as in ``Outgoing``.

        Raises:
            GradioClientError: there was no answer, or it was not a success in JSON.
        """
        outgoing = Outgoing(
            purpose,
            "POST",
            url,
            BytesBody(body),
            JSON_TYPE + headers,
            scope=scope,
            unwanted=unwanted,
            again=again,
        )
        answer = await self.pipeline.require(outgoing)
        found = parse_json(answer)
        if found is None:
            raise ServerError(
                f"The server answered {purpose} with something other than JSON.",
                where=Where(app=self.urls.base, status=answer.status),
            )
        return found.value


async def connect(pipeline: Pipeline, base: str) -> App:
    """Read the configuration of the app at an address, or of the app that the page there belongs to.

    Raises:
        UnsupportedServer: the server speaks a protocol that this client does not.
        AuthenticationError: the app wants a login.
        GradioClientError: there is no Gradio app, or it could not be reached.
    """
    try:
        base, raw, info = await _find_config(pipeline, base)
        config = parse_config(raw, info)
        urls = AppURLs(base, config.api_prefix)
        if info is None:
            config = parse_config(raw, await _read_info(pipeline, urls))
        return App(urls, config, raw, pipeline)
    except GradioClientError as error:
        raise error.locate(app=base) from error.__cause__


async def was_restarted(app: App) -> bool:
    """Whether the server is another run of the app than the one whose configuration was read (section 9).

    Raises:
        GradioClientError: it cannot be asked.
    """
    answer = await app.pipeline.require(Outgoing("config", "GET", app.urls.app_id()))
    found = parse_json(answer)
    if found is None and "json" in (answer.headers.get("content-type") or ""):
        raise ConnectionLost(_DAMAGED, where=Where(app=app.urls.base))
    now = found.value.get("app_id") if found is not None and isinstance(found.value, dict) else None
    return isinstance(now, int) and app.config.app_id is not None and now != app.config.app_id


def is_unanswered(error: GradioClientError) -> bool:
    """Whether it is not known how the app is, after an error of ``was_restarted``.

    A server that answers, but does not say which run of the app it is, is believed to be the same.
    """
    return error.status is None


async def check_run(app: App, *, stateful: bool) -> None:
    """See that the server is the run of the app whose configuration was read, as far as it can be asked.

    Args:
        app: the app as it was.
        stateful: whether there is state to lose, so that it must be known.

    Raises:
        AppRestartedError: it is another one.
        GradioClientError: there was no answer, though there is state to lose.
        UnreachableError: it is not there.
    """
    try:
        restarted = await was_restarted(app)
    except UnreachableError:
        raise
    except GradioClientError as error:
        if stateful and is_unanswered(error):
            raise
        logger.debug("an app could not be asked whether it was restarted: %s", error.message)
        return
    if restarted:
        raise AppRestartedError(_RESTARTED)


def with_whole_endpoints(app: App) -> App:
    """The app with endpoints that skip no component, for programs that relay them."""
    endpoints = {number: unskipped(endpoint) for number, endpoint in app.config.endpoints.items()}
    return replace(app, config=replace(app.config, endpoints=endpoints))


async def _find_config(pipeline: Pipeline, base: str) -> tuple[str, JsonObject, JsonObject | None]:
    """The app's address, its configuration, and its API description if that came along."""
    if (found := await _config_below(pipeline, base)) is not None:
        return base, found.value, None
    parent = parent_url(base)
    refused: GradioClientError | None = None
    if parent is not None:
        # A page of a multi-page app has no /config below it, but its parent has (section 1).
        try:
            found = await _config_below(pipeline, parent)
        except GradioClientError as error:  # of another app, perhaps: the page itself says
            refused = error
        if found is not None:
            logger.info("there is no app at %s itself; connecting to the app of its parent, %s", base, parent)
            return parent, found.value, None
    return await _config_in_page(pipeline, base, refused)


async def _config_below(pipeline: Pipeline, base: str) -> Parsed | None:
    """What the app at this address says of itself; None when there is none.

    Raises:
        GradioClientError: there may be one, but it cannot or will not answer.
    """
    outgoing = Outgoing("config", "GET", AppURLs(base).config(), headers=_COMPRESSED)
    answer = await pipeline.fetch(outgoing)
    found = parse_json(answer)
    if answer.status == 200 and found is not None:
        return found
    if answer.status in (401, 403, 429) or answer.status >= 500:
        raise pipeline.refused(outgoing, answer)
    return None


async def _config_in_page(
    pipeline: Pipeline, base: str, refused: GradioClientError | None
) -> tuple[str, JsonObject, JsonObject | None]:
    """What ``_find_config`` returns, from the page for people; ``refused`` is what its parent answered."""
    outgoing = Outgoing("config", "GET", AppURLs(base).page(), headers=_COMPRESSED)
    page = await pipeline.fetch(outgoing)
    if page.status == 404:
        raise refused or ServerError(
            "There is no Gradio app here: the server knows no such page (status 404). Check the address.",
            where=Where(app=base, status=404),
        )
    if page.status != 200:
        raise pipeline.refused(outgoing, page)
    text = page.body.decode("utf-8", "replace")
    try:
        return base, config_from_page(text), info_from_page(text)
    except GradioClientError:
        if refused is None:
            raise
        raise refused from None


async def _read_info(pipeline: Pipeline, urls: AppURLs) -> JsonObject | None:
    """The API description; None when the server cannot make it, which some schemas cause."""
    outgoing = Outgoing("info", "GET", urls.info(all_endpoints=True), headers=_COMPRESSED)
    answer = await pipeline.fetch(outgoing)
    if answer.status in _NOT_NOW:
        raise pipeline.refused(outgoing, answer)
    found = parse_json(answer)
    if answer.status == 200 and found is not None and isinstance(found.value, dict):
        return found.value
    logger.warning(
        "%s gave no API description (status %s); endpoints are taken from its configuration",
        urls.base,
        answer.status,
    )
    return None


@dataclass(frozen=True, slots=True)
class Parsed:
    """A JSON value; the class tells ``null`` from no JSON at all."""

    value: Json


def parse_json(answer: Answer) -> Parsed | None:
    """The JSON of an answer, or None when its body is no JSON."""
    try:
        return Parsed(parsed(answer.body))
    except ValueError:
        return None
