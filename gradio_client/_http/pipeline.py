"""One request, from what the client wants to the answer: the policy that no transport has.

Headers, cookies, credentials by origin, proxies, redirects, decoding and errors are decided here,
once, for every transport.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from gradio_client._hook_specs import ClientInfo, Exchange, Outcome, RequestContext
from gradio_client._http.failures import failure
from gradio_client._http.login import Login, credentials
from gradio_client._http.observed import ObservedResponse
from gradio_client._http.outgoing import (
    Answer,
    Outgoing,
    basic,
    merge,
    redirected,
    with_cookies,
    without_body,
)
from gradio_client._http.paced import PacedResponse, sent_in_time
from gradio_client._http.reading import read_whole
from gradio_client._http.retrying import Attempts
from gradio_client.auth import Reply
from gradio_client.domain.errors import (
    ConnectionLost,
    GradioClientError,
    ServerError,
    UnreachableError,
    Where,
)
from gradio_client.domain.http import is_framed, redirect, retry_after
from gradio_client.domain.refusals import login_elsewhere, refusal
from gradio_client.domain.retry import Retry
from gradio_client.domain.source import origin, same_origin
from gradio_client.transport import Headers, ProtocolError, Request, Response, Timeouts, TransportError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradio_client._http.cookies import CookieJar
    from gradio_client._http.options import HttpOptions
    from gradio_client._http.outgoing import HeaderPairs
    from gradio_client.auth import Auth
    from gradio_client.domain.http import Redirect
    from gradio_client.domain.refusals import Purpose
    from gradio_client.hooks import Hooks
    from gradio_client.transport import Transport, TransportOptions

logger = logging.getLogger("gradio_client.http")

_ENDLESS = ("stream", "heartbeat")  # answers that may take as long as they like

SHORT_EXCHANGES = 64  # requests that are not streams in flight at once; further ones wait their turn


class Pipeline:
    """Sends the requests of one client.

    Args:
        transport: what carries them.
        options: the caller's HTTP settings.
        base: the app's address; credentials go to its origin alone.
        cookies: the cookies of the app.
        defaults: header fields that every request has, also to other hosts.
        own: header fields for the app's origin; the caller's override them.
        hooks: the plugins; None for none.
        client: whose requests these are, for the plugins.
        retry: when requests are sent again.
        login: what knows how to log in, after its name for errors; None where nobody does.
        made_of: what the transport was made from; None for one that has its own.
    """

    def __init__(  # noqa: PLR0913 - what a client consists of, by name
        self,
        transport: Transport,
        options: HttpOptions,
        *,
        base: str,
        cookies: CookieJar,
        defaults: Mapping[str, str],
        own: Mapping[str, str],
        hooks: Hooks | None = None,
        client: ClientInfo | None = None,
        retry: Retry = Retry.none,
        login: tuple[str, Auth] | None = None,
        made_of: TransportOptions | None = None,
    ) -> None:
        self._transport = transport
        self._options = options
        self._base = base + "/"
        self._origin = origin(base)
        self._cookies = cookies
        self._defaults = tuple(defaults.items())
        self._own = (*own.items(), *basic(options.basic_auth), *options.headers)
        self._merged: dict[tuple[HeaderPairs, HeaderPairs, str | None], Headers] = {}
        limits = options.timeouts
        self._limits = Timeouts(limits.connect, limits.read)
        self._file_limits = Timeouts(limits.connect, limits.transfer)
        self._retry = retry
        self._made_of = made_of
        self._short = asyncio.Semaphore(SHORT_EXCHANGES)
        self._cancels = asyncio.Semaphore(SHORT_EXCHANGES)  # which may take as long as what they cancel
        self._client = client or ClientInfo(base, base)
        # None where no plugin has an implementation, which then costs nothing.
        self._adding = hooks if hooks is not None and hooks.adds_headers else None
        self._observing = hooks if hooks is not None and hooks.observes_exchanges else None
        self._login = Login(*login, base, self._ask) if login else None

    def check_tls(self, url: str, proxy: str | None = None) -> None:
        """See that TLS can be set up if it is needed: transports say in other words that it cannot.

        Raises:
            OSError, ValueError: a file with certificates cannot be used; the message names it.
        """
        if self._made_of is not None and (url.startswith("https:") or (proxy or "").startswith("https:")):
            _ = self._made_of.tls

    async def log_in(self) -> None:
        """Log in for the first time, if there is anything to log in with.

        Raises:
            GradioClientError: logging in failed.
        """
        if self._login is not None:
            await self._login.again(0, time.monotonic())

    async def fetch(self, outgoing: Outgoing) -> Answer:
        """Send a request and read the whole answer, whatever its status.

        Of an answer that is no success, only the first bytes are read.

        Raises:
            GradioClientError: there was no answer, or it was longer than such answers are.
        """
        # A login has no slot: those that have one may be waiting for it.
        own = self._cancels if outgoing.purpose == "cancel" else self._short
        slot = nullcontext() if outgoing.purpose == "login" else own
        attempts = Attempts(self._retry, outgoing, self._origin)
        while True:
            try:
                async with slot:
                    outgoing.check_wanted()
                    answer = await self._fetch_once(outgoing, attempts)
                pause = attempts.after(answer.status, answer.headers, answer.body)
                if pause is None:
                    return answer
            except (ConnectionLost, UnreachableError) as error:
                pause = attempts.after_error(error)
                if pause is None:
                    raise
            await attempts.another(pause)

    async def require(self, outgoing: Outgoing) -> Answer:
        """As ``fetch``, but only a status of 2xx is an answer.

        Raises:
            GradioClientError: what the status stands for.
        """
        answer = await self.fetch(outgoing)
        if not 200 <= answer.status < 300:
            raise self.refused(outgoing, answer)
        return answer

    def refused(self, outgoing: Outgoing, answer: Answer) -> GradioClientError:
        """The error that an unsuccessful answer stands for."""
        kind = answer.headers.get("content-type")
        tried = credentials(self._own, self._login)
        error = refusal(
            outgoing.purpose, answer.status, answer.body, content_type=kind, app=self._origin, tried=tried
        )
        error.retry_after = retry_after(answer.headers.get("retry-after"), datetime.now(UTC))
        return error

    async def open(self, outgoing: Outgoing) -> Response:
        """Send a request, follow redirects, and return the response with its body unread.

        A request that is answered 401 is sent once more, after another login, if there is any login.

        Raises:
            GradioClientError: there was no response, or it led where the client does not go.
        """
        attempts = Attempts(self._retry, outgoing, self._origin)
        while True:
            try:
                response = await self._open(outgoing, attempts)
                pause = attempts.after(response.status, response.headers)
                if pause is None:
                    return response
                await response.aclose()
            except (ConnectionLost, UnreachableError) as error:
                pause = attempts.after_error(error)
                if pause is None:
                    raise
            await attempts.another(pause)

    async def read(self, response: Response) -> bytes:
        """The next bytes of a response's body, undecoded; ``b""`` at its end.

        Raises:
            GradioClientError: the connection broke, or the server fell silent.
        """
        try:
            return await response.read()
        except TransportError as error:
            raise failure(error, self._origin) from error

    def stream_limits(self, *, alive: bool) -> Timeouts:
        """The limits of a stream; on silence there is one only if the server says that it is alive."""
        limits = self._options.timeouts
        return Timeouts(limits.connect, limits.silence if alive else None)

    def is_own(self, url: str) -> bool:
        """Whether a URL is of the app's own origin, so that credentials go along."""
        return url.startswith(self._base) or same_origin(url, self._origin)

    def _is_trusted(self, outgoing: Outgoing) -> bool:
        """Whether what the caller shows who he is with goes along."""
        return not outgoing.strayed and self.is_own(outgoing.url)

    async def aclose(self) -> None:
        """Close every connection."""
        try:
            if self._login is not None:
                await self._login.aclose()
        finally:
            await self._transport.aclose()

    async def _open(self, outgoing: Outgoing, attempts: Attempts) -> Response:
        login = self._login
        if login is None or outgoing.purpose == "login":
            return (await self._follow(outgoing, attempts.sending()))[0]
        await login.ready(attempts.since)
        number = login.number
        response, last = await self._follow(outgoing, attempts.sending())
        if response.status != 401 or not login.renews or not self._is_trusted(last):
            return response
        await response.aclose()
        await login.again(number, attempts.since)
        return (await self._follow(outgoing, attempts.sending()))[0]

    async def _ask(self, request: Request) -> Reply:
        """Send a request of a login, and read the answer."""
        outgoing = Outgoing("login", request.method, request.url, request.body, request.headers.pairs)
        answer = await self.fetch(outgoing)
        return Reply(answer.status, answer.headers, answer.body)

    async def _fetch_once(self, outgoing: Outgoing, attempts: Attempts) -> Answer:
        response = await self._open(outgoing, attempts)
        try:
            body = await read_whole(self, response, outgoing.longest, Where(app=self._origin))
        finally:
            await response.aclose()
        return Answer(response.status, response.headers, body, outgoing.url)

    async def _follow(self, outgoing: Outgoing, attempt: int) -> tuple[Response, Outgoing]:
        """The response at the end of all redirects, and the request that it answers."""
        hop = outgoing
        for _ in range(self._options.max_redirects + 1):
            response = await self._exchange(hop, attempt)
            try:
                leads = self._leads(hop, response)
            except GradioClientError:
                await response.aclose()
                raise
            if leads is None:
                return response, hop
            await response.aclose()
            hop = redirected(hop, leads)
        raise ServerError(
            f"More than {self._options.max_redirects} redirects in a row.", where=Where(app=self._origin)
        )

    async def _exchange(self, outgoing: Outgoing, attempt: int) -> Response:
        """Send one request, with what the plugins say, and let them watch."""
        if self._adding is None and self._observing is None:
            return await self._send(outgoing, self._request(outgoing, self._is_trusted(outgoing), ()))
        context = self._context(outgoing, attempt)
        if self._observing is None:
            return await self._send(outgoing, self._with_plugins(outgoing, context))
        hooks, exchange, since = self._observing, Exchange(context), time.perf_counter()
        sent = outgoing.body.length if outgoing.body else 0

        def finished(status: int | None, error: BaseException | None, received: int) -> None:
            seconds = time.perf_counter() - since
            hooks.exchange_finished(exchange, Outcome(status, error, seconds, sent, received))

        hooks.exchange_started(exchange)
        try:
            response = await self._send(outgoing, self._with_plugins(outgoing, context))
        except BaseException as error:  # raised again: observers hear of cancelled ones too
            finished(None, error, 0)
            raise
        return ObservedResponse(response, finished)

    async def _send(self, outgoing: Outgoing, request: Request) -> Response:
        self.check_tls(request.url, request.proxy)
        try:
            response = await sent_in_time(self._transport, request)
            if not is_framed(response.headers):
                await response.aclose()
                raise ProtocolError("the head of the answer does not say properly where its body ends")
        except TransportError as error:
            raise failure(error, self._origin) from error
        logger.debug("%s %s -> %s", request.method, _shown(request.url), response.status)
        if not outgoing.strayed:  # else another host could have the app end its login
            self._cookies.store(request.url, response.headers)
        silence = request.timeouts.read
        if silence is None or outgoing.purpose in _ENDLESS:
            return response
        return PacedResponse(response, silence)

    def _context(self, outgoing: Outgoing, attempt: int) -> RequestContext:
        return RequestContext(
            self._client,
            outgoing.purpose,
            outgoing.method,
            _shown(outgoing.url),
            self._is_trusted(outgoing),
            outgoing.scope.api_name if outgoing.scope else None,
            attempt,
        )

    def _with_plugins(self, outgoing: Outgoing, context: RequestContext) -> Request:
        added = self._adding.request_headers(context) if self._adding else ()
        return self._request(outgoing, context.same_origin, added)

    def _request(self, outgoing: Outgoing, own: bool, added: HeaderPairs) -> Request:  # noqa: FBT001
        url = outgoing.url
        if own and self._options.params and not outgoing.redirected:
            url += ("&" if "?" in url else "?") + urlencode(self._options.params)
        request = Request(
            outgoing.method,
            url,
            self._headers(outgoing, url, added) if own else merge(self._defaults, outgoing.headers),
            outgoing.body,
            outgoing.timeouts or self._timeouts(outgoing.purpose),
            self._options.proxies.proxy_for(url),
        )
        login = self._login
        if own and login is not None and login.prepares and outgoing.purpose != "login":
            return login.prepare(request)
        return request

    def _timeouts(self, purpose: Purpose) -> Timeouts:
        return self._file_limits if purpose in ("upload", "download") else self._limits

    def _headers(self, outgoing: Outgoing, url: str, added: HeaderPairs) -> Headers:
        """The fields of a request to the app: defaults < plugins < client < the request's own < call.

        Of cookies all are sent: the app's and the client's, with those of plugins and of the call.
        """
        cookie, added = with_cookies(self._cookies.header(url), added)
        cookie, of_call = with_cookies(cookie, outgoing.scope.headers if outgoing.scope else ())
        key = (outgoing.headers, of_call, cookie)
        merged = None if added else self._merged.get(key)
        if merged is None:
            cookies = (("Cookie", cookie),) if cookie else ()
            if of_call and outgoing.body is not None:  # what a body is, its maker knows
                of_call = without_body(of_call)
            merged = merge(self._defaults, cookies, added, self._own, outgoing.headers, of_call)
            if not added:
                if len(self._merged) > 100:
                    self._merged.clear()
                self._merged[key] = merged
        return merged

    def _leads(self, outgoing: Outgoing, response: Response) -> Redirect | None:
        if response.status == 401 and outgoing.purpose == "download" and not self._is_trusted(outgoing):
            raise login_elsewhere(origin(outgoing.url), self._origin)
        # A login answers 302 where the app has none (protocol section 3.1): that is its answer.
        if response.status < 300 or outgoing.purpose == "login" or not self._options.follow_redirects:
            return None
        leads = redirect(outgoing.method, outgoing.url, response.status, response.headers.get("location"))
        if leads and not leads.same_origin and outgoing.purpose != "download":
            raise ServerError(
                f"The server redirects {_shown(outgoing.url)} to another host, {origin(leads.url)}, which "
                "the client does not follow. If that is where the app lives now, connect to it there.",
                where=Where(app=self._origin, status=response.status),
            )
        return leads


def _shown(url: str) -> str:
    return url.partition("?")[0]  # query strings may hold secrets
