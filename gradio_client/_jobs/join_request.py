"""What a job asks of the server, and how that is written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradio_client._http.outgoing import CallScope
    from gradio_client.domain.values import Json


class JoinRequest:
    """What a job asks of the server.

    Args:
        fn_index: the endpoint's id.
        data: one value for each input, as ``Arguments.sendable`` encodes them.
        scope: the call's endpoint, and the caller's headers for it.
        oauth_token: a token that the app's code is to receive (section 3.3).
        event_data: what the app's code is to learn of the event on a page, if there was one.
        taken: called with the event id as soon as the server has named it.
        ended: whether the job has ended.
    """

    __slots__ = ("_data", "_event", "_oauth", "ended", "fn_index", "scope", "taken")

    def __init__(  # noqa: PLR0913 - what the server is told, and who is told what it says
        self,
        fn_index: int,
        data: bytes,
        scope: CallScope,
        oauth_token: str | None,
        *,
        event_data: Json = None,
        taken: Callable[[str], None],
        ended: Callable[[], bool],
    ) -> None:
        self.fn_index = fn_index
        self.scope = scope
        self.taken = taken
        self.ended = ended
        self._data = data
        self._event = event_data
        self._oauth = oauth_token

    def body(self, session_hash: str, event_id: str | None = None) -> bytes:
        """The JSON of the join request (section 5.4) or, with an event id, of ``/queue/data``."""
        rest: dict[str, Json] = {"fn_index": self.fn_index, "session_hash": session_hash}
        if event_id is not None:
            rest["event_id"] = event_id
        if self._oauth is not None:
            rest["oauth_token"] = self._oauth
        if self._event is not None:
            rest["event_data"] = self._event
        return b'{"data":' + self._data + b"," + json.dumps(rest).encode()[1:]
