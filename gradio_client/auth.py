"""Ways to log in, without I/O: an ``Auth`` yields the requests it needs and is sent the answers.

The client does the rest, for every ``Auth`` alike: it sends the requests over its own transport, lets one
login serve all calls that wait for it, and sends a request that was answered 401 once more after it. A job
whose answer was lost is never submitted again; a request that only reads is, once.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from typing import TypeAlias
from urllib.parse import urlencode

from gradio_client.domain.refusals import refusal
from gradio_client.domain.source import AppURLs, origin, same_origin
from gradio_client.transport import BytesBody, Headers, Request

__all__ = ["AppURLs", "Auth", "BearerToken", "FormLogin", "Reply", "same_origin", "with_header"]

#: What a function given as ``auth=`` does: it is ``Auth.prepare``.
Prepare: TypeAlias = Callable[[Request], Request]


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a request of a login, read and decoded, whatever its status."""

    status: int
    headers: Headers
    body: bytes = field(repr=False)


class Auth:
    """How a client proves who it is. Subclass it, and override what is needed.

    An object belongs to one client; all methods are called on its event loop, and must not block.
    """

    def login(self, urls: AppURLs) -> Generator[Request, Reply, None]:  # noqa: ARG002 - for subclasses
        """Log in: yield each request and be sent its reply; return when that is done.

        Called when the client connects, when ``expired`` says so, and after a 401; never twice at one
        time: other requests wait. A request to another origin has exactly the headers it is given, and
        the defaults; one to the app's own has the client's and the plugins' as well, and its cookies.
        Redirects are replies. A 401 is a reply.

        Args:
            urls: the addresses of the app's routes; only those outside its API, such as ``login()``.

        Raises:
            AuthenticationError: the credentials were refused; raise it, and every call gets it.
            Exception: anything else reaches the callers as a ``PluginError``.
        """
        yield from ()

    def prepare(self, request: Request) -> Request:
        """The request as it is to be sent. Called for every request to the app's own origin, last."""
        return request

    def expired(self) -> bool:
        """Whether a login is known to be needed before the next request."""
        return False


class FormLogin(Auth):
    """User name and password for an app's own login form (protocol section 3.1); cookies do the rest.

    Args:
        user: the name.
        password: sent to the app's own origin only.
    """

    def __init__(self, user: str, password: str) -> None:
        self._form = urlencode({"username": user, "password": password}).encode()

    def login(self, urls: AppURLs) -> Generator[Request, Reply, None]:
        """Post the form.

        Raises:
            AuthenticationError: the app refused the user name and password.
        """
        kind = Headers((("Content-Type", "application/x-www-form-urlencoded"),))
        reply = yield Request("POST", urls.login(), kind, BytesBody(self._form))
        # 302 and 404/405: the app asks for no login of this kind, so there is nothing to do.
        if reply.status >= 400 and reply.status not in (404, 405):
            kind_of = reply.headers.get("content-type")
            raise refusal(
                "login", reply.status, reply.body, content_type=kind_of, app=origin(urls.base)
            ).locate(app=urls.base)


class BearerToken(Auth):
    """A token that does not change, in ``Authorization``, unless the caller sets that header.

    Args:
        token: without ``Bearer``.
    """

    def __init__(self, token: str) -> None:
        if not isinstance(token, str) or not token.strip():
            raise TypeError("BearerToken takes a text that is not empty.")
        self._value = f"Bearer {token.strip()}"

    def prepare(self, request: Request) -> Request:
        """Add the token."""
        return with_header(request, "Authorization", self._value)


class Prepared(Auth):
    """What a function given as ``auth=`` becomes."""

    def __init__(self, function: Prepare) -> None:
        self._function = function

    def prepare(self, request: Request) -> Request:
        """Call the function."""
        return self._function(request)


def with_header(request: Request, name: str, value: str) -> Request:
    """The request with a header, unless it has one of that name."""
    if name in request.headers:
        return request
    return replace(request, headers=Headers((*request.headers.pairs, (name, value))))
