"""One request, from what the client wants to the answer: the policy that no transport has.

Headers, cookies, credentials by origin, proxies, redirects, decoding and errors are decided here,
once, for every transport.
"""

from __future__ import annotations

import asyncio
import base64
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlencode

from gradio_client.domain.errors import (
    ClientClosedError,
    ConnectionLost,
    DeadlineError,
    GradioClientError,
    ServerError,
    UnreachableError,
    Where,
)
from gradio_client.domain.http import Decoder, redirect
from gradio_client.domain.refusals import Purpose, refusal
from gradio_client.domain.source import origin, same_origin
from gradio_client.transport import (
    ConnectError,
    Headers,
    ReadTimeoutError,
    Request,
    Response,
    TransportClosedError,
    TransportError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradio_client._cookies import CookieJar
    from gradio_client._http_options import HttpOptions
    from gradio_client.domain.http import Redirect
    from gradio_client.transport import Body, Timeouts, Transport

logger = logging.getLogger("gradio_client.http")

MAX_BUFFERED = 64 << 20  # bytes of a decoded answer that is read into memory
SHORT_EXCHANGES = 64  # requests that are not streams in flight at once; further ones wait their turn

HeaderPairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request as the client means it, before headers, cookies and proxies."""

    purpose: Purpose
    method: str
    url: str
    body: Body | None = field(default=None, repr=False)
    headers: HeaderPairs = field(default=(), repr=False)
    timeouts: Timeouts | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A response that has been read and decoded."""

    status: int
    headers: Headers
    body: bytes = field(repr=False)
    url: str = ""


class Pipeline:
    """Sends the requests of one client.

    Args:
        transport: what carries them.
        options: the caller's HTTP settings.
        base: the app's address; credentials go to its origin alone.
        cookies: the cookies of the app.
        defaults: header fields that every request has, also to other hosts.
        own: header fields for the app's origin; the caller's override them.
    """

    def __init__(
        self,
        transport: Transport,
        options: HttpOptions,
        *,
        base: str,
        cookies: CookieJar,
        defaults: Mapping[str, str],
        own: Mapping[str, str],
    ) -> None:
        self._transport = transport
        self._options = options
        self._base = base + "/"
        self._origin = origin(base)
        self._cookies = cookies
        self._defaults = tuple(defaults.items())
        self._own = (*own.items(), *_basic(options.basic_auth), *options.headers)
        self._merged: dict[tuple[bool, HeaderPairs, str | None], Headers] = {}
        self._short = asyncio.Semaphore(SHORT_EXCHANGES)

    async def fetch(self, outgoing: Outgoing, *, limit: int = MAX_BUFFERED) -> Answer:
        """Send a request and read the whole answer, whatever its status.

        Raises:
            GradioClientError: there was no answer, or it was longer than ``limit`` bytes.
        """
        async with self._short:
            if outgoing.method != "GET":
                return await self._fetch_once(outgoing, limit)
            try:
                return await self._fetch_once(outgoing, limit)
            except ConnectionLost:
                # A server may drop a kept connection at any time; asking again is harmless.
                return await self._fetch_once(outgoing, limit)

    async def require(self, outgoing: Outgoing, *, limit: int = MAX_BUFFERED) -> Answer:
        """As ``fetch``, but only a status of 2xx is an answer.

        Raises:
            GradioClientError: what the status stands for.
        """
        answer = await self.fetch(outgoing, limit=limit)
        if not 200 <= answer.status < 300:
            raise self.refused(outgoing, answer)
        return answer

    def refused(self, outgoing: Outgoing, answer: Answer) -> GradioClientError:
        """The error that an unsuccessful answer stands for."""
        kind = answer.headers.get("content-type")
        return refusal(outgoing.purpose, answer.status, answer.body, content_type=kind, app=self._origin)

    async def open(self, outgoing: Outgoing) -> Response:
        """Send a request, follow redirects, and return the response with its body unread.

        Raises:
            GradioClientError: there was no response, or it led where the client does not go.
        """
        request = self._request(outgoing)
        for _ in range(self._options.max_redirects + 1):
            response = await self._send(request)
            try:
                leads = self._redirect(outgoing, request, response)
            except GradioClientError:
                await response.aclose()
                raise
            if leads is None:
                return response
            await response.aclose()
            request = self._redirected(outgoing, request, leads)
        raise ServerError(
            f"More than {self._options.max_redirects} redirects in a row.", where=Where(app=self._origin)
        )

    async def read(self, response: Response) -> bytes:
        """The next bytes of a response's body, undecoded; ``b""`` at its end.

        Raises:
            GradioClientError: the connection broke, or the server fell silent.
        """
        try:
            return await response.read()
        except TransportError as error:
            self._translate(error)

    def is_own(self, url: str) -> bool:
        """Whether a URL is of the app's own origin, so that credentials go along."""
        return url.startswith(self._base) or same_origin(url, self._origin)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._transport.aclose()

    async def _fetch_once(self, outgoing: Outgoing, limit: int) -> Answer:
        response = await self.open(outgoing)
        try:
            body = await self._read_all(response, limit)
        finally:
            await response.aclose()
        return Answer(response.status, response.headers, body, outgoing.url)

    async def _read_all(self, response: Response, limit: int) -> bytes:
        encoding = response.headers.get("content-encoding")
        decoder = Decoder(encoding, limit) if encoding else None
        chunks: list[bytes] = []
        size = 0
        while chunk := await self.read(response):
            piece = decoder.feed(chunk) if decoder else chunk
            chunks.append(piece)
            size += len(piece)
            if size > limit:
                raise ServerError(f"The answer is longer than {limit} bytes.", where=Where(app=self._origin))
        if decoder:
            chunks.append(decoder.finish())
        return b"".join(chunks)

    async def _send(self, request: Request) -> Response:
        try:
            response = await self._transport.send(request)
        except TransportError as error:
            self._translate(error)
        logger.debug("%s %s -> %s", request.method, _shown(request.url), response.status)
        self._cookies.store(request.url, response.headers)
        return response

    def _request(self, outgoing: Outgoing) -> Request:
        url = outgoing.url
        own = self.is_own(url)
        if own and self._options.params:
            url += ("&" if "?" in url else "?") + urlencode(self._options.params)
        return Request(
            outgoing.method,
            url,
            self._headers(outgoing.headers, url, own=own),
            outgoing.body,
            outgoing.timeouts or self._timeouts(outgoing.purpose),
            self._options.proxies.proxy_for(url),
        )

    def _timeouts(self, purpose: Purpose) -> Timeouts:
        return self._options.upload_timeouts if purpose == "upload" else self._options.timeouts

    def _headers(self, extra: HeaderPairs, url: str, *, own: bool) -> Headers:
        cookie = self._cookies.header(url) if own else None
        key = (own, extra, cookie)
        merged = self._merged.get(key)
        if merged is None:
            if len(self._merged) > 100:
                self._merged.clear()
            cookies = (("Cookie", cookie),) if cookie else ()
            layers = (self._defaults, cookies, self._own, extra) if own else (self._defaults,)
            merged = self._merged[key] = _merge(*layers)
        return merged

    def _redirect(self, outgoing: Outgoing, request: Request, response: Response) -> Redirect | None:
        # A login answers 302 where the app has none (protocol section 3.1): that is its answer.
        if response.status < 300 or outgoing.purpose == "login" or not self._options.follow_redirects:
            return None
        leads = redirect(request.method, request.url, response.status, response.headers.get("location"))
        if leads and not leads.same_origin and outgoing.purpose != "download":
            raise ServerError(
                f"The server redirects {_shown(request.url)} to another host, {origin(leads.url)}, which the "
                "client does not follow. If that is where the app lives now, connect to it there.",
                where=Where(app=self._origin, status=response.status),
            )
        return leads

    def _redirected(self, outgoing: Outgoing, request: Request, leads: Redirect) -> Request:
        own = self.is_own(leads.url)
        extra = outgoing.headers if leads.keeps_body else _without_body(outgoing.headers)
        return Request(
            leads.method,
            leads.url,
            self._headers(extra, leads.url, own=own),
            request.body if leads.keeps_body else None,
            request.timeouts,
            self._options.proxies.proxy_for(leads.url),
        )

    def _translate(self, error: TransportError) -> NoReturn:
        where = Where(app=self._origin)
        text = str(error) or type(error).__name__
        if isinstance(error, ConnectError):
            raise UnreachableError(
                f"The app could not be reached ({text}); nothing was sent.", where=where
            ) from error
        if isinstance(error, ReadTimeoutError):
            raise DeadlineError(f"The server was silent for too long ({text}).", where=where) from error
        if isinstance(error, TransportClosedError):
            raise ClientClosedError("The client is closed.", where=where) from error
        raise ConnectionLost(f"The connection broke ({text}).", where=where) from error


def _basic(pair: tuple[str, str] | None) -> HeaderPairs:
    if pair is None:
        return ()
    encoded = base64.b64encode(f"{pair[0]}:{pair[1]}".encode()).decode("ascii")
    return (("Authorization", f"Basic {encoded}"),)


def _merge(*layers: HeaderPairs) -> Headers:
    merged = {name.lower(): (name, value) for layer in layers for name, value in layer}
    return Headers(merged.values())


def _without_body(headers: HeaderPairs) -> HeaderPairs:
    return tuple(pair for pair in headers if pair[0].lower() != "content-type")


def _shown(url: str) -> str:
    return url.partition("?")[0]  # query strings may hold secrets
