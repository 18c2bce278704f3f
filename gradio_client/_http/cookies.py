"""The cookies of one app, for the requests to its origin and to nowhere else.

Some gateways tie a session to a replica by cookie (protocol section 1.4), and a login leaves two
(section 3.1, trap 35), so every request carries what the app's origin has set.
"""

from __future__ import annotations

import time
from email.message import Message
from http.cookiejar import CookieJar as StandardJar
from typing import TYPE_CHECKING
from urllib.request import Request

from gradio_client.domain.errors import SourceError
from gradio_client.domain.source import origin as origin_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gradio_client.transport import Headers

_LONGEST = 8192  # characters of one Set-Cookie value; browsers stop at half of it
_MOST = 100  # cookies of the app that are kept; more of them would not fit into a request
_REMEMBERED = 256  # paths whose header is remembered
_REPEATED = 1.0  # seconds in which an answer that sets the same cookies again changes nothing
_NEVER = float("inf")


class CookieJar:
    """Keeps the cookies of one origin. For use on one event loop.

    What other hosts set is ignored, and other hosts are sent nothing, whatever ``Domain`` says: a
    client talks to one app. Within the origin ``Path``, ``Secure``, ``Max-Age`` and ``Expires`` count.

    Args:
        initial: the caller's own cookies, by name; they are sent to every path of the origin, and are
            not held to what is asked of the app's.
        origin: a URL of the app.
    """

    def __init__(self, initial: Mapping[str, str] | None, origin: str) -> None:
        self._origin = origin_of(origin)
        self._base = self._origin + "/"
        self._initial = dict(initial or {})
        self._jar = StandardJar()
        self._empty = True
        self._headers: dict[str, str | None] = {}
        self._fresh_until = _NEVER  # when the first cookie expires, and the headers must be made anew
        self._last: tuple[str, tuple[str, ...], float] = ("", (), 0.0)
        self.clear()

    def __repr__(self) -> str:
        return f"CookieJar({self._origin!r}, names={sorted({cookie.name for cookie in self._jar})})"

    def clear(self) -> None:
        """Forget what the app has set; the caller's own cookies stay."""
        self._jar.clear()
        self._take(self._base, (f"{name}={value}; Path=/" for name, value in self._initial.items()))
        self._changed()
        self._last = ("", (), 0.0)

    def store(self, url: str, headers: Headers) -> None:
        """Take the cookies that an answer sets; those that make no sense are ignored.

        Args:
            url: of the request that was answered.
            headers: of the answer.
        """
        if "set-cookie" not in headers or not self._owns(url):
            return
        path, values = url.partition("?")[0], tuple(headers.get_all("set-cookie"))
        now = time.monotonic()
        last_path, last_values, then = self._last
        if path == last_path and values == last_values and now - then < _REPEATED:
            return  # as gateways do that set their cookie with every answer
        self._last = (path, values, now)
        self._keep(path, values)

    def all(self) -> dict[str, str]:
        """The cookies that have not expired, by name."""
        return {cookie.name: cookie.value or "" for cookie in self._jar if not cookie.is_expired()}

    def header(self, url: str) -> str | None:
        """The ``Cookie`` field of a request to a URL; None when it has none."""
        if self._empty or not self._owns(url):
            return None
        if time.time() >= self._fresh_until:
            self._changed()
        path = url.partition("?")[0]
        try:
            return self._headers[path]
        except KeyError:
            return self._look_up(path)

    def _owns(self, url: str) -> bool:
        if url.startswith(self._base):
            return True
        try:
            return origin_of(url) == self._origin
        except SourceError:
            return False

    def _keep(self, url: str, values: Iterable[str]) -> None:
        secure = self._base.startswith("https:")
        self._take(url, (value for value in values if _is_sane(value) and _keeps_word(value, secure=secure)))
        theirs = [cookie for cookie in self._jar if cookie.path != "/" or cookie.name not in self._initial]
        for cookie in theirs[:-_MOST]:
            self._jar.clear(cookie.domain, cookie.path, cookie.name)
        self._changed()

    def _take(self, url: str, values: Iterable[str]) -> None:
        self._jar.extract_cookies(_Answer(values), Request(url))  # type: ignore[arg-type]  # noqa: S310 - all it asks for

    def _changed(self) -> None:
        self._jar.clear_expired_cookies()
        ends = [cookie.expires for cookie in self._jar if cookie.expires is not None]
        self._fresh_until = min(ends, default=_NEVER)
        self._empty = len(self._jar) == 0
        self._headers.clear()

    def _look_up(self, path: str) -> str | None:
        request = Request(path)  # noqa: S310 - it is of the app's origin, and is never opened
        self._jar.add_cookie_header(request)
        if len(self._headers) >= _REMEMBERED:
            self._headers.clear()
        return self._headers.setdefault(path, request.get_header("Cookie"))


class _Answer:
    """What the standard library's jar wants of a response."""

    def __init__(self, values: Iterable[str]) -> None:
        self._message = Message()
        for value in values:
            self._message["Set-Cookie"] = value

    def info(self) -> Message:
        return self._message


def _is_sane(value: str) -> bool:
    # RFC 6265 section 4.1.1 allows nothing else, and anything else might not fit into a header again.
    return len(value) <= _LONGEST and value.isascii() and value.isprintable()


def _keeps_word(value: str, *, secure: bool) -> bool:
    """Whether a cookie is what its name says: ``__Secure-`` and ``__Host-`` are promises (RFC 6265bis)."""
    name, *attributes = value.lower().split(";")
    if not name.strip().startswith(("__secure-", "__host-")):
        return True
    words = {key.strip(): word.strip() for key, _, word in (part.partition("=") for part in attributes)}
    bound = "domain" not in words and words.get("path") == "/"
    return secure and "secure" in words and (bound or not name.strip().startswith("__host-"))
