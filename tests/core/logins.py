"""Ways to log in whose logins are counted."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from core.fake_app import reply_json
from gradio_client_plugins.oauth import ClientCredentials

from gradio_client.auth import Auth, with_header
from gradio_client.transport import Request

if TYPE_CHECKING:
    from collections.abc import Generator

    from core.fake_app import FakeApp
    from gradio_client_contract_tests.server import Connection, Seen

    from gradio_client.auth import Reply
    from gradio_client.domain.source import AppURLs


class Numbered(Auth):
    """Every login has a number, which goes into a header."""

    def __init__(self) -> None:
        self.logins = 0

    def login(self, urls: AppURLs) -> Generator[Request, Reply, None]:
        yield Request("POST", urls.login())
        self.logins += 1

    def prepare(self, request: Request) -> Request:
        return with_header(request, "X-Login", str(self.logins))


class Issuer:
    """The token endpoint of a test: tokens t1, t2, ... that last so many seconds."""

    def __init__(self, app: FakeApp, lasts: float | None) -> None:
        self.issued = 0
        self._lasts = lasts
        self._lock = threading.Lock()
        app.routes["/token"] = self.issue
        self.app = app

    def issue(self, connection: Connection, seen: Seen) -> None:
        with self._lock:
            self.issued += 1
        token = {"access_token": f"t{self.issued}", "token_type": "bearer"}
        reply_json(connection, token | ({"expires_in": self._lasts} if self._lasts else {}))

    def auth(self, **options: Any) -> ClientCredentials:
        return ClientCredentials(f"{self.app.server.url}/token", "me", "p:w", **options)
