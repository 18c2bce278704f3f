"""Requests as the client means them, before headers, cookies and proxies; and answers that were read."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gradio_client.domain.bounds import ANSWER, DOCUMENT
from gradio_client.transport import Headers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gradio_client.domain.http import Redirect
    from gradio_client.domain.refusals import Purpose
    from gradio_client.transport import Body, Timeouts

HeaderPairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CallScope:
    """The call that a request belongs to.

    Attributes:
        api_name: its endpoint's label.
        headers: the caller's for this call; on every request of the call to the app's own origin.
    """

    api_name: str
    headers: HeaderPairs = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request as the client means it, before headers, cookies and proxies.

    ``headers`` are those that the request itself needs; ``scope`` is None when it serves no single call.
    ``strayed`` says that a redirect on the way to it has crossed origins: whoever sent it here is not the
    app, so that nothing of the caller's goes along, wherever it goes.
    ``unwanted`` tells, just before it is sent, whether there is no need for it any more. ``again`` is
    awaited before it is sent once more, and may raise; it is told whether the connection was refused
    before, so that the server knows nothing of it.
    """

    purpose: Purpose
    method: str
    url: str
    body: Body | None = field(default=None, repr=False)
    headers: HeaderPairs = field(default=(), repr=False)
    timeouts: Timeouts | None = None
    scope: CallScope | None = None
    redirected: bool = False
    strayed: bool = False
    unwanted: Callable[[], bool] | None = None
    again: Callable[[bool], Awaitable[None]] | None = None

    @property
    def longest(self) -> int:
        """Bytes that the whole answer may have."""
        return DOCUMENT if self.purpose in ("config", "info", "download") else ANSWER

    def check_wanted(self) -> None:
        """Do not send what nobody wants any more.

        Raises:
            asyncio.CancelledError: nobody does.
        """
        if self.unwanted is not None and self.unwanted():
            raise asyncio.CancelledError("nobody wants the answer any more")


@dataclass(frozen=True, slots=True)
class Answer:
    """A response that has been read and decoded."""

    status: int
    headers: Headers
    body: bytes = field(repr=False)
    url: str = ""


def redirected(outgoing: Outgoing, leads: Redirect) -> Outgoing:
    """The request that a redirect leads to."""
    return replace(
        outgoing,
        method=leads.method,
        url=leads.url,
        body=outgoing.body if leads.keeps_body else None,
        headers=outgoing.headers if leads.keeps_body else without_body(outgoing.headers),
        redirected=True,
        strayed=outgoing.strayed or not leads.same_origin,
    )


def merge(*layers: HeaderPairs) -> Headers:
    """One set of fields of several; of two with one name the later layer's."""
    merged = {name.lower(): (name, value) for layer in layers for name, value in layer}
    return Headers(merged.values())


def with_cookies(cookie: str | None, fields: HeaderPairs) -> tuple[str | None, HeaderPairs]:
    """The cookies so far with those of some fields, which win over others of their names; and the rest."""
    lines = [value for name, value in fields if name.lower() == "cookie"]
    if not lines:
        return cookie, fields
    added = [pair for line in lines for part in line.split(";") if (pair := part.strip())]
    names = {pair.partition("=")[0] for pair in added}
    kept = [pair for pair in (cookie or "").split("; ") if pair and pair.partition("=")[0] not in names]
    return "; ".join(kept + added), tuple(pair for pair in fields if pair[0].lower() != "cookie")


def basic(pair: tuple[str, str] | None) -> HeaderPairs:
    """The field of HTTP's Basic scheme for a user and a password, if there are any."""
    if pair is None:
        return ()
    encoded = base64.b64encode(f"{pair[0]}:{pair[1]}".encode()).decode("ascii")
    return (("Authorization", f"Basic {encoded}"),)


def without_body(headers: HeaderPairs) -> HeaderPairs:
    """The fields, without what they say of a body."""
    return tuple(pair for pair in headers if pair[0].lower() != "content-type")
