"""A hundred calls meet the end of a session at one time: one login serves them all."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from core.conftest import WAIT
from core.fake_app import reply_json, replying_json
from core.logins import Issuer, Numbered

from gradio_client._http.pipeline import SHORT_EXCHANGES

if TYPE_CHECKING:
    from core.conftest import Connect
    from core.fake_app import FakeApp, Route
    from gradio_client_contract_tests.server import Connection, Seen

    from gradio_client import Client

CALLS = 100
LATE = 4  # calls that hear of the end when the next login is over
EARLY = SHORT_EXCHANGES - LATE


class Ending:
    """Lets no join through but those with a header's new value; as many as can be under way are refused.

    The next login is answered when the early ones have been refused, and the late ones are refused
    when a join with the new value has come: then that login is over.
    """

    def __init__(self, app: FakeApp, header: str, new: str) -> None:
        self.refused = 0
        self._header, self._new = header, new
        self._join = app.join
        self._lock = threading.Lock()
        self._answered = 0
        self._all_met, self._early_refused, self._renewed = (threading.Event() for _ in range(3))
        app.route("queue/join", self.join)

    def join(self, connection: Connection, seen: Seen) -> None:
        if seen.header(self._header) == [self._new]:
            self._renewed.set()
            self._join(connection, seen)
        else:
            self._refuse(connection)

    def _refuse(self, connection: Connection) -> None:
        with self._lock:
            self.refused += 1
            late = self.refused > EARLY
            if self.refused == SHORT_EXCHANGES:  # or the first to hear of it would hold back the rest
                self._all_met.set()
        assert self._all_met.wait(WAIT)
        if late:
            assert self._renewed.wait(WAIT)
        reply_json(connection, {"detail": "Not authenticated"}, "401 Unauthorized")
        with self._lock:
            self._answered += 1
            if self._answered == EARLY:
                self._early_refused.set()

    def holding(self, login: Route) -> Route:
        """A login whose first answer comes at once, and the next when the early ones have been refused."""

        def held(connection: Connection, seen: Seen) -> None:
            if self.refused:
                assert self._early_refused.wait(WAIT)
            login(connection, seen)

        return held


def call(client: Client) -> None:
    jobs = [client.submit(number, api_name="/echo") for number in range(CALLS)]
    assert [job.result(timeout=2 * WAIT) for job in jobs] == list(range(CALLS))


def test_calls_that_meet_a_401_log_in_once(app: FakeApp, connect: Connect, transport: str) -> None:
    ending, auth = Ending(app, "X-Login", "2"), Numbered()
    app.routes["/login"] = ending.holding(replying_json({"success": True}))
    call(connect(auth=auth, transport=transport))
    assert (auth.logins, len(app.seen("/login"))) == (2, 2)
    assert ending.refused == SHORT_EXCHANGES


def test_calls_that_hit_an_expired_token_cause_one_refresh(
    app: FakeApp, connect: Connect, transport: str
) -> None:
    ending, issuer = Ending(app, "Authorization", "Bearer t2"), Issuer(app, None)
    app.routes["/token"] = ending.holding(app.routes["/token"])
    call(connect(auth=issuer.auth(), transport=transport))
    assert issuer.issued == 2
    assert ending.refused == SHORT_EXCHANGES
