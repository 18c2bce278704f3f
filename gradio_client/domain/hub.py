"""What the Hub's answers mean (protocol section 1.1)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gradio_client.domain.errors import (
    AuthenticationError,
    GradioClientError,
    ServerError,
    SourceError,
    TooManyRequestsError,
    Where,
)
from gradio_client.domain.http import body_head

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradio_client.domain.values import JsonObject

_BUSY = (408, 429, 500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class HubAnswer:
    """An answer of the Hub, read whole.

    Attributes:
        status: the HTTP status.
        headers: its header fields, by their names in lower case.
        body: as it came.
        with_token: whether a token was sent along.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    with_token: bool

    @property
    def ok(self) -> bool:
        """Whether the Hub did what it was asked for."""
        return 200 <= self.status < 300

    @property
    def missing(self) -> bool:
        """Whether there is no such Space, or none that the token gives access to: both are answered alike."""
        return self.status == 404 or (self.status == 401 and not self.refuses_token)

    @property
    def refuses_token(self) -> bool:
        """Whether the token itself is refused, as expired or mistyped ones are."""
        # Without a token, "Invalid username or password" is said of Spaces that do not exist.
        said = self.said.lower()
        return self.status == 401 and self.with_token and ("authorization header" in said or "token" in said)

    @property
    def busy(self) -> bool:
        """Whether the same question may be answered later."""
        return self.status in _BUSY

    @property
    def said(self) -> str:
        """The Hub's own words, if there are any."""
        said = self.headers.get("x-error-message") or self.object().get("error")
        return body_head(said.encode("utf-8", "replace"), None) if isinstance(said, str) else ""

    @property
    def where(self) -> Where:
        """What an error says of it."""
        return Where(status=self.status, body=body_head(self.body, self.headers.get("content-type")))

    def object(self) -> JsonObject:
        """The JSON object of the body; an empty one when it holds none."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


def hub_refusal(answer: HubAnswer, doing: str, space_id: str) -> GradioClientError:
    """The error that an answer other than a success stands for.

    Args:
        answer: the answer.
        doing: what the Hub was asked for, such as ``"finding the Space"``.
        space_id: the Space it was about.
    """
    where = answer.where
    if answer.missing:
        return SourceError(_missing(space_id, with_token=answer.with_token), where=where)
    because = f": {answer.said.rstrip('. ')}" if answer.said else ""
    if answer.status in (401, 403):
        return AuthenticationError(
            f"The Hub refused {doing}{because} (status {answer.status}). The token is expired, mistyped or "
            "not allowed to do this: pass another one as token=..., or log in anew with `hf auth login`.",
            where=where,
        )
    if answer.status == 429:
        return TooManyRequestsError(
            f"The Hub refused {doing}: too many requests (status 429). Try again later; with a token= the "
            "limits are higher.",
            where=where,
        )
    error = ServerError(f"The Hub answered {answer.status} to {doing}{because}.", where=where)
    error.retryable = answer.busy
    return error


def _missing(space_id: str, *, with_token: bool) -> str:
    start = f"Could not find the Space {space_id!r}: it does not exist, or it is private and "
    if with_token:
        return f"{start}the token that was sent has no access to it. Check the name; pass another token=..."
    return (
        f"{start}no token was sent. Check the name; for a private Space pass token='hf_...', or log in with "
        "`hf auth login`."
    )
