"""Ways to log in, without I/O: an ``Auth`` yields the requests it needs and receives the replies.

The client does the rest, in the same way for every ``Auth``: it sends the requests over its own transport,
lets one login serve all calls that wait for it, and repeats a request that was answered with 401 once after
the login. A job whose response was lost is never submitted again; a request that only reads is, once.
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

#: A function that can be passed as ``auth=``; it does what ``Auth.prepare`` does.
Prepare: TypeAlias = Callable[[Request], Request]


@dataclass(frozen=True, slots=True)
class Reply:
    """The response to a request of a login, read and decoded, whatever its status."""

    status: int
    headers: Headers
    body: bytes = field(repr=False)


class Auth:
    """How a client authenticates. Subclass it and override what is needed.

    An object belongs to one client; all methods are called on the client's event loop and must not block.
    """

    def login(self, urls: AppURLs) -> Generator[Request, Reply, None]:  # noqa: ARG002 - for subclasses
        """Log in: yield each request and receive its reply; return when the login is complete.

        Called when the client connects, when ``expired`` returns true, and after a 401. There is never
        more than one login at a time; other requests wait. A request to another origin has only the
        headers it is given and the defaults; one to the app's own origin also has those of the client and
        of plugins, and its cookies. Redirects and 401s are replies like any other.

        Args:
            urls: the addresses of the app's routes; use only those outside its API, such as ``login()``.

        Raises:
            AuthenticationError: the credentials were refused; raise it, and every waiting call gets it.
            Exception: anything else reaches the callers as a ``PluginError``.
        """
        yield from ()

    def prepare(self, request: Request) -> Request:
        """The request in its final form. Called last, for every request to the app's own origin."""
        return request

    def expired(self) -> bool:
        """Whether a new login is needed before the next request."""
        return False


class FormLogin(Auth):
    """User name and password for an app's own login form (protocol section 3.1), which sets cookies.

    Args:
        user: the user name.
        password: sent only to the app's own origin.
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
    """Wraps a function that was passed as ``auth=``."""

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
