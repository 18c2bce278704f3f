"""OAuth 2 client credentials: a token from the company's server, renewed before and after it expires.

    from gradio_client import Client
    from gradio_client_plugins.oauth import ClientCredentials

    auth = ClientCredentials("https://login.example.com/token", "my-program", secret, scope="apps")
    client = Client("https://app.example.com", auth=auth)

As a plugin, ``OAuth(origin, credentials)`` logs in to the apps of one origin.
"""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

from gradio_client.auth import Auth, Reply, same_origin, with_header
from gradio_client.exceptions import AuthenticationError, ServerError
from gradio_client.hooks import ClientInfo, hookimpl
from gradio_client.transport import BytesBody, Headers, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from gradio_client.domain.source import AppURLs

_BUSY = (429, 500, 502, 503, 504)
LEEWAY = 30.0  # seconds before its end at which a token is renewed, for requests take time


class ClientCredentials(Auth):
    """The client-credentials grant (RFC 6749, section 4.4).

    Args:
        token_url: the token endpoint; ``https``, or a host of this machine.
        client_id: this program's name there.
        client_secret: sent to the token endpoint only, as HTTP's Basic scheme has it (section 2.3.1).
        scope: what is asked for, words separated by spaces; None for the server's default.
        audience: for servers that want one.
        clock: seconds that pass steadily.

    Raises:
        ValueError: the token endpoint is not safe to send a secret to.
    """

    def __init__(
        self,
        token_url: str,
        client_id: str,
        client_secret: str,
        *,
        scope: str | None = None,
        audience: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        parts = urlsplit(token_url)
        if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
            raise ValueError("token_url must be an https:// URL: the secret would be sent in the clear.")
        pair = f"{quote(client_id, safe='')}:{quote(client_secret, safe='')}"
        self._headers = Headers(
            (
                ("Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}"),
                ("Content-Type", "application/x-www-form-urlencoded"),
                ("Accept", "application/json"),
            )
        )
        form = {"grant_type": "client_credentials", "scope": scope, "audience": audience}
        self._form = urlencode({name: value for name, value in form.items() if value}).encode()
        self._url = token_url
        self._clock = clock
        self._token: str | None = None
        self._ends: float | None = None  # when it is time for another
        self._over = 0.0

    def login(self, urls: AppURLs) -> Generator[Request, Reply, None]:  # noqa: ARG002 - any app's token
        """Fetch a token.

        Raises:
            AuthenticationError: the token endpoint refused, or answered with something else.
            ServerError: it could not answer now.
        """
        request = Request("POST", self._url, self._headers, BytesBody(self._form))
        reply = yield request
        if reply.status in _BUSY:  # asking twice does no harm
            reply = yield request
        host = urlsplit(self._url).hostname
        if reply.status in _BUSY:
            if self.expired() and self._clock() < self._over:
                return  # the token serves until its end
            raise _busy(host, reply.status)
        answer = _object(reply.body)
        token, kind = answer.get("access_token"), answer.get("token_type", "Bearer")
        if reply.status != 200 or not isinstance(token, str) or str(kind).lower() != "bearer":
            code = answer.get("error")
            because = f": {code}" if isinstance(code, str) and code.isidentifier() else ""
            raise AuthenticationError(
                f"The token endpoint at {host} gave no bearer token (status {reply.status}{because}). Check "
                "the client's name, secret and scope."
            )
        self._token = token
        self._date(answer.get("expires_in"))

    def expired(self) -> bool:
        """Whether the token is about to end, by what the server said of it."""
        return self._ends is not None and self._clock() >= self._ends

    def prepare(self, request: Request) -> Request:
        """Add the token, unless the caller sets an ``Authorization`` of their own."""
        return with_header(request, "Authorization", f"Bearer {self._token}")

    def _date(self, seconds: object) -> None:
        try:
            lasts = float(seconds)  # type: ignore[arg-type] # some servers send text, some nothing
        except (TypeError, ValueError):
            self._ends = None
            return
        now = self._clock()
        # Of a short token half is used: with the whole leeway it would never count as fresh.
        self._ends = now + max(lasts - LEEWAY, lasts / 2)
        self._over = now + lasts


class OAuth:
    """A plugin that logs in to the apps of one origin.

    Args:
        origin: scheme, host and port, such as ``https://apps.example.com``; a default port may be left out.
        credentials: makes the ``Auth`` of each client.

    Raises:
        ValueError: ``origin`` is no origin.
    """

    def __init__(self, origin: str, credentials: Callable[[], Auth]) -> None:
        if not same_origin(origin, origin) or any(urlsplit(origin.rstrip("/"))[2:]):
            raise ValueError(
                "origin must be scheme, host and port alone, such as 'https://apps.example.com' or "
                "'http://localhost:7860'."
            )
        self._origin = origin
        self._credentials = credentials

    @hookimpl
    def gradio_client_auth(self, client: ClientInfo) -> Auth | None:
        """The credentials, for an app of that origin."""
        return self._credentials() if same_origin(client.url, self._origin) else None


def _busy(host: str | None, status: int) -> ServerError:
    error = ServerError(f"The token endpoint at {host} could not answer (status {status}). Call again later.")
    error.retryable = True
    return error


def _object(body: bytes) -> dict[str, object]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
